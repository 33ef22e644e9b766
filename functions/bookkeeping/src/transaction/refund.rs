//! Refunds: money that went back, by choice or not.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::{Line, Method, cost};
use crate::ids::{PaymentId, RefundId};
use crate::money::{Amount, Currency, ExchangeRate};

/// A refund, checked: every amount is in `currency`, and the lines, where given, cost exactly what went back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refund {
    /// MioCommerce's id of it.
    pub id: RefundId,
    /// The number people see; unique per merchant and document. The id, where the message has no other.
    pub reference: String,
    /// How it came about.
    pub kind: RefundKind,
    /// The payment it takes back, wholly or in part.
    pub payment_id: PaymentId,
    /// How the money went back. Absent: as it came.
    pub method: Option<Method>,
    /// The method's own number.
    pub method_reference: Option<String>,
    /// When the money went back.
    pub refunded_at: Timestamp,
    /// The currency of every amount in it.
    pub currency: Currency,
    /// What went back. Above zero.
    pub amount: Amount,
    /// Home units for one unit of `currency`, where that is foreign to the company. Above zero.
    pub exchange_rate: Option<ExchangeRate>,
    /// Whether line amounts contain their taxes.
    pub prices_include_tax: bool,
    /// What it takes back, with the signs of a payment's lines. Absent: allocated over what remains of the payment.
    pub lines: Option<Vec<Line>>,
    /// Why, in the operator's words.
    pub reason: Option<String>,
}

impl Refund {
    /// Returns what the lines cost, taxes included, where lines are given. It is then equal to `amount`.
    #[must_use]
    pub fn cost(&self) -> Option<Amount> {
        let lines = self.lines.as_ref()?;
        Some(
            cost(lines, self.prices_include_tax, self.currency)
                .expect("the lines were added up when the message was parsed"),
        )
    }

    /// Returns the day the refund belongs to in `time_zone`, the merchant's.
    #[must_use]
    pub fn refunded_on(&self, time_zone: &TimeZone) -> Date {
        time_zone.to_datetime(self.refunded_at).date()
    }
}

/// How a refund came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundKind {
    /// The merchant gave money back.
    Refund,
    /// The bank returned a cheque or a debit.
    Returned,
    /// The customer disputed a charge.
    Dispute,
    /// The payment was undone before it settled.
    Void,
}

impl RefundKind {
    /// Returns the word for it in messages: `refund`, `returned`, `dispute`, `void`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Refund => "refund",
            Self::Returned => "returned",
            Self::Dispute => "dispute",
            Self::Void => "void",
        }
    }

    /// Returns the kind that `word` is.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Refund, Self::Returned, Self::Dispute, Self::Void]
            .into_iter()
            .find(|kind| kind.as_str() == word)
    }
}

impl fmt::Display for RefundKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
