//! The lists a receipt refers to: accounts, items, payment methods, classes, locations.

use serde::{Deserialize, Serialize};

use crate::ids::{AccountId, ClassId, DepartmentId, ItemId, PaymentMethodId};
use crate::money::Currency;

/// Most bytes one entry takes in JSON: a name of 100 characters of four bytes each, ids and the field names.
pub(super) const ENTRY_BYTES_MAX: usize = 600;

/// An account of the chart of accounts: one a receipt may be deposited to, or one an item may post to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// The account's id.
    pub id: AccountId,
    /// Its name.
    pub name: String,
    /// What it is for.
    #[serde(default)]
    pub kind: AccountKind,
    /// QuickBooks' finer word for it ("Checking", "UndepositedFunds"), where it gave one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sub_type: Option<String>,
    /// Its currency, where the company keeps several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
    /// Whether it is the company's own Undeposited Funds.
    pub undeposited_funds: bool,
    /// Whether it can be used.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub active: bool,
}

/// What an account is for. Source: Intuit API reference, `Account.AccountType`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountKind {
    /// Money in the bank.
    Bank,
    /// Money on its way, Undeposited Funds among it.
    OtherCurrentAsset,
    /// Money owed soon: tips for the staff, gift cards, deposits of customers.
    OtherCurrentLiability,
    /// What is earned.
    Income,
    /// What is earned beside the business: rounding.
    OtherIncome,
    /// Anything else, and what rows written before the kind was kept say.
    #[default]
    Other,
}

/// A product or service that may stand on a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// The item's id.
    pub id: ItemId,
    /// Its name.
    pub name: String,
    /// What it is.
    #[serde(default)]
    pub kind: ItemKind,
    /// The account its sales post to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub income_account: Option<AccountId>,
    /// Whether it can be used.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub active: bool,
}

/// What an item is. Categories and bundles cannot stand on a line and are not kept. Source: Intuit API reference, `Item.Type`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemKind {
    /// Work, or anything else that is not a thing.
    Service,
    /// A thing whose stock is not counted.
    NonInventory,
    /// A thing whose stock is counted.
    Inventory,
    /// Anything else, and what rows written before the kind was kept say.
    #[default]
    Other,
}

/// A payment method.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentMethod {
    /// The method's id.
    pub id: PaymentMethodId,
    /// Its name ("Visa", "Chèque").
    pub name: String,
}

/// A class, for reports.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Class {
    /// The class's id.
    pub id: ClassId,
    /// Its name with those above it ("Cleaning:North").
    pub name: String,
}

/// A location, for reports.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Department {
    /// The location's id.
    pub id: DepartmentId,
    /// Its name with those above it.
    pub name: String,
}

impl Account {
    /// Whether a receipt may be deposited to it. Source: Intuit API reference, `SalesReceipt.DepositToAccountRef`.
    #[must_use]
    pub fn takes_deposits(&self) -> bool {
        self.active
            && matches!(
                self.kind,
                AccountKind::Bank | AccountKind::OtherCurrentAsset
            )
    }
}

pub(super) fn yes() -> bool {
    true
}

#[allow(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
pub(super) fn is_yes(flag: &bool) -> bool {
    *flag
}
