//! Batches: up to thirty items, each done or refused by itself, the HTTP status always 200.
//!
//! Source: Intuit API reference, Batch. Items cannot use what another item of the same batch creates.

use jiff::Timestamp;
use rust_decimal::Decimal;

use crate::answer::Content;
use crate::api;
use crate::call::Work;
use crate::company::Company;
use crate::fault::Fault;
use crate::json::{Json, write_text};
use crate::kind::Kind;
use crate::query;
use crate::receipt::Options;

/// Most items in a batch.
const ITEMS_MAX: usize = 30;

/// Does the items of a batch one by one.
pub(crate) fn perform(
    company: &mut Company,
    body: &Json,
    off_by: Decimal,
    now: Timestamp,
) -> Result<Content, Fault> {
    if let Some((name, _)) = body
        .members()
        .iter()
        .find(|(name, _)| name != "BatchItemRequest")
    {
        return Err(Fault::unknown_property(name));
    }
    let items = body
        .get("BatchItemRequest")
        .map(Json::items)
        .unwrap_or_default();
    if items.is_empty() {
        return Err(Fault::missing("BatchItemRequest"));
    }
    if items.len() > ITEMS_MAX {
        return Err(Fault::validation(
            "1040",
            "Batch size exceeds allowed limit",
            format!("The number of batch items exceeds the allowed limit of {ITEMS_MAX}."),
        ));
    }
    let mut seen: Vec<&str> = Vec::new();
    for item in items {
        let Some(id) = item.said("bId") else {
            return Err(Fault::missing("bId"));
        };
        if seen.contains(&id) {
            return Err(Fault::validation(
                "2600",
                "Invalid Request Conflict Element in Request",
                format!("bId {id} is not unique."),
            ));
        }
        seen.push(id);
    }
    let newest = company.books.last_id();
    let mut out = String::from("\"BatchItemResponse\":[");
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        out.push('{');
        let content = perform_item(company, item, newest, off_by, now)
            .unwrap_or_else(|fault| Content::Fault(Box::new(fault)));
        content.write(&mut out);
        out.push_str(",\"bId\":");
        write_text(item.said("bId").unwrap_or_default(), &mut out);
        out.push('}');
    }
    out.push(']');
    Ok(Content::Members(out.into()))
}

fn perform_item(
    company: &mut Company,
    item: &Json,
    newest: u64,
    off_by: Decimal,
    now: Timestamp,
) -> Result<Content, Fault> {
    let options_data = item.said("optionsData").unwrap_or_default();
    let options = Options {
        allow_duplicate_number: options_data.eq_ignore_ascii_case("allowduplicatedocnum"),
        off_by,
    };
    if let Some(statement) = item.said("Query") {
        return api::one(company, &Work::Query(query::read(statement)?), options, now);
    }
    let entity = item
        .members()
        .iter()
        .find_map(|(name, value)| Some((Kind::named(name)?, value)));
    let Some((kind, body)) = entity else {
        return Err(Fault::missing("BatchItemRequest entity"));
    };
    if let Some(id) = body
        .refers("CustomerRef")
        .and_then(|id| id.parse::<u64>().ok())
        .filter(|id| *id > newest)
    {
        return Err(Fault::invalid_reference("Names", &id.to_string()));
    }
    let body = body.clone();
    let work = match (item.said("operation").unwrap_or_default(), options_data) {
        ("update", "void") => Work::Void(kind, body),
        ("create" | "update", _) => Work::Save(kind, body),
        ("delete", _) if kind.is_receipt() => Work::Delete(kind, body),
        (other, _) => {
            return Err(Fault::unsupported(&format!(
                "Operation {other} is not supported."
            )));
        }
    };
    api::one(company, &work, options, now)
}
