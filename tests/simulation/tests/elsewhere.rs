//! What belongs to a company that was left: never sent to another, never thrown away, and sent when the company is back.
#![recursion_limit = "256"]

mod browser;

use std::time::Duration;

use browser::{Browser, OTHER_COMPANY};
use common::store::Standing;
use simulation::payments::payment;
use simulation::town::{REALM, Town};

fn standings(town: &Town) -> Vec<(Standing, Option<String>)> {
    let tables = town.outside.tables.borrow();
    let stands = tables.ledger.values();
    stands
        .map(|stands| {
            let reason = stands.row.reason.as_ref();
            let code = reason.map(|reason| reason.code.as_str().to_owned());
            (stands.row.standing, code)
        })
        .collect()
}

/// Three payments wait for a company that QuickBooks shut us out of, and the operator starts afresh with another.
fn left_behind(town: &mut Town, browser: &mut Browser) {
    browser.set_state("reconnect_needed/revoked");
    for number in 1..=3 {
        town.send(&format!("message-{number}"), payment(number, 3));
    }
    browser.pass(Duration::from_secs(60));
    town.work_all();
    let refused = browser.consents_to(OTHER_COMPANY);
    let to_intuit = browser.presses(&refused, "/quickbooks/fresh-start");
    let page = browser.consents(&to_intuit, OTHER_COMPANY);
    assert!(browser.follows(&page).body.contains("Saint-Denis"));
}

// R26: what was waiting for the old company is never sent to the new one
#[test]
fn what_waited_for_a_company_that_was_left_is_held_for_it_and_never_touches_the_new_one() {
    let mut town = Town::new(1);
    let mut browser = Browser::beside(town.outside.clone());
    left_behind(&mut town, &mut browser);
    town.drain_all();
    let held = (Standing::Held, Some("other_company".to_owned()));
    assert_eq!(standings(&town), [held.clone(), held.clone(), held]);
    assert_eq!(browser.writes(OTHER_COMPANY), 0, "not even a customer");
    let tables = town.outside.tables.borrow();
    for (key, stands) in &tables.ledger {
        assert!(stands.payload.is_some(), "{key} is kept");
    }
}

// R26
#[test]
fn what_was_held_for_a_company_is_sent_when_it_is_connected_again() {
    let mut town = Town::new(2);
    let mut browser = Browser::beside(town.outside.clone());
    let settings = browser.connection().expect("connected").settings;
    left_behind(&mut town, &mut browser);
    town.drain_all();
    let refused = browser.consents_to(REALM);
    let to_intuit = browser.presses(&refused, "/quickbooks/fresh-start");
    let page = browser.consents(&to_intuit, REALM);
    assert!(browser.follows(&page).body.contains("Laurier"));
    // A fresh start begins with fresh settings; the operator chooses the same again.
    browser.change(|connection| connection.settings = settings);
    town.drain_all();
    let all = standings(&town);
    assert_eq!(all, vec![(Standing::Synced, None); 3]);
    assert_eq!(town.receipts().len(), 3);
}

// R2: the same payment with other figures is kept, also where the first waits for the same
#[test]
fn a_conflicting_message_is_kept_where_the_first_waits_in_line() {
    let mut town = Town::new(3);
    let browser = Browser::beside(town.outside.clone());
    browser.set_state("reconnect_needed/revoked");
    browser.pass(Duration::from_secs(60));
    town.send("first", payment(1, 1));
    town.work_all();
    let changed = payment(2, 1)
        .replace("pay_2", "pay_1")
        .replace("100002", "100001");
    town.send("other", changed);
    town.work_all();
    let tables = town.outside.tables.borrow();
    let conflict = ("other".to_owned(), "conflict".to_owned());
    assert!(tables.kept.contains(&conflict), "{:?}", tables.kept);
}
