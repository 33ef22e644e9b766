//! The health of connections: one row a merchant beside its lot, and one row for each of the last hours.
//!
//! | attribute | meaning |
//! |---|---|
//! | `health` | what is known, as JSON |
//! | `revision` | raised by every write and by every summons |
//! | `due_shard`, `due_at` | when it is looked at next, for the index `due` |
//! | `hour`, `asked`, `unanswered`, `refused` | of an hour: what checks came to |

use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use bookkeeping::health::Health;
use bookkeeping::ids::MerchantId;
use bookkeeping::outage::Answers;
use jiff::Timestamp;

use super::DynamoDb;
use super::item::{
    Item, KNOWN, ROW_VERSION, carried_out, instant, key, known, number, read_number, read_text,
    text, unavailable,
};
use crate::store::healths::hour;
use crate::store::lot::due_shard;
use crate::store::{Healths, StoreError};

/// How many hours have a row; the row of an hour is taken by the one that comes so much later.
const HOURS: i64 = 4;

impl Healths for DynamoDb {
    async fn health(&self, merchant: &MerchantId) -> Result<Health, StoreError> {
        let Some(item) = self.ledger_item(row_key(merchant)).await? else {
            return Ok(Health::default());
        };
        known(&item)?;
        // Summoned and never looked at yet: a row without a body.
        let health = match read_text(&item, "health") {
            None => Health::default(),
            Some(body) => {
                serde_json::from_str(&body).map_err(|_| StoreError::unreadable("health"))?
            }
        };
        Ok(Health {
            revision: read_number(&item, "revision")
                .ok_or_else(|| StoreError::unreadable("health"))?,
            ..health
        })
    }

    async fn keep_health(
        &self,
        merchant: &MerchantId,
        health: &Health,
        due: Option<Timestamp>,
    ) -> Result<bool, StoreError> {
        let body = serde_json::to_string(health).map_err(|_| StoreError::unreadable("health"))?;
        let update = self
            .update_health(row_key(merchant))
            .expression_attribute_values(":body", text(body))
            .expression_attribute_values(":next", number(health.revision + 1))
            .expression_attribute_values(":v", number(ROW_VERSION));
        let set = "SET health = :body, revision = :next, v = :v";
        let update = match due {
            None => update.update_expression(format!("{set} REMOVE due_shard, due_at")),
            Some(at) => update
                .update_expression(format!("{set}, due_shard = :shard, due_at = :due"))
                .expression_attribute_values(":shard", text(shard_name(due_shard(merchant))))
                .expression_attribute_values(":due", instant(at)),
        };
        let update = match health.revision {
            0 => update.condition_expression("attribute_not_exists(pk)"),
            read => update
                .expression_attribute_values(":read", number(read))
                .condition_expression("revision = :read"),
        };
        carried_out(update.send().await)
    }

    async fn summon(&self, merchant: &MerchantId, now: Timestamp) -> Result<(), StoreError> {
        let update = self
            .update_health(row_key(merchant))
            .update_expression("SET due_shard = :shard, due_at = :now, v = :v ADD revision :one")
            .expression_attribute_values(":shard", text(shard_name(due_shard(merchant))))
            .expression_attribute_values(":now", instant(now))
            .expression_attribute_values(":one", number(1))
            .expression_attribute_values(":v", number(ROW_VERSION))
            .condition_expression(KNOWN);
        carried_out(update.send().await)?;
        Ok(())
    }

    async fn due_healths(
        &self,
        shard: u32,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<MerchantId>, StoreError> {
        let query = self
            .client
            .query()
            .table_name(&self.tables.ledger)
            .index_name("due")
            .key_condition_expression("due_shard = :shard AND due_at <= :now")
            .expression_attribute_values(":shard", text(shard_name(shard)))
            .expression_attribute_values(":now", instant(now))
            .limit(i32::try_from(limit).unwrap_or(i32::MAX));
        let found = query.send().await.map_err(unavailable)?;
        let merchants = found.items.unwrap_or_default();
        Ok(merchants
            .iter()
            .filter_map(|item| MerchantId::parse(&read_text(item, "pk")?).ok())
            .collect())
    }

    async fn put_off(
        &self,
        merchant: &MerchantId,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<bool, StoreError> {
        let update = self
            .update_health(row_key(merchant))
            .update_expression("SET due_at = :until")
            .condition_expression("due_at <= :now")
            .expression_attribute_values(":until", instant(until))
            .expression_attribute_values(":now", instant(now));
        carried_out(update.send().await)
    }

    async fn count_answers(&self, answers: &Answers, now: Timestamp) -> Result<(), StoreError> {
        let hour = hour(now);
        let counted = |update: UpdateItemFluentBuilder| {
            update
                .expression_attribute_names("#hour", "hour")
                .expression_attribute_values(":hour", number(hour))
                .expression_attribute_values(":asked", number(answers.asked))
                .expression_attribute_values(":unanswered", number(answers.unanswered))
                .expression_attribute_values(":refused", number(answers.refused))
        };
        let add = self
            .update_health(hour_key(hour))
            .update_expression("ADD asked :asked, unanswered :unanswered, refused :refused")
            .condition_expression("#hour = :hour");
        if carried_out(counted(add).send().await)? {
            return Ok(());
        }
        let begin = self
            .update_health(hour_key(hour))
            .update_expression(
                "SET #hour = :hour, asked = :asked, unanswered = :unanswered, refused = :refused, v = :v",
            )
            .condition_expression("attribute_not_exists(#hour) OR #hour < :hour")
            .expression_attribute_values(":v", number(ROW_VERSION));
        if carried_out(counted(begin).send().await)? {
            return Ok(());
        }
        // Begun by somebody else between the two.
        let add = self
            .update_health(hour_key(hour))
            .update_expression("ADD asked :asked, unanswered :unanswered, refused :refused")
            .condition_expression("#hour = :hour");
        carried_out(counted(add).send().await)?;
        Ok(())
    }

    async fn answers(&self, now: Timestamp) -> Result<Answers, StoreError> {
        let table = &self.tables.ledger;
        let hours = [hour(now), hour(now) - 1];
        let wanted = hours.map(|hour| (table.clone(), hour_key(hour)));
        let mut sum = Answers::default();
        for (_, item) in self.batch_get(wanted.to_vec()).await? {
            // A row may still hold the hour that had it before.
            let is_wanted = read_number(&item, "hour").is_some_and(|hour| hours.contains(&hour));
            if is_wanted {
                let count = |name| read_number(&item, name).unwrap_or_default();
                sum += Answers {
                    asked: count("asked"),
                    unanswered: count("unanswered"),
                    refused: count("refused"),
                };
            }
        }
        Ok(sum)
    }
}

impl DynamoDb {
    fn update_health(&self, key: Item) -> UpdateItemFluentBuilder {
        let update = self.client.update_item();
        update.table_name(&self.tables.ledger).set_key(Some(key))
    }
}

fn row_key(merchant: &MerchantId) -> Item {
    key(merchant.as_str(), "health")
}

fn hour_key(hour: i64) -> Item {
    key(
        "health#token-endpoint",
        &format!("hour#{}", hour.rem_euclid(HOURS)),
    )
}

fn shard_name(shard: u32) -> String {
    format!("health#{shard:02}")
}
