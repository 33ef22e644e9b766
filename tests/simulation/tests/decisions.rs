//! What needs the operator, and what becomes of it on a click (R33).
#![recursion_limit = "256"]

mod browser;

use std::time::Duration;

use bookkeeping::connection::ConnectionState;
use bookkeeping::reason::ReasonCode;
use browser::Browser;
use common::store::Standing;
use serde_json::{Value, json};
use simulation::payments::{of_one_of_two, payment, refund};
use simulation::town::{REALM, Town};
use simulator::{Trouble, TroubleKind};

const ACTIVITY: &str = "/quickbooks/activity";
const DECIDE: &str = "/quickbooks/activity/decide";
const CHOOSE: &str = "/quickbooks/activity/customer";

fn entry(kind: &str, id: &str) -> String {
    format!("{ACTIVITY}/entry?kind={kind}&id={id}")
}

/// What the story of a transaction says, told to whoever is looking.
fn story(browser: &mut Browser, kind: &str, id: &str) -> String {
    let page = browser.opens(&entry(kind, id)).body;
    let (_, story) = page.split_once("What happened").expect("a story");
    story.split("</dl>").next().expect("its end").to_owned()
}

#[test]
fn what_needs_the_operator_stands_on_top_and_is_left_out_with_a_reason() {
    let mut town = Town::new(4);
    town.send("message-1", of_one_of_two(1));
    town.work_all();
    let mut browser = Browser::opened(&town);
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
    assert_eq!(town.standing("pay_1").0, Standing::Held);
    for named in ["Nobody+KNOWN+paid+twice", "ask+Sam.Lee%40example.com"] {
        let skip = format!("choice=skip&kind=payment&id=pay_1&why={named}");
        let refused = browser.sends(DECIDE, &skip).expect("alive");
        let page = browser.follows(&refused);
        assert!(page.body.contains("names the customer"), "{}", page.body);
        assert!(page.body.contains("Name no customer here"), "{}", page.body);
        assert_eq!(town.standing("pay_1").0, Standing::Held);
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
        town.standing("pay_1"),
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
    let mut first = Browser::opened(&town);
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
    let mut browser = Browser::opened(&town);
    browser.opens(&entry("payment", "pay_1"));
    let retry = "choice=retry&kind=payment&id=pay_1";
    let done = browser.sends(DECIDE, retry).expect("alive");
    let page = browser.follows(&done).body;
    assert!(page.contains("as soon as the connection is open"), "{page}");
    assert!(page.contains("Tried again, asked by you"), "{page}");
    let mut other = browser.without_cookies();
    let answer = other.launches("/quickbooks", &json!({"sub": "op_2", "name": "Luc"}));
    other.follows(&answer);
    let story = story(&mut other, "payment", "pay_1");
    let by = "Tried again, asked by Anna Côté";
    assert!(story.contains(by), "{story}");
    assert!(!page.contains("being sent to QuickBooks now"), "{page}");
}

#[test]
fn the_operator_chooses_between_two_cards_and_all_of_that_customer_follows() {
    let mut town = Town::new(5);
    for number in [1, 4] {
        town.send(&format!("message-{number}"), of_one_of_two(number));
    }
    town.work_all();
    let mut browser = Browser::opened(&town);
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
    assert_eq!(town.standing("pay_1").0, Standing::Synced);
    assert_eq!(town.standing("pay_4").0, Standing::Synced);
    assert_eq!(town.receipts().len(), 2);
    for id in ["pay_1", "pay_4"] {
        let story = story(&mut browser, "payment", id);
        assert!(story.contains("Customer chosen by you"), "{story}");
    }
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
    let mut browser = Browser::opened(&town);
    let choice = "kind=payment&id=pay_1&choice=record&record=45";
    let early = browser.sends(CHOOSE, choice).expect("alive");
    assert_ne!(early.status, 303, "{}", early.body);
    assert_eq!(town.standing("pay_1").0, Standing::Held);
    town.pass(Duration::from_secs(10));
    let done = browser.sends(CHOOSE, choice).expect("alive");
    assert_eq!(done.status, 303, "{}", done.body);
    town.drain_all();
    town.pass(Duration::from_secs(60));
    town.drain_all();
    assert_eq!(town.standing("pay_1").0, Standing::Synced);
}

#[test]
fn a_refund_of_more_than_was_left_is_posted_on_the_operators_word() {
    let mut town = Town::new(6);
    town.send("message-1", payment(1, 3));
    town.send("message-2", refund(1, 1, 900_000, 3));
    town.work_all();
    assert_eq!(
        town.standing("ref_1"),
        (Standing::Held, Some(ReasonCode::RefundExceeds))
    );
    let mut browser = Browser::opened(&town);
    let page = browser.opens(&entry("refund", "ref_1"));
    assert!(page.body.contains("Post it all the same"), "{}", page.body);
    browser
        .sends(DECIDE, "choice=allow&kind=refund&id=ref_1")
        .expect("alive");
    town.drain_all();
    assert_eq!(town.standing("ref_1").0, Standing::Synced);
    assert_eq!(town.refunds()[0].total, 900_000);
    let story = story(&mut browser, "refund", "ref_1");
    assert!(
        story.contains("Posted all the same, decided by you"),
        "{story}"
    );
}

// R33: who decided what of a transaction stays in its story
#[test]
fn a_setting_that_is_saved_is_told_as_no_more_than_that_and_takes_nobodys_decision_from_the_story()
{
    let mut town = Town::new(18);
    town.send("message-1", payment(1, 3));
    town.send("message-2", refund(1, 1, 900_000, 3));
    town.work_all();
    let mut browser = Browser::opened(&town);
    browser.opens(&entry("refund", "ref_1"));
    browser.trouble(&json!({"kind": "closed_books", "until": "2026-11-30"}));
    browser
        .sends(DECIDE, "choice=allow&kind=refund&id=ref_1")
        .expect("alive");
    town.send("message-3", payment(2, 3));
    town.work_all();
    town.drain_all();
    let closed = (Standing::Held, Some(ReasonCode::PeriodClosed));
    assert_eq!(town.standing("ref_1"), closed);
    assert_eq!(town.standing("pay_2"), closed);

    let mut other = browser.without_cookies();
    let answer = other.launches("/quickbooks", &json!({"sub": "op_2", "name": "Luc"}));
    other.follows(&answer);
    other.opens("/quickbooks/settings");
    let people = "part=people&bookkeeper.name=&bookkeeper.email=&bookkeeper.language=fr";
    let memo = "part=documents&numbers=marked&discounts=spread&closed_books=hold&closed_through=&memo.en=Thank+you&memo.fr=&language=";
    for form in [people, memo] {
        let saved = other.sends("/quickbooks/settings", form).expect("alive");
        assert_eq!(saved.status, 303, "{form}");
    }
    town.drain_all();
    let of_the_refund = story(&mut browser, "refund", "ref_1");
    let decided = "Posted all the same, decided by you";
    assert!(of_the_refund.contains(decided), "{of_the_refund}");
    assert!(!of_the_refund.contains("Luc"), "{of_the_refund}");
    let of_the_payment = story(&mut browser, "payment", "pay_2");
    let tried = "Tried again after settings or lists changed, by Luc";
    assert!(of_the_payment.contains(tried), "{of_the_payment}");
    assert!(!of_the_payment.contains("put right"), "{of_the_payment}");
}

#[test]
fn another_merchants_transaction_is_not_found_and_cannot_be_decided() {
    let mut town = Town::new(7);
    town.send("message-1", of_one_of_two(1));
    town.work_all();
    let browser = Browser::opened(&town);
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
    assert_eq!(town.standing("pay_1").0, Standing::Held);
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
    let mut browser = Browser::opened(&town);
    browser.trouble(&json!({"kind": "closed_books", "until": "2026-11-22"}));
    town.send("message-1", payment(1, 3));
    town.work_all();
    assert_eq!(
        town.standing("pay_1"),
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
        town.standing("pay_1").0,
        Standing::Synced,
        "{:?}",
        town.standing("pay_1")
    );
    let story = story(&mut browser, "payment", "pay_1");
    let tried_again = "Tried again after settings or lists changed, by you";
    assert!(story.contains(tried_again), "{story}");
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
        town.standing("ref_9"),
        (Standing::Held, Some(ReasonCode::RefundTaxUnknown))
    );
}

