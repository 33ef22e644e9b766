//! The operator's choice of a customer's record, and what it sets free.

use std::time::Duration;

use bookkeeping::customer::change::Changes;
use bookkeeping::customer::{CompanyCustomer, Field, FoundBy, Value, Version, name};
use bookkeeping::ids::{CompanyCustomerId, CustomerId, OperatorId};
use bookkeeping::message::{Content, Message, parse};
use bookkeeping::money::Currency;
use bookkeeping::request_id::RequestId;
use bookkeeping::transaction::{Customer, TransactionKey};
use common::access::Access;
use common::store::{
    Changes as _, Decision, LinkClaimed, Links, Lots, Release, Standing, StoreError,
    payload_context,
};
use common::world::World;
use quickbooks::{Fault, FaultClass};

use super::doors::{Doors, created_now};
use super::resolve::link;
use super::search::{Found, Search, found_as};
use super::updated::{newer_waiting, settle_waiting};
use super::{
    Asked, BatchLinks, Matter, link_claim, link_key, linked_news, open_all, seal, was_refused,
};
use crate::Recorder;
use crate::freed::{held_for, note_freed};
use crate::fresh::name as fresh_name;
use crate::send::client;
use crate::stop::{Again, Stop};

/// What the operator chose for a customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// This record.
    Record(CompanyCustomerId),
    /// This record, made active again.
    Reactivate(CompanyCustomerId),
    /// A new one, under a distinct name where its own is taken.
    Create,
}

/// What became of a choice.
#[derive(Clone, Debug, PartialEq)]
pub enum Chosen {
    /// Linked, and so many transactions are on their way.
    Linked {
        /// The record.
        record: CompanyCustomerId,
        /// How many transactions went back into the lot.
        released: u64,
    },
    /// Nothing of this customer waits for a choice any more.
    NothingWaits,
    /// The record cannot be this customer's: it is gone, inactive, a sub-customer, or in another currency.
    Unsuitable,
    /// QuickBooks could not be asked, refused, or its answer was lost: then nobody knows yet whether it was done.
    Stopped(Stop),
}

/// Records the operator's choice of a customer's record as its link, and puts what waits for it back into the lot.
///
/// May be repeated: where the customer is linked already, what still waits is set free. If we stop after the link is
/// recorded and before that is noted, the operator presses again; after it, the drain sets free what is left.
///
/// # Errors
///
/// [`Again`] where another worker is at this customer or the store is down.
pub async fn choose_customer<W: World>(
    recorder: &Recorder<W>,
    access: &Access,
    customer: &CustomerId,
    choice: &Choice,
    operator: &OperatorId,
) -> Result<Chosen, Again> {
    let waiting = waiting_for(recorder, access, customer).await?;
    let newest = waiting.iter().max_by_key(|waiting| {
        let version = Version::of(&waiting.customer);
        (version.number, version.at)
    });
    let Some(newest) = newest else {
        return Ok(Chosen::NothingWaits);
    };
    let key = link_key(&access.connection, customer, newest.currency);
    let by = format!("choice/{customer}");
    // An update may be newer than what waits: linking writes nothing, and what is newest then is the baseline.
    let store = recorder.world.store();
    let changes = store.changes_of(&key.merchant, customer).await?;
    let version = Version::of(&newest.customer);
    let newer = newer_waiting(recorder, &key.merchant, &changes, &version).await?;
    let matter = Matter {
        key: &key,
        customer: newer.as_ref().unwrap_or(&newest.customer),
        currency: newest.currency,
        by: &by,
    };
    let record = match link_chosen(recorder, access, &matter, choice).await? {
        Ok(record) => record,
        Err(otherwise) => return Ok(otherwise),
    };
    settle_waiting(recorder, access, &matter, &changes).await?;
    let now = recorder.world.now();
    note_freed(&recorder.world, &key.merchant, |frees| {
        frees.with_customer(customer, Some(operator), now)
    })
    .await?;
    // Read once more: something may have come to be held since. A record has one currency: what was paid in another still
    // waits for its own.
    let theirs: Vec<TransactionKey> = waiting_for(recorder, access, customer)
        .await?
        .iter()
        .filter(|other| link_key(&access.connection, customer, other.currency) == key)
        .map(|other| other.key.clone())
        .collect();
    let (world, merchant) = (&recorder.world, &access.connection.merchant);
    let released = world
        .store()
        .release(
            merchant,
            Release::These(&theirs),
            Some((operator, Decision::Customer)),
            world.now(),
        )
        .await?;
    // If we stop before this, the sweep wakes the same drain.
    world
        .wake(std::slice::from_ref(merchant), Duration::ZERO)
        .await;
    Ok(Chosen::Linked { record, released })
}

