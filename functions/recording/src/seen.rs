//! What QuickBooks' answers show of the connection itself.

use bookkeeping::connection::ConnectionState;
use bookkeeping::refusals::Refusals;
use common::access::Access;
use common::access::state::change;
use common::store::{Healths, Tokens};
use common::world::World;

use crate::Recorder;
use crate::stop::{Again, Stop, refuses, shows};

/// Takes in what a stop shows of the connection: a state where it proves one, a refusal where it proves none by itself.
///
/// # Errors
///
/// [`Again`] where the store is down: the transaction comes again, and shows it again.
pub(crate) async fn saw<W: World>(
    recorder: &Recorder<W>,
    access: &Access,
    stop: &Stop,
) -> Result<(), Again> {
    if let Some(state) = shows(stop) {
        return now_in(recorder, access, state).await;
    }
    match refuses(stop) {
        Some(state) => refused(recorder, access, state).await,
        None => Ok(()),
    }
}

/// Takes in that QuickBooks refused what we asked though our token is good; where that has lasted, the connection becomes
/// `state`, except while so many connections fare badly that no refusal is believed.
///
/// If we stop between the two writes, the next refusal finds that it has lasted.
///
/// # Errors
///
/// [`Again`] where the store is down.
pub(crate) async fn refused<W: World>(
    recorder: &Recorder<W>,
    access: &Access,
    state: ConnectionState,
) -> Result<(), Again> {
    let connection = &access.connection;
    if connection.state != ConnectionState::Connected {
        // It is told already, or something that says more.
        return Ok(());
    }
    let (world, merchant) = (&recorder.world, &connection.merchant);
    let store = world.store();
    // Read anew: something else may have gone through since this was sent, and then nothing has lasted.
    let Some(row) = store.tokens(merchant, connection.epoch).await? else {
        return Ok(());
    };
    let refusals = Refusals::with(row.refusals, state, world.now());
    if row.refusals != Some(refusals) {
        store
            .note_refusals(merchant, connection.epoch, Some(&refusals))
            .await?;
        recorder.remembered.forget(merchant);
    }
    if !refusals.have_lasted() || store.answers(world.now()).await?.is_outage() {
        return Ok(());
    }
    // The alarm of the platform's operators does not watch this: the merchant is told.
    tracing::warn!(merchant.id = %merchant, times = refusals.times, "QuickBooks has refused {merchant} since {}", refusals.since);
    now_in(recorder, access, refusals.state).await
}

/// Takes in that something was written: whatever was believed of the connection, it works.
///
/// If we stop between the two writes, the next success does the second.
///
/// # Errors
///
/// [`Again`] where the store is down.
pub(crate) async fn went_through<W: World>(
    recorder: &Recorder<W>,
    access: &Access,
) -> Result<(), Again> {
    let (connection, world) = (&access.connection, &recorder.world);
    if access.refusals.is_some() {
        let (merchant, epoch) = (&connection.merchant, connection.epoch);
        world.store().note_refusals(merchant, epoch, None).await?;
        recorder.remembered.forget(merchant);
    }
    now_in(recorder, access, ConnectionState::Connected).await
}

/// Changes the connection's state to what QuickBooks has just shown, where that is news.
async fn now_in<W: World>(
    recorder: &Recorder<W>,
    access: &Access,
    state: ConnectionState,
) -> Result<(), Again> {
    let connection = &access.connection;
    if connection.state == state {
        return Ok(());
    }
    let merchant = &connection.merchant;
    // From the state it was sent under: a plan that ended meanwhile stays ended.
    let (epoch, from) = (connection.epoch, connection.state);
    change(&recorder.world, merchant, epoch, Some(from), state).await?;
    recorder.remembered.forget(merchant);
    Ok(())
}
