//! Money: whole minor units with their currency, and the exact decimals that lead to them.
//!
//! Nothing here is ever a float, and nothing rounds but [`multiplies_to`]. Decimal text is read by one
//! strict reader: an optional minus, digits without leading zeros, and after a point at least one digit.
//! An exponent, a plus, a space or a separator of thousands is refused, because guessing at money is worse.

mod currency;
mod decimal;

use std::fmt;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

pub use currency::{Currency, UnknownCurrency};
pub use decimal::{ExchangeRate, Percent, Quantity, UnitPrice, multiplies_to};

/// Why a text or a calculation gives no amount.
///
/// Every variant is the sender's to mend, or our own mistake where two currencies met.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// The text is not a plain decimal number. It is not repeated here: it may be anything.
    #[error(
        "it is not a plain decimal number such as \"77.55\" (no exponent, sign +, space, separator or leading zero)"
    )]
    NotDecimal,
    /// More decimals than may be given.
    #[error("it has {given} decimals, {allowed} are allowed{}", for_currency(*.currency))]
    TooManyDecimals {
        /// How many there are.
        given: u32,
        /// How many there may be.
        allowed: u32,
        /// The currency that limits them, where one does.
        currency: Option<Currency>,
    },
    /// The number is larger or smaller than can be held or makes sense.
    #[error("it is out of range")]
    OutOfRange,
    /// Two amounts of different currencies were to be added or compared.
    #[error("{left} and {right} do not mix")]
    CurrenciesDiffer {
        /// The currency of the first.
        left: Currency,
        /// The currency of the other.
        right: Currency,
    },
}

fn for_currency(currency: Option<Currency>) -> String {
    currency
        .map(|currency| format!(" in {currency}"))
        .unwrap_or_default()
}

/// An amount of money, exact, in minor units of its currency: cents for CAD, yen for JPY, fils for KWD.
///
/// Arithmetic is whole-number and checked. As JSON: `{"minor": 7755, "currency": "CAD"}`.
///
/// # Examples
///
/// ```
/// use bookkeeping::money::{Amount, Currency};
///
/// let cad = Currency::parse("CAD")?;
/// let amount = Amount::parse("77.55", cad)?;
/// assert_eq!(amount.minor(), 7755);
/// assert_eq!(amount.to_string(), "77.55 CAD");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Amount {
    minor: i64,
    currency: Currency,
}

impl Amount {
    /// Returns the amount that `text`, a decimal in major units such as "77.55", is in `currency`.
    ///
    /// Fewer decimals than the currency has are fine ("80" is 80.00 CAD).
    ///
    /// # Errors
    ///
    /// [`MoneyError`] where the text is not a plain decimal, has more decimals than the currency, or is
    /// beyond what 64 bits of minor units hold: the sender has to mend it.
    pub fn parse(text: &str, currency: Currency) -> Result<Self, MoneyError> {
        let parts = decimal::read(text)?;
        let exponent = currency.exponent();
        if parts.scale > exponent {
            return Err(MoneyError::TooManyDecimals {
                given: parts.scale,
                allowed: exponent,
                currency: Some(currency),
            });
        }
        let minor = decimal::power_of_ten(exponent - parts.scale)
            .checked_mul(parts.mantissa)
            .and_then(|minor| i64::try_from(minor).ok())
            .ok_or(MoneyError::OutOfRange)?;
        Ok(Self { minor, currency })
    }

    /// Returns the amount of `minor` minor units of `currency`.
    #[must_use]
    pub const fn from_minor(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// Returns nothing at all, in `currency`.
    #[must_use]
    pub const fn zero(currency: Currency) -> Self {
        Self { minor: 0, currency }
    }

    /// Returns the amount in minor units of its currency.
    #[must_use]
    pub const fn minor(self) -> i64 {
        self.minor
    }

    /// Returns the currency.
    #[must_use]
    pub const fn currency(self) -> Currency {
        self.currency
    }

    /// Whether the amount is nothing.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.minor == 0
    }

    /// Whether the amount is below nothing.
    #[must_use]
    pub const fn is_negative(self) -> bool {
        self.minor < 0
    }

    /// Returns the sum of both.
    ///
    /// # Errors
    ///
    /// [`MoneyError::CurrenciesDiffer`] is our own mistake; [`MoneyError::OutOfRange`] the sender's.
    pub fn checked_add(self, other: Self) -> Result<Self, MoneyError> {
        self.same_currency(other)?;
        let minor = self
            .minor
            .checked_add(other.minor)
            .ok_or(MoneyError::OutOfRange)?;
        Ok(Self { minor, ..self })
    }

    /// Returns what is left after taking `other` away.
    ///
    /// # Errors
    ///
    /// As [`Amount::checked_add`].
    pub fn checked_sub(self, other: Self) -> Result<Self, MoneyError> {
        self.same_currency(other)?;
        let minor = self
            .minor
            .checked_sub(other.minor)
            .ok_or(MoneyError::OutOfRange)?;
        Ok(Self { minor, ..self })
    }

    /// Returns the amount with the other sign.
    ///
    /// # Errors
    ///
    /// [`MoneyError::OutOfRange`] for the one amount without a counterpart, the smallest of all.
    pub fn checked_neg(self) -> Result<Self, MoneyError> {
        let minor = self.minor.checked_neg().ok_or(MoneyError::OutOfRange)?;
        Ok(Self { minor, ..self })
    }

    /// Returns the sum of `amounts`, which is nothing in `currency` where there are none.
    ///
    /// # Errors
    ///
    /// As [`Amount::checked_add`].
    pub fn sum(
        currency: Currency,
        amounts: impl IntoIterator<Item = Self>,
    ) -> Result<Self, MoneyError> {
        amounts
            .into_iter()
            .try_fold(Self::zero(currency), Self::checked_add)
    }

