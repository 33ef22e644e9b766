//! Ids: one type for each kind of thing that has one, so that none is passed for another.
//!
//! MioCommerce's ids become parts of keys, URLs and log fields, so they hold neither spaces nor `#`
//! (which separates the parts of a key). QuickBooks' ids are text to us, digits or not.
//! What an id refers to is the business of whoever holds it.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Longest id of MioCommerce we accept, in characters.
const MIOCOMMERCE_ID_LENGTH_MAX: usize = 64;

/// Longest id of QuickBooks we accept, in characters.
const QUICKBOOKS_ID_LENGTH_MAX: usize = 32;

/// Shortest and longest company id, in digits. Those seen are 15, 16 and 19 digits long.
const REALM_ID_LENGTH: std::ops::RangeInclusive<usize> = 10..=19;

/// A text that cannot be an id of its kind.
///
/// Holds the reason and never the text itself: what stands where an id should may be anything,
/// a person's name included.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a {kind} id: {reason}")]
pub struct InvalidId {
    kind: &'static str,
    reason: Reason,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
enum Reason {
    #[error("it is empty")]
    Empty,
    #[error("it is longer than {max} characters")]
    TooLong { max: usize },
    #[error("it holds a character other than printable ASCII without spaces and '#'")]
    Character,
    #[error("it is not 10 to 19 digits")]
    NotDigits,
}

fn check(text: &str, length_max: usize) -> Result<(), Reason> {
    if text.is_empty() {
        return Err(Reason::Empty);
    }
    if text.chars().nth(length_max).is_some() {
        return Err(Reason::TooLong { max: length_max });
    }
    if !text
        .bytes()
        .all(|byte| byte.is_ascii_graphic() && byte != b'#')
    {
        return Err(Reason::Character);
    }
    Ok(())
}

fn miocommerce(text: &str) -> Result<(), Reason> {
    check(text, MIOCOMMERCE_ID_LENGTH_MAX)
}

fn quickbooks(text: &str) -> Result<(), Reason> {
    check(text, QUICKBOOKS_ID_LENGTH_MAX)
}

fn realm(text: &str) -> Result<(), Reason> {
    if REALM_ID_LENGTH.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit()) {
        Ok(())
    } else {
        Err(Reason::NotDigits)
    }
}

macro_rules! id {
    ($(#[$about:meta])* $name:ident, $kind:literal, $rule:path) => {
        $(#[$about])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Box<str>);

        impl $name {
            /// Returns the id that `text` spells.
            ///
            /// # Errors
            ///
            /// [`InvalidId`] where the text cannot be one: the sender has to mend it.
            pub fn parse(text: &str) -> Result<Self, InvalidId> {
                match $rule(text) {
                    Ok(()) => Ok(Self(text.into())),
                    Err(reason) => Err(InvalidId { kind: $kind, reason }),
                }
            }

            /// Returns the id as its owner writes it.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}/{}", $kind, self.0)
            }
        }

        impl std::str::FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                Self::parse(text)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
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

id!(
    /// A merchant of MioCommerce: the business that sells.
    MerchantId, "merchant", miocommerce
);
id!(
    /// An operator of MioCommerce: a person at the merchant who presses buttons.
    OperatorId, "operator", miocommerce
);
id!(
    /// A customer of a merchant, in MioCommerce.
    CustomerId, "customer", miocommerce
);
id!(
    /// A payment in MioCommerce.
    PaymentId, "payment", miocommerce
);
id!(
    /// A refund in MioCommerce.
    RefundId, "refund", miocommerce
);
id!(
    /// A line of one payment or refund; unique within it.
    LineId, "line", miocommerce
);
id!(
    /// A tax of a merchant, in MioCommerce.
    TaxId, "tax", miocommerce
);
id!(
    /// A service that a merchant sells, in MioCommerce.
    ServiceId, "service", miocommerce
);
id!(
    /// A team of a merchant, in MioCommerce.
    TeamId, "team", miocommerce
);
id!(
    /// A territory of a merchant, in MioCommerce.
    TerritoryId, "territory", miocommerce
);
id!(
    /// A company in QuickBooks: 10 to 19 digits. Text, because it outgrows what JavaScript counts exactly.
    RealmId, "realm", realm
);
id!(
    /// A customer's record in a company in QuickBooks.
    CompanyCustomerId, "company_customer", quickbooks
);
id!(
    /// A product or service in a company in QuickBooks.
    ItemId, "item", quickbooks
);
id!(
    /// An account in a company's chart of accounts in QuickBooks.
    AccountId, "account", quickbooks
);
id!(
    /// A tax code in QuickBooks; `TAX` and `NON` in the United States.
    TaxCodeId, "tax_code", quickbooks
);
id!(
    /// A tax rate in QuickBooks: one component of a tax code.
    TaxRateId, "tax_rate", quickbooks
);
id!(
    /// A payment method in QuickBooks.
    PaymentMethodId, "payment_method", quickbooks
);
id!(
    /// A class in QuickBooks.
    ClassId, "class", quickbooks
);
id!(
    /// A location in QuickBooks, which calls it a department.
    DepartmentId, "department", quickbooks
);
id!(
    /// A sales receipt or refund receipt in QuickBooks.
    ReceiptId, "receipt", quickbooks
);
id!(
    /// QuickBooks' word for which version of a record an update is based on.
    SyncToken, "sync_token", quickbooks
);

/// A number to spread ids by, the same in every process (FNV-1a).
#[must_use]
pub fn spread(id: &str) -> u32 {
    id.bytes().fold(0x811c_9dc5, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_prints_with_its_kind() {
        let id = MerchantId::parse("mer_4fz9").unwrap();
        assert_eq!(format!("{id:?}"), "merchant/mer_4fz9");
        assert_eq!(id.to_string(), "mer_4fz9");
        assert_eq!(id.as_str(), "mer_4fz9");
    }

    #[test]
    fn what_cannot_be_part_of_a_key_is_no_id() {
        let long = "x".repeat(65);
        for text in [
            "",
            "a b",
            "a#b",
            "a\u{0}b",
            "a\tb",
            "é",
            " a",
            "a\n",
            long.as_str(),
        ] {
            assert!(PaymentId::parse(text).is_err(), "{text:?}");
        }
        for text in ["a", "pay_8KQ2XW", "1", "a-b.c:d/e", &long[..64]] {
            assert!(PaymentId::parse(text).is_ok(), "{text:?}");
        }
    }

    #[test]
    fn a_company_id_is_ten_to_nineteen_digits() {
        for text in [
            "",
            "123456789",
            "12345678901234567890",
            "934145209876543x",
            "９３４１４５２０９８",
        ] {
            assert!(RealmId::parse(text).is_err(), "{text:?}");
        }
        for text in ["1234567890", "9341452098765432", "1234567890123456789"] {
            assert!(RealmId::parse(text).is_ok(), "{text:?}");
        }
    }

    #[test]
    fn an_id_read_from_json_is_checked() {
        let id: ItemId = serde_json::from_str(r#""12""#).unwrap();
        assert_eq!(serde_json::to_string(&id).unwrap(), r#""12""#);
        assert!(serde_json::from_str::<ItemId>(r#""""#).is_err());
        assert!(serde_json::from_str::<ItemId>("12").is_err());
        assert!(serde_json::from_str::<ItemId>(&format!("\"{}\"", "1".repeat(33))).is_err());
    }

    #[test]
    fn a_refused_id_does_not_repeat_what_it_was_given() {
        let refused = CustomerId::parse("Aline Roy").unwrap_err().to_string();
        assert!(!refused.contains("Aline"), "{refused}");
    }
}
