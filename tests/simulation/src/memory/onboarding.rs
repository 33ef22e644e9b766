//! Onboarding: one-time ids, owners of companies, profiles of merchants.

use bookkeeping::connection::Connection;
use bookkeeping::ids::{MerchantId, RealmId};
use bookkeeping::merchant::MerchantProfile;
use common::store::{Attempt, Onboarding, StoreError, TakenUp};
use jiff::Timestamp;

use super::{Memory, Tables};

impl Onboarding for Memory {
    async fn use_launch(&self, id: &str, _: Timestamp) -> Result<bool, StoreError> {
        let id = id.to_owned();
        self.call("use a launch", |tables| tables.launches.insert(id))
            .await
    }

    async fn begin_attempt(&self, state_hash: &str, attempt: &Attempt) -> Result<(), StoreError> {
        let entry = (state_hash.to_owned(), attempt.clone());
        self.call("begin an attempt", |tables| {
            tables.attempts.insert(entry.0, entry.1)
        })
        .await?;
        Ok(())
    }

    async fn take_attempt(
        &self,
        state_hash: &str,
        binding: &str,
        merchant: &MerchantId,
        now: Timestamp,
    ) -> Result<Option<Attempt>, StoreError> {
        let take = |tables: &mut Tables| {
            let attempt = tables.attempts.get(state_hash)?;
            let is_theirs = attempt.binding == binding
                && attempt.merchant == *merchant
                && attempt.expires_at > now;
            match is_theirs {
                true => tables.attempts.remove(state_hash),
                false => None,
            }
        };
        self.call("take an attempt", take).await
    }

    async fn take_up(
        &self,
        connection: &Connection,
        before: Option<&Connection>,
    ) -> Result<TakenUp, StoreError> {
        let (merchant, epoch) = (&connection.merchant, connection.epoch);
        let once = |tables: &mut Tables| {
            let present = tables.connections.get(merchant);
            let as_read = |one: &Connection| (one.epoch, one.revision);
            let (present, seen) = (present.map(as_read), before.map(as_read));
            if present.is_some_and(|present| present.0 == epoch) {
                return TakenUp::Done;
            }
            if present.map(|present| present.0) != seen.map(|seen| seen.0) {
                return TakenUp::Overtaken;
            }
            let realm = &connection.company.realm;
            let owner = tables.owners.get(realm);
            if owner.is_some_and(|(owner, _)| owner != merchant) {
                return TakenUp::CompanyTaken;
            }
            if present != seen {
                return TakenUp::Revised;
            }
            let owner = (merchant.clone(), epoch);
            tables.owners.insert(realm.clone(), owner);
            let taken = connection.clone();
            tables.connections.insert(merchant.clone(), taken);
            TakenUp::Done
        };
        let take_up = |tables: &mut Tables| {
            if tables.repeats {
                once(tables);
            }
            once(tables)
        };
        self.call("take up a connection", take_up).await
    }

    async fn owner(&self, realm: &RealmId) -> Result<Option<MerchantId>, StoreError> {
        let read = |tables: &mut Tables| {
            let owner = tables.owners.get(realm);
            owner.map(|(merchant, _)| merchant.clone())
        };
        self.call("read an owner", read).await
    }

    async fn free_company(
        &self,
        realm: &RealmId,
        merchant: &MerchantId,
        epoch: u64,
    ) -> Result<(), StoreError> {
        let free = |tables: &mut Tables| {
            let owner = tables.owners.get(realm);
            if owner.is_some_and(|(owner, by)| owner == merchant && *by <= epoch) {
                tables.owners.remove(realm);
            }
        };
        self.call("free a company", free).await
    }

    async fn merchant(&self, merchant: &MerchantId) -> Result<Option<MerchantProfile>, StoreError> {
        self.call("read a merchant", |tables| {
            tables.merchants.get(merchant).cloned()
        })
        .await
    }

    async fn learn_merchant(&self, profile: &MerchantProfile) -> Result<bool, StoreError> {
        let learn = |tables: &mut Tables| {
            let known = tables.merchants.get(&profile.merchant);
            if known.map_or(0, |known| known.revision) != profile.revision {
                return false;
            }
            let written = MerchantProfile {
                revision: profile.revision + 1,
                ..profile.clone()
            };
            tables.merchants.insert(profile.merchant.clone(), written);
            true
        };
        self.call("learn a merchant", learn).await
    }
}
