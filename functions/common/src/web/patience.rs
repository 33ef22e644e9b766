//! Patience: how long somebody at the page is kept waiting. An HTTP API answers for us after 30 seconds, with nothing that helps.
//! Source: AWS, "Quotas for HTTP APIs".

use std::pin::pin;
use std::time::Duration;

use futures::future::{Either, select};
use quickbooks::{Fault, Silence};

use crate::world::World;

/// How long QuickBooks is read at most; the rest is for a code that is exchanged before, and for what is written after.
const READING_MAX: Duration = Duration::from_secs(18);

/// How long is put back at most what was set free: QuickBooks may have been read before.
const FREEING_MAX: Duration = Duration::from_secs(5);

/// What was read, or that it took too long: nothing was written, and it may be read again.
///
/// # Errors
///
/// The [`Fault`] of the reading, or one of silence.
pub async fn read_in_time<W: World, T>(
    world: &W,
    reading: impl Future<Output = Result<T, Fault>>,
) -> Result<T, Fault> {
    let read = within(world, READING_MAX, reading).await;
    read.unwrap_or_else(|| Err(Fault::silent(Silence::Unknown)))
}

/// What was set free; none where there is more of it than somebody waits for: what was put back by then is on its way, and the rest
/// stands as it stood.
pub async fn freed_in_time<W: World, T>(world: &W, freeing: impl Future<Output = T>) -> Option<T> {
    within(world, FREEING_MAX, freeing).await
}

async fn within<W: World, T>(
    world: &W,
    longest: Duration,
    work: impl Future<Output = T>,
) -> Option<T> {
    match select(pin!(work), pin!(world.sleep(longest))).await {
        Either::Left((done, _)) => Some(done),
        Either::Right(_) => None,
    }
}
