//! A payment becomes one sales receipt, and what is in it.

use serde_json::{Value, json};

use crate::bench::{Bench, Like, by_somebody_new, payment};

// R3, R11, R12, R32, R35
#[tokio::test]
async fn a_payment_becomes_one_sales_receipt_to_the_cent() {
    let bench = Bench::start().await;
    bench.send(payment("pay_0231")).await;
    let told = bench.synced("pay_0231").await;
    let receipt = bench.one_receipt().await;
    assert_eq!(told["id"], receipt["Id"]);
    assert_eq!(told["number"], "MC-100231");
    assert_eq!(told["company"], bench.realm.as_str());
    assert_eq!(told["document"], "SalesReceipt");
    assert_eq!(receipt["DocNumber"], "MC-100231");
    assert_eq!(receipt["TotalAmt"].to_string(), "102.53");
    assert_eq!(
        receipt["CustomerRef"]["value"], "58",
        "Aline Roy, by her e-mail address"
    );
    assert_eq!(receipt["TxnDate"], "2026-11-22");
    assert_eq!(
        receipt["DepositToAccountRef"]["value"], "91",
        "card payments go to the clearing account"
    );
    assert_eq!(receipt["PaymentMethodRef"]["value"], "3", "Visa");
    assert_eq!(receipt["EmailStatus"], "NotSet");
    assert_eq!(receipt["PrintStatus"], "NotSet");
    let note = receipt["PrivateNote"].as_str().expect("a note");
    assert!(
        note.contains("100231")
            && note.contains("B-20441")
            && note.ends_with("mio:payment/pay_0231"),
        "{note}"
    );
    let lines = items(&receipt);
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0]["SalesItemLineDetail"]["Qty"].to_string(), "2");
    assert_eq!(lines[0]["SalesItemLineDetail"]["ServiceDate"], "2026-11-21");
    assert_eq!(
        lines[1]["SalesItemLineDetail"]["ItemRef"]["value"], "25",
        "a tip is a liability"
    );
    assert_eq!(
        lines[1]["SalesItemLineDetail"]["TaxCodeRef"]["value"], "3",
        "a tip is out of scope"
    );
    assert_eq!(
        taxes(&receipt),
        [
            ("3".to_owned(), "4".to_owned()),
            ("11".to_owned(), "7.98".to_owned())
        ]
    );
}

// R3
#[tokio::test]
async fn a_payment_late_in_the_evening_is_dated_in_the_merchants_time_zone() {
    let bench = Bench::start().await;
    let mut late = payment("pay_0001");
    late["payment"]["captured_at"] = json!("2026-11-23T04:50:00Z");
    bench.send(late).await;
    bench.synced("pay_0001").await;
    assert_eq!(bench.one_receipt().await["TxnDate"], "2026-11-22");
}

// R5, R6, R9, R20
#[tokio::test]
async fn a_new_customer_is_created_once_with_what_quickbooks_accepts() {
    let bench = Bench::start().await;
    for id in ["pay_0001", "pay_0002", "pay_0003"] {
        bench.send(by_somebody_new(payment(id))).await;
    }
    for id in ["pay_0001", "pay_0002", "pay_0003"] {
        bench.synced(id).await;
    }
    let books = bench.books().await;
    let people = books["Customer"].as_array().expect("customers");
    let created: Vec<&Value> = people
        .iter()
        .filter(|person| person["PrimaryEmailAddr"]["Address"] == "zoe@example.org")
        .collect();
    assert_eq!(created.len(), 1);
    assert_eq!(
        created[0]["DisplayName"], "Zoé L'Heureux fille",
        "the colon is taken out"
    );
    assert_eq!(
        created[0]["BillAddr"]["City"], "Montréal",
        "the personal address stands in for the billing one"
    );
    assert_eq!(created[0]["PreferredDeliveryMethod"], "None");
    assert!(
        created[0].get("PrimaryPhone").is_none(),
        "absent values are left out"
    );
    let receipts = bench.receipts().await;
    assert_eq!(receipts.len(), 3);
    assert!(
        receipts
            .iter()
            .all(|receipt| receipt["CustomerRef"]["value"] == created[0]["Id"])
    );
}