/// A transaction that waits for the choice.
struct Waiting {
    key: TransactionKey,
    customer: Customer,
    currency: Currency,
}

async fn waiting_for<W: World>(
    recorder: &Recorder<W>,
    access: &Access,
    customer: &CustomerId,
) -> Result<Vec<Waiting>, Again> {
    let merchant = &access.connection.merchant;
    let keys = recorder.world.payload_keys().await?;
    let mut waiting = Vec::new();
    for kept in held_for(&recorder.world, merchant, customer).await? {
        let unreadable = || StoreError::unreadable(format!("the message of {}", kept.key));
        let body = keys
            .open(&kept.payload, &payload_context(&kept.key))
            .map_err(|_| unreadable())?;
        let message = std::str::from_utf8(&body)
            .ok()
            .and_then(|body| parse(body).ok());
        let (customer, currency) = message.and_then(payer).ok_or_else(unreadable)?;
        waiting.push(Waiting {
            key: kept.key,
            customer,
            currency,
        });
    }
    Ok(waiting)
}

fn payer(message: Message) -> Option<(Customer, Currency)> {
    match message.content {
        Content::PaymentCaptured { payment, customer } => Some((customer?, payment.currency)),
        Content::PaymentRefunded {
            refund, customer, ..
        } => Some((customer?, refund.currency)),
        _ => None,
    }
}

/// Links the customer to what was chosen.
async fn link_chosen<W: World>(
    recorder: &Recorder<W>,
    access: &Access,
    matter: &Matter<'_>,
    choice: &Choice,
) -> Result<Result<CompanyCustomerId, Chosen>, Again> {
    let (world, store) = (&recorder.world, recorder.world.store());
    let links = BatchLinks::default();
    let owner = fresh_name(world.random());
    let claim = link_claim(world, matter.key, &owner);
    let claimed_at = (claim.now, world.uptime());
    let asked = Asked::of(matter.customer);
    let sealed = seal(recorder, matter.key, &asked).await?;
    let (revision, before, given_up) = match store.claim_link(&claim, &sealed, None).await? {
        LinkClaimed::Busy => return Err(Again::Busy),
        LinkClaimed::Linked(link) => {
            // Told again: the choice before may have died before it was told.
            links.tell_again(matter, &link);
            links.tell(recorder, matter.by).await?;
            return Ok(Ok(link.record));
        }
        LinkClaimed::Ours {
            revision,
            asked,
            given_up,
        } => (revision, asked, given_up),
    };
    let doors = Doors::of(matter);
    let mut inside = None;
    if *choice == Choice::Create {
        // If we stop after this line, nobody looks for the address until what we create would show.
        inside = doors.enter(recorder, &claim).await?;
        if inside.is_none() {
            store
                .release_link(matter.key, &owner, false, &before)
                .await?;
            return Err(Again::Busy);
        }
    }
    let found = match choice {
        Choice::Record(record) => look(recorder, access, record)
            .await
            .map(|found| found_as(found, FoundBy::Chosen)),
        Choice::Reactivate(record) => reactivate(recorder, access, record)
            .await
            .map(|found| found_as(found, FoundBy::Chosen)),
        Choice::Create => {
            let search = Search {
                recorder,
                access,
                matter,
                revision,
                claimed_at,
                lately: Vec::new(),
            };
            let created = create(&search, &before).await?;
            created.map_err(Chosen::Stopped)
        }
    };
    let home = access.connection.company.home_currency;
    let suits = |record: &CompanyCustomer| {
        record.active && !record.sub_customer && record.currency.unwrap_or(home) == matter.currency
    };
    let found = match found {
        Ok(found) if suits(&found.record) => found,
        otherwise => {
            let otherwise = otherwise.err().unwrap_or(Chosen::Unsuitable);
            let stop = match &otherwise {
                Chosen::Stopped(stop) => Some(stop),
                _ => None,
            };
            // A creation whose answer was lost keeps its claims until it would show. A record that may be active again is not
            // doubled by whoever looks.
            let may_show = stop.is_some_and(|stop| stop.standing == Standing::Ambiguous);
            if !may_show || *choice != Choice::Create {
                let refused = stop.is_some_and(was_refused);
                store
                    .release_link(matter.key, &owner, refused, &before)
                    .await?;
                if let Some(inside) = inside {
                    inside.leave(recorder, None).await?;
                }
            }
            return Ok(Err(otherwise));
        }
    };
    let new = created_now(recorder, &found);
    let link = link(recorder, matter, &owner, found, given_up.as_deref()).await?;
    if let Some(inside) = inside {
        inside.leave(recorder, new.as_ref()).await?;
    }
    let link = link.ok_or(Again::Busy)?;
    links.note(matter, linked_news(&link));
    links.tell(recorder, matter.by).await?;
    Ok(Ok(link.record))
}

