//! Reading a payment.

use super::amounts;
use super::customer;
use super::lines;
use super::read::{self, Path, Problem};
use super::refusal::RefusalCode;
use super::wire::WirePayment;
use crate::ids::PaymentId;
use crate::money::ExchangeRate;
use crate::transaction::{Method, Payment};

/// Longest word for a method, in characters.
const METHOD_LENGTH_MAX: usize = 64;

pub(super) fn read(wire: WirePayment, path: Path<'_>) -> Result<Payment, Problem> {
    let id: PaymentId = read::id(wire.id, path.field("id"))?;
    let reference = read::label(wire.reference).unwrap_or_else(|| id.to_string());
    let captured_at = read::timestamp(wire.captured_at, path.field("captured_at"))?;
    let received_on = read::optional_date(wire.received_on, path.field("received_on"))?;
    let currency = read::currency(wire.currency, path.field("currency"))?;
    let amount = read::amount(wire.amount, currency, path.field("amount"))?;
    let exchange_rate = read::figure(
        wire.exchange_rate,
        path.field("exchange_rate"),
        ExchangeRate::parse,
    )?;
    // Required, unlike most: without it nobody can say whether money was received at all.
    let method = read::required(
        method(wire.method, path.field("method"))?,
        path.field("method"),
    )?;
    let paid_before = read::optional_amount(wire.paid_before, currency, path.field("paid_before"))?;
    let lines = lines::read(
        wire.lines.unwrap_or_default(),
        currency,
        path.field("lines"),
    )?;
    let payment = Payment {
        id,
        reference,
        captured_at,
        received_on,
        currency,
        amount,
        exchange_rate,
        method,
        method_reference: read::label(wire.method_reference),
        card_brand: read::label(wire.card_brand),
        prices_include_tax: wire.prices_include_tax.unwrap_or(false),
        paid_before,
        lines,
        service_address: customer::address(wire.service_address),
    };
    amounts::check_payment(&payment, path)?;
    Ok(payment)
}

pub(super) fn method(word: Option<String>, path: Path<'_>) -> Result<Option<Method>, Problem> {
    let Some(word) = read::label(word) else {
        return Ok(None);
    };
    let length = word.chars().count();
    if length > METHOD_LENGTH_MAX {
        let explanation =
            format!("it is {length} characters long, at most {METHOD_LENGTH_MAX} are taken");
        return Err(path.refuse(RefusalCode::InvalidValue, explanation));
    }
    Ok(Some(Method::from_word(&word)))
}
