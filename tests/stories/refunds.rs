//! A refund becomes one refund receipt, behind its payment and out of what remains of it.

use serde_json::{Value, json};

use crate::bench::{Bench, Like, nameless, payment};

/// A refund of so much of `payment("pay_0001")`, which lists nothing.
fn refund(id: &str, amount: &str) -> Value {
    json!({
        "schema": 1, "type": "payment.refunded", "merchant_id": "", "sent_at": "2026-11-24T21:20:01Z",
        "refund": {
            "id": id, "reference": format!("R-10{}", &id[4..]), "kind": "refund", "payment_id": "pay_0001",
            "method": "card", "refunded_at": "2026-11-24T16:20:00-05:00", "currency": "CAD", "amount": amount,
            "lines": null, "reason": "cancelled window"
        },
        "customer": payment("pay_0001")["customer"]
    })
}

/// The same refund, listing one service with GST and QST.
fn of_windows(mut refund: Value, net: &str, gst: &str, qst: &str) -> Value {
    refund["refund"]["lines"] = json!([
        {"id": "1", "kind": "service", "service": "svc_windows", "amount": net, "taxes": [
            {"id": "tax_gst", "name": "GST", "rate": "5", "amount": gst},
            {"id": "tax_qst", "name": "QST", "rate": "9.975", "amount": qst}]}]);
    refund
}

/// A company's refund receipts.
async fn refunds(bench: &Bench) -> Vec<Value> {
    let books = bench.books().await;
    books["RefundReceipt"]
        .as_array()
        .cloned()
        .unwrap_or_default()
}

/// What stands on a receipt: (item, tax code, amount) of each line, then (rate, amount) of each tax.
fn figures(receipt: &Value) -> Vec<String> {
    let lines = receipt["Line"].as_array().expect("lines").iter();
    let lines = lines.filter(|line| line["DetailType"] == "SalesItemLineDetail");
    let taxes = receipt["TxnTaxDetail"]["TaxLine"].as_array();
    let line = |line: &Value| {
        let detail = &line["SalesItemLineDetail"];
        let (item, code) = (&detail["ItemRef"]["value"], &detail["TaxCodeRef"]["value"]);
        format!("{item} {code} {}", line["Amount"])
    };
    let tax = |tax: &Value| {
        let rate = &tax["TaxLineDetail"]["TaxRateRef"]["value"];
        format!("{rate} {}", tax["Amount"])
    };
    let taxes = taxes.into_iter().flatten().map(tax);
    lines.map(line).chain(taxes).collect()
}

// R4, R11, R12: a full refund is the exact mirror of the receipt
#[tokio::test]
async fn a_full_refund_mirrors_the_receipt_and_names_it() {
    let bench = Bench::start().await;
    bench.send(payment("pay_0001")).await;
    bench.synced("pay_0001").await;
    bench.send(refund("ref_0001", "102.53")).await;
    let ends = |told: &Value| told["type"] != "transaction.waiting";
    let told = bench.outcome("ref_0001", ends).await;
    assert_eq!(told["type"], "transaction.synced", "{told}");
    assert_eq!(told["transaction"]["kind"], "refund");
    assert_eq!(told["quickbooks"]["document"], "RefundReceipt");
    let receipt = bench.one_receipt().await;
    let refunds = refunds(&bench).await;
    assert_eq!(refunds.len(), 1);
    assert_eq!(told["quickbooks"]["id"], refunds[0]["Id"]);
    assert_eq!(told["quickbooks"]["number"], "MC-R-100001");
    assert_eq!(figures(&refunds[0]), figures(&receipt));
    for same in [
        "TotalAmt",
        "CustomerRef",
        "DepositToAccountRef",
        "PaymentMethodRef",
    ] {
        assert_eq!(refunds[0][same], receipt[same], "{same}");
    }
    assert_eq!(
        refunds[0]["TxnDate"], "2026-11-24",
        "dated the day of the refund"
    );
    assert_eq!(
        refunds[0]["PrivateNote"],
        "MioCommerce refund R-100001, of payment pay_0001, receipt MC-100001, card, cancelled window. mio:refund/ref_0001"
    );
}

