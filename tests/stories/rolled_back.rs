//! A deployment that was rolled back meets rows of the version it came back from.

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use bookkeeping::ids::MerchantId;
use common::store::activity::Span;
use common::store::{
    Activity, Arming, Changes, Connections, Healths, Links, Lots, Onboarding, Refunds, Saved,
};
use common::world::World;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::bench::{Bench, now, payment, until};

mod kinds;
mod nobody;

use kinds::{Item, Kinds, far, text};
use nobody::{nobody_claims, nobody_reads, nobody_writes};

// R36: rolling back
#[tokio::test]
async fn what_a_later_version_wrote_is_neither_read_nor_written_over_whatever_row_it_is() {
    let kinds = Kinds::written().await;
    let before = kinds
        .are_written_later(|item| {
            item.insert("v".to_owned(), AttributeValue::N("2".to_owned()));
        })
        .await;
    // Transaction, its refunds, lot, health, kept message, breaker; connection, profile; tokens; link, record, door, change.
    assert!(before.len() >= 13, "{} rows", before.len());
    nobody_reads(&kinds).await;
    nobody_claims(&kinds).await;
    nobody_writes(&kinds).await;
    assert_eq!(kinds.rows().await, before);
}

// R36: rolling back; the list and the spreadsheet go on behind it
#[tokio::test]
async fn what_a_later_version_wrote_does_not_end_the_list_of_activity() {
    let kinds = Kinds::written().await;
    let listed = async |limit| {
        let span = Span {
            from: Timestamp::UNIX_EPOCH,
            until: far(),
            after: None,
            limit,
        };
        let page = kinds.store.activity(&kinds.merchant, &span).await;
        let page = page.expect("a store").into_iter();
        page.map(|entry| entry.position).collect::<Vec<_>>()
    };
    let all = listed(9).await;
    let newest = all[0].clone();
    kinds
        .are_written_later(|item| {
            if item.get("listed") == Some(&text(newest.as_str())) {
                item.insert("v".to_owned(), AttributeValue::N("2".to_owned()));
            }
        })
        .await;
    assert_eq!(listed(1).await, all[1..2]);
}

// R36: rolling back
#[tokio::test]
async fn fields_that_a_later_version_added_outlive_what_this_one_writes() {
    let kinds = Kinds::written().await;
    let Kinds {
        store,
        merchant,
        payment: first,
        link,
        bench,
        ..
    } = &kinds;
    let add = |value: &mut Value| value["later_on"] = json!({"of": ["a later version"]});
    let before = kinds
        .are_written_later(|item| {
            for name in ["body", "health", "refunded", "facts"] {
                let Some(AttributeValue::S(body)) = item.get_mut(name) else {
                    continue;
                };
                let mut value: Value = serde_json::from_str(body).expect("JSON");
                // A breaker is a word and its times, and is never written over where it is not as it was seen.
                if value["state"].is_string() && value["company"].is_null() {
                    continue;
                }
                add(&mut value);
                if value["settings"].is_object() {
                    add(&mut value["settings"]);
                }
                *body = value.to_string();
            }
        })
        .await;

    let connection = store.opening(merchant).await.expect("a store").connection;
    let connection = connection.expect("connected");
    assert_eq!(store.revise(&connection, None).await, Ok(true));
    let health = store.health(merchant).await.expect("a store");
    assert_eq!(store.keep_health(merchant, &health, None).await, Ok(true));
    let refunded = store.refunded(first).await.expect("a store");
    assert_eq!(store.keep_refunded(first, &refunded).await, Ok(true));
    let known = store.merchant(merchant).await.expect("a store");
    let known = known.expect("a merchant");
    assert_eq!(store.learn_merchant(&known).await, Ok(true));
    let links = store.links(std::slice::from_ref(link)).await;
    let linked = links.expect("a store").remove(0).expect("linked");
    let saved = store.save_change(link, None, &linked, now()).await;
    assert!(saved.is_ok_and(|saved| matches!(saved, Saved::Done(_))));
    kinds.arm().await.expect("a store");
    // All of it once more, as it is used.
    bench.catches_up("pay_2").await;

    let of = |item: &Item| {
        let fields = ["body", "health", "refunded", "facts"].map(|name| match item.get(name) {
            Some(AttributeValue::S(body)) => body.matches("later_on").count(),
            _ => 0,
        });
        (item.contains_key("later_on"), fields)
    };
    let after = kinds.rows().await;
    for (table, item) in &before {
        let stands = after.iter().find(|(other, now)| {
            other == table && now["pk"] == item["pk"] && now["sk"] == item["sk"]
        });
        let (_, stands) = stands.expect("it is still there");
        // A profile is put whole: its body keeps what it does not know, the row has nothing besides.
        let is_profile = item["sk"] == text("merchant");
        let wanted = of(item);
        assert_eq!(of(stands).1, wanted.1, "{:?}", item["sk"]);
        assert_eq!(of(stands).0, !is_profile, "{:?}", item["sk"]);
    }
}

// R36, R29: rolling back
#[tokio::test]
async fn a_payment_that_a_later_version_parked_waits_for_it_and_the_others_go_past_it() {
    let bench = Bench::start().await;
    let merchant = MerchantId::parse(&bench.merchant).expect("an id");
    bench.trouble("down", "salesreceipt.create", 1_000).await;
    for id in ["pay_1", "pay_2"] {
        bench.send(payment(id)).await;
        let waits = |outcome: &Value| outcome["type"] == "transaction.waiting";
        bench.outcome(id, waits).await;
    }
    let version = async |version: &str| {
        let dynamodb = aws_sdk_dynamodb::Client::new(&bench.sdk());
        let update = dynamodb
            .update_item()
            .table_name(bench.output("LedgerTable"))
            .key("pk", text(merchant.as_str()))
            .key("sk", text("payment#pay_1"))
            .update_expression("SET v = :v")
            .expression_attribute_values(":v", AttributeValue::N(version.to_owned()));
        update.send().await.expect("a table");
    };
    version("2").await;
    bench.calm().await;
    bench.comes_through("pay_2").await;
    bench.lists("", &["payment#pay_1"]).await;
    assert_eq!(bench.receipts().await.len(), 1);
    // Let go of, and due again: somebody comes.
    let store = bench.store().await;
    until("the drain to let go", async || {
        let lot = store.lot(&merchant).await.expect("a store")?;
        (lot.due.is_some() && lot.drainer.is_none()).then_some(())
    })
    .await;

    // Rolled forward: what can read it comes by. Here the row is put back instead.
    version("1").await;
    let arming = Arming::from_now(&merchant, now());
    store.arm(&arming).await.expect("a store");
    let whose = std::slice::from_ref(&merchant);
    bench.world().wake(whose, Duration::ZERO).await;
    bench.comes_through("pay_1").await;
    assert_eq!(bench.receipts().await.len(), 2);
}
