//! A newer profile of a linked customer: only what changed is written, once, and nothing of an older one.

use std::mem;

use bookkeeping::customer::change::{self, Change, Changes, Unwritten};
use bookkeeping::customer::{
    Baseline, Cleaned, CompanyCustomer, Field, Fingerprints, FoundBy, Profile, Version,
};
use bookkeeping::ids::{CompanyCustomerId, SyncToken};
use bookkeeping::request_id::RequestId;
use common::access::Access;
use common::store::{ChangeClaimed, Changes as _, Link, LinkChange, Links};
use common::world::World;
use quickbooks::{Fault, FaultClass};

use super::{Asked, BatchLinks, Matter, link_claim, open, open_all, seal};
use crate::Recorder;
use crate::fresh::name;
use crate::send::client;
use crate::stop::{Again, Stop};

/// What became of a linked customer.
pub(super) enum Followed {
    /// Its link, as it stands now.
    Linked(Box<Link>),
    /// Its record is gone or was made inactive.
    Gone(CompanyCustomerId),
    /// QuickBooks could not be asked.
    Stopped(Stop),
}

/// Brings a linked customer's record up to this profile, where it is newer.
///
/// # Errors
///
/// [`Again`] where another worker is at this customer or the store is down.
pub(super) async fn follow<W: World>(
    recorder: &Recorder<W>,
    access: &Access,
    links: &BatchLinks,
    matter: &Matter<'_>,
    mut link: Link,
) -> Result<Followed, Again> {
    let version = Version::of(matter.customer);
    if link.found_by == FoundBy::Fallback || !version.is_newer_than(&link.version) {
        links.tell_again(matter, &link);
        return Ok(Followed::Linked(Box::new(link)));
    }
    let (world, store) = (&recorder.world, recorder.world.store());
    let (profile, cleaned) = Profile::of(matter.customer);
    if link.facts.fingerprints.is_none() {
        // Linked by the version before, or erased: this profile becomes the baseline.
        link.facts.created = link.found_by == FoundBy::Created;
        link.facts.owns = store.own_record(matter.key, &link.record).await?;
    }
    let noted = match plan(access, matter, &link, &profile) {
        Change::Write(_) => {
            return write(recorder, access, links, matter, &profile, cleaned).await;
        }
        // What a change left behind whose answer was lost is looked at, though this profile is the one before it.
        Change::Nothing if link.is_unsure => {
            return write(recorder, access, links, matter, &profile, cleaned).await;
        }
        Change::Nothing => Vec::new(),
        Change::Noted(fields, why) => fields.into_iter().map(|field| (field, why)).collect(),
    };
    link.version = version;
    link.facts.fingerprints = Some(Fingerprints::of(&profile, &matter.salt()));
    if !noted.is_empty() {
        link.facts.change = Some(LinkChange {
            by: matter.by.to_owned(),
            unwritten: noted,
            ..LinkChange::default()
        });
    }
    // Refused where somebody is at a change of their own: what is newer than theirs comes again.
    if !store
        .save_change(matter.key, None, &link, world.now())
        .await?
    {
        return Err(Again::Busy);
    }
    links.learn(matter.key.clone(), link.clone());
    links.tell_again(matter, &link);
    Ok(Followed::Linked(Box::new(link)))
}

fn plan(access: &Access, matter: &Matter<'_>, link: &Link, profile: &Profile) -> Change {
    let standing = change::Standing {
        created: link.facts.created,
        owns: link.facts.owns,
    };
    let policies = &access.connection.settings.customers;
    let before = link.facts.fingerprints.as_ref();
    change::plan(standing, policies, before, profile, &matter.salt())
}

