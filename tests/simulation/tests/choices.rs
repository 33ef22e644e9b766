//! Choices of the settings, from the page through to the posted receipt (R10).
#![recursion_limit = "256"]

mod browser;

use std::time::Duration;

use bookkeeping::reason::ReasonCode;
use browser::Browser;
use common::store::Standing;
use serde_json::{Value, json};
use simulation::payments::payment;
use simulation::town::{REALM, Town};

const SETTINGS: &str = "/quickbooks/settings";
const CUSTOMER: &str = "/quickbooks/settings/customer";

fn opened(town: &Town) -> Browser {
    let mut browser = Browser::beside(town.outside.clone());
    let answer = browser.launches("/quickbooks", &json!({}));
    browser.follows(&answer);
    browser.opens(SETTINGS);
    browser
}

/// Saves a part of the settings, and lets what is remembered of the old ones grow old.
fn saves(town: &Town, browser: &mut Browser, form: &str) {
    let saved = browser.sends(SETTINGS, form).expect("alive");
    assert_eq!(saved.status, 303, "{form}: {}", saved.body);
    town.pass(Duration::from_secs(60));
}

/// The receipt of a payment that is sent now.
fn receipt_of(town: &mut Town, number: u64, change: impl FnOnce(&mut Value)) -> Value {
    let mut message: Value = serde_json::from_str(&payment(number, 3)).expect("a message");
    change(&mut message);
    let before = receipts(town).len();
    town.send(&format!("message-{number}"), message.to_string());
    town.work_all();
    town.drain_all();
    let receipts = receipts(town);
    assert_eq!(receipts.len(), before + 1, "{:?}", held(town));
    receipts.last().cloned().expect("a receipt")
}

fn receipts(town: &Town) -> Vec<Value> {
    let receipts = town.books()["SalesReceipt"].as_array().cloned();
    receipts.unwrap_or_default()
}

fn held(town: &Town) -> Vec<ReasonCode> {
    let tables = town.outside.tables.borrow();
    let held = tables
        .ledger
        .values()
        .filter(|stands| stands.row.standing == Standing::Held);
    held.filter_map(|stands| Some(stands.row.reason.as_ref()?.code))
        .collect()
}

const DOCUMENTS: &str =
    "part=documents&discounts=spread&closed_books=hold&closed_through=&memo.en=&memo.fr=&language=";

#[test]
fn receipts_are_numbered_as_the_operator_chose() {
    let mut town = Town::new(1);
    let mut browser = opened(&town);
    let number = |receipt: &Value| receipt["DocNumber"].as_str().map(str::to_owned);
    let receipt = receipt_of(&mut town, 1, |_| {});
    assert_eq!(number(&receipt).as_deref(), Some("MC-100001"));
    saves(&town, &mut browser, &format!("{DOCUMENTS}&numbers=plain"));
    let receipt = receipt_of(&mut town, 2, |_| {});
    assert_eq!(number(&receipt).as_deref(), Some("100002"));
    saves(&town, &mut browser, &format!("{DOCUMENTS}&numbers=without"));
    let receipt = receipt_of(&mut town, 3, |_| {});
    assert_eq!(number(&receipt), None, "{receipt}");
    let page = browser.opens(SETTINGS).body.replace("&#39;", "'");
    let moved = "Receipt numbers: MC-100231, marked as ours → 100231, as in MioCommerce";
    assert!(page.contains(moved), "{page}");
}

#[test]
fn where_quickbooks_numbers_by_itself_the_page_says_so_and_offers_no_choice() {
    let town = Town::new(2);
    let mut browser = opened(&town);
    browser.change(|connection| connection.company.custom_numbers = false);
    let page = browser.opens(SETTINGS).body;
    assert!(
        page.contains("switch on custom transaction numbers"),
        "{page}"
    );
    assert!(!page.contains("name=\"numbers\""), "{page}");
}

