//! Lots.

use std::time::Duration;

use bookkeeping::ids::{MerchantId, OperatorId};
use bookkeeping::reason::{Reason, ReasonCode};
use bookkeeping::request_id::RequestId;
use bookkeeping::transaction::TransactionKey;
use common::store::lot::due_shard;
use common::store::{
    Armed, Arming, Decided, Decision, HandOver, HandedOver, Lot, Lots, Place, Release, Row,
    Standing, StoreError, Taken, Unless, Waiting,
};
use jiff::Timestamp;

use crate::faults::Fault;
use crate::planted::Bug;

use super::ledger::partition;
use super::{Memory, Partition, Tables};

impl Lots for Memory {
    async fn arm(&self, arming: &Arming<'_>) -> Result<Armed, StoreError> {
        if self.tables.borrow().planted.has(Bug::ParkBeforeArm) {
            *self.arms_later.borrow_mut() = Some(ArmsLater::of(arming));
            return Ok(Armed::Unattended);
        }
        self.call("arm a lot", |tables| arm(tables, arming)).await
    }

    async fn due_lots(&self, shard: u32, now: Timestamp) -> Result<Vec<MerchantId>, StoreError> {
        let look = |tables: &mut Tables| {
            if tables.planted.has(Bug::NeverSwept) {
                return Vec::new();
            }
            let due = |(merchant, lot): (&MerchantId, &Lot)| {
                let is_due = lot.due.is_some_and(|due| due <= now) && due_shard(merchant) == shard;
                is_due.then(|| merchant.clone())
            };
            tables.lots.iter().filter_map(due).collect()
        };
        self.call("look for due lots", look).await
    }

    async fn take_lot(
        &self,
        merchant: &MerchantId,
        owner: &str,
        now: Timestamp,
        lease: Duration,
    ) -> Result<Taken, StoreError> {
        let take = |tables: &mut Tables| match tables.lots.get_mut(merchant) {
            None | Some(Lot { due: None, .. }) => Taken::Unarmed,
            Some(Lot {
                drainer: Some((other, until)),
                ..
            }) if other != owner && *until >= now => Taken::Busy,
            Some(lot) => {
                lot.drainer = Some((owner.to_owned(), now + lease));
                lot.due = Some(now + lease);
                Taken::Ours(lot.clone())
            }
        };
        self.call("take a lot", take).await
    }

    async fn keep_lot(
        &self,
        merchant: &MerchantId,
        owner: &str,
        now: Timestamp,
        lease: Duration,
        recorded: u64,
    ) -> Result<Option<Lot>, StoreError> {
        let keep = |tables: &mut Tables| {
            let lot = held_by(tables, merchant, owner)?;
            lot.drainer = Some((owner.to_owned(), now + lease));
            lot.due = Some(now + lease);
            lot.recorded += recorded;
            Some(lot.clone())
        };
        self.call("keep a lot", keep).await
    }

    async fn hand_over(
        &self,
        merchant: &MerchantId,
        owner: &str,
        next: &HandOver,
    ) -> Result<HandedOver, StoreError> {
        let hand_over = |tables: &mut Tables| {
            let is_careless = tables.planted.has(Bug::DisarmUnseen);
            let Some(lot) = held_by(tables, merchant, owner) else {
                return HandedOver::Lost;
            };
            let is_unseen = match next.unless {
                Unless::Never => false,
                Unless::Armed(seen) => seen != lot.arm,
                Unless::Freed(seen) => seen != lot.freed,
            };
            if is_unseen && !is_careless {
                return HandedOver::Armed;
            }
            lot.drainer = None;
            lot.due = next.due;
            lot.open_since = next.open_since;
            lot.rest_until = next.rest_until;
            lot.rests = next.rests;
            lot.paused.clone_from(&next.paused);
            if next.is_worked_off {
                lot.recorded = 0;
            }
            HandedOver::Done
        };
        self.call("hand a lot over", hand_over).await
    }

