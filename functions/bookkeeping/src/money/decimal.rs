//! Exact decimals that are not amounts yet: rates, quantities, unit prices.

use std::fmt;

use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Amount, MoneyError};

/// Most digits of a decimal before the point. With the limits on decimals below, a quantity times a unit price,
/// brought to minor units, stays within 128 bits, so nothing is ever rounded on the way.
const WHOLE_DIGITS_MAX: usize = 12;

const PERCENT_DECIMALS_MAX: u32 = 6;
const QUANTITY_DECIMALS_MAX: u32 = 6;
const UNIT_PRICE_DECIMALS_MAX: u32 = 7;
const EXCHANGE_RATE_DECIMALS_MAX: u32 = 12;

/// A plain decimal: `mantissa` times ten to minus `scale`.
pub(super) struct Parts {
    pub(super) mantissa: i128,
    pub(super) scale: u32,
}

/// Reads a plain decimal: an optional minus, digits without leading zeros, and after a point at least one digit.
pub(super) fn read(text: &str) -> Result<Parts, MoneyError> {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = match unsigned.split_once('.') {
        Some((whole, fraction)) if !fraction.is_empty() => (whole, fraction),
        Some(_) => return Err(MoneyError::NotDecimal),
        None => (unsigned, ""),
    };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty()
        || !digits(whole)
        || !digits(fraction)
        || (whole.len() > 1 && whole.starts_with('0'))
    {
        return Err(MoneyError::NotDecimal);
    }
    let mut mantissa: i128 = 0;
    for digit in whole
        .bytes()
        .chain(fraction.bytes())
        .map(|byte| i128::from(byte - b'0'))
    {
        mantissa = mantissa
            .checked_mul(10)
            .and_then(|tens| tens.checked_add(digit))
            .ok_or(MoneyError::OutOfRange)?;
    }
    let scale = u32::try_from(fraction.len()).map_err(|_| MoneyError::OutOfRange)?;
    Ok(Parts {
        mantissa: if unsigned.len() < text.len() {
            -mantissa
        } else {
            mantissa
        },
        scale,
    })
}

/// Returns ten to the power of `exponent`, which is at most 16 wherever this is asked.
pub(super) const fn power_of_ten(exponent: u32) -> i128 {
    10_i128.pow(exponent)
}

fn limited(text: &str, decimals_max: u32) -> Result<Decimal, MoneyError> {
    let parts = read(text)?;
    if parts.scale > decimals_max {
        return Err(MoneyError::TooManyDecimals {
            given: parts.scale,
            allowed: decimals_max,
            currency: None,
        });
    }
    if text
        .trim_start_matches('-')
        .split('.')
        .next()
        .is_some_and(|whole| whole.len() > WHOLE_DIGITS_MAX)
    {
        return Err(MoneyError::OutOfRange);
    }
    Decimal::try_from_i128_with_scale(parts.mantissa, parts.scale)
        .map_err(|_| MoneyError::OutOfRange)
}

