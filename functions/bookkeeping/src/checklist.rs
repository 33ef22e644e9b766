//! The checklist: whether a company and a merchant fit together, asked by ourselves after consent and on every Refresh.
//!
//! Each check is green or names its cure from one closed list; the sentences stand in the locale files under
//! `check_` and the cure's code. Settled in the requirements: another country or a currency that cannot be booked switches
//! the sync off until it is mended; taxes may be mended later, and only the payments that need them wait.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::catalogue::TaxSet;
use crate::company::{Company, TaxModel};
use crate::money::Currency;
use crate::tax_map::TaxMap;

/// What of a merchant is held against a company.
#[derive(Clone, Copy, Debug)]
pub struct Sells<'a> {
    /// Two-letter country it sells in.
    pub country: &'a str,
    /// The currency it sells in.
    pub currency: Currency,
    /// Which taxes it charges together, as far as we know.
    pub tax_sets: &'a [TaxSet],
}

/// What is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// The company keeps books.
    Accounting,
    /// Both are in one country.
    Country,
    /// The merchant's currency can be booked.
    Currency,
    /// Sales tax is switched on, where the merchant charges any.
    SalesTax,
    /// Each set of taxes has its code.
    Taxes,
}

/// One check and its result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// What was checked.
    pub subject: Subject,
    /// How to mend it; `None` where it is green.
    pub cure: Option<Cure>,
}

/// How to mend what a check found, with the values its sentence needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cure {
    /// Which cure.
    pub code: CureCode,
    /// What the sentence fills in, by placeholder.
    pub figures: BTreeMap<String, String>,
}

/// Every cure there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CureCode {
    /// The subscription has no accounting: connect a company that has.
    NoBooks,
    /// Another country: connect the company of the merchant's own country.
    OtherCountry,
    /// Another currency and only one is kept: switch multicurrency on.
    OneCurrencyOnly,
    /// Several currencies, and the merchant's is not among them: add it.
    CurrencyNotAdded,
    /// Sales tax is off though the merchant charges it: switch it on.
    SalesTaxOff,
    /// The company has no code a sale may stand under: set sales tax up.
    NoTaxCodes,
    /// Some sets of taxes have no code yet: choose it in the tax map.
    TaxesUnmapped,
}

/// What waits until a check is mended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Holds {
    /// The payments that need it.
    WhatNeedsIt,
    /// Everything: the sync is off.
    Everything,
}

impl CureCode {
    /// Every cure, in the order of this file.
    pub const ALL: [Self; 7] = [
        Self::NoBooks,
        Self::OtherCountry,
        Self::OneCurrencyOnly,
        Self::CurrencyNotAdded,
        Self::SalesTaxOff,
        Self::NoTaxCodes,
        Self::TaxesUnmapped,
    ];

    /// The code by which its sentence is looked up.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoBooks => "check_no_books",
            Self::OtherCountry => "check_other_country",
            Self::OneCurrencyOnly => "check_one_currency_only",
            Self::CurrencyNotAdded => "check_currency_not_added",
            Self::SalesTaxOff => "check_sales_tax_off",
            Self::NoTaxCodes => "check_no_tax_codes",
            Self::TaxesUnmapped => "check_taxes_unmapped",
        }
    }

    /// What waits until it is mended.
    #[must_use]
    pub fn holds(self) -> Holds {
        match self {
            Self::NoBooks | Self::OtherCountry | Self::OneCurrencyOnly | Self::CurrencyNotAdded => {
                Holds::Everything
            }
            Self::SalesTaxOff | Self::NoTaxCodes | Self::TaxesUnmapped => Holds::WhatNeedsIt,
        }
    }
}

/// Checks a company against a merchant. Always the same five checks in the same order.
#[must_use]
pub fn checklist(company: &Company, sells: &Sells<'_>, map: &TaxMap) -> Vec<Check> {
    let check = |subject, cure| Check { subject, cure };
    vec![
        check(Subject::Accounting, accounting(company)),
        check(Subject::Country, country(company, sells)),
        check(Subject::Currency, currency(company, sells)),
        check(Subject::SalesTax, sales_tax(company, sells)),
        check(Subject::Taxes, taxes(company, sells, map)),
    ]
}

