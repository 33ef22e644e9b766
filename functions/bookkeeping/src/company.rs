//! A company: what we know of one set of books in QuickBooks.
//!
//! Read on connecting and on the operator's Refresh, then kept; nothing here is asked for during a sync.

use serde::{Deserialize, Serialize};

use crate::ids::{AccountId, ItemId, PaymentMethodId, RealmId, TaxCodeId, TaxRateId};
use crate::money::{Currency, Percent};

/// A company's profile and the lists a receipt refers to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Company {
    /// The company's id.
    pub realm: RealmId,
    /// The name operators know it by.
    pub name: String,
    /// Two-letter country, which decides the language of its fixed words ("CA", "US", "GB").
    pub country: String,
    /// The currency its books are kept in.
    pub home_currency: Currency,
    /// Whether documents may be in another currency than the home one.
    pub multicurrency: bool,
    /// Whether the company lets us number documents.
    ///
    /// Where it does not, a number we send can create duplicates, so none is sent.
    /// Source: Intuit API reference, `Preferences.SalesFormsPrefs.CustomTxnNumbers`.
    pub custom_numbers: bool,
    /// How the company's sales tax works.
    pub tax_model: TaxModel,
    /// Sales tax codes usable on a receipt, with their rates in order.
    pub tax_codes: Vec<TaxCode>,
    /// Accounts money may be deposited to.
    pub accounts: Vec<Account>,
    /// Items that may stand on a line.
    pub items: Vec<Item>,
    /// Payment methods by name.
    pub payment_methods: Vec<PaymentMethod>,
}

/// How tax is written on a receipt, decided from the company's own codes and preferences.
///
/// A company whose code list holds `TAX` and `NON` is in the United States' line model whatever its country says.
/// Source: Intuit API reference, `TaxCode` and `Preferences.TaxPrefs`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaxModel {
    /// Numeric codes on lines, tax amounts by rate (Canada, United Kingdom, ...).
    Global,
    /// `TAX` or `NON` on lines, one code for the document, amounts as we send them.
    UsManual,
    /// As `UsManual`, but QuickBooks may compute the tax itself.
    UsAutomated,
    /// Sales tax is switched off: a tax collected is an ordinary line.
    Off,
}

/// A tax code: the name under which one or more rates apply together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TaxCode {
    /// The code's id.
    pub id: TaxCodeId,
    /// Its name, as the operator sees it ("GST/QST QC - 9.975").
    pub name: String,
    /// Its sales rates, in tax order. Empty for a code outside the tax.
    pub rates: Vec<TaxRate>,
}

/// One sales rate of a code.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TaxRate {
    /// The rate's id.
    pub id: TaxRateId,
    /// Its name ("QST 9.975").
    pub name: String,
    /// Percent, exact: 9.975 is 9.975 %.
    pub percent: Percent,
}

/// An account of type Bank or Other Current Asset: the two a receipt may be deposited to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// The account's id.
    pub id: AccountId,
    /// Its name.
    pub name: String,
    /// Its currency, where the company keeps several.
    pub currency: Option<Currency>,
    /// Whether it is the company's own Undeposited Funds.
    pub undeposited_funds: bool,
}

/// A product or service that may stand on a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// The item's id.
    pub id: ItemId,
    /// Its name.
    pub name: String,
}

/// A payment method.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentMethod {
    /// The method's id.
    pub id: PaymentMethodId,
    /// Its name ("Visa", "Chèque").
    pub name: String,
}

impl Company {
    /// The code with this id, where the company still has it.
    #[must_use]
    pub fn tax_code(&self, id: &TaxCodeId) -> Option<&TaxCode> {
        self.tax_codes.iter().find(|code| code.id == *id)
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
        self.multicurrency || currency == self.home_currency
    }
}
