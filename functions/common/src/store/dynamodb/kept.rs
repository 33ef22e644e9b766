//! What is kept of a customer's transactions: the index of lots holds every row with a message, and whose it is.

use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use bookkeeping::ids::{CustomerId, MerchantId};

use super::DynamoDb;
use super::item::{
    Item, KNOWN, ROW_VERSION, bytes, carried_out, instant, known, named, number, read_bytes,
    read_instant, read_text, text, unavailable,
};
use super::ledger::row;
use super::lot::transaction_key;
use crate::store::kept::REMEMBERED;
use crate::store::{Erasure, Kept, KeptTransaction, StoreError};
use jiff::Timestamp;

impl Kept for DynamoDb {
    async fn kept_for(
        &self,
        merchant: &MerchantId,
        customer: &CustomerId,
    ) -> Result<Vec<Result<KeptTransaction, StoreError>>, StoreError> {
        let mut listed_keys = Vec::new();
        for partition in ["", "#held", "#failed"] {
            let listed = self
                .client
                .query()
                .table_name(&self.tables.ledger)
                .index_name("lot")
                .key_condition_expression("lot = :lot")
                .filter_expression("customer = :customer")
                .expression_attribute_values(":lot", text(format!("{merchant}{partition}")))
                .expression_attribute_values(":customer", text(customer.as_str()))
                .into_paginator()
                .items()
                .send()
                .try_collect()
                .await
                .map_err(unavailable)?;
            listed_keys.extend(listed.iter().filter_map(|item| read_text(item, "sk")));
        }
        let table = &self.tables.ledger;
        let key = |sk: &String| (table.clone(), super::item::key(merchant.as_str(), sk));
        let found = self
            .batch_get(listed_keys.iter().map(key).collect())
            .await?;
        let kept = |sk: &String| {
            let is_it = |item: &&Item| read_text(item, "sk").as_ref() == Some(sk);
            let item = found.iter().map(|(_, item)| item).find(is_it)?;
            kept(merchant, sk, item)
        };
        Ok(listed_keys.iter().filter_map(kept).collect())
    }

    async fn replace_sealed(
        &self,
        read: &KeptTransaction,
        payload: &[u8],
        frozen: Option<&[u8]>,
    ) -> Result<bool, StoreError> {
        let mut set = "SET payload = :payload".to_owned();
        let mut as_read = "payload = :read_payload AND #state = :state AND ".to_owned();
        let mut update = self
            .update(&read.key)
            .expression_attribute_values(":payload", bytes(payload))
            .expression_attribute_values(":read_payload", bytes(&read.payload))
            .expression_attribute_values(":state", text(read.row.standing.as_str()));
        match (&read.row.frozen, frozen) {
            (Some(read), Some(frozen)) => {
                set.push_str(", frozen = :frozen");
                as_read.push_str("frozen = :read_frozen");
                update = update
                    .expression_attribute_values(":frozen", bytes(frozen))
                    .expression_attribute_values(":read_frozen", bytes(read));
            }
            _ => as_read.push_str("attribute_not_exists(frozen)"),
        }
        let update = update.update_expression(set).condition_expression(as_read);
        match update.send().await {
            Ok(_) => Ok(true),
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(refusal)) => Ok(refusal
                    .item()
                    .is_some_and(|item| !item.contains_key("payload"))),
                _ => Err(unavailable(error)),
            },
        }
    }

    async fn note_erasure(
        &self,
        merchant: &MerchantId,
        erasure: &Erasure,
    ) -> Result<(), StoreError> {
        self.client
            .update_item()
            .table_name(&self.tables.links)
            .set_key(Some(erasure_key(merchant, &erasure.customer)))
            .update_expression("SET look_at = :at, v = :v")
            .condition_expression(KNOWN)
            .expression_attribute_values(":at", instant(erasure.look_at))
            .expression_attribute_values(":v", number(ROW_VERSION))
            .send()
            .await
            .map_err(unavailable)?;
        Ok(())
    }

    async fn erasures(
        &self,
        merchant: &MerchantId,
    ) -> Result<Vec<Result<Erasure, StoreError>>, StoreError> {
        let noted = self.all_of(erasures(merchant)).await?;
        Ok(noted.iter().map(erasure).collect())
    }

    async fn end_erasure(
        &self,
        merchant: &MerchantId,
        erasure: &Erasure,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        // First remembered, then struck off: stopping between the two has it done and remembered once more.
        let remember = self
            .client
            .update_item()
            .table_name(&self.tables.links)
            .set_key(Some(super::item::key(
                &erased(merchant),
                erasure.customer.as_str(),
            )))
            .update_expression("SET erased_at = :now, expires = :expires, v = :v")
            .condition_expression(KNOWN)
            .expression_attribute_values(":now", instant(now))
            .expression_attribute_values(":expires", number((now + REMEMBERED).as_second()))
            .expression_attribute_values(":v", number(ROW_VERSION));
        carried_out(remember.send().await)?;
        let delete = self
            .client
            .delete_item()
            .table_name(&self.tables.links)
            .set_key(Some(erasure_key(merchant, &erasure.customer)))
            .condition_expression("look_at = :at")
            .expression_attribute_values(":at", instant(erasure.look_at));
        carried_out(delete.send().await).map(drop)
    }

    async fn erased_since(
        &self,
        merchant: &MerchantId,
        since: Timestamp,
    ) -> Result<Vec<CustomerId>, StoreError> {
        let remembered = self.all_of(erased(merchant)).await?;
        // One that does not say when, because a later version wrote it, was erased all the same.
        let is_since = |item: &&Item| read_instant(item, "erased_at").is_none_or(|at| at >= since);
        let customer = |item| CustomerId::parse(&read_text(item, "sk")?).ok();
        let since = remembered.iter().filter(is_since);
        Ok(since.filter_map(customer).collect())
    }
}

