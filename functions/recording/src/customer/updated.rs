//! The message that a customer's profile changed. It writes nothing for a customer who never paid.

use bookkeeping::customer::Version;
use bookkeeping::ids::{MerchantId, RealmId};
use bookkeeping::message::{Content, parse};
use bookkeeping::transaction::Customer;
use common::access::{Access, Closed};
use common::store::{LinkKey, Links, ParkedChange, StoreError, message_context};
use common::world::World;

use super::follow::{Followed, follow};
use super::{BatchLinks, Matter};
use crate::Recorder;
use crate::fresh::nonce;
use crate::invocation::Invocation;
use crate::stop::Again;

/// Carries out a changed profile for every record the customer is linked to; gives whether it is waiting instead.
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
) -> Result<bool, Again> {
    let world = &recorder.world;
    let opened = recorder
        .remembered
        .open(world, merchant, world.now())
        .await?;
    let realm = match &opened {
        Err(Closed::NotConnected) => return Ok(false),
        Err(Closed::Waiting(connection, ..)) => connection.company.realm.clone(),
        Ok(access) => access.connection.company.realm.clone(),
    };
    let followed = match &opened {
        Ok(access) => carry_out(recorder, access, &invocation.links, customer).await?,
        Err(_) => {
            let links = world.store().links_of(merchant, &realm, &customer.id);
            links.await?.is_empty()
        }
    };
    if followed {
        return Ok(false);
    }
    park(recorder, merchant, &realm, customer, body).await?;
    Ok(true)
}

/// Takes up the changes that wait for this merchant's company; gives how many are left.
///
/// # Errors
///
/// [`Again`] where the store is down, or where something could not be told.
pub async fn catch_up<W: World>(
    recorder: &Recorder<W>,
    merchant: &MerchantId,
) -> Result<usize, Again> {
    let world = &recorder.world;
    let opened = recorder
        .remembered
        .open(world, merchant, world.now())
        .await?;
    let Ok(access) = opened else { return Ok(0) };
    let realm = &access.connection.company.realm;
    let links = BatchLinks::default();
    let mut left = 0;
    for parked in world.store().parked_changes(merchant, realm).await? {
        let keys = world.payload_keys().await?;
        let context = message_context(merchant.as_str(), &message_id(&parked));
        let unreadable =
            || StoreError::Unreadable(format!("a change of customer {}", parked.customer));
        let body = keys
            .open(&parked.payload, &context)
            .map_err(|_| unreadable())?;
        let body = String::from_utf8(body).map_err(|_| unreadable())?;
        let Ok(Content::CustomerUpdated { customer }) = parse(&body).map(|message| message.content)
        else {
            return Err(unreadable().into());
        };
        if carry_out(recorder, &access, &links, &customer).await? {
            // If we stop before this line, the change is found carried out and told again.
            world
                .store()
                .unpark_change(merchant, realm, &parked)
                .await?;
        } else {
            left += 1;
        }
    }
    Ok(left)
}

/// Brings every record the customer is linked to up to this profile, and tells it; gives whether all of them are.
async fn carry_out<W: World>(
    recorder: &Recorder<W>,
    access: &Access,
    links: &BatchLinks,
    customer: &Customer,
) -> Result<bool, Again> {
    let store = recorder.world.store();
    let merchant = &access.connection.merchant;
    let realm = &access.connection.company.realm;
    // The batch may hold a newer profile than this message's: one write instead of two.
    let newest = links.newest(merchant, customer);
    let by = format!("customer/{}/{}", customer.id, customer.version);
    let mut all = true;
    for (key, standing) in store.links_of(merchant, realm, &customer.id).await? {
        let Some(link) = standing else {
            // Its first payment is on the way, with a profile that may be older.
            all = false;
            continue;
        };
        let door = links.door(&key);
        let _inside = door.lock().await;
        let matter = Matter {
            key: &key,
            customer: &newest,
            currency: currency(access, &key),
            by: &by,
        };
        let link = links.get(&key).unwrap_or(link);
        all &= match follow(recorder, access, links, &matter, link).await {
            Ok(Followed::Linked(_)) => true,
            // Nobody to write to: the next payment looks for the customer again.
            Ok(Followed::Gone(record)) => {
                tracing::info!(
                    merchant.id = %merchant,
                    customer.id = %customer.id,
                    "customer {key} cannot be updated: {record} is gone or inactive"
                );
                true
            }
            Ok(Followed::Stopped(_)) | Err(Again::Busy) => false,
            Err(again) => return Err(again),
        };
    }
    links.tell(recorder, &by).await?;
    Ok(all)
}

async fn park<W: World>(
    recorder: &Recorder<W>,
    merchant: &MerchantId,
    realm: &RealmId,
    customer: &Customer,
    body: &str,
) -> Result<(), Again> {
    let world = &recorder.world;
    let mut parked = ParkedChange {
        customer: customer.id.clone(),
        version: Version::of(customer),
        payload: Vec::new(),
    };
    let context = message_context(merchant.as_str(), &message_id(&parked));
    let keys = world.payload_keys().await?;
    parked.payload = keys.seal(body.as_bytes(), &context, nonce(world.random()));
    Ok(world.store().park_change(merchant, realm, &parked).await?)
}

fn message_id(parked: &ParkedChange) -> String {
    format!("customer/{}", parked.customer)
}

fn currency(access: &Access, key: &LinkKey) -> bookkeeping::money::Currency {
    key.currency
        .unwrap_or(access.connection.company.home_currency)
}
