//! Worked examples of receipts, each posted to a simulated company: what the lines, the tax of each rate and the total
//! come to. The figures were worked out by hand.
#![allow(clippy::unwrap_used, reason = "a test stops where something is wrong")]

use baskets::Shop;
use bookkeeping::reason::Reason;
use serde_json::{Value, json};

/// The message of a payment of `amount` for these lines, with whatever else is given.
fn message(shop: &Shop, amount: &str, lines: &Value, more: &Value) -> String {
    let mut payment = json!({
        "id": "pay_1", "reference": "1", "captured_at": "2026-11-22T09:03:11-05:00", "currency": shop.currency.0,
        "amount": amount, "method": "card", "lines": lines
    });
    if let Some(rate) = shop.currency.1 {
        payment["exchange_rate"] = json!(rate);
    }
    payment
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    json!({"schema": 1, "type": "payment.captured", "merchant_id": "mer_1", "sent_at": "2026-11-22T14:03:12Z", "payment": payment})
        .to_string()
}

/// Posts a payment; gives its lines as [amount, code], its tax as [rate, amount, base], and its total.
fn written(name: &str, amount: &str, lines: Value, more: Value) -> (Value, Value, Value) {
    let mut shop = Shop::named(name);
    let (key, draft) = shop.draw(&message(&shop, amount, &lines, &more)).unwrap();
    let receipt = shop.write(&key, &draft).unwrap();
    let lines = receipt["Line"].as_array().unwrap().iter();
    let lines = lines
        .filter(|line| line["DetailType"] == "SalesItemLineDetail")
        .map(|line| {
            json!([
                line["Amount"],
                line["SalesItemLineDetail"]["TaxCodeRef"]["value"]
            ])
        });
    let taxes = receipt["TxnTaxDetail"]["TaxLine"]
        .as_array()
        .into_iter()
        .flatten();
    let taxes = taxes.map(|line| {
        let detail = &line["TaxLineDetail"];
        json!([
            detail["TaxRateRef"]["value"],
            line["Amount"],
            detail["NetAmountTaxable"]
        ])
    });
    (
        lines.collect(),
        taxes.collect(),
        receipt["TotalAmt"].clone(),
    )
}

fn refused(name: &str, amount: &str, lines: Value) -> Reason {
    let shop = Shop::named(name);
    shop.draw(&message(&shop, amount, &lines, &json!({})))
        .unwrap_err()
}

/// A line with its taxes as (id, rate, amount).
fn line(kind: &str, amount: &str, taxes: &[(&str, &str, &str)]) -> Value {
    let taxes: Vec<Value> = taxes
        .iter()
        .map(|(id, rate, amount)| json!({"id": id, "name": id, "rate": rate, "amount": amount}))
        .collect();
    json!({"kind": kind, "amount": amount, "taxes": taxes})
}

fn lines(lines: Vec<Value>) -> Value {
    let numbered = lines.into_iter().enumerate().map(|(at, mut line)| {
        line["id"] = json!(at.to_string());
        line
    });
    numbered.collect()
}

#[track_caller]
fn same(written: (Value, Value, Value), lines: Value, taxes: Value, total: Value) {
    let number = |value: &Value| value.as_f64().map(|number| format!("{number:.2}"));
    let told = |value: &Value| -> Vec<Vec<String>> {
        let row = |row: &Value| {
            let cells = row.as_array().unwrap().iter();
            cells
                .map(|cell| number(cell).unwrap_or_else(|| cell.to_string()))
                .collect()
        };
        value.as_array().unwrap().iter().map(row).collect()
    };
    assert_eq!(told(&written.0), told(&lines));
    assert_eq!(told(&written.1), told(&taxes));
    assert_eq!(number(&written.2), number(&total));
}

#[test]
fn one_line_in_ontario() {
    let sold = lines(vec![line("service", "89.99", &[("hst", "13", "11.70")])]);
    same(
        written("Ontario", "101.69", sold, json!({})),
        json!([[89.99, "6"]]),
        json!([["13", 11.70, 89.99]]),
        json!(101.69),
    );
}

#[test]
fn three_lines_in_quebec_whose_taxes_were_rounded_line_by_line() {
    let sold = lines(vec![
        line(
            "service",
            "19.99",
            &[("gst", "5", "1.00"), ("qst", "9.975", "1.99")],
        ),
        line(
            "service",
            "34.95",
            &[("gst", "5", "1.75"), ("qst", "9.975", "3.49")],
        ),
        line(
            "service",
            "12.50",
            &[("gst", "5", "0.63"), ("qst", "9.975", "1.25")],
        ),
    ]);
    same(
        written("Quebec", "77.55", sold, json!({})),
        json!([[19.99, "8"], [34.95, "8"], [12.50, "8"]]),
        json!([["3", 3.38, 67.44], ["11", 6.73, 67.44]]),
        json!(77.55),
    );
}

