//! The operator's list: every transaction with its state and its story, found again, a page at a time (R33).
#![recursion_limit = "256"]

mod browser;

use std::time::Duration;

use browser::Browser;
use simulation::payments::{amount, payment, refund};
use simulation::town::Town;

const ACTIVITY: &str = "/quickbooks/activity";

#[test]
fn the_list_shows_each_transaction_with_its_state_and_its_receipt() {
    let mut town = Town::new(1);
    town.send("message-1", payment(1, 3));
    town.send("message-2", refund(1, 1, 1_000, 3));
    let coupon = payment(2, 3).replace(r#""method":"card""#, r#""method":"coupon""#);
    town.send("message-3", coupon);
    town.work_all();
    let mut browser = Browser::opened(&town);
    let page = browser.opens(ACTIVITY);
    for text in [
        "Payment 100001",
        "Refund R-200001",
        "Payment 100002",
        "In QuickBooks",
        "Left out",
        "MC-100001",
    ] {
        assert!(page.body.contains(text), "{text}: {}", page.body);
    }
    assert!(page.body.contains("−CAD 10.00"), "{}", page.body);
    let page = browser.opens(&format!("{ACTIVITY}/entry?kind=payment&id=pay_1"));
    for text in [
        "Open in QuickBooks",
        "salesreceipt",
        "Received from MioCommerce",
        "As it was posted",
        "CAD",
    ] {
        assert!(page.body.contains(text), "{text}: {}", page.body);
    }
}

#[test]
fn a_search_finds_by_state_number_amount_and_customer() {
    let mut town = Town::new(2);
    for number in 1..=8 {
        town.send(&format!("message-{number}"), payment(number, 4));
    }
    let coupon = payment(9, 4).replace(r#""method":"card""#, r#""method":"coupon""#);
    town.send("message-9", coupon);
    town.work_all();
    let mut browser = Browser::opened(&town);
    let mut found = |query: &str| -> usize {
        let page = browser.opens(&format!("{ACTIVITY}?{query}"));
        page.body.matches("<li><a href=").count()
    };
    assert_eq!(found(""), 9);
    assert_eq!(found("state=skipped"), 1);
    assert_eq!(found("q=100004"), 1);
    assert_eq!(found("q=MC-100004"), 1);
    assert_eq!(found("q=cus_1"), 3);
    let cents = amount(4);
    let paid = format!("q=CAD+{}.{:02}", cents / 100, cents % 100);
    assert_eq!(
        found(&paid),
        found(&paid.replace("CAD+", "").replace('.', ","))
    );
    assert!(found(&paid) > 0, "as the list prints it: {paid}");
    assert_eq!(found("kind=refund"), 0);
    assert_eq!(found("from=2026-11-23"), 0);
    assert_eq!(found("to=2026-11-22"), 9);
    assert_eq!(found("from=2026-12-01&to=2026-11-01"), 0);
    assert_eq!(found("from=yesterday"), 9);
    assert_eq!(found("q=%3Cscript%3E"), 0);
}

#[test]
fn the_list_says_from_which_day_on_it_is_and_goes_on_before_it() {
    let mut town = Town::new(16);
    town.send("message-1", payment(1, 3));
    town.work_all();
    town.pass(Duration::from_secs(70 * 24 * 3_600));
    let mut browser = Browser::opened(&town);
    let page = browser.opens(ACTIVITY).body;
    assert!(page.contains(r#"name="from" value="2026-11-26""#), "{page}");
    assert!(page.contains("Nothing since Nov 26, 2026"), "{page}");
    assert!(page.contains("Before Nov 26, 2026"), "{page}");
    let found = |page: &str| page.matches("<li><a href=").count();
    let (before, _) = page.split_once("Before Nov").expect("a way back");
    let (_, address) = before.rsplit_once("href=\"").expect("an address");
    let address = address.split('"').next().expect("its end");
    let address = address.replace("&amp;", "&").replace("&#38;", "&");
    let page = browser.opens(&address).body;
    assert_eq!(found(&page), 1);
    assert!(
        !page.contains(">Before "),
        "it ends where nothing is listed: {page}"
    );
    assert_eq!(
        found(&browser.opens(&format!("{ACTIVITY}?to=2026-11-25")).body),
        1
    );
    let none = browser.opens(&format!("{ACTIVITY}?to=2026-11-20")).body;
    assert!(none.contains("Nothing was found"), "{none}");
}

#[test]
fn a_long_list_is_shown_a_page_at_a_time_in_as_many_reads_as_a_short_one() {
    let reads = |count: u64| {
        let mut town = Town::new(3);
        for number in 1..=count {
            town.send(&format!("message-{number}"), payment(number, 2));
        }
        town.work_all();
        let mut browser = Browser::opened(&town);
        let before = town.outside.waits.fate.steps();
        let page = browser.opens(ACTIVITY);
        (page, town.outside.waits.fate.steps() - before, browser)
    };
    let (_, few, _) = reads(5);
    let (page, many, mut browser) = reads(120);
    assert_eq!(few, many, "steps");
    let (_, more) = page
        .body
        .split_once("button second\" href=\"")
        .expect("older ones");
    let more = more
        .split('"')
        .next()
        .expect("an address")
        .replace("&amp;", "&")
        .replace("&#38;", "&");
    let next = browser.opens(&more);
    assert_eq!(next.body.matches("<li><a href=").count(), 50);
    let shown = |page: &str| {
        page.split("id=pay_")
            .skip(1)
            .map(|rest| rest.split('"').next().unwrap_or_default().to_owned())
            .collect::<std::collections::BTreeSet<_>>()
    };
    assert!(shown(&page.body).is_disjoint(&shown(&next.body)));
}
