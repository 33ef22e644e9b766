//! The names we ask QuickBooks under: request ids and document numbers.
//!
//! Both are pure functions of what never changes, so every attempt at a transaction asks under the same
//! name, and a receipt we made can be found again by it.

use data_encoding::BASE32_NOPAD;
use sha2::{Digest, Sha256};

use crate::ids::{CompanyCustomerId, CustomerId, RealmId};
use crate::settings::Numbers;
use crate::transaction::{Kind, TransactionKey};

/// Longest document number QuickBooks keeps, in characters.
///
/// Source: Intuit API reference, `SalesReceipt`, `DocNumber`; fault 2050 names 21 as the maximum.
pub const DOCUMENT_NUMBER_LENGTH_MAX: usize = 21;

/// Length of the request ids we send, in characters: legal on its own (at most 50) and in a batch (at most 36).
///
/// Source: Intuit developer blog, "Request ID update", 2015-04-06.
pub const REQUEST_ID_LENGTH: usize = 36;

/// The idempotency key of one write, sent as `requestid`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RequestId(String);

impl RequestId {
    /// The id for a transaction's receipt in one company.
    ///
    /// `revision` starts at 0 and is raised only when an operator releases a transaction that QuickBooks is
    /// *proven* not to have recorded, so that a mended refusal is not answered with the old fault.
    #[must_use]
    pub fn for_receipt(realm: &RealmId, key: &TransactionKey, revision: u32) -> Self {
        Self::of(&[
            realm.as_str(),
            key.kind.as_str(),
            &key.id,
            &revision.to_string(),
        ])
    }

    /// The id for creating a customer in one company; `content` is all that the record is created with. Under an id that covers
    /// less, QuickBooks would answer a newer profile with the record of an older one.
    ///
    /// `revision` is raised by every refusal QuickBooks has proven, so that a mended one is not answered with the old fault.
    #[must_use]
    pub fn for_customer(
        realm: &RealmId,
        customer: &CustomerId,
        content: &str,
        revision: u32,
    ) -> Self {
        Self::of(&[
            realm.as_str(),
            "customer",
            customer.as_str(),
            content,
            &revision.to_string(),
        ])
    }

    /// The id for one change of a record in one company; `content` is all that it writes.
    #[must_use]
    pub fn for_change(realm: &RealmId, record: &CompanyCustomerId, content: &str) -> Self {
        Self::of(&[realm.as_str(), "change", record.as_str(), content])
    }

    /// The id for creating one entry of a company's lists under one name, on one click.
    ///
    /// `click` names the click (the form's own nonce): what was created on an earlier one may have been made inactive
    /// since, and QuickBooks would answer an old id with the dead entry. What exists is found by name, not by this.
    #[must_use]
    pub fn for_list_entry(realm: &RealmId, list: &str, name: &str, click: &str) -> Self {
        Self::of(&[realm.as_str(), list, name, click])
    }

    /// The id for writing a correction over one version of a receipt in one company.
    #[must_use]
    pub fn for_correction(realm: &RealmId, receipt: &str, version: &str, mark: &str) -> Self {
        Self::of(&[realm.as_str(), "correction", receipt, version, mark])
    }

    /// The id after this one: for what is drawn up anew once QuickBooks is *proven* to have refused this one.
    #[must_use]
    pub fn next(&self) -> Self {
        Self::of(&[self.as_str(), "next"])
    }

    /// An id kept with a claimed transaction, taken as it is.
    #[must_use]
    pub fn kept(text: String) -> Self {
        Self(text)
    }

    /// The text sent to QuickBooks.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn of(parts: &[&str]) -> Self {
        let mut text = String::with_capacity(REQUEST_ID_LENGTH);
        text.push_str("v1");
        text.push_str(&hashed(parts)[..REQUEST_ID_LENGTH - 2]);
        Self(text)
    }
}

