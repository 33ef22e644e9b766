//! Some fields of a customer's record, written once: after a look where the record was changed since it was last seen.

use std::mem;

use bookkeeping::customer::change::{self, Changes, Unwritten};
use bookkeeping::customer::{Baseline, CompanyCustomer, Field, Fingerprints, Profile};
use bookkeeping::ids::{CompanyCustomerId, SyncToken};
use bookkeeping::request_id::RequestId;
use common::access::Access;
use common::store::{ChangeClaimed, Changes as _, Link, LinkKey, Links as _, StoreError};
use common::world::World;
use quickbooks::{Fault, FaultClass};

use super::link_claim;
use crate::Recorder;
use crate::fresh::name;
use crate::send::client;
use crate::stop::Again;

/// What became of a written profile.
pub(super) struct Done {
    pub(super) written: Vec<Field>,
    pub(super) unwritten: Vec<(Field, Unwritten)>,
    pub(super) sync_token: SyncToken,
}

/// Why nothing was written.
pub(super) enum NotDone {
    /// The record is gone or inactive.
    Gone,
    /// The record could not be read.
    Unread(Fault),
    /// It could not be written, or nobody knows whether it was.
    Fault(Fault),
    /// Somebody else took the change over, or nobody can say: the claim is not ours any more.
    Overtaken(Again),
}

/// Under which claim a record is written.
#[derive(Clone, Copy)]
pub(super) struct Claimed<'a> {
    pub(super) key: &'a LinkKey,
    pub(super) owner: &'a str,
    /// The link, as it was claimed.
    pub(super) link: &'a Link,
}

/// The writing of some fields of a record.
pub(super) struct Writing<'a, W> {
    recorder: &'a Recorder<W>,
    access: &'a Access,
    claimed: Claimed<'a>,
    record: &'a CompanyCustomerId,
    sync_token: Option<SyncToken>,
    changes: Changes,
    unsure: Unsure,
    unwritten: Vec<(Field, Unwritten)>,
}

/// Changes that may have been carried out although their answers were lost, and what tells.
#[derive(Default)]
pub(super) struct Unsure {
    pub(super) attempts: Vec<Profile>,
    pub(super) before: Fingerprints,
    pub(super) profile: Profile,
    pub(super) salt: String,
}

impl<'a, W: World> Writing<'a, W> {
    pub(super) fn new(
        recorder: &'a Recorder<W>,
        access: &'a Access,
        claimed: Claimed<'a>,
        changes: Changes,
    ) -> Self {
        let link = claimed.link;
        Self {
            recorder,
            access,
            claimed,
            record: &link.record,
            sync_token: link.facts.sync_token.clone(),
            changes,
            unsure: Unsure::default(),
            unwritten: Vec::new(),
        }
    }

    /// The same, where changes before it may have been carried out.
    pub(super) fn after(self, unsure: Unsure) -> Self {
        Self { unsure, ..self }
    }

    /// Writes, after a look where the record was changed since it was last seen. What stood in the fields goes into the
    /// baseline.
    pub(super) async fn carry_out(mut self, baseline: &mut Baseline) -> Result<Done, NotDone> {
        let mut asked: Vec<Field> = self.changes.keys().copied().collect();
        let mut found = None;
        // A stale SyncToken tells of a change that was carried out; where nothing is written, only a look does.
        let is_unsure = self.changes.is_empty() && !self.unsure.attempts.is_empty();
        if self.sync_token.is_none() || is_unsure {
            found = Some(self.look(&mut asked, baseline).await?);
        }
        loop {
            let Some(sync_token) = self.sync_token.clone() else {
                return Err(NotDone::Gone);
            };
            if self.changes.is_empty() {
                return Ok(self.done(asked, sync_token));
            }
            if found.is_some() {
                self.is_ours().await?;
            }
            match self.send(&sync_token).await {
                Ok(answer) => {
                    let refused = change::not_taken(&self.changes, &answer.profile);
                    let found = found.as_ref().map(|found: &CompanyCustomer| &found.profile);
                    baseline.overwritten(&self.changes, found, answer.profile);
                    self.give_up(refused, Unwritten::Refused);
                    return match answer.active {
                        true => Ok(self.done(asked, answer.sync_token)),
                        false => Err(NotDone::Gone),
                    };
                }
                // Changed by hand, or by an attempt of ours whose answer was lost: what is there already is not written.
                Err(fault) if fault.class == FaultClass::Stale && found.is_none() => {
                    found = Some(self.look(&mut asked, baseline).await?);
                }
                Err(fault) => self.refused(fault)?,
            }
        }
    }

