//! The search for a customer's record, and its creation where there is none.

use std::time::Duration;

use bookkeeping::customer::{
    Cleaned, CompanyCustomer, Decision, Field, FoundBy, Profile, Wanted, new_record, profile,
    search,
};
use bookkeeping::ids::{CompanyCustomerId, SyncToken};
use bookkeeping::money::Currency;
use bookkeeping::reason::{Reason, ReasonCode};
use bookkeeping::request_id::RequestId;
use bookkeeping::text;
use common::access::Access;
use common::world::World;
use jiff::Timestamp;
use quickbooks::customers::Brought;
use quickbooks::{Fault, FaultClass};

use super::{Asked, Matter, fallback};
use crate::Recorder;
use crate::send::{client, since};
use crate::stop::Stop;

/// A record to link to.
pub(super) struct Found {
    pub(super) record: CompanyCustomer,
    pub(super) found_by: FoundBy,
    /// The profile an earlier attempt of ours created it from, which may be older than the one at hand.
    pub(super) created_from: Option<Asked>,
    pub(super) cleaned: Vec<Cleaned>,
}

/// The search for one customer, under its claim.
pub(super) struct Search<'a, W> {
    pub(super) recorder: &'a Recorder<W>,
    pub(super) access: &'a Access,
    pub(super) matter: &'a Matter<'a>,
    pub(super) revision: u32,
    /// When the link was claimed, by both clocks.
    pub(super) claimed_at: (Timestamp, Duration),
    /// What was created under the same address or name so lately that no query may show it yet.
    pub(super) lately: Vec<CompanyCustomerId>,
}

