//! What one click creates in a company: found by name first, and never twice.
#![allow(
    clippy::disallowed_methods,
    reason = "the simulator behind HTTP runs in real time"
)]

mod desk;

use bookkeeping::company::AccountKind;
use bookkeeping::defaults::{Creates, NewAccount, Posting, Purpose, fresh};
use bookkeeping::money::Currency;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use quickbooks::FaultClass;
use simulator::{Kind, TroubleKind};

use crate::desk::{BRITISH_COLUMBIA, Desk, LONDON, ONTARIO, QUEBEC, QUEBEC_IN_FRENCH};

const CLEARING: NewAccount = NewAccount {
    name: "MioCommerce clearing",
    kind: AccountKind::Bank,
    currency: None,
};

/// How many entries of a kind the company has.
fn count(desk: &Desk, kind: Kind) -> usize {
    let intuit = desk.simulator.intuit.lock().expect("alive");
    intuit.records(desk.realm.as_str(), kind).len()
}

#[tokio::test]
async fn an_account_is_created_once_and_found_afterwards() {
    let desk = Desk::at(QUEBEC).await;
    let before = count(&desk, Kind::Account);
    let created = desk
        .client()
        .account_named(&CLEARING, "click 1", async || {})
        .await;
    let created = created.expect("an account");
    assert_eq!(
        (created.kind, created.takes_deposits()),
        (AccountKind::Bank, true)
    );
    for click in ["click 1", "click 2"] {
        let again = desk
            .client()
            .account_named(&CLEARING, click, async || {})
            .await;
        assert_eq!(again.expect("the same").id, created.id, "{click}");
    }
    assert_eq!(count(&desk, Kind::Account), before + 1);
}

#[tokio::test]
async fn an_item_posts_to_the_account_it_is_given() {
    let desk = Desk::at(QUEBEC).await;
    let liability = NewAccount {
        name: "MioCommerce tips payable",
        kind: AccountKind::OtherCurrentLiability,
        currency: None,
    };
    let account = desk
        .client()
        .account_named(&liability, "click", async || {})
        .await;
    let account = account.expect("an account");
    assert_eq!(account.kind, AccountKind::OtherCurrentLiability);
    let item = desk
        .client()
        .item_named("MioCommerce tips", &account.id, "click", async || {})
        .await
        .expect("an item");
    assert_eq!(item.income_account, Some(account.id));
}

#[tokio::test]
async fn a_payment_method_is_found_whatever_its_case_and_its_name_always_fits() {
    let desk = Desk::at(QUEBEC_IN_FRENCH).await;
    let before = count(&desk, Kind::PaymentMethod);
    let visa = desk
        .client()
        .payment_method_named("visa", true, "click", async || {})
        .await;
    assert_eq!(visa.expect("a method").name, "Visa");
    let long = desk
        .client()
        .payment_method_named("Prélèvement automatique", false, "click", async || {})
        .await
        .expect("a method");
    assert_eq!(long.name, "Prélèvement aut");
    assert_eq!(count(&desk, Kind::PaymentMethod), before + 1);
}

#[tokio::test]
async fn a_click_whose_answer_was_lost_makes_no_second_entry() {
    let desk = Desk::at(QUEBEC).await;
    let before = count(&desk, Kind::Account);
    desk.trouble(TroubleKind::CommitThen500, "account.create");
    let lost = desk
        .client()
        .account_named(&CLEARING, "click 1", async || {})
        .await;
    assert_eq!(lost.expect_err("lost").class, FaultClass::OutcomeUnknown);
    desk.client()
        .account_named(&CLEARING, "click 2", async || {})
        .await
        .expect("found by its name");
    assert_eq!(count(&desk, Kind::Account), before + 1);
}

#[tokio::test]
async fn two_clicks_at_once_make_one_entry() {
    let desk = Desk::at(QUEBEC).await;
    let before = count(&desk, Kind::Account);
    let client = desk.client();
    let (one, other) = tokio::join!(
        client.account_named(&CLEARING, "click 1", async || {}),
        client.account_named(&CLEARING, "click 2", async || {})
    );
    assert_eq!(one.expect("an account").id, other.expect("an account").id);
    assert_eq!(count(&desk, Kind::Account), before + 1);
}

#[tokio::test]
async fn a_name_that_something_unusable_has_is_told_as_taken() {
    let desk = Desk::at(QUEBEC).await;
    let account = desk.company().await.accounts[0].id.clone();
    // In this company it is a category, which cannot stand on a line.
    let client = desk.client();
    let item = client
        .item_named("Cleaning", &account, "click", async || {})
        .await;
    assert_eq!(item.expect_err("taken").class, FaultClass::NameTaken);
}

#[tokio::test]
async fn a_fresh_connection_finds_what_a_company_has_and_creates_the_rest() {
    let zone = TimeZone::get("America/Toronto").expect("a zone");
    for (realm, currency) in [
        (QUEBEC, "CAD"),
        (ONTARIO, "CAD"),
        (BRITISH_COLUMBIA, "CAD"),
        (LONDON, "GBP"),
        (QUEBEC_IN_FRENCH, "CAD"),
    ] {
        let currency = Currency::parse(currency).expect("a currency");
        let company = Desk::at(realm).await.company().await;
        let found = fresh(&company, currency, &zone, Timestamp::now());
        let items = &found.settings.items;
        assert_eq!(
            found.settings.deposits.clearing[&currency].as_str(),
            "91",
            "{realm}"
        );
        assert_eq!(
            items.fallback.as_ref().map(AsRef::as_ref),
            Some("21"),
            "{realm}"
        );
        assert_eq!(items.tip.as_ref().map(AsRef::as_ref), Some("25"), "{realm}");
        assert_eq!(found.proposals, [], "{realm}");
    }
}

#[tokio::test]
async fn everything_proposed_can_be_created_and_is_found_on_refresh() {
    let zone = TimeZone::get("America/Toronto").expect("a zone");
    let desk = Desk::at(QUEBEC_IN_FRENCH).await;
    for (list, id, name) in [
        ("Account", "91", "Ancien compte"),
        ("Item", "21", "Lavage"),
        ("Item", "25", "Divers"),
    ] {
        desk.edit(list, id, &serde_json::json!({"Name": name}));
    }
    let lacking = fresh(
        &desk.company().await,
        Currency::CAD,
        &zone,
        Timestamp::now(),
    );
    let purposes: Vec<Purpose> = lacking
        .proposals
        .iter()
        .map(|proposal| proposal.purpose)
        .collect();
    assert_eq!(
        purposes,
        [Purpose::Clearing, Purpose::Services, Purpose::Tips]
    );
    let client = desk.client();
    for proposal in lacking.proposals {
        match proposal.creates {
            Creates::Account(account) => {
                client
                    .account_named(&account, "click", async || {})
                    .await
                    .expect("an account");
            }
            Creates::Item(item) => {
                let account = match item.posts_to {
                    Posting::Existing(account) => account,
                    Posting::New(account) => {
                        let created = client.account_named(&account, "click", async || {}).await;
                        created.expect("an account").id
                    }
                };
                client
                    .item_named(item.name, &account, "click", async || {})
                    .await
                    .expect("an item");
            }
        }
    }
    let refreshed = fresh(
        &desk.company().await,
        Currency::CAD,
        &zone,
        Timestamp::now(),
    );
    assert_eq!(refreshed.proposals, []);
    assert!(refreshed.settings.items.tip.is_some());
}