    /// Returns the amount in major units with all of its currency's decimals: "77.55", "1200", "-0.500".
    #[must_use]
    pub fn decimal_text(self) -> String {
        let exponent = self.currency.exponent() as usize;
        let sign = if self.minor < 0 { "-" } else { "" };
        let digits = format!(
            "{:0>width$}",
            self.minor.unsigned_abs(),
            width = exponent + 1
        );
        let (whole, fraction) = digits.split_at(digits.len() - exponent);
        if fraction.is_empty() {
            format!("{sign}{whole}")
        } else {
            format!("{sign}{whole}.{fraction}")
        }
    }

    /// Returns the amount in major units as an exact decimal with all of its currency's decimals.
    #[must_use]
    pub fn to_decimal(self) -> Decimal {
        Decimal::from_i128_with_scale(i128::from(self.minor), self.currency.exponent())
    }

    fn same_currency(self, other: Self) -> Result<(), MoneyError> {
        if self.currency == other.currency {
            Ok(())
        } else {
            Err(MoneyError::CurrenciesDiffer {
                left: self.currency,
                right: other.currency,
            })
        }
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.decimal_text(), self.currency)
    }
}

impl fmt::Debug for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn currency(code: &str) -> Currency {
        Currency::parse(code).unwrap()
    }

    #[test]
    fn an_amount_is_read_in_its_currencys_minor_units() {
        for (text, code, minor) in [
            ("77.55", "CAD", 7755),
            ("80", "CAD", 8000),
            ("80.5", "CAD", 8050),
            ("-0.01", "USD", -1),
            ("-0.00", "USD", 0),
            ("1200", "JPY", 1200),
            ("12.345", "KWD", 12345),
            ("92233720368547758.07", "CAD", i64::MAX),
            ("-92233720368547758.08", "CAD", i64::MIN),
        ] {
            assert_eq!(
                Amount::parse(text, currency(code)).map(Amount::minor),
                Ok(minor),
                "{text} {code}"
            );
        }
    }

    #[test]
    fn what_is_not_a_plain_decimal_is_no_amount() {
        for text in [
            "",
            "-",
            ".",
            "1.",
            ".5",
            "+1",
            " 1",
            "1 ",
            "1e3",
            "1E3",
            "NaN",
            "inf",
            "1,000",
            "1,5",
            "0x10",
            "١",
            "--1",
            "1.2.3",
            "00",
            "01.00",
            "$5",
            "1_000",
            "\u{2212}1",
        ] {
            assert_eq!(
                Amount::parse(text, currency("CAD")),
                Err(MoneyError::NotDecimal),
                "{text:?}"
            );
        }
    }

    #[test]
    fn more_decimals_than_the_currency_has_are_refused_with_both_numbers() {
        let refused = Amount::parse("77.550", currency("CAD")).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "it has 3 decimals, 2 are allowed in CAD"
        );
        let refused = Amount::parse("1200.0", currency("JPY")).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "it has 1 decimals, 0 are allowed in JPY"
        );
    }

    #[test]
    fn what_64_bits_do_not_hold_is_refused() {
        for text in [
            "92233720368547758.08",
            "-92233720368547758.09",
            &"9".repeat(60),
        ] {
            assert_eq!(
                Amount::parse(text, currency("CAD")),
                Err(MoneyError::OutOfRange),
                "{text}"
            );
        }
        let most = Amount::from_minor(i64::MAX, currency("CAD"));
        assert_eq!(
            most.checked_add(Amount::from_minor(1, currency("CAD"))),
            Err(MoneyError::OutOfRange)
        );
        let least = Amount::from_minor(i64::MIN, currency("CAD"));
        assert_eq!(least.checked_neg(), Err(MoneyError::OutOfRange));
        assert_eq!(least.decimal_text(), "-92233720368547758.08");
    }

    #[test]
    fn two_currencies_do_not_mix() {
        let cad = Amount::from_minor(1, currency("CAD"));
        let usd = Amount::from_minor(1, currency("USD"));
        let differ = MoneyError::CurrenciesDiffer {
            left: cad.currency(),
            right: usd.currency(),
        };
        assert_eq!(cad.checked_add(usd), Err(differ.clone()));
        assert_eq!(cad.checked_sub(usd), Err(differ.clone()));
        assert_eq!(Amount::sum(cad.currency(), [cad, usd]), Err(differ));
    }

    #[test]
    fn an_amount_as_json_is_its_minor_units_and_currency() {
        let amount = Amount::from_minor(7755, currency("CAD"));
        let text = serde_json::to_string(&amount).unwrap();
        assert_eq!(text, r#"{"minor":7755,"currency":"CAD"}"#);
        assert_eq!(serde_json::from_str::<Amount>(&text).unwrap(), amount);
        assert!(serde_json::from_str::<Amount>(r#"{"minor":1,"currency":"XXX"}"#).is_err());
        assert!(serde_json::from_str::<Amount>(r#"{"minor":1.5,"currency":"CAD"}"#).is_err());
    }

    proptest! {
        #[test]
        fn an_amount_survives_being_written_and_read(minor: i64, code in prop::sample::select(vec!["JPY", "CAD", "KWD"])) {
            let amount = Amount::from_minor(minor, currency(code));
            prop_assert_eq!(Amount::parse(&amount.decimal_text(), currency(code)), Ok(amount));
            prop_assert_eq!(amount.to_decimal().to_string(), amount.decimal_text());
        }

        #[test]
        fn no_text_makes_reading_an_amount_panic(text in "[-+0-9.eE ]{0,60}|\\PC{0,20}") {
            let _ = Amount::parse(&text, currency("KWD"));
        }
    }
}
