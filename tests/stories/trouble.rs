//! Trouble: QuickBooks throttled, down, closed, changed.

use std::time::Duration;

use bookkeeping::ids::MerchantId;
use bookkeeping::reason::ReasonCode;
use bookkeeping::settings::AutomatedTax;
use common::store::{Connections, Lots, Release};
use common::world::World;
use serde_json::json;

use crate::bench::{Bench, Like, now, payment};

// R29, R34
#[tokio::test]
async fn a_throttled_payment_waits_and_then_goes_through_by_itself() {
    let bench = Bench::start().await;
    bench.trouble("throttle", "salesreceipt.create", 1).await;
    bench.send(payment("pay_0001")).await;
    bench.stopped("pay_0001", "waiting", "throttled").await;
    bench.synced("pay_0001").await;
    assert_eq!(bench.receipts().await.len(), 1);
    bench.lists("", &[]).await;
}

// R33, R34: what arrives meanwhile stands in line, and everything follows by itself
#[tokio::test]
async fn quickbooks_goes_down_and_comes_back_and_everything_follows() {
    let bench = Bench::start().await;
    bench.trouble("down", "salesreceipt.create", 3).await;
    for number in 1..=5 {
        bench.send(payment(&format!("pay_000{number}"))).await;
    }
    for number in 1..=5 {
        bench.comes_through(&format!("pay_000{number}")).await;
    }
    assert_eq!(bench.receipts().await.len(), 5);
}

// R24, R34: a refusal is believed once it has persisted
#[tokio::test]
async fn a_revoked_connection_makes_payments_wait_for_a_reconnection() {
    let bench = Bench::start().await;
    bench.trouble("revoke", "salesreceipt.create", 1).await;
    bench.send(payment("pay_0001")).await;
    bench
        .stopped("pay_0001", "waiting", "token_refreshing")
        .await;
    // The drain asks again by itself, until the refusal is believed.
    bench.stopped("pay_0001", "waiting", "reconnect").await;
    assert!(bench.receipts().await.is_empty());
    bench
        .connection_changed(|changed| changed["state"] == "reconnect_needed")
        .await;
}

// R2, R24: a token refused in the middle of things is renewed, and the payment is sent once more
#[tokio::test]
async fn a_token_that_quickbooks_refuses_is_renewed_and_the_payment_goes_through() {
    let bench = Bench::start().await;
    bench
        .trouble("token_expired", "salesreceipt.create", 1)
        .await;
    bench.send(payment("pay_0001")).await;
    bench.synced("pay_0001").await;
    assert_eq!(bench.receipts().await.len(), 1);
}

// R24: the subscription ended; reconnecting will not help
#[tokio::test]
async fn a_company_that_can_only_be_read_makes_payments_wait() {
    let bench = Bench::start().await;
    bench.trouble("read_only", "salesreceipt.create", 1).await;
    bench.send(payment("pay_0001")).await;
    bench
        .stopped("pay_0001", "waiting", "company_read_only")
        .await;
    assert!(bench.receipts().await.is_empty());
}

// R12, R32: the answer's total is compared before anything is called synced, and mended
#[tokio::test]
async fn a_receipt_recorded_with_another_total_is_corrected_before_it_is_called_synced() {
    let bench = Bench::start().await;
    bench.trouble("wrong_total", "salesreceipt.create", 1).await;
    bench.send(payment("pay_0001")).await;
    bench.synced("pay_0001").await;
    let receipt = bench.one_receipt().await;
    assert_eq!(receipt["TotalAmt"].to_string(), "102.53");
    assert_eq!(receipt["SyncToken"], "1", "it was written over once");
}

// R12, R32: what QuickBooks insists on is held with both figures
#[tokio::test]
async fn a_receipt_that_cannot_be_corrected_is_held_and_never_called_synced() {
    let bench = Bench::start().await;
    bench.trouble("wrong_total", "salesreceipt.*", 0).await;
    bench.send(payment("pay_0001")).await;
    let sentence = bench
        .stopped("pay_0001", "needs_operator", "answer_differs")
        .await;
    assert!(sentence.contains("102.53"), "{sentence}");
    assert_eq!(bench.receipts().await.len(), 1);
}

// 200 that carries a fault: nobody knows, so it is looked for
#[tokio::test]
async fn a_success_that_carries_a_fault_is_not_believed() {
    let bench = Bench::start().await;
    bench
        .trouble("ok_with_fault", "salesreceipt.create", 1)
        .await;
    bench.send(payment("pay_0001")).await;
    bench.stopped("pay_0001", "waiting", "answer_unknown").await;
}

// R10, R12: automated sales tax does not keep our amount; the operator is asked once, and the receipt there is written over
#[tokio::test]
async fn where_automated_tax_makes_another_amount_the_operator_says_once_what_to_do() {
    let bench = Bench::like(Like::UsAutomated, |settings| {
        settings["items"]["tax"] = json!("29");
    })
    .await;
    let ignores = json!({"realm": bench.realm, "ast_honours_override": false});
    bench.control("switches", &ignores).await;
    let taxed = |id: &str| {
        let mut message = payment(id);
        message["payment"]["currency"] = json!("USD");
        message["payment"]["amount"] = json!("87.00");
        message["payment"]["lines"] = json!([{"id": "1", "kind": "service", "description": "Cleaning", "amount": "80.00",
            "taxes": [{"id": "tax_la", "name": "Los Angeles sales tax", "rate": "9.5", "amount": "7.00"}]}]);
        message["payment"]["service_address"] = json!({"line1": "711 W 5th St", "city": "Los Angeles", "region": "CA", "postal_code": "90071", "country": "US"});
        message
    };
    bench.send(taxed("pay_0001")).await;
    bench
        .stopped("pay_0001", "needs_operator", "answer_differs")
        .await;

    let store = bench.store().await;
    let merchant = MerchantId::parse(&bench.merchant).expect("an id");
    let connection = store.opening(&merchant).await.expect("a store").connection;
    let mut connection = connection.expect("connected");
    connection.settings.automated_tax = AutomatedTax::Line;
    assert!(store.revise(&connection, None).await.expect("a store"));
    bench.lists("#held", &["payment#pay_0001"]).await;
    let held = Release::For(&[ReasonCode::AnswerDiffers]);
    assert_eq!(
        store
            .release(&merchant, held, None, now())
            .await
            .expect("a store"),
        1
    );
    bench.world().wake(&[merchant], Duration::ZERO).await;
    bench.comes_through("pay_0001").await;
    let receipt = bench.one_receipt().await;
    assert_eq!(receipt["TotalAmt"].as_f64(), Some(87.0));
    let tax = receipt["Line"].as_array().expect("lines").iter();
    let mut tax = tax.filter(|line| line["SalesItemLineDetail"]["ItemRef"]["value"] == "29");
    assert_eq!(
        tax.next().expect("a line of its own")["Amount"].as_f64(),
        Some(7.0)
    );

    // What follows is written so, also by whoever has not heard of it yet.
    bench.send(taxed("pay_0002")).await;
    bench.comes_through("pay_0002").await;
}
