//! The message that a customer's profile changed. It writes nothing for a customer who never paid: what it says is kept for
//! the first payment, which may have been sent before it and come after it.

use std::cell::RefCell;
use std::time::Duration;

use bookkeeping::customer::Version;
use bookkeeping::ids::{CustomerId, MerchantId};
use bookkeeping::message::{Content, parse};
use bookkeeping::money::Currency;
use bookkeeping::reason::{Reason, ReasonCode};
use bookkeeping::transaction::Customer;
use common::access::{Access, Closed};
use common::sealing::nonce;
use common::store::{
    Arming, Changes, Kept, LinkClaimed, LinkKey, LinkStanding, Links, Lots, ParkedChange,
    StoreError, message_context,
};
use common::world::World;
use futures::stream::{self, StreamExt, TryStreamExt};

use super::follow::{Followed, follow};
use super::{Asked, BatchLinks, Matter, link_claim, seal};
use crate::Recorder;
use crate::fresh::name;
use crate::invocation::Invocation;
use crate::stop::{Again, Stop};

/// How many changes that waited are taken up in one go; payments may arrive meanwhile.
const PAGE: usize = 40;

/// How many of them at once, as the drain does with transactions.
const AT_ONCE: usize = 8;

/// How long a profile is kept for a first payment: a message may be on its way for 14 days in the queue, then for 14 among
/// dead letters.
const AWAITED: Duration = Duration::from_secs(28 * 24 * 3600);

/// What became of a changed profile.
enum Carried {
    /// Every record of the customer has it, or there is none and it is kept for a first payment.
    Out,
    /// It waits for this.
    Waits(Stop),
    /// It waits with a payment that waits, whose linking takes it, or brings the drain.
    WithPayment,
    /// It waits until somebody decides about the customer; whatever that sets free brings the drain.
    Undecided,
}

/// Carries out a changed profile for every record the customer is linked to.
///
/// What QuickBooks cannot take now is parked, the newest version of each customer alone, and is taken up by
/// [`catch_up`]. If we stop before it is told, the message comes again and tells it.
///
/// # Errors
///
/// [`Again`] where the store is down: the message comes back.
pub async fn updated<W: World>(
    recorder: &Recorder<W>,
    invocation: &Invocation,
    merchant: &MerchantId,
    customer: &Customer,
    body: &str,
) -> Result<(), Again> {
    let world = &recorder.world;
    let opened = recorder
        .remembered
        .open(world, merchant, world.now())
        .await?;
    let change = sealed(recorder, merchant, customer, body).await?;
    let waits_for = match opened {
        Err(Closed::NotConnected) => return Ok(()),
        Err(Closed::Waiting(_, reason, due)) => Stop {
            due,
            ..Stop::from(reason)
        },
        // One caller at a company: while the drain has the turn, changes wait too.
        Ok(access) if access.lot_open || invocation.yields_to_lot(merchant) => {
            invocation.yield_to_lot(merchant);
            Stop::in_line()
        }
        Ok(access) if let Some(stop) = recorder.fleet.bars(world, &access) => stop,
        Ok(access) => {
            let links = &invocation.links;
            match carried_out(recorder, &access, links, customer, &change).await {
                Ok(Carried::Out) => return Ok(()),
                Ok(Carried::Waits(stop)) => stop,
                Ok(Carried::WithPayment | Carried::Undecided) => Stop::in_line(),
                // It waits for the version that wrote the link, and keeps nothing in the queue behind it.
                Err(Again::Store(StoreError::Unreadable { .. })) => busy(recorder),
                Err(again) => return Err(again),
            }
        }
    };
    // First the lot, then the change: stopping between the two leaves an armed lot with nothing in it.
    if waits_for.waits() {
        invocation.arm(world, merchant, &waits_for).await?;
        if waits_for.stops_the_company() {
            recorder.remembered.forget(merchant);
        }
    }
    Ok(world.store().park_change(merchant, &change).await?)
}

/// What became of one page of the changes that waited.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CaughtUp {
    /// After whose id to go on; none at the end.
    pub next: Option<String>,
    /// Whether some of them have to be tried again.
    pub is_left: bool,
    /// Why QuickBooks is to be left alone, where it is.
    pub stop: Option<Stop>,
}

