//! Settings: what the operator chose for one connection.
//!
//! Every choice applies to later documents only. What is not chosen has a default, or makes the transactions
//! that need it ask.

pub mod history;

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::company::Company;
use crate::customer::CustomerPolicies;
use crate::ids::{
    AccountId, ClassId, CompanyCustomerId, DepartmentId, ItemId, PaymentMethodId, ServiceId,
    TeamId, TerritoryId,
};
use crate::later::Later;
use crate::merchant::Addressee;
use crate::money::Currency;
use crate::tax_map::TaxMap;
use crate::transaction::{Language, Line, LineKind, Method};

/// The operator's choices.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// Payments captured before this day, in the merchant's time zone, are not synced.
    #[serde(default)]
    pub start_date: Option<Date>,
    /// Methods switched off, by their names in messages. Coupons, trade exchange and manual adjustments are off
    /// unless switched on, because they are not money received.
    #[serde(default = "methods_off")]
    pub methods_off: BTreeSet<String>,
    /// Where the money of each method goes.
    pub deposits: Deposits,
    /// The item of each kind of line.
    pub items: Items,
    /// Who a payment without a customer is booked to.
    #[serde(default)]
    pub fallback_customer: Option<CompanyCustomerId>,
    /// The same of payments in other currencies, where the company keeps several: a record has one currency for ever.
    /// Source: Intuit API reference, `Customer.CurrencyRef`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fallback_by_currency: BTreeMap<Currency, CompanyCustomerId>,
    /// What the chosen records were called when they were chosen, for the page alone.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fallback_names: BTreeMap<CompanyCustomerId, String>,
    /// How customers are matched, created and kept up to date.
    #[serde(default)]
    pub customers: CustomerPolicies,
    /// Which QuickBooks tax code stands for which taxes.
    #[serde(default)]
    pub tax_map: TaxMap,
    /// How a discount is written.
    #[serde(default)]
    pub discounts: DiscountStyle,
    /// How documents are numbered, where the company lets us number.
    #[serde(default)]
    pub numbers: Numbers,
    /// What methods are called in the company, by their names in messages; the others are found by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub payment_methods: BTreeMap<String, PaymentMethodId>,
    /// The language of what is created in the company; its own, where nothing is chosen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// What is done with a document of a day the books are closed for.
    #[serde(default)]
    pub closed_books: ClosedBooks,
    /// The last day the books are closed for, as the operator says it. QuickBooks tells it in some companies and not in others
    /// ("BookCloseDate": present in samples, and not readable according to a page of Intuit's).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_through: Option<Date>,
    /// How tax is written where QuickBooks' automated sales tax may not take our amount.
    #[serde(default)]
    pub automated_tax: AutomatedTax,
    /// What receipts say to the customer, by the language the customer reads; nothing where it is not chosen.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub customer_memo: BTreeMap<Language, String>,
    /// Which class lines are reported under, where the company keeps classes.
    #[serde(default)]
    pub classes: Tracked<ClassId>,
    /// Which location documents are reported under, where the company keeps locations.
    #[serde(default)]
    pub locations: Tracked<DepartmentId>,
    /// A bookkeeper who is told of trouble with the connection, besides the administrators.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bookkeeper: Option<Addressee>,
    /// What a later version wrote of it.
    #[serde(flatten)]
    pub later: Later,
}

/// How a discount is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DiscountStyle {
    /// Taken off the amounts of the lines it applies to.
    ///
    /// The default: QuickBooks has a fault for negative lines (2290), and which forms it is for is not documented.
    #[default]
    Spread,
    /// A line of its own, booked to the discount item, below the full prices.
    Line,
}

/// How documents are numbered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Numbers {
    /// `MC-` and MioCommerce's number: no number of QuickBooks' own is like it.
    #[default]
    Marked,
    /// MioCommerce's number as it is.
    Plain,
    /// None of ours.
    Without,
}

/// What is done with a document of a day the books are closed for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClosedBooks {
    /// It is held; the operator tells.
    #[default]
    Hold,
    /// It is dated the first open day, and its private note says so.
    FirstOpenDay,
}

/// How tax is written in a company of the United States with automated sales tax.
///
/// Whether QuickBooks takes an amount it is given depends on a preference of the company that no program can read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AutomatedTax {
    /// As charged, in QuickBooks' sales tax field; where QuickBooks makes another amount of it, the operator is asked.
    #[default]
    AsCharged,
    /// As charged, on a line of its own booked to a liability; it is not in QuickBooks' sales tax reports.
    Line,
    /// QuickBooks' own amount, and the difference to what was charged on a line of its own.
    Own,
}

