//! What is kept of a customer's transactions: the index of lots holds every row with a message, and whose it is.

use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use bookkeeping::ids::{CustomerId, MerchantId};

use super::DynamoDb;
use super::item::{
    Item, KNOWN, ROW_VERSION, bytes, carried_out, instant, known, number, read_bytes, read_instant,
    read_text, text, unavailable, unreadable,
};
use super::ledger::row;
use super::lot::{item_key, transaction_key};
use crate::store::{Erasure, Kept, KeptTransaction, StoreError};

impl Kept for DynamoDb {
    async fn kept_for(
        &self,
        merchant: &MerchantId,
        customer: &CustomerId,
    ) -> Result<Vec<KeptTransaction>, StoreError> {
        let mut keys = Vec::new();
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
            let key = |item| transaction_key(merchant, &read_text(item, "sk")?);
            keys.extend(listed.iter().filter_map(key));
        }
        let table = &self.tables.ledger;
        let wanted = keys.iter().map(|key| (table.clone(), item_key(key)));
        let found = self.batch_get(wanted.collect()).await?;
        let mut kept = Vec::with_capacity(keys.len());
        for key in keys {
            let wanted = item_key(&key);
            let is_it = |item: &Item| item.get("sk") == wanted.get("sk");
            let Some((_, item)) = found.iter().find(|(_, item)| is_it(item)) else {
                continue;
            };
            // The index may still show what is done by now.
            let Some(payload) = read_bytes(item, "payload") else {
                continue;
            };
            kept.push(KeptTransaction {
                key,
                row: row(item)?,
                payload,
            });
        }
        Ok(kept)
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

    async fn erasures(&self, merchant: &MerchantId) -> Result<Vec<Erasure>, StoreError> {
        let listed = self
            .client
            .query()
            .table_name(&self.tables.links)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", text(erasures(merchant)))
            .consistent_read(true)
            .into_paginator()
            .items()
            .send()
            .try_collect()
            .await
            .map_err(unavailable)?;
        listed.iter().map(erasure).collect()
    }

    async fn end_erasure(
        &self,
        merchant: &MerchantId,
        erasure: &Erasure,
    ) -> Result<(), StoreError> {
        let delete = self
            .client
            .delete_item()
            .table_name(&self.tables.links)
            .set_key(Some(erasure_key(merchant, &erasure.customer)))
            .condition_expression("look_at = :at")
            .expression_attribute_values(":at", instant(erasure.look_at));
        carried_out(delete.send().await).map(drop)
    }
}

/// Where erasures are noted: beside the links, so that a customer's links are listed without them.
fn erasures(merchant: &MerchantId) -> String {
    format!("{merchant}#erasures")
}

fn erasure_key(merchant: &MerchantId, customer: &CustomerId) -> Item {
    super::item::key(&erasures(merchant), customer.as_str())
}

fn erasure(item: &Item) -> Result<Erasure, StoreError> {
    known(item)?;
    let customer = read_text(item, "sk").and_then(|id| CustomerId::parse(&id).ok());
    let noted = customer.zip(read_instant(item, "look_at"));
    let (customer, look_at) = noted.ok_or_else(|| unreadable("an erasure"))?;
    Ok(Erasure { customer, look_at })
}
