//! A newer profile of a linked customer: only what changed is written, once, and nothing of an older one.

use bookkeeping::customer::change::{self, Change, Changes};
use bookkeeping::customer::{Baseline, Cleaned, Fingerprints, FoundBy, Profile, Version};
use bookkeeping::ids::CompanyCustomerId;
use common::access::Access;
use common::store::{ChangeClaimed, Changes as _, Link, LinkChange, Links, Saved};
use common::world::World;
use quickbooks::FaultClass;

use super::writing::{Claimed, NotDone, Unsure, Writing};
use super::{Asked, BatchLinks, Matter, link_claim, open, open_all, seal};
use crate::Recorder;
use crate::fresh::name;
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
    let saved = store.save_change(matter.key, None, &link, world.now());
    let link = match saved.await? {
        Saved::Done(link) => link,
        // Somebody carried it out meanwhile, or what is newer.
        Saved::Refused(Some(standing)) if !version.is_newer_than(&standing.version) => standing,
        // It does not stand as it was read, or somebody is at it: what is newer than theirs comes again.
        Saved::Refused(_) => {
            links.unlearn(matter.key);
            return Err(Again::Busy);
        }
    };
    links.learn(matter.key.clone(), (*link).clone());
    links.tell_again(matter, &link);
    Ok(Followed::Linked(link))
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
    let claimed = Claimed {
        key: matter.key,
        owner: &owner,
        link: &link,
    };
    match Writing::new(recorder, access, claimed, changes)
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
            link.facts.fingerprints = Some(Fingerprints::of(profile, &matter.salt()));
            link.facts.sync_token = Some(done.sync_token);
            link.facts.change = Some(LinkChange {
                by: matter.by.to_owned(),
                written: done.written,
                unwritten: done.unwritten,
                cleaned,
            });
            link.baseline = Some(seal(recorder, matter.key, &baseline).await?);
            let saved = store.save_change(matter.key, Some(&owner), &link, world.now());
            let Saved::Done(link) = saved.await? else {
                links.unlearn(matter.key);
                return Err(Again::Busy);
            };
            links.learn(matter.key.clone(), (*link).clone());
            links.tell_again(matter, &link);
            Ok(Followed::Linked(link))
        }
        // Whoever has it now carries it out, or what is newer.
        Err(NotDone::Overtaken(again)) => {
            links.unlearn(matter.key);
            Err(again)
        }
        Err(NotDone::Gone) => {
            store.release_link(matter.key, &owner, false, &[]).await?;
            Ok(Followed::Gone(link.record))
        }
        Err(NotDone::Unread(fault) | NotDone::Fault(fault)) => {
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