macro_rules! decimal {
    ($(#[$about:meta])* $name:ident, $decimals:expr, $range:expr) => {
        $(#[$about])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Decimal);

        impl $name {
            /// Returns the value that `text`, a plain decimal, spells.
            ///
            /// # Errors
            ///
            /// [`MoneyError`] where it is not one, has too many decimals or is out of range: the sender has to mend it.
            pub fn parse(text: &str) -> Result<Self, MoneyError> {
                let value = limited(text, $decimals)?;
                let in_range: fn(Decimal) -> bool = $range;
                if in_range(value) { Ok(Self(value)) } else { Err(MoneyError::OutOfRange) }
            }

            /// Returns the exact decimal. Trailing zeros are as they were written; they do not matter to equality.
            #[must_use]
            pub const fn decimal(self) -> Decimal {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}", self.0.normalize())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                Self::parse(&text).map_err(serde::de::Error::custom)
            }
        }
    };
}

decimal!(
    /// A rate in percent, from 0 to 100, with at most six decimals: 9.975 for Quebec's sales tax.
    Percent, PERCENT_DECIMALS_MAX, |value| (Decimal::ZERO..=Decimal::ONE_HUNDRED).contains(&value)
);
decimal!(
    /// How many of something: not negative, at most six decimals.
    Quantity, QUANTITY_DECIMALS_MAX, |value| value >= Decimal::ZERO
);
decimal!(
    /// The price of one of something in major units, either sign, with at most seven decimals, which is as many as
    /// QuickBooks keeps.
    UnitPrice, UNIT_PRICE_DECIMALS_MAX, |_| true
);
decimal!(
    /// Home units for one foreign unit: above zero, at most twelve decimals.
    ExchangeRate, EXCHANGE_RATE_DECIMALS_MAX, |value| value > Decimal::ZERO
);

/// Returns `quantity` times `unit_price` less `discount`, rounded half up to the minor unit of the discount's currency.
///
/// Half up means away from zero, so that a credit is the mirror of its charge. The discount is also what says the
/// currency; pass [`Amount::zero`] where there is none.
///
/// # Errors
///
/// [`MoneyError::OutOfRange`] where the result is beyond 64 bits of minor units: the sender has to mend it.
///
/// # Examples
///
/// ```
/// use bookkeeping::money::{Amount, Currency, Quantity, UnitPrice, multiplies_to};
///
/// let discount = Amount::parse("5.00", Currency::CAD)?;
/// let amount = multiplies_to(Quantity::parse("2")?, UnitPrice::parse("42.50")?, discount)?;
/// assert_eq!(amount.to_string(), "80.00 CAD");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn multiplies_to(
    quantity: Quantity,
    unit_price: UnitPrice,
    discount: Amount,
) -> Result<Amount, MoneyError> {
    let currency = discount.currency();
    // At most 18 + 19 digits, and one factor of a thousand less the decimals both have: within the 38 of 128 bits,
    // but checked all the same.
    let product = quantity
        .0
        .mantissa()
        .checked_mul(unit_price.0.mantissa())
        .ok_or(MoneyError::OutOfRange)?;
    let scale = quantity.0.scale() + unit_price.0.scale();
    let exponent = currency.exponent();
    let (numerator, denominator) = if scale <= exponent {
        (
            product
                .checked_mul(power_of_ten(exponent - scale))
                .ok_or(MoneyError::OutOfRange)?,
            1,
        )
    } else {
        (product, power_of_ten(scale - exponent))
    };
    let exact = i128::from(discount.minor())
        .checked_mul(denominator)
        .and_then(|discount| numerator.checked_sub(discount))
        .ok_or(MoneyError::OutOfRange)?;
    let away_from_zero = i128::from(exact % denominator * 2 >= denominator)
        - i128::from(exact % denominator * 2 <= -denominator);
    let minor =
        i64::try_from(exact / denominator + away_from_zero).map_err(|_| MoneyError::OutOfRange)?;
    Ok(Amount::from_minor(minor, currency))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::Currency;
    use super::*;

    fn product(quantity: &str, unit_price: &str, discount: &str, currency: &str) -> String {
        let currency = Currency::parse(currency).unwrap();
        let discount = Amount::parse(discount, currency).unwrap();
        multiplies_to(
            Quantity::parse(quantity).unwrap(),
            UnitPrice::parse(unit_price).unwrap(),
            discount,
        )
        .unwrap()
        .decimal_text()
    }

    #[test]
    fn a_product_is_rounded_half_up_to_the_currency() {
        assert_eq!(product("2", "42.50", "5.00", "CAD"), "80.00");
        assert_eq!(product("1.5", "0.33", "0", "CAD"), "0.50");
        assert_eq!(product("0.5", "0.01", "0", "CAD"), "0.01");
        assert_eq!(product("0.5", "-0.01", "0", "CAD"), "-0.01");
        assert_eq!(product("0.499999", "0.01", "0", "CAD"), "0.00");
        assert_eq!(product("0.5", "333", "0", "JPY"), "167");
        assert_eq!(product("3", "1.2345", "0", "KWD"), "3.704");
        assert_eq!(product("0", "99", "0", "CAD"), "0.00");
        assert_eq!(product("1", "0", "1.00", "CAD"), "-1.00");
    }

    #[test]
    fn the_largest_factors_are_multiplied_exactly() {
        assert_eq!(
            product("999999.999999", "999999.9999999", "0", "CAD"),
            "999999999998.90"
        );
        let most = multiplies_to(
            Quantity::parse("999999999999.999999").unwrap(),
            UnitPrice::parse("999999999999.9999999").unwrap(),
            Amount::zero(Currency::CAD),
        );
        assert_eq!(most, Err(MoneyError::OutOfRange));
    }

    #[test]
    fn a_rate_is_between_nothing_and_a_hundred_per_cent() {
        for text in ["0", "5", "9.975", "100", "8.875", "0.000001"] {
            assert!(Percent::parse(text).is_ok(), "{text}");
        }
        for text in ["-1", "100.000001", "5%", "0.0000001", "", "NaN", "1e1"] {
            assert!(Percent::parse(text).is_err(), "{text}");
        }
        assert_eq!(
            Percent::parse("9.9750").unwrap(),
            Percent::parse("9.975").unwrap()
        );
        assert_eq!(Percent::parse("9.9750").unwrap().to_string(), "9.975");
    }

    #[test]
    fn a_quantity_is_never_negative_and_a_price_may_be() {
        assert!(Quantity::parse("-1").is_err());
        assert!(UnitPrice::parse("-1.25").is_ok());
        assert!(Quantity::parse("1234567890123").is_err());
    }

    #[test]
    fn an_exchange_rate_is_above_nothing() {
        assert!(ExchangeRate::parse("1.3725").is_ok());
        assert!(ExchangeRate::parse("0").is_err());
        assert!(ExchangeRate::parse("-1").is_err());
    }

    proptest! {
        #[test]
        fn a_product_of_whole_cents_is_exact(
            quantity in 0_i64..100_000,
            cents in -1_000_000_i64..1_000_000,
            discount in 0_i64..10_000,
        ) {
            let price = Amount::from_minor(cents, Currency::CAD).decimal_text();
            let discount = Amount::from_minor(discount, Currency::CAD);
            let quantity_text = Quantity::parse(&quantity.to_string()).unwrap();
            let product = multiplies_to(quantity_text, UnitPrice::parse(&price).unwrap(), discount);
            prop_assert_eq!(product.map(Amount::minor), Ok(quantity * cents - discount.minor()));
        }
    }
}
