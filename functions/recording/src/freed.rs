//! Freed: what a change of the operator's choices has set free goes back into the lot, whoever gets to it.

use bookkeeping::connection::Connection;
use bookkeeping::ids::MerchantId;
use common::store::{Connections, Lots, Release, StoreError};
use common::world::World;

/// Puts back what the connection's last changes have freed, and strikes it off; gives how much.
///
/// The reasons are written down with the change itself, in one write. If we stop before they are struck off, the drain of
/// the merchant's lot, which was armed before the change, does the same again: what is released already is not held.
///
/// # Errors
///
/// [`StoreError`] where the store is not to be had.
pub async fn release_freed<W: World>(world: &W, merchant: &MerchantId) -> Result<u64, StoreError> {
    let store = world.store();
    let Some(connection) = store.opening(merchant).await?.connection else {
        return Ok(0);
    };
    if connection.frees.is_empty() {
        return Ok(0);
    }
    let frees = Release::For(&connection.frees);
    let released = store.release(merchant, frees, world.now()).await?;
    let done = Connection {
        frees: Vec::new(),
        ..connection
    };
    // Refused where it was changed once more: then that change's drain strikes both off.
    store.revise(&done, None).await?;
    Ok(released)
}
