//! Changing: an operator's choice becomes the connection's, with its place in the history, and sets free what waited for it.

use std::time::Duration;

use bookkeeping::connection::Connection;
use bookkeeping::ids::MerchantId;
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
    /// It stands; with what it set free.
    Done(Freed),
    /// There is no connection.
    NotConnected,
    /// It cannot be chosen as the company stands by now.
    NotPossible,
}

/// What a click set free, as far as somebody at the page waits for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freed {
    /// Nothing was held for it.
    Nothing,
    /// Something was, and is on its way.
    Sending,
    /// There is more to look through than somebody waits for.
    Unfinished,
}

impl Freed {
    /// Of so many transactions.
    #[must_use]
    pub fn of(count: u64) -> Self {
        match count {
            0 => Self::Nothing,
            _ => Self::Sending,
        }
    }
}

impl Changed {
    /// What was freed goes nowhere while nothing can be written.
    fn sending(freed: Freed, connection: &Connection) -> Self {
        match connection.closed() {
            None => Self::Done(freed),
            Some(_) => Self::Done(Freed::Nothing),
        }
    }
}

/// What the operator is told, in an address: `sent` where transactions are being sent now, `quiet` where none are.
pub(crate) fn done(freed: Freed, sent: &str, quiet: &str) -> String {
    let name = match freed {
        Freed::Sending => sent,
        Freed::Nothing => quiet,
        Freed::Unfinished => "follows",
    };
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
            let decided = Some((&session.operator, Decision::Choice));
            let release = store.release(merchant, Release::For(frees), decided, world.now());
            let freed = freed(world, merchant, release).await?;
            if freed == Freed::Unfinished {
                let (by, now) = (Some(&session.operator), world.now());
                note_freed(world, merchant, |noted| noted.with(frees, by, now)).await?;
            }
            wake(world, session).await?;
            return Ok(Changed::sending(freed, &after));
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
        let release = release_freed(world, merchant, Then::Keep);
        let freed = freed(world, merchant, release).await?;
        wake(world, session).await?;
        return Ok(Changed::sending(freed, &after));
    }
    Err(StoreError::Unavailable(
        "a connection that changes all the time".to_owned(),
    ))
}

/// Waits for what sets transactions free as long as somebody at the page does. What was freed by then is on its way, and the rest
/// stands as it stood.
///
/// # Errors
///
/// [`StoreError`] where the store is not to be had.
pub(crate) async fn freed<W: World>(
    world: &W,
    merchant: &MerchantId,
    release: impl Future<Output = Result<u64, StoreError>>,
) -> Result<Freed, StoreError> {
    if let Some(count) = freed_in_time(world, release).await {
        return Ok(Freed::of(count?));
    }
    // As it ends where it is not cut off: what paused the lot meanwhile did not see what was freed.
    let nothing = Release::These(&[]);
    let resumed = world.store().release(merchant, nothing, None, world.now());
    resumed.await.map(|_| Freed::Unfinished)
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
