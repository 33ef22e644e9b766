//! The customer's record in the company: linked already, found, or created once; then kept up to date.
//!
//! | file | what |
//! |---|---|
//! | `resolve` | a customer without a link is linked |
//! | `doors` | whoever looks for one address goes through alone |
//! | `search` | its record: found by e-mail, by name, created |
//! | `follow` | a newer profile of a linked customer |
//! | `writing` | some fields of a record, written |
//! | `gone` | a link whose record is dead |
//! | [`updated`] | the message that a profile changed |
//! | `choose` | the operator's choice, and what it sets free |
//! | [`put_back`] | an overwrite put back |
//! | [`erased`] | the message that a customer is to be forgotten |
//! | `links` | what one batch knows of links, and what it has to tell of them |

mod choose;
mod doors;
mod erased;
mod follow;
mod gone;
mod links;
mod put_back;
mod resolve;
mod search;
mod updated;
mod writing;

use bookkeeping::connection::Connection;
use bookkeeping::customer::news::CustomerBecame;
use bookkeeping::customer::{Field, FoundBy, Profile, Version, name};
use bookkeeping::ids::{CompanyCustomerId, CustomerId};
use bookkeeping::money::Currency;
use bookkeeping::reason::{Reason, ReasonCode};
use bookkeeping::transaction::{Customer, TransactionKey};
use common::access::Access;
use common::sealing::nonce;
use common::store::{Link, LinkChange, LinkClaim, LinkKey, Standing, StoreError, link_context};
use common::world::World;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

pub use choose::{Choice, Chosen, choose_customer};
pub use erased::{erased, erased_again};
pub use gone::{Refused, is_gone};
pub use links::BatchLinks;
pub use put_back::{Overwritten, PutBack, overwritten, put_back};
pub use updated::{CaughtUp, catch_up, updated};

use crate::Recorder;
use crate::seen::saw;
use crate::stop::{Again, Stop};

/// The link key of a customer under a connection, for payments in one currency.
#[must_use]
pub fn link_key(connection: &Connection, customer: &CustomerId, currency: Currency) -> LinkKey {
    let company = &connection.company;
    LinkKey {
        merchant: connection.merchant.clone(),
        realm: company.realm.clone(),
        customer: customer.clone(),
        currency: (company.multicurrency && currency != company.home_currency).then_some(currency),
    }
}

/// A claim on a customer's link, from now.
fn link_claim<'a, W: World>(world: &W, key: &'a LinkKey, owner: &'a str) -> LinkClaim<'a> {
    LinkClaim {
        key,
        owner,
        now: world.now(),
        lease: world.timing().lease,
        quiescence: world.timing().quiescence,
    }
}

/// The customer's record in the company: found or created where it is not linked yet, brought up to date where its
/// profile is newer.
///
/// `by` is the transaction it is for. What became of the customer is told before anything is written of the transaction: if
/// we stop before that, the transaction comes again and tells it. Stopping half-way leaves a claimed link that is given to
/// nobody until a creation would show; then the e-mail and the name find what was created.
///
/// # Errors
///
/// [`Again`] where another worker is at this customer or the store is down; a [`Stop`] inside where QuickBooks or
/// the operator has to act.
pub async fn in_company<W: World>(
    recorder: &Recorder<W>,
    access: &Access,
    links: &BatchLinks,
    by: &TransactionKey,
    customer: Option<&Customer>,
    currency: Currency,
) -> Result<Result<CompanyCustomerId, Stop>, Again> {
    let Some(customer) = customer else {
        return Ok(fallback(access, currency));
    };
    let key = link_key(&access.connection, &customer.id, currency);
    // The batch may hold a newer profile than this message's: one write instead of two.
    let customer = links.newest(&key.merchant, customer);
    let by = by.to_string();
    let matter = Matter {
        key: &key,
        customer: &customer,
        currency,
        by: &by,
    };
    let in_company = brought_up(recorder, access, links, &matter).await?;
    links.tell(recorder, &by).await?;
    if let Err(stop) = &in_company {
        // Where every customer is new, no receipt is ever tried that would show it.
        saw(recorder, access, stop).await?;
    }
    Ok(in_company)
}

/// The record of a customer, with its link and profile as they should be.
async fn brought_up<W: World>(
    recorder: &Recorder<W>,
    access: &Access,
    links: &BatchLinks,
    matter: &Matter<'_>,
) -> Result<Result<CompanyCustomerId, Stop>, Again> {
    let key = matter.key;
    let is_up_to_date = |link: &Link| !Version::of(matter.customer).is_newer_than(&link.version);
    let known = links.get(key).filter(|link| is_current(access, link));
    if let Some(link) = known.filter(is_up_to_date) {
        links.tell_again(matter, &link);
        return Ok(Ok(link.record));
    }
    let door = links.door(key);
    let _inside = door.lock().await;
    match links.get(key) {
        None => resolve::resolve(recorder, access, links, matter, None).await,
        Some(link) if !is_current(access, &link) => {
            resolve::resolve(recorder, access, links, matter, Some(&link.record)).await
        }
        Some(link) => match follow::follow(recorder, access, links, matter, link).await? {
            follow::Followed::Linked(link) => Ok(Ok(link.record)),
            follow::Followed::Gone(record) => {
                resolve::resolve(recorder, access, links, matter, Some(&record)).await
            }
            follow::Followed::Stopped(stop) => Ok(Err(before_sending(stop))),
        },
    }
}

