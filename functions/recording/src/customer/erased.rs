//! The message that a customer is to be forgotten. What the books need stays: ids and amounts.

use bookkeeping::ids::{CustomerId, MerchantId};
use common::access::Closed;
use common::store::Links;
use common::world::World;

use crate::Recorder;
use crate::invocation::Invocation;
use crate::stop::Again;

/// Erases what is kept of a customer: profiles, before-images, hashes and changes that wait.
///
/// May be repeated; if we stop half-way, the message comes again. The record in QuickBooks is the merchant's.
///
/// # Errors
///
/// [`Again`] where the store is down: the message comes back.
pub async fn erased<W: World>(
    recorder: &Recorder<W>,
    invocation: &Invocation,
    merchant: &MerchantId,
    customer: &CustomerId,
) -> Result<(), Again> {
    let world = &recorder.world;
    let opened = recorder
        .remembered
        .open(world, merchant, world.now())
        .await?;
    let realm = match opened {
        // Nothing was ever kept.
        Err(Closed::NotConnected) => return Ok(()),
        Err(Closed::Waiting(connection, ..)) => connection.company.realm,
        Ok(access) => access.connection.company.realm,
    };
    invocation.links.forget(merchant, customer);
    let links = world
        .store()
        .erase_links(merchant, &realm, customer)
        .await?;
    tracing::info!(
        merchant.id = %merchant,
        customer.id = %customer,
        "erased what was kept of customer {customer}: {links} links"
    );
    Ok(())
}
