//! Customers: which record in the company is this customer, what a new one looks like, what a change writes.
//!
//! E-mail decides first, then the name, then a record is created. A value QuickBooks would refuse is cleaned or left
//! out, and the outcome says so; it never holds up a payment. Nothing here asks QuickBooks: what was found is an argument.
//!
//! | file | what |
//! |---|---|
//! | [`policy`] | the operator's choices about customers |
//! | [`name`] | names compared and made distinct |
//! | [`search`] | names searched for |
//! | [`profile`] | the fields we write, cleaned |
//! | [`matching`] | the decision: link, create, ask |
//! | [`change`] | what a newer profile writes, and how an overwrite is put back |
//! | [`news`] | what MioCommerce is told |

pub mod change;
pub mod matching;
pub mod name;
pub mod news;
pub mod policy;
pub mod profile;
pub mod search;

use serde::{Deserialize, Serialize};

pub use change::{Baseline, Change, Fingerprints, Version};
pub use matching::{Decision, Wanted};
pub use policy::{CustomerPolicies, DistinctNames, OtherEmail};
pub use profile::{Cleaned, Field, Profile, Value};

use crate::ids::{CompanyCustomerId, CustomerId, SyncToken};
use crate::money::Currency;
use crate::transaction::{Address, Customer};

/// A customer's record in the company, as found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompanyCustomer {
    /// The record's id.
    pub id: CompanyCustomerId,
    /// Counts the record's changes; a write must name the current one.
    pub sync_token: SyncToken,
    /// What stands in the fields we write. People type several e-mail addresses into one field.
    pub profile: Profile,
    /// Free notes; a record we created carries our mark here.
    pub notes: Option<String>,
    /// Whether it can be used; QuickBooks hides records and never deletes them.
    pub active: bool,
    /// Whether it is a sub-customer or a project; those are never matched.
    pub sub_customer: bool,
    /// Its currency, fixed for ever at creation, where the company tells.
    pub currency: Option<Currency>,
}

/// How a customer link was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FoundBy {
    /// By the e-mail address.
    Email,
    /// By first and last name, or the company's name.
    Name,
    /// We created the record.
    Created,
    /// The operator chose the record.
    Chosen,
    /// The fallback customer stands in, by a setting.
    Fallback,
}

impl FoundBy {
    /// Each of them.
    pub const ALL: [Self; 5] = [
        Self::Email,
        Self::Name,
        Self::Created,
        Self::Chosen,
        Self::Fallback,
    ];

    /// Returns the word for it, as stored and told.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Name => "name",
            Self::Created => "created",
            Self::Chosen => "chosen",
            Self::Fallback => "fallback",
        }
    }
}

/// What a new record is created with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NewCustomer {
    /// Its fields; the display name is among them. Absent ones are left out, not sent empty.
    pub profile: Profile,
    /// Its currency, fixed for ever at creation; `None` where the company keeps one only.
    pub currency: Option<Currency>,
    /// Our mark, by which a record whose creation was not answered is recognised.
    pub notes: String,
}

/// The record to create for a customer, under one of the names that the decision names.
#[must_use]
pub fn new_record(
    customer: &Customer,
    display_name: String,
    currency: Option<Currency>,
) -> NewCustomer {
    let mut profile = Profile::of(customer).0;
    profile.set(Field::DisplayName, Value::Text(display_name));
    NewCustomer {
        profile,
        currency,
        notes: mark(&customer.id),
    }
}

/// The billing address, or the personal one where it is not set (neither street nor city); the two are never mixed.
#[must_use]
pub fn billing_address(customer: &Customer) -> Option<&Address> {
    let billing = customer.billing_address.as_ref();
    let personal = customer.personal_address.as_ref();
    billing
        .filter(|address| address.is_set())
        .or_else(|| personal.filter(|address| address.is_set()))
}

/// Our mark in a created record's notes.
#[must_use]
pub fn mark(customer: &CustomerId) -> String {
    format!("mio:customer/{customer}")
}

impl CompanyCustomer {
    /// Whether this record was created by us for this customer.
    #[must_use]
    pub fn is_ours(&self, customer: &CustomerId) -> bool {
        let mark = mark(customer);
        let notes = self.notes.as_deref().unwrap_or_default();
        notes.split_whitespace().any(|word| word == mark)
    }
}