/// Takes up changes that wait for this merchant's company: one page of them, after a customer. The company's turn is the
/// drain's.
///
/// # Errors
///
/// [`Again`] where the store is down.
pub async fn catch_up<W: World>(
    recorder: &Recorder<W>,
    merchant: &MerchantId,
    after: Option<&str>,
) -> Result<CaughtUp, Again> {
    let (world, store) = (&recorder.world, recorder.world.store());
    let page = store.parked_changes(merchant, after, PAGE).await?;
    let at = |change: &Result<ParkedChange, String>| match change {
        Ok(change) => change.customer.to_string(),
        Err(at) => at.clone(),
    };
    let mut done = CaughtUp {
        next: page.last().filter(|_| page.len() == PAGE).map(at),
        // What cannot be read is kept, and the others go past it.
        is_left: page.iter().any(Result::is_err),
        ..CaughtUp::default()
    };
    let parked: Vec<ParkedChange> = page.into_iter().flatten().collect();
    if parked.is_empty() {
        return Ok(done);
    }
    let opened = recorder
        .remembered
        .open(world, merchant, world.now())
        .await?;
    let access = match opened {
        Ok(access) => access,
        Err(closed) => {
            done.is_left = true;
            done.stop = match closed {
                Closed::NotConnected => None,
                Closed::Waiting(_, reason, due) => Some(Stop {
                    due,
                    ..Stop::from(reason)
                }),
            };
            return Ok(done);
        }
    };
    let links = BatchLinks::default();
    let stopped = RefCell::new(None);
    let carried = stream::iter(&parked).map(async |change| {
        // What is on its way is finished, nothing more is begun.
        if stopped.borrow().is_some() {
            return Ok(true);
        }
        let carried = take_up(recorder, &access, &links, change).await?;
        let Carried::Waits(stop) = carried else {
            return Ok(false);
        };
        if stop.reason.code != ReasonCode::CustomerBusy {
            stopped.borrow_mut().get_or_insert(stop);
        }
        Ok::<bool, Again>(true)
    });
    let left: Vec<bool> = carried.buffer_unordered(AT_ONCE).try_collect().await?;
    done.is_left |= left.contains(&true);
    done.stop = stopped.take();
    Ok(done)
}

/// Carries out a change that waited, and forgets it then. If we stop between the two, it is found carried out and told again.
async fn take_up<W: World>(
    recorder: &Recorder<W>,
    access: &Access,
    links: &BatchLinks,
    parked: &ParkedChange,
) -> Result<Carried, Again> {
    let merchant = &access.connection.merchant;
    // What cannot be read stays, and the others go past it: somebody has to put a key back, or a version.
    let customer = match open_change(recorder, merchant, parked).await {
        Ok(customer) => customer,
        Err(Again::Store(StoreError::Unreadable { .. })) => {
            return Ok(Carried::Waits(busy(recorder)));
        }
        Err(again) => return Err(again),
    };
    let carry_out = async || match carried_out(recorder, access, links, &customer, parked).await {
        Err(Again::Untold | Again::Store(StoreError::Unreadable { .. })) => {
            Ok(Carried::Waits(busy(recorder)))
        }
        carried => carried,
    };
    let store = recorder.world.store();
    let mut carried = carry_out().await?;
    let mut is_over = matches!(carried, Carried::Out);
    if matches!(carried, Carried::Undecided)
        && store.kept_for(merchant, &customer.id).await?.is_empty()
    {
        // What waited for the decision was left out, or is not shown yet. It is kept for the next payment, and then looked
        // for once more: whoever pays meanwhile reads it, or is seen.
        await_payment(recorder, merchant, parked).await?;
        carried = carry_out().await?;
        is_over = !matches!(carried, Carried::Waits(_));
    }
    if is_over {
        store.unpark_change(merchant, parked).await?;
    }
    Ok(carried)
}

