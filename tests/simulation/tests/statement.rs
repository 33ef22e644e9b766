//! A month held against the books, on a page and as a sheet: to the cent, in bounded reads, and safe to open.
#![recursion_limit = "256"]

mod browser;

use std::collections::BTreeMap;

use browser::Browser;
use serde_json::json;
use simulation::payments::{amount, payment, refund};
use simulation::town::Town;

const SHEET: &str = "/quickbooks/activity.csv?month=2026-11";
const STATEMENT: &str = "/quickbooks/statement?month=2026-11";

fn opened(town: &Town) -> Browser {
    let mut browser = Browser::beside(town.outside.clone());
    let answer = browser.launches("/quickbooks", &json!({}));
    browser.follows(&answer);
    browser
}

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
    let mut browser = opened(&town);
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
    by_state.insert("", listed.iter().map(minor).sum());
    let told: BTreeMap<&str, i64> = totals
        .iter()
        .map(|row| (row[8].as_str(), minor(row)))
        .collect();
    assert_eq!(told, by_state);
    assert_eq!(told["In QuickBooks"], paid(1) + paid(2) - 1_000);
    assert_eq!(told["Left out"], paid(4));
}

#[test]
fn nothing_that_somebody_wrote_is_taken_for_a_formula() {
    let town = a_month(2);
    let mut browser = opened(&town);
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
    let mut browser = opened(&town);
    let page = browser.opens(STATEMENT).body;
    let received = paid(1) + paid(2) + paid(4);
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
        "Left out",
        "Credit card",
        "Coupon",
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
    let mut browser = opened(&town);
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
    let held = payment(1, 3).replace(r#""method":"card""#, r#""method":"coupon""#);
    town.send("message-1", held);
    town.send("message-2", refund(1, 1, amount(1), 3));
    town.work_all();
    let mut browser = opened(&town);
    let page = browser.opens(STATEMENT).body;
    let sum = cents(paid(1));
    let apart = format!("CAD {sum}<br>−CAD {sum}<br>(2)");
    assert!(page.contains(&apart), "{apart}: {page}");
    assert!(page.contains("Not recorded by us"), "{page}");
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
    let mut browser = opened(&town);
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
    let mut browser = opened(&town);
    let first = browser.opens(SHEET).body;
    let last = first.trim_end().rsplit("\r\n").next().expect("a row");
    let address = last
        .trim_end_matches('"')
        .rsplit(' ')
        .next()
        .expect("an address");
    assert!(address.starts_with("/quickbooks/activity.csv?"), "{last}");
    let second = browser.opens(address).body;
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