impl DynamoDb {
    /// Every row of a partition of the links' table.
    async fn all_of(&self, partition: String) -> Result<Vec<Item>, StoreError> {
        let rows = self
            .client
            .query()
            .table_name(&self.tables.links)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", text(partition))
            .consistent_read(true)
            .into_paginator()
            .items()
            .send();
        rows.try_collect().await.map_err(unavailable)
    }
}

/// A transaction that is kept; none where the index showed what is done by now.
fn kept(
    merchant: &MerchantId,
    sk: &str,
    item: &Item,
) -> Option<Result<KeptTransaction, StoreError>> {
    let payload = read_bytes(item, "payload");
    let Some(key) = transaction_key(merchant, sk) else {
        // It holds what only the version that wrote it knows.
        return Some(Err(StoreError::unreadable(named(item))));
    };
    match (row(item), payload) {
        (Err(unreadable), _) => Some(Err(unreadable)),
        (Ok(_), None) => None,
        (Ok(row), Some(payload)) => Some(Ok(KeptTransaction { key, row, payload })),
    }
}

/// Whether a partition of the links' table says who is to be erased, or was.
#[must_use]
pub fn is_of_erasures(pk: &str) -> bool {
    pk.ends_with(ERASURES) || pk.ends_with(ERASED)
}

const ERASURES: &str = "#erasures";

const ERASED: &str = "#erased";

/// Where erasures are noted: beside the links, so that a customer's links are listed without them.
fn erasures(merchant: &MerchantId) -> String {
    format!("{merchant}{ERASURES}")
}

/// Where it is remembered who was erased.
fn erased(merchant: &MerchantId) -> String {
    format!("{merchant}{ERASED}")
}

fn erasure_key(merchant: &MerchantId, customer: &CustomerId) -> Item {
    super::item::key(&erasures(merchant), customer.as_str())
}

fn erasure(item: &Item) -> Result<Erasure, StoreError> {
    known(item)?;
    let customer = read_text(item, "sk").and_then(|id| CustomerId::parse(&id).ok());
    let noted = customer.zip(read_instant(item, "look_at"));
    let (customer, look_at) = noted.ok_or_else(|| StoreError::unreadable(named(item)))?;
    Ok(Erasure { customer, look_at })
}
