//! Payments to play with.

use serde_json::{Value, json};

use crate::town::MERCHANT;

/// A payment message: two taxed lines and a tip, by one of `customers` customers, in its own way for each number.
#[must_use]
pub fn payment(number: u64, customers: u64) -> String {
    let windows = 4_000 + number * 37 % 9_000;
    let supplies = 500 + number * 11 % 2_000;
    let tip = number % 7 * 100;
    let taxed = [
        line("1", "service", windows),
        line("2", "product", supplies),
    ];
    let tax: u64 = [windows, supplies]
        .iter()
        .map(|net| gst(*net) + qst(*net))
        .sum();
    let amount = windows + supplies + tax + tip;
    let tip_line = match tip {
        0 => String::new(),
        tip => format!(
            r#",{{"id":"3","kind":"tip","description":"Tip","amount":"{}"}}"#,
            cents(tip)
        ),
    };
    let customer = number % customers;
    format!(
        r#"{{"schema":1,"type":"payment.captured","merchant_id":"{MERCHANT}","sent_at":"2026-11-22T14:03:12Z",
        "payment":{{"id":"pay_{number}","reference":"{}","captured_at":"2026-11-22T09:03:11-05:00","currency":"CAD",
        "amount":"{}","method":"card","card_brand":"visa","prices_include_tax":false,"lines":[{},{}{tip_line}]}},
        "customer":{{"id":"cus_{customer}","number":"C-{customer}","version":1,"updated_at":"2026-11-20T10:00:00Z",
        "first_name":"Person","last_name":"Number {customer}","email":"person{customer}@example.com"}}}}"#,
        100_000 + number,
        cents(amount),
        taxed[0],
        taxed[1],
    )
}

/// The numbers whose [`payment`] has a tip.
pub fn with_a_tip() -> impl Iterator<Item = u64> {
    (1..).filter(|number| number % 7 != 0)
}

/// A [`payment`] by somebody who may be one of two customers in the company.
///
/// # Panics
///
/// Never: it is made of a payment.
#[must_use]
pub fn of_one_of_two(number: u64) -> String {
    let mut message: Value = serde_json::from_str(&payment(number, 3)).expect("a message");
    message["customer"]["email"] = json!("sam.lee@example.com");
    message["customer"]["first_name"] = json!("Nobody");
    message["customer"]["last_name"] = json!("Known");
    message.to_string()
}

/// A message of a changed profile: this version has a telephone number of its own.
#[must_use]
pub fn change(customer: u64, version: u64) -> String {
    format!(
        r#"{{"schema":1,"type":"customer.updated","merchant_id":"{MERCHANT}","sent_at":"2026-11-22T14:03:12Z",
        "customer":{{"id":"cus_{customer}","number":"C-{customer}","version":{version},"updated_at":"2026-11-21T10:00:{version:02}Z",
        "first_name":"Person","last_name":"Number {customer}","email":"person{customer}@example.com","phone":"{}"}}}}"#,
        phone(version)
    )
}

/// The telephone number in a version of a profile.
#[must_use]
pub fn phone(version: u64) -> String {
    format!("514 555 01{version:02}")
}

/// A refund message of so many cents of a [`payment`], which lists nothing.
#[must_use]
pub fn refund(number: u64, of: u64, refunded: u64, customers: u64) -> String {
    refund_of(number, of, refunded, customers, "null")
}

/// A message of a [`refund`] that brings its payment along.
#[must_use]
pub fn with_its_payment(refund: &str, of: u64, customers: u64) -> String {
    let payment = payment(of, customers);
    let (_, payment) = payment.split_once("\"payment\":").expect("one");
    let (payment, _) = payment.split_once("\"customer\":").expect("one");
    refund.replace(
        "\"customer\":",
        &format!("\"payment\":{payment}\"customer\":"),
    )
}

/// A refund message of the tip and the supplies of a [`payment`], which lists both.
#[must_use]
pub fn listed_refund(number: u64, of: u64, customers: u64) -> (String, u64) {
    let supplies = 500 + of * 11 % 2_000;
    let tip = of % 7 * 100;
    let lines = format!(
        r#"[{},{{"id":"2","kind":"tip","amount":"{}"}}]"#,
        line("1", "product", supplies),
        cents(tip)
    );
    let refunded = supplies + gst(supplies) + qst(supplies) + tip;
    (refund_of(number, of, refunded, customers, &lines), refunded)
}

fn refund_of(number: u64, of: u64, refunded: u64, customers: u64, lines: &str) -> String {
    let customer = of % customers;
    format!(
        r#"{{"schema":1,"type":"payment.refunded","merchant_id":"{MERCHANT}","sent_at":"2026-11-24T14:03:12Z",
        "refund":{{"id":"ref_{number}","reference":"R-{}","kind":"refund","payment_id":"pay_{of}",
        "refunded_at":"2026-11-24T09:03:11-05:00","currency":"CAD","amount":"{}","lines":{lines}}},
        "customer":{{"id":"cus_{customer}","number":"C-{customer}","version":1,"updated_at":"2026-11-20T10:00:00Z",
        "first_name":"Person","last_name":"Number {customer}","email":"person{customer}@example.com"}}}}"#,
        200_000 + number,
        cents(refunded),
    )
}

/// What a [`payment`] comes to, in cents.
#[must_use]
pub fn amount(number: u64) -> u64 {
    let (windows, supplies) = (4_000 + number * 37 % 9_000, 500 + number * 11 % 2_000);
    let with_tax = |net: u64| net + gst(net) + qst(net);
    with_tax(windows) + with_tax(supplies) + number % 7 * 100
}

fn line(id: &str, kind: &str, net: u64) -> String {
    format!(
        r#"{{"id":"{id}","kind":"{kind}","description":"A {kind}","amount":"{}","taxes":[
        {{"id":"tax_gst","name":"GST","rate":"5","amount":"{}"}},
        {{"id":"tax_qst","name":"QST","rate":"9.975","amount":"{}"}}]}}"#,
        cents(net),
        cents(gst(net)),
        cents(qst(net)),
    )
}

/// 5 %, rounded half up per line.
fn gst(net: u64) -> u64 {
    (net * 5 + 50) / 100
}

/// 9.975 %, rounded half up per line.
fn qst(net: u64) -> u64 {
    (net * 9_975 + 50_000) / 100_000
}

fn cents(cents: u64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}
