//! Outcomes, as MioCommerce is told them (contract, part 2).

use bookkeeping::outcome::{Outcome, Synced, document};
use bookkeeping::reason::{Reason, State};
use bookkeeping::transaction::{Kind, TransactionKey};
use jiff::Timestamp;
use serde::Serialize;

use crate::locales::{Language, sentences};

mod connection;
mod customer;

pub use connection::connection_changed;
pub use customer::told_customer;

/// One outcome message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Its id: the same however often it is told, so that a reader can drop repeats.
    pub id: String,
    /// What the transaction has become; none where it is about something else.
    pub state: Option<State>,
    /// The JSON body.
    pub body: String,
}

/// What became of a transaction: the body of one SQS message. Told at least once; drop repeats by `id`.
#[derive(Serialize)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(rename = "TransactionOutcome")
)]
struct Message<'a> {
    /// Version of this form.
    #[cfg_attr(feature = "schema", schemars(extend("const" = 1)))]
    schema: u32,
    /// The same however often this outcome is told.
    id: &'a str,
    /// The state the transaction has reached.
    #[cfg_attr(feature = "schema", schemars(extend("enum" = types())))]
    r#type: String,
    /// Since when the transaction stands so, RFC 3339 in UTC. Outcomes may come late and in any order: the latest counts.
    at: String,
    /// Whose transaction.
    merchant_id: &'a str,
    /// Which transaction.
    transaction: Transaction<'a>,
    /// Where it is, once it is synced.
    #[serde(skip_serializing_if = "Option::is_none")]
    quickbooks: Option<InQuickBooks<'a>>,
    /// Why it is not in QuickBooks, while it is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<Why<'a>>,
}

/// A transaction of MioCommerce.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct Transaction<'a> {
    /// `payment` or `refund`.
    #[cfg_attr(feature = "schema", schemars(extend("enum" = ["payment", "refund"])))]
    kind: &'static str,
    /// MioCommerce's id of it.
    id: &'a str,
}

/// The receipt QuickBooks answered with.
#[derive(Serialize)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(rename = "QuickBooks")
)]
struct InQuickBooks<'a> {
    /// The company's id.
    company: &'a str,
    /// `SalesReceipt` or `RefundReceipt`.
    #[cfg_attr(feature = "schema", schemars(extend("enum" = ["SalesReceipt", "RefundReceipt"])))]
    document: &'static str,
    /// The receipt's id there.
    id: &'a str,
    /// Its number, where it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<&'a str>,
    /// Opens it.
    url: String,
}

/// Why a transaction is not in QuickBooks.
#[derive(Serialize)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(rename = "Reason")
)]
struct Why<'a> {
    /// One of a closed list.
    #[cfg_attr(feature = "schema", schemars(extend("enum" = codes())))]
    code: &'static str,
    /// What happened, what we did, what to do; in English.
    en: String,
    /// The same in French.
    fr: String,
    /// Where the operator can do it.
    action_url: &'a str,
}

/// Every form an outcome has; its `type` tells which.
#[cfg(feature = "schema")]
#[derive(schemars::JsonSchema)]
#[schemars(untagged, rename = "AnyOutcome")]
#[expect(dead_code, reason = "only its schema is of use")]
enum AnyOutcome<'a> {
    /// Of a transaction.
    Transaction(Message<'a>),
    /// Of a customer.
    Customer(customer::Message<'a>),
    /// Of a connection.
    Connection(connection::ConnectionChanged<'a>),
}

/// The JSON Schema of an outcome.
#[cfg(feature = "schema")]
#[must_use]
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(AnyOutcome<'_>).to_value()
}

#[cfg(feature = "schema")]
fn types() -> Vec<String> {
    use bookkeeping::reason::State;
    let states = [
        State::Synced,
        State::Skipped,
        State::Waiting,
        State::NeedsOperator,
        State::Failed,
    ];
    states
        .iter()
        .map(|state| format!("transaction.{}", state.as_str()))
        .collect()
}

#[cfg(feature = "schema")]
fn codes() -> Vec<&'static str> {
    bookkeeping::reason::ReasonCode::ALL
        .iter()
        .map(|code| code.as_str())
        .collect()
}

/// Words one outcome.
#[must_use]
pub fn told(
    key: &TransactionKey,
    outcome: &Outcome,
    at: Timestamp,
    quickbooks_api_url: &str,
    app_market_url: &str,
) -> Told {
    let id = outcome.id(key, at);
    let (in_quickbooks, reason) = match outcome {
        Outcome::Synced(synced) => (
            Some(in_quickbooks(key.kind, synced, quickbooks_api_url)),
            None,
        ),
        Outcome::Stopped(reason) => (None, Some(why(reason, app_market_url))),
    };
    let message = Message {
        schema: 1,
        id: &id,
        r#type: format!("transaction.{}", outcome.state().as_str()),
        at: format!("{at:.3}"),
        merchant_id: key.merchant.as_str(),
        transaction: Transaction {
            kind: key.kind.as_str(),
            id: &key.id,
        },
        quickbooks: in_quickbooks,
        reason,
    };
    let body = serde_json::to_string(&message).expect("an outcome is plain data");
    Told {
        id,
        state: Some(outcome.state()),
        body,
    }
}

fn in_quickbooks<'a>(kind: Kind, synced: &'a Synced, api_url: &str) -> InQuickBooks<'a> {
    InQuickBooks {
        company: synced.realm.as_str(),
        document: document(kind),
        id: synced.receipt.as_str(),
        number: synced.number.as_deref(),
        url: receipt_url(kind, synced, api_url),
    }
}

