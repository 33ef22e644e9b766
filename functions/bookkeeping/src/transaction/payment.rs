//! Payments: money that came in.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Address, Line, cost};
use crate::ids::PaymentId;
use crate::money::{Amount, Currency, ExchangeRate};

/// A captured or recorded payment, checked: every amount is in `currency`, and the lines add up to what was paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    /// MioCommerce's id of it.
    pub id: PaymentId,
    /// The number people see; unique per merchant and document. The id, where the message has no other.
    pub reference: String,
    /// When it was captured or recorded.
    pub captured_at: Timestamp,
    /// The day it was received, where it was recorded later than that.
    pub received_on: Option<Date>,
    /// The currency of every amount in it.
    pub currency: Currency,
    /// What was paid. Never negative.
    pub amount: Amount,
    /// Home units for one unit of `currency`, where that is foreign to the company. Above zero.
    pub exchange_rate: Option<ExchangeRate>,
    /// How it was paid.
    pub method: Method,
    /// The method's own number: of the cheque, the e-Transfer, the charge.
    pub method_reference: Option<String>,
    /// The brand of the card.
    pub card_brand: Option<String>,
    /// Whether line amounts contain their taxes.
    pub prices_include_tax: bool,
    /// What earlier payments covered of the booking that `lines` describe. Given: this payment covers a part of them.
    /// Absent: the lines cost exactly `amount`.
    pub paid_before: Option<Amount>,
    /// What it was for. Empty only where nothing was paid.
    pub lines: Vec<Line>,
    /// Where the work was done.
    pub service_address: Option<Address>,
}

impl Payment {
    /// Returns what the lines cost, taxes included: `amount` itself, or the whole booking's cost where `paid_before` is given.
    #[must_use]
    pub fn cost(&self) -> Amount {
        cost(&self.lines, self.prices_include_tax, self.currency)
            .expect("the lines were added up when the message was parsed")
    }

    /// Returns the day the payment belongs to in `time_zone`, the merchant's: `received_on`, else the day of `captured_at` there.
    #[must_use]
    pub fn captured_on(&self, time_zone: &TimeZone) -> Date {
        self.received_on
            .unwrap_or_else(|| time_zone.to_datetime(self.captured_at).date())
    }
}

/// How money moved.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Method {
    /// Credit card.
    Card,
    /// Debit card.
    Debit,
    /// Notes and coins.
    Cash,
    /// Cheque.
    Cheque,
    /// Interac e-Transfer.
    Etransfer,
    /// Electronic cheque: a bank debit in the United States.
    Echeck,
    /// Pre-authorized debit: a bank debit in Canada.
    Pad,
    /// PayPal.
    Paypal,
    /// Square, taken outside MioCommerce.
    Square,
    /// Venmo.
    Venmo,
    /// Zelle.
    Zelle,
    /// Coupon: not money received.
    Coupon,
    /// IMS trade exchange: not money received.
    Ims,
    /// ITEX trade exchange: not money received.
    Itex,
    /// None: a manual adjustment; not money received.
    None,
    /// One we do not know, in MioCommerce's word; it falls under the default.
    Other(String),
}

impl Method {
    /// Every method we know, in the order of the contract.
    pub const KNOWN: [Self; 15] = [
        Self::Card,
        Self::Debit,
        Self::Cash,
        Self::Cheque,
        Self::Etransfer,
        Self::Echeck,
        Self::Pad,
        Self::Paypal,
        Self::Square,
        Self::Venmo,
        Self::Zelle,
        Self::Coupon,
        Self::Ims,
        Self::Itex,
        Self::None,
    ];

    /// Returns the method that `word` is, in any case; one we do not know is kept as it is written.
    #[must_use]
    pub fn from_word(word: &str) -> Self {
        Self::KNOWN
            .into_iter()
            .find(|method| method.as_str().eq_ignore_ascii_case(word))
            .unwrap_or_else(|| Self::Other(word.to_owned()))
    }

    /// Whether what is paid by it is money received: a coupon, a trade exchange and a manual adjustment are not.
    #[must_use]
    pub fn is_money(&self) -> bool {
        !matches!(self, Self::Coupon | Self::Ims | Self::Itex | Self::None)
    }

    /// Returns MioCommerce's word for it: `card`, `etransfer`, ...
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Card => "card",
            Self::Debit => "debit",
            Self::Cash => "cash",
            Self::Cheque => "cheque",
            Self::Etransfer => "etransfer",
            Self::Echeck => "echeck",
            Self::Pad => "pad",
            Self::Paypal => "paypal",
            Self::Square => "square",
            Self::Venmo => "venmo",
            Self::Zelle => "zelle",
            Self::Coupon => "coupon",
            Self::Ims => "ims",
            Self::Itex => "itex",
            Self::None => "none",
            Self::Other(word) => word,
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Method {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Method {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Ok(Self::from_word(&word))
    }
}