#[test]
fn a_payment_method_is_called_what_the_operator_chose() {
    let mut town = Town::new(3);
    let mut browser = opened(&town);
    let called = |receipt: &Value| receipt["PaymentMethodRef"]["value"].clone();
    assert_eq!(called(&receipt_of(&mut town, 1, |_| {})), "3", "Visa");
    saves(
        &town,
        &mut browser,
        "part=methods&called.card=6&called.cash=",
    );
    assert_eq!(called(&receipt_of(&mut town, 2, |_| {})), "6", "Debit card");
    let refused = browser.sends(SETTINGS, "part=methods&called.card=99");
    assert_eq!(refused.expect("alive").status, 403);
    let page = browser.opens(SETTINGS).body;
    assert!(page.contains("Credit card: nothing → Debit card"), "{page}");
}

#[test]
fn a_line_is_reported_under_its_services_class_else_its_teams_else_its_territorys() {
    let mut town = Town::new(4);
    let mut browser = opened(&town);
    let by = |service: Option<&'static str>, team: Option<&'static str>| {
        move |message: &mut Value| {
            for line in message["payment"]["lines"].as_array_mut().expect("lines") {
                line["service"] = json!(service);
                line["team"] = json!(team);
                line["territory"] = json!("ter_east");
            }
        }
    };
    // What the merchant has is learned from its transactions.
    receipt_of(&mut town, 1, by(Some("svc_windows"), Some("team_north")));
    let page = browser.opens(SETTINGS).body;
    for text in [
        "Class for team team_north",
        "Location for territory ter_east",
    ] {
        assert!(page.contains(text), "{text}: {page}");
    }
    saves(
        &town,
        &mut browser,
        "part=tracking&class.team.team_north=201&class.territory.ter_east=202&location.territory.ter_east=2",
    );
    let class = |receipt: &Value| {
        let line = &receipt["Line"][0]["SalesItemLineDetail"];
        line["ClassRef"]["value"].clone()
    };
    let receipt = receipt_of(&mut town, 2, by(Some("svc_windows"), Some("team_north")));
    assert_eq!(
        (class(&receipt), &receipt["DepartmentRef"]["value"]),
        (json!("201"), &json!("2"))
    );
    let receipt = receipt_of(&mut town, 3, by(None, None));
    assert_eq!(class(&receipt), "202");
    saves(
        &town,
        &mut browser,
        "part=tracking&class.service.svc_windows=202",
    );
    let receipt = receipt_of(&mut town, 4, by(Some("svc_windows"), Some("team_north")));
    assert_eq!(class(&receipt), "202");
    let refused = browser.sends(SETTINGS, "part=tracking&class.team.team_north=999");
    assert_eq!(refused.expect("alive").status, 403);
    let page = browser.opens(SETTINGS).body;
    assert!(
        page.contains("Class for team team_north: nothing → North team"),
        "{page}"
    );
}

/// A payment of somebody who is not named.
fn walk_in(message: &mut Value) {
    message["customer"] = Value::Null;
}

#[test]
fn the_customer_for_walk_ins_is_found_by_name_and_what_waited_is_booked_to_them() {
    let mut town = Town::new(5);
    let mut browser = opened(&town);
    browser.change(|connection| connection.settings.fallback_customer = None);
    let mut message: Value = serde_json::from_str(&payment(1, 3)).expect("a message");
    walk_in(&mut message);
    town.send("message-1", message.to_string());
    town.work_all();
    assert_eq!(held(&town), [ReasonCode::FallbackCustomerMissing]);
    let page = browser.opens("/quickbooks/activity/entry?kind=payment&id=pay_1");
    assert!(
        page.body
            .contains("/quickbooks/settings/customer?currency=CAD"),
        "{}",
        page.body
    );

    browser.opens(&format!("{CUSTOMER}?currency=CAD"));
    let found = browser
        .sends(CUSTOMER, "currency=CAD&choice=find&q=sam")
        .expect("alive");
    assert_eq!(found.status, 200, "a name stands in no address");
    let (_, card) = found
        .body
        .split_once("name=\"record\" value=\"")
        .expect("a record");
    let record = card.split('"').next().expect("an id").to_owned();
    let form = format!("currency=CAD&choice=record&record={record}");
    let done = browser.sends(CUSTOMER, &form).expect("alive");
    let page = browser.follows(&done);
    assert!(page.body.contains("Saved."), "{}", page.body);
    town.drain_all();
    assert_eq!(receipts(&town)[0]["CustomerRef"]["value"], record.as_str());
    let name = town.books()["Customer"]
        .as_array()
        .and_then(|all| all.iter().find(|one| one["Id"] == record.as_str()).cloned())
        .expect("the record")["DisplayName"]
        .as_str()
        .expect("a name")
        .to_owned();
    let moved = format!("Customer for walk-ins: nothing → {name}");
    assert!(page.body.contains(&moved), "{moved}: {}", page.body);
}

