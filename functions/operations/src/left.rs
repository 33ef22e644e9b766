//! What is left of a customer: every row that says more of a person than an id, told from what it holds.

use std::fmt;

use aws_sdk_dynamodb::types::AttributeValue as Value;
use bookkeeping::ids::{CustomerId, MerchantId};
use bookkeeping::transaction::TransactionKey;
use common::sealing::KeyRing;
use common::store::dynamodb::{Item, transaction_key};
use common::store::{Listing, message_context, payload_context};
use quickbooks::receipts::FrozenReceipt;

use crate::item::text;

/// What is still known of a customer, by kind of row.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Left {
    /// Links with a profile, its hashes, or what was asked for in its name.
    pub links: usize,
    /// Changes of its profile that wait.
    pub changes: usize,
    /// Messages and frozen receipts of transactions that wait, with more of it than its id.
    pub transactions: usize,
    /// Frozen receipts of transactions that were being sent from the queue, which has their messages.
    pub sending: usize,
    /// Messages nobody could read that name it.
    pub messages: usize,
    /// Rows that are its, or may be, and cannot be opened.
    pub unreadable: usize,
}

impl Left {
    /// Whether nothing is.
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }
}

impl fmt::Display for Left {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            links,
            changes,
            transactions,
            sending,
            messages,
            unreadable,
        } = self;
        write!(
            f,
            "{links} links with a profile, {changes} changes that wait, {transactions} transactions with more than an id, {sending} receipts being \
             sent, {messages} unread messages that name the customer, {unreadable} rows that cannot be opened"
        )
    }
}

/// Whose rows are looked for, and the ring they are sealed with.
pub struct Whose<'a> {
    /// The ring.
    pub ring: KeyRing,
    /// The merchant.
    pub merchant: &'a MerchantId,
    /// The customer.
    pub customer: &'a CustomerId,
}

impl Whose<'_> {
    /// Counts a row of the links, where it is the customer's and says who that is.
    pub fn count_link(&self, row: &Item, left: &mut Left) {
        let own = format!("{}#", self.customer);
        left.links += usize::from(text(row, "sk").starts_with(&own) && has_profile(row));
    }

    /// Counts a row of the ledger, where it is the customer's and says who that is.
    pub fn count_kept(&self, row: &Item, left: &mut Left) {
        let sk = text(row, "sk");
        if let Some(id) = sk.strip_prefix("message#") {
            match self.names(row, id) {
                Some(names) => left.messages += usize::from(names),
                None => left.unreadable += 1,
            }
            return;
        }
        if !self.is_its(row) {
            return;
        }
        let Some(key) = transaction_key(self.merchant, sk) else {
            // Of a kind that only a later version knows.
            left.unreadable += 1;
            return;
        };
        match (self.shows(row, &key), row.contains_key("payload")) {
            (None, _) => left.unreadable += 1,
            (Some(false), _) => {}
            (Some(true), true) => left.transactions += 1,
            (Some(true), false) => left.sending += 1,
        }
    }

    /// Whether a transaction is the customer's. One that was only claimed says so in its listing alone.
    fn is_its(&self, row: &Item) -> bool {
        let listing: Option<Listing> = serde_json::from_str(text(row, "listing")).ok();
        let listed = listing.and_then(|listing| listing.customer);
        text(row, "customer") == self.customer.as_str() || listed.as_ref() == Some(self.customer)
    }

    /// Whether the kept message or the frozen receipt of a transaction shows more of its customer than an id; none where that cannot be
    /// told.
    fn shows(&self, row: &Item, key: &TransactionKey) -> Option<bool> {
        let open = |name| {
            let sealed = bytes(row, name)?;
            Some(self.ring.open(sealed, &payload_context(key)).ok())
        };
        let is_frozen = match open("frozen") {
            None => false,
            Some(frozen) => {
                let receipt: FrozenReceipt = serde_json::from_slice(&frozen?).ok()?;
                receipt.clone().without_person() != receipt
            }
        };
        let is_kept = match open("payload") {
            None => false,
            Some(message) => is_person_in(&message?),
        };
        Some(is_frozen || is_kept)
    }

    /// Whether a message that could not be read holds the customer's id; none where that cannot be told.
    fn names(&self, row: &Item, id: &str) -> Option<bool> {
        let Some(sealed) = bytes(row, "payload") else {
            return Some(false);
        };
        let context = message_context(self.merchant.as_str(), id);
        let message = self.ring.open(sealed, &context).ok()?;
        let wanted = format!("\"{}\"", self.customer);
        Some(String::from_utf8_lossy(&message).contains(&wanted))
    }
}

/// Whether a link still says who the customer is.
fn has_profile(link: &Item) -> bool {
    let facts = serde_json::from_str(text(link, "facts")).unwrap_or(serde_json::Value::Null);
    link.contains_key("baseline") || link.contains_key("asked") || !facts["fingerprints"].is_null()
}

/// Whether a message says more of its customer than an id, or at which door the service was done.
fn is_person_in(message: &[u8]) -> bool {
    let Ok(message) = serde_json::from_slice::<serde_json::Value>(message) else {
        return true;
    };
    let customer = message["customer"].as_object();
    let says_more = customer.is_some_and(|customer| customer.keys().any(|field| field != "id"));
    let address = &message["payment"]["service_address"];
    says_more || !address["line1"].is_null() || !address["line2"].is_null()
}

