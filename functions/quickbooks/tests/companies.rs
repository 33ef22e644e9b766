//! A company, read whole.
#![allow(
    clippy::disallowed_methods,
    reason = "the simulator behind HTTP runs in real time"
)]

mod desk;

use std::cell::Cell;

use bookkeeping::company::{AccountKind, ItemKind, TaxModel};
use bookkeeping::transaction::Language;
use jiff::civil::date;
use quickbooks::FaultClass;
use serde_json::json;
use simulator::{Trouble, TroubleKind};

use crate::desk::{
    ARIZONA, BRITISH_COLUMBIA, CALIFORNIA, Desk, LONDON, ONTARIO, QUEBEC, QUEBEC_IN_FRENCH,
};

#[tokio::test]
async fn a_company_is_read_with_its_tax_model_and_lists() {
    for (realm, model, numbers) in [
        (QUEBEC, TaxModel::Global, true),
        (ONTARIO, TaxModel::Global, true),
        (CALIFORNIA, TaxModel::UsAutomated, true),
        (ARIZONA, TaxModel::UsManual, false),
    ] {
        let company = Desk::at(realm).await.company().await;
        assert_eq!(
            (company.tax_model, company.custom_numbers),
            (model, numbers),
            "{realm}"
        );
        assert!(
            company
                .accounts
                .iter()
                .any(|account| account.undeposited_funds && account.takes_deposits()),
            "{realm}"
        );
        assert!(
            company
                .tax_codes
                .iter()
                .all(|code| code.id.as_str() != "TAX"),
            "pseudo codes stay out"
        );
    }
}

#[tokio::test]
async fn a_company_says_where_it_is_what_it_speaks_and_whether_it_can_be_written_to() {
    for (realm, country, region, language) in [
        (QUEBEC, "CA", "QC", Language::English),
        (QUEBEC_IN_FRENCH, "CA", "QC", Language::French),
        (ARIZONA, "US", "AZ", Language::English),
        (LONDON, "GB", "London", Language::English),
    ] {
        let desk = Desk::at(realm).await;
        let company = desk.company().await;
        assert_eq!(company.country, country, "{realm}");
        assert_eq!(company.region.as_deref(), Some(region), "{realm}");
        assert_eq!(company.language(), language, "{realm}");
        assert!(company.keeps_books() && !company.is_read_only(), "{realm}");
        desk.trouble(TroubleKind::ReadOnly, "*.create");
        assert!(desk.company().await.is_read_only(), "{realm}");
    }
}

#[tokio::test]
async fn a_rate_comes_with_its_agency_and_the_days_it_changed() {
    let company = Desk::at(BRITISH_COLUMBIA).await.company().await;
    let code = |name: &str| {
        let named = company.tax_codes.iter().find(|code| code.name == name);
        named.expect("the company has it")
    };
    let both = code("GST/PST BC");
    let rates: Vec<(&str, Option<&str>)> = both
        .rates
        .iter()
        .map(|rate| (rate.name.as_str(), rate.agency.as_deref()))
        .collect();
    assert_eq!(
        rates,
        [
            ("GST", Some("Receiver General")),
            ("PST (BC)", Some("Ministry of Finance (BC)"))
        ]
    );
    let gst = &both.rates[0];
    for (day, percent) in [
        (date(2006, 6, 30), "7"),
        (date(2007, 1, 1), "6"),
        (date(2026, 1, 1), "5"),
    ] {
        assert_eq!(gst.percent_on(day).to_string(), percent, "{day}");
    }
    assert!(code("Out of Scope").rates.is_empty() && code("Out of Scope").usable());
}

