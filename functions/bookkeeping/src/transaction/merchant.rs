//! Merchants, as MioCommerce tells about them when their profile changes.

use std::fmt;

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::Language;
use crate::ids::{OperatorId, ServiceId, TaxId};
use crate::money::{Currency, Percent};

/// A merchant's profile. What the message does not tell is absent, which is not the same as none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merchant {
    /// Counts the changes of the profile; a greater one is newer.
    pub version: u64,
    /// The name of the business.
    pub name: Option<String>,
    /// Country, two capitals of ISO 3166.
    pub country: Option<String>,
    /// Province or state.
    pub region: Option<String>,
    /// The currency it sells in.
    pub currency: Option<Currency>,
    /// Its time zone, one of the IANA database.
    pub time_zone: Option<TimeZone>,
    /// The language of its page and mails.
    pub language: Option<Language>,
    /// Whether its plan includes the QuickBooks app.
    pub entitled: Option<bool>,
    /// Who administers it.
    pub administrators: Option<Vec<Administrator>>,
    /// The taxes it charges; each id once.
    pub taxes: Option<Vec<MerchantTax>>,
    /// Which taxes it charges together. Every id is one of `taxes`, where those are told.
    pub tax_sets: Option<Vec<Vec<TaxId>>>,
    /// The services it sells; each id once.
    pub services: Option<Vec<MerchantService>>,
}

/// An operator who administers a merchant. Debug prints the id alone.
#[derive(Clone, PartialEq, Eq)]
pub struct Administrator {
    /// MioCommerce's id.
    pub id: OperatorId,
    /// First and last name.
    pub name: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// The language they read.
    pub language: Option<Language>,
}

impl fmt::Debug for Administrator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Administrator({:?})", self.id)
    }
}

/// A tax that a merchant charges.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MerchantTax {
    /// MioCommerce's id.
    pub id: TaxId,
    /// Its name, as the merchant wrote it.
    pub name: Option<String>,
    /// Its rate; where absent it is matched by name.
    pub rate: Option<Percent>,
}

/// A service that a merchant sells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MerchantService {
    /// MioCommerce's id.
    pub id: ServiceId,
    /// Its name, as the merchant wrote it.
    pub name: Option<String>,
}

impl MerchantTax {
    /// What a person reads of it: its name, or its id where it has none, and its rate ("QST 9.975 %").
    #[must_use]
    pub fn label(&self) -> String {
        let name = self.name.as_deref().unwrap_or(self.id.as_str());
        match self.rate {
            Some(rate) => format!("{name} {rate} %"),
            None => name.to_owned(),
        }
    }
}
