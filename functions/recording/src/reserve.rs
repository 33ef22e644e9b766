//! Reserving: the cents of a payment that a refund takes are its own before anything is sent.

use bookkeeping::money::Amount;
use bookkeeping::reason::{Reason, ReasonCode};
use bookkeeping::receipt::ReceiptDraft;
use bookkeeping::refund::{Drawing, Posted, Taken, allocate, allocate_listed, remaining, spread};
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
        let (draft, taken) = match drawn(drawing, &refunded) {
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
        }
        if store.keep_refunded(payment, &refunded).await? {
            return Ok(Ok(draft));
        }
        refunded = store.refunded(payment).await?;
    }
    Err(Again::Busy)
}

/// The refund's receipt and what it takes, given what others took before.
fn drawn(drawing: &Drawing<'_>, refunded: &Refunded) -> Result<(ReceiptDraft, Taken), Reason> {
    let refund = drawing.refund;
    let mine = refunded.by(&refund.id);
    if mine.is_some_and(|mine| mine.amount != refund.amount.minor()) {
        return Err(Reason::new(ReasonCode::Conflict));
    }
    let take = |parts| Taken {
        refund: refund.id.clone(),
        amount: refund.amount.minor(),
        parts,
    };
    let Some(posted) = drawing.posted else {
        let lines = refund.lines.as_deref().ok_or_else(|| {
            Reason::new(ReasonCode::RefundTaxUnknown).with("payment", &refund.payment_id)
        })?;
        return Ok((drawing.listed(lines)?, take(Vec::new())));
    };
    if posted.currency != refund.currency {
        let paid = Amount::from_minor(posted.parts().iter().sum(), posted.currency);
        return Err(Reason::new(ReasonCode::FiguresDisagree)
            .with("captured", paid)
            .with("lines", refund.amount));
    }
    let left = left(posted, refunded, drawing)?;
    let listed = refund.lines.as_deref().map(|lines| drawing.listed(lines));
    let listed = listed.transpose()?;
    let amount = refund.amount.minor();
    let parts = match (mine, &listed) {
        (Some(mine), _) if mine.parts.len() == left.len() => mine.parts.clone(),
        (None, Some(draft)) => allocate_listed(draft, posted, &left),
        // Also one taken before anything was known of the payment: others were given what this leaves.
        _ => allocate(amount, &left, &posted.tips()),
    };
    if let Some(draft) = listed {
        return Ok((draft, take(parts)));
    }
    let shares = spread(amount, &parts, posted).ok_or_else(|| {
        Reason::new(ReasonCode::RefundTaxUnknown).with("payment", &refund.payment_id)
    })?;
    Ok((drawing.mirrored(posted, &shares)?, take(parts)))
}

/// What is left of each part for this refund.
fn left(posted: &Posted, refunded: &Refunded, drawing: &Drawing<'_>) -> Result<Vec<i64>, Reason> {
    let refund = drawing.refund;
    let others: Vec<Taken> = refunded
        .taken
        .iter()
        .take_while(|taken| taken.refund != refund.id)
        .cloned()
        .collect();
    let left = remaining(posted, &others);
    let sum = left.iter().sum();
    let allowed = refunded.allowed.contains(&refund.id) || refunded.by(&refund.id).is_some();
    if refund.amount.minor() > sum && !allowed {
        return Err(Reason::new(ReasonCode::RefundExceeds)
            .with("refunded", refund.amount)
            .with("left", Amount::from_minor(sum, refund.currency))
            .with("payment", &refund.payment_id));
    }
    Ok(left)
}
