//! The mails of an incident: which step, to whom, how far.

use std::fmt;

use data_encoding::HEXLOWER;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::ids::MerchantId;

/// A step of an incident's mails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// The first notice. Nobody can unsubscribe from it.
    First,
    /// A reminder, so many days after the beginning.
    Reminder(u16),
    /// It is over.
    Recovered,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::First => f.write_str("first"),
            Self::Reminder(days) => write!(f, "day-{days}"),
            Self::Recovered => f.write_str("recovered"),
        }
    }
}

/// Who reads a merchant's mails: an address, hashed with the merchant's id, so that it gives nothing away.
///
/// It is the address that reads, and not the role: whoever has two roles is told once, and a corrected address is another
/// reader, who was told nothing yet. Capitals and spaces around it make no other address.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Reader(pub(super) String);

impl Reader {
    /// The reader at an address.
    #[must_use]
    pub fn at(merchant: &MerchantId, address: &str) -> Self {
        let text = format!("{merchant}/{}", address.trim().to_lowercase());
        Self(HEXLOWER.encode(&Sha256::digest(text)[..16]))
    }

    /// The reader as it is stored.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// One mail of an incident, to one reader.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mailing {
    /// When its sender claimed it last.
    #[serde(default)]
    pub at: Timestamp,
    /// How far it is.
    pub stage: Stage,
}

/// How far a mail is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Claimed by its sender until then: it may have been sent, or not.
    Sending(Timestamp),
    /// Certainly not sent; to be tried again then.
    PutOff(Timestamp),
    /// Sent.
    Sent,
}

impl Stage {
    pub(super) fn until(self) -> Option<Timestamp> {
        match self {
            Self::Sending(until) | Self::PutOff(until) => Some(until),
            Self::Sent => None,
        }
    }
}
