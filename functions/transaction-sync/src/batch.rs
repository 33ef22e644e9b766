//! A batch: every message on its own, and only unfinished ones go back to the queue.
//!
//! In FIFO order a returned message takes the later ones of its group with it, so that nothing overtakes it.

use std::collections::HashSet;
use std::time::Duration;

use bookkeeping::message::{Message, Refusal, parse};
use common::store::Carrier;
use common::world::World;
use futures::stream::{self, StreamExt};
use recording::Recorder;
use recording::invocation::{Delivery, Invocation};
use recording::message::{carry_out, tell};

/// Most requests in flight for one merchant. QuickBooks takes ten; the rest is for whoever looks at the page.
///
/// Source: Intuit, "Limits and throttles".
const IN_FLIGHT_MAX: usize = 8;

/// How old a message may be at receipt before the rest of its merchant's goes into the lot: more wait behind it than
/// QuickBooks takes, and a queue with more than 120,000 of one group in front delays everybody.
///
/// Source: AWS, "Avoiding backlogs in FIFO queues".
const BURST_AGE: Duration = Duration::from_secs(60);

/// Works off one batch; gives the ids of the messages that are to come back.
///
/// `time_left` is what remains of the invocation. What became of each transaction is told before its message is
/// let go, so that a crash repeats it and never loses it.
pub async fn handle<W: World>(
    recorder: &Recorder<W>,
    batch: &[Delivery],
    time_left: Duration,
) -> Vec<String> {
    let parsed: Vec<Result<Message, Refusal>> =
        batch.iter().map(|delivery| parse(&delivery.body)).collect();
    let invocation = match Invocation::begin(recorder, &parsed, time_left, Carrier::Queue).await {
        Ok(invocation) => invocation,
        Err(again) => {
            tracing::error!(error = %again, "the batch could not begin; it comes back");
            return batch
                .iter()
                .map(|delivery| delivery.message_id.clone())
                .collect();
        }
    };
    for (delivery, parsed) in batch.iter().zip(&parsed) {
        let waited =
            |sent_at| Duration::try_from(recorder.world.now() - sent_at).unwrap_or_default();
        match parsed {
            Ok(message) if delivery.sent_at.is_some_and(|at| waited(at) > BURST_AGE) => {
                invocation.yield_to_lot(&message.merchant_id);
            }
            _ => {}
        }
    }
    let fates = stream::iter(batch.iter().zip(&parsed))
        .map(|(delivery, parsed)| carry_out(recorder, &invocation, delivery, parsed))
        .buffered(IN_FLIGHT_MAX)
        .collect::<Vec<_>>()
        .await;
    let unfinished = tell(recorder, fates).await;
    invocation.wake_drains(&recorder.world).await;
    recorder.remembered.refresh_ahead(&recorder.world).await;
    returned(batch, &unfinished)
}

/// The unfinished messages and the later ones of their groups.
fn returned(batch: &[Delivery], unfinished: &[bool]) -> Vec<String> {
    let mut stopped: HashSet<&str> = HashSet::new();
    let mut ids = Vec::new();
    for (delivery, unfinished) in batch.iter().zip(unfinished) {
        if *unfinished {
            stopped.insert(&delivery.group);
        }
        if stopped.contains(delivery.group.as_str()) {
            ids.push(delivery.message_id.clone());
        }
    }
    ids
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_returned_message_takes_the_later_ones_of_its_group_and_no_others() {
        let delivery = |id: &str, group: &str| Delivery {
            message_id: id.to_owned(),
            group: group.to_owned(),
            body: String::new(),
            sent_at: None,
        };
        let batch = [
            delivery("a1", "a"),
            delivery("b1", "b"),
            delivery("a2", "a"),
            delivery("b2", "b"),
            delivery("a3", "a"),
        ];
        assert_eq!(
            returned(&batch, &[false, false, true, false, false]),
            ["a2", "a3"]
        );
        assert!(returned(&batch, &[false; 5]).is_empty());
    }
}
