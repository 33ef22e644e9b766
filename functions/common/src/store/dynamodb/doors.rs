//! Doors: a row each while somebody is inside, beside the links.

use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;

use super::DynamoDb;
use super::item::{Item, ROW_VERSION, instant, number, text, unavailable};
use crate::store::{Door, DoorClaim, Doors, StoreError};

impl Doors for DynamoDb {
    async fn claim_door(&self, claim: &DoorClaim<'_>) -> Result<bool, StoreError> {
        let update = self
            .client
            .update_item()
            .table_name(&self.tables.links)
            .set_key(Some(door_key(claim.door)))
            .update_expression("SET #owner = :owner, lease_until = :until, v = :v")
            .condition_expression(
                "attribute_not_exists(pk) OR #owner = :owner OR lease_until < :quiet",
            )
            .expression_attribute_names("#owner", "owner")
            .expression_attribute_values(":owner", text(claim.owner))
            .expression_attribute_values(":until", instant(claim.now + claim.lease))
            .expression_attribute_values(":quiet", instant(claim.now - claim.quiescence))
            .expression_attribute_values(":v", number(ROW_VERSION));
        match update.send().await {
            Ok(_) => Ok(true),
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(_)) => Ok(false),
                _ => Err(unavailable(error)),
            },
        }
    }

    async fn leave_door(&self, door: &Door, owner: &str) -> Result<(), StoreError> {
        let delete = self
            .client
            .delete_item()
            .table_name(&self.tables.links)
            .set_key(Some(door_key(door)))
            .condition_expression("#owner = :owner")
            .expression_attribute_names("#owner", "owner")
            .expression_attribute_values(":owner", text(owner));
        match delete.send().await {
            Ok(_) => Ok(()),
            Err(error) => match error.as_service_error() {
                Some(DeleteItemError::ConditionalCheckFailedException(_)) => Ok(()),
                _ => Err(unavailable(error)),
            },
        }
    }
}

fn door_key(door: &Door) -> Item {
    let partition = format!("{}#{}#doors", door.merchant, door.realm);
    super::item::key(&partition, &door.sought)
}
