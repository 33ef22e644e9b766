//! Words on a receipt: what the bookkeeper reads, what the customer reads, what its method and its place are called.

use std::collections::BTreeSet;

use super::TEXT_LENGTH_MAX;
use crate::connection::Connection;
use crate::request_id::marker;
use crate::text;
use crate::transaction::{Address, Customer, Language, Payment, TransactionKey};

/// Longest memo to the customer, in characters.
///
/// Source: Intuit API reference, `SalesReceipt`, `CustomerMemo`; a longer one is refused with 2050.
const MEMO_LENGTH_MAX: usize = 1000;

/// Where QuickBooks is told the customer's mail goes; nothing is mailed.
pub(crate) fn bill_email(customer: Option<&Customer>) -> Option<String> {
    let customer = customer?;
    let written = customer.billing_email.as_ref().or(customer.email.as_ref());
    written
        .and_then(|written| text::email(written))
        .map(str::to_owned)
}

/// Booking, method and MioCommerce's ids, then what there is to remark, then our marker.
pub(super) fn private_note(key: &TransactionKey, payment: &Payment, remarks: &[String]) -> String {
    let bookings: BTreeSet<&str> = payment
        .lines
        .iter()
        .filter_map(|line| line.booking.as_deref())
        .collect();
    let mut note = format!("MioCommerce payment {}", payment.reference);
    if !bookings.is_empty() {
        note.push_str(", booking ");
        note.push_str(&bookings.into_iter().collect::<Vec<_>>().join(", "));
    }
    note.push_str(", ");
    note.push_str(payment.method.as_str());
    for remark in remarks {
        note.push_str("; ");
        note.push_str(remark);
    }
    marked(key, &note)
}

/// A private note with our marker.
pub(crate) fn marked(key: &TransactionKey, note: &str) -> String {
    // The marker goes last and is never cut off: it is how we recognise our own receipt.
    let marker = marker(key);
    let room = TEXT_LENGTH_MAX - marker.chars().count() - 2;
    format!(
        "{}. {marker}",
        text::free(note, room - 1).unwrap_or_default()
    )
}

/// What the customer reads on the receipt, in the customer's language, else in the one the operator wrote it in.
pub(super) fn customer_memo(
    customer: Option<&Customer>,
    connection: &Connection,
) -> Option<String> {
    let memos = &connection.settings.customer_memo;
    let theirs = customer.and_then(|customer| customer.language);
    let memo = theirs
        .and_then(|language| memos.get(&language))
        .or_else(|| {
            [Language::English, Language::French]
                .iter()
                .find_map(|language| memos.get(language))
        });
    memo.and_then(|memo| text::free(memo, MEMO_LENGTH_MAX))
}

/// An address as QuickBooks takes it: cleaned, and each part cut to what it keeps.
///
/// Source: Intuit API reference, `PhysicalAddress`.
pub(super) fn address(address: &Address) -> Address {
    let kept = |part: &Option<String>, length_max: usize| {
        part.as_deref()
            .and_then(|part| text::free(part, length_max))
    };
    Address {
        line1: kept(&address.line1, 500),
        line2: kept(&address.line2, 500),
        city: kept(&address.city, 255),
        region: kept(&address.region, 255),
        postal_code: kept(&address.postal_code, 30),
        country: kept(&address.country, 255),
    }
}