/// Writes what changed, under a claim of its own: two versions at once are written in order or not at all.
///
/// If we stop before the record is written, the claim runs out and the change comes again. If we stop after it, the
/// SyncToken we know is stale, and what is found then is compared instead of overwritten.
async fn write<W: World>(
    recorder: &Recorder<W>,
    access: &Access,
    links: &BatchLinks,
    matter: &Matter<'_>,
    profile: &Profile,
    cleaned: Vec<Cleaned>,
) -> Result<Followed, Again> {
    let (world, store) = (&recorder.world, recorder.world.store());
    let version = Version::of(matter.customer);
    let owner = name(world.random());
    let claim = link_claim(world, matter.key, &owner);
    let mine = seal(recorder, matter.key, &Asked::of(matter.customer)).await?;
    let to = Some((&version, mine.as_slice()));
    let (mut link, before) = match store.claim_change(&claim, to).await? {
        ChangeClaimed::Ours { link, asked } => (*link, asked),
        ChangeClaimed::Done(link) => {
            links.learn(matter.key.clone(), (*link).clone());
            links.tell_again(matter, &link);
            return Ok(Followed::Linked(link));
        }
        ChangeClaimed::Busy | ChangeClaimed::NotLinked => return Err(Again::Busy),
    };
    let changes = match plan(access, matter, &link, profile) {
        Change::Write(changes) => changes,
        Change::Nothing | Change::Noted(..) => Changes::new(),
    };
    let mut baseline: Baseline = match &link.baseline {
        None => Baseline::default(),
        Some(sealed) => open(recorder, matter.key, sealed).await?,
    };
    let attempts = open_all(recorder, matter.key, &before).await?;
    let unsure = Unsure {
        attempts: attempts.into_iter().map(|asked| asked.profile).collect(),
        before: link.facts.fingerprints.clone().unwrap_or_default(),
        profile: profile.clone(),
        salt: matter.salt(),
    };
    match Writing::new(recorder, access, &link, changes)
        .after(unsure)
        .carry_out(&mut baseline)
        .await
    {
        Ok(done) => {
            // What was cleaned counts only where the field it is about changed.
            let cleaned = cleaned
                .into_iter()
                .filter(|cleaned| done.written.contains(&cleaned.field))
                .collect();
            link.version = version;
            link.is_unsure = false;
            link.facts.fingerprints = Some(Fingerprints::of(profile, &matter.salt()));
            link.facts.sync_token = Some(done.sync_token);
            link.facts.change = Some(LinkChange {
                by: matter.by.to_owned(),
                written: done.written,
                unwritten: done.unwritten,
                cleaned,
            });
            link.baseline = Some(seal(recorder, matter.key, &baseline).await?);
            if !store
                .save_change(matter.key, Some(&owner), &link, world.now())
                .await?
            {
                return Err(Again::Busy);
            }
            links.learn(matter.key.clone(), link.clone());
            links.tell_again(matter, &link);
            Ok(Followed::Linked(Box::new(link)))
        }
        Err(NotDone::Gone) => {
            store.release_link(matter.key, &owner, false, &[]).await?;
            Ok(Followed::Gone(link.record))
        }
        Err(NotDone::Fault(fault)) => {
            let mut asked = before;
            if fault.class == FaultClass::OutcomeUnknown {
                asked.push(mine);
            }
            store
                .release_link(matter.key, &owner, false, &asked)
                .await?;
            // Whether it was carried out or not, the same change may be asked for again.
            let stop = Stop::for_read(&fault, world.now(), world.timing());
            Ok(Followed::Stopped(stop))
        }
    }
}

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
    /// QuickBooks could not be asked.
    Fault(Fault),
}

/// The writing of some fields of a record.
pub(super) struct Writing<'a, W> {
    recorder: &'a Recorder<W>,
    access: &'a Access,
    record: &'a CompanyCustomerId,
    sync_token: Option<SyncToken>,
    changes: Changes,
    unsure: Unsure,
    unwritten: Vec<(Field, Unwritten)>,
}

/// Changes that may have been carried out although their answers were lost, and what tells.
#[derive(Default)]
struct Unsure {
    attempts: Vec<Profile>,
    before: Fingerprints,
    profile: Profile,
    salt: String,
}

impl<'a, W: World> Writing<'a, W> {
    pub(super) fn new(
        recorder: &'a Recorder<W>,
        access: &'a Access,
        link: &'a Link,
        changes: Changes,
    ) -> Self {
        Self {
            recorder,
            access,
            record: &link.record,
            sync_token: link.facts.sync_token.clone(),
            changes,
            unsure: Unsure::default(),
            unwritten: Vec::new(),
        }
    }

    /// The same, where changes before it may have been carried out.
    fn after(self, unsure: Unsure) -> Self {
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
            _ => NotDone::Fault(fault),
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
