//! Never twice: delivered again, at once, with other figures, after a lost answer.

use serde_json::json;

use crate::bench::{Bench, payment};

// R2
#[tokio::test]
async fn the_same_message_many_times_makes_one_receipt_and_tells_one_outcome() {
    let bench = Bench::start().await;
    for _ in 0..5 {
        bench.send(payment("pay_0001")).await;
    }
    let first = bench.outcome("pay_0001", 0).await;
    let last = bench.outcome("pay_0001", 4).await;
    assert_eq!(first["id"], last["id"], "a reader can drop the repeats");
    assert_eq!(bench.receipts().await.len(), 1);
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
    bench.outcome("pay_0001", 4).await;
    assert_eq!(bench.receipts().await.len(), 1);
    assert_eq!(
        bench.counters().await["writes"],
        1,
        "the receipt, and nothing else was ever sent"
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
    let told = bench.outcome("pay_0001", 1).await;
    assert_eq!(told["type"], "transaction.synced", "the first one stands");
    assert_eq!(bench.one_receipt().await["TotalAmt"].to_string(), "102.53");
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

/// Delivers the payment again until enough time has passed for it to be looked for.
async fn comes_again_until_synced(bench: &Bench) {
    let mut seen = 1;
    loop {
        bench.send(payment("pay_0001")).await;
        let outcome = bench.outcome("pay_0001", seen).await;
        seen += 1;
        if outcome["type"] == "transaction.synced" {
            return;
        }
        assert_eq!(outcome["reason"]["code"], "answer_unknown", "{outcome}");
        assert!(seen < 500, "it is never looked for");
    }
}
