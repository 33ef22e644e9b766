//! Defaults: the settings a fresh connection works with, what was found for each purpose, and what can be created.
//!
//! A purpose gets an account or item of the company's own only where exactly one has the right name, in English or
//! French, and posts to the right kind of account: a tip booked as income is a wrong return. Where none does, the
//! choice stays open and a [`Proposal`] says what one click would create.

mod found;
mod proposal;
mod vocabulary;

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;

pub use found::{Found, Purpose};
pub use proposal::{Creates, NewAccount, NewItem, Posting, Proposal};

use crate::company::{Company, TaxModel};
use crate::ids::{AccountId, ItemId};
use crate::money::Currency;
use crate::settings::{Deposits, Items, Settings};

/// What a fresh connection begins with.
#[derive(Clone, Debug, PartialEq)]
pub struct Fresh {
    /// Settings that work for whatever was found; what was not found asks when it is needed.
    pub settings: Settings,
    /// What was found among the accounts.
    pub accounts: BTreeMap<Purpose, Found<AccountId>>,
    /// What was found among the items.
    pub items: BTreeMap<Purpose, Found<ItemId>>,
    /// What can be created on one click, for what was not found and is needed.
    pub proposals: Vec<Proposal>,
}

/// The defaults for a merchant that connects this company now.
///
/// Payments from today on are synced, in the merchant's time zone. The tax map is left empty; [`with_suggestions`](crate::tax_map::suggest::with_suggestions) fills it.
#[must_use]
pub fn fresh(company: &Company, currency: Currency, zone: &TimeZone, now: Timestamp) -> Fresh {
    let accounts = BTreeMap::from([
        (Purpose::Clearing, found::clearing(company, currency)),
        (Purpose::UndepositedFunds, found::undeposited_funds(company)),
    ]);
    let items: BTreeMap<Purpose, Found<ItemId>> = Purpose::ALL
        .into_iter()
        .filter(|purpose| !accounts.contains_key(purpose))
        .map(|purpose| (purpose, found::item(company, purpose)))
        .collect();
    let account = |purpose| accounts.get(&purpose).and_then(Found::id);
    let chosen = |purpose| items.get(&purpose).and_then(Found::id);
    let settings = Settings {
        start_date: Some(zone.to_datetime(now).date()),
        deposits: Deposits {
            clearing: account(Purpose::Clearing)
                .map(|id| (currency, id))
                .into_iter()
                .collect(),
            undeposited_funds: account(Purpose::UndepositedFunds),
            ..Deposits::default()
        },
        items: Items {
            fallback: chosen(Purpose::Services),
            product: chosen(Purpose::Products),
            fee: chosen(Purpose::Fees),
            tip: chosen(Purpose::Tips),
            gift_card: chosen(Purpose::GiftCards),
            deposit: chosen(Purpose::Deposits),
            rounding: chosen(Purpose::Rounding),
            discount: chosen(Purpose::Discounts),
            tax: chosen(Purpose::Taxes),
            ..Items::default()
        },
        ..Settings::default()
    };
    let no_item =
        |purpose: &Purpose| matches!(items[purpose], Found::None | Found::WrongAccount(_));
    let lacking = |purpose: &Purpose| match purpose {
        Purpose::Clearing => accounts[purpose] == Found::None,
        Purpose::Taxes => company.tax_model == TaxModel::Off && no_item(purpose),
        Purpose::Services
        | Purpose::Tips
        | Purpose::GiftCards
        | Purpose::Deposits
        | Purpose::Rounding => no_item(purpose),
        // Goods and fees fall back to the item of services, discounts are taken off their lines, and
        // Undeposited Funds is QuickBooks' own.
        Purpose::Products | Purpose::Fees | Purpose::Discounts | Purpose::UndepositedFunds => false,
    };
    let proposals = Purpose::ALL
        .iter()
        .filter(|purpose| company.keeps_books() && lacking(purpose))
        .filter_map(|purpose| proposal::of(*purpose, company, currency))
        .collect();
    Fresh {
        settings,
        accounts,
        items,
        proposals,
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use serde_json::{Value, json};

    use super::*;

    fn company(language: &str, accounts: Value, items: Value) -> Company {
        serde_json::from_value(json!({
            "realm": "9341450000000001", "name": "Laurier", "country": "CA", "home_currency": "CAD",
            "languages": [language], "multicurrency": false, "custom_numbers": true, "tax_model": "global",
            "tax_codes": [], "accounts": accounts, "items": items, "payment_methods": []
        }))
        .unwrap()
    }

    fn account(id: &str, name: &str, kind: &str) -> Value {
        json!({"id": id, "name": name, "kind": kind, "undeposited_funds": name == "Undeposited Funds"})
    }

    fn item(id: &str, name: &str, account: &str) -> Value {
        json!({"id": id, "name": name, "kind": "service", "income_account": account})
    }

    fn begin(company: &Company) -> Fresh {
        let now = "2026-11-22T03:30:00Z".parse().unwrap();
        fresh(
            company,
            Currency::CAD,
            &TimeZone::get("America/Toronto").unwrap(),
            now,
        )
    }

    fn chart() -> Value {
        json!([
            account("35", "Chequing", "bank"),
            account("91", "Mio Payments Clearing", "bank"),
            account("90", "Undeposited Funds", "other_current_asset"),
            account("79", "Services", "income"),
            account("92", "Tips payable", "other_current_liability"),
            account("93", "Gift cards outstanding", "other_current_liability"),
            account("94", "Customer deposits", "other_current_liability"),
            account("96", "Rounding", "other_income"),
        ])
    }

    #[test]
    fn a_company_that_has_everything_needs_nothing_created() {
        let items = json!([
            item("21", "Services", "79"),
            item("23", "Frais de service", "79"),
            item("25", "Pourboires à payer", "92"),
            item("26", "Arrondi", "96"),
            item("27", "Cartes-cadeaux", "93"),
            item("28", "Dépôts de clients", "94"),
            item("40", "Window cleaning", "79")
        ]);
        let fresh = begin(&company("fr", chart(), items));
        let settings = &fresh.settings;
        assert_eq!(
            settings.start_date,
            Some(date(2026, 11, 21)),
            "the day it is for the merchant"
        );
        assert_eq!(settings.deposits.clearing[&Currency::CAD].as_str(), "91");
        assert_eq!(
            settings
                .deposits
                .undeposited_funds
                .as_ref()
                .map(AsRef::as_ref),
            Some("90")
        );
        let ids = [
            &settings.items.fallback,
            &settings.items.fee,
            &settings.items.tip,
        ];
        let ids = ids.map(|id| id.as_ref().map(ItemId::as_str));
        assert_eq!(ids, [Some("21"), Some("23"), Some("25")]);
        assert!(settings.methods_off.contains("coupon") && !settings.methods_off.contains("card"));
        assert_eq!(fresh.proposals, []);
    }

    #[test]
    fn what_a_company_lacks_is_offered_in_its_language_and_nothing_is_guessed() {
        let chart = json!([
            account("35", "Chequing", "bank"),
            account("60", "Stripe clearing", "bank"),
            account("79", "Ventes", "income")
        ]);
        for (language, names) in [
            (
                "fr",
                [
                    "Compensation MioCommerce",
                    "Services MioCommerce",
                    "Pourboires MioCommerce",
                    "Cartes-cadeaux MioCommerce",
                    "Acomptes MioCommerce",
                    "Arrondi MioCommerce",
                ],
            ),
            (
                "en",
                [
                    "MioCommerce clearing",
                    "MioCommerce services",
                    "MioCommerce tips",
                    "MioCommerce gift cards",
                    "MioCommerce deposits",
                    "MioCommerce rounding",
                ],
            ),
        ] {
            let fresh = begin(&company(language, chart.clone(), json!([])));
            assert!(
                fresh.settings.deposits.clearing.is_empty(),
                "Stripe's is not ours"
            );
            assert_eq!(fresh.settings.items, Items::default());
            let offered: Vec<&str> = fresh
                .proposals
                .iter()
                .map(|proposal| match &proposal.creates {
                    Creates::Account(account) => account.name,
                    Creates::Item(item) => item.name,
                })
                .collect();
            assert_eq!(offered, names);
        }
    }

    #[test]
    fn a_new_item_posts_to_the_companys_own_account_where_one_is_clear() {
        let postings = |chart: Value| -> Vec<Posting> {
            let fresh = begin(&company("en", chart, json!([])));
            let posting = |proposal: Proposal| match proposal.creates {
                Creates::Item(item) => Some(item.posts_to),
                Creates::Account(_) => None,
            };
            fresh.proposals.into_iter().filter_map(posting).collect()
        };
        let existing = |id: &str| Posting::Existing(AccountId::parse(id).unwrap());
        let all = ["79", "92", "93", "94", "96"].map(existing);
        assert_eq!(postings(chart()), all);
        // Two that fit are as good as none.
        let two = json!([
            account("79", "Services", "income"),
            account("80", "Sales", "income")
        ]);
        let new = |posting: &Posting| matches!(posting, Posting::New(_));
        assert!(postings(two).iter().all(new));
    }

    #[test]
    fn a_tip_is_never_booked_to_income_by_default() {
        let fresh = begin(&company("en", chart(), json!([item("25", "Tips", "79")])));
        assert_eq!(fresh.settings.items.tip, None);
        assert_eq!(
            fresh.items[&Purpose::Tips],
            Found::WrongAccount("Tips".to_owned())
        );
        let mut purposes = fresh.proposals.iter().map(|proposal| proposal.purpose);
        assert!(
            purposes.any(|purpose| purpose == Purpose::Tips),
            "one that is a liability"
        );
    }

    #[test]
    fn several_are_left_to_the_operator_whatever_their_order() {
        let (tips, gratuities) = (item("25", "Tips", "92"), item("26", "Gratuities", "92"));
        for items in [json!([tips, gratuities]), json!([gratuities, tips])] {
            let fresh = begin(&company("en", chart(), items));
            let names = vec!["Gratuities".to_owned(), "Tips".to_owned()];
            assert_eq!(fresh.items[&Purpose::Tips], Found::Several(names));
            assert_eq!(fresh.settings.items.tip, None);
        }
    }

    #[test]
    fn what_we_created_is_found_again() {
        for language in ["en", "fr"] {
            let before = begin(&company(
                language,
                json!([account("1", "Bank", "bank")]),
                json!([]),
            ));
            let mut accounts = vec![account("1", "Bank", "bank")];
            let mut items = Vec::new();
            for (at, proposal) in before.proposals.iter().enumerate() {
                let id = (100 + at).to_string();
                match &proposal.creates {
                    Creates::Account(new) => accounts.push(account(&id, new.name, "bank")),
                    Creates::Item(new) => {
                        let Posting::New(to) = &new.posts_to else {
                            panic!("nothing to post to")
                        };
                        let kind = serde_json::to_value(to.kind).unwrap();
                        accounts.push(account(&id, to.name, kind.as_str().unwrap()));
                        items.push(item(&id, new.name, &id));
                    }
                }
            }
            let after = begin(&company(language, json!(accounts), json!(items)));
            assert_eq!(after.proposals, [], "{language}");
            assert!(after.settings.items.tip.is_some() && after.settings.items.fallback.is_some());
        }
    }

    #[test]
    fn a_company_without_books_is_offered_nothing() {
        assert_eq!(begin(&company("en", json!([]), json!([]))).proposals, []);
    }

    #[test]
    fn taxes_need_an_item_only_where_sales_tax_is_off() {
        let mut off = company("en", chart(), json!([]));
        off.tax_model = TaxModel::Off;
        let offered = |company: &Company| {
            let proposals = begin(company).proposals;
            proposals
                .iter()
                .any(|proposal| proposal.purpose == Purpose::Taxes)
        };
        assert!(offered(&off));
        assert!(!offered(&company("en", chart(), json!([]))));
    }
}
