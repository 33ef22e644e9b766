//! Customer links: which record in the company each of the merchant's customers is.

use std::future::Future;
use std::time::Duration;

use bookkeeping::customer::FoundBy;
use bookkeeping::ids::{CompanyCustomerId, CustomerId, MerchantId, RealmId};
use jiff::Timestamp;

use super::StoreError;

/// The key of a customer link: one customer in one company.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LinkKey {
    /// Whose customer.
    pub merchant: MerchantId,
    /// Linked in which company.
    pub realm: RealmId,
    /// MioCommerce's customer.
    pub customer: CustomerId,
}

/// A customer's link to a record in the company.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The record.
    pub record: CompanyCustomerId,
    /// How it was found.
    pub found_by: FoundBy,
}

/// What became of a claim on a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkClaimed {
    /// Ours to resolve.
    Ours,
    /// Somebody linked it meanwhile.
    Linked(Link),
    /// Somebody is at it, or died at it not long ago.
    Busy,
}

/// Customer links, as remembered.
pub trait Links {
    /// Reads customer links in one batched read; in the order asked.
    fn links(
        &self,
        keys: &[LinkKey],
    ) -> impl Future<Output = Result<Vec<Option<Link>>, StoreError>>;

    /// Claims a customer without a link, as a transaction is claimed.
    fn claim_link(
        &self,
        key: &LinkKey,
        owner: &str,
        now: Timestamp,
        lease: Duration,
        quiescence: Duration,
    ) -> impl Future<Output = Result<LinkClaimed, StoreError>>;

    /// Records a link. The first one stands.
    fn link(
        &self,
        key: &LinkKey,
        link: &Link,
        now: Timestamp,
    ) -> impl Future<Output = Result<Link, StoreError>>;

    /// Gives a claimed link back, where nothing was created.
    fn release_link(
        &self,
        key: &LinkKey,
        owner: &str,
    ) -> impl Future<Output = Result<(), StoreError>>;
}
