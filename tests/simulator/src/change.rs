//! Changes: how a body becomes the new values of a record, and when it may.
//!
//! Source: Intuit API reference, "Create", "Full update" and "Sparse update" of each entity. A full update clears every
//! writable field that is left out; a sparse one keeps it; nested objects are replaced whole.

use crate::books::Record;
use crate::company::Company;
use crate::fault::Fault;
use crate::fields;
use crate::json::Json;
use crate::kind::Kind;

/// The record a body updates, or `None` for a body without an id, which creates one.
///
/// # Errors
/// 610 for an id that is not there, 2020 without a SyncToken, 5010 for one that is not current.
pub(crate) fn target<'a>(
    company: &'a Company,
    kind: Kind,
    body: &Json,
) -> Result<Option<&'a Record>, Fault> {
    let Some(id) = text_or_number(body, "Id") else {
        return Ok(None);
    };
    let record = company.books.find(kind, &id).ok_or_else(Fault::not_found)?;
    let token = text_or_number(body, "SyncToken").ok_or_else(|| Fault::missing("SyncToken"))?;
    if token == record.sync_token.to_string() {
        Ok(Some(record))
    } else {
        Err(Fault::stale("Dana Okafor"))
    }
}

/// An id or SyncToken: a string in the reference, a number in some clients' bodies.
pub(crate) fn text_or_number(body: &Json, name: &str) -> Option<String> {
    match body.get(name)? {
        Json::Text(text) if !text.is_empty() => Some(text.clone()),
        Json::Number(number) => Some(number.normalize().to_string()),
        _ => None,
    }
}

/// True if the body asks for a sparse update.
pub(crate) fn is_sparse(body: &Json) -> bool {
    body.get("sparse").and_then(Json::as_bool).unwrap_or(false)
}

/// The writable values after the change; blanks are left out.
pub(crate) fn merged(kind: Kind, old: Option<&Json>, body: &Json, empty_text_clears: bool) -> Json {
    let keep = old.filter(|_| is_sparse(body));
    let mut values = Vec::new();
    for field in fields::of(kind).iter().filter(|field| field.is_writable()) {
        let sent = body
            .get(field.0)
            .filter(|value| !matches!(value, Json::Null));
        let sent = sent.filter(|value| empty_text_clears || keep.is_none() || !value.is_blank());
        let value = sent.or_else(|| keep.and_then(|old| old.get(field.0)));
        if let Some(value) = value.filter(|value| !value.is_blank()) {
            values.push((field.0.to_owned(), without_blanks(value)));
        }
    }
    Json::Object(values)
}

/// The value without empty members: only non-empty attributes are returned.
fn without_blanks(value: &Json) -> Json {
    match value {
        Json::Object(members) => Json::Object(
            members
                .iter()
                .filter(|(_, value)| !value.is_blank())
                .map(|(name, value)| (name.clone(), without_blanks(value)))
                .collect(),
        ),
        Json::List(items) => Json::List(items.iter().map(without_blanks).collect()),
        other => other.clone(),
    }
}
