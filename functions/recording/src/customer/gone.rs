//! A receipt refused for something inactive or deleted: whether that is the customer, and then its link is given up.

use bookkeeping::customer::FoundBy;
use bookkeeping::ids::CompanyCustomerId;
use bookkeeping::transaction::{Customer, TransactionKey};
use common::access::Access;
use common::store::{LinkClaimed, LinkKey, Links};
use common::world::World;
use quickbooks::FaultClass;

use super::{Asked, BatchLinks, link_claim, seal};
use crate::Recorder;
use crate::fresh::name;
use crate::send::client;
use crate::stop::{Again, Stop};

/// A receipt that was refused, and whom it was for.
pub struct Refused<'a> {
    /// The transaction.
    pub by: &'a TransactionKey,
    /// Who paid.
    pub customer: &'a Customer,
    /// Its link.
    pub key: &'a LinkKey,
    /// The record the receipt named.
    pub sent_to: &'a CompanyCustomerId,
}

/// Whether the customer's record is what a refused receipt found dead: deleted, merged or made inactive.
///
/// Its link is then given up, so that the customer is looked for again, once: a link made for this very transaction is not
/// doubted. Costs one metered read a batch, because the fault names no culprit: QuickBooks says of customers and of
/// accounts alike that "something you're trying to use has been made inactive". If we stop after the link is given up,
/// whatever comes next for the customer finds it anew.
///
/// # Errors
///
/// [`Again`] where the store is down; a [`Stop`] inside where the record could not be read, which proves nothing.
pub async fn is_gone<W: World>(
    recorder: &Recorder<W>,
    access: &Access,
    links: &BatchLinks,
    refused: &Refused<'_>,
) -> Result<Result<bool, Stop>, Again> {
    let (world, key) = (&recorder.world, refused.key);
    let door = links.door(key);
    let _inside = door.lock().await;
    // Another payment of the batch gave it up before, or has linked the customer anew.
    let Some(link) = links
        .get(key)
        .filter(|link| link.record == *refused.sent_to)
    else {
        return Ok(Ok(true));
    };
    if link.found_by == FoundBy::Fallback
        || link.facts.linked_for == refused.by.to_string()
        || links.was_seen(key)
    {
        return Ok(Ok(false));
    }
    recorder
        .pace
        .turn(world, &access.connection.company.realm)
        .await;
    let is_gone = match client(recorder, access).read_customer(&link.record).await {
        Ok(record) => !record.active,
        Err(fault) if fault.class == FaultClass::ReferenceDead => true,
        Err(fault) => return Ok(Err(Stop::for_read(&fault, world.now(), world.timing()))),
    };
    if !is_gone {
        links.saw(key);
        return Ok(Ok(false));
    }
    let owner = name(world.random());
    let claim = link_claim(world, key, &owner);
    let sealed = seal(recorder, key, &Asked::of(refused.customer)).await?;
    let store = world.store();
    let claimed = store
        .claim_link(&claim, &sealed, Some(&link.record))
        .await?;
    if let LinkClaimed::Ours { asked, .. } = claimed {
        store.release_link(key, &owner, false, &asked).await?;
    }
    links.unlearn(key);
    tracing::info!(
        merchant.id = %key.merchant,
        customer.id = %key.customer,
        "customer {key} is looked for again: {} is gone or inactive", link.record
    );
    Ok(Ok(true))
}