// R4: a refund whose tax nobody can name
#[test]
fn the_operator_names_the_tax_of_a_refund_and_it_is_posted_to_the_cent() {
    let mut town = Town::new(10);
    refund_of_the_unknown(&mut town);
    let mut browser = Browser::opened(&town);
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
    assert_eq!(town.standing("ref_9").0, Standing::Held);

    browser.sends(DECIDE, &form(code)).expect("alive");
    town.drain_all();
    assert_eq!(
        town.standing("ref_9").0,
        Standing::Synced,
        "{:?}",
        town.standing("ref_9")
    );
    assert_eq!(town.refunds()[0].total, 11_498);
    let story = story(&mut browser, "refund", "ref_9");
    assert!(story.contains("Tax named by you"), "{story}");
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
    let mut browser = Browser::opened(&town);
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

    once(&browser, "lose_answer", "customer.update", "");
    let lost = browser.presses(&page, "/quickbooks/activity/restore");
    let page = browser.follows(&lost);
    assert!(page.body.contains("We do not know yet"), "{}", page.body);
    assert!(!page.body.contains("did not answer"), "{}", page.body);

    let done = browser.presses(&page, "/quickbooks/activity/restore");
    let page = browser.follows(&done);
    assert!(page.body.contains(noted), "{}", page.body);
    assert!(page.body.contains("is as it was before"), "{}", page.body);
    assert!(!page.body.contains("Put it back"), "{}", page.body);
    assert_eq!(email(&town), "anne.belanger@example.com");
}

