//! Lots: one row a merchant beside its transactions, and the places its transactions have in the index `lot`.
//!
//! | attribute | meaning |
//! |---|---|
//! | `arm`, `freed`, `armed_at` | how often it was armed, how often of that something was mended or chosen, and when last |
//! | `due_shard`, `due_at` | when the drain looks next, for the index `due`; absent where nothing waits |
//! | `open_since` | since when live work yields |
//! | `drainer`, `drain_until` | who drains it, and until when |
//! | `rest_until`, `rests`, `paused` | the company is left alone |
//! | `recorded` | transactions the drain brought into QuickBooks since nothing waited |

use std::time::Duration;

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure};
use bookkeeping::ids::{MerchantId, OperatorId};
use bookkeeping::reason::Reason;
use bookkeeping::transaction::{Kind, TransactionKey};
use jiff::Timestamp;

use super::DynamoDb;
use super::item::{
    Item, KNOWN, ROW_VERSION, carried_out, instant, key, known, number, read_bytes, read_instant,
    read_number, read_text, text, unavailable,
};
use super::ledger::{row, sort_key};
use super::release::Fate;
use crate::store::lot::due_shard;
use crate::store::{
    Armed, Arming, Decided, HandOver, HandedOver, Lot, Lots, Place, Row, Standing, StoreError,
    Taken, Unless, Waiting,
};

/// Most lots one look at a shard gives; the rest are due at the next.
const DUE_MAX: i32 = 1000;

impl Lots for DynamoDb {
    async fn arm(&self, arming: &Arming<'_>) -> Result<Armed, StoreError> {
        loop {
            // The earlier of two times stands, so there are two writes to choose from.
            let sooner = self.arm_if(arming, true).send().await;
            match sooner {
                Ok(answer) => {
                    let before = lot(&answer.attributes.unwrap_or_default())?;
                    return Ok(match drained_at(&before, arming.now) {
                        true => Armed::Awaited,
                        false => Armed::Unattended,
                    });
                }
                Err(error) => refused(error)?,
            };
            match self.arm_if(arming, false).send().await {
                Ok(_) => return Ok(Armed::Awaited),
                // Disarmed between the two: the first write fits again.
                Err(error) => refused(error)?,
            };
        }
    }

    async fn due_lots(&self, shard: u32, now: Timestamp) -> Result<Vec<MerchantId>, StoreError> {
        let query = self
            .client
            .query()
            .table_name(&self.tables.ledger)
            .index_name("due")
            .key_condition_expression("due_shard = :shard AND due_at <= :now")
            .expression_attribute_values(":shard", text(shard_name(shard)))
            .expression_attribute_values(":now", instant(now))
            .limit(DUE_MAX);
        let found = query.send().await.map_err(unavailable)?;
        let merchants = found.items.unwrap_or_default();
        Ok(merchants
            .iter()
            .filter_map(|item| MerchantId::parse(&read_text(item, "pk")?).ok())
            .collect())
    }

    async fn take_lot(
        &self,
        merchant: &MerchantId,
        owner: &str,
        now: Timestamp,
        lease: Duration,
    ) -> Result<Taken, StoreError> {
        let update = self
            .update_lot(merchant)
            .update_expression(
                "SET drainer = :owner, drain_until = :until, due_at = :until, v = :v",
            )
            .condition_expression(format!(
                "attribute_exists(due_at) AND {KNOWN} AND \
                 (attribute_not_exists(drainer) OR drain_until < :now OR drainer = :owner)"
            ))
            .expression_attribute_values(":owner", text(owner))
            .expression_attribute_values(":until", instant(now + lease))
            .expression_attribute_values(":now", instant(now))
            .expression_attribute_values(":v", number(ROW_VERSION))
            .return_values(ReturnValue::AllNew);
        match update.send().await {
            Ok(answer) => Ok(Taken::Ours(lot(&answer.attributes.unwrap_or_default())?)),
            Err(error) => Ok(match refused(error)? {
                Some(lot) if lot.due.is_some() => Taken::Busy,
                _ => Taken::Unarmed,
            }),
        }
    }