// R4: what lists nothing is allocated over what remains, tips last; the last one closes exactly
#[tokio::test]
async fn partial_refunds_take_the_tip_last_and_close_the_payment_exactly() {
    let bench = Bench::start().await;
    bench.send(payment("pay_0001")).await;
    bench.send(refund("ref_0001", "34.18")).await;
    bench
        .send(of_windows(
            refund("ref_0002", "22.99"),
            "20.00",
            "1.00",
            "1.99",
        ))
        .await;
    bench.send(refund("ref_0003", "45.36")).await;
    for id in ["ref_0001", "ref_0002", "ref_0003"] {
        bench.synced(id).await;
    }
    let mut posted = refunds(&bench).await;
    posted.sort_by_key(|refund| refund["DocNumber"].to_string());
    let posted: Vec<Vec<String>> = posted.iter().map(figures).collect();
    let expected = [
        vec![r#""21" "8" 29.73"#, r#""3" 1.49"#, r#""11" 2.96"#],
        vec![r#""21" "8" 20"#, r#""3" 1"#, r#""11" 1.99"#],
        vec![
            r#""21" "8" 30.27"#,
            r#""25" "3" 10.55"#,
            r#""3" 1.51"#,
            r#""11" 3.03"#,
        ],
    ];
    assert_eq!(posted, expected);
}

// R2, R4: the answer is lost after QuickBooks recorded the refund
#[tokio::test]
async fn a_refund_whose_answer_was_lost_is_found_and_not_doubled() {
    let bench = Bench::start().await;
    bench.send(payment("pay_0001")).await;
    bench.synced("pay_0001").await;
    bench
        .trouble("commit_then_500", "refundreceipt.create", 1)
        .await;
    bench.send(refund("ref_0001", "34.18")).await;
    bench.stopped("ref_0001", "waiting", "answer_unknown").await;
    bench.send(refund("ref_0001", "34.18")).await;
    bench.synced("ref_0001").await;
    assert_eq!(refunds(&bench).await.len(), 1);
}

// R4: more than the payment
#[tokio::test]
async fn more_than_is_left_of_the_payment_asks_the_operator() {
    let bench = Bench::start().await;
    bench.send(payment("pay_0001")).await;
    bench.send(refund("ref_0001", "100.00")).await;
    bench.synced("ref_0001").await;
    bench.send(refund("ref_0002", "2.54")).await;
    let sentence = bench
        .stopped("ref_0002", "needs_operator", "refund_exceeds")
        .await;
    assert!(
        sentence.contains("CAD 2.54") && sentence.contains("CAD 2.53"),
        "{sentence}"
    );
    bench.lists("#held", &["refund#ref_0002"]).await;
    assert_eq!(refunds(&bench).await.len(), 1);
}

// R4: the payment needs the operator, so its refund waits behind it
#[tokio::test]
async fn a_refund_waits_behind_a_payment_that_needs_the_operator() {
    let bench = Bench::like(Like::Quebec, |settings| {
        settings["tax_map"]["rows"] = json!([])
    })
    .await;
    bench.send(nameless(payment("pay_0001"))).await;
    bench.send(refund("ref_0001", "34.18")).await;
    bench
        .stopped("pay_0001", "needs_operator", "tax_unmapped")
        .await;
    bench
        .stopped("ref_0001", "waiting", "payment_waiting")
        .await;
    assert!(refunds(&bench).await.is_empty());
}

// R4: the payment is unknown; the refund waits, and is then posted alone and says so
#[tokio::test]
async fn a_refund_of_an_unknown_payment_waits_and_is_then_posted_alone() {
    let bench = Bench::start().await;
    let alone = of_windows(refund("ref_0001", "22.99"), "20.00", "1.00", "1.99");
    bench.send(alone.clone()).await;
    bench
        .stopped("ref_0001", "waiting", "payment_unknown")
        .await;
    bench.send(alone).await;
    bench.synced("ref_0001").await;
    let posted = refunds(&bench).await;
    assert_eq!(posted.len(), 1);
    assert_eq!(posted[0]["TotalAmt"].to_string(), "22.99");
    let note = posted[0]["PrivateNote"].as_str().expect("a note");
    assert!(
        note.contains("whose receipt is not from MioCommerce"),
        "{note}"
    );
}

// R4: the payment was skipped before the start date; the refund brings the payment along and is posted alone
#[tokio::test]
async fn a_refund_of_a_payment_before_the_start_date_is_posted_alone() {
    let bench = Bench::like(Like::Quebec, |settings| {
        settings["start_date"] = json!("2026-11-23")
    })
    .await;
    bench.send(payment("pay_0001")).await;
    bench
        .stopped("pay_0001", "skipped", "before_start_date")
        .await;
    let mut with_payment = refund("ref_0001", "102.53");
    with_payment["payment"] = payment("pay_0001")["payment"].clone();
    bench.send(with_payment).await;
    bench.synced("ref_0001").await;
    let posted = refunds(&bench).await;
    assert_eq!(
        figures(&posted[0]),
        [
            r#""21" "8" 80"#,
            r#""25" "3" 10.55"#,
            r#""3" 4"#,
            r#""11" 7.98"#
        ]
    );
    assert!(bench.receipts().await.is_empty());
    // Nothing says what this one takes back.
    let mut bare = refund("ref_0002", "10.00");
    bare["refund"]["payment_id"] = json!("pay_0002");
    let mut earlier = payment("pay_0002");
    earlier["payment"]["id"] = json!("pay_0002");
    bench.send(earlier).await;
    bench.send(bare).await;
    bench
        .stopped("ref_0002", "needs_operator", "refund_tax_unknown")
        .await;
}

// R4: a payment skipped for any other reason
#[tokio::test]
async fn a_refund_of_a_skipped_payment_is_skipped_for_the_same() {
    let bench = Bench::start().await;
    let mut coupon = payment("pay_0001");
    coupon["payment"]["method"] = json!("coupon");
    bench.send(coupon).await;
    let mut back = refund("ref_0001", "34.18");
    back["refund"]["method"] = json!("coupon");
    bench.send(back).await;
    bench.stopped("ref_0001", "skipped", "method_off").await;
    assert!(refunds(&bench).await.is_empty());
}

// R13: a refund resolves its customer as a payment does, creation included
#[tokio::test]
async fn a_refund_of_a_customer_nobody_knows_creates_the_customer() {
    let bench = Bench::like(Like::Quebec, |settings| {
        settings["start_date"] = json!("2026-11-23")
    })
    .await;
    let new = crate::bench::by_somebody_new(payment("pay_0001"));
    bench.send(new.clone()).await;
    bench
        .stopped("pay_0001", "skipped", "before_start_date")
        .await;
    let mut back = of_windows(refund("ref_0001", "22.99"), "20.00", "1.00", "1.99");
    back["customer"] = new["customer"].clone();
    bench.send(back).await;
    bench.synced("ref_0001").await;
    let books = bench.books().await;
    let people = books["Customer"].as_array().expect("customers");
    let created = people
        .iter()
        .find(|person| person["PrimaryEmailAddr"]["Address"] == "zoe@example.org")
        .expect("created");
    assert_eq!(
        books["RefundReceipt"][0]["CustomerRef"]["value"],
        created["Id"]
    );
}

// R4, R10: the refund account of its method, and what is written about how it came about
#[tokio::test]
async fn a_returned_cheque_leaves_from_the_account_chosen_for_it_and_says_what_it_is() {
    let bench = Bench::like(Like::Quebec, |settings| {
        settings["deposits"]["refunds_by_method"] = json!({"cheque": "91"})
    })
    .await;
    let mut cheque = payment("pay_0001");
    cheque["payment"]["method"] = json!("cheque");
    bench.send(cheque).await;
    bench.synced("pay_0001").await;
    let mut returned = refund("ref_0001", "102.53");
    returned["refund"]["kind"] = json!("returned");
    returned["refund"]["method"] = Value::Null;
    bench.send(returned).await;
    bench.synced("ref_0001").await;
    assert_eq!(
        bench.one_receipt().await["DepositToAccountRef"]["value"],
        "90",
        "the cheque waited in Undeposited Funds"
    );
    let posted = refunds(&bench).await;
    assert_eq!(posted[0]["DepositToAccountRef"]["value"], "91");
    assert_eq!(posted[0]["PaymentRefNum"], "R-100001");
    let note = posted[0]["PrivateNote"].as_str().expect("a note");
    assert!(
        note.contains("payment returned by the bank R-100001"),
        "{note}"
    );
}
