//! The lists, as QuickBooks writes them. Field names: Intuit API reference, `Account`, `Item`, `PaymentMethod`, and the
//! public schema for the others.

use bookkeeping::company::{
    Account, AccountKind, Class, Department, Item, ItemKind, PaymentMethod, TaxCode,
};
use bookkeeping::ids::{AccountId, ClassId, DepartmentId, ItemId, PaymentMethodId};
use bookkeeping::money::Currency;
use serde::Deserialize;

use super::taxes::{WireTaxAgency, WireTaxCode, WireTaxRate, tax_code};
use crate::wire::Reference;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::company) struct Queried {
    pub query_response: Rows,
}

/// What queries brought, list by list.
#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::company) struct Rows {
    account: Vec<WireAccount>,
    item: Vec<WireItem>,
    payment_method: Vec<WireNamed>,
    class: Vec<WireNamed>,
    department: Vec<WireNamed>,
    tax_code: Vec<WireTaxCode>,
    tax_rate: Vec<WireTaxRate>,
    tax_agency: Vec<WireTaxAgency>,
    /// Absent where it was never read.
    pub company_currency: Option<Vec<WireCurrency>>,
}

impl Rows {
    /// How many rows there are, of every list together.
    pub fn count(&self) -> usize {
        self.account.len()
            + self.item.len()
            + self.payment_method.len()
            + self.class.len()
            + self.department.len()
            + self.tax_code.len()
            + self.tax_rate.len()
            + self.tax_agency.len()
            + self.company_currency.as_ref().map_or(0, Vec::len)
    }

    /// Adds the rows of another answer.
    pub fn take(&mut self, more: Rows) {
        self.account.extend(more.account);
        self.item.extend(more.item);
        self.payment_method.extend(more.payment_method);
        self.class.extend(more.class);
        self.department.extend(more.department);
        self.tax_code.extend(more.tax_code);
        self.tax_rate.extend(more.tax_rate);
        self.tax_agency.extend(more.tax_agency);
        if let Some(more) = more.company_currency {
            self.company_currency.get_or_insert_default().extend(more);
        }
    }

    pub fn has_tax_code(&self, id: &str) -> bool {
        self.tax_code.iter().any(|code| code.id == id)
    }

    pub fn tax_codes(&self) -> Vec<TaxCode> {
        self.tax_code
            .iter()
            .filter_map(|code| tax_code(code, &self.tax_rate, &self.tax_agency))
            .collect()
    }

    pub fn accounts(&self) -> Vec<Account> {
        self.account.iter().filter_map(account).collect()
    }

    pub fn items(&self) -> Vec<Item> {
        self.item.iter().filter_map(item).collect()
    }

    pub fn payment_methods(&self) -> Vec<PaymentMethod> {
        let method = |method: &WireNamed| {
            Some(PaymentMethod {
                id: PaymentMethodId::parse(&method.id).ok()?,
                name: method.name.clone(),
            })
        };
        self.payment_method.iter().filter_map(method).collect()
    }

    pub fn classes(&self) -> Vec<Class> {
        let class = |class: &WireNamed| {
            Some(Class {
                id: ClassId::parse(&class.id).ok()?,
                name: class.whole_name(),
            })
        };
        self.class.iter().filter_map(class).collect()
    }

    pub fn departments(&self) -> Vec<Department> {
        let department = |department: &WireNamed| {
            Some(Department {
                id: DepartmentId::parse(&department.id).ok()?,
                name: department.whole_name(),
            })
        };
        self.department.iter().filter_map(department).collect()
    }

    pub fn currencies(&self) -> Option<Vec<Currency>> {
        let currency = |currency: &WireCurrency| {
            let usable = currency.active != Some(false);
            usable.then(|| Currency::parse(&currency.code).ok())?
        };
        let listed = self.company_currency.as_ref()?;
        Some(listed.iter().filter_map(currency).collect())
    }
}

/// What a create answers.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::company) struct Created {
    account: Option<WireAccount>,
    item: Option<WireItem>,
    payment_method: Option<WireNamed>,
}

impl Created {
    /// The entry as a list of one.
    pub fn rows(self) -> Rows {
        Rows {
            account: self.account.into_iter().collect(),
            item: self.item.into_iter().collect(),
            payment_method: self.payment_method.into_iter().collect(),
            ..Rows::default()
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct WireAccount {
    id: String,
    name: String,
    account_type: Option<String>,
    account_sub_type: Option<String>,
    currency_ref: Option<Reference>,
    active: Option<bool>,
}

fn account(account: &WireAccount) -> Option<Account> {
    let kind = match account.account_type.as_deref() {
        Some("Bank") => AccountKind::Bank,
        Some("Other Current Asset") => AccountKind::OtherCurrentAsset,
        Some("Other Current Liability") => AccountKind::OtherCurrentLiability,
        Some("Income") => AccountKind::Income,
        Some("Other Income") => AccountKind::OtherIncome,
        _ => AccountKind::Other,
    };
    Some(Account {
        id: AccountId::parse(&account.id).ok()?,
        name: account.name.clone(),
        kind,
        sub_type: account.account_sub_type.clone(),
        currency: account
            .currency_ref
            .as_ref()
            .and_then(|currency| Currency::parse(&currency.value).ok()),
        undeposited_funds: account.account_sub_type.as_deref() == Some("UndepositedFunds"),
        active: account.active != Some(false),
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct WireItem {
    id: String,
    name: String,
    r#type: Option<String>,
    income_account_ref: Option<Reference>,
    active: Option<bool>,
}

fn item(item: &WireItem) -> Option<Item> {
    let kind = match item.r#type.as_deref() {
        // A category cannot stand on a line: 2500. A bundle stands for several.
        Some("Category" | "Group") => return None,
        Some("Service") => ItemKind::Service,
        Some("NonInventory") => ItemKind::NonInventory,
        Some("Inventory") => ItemKind::Inventory,
        _ => ItemKind::Other,
    };
    Some(Item {
        id: ItemId::parse(&item.id).ok()?,
        name: item.name.clone(),
        kind,
        income_account: item
            .income_account_ref
            .as_ref()
            .and_then(|account| AccountId::parse(&account.value).ok()),
        active: item.active != Some(false),
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct WireNamed {
    id: String,
    name: String,
    fully_qualified_name: Option<String>,
}

impl WireNamed {
    /// The name with those above it.
    fn whole_name(&self) -> String {
        self.fully_qualified_name
            .as_ref()
            .unwrap_or(&self.name)
            .clone()
    }
}

/// Field names: the class of the same name in quickbooks-ruby and python-quickbooks.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::company) struct WireCurrency {
    code: String,
    active: Option<bool>,
}