// R9, R29
#[tokio::test]
async fn a_linked_customers_payment_is_one_write_and_no_read() {
    let bench = Bench::start().await;
    bench.send(payment("pay_0001")).await;
    bench.synced("pay_0001").await;
    bench.cost().await;
    bench.send(payment("pay_0002")).await;
    bench.synced("pay_0002").await;
    assert_eq!(bench.cost().await, (0, 1));
}

// R3: no customer
#[tokio::test]
async fn a_walk_in_goes_to_the_fallback_customer() {
    let bench = Bench::start().await;
    let mut walk_in = payment("pay_0001");
    walk_in["customer"] = Value::Null;
    bench.send(walk_in).await;
    bench.synced("pay_0001").await;
    assert_eq!(bench.one_receipt().await["CustomerRef"]["value"], "48");
}

// R32: the cent of per-line rounding, which QuickBooks' own arithmetic would lose
#[tokio::test]
async fn taxes_rounded_line_by_line_are_posted_as_charged() {
    let bench = Bench::start().await;
    let mut three = payment("pay_0001");
    let line = |id: &str, net: &str, gst: &str, qst: &str| {
        json!({"id": id, "kind": "product", "amount": net, "taxes": [
            {"id": "tax_gst", "name": "GST", "rate": "5", "amount": gst},
            {"id": "tax_qst", "name": "QST", "rate": "9.975", "amount": qst}]})
    };
    three["payment"]["lines"] = json!([
        line("1", "19.99", "1.00", "1.99"),
        line("2", "34.95", "1.75", "3.49"),
        line("3", "12.50", "0.63", "1.25"),
    ]);
    three["payment"]["amount"] = json!("77.55");
    bench.send(three).await;
    bench.synced("pay_0001").await;
    let receipt = bench.one_receipt().await;
    assert_eq!(receipt["TotalAmt"].to_string(), "77.55");
    assert_eq!(
        taxes(&receipt),
        [
            ("3".to_owned(), "3.38".to_owned()),
            ("11".to_owned(), "6.73".to_owned())
        ]
    );
}

// R3, R35: a company in the United States that numbers its documents itself
#[tokio::test]
async fn a_us_company_gets_its_own_tax_and_its_own_number() {
    let bench = Bench::like(Like::UsManual, |_| {}).await;
    let mut repair = payment("pay_0001");
    repair["payment"]["currency"] = json!("USD");
    repair["payment"]["method"] = json!("cheque");
    repair["payment"]["method_reference"] = json!("1042");
    repair["payment"]["amount"] = json!("150.00");
    repair["payment"]["lines"] = json!([{"id": "1", "kind": "product", "amount": "137.49", "taxes": [
        {"id": "tax_az", "name": "AZ State", "rate": "7.1", "amount": "9.76"},
        {"id": "tax_tucson", "name": "Tucson", "rate": "2", "amount": "2.75"}]}]);
    bench.send(repair).await;
    bench.synced("pay_0001").await;
    let receipt = bench.one_receipt().await;
    assert_eq!(receipt["TotalAmt"].to_string(), "150");
    assert_eq!(
        items(&receipt)[0]["SalesItemLineDetail"]["TaxCodeRef"]["value"],
        "TAX"
    );
    assert_eq!(receipt["TxnTaxDetail"]["TotalTax"].to_string(), "12.51");
    assert_ne!(
        receipt["DocNumber"], "MC-100001",
        "no number of ours is sent where the company numbers by itself"
    );
    assert_eq!(receipt["PaymentRefNum"], "1042");
    assert_eq!(
        receipt["DepositToAccountRef"]["value"], "90",
        "cheques wait in Undeposited Funds"
    );
}

fn items(receipt: &Value) -> Vec<Value> {
    let lines = receipt["Line"].as_array().expect("lines");
    lines
        .iter()
        .filter(|line| line["DetailType"] == "SalesItemLineDetail")
        .cloned()
        .collect()
}

/// The tax amounts by rate id.
fn taxes(receipt: &Value) -> Vec<(String, String)> {
    let lines = receipt["TxnTaxDetail"]["TaxLine"]
        .as_array()
        .expect("tax lines");
    let tax = |line: &Value| {
        let rate = line["TaxLineDetail"]["TaxRateRef"]["value"]
            .as_str()
            .expect("a rate")
            .to_owned();
        (rate, line["Amount"].to_string())
    };
    lines.iter().map(tax).collect()
}
