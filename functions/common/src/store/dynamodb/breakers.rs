//! Breakers: one row a service, and one for each count of its last calls.
//!
//! | attribute | meaning |
//! |---|---|
//! | `body` | how it stands, as JSON |
//! | `slice`, `made`, `failed`, `companies` | of a count: which, and what calls came to |

use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::AttributeValue;
use bookkeeping::breaker::{Breaker, Calls};
use jiff::Timestamp;

use super::DynamoDb;
use super::item::{
    Item, ROW_VERSION, key, number, read_number, read_text, text, unreadable, written,
};
use crate::store::breakers::slices;
use crate::store::{Breakers, StoreError};

/// How many counts have a row; the row of one is taken by the one that comes so much later.
const SLICES: i64 = 8;

impl Breakers for DynamoDb {
    async fn breaker(&self, service: &str) -> Result<Breaker, StoreError> {
        let item = self.ledger_item(row_key(service)).await?;
        Ok(item.map(|item| breaker(&item)).unwrap_or_default())
    }

    async fn change_breaker(
        &self,
        service: &str,
        seen: &Breaker,
        to: &Breaker,
    ) -> Result<bool, StoreError> {
        let condition = match seen {
            Breaker::Closed => "attribute_not_exists(body) OR body = :seen",
            _ => "body = :seen",
        };
        let update = self
            .update_breaker(row_key(service))
            .update_expression("SET body = :to, v = :v")
            .condition_expression(condition)
            .expression_attribute_values(":seen", text(body(seen)?))
            .expression_attribute_values(":to", text(body(to)?))
            .expression_attribute_values(":v", number(ROW_VERSION));
        written(update.send().await)
    }

    async fn count_calls(
        &self,
        service: &str,
        calls: &Calls,
        now: Timestamp,
    ) -> Result<Calls, StoreError> {
        let lately = slices(now);
        let this = lately[0];
        let mut set = "SET slice = :slice, made = :made, failed = :failed, v = :v".to_owned();
        let mut add = "ADD made :made, failed :failed".to_owned();
        let mut remove = "";
        if calls.companies.is_empty() {
            // What the row holds of a slice long ago.
            remove = " REMOVE companies";
        } else {
            set.push_str(", companies = :companies");
            add.push_str(", companies :companies");
        }
        let counted = |expression: String| {
            let update = self
                .update_breaker(slice_key(service, this))
                .update_expression(expression)
                .expression_attribute_values(":slice", number(this))
                .expression_attribute_values(":made", number(calls.made))
                .expression_attribute_values(":failed", number(calls.failed));
            match calls.companies.is_empty() {
                true => update,
                false => {
                    let companies = calls.companies.iter().map(ToString::to_string).collect();
                    update.expression_attribute_values(":companies", AttributeValue::Ss(companies))
                }
            }
        };
        let more = || counted(add.clone()).condition_expression("slice = :slice");
        if !written(more().send().await)? {
            let begin = counted(format!("{set}{remove}"))
                .condition_expression("attribute_not_exists(slice) OR slice < :slice")
                .expression_attribute_values(":v", number(ROW_VERSION));
            if !written(begin.send().await)? {
                // Begun by somebody else between the two.
                written(more().send().await)?;
            }
        }
        let table = &self.tables.ledger;
        let wanted = lately.map(|slice| (table.clone(), slice_key(service, slice)));
        let mut all = Calls::default();
        for (_, item) in self.batch_get(wanted.to_vec()).await? {
            // A row may still hold the count that had it before.
            let is_wanted = read_number(&item, "slice").is_some_and(|it| lately.contains(&it));
            if is_wanted {
                all.add(&calls_in(&item));
            }
        }
        Ok(all)
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

/// The breaker in a row: closed where it cannot be read, because nobody may be stopped by what nobody understands.
pub(super) fn breaker(item: &Item) -> Breaker {
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
    let companies = item.get("companies").and_then(|set| set.as_ss().ok());
    let companies = companies.into_iter().flatten();
    Calls {
        made: read_number(item, "made").unwrap_or_default(),
        failed: read_number(item, "failed").unwrap_or_default(),
        companies: companies.filter_map(|part| part.parse().ok()).collect(),
    }
}

fn body(breaker: &Breaker) -> Result<String, StoreError> {
    serde_json::to_string(breaker).map_err(|_| unreadable("breaker"))
}