/// What a line or document is reported under, by what was done, by whom and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tracked<Id> {
    /// A service's own.
    #[serde(default = "BTreeMap::new", skip_serializing_if = "BTreeMap::is_empty")]
    pub by_service: BTreeMap<ServiceId, Id>,
    /// A team's own, where the service has none.
    #[serde(default = "BTreeMap::new", skip_serializing_if = "BTreeMap::is_empty")]
    pub by_team: BTreeMap<TeamId, Id>,
    /// A territory's own, where neither has one.
    #[serde(default = "BTreeMap::new", skip_serializing_if = "BTreeMap::is_empty")]
    pub by_territory: BTreeMap<TerritoryId, Id>,
}

impl<Id> Default for Tracked<Id> {
    fn default() -> Self {
        Self {
            by_service: BTreeMap::new(),
            by_team: BTreeMap::new(),
            by_territory: BTreeMap::new(),
        }
    }
}

impl<Id> Tracked<Id> {
    /// What this line is reported under, where the operator chose something for it.
    #[must_use]
    pub fn of(&self, line: &Line) -> Option<&Id> {
        let service = line.service.as_ref().and_then(|id| self.by_service.get(id));
        let team = || line.team.as_ref().and_then(|id| self.by_team.get(id));
        let territory = || {
            line.territory
                .as_ref()
                .and_then(|id| self.by_territory.get(id))
        };
        service.or_else(team).or_else(territory)
    }
}

/// Deposit accounts by method, then by currency.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deposits {
    /// Card, debit and bank debits, by currency; also any method not named in `by_method`.
    pub clearing: BTreeMap<Currency, AccountId>,
    /// Cash and cheques: the company's Undeposited Funds.
    #[serde(default)]
    pub undeposited_funds: Option<AccountId>,
    /// Methods the operator sent elsewhere, by their names in messages.
    #[serde(default)]
    pub by_method: BTreeMap<String, AccountId>,
    /// The same of payments in other currencies, where the company keeps several.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub by_currency: BTreeMap<Currency, BTreeMap<String, AccountId>>,
    /// Where refunds by a method leave from, by its name in messages; else from where their payment's money went.
    #[serde(default)]
    pub refunds_by_method: BTreeMap<String, AccountId>,
}

/// Items by service and by kind of line.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Items {
    /// Any service, product or fee without an item of its own.
    #[serde(default)]
    pub fallback: Option<ItemId>,
    /// A service's own item.
    #[serde(default)]
    pub by_service: BTreeMap<ServiceId, ItemId>,
    /// Goods.
    #[serde(default)]
    pub product: Option<ItemId>,
    /// Booking and service fees.
    #[serde(default)]
    pub fee: Option<ItemId>,
    /// Tips: a liability by default.
    #[serde(default)]
    pub tip: Option<ItemId>,
    /// Tax collected that QuickBooks does not keep as tax: a liability.
    #[serde(default)]
    pub tax: Option<ItemId>,
    /// Discounts, where they are written on a line of their own.
    #[serde(default)]
    pub discount: Option<ItemId>,
    /// Gift cards sold and used: a liability.
    #[serde(default)]
    pub gift_card: Option<ItemId>,
    /// Deposits taken and used: a liability.
    #[serde(default)]
    pub deposit: Option<ItemId>,
    /// Deposits kept when the work is not done: income, like any service, where nothing is chosen.
    #[serde(default)]
    pub deposit_forfeited: Option<ItemId>,
    /// Cash rounded to five cents, and QuickBooks' own residue.
    #[serde(default)]
    pub rounding: Option<ItemId>,
}

fn methods_off() -> BTreeSet<String> {
    Method::KNOWN
        .iter()
        .filter(|method| !method.is_money())
        .map(|method| method.as_str().to_owned())
        .collect()
}

impl Default for Settings {
    /// The settings of somebody who chose nothing.
    fn default() -> Self {
        Self {
            start_date: None,
            methods_off: methods_off(),
            deposits: Deposits::default(),
            items: Items::default(),
            fallback_customer: None,
            fallback_by_currency: BTreeMap::new(),
            fallback_names: BTreeMap::new(),
            customers: CustomerPolicies::default(),
            tax_map: TaxMap::default(),
            discounts: DiscountStyle::default(),
            numbers: Numbers::default(),
            payment_methods: BTreeMap::new(),
            language: None,
            closed_books: ClosedBooks::default(),
            closed_through: None,
            automated_tax: AutomatedTax::default(),
            customer_memo: BTreeMap::new(),
            classes: Tracked::default(),
            locations: Tracked::default(),
            bookkeeper: None,
            later: Later::default(),
        }
    }
}

impl Settings {
    /// Who a payment in this currency without a customer is booked to.
    #[must_use]
    pub fn fallback(&self, currency: Currency, company: &Company) -> Option<&CompanyCustomerId> {
        match company.multicurrency && currency != company.home_currency {
            true => self.fallback_by_currency.get(&currency),
            false => self.fallback_customer.as_ref(),
        }
    }

