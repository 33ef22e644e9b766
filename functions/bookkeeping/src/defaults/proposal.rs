//! Proposals: what one click would create in the company, named in its own language.

use super::found::posts_rightly;
use super::{Purpose, vocabulary};
use crate::company::{Account, AccountKind, Company};
use crate::ids::AccountId;
use crate::money::Currency;
use crate::text::plain;
use crate::transaction::Language;

/// Something the company lacks and we can create: an account, an item, or an item with the account it posts to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// What it is for.
    pub purpose: Purpose,
    /// What is created. The account before the item, where the item posts to a new one.
    pub creates: Creates,
}

/// What a proposal creates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Creates {
    /// An account money is deposited to.
    Account(NewAccount),
    /// An item.
    Item(NewItem),
}

/// An account to be created.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAccount {
    /// Its name; without the colon and the quotation mark QuickBooks refuses, at most 100 characters.
    pub name: &'static str,
    /// What it is for.
    pub kind: AccountKind,
    /// Its currency, where the company keeps several and it is not the home one.
    pub currency: Option<Currency>,
}

/// A service item to be created.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewItem {
    /// Its name; without the colon QuickBooks refuses, at most 100 characters.
    pub name: &'static str,
    /// The account its sales post to.
    pub posts_to: Posting,
}

/// The account an item posts to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Posting {
    /// One the company has.
    Existing(AccountId),
    /// One that is created first.
    New(NewAccount),
}

/// The proposal for a purpose; `None` for one nothing is created for.
pub(super) fn of(purpose: Purpose, company: &Company, currency: Currency) -> Option<Proposal> {
    let french = company.language() == Language::French;
    let named = |english, in_french| if french { in_french } else { english };
    let item = |english, in_french, account: NewAccount| {
        Creates::Item(NewItem {
            name: named(english, in_french),
            posts_to: posting(purpose, company, account),
        })
    };
    let account = |english, in_french, kind| NewAccount {
        name: named(english, in_french),
        kind,
        currency: None,
    };
    let liability = AccountKind::OtherCurrentLiability;
    let creates = match purpose {
        Purpose::Clearing => Creates::Account(NewAccount {
            currency: (currency != company.home_currency).then_some(currency),
            ..account(
                "MioCommerce clearing",
                "Compensation MioCommerce",
                AccountKind::Bank,
            )
        }),
        Purpose::Services => item(
            "MioCommerce services",
            "Services MioCommerce",
            account(
                "MioCommerce sales",
                "Ventes MioCommerce",
                AccountKind::Income,
            ),
        ),
        Purpose::Tips => item(
            "MioCommerce tips",
            "Pourboires MioCommerce",
            account(
                "MioCommerce tips payable",
                "Pourboires à payer MioCommerce",
                liability,
            ),
        ),
        Purpose::Taxes => item(
            "MioCommerce tax collected",
            "Taxes perçues MioCommerce",
            account(
                "MioCommerce tax payable",
                "Taxes à payer MioCommerce",
                liability,
            ),
        ),
        Purpose::GiftCards => item(
            "MioCommerce gift cards",
            "Cartes-cadeaux MioCommerce",
            account(
                "MioCommerce gift cards outstanding",
                "Cartes-cadeaux en circulation MioCommerce",
                liability,
            ),
        ),
        Purpose::Deposits => item(
            "MioCommerce deposits",
            "Acomptes MioCommerce",
            account(
                "MioCommerce customer deposits",
                "Acomptes de clients MioCommerce",
                liability,
            ),
        ),
        Purpose::Rounding => item(
            "MioCommerce rounding",
            "Arrondi MioCommerce",
            account(
                "MioCommerce rounding",
                "Arrondi MioCommerce",
                AccountKind::OtherIncome,
            ),
        ),
        Purpose::UndepositedFunds | Purpose::Products | Purpose::Fees | Purpose::Discounts => {
            return None;
        }
    };
    Some(Proposal { purpose, creates })
}

/// The company's one account of the right name and kind, else a new one.
fn posting(purpose: Purpose, company: &Company, new: NewAccount) -> Posting {
    let names = vocabulary::accounts(purpose);
    let right = |account: &&Account| {
        account.active
            && posts_rightly(purpose, account.kind)
            && names.contains(&plain(&account.name).as_str())
    };
    let mut fitting = company.accounts.iter().filter(right);
    match (fitting.next(), fitting.next()) {
        (Some(account), None) => Posting::Existing(account.id.clone()),
        _ => Posting::New(new),
    }
}