#[test]
fn one_tax_under_two_codes_and_a_tip_in_british_columbia() {
    let sold = lines(vec![
        line("service", "150.00", &[("gst", "5", "7.50")]),
        line(
            "product",
            "40.00",
            &[("gst", "5", "2.00"), ("pst", "7", "2.80")],
        ),
        line("tip", "20.00", &[]),
    ]);
    same(
        written("British Columbia", "222.30", sold, json!({})),
        json!([[150, "5"], [40, "10"], [20, "3"]]),
        json!([["3", 9.50, 190], ["15", 2.80, 40]]),
        json!(222.30),
    );
}

#[test]
fn a_discount_is_taken_off_all_taxable_lines_by_weight() {
    let sold = lines(vec![
        line("service", "19.99", &[("hst", "13", "2.60")]),
        line("service", "24.99", &[("hst", "13", "3.25")]),
        line("product", "5.00", &[("hst", "13", "0.65")]),
        line("discount", "-5.00", &[("hst", "13", "-0.65")]),
    ]);
    same(
        written("Ontario", "50.83", sold, json!({})),
        json!([[17.99, "6"], [22.49, "6"], [4.50, "6"]]),
        json!([["13", 5.85, 44.98]]),
        json!(50.83),
    );
}

#[test]
fn a_discount_stands_on_a_line_of_its_own_where_the_operator_wants_to_see_it() {
    let taxes = |gst, qst| [("gst", "5", gst), ("qst", "9.975", qst)];
    let sold = lines(vec![
        line("service", "100.00", &taxes("5.00", "9.98")),
        line("discount", "-10.00", &taxes("-0.50", "-1.00")),
    ]);
    same(
        written("Quebec, discounts as lines", "103.48", sold, json!({})),
        json!([[100, "8"], [-10, "8"]]),
        json!([["3", 4.50, 90], ["11", 8.98, 90]]),
        json!(103.48),
    );
}

#[test]
fn a_price_with_tax_leaves_what_remains_of_it_as_net() {
    let sold = lines(vec![line(
        "service",
        "100.00",
        &[("gst", "5", "4.35"), ("qst", "9.975", "8.68")],
    )]);
    same(
        written(
            "Quebec",
            "100.00",
            sold,
            json!({"prices_include_tax": true}),
        ),
        json!([[86.97, "8"]]),
        json!([["3", 4.35, 86.97], ["11", 8.68, 86.97]]),
        json!(100),
    );
}

#[test]
fn five_prices_with_tax_in_the_united_kingdom() {
    let sold = lines(
        ["0.67", "0.67", "0.67", "0.66", "0.66"]
            .iter()
            .map(|vat| line("product", "4.00", &[("vat", "20", vat)]))
            .collect(),
    );
    same(
        written(
            "United Kingdom",
            "20.00",
            sold,
            json!({"prices_include_tax": true}),
        ),
        json!([
            [3.33, "2"],
            [3.33, "2"],
            [3.33, "2"],
            [3.34, "2"],
            [3.34, "2"]
        ]),
        json!([["3", 3.33, 16.67]]),
        json!(20),
    );
}

fn california() -> Value {
    lines(vec![
        line("product", "200.00", &[("la", "9.5", "19.00")]),
        line("service", "25.00", &[]),
        line("tip", "15.00", &[]),
    ])
}

#[test]
fn automated_tax_that_takes_our_amount() {
    same(
        written("California, automated", "259.00", california(), json!({})),
        json!([[200, "TAX"], [25, "NON"], [15, "NON"]]),
        json!([["2", 12, 200], ["3", 0.50, 200], ["4", 6.50, 200]]),
        json!(259),
    );
}

#[test]
fn automated_tax_that_does_not_take_our_amount_and_is_written_as_a_line() {
    same(
        written(
            "California, tax as a line",
            "259.00",
            california(),
            json!({}),
        ),
        json!([[200, "NON"], [25, "NON"], [15, "NON"], [19, "NON"]]),
        json!([]),
        json!(259),
    );
}

#[test]
fn manual_tax_of_two_rates_and_a_round_price_in_arizona() {
    let sold = lines(vec![line(
        "service",
        "137.49",
        &[("az", "7.1", "9.76"), ("tucson", "2", "2.75")],
    )]);
    same(
        written("Arizona, manual", "150.00", sold, json!({})),
        json!([[137.49, "TAX"]]),
        json!([["1", 9.76, 137.49], ["2", 2.75, 137.49]]),
        json!(150),
    );
}

#[test]
fn two_parts_of_a_booking_in_ontario() {
    let sold = || lines(vec![line("service", "300.00", &[("hst", "13", "39.00")])]);
    same(
        written("Ontario", "100.00", sold(), json!({"paid_before": "0.00"})),
        json!([[88.50, "6"]]),
        json!([["13", 11.50, 88.50]]),
        json!(100),
    );
    same(
        written(
            "Ontario",
            "239.00",
            sold(),
            json!({"paid_before": "100.00"}),
        ),
        json!([[211.50, "6"]]),
        json!([["13", 27.50, 211.50]]),
        json!(239),
    );
}

