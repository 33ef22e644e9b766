//! A batch: every message on its own, and only unfinished ones go back to the queue.
//!
//! In FIFO order a returned message takes the later ones of its group with it, so that nothing overtakes it.

use std::collections::HashSet;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use bookkeeping::ids::MerchantId;
use bookkeeping::message::{Content, Message, Refusal, parse};
use bookkeeping::outcome::Outcome;
use bookkeeping::reason::{Reason, ReasonCode};
use bookkeeping::transaction::TransactionKey;
use common::access::Access;
use common::store::Store;
use common::told::{Told, told};
use common::world::World;
use futures::FutureExt;
use futures::stream::{self, StreamExt};

use crate::Sync;
use crate::customer::{BatchLinks, link_key};
use crate::invocation::{Delivery, Invocation};
use crate::kept::{keep, refuse};
use crate::record::{Job, record};
use crate::sealed::fingerprint;
use crate::stop::Again;

/// Most requests in flight for one merchant. QuickBooks takes ten; the rest is for whoever looks at the page.
///
/// Source: Intuit, "Limits and throttles".
const IN_FLIGHT_MAX: usize = 8;

/// Works off one batch; gives the ids of the messages that are to come back.
///
/// `time_left` is what remains of the invocation. What became of each transaction is told before its message is
/// let go, so that a crash repeats it and never loses it.
pub async fn handle<W: World>(
    sync: &Sync<W>,
    batch: &[Delivery],
    time_left: Duration,
) -> Vec<String> {
    let parsed: Vec<Result<Message, Refusal>> =
        batch.iter().map(|delivery| parse(&delivery.body)).collect();
    let invocation = Invocation {
        links: BatchLinks::default(),
        last_claim: (sync.world.uptime() + time_left).saturating_sub(sync.world.timing().lease),
    };
    if let Err(again) = prepare(sync, &invocation, &parsed).await {
        tracing::error!(error = %again, "the batch could not begin; it comes back");
        return batch
            .iter()
            .map(|delivery| delivery.message_id.clone())
            .collect();
    }
    let fates = stream::iter(batch.iter().zip(&parsed))
        .map(|(delivery, parsed)| fate(sync, &invocation, delivery, parsed))
        .buffered(IN_FLIGHT_MAX)
        .collect::<Vec<_>>()
        .await;
    let unfinished = tell(sync, fates).await;
    returned(batch, &unfinished)
}

/// The batched reads: connections and tokens, then the links of all customers.
async fn prepare<W: World>(
    sync: &Sync<W>,
    invocation: &Invocation,
    parsed: &[Result<Message, Refusal>],
) -> Result<(), Again> {
    let messages: Vec<&Message> = parsed
        .iter()
        .filter_map(|parsed| parsed.as_ref().ok())
        .collect();
    let mut merchants: Vec<MerchantId> = messages
        .iter()
        .map(|message| message.merchant_id.clone())
        .collect();
    merchants.sort();
    merchants.dedup();
    sync.remembered.prepare(&sync.world, &merchants).await?;
    let mut keys = Vec::new();
    for message in messages {
        let Content::PaymentCaptured {
            customer: Some(customer),
            ..
        } = &message.content
        else {
            continue;
        };
        let access: Option<Access> = sync
            .remembered
            .open(&sync.world, &message.merchant_id, sync.world.now())
            .await?
            .ok();
        keys.extend(access.map(|access| link_key(&access, customer)));
    }
    if keys.is_empty() {
        return Ok(());
    }
    let links = sync.world.store().links(&keys).await?;
    for (key, link) in keys.into_iter().zip(links) {
        if let Some(link) = link {
            invocation.links.learn(key, link);
        }
    }
    Ok(())
}

/// What became of a message: an outcome to tell, nothing to tell, or it comes back.
type Fate = Result<Option<Told>, Again>;

