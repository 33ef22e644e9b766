//! What arrived while the operator had disconnected: theirs to send or to leave out, once they are back (R31).

use crate::change::{Freed, freed};
use crate::routes::form_stale;
use crate::story::BY;
use bookkeeping::reason::{Reason, ReasonCode};
use common::store::{Connections, Decision, Lots, Release, StoreError};
use common::web::session::Session;
use common::web::{Request, Response};
use common::world::World;

/// What of a merchant's arrived while disconnected.
pub(crate) const ARRIVALS: Release<'static> = Release::For(&[ReasonCode::Disconnected]);

/// How much arrived while disconnected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Arrivals {
    /// How many were counted.
    pub count: usize,
    /// Whether there may be more.
    pub or_more: bool,
}

/// `POST /quickbooks/activity/arrivals`: the operator says what becomes of them.
///
/// May be pressed again: what was decided is not held any more, and the rest is decided then.
///
/// # Errors
///
/// [`StoreError`] where the store is not to be had.
pub async fn decide<W: World>(
    world: &W,
    session: &Session,
    request: &Request,
) -> Result<Response, StoreError> {
    let (merchant, now) = (&session.merchant, world.now());
    let connection = world.store().opening(merchant).await?.connection;
    // Sent into a closed connection they would be held again, and asked about again.
    if connection.is_none_or(|connection| connection.closed().is_some()) {
        return Ok(Response::redirect("/quickbooks"));
    }
    let left_out = Reason::new(ReasonCode::LeftOut).with(BY, &session.operator);
    let decided = Some((&session.operator, Decision::Send));
    let store = world.store();
    let (decided, done) = match request.form("choice") {
        Some("send") => {
            let sent = store.release(merchant, ARRIVALS, decided, now);
            (freed(world, merchant, sent).await?, "sending")
        }
        Some("leave-out") => {
            let left_out = store.leave_out(merchant, ARRIVALS, &left_out, now);
            (freed(world, merchant, left_out).await?, "left-out")
        }
        _ => {
            return Ok(form_stale(world, session, request));
        }
    };
    tracing::info!(merchant.id = %merchant, operator.id = %session.operator, ?decided, "what arrived while disconnected: {done}");
    // If we stop before this, the sweep finds the armed lot.
    world
        .wake(std::slice::from_ref(merchant), std::time::Duration::ZERO)
        .await;
    // Somebody else may have decided them meanwhile.
    let done = match decided {
        Freed::Nothing => String::new(),
        Freed::Unfinished => "?done=part".to_owned(),
        Freed::Sending => format!("?done={done}"),
    };
    Ok(Response::redirect(&format!("/quickbooks{done}")))
}
