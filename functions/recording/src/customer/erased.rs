//! The message that a customer is to be forgotten. What the books need stays: ids and amounts.

use std::time::Duration;

use bookkeeping::ids::{CustomerId, MerchantId};
use common::store::kept::look_once_more;
use common::store::{
    Changes, Erasure, Kept, KeptTransaction, Links, Standing, StoreError, payload_context,
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
/// What cannot be read is stepped over, and tried again by the drain: it does not keep the message, and all that comes after it, in the
/// queue.
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
    look_once_more(store, merchant, &erasure, now).await?;
    match erase(recorder, merchant, customer).await? {
        Erasing::Done | Erasing::Unreadable => Ok(()),
        Erasing::Busy => Err(Again::Busy),
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
        let again = match erasure {
            Err(_) => now + UNREADABLE,
            Ok(erasure) if erasure.look_at > now => erasure.look_at,
            Ok(erasure) => match erase(recorder, merchant, &erasure.customer).await? {
                Erasing::Done => {
                    store.end_erasure(merchant, &erasure, now).await?;
                    continue;
                }
                Erasing::Busy => now + BUSY,
                Erasing::Unreadable => now + UNREADABLE,
            },
        };
        next = Some(next.map_or(again, |next| next.min(again)));
    }
    Ok(next)
}

/// How far an erasure got.
enum Erasing {
    /// Everything that is listed is erased.
    Done,
    /// Somebody is at some of it, who would write what they read before.
    Busy,
    /// Some of it cannot be read; the rest is erased.
    Unreadable,
}

/// Erases what is listed of a customer now, going past what cannot be.
async fn erase<W: World>(
    recorder: &Recorder<W>,
    merchant: &MerchantId,
    customer: &CustomerId,
) -> Result<Erasing, Again> {
    let (world, store) = (&recorder.world, recorder.world.store());
    let kept = store.kept_for(merchant, customer).await?;
    let (mut is_busy, mut is_unreadable) = (false, false);
    for transaction in &kept {
        let redacted = match transaction {
            Ok(transaction) => redact(recorder, transaction).await,
            Err(unreadable) => Err(unreadable.clone().into()),
        };
        match redacted {
            Ok(is_out) => is_busy |= !is_out,
            Err(Again::Store(StoreError::Unreadable { .. })) => is_unreadable = true,
            Err(again) => return Err(again),
        }
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
    Ok(
        match (
            is_busy || links.busy > 0,
            is_unreadable || links.unreadable > 0,
        ) {
            (true, _) => Erasing::Busy,
            (false, true) => Erasing::Unreadable,
            (false, false) => Erasing::Done,
        },
    )
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
    let unreadable = || StoreError::unreadable(format!("the message of {key}"));
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