async fn fate<W: World>(
    sync: &Sync<W>,
    invocation: &Invocation,
    delivery: &Delivery,
    parsed: &Result<Message, Refusal>,
) -> Fate {
    // A panic in one message must not take the others with it; it comes back, and at last to the dead letters.
    match AssertUnwindSafe(work(sync, invocation, delivery, parsed))
        .catch_unwind()
        .await
    {
        Ok(fate) => fate,
        Err(_) => {
            tracing::error!(message.id = %delivery.message_id, "a message made the program panic; it comes back");
            Err(Again::Busy)
        }
    }
}

async fn work<W: World>(
    sync: &Sync<W>,
    invocation: &Invocation,
    delivery: &Delivery,
    parsed: &Result<Message, Refusal>,
) -> Fate {
    let started = sync.world.uptime();
    let (key, outcome) = match parsed {
        Ok(message) => match &message.content {
            Content::PaymentCaptured { payment, customer } => {
                let job = Job {
                    key: TransactionKey::payment(message.merchant_id.clone(), &payment.id),
                    payment,
                    customer: customer.as_ref(),
                    body: &delivery.body,
                    message_id: &delivery.message_id,
                    fingerprint: fingerprint(&payment.financial_fields()),
                };
                let outcome = record(sync, invocation, &job).await?;
                (job.key, outcome)
            }
            later => {
                let what = type_name(later);
                let reason = Reason::new(ReasonCode::Kept).with("what", what);
                keep(
                    sync,
                    message.merchant_id.as_str(),
                    &delivery.message_id,
                    &delivery.body,
                    &reason,
                )
                .await?;
                tracing::info!(merchant.id = %message.merchant_id, "kept a message of type {what}");
                return Ok(None);
            }
        },
        Err(refusal) => match refuse(sync, delivery, refusal).await? {
            Some(told) => told,
            None => return Ok(None),
        },
    };
    log(&key, &outcome, sync.world.uptime().saturating_sub(started));
    let world = &sync.world;
    Ok(Some(told(
        &key,
        &outcome,
        world.now(),
        world.quickbooks_api_url(),
        world.app_market_url(),
    )))
}

fn type_name(content: &Content) -> &'static str {
    match content {
        Content::PaymentCaptured { .. } => "payment.captured",
        Content::PaymentRefunded { .. } => "payment.refunded",
        Content::CustomerUpdated { .. } => "customer.updated",
        Content::CustomerErased { .. } => "customer.erased",
        Content::MerchantUpdated { .. } => "merchant.updated",
    }
}

fn log(key: &TransactionKey, outcome: &Outcome, took: Duration) {
    let duration_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    match outcome {
        Outcome::Synced(synced) => tracing::info!(
            merchant.id = %key.merchant,
            transaction.id = %key,
            receipt.id = %synced.receipt,
            duration_ms,
            "recorded {key} as sales receipt {}", synced.receipt
        ),
        Outcome::Stopped(reason) => tracing::info!(
            merchant.id = %key.merchant,
            transaction.id = %key,
            reason = reason.code.as_str(),
            duration_ms,
            "{key} is {}: {}", reason.state().as_str(), reason.code.as_str()
        ),
    }
}

/// Tells all outcomes together; gives, in order, whether each message is unfinished.
async fn tell<W: World>(sync: &Sync<W>, fates: Vec<Fate>) -> Vec<bool> {
    let outcomes: Vec<Told> = fates
        .iter()
        .filter_map(|fate| fate.as_ref().ok().cloned().flatten())
        .collect();
    let mut taken = match outcomes.is_empty() {
        true => Vec::new(),
        false => sync.world.tell(&outcomes).await,
    }
    .into_iter();
    let unfinished = |fate: Fate| match fate {
        Ok(Some(_)) => !taken.next().unwrap_or(false),
        Ok(None) => false,
        Err(again) => {
            tracing::warn!(error = %again, "a message comes back");
            true
        }
    };
    fates.into_iter().map(unfinished).collect()
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
