//! What the operator's choices set free.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ids::{CustomerId, OperatorId};
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
    /// Who made them; none where several did, or nobody of the merchant's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<OperatorId>,
}

impl Frees {
    /// True if nothing is to be freed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.codes.is_empty() && self.customers.is_empty()
    }

    /// These and what is held for these reasons, by a change that somebody made now.
    #[must_use]
    pub fn with(mut self, codes: &[ReasonCode], by: Option<&OperatorId>, now: Timestamp) -> Self {
        if codes.is_empty() {
            return self;
        }
        self.made(by, now);
        for code in codes {
            if !self.codes.contains(code) {
                self.codes.push(*code);
            }
        }
        self
    }

    /// These and what is held until this customer is chosen, whom somebody chose now.
    #[must_use]
    pub fn with_customer(
        mut self,
        customer: &CustomerId,
        by: Option<&OperatorId>,
        now: Timestamp,
    ) -> Self {
        self.made(by, now);
        if !self.customers.contains(customer) {
            self.customers.push(customer.clone());
        }
        self
    }

    fn made(&mut self, by: Option<&OperatorId>, now: Timestamp) {
        let is_theirs = self.is_empty() || self.by.as_ref() == by;
        self.by = by.filter(|_| is_theirs).cloned();
        self.since = Some(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_several_freed_is_nobodys_decision() {
        let operator = |id: &str| OperatorId::parse(id).expect("an operator");
        let (one, other) = (operator("op_1"), operator("op_2"));
        let now = Timestamp::UNIX_EPOCH;
        let codes = [ReasonCode::TaxUnmapped];
        let frees = Frees::default().with(&codes, Some(&one), now);
        assert_eq!(frees.by, Some(one.clone()));
        let same = frees.clone().with(&codes, Some(&one), now);
        assert_eq!(same.by, Some(one));
        assert_eq!(frees.with(&codes, Some(&other), now).by, None);
    }
}