/// Whether nothing may be posted until something is mended.
#[must_use]
pub fn is_off(checks: &[Check]) -> bool {
    checks
        .iter()
        .filter_map(|check| check.cure.as_ref())
        .any(|cure| cure.code.holds() == Holds::Everything)
}

fn cure<const N: usize>(code: CureCode, figures: [(&str, String); N]) -> Option<Cure> {
    let figures = figures.map(|(name, value)| (name.to_owned(), value));
    Some(Cure {
        code,
        figures: figures.into(),
    })
}

fn accounting(company: &Company) -> Option<Cure> {
    match company.keeps_books() {
        true => None,
        false => cure(CureCode::NoBooks, [("company", company.name.clone())]),
    }
}

fn country(company: &Company, sells: &Sells<'_>) -> Option<Cure> {
    match company.country == sells.country {
        true => None,
        false => cure(
            CureCode::OtherCountry,
            [
                ("ours", sells.country.to_owned()),
                ("theirs", company.country.clone()),
            ],
        ),
    }
}

fn currency(company: &Company, sells: &Sells<'_>) -> Option<Cure> {
    if company.takes(sells.currency) {
        return None;
    }
    let code = match company.multicurrency {
        true => CureCode::CurrencyNotAdded,
        false => CureCode::OneCurrencyOnly,
    };
    cure(
        code,
        [
            ("ours", sells.currency.to_string()),
            ("theirs", company.home_currency.to_string()),
        ],
    )
}

fn sales_tax(company: &Company, sells: &Sells<'_>) -> Option<Cure> {
    match !sells.tax_sets.is_empty() && company.tax_model == TaxModel::Off {
        true => cure(CureCode::SalesTaxOff, []),
        false => None,
    }
}

fn taxes(company: &Company, sells: &Sells<'_>, map: &TaxMap) -> Option<Cure> {
    match company.tax_model {
        // QuickBooks works the tax out itself, or there is none.
        TaxModel::UsAutomated | TaxModel::Off => return None,
        TaxModel::Global | TaxModel::UsManual => {}
    }
    if !company.tax_codes.iter().any(|code| code.usable()) {
        return cure(CureCode::NoTaxCodes, []);
    }
    let unmapped: Vec<String> = sells
        .tax_sets
        .iter()
        .filter(|set| !is_mapped(set, company, map))
        .map(TaxSet::label)
        .collect();
    match unmapped.is_empty() {
        true => None,
        false => cure(CureCode::TaxesUnmapped, [("taxes", unmapped.join("; "))]),
    }
}