    async fn places(
        &self,
        merchant: &MerchantId,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Result<Place, String>>, StoreError> {
        let after = after.unwrap_or_default();
        let list = |tables: &mut Tables| {
            if tables.index.lags() {
                self.happened.note(Fault::IndexLags);
            }
            let listed = tables.index.listed(merchant, Partition::Lot, after, limit);
            let place = |(order, key)| Place { order, key };
            let known = listed.into_iter().map(place).collect();
            tables.later.among(known, merchant, after, limit)
        };
        self.call("list a lot", list).await
    }

    async fn waiting(&self, places: &[Place]) -> Result<Vec<Result<Waiting, Place>>, StoreError> {
        let read = |tables: &mut Tables| {
            let waiting = |place: &Place| {
                let stands = tables.ledger.get(&place.key)?;
                let (Partition::Lot, _) = stands.place.as_ref()? else {
                    return None;
                };
                if tables.later.rows.contains(&place.key) {
                    return Some(Err(place.clone()));
                }
                Some(Ok(Waiting {
                    place: place.clone(),
                    row: stands.row.clone(),
                    payload: stands.payload.clone(),
                }))
            };
            places.iter().filter_map(waiting).collect()
        };
        self.call("read what waits", read).await
    }

    async fn leave_lot(&self, key: &TransactionKey, standing: Standing) -> Result<(), StoreError> {
        let leave = |tables: &mut Tables| {
            let waits = matches!(
                standing,
                Standing::Claimed | Standing::Parked | Standing::Ambiguous
            );
            let is_as_told = tables
                .ledger
                .get(key)
                .is_some_and(|stands| stands.row.standing == standing);
            if waits || !is_as_told {
                return;
            }
            tables.change(key, "", |stands| {
                let elsewhere = partition(standing);
                if let Some((place @ Partition::Lot, _)) = &mut stands.place {
                    match elsewhere {
                        Some(elsewhere) => *place = elsewhere,
                        None => stands.place = None,
                    }
                }
            });
        };
        self.call("leave the lot", leave).await
    }

    async fn note_waiting_told(
        &self,
        key: &TransactionKey,
        since: Timestamp,
    ) -> Result<(), StoreError> {
        let note = |tables: &mut Tables| {
            let stands = tables.ledger.get(key);
            if stands.is_some_and(|stands| stands.row.since == Some(since)) {
                tables.change(key, "", |stands| stands.row.told = Some(since));
            }
        };
        self.call("note what was told", note).await
    }

    async fn release(
        &self,
        merchant: &MerchantId,
        which: Release<'_>,
        decided: Option<(&OperatorId, Decision)>,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let decided = decided.map(|(by, what)| Decided {
            at: now,
            by: by.clone(),
            what,
        });
        let again = |tables: &mut Tables, key: &TransactionKey| {
            release_one(tables, key, decided.as_ref(), now);
        };
        self.decide_held("release", merchant, which, now, again)
            .await
    }

    async fn leave_out(
        &self,
        merchant: &MerchantId,
        which: Release<'_>,
        why: &Reason,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let leave =
            |tables: &mut Tables, key: &TransactionKey| leave_one_out(tables, key, why, now);
        self.decide_held("leave out", merchant, which, now, leave)
            .await
    }

    async fn held(
        &self,
        merchant: &MerchantId,
        after: Option<&Place>,
        limit: usize,
    ) -> Result<Vec<(Place, Row)>, StoreError> {
        let after = after.map_or("", |place| place.order.as_str());
        let held = |tables: &mut Tables| {
            let mut after = after.to_owned();
            // What is listed and stands otherwise by now is left out; none only where there is none.
            loop {
                let listed = tables
                    .index
                    .listed(merchant, Partition::Held, &after, limit);
                let Some((last, _)) = listed.last() else {
                    return Vec::new();
                };
                after.clone_from(last);
                let with_row = |(order, key)| {
                    let row = tables.ledger.get(&key)?.row.clone();
                    (row.standing == Standing::Held).then_some((Place { order, key }, row))
                };
                let held: Vec<_> = listed.into_iter().filter_map(with_row).collect();
                if !held.is_empty() {
                    return held;
                }
            }
        };
        self.call("list what is held", held).await
    }

    async fn lot(&self, merchant: &MerchantId) -> Result<Option<Lot>, StoreError> {
        self.call("read a lot", |tables| tables.lots.get(merchant).cloned())
            .await
    }
}

/// Planted: an arming that is put off until its row is written.
pub(super) struct ArmsLater {
    merchant: MerchantId,
    due: Timestamp,
    open: bool,
    rest_until: Option<Timestamp>,
    frees: bool,
    now: Timestamp,
}

impl ArmsLater {
    fn of(arming: &Arming<'_>) -> Self {
        Self {
            merchant: arming.merchant.clone(),
            due: arming.due,
            open: arming.open,
            rest_until: arming.rest_until,
            frees: arming.frees,
            now: arming.now,
        }
    }
}

impl Memory {
    /// Carries out what was put off.
    pub(super) async fn arm_now(&self) -> Result<(), StoreError> {
        let Some(later) = self.arms_later.take() else {
            return Ok(());
        };
        let arming = Arming {
            merchant: &later.merchant,
            due: later.due,
            open: later.open,
            rest_until: later.rest_until,
            frees: later.frees,
            now: later.now,
        };
        let arm = |tables: &mut Tables| arm(tables, &arming);
        self.call("arm a lot", arm).await.map(|_| ())
    }
}

fn arm(tables: &mut Tables, arming: &Arming<'_>) -> Armed {
    let lot = tables.lots.entry(arming.merchant.clone()).or_default();
    let is_drained = lot
        .drainer
        .as_ref()
        .is_some_and(|(_, until)| *until >= arming.now);
    let is_sooner = lot.due.is_none_or(|due| due > arming.due);
    lot.arm += 1;
    lot.freed += u64::from(arming.frees);
    lot.armed_at = Some(arming.now);
    if arming.open {
        lot.open_since.get_or_insert(arming.now);
    }
    if arming.rest_until.is_some() {
        lot.rest_until = arming.rest_until;
    }
    if is_sooner {
        lot.due = Some(arming.due);
    }
    match is_sooner && !is_drained {
        true => Armed::Unattended,
        false => Armed::Awaited,
    }
}

impl Memory {
    /// Decides what is held of a merchant, page by page; gives how many there were.
    async fn decide_held(
        &self,
        what: &'static str,
        merchant: &MerchantId,
        which: Release<'_>,
        now: Timestamp,
        decide: impl Fn(&mut Tables, &TransactionKey),
    ) -> Result<u64, StoreError> {
        let (mut decided, mut after) = (0, String::new());
        loop {
            let page =
                |tables: &mut Tables| decide_page(tables, merchant, which, &after, now, &decide);
            let (count, last) = self.call(what, page).await?;
            decided += count;
            match last {
                Some(last) => after = last,
                None => return Ok(decided),
            }
        }
    }
}

/// How many held transactions are decided at once.
const PAGE: usize = 100;

/// Decides a page of what is held; gives how many there were, and the last of those listed where there may be more.
fn decide_page(
    tables: &mut Tables,
    merchant: &MerchantId,
    which: Release<'_>,
    after: &str,
    now: Timestamp,
    decide: impl Fn(&mut Tables, &TransactionKey),
) -> (u64, Option<String>) {
    let mut last = None;
    let asked: Vec<TransactionKey> = match which {
        Release::One(one) => vec![one.clone()],
        Release::These(these) => these.to_vec(),
        // What is still in a drain's hands is not listed.
        Release::For(_) => {
            let listed = tables.index.listed(merchant, Partition::Held, after, PAGE);
            last = listed.get(PAGE - 1).map(|(order, _)| order.clone());
            listed.into_iter().map(|(_, key)| key).collect()
        }
    };
    let is_meant = |key: &&TransactionKey| {
        tables.ledger.get(*key).is_some_and(|stands| {
            key.merchant == *merchant
                && stands.row.standing == Standing::Held
                && which.frees(key, stands.row.reason.as_ref())
        })
    };
    let held: Vec<TransactionKey> = asked.iter().filter(is_meant).cloned().collect();
    // With the first page and after the last.
    if after.is_empty() || last.is_none() {
        arm(tables, &Arming::from_now(merchant, now));
        let paused = tables.lots.get_mut(merchant);
        if let Some(lot) = paused.filter(|lot| lot.paused.is_some()) {
            lot.paused = None;
            lot.rest_until = None;
        }
    }
    for key in &held {
        decide(tables, key);
    }
    (held.len() as u64, last)
}

fn leave_one_out(tables: &mut Tables, key: &TransactionKey, why: &Reason, now: Timestamp) {
    tables.change(key, "", |stands| {
        stands.row.standing = Standing::Skipped;
        stands.row.reason = Some(why.clone());
        stands.row.since = Some(now);
        if let Some((place, _)) = &mut stands.place {
            *place = Partition::Lot;
        }
    });
}

fn release_one(
    tables: &mut Tables,
    key: &TransactionKey,
    decided: Option<&Decided>,
    now: Timestamp,
) {
    tables.change(key, "", |stands| {
        let row = &mut stands.row;
        row.since = Some(now);
        if let Some(decided) = decided.filter(|decided| row.notes(decided.what)) {
            row.decided = Some(decided.clone());
        }
        if row.is_recorded() {
            row.standing = Standing::Ambiguous;
            row.reason = Some(Reason::new(ReasonCode::AnswerUnknown));
            row.due = Some(now);
        } else {
            row.standing = Standing::Parked;
            row.reason = Some(Reason::new(ReasonCode::InLine));
            row.due = None;
            row.frozen = None;
        }
        if let Some((place, _)) = &mut stands.place {
            *place = Partition::Lot;
        }
        if let (Some(request_id), Some(realm)) = (&mut stands.row.request_id, &stands.row.realm) {
            stands.revision += 1;
            let renewed = RequestId::for_receipt(realm, key, stands.revision);
            *request_id = renewed.as_str().to_owned();
        }
    });
}

fn held_by<'a>(tables: &'a mut Tables, merchant: &MerchantId, owner: &str) -> Option<&'a mut Lot> {
    let lot = tables.lots.get_mut(merchant)?;
    let is_theirs = lot.drainer.as_ref().is_some_and(|(by, _)| by == owner);
    is_theirs.then_some(lot)
}
