//! The decision: which record in the company is this customer.
//!
//! What QuickBooks found is compared again here, address by address and name by name, so that a search may bring more
//! than it was asked for.

use super::name::{candidates, compared, person};
use super::{CompanyCustomer, CustomerPolicies, Field, FoundBy, OtherEmail};
use crate::ids::CompanyCustomerId;
use crate::money::Currency;
use crate::reason::{Reason, ReasonCode};
use crate::text;
use crate::transaction::Customer;

/// How QuickBooks marks the name of a record that was made inactive. Source: recorded answers of public clients.
const HIDDEN: &str = "(deleted)";

/// A customer without a link, and what decides about it.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// The customer.
    pub customer: &'a Customer,
    /// The currency its record must have, which is the payment's; a record's own is fixed for ever.
    pub currency: Currency,
    /// The company's home currency, which a record has that names none.
    pub home_currency: Currency,
    /// The operator's choices.
    pub policies: &'a CustomerPolicies,
}

/// What to do about a customer without a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Link to this record; nothing is written to it.
    Link(Box<CompanyCustomer>, FoundBy),
    /// Create a record under the first of these names that is free.
    Create {
        /// Names, best first.
        names: Vec<String>,
        /// Records that share the customer's name: the operator's to choose from where none of the names is free.
        namesakes: Vec<CompanyCustomerId>,
    },
    /// Book to the fallback customer.
    Fallback,
    /// Only the operator can tell.
    Ask(Reason),
}

