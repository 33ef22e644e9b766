//! A customer without a link: found by e-mail, found by name, or created once.

use bookkeeping::customer::news::CustomerBecame;
use bookkeeping::customer::{Baseline, Fingerprints, FoundBy, Profile, Version};
use bookkeeping::ids::CompanyCustomerId;
use bookkeeping::later::Later;
use bookkeeping::transaction::Customer;
use common::access::Access;
use common::store::{
    Changes, Link, LinkClaimed, LinkFacts, Links, ParkedChange, Standing, StoreError,
};
use common::world::World;

use super::doors::{Doors, created_now};
use super::follow::{Followed, follow};
use super::search::{Found, Search};
use super::updated::{newer_waiting, settle_waiting};
use super::{
    Asked, BatchLinks, Matter, before_sending, link_claim, linked_news, open, open_all, seal,
    was_refused,
};
use crate::Recorder;
use crate::fresh::name;
use crate::stop::{Again, Stop};

/// Finds or creates the record and links it. `dead` is the record it was linked to and which is gone.
///
/// # Errors
///
/// [`Again`] where another worker is at this customer, or at another one of the same address, or the store is down.
pub(super) async fn resolve<W: World>(
    recorder: &Recorder<W>,
    access: &Access,
    links: &BatchLinks,
    matter: &Matter<'_>,
    dead: Option<&CompanyCustomerId>,
) -> Result<Result<CompanyCustomerId, Stop>, Again> {
    let newer = match resolve_as(recorder, access, links, matter, dead).await? {
        Resolved::As(resolved) => return Ok(resolved),
        Resolved::Outdated(newer) => newer,
    };
    let matter = Matter {
        customer: &newer,
        ..*matter
    };
    match resolve_as(recorder, access, links, &matter, dead).await? {
        Resolved::As(resolved) => Ok(resolved),
        Resolved::Outdated(_) => Err(Again::Busy),
    }
}

/// What became of resolving a customer.
enum Resolved {
    /// Its record, or why there is none.
    As(Result<CompanyCustomerId, Stop>),
    /// Nothing was asked for: an update that was carried out nowhere yet brought this newer profile.
    Outdated(Box<Customer>),
}

/// The same, with the profile at hand.
async fn resolve_as<W: World>(
    recorder: &Recorder<W>,
    access: &Access,
    links: &BatchLinks,
    matter: &Matter<'_>,
    dead: Option<&CompanyCustomerId>,
) -> Result<Resolved, Again> {
    let (world, store) = (&recorder.world, recorder.world.store());
    let asked = Asked::of(matter.customer);
    let doors = Doors::of(matter);
    let sought: Vec<_> = doors.iter().map(|door| links.sought(door)).collect();
    let mut alone = Vec::with_capacity(sought.len());
    for sought in &sought {
        alone.push(sought.lock().await);
    }
    let owner = name(world.random());
    let claim = link_claim(world, matter.key, &owner);
    let claimed_at = (claim.now, world.uptime());
    let sealed = seal(recorder, matter.key, &asked).await?;
    // If we stop after this line, the claim runs out and the customer is looked for again.
    let (revision, before, given_up) = match store.claim_link(&claim, &sealed, dead).await? {
        LinkClaimed::Busy => return Err(Again::Busy),
        LinkClaimed::Linked(link) => {
            // By somebody else since it was read, perhaps from an older profile.
            links.learn(matter.key.clone(), (*link).clone());
            return match follow(recorder, access, links, matter, *link).await? {
                Followed::Linked(link) => Ok(Resolved::As(Ok(link.record))),
                Followed::Gone(_) => Err(Again::Busy),
                Followed::Stopped(stop) => Ok(Resolved::As(Err(before_sending(stop)))),
            };
        }
        LinkClaimed::Ours {
            revision,
            asked,
            given_up,
        } => (revision, asked, given_up),
    };
    links.unlearn(matter.key);
    let merchant = &matter.key.merchant;
    let waiting = store.changes_of(merchant, &matter.customer.id).await?;
    let newer = newer_waiting(recorder, merchant, &waiting, &asked.version).await?;
    if let Some(newer) = newer {
        store
            .release_link(matter.key, &owner, false, &before)
            .await?;
        return Ok(Resolved::Outdated(Box::new(newer)));
    }
    // If we stop after this line, nobody else looks for this address or name until what we create would show.
    let Some(inside) = doors.enter(recorder, &claim).await? else {
        store
            .release_link(matter.key, &owner, false, &before)
            .await?;
        return Err(Again::Busy);
    };
    let unknown = open_all(recorder, matter.key, &before).await?;
    let search = Search {
        recorder,
        access,
        matter,
        revision,
        claimed_at,
        // Not the one that was given up.
        lately: inside
            .lately(alone.iter().flat_map(|created| created.iter()))
            .into_iter()
            .filter(|record| given_up.as_ref().is_none_or(|link| link.record != **record))
            .cloned()
            .collect(),
    };
    match search.find_or_create(&asked, &unknown).await {
        Ok(found) => {
            let goes_on = found.created_from.is_some() || given_up.is_some();
            let new = created_now(recorder, &found);
            if let (Some(new), Some(own)) = (&new, doors.own_place()) {
                alone[own].push(new.record.clone());
            }
            let link = link(recorder, matter, &owner, found, given_up.as_deref()).await?;
            inside.leave(recorder, new.as_ref()).await?;
            let link = link.ok_or(Again::Busy)?;
            links.learn(matter.key.clone(), link.clone());
            links.note(matter, linked_news(&link));
            if link.found_by == FoundBy::Fallback {
                // Its profile is kept for a record of its own.
                return Ok(Resolved::As(Ok(link.record)));
            }
            if !goes_on {
                settle_waiting(recorder, access, matter, &waiting).await?;
                return Ok(Resolved::As(Ok(link.record)));
            }
            match follow(recorder, access, links, matter, link).await? {
                Followed::Linked(link) => {
                    settle_waiting(recorder, access, matter, &waiting).await?;
                    Ok(Resolved::As(Ok(link.record)))
                }
                Followed::Gone(_) => Err(Again::Busy),
                Followed::Stopped(stop) => {
                    wait_for_quickbooks(recorder, matter, &waiting).await?;
                    Ok(Resolved::As(Err(before_sending(stop))))
                }
            }
        }
        Err(stop) => {
            // A creation whose answer was lost keeps its claims until it would show.
            if stop.standing != Standing::Ambiguous {
                // What earlier claims asked for stays open; this one is known to have created nothing.
                store
                    .release_link(matter.key, &owner, was_refused(&stop), &before)
                    .await?;
                inside.leave(recorder, None).await?;
            }
            if stop.reason.asks_for_customer() {
                links.note(matter, CustomerBecame::NeedsOperator(stop.reason.clone()));
            }
            wait_for_quickbooks(recorder, matter, &waiting).await?;
            Ok(Resolved::As(Err(before_sending(stop))))
        }
    }
}

