//! A customer without a link: found by e-mail, found by name, or created once.

use bookkeeping::customer::news::CustomerBecame;
use bookkeeping::customer::{Baseline, Fingerprints, FoundBy, Profile, Version};
use bookkeeping::ids::CompanyCustomerId;
use bookkeeping::reason::ReasonCode;
use common::access::Access;
use common::store::{Link, LinkClaimed, LinkFacts, Links, Standing};
use common::world::World;

use super::follow::{Followed, follow};
use super::search::{Found, Search};
use super::{Asked, BatchLinks, Matter, before_sending, link_claim, linked_news, open_all, seal};
use crate::Recorder;
use crate::fresh::name;
use crate::stop::{Again, Stop};

/// Finds or creates the record and links it. `dead` is the record it was linked to and which is gone.
///
/// # Errors
///
/// [`Again`] where another worker is at this customer or the store is down.
pub(super) async fn resolve<W: World>(
    recorder: &Recorder<W>,
    access: &Access,
    links: &BatchLinks,
    matter: &Matter<'_>,
    dead: Option<&CompanyCustomerId>,
) -> Result<Result<CompanyCustomerId, Stop>, Again> {
    let world = &recorder.world;
    let owner = name(world.random());
    let claim = link_claim(world, matter.key, &owner);
    let asked = Asked::of(matter.customer);
    let sealed = seal(recorder, matter.key, &asked).await?;
    // If we stop after this line, the claim runs out and the customer is looked for again.
    let (revision, before) = match world.store().claim_link(&claim, &sealed, dead).await? {
        LinkClaimed::Busy => return Err(Again::Busy),
        LinkClaimed::Linked(link) => {
            links.learn(matter.key.clone(), (*link).clone());
            links.tell_again(matter, &link);
            return Ok(Ok(link.record));
        }
        LinkClaimed::Ours { revision, asked } => (revision, asked),
    };
    links.unlearn(matter.key);
    let unknown = open_all(recorder, matter.key, &before).await?;
    let search = Search {
        recorder,
        access,
        matter,
        revision,
    };
    match search.find_or_create(&asked, &unknown).await {
        Ok(found) => {
            let is_older = found.created_from.is_some();
            let link = link(recorder, matter, found).await?;
            links.learn(matter.key.clone(), link.clone());
            links.note(matter, linked_news(&link));
            if !is_older {
                return Ok(Ok(link.record));
            }
            match follow(recorder, access, links, matter, link).await? {
                Followed::Linked(link) => Ok(Ok(link.record)),
                Followed::Gone(_) => Err(Again::Busy),
                Followed::Stopped(stop) => Ok(Err(before_sending(stop))),
            }
        }
        Err(stop) => {
            // A creation whose answer was lost keeps its claim until it would show.
            if stop.standing != Standing::Ambiguous {
                let refused = stop.reason.code == ReasonCode::QuickBooksRefused
                    || stop.reason.code == ReasonCode::CompanyReadOnly;
                // What earlier claims asked for stays open; this one is known to have created nothing.
                world
                    .store()
                    .release_link(matter.key, &owner, refused, &before)
                    .await?;
            }
            if stop.reason.asks_for_customer() {
                links.note(matter, CustomerBecame::NeedsOperator(stop.reason.clone()));
            }
            Ok(Err(before_sending(stop)))
        }
    }
}

/// Links a customer to a record. Nothing is written to the record: the two profiles as they stand are the baseline.
///
/// # Errors
///
/// [`Again`] where the store is down. If we stop before the last line, the record is found again.
pub(super) async fn link<W: World>(
    recorder: &Recorder<W>,
    matter: &Matter<'_>,
    found: Found,
) -> Result<Link, Again> {
    let store = recorder.world.store();
    let stands_in = found.found_by == FoundBy::Fallback;
    let (ours, version) = match found.created_from {
        Some(older) => (older.profile, older.version),
        None => (Profile::of(matter.customer).0, Version::of(matter.customer)),
    };
    let owns = !stands_in && store.own_record(matter.key, &found.record.id).await?;
    let facts = LinkFacts {
        created: found.found_by == FoundBy::Created,
        owns,
        sync_token: Some(found.record.sync_token),
        fingerprints: Some(Fingerprints::of(&ours, &matter.salt())),
        linked_for: matter.by.to_owned(),
        cleaned: found.cleaned,
        change: None,
    };
    let baseline = match stands_in {
        true => None,
        false => {
            let baseline = Baseline::new(ours, found.record.profile);
            Some(seal(recorder, matter.key, &baseline).await?)
        }
    };
    let link = Link {
        record: found.record.id,
        found_by: found.found_by,
        version,
        facts,
        is_unsure: false,
        baseline,
    };
    let link = store.link(matter.key, &link).await?;
    tracing::info!(
        merchant.id = %matter.key.merchant,
        customer.id = %matter.key.customer,
        "linked customer {} to {} ({})", matter.key, link.record, link.found_by.as_str()
    );
    Ok(link)
}
