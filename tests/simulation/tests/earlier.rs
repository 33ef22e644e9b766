//! What was recorded in a company that was left says so, and is never read by the lists of the present one (R26).
#![recursion_limit = "256"]

mod browser;

use bookkeeping::company::Company;
use bookkeeping::connection::Connection;
use browser::{Browser, OTHER_COMPANY};
use serde_json::{Value, json};
use simulation::payments::{of_one_of_two, payment, refund};
use simulation::town::{REALM, Town};

const ENTRY: &str = "/quickbooks/activity/entry?kind=payment&id=pay_1";
const REFUND: &str = "/quickbooks/activity/entry?kind=refund&id=ref_1";
const STATEMENT: &str = "/quickbooks/statement?month=2026-11";

/// The operator starts afresh with another company.
fn moves(browser: &mut Browser, from: &str, to: &str) {
    if from == REALM {
        browser.set_state("reconnect_needed/revoked");
    }
    let refused = browser.consents_to(to);
    let to_intuit = browser.presses(&refused, "/quickbooks/fresh-start");
    let page = browser.consents(&to_intuit, to);
    browser.follows(&page);
}

/// A payment and a part of it paid back, recorded in a company that was then left for another.
fn left(seed: u64) -> (Town, Browser, Connection) {
    let mut town = Town::new(seed);
    town.send("message-1", payment(1, 3));
    town.send("message-2", refund(1, 1, 1_000, 3));
    town.work_all();
    let mut browser = Browser::beside(town.outside.clone());
    let before = browser.connection().expect("connected");
    moves(&mut browser, REALM, OTHER_COMPANY);
    (town, browser, before)
}

/// Every name in a company's lists of what a receipt is made of.
fn names(company: &Company) -> Vec<String> {
    let items = company.items.iter().map(|item| item.name.clone());
    let codes = company.tax_codes.iter().map(|code| code.name.clone());
    let rates = company.tax_codes.iter().flat_map(|code| &code.rates);
    let rates = rates.map(|rate| rate.name.clone());
    items.chain(codes).chain(rates).collect()
}

/// What a page says beneath a heading, up to the end of the part.
fn part<'a>(page: &'a str, heading: &str) -> &'a str {
    let (_, rest) = page.split_once(heading).expect("the heading");
    rest.split("</section>").next().expect("its end")
}

#[test]
fn what_was_posted_in_a_company_that_was_left_names_that_company_and_nothing_of_the_present_ones_lists()
 {
    let (_town, mut browser, before) = left(1);
    let present = browser.connection().expect("connected").company;
    // The same ids are others' here: there is something to mix up.
    let shared = |list: &[&str]| {
        list.iter().any(|id| {
            before
                .company
                .items
                .iter()
                .any(|item| item.id.as_ref() == *id)
        })
    };
    let ids: Vec<&str> = present.items.iter().map(|item| item.id.as_ref()).collect();
    assert!(shared(&ids), "no id is in both companies");
    for (address, heading) in [(ENTRY, "As it was posted"), (REFUND, "What it takes back")] {
        let page = browser.opens(address).body;
        let posted = part(&page, heading);
        assert!(posted.contains("Laurier"), "{posted}");
        assert!(posted.contains(" there</td>"), "an id: {posted}");
        for name in names(&present) {
            assert!(!posted.contains(&format!(">{name}<")), "{name}: {posted}");
        }
        assert!(page.contains("It stands in "), "{page}");
        assert!(!page.contains("Open in QuickBooks"), "{page}");
    }
    let list = browser.opens("/quickbooks/activity").body;
    assert!(list.contains("MC-100001 · "), "{list}");
}

#[test]
fn a_statement_tells_what_is_in_the_present_company_from_what_is_in_one_that_was_left() {
    let (_town, mut browser, _) = left(2);
    let present = browser.connection().expect("connected").company;
    let page = browser.opens(STATEMENT).body;
    let stands = part(&page, "What is in QuickBooks, and what is not");
    assert!(stands.contains("Laurier"), "{stands}");
    assert!(!stands.contains(">In QuickBooks<"), "{stands}");
    let taxes = part(&page, "Tax on payments in ");
    assert!(taxes.contains("Laurier"), "{taxes}");
    assert!(taxes.contains("Rate no. "), "{taxes}");
    for name in names(&present) {
        assert!(!taxes.contains(&format!(">{name}<")), "{name}: {taxes}");
    }
}

// R33: the first line says what the statement says
#[test]
fn the_first_line_counts_what_is_in_a_company_that_was_left_apart() {
    let (_town, mut browser, _) = left(7);
    let page = browser.opens("/quickbooks").body;
    assert!(
        page.contains("In QuickBooks: 0 of 2 transactions received. 2 are in a company that was connected before."),
        "{page}"
    );
    assert!(page.contains("In an earlier company"), "{page}");
}

#[test]
fn a_company_that_is_back_has_its_names_again_and_one_whose_name_was_not_kept_is_an_earlier_one() {
    let (_town, mut browser, before) = left(3);
    browser.change(|connection| connection.former.clear());
    let page = browser.opens(ENTRY).body;
    assert!(page.contains("It stands in an earlier company"), "{page}");
    moves(&mut browser, OTHER_COMPANY, REALM);
    let page = browser.opens(ENTRY).body;
    assert!(page.contains("Open in QuickBooks"), "{page}");
    assert!(!page.contains("connected before"), "{page}");
    let posted = part(&page, "As it was posted");
    let mut names = names(&before.company).into_iter();
    assert!(
        names.any(|name| posted.contains(&format!(">{name}<"))),
        "{posted}"
    );
    let statement = browser.opens(STATEMENT).body;
    assert!(!statement.contains("connected before"), "{statement}");
    assert!(!statement.contains("Rate no. "), "{statement}");
}

