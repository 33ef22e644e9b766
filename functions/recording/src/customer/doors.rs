//! The doors to a customer's record: whoever looks for the same address, or without one for the same name, goes through alone.

use bookkeeping::customer::{FoundBy, name};
use bookkeeping::ids::CompanyCustomerId;
use bookkeeping::text;
use common::store::{Created, Door, DoorClaim, DoorClaimed, Doors as _, LinkClaim, StoreError};
use common::world::World;
use data_encoding::BASE32_NOPAD;
use sha2::{Digest, Sha256};

use super::Matter;
use super::search::Found;
use crate::Recorder;
use crate::look::CLOCKS_APART;

/// The doors of one customer.
pub(super) struct Doors {
    /// That of the address, or the name, which a new record gets.
    own: Door,
    /// One for each address, in the same order for everybody, so that no two stand in each other's way.
    all: Vec<Door>,
}

/// Who went through all of a customer's doors, and what was created behind each so lately that no query may show it yet.
pub(super) struct Inside<'a> {
    doors: &'a Doors,
    owner: &'a str,
    created: Vec<Option<Created>>,
}

impl Doors {
    pub(super) fn of(matter: &Matter<'_>) -> Self {
        let emails = matter.customer.email.as_deref().unwrap_or_default();
        let mut all: Vec<Door> = text::emails(emails)
            .map(|email| door(matter, &email.to_lowercase()))
            .collect();
        if all.is_empty() {
            all.push(door(matter, &name::folded(&name::plain(matter.customer))));
        }
        let own = all[0].clone();
        all.sort();
        all.dedup();
        Self { own, all }
    }

    /// Where its own door stands among all.
    pub(super) fn own_place(&self) -> Option<usize> {
        self.all.iter().position(|door| *door == self.own)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Door> {
        self.all.iter()
    }

    /// Goes through all of them, or through none where somebody is inside of one.
    ///
    /// If we stop half-way, nobody else looks for these addresses until what we create would show.
    pub(super) async fn enter<'a, W: World>(
        &'a self,
        recorder: &Recorder<W>,
        claim: &LinkClaim<'a>,
    ) -> Result<Option<Inside<'a>>, StoreError> {
        let store = recorder.world.store();
        let mut inside = Inside {
            doors: self,
            owner: claim.owner,
            created: Vec::new(),
        };
        for door in &self.all {
            let claim = DoorClaim {
                door,
                owner: claim.owner,
                now: claim.now,
                lease: claim.lease,
                quiescence: claim.quiescence,
            };
            match store.claim_door(&claim).await? {
                DoorClaimed::Ours { created } => inside.created.push(created),
                DoorClaimed::Busy => {
                    inside.leave(recorder, None).await?;
                    return Ok(None);
                }
            }
        }
        Ok(Some(inside))
    }
}

impl Inside<'_> {
    /// What was created lately, each once: what the doors tell of, and what this batch created itself.
    pub(super) fn lately<'s>(
        &'s self,
        by_us: impl Iterator<Item = &'s CompanyCustomerId>,
    ) -> Vec<&'s CompanyCustomerId> {
        let told = self.created.iter().flatten().map(|created| &created.record);
        let mut lately: Vec<&CompanyCustomerId> = Vec::new();
        for record in told.chain(by_us) {
            if !lately.contains(&record) {
                lately.push(record);
            }
        }
        lately
    }

    /// Leaves them. Whoever comes next through a new record's own door is told of it.
    pub(super) async fn leave<W: World>(
        self,
        recorder: &Recorder<W>,
        new: Option<&Created>,
    ) -> Result<(), StoreError> {
        let store = recorder.world.store();
        for (door, before) in self.doors.all.iter().zip(&self.created) {
            let new = new.filter(|_| *door == self.doors.own);
            store
                .leave_door(door, self.owner, new.or(before.as_ref()))
                .await?;
        }
        Ok(())
    }
}

/// What to tell of a record at its door: that it was created just now.
pub(super) fn created_now<W: World>(recorder: &Recorder<W>, found: &Found) -> Option<Created> {
    let world = &recorder.world;
    let is_new = found.found_by == FoundBy::Created && found.created_from.is_none();
    is_new.then(|| Created {
        record: found.record.id.clone(),
        // By any clock: whoever comes next may be ahead.
        shows_at: world.now() + world.timing().quiescence + CLOCKS_APART,
    })
}

/// Records of two currencies are never the same, so that each currency has a door of its own.
fn door(matter: &Matter<'_>, sought: &str) -> Door {
    let key = matter.key;
    let currency = matter.currency.to_string();
    let mut hash = Sha256::new();
    for part in [key.merchant.as_str(), key.realm.as_str(), &currency, sought] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    Door {
        merchant: key.merchant.clone(),
        realm: key.realm.clone(),
        sought: BASE32_NOPAD.encode(&hash.finalize()[..16]),
    }
}
