//! The sweep: once a minute, every lot that is due is woken. It is what makes a lost wake-up only a delay.

use std::time::Duration;

use common::store::lot::DUE_SHARDS;
use common::store::{Lots, StoreError};
use common::world::World;

/// Wakes the drain of every lot that is due; gives how many.
///
/// A lot that is being drained is due when its drain's lease ends, so it is woken only where that drain died.
///
/// # Errors
///
/// [`StoreError`] where the store cannot be read; the next sweep finds the rest.
pub async fn sweep<W: World>(world: &W) -> Result<usize, StoreError> {
    let mut woken = 0;
    for shard in 0..DUE_SHARDS {
        let due = world.store().due_lots(shard, world.now()).await?;
        if !due.is_empty() {
            world.wake(&due, Duration::ZERO).await;
        }
        woken += due.len();
    }
    if woken > 0 {
        tracing::info!(woken, "woke the drains of {woken} lots that are due");
    }
    Ok(woken)
}