/// Whether the set has a row whose code the company still has.
fn is_mapped(set: &TaxSet, company: &Company, map: &TaxMap) -> bool {
    map.row(&set.ids())
        .is_some_and(|row| company.tax_code(&row.code).is_some())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn company(changes: Value) -> Company {
        let mut company = json!({
            "realm": "9341450000000001", "name": "Laurier", "country": "CA", "home_currency": "CAD",
            "multicurrency": false, "custom_numbers": true, "tax_model": "global",
            "tax_codes": [{"id": "5", "name": "GST", "rates": [{"id": "3", "name": "GST", "percent": "5"}]}],
            "accounts": [{"id": "91", "name": "Clearing", "kind": "bank", "undeposited_funds": false}],
            "items": [], "payment_methods": []
        });
        for (name, value) in changes.as_object().unwrap() {
            company[name] = value.clone();
        }
        serde_json::from_value(company).unwrap()
    }

    fn gst() -> TaxSet {
        let set = json!({"taxes": [{"id": "tax_gst", "name": "GST", "rate": "5"}]});
        serde_json::from_value(set).unwrap()
    }

    fn map(code: &str) -> TaxMap {
        serde_json::from_value(
            json!({"rows": [{"code": code, "taxes": [{"tax": "tax_gst", "rate": "3"}]}]}),
        )
        .unwrap()
    }

    /// The cures of a company for a merchant who charges GST in Canadian dollars.
    fn cures(company: &Company, map: &TaxMap) -> Vec<(Subject, CureCode)> {
        let sets = [gst()];
        let sells = Sells {
            country: "CA",
            currency: Currency::CAD,
            tax_sets: &sets,
        };
        let checks = checklist(company, &sells, map);
        assert_eq!(checks.len(), 5, "the same five, whatever they find");
        checks
            .into_iter()
            .filter_map(|check| Some((check.subject, check.cure?.code)))
            .collect()
    }

    #[test]
    fn each_check_is_green_or_says_how_to_mend_it() {
        let us = json!({"home_currency": "USD"});
        let several = json!({"home_currency": "USD", "multicurrency": true});
        let without = json!({"home_currency": "USD", "multicurrency": true, "currencies": ["EUR"]});
        let with = json!({"home_currency": "USD", "multicurrency": true, "currencies": ["CAD"]});
        let inactive = json!({"tax_codes": [{"id": "5", "name": "GST", "active": false,
                              "rates": [{"id": "3", "name": "GST", "percent": "5"}]}]});
        for (changes, code, expected) in [
            (json!({}), "5", vec![]),
            (
                json!({"accounts": []}),
                "5",
                vec![(Subject::Accounting, CureCode::NoBooks)],
            ),
            (
                json!({"country": "US"}),
                "5",
                vec![(Subject::Country, CureCode::OtherCountry)],
            ),
            (
                us,
                "5",
                vec![(Subject::Currency, CureCode::OneCurrencyOnly)],
            ),
            (several, "5", vec![]),
            (
                without,
                "5",
                vec![(Subject::Currency, CureCode::CurrencyNotAdded)],
            ),
            (with, "5", vec![]),
            (
                json!({"tax_model": "off"}),
                "5",
                vec![(Subject::SalesTax, CureCode::SalesTaxOff)],
            ),
            (
                json!({"tax_codes": []}),
                "5",
                vec![(Subject::Taxes, CureCode::NoTaxCodes)],
            ),
            (inactive, "5", vec![(Subject::Taxes, CureCode::NoTaxCodes)]),
            (
                json!({}),
                "6",
                vec![(Subject::Taxes, CureCode::TaxesUnmapped)],
            ),
            (
                json!({"tax_model": "us_automated", "tax_codes": []}),
                "6",
                vec![],
            ),
        ] {
            assert_eq!(
                cures(&company(changes.clone()), &map(code)),
                expected,
                "{changes}"
            );
        }
    }

    #[test]
    fn another_country_or_currency_switches_the_sync_off_and_taxes_do_not() {
        let off = |changes: Value| {
            let sets = [gst()];
            let sells = Sells {
                country: "CA",
                currency: Currency::CAD,
                tax_sets: &sets,
            };
            is_off(&checklist(&company(changes), &sells, &TaxMap::default()))
        };
        assert!(!off(json!({})), "unmapped taxes wait by themselves");
        assert!(!off(json!({"tax_model": "off"})));
        assert!(off(json!({"country": "US"})));
        assert!(off(json!({"home_currency": "USD"})));
        assert!(off(json!({"accounts": []})));
    }

    #[test]
    fn a_merchant_who_charges_no_tax_needs_none() {
        let sells = Sells {
            country: "CA",
            currency: Currency::CAD,
            tax_sets: &[],
        };
        let company = company(json!({"tax_model": "off"}));
        let checks = checklist(&company, &sells, &TaxMap::default());
        assert!(
            checks.iter().all(|check| check.cure.is_none()),
            "{checks:?}"
        );
    }

    #[test]
    fn the_taxes_without_a_code_are_named() {
        let sets = [gst()];
        let sells = Sells {
            country: "CA",
            currency: Currency::CAD,
            tax_sets: &sets,
        };
        let checks = checklist(&company(json!({})), &sells, &TaxMap::default());
        let cure = checks[4].cure.as_ref().unwrap();
        assert_eq!(cure.figures["taxes"], "GST 5 %");
    }
}
