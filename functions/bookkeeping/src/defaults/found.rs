//! Finding: the account or item a company has for a purpose.

use super::vocabulary;
use crate::company::{Account, AccountKind, Company, Item};
use crate::ids::{AccountId, ItemId};
use crate::money::Currency;
use crate::text::plain;

/// What an account or an item is chosen for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Purpose {
    /// The account of cards, debits and bank debits.
    Clearing,
    /// The account of cash and cheques.
    UndepositedFunds,
    /// The item of services, and of whatever has none of its own.
    Services,
    /// The item of goods.
    Products,
    /// The item of fees.
    Fees,
    /// The item of tips: a liability.
    Tips,
    /// The item of gift cards sold and used: a liability.
    GiftCards,
    /// The item of deposits taken and used: a liability.
    Deposits,
    /// The item of cash rounded to five cents.
    Rounding,
    /// The item of discounts that are written on a line of their own.
    Discounts,
    /// The item of taxes that QuickBooks does not keep as tax: a liability.
    Taxes,
}

impl Purpose {
    /// Every purpose, in the order of this file.
    pub const ALL: [Self; 11] = [
        Self::Clearing,
        Self::UndepositedFunds,
        Self::Services,
        Self::Products,
        Self::Fees,
        Self::Tips,
        Self::GiftCards,
        Self::Deposits,
        Self::Rounding,
        Self::Discounts,
        Self::Taxes,
    ];

    /// The word for it: `clearing`, `tips`, ...
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Clearing => "clearing",
            Self::UndepositedFunds => "undeposited_funds",
            Self::Services => "services",
            Self::Products => "products",
            Self::Fees => "fees",
            Self::Tips => "tips",
            Self::GiftCards => "gift_cards",
            Self::Deposits => "deposits",
            Self::Rounding => "rounding",
            Self::Discounts => "discounts",
            Self::Taxes => "taxes",
        }
    }
}

/// What was found for a purpose, and why it was taken or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found<Id> {
    /// Exactly one has the name and the right kind of account.
    One {
        /// Its id.
        id: Id,
        /// Its name.
        name: String,
    },
    /// Several have: the operator chooses. Their names, sorted.
    Several(Vec<String>),
    /// One has the name and posts to another kind of account than it should: its name. The operator decides.
    WrongAccount(String),
    /// None has.
    None,
}

impl<Id: Clone> Found<Id> {
    /// The one found.
    #[must_use]
    pub fn id(&self) -> Option<Id> {
        match self {
            Self::One { id, .. } => Some(id.clone()),
            _ => None,
        }
    }

    /// The code by which the page's sentence is looked up, with the names it needs.
    #[must_use]
    pub fn why(&self) -> (&'static str, String) {
        match self {
            Self::One { name, .. } => ("found_one", name.clone()),
            Self::Several(names) => ("found_several", names.join(", ")),
            Self::WrongAccount(name) => ("found_wrong_account", name.clone()),
            Self::None => ("found_none", String::new()),
        }
    }
}

/// The company's clearing account: by our own name, else by a name that says nothing but clearing.
///
/// Another processor's clearing account ("Stripe clearing") is never taken for ours.
pub(super) fn clearing(company: &Company, currency: Currency) -> Found<AccountId> {
    let usable = |account: &&Account| {
        account.takes_deposits()
            && !account.undeposited_funds
            && account.currency.is_none_or(|its| its == currency)
    };
    let named = |ours: bool| {
        let fits = move |account: &&Account| {
            let name = plain(&account.name);
            match ours {
                true => name.split(' ').any(|word| vocabulary::OURS.contains(&word)),
                false => vocabulary::CLEARING.contains(&name.as_str()),
            }
        };
        one(company
            .accounts
            .iter()
            .filter(usable)
            .filter(fits)
            .map(|account| (&account.id, account.name.as_str())))
    };
    match named(true) {
        Found::None => named(false),
        found => found,
    }
}

pub(super) fn undeposited_funds(company: &Company) -> Found<AccountId> {
    let own = |account: &&Account| account.active && account.undeposited_funds;
    one(company
        .accounts
        .iter()
        .filter(own)
        .map(|account| (&account.id, account.name.as_str())))
}

pub(super) fn item(company: &Company, purpose: Purpose) -> Found<ItemId> {
    let names = vocabulary::items(purpose);
    let named: Vec<&Item> = company
        .items
        .iter()
        .filter(|item| item.active && names.contains(&plain(&item.name).as_str()))
        .collect();
    let right = |item: &&&Item| {
        let account = item.income_account.as_ref();
        account
            .and_then(|id| company.account(id))
            .is_some_and(|account| posts_rightly(purpose, account.kind))
    };
    let found = one(named
        .iter()
        .filter(right)
        .map(|item| (&item.id, item.name.as_str())));
    match (found, named.first()) {
        (Found::None, Some(item)) => Found::WrongAccount(item.name.clone()),
        (found, _) => found,
    }
}

/// Whether an item for this purpose may post to an account of this kind.
pub(super) fn posts_rightly(purpose: Purpose, kind: AccountKind) -> bool {
    match purpose {
        Purpose::Tips | Purpose::GiftCards | Purpose::Deposits | Purpose::Taxes => {
            kind == AccountKind::OtherCurrentLiability
        }
        _ => matches!(kind, AccountKind::Income | AccountKind::OtherIncome),
    }
}

fn one<'a, Id: Clone + 'a>(found: impl Iterator<Item = (&'a Id, &'a str)>) -> Found<Id> {
    let mut found: Vec<(&Id, &str)> = found.collect();
    found.sort_by_key(|(_, name)| *name);
    match found.as_slice() {
        [] => Found::None,
        [(id, name)] => Found::One {
            id: (*id).clone(),
            name: (*name).to_owned(),
        },
        several => Found::Several(several.iter().map(|(_, name)| (*name).to_owned()).collect()),
    }
}