/// Carries out a profile, once more with a new token where QuickBooks refused the one at hand.
async fn carried_out<W: World>(
    recorder: &Recorder<W>,
    access: &Access,
    links: &BatchLinks,
    customer: &Customer,
    change: &ParkedChange,
) -> Result<Carried, Again> {
    let carried = carry_out(recorder, access, links, customer, change).await?;
    match &carried {
        Carried::Waits(stop) if stop.reason.code == ReasonCode::TokenRefreshing => {}
        _ => return Ok(carried),
    }
    match recorder.remembered.reopen(&recorder.world, access).await? {
        Ok(access) => carry_out(recorder, &access, links, customer, change).await,
        Err(_) => Ok(carried),
    }
}

/// Brings every record the customer is linked to up to this profile, and tells it.
async fn carry_out<W: World>(
    recorder: &Recorder<W>,
    access: &Access,
    links: &BatchLinks,
    customer: &Customer,
    change: &ParkedChange,
) -> Result<Carried, Again> {
    let store = recorder.world.store();
    let merchant = &access.connection.merchant;
    let realm = &access.connection.company.realm;
    // The batch may hold a newer profile than this message's: one write instead of two.
    let newest = links.newest(merchant, customer);
    let by = format!("customer/{}/{}", customer.id, customer.version);
    let has_currencies = access.connection.company.multicurrency;
    if has_currencies {
        // A record has one currency: a first payment in another may bring an older profile.
        await_payment(recorder, merchant, change).await?;
    }
    let mut rows = store.links_of(merchant, realm, &customer.id).await?;
    if rows.is_empty() {
        // A first payment that waits untried has a profile that may be older, and may wait longer than we keep this one.
        if !store.kept_for(merchant, &customer.id).await?.is_empty() {
            return Ok(Carried::WithPayment);
        }
        // First kept, then looked for once more: a first payment claims its customer first and reads this then, so that one
        // of the two sees the other. If we stop between, the message comes again.
        if !has_currencies {
            await_payment(recorder, merchant, change).await?;
            rows = store.links_of(merchant, realm, &customer.id).await?;
        }
    }
    let mut carried = Carried::Out;
    for (key, standing) in rows {
        let standing = match standing {
            LinkStanding::Sought if given_back(recorder, &key, customer).await? => {
                LinkStanding::Unlinked
            }
            standing => standing,
        };
        let link = match standing {
            LinkStanding::Linked(link) => *link,
            LinkStanding::Sought => {
                carried = Carried::Waits(busy(recorder));
                continue;
            }
            LinkStanding::Unlinked => {
                if matches!(carried, Carried::Out) {
                    carried = Carried::Undecided;
                }
                continue;
            }
        };
        let door = links.door(&key);
        let _inside = door.lock().await;
        let matter = Matter {
            key: &key,
            customer: &newest,
            currency: currency(access, &key),
            by: &by,
        };
        let known = links.get(&key);
        let link = known
            .filter(|known| known.revision > link.revision)
            .unwrap_or(link);
        match follow(recorder, access, links, &matter, link).await {
            Ok(Followed::Linked(_)) => {}
            // Nobody to write to: the next payment looks for the customer again.
            Ok(Followed::Gone(record)) => {
                tracing::info!(
                    merchant.id = %merchant,
                    customer.id = %customer.id,
                    "customer {key} cannot be updated: {record} is gone or inactive"
                );
            }
            Ok(Followed::Stopped(stop)) => carried = Carried::Waits(stop),
            Err(Again::Busy) => carried = Carried::Waits(busy(recorder)),
            Err(again) => return Err(again),
        }
    }
    links.tell(recorder, &by).await?;
    Ok(carried)
}

/// Gives back a customer whose worker died at it, as far as that can be known; gives whether it was so. Its payment may have gone
/// another way, and nobody else would come for it. If we stop half-way, the next one does it.
async fn given_back<W: World>(
    recorder: &Recorder<W>,
    key: &LinkKey,
    customer: &Customer,
) -> Result<bool, Again> {
    let (world, store) = (&recorder.world, recorder.world.store());
    let owner = name(world.random());
    let claim = link_claim(world, key, &owner);
    let sealed = seal(recorder, key, &Asked::of(customer)).await?;
    let LinkClaimed::Ours { asked, .. } = store.claim_link(&claim, &sealed, None).await? else {
        return Ok(false);
    };
    store.release_link(key, &owner, false, &asked).await?;
    Ok(true)
}