#[tokio::test]
async fn accounts_and_items_come_with_what_they_are_for() {
    let company = Desk::at(QUEBEC_IN_FRENCH).await.company().await;
    let item = |name: &str| {
        let named = company.items.iter().find(|item| item.name == name);
        named.expect("the company has it")
    };
    let tips = item("Pourboires à payer");
    let account = company.account(tips.income_account.as_ref().expect("an account"));
    let account = account.expect("kept as well");
    assert_eq!(account.kind, AccountKind::OtherCurrentLiability);
    assert!(!account.takes_deposits());
    assert_eq!(item("Fournitures").kind, ItemKind::NonInventory);
    assert!(
        company.items.iter().all(|item| item.name != "Nettoyage"),
        "a category cannot stand on a line"
    );
}

#[tokio::test]
async fn only_what_a_company_uses_is_read_and_reads_are_few() {
    // Without classes and locations: profile, preferences, accounts, items, methods, codes, rates, agencies.
    let small = Desk::at(BRITISH_COLUMBIA).await;
    let company = small.company().await;
    assert_eq!(small.reads(), 8);
    assert!(company.classes.is_empty() && company.departments.is_empty());

    let larger = Desk::at(QUEBEC).await;
    let company = larger.company().await;
    assert_eq!(larger.reads(), 10);
    assert!(company.tracking.classes_on_lines && company.tracking.locations);
    assert_eq!((company.classes.len(), company.departments.len()), (2, 2));

    let untaxed = Desk::at(BRITISH_COLUMBIA).await;
    untaxed.edit(
        "Preferences",
        "1",
        &json!({"TaxPrefs": {"UsingSalesTax": false},
                "AccountingInfoPrefs": {"BookCloseDate": "2025-12-31"}}),
    );
    let company = untaxed.company().await;
    assert_eq!(untaxed.reads(), 5);
    assert_eq!(company.tax_model, TaxModel::Off);
    assert_eq!(company.closed_through, Some(date(2025, 12, 31)));
}

#[tokio::test]
async fn a_turn_is_awaited_before_each_read() {
    let desk = Desk::at(ONTARIO).await;
    let turns = Cell::new(0_u64);
    let turn = async || turns.set(turns.get() + 1);
    desk.client().read_company(turn).await.expect("a company");
    // The currencies are asked for and refused, which is not metered.
    assert_eq!((turns.get(), desk.reads()), (11, 10));
}

#[tokio::test]
async fn currencies_that_cannot_be_read_are_not_known_rather_than_none() {
    let company = Desk::at(ONTARIO).await.company().await;
    assert!(company.multicurrency);
    assert_eq!(company.currencies, None);
}

#[tokio::test]
async fn an_inactive_code_is_kept_as_such_and_never_found() {
    let desk = Desk::at(QUEBEC).await;
    let before = desk.company().await;
    let both = before.tax_codes.iter().find(|code| code.rates.len() == 2);
    let id = both.expect("GST and QST").id.clone();
    desk.edit("TaxCode", id.as_str(), &json!({"Active": false}));
    let after = desk.company().await;
    assert!(before.tax_code(&id).is_some() && after.tax_code(&id).is_none());
}

#[tokio::test]
async fn a_subscription_without_accounting_is_a_company_that_keeps_no_books() {
    let desk = Desk::at(QUEBEC).await;
    let mut refusal = Trouble::new(TroubleKind::Fault)
        .at(QUEBEC)
        .on("account.query");
    refusal.code = Some("5020".to_owned());
    desk.ask_for(refusal);
    let company = desk.company().await;
    assert!(!company.keeps_books());
    assert_eq!(company.name, "Nettoyage Laurier inc.");
}

#[tokio::test]
async fn a_company_that_does_not_answer_is_not_half_read() {
    for operation in [
        "companyinfo.read",
        "preferences.read",
        "account.query",
        "taxrate.query",
    ] {
        let desk = Desk::at(QUEBEC).await;
        desk.trouble(TroubleKind::Fail500, operation);
        let fault = desk
            .client()
            .read_company(async || {})
            .await
            .expect_err(operation);
        assert_eq!(fault.class, FaultClass::OutcomeUnknown, "{operation}");
    }
}