/// The document number of a transaction's receipt: MioCommerce's own reference, with `MC-` before it unless the operator
/// wants it plain; none where the operator wants none.
///
/// Falls back to the transaction's id, and where that is too long as well to a name hashed from it.
#[must_use]
pub fn document_number(key: &TransactionKey, reference: &str, style: Numbers) -> Option<String> {
    let before = match style {
        Numbers::Marked => "MC-",
        Numbers::Plain => "",
        Numbers::Without => return None,
    };
    let kind = match key.kind {
        Kind::Payment => "payment",
        Kind::Refund => "refund",
    };
    let named = [reference, key.id.as_str()]
        .iter()
        .filter(|name| !name.is_empty())
        .map(|name| format!("{before}{name}"))
        .find(|number| number.chars().count() <= DOCUMENT_NUMBER_LENGTH_MAX);
    Some(named.unwrap_or_else(|| {
        let hash = hashed(&[key.merchant.as_str(), kind, &key.id]);
        format!("M{}", &hash[..DOCUMENT_NUMBER_LENGTH_MAX - 1])
    }))
}

/// The text in a receipt's private note by which we recognise our own: `mio:payment/pay_8KQ2XW`.
#[must_use]
pub fn marker(key: &TransactionKey) -> String {
    format!("mio:{}/{}", key.kind.as_str(), key.id)
}

/// The text in the private note of a corrected receipt that says how often it was corrected to this body.
#[must_use]
pub fn correction_mark(body: &str, rung: u8) -> String {
    format!("mio:corrected/{rung}/{}", &hashed(&[body])[..8])
}

fn hashed(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        // The length keeps ("ab", "c") and ("a", "bc") apart.
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    BASE32_NOPAD.encode(&hash.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::MerchantId;

    fn key(id: &str) -> TransactionKey {
        TransactionKey {
            merchant: MerchantId::parse("mer_1").unwrap(),
            kind: Kind::Payment,
            id: id.to_owned(),
        }
    }

    fn realm(text: &str) -> RealmId {
        RealmId::parse(text).unwrap()
    }

    #[test]
    fn the_same_transaction_always_asks_under_the_same_id() {
        let first = RequestId::for_receipt(&realm("9341450000000001"), &key("pay_1"), 0);
        assert_eq!(
            first,
            RequestId::for_receipt(&realm("9341450000000001"), &key("pay_1"), 0)
        );
        assert_eq!(first.as_str().len(), REQUEST_ID_LENGTH);
    }

    #[test]
    fn another_company_transaction_or_revision_asks_under_another_id() {
        let first = RequestId::for_receipt(&realm("9341450000000001"), &key("pay_1"), 0);
        assert_ne!(
            first,
            RequestId::for_receipt(&realm("9341450000000002"), &key("pay_1"), 0)
        );
        assert_ne!(
            first,
            RequestId::for_receipt(&realm("9341450000000001"), &key("pay_2"), 0)
        );
        assert_ne!(
            first,
            RequestId::for_receipt(&realm("9341450000000001"), &key("pay_1"), 1)
        );
    }

    #[test]
    fn a_customer_is_asked_for_under_another_id_once_anything_of_it_is_otherwise() {
        let customer = CustomerId::parse("cus_1").unwrap();
        let id = |content, revision| {
            RequestId::for_customer(&realm("9341450000000001"), &customer, content, revision)
        };
        let first = id(r#"{"phone": "1"}"#, 0);
        assert_eq!(first, id(r#"{"phone": "1"}"#, 0));
        assert_ne!(first, id(r#"{"phone": "2"}"#, 0));
        assert_ne!(first, id(r#"{"phone": "1"}"#, 1));
    }

    #[test]
    fn a_number_is_the_reference_then_the_id_then_a_hash_and_always_fits() {
        let number = |id, reference, style| document_number(&key(id), reference, style);
        let long = "a-reference-far-too-long-to-fit";
        for (reference, style, shown) in [
            ("100231", Numbers::Marked, Some("MC-100231")),
            ("100231", Numbers::Plain, Some("100231")),
            ("100231", Numbers::Without, None),
            (long, Numbers::Marked, Some("MC-pay_8KQ2XW")),
            (long, Numbers::Plain, Some("pay_8KQ2XW")),
        ] {
            assert_eq!(number("pay_8KQ2XW", reference, style).as_deref(), shown);
        }
        let hashed = number("pay_0123456789abcdefghijklmnop", long, Numbers::Plain).unwrap();
        assert_eq!(hashed.chars().count(), DOCUMENT_NUMBER_LENGTH_MAX);
        assert!(hashed.starts_with('M'));
    }
}
