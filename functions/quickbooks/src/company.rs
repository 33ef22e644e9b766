//! A company, read whole: profile, preferences and the lists a receipt refers to.
//!
//! Done on connecting and on the operator's Refresh, never during a sync. Each read is metered, so only what the
//! company uses is asked for: eight reads, five where sales tax is off, one more each for classes, locations and
//! several currencies, and one for every thousand entries of a list after the first.

mod entries;
mod wire;

use bookkeeping::company::{BYTES_MAX, Company, TaxModel};
use bookkeeping::money::Currency;

use self::wire::{CompanyInfo, CompanyInfoAnswer, Preferences, PreferencesAnswer, Queried, Rows};
use crate::client::CompanyClient;
use crate::fault::{Fault, FaultClass};
use crate::transport::{Silence, Transport};

/// Most entries one page of a query holds. Source: Intuit, "Data queries", `MAXRESULTS`.
const PAGE: usize = 1000;

/// Most pages of one list that are read: what is beyond would not fit into the connection's row.
const PAGES_MAX: usize = 4;

/// The accounts a receipt may be deposited to, and those an item may post to.
const ACCOUNTS: &str = "Account where AccountType in ('Bank', 'Other Current Asset', 'Other Current Liability', \
    'Income', 'Other Income')";

/// QuickBooks' code for a feature the company's subscription does not have. Source: Intuit, "Error codes".
const NOT_SUBSCRIBED: &str = "5020";

impl<T: Transport> CompanyClient<'_, T> {
    /// Reads the company.
    ///
    /// `turn` is awaited before each read: QuickBooks takes ten requests a second for one company and answers the
    /// eleventh with 429, so that the caller keeps the pace.
    ///
    /// # Errors
    ///
    /// A [`Fault`] where QuickBooks did not answer one of the reads, or answered without what every company has.
    pub async fn read_company(&self, turn: impl AsyncFn()) -> Result<Company, Fault> {
        turn().await;
        let info: CompanyInfoAnswer = self
            .get(&format!("companyinfo/{}", self.realm.as_str()))
            .await?;
        turn().await;
        let preferences: PreferencesAnswer = self.get("preferences").await?;
        let (info, preferences) = (info.company_info, preferences.preferences);
        let lists = match self.list(ACCOUNTS, &turn).await {
            Ok(accounts) => self.lists(&preferences, accounts, &turn).await?,
            // A subscription without accounting has no chart of accounts; the checklist says so.
            Err(fault) if fault.code.as_deref() == Some(NOT_SUBSCRIBED) => Rows::default(),
            Err(fault) => return Err(fault),
        };
        self.company(info, preferences, lists)
            .and_then(|company| company.within(BYTES_MAX).ok())
            .ok_or(Fault::silent(Silence::Unknown))
    }

    /// The lists this company uses, `accounts` among them.
    async fn lists(
        &self,
        preferences: &Preferences,
        accounts: Rows,
        turn: &impl AsyncFn(),
    ) -> Result<Rows, Fault> {
        let mut lists = accounts;
        let mut wanted = vec!["Item", "PaymentMethod"];
        if preferences.tax_prefs.using_sales_tax {
            wanted.extend(["TaxCode", "TaxRate", "TaxAgency"]);
        }
        let tracking = preferences.accounting_info_prefs.tracking();
        if tracking.classes() {
            wanted.push("Class");
        }
        if tracking.locations {
            wanted.push("Department");
        }
        for from in wanted {
            lists.take(self.list(from, turn).await?);
        }
        if preferences.currency_prefs.multi_currency_enabled {
            match self.list("CompanyCurrency", turn).await {
                Ok(currencies) => lists.take(currencies),
                // Public libraries know the list, Intuit's pages that we have do not say who may read it.
                Err(Fault {
                    class: FaultClass::OurDefect | FaultClass::Refused,
                    ..
                }) => lists.company_currency = None,
                Err(fault) => return Err(fault),
            }
        }
        Ok(lists)
    }

    /// One list, page by page. Sorted, because unsorted pages can overlap.
    async fn list(&self, from: &str, turn: &impl AsyncFn()) -> Result<Rows, Fault> {
        let mut list = Rows::default();
        for page in 0..PAGES_MAX {
            let start = page * PAGE + 1;
            turn().await;
            let answer: Queried = self
                .query(&format!(
                    "select * from {from} orderby Id startposition {start} maxresults {PAGE}"
                ))
                .await?;
            let rows = answer.query_response;
            let full = rows.count() >= PAGE;
            list.take(rows);
            if !full {
                break;
            }
        }
        Ok(list)
    }

    fn company(&self, info: CompanyInfo, preferences: Preferences, lists: Rows) -> Option<Company> {
        let tax_codes = lists.tax_codes();
        Some(Company {
            realm: self.realm.clone(),
            country: info.country(),
            region: info.region(),
            languages: info.languages(),
            subscription: info.subscription(),
            name: info.company_name,
            home_currency: Currency::parse(&preferences.currency_prefs.home_currency.value).ok()?,
            multicurrency: preferences.currency_prefs.multi_currency_enabled,
            currencies: lists.currencies(),
            custom_numbers: preferences.sales_forms_prefs.custom_txn_numbers,
            closed_through: preferences.accounting_info_prefs.closed_through(),
            tracking: preferences.accounting_info_prefs.tracking(),
            tax_model: tax_model(&preferences, &lists),
            tax_codes,
            accounts: lists.accounts(),
            items: lists.items(),
            left_out: 0,
            payment_methods: lists.payment_methods(),
            classes: lists.classes(),
            departments: lists.departments(),
        })
    }
}

/// The line model from the company's own codes, then whether sales tax is on and automated.
fn tax_model(preferences: &Preferences, lists: &Rows) -> TaxModel {
    match (
        preferences.tax_prefs.using_sales_tax,
        lists.has_tax_code("TAX") && lists.has_tax_code("NON"),
        preferences.tax_prefs.partner_tax_enabled,
    ) {
        (false, _, _) => TaxModel::Off,
        (true, false, _) => TaxModel::Global,
        (true, true, Some(true)) => TaxModel::UsAutomated,
        (true, true, _) => TaxModel::UsManual,
    }
}
