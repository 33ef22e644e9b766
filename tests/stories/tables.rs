//! The store's promises, kept by the tables that ship.

use aws_sdk_dynamodb::types::AttributeValue;
use bookkeeping::breaker::Breaker;
use bookkeeping::ids::MerchantId;
use common::store::Breakers;
use common::store::dynamodb::DynamoDb;
use jiff::Timestamp;

use crate::bench::Bench;

/// A merchant of nobody's, and the tables.
async fn nobody() -> (DynamoDb, MerchantId) {
    let bench = Bench::not_connected().await;
    let merchant = MerchantId::parse(&bench.merchant).expect("an id");
    (bench.store().await, merchant)
}

// R2
#[tokio::test]
async fn the_tables_keep_their_promises_about_the_ledger() {
    let (store, merchant) = nobody().await;
    promises::about_the_ledger(&store, &merchant).await;
}

// R29, R34
#[tokio::test]
async fn the_tables_keep_their_promises_about_lots() {
    let (store, merchant) = nobody().await;
    promises::about_lots(&store, &merchant).await;
}

// R9, R36
#[tokio::test]
async fn the_tables_keep_their_promises_about_links() {
    let (store, merchant) = nobody().await;
    promises::about_links(&store, &merchant).await;
}

// R10, R33
#[tokio::test]
async fn the_tables_keep_their_promises_about_the_list() {
    let (store, merchant) = nobody().await;
    promises::about_the_list(&store, &merchant).await;
}

// R15
#[tokio::test]
async fn the_tables_keep_their_promises_about_changes() {
    let (store, merchant) = nobody().await;
    promises::about_changes(&store, &merchant).await;
}

// R36
#[tokio::test]
async fn the_tables_keep_their_promises_about_erasures() {
    let (store, merchant) = nobody().await;
    promises::about_erasures(&store, &merchant).await;
}

// R4
#[tokio::test]
async fn the_tables_keep_their_promises_about_refunds() {
    let (store, merchant) = nobody().await;
    promises::about_refunds(&store, &merchant).await;
}

// R24
#[tokio::test]
async fn the_tables_keep_their_promises_about_tokens() {
    let (store, merchant) = nobody().await;
    promises::about_tokens(&store, &merchant).await;
}

// R1, R31
#[tokio::test]
async fn the_tables_keep_their_promises_about_states() {
    let bench = Bench::start().await;
    let merchant = MerchantId::parse(&bench.merchant).expect("an id");
    promises::about_states(&bench.store().await, &merchant).await;
}

// R23, R25
#[tokio::test]
async fn the_tables_keep_their_promises_about_health() {
    let (store, merchant) = nobody().await;
    promises::about_health(&store, &merchant).await;
}

// R34
#[tokio::test]
async fn the_tables_keep_their_promises_about_breakers() {
    let (store, merchant) = nobody().await;
    promises::about_breakers(&store, merchant.as_str()).await;
}

// R34
#[tokio::test]
async fn a_breaker_that_nobody_can_read_stops_nobody_and_is_written_over() {
    let bench = Bench::not_connected().await;
    let (store, service) = (bench.store().await, bench.merchant.as_str());
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let row = [
        ("pk", text(&format!("breaker#{service}"))),
        ("sk", text("breaker")),
        ("body", text("{\"state\":\"ajar\"}")),
        ("revision", text("many")),
    ];
    // With a number that cannot be read, and without one.
    for attributes in [&row[..], &row[..3]] {
        bench.write_row(attributes).await;
        let seen = store.breaker(service).await.expect("a store");
        assert_eq!(seen.breaker, Breaker::Closed);
        let since = Timestamp::UNIX_EPOCH;
        let back = Breaker::Returning { since };
        let changed = store.change_breaker(service, &seen, &back).await;
        assert!(changed.expect("a store"));
        let stands = store.breaker(service).await.expect("a store");
        assert_eq!((stands.breaker, stands.revision), (back, 1));
    }
}
