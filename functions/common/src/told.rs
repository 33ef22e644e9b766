//! Outcomes, as MioCommerce is told them (contract, part 2).

use bookkeeping::outcome::{Outcome, Synced, document};
use bookkeeping::reason::Reason;
use bookkeeping::transaction::{Kind, TransactionKey};
use jiff::Timestamp;
use serde::Serialize;

use crate::locales::{Language, sentences};

/// One outcome message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Its id: the same however often it is told, so that a reader can drop repeats.
    pub id: String,
    /// The JSON body.
    pub body: String,
}

#[derive(Serialize)]
struct Message<'a> {
    schema: u32,
    id: &'a str,
    r#type: String,
    at: String,
    merchant_id: &'a str,
    transaction: Transaction<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    quickbooks: Option<InQuickBooks<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<Why<'a>>,
}

#[derive(Serialize)]
struct Transaction<'a> {
    kind: &'static str,
    id: &'a str,
}

#[derive(Serialize)]
struct InQuickBooks<'a> {
    company: &'a str,
    document: &'static str,
    id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<&'a str>,
    url: String,
}

#[derive(Serialize)]
struct Why<'a> {
    code: &'static str,
    en: String,
    fr: String,
    action_url: &'a str,
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
    let id = outcome.id(key);
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
    Told { id, body }
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
///
/// In production the company is pinned, because the plain address opens in whichever company the browser is signed
/// in to. Source: addresses in public integrations; not documented by Intuit as stable.
fn receipt_url(kind: Kind, synced: &Synced, api_url: &str) -> String {
    let page = match kind {
        Kind::Payment => "salesreceipt",
        Kind::Refund => "refundreceipt",
    };
    let (realm, id) = (synced.realm.as_str(), synced.receipt.as_str());
    let pinned = |host: &str| {
        format!("{host}/login?deeplinkcompanyid={realm}&pagereq={page}%3FtxnId%3D{id}")
    };
    match api_url {
        "https://quickbooks.api.intuit.com" => pinned("https://qbo.intuit.com"),
        "https://sandbox-quickbooks.api.intuit.com" => {
            format!("https://app.sandbox.qbo.intuit.com/app/{page}?txnId={id}")
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
    fn an_outcome_told_twice_has_the_same_id_and_another_outcome_another() {
        let unmapped =
            Outcome::Stopped(Reason::new(ReasonCode::TaxUnmapped).with("taxes", "PST 7 %"));
        let first = told_at(&unmapped, "2026-11-22T14:03:13Z");
        let again = told_at(&unmapped, "2026-11-22T15:00:00Z");
        assert_eq!(first["id"], again["id"]);
        let other = Outcome::Stopped(Reason::new(ReasonCode::Throttled));
        assert_ne!(first["id"], told_at(&other, "2026-11-22T14:03:13Z")["id"]);
        assert!(first["reason"]["en"].as_str().unwrap().contains("PST 7 %"));
        assert!(first["reason"]["fr"].as_str().unwrap().contains("PST 7 %"));
    }
}
