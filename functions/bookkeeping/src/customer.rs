//! Customers: which record in the company is this customer, and what a new one looks like.
//!
//! E-mail decides first. A value QuickBooks would refuse is cleaned or left out; it never holds up a payment.

use crate::ids::CompanyCustomerId;
use crate::money::Currency;
use crate::reason::{Reason, ReasonCode};
use crate::text;
use crate::transaction::{Address, Customer};

/// A customer's record in the company, as found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompanyCustomer {
    /// The record's id.
    pub id: CompanyCustomerId,
    /// The name it is shown under; unique in the company.
    pub display_name: String,
    /// First name.
    pub given_name: Option<String>,
    /// Last name.
    pub family_name: Option<String>,
    /// The e-mail field as it stands; people type several addresses into it.
    pub email: Option<String>,
    /// Free notes; a record we created carries our mark here.
    pub notes: Option<String>,
    /// Whether it is a sub-customer or a project; those are never matched.
    pub sub_customer: bool,
}

/// How a customer link was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FoundBy {
    /// The e-mail address.
    Email,
    /// We created the record.
    Created,
}

/// What to do about a customer without a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Plan {
    /// Link to this record; nothing is written to it.
    Link(CompanyCustomerId, FoundBy),
    /// Create a record.
    Create,
    /// Only the operator can tell.
    Ask(Reason),
}

/// What a new record is created with. Absent values are left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewCustomer {
    /// The name it is shown under.
    pub display_name: String,
    /// First name.
    pub given_name: Option<String>,
    /// Last name.
    pub family_name: Option<String>,
    /// Company name.
    pub company_name: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Telephone number.
    pub phone: Option<String>,
    /// Billing address.
    pub billing_address: Option<Address>,
    /// Its currency, fixed for ever at creation.
    pub currency: Option<Currency>,
    /// Our mark, by which a record whose creation was not answered is recognised.
    pub notes: String,
}

/// Longest display, first, last and company name, in characters.
///
/// Source: Intuit API reference, `Customer`; sources name 500 and 100 for the display name, so the shorter.
const NAME_LENGTH_MAX: usize = 100;

/// Longest telephone number, in characters. Source: Intuit API reference, `Customer`.
const PHONE_LENGTH_MAX: usize = 30;

/// Decides among the records found by the customer's e-mail.
///
/// Each address of a record's list counts, trimmed and without regard to case. Several records are narrowed by
/// name; still several is the operator's to choose.
#[must_use]
pub fn plan(customer: &Customer, found: &[CompanyCustomer]) -> Plan {
    let Some(email) = customer.email.as_deref().and_then(text::email) else {
        return Plan::Create;
    };
    let candidates: Vec<&CompanyCustomer> = found
        .iter()
        .filter(|record| !record.sub_customer && record.has_email(email))
        .collect();
    let narrowed: Vec<&CompanyCustomer> = candidates
        .iter()
        .copied()
        .filter(|record| record.has_name_of(customer))
        .collect();
    match (candidates.as_slice(), narrowed.as_slice()) {
        ([], _) => Plan::Create,
        ([one], _) | (_, [one]) => Plan::Link(one.id.clone(), FoundBy::Email),
        (several, _) => {
            let ids: Vec<&str> = several.iter().map(|record| record.id.as_str()).collect();
            Plan::Ask(Reason::new(ReasonCode::CustomerAmbiguous).with("candidates", ids.join(", ")))
        }
    }
}

/// The names a new record may be created under, best first.
///
/// Company name, else "First Last", else the e-mail address, else MioCommerce's number; then the same with
/// MioCommerce's number, which no other customer of the merchant has.
#[must_use]
pub fn display_names(customer: &Customer) -> [String; 2] {
    let number = customer.number.as_deref().unwrap_or(customer.id.as_str());
    let person = [
        customer.first_name.as_deref(),
        customer.last_name.as_deref(),
    ];
    let person = person.into_iter().flatten().collect::<Vec<_>>().join(" ");
    let plain = [
        customer.company_name.as_deref(),
        Some(&person),
        customer.email.as_deref(),
    ]
    .into_iter()
    .flatten()
    .find_map(|name| text::name(name, NAME_LENGTH_MAX))
    .unwrap_or_else(|| format!("MioCommerce {number}"));
    let suffix = format!(" ({number})");
    let room = NAME_LENGTH_MAX.saturating_sub(suffix.chars().count());
    let distinct = format!("{}{suffix}", text::name(&plain, room).unwrap_or_default());
    [plain, distinct]
}

/// The record to create for a customer, under one of its [`display_names`].
#[must_use]
pub fn new_record(
    customer: &Customer,
    display_name: String,
    currency: Option<Currency>,
) -> NewCustomer {
    let name = |value: &Option<String>| {
        value
            .as_deref()
            .and_then(|value| text::name(value, NAME_LENGTH_MAX))
    };
    NewCustomer {
        display_name,
        given_name: name(&customer.first_name),
        family_name: name(&customer.last_name),
        company_name: name(&customer.company_name),
        email: customer
            .email
            .as_deref()
            .and_then(text::email)
            .map(str::to_owned),
        phone: customer
            .phone
            .as_deref()
            .and_then(|phone| text::free(phone, PHONE_LENGTH_MAX)),
        billing_address: billing_address(customer).cloned(),
        currency,
        notes: mark(customer),
    }
}

/// The billing address, or the personal one where it is not set (neither street nor city); the two are never mixed.
#[must_use]
pub fn billing_address(customer: &Customer) -> Option<&Address> {
    let set = |address: &&Address| address.line1.is_some() || address.city.is_some();
    let billing = customer.billing_address.as_ref().filter(set);
    billing.or_else(|| customer.personal_address.as_ref().filter(set))
}

/// Our mark in a created record's notes.
#[must_use]
pub fn mark(customer: &Customer) -> String {
    format!("mio:customer/{}", customer.id.as_str())
}

impl CompanyCustomer {
    /// Whether this record was created by us for this customer.
    #[must_use]
    pub fn is_ours(&self, customer: &Customer) -> bool {
        let mark = mark(customer);
        self.notes
            .as_deref()
            .is_some_and(|notes| notes.split_whitespace().any(|word| word == mark))
    }

    fn has_email(&self, email: &str) -> bool {
        let addresses = self.email.as_deref().unwrap_or_default();
        addresses
            .split([',', ';'])
            .any(|address| address.trim().eq_ignore_ascii_case(email))
    }

    fn has_name_of(&self, customer: &Customer) -> bool {
        let same = |ours: &Option<String>, theirs: &Option<String>| match (ours, theirs) {
            (Some(ours), Some(theirs)) => {
                ours.trim().to_lowercase() == theirs.trim().to_lowercase()
            }
            _ => false,
        };
        same(&customer.first_name, &self.given_name) && same(&customer.last_name, &self.family_name)
    }
}
