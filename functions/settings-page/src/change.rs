//! Changing: an operator's choice becomes the connection's, with its place in the history, and sets free what waited for it.

use std::time::Duration;

use bookkeeping::connection::Connection;
use bookkeeping::reason::ReasonCode;
use bookkeeping::settings::history::Change;
use common::store::{Arming, Connections, Decision, Healths, Lots, Release, StoreError};
use common::web::Request;
use common::web::patience::freed_in_time;
use common::web::session::Session;
use common::world::World;
use recording::freed::{Then, note_freed, release_freed};

/// How often the connection is read again when others changed it in between.
const ATTEMPTS_MAX: usize = 8;

/// What became of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Changed {
    /// It stands; with whether anything is on its way by it.
    Done(bool),
    /// There is no connection.
    NotConnected,
    /// It cannot be chosen as the company stands by now.
    NotPossible,
}

impl Changed {
    /// What was freed goes nowhere while nothing can be written.
    fn sending(is_freed: bool, connection: &Connection) -> Self {
        Self::Done(is_freed && connection.closed().is_none())
    }
}

/// What the operator is told, in an address: `sent` where transactions are being sent now, else `quiet`.
pub(crate) fn done(is_sending: bool, sent: &str, quiet: &str) -> String {
    let name = if is_sending { sent } else { quiet };
    format!("done={name}")
}

/// The connection, where the form was drawn for its company: the ids of another company's lists mean something else here.
#[must_use]
pub fn drawn_for<'a>(connection: &'a Connection, request: &Request) -> Option<&'a Connection> {
    let company = request.form("company");
    (company == Some(connection.company.realm.as_str())).then_some(connection)
}

/// Makes a change to a merchant's connection, and puts what waits for one of these reasons back into the lot. Where it changes
/// nothing, nothing is written of it.
///
/// `make` gives the connection as it is to be, from how it stands; `None` where that cannot be. If we stop after the
/// change, the sweep wakes the lot's drain, which releases the rest.
///
/// # Errors
///
/// [`StoreError`] where the store is not to be had, or others keep changing the connection.
pub async fn change<W: World>(
    world: &W,
    session: &Session,
    make: impl Fn(&Connection) -> Option<Connection>,
    frees: &[ReasonCode],
) -> Result<Changed, StoreError> {
    let (store, merchant) = (world.store(), &session.merchant);
    // First the lot: where we stop after the change, its drain releases what the change has freed.
    store.arm(&Arming::from_now(merchant, world.now())).await?;
    for _ in 0..ATTEMPTS_MAX {
        let Some(before) = store.opening(merchant).await?.connection else {
            return Ok(Changed::NotConnected);
        };
        let Some(after) = make(&before) else {
            return Ok(Changed::NotPossible);
        };
        if after == before {
            // Nothing to write; what the operator mended elsewhere is tried all the same. If we stop before that, the
            // operator presses again.
            let is_freed = free(world, session, frees, Decision::Choice).await?;
            wake(world, session).await?;
            return Ok(Changed::sending(is_freed, &after));
        }
        let by = Some(&session.operator);
        let change = Change::between(&before, &after, by, world.now());
        let after = Connection {
            frees: after.frees.clone().with(frees, by, world.now()),
            ..after
        };
        if !store.revise(&after, change.as_ref()).await? {
            continue;
        }
        tracing::info!(merchant.id = %merchant, operator.id = %session.operator, moved = ?change.map(|change| change.moves.into_keys().collect::<Vec<_>>()), "settings changed");
        // It is written down: the drain goes on with what takes longer.
        let freed = freed_in_time(world, release_freed(world, merchant, Then::Keep)).await;
        let is_freed = freed.transpose()?.is_none_or(|freed| freed > 0);
        wake(world, session).await?;
        return Ok(Changed::sending(is_freed, &after));
    }
    Err(StoreError::Unavailable(
        "a connection that changes all the time".to_owned(),
    ))
}

/// Puts what is held for one of these reasons back into the lot, by this decision; gives whether anything was. More than somebody at the
/// page waits for is written down, and the drain goes on with it. If we stop before that, what is left is held as it was.
///
/// # Errors
///
/// [`StoreError`] where the store is not to be had, or others keep changing the connection.
pub(crate) async fn free<W: World>(
    world: &W,
    session: &Session,
    codes: &[ReasonCode],
    what: Decision,
) -> Result<bool, StoreError> {
    let (merchant, by, now) = (&session.merchant, &session.operator, world.now());
    let held = Release::For(codes);
    let release = world.store().release(merchant, held, Some((by, what)), now);
    match freed_in_time(world, release).await {
        Some(freed) => Ok(freed? > 0),
        None => {
            note_freed(world, merchant, |frees| frees.with(codes, Some(by), now)).await?;
            Ok(true)
        }
    }
}

/// Has the merchant's drain and whoever looks after the connection come: who is told of trouble may be somebody else now.
async fn wake<W: World>(world: &W, session: &Session) -> Result<(), StoreError> {
    let merchant = &session.merchant;
    world.store().summon(merchant, world.now()).await?;
    world
        .wake(std::slice::from_ref(merchant), Duration::ZERO)
        .await;
    Ok(())
}