#[test]
fn a_choice_that_frees_nothing_is_not_called_sending() {
    let mut town = Town::new(17);
    town.send("message-1", of_one_of_two(1));
    town.work_all();
    let mut first = Browser::opened(&town);
    let mut second = first.without_cookies();
    second.sees();
    let page = format!("{CHOOSE}?kind=payment&id=pay_1");
    first.opens(&page);
    second.opens(&page);
    let skip = "choice=skip&kind=payment&id=pay_1&why=Entered+by+hand";
    first.sends(DECIDE, skip).expect("alive");
    town.drain_all();
    let late = "kind=payment&id=pay_1&choice=record&record=45";
    let done = second.sends(CHOOSE, late).expect("alive");
    let page = second.follows(&done).body;
    assert!(page.contains("changed meanwhile"), "{page}");
    assert!(!page.contains("being sent"), "{page}");
    assert_eq!(town.receipts().len(), 0);
}

// R33: what is held by lists that were read before they were mended
#[test]
fn a_payment_in_a_currency_that_was_switched_on_meanwhile_follows_a_refresh_beside_it() {
    let mut town = Town::new(19);
    let mut browser = Browser::opened(&town);
    town.send("message-1", payment(1, 3).replace("\"CAD\"", "\"USD\""));
    town.work_all();
    let held = (Standing::Held, Some(ReasonCode::CurrencyNotEnabled));
    assert_eq!(town.standing("pay_1"), held);
    let page = browser.opens(&entry("payment", "pay_1"));
    assert!(!page.body.contains(">Retry<"), "{}", page.body);
    let set = json!({"CurrencyPrefs": {"MultiCurrencyEnabled": true}});
    browser.edits_in_quickbooks("Preferences", "1", &set);
    for address in [ACTIVITY, "/quickbooks", &entry("payment", "pay_1")] {
        let page = browser.opens(address);
        assert!(page.body.contains("press Refresh"), "{}", page.body);
        let shown = page.body.contains("/quickbooks/settings/refresh");
        assert!(shown, "no Refresh at {address}: {}", page.body);
    }
    let done = browser.presses(&page, "/quickbooks/settings/refresh");
    let page = browser.follows(&done).body;
    assert!(page.contains("were read again"), "{page}");
    town.drain_all();
    assert_ne!(town.standing("pay_1"), held);
}