    async fn keep_lot(
        &self,
        merchant: &MerchantId,
        owner: &str,
        now: Timestamp,
        lease: Duration,
        recorded: u64,
    ) -> Result<Option<Lot>, StoreError> {
        let update = self
            .update_lot(merchant)
            .update_expression("SET drain_until = :until, due_at = :until ADD recorded :recorded")
            .condition_expression(format!("drainer = :owner AND {KNOWN}"))
            .expression_attribute_values(":v", number(ROW_VERSION))
            .expression_attribute_values(":owner", text(owner))
            .expression_attribute_values(":until", instant(now + lease))
            .expression_attribute_values(":recorded", number(recorded))
            .return_values(ReturnValue::AllNew);
        match update.send().await {
            Ok(answer) => lot(&answer.attributes.unwrap_or_default()).map(Some),
            Err(error) => refused(error).map(|_| None),
        }
    }

    async fn hand_over(
        &self,
        merchant: &MerchantId,
        owner: &str,
        next: &HandOver,
    ) -> Result<HandedOver, StoreError> {
        let mut set = vec!["rests = :rests"];
        let mut remove = vec!["drainer", "drain_until"];
        let mut condition = format!("drainer = :owner AND {KNOWN}");
        let mut update = self
            .update_lot(merchant)
            .expression_attribute_values(":v", number(ROW_VERSION))
            .expression_attribute_values(":owner", text(owner))
            .expression_attribute_values(":rests", number(next.rests));
        let unchanged = match next.unless {
            Unless::Never => None,
            Unless::Armed(seen) => Some((" AND arm = :seen", seen)),
            Unless::Freed(0) => Some((" AND (attribute_not_exists(freed) OR freed = :seen)", 0)),
            Unless::Freed(seen) => Some((" AND freed = :seen", seen)),
        };
        if let Some((unchanged, seen)) = unchanged {
            condition.push_str(unchanged);
            update = update.expression_attribute_values(":seen", number(seen));
        }
        let times = [
            ("due_at", "due_at = :due", ":due", next.due),
            ("open_since", "open_since = :open", ":open", next.open_since),
            ("rest_until", "rest_until = :rest", ":rest", next.rest_until),
        ];
        for (name, assignment, placeholder, at) in times {
            match at {
                None => remove.push(name),
                Some(at) => {
                    set.push(assignment);
                    update = update.expression_attribute_values(placeholder, instant(at));
                }
            }
        }
        if next.due.is_none() {
            remove.push("due_shard");
        }
        if next.is_worked_off {
            remove.push("recorded");
        }
        match &next.paused {
            None => remove.push("paused"),
            Some(reason) => {
                let reason =
                    serde_json::to_string(reason).map_err(|_| StoreError::unreadable("reason"))?;
                set.push("paused = :paused");
                update = update.expression_attribute_values(":paused", text(reason));
            }
        }
        let update = update
            .update_expression(format!(
                "SET {} REMOVE {}",
                set.join(", "),
                remove.join(", ")
            ))
            .condition_expression(condition);
        match update.send().await {
            Ok(_) => Ok(HandedOver::Done),
            Err(error) => Ok(match refused(error)? {
                Some(Lot {
                    drainer: Some((drainer, _)),
                    ..
                }) if drainer == owner => HandedOver::Armed,
                _ => HandedOver::Lost,
            }),
        }
    }

