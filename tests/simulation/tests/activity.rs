//! The operator's list: every transaction with its state, its story and its buttons (R33).
#![recursion_limit = "256"]

mod browser;

use std::time::Duration;

use bookkeeping::connection::ConnectionState;
use bookkeeping::reason::ReasonCode;
use browser::Browser;
use common::store::Standing;
use serde_json::{Value, json};
use simulation::payments::{amount, payment, refund};
use simulation::town::{REALM, Town};
use simulator::{Trouble, TroubleKind};

const ACTIVITY: &str = "/quickbooks/activity";
const DECIDE: &str = "/quickbooks/activity/decide";
const CHOOSE: &str = "/quickbooks/activity/customer";

fn opened(town: &Town) -> Browser {
    let mut browser = Browser::beside(town.outside.clone());
    let answer = browser.launches("/quickbooks", &json!({}));
    browser.follows(&answer);
    browser
}

fn standing(town: &Town, id: &str) -> (Standing, Option<ReasonCode>) {
    let tables = town.outside.tables.borrow();
    let row = tables.ledger.iter().find(|(key, _)| key.id == id);
    let row = &row.unwrap_or_else(|| panic!("no {id}")).1.row;
    (row.standing, row.reason.as_ref().map(|reason| reason.code))
}

fn entry(kind: &str, id: &str) -> String {
    format!("{ACTIVITY}/entry?kind={kind}&id={id}")
}

/// A payment whose customer may be one of two in the company.
fn of_one_of_two(number: u64) -> String {
    let mut message: Value = serde_json::from_str(&payment(number, 3)).expect("a message");
    message["customer"]["email"] = json!("sam.lee@example.com");
    message["customer"]["first_name"] = json!("Nobody");
    message["customer"]["last_name"] = json!("Known");
    message.to_string()
}

