//! What belongs to a company that was left: never sent to another, never thrown away, and sent when the company is back.
#![recursion_limit = "256"]

mod browser;

use std::time::Duration;

use bookkeeping::settings::Settings;
use browser::{Browser, OTHER_COMPANY};
use common::store::Standing;
use simulation::payments::{amount, payment};
use simulation::town::{REALM, Town};
use simulator::{Trouble, TroubleKind};

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

/// The operator starts afresh with another company.
fn leaves(browser: &mut Browser) {
    browser.set_state("reconnect_needed/revoked");
    let refused = browser.consents_to(OTHER_COMPANY);
    let to_intuit = browser.presses(&refused, "/quickbooks/fresh-start");
    let page = browser.consents(&to_intuit, OTHER_COMPANY);
    assert!(browser.follows(&page).body.contains("Saint-Denis"));
}

/// The operator comes back to the first company, with the settings it had.
fn comes_back(browser: &mut Browser, settings: Settings) {
    let refused = browser.consents_to(REALM);
    let to_intuit = browser.presses(&refused, "/quickbooks/fresh-start");
    let page = browser.consents(&to_intuit, REALM);
    assert!(browser.follows(&page).body.contains("Laurier"));
    browser.change(|connection| connection.settings = settings);
}

/// Three payments wait for a company that QuickBooks shut us out of, and the operator starts afresh with another.
fn left_behind(town: &mut Town, browser: &mut Browser) {
    browser.set_state("reconnect_needed/revoked");
    for number in 1..=3 {
        town.send(&format!("message-{number}"), payment(number, 3));
    }
    browser.pass(Duration::from_secs(60));
    town.work_all();
    leaves(browser);
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
    // A fresh start begins with fresh settings; the operator chooses the same again.
    comes_back(&mut browser, settings);
    town.drain_all();
    let all = standings(&town);
    assert_eq!(all, vec![(Standing::Synced, None); 3]);
    assert_eq!(town.receipts().len(), 3);
}

// R26: its own company alone can say what became of it
#[test]
fn what_may_be_in_a_company_that_was_left_waits_for_it_quietly() {
    let mut town = Town::new(4);
    let mut browser = Browser::beside(town.outside.clone());
    let settings = browser.connection().expect("connected").settings;
    let lost = Trouble::new(TroubleKind::LoseAnswer).on("salesreceipt.create");
    let now = town.outside.waits.clock.now();
    town.outside.intuit.borrow_mut().trouble(now, lost);
    town.send("message-1", payment(1, 1));
    town.work_all();
    leaves(&mut browser);
    let told = town.outside.told.borrow().len();
    for _ in 0..10 {
        town.drain_next();
    }
    let news = town.outside.told.borrow().len() - told;
    assert!(news <= 12, "told {news} times by ten drains");
    comes_back(&mut browser, settings);
    town.drain_all();
    assert_eq!(standings(&town), [(Standing::Synced, None)]);
    assert_eq!(town.receipts().len(), 1);
}

// R26
#[test]
fn who_died_over_a_payment_before_its_company_was_left_does_not_hold_up_the_queue() {
    let mut is_claimed = false;
    for step in 1.. {
        let mut town = Town::new(5);
        let mut browser = Browser::beside(town.outside.clone());
        let settings = browser.connection().expect("connected").settings;
        town.outside.waits.fate.die_at(Some(step));
        town.send("message-1", payment(1, 1));
        let lived = town.work();
        town.outside.waits.fate.die_at(None);
        let stands = standings(&town);
        is_claimed |= matches!(stands[..], [(Standing::Claimed, _)]);
        if lived {
            break;
        }
        leaves(&mut browser);
        browser.pass(Duration::from_secs(400));
        town.work();
        town.work();
        assert!(!town.has_work(), "killed at step {step}: it goes round");
        let company = if stands.is_empty() {
            OTHER_COMPANY
        } else {
            REALM
        };
        if company == REALM {
            let other = town.outside.intuit.borrow().receipts(OTHER_COMPANY);
            assert!(other.is_empty(), "killed at step {step}: {other:?}");
            comes_back(&mut browser, settings);
            town.drain_all();
            assert_eq!(town.receipts().len(), 1, "killed at step {step}");
        }
    }
    assert!(is_claimed, "nobody died over a claim");
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

// R2: the other message is done once it is kept, whoever is at the first
#[test]
fn a_conflicting_message_does_not_hold_up_the_queue_while_somebody_died_over_the_first() {
    let mut is_claimed = false;
    for step in 1.. {
        let mut town = Town::new(6);
        town.outside.waits.fate.die_at(Some(step));
        town.send("first", payment(1, 1));
        let lived = town.work();
        town.outside.waits.fate.die_at(None);
        if lived {
            break;
        }
        if !matches!(standings(&town)[..], [(Standing::Claimed, _)]) {
            continue;
        }
        is_claimed = true;
        let changed = payment(2, 1)
            .replace("pay_2", "pay_1")
            .replace("100002", "100001");
        town.send("other", changed);
        town.work_all();
        let receipts = town.receipts();
        assert_eq!(receipts.len(), 1, "killed at step {step}");
        assert_eq!(receipts[0].total, amount(1), "killed at step {step}");
        let conflict = ("other".to_owned(), "conflict".to_owned());
        let kept = &town.outside.tables.borrow().kept;
        assert!(kept.contains(&conflict), "killed at step {step}: {kept:?}");
    }
    assert!(is_claimed, "nobody died over a claim");
}
