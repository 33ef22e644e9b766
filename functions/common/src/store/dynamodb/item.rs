//! Items: attributes in, values out, and what an SDK error means.

use std::collections::HashMap;
use std::fmt::Debug;

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;

use crate::store::StoreError;

/// A row as DynamoDB holds it.
pub type Item = HashMap<String, AttributeValue>;

/// Version of the rows this code writes, and the newest it reads.
///
/// A new attribute needs no new version, nor does a new field of a body that keeps what it does not know
/// ([`Later`](bookkeeping::later::Later)): programs from before leave both as they are. What they must not overlook, or would write over, is
/// another version, and comes in two deployments: the first reads both and writes the old one, the second writes the new one.
pub(super) const ROW_VERSION: i64 = 1;

/// The condition that a row is not of a version after `:v`, [`ROW_VERSION`]: after rolling back, nothing is written over that this
/// code does not understand. What refuses a write for it is found unreadable when it is read.
pub(super) const KNOWN: &str = "(attribute_not_exists(v) OR v <= :v)";

pub(super) fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

pub(super) fn number(value: impl ToString) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

/// An instant, in milliseconds since 1970.
pub(super) fn instant(at: Timestamp) -> AttributeValue {
    number(at.as_millisecond())
}

pub(super) fn bytes(value: &[u8]) -> AttributeValue {
    AttributeValue::B(Blob::new(value))
}

pub(super) fn key(pk: &str, sk: &str) -> Item {
    HashMap::from([("pk".to_owned(), text(pk)), ("sk".to_owned(), text(sk))])
}

pub(super) fn read_text(item: &Item, name: &str) -> Option<String> {
    item.get(name)?.as_s().ok().cloned()
}

pub(super) fn read_number<N: std::str::FromStr>(item: &Item, name: &str) -> Option<N> {
    item.get(name)?.as_n().ok()?.parse().ok()
}

pub(super) fn read_instant(item: &Item, name: &str) -> Option<Timestamp> {
    Timestamp::from_millisecond(read_number(item, name)?).ok()
}

pub(super) fn read_bytes(item: &Item, name: &str) -> Option<Vec<u8>> {
    Some(item.get(name)?.as_b().ok()?.clone().into_inner())
}

/// A row by its keys, for a log.
pub(super) fn named(item: &Item) -> String {
    let of = |key| read_text(item, key).unwrap_or_default();
    format!("the row {} {}", of("pk"), of("sk"))
}

/// Whether this code may read a row.
///
/// # Errors
///
/// [`StoreError::Unreadable`] where a later version wrote it: this one was rolled back to, and the row waits for the later one.
pub(super) fn known(item: &Item) -> Result<(), StoreError> {
    match read_number::<i64>(item, "v") {
        Some(version) if version > ROW_VERSION => Err(StoreError::unreadable(format!(
            "{} of version {version}",
            named(item)
        ))),
        _ => Ok(()),
    }
}

/// Any SDK error: the store is not to be had now. Holds the error's kind and code, never a value.
pub(super) fn unavailable<E, R>(error: SdkError<E, R>) -> StoreError
where
    E: std::error::Error + ProvideErrorMetadata + 'static,
    R: Debug,
{
    let code = error
        .as_service_error()
        .and_then(|service| service.meta().code().map(str::to_owned));
    StoreError::Unavailable(code.unwrap_or_else(|| error.to_string()))
}

/// Whether a conditional write was carried out. Where our own was carried out and not answered, its repetition is
/// refused: it is found by reading again.
pub(super) fn carried_out<T, E, R>(result: Result<T, SdkError<E, R>>) -> Result<bool, StoreError>
where
    E: std::error::Error + ProvideErrorMetadata + 'static,
    R: Debug,
{
    match result {
        Ok(_) => Ok(true),
        Err(error) if error.code() == Some("ConditionalCheckFailedException") => Ok(false),
        Err(error) => Err(unavailable(error)),
    }
}
