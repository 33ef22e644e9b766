//! Currencies: the codes of ISO 4217 and how many decimals each has.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Codes with two decimals. With the two tables below: the national currencies of ISO 4217 as of 2026-01-01, without
/// funds, metals, and codes for testing, in none of which anybody pays.
const TWO_DECIMALS: &str = "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD \
    CAD CDF CHF CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD \
    HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT \
    MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB \
    SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS \
    VED VES WST XCD XCG YER ZAR ZMW ZWG";

/// Codes without decimals.
const NO_DECIMALS: &str = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF";

/// Codes with three decimals.
const THREE_DECIMALS: &str = "BHD IQD JOD KWD LYD OMR TND";

/// A currency of ISO 4217, known to us with its number of decimals.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 3]);

/// A text that is not the code of a currency we know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is not a currency code of ISO 4217 in capitals, such as \"CAD\"")]
pub struct UnknownCurrency;

impl Currency {
    /// Canadian dollar.
    pub const CAD: Self = Self(*b"CAD");

    /// United States dollar.
    pub const USD: Self = Self(*b"USD");

    /// Returns the currency whose code is `text`: three capitals.
    ///
    /// # Errors
    ///
    /// [`UnknownCurrency`] where ISO 4217 has no such currency: the sender has to mend it, or we our table.
    pub fn parse(text: &str) -> Result<Self, UnknownCurrency> {
        let code: [u8; 3] = text.as_bytes().try_into().map_err(|_| UnknownCurrency)?;
        let known = [TWO_DECIMALS, NO_DECIMALS, THREE_DECIMALS]
            .iter()
            .any(|table| lists(table, &code));
        if known && code.iter().all(u8::is_ascii_uppercase) {
            Ok(Self(code))
        } else {
            Err(UnknownCurrency)
        }
    }

    /// Returns how many minor units the smallest amount has that QuickBooks can hold: it keeps two decimals for every
    /// currency.
    ///
    /// Source: Intuit API reference, amounts of `SalesReceipt`, and reports of connectors; what it makes of a third decimal
    /// is not known, so that none is ever sent.
    #[must_use]
    pub fn grain(self) -> i64 {
        if self.exponent() > 2 { 10 } else { 1 }
    }

    /// Returns the number of decimals: 0, 2 or 3. One major unit is ten to that power of minor units.
    #[must_use]
    pub fn exponent(self) -> u32 {
        if lists(NO_DECIMALS, &self.0) {
            0
        } else if lists(THREE_DECIMALS, &self.0) {
            3
        } else {
            2
        }
    }

    /// Returns the three-letter code.
    #[must_use]
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).expect("a currency is only made of three ASCII capitals")
    }
}

/// Whether `table`, codes with a space between, has `code`. The codes stand four bytes apart.
fn lists(table: &str, code: &[u8; 3]) -> bool {
    table
        .as_bytes()
        .chunks(4)
        .any(|entry| entry.starts_with(code))
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn decimals_are_those_of_iso_4217() {
        for (code, exponent) in [
            ("CAD", 2),
            ("USD", 2),
            ("EUR", 2),
            ("JPY", 0),
            ("KRW", 0),
            ("ISK", 0),
            ("KWD", 3),
            ("TND", 3),
        ] {
            assert_eq!(
                Currency::parse(code).unwrap().exponent(),
                exponent,
                "{code}"
            );
        }
    }

    #[test]
    fn a_code_is_three_capitals_that_iso_4217_lists() {
        for text in [
            "", "CA", "CADX", "cad", "Cad", "XXX", "ZZZ", "XAU", "$", " CA", "AD ", "D A", "ÇA",
        ] {
            assert!(Currency::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn each_code_is_listed_once() {
        let codes: Vec<&str> = [TWO_DECIMALS, NO_DECIMALS, THREE_DECIMALS]
            .iter()
            .flat_map(|table| table.split(' '))
            .collect();
        assert_eq!(codes.len(), codes.iter().collect::<BTreeSet<_>>().len());
        for code in codes {
            assert_eq!(
                Currency::parse(code).map(|currency| currency.to_string()),
                Ok(code.to_owned())
            );
        }
    }
}
