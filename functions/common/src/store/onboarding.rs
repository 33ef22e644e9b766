//! Onboarding: what connecting remembers. One-time ids, who owns a company, what is known of a merchant.

use std::future::Future;

use bookkeeping::connection::Connection;
use bookkeeping::ids::{MerchantId, RealmId};
use bookkeeping::merchant::MerchantProfile;
use jiff::Timestamp;

use super::StoreError;

/// An attempt to connect: from the button to Intuit's callback.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// For which merchant.
    pub merchant: MerchantId,
    /// The browser session it belongs to, hashed.
    pub binding: String,
    /// The company that may take another's place, where the operator said so.
    pub fresh_start: Option<RealmId>,
    /// When it is over.
    pub expires_at: Timestamp,
}

/// What connecting remembers.
pub trait Onboarding {
    /// Notes that a launch token was used. `false` where it was used before.
    fn use_launch(
        &self,
        id: &str,
        until: Timestamp,
    ) -> impl Future<Output = Result<bool, StoreError>>;

    /// Remembers an attempt under the hash of its state.
    fn begin_attempt(
        &self,
        state_hash: &str,
        attempt: &Attempt,
    ) -> impl Future<Output = Result<(), StoreError>>;

    /// Takes an attempt, once: only for its own browser and merchant, and only in its time. `None` changes nothing.
    fn take_attempt(
        &self,
        state_hash: &str,
        binding: &str,
        merchant: &MerchantId,
        now: Timestamp,
    ) -> impl Future<Output = Result<Option<Attempt>, StoreError>>;

    /// Takes up a connection in place of the one of epoch `before`, or as the first. `false` where another was taken up
    /// meanwhile: nothing is changed.
    fn take_up(
        &self,
        connection: &Connection,
        before: Option<u64>,
    ) -> impl Future<Output = Result<bool, StoreError>>;

    /// Binds a company to a merchant. `false` where it is another merchant's. May be repeated.
    fn bind_company(
        &self,
        realm: &RealmId,
        merchant: &MerchantId,
    ) -> impl Future<Output = Result<bool, StoreError>>;

    /// Whose a company is.
    fn owner(
        &self,
        realm: &RealmId,
    ) -> impl Future<Output = Result<Option<MerchantId>, StoreError>>;

    /// Gives a company back, where it is this merchant's.
    fn free_company(
        &self,
        realm: &RealmId,
        merchant: &MerchantId,
    ) -> impl Future<Output = Result<(), StoreError>>;

    /// What is known of a merchant.
    fn merchant(
        &self,
        merchant: &MerchantId,
    ) -> impl Future<Output = Result<Option<MerchantProfile>, StoreError>>;

    /// Remembers a profile. `false` where a newer one is known: nothing is changed.
    fn learn_merchant(
        &self,
        profile: &MerchantProfile,
    ) -> impl Future<Output = Result<bool, StoreError>>;
}
