//! Reading a refund, and the payment that may stand beside it.

use super::amounts;
use super::lines;
use super::payment;
use super::read::{self, Path, Problem};
use super::refusal::RefusalCode;
use super::wire::{Object, WirePayment, WireRefund};
use crate::ids::RefundId;
use crate::money::ExchangeRate;
use crate::transaction::{Payment, Refund, RefundKind};

pub(super) fn read(wire: WireRefund, path: Path<'_>) -> Result<Refund, Problem> {
    let id: RefundId = read::id(wire.id, path.field("id"))?;
    let reference = read::label(wire.reference).unwrap_or_else(|| id.to_string());
    let kind = kind(wire.kind, path.field("kind"))?;
    let payment_id = read::id(wire.payment_id, path.field("payment_id"))?;
    let refunded_at = read::timestamp(wire.refunded_at, path.field("refunded_at"))?;
    let currency = read::currency(wire.currency, path.field("currency"))?;
    let amount = read::amount(wire.amount, currency, path.field("amount"))?;
    let exchange_rate = read::figure(
        wire.exchange_rate,
        path.field("exchange_rate"),
        ExchangeRate::parse,
    )?;
    let method = payment::method(wire.method, path.field("method"))?;
    // A list of no lines lists none: it is allocated like an absent one.
    let lines = wire.lines.filter(|lines| !lines.is_empty());
    let lines = lines
        .map(|lines| lines::read(lines, currency, path.field("lines")))
        .transpose()?;
    let refund = Refund {
        id,
        reference,
        kind,
        payment_id,
        method,
        method_reference: read::label(wire.method_reference),
        refunded_at,
        currency,
        amount,
        exchange_rate,
        prices_include_tax: wire.prices_include_tax.unwrap_or(false),
        lines,
        reason: read::text(wire.reason),
    };
    amounts::check_refund(&refund, path)?;
    Ok(refund)
}

fn kind(word: Option<String>, path: Path<'_>) -> Result<RefundKind, Problem> {
    let word = read::required(word, path)?;
    RefundKind::from_word(&word).ok_or_else(|| {
        let explanation = format!(
            "{} is none of refund, returned, dispute, void",
            read::shown(&word)
        );
        path.refuse(RefusalCode::InvalidValue, explanation)
    })
}

/// Reads the payment beside a refund, which must be the one the refund names, in the same currency.
pub(super) fn payment(
    wire: Option<Object<WirePayment>>,
    refund: &Refund,
    path: Path<'_>,
) -> Result<Option<Box<Payment>>, Problem> {
    let Some(Object(wire)) = wire else {
        return Ok(None);
    };
    let payment = payment::read(wire, path)?;
    if payment.id != refund.payment_id {
        let explanation = format!(
            "it is {:?}, the refund is of {:?}",
            payment.id, refund.payment_id
        );
        return Err(path
            .field("id")
            .refuse(RefusalCode::WrongPayment, explanation));
    }
    if payment.currency != refund.currency {
        let explanation = format!(
            "the payment is in {}, the refund in {}",
            payment.currency, refund.currency
        );
        return Err(path
            .field("currency")
            .refuse(RefusalCode::WrongPayment, explanation));
    }
    Ok(Some(Box::new(payment)))
}