    async fn places(
        &self,
        merchant: &MerchantId,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Result<Place, String>>, StoreError> {
        let after = after.unwrap_or_default();
        self.places_in(merchant, merchant.as_str(), after, limit)
            .await
    }

    async fn waiting(&self, places: &[Place]) -> Result<Vec<Result<Waiting, Place>>, StoreError> {
        let table = &self.tables.ledger;
        let wanted = places
            .iter()
            .map(|place| (table.clone(), item_key(&place.key)));
        let found = self.batch_get(wanted.collect()).await?;
        let at = |place: &Place| {
            let wanted = item_key(&place.key);
            let (_, item) = found.iter().find(|(_, item)| {
                item.get("pk") == wanted.get("pk") && item.get("sk") == wanted.get("sk")
            })?;
            // The index may still show what has left.
            if read_text(item, "lot").as_deref() != Some(place.key.merchant.as_str()) {
                return None;
            }
            let waiting = |row| Waiting {
                place: place.clone(),
                row,
                payload: read_bytes(item, "payload"),
            };
            Some(row(item).map(waiting).map_err(|_| place.clone()))
        };
        Ok(places.iter().filter_map(at).collect())
    }

    async fn leave_lot(&self, key: &TransactionKey, standing: Standing) -> Result<(), StoreError> {
        let merchant = key.merchant.as_str();
        let update = self
            .update(key)
            .expression_attribute_values(":standing", text(standing.as_str()))
            .expression_attribute_values(":lot", text(merchant))
            .expression_attribute_values(":v", number(ROW_VERSION))
            .condition_expression(format!("#state = :standing AND lot = :lot AND {KNOWN}"));
        let update = match standing {
            // They wait on: their place is in the lot.
            Standing::Claimed | Standing::Parked | Standing::Ambiguous => return Ok(()),
            Standing::Synced | Standing::Skipped => {
                update.update_expression("REMOVE lot, lot_order, payload")
            }
            Standing::Held | Standing::Failed => update
                .update_expression("SET lot = :elsewhere")
                .expression_attribute_values(
                    ":elsewhere",
                    text(format!("{merchant}#{}", standing.as_str())),
                ),
        };
        carried_out(update.send().await).map(drop)
    }

    async fn note_waiting_told(
        &self,
        key: &TransactionKey,
        since: Timestamp,
    ) -> Result<(), StoreError> {
        // Whatever its state is: DynamoDB refuses a name that stands in no expression.
        let update = self
            .client
            .update_item()
            .table_name(&self.tables.ledger)
            .set_key(Some(item_key(key)))
            .update_expression("SET told = :since")
            .expression_attribute_values(":since", instant(since))
            .expression_attribute_values(":v", number(ROW_VERSION))
            .condition_expression(format!("since = :since AND {KNOWN}"));
        carried_out(update.send().await).map(drop)
    }

    async fn release(
        &self,
        merchant: &MerchantId,
        which: crate::store::Release<'_>,
        decided: Option<(&OperatorId, crate::store::Decision)>,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let decided = decided.map(|(by, what)| Decided {
            at: now,
            by: by.clone(),
            what,
        });
        self.decide_held(merchant, which, Fate::Again(decided.as_ref()), now)
            .await
    }

    async fn leave_out(
        &self,
        merchant: &MerchantId,
        which: crate::store::Release<'_>,
        why: &Reason,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        self.decide_held(merchant, which, Fate::LeaveOut(why), now)
            .await
    }

    async fn held(
        &self,
        merchant: &MerchantId,
        after: Option<&Place>,
        limit: usize,
    ) -> Result<Vec<(Place, Row)>, StoreError> {
        let after = after.map_or("", |place| place.order.as_str());
        self.listed_held(merchant, after, limit).await
    }

    async fn lot(&self, merchant: &MerchantId) -> Result<Option<Lot>, StoreError> {
        let wanted = vec![(self.tables.ledger.clone(), key(merchant.as_str(), "lot"))];
        let found = self.batch_get(wanted).await?;
        found.first().map(|(_, item)| lot(item)).transpose()
    }
}

impl DynamoDb {
    /// The places in one partition of the index `lot`, after a position.
    pub(super) async fn places_in(
        &self,
        merchant: &MerchantId,
        partition: &str,
        after: &str,
        limit: usize,
    ) -> Result<Vec<Result<Place, String>>, StoreError> {
        let query = self
            .client
            .query()
            .table_name(&self.tables.ledger)
            .index_name("lot")
            .key_condition_expression("lot = :lot AND lot_order > :after")
            .expression_attribute_values(":lot", text(partition))
            // A position begins with a year, so that anything comes after a space.
            .expression_attribute_values(":after", text(if after.is_empty() { " " } else { after }))
            .limit(i32::try_from(limit).unwrap_or(i32::MAX));
        let found = query.send().await.map_err(unavailable)?;
        let items = found.items.unwrap_or_default();
        let place = |item| {
            let (order, sk) = read_text(item, "lot_order").zip(read_text(item, "sk"))?;
            Some(match transaction_key(merchant, &sk) {
                Some(key) => Ok(Place { order, key }),
                None => Err(order),
            })
        };
        Ok(items.iter().filter_map(place).collect())
    }