/// Another worker is at the customer, or died at it.
fn busy<W: World>(recorder: &Recorder<W>) -> Stop {
    let world = &recorder.world;
    Stop {
        due: Some(world.now() + world.timing().lease),
        ..Stop::from(Reason::new(ReasonCode::CustomerBusy))
    }
}

/// A change as it is kept, for QuickBooks to take it.
async fn sealed<W: World>(
    recorder: &Recorder<W>,
    merchant: &MerchantId,
    customer: &Customer,
    body: &str,
) -> Result<ParkedChange, Again> {
    let world = &recorder.world;
    let context = context(merchant, &customer.id);
    let keys = world.payload_keys().await?;
    Ok(ParkedChange {
        customer: customer.id.clone(),
        version: Version::of(customer),
        payload: keys.seal(body.as_bytes(), &context, nonce(world.random())),
        until: None,
    })
}

/// Keeps a change for the first payment of its customer.
async fn await_payment<W: World>(
    recorder: &Recorder<W>,
    merchant: &MerchantId,
    change: &ParkedChange,
) -> Result<(), Again> {
    let world = &recorder.world;
    let awaiting = ParkedChange {
        until: Some(world.now() + AWAITED),
        ..change.clone()
    };
    Ok(world.store().park_change(merchant, &awaiting).await?)
}

/// The newest profile that waits of this customer, where it is newer than this version. One that nobody can open holds up
/// no payment.
pub(super) async fn newer_waiting<W: World>(
    recorder: &Recorder<W>,
    merchant: &MerchantId,
    waiting: &[ParkedChange],
    than: &Version,
) -> Result<Option<Customer>, Again> {
    let mut newest: Option<Customer> = None;
    for kept in waiting {
        let so_far = newest.as_ref().map_or(*than, Version::of);
        if !kept.version.is_newer_than(&so_far) {
            continue;
        }
        match open_change(recorder, merchant, kept).await {
            Ok(customer) => newest = Some(customer),
            Err(Again::Store(StoreError::Unreadable { .. })) => {}
            Err(again) => return Err(again),
        }
    }
    Ok(newest)
}

/// Forgets the profile that waited for a first payment, once a link has it or a newer one, and there is no other currency to
/// be paid in. One that nobody could open waits for QuickBooks from here on, until somebody puts its key back.
pub(super) async fn settle_waiting<W: World>(
    recorder: &Recorder<W>,
    access: &Access,
    matter: &Matter<'_>,
    waiting: &[ParkedChange],
) -> Result<(), StoreError> {
    let (world, store) = (&recorder.world, recorder.world.store());
    let merchant = &matter.key.merchant;
    for kept in waiting.iter().filter(|kept| kept.until.is_some()) {
        if !kept.version.is_newer_than(&Version::of(matter.customer)) {
            if !access.connection.company.multicurrency {
                store.unpark_change(merchant, kept).await?;
            }
            continue;
        }
        // First the lot, then the change: stopping between the two leaves an armed lot with nothing in it.
        let arming = Arming {
            frees: false,
            ..Arming::from_now(merchant, world.now())
        };
        store.arm(&arming).await?;
        store.wait_for_quickbooks(merchant, kept).await?;
    }
    Ok(())
}

/// The profile in a parked message.
async fn open_change<W: World>(
    recorder: &Recorder<W>,
    merchant: &MerchantId,
    parked: &ParkedChange,
) -> Result<Customer, Again> {
    let unreadable = || StoreError::unreadable(format!("a change of customer {}", parked.customer));
    let keys = recorder.world.payload_keys().await?;
    let body = keys
        .open(&parked.payload, &context(merchant, &parked.customer))
        .map_err(|_| unreadable())?;
    let body = String::from_utf8(body).map_err(|_| unreadable())?;
    match parse(&body).map(|message| message.content) {
        Ok(Content::CustomerUpdated { customer }) => Ok(customer),
        _ => Err(unreadable().into()),
    }
}

fn context(merchant: &MerchantId, customer: &CustomerId) -> String {
    message_context(merchant.as_str(), &format!("customer/{customer}"))
}

fn currency(access: &Access, key: &LinkKey) -> Currency {
    key.currency
        .unwrap_or(access.connection.company.home_currency)
}
