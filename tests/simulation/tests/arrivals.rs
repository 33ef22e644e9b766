//! What arrives while the operator has disconnected: kept, never sent by itself, and asked about afterwards (R31).
#![recursion_limit = "256"]

mod browser;

use std::time::Duration;

use bookkeeping::reason::{Reason, ReasonCode};
use browser::Browser;
use common::store::Standing;
use common::web::Response;
use serde_json::json;
use simulation::payments::payment;
use simulation::town::{REALM, Town};

const DISCONNECT: &str = "/quickbooks/disconnect";

const ARRIVALS: &str = "/quickbooks/activity/arrivals";

/// Three payments arrive between disconnecting and reconnecting; gives the page after it.
fn reconnected_after_three(seed: u64) -> (Town, Browser, Response) {
    let mut town = Town::new(seed);
    let mut browser = Browser::beside(town.outside.clone());
    let opened = browser.launches("/quickbooks", &json!({}));
    let page = browser.follows(&opened);
    let done = browser.presses(&page, "/quickbooks/disconnect");
    assert_eq!(done.status, 303, "{}", done.body);
    // As long as any process may believe what it read before.
    browser.pass(Duration::from_secs(30));
    for number in 1..=3 {
        town.send(&format!("message-{number}"), payment(number, 3));
    }
    town.work_all();
    browser.pass(Duration::from_secs(30));
    let page = browser.connects_to(REALM);
    (town, browser, page)
}

fn standings(town: &Town) -> Vec<(Standing, bool)> {
    let tables = town.outside.tables.borrow();
    let stands = tables.ledger.values();
    let stands = stands.map(|stands| (stands.row.standing, stands.place.is_some()));
    stands.collect()
}

/// How often MioCommerce was told this, repeats of one telling dropped.
fn told(town: &Town, what: &str) -> usize {
    let told = town.outside.told.borrow();
    let ids = told.iter().filter(|told| told.body.contains(what));
    let mut ids: Vec<String> = ids.map(|told| told.id.clone()).collect();
    ids.sort();
    ids.dedup();
    ids.len()
}

#[test]
fn what_arrived_while_disconnected_is_never_sent_by_itself_and_is_sent_on_the_operators_word() {
    let (mut town, mut browser, page) = reconnected_after_three(1);
    assert!(
        page.body
            .contains("3 transactions arrived while QuickBooks was disconnected"),
        "{}",
        page.body
    );
    town.drain_all();
    assert!(town.receipts().is_empty(), "nobody has said yes");

    let done = browser.chooses(&page, ARRIVALS, "send").expect("alive");
    let page = browser.follows(&done);
    assert!(page.body.contains("They are being sent"), "{}", page.body);
    assert!(!page.body.contains("transactions arrived"), "{}", page.body);
    town.drain_all();
    assert_eq!(town.receipts().len(), 3);
    assert_eq!(standings(&town), [(Standing::Synced, false); 3]);
    assert_eq!(told(&town, "transaction.synced"), 3);
    let page = browser.opens("/quickbooks/activity/entry?kind=payment&id=pay_1");
    let by = "To be sent after all, decided by you";
    assert!(page.body.contains(by), "{}", page.body);
}

#[test]
fn what_needs_the_operator_is_shown_however_much_arrived_before_it() {
    let mut town = Town::new(9);
    let mut browser = Browser::beside(town.outside.clone());
    let opened = browser.launches("/quickbooks", &json!({}));
    let page = browser.follows(&opened);
    browser.presses(&page, DISCONNECT);
    browser.pass(Duration::from_secs(30));
    for number in 1..=120 {
        town.send(&format!("message-{number}"), payment(number, 3));
    }
    town.work_all();
    browser.pass(Duration::from_secs(30));
    browser.connects_to(REALM);
    {
        let mut tables = town.outside.tables.borrow_mut();
        let held = tables.ledger.values_mut().last().expect("a transaction");
        held.row.reason = Some(Reason::new(ReasonCode::CustomerAmbiguous));
    }
    for address in ["/quickbooks", "/quickbooks/activity"] {
        let page = browser.opens(address).body;
        assert!(page.contains("One transaction needs you"), "{page}");
    }
}

#[test]
fn what_is_left_out_is_told_so_and_stays_out_when_it_is_delivered_again() {
    let (mut town, mut browser, page) = reconnected_after_three(2);
    let done = browser
        .chooses(&page, ARRIVALS, "leave-out")
        .expect("alive");
    let page = browser.follows(&done);
    assert!(page.body.contains("They were left out"), "{}", page.body);
    town.drain_all();
    assert_eq!(standings(&town), [(Standing::Skipped, false); 3]);
    assert_eq!(told(&town, "left_out"), 3);

    town.send("again", payment(2, 3));
    town.work_all();
    assert!(town.receipts().is_empty());
    assert_eq!(standings(&town), [(Standing::Skipped, false); 3]);
}

