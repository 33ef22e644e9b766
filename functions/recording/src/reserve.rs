//! Reserving: the cents of a payment that a refund takes are its own before anything is sent.

use bookkeeping::receipt::ReceiptDraft;
use bookkeeping::refund::{Drawing, take};
use bookkeeping::transaction::TransactionKey;
use common::store::{Refunded, Refunds};
use common::world::World;

use crate::Recorder;
use crate::stop::{Again, Stop};

/// How often the row of a payment's refunds is read again when others wrote to it in between.
const ATTEMPTS_MAX: usize = 5;

/// Draws up a refund out of what remains of its payment, and reserves that under the refund's id.
///
/// If we stop after the reservation, the next delivery finds it and draws up the same cents; no other refund is given
/// them meanwhile. A reservation is never undone: MioCommerce says that the money has gone.
///
/// # Errors
///
/// [`Again`] where the store is down, or other refunds of the payment keep coming in between.
pub(crate) async fn reserve<W: World>(
    recorder: &Recorder<W>,
    payment: &TransactionKey,
    drawing: &Drawing<'_>,
    alone: bool,
    mut refunded: Refunded,
) -> Result<Result<ReceiptDraft, Stop>, Again> {
    let store = recorder.world.store();
    for _ in 0..ATTEMPTS_MAX {
        let allowed = refunded.allowed.contains(&drawing.refund.id);
        let (draft, taken) = match take(drawing, &refunded.taken, allowed) {
            Ok(drawn) => drawn,
            Err(reason) => return Ok(Err(Stop::from(reason))),
        };
        if refunded.by(&taken.refund) == Some(&taken) {
            return Ok(Ok(draft));
        }
        match refunded
            .taken
            .iter_mut()
            .find(|other| other.refund == taken.refund)
        {
            // Taken before anything was known of the payment: now it is known of what.
            Some(before) => *before = taken,
            None => refunded.taken.push(taken),
        }
        if alone {
            refunded.basis = drawing.posted.cloned();
            refunded.basis_in = Some(drawing.connection.company.realm.clone());
        }
        if store.keep_refunded(payment, &refunded).await? {
            return Ok(Ok(draft));
        }
        refunded = store.refunded(payment).await?;
    }
    Err(Again::Busy)
}
