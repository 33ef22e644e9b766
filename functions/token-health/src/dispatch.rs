//! Dispatching: once a minute, whose connection is due to be looked at. Without a scan: the index lists them by time.

use std::time::Duration;

use bookkeeping::ids::MerchantId;
use common::store::lot::DUE_SHARDS;
use common::store::{Healths, StoreError};
use common::world::World;
use futures::stream::{self, StreamExt};

/// Most looks a minute that are sent for, over all merchants: 20 a second, 1.7 million a day.
pub const LOOKS_MAX: usize = 1200;

/// The same while Intuit's token endpoint is out of order: enough to see when it is mended.
const PROBES_MAX: usize = DUE_SHARDS as usize;

/// How long a look that was sent for has before it is sent for again.
const GIVEN: Duration = Duration::from_secs(30 * 60);

/// Writes on their way at once.
const AT_ONCE: usize = 16;

/// Sends for a look at every connection that is due; gives at how many.
///
/// Each is put off first. If we stop after that, it is late by half an hour, and not lost.
///
/// # Errors
///
/// [`StoreError`] where the store is not to be had; the next minute finds the rest.
pub async fn dispatch<W: World>(world: &W) -> Result<usize, StoreError> {
    let store = world.store();
    let is_outage = store.answers(world.now()).await?.is_outage();
    let most = match is_outage {
        true => PROBES_MAX,
        false => LOOKS_MAX,
    };
    if is_outage {
        // The alarm watches this line.
        tracing::error!(
            metric.VerdictsFrozen = 1,
            "Intuit's token endpoint is out of order: no refusal is believed, and few connections are checked"
        );
    }
    let mut sent_for = 0;
    for shard in 0..DUE_SHARDS {
        let limit = most / DUE_SHARDS as usize;
        let due = store.due_healths(shard, world.now(), limit).await?;
        let put_off: Vec<Option<MerchantId>> = stream::iter(due)
            .map(|merchant| async move {
                let now = world.now();
                match store.put_off(&merchant, now, now + GIVEN).await {
                    Ok(true) => Some(merchant),
                    // Looked at since.
                    Ok(false) => None,
                    Err(error) => {
                        tracing::warn!(merchant.id = %merchant, error = %error, "a look at a connection is late");
                        None
                    }
                }
            })
            .buffer_unordered(AT_ONCE)
            .collect()
            .await;
        let ours: Vec<MerchantId> = put_off.into_iter().flatten().collect();
        if !ours.is_empty() {
            world.send_for(&ours).await;
        }
        sent_for += ours.len();
    }
    if sent_for > 0 {
        tracing::info!(sent_for, "sent for looks at {sent_for} connections");
    }
    Ok(sent_for)
}