fn bytes<'a>(item: &'a Item, name: &str) -> Option<&'a [u8]> {
    match item.get(name) {
        Some(Value::B(blob)) => Some(blob.as_ref()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::primitives::Blob;

    use super::*;

    #[test]
    fn a_message_shows_a_person_until_an_id_is_all_it_says() {
        let payment = include_bytes!("../../../tests/fixtures/messages/accepted/payment-card.json");
        assert!(is_person_in(payment));
        assert!(!is_person_in(
            br#"{"customer": {"id": "cus_1"}, "payment": {"id": "pay_1"}}"#
        ));
        assert!(!is_person_in(
            br#"{"customer": null, "payment": {"id": "pay_1"}}"#
        ));
        assert!(is_person_in(
            br#"{"customer": {"id": "cus_1", "email": "a@example.com"}}"#
        ));
        let door = br#"{"customer": {"id": "cus_1"}, "payment": {"service_address": {"line1": "4 rue Rachel"}}}"#;
        assert!(is_person_in(door));
        assert!(is_person_in(b"what nobody can read"), "nobody can tell");
    }

    #[test]
    fn a_link_keeps_a_profile_in_any_of_three_places() {
        let link = |name: &str, value| Item::from([(name.to_owned(), value)]);
        let facts = |text: &str| link("facts", Value::S(text.to_owned()));
        assert!(!has_profile(&facts(
            r#"{"record": "7", "fingerprints": null}"#
        )));
        assert!(has_profile(&facts(
            r#"{"record": "7", "fingerprints": {}}"#
        )));
        assert!(has_profile(&link("baseline", Value::Null(true))));
        assert!(has_profile(&link("asked", Value::L(Vec::new()))));
    }

    /// A row of a payment by `cus_1`, with what is sealed for it.
    fn row(more: &[(&str, Value)]) -> Item {
        let text = |text: &str| Value::S(text.to_owned());
        let listing = r#"{"moved_at": "2026-11-22T14:03:11Z", "customer": "cus_1"}"#;
        let all = [
            ("pk", text("mer_1")),
            ("sk", text("payment#pay_1")),
            ("listing", text(listing)),
        ];
        let all = all.into_iter().chain(more.iter().cloned());
        all.map(|(name, value)| (name.to_owned(), value)).collect()
    }

    /// What is left of this customer in a row.
    fn left(customer: &str, row: &Item) -> Left {
        let mut left = Left::default();
        let whose = Whose {
            ring: KeyRing::parse(RING).expect("a ring"),
            merchant: &MerchantId::parse("mer_1").expect("an id"),
            customer: &customer.parse().expect("an id"),
        };
        whose.count_kept(row, &mut left);
        left
    }

    const RING: &str =
        r#"{"current": "k1", "keys": {"k1": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}}"#;

    fn sealed(content: &str) -> Value {
        let merchant = MerchantId::parse("mer_1").expect("an id");
        let key = transaction_key(&merchant, "payment#pay_1").expect("a payment");
        let ring = KeyRing::parse(RING).expect("a ring");
        let sealed = ring.seal(content.as_bytes(), &payload_context(&key), [7; 12]);
        Value::B(Blob::new(sealed))
    }

    const FROZEN: &str = r#"{"kind": "payment", "body": "{\"BillEmail\":{\"Address\":\"a@example.com\"}}",
        "total": {"minor": 100, "currency": "CAD"}, "tax": {"minor": 0, "currency": "CAD"}, "customer": "7", "date": "2026-11-22",
        "number": null, "marker": "mio:payment/pay_1", "posted": null}"#;

    #[test]
    fn a_receipt_that_was_being_sent_is_its_customers_though_its_row_was_only_claimed() {
        let claimed = row(&[("frozen", sealed(FROZEN))]);
        let sending = Left {
            sending: 1,
            ..Left::default()
        };
        assert_eq!(left("cus_1", &claimed), sending);
        assert_eq!(left("cus_2", &claimed), Left::default());
        assert_eq!(left("cus_1", &row(&[])), Left::default());
    }

    #[test]
    fn what_waits_with_its_message_is_told_from_what_is_being_sent() {
        let message = r#"{"customer": {"id": "cus_1", "email": "a@example.com"}}"#;
        let waits = row(&[("frozen", sealed(FROZEN)), ("payload", sealed(message))]);
        let transactions = Left {
            transactions: 1,
            ..Left::default()
        };
        assert_eq!(left("cus_1", &waits), transactions);
        let message = sealed(r#"{"customer": {"id": "cus_1"}}"#);
        assert_eq!(
            left("cus_1", &row(&[("payload", message)])),
            Left::default()
        );
    }

    #[test]
    fn what_cannot_be_opened_or_is_of_a_kind_nobody_knows_is_not_proven_gone() {
        let unreadable = Left {
            unreadable: 1,
            ..Left::default()
        };
        let lost = Value::B(Blob::new("sealed by a lost key"));
        for name in ["payload", "frozen"] {
            assert_eq!(left("cus_1", &row(&[(name, lost.clone())])), unreadable);
        }
        let dispute = row(&[
            ("sk", Value::S("dispute#dis_1".to_owned())),
            ("customer", Value::S("cus_1".to_owned())),
        ]);
        assert_eq!(left("cus_1", &dispute), unreadable);
        assert_eq!(left("cus_2", &dispute), Left::default());
    }
}
