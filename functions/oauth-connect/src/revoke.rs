//! Revoking: a permission is given back to Intuit.

use common::store::StoreError;
use common::world::World;
use quickbooks::oauth::{OAuthClient, Revoked};
use secrecy::SecretString;

use crate::Desk;

/// Revokes at Intuit with the first of these tokens that it still knows. `false` where Intuit could not be told.
///
/// # Errors
///
/// [`StoreError`] where the app's secret cannot be had.
pub(crate) async fn revoke<W: World>(
    desk: &Desk<W>,
    tokens: &[SecretString],
) -> Result<bool, StoreError> {
    let world = &desk.world;
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
