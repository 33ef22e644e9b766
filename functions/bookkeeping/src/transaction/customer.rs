//! Customers of a merchant, as MioCommerce tells about them with each message.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ids::CustomerId;

/// A customer's profile as it stood when the message was sent.
///
/// Texts are trimmed, and an empty one is absent. What QuickBooks would not take (a colon in a name, a malformed
/// e-mail) is still in here: cleaning it is [`customer`](crate::customer)'s business.
/// Debug prints the id and version alone, so that no log line holds a person's data.
#[derive(Clone, PartialEq, Eq)]
pub struct Customer {
    /// MioCommerce's id.
    pub id: CustomerId,
    /// The number people see.
    pub number: Option<String>,
    /// Counts the changes of the profile; a greater one is newer. 0 where the message does not tell.
    pub version: u64,
    /// When the profile last changed.
    pub updated_at: Option<Timestamp>,
    /// First name.
    pub first_name: Option<String>,
    /// Last name.
    pub last_name: Option<String>,
    /// The business, where the customer is one.
    pub company_name: Option<String>,
    /// E-mail address; several are separated by commas.
    pub email: Option<String>,
    /// E-mail address for bills, where it is another.
    pub billing_email: Option<String>,
    /// Telephone number, as it was typed.
    pub phone: Option<String>,
    /// Language of correspondence, where it is one of the two we write.
    pub language: Option<Language>,
    /// Where bills go.
    pub billing_address: Option<Address>,
    /// Where the customer lives.
    pub personal_address: Option<Address>,
}

impl fmt::Debug for Customer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Customer({:?}, version {})", self.id, self.version)
    }
}

/// A postal address. Texts are trimmed, and an empty one is absent; an address with none is absent itself.
///
/// Debug prints the region and country alone.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Address {
    /// Street and number.
    pub line1: Option<String>,
    /// Apartment, suite, building.
    pub line2: Option<String>,
    /// City.
    pub city: Option<String>,
    /// Province or state, as it was typed: "QC", "Québec".
    pub region: Option<String>,
    /// Postal code.
    pub postal_code: Option<String>,
    /// Country, as it was typed: "CA", "Canada".
    pub country: Option<String>,
}

impl Address {
    /// Whether it can be written on a bill: it has a street or a city.
    #[must_use]
    pub const fn is_set(&self) -> bool {
        self.line1.is_some() || self.city.is_some()
    }

    /// Whether every part is absent.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({:?}, {:?})", self.region, self.country)
    }
}

/// A language we write in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Language {
    /// English.
    #[serde(rename = "en")]
    English,
    /// French.
    #[serde(rename = "fr")]
    French,
}

impl Language {
    /// Returns the language of a tag such as "fr" or "fr-CA", in any case; none where it is not one of ours.
    #[must_use]
    pub fn from_tag(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_']).next().unwrap_or(tag);
        if primary.eq_ignore_ascii_case("en") {
            Some(Self::English)
        } else if primary.eq_ignore_ascii_case("fr") {
            Some(Self::French)
        } else {
            None
        }
    }

    /// Returns the tag: `en` or `fr`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::French => "fr",
        }
    }
}