    /// Whether a record stands in for customers who are not there.
    #[must_use]
    pub fn is_fallback(&self, record: &CompanyCustomerId) -> bool {
        let mut all = self
            .fallback_customer
            .iter()
            .chain(self.fallback_by_currency.values());
        all.any(|known| known == record)
    }

    /// Whether payments by this method are synced.
    #[must_use]
    pub fn syncs(&self, method: &Method) -> bool {
        !self.methods_off.contains(method.as_str())
    }

    /// The account a payment by this method in this currency is deposited to.
    ///
    /// One that was chosen for the method and is kept in another currency is not for this payment.
    #[must_use]
    pub fn deposit_account(
        &self,
        method: &Method,
        currency: Currency,
        company: &Company,
    ) -> Option<&AccountId> {
        let suits = |id: &&AccountId| {
            let known = company.accounts.iter().find(|account| account.id == **id);
            let kept_in = known.and_then(|account| account.currency);
            !company.multicurrency || kept_in.is_none_or(|kept_in| kept_in == currency)
        };
        let abroad = (company.multicurrency && currency != company.home_currency)
            .then(|| {
                self.deposits
                    .by_currency
                    .get(&currency)?
                    .get(method.as_str())
            })
            .flatten();
        let at_home = self.deposits.by_method.get(method.as_str());
        let chosen = abroad.or(at_home.filter(suits));
        let by_default = match method {
            Method::Cash | Method::Cheque => self.deposits.undeposited_funds.as_ref(),
            _ => None,
        };
        chosen
            .or(by_default)
            .or_else(|| self.deposits.clearing.get(&currency))
    }

    /// The item a line is booked to.
    #[must_use]
    pub fn item(&self, kind: LineKind, service: Option<&ServiceId>) -> Option<&ItemId> {
        let items = &self.items;
        let own = service.and_then(|service| items.by_service.get(service));
        match kind {
            LineKind::Service => own.or(items.fallback.as_ref()),
            LineKind::Product => own.or(items.product.as_ref()).or(items.fallback.as_ref()),
            LineKind::Fee => items.fee.as_ref().or(items.fallback.as_ref()),
            LineKind::DepositForfeited => {
                items.deposit_forfeited.as_ref().or(items.fallback.as_ref())
            }
            // What is not a sale never falls back to an income item.
            LineKind::Tip => items.tip.as_ref(),
            LineKind::Discount => items.discount.as_ref(),
            LineKind::Deposit | LineKind::DepositApplied => items.deposit.as_ref(),
            LineKind::GiftCard | LineKind::GiftCardRedeemed => items.gift_card.as_ref(),
            LineKind::Rounding => items.rounding.as_ref(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_account_kept_in_another_currency_is_not_for_this_payment() {
        let company = |multicurrency: bool| -> Company {
            serde_json::from_value(json!({
                "realm": "9341450000000001", "name": "Laurier", "country": "CA", "home_currency": "CAD",
                "multicurrency": multicurrency, "custom_numbers": true, "tax_model": "global", "tax_codes": [],
                "accounts": [
                    {"id": "35", "name": "Chequing", "kind": "bank", "undeposited_funds": false, "currency": "CAD"},
                    {"id": "36", "name": "Dollars", "kind": "bank", "undeposited_funds": false, "currency": "USD"}],
                "items": [], "payment_methods": []
            }))
            .unwrap()
        };
        let settings: Settings = serde_json::from_value(json!({
            "deposits": {"clearing": {"CAD": "35"}, "by_method": {"card": "36"}}, "items": {}
        }))
        .unwrap();
        let usd = Currency::parse("USD").unwrap();
        let abroad: Settings = serde_json::from_value(json!({
            "deposits": {"clearing": {"CAD": "35", "USD": "37"}, "by_method": {"card": "35"}, "by_currency": {"USD": {"card": "36"}}},
            "items": {}
        }))
        .unwrap();
        let account = |currency, method, multicurrency| {
            let chosen = abroad.deposit_account(&method, currency, &company(multicurrency));
            chosen.map(ToString::to_string)
        };
        assert_eq!(account(usd, Method::Card, true).as_deref(), Some("36"));
        assert_eq!(account(usd, Method::Paypal, true).as_deref(), Some("37"));
        assert_eq!(
            account(Currency::CAD, Method::Card, true).as_deref(),
            Some("35")
        );
        assert_eq!(account(usd, Method::Card, false).as_deref(), Some("35"));
        for (currency, multicurrency, account) in [
            (Currency::CAD, true, Some("35")),
            (usd, true, Some("36")),
            // What currencies say where there is one is nothing.
            (Currency::CAD, false, Some("36")),
        ] {
            let company = company(multicurrency);
            let chosen = settings.deposit_account(&Method::Card, currency, &company);
            assert_eq!(chosen.map(AsRef::as_ref), account, "{currency}");
        }
    }
}