// R7: whoever it is can be chosen, however many there are
#[test]
fn of_more_customers_than_fit_a_page_the_next_ones_are_a_click_away() {
    let mut town = Town::new(20);
    let mut message: Value = serde_json::from_str(&of_one_of_two(1)).expect("a message");
    message["customer"]["email"] = json!("family@example.com");
    let mut records: Vec<String> = Vec::new();
    let mut browser = Browser::opened(&town);
    let customers = town.books()["Customer"].clone();
    for one in customers.as_array().expect("customers") {
        let is_whole = one["Active"] != false && one.get("ParentRef").is_none();
        if is_whole && records.len() < 8 {
            let id = one["Id"].as_str().expect("an id");
            let set = json!({"PrimaryEmailAddr": {"Address": "family@example.com"}});
            browser.edits_in_quickbooks("Customer", id, &set);
            records.push(id.to_owned());
        }
    }
    assert_eq!(records.len(), 8);
    town.send("message-1", message.to_string());
    town.work_all();
    let held = (Standing::Held, Some(ReasonCode::CustomerAmbiguous));
    assert_eq!(town.standing("pay_1"), held);

    for wrong in ["8", "-1", "9999999999999999999999", "x"] {
        let page = browser.opens(&format!("{CHOOSE}?kind=payment&id=pay_1&after={wrong}"));
        assert!(page.body.contains("Shown: 1 to 6 of 8."), "{wrong}");
    }
    let shown = |page: &str| page.matches("name=\"record\"").count();
    let first = browser
        .opens(&format!("{CHOOSE}?kind=payment&id=pay_1"))
        .body;
    assert_eq!(shown(&first), 6);
    assert!(first.contains("Shown: 1 to 6 of 8."), "{first}");
    let (before, _) = first.split_once("Show the next ones").expect("a link");
    let (_, link) = before.rsplit_once("href=\"").expect("where it leads");
    let link = link.split('"').next().expect("its end");
    let link = link.replace("&amp;", "&").replace("&#38;", "&");
    let page = browser.opens(&link).body;
    assert_eq!(shown(&page), 2);
    assert!(page.contains("Shown: 7 to 8 of 8."), "{page}");
    assert!(!page.contains("Show the next ones"), "{page}");
    let (_, record) = page.split_once("name=\"record\" value=\"").expect("a card");
    let record = record.split('"').next().expect("an id");
    let field = format!("name=\"record\" value=\"{record}\"");
    assert!(!first.contains(&field), "{record} again: {first}");
    let choice = format!("kind=payment&id=pay_1&choice=record&record={record}");
    browser.sends(CHOOSE, &choice).expect("alive");
    town.drain_all();
    assert_eq!(town.receipts()[0].customer, record);
}

/// Something goes wrong once with what is asked of the company.
fn once(browser: &Browser, kind: &str, operation: &str, code: &str) {
    browser.trouble(
        &json!({"kind": kind, "realm": REALM, "operation": operation, "code": code, "times": 1}),
    );
}

// R28: what is said after a click is so
#[test]
fn a_click_whose_answer_was_lost_or_that_quickbooks_refused_is_said_to_be_that() {
    let mut town = Town::new(21);
    let mut message: Value = serde_json::from_str(&payment(1, 3)).expect("a message");
    message["customer"] = json!({"id": "cus_old", "version": 1, "first_name": "Old",
        "last_name": "Client", "email": "old.client@example.com"});
    town.send("message-1", message.to_string());
    town.work_all();
    let held = (Standing::Held, Some(ReasonCode::CustomerInactive));
    assert_eq!(town.standing("pay_1"), held);
    let mut browser = Browser::opened(&town);
    let choose = format!("{CHOOSE}?kind=payment&id=pay_1");
    let silent = "did not answer";

    browser.opens(&choose);
    once(&browser, "fault", "customer.query", "6190");
    once(&browser, "fault", "customer.read", "6190");
    let asked = browser.opens(&choose);
    let page = browser.follows(&asked).body;
    assert!(page.contains("subscription has ended"), "{page}");
    assert!(page.contains("Nothing was changed."), "{page}");
    assert!(!page.contains(silent), "{page}");

    browser.trouble(&json!({"kind": "heal"}));
    browser.trouble(&json!({"kind": "fault", "realm": REALM, "operation": "customer.create", "code": "6240", "times": 99}));
    let create = "kind=payment&id=pay_1&choice=create";
    let done = browser.sends(CHOOSE, create).expect("alive");
    let page = browser.follows(&done).body;
    assert!(
        page.contains("every name this customer could have"),
        "{page}"
    );
    assert!(page.contains("Record 46"), "who else it may be: {page}");
    assert!(!page.contains(silent), "{page}");

    browser.trouble(&json!({"kind": "heal"}));
    once(&browser, "lose_answer", "customer.update", "");
    let reactivate = "kind=payment&id=pay_1&choice=reactivate&record=46";
    let done = browser.sends(CHOOSE, reactivate).expect("alive");
    let page = browser.follows(&done).body;
    assert!(page.contains("We do not know yet"), "{page}");
    assert!(!page.contains(silent), "{page}");
    let done = browser.sends(CHOOSE, reactivate).expect("alive");
    let page = browser.follows(&done).body;
    assert!(page.contains("being sent to QuickBooks now"), "{page}");
    town.drain_all();
    assert_eq!(town.receipts()[0].customer, "46");
}
