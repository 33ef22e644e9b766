//! A month held against the books, on a page and as a sheet: to the cent, in bounded reads, and safe to open.
#![recursion_limit = "256"]

mod browser;

use std::collections::BTreeMap;

use bookkeeping::reason::{Reason, ReasonCode};
use browser::Browser;
use common::store::Standing;
use common::store::activity::message_position;
use serde_json::json;
use simulation::payments::{amount, payment, refund};
use simulation::town::Town;

const SHEET: &str = "/quickbooks/activity.csv?month=2026-11";
const STATEMENT: &str = "/quickbooks/statement?month=2026-11";

/// Two payments and a refund in QuickBooks, one payment left out.
fn a_month(seed: u64) -> Town {
    let mut town = Town::new(seed);
    town.send("message-1", payment(1, 3));
    town.send("message-2", payment(2, 3));
    town.send("message-3", refund(1, 1, 1_000, 3));
    let coupon = payment(4, 3).replace(r#""method":"card""#, r#""method":"coupon""#);
    let coupon = coupon.replace(
        r#""reference":"100004""#,
        r#""reference":"=HYPERLINK(\"x\"), gone""#,
    );
    town.send("message-4", coupon);
    town.work_all();
    town
}

fn cents(minor: i64) -> String {
    let sign = if minor < 0 { "-" } else { "" };
    format!(
        "{sign}{}.{:02}",
        minor.unsigned_abs() / 100,
        minor.unsigned_abs() % 100
    )
}

fn paid(number: u64) -> i64 {
    i64::try_from(amount(number)).expect("small")
}

/// The rows of a sheet; no cell of these has a line's end in it.
fn rows(sheet: &str) -> Vec<Vec<String>> {
    let cells = |line: &str| {
        let (mut cells, mut cell, mut quoted) = (Vec::new(), String::new(), false);
        for letter in line.chars() {
            match letter {
                '"' => quoted = !quoted,
                ',' if !quoted => cells.push(std::mem::take(&mut cell)),
                letter => cell.push(letter),
            }
        }
        cells.push(cell);
        cells
    };
    sheet.trim_end().split("\r\n").map(cells).collect()
}

#[test]
fn a_months_sheet_lists_every_transaction_and_its_totals_match_its_rows() {
    let town = a_month(1);
    let mut browser = Browser::opened(&town);
    let sheet = browser.opens(SHEET);
    assert_eq!(
        sheet.header("content-type"),
        Some("text/csv; charset=utf-8")
    );
    assert_eq!(
        sheet.header("content-disposition"),
        Some("attachment; filename=\"quickbooks-2026-11.csv\"")
    );
    assert!(sheet.body.starts_with("\u{feff}Day,Time,Kind,Number,"));
    let rows = rows(&sheet.body);
    assert!(rows.iter().all(|row| row.len() == 12), "{rows:?}");
    let (totals, listed): (Vec<_>, Vec<_>) = rows[1..].iter().partition(|row| row[0] == "Total");
    assert_eq!(listed.len(), 4, "{listed:?}");
    let minor = |row: &&Vec<String>| row[6].replace('.', "").parse::<i64>().expect("cents");
    let mut by_state: BTreeMap<&str, i64> = BTreeMap::new();
    for row in &listed {
        *by_state.entry(row[8].as_str()).or_default() += minor(row);
    }
    let money = listed
        .iter()
        .filter(|row| row[5] != "Coupon (not money received)");
    by_state.insert("", money.map(minor).sum());
    let told: BTreeMap<&str, i64> = totals
        .iter()
        .map(|row| (row[8].as_str(), minor(row)))
        .collect();
    assert_eq!(told, by_state);
    assert_eq!(told["In QuickBooks"], paid(1) + paid(2) - 1_000);
    assert_eq!(told["Left out (no money)"], paid(4));
}

#[test]
fn a_french_readers_sheet_is_what_a_french_spreadsheet_opens() {
    let town = a_month(11);
    let mut browser = Browser::beside(town.outside.clone());
    let answer = browser.launches("/quickbooks", &json!({"language": "fr"}));
    browser.follows(&answer);
    let sheet = browser.opens(SHEET).body;
    assert!(sheet.starts_with("\u{feff}Jour;Heure;"), "{sheet}");
    let paid = cents(paid(2)).replace('.', ",");
    assert!(
        sheet.contains(&format!(";{paid};CAD;")) || sheet.contains(&format!(";\"{paid}\";CAD;")),
        "{paid}: {sheet}"
    );
    assert!(sheet.contains(r#""'=HYPERLINK(""x""), gone""#), "{sheet}");
}

#[test]
fn nothing_that_somebody_wrote_is_taken_for_a_formula() {
    let town = a_month(2);
    let mut browser = Browser::opened(&town);
    let sheet = browser.opens(SHEET).body;
    assert!(sheet.contains(r#""'=HYPERLINK(""x""), gone""#), "{sheet}");
    for cell in rows(&sheet).into_iter().flatten() {
        let is_ours = cell.starts_with('-') && cell[1..].parse::<f64>().is_ok();
        assert!(is_ours || !cell.starts_with(['=', '+', '-', '@']), "{cell}");
    }
}

#[test]
fn a_statement_explains_to_the_cent_what_is_in_quickbooks_and_what_is_not() {
    let town = a_month(3);
    let mut browser = Browser::opened(&town);
    let page = browser.opens(STATEMENT).body;
    let received = paid(1) + paid(2);
    let posted = paid(1) + paid(2) - 1_000;
    for figure in [
        cents(received),
        cents(-1_000),
        cents(posted),
        cents(received - 1_000),
        cents(paid(4)),
    ] {
        let figure = match figure.strip_prefix('-') {
            Some(figure) => format!("−CAD {figure}"),
            None => format!("CAD {figure}"),
        };
        assert!(page.contains(&figure), "{figure}: {page}");
    }
    for text in [
        "was left out",
        "Credit card",
        "one coupon",
        "Tax on payments",
        "Nov 22, 2026",
    ] {
        assert!(page.contains(text), "{text}: {page}");
    }
    let before = browser.opens("/quickbooks/statement?month=2026-10").body;
    assert!(
        before.contains("Nothing was received in that month."),
        "{before}"
    );
}

#[test]
fn a_month_that_is_none_is_not_found_and_another_merchants_is_empty() {
    let town = a_month(4);
    let mut browser = Browser::opened(&town);
    for address in [
        "/quickbooks/statement?month=2026-13",
        "/quickbooks/activity.csv?month=",
        "/quickbooks/activity.csv",
    ] {
        assert_eq!(browser.opens(address).status, 404, "{address}");
    }
    let mut stranger = browser.of_another_merchant("mer_other");
    let answer = stranger.launches("/quickbooks", &json!({"merchant_id": "mer_other"}));
    stranger.follows(&answer);
    assert!(!stranger.opens(SHEET).body.contains("10000"));
    let nobody = browser.without_cookies().opens(SHEET);
    assert_ne!(nobody.status, 200);
}

#[test]
fn what_is_held_is_not_hidden_by_a_refund_that_makes_up_for_it() {
    let mut town = Town::new(6);
    let off = |message: String| message.replace(r#""method":"card""#, r#""method":"cash""#);
    for connection in town.outside.tables.borrow_mut().connections.values_mut() {
        connection.settings.methods_off.insert("cash".to_owned());
    }
    town.send("message-1", off(payment(1, 3)));
    town.send("message-2", refund(1, 1, amount(1), 3));
    town.work_all();
    let mut browser = Browser::opened(&town);
    let page = browser.opens(STATEMENT).body;
    let sum = cents(paid(1));
    let apart = format!("CAD {sum}<br>−CAD {sum}<br>(2)");
    assert!(page.contains(&apart), "{apart}: {page}");
    assert!(page.contains("Not recorded by us"), "{page}");
}

#[test]
fn a_coupon_is_no_money_received_on_the_first_line_in_the_statement_and_in_the_sheet() {
    let mut town = a_month(8);
    // It is given back as it came: its refund moves no money either.
    town.send("message-5", refund(4, 4, amount(4), 3));
    town.work_all();
    let mut browser = Browser::opened(&town);
    let received = cents(paid(1) + paid(2));
    let first_line = browser.opens("/quickbooks").body;
    let sums = format!("CAD {received} received, CAD 10.00 paid back");
    assert!(first_line.contains(&sums), "{sums}: {first_line}");
    let page = browser.opens(STATEMENT).body;
    assert!(
        page.contains(&format!("data-name=\"Received\">CAD {received}<br>")),
        "{received}: {page}"
    );
    assert!(!page.contains(">Coupon"), "no method of money: {page}");
    let net = cents(paid(1) + paid(2) - 1_000);
    assert!(
        page.contains(&format!("<strong>CAD {net}</strong>")),
        "{page}"
    );
    let apart = "2 coupons, trade exchanges or adjustments of CAD 0.00 together";
    assert!(page.contains(apart), "{apart}: {page}");
    let sheet = rows(&browser.opens(SHEET).body);
    let total = sheet
        .iter()
        .find(|row| row[0] == "Total" && row[8].is_empty());
    assert_eq!(total.expect("a total")[6], net);
}

#[test]
fn what_stands_in_quickbooks_with_other_figures_stands_apart_from_what_we_did_not_record() {
    let mut town = Town::new(9);
    town.send("message-1", payment(1, 3));
    town.work_all();
    {
        let mut tables = town.outside.tables.borrow_mut();
        let key = tables.ledger.keys().next().expect("a payment").clone();
        let differs = Reason::new(ReasonCode::AnswerDiffers);
        tables.change(&key, "", |stands| {
            stands.row.standing = Standing::Held;
            stands.row.reason = Some(differs);
        });
    }
    let page = Browser::opened(&town).opens(STATEMENT).body;
    let sum = cents(paid(1));
    let apart = "data-name=\"In QuickBooks with other figures\">";
    assert!(
        page.contains(&format!("{apart}CAD {sum}<br>(1)")),
        "{apart}: {page}"
    );
    assert!(
        page.contains("data-name=\"Not recorded by us\"></td>"),
        "{page}"
    );
    assert!(!page.contains(">Needs you<"), "{page}");
}

#[test]
fn only_what_could_not_be_read_is_said_to_be_unread() {
    let mut town = Town::new(10);
    for number in 1..=3 {
        town.send(&format!("message-{number}"), payment(number, 3));
    }
    town.work_all();
    {
        let mut tables = town.outside.tables.borrow_mut();
        let codes = [
            ReasonCode::Conflict,
            ReasonCode::Kept,
            ReasonCode::Unreadable,
        ];
        for ((number, stands), code) in (0..).zip(tables.ledger.values_mut()).zip(codes) {
            let kept_at = stands.row.listing.as_ref().expect("listed").moved_at;
            let position =
                message_position(&format!("message-{number}"), kept_at, &Reason::new(code));
            stands.listed = Some(position);
        }
    }
    let page = Browser::opened(&town).opens(STATEMENT).body;
    assert!(page.contains("One message could not be read"), "{page}");
}

#[test]
fn however_many_refunds_there_are_each_stands_under_the_method_of_its_payment() {
    let mut town = Town::new(7);
    town.send("message-1", payment(1, 3));
    town.send("message-2", refund(1, 1, 1_000, 3));
    town.work_all();
    let copies = |town: &Town, to: u64| {
        let mut tables = town.outside.tables.borrow_mut();
        let mut rows = tables.ledger.iter();
        let (key, one) = rows.find(|(key, _)| key.id == "ref_1").expect("a refund");
        let (key, one) = (key.clone(), one.clone());
        for number in 2..=to {
            let mut key = key.clone();
            key.id = format!("ref_{number}");
            let mut one = one.clone();
            let listed = one.listed.take();
            one.listed = listed.map(|listed| listed.replace("#ref_1#", &format!("#{}#", key.id)));
            tables.ledger.insert(key, one);
        }
    };
    copies(&town, 1_100);
    let mut browser = Browser::opened(&town);
    let page = browser.opens(STATEMENT).body;
    assert!(page.contains("−CAD 11,000.00"), "{page}");
    assert!(!page.contains("method not told"), "{page}");
    copies(&town, 10_001);
    let page = browser.opens(STATEMENT).body;
    assert!(page.contains("there are too many: 1."), "{page}");
}

#[test]
fn a_month_without_end_is_a_sheet_in_parts_and_a_statement_of_all_of_it() {
    let mut town = Town::new(5);
    town.send("message-1", payment(1, 3));
    town.work_all();
    {
        let mut tables = town.outside.tables.borrow_mut();
        let (key, one) = tables.ledger.iter().next().expect("a transaction");
        let (key, one) = (key.clone(), one.clone());
        for number in 2..=5_150 {
            let mut key = key.clone();
            key.id = format!("pay_{number}");
            let mut one = one.clone();
            let listed = one.listed.take();
            one.listed = listed.map(|listed| listed.replace("#pay_1#", &format!("#{}#", key.id)));
            tables.ledger.insert(key, one);
        }
    }
    let mut browser = Browser::opened(&town);
    let first = browser.opens(SHEET).body;
    let last = first.trim_end().rsplit("\r\n").next().expect("a row");
    let address = last
        .trim_end_matches('"')
        .rsplit(' ')
        .next()
        .expect("an address");
    // It is followed from a saved file too.
    let path = address.strip_prefix("https://quickbooks.simulated");
    let path = path.unwrap_or_else(|| panic!("absolute: {last}"));
    let answer = browser.opens(path);
    assert_eq!(
        answer.header("content-disposition"),
        Some("attachment; filename=\"quickbooks-2026-11-2.csv\"")
    );
    let second = answer.body;
    let totals = |sheet: &str, label: &str| -> Vec<i64> {
        let rows = rows(sheet).into_iter();
        let rows = rows.filter(|row| row[0] == label && row[8].is_empty());
        rows.map(|row| row[6].replace('.', "").parse().expect("cents"))
            .collect()
    };
    let (part, month) = ("Total of this part", "Total of the month");
    let parts = [totals(&first, part), totals(&second, part)].concat();
    assert_eq!(parts.len(), 2);
    assert_eq!(parts.iter().sum::<i64>(), 5_150 * paid(1));
    let whole = [totals(&first, month), totals(&second, month)].concat();
    assert_eq!(whole, [5_150 * paid(1)], "once");
    assert!(totals(&first, "Total").is_empty());
    let listed = |sheet: &str| sheet.matches(",Payment,").count();
    assert_eq!(listed(&first) + listed(&second), 5_150);
    let page = browser.opens(STATEMENT).body.replace(',', "");
    assert!(page.contains("<td class=\"sum\">5150</td>"), "{page}");
    let sum = cents(5_150 * paid(1));
    assert!(
        page.contains(&format!("<strong>CAD {sum}</strong>")),
        "{page}"
    );
}
