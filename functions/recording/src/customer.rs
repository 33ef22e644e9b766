//! The customer's record in the company: linked already, found, or created once.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use bookkeeping::customer::{FoundBy, NewCustomer, Plan, display_names, new_record, plan};
use bookkeeping::ids::CompanyCustomerId;
use bookkeeping::money::Currency;
use bookkeeping::reason::{Reason, ReasonCode};
use bookkeeping::request_id::RequestId;
use bookkeeping::text;
use bookkeeping::transaction::Customer;
use common::access::Access;
use common::store::{Link, LinkClaimed, LinkKey, Links, Standing};
use common::world::World;
use futures::lock::Mutex;
use quickbooks::{CompanyClient, FaultClass, Transport};

use crate::Recorder;
use crate::fresh::name;
use crate::send::client;
use crate::stop::{Again, Stop};

/// The links of one batch: what the batched read found, and what was resolved since.
#[derive(Default)]
pub struct BatchLinks {
    known: RefCell<HashMap<LinkKey, Link>>,
    // Two first payments of one customer in one batch: the second waits for the first instead of for the queue.
    doors: RefCell<HashMap<LinkKey, Rc<Mutex<()>>>>,
}

impl BatchLinks {
    /// Remembers what a batched read found.
    pub fn learn(&self, key: LinkKey, link: Link) {
        self.known.borrow_mut().insert(key, link);
    }

    fn get(&self, key: &LinkKey) -> Option<CompanyCustomerId> {
        self.known.borrow().get(key).map(|link| link.record.clone())
    }

    fn door(&self, key: &LinkKey) -> Rc<Mutex<()>> {
        Rc::clone(self.doors.borrow_mut().entry(key.clone()).or_default())
    }
}

/// The link key of a customer under a connection.
#[must_use]
pub fn link_key(access: &Access, customer: &Customer) -> LinkKey {
    LinkKey {
        merchant: access.connection.merchant.clone(),
        realm: access.connection.company.realm.clone(),
        customer: customer.id.clone(),
    }
}

/// The customer's record in the company, found or created where it is not linked yet.
///
/// Stopping half-way leaves a claimed link that is given to nobody until a creation would show; then the e-mail
/// and the name find what was created.
///
/// # Errors
///
/// [`Again`] where another worker is at this customer or the store is down; a [`Stop`] inside where QuickBooks or
/// the operator has to act.
pub async fn in_company<W: World>(
    recorder: &Recorder<W>,
    access: &Access,
    links: &BatchLinks,
    customer: Option<&Customer>,
    currency: Currency,
) -> Result<Result<CompanyCustomerId, Stop>, Again> {
    let Some(customer) = customer else {
        let fallback = access.connection.settings.fallback_customer.clone();
        return Ok(
            fallback.ok_or_else(|| Stop::from(Reason::new(ReasonCode::FallbackCustomerMissing)))
        );
    };
    let key = link_key(access, customer);
    if let Some(record) = links.get(&key) {
        return Ok(Ok(record));
    }
    let door = links.door(&key);
    let _inside = door.lock().await;
    if let Some(record) = links.get(&key) {
        return Ok(Ok(record));
    }
    let world = &recorder.world;
    let owner = name(world.random());
    let timing = world.timing();
    // If we stop after this line, the claim runs out and the customer is looked for again.
    match world
        .store()
        .claim_link(&key, &owner, world.now(), timing.lease, timing.quiescence)
        .await?
    {
        LinkClaimed::Busy => return Err(Again::Busy),
        LinkClaimed::Linked(link) => {
            links.learn(key, link.clone());
            return Ok(Ok(link.record));
        }
        LinkClaimed::Ours => {}
    }
    match find_or_create(recorder, access, customer, currency).await {
        Ok(link) => {
            let link = world.store().link(&key, &link, world.now()).await?;
            tracing::info!(
                merchant.id = %key.merchant,
                customer.id = %key.customer,
                "linked customer {} to {} ({:?})", key.customer, link.record, link.found_by
            );
            links.learn(key, link.clone());
            Ok(Ok(link.record))
        }
        Err(stop) => {
            // A creation whose answer was lost keeps its claim until it would show.
            if stop.standing != Standing::Ambiguous {
                world.store().release_link(&key, &owner).await?;
            }
            Ok(Err(before_sending(stop)))
        }
    }
}

/// Whatever stopped the customer, the receipt itself was never sent.
fn before_sending(stop: Stop) -> Stop {
    match stop.standing {
        Standing::Ambiguous => Stop {
            standing: Standing::Parked,
            ..stop
        },
        _ => stop,
    }
}

async fn find_or_create<W: World>(
    recorder: &Recorder<W>,
    access: &Access,
    customer: &Customer,
    currency: Currency,
) -> Result<Link, Stop> {
    let company = client(recorder, access);
    let (world, realm) = (&recorder.world, &access.connection.company.realm);
    let read_stop = |fault| Stop::for_read(&fault, world.now(), world.timing());
    if let Some(email) = customer.email.as_deref().and_then(text::email) {
        recorder.pace.turn(world, realm).await;
        let found = company.customers_by_email(email).await.map_err(read_stop)?;
        match plan(customer, &found) {
            Plan::Link(record, found_by) => return Ok(Link { record, found_by }),
            Plan::Ask(reason) => return Err(Stop::from(reason)),
            Plan::Create => {}
        }
    }
    // A customer's currency is fixed at creation, so it is the payment's.
    let currency = access.connection.company.multicurrency.then_some(currency);
    for display_name in display_names(customer) {
        let record = new_record(customer, display_name, currency);
        if let Some(record) = create(recorder, &company, customer, &record).await? {
            return Ok(Link {
                record,
                found_by: FoundBy::Created,
            });
        }
    }
    Err(Stop::from(
        Reason::new(ReasonCode::QuickBooksRefused).with("fault", "6240"),
    ))
}

/// Creates a record; `None` where the name belongs to somebody else.
async fn create<W: World>(
    recorder: &Recorder<W>,
    company: &CompanyClient<'_, impl Transport>,
    customer: &Customer,
    record: &NewCustomer,
) -> Result<Option<CompanyCustomerId>, Stop> {
    let (world, realm) = (&recorder.world, company.realm);
    let request_id = RequestId::for_customer(realm, &customer.id, &record.display_name);
    recorder.pace.turn(world, realm).await;
    match company.create_customer(&request_id, record).await {
        Ok(created) => Ok(Some(created.id)),
        Err(fault) if fault.class == FaultClass::NameTaken => {
            // The name may be taken by our own earlier attempt, whose answer was lost.
            recorder.pace.turn(world, realm).await;
            let found = company
                .customers_by_display_name(&record.display_name)
                .await;
            let found =
                found.map_err(|fault| Stop::for_read(&fault, world.now(), world.timing()))?;
            Ok(found
                .into_iter()
                .find(|found| found.is_ours(customer))
                .map(|ours| ours.id))
        }
        Err(fault) => Err(Stop::for_fault(&fault, "", world.now(), world.timing())),
    }
}
