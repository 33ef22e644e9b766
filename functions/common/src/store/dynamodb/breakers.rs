//! Breakers: one row a service, and one for each count of its last calls.
//!
//! | attribute | meaning |
//! |---|---|
//! | `body`, `revision` | how it stands, as JSON, and how often that was changed |
//! | `slice`, `made`, `failed`, `companies`, `failing` | of a count: which, and what calls came to |

use std::collections::BTreeSet;

use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::AttributeValue;
use bookkeeping::breaker::{Breaker, Calls, Lately, Part};
use jiff::Timestamp;

use super::DynamoDb;
use super::item::{
    Item, KNOWN, ROW_VERSION, carried_out, key, known, number, read_number, read_text, text,
};
use crate::store::breakers::{Seen, began, slices};
use crate::store::{Breakers, StoreError};

/// How many counts have a row; the row of one is taken by the one that comes so much later.
const SLICES: i64 = 8;

impl Breakers for DynamoDb {
    async fn breaker(&self, service: &str) -> Result<Seen, StoreError> {
        let item = self.ledger_item(row_key(service)).await?;
        Ok(item.map(|item| seen(&item)).unwrap_or_default())
    }

    async fn change_breaker(
        &self,
        service: &str,
        seen: &Seen,
        to: &Breaker,
    ) -> Result<bool, StoreError> {
        // A row without a number is one that nobody has changed yet, or nobody can read.
        let is_as_seen =
            "(revision = :seen OR (:seen = :none AND NOT attribute_type(revision, :number)))";
        let update = self
            .update_breaker(row_key(service))
            .update_expression("SET body = :to, revision = :next, v = :v")
            .condition_expression(format!("{is_as_seen} AND {KNOWN}"))
            .expression_attribute_values(":seen", number(seen.revision))
            .expression_attribute_values(":next", number(seen.revision + 1))
            .expression_attribute_values(":none", number(0))
            .expression_attribute_values(":number", text("N"))
            .expression_attribute_values(":to", text(body(to)?))
            .expression_attribute_values(":v", number(ROW_VERSION));
        carried_out(update.send().await)
    }

    async fn count_calls(
        &self,
        service: &str,
        calls: &Calls,
        now: Timestamp,
    ) -> Result<Lately, StoreError> {
        let lately = slices(now);
        let this = lately[0];
        let mut set = "SET slice = :slice, made = :made, failed = :failed, v = :v".to_owned();
        let mut add = "ADD made :made, failed :failed".to_owned();
        // What the row holds of a slice long ago.
        let mut remove = Vec::new();
        for (name, parts) in [("companies", &calls.companies), ("failing", &calls.failing)] {
            match parts.is_empty() {
                true => remove.push(name),
                false => {
                    set.push_str(&format!(", {name} = :{name}"));
                    add.push_str(&format!(", {name} :{name}"));
                }
            }
        }
        if !remove.is_empty() {
            set.push_str(&format!(" REMOVE {}", remove.join(", ")));
        }
        let counted = |expression: &str| {
            let mut update = self
                .update_breaker(slice_key(service, this))
                .update_expression(expression)
                .expression_attribute_values(":slice", number(this))
                .expression_attribute_values(":made", number(calls.made))
                .expression_attribute_values(":failed", number(calls.failed));
            for (name, parts) in [
                (":companies", &calls.companies),
                (":failing", &calls.failing),
            ] {
                if !parts.is_empty() {
                    let parts = parts.iter().map(ToString::to_string).collect();
                    update = update.expression_attribute_values(name, AttributeValue::Ss(parts));
                }
            }
            update
        };
        let more = || counted(&add).condition_expression("slice = :slice");
        if !carried_out(more().send().await)? {
            let begin = counted(&set)
                .condition_expression("attribute_not_exists(slice) OR slice < :slice")
                .expression_attribute_values(":v", number(ROW_VERSION));
            if !carried_out(begin.send().await)? {
                // Begun by somebody else between the two.
                carried_out(more().send().await)?;
            }
        }
        let table = &self.tables.ledger;
        let wanted = lately.map(|slice| (table.clone(), slice_key(service, slice)));
        let rows = self.batch_get(wanted.to_vec()).await?;
        let count = |(_, item): &(String, Item)| {
            // A row may still hold the count that had it before.
            let slice = read_number(item, "slice").filter(|slice| lately.contains(slice))?;
            Some((began(slice), calls_in(item)))
        };
        Ok(Lately {
            counts: rows.iter().filter_map(count).collect(),
        })
    }
}

impl DynamoDb {
    fn update_breaker(&self, key: Item) -> UpdateItemFluentBuilder {
        let update = self.client.update_item();
        update.table_name(&self.tables.ledger).set_key(Some(key))
    }
}

pub(super) fn row_key(service: &str) -> Item {
    key(&partition(service), "breaker")
}

pub(super) fn partition(service: &str) -> String {
    format!("breaker#{service}")
}

fn seen(item: &Item) -> Seen {
    Seen {
        breaker: breaker(item),
        revision: read_number(item, "revision").unwrap_or_default(),
    }
}

/// The breaker in a row: closed where it cannot be read, because nobody may be stopped by what nobody understands.
pub(super) fn breaker(item: &Item) -> Breaker {
    if known(item).is_err() {
        return Breaker::Closed;
    }
    let read = read_text(item, "body").map(|body| serde_json::from_str(&body));
    match read {
        Some(Ok(breaker)) => breaker,
        Some(Err(error)) => {
            tracing::error!(error = %error, "the breaker cannot be read: it counts as closed");
            Breaker::Closed
        }
        None => Breaker::Closed,
    }
}

fn slice_key(service: &str, slice: i64) -> Item {
    let sk = format!("calls#{}", slice.rem_euclid(SLICES));
    key(&partition(service), &sk)
}

fn calls_in(item: &Item) -> Calls {
    let parts = |name: &str| -> BTreeSet<Part> {
        let set = item.get(name).and_then(|set| set.as_ss().ok());
        let parts = set.into_iter().flatten();
        parts.filter_map(|part| part.parse().ok()).collect()
    };
    Calls {
        made: read_number(item, "made").unwrap_or_default(),
        failed: read_number(item, "failed").unwrap_or_default(),
        companies: parts("companies"),
        failing: parts("failing"),
    }
}

fn body(breaker: &Breaker) -> Result<String, StoreError> {
    serde_json::to_string(breaker).map_err(|_| StoreError::unreadable("breaker"))
}
