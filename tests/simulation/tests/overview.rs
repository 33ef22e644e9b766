//! The overview: how much is in QuickBooks, what needs the operator, and how far it is with what waited (R33).
#![recursion_limit = "256"]

mod browser;

use std::time::Duration;

use browser::Browser;
use simulation::payments::{of_one_of_two, payment};
use simulation::town::{REALM, Town};
use simulator::{Trouble, TroubleKind};

const ACTIVITY: &str = "/quickbooks/activity";
const DECIDE: &str = "/quickbooks/activity/decide";

#[test]
fn the_overview_says_first_how_much_is_in_quickbooks_and_what_needs_the_operator() {
    let mut town = Town::new(8);
    let mut browser = Browser::opened(&town);
    let mut first_line = || {
        let page = browser.opens("/quickbooks").body;
        let (_, line) = page.split_once("<h1>").expect("a first line");
        line.split("</h1>").next().expect("its end").to_owned()
    };
    assert_eq!(first_line(), "Nothing was received yet this month");
    town.send("message-1", payment(1, 3));
    town.work_all();
    assert_eq!(
        first_line(),
        "The one transaction received is in QuickBooks."
    );
    town.send("message-2", payment(2, 3));
    town.work_all();
    assert_eq!(
        first_line(),
        "All 2 transactions received are in QuickBooks."
    );
    town.send("message-3", of_one_of_two(3));
    town.work_all();
    assert_eq!(
        first_line(),
        "In QuickBooks: 2 of 3 transactions received. One needs you."
    );
}

#[test]
fn the_overview_shows_how_far_it_is_with_what_waited() {
    let mut town = Town::new(9);
    for number in [1, 4] {
        town.send(&format!("message-{number}"), of_one_of_two(number));
    }
    town.work_all();
    let mut browser = Browser::opened(&town);
    let retried = browser.sends(DECIDE, "choice=retry-all&reason=customer_ambiguous");
    assert_eq!(retried.expect("alive").status, 303);
    let page = browser.opens("/quickbooks");
    for text in [
        "Connected, catching up",
        "0 of 2 that waited are in QuickBooks by now.",
        "<progress max=\"2\" value=\"0\">",
    ] {
        assert!(page.body.contains(text), "{text}: {}", page.body);
    }
}

#[test]
fn the_overview_says_what_holds_everything_up_and_its_button_sends_it_all_again() {
    let mut town = Town::new(11);
    let trouble = |town: &Town, trouble: Trouble| {
        let now = town.outside.waits.clock.now();
        let trouble = trouble.at(REALM).on("salesreceipt.create");
        town.outside.intuit.borrow_mut().trouble(now, trouble);
    };
    trouble(&town, Trouble::new(TroubleKind::Throttle));
    for number in 1..=60 {
        town.send(&format!("message-{number}"), payment(number, 3));
    }
    town.work_all();
    let mut refusal = Trouble::new(TroubleKind::Fault).times(0);
    refusal.code = Some("6430".to_owned());
    trouble(&town, refusal);
    for _ in 0..12 {
        town.drain_next();
    }
    let mut browser = Browser::opened(&town);
    let page = browser.opens("/quickbooks");
    for text in [
        "Connected, held up",
        "one is tried each hour",
        "It is mended: send again",
    ] {
        assert!(page.body.contains(text), "{text}: {}", page.body);
    }

    trouble(&town, Trouble::new(TroubleKind::None));
    let again = browser.chooses(&page, DECIDE, "retry-all");
    assert_eq!(again.expect("a button").status, 303);
    town.drain_all();
    assert_eq!(town.receipts().len(), 60);
    let page = browser.opens("/quickbooks");
    assert!(!page.body.contains("held up"), "{}", page.body);
}

#[test]
fn what_has_needed_the_operator_for_months_still_stands_on_the_overview() {
    let mut town = Town::new(14);
    town.send("message-1", of_one_of_two(1));
    town.work_all();
    town.pass(Duration::from_secs(70 * 24 * 3_600));
    let page = Browser::opened(&town).opens("/quickbooks").body;
    assert!(page.contains("One transaction needs you"), "{page}");
}

