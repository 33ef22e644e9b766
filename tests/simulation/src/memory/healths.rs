//! The health of connections.

use std::collections::{BTreeMap, BTreeSet};

use bookkeeping::health::Health;
use bookkeeping::ids::MerchantId;
use bookkeeping::outage::Answers;
use common::store::healths::hour;
use common::store::lot::due_shard;
use common::store::{Healths, StoreError};
use jiff::Timestamp;

use crate::planted::Bug;

use super::{Memory, Tables};

/// Every merchant's health, and when each is due.
#[derive(Default)]
pub struct HealthTable {
    rows: BTreeMap<MerchantId, (Health, Option<Timestamp>)>,
    due: BTreeSet<(u32, Timestamp, MerchantId)>,
    /// What checks came to, by the hour.
    pub hours: BTreeMap<i64, Answers>,
}

impl HealthTable {
    /// A merchant's health, and when it is due.
    #[must_use]
    pub fn of(&self, merchant: &MerchantId) -> (Health, Option<Timestamp>) {
        self.rows.get(merchant).cloned().unwrap_or_default()
    }

    /// When anything is due next.
    #[must_use]
    pub fn next_due(&self) -> Option<Timestamp> {
        self.due.iter().map(|(_, at, _)| *at).min()
    }

    /// Puts a row there as it is, to see what becomes of it.
    pub fn plant(&mut self, merchant: &MerchantId, health: Health, due: Timestamp) {
        self.put(merchant, health, Some(due));
    }

    fn put(&mut self, merchant: &MerchantId, health: Health, due: Option<Timestamp>) {
        let shard = due_shard(merchant);
        let before = self.rows.insert(merchant.clone(), (health, due));
        if let Some((_, Some(at))) = before {
            self.due.remove(&(shard, at, merchant.clone()));
        }
        if let Some(at) = due {
            self.due.insert((shard, at, merchant.clone()));
        }
    }
}

impl Healths for Memory {
    async fn health(&self, merchant: &MerchantId) -> Result<Health, StoreError> {
        let read = |tables: &mut Tables| tables.healths.of(merchant).0;
        self.call("read a health", read).await
    }

    async fn keep_health(
        &self,
        merchant: &MerchantId,
        health: &Health,
        due: Option<Timestamp>,
    ) -> Result<bool, StoreError> {
        let keep = |tables: &mut Tables| {
            let (stood, _) = tables.healths.of(merchant);
            let stands = stood.revision;
            if stands != health.revision && !tables.planted.has(Bug::StepForAll) {
                return false;
            }
            let mut health = health.clone();
            let is_step = stood.incidents.len() == health.incidents.len();
            if is_step && tables.planted.has(Bug::StepNotRecorded) {
                health.incidents = stood.incidents;
            }
            health.revision = stands + 1;
            tables.healths.put(merchant, health, due);
            true
        };
        self.call("keep a health", keep).await
    }

    async fn summon(&self, merchant: &MerchantId, now: Timestamp) -> Result<(), StoreError> {
        let summon = |tables: &mut Tables| {
            let (mut health, _) = tables.healths.of(merchant);
            health.revision += 1;
            tables.healths.put(merchant, health, Some(now));
        };
        self.call("summon", summon).await
    }

    async fn due_healths(
        &self,
        shard: u32,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<MerchantId>, StoreError> {
        let look = |tables: &mut Tables| {
            // No id comes before this one.
            let first = MerchantId::parse("!").expect("an id");
            let due = tables.healths.due.range((shard, Timestamp::MIN, first)..);
            due.take_while(|(of, at, _)| *of == shard && *at <= now)
                .take(limit)
                .map(|(.., merchant)| merchant.clone())
                .collect()
        };
        self.call("look for due healths", look).await
    }

    async fn put_off(
        &self,
        merchant: &MerchantId,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<bool, StoreError> {
        let put_off = |tables: &mut Tables| match tables.healths.of(merchant) {
            (health, Some(due)) if due <= now => {
                tables.healths.put(merchant, health, Some(until));
                true
            }
            _ => false,
        };
        self.call("put a look off", put_off).await
    }

    async fn count_answers(&self, answers: &Answers, now: Timestamp) -> Result<(), StoreError> {
        let count = |tables: &mut Tables| {
            *tables.healths.hours.entry(hour(now)).or_default() += *answers;
        };
        self.call("count answers", count).await
    }

    async fn answers(&self, now: Timestamp) -> Result<Answers, StoreError> {
        let read = |tables: &mut Tables| {
            let mut sum = Answers::default();
            for at in [hour(now), hour(now) - 1] {
                sum += tables.healths.hours.get(&at).copied().unwrap_or_default();
            }
            sum
        };
        self.call("read answers", read).await
    }
}