impl Wanted<'_> {
    /// Decides among the records that the search for the e-mail address found; `None` where it found nobody, so that the
    /// name is tried.
    ///
    /// Each address of a list counts, trimmed and without regard to case. Several records are narrowed by name; still
    /// several are the operator's to choose from.
    #[must_use]
    pub fn by_email(&self, found: &[CompanyCustomer]) -> Option<Decision> {
        let same: Vec<&CompanyCustomer> = found
            .iter()
            .filter(|record| self.fits(record) && self.shares_email(record))
            .collect();
        if same.is_empty() {
            return None;
        }
        Some(self.one_of(&same, FoundBy::Email))
    }

    /// Decides among the records that the search for the name found, where the e-mail address found nobody.
    #[must_use]
    pub fn by_name(&self, found: &[CompanyCustomer]) -> Decision {
        if let Some(ours) = self.ours(found) {
            return Decision::Link(Box::new(ours.clone()), FoundBy::Created);
        }
        let namesakes: Vec<&CompanyCustomer> = found
            .iter()
            .filter(|record| self.fits(record) && self.shares_name(record))
            .collect();
        let (other_email, same): (Vec<&CompanyCustomer>, Vec<&CompanyCustomer>) = namesakes
            .iter()
            .partition(|record| self.has_other_email(record));
        match (
            same.is_empty(),
            other_email.is_empty(),
            self.policies.name_with_other_email,
        ) {
            (false, _, _) => self.one_of(&same, FoundBy::Name),
            (true, true, _) | (true, false, OtherEmail::Create) => self.create(found),
            (true, false, OtherEmail::Link) => self.one_of(&other_email, FoundBy::Name),
            (true, false, OtherEmail::Ask) => {
                Decision::Ask(ask(ReasonCode::CustomerEmailDiffers, &other_email))
            }
        }
    }

    /// A creation of ours whose answer was lost, whatever name it ended under.
    #[must_use]
    pub fn ours<'f>(&self, found: &'f [CompanyCustomer]) -> Option<&'f CompanyCustomer> {
        found
            .iter()
            .find(|record| self.fits(record) && record.active && self.is_ours(record))
    }

    /// The names a new record may have, without those of the customers that were found.
    fn create(&self, found: &[CompanyCustomer]) -> Decision {
        if self.policies.fallback_instead_of_creating {
            return Decision::Fallback;
        }
        let taken: Vec<&str> = found
            .iter()
            .filter_map(|record| record.profile.text(Field::DisplayName))
            .collect();
        let names = candidates(self.customer, self.policies.distinct_names, &taken);
        let namesakes = found
            .iter()
            .filter(|record| self.fits(record) && self.shares_name(record));
        Decision::Create {
            names,
            namesakes: namesakes.map(|record| record.id.clone()).collect(),
        }
    }

    /// The one active record, by our mark and then by name where there are several.
    fn one_of(&self, same: &[&CompanyCustomer], found_by: FoundBy) -> Decision {
        let active: Vec<&CompanyCustomer> = same
            .iter()
            .copied()
            .filter(|record| record.active)
            .collect();
        let narrowed = |keep: &dyn Fn(&CompanyCustomer) -> bool| -> Option<CompanyCustomer> {
            let mut kept = active.iter().filter(|record| keep(record));
            let one = kept.next()?;
            kept.next().is_none().then(|| (*one).clone())
        };
        if active.is_empty() {
            return Decision::Ask(ask(ReasonCode::CustomerInactive, same));
        }
        if let Some(ours) = narrowed(&|record| self.is_ours(record)) {
            return Decision::Link(Box::new(ours), FoundBy::Created);
        }
        match narrowed(&|_| true).or_else(|| narrowed(&|record| self.shares_name(record))) {
            Some(one) => Decision::Link(Box::new(one), found_by),
            None => Decision::Ask(ask(ReasonCode::CustomerAmbiguous, &active)),
        }
    }

    /// Whether a record can be this customer's at all.
    fn fits(&self, record: &CompanyCustomer) -> bool {
        !record.sub_customer && record.currency.unwrap_or(self.home_currency) == self.currency
    }

    fn is_ours(&self, record: &CompanyCustomer) -> bool {
        record.is_ours(&self.customer.id)
    }

    fn shares_email(&self, record: &CompanyCustomer) -> bool {
        let theirs = record.profile.text(Field::Email).unwrap_or_default();
        self.emails()
            .any(|ours| text::emails(theirs).any(|theirs| ours.eq_ignore_ascii_case(theirs)))
    }

    /// Whether both have an e-mail address and they share none.
    fn has_other_email(&self, record: &CompanyCustomer) -> bool {
        let theirs = record.profile.text(Field::Email).unwrap_or_default();
        self.emails().next().is_some()
            && text::emails(theirs).next().is_some()
            && !self.shares_email(record)
    }

    fn emails(&self) -> impl Iterator<Item = &str> {
        text::emails(self.customer.email.as_deref().unwrap_or_default())
    }

    /// Whether a record has this customer's first and last name, or is shown under its name, "Roy, Jane" included. One name
    /// alone is not enough: many are called Jane.
    fn shares_name(&self, record: &CompanyCustomer) -> bool {
        let customer = self.customer;
        let full =
            |first: Option<&str>, last: Option<&str>| Some((compared(first?)?, compared(last?)?));
        let ours = full(
            customer.first_name.as_deref(),
            customer.last_name.as_deref(),
        );
        let profile = &record.profile;
        let theirs = full(
            profile.text(Field::FirstName),
            profile.text(Field::LastName),
        );
        if ours.is_some() && ours == theirs {
            return true;
        }
        let shown = profile.text(Field::DisplayName).unwrap_or_default();
        let shown = match record.active {
            true => shown,
            false => shown.trim_end().trim_end_matches(HIDDEN),
        };
        let person = person(customer).filter(|_| ours.is_some());
        let is_shown = |name: &str| {
            let name = compared(name);
            name.is_some() && name == compared(shown)
        };
        let is_shown_turned = |person: &str| {
            turned(shown).is_some_and(|turned| compared(person) == compared(&turned))
        };
        customer.company_name.as_deref().is_some_and(is_shown)
            || person.is_some_and(|person| is_shown(&person) || is_shown_turned(&person))
    }
}

/// "Jane Roy" of "Roy, Jane", as books sorted by surname have it; `None` where there is not exactly one comma.
fn turned(shown: &str) -> Option<String> {
    let (last, first) = shown.split_once(',')?;
    (!first.contains(',')).then(|| format!("{first} {last}"))
}

fn ask(code: ReasonCode, candidates: &[&CompanyCustomer]) -> Reason {
    Reason::new(code).with_candidates(candidates.iter().map(|record| &record.id))
}
