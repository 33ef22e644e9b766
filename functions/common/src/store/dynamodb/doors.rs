//! Doors: a row each while somebody is inside, and until a query shows what was created there, beside the links.

use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::ReturnValue;
use bookkeeping::ids::CompanyCustomerId;
use jiff::Timestamp;

use super::DynamoDb;
use super::item::{
    Item, KNOWN, ROW_VERSION, carried_out, instant, number, read_instant, read_text, text,
    unavailable,
};
use crate::store::{Created, Door, DoorClaim, DoorClaimed, Doors, StoreError};

impl Doors for DynamoDb {
    async fn claim_door(&self, claim: &DoorClaim<'_>) -> Result<DoorClaimed, StoreError> {
        let until = claim.now + claim.lease;
        let update = self
            .client
            .update_item()
            .table_name(&self.tables.links)
            .set_key(Some(door_key(claim.door)))
            .update_expression(
                "SET #owner = :owner, lease_until = :until, expires = :expires, v = :v",
            )
            .condition_expression(format!(
                "(attribute_not_exists(#owner) OR #owner = :owner OR lease_until < :quiet) AND {KNOWN}"
            ))
            .expression_attribute_names("#owner", "owner")
            .expression_attribute_values(":owner", text(claim.owner))
            .expression_attribute_values(":until", instant(until))
            .expression_attribute_values(":expires", number(expires(until + claim.quiescence)))
            .expression_attribute_values(":quiet", instant(claim.now - claim.quiescence))
            .expression_attribute_values(":v", number(ROW_VERSION))
            .return_values(ReturnValue::AllOld);
        match update.send().await {
            Ok(answer) => {
                let before = answer.attributes.unwrap_or_default();
                let created = created(&before).filter(|created| created.shows_at >= claim.now);
                Ok(DoorClaimed::Ours { created })
            }
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(_)) => Ok(DoorClaimed::Busy),
                _ => Err(unavailable(error)),
            },
        }
    }

    async fn leave_door(
        &self,
        door: &Door,
        owner: &str,
        created: Option<&Created>,
    ) -> Result<(), StoreError> {
        let (table, key) = (&self.tables.links, Some(door_key(door)));
        let Some(created) = created else {
            let delete = self
                .client
                .delete_item()
                .table_name(table)
                .set_key(key)
                .condition_expression("#owner = :owner")
                .expression_attribute_names("#owner", "owner")
                .expression_attribute_values(":owner", text(owner));
            return carried_out(delete.send().await).map(drop);
        };
        let update = self
            .client
            .update_item()
            .table_name(table)
            .set_key(key)
            .update_expression(
                "SET #record = :record, shows_at = :shows_at, expires = :expires REMOVE #owner, lease_until",
            )
            .condition_expression("#owner = :owner")
            .expression_attribute_names("#owner", "owner")
            .expression_attribute_names("#record", "record")
            .expression_attribute_values(":owner", text(owner))
            .expression_attribute_values(":record", text(created.record.as_str()))
            .expression_attribute_values(":shows_at", instant(created.shows_at))
            .expression_attribute_values(":expires", number(expires(created.shows_at)));
        carried_out(update.send().await).map(drop)
    }
}

/// When DynamoDB forgets a row nobody needs after this, in seconds since 1970.
fn expires(needed_until: Timestamp) -> i64 {
    needed_until.as_second() + 1
}

fn created(item: &Item) -> Option<Created> {
    Some(Created {
        record: CompanyCustomerId::parse(&read_text(item, "record")?).ok()?,
        shows_at: read_instant(item, "shows_at")?,
    })
}

fn door_key(door: &Door) -> Item {
    let partition = format!("{}#{}#doors", door.merchant, door.realm);
    super::item::key(&partition, &door.sought)
}
