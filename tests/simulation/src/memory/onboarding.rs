//! Onboarding: one-time ids, owners of companies, profiles of merchants.

use bookkeeping::connection::Connection;
use bookkeeping::ids::{MerchantId, RealmId};
use bookkeeping::merchant::MerchantProfile;
use common::store::{Attempt, Onboarding, StoreError};
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
        before: Option<u64>,
    ) -> Result<bool, StoreError> {
        let take_up = |tables: &mut Tables| {
            let present = tables.connections.get(&connection.merchant);
            if present.map(|present| present.epoch) != before {
                return false;
            }
            tables
                .connections
                .insert(connection.merchant.clone(), connection.clone());
            true
        };
        self.call("take up a connection", take_up).await
    }

    async fn bind_company(
        &self,
        realm: &RealmId,
        merchant: &MerchantId,
    ) -> Result<bool, StoreError> {
        let bind = |tables: &mut Tables| {
            let owner = tables
                .owners
                .entry(realm.clone())
                .or_insert_with(|| merchant.clone());
            *owner == *merchant
        };
        self.call("bind a company", bind).await
    }

    async fn owner(&self, realm: &RealmId) -> Result<Option<MerchantId>, StoreError> {
        self.call("read an owner", |tables| tables.owners.get(realm).cloned())
            .await
    }

    async fn free_company(&self, realm: &RealmId, merchant: &MerchantId) -> Result<(), StoreError> {
        let free = |tables: &mut Tables| {
            if tables.owners.get(realm) == Some(merchant) {
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
            if known.is_some_and(|known| known.as_of > profile.as_of) {
                return false;
            }
            tables
                .merchants
                .insert(profile.merchant.clone(), profile.clone());
            true
        };
        self.call("learn a merchant", learn).await
    }
}
