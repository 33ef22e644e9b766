//! Never twice: delivered again, at once, with other figures, after a lost answer.

use serde_json::{Value, json};

use crate::bench::{Bench, payment};

// R2
#[tokio::test]
async fn the_same_message_many_times_makes_one_receipt_and_tells_one_outcome() {
    let bench = Bench::start().await;
    for _ in 0..5 {
        bench.send(payment("pay_0001")).await;
    }
    bench.catches_up("pay_0002").await;
    let told = bench.told("pay_0001").into_iter();
    let mut synced: Vec<Value> = told
        .filter(|outcome| outcome["type"] == "transaction.synced")
        .map(|outcome| outcome["id"].clone())
        .collect();
    synced.dedup();
    assert_eq!(synced.len(), 1, "a reader can drop the repeats");
    assert_eq!(bench.receipts().await.len(), 2);
}

// R2: what is left when QuickBooks forgets request ids and takes a number twice
#[tokio::test]
async fn the_same_message_many_times_is_sent_to_quickbooks_once() {
    let bench = Bench::start().await;
    let weakest =
        json!({"realm": bench.realm, "request_ids": "off", "refuse_duplicate_numbers": false});
    bench.control("switches", &weakest).await;
    for _ in 0..5 {
        bench.send(payment("pay_0001")).await;
    }
    bench.catches_up("pay_0002").await;
    assert_eq!(bench.receipts().await.len(), 2);
    assert_eq!(
        bench.counters().await["writes"],
        2,
        "a receipt each, and nothing else was ever sent"
    );
}

// R2, R34
#[tokio::test]
async fn the_same_payment_with_another_amount_is_never_posted() {
    let bench = Bench::start().await;
    bench.send(payment("pay_0001")).await;
    bench.synced("pay_0001").await;
    let mut other = payment("pay_0001");
    other["payment"]["amount"] = json!("112.53");
    other["payment"]["lines"][1]["amount"] = json!("20.55");
    bench.send(other).await;
    bench.catches_up("pay_0002").await;
    let stands = |told: &Value| {
        told["type"] == "transaction.synced" || told["type"] == "transaction.waiting"
    };
    assert!(bench.told("pay_0001").iter().all(stands));
    let receipts = bench.receipts().await;
    let totals: Vec<String> = receipts
        .iter()
        .map(|receipt| receipt["TotalAmt"].to_string())
        .collect();
    assert_eq!(totals, ["102.53", "102.53"], "the first one stands");
}

// R2: the answer is lost after QuickBooks recorded the receipt
#[tokio::test]
async fn an_answer_lost_after_recording_does_not_double_the_receipt() {
    let bench = Bench::start().await;
    bench.trouble("lose_answer", "salesreceipt.create", 1).await;
    bench.send(payment("pay_0001")).await;
    bench.stopped("pay_0001", "waiting", "answer_unknown").await;
    comes_again_until_synced(&bench).await;
    assert_eq!(bench.receipts().await.len(), 1);
}

// R2: the request is lost before QuickBooks recorded anything
#[tokio::test]
async fn a_request_lost_before_recording_is_sent_again_once() {
    let bench = Bench::start().await;
    bench
        .trouble("timeout_without_commit", "salesreceipt.create", 1)
        .await;
    bench.send(payment("pay_0001")).await;
    bench.stopped("pay_0001", "waiting", "answer_unknown").await;
    comes_again_until_synced(&bench).await;
    assert_eq!(bench.receipts().await.len(), 1);
}

// R2: QuickBooks records and then answers with an error of its own
#[tokio::test]
async fn an_error_after_recording_does_not_double_the_receipt() {
    let bench = Bench::start().await;
    bench
        .trouble("commit_then_500", "salesreceipt.create", 1)
        .await;
    bench.send(payment("pay_0001")).await;
    bench.stopped("pay_0001", "waiting", "answer_unknown").await;
    comes_again_until_synced(&bench).await;
    assert_eq!(bench.receipts().await.len(), 1);
}

/// Delivers the payment again, which may not help before enough time has passed for it to be looked for.
async fn comes_again_until_synced(bench: &Bench) {
    bench.send(payment("pay_0001")).await;
    let ends = |outcome: &Value| outcome["type"] != "transaction.waiting";
    let outcome = bench.outcome("pay_0001", ends).await;
    assert_eq!(outcome["type"], "transaction.synced", "{outcome}");
}