fn why<'a>(reason: &Reason, app_market_url: &'a str) -> Why<'a> {
    Why {
        code: reason.code.as_str(),
        en: sentences(reason, Language::English).together(),
        fr: sentences(reason, Language::French).together(),
        action_url: app_market_url,
    }
}

/// The page of a receipt in QuickBooks.
#[must_use]
pub fn receipt_url(kind: Kind, synced: &Synced, api_url: &str) -> String {
    let page = match kind {
        Kind::Payment => "salesreceipt",
        Kind::Refund => "refundreceipt",
    };
    let (realm, id) = (synced.realm.as_str(), synced.receipt.as_str());
    page_url(page, "txnId", realm, id, api_url)
}

/// A page in QuickBooks.
///
/// In production the company is pinned, because the plain address opens in whichever company the browser is signed
/// in to. Source: addresses in public integrations; not documented by Intuit as stable.
fn page_url(page: &str, key: &str, realm: &str, id: &str, api_url: &str) -> String {
    let pinned = |host: &str| {
        format!("{host}/login?deeplinkcompanyid={realm}&pagereq={page}%3F{key}%3D{id}")
    };
    match api_url {
        "https://quickbooks.api.intuit.com" => pinned("https://qbo.intuit.com"),
        "https://sandbox-quickbooks.api.intuit.com" => {
            format!("https://app.sandbox.qbo.intuit.com/app/{page}?{key}={id}")
        }
        elsewhere => pinned(elsewhere),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bookkeeping::ids::{MerchantId, RealmId, ReceiptId};
    use bookkeeping::reason::ReasonCode;

    fn key() -> TransactionKey {
        TransactionKey {
            merchant: MerchantId::parse("mer_4fz9").unwrap(),
            kind: Kind::Payment,
            id: "pay_8KQ2XW".to_owned(),
        }
    }

    fn told_at(outcome: &Outcome, at: &str) -> serde_json::Value {
        let told = told(
            &key(),
            outcome,
            at.parse().unwrap(),
            "https://quickbooks.api.intuit.com",
            "https://market",
        );
        serde_json::from_str(&told.body).unwrap()
    }

    #[test]
    fn a_synced_payment_is_told_with_its_receipt_and_a_link_into_the_right_company() {
        let outcome = Outcome::Synced(Synced {
            realm: RealmId::parse("9341452098765432").unwrap(),
            receipt: ReceiptId::parse("412").unwrap(),
            number: Some("MC-100231".to_owned()),
        });
        let body = told_at(&outcome, "2026-11-22T14:03:13.210Z");
        assert_eq!(body["type"], "transaction.synced");
        assert_eq!(body["at"], "2026-11-22T14:03:13.210Z");
        assert_eq!(body["quickbooks"]["number"], "MC-100231");
        assert_eq!(
            body["quickbooks"]["url"],
            "https://qbo.intuit.com/login?deeplinkcompanyid=9341452098765432&pagereq=salesreceipt%3FtxnId%3D412"
        );
    }

    #[test]
    fn an_outcome_told_twice_has_one_id_and_the_same_reached_again_another() {
        let unmapped =
            Outcome::Stopped(Reason::new(ReasonCode::TaxUnmapped).with("taxes", "PST 7 %"));
        let first = told_at(&unmapped, "2026-11-22T14:03:13Z");
        let again = told_at(&unmapped, "2026-11-22T14:03:13.000900Z");
        assert_eq!(first["id"], again["id"]);
        let later = told_at(&unmapped, "2026-11-22T15:00:00Z");
        assert_ne!(first["id"], later["id"], "a reader would drop it");
        let other = Outcome::Stopped(Reason::new(ReasonCode::Throttled));
        assert_ne!(first["id"], told_at(&other, "2026-11-22T14:03:13Z")["id"]);
        assert!(first["reason"]["en"].as_str().unwrap().contains("PST 7%"));
        assert!(
            first["reason"]["fr"]
                .as_str()
                .unwrap()
                .contains("PST 7\u{a0}%")
        );
    }
}
