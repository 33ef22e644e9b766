//! A change of the connection's state: noted, carried out, told, in this order, so that none is ever silent.

use bookkeeping::connection::ConnectionState;
use bookkeeping::ids::MerchantId;

use crate::store::{Connections, Healths, StoreError, Tokens, Untold};
use crate::told;
use crate::world::World;

/// Changes the state of a connection and tells MioCommerce.
///
/// Every change goes this way: one that is found out by several is told once. If we stop half-way, the note stays, and
/// whoever opens the connection next finishes it. Nothing happens where it is in another state than `from` by now: what was
/// found out was about how it stood before, and is found out again where it is still so. None as `from` is the operator's
/// word, which counts however it stands. Nor where the epoch is gone, or the operator has disconnected it: that is final.
///
/// # Errors
///
/// [`StoreError`] where it could not be noted or carried out.
pub async fn change<W: World>(
    world: &W,
    merchant: &MerchantId,
    epoch: u64,
    from: Option<ConnectionState>,
    to: ConnectionState,
) -> Result<(), StoreError> {
    let untold = Untold {
        state: to,
        at: world.now(),
    };
    let store = world.store();
    if !store.note_untold(merchant, epoch, from, &untold).await? {
        return Ok(());
    }
    carry_out(world, merchant, epoch, &untold).await?;
    Ok(())
}

/// Carries out a change that was noted, and has the connection's health looked at, so that the operator hears of it.
///
/// May be repeated: it is told under the same id. Nothing happens where something else was decided since: that stands.
/// `false` where MioCommerce could not be told: the note stays.
///
/// # Errors
///
/// [`StoreError`] where it could not be carried out; the note stays.
pub async fn carry_out<W: World>(
    world: &W,
    merchant: &MerchantId,
    epoch: u64,
    untold: &Untold,
) -> Result<bool, StoreError> {
    let store = world.store();
    if store.set_state(merchant, epoch, untold.state).await? {
        // If we stop after this, whoever looks finds the note, and finishes it.
        store.summon(merchant, world.now()).await?;
        let told = told::connection_changed(merchant, epoch, untold, world.app_market_url());
        if world.tell(&[told]).await != [true] {
            return Ok(false);
        }
        tracing::info!(merchant.id = %merchant, "the connection of {merchant} is now {}", untold.state.stored());
    }
    store.note_told(merchant, epoch, untold).await?;
    Ok(true)
}