#[test]
fn a_deposit_and_what_is_left_to_pay_in_ontario() {
    let deposit = lines(vec![line("deposit", "100.00", &[])]);
    same(
        written("Ontario", "100.00", deposit, json!({})),
        json!([[100, "3"]]),
        json!([]),
        json!(100),
    );
    let rest = lines(vec![
        line("service", "300.00", &[("hst", "13", "39.00")]),
        line("deposit_applied", "-100.00", &[]),
    ]);
    same(
        written("Ontario", "239.00", rest, json!({})),
        json!([[300, "6"], [-100, "3"]]),
        json!([["13", 39, 300]]),
        json!(239),
    );
}

#[test]
fn yen_have_no_decimals_and_their_tax_neither() {
    let sold = lines(vec![
        line("service", "333", &[("hst", "13", "43")]),
        line("service", "333", &[("hst", "13", "43")]),
        line("service", "333", &[("hst", "13", "43")]),
    ]);
    same(
        written("Ontario in yen", "1128", sold, json!({})),
        json!([[333, "6"], [333, "6"], [333, "6"]]),
        json!([["13", 129, 999]]),
        json!(1128),
    );
}

#[test]
fn a_third_decimal_is_never_sent() {
    let reason = refused(
        "Ontario in dinars",
        "12.345",
        lines(vec![line("service", "12.345", &[])]),
    );
    assert_eq!(
        (reason.code.as_str(), reason.figures["amount"].as_str()),
        ("not_representable", "12.345 KWD")
    );
    let sold = lines(vec![line("service", "12.340", &[])]);
    same(
        written("Ontario in dinars", "12.340", sold, json!({})),
        json!([[12.34, "2"]]),
        json!([["7", 0, 12.34]]),
        json!(12.34),
    );
}

#[test]
fn a_tax_under_a_rate_that_is_not_its_own_asks() {
    let reason = refused(
        "Ontario",
        "115.00",
        lines(vec![line("service", "100.00", &[("hst", "15", "15.00")])]),
    );
    assert_eq!(reason.code.as_str(), "tax_rate_differs");
    assert_eq!(
        (
            reason.figures["ours"].as_str(),
            reason.figures["theirs"].as_str()
        ),
        ("15", "13")
    );
}

#[test]
fn a_gift_card_and_a_tip_in_ontario() {
    let sold = lines(vec![
        line("service", "120.00", &[("hst", "13", "15.60")]),
        line("tip", "10.00", &[]),
        line("gift_card_redeemed", "-50.00", &[]),
    ]);
    same(
        written("Ontario", "95.60", sold, json!({})),
        json!([[120, "6"], [10, "3"], [-50, "3"]]),
        json!([["13", 15.60, 120]]),
        json!(95.60),
    );
}

#[test]
fn a_large_line_in_quebec_at_a_rate_of_three_decimals() {
    let sold = lines(vec![line(
        "service",
        "4495.16",
        &[("gst", "5", "224.76"), ("qst", "9.975", "448.39")],
    )]);
    same(
        written("Quebec", "5168.31", sold, json!({})),
        json!([[4495.16, "8"]]),
        json!([["3", 224.76, 4495.16], ["11", 448.39, 4495.16]]),
        json!(5168.31),
    );
}

#[test]
fn tax_is_a_line_booked_to_a_liability_where_sales_tax_is_off() {
    let sold = lines(vec![line(
        "service",
        "100.00",
        &[("gst", "5", "5.00"), ("qst", "9.975", "9.98")],
    )]);
    same(
        written("Quebec, tax off", "114.98", sold, json!({})),
        json!([[100, null], [5, null], [9.98, null]]),
        json!([]),
        json!(114.98),
    );
}

#[test]
fn what_is_not_a_sale_never_falls_back_to_an_income_item() {
    for (kind, amount) in [
        ("tip", "10.00"),
        ("deposit", "10.00"),
        ("gift_card", "10.00"),
    ] {
        let mut shop = Shop::named("Ontario");
        let items = &mut shop.connection.settings.items;
        (items.tip, items.deposit, items.gift_card) = (None, None, None);
        let told = message(
            &shop,
            amount,
            &lines(vec![line(kind, amount, &[])]),
            &json!({}),
        );
        let reason = shop.draw(&told).unwrap_err();
        assert_eq!(
            (reason.code.as_str(), reason.figures["kind"].as_str()),
            ("item_missing", kind)
        );
    }
}

#[test]
fn a_foreign_payment_without_its_rate_is_not_written_at_one() {
    let mut shop = Shop::named("Ontario in yen");
    shop.currency.1 = None;
    let told = message(
        &shop,
        "333",
        &lines(vec![line("service", "333", &[])]),
        &json!({}),
    );
    assert_eq!(
        shop.draw(&told).unwrap_err().code.as_str(),
        "exchange_rate_missing"
    );
}
