//! What the operator's choices set free.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ids::CustomerId;
use crate::reason::ReasonCode;

/// What changes of the operator's choices may clear, and since when.
///
/// A worker may be about to hold something for what was so before the change, so one release right after it is not enough:
/// it is released again once what was in hand at the change is listed for certain.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frees {
    /// What is held for one of these reasons.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub codes: Vec<ReasonCode>,
    /// What is held until one of these customers is chosen.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub customers: Vec<CustomerId>,
    /// When the last of the changes was made.
    #[serde(default)]
    pub since: Option<Timestamp>,
}

impl Frees {
    /// True if nothing is to be freed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.codes.is_empty() && self.customers.is_empty()
    }

    /// These and what is held for these reasons, by a change made now.
    #[must_use]
    pub fn with(mut self, codes: &[ReasonCode], now: Timestamp) -> Self {
        for code in codes {
            if !self.codes.contains(code) {
                self.codes.push(*code);
            }
            self.since = Some(now);
        }
        self
    }

    /// These and what is held until this customer is chosen, chosen now.
    #[must_use]
    pub fn with_customer(mut self, customer: &CustomerId, now: Timestamp) -> Self {
        if !self.customers.contains(customer) {
            self.customers.push(customer.clone());
        }
        self.since = Some(now);
        self
    }
}
