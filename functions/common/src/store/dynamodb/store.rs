//! The promises of [`Store`], each kept by one file beside this one.

use std::time::Duration;

use bookkeeping::ids::{MerchantId, SyncToken};
use bookkeeping::outcome::Synced;
use bookkeeping::transaction::TransactionKey;
use jiff::Timestamp;

use super::DynamoDb;
use crate::store::{
    Claim, Claimed, KeptMessage, Link, LinkClaimed, LinkKey, Opening, Settlement, Store,
    StoreError, Written,
};

impl Store for DynamoDb {
    async fn openings(&self, merchants: &[MerchantId]) -> Result<Vec<Opening>, StoreError> {
        self.read_openings(merchants).await
    }

    async fn links(&self, keys: &[LinkKey]) -> Result<Vec<Option<Link>>, StoreError> {
        self.read_links(keys).await
    }

    async fn claim(&self, claim: &Claim<'_>) -> Result<Claimed, StoreError> {
        self.claim_row(claim).await
    }

    async fn complete(
        &self,
        key: &TransactionKey,
        synced: &Synced,
        version: &SyncToken,
    ) -> Result<Written, StoreError> {
        self.complete_row(key, synced, version).await
    }

    async fn settle(&self, settlement: &Settlement<'_>) -> Result<Written, StoreError> {
        self.settle_row(settlement).await
    }

    async fn keep_message(&self, message: &KeptMessage<'_>) -> Result<(), StoreError> {
        self.put_message(message).await
    }

    async fn claim_link(
        &self,
        key: &LinkKey,
        owner: &str,
        now: Timestamp,
        lease: Duration,
        quiescence: Duration,
    ) -> Result<LinkClaimed, StoreError> {
        self.claim_link_row(key, owner, now, lease, quiescence)
            .await
    }

    async fn link(&self, key: &LinkKey, link: &Link, now: Timestamp) -> Result<Link, StoreError> {
        self.put_link(key, link, now).await
    }

    async fn release_link(&self, key: &LinkKey, owner: &str) -> Result<(), StoreError> {
        self.delete_claimed_link(key, owner).await
    }
}