#[test]
fn wherever_a_disconnecting_dies_what_arrives_after_it_is_asked_about() {
    let mut deaths = 0;
    for (step, one_between) in (1..).flat_map(|step| [(step, false), (step, true)]) {
        let mut town = Town::new(5);
        let mut browser = Browser::beside(town.outside.clone());
        let page = browser.sees();
        browser.dies_at(step);
        let lived = browser.presses_or_dies(&page, DISCONNECT).is_some();
        // As long as any process may believe what it read before.
        browser.pass(Duration::from_secs(30));
        if one_between {
            town.send("between", payment(1, 3));
            town.work_all();
        }
        let page = browser.sees();
        if page.body.contains(DISCONNECT) {
            browser.presses(&page, DISCONNECT);
        }
        browser.pass(Duration::from_secs(30));
        town.send("after", payment(2, 3));
        town.work_all();
        let sent = town.receipts().len();
        browser.pass(Duration::from_secs(30));
        let page = browser.connects_to(REALM);
        town.drain_all();
        let what = format!("step {step}, one between: {one_between}");
        assert_eq!(town.receipts().len(), sent, "{what}: nobody has said yes");
        let asks = match (one_between, sent) {
            (true, 0) => "2 transactions arrived",
            _ => "One transaction arrived",
        };
        assert!(page.body.contains(asks), "{what}: {}", page.body);
        if lived && one_between {
            break;
        }
        deaths += u64::from(!lived);
    }
    assert!(deaths > 20, "{deaths} deaths");
}

// R27
#[test]
fn what_arrived_while_sync_was_off_goes_by_itself_once_the_company_fits() {
    let mut town = Town::new(6);
    let mut browser = Browser::beside(town.outside.clone());
    browser.change(|connection| connection.off = Some(Reason::new(ReasonCode::SyncOff)));
    browser.pass(Duration::from_secs(30));
    town.send("message-1", payment(1, 3));
    town.work_all();
    assert_eq!(standings(&town), [(Standing::Held, true)]);
    browser.pass(Duration::from_secs(30));
    browser.connects_to(REALM);
    town.drain_all();
    assert_eq!(standings(&town), [(Standing::Synced, false)]);
}

#[test]
fn a_viewer_is_not_asked_and_cannot_decide() {
    let (town, browser, _) = reconnected_after_three(3);
    let mut viewer = browser.without_cookies();
    let opened = viewer.launches("/quickbooks", &json!({"role": "viewer", "sub": "op_2"}));
    let page = viewer.follows(&opened);
    assert!(page.body.contains("3 transactions"), "{}", page.body);
    assert!(!page.body.contains(ARRIVALS), "{}", page.body);
    let refused = viewer.posts(ARRIVALS, "choice=send");
    assert_eq!(refused.status, 403);
    assert_eq!(standings(&town), [(Standing::Held, true); 3]);
}

#[test]
fn wherever_the_process_dies_over_the_decision_pressing_again_decides_the_rest_once() {
    for choice in ["send", "leave-out"] {
        let mut deaths = 0;
        for step in 1.. {
            let (mut town, mut browser, page) = reconnected_after_three(4);
            browser.dies_at(step);
            if browser.chooses(&page, ARRIVALS, choice).is_some() {
                break;
            }
            deaths += 1;
            town.drain_all();
            let opened = browser.launches("/quickbooks", &json!({}));
            let page = browser.follows(&opened);
            if page.body.contains(ARRIVALS) {
                browser.chooses(&page, ARRIVALS, choice).expect("alive");
            }
            town.drain_all();
            let (receipts, standing) = match choice {
                "send" => (3, Standing::Synced),
                _ => (0, Standing::Skipped),
            };
            assert_eq!(town.receipts().len(), receipts, "{choice}, step {step}");
            assert_eq!(
                standings(&town),
                [(standing, false); 3],
                "{choice}, step {step}"
            );
        }
        assert!(deaths >= 3, "{deaths} places to die at");
    }
}

// R28, R31: there may be months of them
#[test]
fn of_more_arrivals_than_somebody_waits_for_the_rest_is_asked_about_again() {
    for (choice, becomes) in [("send", Standing::Synced), ("leave-out", Standing::Skipped)] {
        let (mut town, mut browser, page) = reconnected_after_three(9);
        let slow = |time| town.outside.tables.borrow_mut().slow = time;
        slow(Some(Duration::from_secs(11)));
        let done = browser.chooses(&page, ARRIVALS, choice).expect("alive");
        slow(None);
        let page = browser.follows(&done);
        let says = "Press once more for the rest";
        assert!(page.body.contains(says), "{}", page.body);
        assert!(
            page.body.contains("3 transactions arrived"),
            "{}",
            page.body
        );
        let done = browser.chooses(&page, ARRIVALS, choice).expect("alive");
        assert!(!browser.follows(&done).body.contains("transactions arrived"));
        town.drain_all();
        assert_eq!(standings(&town), [(becomes, false); 3]);
    }
}
