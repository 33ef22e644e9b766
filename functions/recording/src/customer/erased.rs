//! The message that a customer is to be forgotten. What the books need stays: ids and amounts.

use std::time::Duration;

use bookkeeping::ids::{CustomerId, MerchantId};
use common::store::{
    Arming, Changes, Erasure, Kept, KeptTransaction, Links, Lots, Standing, StoreError,
    payload_context,
};
use common::world::World;
use jiff::Timestamp;
use serde_json::Value;

use crate::Recorder;
use crate::invocation::Invocation;
use crate::sealed::{open, seal};
use crate::stop::Again;

/// How long after an erasure everything is looked through once more: longer than an invocation lives that was at the customer then,
/// and the index of what is kept takes to show what it wrote.
const ONCE_MORE: Duration = Duration::from_secs(180);

/// How long until one is looked for again that somebody was at.
const BUSY: Duration = Duration::from_secs(60);

/// How long until one is looked for again of whom something cannot be read: somebody has to put a key back, or a version.
const UNREADABLE: Duration = Duration::from_secs(3600);

/// Erases what is kept of a customer, in every company the merchant ever had.
///
/// That is profiles, before-images, hashes, changes that wait, what claims asked for, and the person in the messages and
/// frozen receipts of transactions that are not done. The record in QuickBooks is the merchant's. A payment that
/// was claimed straight from the queue is still in it, in front of this message.
///
/// What was written down in these moments is not listed yet, so the drain looks [once more](erased_again). May be repeated; if we stop
/// half-way, the message comes again.
///
/// # Errors
///
/// [`Again`] where the store is down, or somebody is at the customer or at one of its transactions, who would write what they
/// read before: the message comes back.
pub async fn erased<W: World>(
    recorder: &Recorder<W>,
    invocation: &Invocation,
    merchant: &MerchantId,
    customer: &CustomerId,
) -> Result<(), Again> {
    let (world, store) = (&recorder.world, recorder.world.store());
    invocation.links.forget(merchant, customer);
    let now = world.now();
    let erasure = Erasure {
        customer: customer.clone(),
        look_at: now + ONCE_MORE,
    };
    // Noted first, then armed: whoever drains the lot from here on finds it.
    store.note_erasure(merchant, &erasure).await?;
    let arming = Arming {
        due: erasure.look_at,
        frees: false,
        ..Arming::from_now(merchant, now)
    };
    store.arm(&arming).await?;
    match erase(recorder, merchant, customer).await? {
        true => Ok(()),
        false => Err(Again::Busy),
    }
}

/// Erases once more what an erasure may have missed because it was not listed yet.
///
/// Gives when the next is to be looked for; none where none is. If we stop half-way, the lot is drained again and it is looked for
/// again.
///
/// # Errors
///
/// [`Again`] where the store is down.
pub async fn erased_again<W: World>(
    recorder: &Recorder<W>,
    merchant: &MerchantId,
) -> Result<Option<Timestamp>, Again> {
    let (world, store) = (&recorder.world, recorder.world.store());
    let mut next: Option<Timestamp> = None;
    for erasure in store.erasures(merchant).await? {
        let now = world.now();
        let again = match erasure.look_at > now {
            true => erasure.look_at,
            false => match erase(recorder, merchant, &erasure.customer).await {
                Ok(true) => {
                    store.end_erasure(merchant, &erasure).await?;
                    continue;
                }
                Ok(false) | Err(Again::Busy) => now + BUSY,
                Err(Again::Store(StoreError::Unreadable(what))) => {
                    tracing::error!(metric.Unreadable = 1, merchant.id = %merchant, "cannot read {what}");
                    now + UNREADABLE
                }
                Err(again) => return Err(again),
            },
        };
        next = Some(next.map_or(again, |next| next.min(again)));
    }
    Ok(next)
}

/// Erases what is listed of a customer now; gives whether nobody was at any of it, who would write what they read before.
async fn erase<W: World>(
    recorder: &Recorder<W>,
    merchant: &MerchantId,
    customer: &CustomerId,
) -> Result<bool, Again> {
    let (world, store) = (&recorder.world, recorder.world.store());
    let kept = store.kept_for(merchant, customer).await?;
    let mut is_busy = false;
    for transaction in &kept {
        is_busy |= !redact(recorder, transaction).await?;
    }
    store.erase_parked(merchant, customer).await?;
    let quiescence = world.timing().quiescence;
    let links = store
        .erase_links(merchant, customer, world.now(), quiescence)
        .await?;
    tracing::info!(
        merchant.id = %merchant,
        customer.id = %customer,
        "erased what was kept of customer {customer}: {} links, {} messages", links.rows, kept.len()
    );
    Ok(!is_busy && links.busy == 0)
}

/// Takes the person out of a kept message, and out of the receipt that was frozen with it; gives whether it is out. What is
/// needed to post the payment stays: figures, ids, and of the place where the service was done what taxes depend on. What was
/// frozen is found again by its number, day and marker, and is worth the same, so that it is still recorded once.
async fn redact<W: World>(
    recorder: &Recorder<W>,
    transaction: &KeptTransaction,
) -> Result<bool, Again> {
    let KeptTransaction { key, row, payload } = transaction;
    let now = recorder.world.now();
    if row.standing == Standing::Claimed && row.lease_until.is_some_and(|until| until >= now) {
        return Ok(false);
    }
    let unreadable = || StoreError::Unreadable(format!("the message of {key}"));
    let keys = recorder.world.payload_keys().await?;
    let body = keys
        .open(payload, &payload_context(key))
        .map_err(|_| unreadable())?;
    let mut message: Value = serde_json::from_slice(&body).map_err(|_| unreadable())?;
    if let Some(customer) = message.get_mut("customer").and_then(Value::as_object_mut) {
        customer.retain(|field, _| field == "id");
    }
    let address = message.pointer_mut("/payment/service_address");
    if let Some(address) = address.and_then(Value::as_object_mut) {
        address.retain(|field, _| !matches!(field.as_str(), "line1" | "line2"));
    }
    let payload = seal(recorder, key, message.to_string().as_bytes()).await?;
    let frozen = match &row.frozen {
        None => None,
        Some(frozen) => {
            let receipt = open(recorder, key, frozen).await?.without_person();
            let receipt = serde_json::to_vec(&receipt).expect("plain data");
            Some(seal(recorder, key, &receipt).await?)
        }
    };
    let store = recorder.world.store();
    Ok(store
        .replace_sealed(transaction, &payload, frozen.as_deref())
        .await?)
}
