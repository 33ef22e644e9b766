//! A customer without a link: found by e-mail, found by name, or created once.

use bookkeeping::customer::news::CustomerBecame;
use bookkeeping::customer::{
    Baseline, Cleaned, CompanyCustomer, Decision, Field, Fingerprints, FoundBy, Profile, Version,
    Wanted, new_record, profile,
};
use bookkeeping::ids::CompanyCustomerId;
use bookkeeping::reason::{Reason, ReasonCode};
use bookkeeping::request_id::RequestId;
use bookkeeping::text;
use common::access::Access;
use common::store::{Link, LinkClaim, LinkClaimed, LinkFacts, Links, Standing};
use common::world::World;
use quickbooks::FaultClass;

use super::{BatchLinks, Matter, before_sending, fallback, linked_news, seal};
use crate::Recorder;
use crate::fresh::name;
use crate::send::client;
use crate::stop::{Again, Stop};

/// How many names are tried in one go: customers are looked for first, so what takes a name is a vendor or an employee.
const NAMES_TRIED: usize = 4;

/// A record to link to.
pub(super) struct Found {
    pub(super) record: CompanyCustomer,
    pub(super) found_by: FoundBy,
    pub(super) cleaned: Vec<Cleaned>,
}

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
    let claim = LinkClaim {
        key: matter.key,
        owner: &owner,
        now: world.now(),
        lease: world.timing().lease,
        quiescence: world.timing().quiescence,
    };
    // If we stop after this line, the claim runs out and the customer is looked for again.
    let revision = match world.store().claim_link(&claim, dead).await? {
        LinkClaimed::Busy => return Err(Again::Busy),
        LinkClaimed::Linked(link) => {
            links.learn(matter.key.clone(), (*link).clone());
            links.tell_again(matter, &link);
            return Ok(Ok(link.record));
        }
        LinkClaimed::Ours { revision } => revision,
    };
    links.unlearn(matter.key);
    match find_or_create(recorder, access, matter, revision).await {
        Ok(found) => {
            let link = link(recorder, matter, found).await?;
            links.learn(matter.key.clone(), link.clone());
            links.note(matter, linked_news(&link));
            Ok(Ok(link.record))
        }
        Err(stop) => {
            // A creation whose answer was lost keeps its claim until it would show.
            if stop.standing != Standing::Ambiguous {
                let refused = stop.reason.code == ReasonCode::QuickBooksRefused
                    || stop.reason.code == ReasonCode::CompanyReadOnly;
                world
                    .store()
                    .release_link(matter.key, &owner, refused)
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
    let ours = Profile::of(matter.customer).0;
    let stands_in = found.found_by == FoundBy::Fallback;
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
        version: Version::of(matter.customer),
        facts,
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

async fn find_or_create<W: World>(
    recorder: &Recorder<W>,
    access: &Access,
    matter: &Matter<'_>,
    revision: u32,
) -> Result<Found, Stop> {
    let company = client(recorder, access);
    let (world, realm) = (&recorder.world, &access.connection.company.realm);
    let read_stop = |fault| Stop::for_read(&fault, world.now(), world.timing());
    let wanted = Wanted {
        customer: matter.customer,
        currency: matter.currency,
        home_currency: access.connection.company.home_currency,
        policies: &access.connection.settings.customers,
    };
    let email = matter.customer.email.as_deref().unwrap_or_default();
    let mut decision = None;
    if let Some(email) = text::emails(email).next() {
        recorder.pace.turn(world, realm).await;
        let found = company.customers_by_email(email).await.map_err(read_stop)?;
        decision = wanted.by_email(&found);
    }
    let decision = match decision {
        Some(decision) => decision,
        None => {
            recorder.pace.turn(world, realm).await;
            let found = company.customers_by_name(&wanted.name()).await;
            wanted.by_name(&found.map_err(read_stop)?)
        }
    };
    match decision {
        Decision::Link(record, found_by) => Ok(Found {
            record: *record,
            found_by,
            cleaned: Vec::new(),
        }),
        Decision::Ask(reason) => Err(Stop::from(reason)),
        Decision::Fallback => stand_in(access),
        Decision::Create { names } => create(recorder, access, matter, names, revision).await,
    }
}

/// The fallback customer, which is never written to; its profile does not matter.
fn stand_in(access: &Access) -> Result<Found, Stop> {
    Ok(Found {
        record: CompanyCustomer {
            id: fallback(access)?,
            sync_token: bookkeeping::ids::SyncToken::parse("0").expect("a digit"),
            profile: Profile::default(),
            notes: None,
            active: true,
            sub_customer: false,
            currency: None,
        },
        found_by: FoundBy::Fallback,
        cleaned: Vec::new(),
    })
}

/// Creates a record under the first name that is free.
///
/// Both searches came before, and an attempt whose answer was lost would have shown in them: the claim was given to
/// nobody until then. So a name that is taken belongs to somebody else, and is not looked at.
pub(super) async fn create<W: World>(
    recorder: &Recorder<W>,
    access: &Access,
    matter: &Matter<'_>,
    names: Vec<String>,
    revision: u32,
) -> Result<Found, Stop> {
    let company = client(recorder, access);
    let (world, connection) = (&recorder.world, &access.connection);
    // A customer's currency is fixed at creation, so it is the payment's.
    let currency = connection.company.multicurrency.then_some(matter.currency);
    let mut cleaned = Profile::of(matter.customer).1;
    let mut names = names.into_iter().take(NAMES_TRIED).peekable();
    let mut plainly = false;
    while let Some(display_name) = names.peek() {
        let mut record = new_record(matter.customer, display_name.clone(), currency);
        if plainly {
            left_out(&mut record.profile, &mut cleaned);
        }
        let request_id = RequestId::for_customer(
            &connection.company.realm,
            &matter.customer.id,
            &format!("{}{plainly}", matter.currency),
            display_name,
            revision,
        );
        recorder.pace.turn(world, &connection.company.realm).await;
        match company.create_customer(&request_id, &record).await {
            Ok(record) => {
                return Ok(Found {
                    record,
                    found_by: FoundBy::Created,
                    cleaned,
                });
            }
            Err(fault) if fault.class == FaultClass::NameTaken => {
                names.next();
            }
            // A value we did not know QuickBooks refuses: the name alone makes a customer.
            Err(fault)
                if !plainly
                    && matches!(fault.class, FaultClass::Refused | FaultClass::OurDefect) =>
            {
                plainly = true;
            }
            Err(fault) => return Err(Stop::for_fault(&fault, "", world.now(), world.timing())),
        }
    }
    Err(Stop::from(
        Reason::new(ReasonCode::CustomerNameTaken).with("fault", "6240"),
    ))
}

/// Leaves everything but the name out of a new record, and says so.
fn left_out(record: &mut Profile, cleaned: &mut Vec<Cleaned>) {
    let how = profile::How::LeftOut;
    for field in Field::ALL {
        if field != Field::DisplayName && record.get(field).is_some() {
            record.clear(field);
            cleaned.retain(|cleaned| cleaned.field != field);
            cleaned.push(Cleaned { field, how });
        }
    }
}
