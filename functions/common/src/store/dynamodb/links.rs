//! Customer links.

use std::time::Duration;

use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure};
use bookkeeping::customer::FoundBy;
use bookkeeping::ids::CompanyCustomerId;
use jiff::Timestamp;

use super::DynamoDb;
use super::item::{Item, ROW_VERSION, instant, number, read_text, text, unavailable, unreadable};
use crate::store::{Link, LinkClaimed, LinkKey, Links, StoreError};

impl Links for DynamoDb {
    async fn links(&self, keys: &[LinkKey]) -> Result<Vec<Option<Link>>, StoreError> {
        // A batched read takes each key once.
        let mut wanted: Vec<&LinkKey> = keys.iter().collect();
        wanted.sort();
        wanted.dedup();
        let table = &self.tables.links;
        let found = self
            .batch_get(
                wanted
                    .into_iter()
                    .map(|key| (table.clone(), item_key(key)))
                    .collect(),
            )
            .await?;
        let at = |key: &LinkKey| {
            let wanted = item_key(key);
            let same = |item: &Item| {
                item.get("pk") == wanted.get("pk") && item.get("sk") == wanted.get("sk")
            };
            found
                .iter()
                .map(|(_, item)| item)
                .find(|item| same(item))
                .and_then(link)
        };
        Ok(keys.iter().map(at).collect())
    }

    async fn claim_link(
        &self,
        key: &LinkKey,
        owner: &str,
        now: Timestamp,
        lease: Duration,
        quiescence: Duration,
    ) -> Result<LinkClaimed, StoreError> {
        let update = self
            .update_link(key)
            .update_expression("SET #state = :claimed, #owner = :owner, lease_until = :until, v = :v")
            .expression_attribute_names("#owner", "owner")
            .expression_attribute_values(":claimed", text("claimed"))
            .expression_attribute_values(":owner", text(owner))
            .expression_attribute_values(":until", instant(now + lease))
            .expression_attribute_values(":quiet", instant(now - quiescence))
            .expression_attribute_values(":v", number(ROW_VERSION))
            .condition_expression(
                "attribute_not_exists(pk) OR (#state = :claimed AND (#owner = :owner OR lease_until < :quiet))",
            );
        match update.send().await {
            Ok(_) => Ok(LinkClaimed::Ours),
            Err(error) => {
                Ok(link(&refused_by(error)?).map_or(LinkClaimed::Busy, LinkClaimed::Linked))
            }
        }
    }

    async fn link(&self, key: &LinkKey, new: &Link, now: Timestamp) -> Result<Link, StoreError> {
        let update = self
            .update_link(key)
            .update_expression(
                "SET #state = :linked, #record = :record, found_by = :found_by, linked_at = :now, v = :v \
                 REMOVE #owner, lease_until",
            )
            .expression_attribute_names("#owner", "owner")
            .expression_attribute_names("#record", "record")
            .expression_attribute_values(":linked", text("linked"))
            .expression_attribute_values(":record", text(new.record.as_str()))
            .expression_attribute_values(":found_by", text(found_by_name(new.found_by)))
            .expression_attribute_values(":now", instant(now))
            .expression_attribute_values(":v", number(ROW_VERSION))
            .condition_expression("attribute_not_exists(#record) OR #record = :record");
        match update.send().await {
            Ok(_) => Ok(new.clone()),
            Err(error) => link(&refused_by(error)?).ok_or_else(|| unreadable("customer link")),
        }
    }

    async fn release_link(&self, key: &LinkKey, owner: &str) -> Result<(), StoreError> {
        let delete = self
            .client
            .delete_item()
            .table_name(&self.tables.links)
            .set_key(Some(item_key(key)))
            .expression_attribute_names("#state", "state")
            .expression_attribute_names("#owner", "owner")
            .expression_attribute_values(":claimed", text("claimed"))
            .expression_attribute_values(":owner", text(owner))
            .condition_expression("#state = :claimed AND #owner = :owner");
        match delete.send().await {
            Ok(_) => Ok(()),
            // Not ours any more: somebody else's to give back.
            Err(error) => match error.as_service_error() {
                Some(DeleteItemError::ConditionalCheckFailedException(_)) => Ok(()),
                _ => Err(unavailable(error)),
            },
        }
    }
}

impl DynamoDb {
    fn update_link(&self, key: &LinkKey) -> UpdateItemFluentBuilder {
        self.client
            .update_item()
            .table_name(&self.tables.links)
            .set_key(Some(item_key(key)))
            .expression_attribute_names("#state", "state")
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
    }
}

fn item_key(key: &LinkKey) -> Item {
    super::item::key(
        &format!("{}#{}", key.merchant, key.realm),
        key.customer.as_str(),
    )
}

fn link(item: &Item) -> Option<Link> {
    let record = CompanyCustomerId::parse(&read_text(item, "record")?).ok()?;
    let found_by = AttributeValue::as_s(item.get("found_by")?).ok()?;
    let found_by = [FoundBy::Email, FoundBy::Created]
        .into_iter()
        .find(|how| found_by_name(*how) == found_by)?;
    Some(Link { record, found_by })
}

fn found_by_name(found_by: FoundBy) -> &'static str {
    match found_by {
        FoundBy::Email => "email",
        FoundBy::Created => "created",
    }
}

fn refused_by(
    error: aws_sdk_dynamodb::error::SdkError<UpdateItemError>,
) -> Result<Item, StoreError> {
    match error.as_service_error() {
        Some(UpdateItemError::ConditionalCheckFailedException(refusal)) => refusal
            .item()
            .cloned()
            .ok_or_else(|| unreadable("the link that refused a write")),
        _ => Err(unavailable(error)),
    }
}