#[test]
fn nobody_is_found_under_a_name_that_nobody_has_and_a_wildcard_is_none() {
    let town = Town::new(6);
    let mut browser = opened(&town);
    browser.opens(&format!("{CUSTOMER}?currency=CAD"));
    for text in ["nobody+has+this", "%25", "%27+or+1%3D1"] {
        let found = browser.sends(CUSTOMER, &format!("currency=CAD&choice=find&q={text}"));
        let page = found.expect("alive").body;
        assert!(page.contains("No active customer"), "{text}: {page}");
    }
}

#[test]
fn the_customer_for_walk_ins_is_created_once_on_a_click_wherever_the_process_dies() {
    let mut deaths = 0;
    for step in 1.. {
        let mut town = Town::new(7);
        let mut browser = opened(&town);
        browser.change(|connection| connection.settings.fallback_customer = None);
        browser.opens(&format!("{CUSTOMER}?currency=CAD"));
        browser.dies_at(step);
        let lived = browser
            .sends(CUSTOMER, "currency=CAD&choice=create")
            .is_some();
        if !lived {
            deaths += 1;
            town.pass(Duration::from_secs(1));
            browser.opens(&format!("{CUSTOMER}?currency=CAD"));
            browser
                .sends(CUSTOMER, "currency=CAD&choice=create")
                .expect("alive");
        }
        let receipt = receipt_of(&mut town, 1, walk_in);
        let customers = town.books()["Customer"].clone();
        let ours: Vec<&Value> = customers
            .as_array()
            .expect("customers")
            .iter()
            .filter(|one| one["DisplayName"] == "Walk-in customers")
            .collect();
        assert_eq!(ours.len(), 1, "step {step}");
        assert_eq!(receipt["CustomerRef"]["value"], ours[0]["Id"]);
        if lived {
            break;
        }
    }
    assert!(deaths > 3, "{deaths}");
}

#[test]
fn what_is_created_is_named_in_the_language_the_operator_chose() {
    let town = Town::new(8);
    let mut browser = opened(&town);
    browser.change(|connection| {
        connection.settings.items.tip = None;
        connection
            .company
            .items
            .retain(|item| item.id.as_ref() != "25");
    });
    assert!(browser.opens(SETTINGS).body.contains("MioCommerce tips"));
    saves(&town, &mut browser, &format!("{DOCUMENTS}fr"));
    let page = browser.opens(SETTINGS).body;
    assert!(page.contains("Pourboires MioCommerce"), "{page}");
    let page = browser.opens(&format!("{CUSTOMER}?currency=CAD")).body;
    assert!(page.contains("Clients de passage"), "{page}");
}