impl<W: World> Search<'_, W> {
    /// Finds the record by e-mail, then by name, else creates it. `unknown` is what earlier claims asked for.
    ///
    /// Costs one metered read where the address finds it, and never more than two, but for what a dead claim asked for or a
    /// record that was changed by hand minutes after it was created.
    pub(super) async fn find_or_create(
        &self,
        asked: &Asked,
        unknown: &[Asked],
    ) -> Result<Found, Stop> {
        let older = unknown
            .iter()
            .filter(|older| older.identity() != asked.identity());
        if let Some(ours) = self.created_earlier(older, unknown).await? {
            return Ok(ours);
        }
        let wanted = self.wanted();
        let emails = wanted.customer.email.as_deref().unwrap_or_default();
        let emails: Vec<&str> = text::emails(emails).collect();
        let mut found = self.created_lately().await?;
        let mut decision = wanted.by_email(&found);
        if !matches!(decision, Some(Decision::Link(..))) {
            add(&mut found, self.by_email(&emails).await?);
            decision = wanted.by_email(&found);
        }
        let decision = match decision {
            Some(decision) => decision,
            None => {
                let left = emails.is_empty() && self.lately.is_empty();
                self.decide_by_name(&wanted, found, left).await?
            }
        };
        match decision {
            Decision::Link(record, FoundBy::Created) => Ok(created_before(*record, unknown)),
            Decision::Link(record, found_by) => Ok(found_as(*record, found_by)),
            Decision::Ask(reason) => Err(Stop::from(reason)),
            Decision::Fallback => stand_in(self.access, self.matter.currency),
            Decision::Create { names, namesakes } => {
                let created = self.create(names).await;
                created.map_err(|stop| match stop.reason.code {
                    ReasonCode::CustomerNameTaken => Stop {
                        reason: stop.reason.with_candidates(&namesakes),
                        ..stop
                    },
                    _ => stop,
                })
            }
        }
    }

    /// What was created lately, as it stands: where the record is among it, no query is needed that may not show it.
    async fn created_lately(&self) -> Result<Vec<CompanyCustomer>, Stop> {
        let company = client(self.recorder, self.access);
        let mut lately = Vec::new();
        for record in &self.lately {
            self.turn().await;
            match company.read_customer(record).await {
                Ok(record) => lately.push(record),
                Err(fault) if fault.class == FaultClass::ReferenceDead => {}
                Err(fault) => return Err(self.unread(&fault)),
            }
        }
        Ok(lately)
    }

    /// Decides by the names a record may be shown under, among what was `found` before too; then, where a read is `left`, by
    /// the first and last name in it.
    async fn decide_by_name(
        &self,
        wanted: &Wanted<'_>,
        found: Vec<CompanyCustomer>,
        left: bool,
    ) -> Result<Decision, Stop> {
        let mut brought = self.by_name(&search::shown(wanted.customer)).await?;
        add(&mut brought.records, found);
        let mut decision = wanted.by_name(&brought.records);
        let person = search::first_and_last(wanted.customer).filter(|_| left);
        let is_nobody = matches!(decision, Decision::Create { .. } | Decision::Fallback);
        if let Some((first, last)) = person.filter(|_| is_nobody) {
            self.turn().await;
            let company = client(self.recorder, self.access);
            let more = company.customers_by_person(&first, &last).await;
            let more = more.map_err(|fault| self.unread(&fault))?;
            add(&mut brought.records, more.records);
            decision = wanted.by_name(&brought.records);
        }
        if let Decision::Create { names, .. } = &mut decision
            && !brought.is_whole
        {
            // Whoever has the first name may be the customer all the same, so that no second one is made up.
            names.truncate(1);
        }
        Ok(decision)
    }

    fn wanted(&self) -> Wanted<'_> {
        let connection = &self.access.connection;
        Wanted {
            customer: self.matter.customer,
            currency: self.matter.currency,
            home_currency: connection.company.home_currency,
            policies: &connection.settings.customers,
        }
    }

    /// A record that an earlier claim created and nobody heard of, looked for under what was asked for then.
    pub(super) async fn created_earlier<'p>(
        &self,
        under: impl Iterator<Item = &'p Asked>,
        unknown: &[Asked],
    ) -> Result<Option<Found>, Stop> {
        let mut sought = Vec::new();
        for (email, name) in under.map(Asked::identity) {
            if sought.contains(&(email, name)) {
                continue;
            }
            sought.push((email, name));
            let mut found = self.by_email(email.as_slice()).await?;
            found.extend(self.by_name(&[name.to_owned()]).await?.records);
            if let Some(ours) = self.wanted().ours(&found) {
                return Ok(Some(created_before(ours.clone(), unknown)));
            }
        }
        Ok(None)
    }

    /// Creates a record under the first name that is free.
    ///
    /// Both searches came before, and an attempt whose answer was lost would have shown in them: the claim was given to
    /// nobody until then. So a name that is taken belongs to somebody else, and is not looked at.
    pub(super) async fn create(&self, names: Vec<String>) -> Result<Found, Stop> {
        let Self {
            recorder,
            access,
            matter,
            revision,
            ..
        } = *self;
        let company = client(recorder, access);
        let (world, connection) = (&recorder.world, &access.connection);
        // A customer's currency is fixed at creation, so it is the payment's.
        let currency = connection.company.multicurrency.then_some(matter.currency);
        let mut cleaned = Profile::of(matter.customer).1;
        let mut names = names.into_iter().peekable();
        let mut plainly = false;
        while let Some(display_name) = names.peek() {
            let mut record = new_record(matter.customer, display_name.clone(), currency);
            if plainly {
                left_out(&mut record.profile, &mut cleaned);
            }
            let request_id = RequestId::for_customer(
                &connection.company.realm,
                &matter.customer.id,
                &serde_json::to_string(&record).expect("plain data"),
                revision,
            );
            recorder.pace.turn(world, &connection.company.realm).await;
            if since(recorder, self.claimed_at) > world.timing().lease {
                // Others may believe this claim dead by now: whoever comes next looks again.
                return Err(Stop::from(Reason::new(ReasonCode::QuickBooksDown)));
            }
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

    async fn by_email(&self, emails: &[&str]) -> Result<Vec<CompanyCustomer>, Stop> {
        if emails.is_empty() {
            return Ok(Vec::new());
        }
        self.turn().await;
        let company = client(self.recorder, self.access);
        let brought = company.customers_by_email(emails).await;
        Ok(brought.map_err(|fault| self.unread(&fault))?.records)
    }

    async fn by_name(&self, names: &[String]) -> Result<Brought, Stop> {
        self.turn().await;
        let company = client(self.recorder, self.access);
        let brought = company.customers_by_name(names).await;
        brought.map_err(|fault| self.unread(&fault))
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

pub(super) fn found_as(record: CompanyCustomer, found_by: FoundBy) -> Found {
    Found {
        record,
        found_by,
        created_from: None,
        cleaned: Vec::new(),
    }
}

/// Adds records to others, each once.
fn add(records: &mut Vec<CompanyCustomer>, more: Vec<CompanyCustomer>) {
    for record in more {
        if records.iter().all(|known| known.id != record.id) {
            records.push(record);
        }
    }
}

/// A record that an earlier attempt of ours created, and the profile it was most likely created from.
///
/// Where no attempt is remembered it is linked as it stands: what differs from MioCommerce's profile was changed by hand.
fn created_before(record: CompanyCustomer, unknown: &[Asked]) -> Found {
    let there = &record.profile;
    // What an attempt asked for and is not there tells against it, as what is there and was not asked for does; of two alike the
    // older, so that what the newer changed is written.
    let differs = |asked: &&Asked| {
        let is_other = |field: &Field| asked.profile.get(*field) != there.get(*field);
        Field::ALL.iter().filter(|field| is_other(field)).count()
    };
    let created_from = unknown.iter().min_by_key(differs).cloned();
    Found {
        created_from,
        ..found_as(record, FoundBy::Created)
    }
}

/// The fallback customer, which is never written to; its profile does not matter.
fn stand_in(access: &Access, currency: Currency) -> Result<Found, Stop> {
    let record = CompanyCustomer {
        id: fallback(access, currency)?,
        sync_token: SyncToken::parse("0").expect("a digit"),
        profile: Profile::default(),
        notes: None,
        active: true,
        sub_customer: false,
        currency: None,
    };
    Ok(found_as(record, FoundBy::Fallback))
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

#[cfg(test)]
mod tests {
    use bookkeeping::customer::{Value, Version};

    use super::*;

    fn asked(number: u64, phone: Option<&str>) -> Asked {
        let mut profile = Profile::default();
        profile.set(Field::Email, Value::Text("zoe@example.org".to_owned()));
        if let Some(phone) = phone {
            profile.set(Field::Phone, Value::Text(phone.to_owned()));
        }
        Asked {
            version: Version { number, at: None },
            profile,
            name: "Zoé Gagnon".to_owned(),
        }
    }

    #[test]
    fn a_record_nobody_heard_of_was_created_from_the_attempt_it_differs_least_from() {
        let attempts = [asked(1, None), asked(2, Some("514 555 0000"))];
        for (number, phone) in [(1, None), (2, Some("514 555 0000"))] {
            let record = CompanyCustomer {
                id: "1002".parse().unwrap(),
                sync_token: "0".parse().unwrap(),
                profile: asked(0, phone).profile,
                notes: None,
                active: true,
                sub_customer: false,
                currency: None,
            };
            let found = created_before(record, &attempts);
            let from = found.created_from.expect("one of them");
            assert_eq!(from.version.number, number, "{phone:?}");
        }
    }
}