    /// Reads the record as it stands: what is there already is not written, what an attempt left behind is written over.
    async fn look(
        &mut self,
        asked: &mut Vec<Field>,
        baseline: &mut Baseline,
    ) -> Result<CompanyCustomer, NotDone> {
        let found = {
            let company = client(self.recorder, self.access);
            let realm = &self.access.connection.company.realm;
            self.recorder.pace.turn(&self.recorder.world, realm).await;
            company.read_customer(self.record).await
        };
        let mut found = found.map_err(|fault| match fault.class {
            FaultClass::ReferenceDead => NotDone::Gone,
            _ => NotDone::Unread(fault),
        })?;
        if !found.active {
            return Err(NotDone::Gone);
        }
        let unsure = &self.unsure;
        let mut left_behind = change::left_behind(
            &unsure.attempts,
            &unsure.before,
            &unsure.profile,
            &found.profile,
            &unsure.salt,
        );
        left_behind.retain(|field, _| !self.changes.contains_key(field));
        let there: Changes = mem::take(&mut self.changes);
        self.changes = change::left_to_write(there.clone(), &found.profile);
        // Fields an earlier attempt of ours wrote: what stood there before is what was seen before.
        let ours: Changes = there
            .into_iter()
            .filter(|(field, _)| !self.changes.contains_key(field))
            .collect();
        let seen = found.profile.clone();
        for (field, value) in left_behind {
            // It stood there before us as it was seen before the attempt.
            match baseline.seen.get(field).cloned() {
                Some(before) => found.profile.set(field, before),
                None => found.profile.clear(field),
            }
            asked.push(field);
            self.changes.insert(field, value);
        }
        baseline.overwritten(&ours, Some(&seen), seen.clone());
        self.sync_token = Some(found.sync_token.clone());
        Ok(found)
    }

    /// Claims it once more, after a look: by a SyncToken that was just read, what somebody else wrote meanwhile would be
    /// written over. Whoever writes after this look makes the SyncToken stale.
    async fn is_ours(&self) -> Result<(), NotDone> {
        let Claimed { key, owner, link } = self.claimed;
        let (world, store) = (&self.recorder.world, self.recorder.world.store());
        let claim = link_claim(world, key, owner);
        let overtaken = |error: StoreError| NotDone::Overtaken(error.into());
        let claimed = store.claim_change(&claim, None).await.map_err(overtaken)?;
        if let ChangeClaimed::Ours { link: now, asked } = claimed {
            if now.revision == link.revision {
                return Ok(());
            }
            let released = store.release_link(key, owner, false, &asked);
            released.await.map_err(overtaken)?;
        }
        Err(NotDone::Overtaken(Again::Busy))
    }

    async fn send(&self, sync_token: &SyncToken) -> Result<CompanyCustomer, Fault> {
        let world = &self.recorder.world;
        let realm = &self.access.connection.company.realm;
        // The SyncToken stands against a second change, so that no two attempts need the same id.
        let request_id = RequestId::for_change(realm, self.record, &name(world.random()));
        self.recorder.pace.turn(world, realm).await;
        client(self.recorder, self.access)
            .change_customer(&request_id, self.record, sync_token, &self.changes, false)
            .await
    }

    /// Goes on without what QuickBooks refused.
    fn refused(&mut self, fault: Fault) -> Result<(), NotDone> {
        match fault.class {
            FaultClass::NameTaken if self.changes.contains_key(&Field::DisplayName) => {
                self.give_up(vec![Field::DisplayName], Unwritten::NameTaken);
                Ok(())
            }
            FaultClass::ReferenceDead => Err(NotDone::Gone),
            FaultClass::Refused | FaultClass::OurDefect | FaultClass::NameTaken => {
                let all = self.changes.keys().copied().collect();
                self.give_up(all, Unwritten::Refused);
                Ok(())
            }
            _ => Err(NotDone::Fault(fault)),
        }
    }

    fn give_up(&mut self, fields: Vec<Field>, why: Unwritten) {
        for field in fields {
            self.changes.remove(&field);
            self.unwritten.push((field, why));
        }
    }

    fn done(self, asked: Vec<Field>, sync_token: SyncToken) -> Done {
        let given_up = |field: &Field| self.unwritten.iter().any(|(given_up, _)| given_up == field);
        Done {
            written: asked.into_iter().filter(|field| !given_up(field)).collect(),
            unwritten: self.unwritten,
            sync_token,
        }
    }
}