#[test]
fn a_method_has_an_account_of_its_own_in_each_currency() {
    let mut town = Town::new(9);
    receipt_of(&mut town, 1, |_| {});
    let mut browser = opened(&town);
    browser.change(|connection| {
        connection.company.multicurrency = true;
        connection.company.currencies = Some(vec![bookkeeping::money::Currency::USD]);
    });
    let page = browser.opens(SETTINGS).body;
    assert!(page.contains("Credit card (USD): payments go to"), "{page}");
    saves(
        &town,
        &mut browser,
        "part=deposits&undeposited_funds=90&deposit.card.USD=35",
    );
    let settings = browser.connection().expect("connected").settings;
    let (_, by_method) = settings
        .deposits
        .by_currency
        .first_key_value()
        .expect("one");
    assert_eq!(by_method["card"].as_ref(), "35");
    let page = browser.opens(SETTINGS).body;
    assert!(
        page.contains("Credit card (USD): payments go to: nothing → "),
        "{page}"
    );
    saves(
        &town,
        &mut browser,
        "part=deposits&undeposited_funds=90&deposit.card.USD=",
    );
    let settings = browser.connection().expect("connected").settings;
    assert!(settings.deposits.by_currency.is_empty());
}

// R10: a period that is closed in QuickBooks may be opened again there
#[test]
fn the_day_quickbooks_closes_its_books_through_stays_quickbooks_own() {
    let town = Town::new(9);
    let mut browser = opened(&town);
    let closes = |browser: &mut Browser, day: Value| {
        let set = json!({"AccountingInfoPrefs": {"BookCloseDate": day}});
        browser.edits_in_quickbooks("Preferences", "1", &set);
    };
    let own = |browser: &Browser| {
        let settings = browser.connection().expect("connected").settings;
        settings.closed_through.map(|day| day.to_string())
    };
    let refresh = "/quickbooks/settings/refresh";
    closes(&mut browser, json!("2026-10-31"));
    browser.sends(refresh, "back=settings").expect("alive");
    let page = browser.opens(SETTINGS).body;
    assert!(page.contains("QuickBooks says October 31, 2026"), "{page}");
    let (_, field) = page
        .split_once("name=\"closed_through\" value=\"")
        .expect("a day");
    let day = field.split('"').next().expect("a value");
    let form = DOCUMENTS.replace("closed_through=", &format!("closed_through={day}"));
    saves(&town, &mut browser, &form);
    assert_eq!(own(&browser), None, "saved as the operator's own");

    // Said once more where it is asked for one transaction: it is QuickBooks' day still.
    let asked = "closed_through=2026-10-31";
    browser.sends(refresh, asked).expect("alive");
    assert_eq!(own(&browser), None);
    let later = "closed_through=2026-11-15";
    browser.sends(refresh, later).expect("alive");
    assert_eq!(own(&browser).as_deref(), Some("2026-11-15"));
    saves(&town, &mut browser, &form);
    closes(&mut browser, Value::Null);
    browser.sends(refresh, "back=settings").expect("alive");
    let connection = browser.connection().expect("connected");
    let october = "2026-10-15".parse().expect("a day");
    assert_eq!(connection.dated(october), (october, None));
}

// R28: what is said after a click is so
#[test]
fn a_customer_for_walk_ins_that_could_not_be_created_is_said_to_be_that() {
    for (trouble, says) in [
        (
            json!({"kind": "fault", "code": "6240"}),
            "somebody in QuickBooks has that name",
        ),
        (
            json!({"kind": "fault", "code": "6190"}),
            "subscription has ended",
        ),
        (json!({"kind": "lose_answer"}), "We do not know yet"),
    ] {
        let town = Town::new(10);
        let mut browser = opened(&town);
        browser.opens(&format!("{CUSTOMER}?currency=CAD"));
        let mut trouble = trouble;
        trouble["realm"] = json!(REALM);
        trouble["operation"] = json!("customer.create");
        trouble["times"] = json!(1);
        browser.trouble(&trouble);
        let create = "currency=CAD&choice=create";
        let stopped = browser.sends(CUSTOMER, create).expect("alive");
        let page = browser.follows(&stopped).body;
        assert!(page.contains(says), "{says}: {page}");
        assert!(!page.contains("did not answer"), "{page}");
        let done = browser.sends(CUSTOMER, create).expect("alive");
        let page = browser.follows(&done).body;
        assert!(page.contains("Saved."), "after {says}: {page}");
    }
}
