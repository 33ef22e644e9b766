//! Healths: what is remembered of how connections do, and when each is looked at next.
//!
//! One row a merchant, read whole and written whole under its revision.

use std::future::Future;

use bookkeeping::health::Health;
use bookkeeping::ids::MerchantId;
use bookkeeping::outage::Answers;
use jiff::Timestamp;

use super::StoreError;

/// The health of connections, as remembered.
pub trait Healths {
    /// What is known of a merchant's connection, as it stands now; nothing where it was never looked at.
    fn health(&self, merchant: &MerchantId) -> impl Future<Output = Result<Health, StoreError>>;

    /// Keeps what is known, and when it is to be looked at next; never, where that is none. Of any number of callers that
    /// read the same revision, one is told yes; the others read again.
    fn keep_health(
        &self,
        merchant: &MerchantId,
        health: &Health,
        due: Option<Timestamp>,
    ) -> impl Future<Output = Result<bool, StoreError>>;

    /// Has a merchant's connection looked at at once. Raises the revision, so that who looks at it already looks again.
    fn summon(
        &self,
        merchant: &MerchantId,
        now: Timestamp,
    ) -> impl Future<Output = Result<(), StoreError>>;

    /// The merchants of one shard whose connection is due to be looked at, the longest due first, at most so many;
    /// without a scan.
    fn due_healths(
        &self,
        shard: u32,
        now: Timestamp,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<MerchantId>, StoreError>>;

    /// Puts a look that is due off until then: whoever sends for it does this first, so that a crash makes it late and
    /// never lost. `false` where it is not due any more.
    fn put_off(
        &self,
        merchant: &MerchantId,
        now: Timestamp,
        until: Timestamp,
    ) -> impl Future<Output = Result<bool, StoreError>>;

    /// Adds what checks came to, over all merchants, to the count of this hour.
    fn count_answers(
        &self,
        answers: &Answers,
        now: Timestamp,
    ) -> impl Future<Output = Result<(), StoreError>>;

    /// What checks came to in this hour and the one before.
    fn answers(&self, now: Timestamp) -> impl Future<Output = Result<Answers, StoreError>>;
}

/// The hour that answers are counted under, in hours since 1970.
#[must_use]
pub fn hour(now: Timestamp) -> i64 {
    now.as_second().div_euclid(3600)
}
