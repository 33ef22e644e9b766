//! A customer without a link: found by e-mail, found by name, or created once.

use bookkeeping::customer::news::CustomerBecame;
use bookkeeping::customer::{
    Baseline, Cleaned, CompanyCustomer, Decision, Field, Fingerprints, FoundBy, Profile, Value,
    Version, Wanted, new_record, profile,
};
use bookkeeping::ids::{CompanyCustomerId, SyncToken};
use bookkeeping::reason::{Reason, ReasonCode};
use bookkeeping::request_id::RequestId;
use common::access::Access;
use common::store::{Link, LinkClaim, LinkClaimed, LinkFacts, Links, Standing};
use common::world::World;
use quickbooks::{Fault, FaultClass};

use super::follow::{Followed, follow};
use super::{BatchLinks, Matter, before_sending, fallback, linked_news, open, seal};
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
    /// The profile an earlier attempt of ours created it from, which may be older than the one at hand.
    pub(super) created_from: Option<Profile>,
    pub(super) cleaned: Vec<Cleaned>,
}

/// What a claim looks for and may create. It stays with the claim, so that after a death a record is found again that was
/// created from an older profile.
fn identity(profile: &Profile) -> (Option<&str>, &str) {
    let name = profile.text(Field::DisplayName).unwrap_or_default();
    (profile.text(Field::Email), name)
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
    let asked = Profile::of(matter.customer).0;
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
    let mut unknown: Vec<Profile> = Vec::with_capacity(before.len());
    for sealed in &before {
        unknown.push(open(recorder, matter.key, sealed).await?);
    }
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
        // Any profile is newer than one nobody knows the version of.
        Some(older) => (older, Version::default()),
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

/// The search for one customer, under its claim.
struct Search<'a, W> {
    recorder: &'a Recorder<W>,
    access: &'a Access,
    matter: &'a Matter<'a>,
    revision: u32,
}

impl<W: World> Search<'_, W> {
    /// Finds the record by e-mail, then by name, else creates it. `unknown` is what earlier claims asked for.
    async fn find_or_create(&self, asked: &Profile, unknown: &[Profile]) -> Result<Found, Stop> {
        let connection = &self.access.connection;
        let wanted = Wanted {
            customer: self.matter.customer,
            currency: self.matter.currency,
            home_currency: connection.company.home_currency,
            policies: &connection.settings.customers,
        };
        let mut sought = vec![identity(asked)];
        for older in unknown.iter().map(identity) {
            if sought.contains(&older) {
                continue;
            }
            sought.push(older);
            let mut found = self.by_email(older.0).await?;
            found.extend(self.by_name(older.1).await?);
            if let Some(ours) = wanted.ours(&found) {
                return Ok(created_before(ours.clone(), asked, unknown));
            }
        }
        let (email, name) = identity(asked);
        let decision = wanted.by_email(&self.by_email(email).await?);
        let decision = match decision {
            Some(decision) => decision,
            None => wanted.by_name(&self.by_name(name).await?),
        };
        match decision {
            Decision::Link(record, FoundBy::Created) => Ok(created_before(*record, asked, unknown)),
            Decision::Link(record, found_by) => Ok(found_as(*record, found_by)),
            Decision::Ask(reason) => Err(Stop::from(reason)),
            Decision::Fallback => stand_in(self.access),
            Decision::Create { names } => {
                create(
                    self.recorder,
                    self.access,
                    self.matter,
                    names,
                    self.revision,
                )
                .await
            }
        }
    }

    async fn by_email(&self, email: Option<&str>) -> Result<Vec<CompanyCustomer>, Stop> {
        let Some(email) = email else {
            return Ok(Vec::new());
        };
        self.turn().await;
        let company = client(self.recorder, self.access);
        let found = company.customers_by_email(email).await;
        found.map_err(|fault| self.unread(&fault))
    }

    async fn by_name(&self, name: &str) -> Result<Vec<CompanyCustomer>, Stop> {
        self.turn().await;
        let company = client(self.recorder, self.access);
        let found = company.customers_by_name(name).await;
        found.map_err(|fault| self.unread(&fault))
    }

    async fn turn(&self) {
        let realm = &self.access.connection.company.realm;
        self.recorder.pace.turn(&self.recorder.world, realm).await;
    }

    fn unread(&self, fault: &Fault) -> Stop {
        let world = &self.recorder.world;
        Stop::for_read(fault, world.now(), world.timing())
    }
}

fn found_as(record: CompanyCustomer, found_by: FoundBy) -> Found {
    Found {
        record,
        found_by,
        created_from: None,
        cleaned: Vec::new(),
    }
}

/// A record that an earlier attempt of ours created, and the profile it was most likely created from.
///
/// Where no attempt is remembered, it is what stands in the record, as far as MioCommerce knows the field: what was added
/// by hand is not ours to clear.
fn created_before(record: CompanyCustomer, asked: &Profile, unknown: &[Profile]) -> Found {
    let there = &record.profile;
    let alike = |profile: &&Profile| {
        let same = profile
            .iter()
            .filter(|(field, value)| there.get(*field) == Some(*value));
        same.count()
    };
    let from = unknown.iter().max_by_key(alike).cloned();
    let from = from.unwrap_or_else(|| {
        let mut from = asked.clone();
        for (field, value) in there.iter() {
            // A display name that was made distinct is not a change.
            let distinct = match (asked.get(field), value) {
                (Some(Value::Text(plain)), Value::Text(shown)) => {
                    field == Field::DisplayName && shown.starts_with(plain.as_str())
                }
                _ => false,
            };
            if asked.get(field).is_some() && !distinct {
                from.set(field, value.clone());
            }
        }
        from
    });
    Found {
        created_from: Some(from),
        ..found_as(record, FoundBy::Created)
    }
}

/// The fallback customer, which is never written to; its profile does not matter.
fn stand_in(access: &Access) -> Result<Found, Stop> {
    let record = CompanyCustomer {
        id: fallback(access)?,
        sync_token: SyncToken::parse("0").expect("a digit"),
        profile: Profile::default(),
        notes: None,
        active: true,
        sub_customer: false,
        currency: None,
    };
    Ok(found_as(record, FoundBy::Fallback))
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
                    created_from: None,
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
