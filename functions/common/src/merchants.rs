//! Merchants: what MioCommerce says of one, by launch or by message, remembered and followed.

use std::time::Duration;

use bookkeeping::connection::{ConnectionState, Denial};
use bookkeeping::ids::MerchantId;
use bookkeeping::merchant::MerchantProfile;

use crate::access::state;
use crate::store::{Connections, Healths, Onboarding, StoreError};
use crate::world::World;

/// How often a profile is made anew because it was changed meanwhile.
const ROUNDS_MAX: usize = 8;

/// Remembers what was said of a merchant and has the connection follow: its entitlement, and whom to tell of trouble.
///
/// `word` makes the profile of what is known. Gives the profile as it is then; none where `word` gives none.
///
/// May be repeated: what follows is done again. If we stop before it is done, the message comes again, or the operator opens
/// the app once more.
///
/// # Errors
///
/// [`StoreError`] where the store is not to be had.
pub async fn learn<W: World>(
    world: &W,
    merchant: &MerchantId,
    word: impl Fn(Option<&MerchantProfile>) -> Option<MerchantProfile>,
) -> Result<Option<MerchantProfile>, StoreError> {
    let store = world.store();
    for _ in 0..ROUNDS_MAX {
        let known = store.merchant(merchant).await?;
        let Some(profile) = word(known.as_ref()) else {
            return Ok(None);
        };
        if known.as_ref() == Some(&profile) || store.learn_merchant(&profile).await? {
            follow_entitlement(world, merchant).await?;
            return Ok(Some(profile));
        }
    }
    Err(StoreError::Unavailable(
        "a profile that changes all the time".to_owned(),
    ))
}

/// Pauses a connection whose merchant is no longer entitled, whatever trouble it is in, and resumes it when it is again:
/// trouble that is still there shows itself then.
///
/// The newest word is read with the connection, and once more after a change: of two that are followed at once, the newer
/// counts. Where nothing is changed it is looked at all the same, because a new administrator may have to be told of trouble.
///
/// # Errors
///
/// [`StoreError`] where the store is not to be had.
pub async fn follow_entitlement<W: World>(
    world: &W,
    merchant: &MerchantId,
) -> Result<(), StoreError> {
    let store = world.store();
    for _ in 0..ROUNDS_MAX {
        let opening = store.opening(merchant).await?;
        let profile = store.merchant(merchant).await?;
        let (Some(connection), Some(profile)) = (opening.connection, profile) else {
            return Ok(());
        };
        // Without tokens there is nothing to pause.
        let Some(row) = opening.tokens else {
            return store.summon(merchant, world.now()).await;
        };
        let mut state = connection.state;
        if let Some(untold) = &row.untold {
            // Whoever decided it died before it was told.
            state::carry_out(world, merchant, connection.epoch, untold).await?;
            state = untold.state;
        }
        let Some(wanted) = wanted(profile.entitled, state) else {
            return store.summon(merchant, world.now()).await;
        };
        state::change(world, merchant, connection.epoch, Some(state), wanted).await?;
        if wanted == ConnectionState::Connected {
            world
                .wake(std::slice::from_ref(merchant), Duration::ZERO)
                .await;
        }
    }
    Err(StoreError::Unavailable(
        "a connection whose state changes all the time".to_owned(),
    ))
}

/// The state that a connection in `state` is to be in for the plan, where it is another.
fn wanted(is_entitled: bool, state: ConnectionState) -> Option<ConnectionState> {
    match (is_entitled, state) {
        // Given back for want of the plan: only reconnecting ends that.
        (_, ConnectionState::ReconnectNeeded(Denial::PlanOver)) => None,
        (
            false,
            ConnectionState::Connected
            | ConnectionState::ReadOnly
            | ConnectionState::ReconnectNeeded(_),
        ) => Some(ConnectionState::Paused),
        (true, ConnectionState::Paused) => Some(ConnectionState::Connected),
        _ => None,
    }
}
