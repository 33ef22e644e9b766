//! A company: what we know of one set of books in QuickBooks.
//!
//! Read on connecting and on the operator's Refresh, then kept; nothing here is asked for during a sync.
//! The whole of it stands in one row of the store, so [`Company::within`] keeps it in bounds.

mod lists;
mod tax;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::ids::{AccountId, ItemId, PaymentMethodId, RealmId, TaxCodeId};
use crate::money::Currency;
use crate::transaction::Language;

pub use lists::{Account, AccountKind, Class, Department, Item, ItemKind, PaymentMethod};
pub use tax::{RatePeriod, SpecialTax, TaxCode, TaxModel, TaxRate};

/// Most bytes of JSON a company may take, so that a connection with all its settings stays well under the 400 KB a
/// row of the store may have. Source: AWS, DynamoDB quotas, "Item size".
pub const BYTES_MAX: usize = 280_000;

/// Subscription states in which a company can only be read. Others, unknown ones included, can be written to.
///
/// Source: Intuit, "Subscription status" in `CompanyInfo.NameValue`; the list is not known to be complete.
const READ_ONLY: [&str; 5] = [
    "EXPIRED",
    "RESTRICTED",
    "SUSPENDED",
    "CANCELED",
    "CANCELLED",
];

/// A company's profile and the lists a receipt refers to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Company {
    /// The company's id.
    pub realm: RealmId,
    /// The name operators know it by.
    pub name: String,
    /// Two-letter country, which decides the language of its fixed words ("CA", "US", "GB").
    pub country: String,
    /// Its own province or state ("QC"), where its address says one: a hint for taxes, nothing more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// The languages it works in, first the one its lists are written in. Empty where QuickBooks named none of ours.
    #[serde(default)]
    pub languages: Vec<Language>,
    /// The state of its subscription in QuickBooks' own word ("SUBSCRIBED"), where it said one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subscription: Option<String>,
    /// The currency its books are kept in.
    pub home_currency: Currency,
    /// Whether documents may be in another currency than the home one.
    pub multicurrency: bool,
    /// The currencies switched on beside the home one; absent where QuickBooks does not let us read them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currencies: Option<Vec<Currency>>,
    /// Whether the company lets us number documents.
    ///
    /// Where it does not, a number we send can create duplicates, so none is sent.
    /// Source: Intuit API reference, `Preferences.SalesFormsPrefs.CustomTxnNumbers`.
    pub custom_numbers: bool,
    /// The last day the books are closed for, where they are and QuickBooks says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_through: Option<Date>,
    /// Whether lines and documents may carry classes, and documents a location.
    #[serde(default)]
    pub tracking: Tracking,
    /// How the company's sales tax works.
    pub tax_model: TaxModel,
    /// Sales tax codes, with their rates in order.
    pub tax_codes: Vec<TaxCode>,
    /// Accounts money may be deposited to, or that an item may post to.
    pub accounts: Vec<Account>,
    /// Items that may stand on a line.
    pub items: Vec<Item>,
    /// How many items, classes and locations were left out because there are too many to keep.
    #[serde(default, skip_serializing_if = "is_nothing")]
    pub left_out: usize,
    /// Payment methods by name.
    pub payment_methods: Vec<PaymentMethod>,
    /// Classes, where the company uses them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub classes: Vec<Class>,
    /// Locations, where the company uses them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub departments: Vec<Department>,
}

/// What reports by class and location the company keeps.
///
/// Source: Intuit API reference, `Preferences.AccountingInfoPrefs`. Only larger plans have them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tracking {
    /// `ClassTrackingPerTxn`: a document carries one class.
    pub classes_on_documents: bool,
    /// `ClassTrackingPerTxnLine`: each line carries its own.
    pub classes_on_lines: bool,
    /// `TrackDepartments`: a document carries a location.
    pub locations: bool,
}

