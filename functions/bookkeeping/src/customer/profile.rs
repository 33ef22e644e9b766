//! The fields of a customer's record that we write, cleaned for QuickBooks.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::{billing_address, name};
use crate::text;
use crate::transaction::{Address, Customer};

/// Longest display, first, last and company name, in characters.
///
/// Source: Intuit API reference, `Customer`; sources name 500 and 100 for the display name, so the shorter.
pub(super) const NAME_LENGTH_MAX: usize = 100;

/// Longest telephone number, in characters. Source: Intuit API reference, `Customer`.
const PHONE_LENGTH_MAX: usize = 30;

/// Longest street line, in characters. Source: Intuit API reference, `PhysicalAddress`.
const STREET_LENGTH_MAX: usize = 500;

/// Longest city, region and country, in characters. Source: Intuit API reference, `PhysicalAddress`.
const PLACE_LENGTH_MAX: usize = 255;

/// Longest postal code, in characters. Source: Intuit API reference, `PhysicalAddress`.
const POSTAL_CODE_LENGTH_MAX: usize = 30;

/// A field of a customer's record that we write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// The name it is shown under; unique in the company.
    DisplayName,
    /// First name.
    FirstName,
    /// Last name.
    LastName,
    /// Company name.
    CompanyName,
    /// E-mail address.
    Email,
    /// Telephone number.
    Phone,
    /// Billing address.
    BillingAddress,
}

impl Field {
    /// Each of them.
    pub const ALL: [Self; 7] = [
        Self::DisplayName,
        Self::FirstName,
        Self::LastName,
        Self::CompanyName,
        Self::Email,
        Self::Phone,
        Self::BillingAddress,
    ];

    /// Returns the word for it, as stored and told.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DisplayName => "display_name",
            Self::FirstName => "first_name",
            Self::LastName => "last_name",
            Self::CompanyName => "company_name",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::BillingAddress => "billing_address",
        }
    }
}

/// What stands in a field. Debug prints its kind alone: it is a person's data.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// A text.
    Text(String),
    /// An address.
    Address(Address),
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text(_) => "Text",
            Self::Address(_) => "Address",
        })
    }
}

/// What stands in the fields we write; an absent field is not in it. Debug prints the names of the fields alone.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Profile(BTreeMap<Field, Value>);

impl fmt::Debug for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.keys()).finish()
    }
}

/// What was done to a value so that QuickBooks takes it. Prints as told: `email.left_out`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Cleaned {
    /// The field.
    pub field: Field,
    /// What was done.
    pub how: How,
}

/// What was done to a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// It was left out: nothing of it can be taken.
    LeftOut,
    /// Characters QuickBooks refuses were taken out.
    Changed,
    /// It was shortened.
    Cut,
}

impl fmt::Display for Cleaned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let how = match self.how {
            How::LeftOut => "left_out",
            How::Changed => "changed",
            How::Cut => "cut",
        };
        write!(f, "{}.{how}", self.field.as_str())
    }
}

impl Profile {
    /// The profile of a MioCommerce customer as QuickBooks takes it, and what had to be cleaned for that.
    ///
    /// It has a display name only where the customer has a name of its own: what stands in for one belongs to a new record
    /// alone, and must never take the place of a name.
    #[must_use]
    pub fn of(customer: &Customer) -> (Self, Vec<Cleaned>) {
        let mut cleaner = Cleaner::default();
        let name_max = NAME_LENGTH_MAX;
        let name = |text: &str| text::name(text, name_max);
        // Shown under what is cleaned below, so that one cleaning is not told twice.
        if let Some(name) = name::own(customer) {
            cleaner.profile.set(Field::DisplayName, Value::Text(name));
        }
        cleaner.text(
            Field::FirstName,
            customer.first_name.as_deref(),
            name_max,
            name,
        );
        cleaner.text(
            Field::LastName,
            customer.last_name.as_deref(),
            name_max,
            name,
        );
        cleaner.text(
            Field::CompanyName,
            customer.company_name.as_deref(),
            name_max,
            name,
        );
        // Of a list, QuickBooks takes one.
        cleaner.text(Field::Email, customer.email.as_deref(), 0, |list| {
            text::emails(list).next().map(str::to_owned)
        });
        let phone_max = PHONE_LENGTH_MAX;
        cleaner.text(
            Field::Phone,
            customer.phone.as_deref(),
            phone_max,
            |phone| text::free(phone, phone_max),
        );
        cleaner.address(billing_address(customer));
        (cleaner.profile, cleaner.cleaned)
    }

    /// What stands in a field.
    #[must_use]
    pub fn get(&self, field: Field) -> Option<&Value> {
        self.0.get(&field)
    }

    /// The text in a field; `None` also for an address.
    #[must_use]
    pub fn text(&self, field: Field) -> Option<&str> {
        match self.get(field)? {
            Value::Text(text) => Some(text),
            Value::Address(_) => None,
        }
    }

    /// Puts a value into a field.
    pub fn set(&mut self, field: Field, value: Value) {
        self.0.insert(field, value);
    }

    /// Empties a field.
    pub fn clear(&mut self, field: Field) {
        self.0.remove(&field);
    }

    /// The fields that hold something.
    pub fn iter(&self) -> impl Iterator<Item = (Field, &Value)> {
        self.0.iter().map(|(field, value)| (*field, value))
    }
}

/// Collects values and what was done to them.
#[derive(Default)]
struct Cleaner {
    profile: Profile,
    cleaned: Vec<Cleaned>,
}

impl Cleaner {
    fn text(
        &mut self,
        field: Field,
        given: Option<&str>,
        length_max: usize,
        clean: impl FnOnce(&str) -> Option<String>,
    ) {
        let Some(given) = given else { return };
        let kept = clean(given);
        if let Some(how) = difference(given, kept.as_deref(), length_max) {
            self.cleaned.push(Cleaned { field, how });
        }
        if let Some(kept) = kept {
            self.profile.set(field, Value::Text(kept));
        }
    }

    fn address(&mut self, given: Option<&Address>) {
        let Some(given) = given else { return };
        let mut worst = None;
        let mut part = |given: &Option<String>, length_max| {
            let given = given.as_deref()?;
            let kept = text::free(given, length_max);
            worst = worst.max(difference(given, kept.as_deref(), length_max));
            kept
        };
        let kept = Address {
            line1: part(&given.line1, STREET_LENGTH_MAX),
            line2: part(&given.line2, STREET_LENGTH_MAX),
            city: part(&given.city, PLACE_LENGTH_MAX),
            region: part(&given.region, PLACE_LENGTH_MAX),
            postal_code: part(&given.postal_code, POSTAL_CODE_LENGTH_MAX),
            country: part(&given.country, PLACE_LENGTH_MAX),
        };
        let field = Field::BillingAddress;
        // A part that is left out changes the address; only an address of which nothing is left is left out itself.
        let how = match kept.is_set() {
            true => worst.map(|how| how.max(How::Changed)),
            false => Some(How::LeftOut),
        };
        self.cleaned.extend(how.map(|how| Cleaned { field, how }));
        if kept.is_set() {
            self.profile.set(field, Value::Address(kept));
        }
    }
}

/// What was done to a text, spaces aside; `None` where nothing was.
fn difference(given: &str, kept: Option<&str>, length_max: usize) -> Option<How> {
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let given = words(given);
    match kept.map(words) {
        None if given.is_empty() => None,
        None => Some(How::LeftOut),
        Some(kept) if kept == given => None,
        Some(_) if given.chars().count() > length_max => Some(How::Cut),
        Some(_) => Some(How::Changed),
    }
}
