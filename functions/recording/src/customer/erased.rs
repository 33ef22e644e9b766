//! The message that a customer is to be forgotten. What the books need stays: ids and amounts.

use bookkeeping::ids::{CustomerId, MerchantId};
use common::store::{Changes, Kept, KeptTransaction, Links, StoreError, payload_context};
use common::world::World;
use serde_json::Value;

use crate::Recorder;
use crate::invocation::Invocation;
use crate::sealed::seal;
use crate::stop::Again;

/// Erases what is kept of a customer, in every company the merchant ever had: profiles, before-images, hashes, changes that
/// wait, and the person in the messages of transactions that are not done.
///
/// May be repeated; if we stop half-way, the message comes again. The record in QuickBooks is the merchant's.
///
/// # Errors
///
/// [`Again`] where the store is down: the message comes back.
pub async fn erased<W: World>(
    recorder: &Recorder<W>,
    invocation: &Invocation,
    merchant: &MerchantId,
    customer: &CustomerId,
) -> Result<(), Again> {
    let (world, store) = (&recorder.world, recorder.world.store());
    invocation.links.forget(merchant, customer);
    let kept = store.kept_for(merchant, customer).await?;
    for transaction in &kept {
        redact(recorder, transaction).await?;
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
    match links.busy {
        0 => Ok(()),
        _ => Err(Again::Busy),
    }
}

/// Takes the person out of a kept message. What is needed to post the payment stays: figures, ids, and of the place where
/// the service was done what taxes depend on.
async fn redact<W: World>(
    recorder: &Recorder<W>,
    transaction: &KeptTransaction,
) -> Result<(), Again> {
    let key = &transaction.key;
    let unreadable = || StoreError::Unreadable(format!("the message of {key}"));
    let keys = recorder.world.payload_keys().await?;
    let body = keys
        .open(&transaction.payload, &payload_context(key))
        .map_err(|_| unreadable())?;
    let mut message: Value = serde_json::from_slice(&body).map_err(|_| unreadable())?;
    if let Some(customer) = message.get_mut("customer").and_then(Value::as_object_mut) {
        customer.retain(|field, _| field == "id");
    }
    let address = message.pointer_mut("/payment/service_address");
    if let Some(address) = address.and_then(Value::as_object_mut) {
        address.retain(|field, _| !matches!(field.as_str(), "line1" | "line2"));
    }
    let sealed = seal(recorder, key, message.to_string().as_bytes()).await?;
    Ok(recorder.world.store().replace_payload(key, &sealed).await?)
}
