//! What became of a customer, as MioCommerce is told.

use bookkeeping::customer::news::{CustomerBecame, CustomerNews};
use bookkeeping::ids::{CompanyCustomerId, RealmId};
use jiff::Timestamp;
use serde::Serialize;

use super::{Told, Why, page_url, why};

/// What became of a customer: the body of one SQS message. Told at least once; drop repeats by `id`.
#[derive(Serialize)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(rename = "CustomerOutcome")
)]
pub(super) struct Message<'a> {
    /// Version of this form.
    #[cfg_attr(feature = "schema", schemars(extend("const" = 1)))]
    schema: u32,
    /// The same however often this outcome is told.
    id: &'a str,
    /// What became of the customer.
    #[cfg_attr(feature = "schema", schemars(extend("enum" = ["customer.linked", "customer.updated", "customer.needs_operator"])))]
    r#type: String,
    /// When it was told, RFC 3339 in UTC.
    at: String,
    /// Whose customer.
    merchant_id: &'a str,
    /// Which customer.
    customer: Customer<'a>,
    /// The customer's record in QuickBooks, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    quickbooks: Option<Record<'a>>,
    /// How the record was found, when it was linked.
    #[cfg_attr(feature = "schema", schemars(extend("enum" = found_by())))]
    #[serde(skip_serializing_if = "Option::is_none")]
    matched: Option<&'static str>,
    /// The fields that were written to QuickBooks, when the profile changed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fields: Vec<&'static str>,
    /// The fields that changed and were not written, and why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    not_written: Vec<NotWritten>,
    /// What was done to values so that QuickBooks takes them: `email.left_out`, `phone.cut`, `last_name.changed`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    cleaned: Vec<String>,
    /// Why the operator has to choose.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<Why<'a>>,
}

/// A customer of MioCommerce.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct Customer<'a> {
    /// MioCommerce's id of it.
    id: &'a str,
}

/// A customer's record in QuickBooks.
#[derive(Serialize)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(rename = "QuickBooksCustomer")
)]
struct Record<'a> {
    /// The company's id.
    company: &'a str,
    /// The record's id there.
    id: &'a str,
    /// Opens it.
    url: String,
}

/// A field that changed and was not written.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct NotWritten {
    /// The field.
    field: &'static str,
    /// Why: `existing` (the setting leaves customers alone that were there before), `shared` (another MioCommerce customer
    /// was linked to the record first), `name_taken` (the name belongs to somebody else), `refused` (by QuickBooks).
    #[cfg_attr(feature = "schema", schemars(extend("enum" = unwritten())))]
    why: &'static str,
}

#[cfg(feature = "schema")]
fn found_by() -> Vec<&'static str> {
    bookkeeping::customer::FoundBy::ALL
        .iter()
        .map(|how| how.as_str())
        .collect()
}

#[cfg(feature = "schema")]
fn unwritten() -> Vec<&'static str> {
    bookkeeping::customer::change::Unwritten::ALL
        .iter()
        .map(|why| why.as_str())
        .collect()
}

/// Words what became of a customer.
#[must_use]
pub fn told_customer(
    news: &CustomerNews,
    at: Timestamp,
    quickbooks_api_url: &str,
    app_market_url: &str,
) -> Told {
    let id = news.id();
    let mut message = Message {
        schema: 1,
        id: &id,
        r#type: format!("customer.{}", news.became.as_str()),
        at: format!("{at:.3}"),
        merchant_id: news.merchant.as_str(),
        customer: Customer {
            id: news.customer.as_str(),
        },
        quickbooks: None,
        matched: None,
        fields: Vec::new(),
        not_written: Vec::new(),
        cleaned: Vec::new(),
        reason: None,
    };
    let in_quickbooks = |id| record(&news.realm, id, quickbooks_api_url);
    match &news.became {
        CustomerBecame::Linked {
            record,
            found_by,
            cleaned,
        } => {
            message.quickbooks = Some(in_quickbooks(record));
            message.matched = Some(found_by.as_str());
            message.cleaned = cleaned.iter().map(ToString::to_string).collect();
        }
        CustomerBecame::Updated {
            record,
            written,
            unwritten,
            cleaned,
        } => {
            message.quickbooks = Some(in_quickbooks(record));
            message.fields = written.iter().map(|field| field.as_str()).collect();
            let not_written = |(field, why): &(bookkeeping::customer::Field, _)| NotWritten {
                field: field.as_str(),
                why: bookkeeping::customer::change::Unwritten::as_str(*why),
            };
            message.not_written = unwritten.iter().map(not_written).collect();
            message.cleaned = cleaned.iter().map(ToString::to_string).collect();
        }
        CustomerBecame::NeedsOperator(reason) => message.reason = Some(why(reason, app_market_url)),
    }
    let body = serde_json::to_string(&message).expect("an outcome is plain data");
    Told {
        id,
        state: None,
        body,
    }
}

fn record<'a>(realm: &'a RealmId, id: &'a CompanyCustomerId, api_url: &str) -> Record<'a> {
    Record {
        company: realm.as_str(),
        id: id.as_str(),
        url: page_url(
            "customerdetail",
            "nameId",
            realm.as_str(),
            id.as_str(),
            api_url,
        ),
    }
}
