//! Leaving: what is given back where a connection ends, another takes its place, or an attempt comes to nothing.
//!
//! The tokens go last: while they are there, they show what is still to be given back, and whoever connects or
//! disconnects next does it.

use bookkeeping::connection::Connection;
use bookkeeping::ids::MerchantId;
use quickbooks::oauth::{OAuthClient, Revoked};
use secrecy::SecretString;

use crate::store::{Connections, Epochs, Onboarding, StoreError, TokenRow, Tokens};
use crate::tokens;
use crate::world::World;

/// Ends a connection whose state says already that nothing is sent by it. May be repeated.
///
/// Its permission is given back, its company is free for any merchant, and its tokens are erased, last, with what came
/// before it. `false` where Intuit could not be told: the tokens stay, to be given back another time.
///
/// # Errors
///
/// [`StoreError`] where the store is not to be had: repeated, it goes on.
pub async fn end<W: World>(
    world: &W,
    connection: &Connection,
    row: Option<&TokenRow>,
) -> Result<bool, StoreError> {
    let merchant = &connection.merchant;
    leave_behind(world, connection).await?;
    if let Some(row) = row
        && !give_back(world, merchant, row).await?
    {
        return Ok(false);
    }
    tokens::erase(world, merchant, Epochs::Through(connection.epoch)).await?;
    Ok(true)
}

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
pub async fn give_back<W: World>(
    world: &W,
    merchant: &MerchantId,
    row: &TokenRow,
) -> Result<bool, StoreError> {
    let realm = &row.realm;
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
        false => revoke(world, &tokens::opened(world, merchant, row).await?).await?,
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
pub async fn drop_attempt<W: World>(
    world: &W,
    merchant: &MerchantId,
    row: &TokenRow,
) -> Result<(), StoreError> {
    give_back(world, merchant, row).await?;
    tokens::erase(world, merchant, Epochs::One(row.epoch)).await
}

/// Leaves everything behind that came before a connection: older epochs, and attempts that nobody finished.
///
/// # Errors
///
/// [`StoreError`]: the next connecting or disconnecting does the rest.
pub async fn leave_behind<W: World>(world: &W, connection: &Connection) -> Result<(), StoreError> {
    let merchant = &connection.merchant;
    let Some(before) = connection.epoch.checked_sub(1) else {
        return Ok(());
    };
    for row in world.store().epochs(merchant).await? {
        if row.epoch <= before && !give_back(world, merchant, &row).await? {
            // Its company is free all the same; the permission lapses at Intuit by itself.
            let store = world.store();
            store.free_company(&row.realm, merchant, row.epoch).await?;
        }
    }
    tokens::erase(world, merchant, Epochs::Through(before)).await
}

/// Revokes at Intuit with the first of these tokens that it still knows. `false` where Intuit could not be told.
async fn revoke<W: World>(world: &W, tokens: &[SecretString]) -> Result<bool, StoreError> {
    let secret = world.app_secret().get(world).await?;
    let oauth = OAuthClient {
        transport: world.quickbooks(),
        endpoints: world.oauth_endpoints(),
        app: &secret.app,
        timeout: world.timing().refresh.timeout,
    };
    for token in tokens {
        match oauth.revoke(token).await {
            Ok(Revoked::Now) => return Ok(true),
            Ok(Revoked::Before) => {}
            Err(fault) => {
                tracing::warn!(
                    status = fault.status,
                    error = fault.error,
                    "Intuit could not be told of a revocation ({:?})",
                    fault.class
                );
                return Ok(false);
            }
        }
    }
    // It knows none of them: there is nothing left to give back.
    Ok(true)
}
