//! Disconnecting, by the operator's own choice.

use bookkeeping::connection::ConnectionState;
use common::access::state;
use common::store::{Connections, Onboarding};
use common::tokens;
use common::web::notice::Notice;
use common::web::{Request, Response, visit};
use common::world::World;

use crate::revoke::revoke;
use crate::{Answer, Desk};

/// `POST /quickbooks/disconnect`. May be pressed again where Intuit could not be told; history, links and settings stay.
///
/// # Errors
///
/// [`common::store::StoreError`] where the store is not to be had.
pub async fn disconnect<W: World>(desk: &Desk<W>, request: &Request) -> Answer {
    let session = match visit::administrator(&desk.world, request).await? {
        Ok(session) => session,
        Err(page) => return Ok(page),
    };
    let (world, merchant) = (&desk.world, &session.merchant);
    let Some(connection) = world.store().opening(merchant).await?.connection else {
        return Ok(Response::redirect("/quickbooks"));
    };
    // First nothing is sent any more. If we stop after this line, the button is there to be pressed again.
    state::change(
        world,
        merchant,
        connection.epoch,
        ConnectionState::Disconnected,
    )
    .await?;
    let held = tokens::held(world, merchant, connection.epoch).await?;
    if !revoke(desk, &held).await? {
        return Ok(desk.notice(Notice::RevocationPending, request, Some(&session), &[]));
    }
    tokens::erase(world, merchant).await?;
    // Another account of the same business may connect it from now on.
    world
        .store()
        .free_company(&connection.company.realm, merchant)
        .await?;
    tracing::info!(merchant.id = %merchant, operator.id = %session.operator, "disconnected by choice");
    Ok(Response::redirect("/quickbooks?done=disconnected"))
}