    fn arm_if(&self, arming: &Arming<'_>, is_sooner: bool) -> UpdateItemFluentBuilder {
        let mut set = "SET armed_at = :now, v = :v".to_owned();
        let mut update = self
            .update_lot(arming.merchant)
            .expression_attribute_values(":now", instant(arming.now))
            .expression_attribute_values(":v", number(ROW_VERSION))
            .expression_attribute_values(":one", number(1))
            .return_values(ReturnValue::AllOld);
        if arming.open {
            set.push_str(", open_since = if_not_exists(open_since, :now)");
        }
        if let Some(rest_until) = arming.rest_until {
            set.push_str(", rest_until = :rest");
            update = update.expression_attribute_values(":rest", instant(rest_until));
        }
        let free = match is_sooner {
            false => "attribute_exists(due_at)",
            true => {
                set.push_str(", due_shard = :shard, due_at = :due");
                update = update
                    .expression_attribute_values(":due", instant(arming.due))
                    .expression_attribute_values(
                        ":shard",
                        text(shard_name(due_shard(arming.merchant))),
                    );
                "(attribute_not_exists(due_at) OR due_at > :due)"
            }
        };
        let freed = if arming.frees { ", freed :one" } else { "" };
        update
            .update_expression(format!("{set} ADD arm :one{freed}"))
            .condition_expression(format!("{free} AND {KNOWN}"))
    }

    fn update_lot(&self, merchant: &MerchantId) -> UpdateItemFluentBuilder {
        self.client
            .update_item()
            .table_name(&self.tables.ledger)
            .set_key(Some(key(merchant.as_str(), "lot")))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
    }
}

/// Whether a lot's row says that live work yields.
pub(super) fn is_open(item: &Item) -> bool {
    item.contains_key("open_since")
}

/// The transaction whose row has this sort key; none where the row is another.
#[must_use]
pub fn transaction_key(merchant: &MerchantId, sk: &str) -> Option<TransactionKey> {
    let (kind, id) = sk.split_once('#')?;
    let kind = [Kind::Payment, Kind::Refund]
        .into_iter()
        .find(|known| known.as_str() == kind)?;
    Some(TransactionKey {
        merchant: merchant.clone(),
        kind,
        id: id.to_owned(),
    })
}

pub(super) fn item_key(transaction: &TransactionKey) -> Item {
    key(transaction.merchant.as_str(), &sort_key(transaction))
}

fn shard_name(shard: u32) -> String {
    format!("lot#{shard}")
}

fn drained_at(lot: &Lot, now: Timestamp) -> bool {
    lot.drainer.as_ref().is_some_and(|(_, until)| *until >= now)
}

pub(super) fn lot(item: &Item) -> Result<Lot, StoreError> {
    known(item)?;
    Ok(Lot {
        arm: read_number(item, "arm").unwrap_or_default(),
        freed: read_number(item, "freed").unwrap_or_default(),
        armed_at: read_instant(item, "armed_at"),
        due: read_instant(item, "due_at"),
        open_since: read_instant(item, "open_since"),
        drainer: read_text(item, "drainer").zip(read_instant(item, "drain_until")),
        rest_until: read_instant(item, "rest_until"),
        rests: read_number(item, "rests").unwrap_or_default(),
        paused: read_text(item, "paused").and_then(|reason| serde_json::from_str(&reason).ok()),
        recorded: read_number(item, "recorded").unwrap_or_default(),
    })
}

/// The lot that refused a write, where there is one; any other error is the store's.
fn refused(error: SdkError<UpdateItemError>) -> Result<Option<Lot>, StoreError> {
    match error.as_service_error() {
        Some(UpdateItemError::ConditionalCheckFailedException(refusal)) => {
            let item = refusal.item().filter(|item| has_values(item));
            item.map(lot).transpose()
        }
        _ => Err(unavailable(error)),
    }
}

fn has_values(item: &Item) -> bool {
    item.values()
        .any(|value| !matches!(value, AttributeValue::Null(_)))
}