impl Tracking {
    /// Whether there are classes at all.
    #[must_use]
    pub fn classes(self) -> bool {
        self.classes_on_documents || self.classes_on_lines
    }
}

impl Company {
    /// The code with this id, where the company still has it and it is active.
    #[must_use]
    pub fn tax_code(&self, id: &TaxCodeId) -> Option<&TaxCode> {
        self.tax_codes
            .iter()
            .find(|code| code.id == *id && code.active)
    }

    /// The account with this id, where the company still has it.
    #[must_use]
    pub fn account(&self, id: &AccountId) -> Option<&Account> {
        self.accounts.iter().find(|account| account.id == *id)
    }

    /// The item with this id, where the company still has it.
    #[must_use]
    pub fn item(&self, id: &ItemId) -> Option<&Item> {
        self.items.iter().find(|item| item.id == *id)
    }

    /// The payment method with one of these names, compared without regard to case.
    #[must_use]
    pub fn payment_method(&self, names: &[&str]) -> Option<&PaymentMethodId> {
        let same = |method: &&PaymentMethod| {
            names
                .iter()
                .any(|name| method.name.eq_ignore_ascii_case(name))
        };
        self.payment_methods
            .iter()
            .find(same)
            .map(|method| &method.id)
    }

    /// Whether a document in this currency can be posted at all.
    #[must_use]
    pub fn takes(&self, currency: Currency) -> bool {
        let switched_on = |currencies: &Vec<Currency>| currencies.contains(&currency);
        currency == self.home_currency
            || (self.multicurrency && self.currencies.as_ref().is_none_or(switched_on))
    }

    /// The language its lists are written in; English where it named none of ours.
    #[must_use]
    pub fn language(&self) -> Language {
        self.languages.first().copied().unwrap_or(Language::English)
    }

    /// Whether the company keeps books at all.
    ///
    /// Some subscriptions (payroll or time sheets alone) come without a chart of accounts; nothing can be posted there.
    #[must_use]
    pub fn keeps_books(&self) -> bool {
        !self.accounts.is_empty()
    }

    /// Whether its subscription only allows reading. Unknown states count as writable.
    #[must_use]
    pub fn is_read_only(&self) -> bool {
        self.subscription
            .as_deref()
            .is_some_and(|state| READ_ONLY.contains(&state.to_ascii_uppercase().as_str()))
    }

    /// The company with as much of its lists as fits into `bytes_max` of JSON.
    ///
    /// Locations, then classes, then items are left out from the end, and counted. Tax codes, accounts and payment
    /// methods never are: a payment would stop for want of one.
    ///
    /// # Errors
    ///
    /// The number of bytes it takes where even that is too much: a developer has to look.
    pub fn within(mut self, bytes_max: usize) -> Result<Self, usize> {
        loop {
            let bytes = serde_json::to_vec(&self)
                .expect("a company is plain data")
                .len();
            if bytes <= bytes_max {
                return Ok(self);
            }
            // No entry takes fewer bytes than this, so that the loop leaves out too little rather than too much.
            let surplus = ((bytes - bytes_max) / lists::ENTRY_BYTES_MAX).max(1);
            let left_out = leave_out(&mut self.departments, surplus)
                .or_else(|| leave_out(&mut self.classes, surplus))
                .or_else(|| leave_out(&mut self.items, surplus))
                .ok_or(bytes)?;
            self.left_out += left_out;
        }
    }
}

/// Leaves out up to `count` entries from the end; `None` where there are none to leave out.
fn leave_out<T>(list: &mut Vec<T>, count: usize) -> Option<usize> {
    let count = count.min(list.len());
    list.truncate(list.len() - count);
    (count > 0).then_some(count)
}

