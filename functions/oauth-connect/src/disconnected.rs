//! Disconnected inside QuickBooks: Intuit sends the operator's browser here, unsigned, so it only makes us look.

use std::time::Duration;

use bookkeeping::ids::RealmId;
use common::access::check;
use common::store::{Connections, Healths, Onboarding, StoreError};
use common::web::Request;
use common::web::notice::Notice;
use common::world::World;

use crate::{Answer, Desk};

/// An access token lives an hour; one issued within the last minute needs no check that anybody can ask for.
const JUST_REFRESHED: Duration = Duration::from_secs(3600 - 60 - 60);

/// `GET /quickbooks/disconnected?realmId=…`. The page is the same whatever the company.
///
/// # Errors
///
/// [`StoreError`] where the store is not to be had.
pub async fn disconnected<W: World>(desk: &Desk<W>, request: &Request) -> Answer {
    if let Some(realm) = request
        .query("realmId")
        .and_then(|id| RealmId::parse(id).ok())
    {
        look(&desk.world, &realm).await?;
    }
    Ok(desk.notice(Notice::Checking, request, None, &[]))
}

async fn look<W: World>(world: &W, realm: &RealmId) -> Result<(), StoreError> {
    let Some(merchant) = world.store().owner(realm).await? else {
        return Ok(());
    };
    let opening = world.store().opening(&merchant).await?;
    let access = opening.tokens.and_then(|row| row.access);
    let is_fresh = access.is_some_and(|access| access.expires_at > world.now() + JUST_REFRESHED);
    if !is_fresh {
        let verdict = check(world, &merchant).await?;
        // One refusal proves nothing: whoever looks after connections asks again when it may.
        world.store().summon(&merchant, world.now()).await?;
        tracing::info!(merchant.id = %merchant, "Intuit says it was disconnected there: {verdict:?}");
    }
    Ok(())
}
