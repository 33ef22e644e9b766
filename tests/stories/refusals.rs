//! What is not posted, and why: every message ends in a state somebody can read.

use serde_json::{Value, json};

use crate::bench::{Bench, Like, nameless, payment};

// R28, R33
#[tokio::test]
async fn an_unmapped_tax_asks_the_operator_and_posts_nothing() {
    let bench = Bench::like(Like::Quebec, |settings| {
        settings["tax_map"]["rows"] = json!([])
    })
    .await;
    bench.send(nameless(payment("pay_0001"))).await;
    let sentence = bench
        .stopped("pay_0001", "needs_operator", "tax_unmapped")
        .await;
    assert!(sentence.contains("A 5% + B 9.975%"), "{sentence}");
    assert!(bench.receipts().await.is_empty());
    bench.lists("#held", &["payment#pay_0001"]).await;
}

// R3, R10
#[tokio::test]
async fn a_method_that_is_not_money_received_is_skipped() {
    let bench = Bench::start().await;
    let mut coupon = payment("pay_0001");
    coupon["payment"]["method"] = json!("coupon");
    bench.send(coupon).await;
    bench.stopped("pay_0001", "skipped", "method_off").await;
    assert!(bench.receipts().await.is_empty());
}

// R3, R10
#[tokio::test]
async fn a_payment_before_the_start_date_is_skipped() {
    let bench = Bench::like(Like::Quebec, |settings| {
        settings["start_date"] = json!("2026-11-23")
    })
    .await;
    bench.send(payment("pay_0001")).await;
    bench
        .stopped("pay_0001", "skipped", "before_start_date")
        .await;
    assert!(bench.receipts().await.is_empty());
}

// R31
#[tokio::test]
async fn a_merchant_that_never_connected_is_told_so() {
    let bench = Bench::not_connected().await;
    bench.send(payment("pay_0001")).await;
    bench.stopped("pay_0001", "skipped", "not_connected").await;
}

// R31, R34: connecting is noticed at once
#[tokio::test]
async fn a_payment_right_after_connecting_is_not_skipped() {
    let bench = Bench::not_connected().await;
    bench.send(payment("pay_0001")).await;
    bench.stopped("pay_0001", "skipped", "not_connected").await;
    bench.connect(Like::Quebec, |_| {}).await;
    bench.send(payment("pay_0002")).await;
    bench.synced("pay_0002").await;
}

// R3: multicurrency is off in this company
#[tokio::test]
async fn a_currency_the_company_does_not_use_asks_the_operator() {
    let bench = Bench::start().await;
    let mut foreign = payment("pay_0001");
    foreign["payment"]["currency"] = json!("EUR");
    bench.send(foreign).await;
    bench
        .stopped("pay_0001", "needs_operator", "currency_not_enabled")
        .await;
    assert!(bench.receipts().await.is_empty());
}

// R32
#[tokio::test]
async fn figures_that_do_not_add_up_are_refused_with_both_sides_shown() {
    let bench = Bench::start().await;
    let mut wrong = payment("pay_0001");
    wrong["payment"]["amount"] = json!("103.53");
    bench.send(wrong).await;
    let sentence = bench.stopped("pay_0001", "failed", "unreadable").await;
    assert!(
        sentence.contains("103.53") && sentence.contains("102.53"),
        "{sentence}"
    );
    assert!(bench.receipts().await.is_empty());
}

// R34
#[tokio::test]
async fn a_malformed_message_leaves_the_merchants_other_messages_alone() {
    let bench = Bench::start().await;
    bench.send(payment("pay_0001")).await;
    bench
        .send_text("{\"schema\": 1, \"type\": ".to_owned())
        .await;
    bench
        .send_text("not JSON at all \u{0} \u{1F9F9}".replace('\u{0}', ""))
        .await;
    bench.send(payment("pay_0002")).await;
    bench.synced("pay_0001").await;
    bench.synced("pay_0002").await;
    assert_eq!(bench.receipts().await.len(), 2);
    let kept = bench.listed("#failed").await;
    assert_eq!(
        kept.len(),
        2,
        "both are kept whole for a developer: {kept:?}"
    );
    assert!(
        kept.iter().all(|row| row.starts_with("message#")),
        "{kept:?}"
    );
}

// R8: the number belongs to a document somebody else made
#[tokio::test]
async fn a_number_that_is_taken_by_a_foreign_document_asks_the_operator() {
    let bench = Bench::start().await;
    bench.send(payment("pay_0001")).await;
    bench.synced("pay_0001").await;
    let mut same_number = payment("pay_0002");
    same_number["payment"]["reference"] = json!("100001");
    bench.send(same_number).await;
    let sentence = bench
        .stopped("pay_0002", "needs_operator", "number_taken")
        .await;
    assert!(sentence.contains("MC-100001"), "{sentence}");
    assert_eq!(bench.receipts().await.len(), 1);
}

// R7: several customers have the address
#[tokio::test]
async fn an_address_of_several_customers_asks_the_operator_unless_the_name_tells() {
    let bench = Bench::start().await;
    let of = |id: &str, customer: &str, first: &str, last: &str| {
        let mut payment = payment(id);
        payment["customer"]["id"] = json!(customer);
        payment["customer"]["first_name"] = json!(first);
        payment["customer"]["last_name"] = json!(last);
        payment["customer"]["email"] = json!("sam.lee@example.com");
        payment
    };
    bench
        .send(of("pay_0001", "cus_robin", "Robin", "Marsh"))
        .await;
    let sentence = bench
        .stopped("pay_0001", "needs_operator", "customer_ambiguous")
        .await;
    assert!(sentence.contains("could be this one"), "{sentence}");
    assert!(bench.receipts().await.is_empty());
}

// Contract: kinds of message this version keeps
#[tokio::test]
async fn a_message_for_a_later_version_does_not_hold_up_a_payment() {
    let bench = Bench::start().await;
    let update = include_str!("../fixtures/messages/accepted/customer-updated.json");
    let update: Value = serde_json::from_str(update).expect("JSON");
    bench.send(update).await;
    bench.send(payment("pay_0001")).await;
    bench.synced("pay_0001").await;
}