#[test]
fn of_more_than_fits_a_page_it_is_said_that_it_is_at_least_so_many() {
    let mut town = Town::new(15);
    for number in 1..=101 {
        town.send(&format!("message-{number}"), of_one_of_two(number));
    }
    town.work_all();
    let mut browser = Browser::opened(&town);
    for address in ["/quickbooks", ACTIVITY] {
        let page = browser.opens(address).body;
        assert!(page.contains("At least 100 transactions need"), "{page}");
    }
}

// R33: how much is in QuickBooks is counted exactly, in as many reads however much it is
#[test]
fn the_overview_counts_a_hundred_thousand_exactly_in_as_many_steps_as_a_hundred() {
    let overview = |count: u64| {
        let mut town = Town::new(12);
        town.send("message-1", payment(1, 3));
        town.work_all();
        {
            let mut tables = town.outside.tables.borrow_mut();
            let (key, one) = tables.ledger.iter().next().expect("a transaction");
            let (key, one) = (key.clone(), one.clone());
            for number in 2..=count {
                let mut key = key.clone();
                key.id = format!("pay_{number}");
                let mut one = one.clone();
                let listed = one.listed.take();
                one.listed =
                    listed.map(|listed| listed.replace("#pay_1#", &format!("#{}#", key.id)));
                tables.ledger.insert(key, one);
            }
        }
        let mut browser = Browser::opened(&town);
        let mut steps = Vec::new();
        let mut pages = Vec::new();
        for page in [
            "/quickbooks",
            ACTIVITY,
            "/quickbooks/taxes",
            "/quickbooks/settings",
            "/quickbooks/statement?month=2026-11",
        ] {
            let before = town.outside.waits.fate.steps();
            pages.push(browser.opens(page).body);
            steps.push(town.outside.waits.fate.steps() - before);
        }
        (steps, pages.swap_remove(0))
    };
    let (few, page) = overview(100);
    assert!(
        page.contains("All 100 transactions received are in QuickBooks."),
        "{page}"
    );
    let (many, page) = overview(100_000);
    assert!(
        page.contains("All 100,000 transactions received are in QuickBooks."),
        "{page}"
    );
    assert_eq!(few, many, "calls of the store, page by page");
    let sum = 100_000 * i64::try_from(simulation::payments::amount(1)).expect("small");
    let shown = page.replace(',', "");
    assert!(
        shown.contains(&format!("CAD {}.{:02} received", sum / 100, sum % 100)),
        "{page}"
    );
}

#[test]
fn what_is_no_longer_held_and_still_listed_ends_no_count() {
    let mut town = Town::new(18);
    for number in 1..=160 {
        town.send(&format!("message-{number}"), of_one_of_two(number));
    }
    town.work_all();
    town.outside.tables.borrow_mut().index.lag = Duration::from_secs(3_600);
    let mut browser = Browser::opened(&town);
    for number in 1..=70 {
        let retry = format!("choice=retry&kind=payment&id=pay_{number}");
        browser.sends(DECIDE, &retry).expect("alive");
    }
    for address in ["/quickbooks", ACTIVITY] {
        let page = browser.opens(address).body;
        assert!(page.contains(">90 transactions need you<"), "{page}");
    }
}

#[test]
fn what_needs_the_operator_is_read_once_for_the_overview() {
    let mut town = Town::new(19);
    town.send("message-0", payment(1, 3));
    town.work_all();
    let mut browser = Browser::opened(&town);
    let mut reads = |town: &Town| {
        let before = town.outside.waits.fate.steps();
        browser.opens("/quickbooks");
        town.outside.waits.fate.steps() - before
    };
    let without = reads(&town);
    for number in 2..=90 {
        town.send(&format!("message-{number}"), of_one_of_two(number));
    }
    town.work_all();
    // One call more, of two steps: where nothing is held its end is read alone.
    let with = reads(&town);
    assert_eq!(with, without + 2);
}
