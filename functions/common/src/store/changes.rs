//! Changes of linked customers' profiles: carried out one at a time, and what of them waits.

use std::future::Future;

use bookkeeping::customer::change::Unwritten;
use bookkeeping::customer::{Cleaned, Field, Version};
use bookkeeping::ids::{CustomerId, MerchantId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Link, LinkClaim, LinkKey, StoreError};

/// A change of the profile, as it was carried out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkChange {
    /// The message it was carried out for.
    pub by: String,
    /// The fields that were written.
    pub written: Vec<Field>,
    /// The fields that were not, and why.
    pub unwritten: Vec<(Field, Unwritten)>,
    /// What was cleaned.
    pub cleaned: Vec<Cleaned>,
}

/// A changed profile that waits: for QuickBooks, or for the first payment of a customer who never paid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParkedChange {
    /// Whose profile.
    pub customer: CustomerId,
    /// Its version.
    pub version: Version,
    /// The message, sealed.
    pub payload: Vec<u8>,
    /// Until when it waits for a first payment; none where it waits for QuickBooks, however long.
    pub until: Option<Timestamp>,
}

/// What became of a claim on changing a link's profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChangeClaimed {
    /// Ours to carry out.
    Ours {
        /// How the link stands.
        link: Box<Link>,
        /// What earlier claims asked for whose outcome nobody knows, sealed: it may stand in the record.
        asked: Vec<Vec<u8>>,
    },
    /// This version, or a newer one, was carried out already.
    Done(Box<Link>),
    /// Somebody is at it, or died at it not long ago.
    Busy,
    /// It is not linked any more.
    NotLinked,
}

/// What became of recording a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Saved {
    /// Recorded; the link as it stands now.
    Done(Box<Link>),
    /// Not recorded; the link as it stands, where there is one.
    Refused(Option<Box<Link>>),
}

/// Changes of profiles, as remembered.
pub trait Changes {
    /// Claims a change of a linked customer's profile: to a newer version, with what it asks for, sealed; or to none where an
    /// overwrite is put back. No quiescence: a late write carries an old SyncToken, which QuickBooks refuses.
    fn claim_change(
        &self,
        claim: &LinkClaim<'_>,
        to: Option<(&Version, &[u8])>,
    ) -> impl Future<Output = Result<ChangeClaimed, StoreError>>;

    /// Records what became of a change: by its owner while the claim is still theirs, or without a claim where nobody has
    /// one and the link stands as it was read.
    fn save_change(
        &self,
        key: &LinkKey,
        owner: Option<&str>,
        link: &Link,
        now: Timestamp,
    ) -> impl Future<Output = Result<Saved, StoreError>>;

    /// Parks a changed profile, of each customer the newest alone: until QuickBooks takes it, or the customer pays for the
    /// first time.
    fn park_change(
        &self,
        merchant: &MerchantId,
        change: &ParkedChange,
    ) -> impl Future<Output = Result<(), StoreError>>;

    /// Changed profiles that wait for QuickBooks, in the order of their customers' ids, after an id and at most so many. One that only a
    /// later version knows comes as what stands in the id's place.
    fn parked_changes(
        &self,
        merchant: &MerchantId,
        after: Option<&str>,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<Result<ParkedChange, String>>, StoreError>>;

    /// What waits of this customer: for a first payment, and for QuickBooks. The first may outlast its time by some days.
    fn changes_of(
        &self,
        merchant: &MerchantId,
        customer: &CustomerId,
    ) -> impl Future<Output = Result<Vec<ParkedChange>, StoreError>>;

    /// Lets what waits for a first payment wait for QuickBooks instead, as it is kept: it need not be readable. Nothing happens
    /// where it waits for QuickBooks already. If we stop half-way it waits for both, and asked again it is done.
    fn wait_for_quickbooks(
        &self,
        merchant: &MerchantId,
        change: &ParkedChange,
    ) -> impl Future<Output = Result<(), StoreError>>;

    /// Forgets a parked change that was carried out, unless a newer one was parked since.
    fn unpark_change(
        &self,
        merchant: &MerchantId,
        change: &ParkedChange,
    ) -> impl Future<Output = Result<(), StoreError>>;

    /// Forgets whatever waits for a customer who is erased.
    fn erase_parked(
        &self,
        merchant: &MerchantId,
        customer: &CustomerId,
    ) -> impl Future<Output = Result<(), StoreError>>;
}
