//! What of a transaction decides what is posted, as one text.
//!
//! A message may come again. With the same text it is the same transaction; with another, MioCommerce says two different
//! things under one id, and a developer has to look.
//!
//! **In:** what decides amounts, accounts and taxes: currency, amount, instant and day, exchange rate, method, whether prices
//! include tax, what was paid before; of each line its id, kind, service, amount, treatment and what it applies to; of each
//! tax its id and amount; of a refund also its kind and payment.
//!
//! **Out:** what people read and what may be mended without moving money: reference, descriptions, booking, names, service
//! dates, team and territory, quantity and unit price (their product is the amount, which is in), a tax's rate, the
//! method's own number, card brand, addresses, the customer.
//!
//! Amounts are in minor units, instants in UTC and decimals without trailing zeros, so the same thing written otherwise
//! ("80", "80.00") gives the same text. Every part stands in a place of its own, and the ids hold no spaces; the one free
//! text, an unknown method, is quoted.

use std::fmt::Write;

use super::{Line, Method, Payment, Refund};

impl Payment {
    /// Returns everything that decides what is posted for this payment, as one canonical text.
    ///
    /// Lines stand in message order, because shares of a cent are settled by it.
    #[must_use]
    pub fn financial_fields(&self) -> String {
        let mut text = format!(
            "payment {} {} {} at {} on {} rate {} method {} inclusive {} before {}\n",
            self.id,
            self.amount.minor(),
            self.currency,
            self.captured_at,
            or_dash(self.received_on),
            or_dash(self.exchange_rate),
            quoted(&self.method),
            self.prices_include_tax,
            or_dash(self.paid_before.map(|amount| amount.minor())),
        );
        lines(&mut text, &self.lines);
        text
    }
}

impl Refund {
    /// Returns everything that decides what is posted for this refund, as one canonical text.
    #[must_use]
    pub fn financial_fields(&self) -> String {
        let mut text = format!(
            "refund {} {} of {} {} {} at {} rate {} method {} inclusive {}\n",
            self.id,
            self.kind,
            self.payment_id,
            self.amount.minor(),
            self.currency,
            self.refunded_at,
            or_dash(self.exchange_rate),
            or_dash(self.method.as_ref().map(quoted)),
            self.prices_include_tax,
        );
        match &self.lines {
            Some(given) => lines(&mut text, given),
            None => text.push_str("no lines\n"),
        }
        text
    }
}

fn lines(text: &mut String, lines: &[Line]) {
    for line in lines {
        let written = write!(
            text,
            "line {} {} {} {} {}",
            line.id,
            line.kind,
            or_dash(line.service.as_ref()),
            line.amount.minor(),
            or_dash(line.tax_treatment.map(|treatment| treatment.as_str())),
        );
        written.expect("writing to a string does not fail");
        for id in &line.applies_to {
            write!(text, " to {id}").expect("writing to a string does not fail");
        }
        for tax in &line.taxes {
            write!(text, " tax {} {}", tax.id, tax.amount.minor())
                .expect("writing to a string does not fail");
        }
        text.push('\n');
    }
}

fn or_dash(value: Option<impl ToString>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| value.to_string())
}

fn quoted(method: &Method) -> String {
    format!("{:?}", method.as_str())
}