/// The payment waits, for how long nobody knows, and so does the profile that waited for it.
async fn wait_for_quickbooks<W: World>(
    recorder: &Recorder<W>,
    matter: &Matter<'_>,
    waiting: &[ParkedChange],
) -> Result<(), StoreError> {
    let store = recorder.world.store();
    for kept in waiting {
        store
            .wait_for_quickbooks(&matter.key.merchant, kept)
            .await?;
    }
    Ok(())
}

/// Links a customer to a record, under its claim; gives the link as it stands, none where the claim was lost.
///
/// Nothing is written to the record: the two profiles as they stand are the baseline. Where a link to this very record was
/// `given_up`, it goes on from what was carried out last, so that what was changed by hand since is not ours to change back.
///
/// # Errors
///
/// [`Again`] where the store is down. If we stop before the last line, the record is found again.
pub(super) async fn link<W: World>(
    recorder: &Recorder<W>,
    matter: &Matter<'_>,
    owner: &str,
    found: Found,
    given_up: Option<&Link>,
) -> Result<Option<Link>, Again> {
    let goes_on = |link: &&Link| {
        let stands_in = [link.found_by, found.found_by].contains(&FoundBy::Fallback);
        link.record == found.record.id && link.facts.fingerprints.is_some() && !stands_in
    };
    let link = match given_up.filter(goes_on) {
        Some(link) => taken_up(recorder, matter, found, link).await?,
        None => new_link(recorder, matter, found).await?,
    };
    let link = recorder
        .world
        .store()
        .link(matter.key, owner, &link)
        .await?;
    if let Some(link) = &link {
        tracing::info!(
            merchant.id = %matter.key.merchant,
            customer.id = %matter.key.customer,
            "linked customer {} to {} ({})", matter.key, link.record, link.found_by.as_str()
        );
    }
    Ok(link)
}

/// A link to a record this customer was not linked to.
async fn new_link<W: World>(
    recorder: &Recorder<W>,
    matter: &Matter<'_>,
    found: Found,
) -> Result<Link, Again> {
    let stands_in = found.found_by == FoundBy::Fallback;
    let (ours, version) = match found.created_from {
        Some(older) => (older.profile, older.version),
        None => (Profile::of(matter.customer).0, Version::of(matter.customer)),
    };
    let store = recorder.world.store();
    let owns = !stands_in && store.own_record(matter.key, &found.record.id).await?;
    let facts = LinkFacts {
        created: found.found_by == FoundBy::Created,
        owns,
        sync_token: Some(found.record.sync_token),
        fingerprints: Some(Fingerprints::of(&ours, &matter.salt())),
        linked_for: matter.by.to_owned(),
        cleaned: found.cleaned,
        change: None,
        restored: None,
        later: Later::default(),
    };
    let baseline = match stands_in {
        true => None,
        false => {
            let baseline = Baseline::new(ours, found.record.profile);
            Some(seal(recorder, matter.key, &baseline).await?)
        }
    };
    Ok(Link {
        record: found.record.id,
        found_by: found.found_by,
        version,
        facts,
        is_unsure: false,
        baseline,
        revision: 0,
    })
}

/// A link that was given up, as it goes on with the record as it was found.
async fn taken_up<W: World>(
    recorder: &Recorder<W>,
    matter: &Matter<'_>,
    found: Found,
    link: &Link,
) -> Result<Link, Again> {
    let baseline = match &link.baseline {
        None => None,
        Some(sealed) => {
            let mut baseline: Baseline = open(recorder, matter.key, sealed).await?;
            baseline.seen = found.record.profile;
            Some(seal(recorder, matter.key, &baseline).await?)
        }
    };
    Ok(Link {
        found_by: found.found_by,
        facts: LinkFacts {
            sync_token: Some(found.record.sync_token),
            linked_for: matter.by.to_owned(),
            cleaned: found.cleaned,
            change: None,
            ..link.facts.clone()
        },
        is_unsure: false,
        baseline,
        ..link.clone()
    })
}
