//! Taking: a refund's receipt together with the cents it takes of its payment, given what others took before.

use super::{Drawing, Posted, Taken, allocate, allocate_listed, remaining, spread};
use crate::money::Amount;
use crate::reason::{Reason, ReasonCode};
use crate::receipt::ReceiptDraft;

/// Draws up a refund out of what is left of its payment.
///
/// `taken` are the payment's refunds so far in the order they took, this one among them where it was here before: then it
/// takes the same again, whatever came after it. `allowed` says that the operator lets it take more than is left.
///
/// # Errors
///
/// A [`Reason`]: the operator's where it exceeds what is left, its tax is not known or a code is gone; a developer's where
/// it comes with other figures than before.
pub fn take(
    drawing: &Drawing<'_>,
    taken: &[Taken],
    allowed: bool,
) -> Result<(ReceiptDraft, Taken), Reason> {
    let refund = drawing.refund;
    let mine = taken.iter().find(|taken| taken.refund == refund.id);
    if mine.is_some_and(|mine| mine.amount != refund.amount.minor()) {
        return Err(Reason::new(ReasonCode::Conflict));
    }
    let take = |parts| Taken {
        refund: refund.id.clone(),
        amount: refund.amount.minor(),
        parts,
    };
    let Some(posted) = drawing.posted else {
        let draft = match refund.lines.as_deref() {
            Some(lines) => drawing.listed(lines)?,
            None => as_named(drawing)?,
        };
        return Ok((draft, take(Vec::new())));
    };
    if posted.currency != refund.currency {
        let paid = Amount::from_minor(posted.parts().iter().sum(), posted.currency);
        return Err(Reason::new(ReasonCode::FiguresDisagree)
            .with("captured", paid)
            .with("lines", refund.amount));
    }
    if refund.amount.minor() % refund.currency.grain() != 0 {
        return Err(Reason::new(ReasonCode::NotRepresentable).with("amount", refund.amount));
    }
    let left = left(posted, taken, drawing, allowed || mine.is_some())?;
    let listed = refund.lines.as_deref().map(|lines| drawing.listed(lines));
    let listed = listed.transpose()?;
    let amount = refund.amount.minor();
    let parts = match (mine, &listed) {
        (Some(mine), _) if mine.parts.len() == left.len() => mine.parts.clone(),
        (None, Some(draft)) => allocate_listed(draft, posted, &left),
        // Also one taken before anything was known of the payment: others were given what this leaves.
        _ => allocate(amount, &left, &posted.tips(), posted.currency),
    };
    if let Some(draft) = listed {
        return Ok((draft, take(parts)));
    }
    let draft = match spread(amount, &parts, posted) {
        Some(shares) => drawing.mirrored(posted, &shares)?,
        None => as_named(drawing)?,
    };
    Ok((draft, take(parts)))
}

/// A refund of which nobody but the operator can say what it takes back.
fn as_named(drawing: &Drawing<'_>) -> Result<ReceiptDraft, Reason> {
    let unknown = Reason::new(ReasonCode::RefundTaxUnknown);
    let named = drawing
        .named
        .ok_or_else(|| unknown.with("payment", &drawing.refund.payment_id))?;
    drawing.named(named)
}

/// What is left of each part for this refund.
fn left(
    posted: &Posted,
    taken: &[Taken],
    drawing: &Drawing<'_>,
    allowed: bool,
) -> Result<Vec<i64>, Reason> {
    let refund = drawing.refund;
    let before = taken.iter().take_while(|taken| taken.refund != refund.id);
    let before: Vec<Taken> = before.cloned().collect();
    let left = remaining(posted, &before);
    let sum = left.iter().sum();
    if refund.amount.minor() > sum && !allowed {
        return Err(Reason::new(ReasonCode::RefundExceeds)
            .with("refunded", refund.amount)
            .with("left", Amount::from_minor(sum, refund.currency))
            .with("payment", &refund.payment_id));
    }
    Ok(left)
}
