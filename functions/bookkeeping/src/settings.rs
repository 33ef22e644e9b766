//! Settings: what the operator chose for one connection.
//!
//! Every choice applies to later documents only. What is not chosen has a default, or makes the transactions
//! that need it ask.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::customer::CustomerPolicies;
use crate::ids::{AccountId, CompanyCustomerId, ItemId, ServiceId};
use crate::money::Currency;
use crate::tax_map::TaxMap;
use crate::transaction::{LineKind, Method};

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
    /// How customers are matched, created and kept up to date.
    #[serde(default)]
    pub customers: CustomerPolicies,
    /// Which QuickBooks tax code stands for which taxes.
    #[serde(default)]
    pub tax_map: TaxMap,
}

/// Deposit accounts by method, then by currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deposits {
    /// Card, debit and bank debits, by currency; also any method not named in `by_method`.
    pub clearing: BTreeMap<Currency, AccountId>,
    /// Cash and cheques: the company's Undeposited Funds.
    #[serde(default)]
    pub undeposited_funds: Option<AccountId>,
    /// Methods the operator sent elsewhere, by their names in messages.
    #[serde(default)]
    pub by_method: BTreeMap<String, AccountId>,
    /// Where refunds by a method leave from, by its name in messages; else from where their payment's money went.
    #[serde(default)]
    pub refunds_by_method: BTreeMap<String, AccountId>,
}

/// Items by service and by kind of line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
    /// Tax collected while the company's sales tax is off: a liability.
    #[serde(default)]
    pub tax: Option<ItemId>,
}

fn methods_off() -> BTreeSet<String> {
    ["coupon", "ims", "itex", "none"]
        .into_iter()
        .map(str::to_owned)
        .collect()
}

impl Settings {
    /// Whether payments by this method are synced.
    #[must_use]
    pub fn syncs(&self, method: &Method) -> bool {
        !self.methods_off.contains(method.as_str())
    }

    /// The account a payment by this method in this currency is deposited to.
    #[must_use]
    pub fn deposit_account(&self, method: &Method, currency: Currency) -> Option<&AccountId> {
        let chosen = self.deposits.by_method.get(method.as_str());
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
            // Money that is not a sale never falls back to an income item.
            LineKind::Tip => items.tip.as_ref(),
            _ => None,
        }
    }
}