#[test]
fn whose_customer_was_asked_in_a_company_that_was_left_is_not_asked_of_the_present_ones_records() {
    let mut town = Town::new(4);
    town.send("message-1", of_one_of_two(1));
    town.work_all();
    let mut browser = Browser::opened(&town);
    let choose = "/quickbooks/activity/customer?kind=payment&id=pay_1";
    assert!(browser.opens(choose).body.contains("Record 44"));
    assert!(browser.opens(ENTRY).body.contains("Choose the customer"));
    moves(&mut browser, REALM, OTHER_COMPANY);
    assert_eq!(browser.opens(choose).status, 404);
    let form = "kind=payment&id=pay_1&choice=record&record=44";
    let chosen = browser.sends("/quickbooks/activity/customer", form);
    let status = chosen.expect("alive").status;
    assert_ne!(status, 303, "a record of the company before");
    assert_eq!(browser.writes(OTHER_COMPANY), 0);
    let page = browser.opens(ENTRY).body;
    assert!(page.contains("It is kept for "), "{page}");
    for address in [ENTRY, "/quickbooks/activity", "/quickbooks"] {
        let page = browser.opens(address).body;
        assert!(!page.contains("Choose the customer"), "{address}: {page}");
    }
}

#[test]
fn a_choice_made_for_a_company_that_was_left_is_told_without_the_present_ones_names() {
    let town = Town::new(5);
    let mut browser = Browser::opened(&town);
    let settings = "/quickbooks/settings";
    browser.opens(settings);
    let saved = browser.sends(settings, "part=items&item.tip=26");
    let page = browser.follows(&saved.expect("alive")).body;
    assert!(!part(&page, ">Changes<").contains(" there"), "{page}");
    moves(&mut browser, REALM, OTHER_COMPANY);
    let page = browser.opens(settings).body;
    let history = part(&page, ">Changes<");
    assert!(history.contains("No. 26 there"), "{history}");
    assert!(history.contains("Laurier"), "{history}");
}

#[test]
fn what_was_written_over_in_a_company_that_was_left_is_not_put_back_in_the_present_one() {
    let mut town = Town::new(6);
    for (number, email) in [(1, "anne.belanger@example.com"), (2, "anne.t@example.com")] {
        let mut message: Value = serde_json::from_str(&payment(number, 3)).expect("a message");
        message["customer"] = json!({"id": "cus_anne", "version": number, "first_name": "Anne",
            "last_name": "Tremblay", "email": email});
        town.send(&format!("message-{number}"), message.to_string());
        town.work_all();
    }
    let mut browser = Browser::opened(&town);
    let drawn = browser.opens(ENTRY);
    assert!(
        drawn.body.contains("Put it back as it was"),
        "{}",
        drawn.body
    );
    moves(&mut browser, REALM, OTHER_COMPANY);
    // The customer is linked there too by now.
    town.pass(std::time::Duration::from_secs(600));
    let mut message: Value = serde_json::from_str(&payment(3, 3)).expect("a message");
    message["customer"] = json!({"id": "cus_anne", "version": 2, "first_name": "Anne",
        "last_name": "Tremblay", "email": "anne.t@example.com"});
    town.send("message-3", message.to_string());
    town.work_all();
    let page = browser.opens(ENTRY).body;
    assert!(!page.contains("Put it back as it was"), "{page}");
    let pressed = browser.sends("/quickbooks/activity/restore", "kind=payment&id=pay_1");
    assert_ne!(
        pressed.expect("alive").status,
        303,
        "drawn for the company before"
    );
}

// R26: a page that was open while another company was connected
#[test]
fn no_button_drawn_for_a_company_that_was_left_decides_anything_for_the_present_one() {
    let mut town = Town::new(7);
    let mut browser = Browser::opened(&town);
    browser.trouble(&json!({"kind": "closed_books", "until": "2026-11-22"}));
    town.send("message-1", payment(1, 3));
    town.work_all();
    let closed = browser.opens(ENTRY);
    assert!(
        closed.body.contains("Post on the first open day"),
        "{}",
        closed.body
    );
    browser.change(|connection| {
        connection.settings.items.fallback = None;
        connection.company.items.clear();
    });
    let missing = browser.opens("/quickbooks/settings");
    assert!(
        missing.body.contains("Create in QuickBooks"),
        "{}",
        missing.body
    );
    moves(&mut browser, REALM, OTHER_COMPANY);
    browser.change(|connection| {
        connection.settings.items.fallback = None;
        connection.company.items.clear();
    });
    // Nothing of the one before can be on its way any more, and the present one is open.
    browser.pass(std::time::Duration::from_secs(600));
    browser.opens("/quickbooks/settings");
    let before = browser.snapshot();
    for (page, action, choice) in [
        (&closed, "/quickbooks/settings/refresh", ""),
        (&missing, "/quickbooks/settings/create", ""),
        (
            &closed,
            "/quickbooks/activity/decide",
            "&choice=automated-line",
        ),
    ] {
        let pressed = browser.drawn(page, action, choice);
        assert_eq!(pressed.status, 403, "{action}: {}", pressed.body);
        assert_eq!(browser.snapshot(), before, "{action}");
    }
    assert_eq!(browser.writes(OTHER_COMPANY), 0);
}
