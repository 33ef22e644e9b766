//! The walk: a scan of the ledger. Reads everything: for people, never for a function.

use std::collections::HashMap;

use bookkeeping::ids::MerchantId;

use super::DynamoDb;
use super::item::{Item, key, read_text, unavailable};
use super::ledger::row;
use super::lot::{lot, transaction_key};
use crate::store::StoreError;
use crate::store::walk::{Walk, Walked};

/// What stands between the two keys of a position: no key has it.
const BETWEEN: char = '\u{1f}';

impl Walk for DynamoDb {
    async fn walk(
        &self,
        after: Option<String>,
    ) -> Result<(Vec<Walked>, Option<String>), StoreError> {
        let begins = after.as_deref().and_then(|after| after.split_once(BETWEEN));
        let answer = self
            .client
            .scan()
            .table_name(&self.tables.ledger)
            .consistent_read(true)
            .set_exclusive_start_key(begins.map(|(pk, sk)| key(pk, sk)))
            .send()
            .await
            .map_err(unavailable)?;
        let items = answer.items.unwrap_or_default();
        Ok((
            items.iter().filter_map(walked).collect(),
            answer.last_evaluated_key.as_ref().and_then(position),
        ))
    }
}

fn position(item: &HashMap<String, aws_sdk_dynamodb::types::AttributeValue>) -> Option<String> {
    let (pk, sk) = (read_text(item, "pk")?, read_text(item, "sk")?);
    Some(format!("{pk}{BETWEEN}{sk}"))
}

fn walked(item: &Item) -> Option<Walked> {
    let (pk, sk) = (read_text(item, "pk")?, read_text(item, "sk")?);
    if sk.starts_with("message#") {
        return Some(Walked::Message { group: pk });
    }
    let merchant = MerchantId::parse(&pk).ok()?;
    if sk == "lot" {
        return Some(Walked::Lot(merchant, lot(item).ok()));
    }
    match (transaction_key(&merchant, &sk), row(item)) {
        (Some(key), Ok(row)) => Some(Walked::Transaction {
            key,
            row: Box::new(row),
            place: read_text(item, "lot"),
            is_kept: item.contains_key("payload"),
        }),
        (Some(key), Err(_)) => Some(Walked::Unreadable(merchant, key.to_string())),
        // It has a place, and is of a kind that only a later version knows.
        (None, _) if item.contains_key("lot") => Some(Walked::Unreadable(merchant, sk)),
        (None, _) => None,
    }
}
