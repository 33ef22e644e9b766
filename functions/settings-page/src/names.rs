//! Names: whose transactions a list shows.
//!
//! Nothing of a person is kept for it. Names are read where they are sealed already: in the links of customers, in one batched
//! read; and of those who are not linked yet in the messages that wait. Who was erased has none.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use bookkeeping::connection::Connection;
use bookkeeping::customer::{Baseline, Field, Profile};
use bookkeeping::message::{Content, parse};
use bookkeeping::transaction::{Customer, TransactionKey};
use common::sealing::KeyRing;
use common::store::{
    Activity, Link, LinkKey, Links, Row, Standing, StoreError, link_context, payload_context,
};
use common::world::World;
use futures::stream::{self, StreamExt, TryStreamExt};
use recording::customer::link_key;

/// How many messages are read at once.
const AT_ONCE: usize = 16;

/// What stands between what is told of one customer.
pub(crate) const BETWEEN: &str = " · ";

/// Who paid or was paid back, by their transactions.
pub(crate) type Names = HashMap<TransactionKey, String>;

/// The names of these transactions' customers, where they are known: in two reads, and one for each transaction that waits
/// for a customer who is not linked.
///
/// # Errors
///
/// [`StoreError`] where the store is not to be had.
pub(crate) async fn names<W: World>(
    world: &W,
    connection: Option<&Connection>,
    transactions: &[(&TransactionKey, &Row)],
) -> Result<Names, StoreError> {
    let of =
        |(key, row): &(&TransactionKey, &Row)| Some(((*key).clone(), link_of(connection?, row)?));
    let of: HashMap<TransactionKey, LinkKey> = transactions.iter().filter_map(of).collect();
    let wanted: BTreeSet<&LinkKey> = of.values().collect();
    let wanted: Vec<LinkKey> = wanted.into_iter().cloned().collect();
    let mut names = Names::new();
    if wanted.is_empty() {
        return Ok(names);
    }
    let links = world.store().links(&wanted).await?;
    let ring = world.payload_keys().await?;
    let linked: BTreeMap<&LinkKey, String> = wanted
        .iter()
        .zip(&links)
        .filter_map(|(key, link)| Some((key, linked_name(ring, key, link.as_ref()?)?)))
        .collect();
    let mut unlinked = Vec::new();
    for (key, row) in transactions {
        match of.get(*key).and_then(|link| linked.get(link)) {
            Some(name) => {
                names.insert((*key).clone(), name.clone());
            }
            None if of.contains_key(*key) && is_kept(row) => unlinked.push(*key),
            None => {}
        }
    }
    let told = stream::iter(unlinked)
        .map(async |key| Ok::<_, StoreError>((key, told_customer(world, key).await?)))
        .buffer_unordered(AT_ONCE)
        .try_collect::<Vec<_>>()
        .await?;
    let told = told
        .into_iter()
        .filter_map(|(key, customer)| Some((key.clone(), name(&customer?)?)));
    names.extend(told);
    Ok(names)
}

/// The link of a transaction's customer, where it names one.
pub(crate) fn link_of(connection: &Connection, row: &Row) -> Option<LinkKey> {
    let listing = row.listing.as_ref()?;
    let customer = listing.customer.as_ref()?;
    Some(link_key(connection, customer, listing.amount?.currency()))
}

/// Everything that says who paid or was paid back, as their message has it, while that is still kept.
///
/// # Errors
///
/// [`StoreError`] where the store is not to be had.
pub(crate) async fn whole<W: World>(
    world: &W,
    key: &TransactionKey,
) -> Result<Option<String>, StoreError> {
    let customer = told_customer(world, key).await?;
    Ok(customer.map(|customer| {
        let all = [
            full_name(&customer),
            customer.company_name,
            customer.email,
            customer.phone,
        ];
        all.into_iter().flatten().collect::<Vec<_>>().join(BETWEEN)
    }))
}

/// Whether the message of a transaction is still kept.
fn is_kept(row: &Row) -> bool {
    !matches!(row.standing, Standing::Synced | Standing::Skipped)
}

/// The name a linked customer has in QuickBooks; none where it was erased, or what is kept cannot be opened.
fn linked_name(ring: &KeyRing, key: &LinkKey, link: &Link) -> Option<String> {
    let content = ring
        .open(link.baseline.as_ref()?, &link_context(key))
        .ok()?;
    let baseline: Baseline = serde_json::from_slice(&content).ok()?;
    let shown = |profile: &Profile| profile.text(Field::DisplayName).map(str::to_owned);
    shown(&baseline.seen).or_else(|| shown(&baseline.ours))
}

async fn told_customer<W: World>(
    world: &W,
    key: &TransactionKey,
) -> Result<Option<Customer>, StoreError> {
    let Some(sealed) = world.store().message(key).await? else {
        return Ok(None);
    };
    let opened = world
        .payload_keys()
        .await?
        .open(&sealed, &payload_context(key));
    let text = opened.ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let message = text.and_then(|text| parse(&text).ok());
    Ok(match message.map(|message| message.content) {
        Some(
            Content::PaymentCaptured { customer, .. } | Content::PaymentRefunded { customer, .. },
        ) => customer,
        _ => None,
    })
}

/// The name QuickBooks would show of a customer: the business, else the person.
fn name(customer: &Customer) -> Option<String> {
    customer
        .company_name
        .clone()
        .or_else(|| full_name(customer))
}

fn full_name(customer: &Customer) -> Option<String> {
    let parts = [&customer.first_name, &customer.last_name];
    let parts: Vec<&str> = parts.into_iter().flatten().map(String::as_str).collect();
    Some(parts.join(" ")).filter(|name| !name.is_empty())
}