#[test]
fn the_list_shows_each_transaction_with_its_state_and_its_receipt() {
    let mut town = Town::new(1);
    town.send("message-1", payment(1, 3));
    town.send("message-2", refund(1, 1, 1_000, 3));
    let coupon = payment(2, 3).replace(r#""method":"card""#, r#""method":"coupon""#);
    town.send("message-3", coupon);
    town.work_all();
    let mut browser = opened(&town);
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
    let page = browser.opens(&entry("payment", "pay_1"));
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
fn the_overview_says_first_how_much_is_in_quickbooks_and_what_needs_the_operator() {
    let mut town = Town::new(8);
    let mut browser = opened(&town);
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
    let mut browser = opened(&town);
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
    let mut browser = opened(&town);
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
fn a_search_finds_by_state_number_amount_and_customer() {
    let mut town = Town::new(2);
    for number in 1..=8 {
        town.send(&format!("message-{number}"), payment(number, 4));
    }
    let coupon = payment(9, 4).replace(r#""method":"card""#, r#""method":"coupon""#);
    town.send("message-9", coupon);
    town.work_all();
    let mut browser = opened(&town);
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
    let mut browser = opened(&town);
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
        let mut browser = opened(&town);
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

#[test]
fn what_needs_the_operator_stands_on_top_and_is_left_out_with_a_reason() {
    let mut town = Town::new(4);
    town.send("message-1", of_one_of_two(1));
    town.work_all();
    let mut browser = opened(&town);
    let page = browser.opens(ACTIVITY);
    assert!(
        page.body.contains("One transaction needs you"),
        "{}",
        page.body
    );
    assert!(page.body.contains("Choose the right one"), "{}", page.body);

    let done = browser
        .sends(DECIDE, "choice=skip&kind=payment&id=pay_1&why=")
        .expect("alive");
    let page = browser.follows(&done);
    assert!(page.body.contains("Say why"), "{}", page.body);
    assert_eq!(standing(&town, "pay_1").0, Standing::Held);
    for named in ["Nobody+KNOWN+paid+twice", "ask+Sam.Lee%40example.com"] {
        let skip = format!("choice=skip&kind=payment&id=pay_1&why={named}");
        let refused = browser.sends(DECIDE, &skip).expect("alive");
        let page = browser.follows(&refused);
        assert!(page.body.contains("names the customer"), "{}", page.body);
        assert!(page.body.contains("Name no customer here"), "{}", page.body);
        assert_eq!(standing(&town, "pay_1").0, Standing::Held);
    }
    let done = browser
        .sends(
            DECIDE,
            "choice=skip&kind=payment&id=pay_1&why=Entered+by+hand",
        )
        .expect("alive");
    let page = browser.follows(&done);
    assert!(page.body.contains("Entered by hand"), "{}", page.body);
    town.drain_all();
    assert_eq!(
        standing(&town, "pay_1"),
        (Standing::Skipped, Some(ReasonCode::Dismissed))
    );
    let told = town.outside.told.borrow();
    assert!(told.iter().any(|told| told.body.contains("dismissed")));
}

#[test]
fn what_somebody_else_decided_meanwhile_is_not_called_done() {
    let mut town = Town::new(12);
    town.send("message-1", of_one_of_two(1));
    town.work_all();
    let mut first = opened(&town);
    let mut second = first.without_cookies();
    let answer = second.launches("/quickbooks", &json!({}));
    second.follows(&answer);
    first.opens(&entry("payment", "pay_1"));
    second.opens(&entry("payment", "pay_1"));
    let skip = "choice=skip&kind=payment&id=pay_1&why=Entered+by+hand";
    let done = first.sends(DECIDE, skip).expect("alive");
    assert!(first.follows(&done).body.contains("It is left out"));
    for late in [
        "choice=skip&kind=payment&id=pay_1&why=Late",
        "choice=retry&kind=payment&id=pay_1",
        "choice=retry-all&reason=customer_ambiguous",
    ] {
        let done = second.sends(DECIDE, late).expect("alive");
        let page = second.follows(&done).body;
        assert!(page.contains("changed meanwhile"), "{late}: {page}");
        assert!(!page.contains("It is left out, with"), "{late}: {page}");
        assert!(!page.contains("It is being sent"), "{late}: {page}");
    }
}

#[test]
fn nothing_is_said_to_be_sent_now_while_the_connection_is_closed() {
    let mut town = Town::new(13);
    town.send("message-1", of_one_of_two(1));
    town.work_all();
    for connection in town.outside.tables.borrow_mut().connections.values_mut() {
        connection.state = ConnectionState::ReadOnly;
    }
    let mut browser = opened(&town);
    browser.opens(&entry("payment", "pay_1"));
    let retry = "choice=retry&kind=payment&id=pay_1";
    let done = browser.sends(DECIDE, retry).expect("alive");
    let page = browser.follows(&done).body;
    assert!(page.contains("as soon as the connection is open"), "{page}");
    assert!(!page.contains("being sent to QuickBooks now"), "{page}");
}

#[test]
fn what_has_needed_the_operator_for_months_still_stands_on_the_overview() {
    let mut town = Town::new(14);
    town.send("message-1", of_one_of_two(1));
    town.work_all();
    town.pass(Duration::from_secs(70 * 24 * 3_600));
    let page = opened(&town).opens("/quickbooks").body;
    assert!(page.contains("One transaction needs you"), "{page}");
}

#[test]
fn of_more_than_fits_a_page_it_is_said_that_it_is_at_least_so_many() {
    let mut town = Town::new(15);
    for number in 1..=101 {
        town.send(&format!("message-{number}"), of_one_of_two(number));
    }
    town.work_all();
    let mut browser = opened(&town);
    for address in ["/quickbooks", ACTIVITY] {
        let page = browser.opens(address).body;
        assert!(page.contains("At least 100 transactions need"), "{page}");
    }
}

#[test]
fn the_operator_chooses_between_two_cards_and_all_of_that_customer_follows() {
    let mut town = Town::new(5);
    for number in [1, 4] {
        town.send(&format!("message-{number}"), of_one_of_two(number));
    }
    town.work_all();
    let mut browser = opened(&town);
    let page = browser.opens(&entry("payment", "pay_1"));
    assert!(page.body.contains("Choose the customer"), "{}", page.body);
    assert!(page.body.contains("Nobody Known"), "{}", page.body);
    let list = browser.opens(ACTIVITY);
    let choose = format!("{CHOOSE}?kind=payment&amp;id=pay_1");
    let list = list.body.replace("&#38;", "&amp;");
    assert!(
        list.contains(&choose),
        "one button beside the problem: {list}"
    );
    let page = browser.opens(&format!("{CHOOSE}?kind=payment&id=pay_1"));
    for text in [
        "Nobody Known",
        r#"This one<span class="unseen"> Sam Lee"#,
        "Record 44",
        "Record 45",
        "sam.lee@example.com",
        "None of these",
    ] {
        assert!(page.body.contains(text), "{text}: {}", page.body);
    }
    let (_, record) = page
        .body
        .split_once(r#"name="record" value=""#)
        .expect("a record");
    let record = record.split('"').next().expect("an id");
    let done = browser
        .sends(
            CHOOSE,
            &format!("kind=payment&id=pay_1&choice=record&record={record}"),
        )
        .expect("alive");
    assert_eq!(done.status, 303, "{}", done.body);
    town.drain_all();
    assert_eq!(standing(&town, "pay_1").0, Standing::Synced);
    assert_eq!(standing(&town, "pay_4").0, Standing::Synced);
    assert_eq!(town.receipts().len(), 2);
    let page = browser.opens(&entry("payment", "pay_1"));
    assert!(
        !page.body.contains("Nobody Known"),
        "of who paid, nothing is kept once it is in QuickBooks: {}",
        page.body
    );
}

// R33: what needs the operator is listed a little later than it is shown
#[test]
fn a_choice_that_comes_before_the_list_shows_what_waits_is_not_called_done() {
    let mut town = Town::new(8);
    town.outside.tables.borrow_mut().index.lag = Duration::from_secs(5);
    town.send("message-1", of_one_of_two(1));
    town.work_all();
    let mut browser = opened(&town);
    let choice = "kind=payment&id=pay_1&choice=record&record=45";
    let early = browser.sends(CHOOSE, choice).expect("alive");
    assert_ne!(early.status, 303, "{}", early.body);
    assert_eq!(standing(&town, "pay_1").0, Standing::Held);
    town.pass(Duration::from_secs(10));
    let done = browser.sends(CHOOSE, choice).expect("alive");
    assert_eq!(done.status, 303, "{}", done.body);
    town.drain_all();
    town.pass(Duration::from_secs(60));
    town.drain_all();
    assert_eq!(standing(&town, "pay_1").0, Standing::Synced);
}

#[test]
fn a_refund_of_more_than_was_left_is_posted_on_the_operators_word() {
    let mut town = Town::new(6);
    town.send("message-1", payment(1, 3));
    town.send("message-2", refund(1, 1, 900_000, 3));
    town.work_all();
    assert_eq!(
        standing(&town, "ref_1"),
        (Standing::Held, Some(ReasonCode::RefundExceeds))
    );
    let mut browser = opened(&town);
    let page = browser.opens(&entry("refund", "ref_1"));
    assert!(page.body.contains("Post it all the same"), "{}", page.body);
    browser
        .sends(DECIDE, "choice=allow&kind=refund&id=ref_1")
        .expect("alive");
    town.drain_all();
    assert_eq!(standing(&town, "ref_1").0, Standing::Synced);
    assert_eq!(town.refunds()[0].total, 900_000);
}

#[test]
fn another_merchants_transaction_is_not_found_and_cannot_be_decided() {
    let mut town = Town::new(7);
    town.send("message-1", of_one_of_two(1));
    town.work_all();
    let browser = opened(&town);
    let mut stranger = browser.of_another_merchant("mer_other");
    let answer = stranger.launches("/quickbooks", &json!({"merchant_id": "mer_other"}));
    stranger.follows(&answer);
    assert_eq!(stranger.opens(&entry("payment", "pay_1")).status, 404);
    stranger.opens("/quickbooks/activity");
    stranger
        .sends(DECIDE, "choice=skip&kind=payment&id=pay_1&why=mine")
        .expect("alive");
    stranger
        .sends(DECIDE, "choice=retry&kind=payment&id=pay_1")
        .expect("alive");
    assert_eq!(standing(&town, "pay_1").0, Standing::Held);
    let mut viewer = browser.without_cookies();
    let answer = viewer.launches("/quickbooks", &json!({"role": "viewer", "sub": "op_2"}));
    viewer.follows(&answer);
    let page = viewer.opens(&entry("payment", "pay_1"));
    assert!(!page.body.contains("<form"), "{}", page.body);
    assert_eq!(
        viewer
            .posts(DECIDE, "choice=retry&kind=payment&id=pay_1")
            .status,
        403
    );
}

#[test]
fn what_falls_into_closed_books_is_held_and_posted_on_the_first_open_day_on_the_operators_word() {
    let mut town = Town::new(8);
    let mut browser = opened(&town);
    browser.trouble(&json!({"kind": "closed_books", "until": "2026-11-22"}));
    town.send("message-1", payment(1, 3));
    town.work_all();
    assert_eq!(
        standing(&town, "pay_1"),
        (Standing::Held, Some(ReasonCode::PeriodClosed))
    );
    let page = browser.opens(&entry("payment", "pay_1"));
    assert!(
        page.body.contains("Post on the first open day"),
        "{}",
        page.body
    );

    let done = browser
        .sends("/quickbooks/settings/refresh", "closed_through=2026-11-22")
        .expect("alive");
    assert_eq!(done.header("location"), Some("/quickbooks?done=refreshed"));
    town.drain_all();
    assert_eq!(
        standing(&town, "pay_1").0,
        Standing::Synced,
        "{:?}",
        standing(&town, "pay_1")
    );
    let books = town.books();
    let receipt = &books["SalesReceipt"][0];
    assert_eq!(receipt["TxnDate"], "2026-11-23");
    let note = receipt["PrivateNote"].as_str().expect("a note");
    assert!(
        note.contains("of 2026-11-22, for which the books are closed"),
        "{note}"
    );
}

/// A refund of a payment that never was ours, of which nobody says what it takes back.
fn refund_of_the_unknown(town: &mut Town) {
    town.send("message-9", refund(9, 99, 11_498, 3));
    town.work_all();
    town.pass(Duration::from_secs(25 * 3_600));
    town.drain_all();
    assert_eq!(
        standing(town, "ref_9"),
        (Standing::Held, Some(ReasonCode::RefundTaxUnknown))
    );
}

// R4: a refund whose tax nobody can name
#[test]
fn the_operator_names_the_tax_of_a_refund_and_it_is_posted_to_the_cent() {
    let mut town = Town::new(10);
    refund_of_the_unknown(&mut town);
    let mut browser = opened(&town);
    let page = browser.opens(&entry("refund", "ref_9"));
    assert!(page.body.contains("Name the tax"), "{}", page.body);
    let (_, code) = page.body.split_once("GST/QST").expect("the code of Quebec");
    assert!(code.contains("</option>"), "{code}");
    let before = page
        .body
        .split("GST/QST")
        .next()
        .expect("what is before it");
    let (_, code) = before.rsplit_once("<option value=\"").expect("an option");
    let code = code.split('"').next().expect("an id");

    let form = |code: &str| format!("choice=name&kind=refund&id=ref_9&code={code}");
    let refused = browser.sends(DECIDE, &form("999")).expect("alive");
    let page = browser.follows(&refused);
    assert!(
        page.body.contains("That tax cannot be used"),
        "{}",
        page.body
    );
    assert_eq!(standing(&town, "ref_9").0, Standing::Held);

    browser.sends(DECIDE, &form(code)).expect("alive");
    town.drain_all();
    assert_eq!(
        standing(&town, "ref_9").0,
        Standing::Synced,
        "{:?}",
        standing(&town, "ref_9")
    );
    assert_eq!(town.refunds()[0].total, 11_498);
    let books = town.books();
    let refund = &books["RefundReceipt"][0];
    assert_eq!(refund["Line"][0]["Amount"], 100.0, "{refund}");
    assert_eq!(refund["TxnTaxDetail"]["TotalTax"], 14.98, "{refund}");
}

// R16: an overwrite can be put back from the page
#[test]
fn what_we_wrote_over_is_shown_beside_what_stood_there_and_put_back_on_a_click() {
    let mut town = Town::new(11);
    let message = |number: u64, version: u64, email: &str| {
        let mut message: Value = serde_json::from_str(&payment(number, 3)).expect("a message");
        message["customer"] = json!({"id": "cus_anne", "version": version, "first_name": "Anne",
            "last_name": "Tremblay", "email": email});
        message.to_string()
    };
    let record = "41";
    town.send("message-0", message(1, 1, "anne.belanger@example.com"));
    town.work_all();
    assert_eq!(town.receipts()[0].customer, record);
    town.send("message-1", message(2, 2, "anne.t@example.com"));
    town.work_all();
    let email = |town: &Town| {
        let customers = town.books()["Customer"].clone();
        let mut customers = customers.as_array().expect("customers").iter();
        let it = customers.find(|one| one["Id"] == record);
        it.expect("the record")["PrimaryEmailAddr"]["Address"].clone()
    };
    assert_eq!(email(&town), "anne.t@example.com");
    let mut browser = opened(&town);
    let page = browser.opens(&entry("payment", "pay_2"));
    for text in [
        "anne.belanger@example.com",
        "anne.t@example.com",
        "Put it back as it was",
    ] {
        assert!(page.body.contains(text), "{text}: {}", page.body);
    }
    let mut refusal = Trouble::new(TroubleKind::Fault).at(REALM);
    refusal = refusal.on("customer.update");
    refusal.code = Some("2010".to_owned());
    let now = town.outside.waits.clock.now();
    town.outside.intuit.borrow_mut().trouble(now, refusal);
    let refused = browser.presses(&page, "/quickbooks/activity/restore");
    let page = browser.follows(&refused);
    let says = "E-mail address could not be put back";
    assert!(page.body.contains(says), "{}", page.body);
    assert!(!page.body.contains("as it was before"), "{}", page.body);
    let noted = "record in QuickBooks put back by";
    assert!(!page.body.contains(noted), "{}", page.body);
    assert_eq!(email(&town), "anne.t@example.com");

    let done = browser.presses(&page, "/quickbooks/activity/restore");
    let page = browser.follows(&done);
    assert!(page.body.contains(noted), "{}", page.body);
    assert!(page.body.contains("is as it was before"), "{}", page.body);
    assert!(!page.body.contains("Put it back"), "{}", page.body);
    assert_eq!(email(&town), "anne.belanger@example.com");
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
        let mut browser = opened(&town);
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
