//! The operator's choices about customers. Each has a default, and applies to later documents only.

use serde::{Deserialize, Serialize};

/// How customers are matched, created and kept up to date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CustomerPolicies {
    /// What to do where only the name is the same and the e-mail addresses differ.
    pub name_with_other_email: OtherEmail,
    /// Whether customers that were in QuickBooks before us follow MioCommerce's later changes. Those we created
    /// always do.
    pub update_existing: bool,
    /// How a name is made distinct where somebody has it already.
    pub distinct_names: DistinctNames,
    /// Whether a customer who is not in QuickBooks is booked to the fallback customer instead of being created.
    pub fallback_instead_of_creating: bool,
}

impl Default for CustomerPolicies {
    fn default() -> Self {
        Self {
            name_with_other_email: OtherEmail::Link,
            update_existing: true,
            distinct_names: DistinctNames::Counted,
            fallback_instead_of_creating: false,
        }
    }
}

/// What to do where only the name is the same and the e-mail addresses differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OtherEmail {
    /// It is the same customer.
    Link,
    /// It is another one, created under a distinct name.
    Create,
    /// The operator tells.
    Ask,
}

/// How a name is made distinct.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DistinctNames {
    /// "Jane Roy (2)".
    Counted,
    /// "Jane Roy (C-1042)", with the number MioCommerce shows.
    Number,
}
