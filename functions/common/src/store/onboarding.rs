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

/// What became of taking up a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TakenUp {
    /// It is the merchant's connection, and its company is bound to the merchant.
    Done,
    /// The company is another merchant's: nothing is changed.
    CompanyTaken,
    /// Another connection was taken up meanwhile: nothing is changed.
    Overtaken,
    /// The connection before was revised since it was read: nothing is changed. Read it anew.
    Revised,
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

    /// Takes up a connection in place of the one `before`, as that was read, or as the first, and binds its company to the
    /// merchant: both or neither. May be repeated: a connection of this very epoch is known as one's own, because no two
    /// consents share an epoch.
    fn take_up(
        &self,
        connection: &Connection,
        before: Option<&Connection>,
    ) -> impl Future<Output = Result<TakenUp, StoreError>>;

    /// Whose a company is.
    fn owner(
        &self,
        realm: &RealmId,
    ) -> impl Future<Output = Result<Option<MerchantId>, StoreError>>;

    /// Gives a company back, where it is this merchant's by this epoch or one before it. A later connecting to the same
    /// company keeps it.
    fn free_company(
        &self,
        realm: &RealmId,
        merchant: &MerchantId,
        epoch: u64,
    ) -> impl Future<Output = Result<(), StoreError>>;

    /// What is known of a merchant.
    fn merchant(
        &self,
        merchant: &MerchantId,
    ) -> impl Future<Output = Result<Option<MerchantProfile>, StoreError>>;

    /// Remembers a profile in place of the one it was made from. `false` where that was changed meanwhile: nothing is changed.
    fn learn_merchant(
        &self,
        profile: &MerchantProfile,
    ) -> impl Future<Output = Result<bool, StoreError>>;
}
