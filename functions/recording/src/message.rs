//! A message: taken to the story it is about, and what became of it told.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use bookkeeping::merchant::MerchantProfile;
use bookkeeping::message::{Content, Message, Refusal};
use bookkeeping::outcome::{Outcome, document};
use bookkeeping::reason::{Reason, ReasonCode};
use bookkeeping::transaction::{Merchant, TransactionKey};
use common::merchants;
use common::told::{Told, told};
use common::world::World;
use futures::FutureExt;
use tracing::Instrument;

use crate::Recorder;
use crate::customer;
use crate::invocation::{Delivery, Invocation};
use crate::job::{Job, Moved};
use crate::kept::{keep, refuse};
use crate::learn::learn_merchant;
use crate::record::record;
use crate::sealed::fingerprint;
use crate::settle::Reached;
use crate::stop::Again;

/// What became of a message: an outcome to tell, nothing to tell, or it comes back.
pub type Fate = Result<Option<Became>, Again>;

/// What became of a transaction, and how MioCommerce is told.
#[derive(Clone, Debug)]
pub struct Became {
    /// What it has come to.
    pub reached: Reached,
    /// How it is told.
    pub told: Told,
}

/// Carries out one message, whatever it is about.
pub async fn carry_out<W: World>(
    recorder: &Recorder<W>,
    invocation: &Invocation,
    delivery: &Delivery,
    parsed: &Result<Message, Refusal>,
) -> Fate {
    // Whatever is logged on its way says what it is about: one search for MioCommerce's id finds Intuit's trace ids.
    let about = parsed.as_ref().map(about).unwrap_or_default();
    let trace = tracing::info_span!("message", message.id = %delivery.message_id, message.about = about, merchant.id = %delivery.group);
    // A panic in one message must not take the others with it; it comes back, and at last to the dead letters.
    match AssertUnwindSafe(work(recorder, invocation, delivery, parsed))
        .catch_unwind()
        .instrument(trace)
        .await
    {
        Ok(fate) => fate,
        Err(_) => {
            tracing::error!(message.id = %delivery.message_id, "a message made the program panic; it comes back");
            Err(Again::Busy)
        }
    }
}

/// What a message is about, by MioCommerce's id.
fn about(message: &Message) -> String {
    let merchant = || message.merchant_id.clone();
    match &message.content {
        Content::PaymentCaptured { payment, .. } => {
            TransactionKey::payment(merchant(), &payment.id).to_string()
        }
        Content::PaymentRefunded { refund, .. } => {
            TransactionKey::refund(merchant(), &refund.id).to_string()
        }
        Content::CustomerUpdated { customer } => format!("customer/{}", customer.id),
        Content::CustomerErased { customer_id } => format!("customer/{customer_id}"),
        Content::MerchantUpdated { .. } => format!("merchant/{}", message.merchant_id),
    }
}

async fn work<W: World>(
    recorder: &Recorder<W>,
    invocation: &Invocation,
    delivery: &Delivery,
    parsed: &Result<Message, Refusal>,
) -> Fate {
    let started = recorder.world.uptime();
    let (key, reached) = match parsed {
        Ok(message) => match &message.content {
            Content::PaymentCaptured { payment, customer } => {
                let job = Job {
                    key: TransactionKey::payment(message.merchant_id.clone(), &payment.id),
                    moved: Moved::In(payment),
                    customer: customer.as_ref(),
                    body: &delivery.body,
                    message_id: &delivery.message_id,
                    fingerprint: fingerprint(&payment.financial_fields()),
                };
                (job.key.clone(), record(recorder, invocation, &job).await?)
            }
            Content::PaymentRefunded {
                refund,
                payment,
                customer,
            } => {
                let job = Job {
                    key: TransactionKey::refund(message.merchant_id.clone(), &refund.id),
                    moved: Moved::Back {
                        refund,
                        payment: payment.as_deref(),
                    },
                    customer: customer.as_ref(),
                    body: &delivery.body,
                    message_id: &delivery.message_id,
                    fingerprint: fingerprint(&refund.financial_fields()),
                };
                (job.key.clone(), record(recorder, invocation, &job).await?)
            }
            Content::CustomerUpdated { customer } => {
                let merchant = &message.merchant_id;
                customer::updated(recorder, invocation, merchant, customer, &delivery.body).await?;
                return Ok(None);
            }
            Content::CustomerErased { customer_id } => {
                customer::erased(recorder, invocation, &message.merchant_id, customer_id).await?;
                return Ok(None);
            }
            Content::MerchantUpdated { merchant } => {
                learn(recorder, message, merchant, delivery).await?;
                return Ok(None);
            }
        },
        Err(refusal) => match refuse(recorder, delivery, refusal).await? {
            Some(told) => told,
            None => return Ok(None),
        },
    };
    log(
        &key,
        &reached.outcome,
        recorder.world.uptime().saturating_sub(started),
    );
    Ok(Some(became(&recorder.world, &key, reached)))
}

/// Remembers what a message says of its merchant. Where it does not tell enough of one we know nothing of, it is kept whole.
async fn learn<W: World>(
    recorder: &Recorder<W>,
    message: &Message,
    told: &Merchant,
    delivery: &Delivery,
) -> Result<(), Again> {
    let merchant = &message.merchant_id;
    let learned = merchants::learn(&recorder.world, merchant, |known| {
        MerchantProfile::updated(known, merchant, message.sent_at, told)
    });
    if learned.await?.is_some() {
        // Its entitlement may have closed or opened the connection.
        recorder.remembered.forget(merchant);
        learn_merchant(&recorder.world, merchant, told).await?;
        return Ok(());
    }
    let reason = Reason::new(ReasonCode::Kept).with("what", "merchant.updated");
    let (id, body) = (&delivery.message_id, &delivery.body);
    keep(recorder, merchant.as_str(), id, body, &reason).await?;
    tracing::info!(merchant.id = %merchant, "kept a message about {merchant}, of whom too little is known");
    Ok(())
}

/// What became of a transaction, worded.
pub fn became<W: World>(world: &W, key: &TransactionKey, reached: Reached) -> Became {
    let told = told(
        key,
        &reached.outcome,
        reached.since,
        world.quickbooks_api_url(),
        world.app_market_url(),
    );
    Became { reached, told }
}

fn log(key: &TransactionKey, outcome: &Outcome, took: Duration) {
    let duration_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    match outcome {
        Outcome::Synced(synced) => tracing::info!(
            merchant.id = %key.merchant,
            transaction.id = %key,
            receipt.id = %synced.receipt,
            duration_ms,
            "recorded {key} as {} {}", document(key.kind), synced.receipt
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
pub async fn tell<W: World>(recorder: &Recorder<W>, fates: Vec<Fate>) -> Vec<bool> {
    let outcomes: Vec<Told> = fates
        .iter()
        .filter_map(|fate| Some(fate.as_ref().ok()?.as_ref()?.told.clone()))
        .collect();
    let mut taken = match outcomes.is_empty() {
        true => Vec::new(),
        false => recorder.world.tell(&outcomes).await,
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
