//! Leaving: what is given back where a connection ends, another takes its place, or an attempt comes to nothing.
//!
//! The tokens go last: while they are there, they show what is still to be given back, and whoever connects or
//! disconnects next does it.

use bookkeeping::connection::Connection;
use bookkeeping::ids::MerchantId;
use common::store::{Connections, Epochs, Onboarding, StoreError, TokenRow, Tokens};
use common::tokens;
use common::world::World;

use crate::Desk;
use crate::revoke::revoke;

/// Gives back what the tokens of one epoch were for: the permission at Intuit, and the company. May be repeated.
///
/// Does nothing where the merchant's connection is to the same company by another epoch: revoking ends the whole permission
/// of our app there. For the same reason nothing is revoked where another merchant is connected to the company.
///
/// `false` where Intuit could not be told.
///
/// # Errors
///
/// [`StoreError`] where the store is not to be had.
pub(crate) async fn give_back<W: World>(
    desk: &Desk<W>,
    merchant: &MerchantId,
    row: &TokenRow,
) -> Result<bool, StoreError> {
    let (world, realm) = (&desk.world, &row.realm);
    let connection = world.store().opening(merchant).await?.connection;
    let is_wanted = |connection: &Connection| {
        connection.epoch != row.epoch && connection.company.realm == *realm
    };
    if connection.as_ref().is_some_and(is_wanted) {
        return Ok(true);
    }
    let owner = world.store().owner(realm).await?;
    let is_revoked = match owner.is_some_and(|owner| owner != *merchant) {
        true => true,
        false => revoke(desk, &tokens::opened(world, merchant, row).await?).await?,
    };
    // After revoking: whoever connects the company from here on has a permission of their own.
    if is_revoked {
        world
            .store()
            .free_company(realm, merchant, row.epoch)
            .await?;
    }
    Ok(is_revoked)
}

/// Drops an attempt that came to nothing. Where Intuit cannot be told, the permission lapses there by itself.
///
/// # Errors
///
/// [`StoreError`]: what is left of it goes with the next connecting.
pub(crate) async fn drop_attempt<W: World>(
    desk: &Desk<W>,
    merchant: &MerchantId,
    row: &TokenRow,
) -> Result<(), StoreError> {
    give_back(desk, merchant, row).await?;
    tokens::erase(&desk.world, merchant, Epochs::One(row.epoch)).await
}

/// Leaves everything behind that came before a connection: older epochs, and attempts that nobody finished.
///
/// # Errors
///
/// [`StoreError`]: the next connecting or disconnecting does the rest.
pub(crate) async fn leave_behind<W: World>(
    desk: &Desk<W>,
    connection: &Connection,
) -> Result<(), StoreError> {
    let (world, merchant) = (&desk.world, &connection.merchant);
    let Some(before) = connection.epoch.checked_sub(1) else {
        return Ok(());
    };
    for row in world.store().epochs(merchant).await? {
        if row.epoch <= before && !give_back(desk, merchant, &row).await? {
            // Its company is free all the same; the permission lapses at Intuit by itself.
            let store = world.store();
            store.free_company(&row.realm, merchant, row.epoch).await?;
        }
    }
    tokens::erase(world, merchant, Epochs::Through(before)).await
}