#[allow(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
fn is_nothing(count: &usize) -> bool {
    *count == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A company as rows held it before it was read whole.
    fn bare() -> Company {
        serde_json::from_value(serde_json::json!({
            "realm": "9341450000000001", "name": "Laurier", "country": "CA", "home_currency": "CAD",
            "multicurrency": false, "custom_numbers": true, "tax_model": "global",
            "tax_codes": [{"id": "8", "name": "GST/QST QC - 9.975",
                           "rates": [{"id": "3", "name": "GST", "percent": "5"}]}],
            "accounts": [{"id": "91", "name": "Clearing", "currency": null, "undeposited_funds": false}],
            "items": [{"id": "21", "name": "Services"}],
            "payment_methods": []
        }))
        .unwrap()
    }

    fn with_items(count: u32, name: &str) -> Company {
        let item = |at: u32| Item {
            id: ItemId::parse(&(1_000 + at).to_string()).unwrap(),
            name: format!("{name} {at}"),
            kind: ItemKind::Service,
            income_account: Some(AccountId::parse("79").unwrap()),
            active: true,
        };
        Company {
            items: (0..count).map(item).collect(),
            ..bare()
        }
    }

    #[test]
    fn a_row_written_before_it_was_read_whole_still_reads() {
        let company = bare();
        assert_eq!(company.language(), Language::English);
        assert!(company.keeps_books() && !company.is_read_only());
        assert!(company.tax_codes[0].usable() && company.items[0].active);
        let text = serde_json::to_string(&company).unwrap();
        assert_eq!(serde_json::from_str::<Company>(&text).unwrap(), company);
    }

    #[test]
    fn a_company_of_a_thousand_items_fits_whole_and_longer_names_are_cut_off_and_counted() {
        let typical = with_items(1_000, "Standard cleaning, 3 bedrooms").within(BYTES_MAX);
        let typical = typical.unwrap();
        assert_eq!((typical.items.len(), typical.left_out), (1_000, 0));
        let bytes = serde_json::to_vec(&typical).unwrap().len();
        assert!((80_000..120_000).contains(&bytes), "{bytes} bytes");

        // A hundred characters of three bytes each, in twice a thousand items.
        let long = with_items(2_000, &"ナ".repeat(95))
            .within(BYTES_MAX)
            .unwrap();
        let bytes = serde_json::to_vec(&long).unwrap().len();
        assert_eq!(long.items.len() + long.left_out, 2_000);
        assert!(
            (BYTES_MAX - 1_000..=BYTES_MAX).contains(&bytes),
            "{bytes} bytes"
        );
    }

    #[test]
    fn what_a_payment_needs_is_never_left_out() {
        assert!(bare().within(100).is_err());
        let kept = with_items(50, "Windows").within(1_500).unwrap();
        assert_eq!(kept.tax_codes, bare().tax_codes);
        assert_eq!(kept.accounts, bare().accounts);
    }

    #[test]
    fn only_a_state_known_to_be_read_only_is() {
        for (state, read_only) in [
            (None, false),
            (Some("SUBSCRIBED"), false),
            (Some("TRIAL"), false),
            (Some("PAID"), false),
            (Some("SOMETHING_NEW"), false),
            (Some("EXPIRED"), true),
            (Some("Suspended"), true),
            (Some("CANCELED"), true),
            (Some("RESTRICTED"), true),
        ] {
            let company = Company {
                subscription: state.map(str::to_owned),
                ..bare()
            };
            assert_eq!(company.is_read_only(), read_only, "{state:?}");
        }
    }

    #[test]
    fn a_foreign_currency_needs_multicurrency_and_to_be_switched_on_where_that_can_be_read() {
        let usd = Currency::USD;
        for (multicurrency, currencies, takes) in [
            (false, None, false),
            (false, Some(vec![usd]), false),
            (true, None, true),
            (true, Some(vec![usd]), true),
            (true, Some(vec![]), false),
        ] {
            let company = Company {
                multicurrency,
                currencies: currencies.clone(),
                ..bare()
            };
            assert_eq!(company.takes(usd), takes, "{multicurrency} {currencies:?}");
            assert!(company.takes(Currency::CAD), "the home currency always is");
        }
    }
}