/// Creates a record, unless an earlier creation is found whose answer was lost; `before` is what it may have asked for.
async fn create<W: World>(
    search: &Search<'_, W>,
    before: &[Vec<u8>],
) -> Result<Result<Found, Stop>, Again> {
    let unknown = open_all(search.recorder, search.matter.key, before).await?;
    match search.created_earlier(unknown.iter(), &unknown).await {
        Ok(None) => {}
        Ok(Some(found)) => return Ok(Ok(found)),
        Err(stop) => return Ok(Err(stop)),
    }
    let policies = &search.access.connection.settings.customers;
    let names = name::candidates(search.matter.customer, policies.distinct_names, &[]);
    Ok(search.create(names).await)
}

/// Reads the chosen record. Metered; it is the operator's own action.
async fn look<W: World>(
    recorder: &Recorder<W>,
    access: &Access,
    record: &CompanyCustomerId,
) -> Result<CompanyCustomer, Chosen> {
    let realm = &access.connection.company.realm;
    recorder.pace.turn(&recorder.world, realm).await;
    let found = client(recorder, access).read_customer(record).await;
    found.map_err(|fault| not_read(recorder, &fault))
}

/// Makes a record active again, under the name it had where that is free.
async fn reactivate<W: World>(
    recorder: &Recorder<W>,
    access: &Access,
    record: &CompanyCustomerId,
) -> Result<CompanyCustomer, Chosen> {
    let found = look(recorder, access, record).await?;
    if found.active {
        return Ok(found);
    }
    let mut changes = Changes::new();
    let shown = found.profile.text(Field::DisplayName).unwrap_or_default();
    if let Some(plain) = shown.strip_suffix(" (deleted)") {
        changes.insert(Field::DisplayName, Some(Value::Text(plain.to_owned())));
    }
    loop {
        let realm = &access.connection.company.realm;
        let request_id = RequestId::for_change(realm, record, &fresh_name(recorder.world.random()));
        recorder.pace.turn(&recorder.world, realm).await;
        let changed = client(recorder, access)
            .change_customer(&request_id, record, &found.sync_token, &changes, true)
            .await;
        match changed {
            // Its name was given to somebody else meanwhile: it keeps the one it has.
            Err(fault) if fault.class == FaultClass::NameTaken && !changes.is_empty() => {
                changes.clear();
            }
            Err(fault) if fault.class == FaultClass::ReferenceDead => {
                return Err(Chosen::Unsuitable);
            }
            Err(fault) => {
                let world = &recorder.world;
                let stop = Stop::for_fault(&fault, "", world.now(), world.timing());
                return Err(Chosen::Stopped(stop));
            }
            Ok(record) => return Ok(record),
        }
    }
}

fn not_read<W: World>(recorder: &Recorder<W>, fault: &Fault) -> Chosen {
    match fault.class {
        FaultClass::ReferenceDead => Chosen::Unsuitable,
        _ => {
            let world = &recorder.world;
            Chosen::Stopped(Stop::for_read(fault, world.now(), world.timing()))
        }
    }
}
