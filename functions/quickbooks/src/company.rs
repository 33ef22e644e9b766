//! A company, read whole: profile, preferences and the lists a receipt refers to.
//!
//! Seven metered reads; done on connecting and on the operator's Refresh, never during a sync.

use bookkeeping::company::{Account, Company, Item, PaymentMethod, TaxCode, TaxModel, TaxRate};
use bookkeeping::ids::{AccountId, ItemId, PaymentMethodId, TaxCodeId, TaxRateId};
use bookkeeping::money::{Currency, Percent};
use serde::Deserialize;

use crate::client::CompanyClient;
use crate::fault::Fault;
use crate::transport::{Silence, Transport};
use crate::wire::{Number, Reference};

impl<T: Transport> CompanyClient<'_, T> {
    /// Reads the company.
    ///
    /// # Errors
    ///
    /// A [`Fault`] where QuickBooks did not answer one of the reads, or answered without what every company has.
    pub async fn read_company(&self) -> Result<Company, Fault> {
        let info: CompanyInfoAnswer = self
            .get(&format!("companyinfo/{}", self.realm.as_str()))
            .await?;
        let preferences: PreferencesAnswer = self.get("preferences").await?;
        let lists = Lists {
            accounts: self
                .list("Account where AccountType in ('Bank', 'Other Current Asset')")
                .await?
                .account,
            items: self.list("Item").await?.item,
            tax_codes: self.list("TaxCode").await?.tax_code,
            tax_rates: self.list("TaxRate").await?.tax_rate,
            payment_methods: self.list("PaymentMethod").await?.payment_method,
        };
        self.company(info.company_info, preferences.preferences, lists)
            .ok_or(Fault::silent(Silence::Unknown))
    }

    async fn list(&self, from: &str) -> Result<Rows, Fault> {
        let answer: Queried = self
            .query(&format!("select * from {from} maxresults 1000"))
            .await?;
        Ok(answer.query_response)
    }

    fn company(
        &self,
        info: CompanyInfo,
        preferences: Preferences,
        lists: Lists,
    ) -> Option<Company> {
        let tax_model = tax_model(&preferences.tax_prefs, &lists.tax_codes);
        Some(Company {
            realm: self.realm.clone(),
            name: info.company_name,
            country: info.country,
            home_currency: Currency::parse(&preferences.currency_prefs.home_currency.value).ok()?,
            multicurrency: preferences.currency_prefs.multi_currency_enabled,
            custom_numbers: preferences.sales_forms_prefs.custom_txn_numbers,
            tax_model,
            tax_codes: lists
                .tax_codes
                .iter()
                .filter_map(|code| tax_code(code, &lists.tax_rates))
                .collect(),
            accounts: lists.accounts.iter().filter_map(account).collect(),
            items: lists.items.iter().filter_map(item).collect(),
            payment_methods: lists
                .payment_methods
                .iter()
                .filter_map(payment_method)
                .collect(),
        })
    }
}

struct Lists {
    accounts: Vec<WireAccount>,
    items: Vec<WireItem>,
    tax_codes: Vec<WireTaxCode>,
    tax_rates: Vec<WireTaxRate>,
    payment_methods: Vec<WireNamed>,
}

/// The line model from the company's own codes, then whether sales tax is on and automated.
fn tax_model(preferences: &TaxPrefs, codes: &[WireTaxCode]) -> TaxModel {
    let has = |id: &str| codes.iter().any(|code| code.id == id);
    match (
        preferences.using_sales_tax,
        has("TAX") && has("NON"),
        preferences.partner_tax_enabled,
    ) {
        (false, _, _) => TaxModel::Off,
        (true, false, _) => TaxModel::Global,
        (true, true, Some(true)) => TaxModel::UsAutomated,
        (true, true, _) => TaxModel::UsManual,
    }
}

fn tax_code(code: &WireTaxCode, rates: &[WireTaxRate]) -> Option<TaxCode> {
    let pseudo = ["TAX", "NON", "CustomSalesTax"].contains(&code.id.as_str());
    if pseudo || code.active == Some(false) || code.hidden {
        return None;
    }
    let mut details: Vec<&TaxRateDetail> =
        code.sales_tax_rate_list.tax_rate_detail.iter().collect();
    details.sort_by_key(|detail| detail.tax_order);
    let rates = details
        .into_iter()
        .map(|detail| {
            let rate = rates
                .iter()
                .find(|rate| rate.id == detail.tax_rate_ref.value)?;
            Some(TaxRate {
                id: TaxRateId::parse(&rate.id).ok()?,
                name: rate.name.clone(),
                percent: Percent::parse(&rate.rate_value.to_decimal()?.normalize().to_string())
                    .ok()?,
            })
        })
        .collect::<Option<Vec<TaxRate>>>()?;
    Some(TaxCode {
        id: TaxCodeId::parse(&code.id).ok()?,
        name: code.name.clone(),
        rates,
    })
}

fn account(account: &WireAccount) -> Option<Account> {
    Some(Account {
        id: AccountId::parse(&account.id).ok()?,
        name: account.name.clone(),
        currency: account
            .currency_ref
            .as_ref()
            .and_then(|currency| Currency::parse(&currency.value).ok()),
        undeposited_funds: account.account_sub_type.as_deref() == Some("UndepositedFunds"),
    })
}

fn item(item: &WireItem) -> Option<Item> {
    // A category cannot stand on a line: 2500.
    let usable = !["Category", "Group"].contains(&item.r#type.as_deref().unwrap_or_default());
    let id = ItemId::parse(&item.id).ok()?;
    usable.then(|| Item {
        id,
        name: item.name.clone(),
    })
}

fn payment_method(method: &WireNamed) -> Option<PaymentMethod> {
    Some(PaymentMethod {
        id: PaymentMethodId::parse(&method.id).ok()?,
        name: method.name.clone(),
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CompanyInfoAnswer {
    company_info: CompanyInfo,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CompanyInfo {
    company_name: String,
    country: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PreferencesAnswer {
    preferences: Preferences,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Preferences {
    tax_prefs: TaxPrefs,
    currency_prefs: CurrencyPrefs,
    #[serde(default)]
    sales_forms_prefs: SalesFormsPrefs,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TaxPrefs {
    #[serde(default)]
    using_sales_tax: bool,
    partner_tax_enabled: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CurrencyPrefs {
    #[serde(default)]
    multi_currency_enabled: bool,
    home_currency: Reference,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase")]
struct SalesFormsPrefs {
    #[serde(default)]
    custom_txn_numbers: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Queried {
    query_response: Rows,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[derive(Default)]
struct Rows {
    account: Vec<WireAccount>,
    item: Vec<WireItem>,
    tax_code: Vec<WireTaxCode>,
    tax_rate: Vec<WireTaxRate>,
    payment_method: Vec<WireNamed>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct WireAccount {
    id: String,
    name: String,
    account_sub_type: Option<String>,
    currency_ref: Option<Reference>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct WireItem {
    id: String,
    name: String,
    r#type: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct WireNamed {
    id: String,
    name: String,
}

/// Pseudo codes come without `Active`, `SyncToken` and rate lists.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct WireTaxCode {
    id: String,
    name: String,
    active: Option<bool>,
    #[serde(default)]
    hidden: bool,
    #[serde(default)]
    sales_tax_rate_list: TaxRateList,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase")]
struct TaxRateList {
    #[serde(default)]
    tax_rate_detail: Vec<TaxRateDetail>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TaxRateDetail {
    tax_rate_ref: Reference,
    #[serde(default)]
    tax_order: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct WireTaxRate {
    id: String,
    name: String,
    rate_value: Number,
}
