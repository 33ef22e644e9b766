//! Items: attributes in, values out, and what an SDK error means.

use std::collections::HashMap;
use std::fmt::Debug;

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;

use crate::store::StoreError;

/// A row as DynamoDB holds it.
pub(super) type Item = HashMap<String, AttributeValue>;

/// Version of the rows this code writes. A reader accepts the version before its own.
pub(super) const ROW_VERSION: i64 = 1;

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

/// A row lacks what its kind always has.
pub(super) fn unreadable(what: &str) -> StoreError {
    StoreError::Unreadable(what.to_owned())
}

/// Any SDK error: the store is not to be had now. Holds the error's kind and code, never a value.
pub(super) fn unavailable<E, R>(error: SdkError<E, R>) -> StoreError
where
    E: std::error::Error + aws_sdk_dynamodb::error::ProvideErrorMetadata + 'static,
    R: Debug,
{
    let code = error
        .as_service_error()
        .and_then(|service| service.meta().code().map(str::to_owned));
    StoreError::Unavailable(code.unwrap_or_else(|| error.to_string()))
}

/// Whether a conditional write was carried out. Where our own was carried out and not answered, its repetition is
/// refused: it is found by reading again.
pub(super) fn written<T, R: Debug>(
    result: Result<T, SdkError<UpdateItemError, R>>,
) -> Result<bool, StoreError> {
    match result {
        Ok(_) => Ok(true),
        Err(error) => match error.as_service_error() {
            Some(UpdateItemError::ConditionalCheckFailedException(_)) => Ok(false),
            _ => Err(unavailable(error)),
        },
    }
}
