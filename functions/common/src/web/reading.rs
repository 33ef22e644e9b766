//! QuickBooks read for somebody who waits at the page.

use std::pin::pin;
use std::time::Duration;

use futures::future::{Either, select};
use quickbooks::{Fault, Silence};

use crate::world::World;

/// How long is read at most. An HTTP API answers for us after 30 seconds, with nothing that helps; the rest is for a code that
/// is exchanged before, and for what is written after. Source: AWS, "Quotas for HTTP APIs".
const READING_MAX: Duration = Duration::from_secs(18);

/// What was read, or that it took too long: nothing was written, and it may be read again.
///
/// # Errors
///
/// The [`Fault`] of the reading, or one of silence.
pub async fn in_time<W: World, T>(
    world: &W,
    reading: impl Future<Output = Result<T, Fault>>,
) -> Result<T, Fault> {
    match select(pin!(reading), pin!(world.sleep(READING_MAX))).await {
        Either::Left((read, _)) => read,
        Either::Right(_) => Err(Fault::silent(Silence::Unknown)),
    }
}
