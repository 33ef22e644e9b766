//! The message that a customer is to be forgotten. What the books need stays: ids and amounts.

use bookkeeping::ids::{CustomerId, MerchantId};
use common::store::{Changes, Kept, KeptTransaction, Links, Standing, StoreError, payload_context};
use common::world::World;
use serde_json::Value;

use crate::Recorder;
use crate::invocation::Invocation;
use crate::sealed::{open, seal};
use crate::stop::Again;

/// Erases what is kept of a customer, in every company the merchant ever had.
///
/// That is profiles, before-images, hashes, changes that wait, what claims asked for, and the person in the messages and
/// frozen receipts of transactions that are not done. May be repeated; if we stop half-way, the message comes again. The record in QuickBooks is the merchant's. A payment that
/// was claimed straight from the queue is still in it, in front of this message.
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
    match is_busy || links.busy > 0 {
        true => Err(Again::Busy),
        false => Ok(()),
    }
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
