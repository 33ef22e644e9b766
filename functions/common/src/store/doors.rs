//! Doors: whoever looks for a record under one address, or one name, goes through alone.
//!
//! A customer's link keeps two workers from looking for the same customer at once. Two customers of one address are two links
//! and one record, so they need a door of their own: the second finds what the first created, and is told of it as long as
//! no query may show it yet.

use std::future::Future;
use std::time::Duration;

use bookkeeping::ids::{CompanyCustomerId, MerchantId, RealmId};
use jiff::Timestamp;

use super::StoreError;

/// What a record is looked for under in one company.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Door {
    /// Whose customers.
    pub merchant: MerchantId,
    /// In which company.
    pub realm: RealmId,
    /// Hash of the address or name; nothing a person wrote.
    pub sought: String,
}

/// A claim on a door: for a while, by one worker.
#[derive(Clone, Copy, Debug)]
pub struct DoorClaim<'a> {
    /// The door.
    pub door: &'a Door,
    /// Fresh for each attempt.
    pub owner: &'a str,
    /// Now.
    pub now: Timestamp,
    /// How long the claim lasts.
    pub lease: Duration,
    /// How long after a dead claim's end its request may still be carried out.
    pub quiescence: Duration,
}

/// What became of a claim on a door.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DoorClaimed {
    /// Ours to go through.
    Ours {
        /// The record that was created behind it so lately that no query may show it yet.
        created: Option<Created>,
    },
    /// Somebody is inside, or died there not long ago.
    Busy,
}

/// A record that was created behind a door.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Created {
    /// The record.
    pub record: CompanyCustomerId,
    /// When a query shows it for certain.
    pub shows_at: Timestamp,
}

/// Doors, as remembered.
pub trait Doors {
    /// Claims a door, as a transaction is claimed: one that was not left is given to nobody before `lease + quiescence` have
    /// passed.
    fn claim_door(
        &self,
        claim: &DoorClaim<'_>,
    ) -> impl Future<Output = Result<DoorClaimed, StoreError>>;

    /// Leaves a door, where it is still theirs. Nothing stays of it but what was `created`, until a query shows it.
    fn leave_door(
        &self,
        door: &Door,
        owner: &str,
        created: Option<&Created>,
    ) -> impl Future<Output = Result<(), StoreError>>;
}