/// A customer, and what it is wanted for.
pub(crate) struct Matter<'a> {
    pub(crate) key: &'a LinkKey,
    pub(crate) customer: &'a Customer,
    pub(crate) currency: Currency,
    pub(crate) by: &'a str,
}

impl Matter<'_> {
    /// What keeps fingerprints of two customers apart.
    fn salt(&self) -> String {
        link_context(self.key)
    }
}

/// The record that payments in this currency without a customer are booked to.
fn fallback(access: &Access, currency: Currency) -> Result<CompanyCustomerId, Stop> {
    let connection = &access.connection;
    let fallback = connection.settings.fallback(currency, &connection.company);
    fallback.cloned().ok_or_else(|| {
        let reason = Reason::new(ReasonCode::FallbackCustomerMissing);
        Stop::from(reason.with("currency", currency))
    })
}

/// Whether a link still holds under the settings: the fallback customer stands in only while it is wanted to.
fn is_current(access: &Access, link: &Link) -> bool {
    let settings = &access.connection.settings;
    link.found_by != FoundBy::Fallback
        || settings.customers.fallback_instead_of_creating && settings.is_fallback(&link.record)
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

/// Whether QuickBooks is proven to have refused a creation: asked again under the same id, it may repeat that answer for ever.
fn was_refused(stop: &Stop) -> bool {
    matches!(
        stop.reason.code,
        ReasonCode::QuickBooksRefused
            | ReasonCode::CompanyReadOnly
            | ReasonCode::CustomerNameTaken
            | ReasonCode::AdministratorLost
            | ReasonCode::AccessRefused
            | ReasonCode::PermissionMissing
    )
}

/// What a claim asks for, or may have written. It stays with the claim, sealed, so that after a death or a lost answer it is
/// known what QuickBooks may have been told.
#[derive(Clone, Serialize, Deserialize)]
struct Asked {
    version: Version,
    profile: Profile,
    /// The name a new record gets where it is free.
    #[serde(default)]
    name: String,
}

impl Asked {
    fn of(customer: &Customer) -> Self {
        Self {
            version: Version::of(customer),
            profile: Profile::of(customer).0,
            name: name::plain(customer),
        }
    }

    /// The address and the name that a record created from this is found under.
    fn identity(&self) -> (Option<&str>, &str) {
        let shown = self.profile.text(Field::DisplayName);
        let name = shown.unwrap_or(&self.name);
        (self.profile.text(Field::Email), name)
    }
}

/// Opens what earlier claims asked for.
async fn open_all<W: World>(
    recorder: &Recorder<W>,
    key: &LinkKey,
    sealed: &[Vec<u8>],
) -> Result<Vec<Asked>, Again> {
    let mut asked = Vec::with_capacity(sealed.len());
    for sealed in sealed {
        asked.push(open(recorder, key, sealed).await?);
    }
    Ok(asked)
}

/// Seals what is kept of a customer with its link.
async fn seal<W: World>(
    recorder: &Recorder<W>,
    key: &LinkKey,
    kept: &impl Serialize,
) -> Result<Vec<u8>, Again> {
    let keys = recorder.world.payload_keys().await?;
    let content = serde_json::to_vec(kept).expect("plain data");
    let nonce = nonce(recorder.world.random());
    Ok(keys.seal(&content, &link_context(key), nonce))
}

/// Opens what is kept of a customer with its link.
async fn open<W: World, T: DeserializeOwned>(
    recorder: &Recorder<W>,
    key: &LinkKey,
    sealed: &[u8],
) -> Result<T, Again> {
    let keys = recorder.world.payload_keys().await?;
    let unreadable = || StoreError::unreadable(format!("what is kept of customer {key}"));
    let content = keys
        .open(sealed, &link_context(key))
        .map_err(|_| unreadable())?;
    Ok(serde_json::from_slice(&content).map_err(|_| unreadable())?)
}

/// What to tell of a link.
fn linked_news(link: &Link) -> CustomerBecame {
    CustomerBecame::Linked {
        record: link.record.clone(),
        found_by: link.found_by,
        cleaned: link.facts.cleaned.clone(),
    }
}

/// What to tell of a change.
fn updated_news(link: &Link, change: &LinkChange) -> CustomerBecame {
    CustomerBecame::Updated {
        record: link.record.clone(),
        written: change.written.clone(),
        unwritten: change.unwritten.clone(),
        cleaned: change.cleaned.clone(),
    }
}
