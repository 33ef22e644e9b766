//! Messages that are kept whole: unreadable, conflicting, or of a kind for a later version.

use bookkeeping::message::{Refusal, customer_in};
use bookkeeping::reason::{Reason, ReasonCode};
use bookkeeping::transaction::TransactionKey;
use common::sealing::nonce;
use common::store::{
    Carrier, KeptMessage, Ledger, Listing, Settlement, Standing, Written, message_context,
};
use common::world::World;

use crate::Recorder;
use crate::invocation::Delivery;
use crate::sealed::{fingerprint, seal};
use crate::settle::Reached;
use crate::stop::Again;

/// Keeps a message that belongs to no transaction's row.
///
/// # Errors
///
/// [`Again`] where the store is down.
pub(crate) async fn keep<W: World>(
    recorder: &Recorder<W>,
    group: &str,
    message_id: &str,
    body: &str,
    reason: &Reason,
) -> Result<(), Again> {
    let keys = recorder.world.payload_keys().await?;
    let payload = keys.seal(
        body.as_bytes(),
        &message_context(group, message_id),
        nonce(recorder.world.random()),
    );
    let message = KeptMessage {
        group,
        message_id,
        reason,
        payload: &payload,
        now: recorder.world.now(),
    };
    Ok(recorder.world.store().keep_message(&message).await?)
}

/// Keeps a message that cannot be taken: in its transaction's row where it names one that is not there yet.
///
/// Gives what to tell, where there is a transaction to tell it of.
///
/// # Errors
///
/// [`Again`] where the store is down.
pub(crate) async fn refuse<W: World>(
    recorder: &Recorder<W>,
    delivery: &Delivery,
    refusal: &Refusal,
) -> Result<Option<(TransactionKey, Reached)>, Again> {
    let reason = Reason::new(ReasonCode::Unreadable).with("what", refusal);
    let group = refusal
        .merchant
        .as_ref()
        .map_or(delivery.group.as_str(), |merchant| merchant.as_str());
    tracing::error!(merchant.id = group, message.id = %delivery.message_id, "a message cannot be taken: {refusal}");
    let Some(key) = &refusal.transaction else {
        keep(
            recorder,
            group,
            &delivery.message_id,
            &delivery.body,
            &reason,
        )
        .await?;
        return Ok(None);
    };
    let payload = seal(recorder, key, delivery.body.as_bytes()).await?;
    let now = recorder.world.now();
    let settlement = Settlement {
        key,
        standing: Standing::Failed,
        reason: &reason,
        anew: None,
        owner: None,
        fingerprint: &fingerprint(&delivery.body),
        realm: None,
        since: now,
        now,
        due: None,
        payload: &payload,
        // Erasing the customer finds it by this.
        listing: &Listing {
            customer: customer_in(&delivery.body),
            ..Listing::unread(now)
        },
        carrier: Carrier::Queue,
    };
    match recorder.world.store().settle(&settlement).await? {
        Written::Done => {
            let reached = Reached::stopped(reason.clone(), now);
            Ok(Some((key.clone(), reached)))
        }
        // The transaction is known already; this message about it is kept beside it.
        Written::Refused(_) => {
            keep(
                recorder,
                group,
                &delivery.message_id,
                &delivery.body,
                &reason,
            )
            .await?;
            Ok(None)
        }
    }
}
