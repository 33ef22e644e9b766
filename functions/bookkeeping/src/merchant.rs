//! What is known of a merchant itself: from launch tokens, and from MioCommerce's messages where it sends them.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ids::{MerchantId, OperatorId};
use crate::money::Currency;
use crate::transaction::Language;

/// A merchant's profile, as of a moment; the newer one counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MerchantProfile {
    /// Whose.
    pub merchant: MerchantId,
    /// When MioCommerce said so: a launch token's `iat`, a message's `sent_at`.
    pub as_of: Timestamp,
    /// The name of the business.
    pub name: String,
    /// Country, two capitals of ISO 3166.
    pub country: String,
    /// The currency it sells in.
    pub currency: Currency,
    /// IANA name of its time zone.
    pub time_zone: String,
    /// Whether its plan includes the app.
    pub entitled: bool,
    /// Who administers it, as far as we know.
    #[serde(default)]
    pub administrators: BTreeMap<OperatorId, Addressee>,
}

/// Somebody who can be written to. Debug prints nothing of a person.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Addressee {
    /// Their name.
    pub name: String,
    /// Their e-mail address.
    pub email: String,
    /// The language they read.
    pub language: Language,
}

impl fmt::Debug for Addressee {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Addressee({:?})", self.language)
    }
}

impl MerchantProfile {
    /// This profile with what an older one knew besides: its administrators.
    #[must_use]
    pub fn over(mut self, older: Option<&Self>) -> Self {
        for (id, administrator) in older.iter().flat_map(|older| &older.administrators) {
            self.administrators
                .entry(id.clone())
                .or_insert_with(|| administrator.clone());
        }
        self
    }
}
