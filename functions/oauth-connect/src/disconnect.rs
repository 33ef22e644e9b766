//! Disconnecting, by the operator's own choice.

use bookkeeping::connection::ConnectionState;
use common::access::state;
use common::leaving;
use common::store::{Connections, StoreError, Untold};
use common::web::notice::Notice;
use common::web::{Request, Response, visit};
use common::world::World;

use crate::{Answer, Desk};

/// `POST /quickbooks/disconnect`: history, links and settings stay.
///
/// Pressed again, it finishes what was begun, whatever stopped it. A connection made meanwhile, or since the page was drawn, is
/// left alone.
///
/// # Errors
///
/// [`StoreError`] where the store is not to be had.
pub async fn disconnect<W: World>(desk: &Desk<W>, request: &Request) -> Answer {
    let session = match visit::administrator(&desk.world, request).await? {
        Ok(session) => session,
        Err(page) => return Ok(page),
    };
    let (world, merchant) = (&desk.world, &session.merchant);
    let store = world.store();
    let Some(before) = store.opening(merchant).await?.connection else {
        return Ok(Response::redirect("/quickbooks"));
    };
    let epoch = before.epoch;
    let shown = request.form("epoch").and_then(|epoch| epoch.parse().ok());
    if shown != Some(epoch) {
        return Ok(desk.notice(Notice::Overtaken, request, Some(&session), &[]));
    }
    // First nothing is sent any more. If we stop after this line, the button is there to be pressed again.
    state::change(world, merchant, epoch, None, ConnectionState::Disconnected).await?;
    let now = store.opening(merchant).await?;
    let Some(connection) = now.connection.filter(|now| now.epoch == epoch) else {
        return Ok(desk.notice(Notice::Overtaken, request, Some(&session), &[]));
    };
    let untold = now.tokens.as_ref().and_then(|row| row.untold);
    // Decided before, by somebody who died over it.
    let is_told = match (connection.state, untold) {
        (ConnectionState::Disconnected, None) => true,
        (_, untold) => {
            let untold = untold.unwrap_or(Untold {
                state: ConnectionState::Disconnected,
                at: world.now(),
            });
            state::carry_out(world, merchant, epoch, &untold).await?
        }
    };
    // The tokens go last: while they are there, the page shows the button. With them would go the note of what was not told.
    let is_ended = match (&now.tokens, is_told) {
        (Some(row), false) => {
            leaving::give_back(world, merchant, row).await?;
            let silent = "the outcome queue does not take a disconnection".to_owned();
            return Err(StoreError::Unavailable(silent));
        }
        (row, _) => leaving::end(world, &connection, row.as_ref()).await?,
    };
    if !is_ended {
        return Ok(desk.notice(Notice::RevocationPending, request, Some(&session), &[]));
    }
    tracing::info!(merchant.id = %merchant, operator.id = %session.operator, "disconnected by choice");
    Ok(Response::redirect("/quickbooks?done=disconnected"))
}
