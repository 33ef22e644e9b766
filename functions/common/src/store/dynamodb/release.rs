//! Releasing: transactions that needed the operator go back into the lot, to be sent or to be told left out.

use std::collections::HashMap;

use bookkeeping::ids::MerchantId;
use bookkeeping::reason::{Reason, ReasonCode};
use bookkeeping::request_id::RequestId;
use bookkeeping::transaction::TransactionKey;
use futures::stream::{self, StreamExt, TryStreamExt};
use jiff::Timestamp;

use super::DynamoDb;
use super::item::{
    Item, KNOWN, ROW_VERSION, carried_out, instant, number, read_number, read_text, text,
};
use super::ledger::row;
use super::lot::{item_key, transaction_key};
use crate::store::activity::{Became, position};
use crate::store::lot::order;
use crate::store::{Arming, Decided, Lots, Place, Release, Row, Standing, StoreError};

/// How many held transactions are read at once.
const PAGE: usize = 100;

/// How many are written at once: a browser waits for the last.
const AT_ONCE: usize = 16;

/// What becomes of what was held.
#[derive(Clone, Copy, Debug)]
pub(super) enum Fate<'a> {
    /// It is drawn up anew and sent, by whose decision; what stands in the books with other figures is looked for.
    Again(Option<&'a Decided>),
    /// It is left out for good, and why.
    LeaveOut(&'a Reason),
}

impl DynamoDb {
    /// Decides what is held, page by page. Stopping half-way leaves the rest held.
    pub(super) async fn decide_held(
        &self,
        merchant: &MerchantId,
        which: Release<'_>,
        fate: Fate<'_>,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let arming = Arming::from_now(merchant, now);
        // First the lot, then the rows; again at the end, so that a drain that was quicker looks again, and one that paused the
        // lot before it could see them does not keep them waiting.
        self.arm(&arming).await?;
        self.resume(merchant).await?;
        let mut decided = 0;
        match which {
            Release::One(one) => {
                let one = std::slice::from_ref(one);
                decided += self.decide_of(merchant, one, which, fate, now).await?;
            }
            Release::These(these) => {
                for page in these.chunks(PAGE) {
                    decided += self.decide_of(merchant, page, which, fate, now).await?;
                }
            }
            Release::For(_) => {
                let mut after = String::new();
                loop {
                    let places = self.held_places(merchant, &after, PAGE).await?;
                    let Some(last) = places.last() else {
                        break;
                    };
                    order(last).clone_into(&mut after);
                    // What only a later version knows stays where it is.
                    let places = places.into_iter().flatten();
                    let keys: Vec<TransactionKey> = places.map(|place| place.key).collect();
                    decided += self.decide_of(merchant, &keys, which, fate, now).await?;
                }
            }
        }
        if decided > 0 {
            self.arm(&arming).await?;
            self.resume(merchant).await?;
        }
        Ok(decided)
    }

    /// Decides those of one page that are held for what is released; gives how many.
    async fn decide_of(
        &self,
        merchant: &MerchantId,
        keys: &[TransactionKey],
        which: Release<'_>,
        fate: Fate<'_>,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let mut wanted = Vec::new();
        for (key, item) in self.transactions(merchant, keys).await? {
            // What this version cannot read stays where it is.
            let Ok(stands) = row(&item) else {
                continue;
            };
            if stands.standing == Standing::Held && which.frees(&key, stands.reason.as_ref()) {
                wanted.push((key, item, stands));
            }
        }
        stream::iter(&wanted)
            .map(|(key, item, stands)| self.decide_one(key, item, stands, fate, now))
            .buffer_unordered(AT_ONCE)
            .try_fold(0, async |sum, done| Ok(sum + u64::from(done)))
            .await
    }

    /// What the index lists as held and is, with the rows as they stand now: the next that this version can read, so that none only where there
    /// is none.
    pub(super) async fn listed_held(
        &self,
        merchant: &MerchantId,
        after: &str,
        limit: usize,
    ) -> Result<Vec<(Place, Row)>, StoreError> {
        let mut after = after.to_owned();
        loop {
            let places = self.held_places(merchant, &after, limit).await?;
            let Some(last) = places.last() else {
                return Ok(Vec::new());
            };
            order(last).clone_into(&mut after);
            let places: Vec<Place> = places.into_iter().flatten().collect();
            let keys: Vec<TransactionKey> = places.iter().map(|place| place.key.clone()).collect();
            let rows: HashMap<TransactionKey, Item> = self
                .transactions(merchant, &keys)
                .await?
                .into_iter()
                .collect();
            let with_row = |place: Place| {
                let row = row(rows.get(&place.key)?).ok()?;
                (row.standing == Standing::Held).then_some((place, row))
            };
            let held: Vec<(Place, Row)> = places.into_iter().filter_map(with_row).collect();
            if !held.is_empty() {
                return Ok(held);
            }
        }
    }

    async fn held_places(
        &self,
        merchant: &MerchantId,
        after: &str,
        limit: usize,
    ) -> Result<Vec<Result<Place, String>>, StoreError> {
        let held = format!("{merchant}#{}", Standing::Held.as_str());
        self.places_in(merchant, &held, after, limit).await
    }

    /// The rows of a merchant's transactions, where there are any.
    async fn transactions(
        &self,
        merchant: &MerchantId,
        keys: &[TransactionKey],
    ) -> Result<Vec<(TransactionKey, Item)>, StoreError> {
        let table = &self.tables.ledger;
        let wanted = keys
            .iter()
            .map(|key| (table.clone(), item_key(key)))
            .collect();
        let found = self.batch_get(wanted).await?;
        let with_key = |(_, item): (String, Item)| {
            let key = transaction_key(merchant, &read_text(&item, "sk")?)?;
            Some((key, item))
        };
        Ok(found.into_iter().filter_map(with_key).collect())
    }

    /// Decides one held transaction; gives whether it was still held.
    async fn decide_one(
        &self,
        key: &TransactionKey,
        item: &Item,
        stands: &Row,
        fate: Fate<'_>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let (standing, why) = match fate {
            Fate::Again(_) if stands.is_recorded() => {
                (Standing::Ambiguous, Reason::new(ReasonCode::AnswerUnknown))
            }
            Fate::Again(_) => (Standing::Parked, Reason::new(ReasonCode::InLine)),
            Fate::LeaveOut(why) => (Standing::Skipped, why.clone()),
        };
        let told = serde_json::to_string(&why).map_err(|_| StoreError::unreadable("reason"))?;
        let mut set =
            "SET #state = :standing, reason = :reason, lot = :lot, since = :now".to_owned();
        let mut update = self
            .update(key)
            .expression_attribute_values(":standing", text(standing.as_str()))
            .expression_attribute_values(":held", text(Standing::Held.as_str()))
            .expression_attribute_values(":reason", text(told))
            .expression_attribute_values(":lot", text(key.merchant.as_str()))
            .expression_attribute_values(":now", instant(now))
            .expression_attribute_values(":v", number(ROW_VERSION))
            .condition_expression(format!("#state = :held AND {KNOWN}"));
        if let Some(listing) = &stands.listing {
            set.push_str(", listed = :listed");
            let position = position(key, listing, Became::Stopped(standing, Some(&why)));
            update = update.expression_attribute_values(":listed", text(position));
        }
        if let Fate::Again(Some(decided)) = fate
            && stands.notes(decided.what)
        {
            set.push_str(", decided = :decided");
            let decided =
                serde_json::to_string(decided).map_err(|_| StoreError::unreadable("decision"))?;
            update = update.expression_attribute_values(":decided", text(decided));
        }
        // What was asked before was answered, with a refusal or with other figures: what is asked now must not be answered
        // with the same.
        if let (Fate::Again(_), Some(_), Some(realm)) = (fate, &stands.request_id, &stands.realm) {
            let revision = read_number(item, "revision").unwrap_or(0_u32) + 1;
            let request_id = RequestId::for_receipt(realm, key, revision);
            set.push_str(", request_id = :request_id, revision = :revision");
            update = update
                .expression_attribute_values(":request_id", text(request_id.as_str()))
                .expression_attribute_values(":revision", number(revision));
        }
        let update = match standing {
            Standing::Ambiguous => update.update_expression(format!("{set}, due = :now")),
            _ => update.update_expression(format!("{set} REMOVE due, frozen")),
        };
        carried_out(update.send().await)
    }

    /// Ends a pause: something was mended.
    async fn resume(&self, merchant: &MerchantId) -> Result<(), StoreError> {
        let update = self
            .client
            .update_item()
            .table_name(&self.tables.ledger)
            .set_key(Some(super::item::key(merchant.as_str(), "lot")))
            .update_expression("REMOVE paused, rest_until")
            .expression_attribute_values(":v", number(ROW_VERSION))
            .condition_expression(format!("attribute_exists(paused) AND {KNOWN}"));
        carried_out(update.send().await).map(drop)
    }
}
