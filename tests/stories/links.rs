//! What is kept of customers, over the running stack: shared, found again, forgotten; the tables' conditions are the ones
//! that ship.

use std::time::Duration;

use common::store::dynamodb::DynamoDb;
use common::store::{Link, LinkClaim, LinkKey, Links};
use jiff::Timestamp;
use recording::customer::{Choice, Chosen};
use serde_json::{Value, json};

use crate::bench::{Bench, by_somebody_new, now, payment};
use crate::customers::{by, by_hand, chooses, linked, person};

/// The message that a customer is to be forgotten.
fn erased(customer: &str) -> Value {
    json!({"schema": 1, "type": "customer.erased", "merchant_id": "", "sent_at": "2026-11-22T14:03:12Z",
           "customer": {"id": customer}})
}

/// A claim on a customer's link by somebody, from then.
fn claim<'a>(key: &'a LinkKey, owner: &'a str, now: Timestamp) -> LinkClaim<'a> {
    LinkClaim {
        key,
        owner,
        now,
        lease: Duration::from_secs(45),
        quiescence: Duration::from_secs(300),
    }
}

/// Records a link as a worker would.
async fn put_link(store: &DynamoDb, key: &LinkKey, link: &Link) {
    let claim = claim(key, "somebody", now());
    let claimed = store.claim_link(&claim, b"asked", None).await;
    claimed.expect("the store is there");
    let linked = store.link(key, "somebody", link).await;
    assert!(linked.expect("the store is there").is_some());
}

// R7: one address, two customers, at once
#[tokio::test]
async fn two_new_customers_of_one_address_share_the_record() {
    let bench = Bench::start().await;
    let mia = person("cus_mia", "Mia", "Fox", Some("foxes@example.org"));
    let max = person("cus_max", "Max", "Fox", Some("Foxes@example.org"));
    bench.send(by("pay_0571", &mia)).await;
    bench.send(by("pay_0572", &max)).await;
    bench.comes_through("pay_0571").await;
    bench.comes_through("pay_0572").await;
    let (one, other) = (
        linked(&bench, "cus_mia").await,
        linked(&bench, "cus_max").await,
    );
    assert_eq!(one.0, other.0, "one record");
    let mut matched = [one.1.as_str(), other.1.as_str()];
    matched.sort_unstable();
    assert_eq!(matched, ["created", "email"]);
}

// R15: a message that counts no versions tells them by time, more finely than it is stored
#[tokio::test]
async fn an_unchanged_profile_whose_version_is_its_time_is_never_refused() {
    let bench = Bench::start().await;
    let timed = |id: &str, at: &str| {
        let mut payment = by_somebody_new(payment(id));
        payment["customer"]["version"] = Value::Null;
        payment["customer"]["updated_at"] = json!(at);
        payment
    };
    bench.cost().await;
    for id in ["pay_0581", "pay_0582"] {
        bench.send(timed(id, "2026-11-20T10:00:00.123456Z")).await;
        bench.synced(id).await;
    }
    let mut later = timed("pay_0583", "2026-11-20T10:00:00.124001Z");
    later["customer"]["phone"] = json!("514 555 0101");
    bench.send(later).await;
    bench.synced("pay_0583").await;
    assert_eq!(
        bench.cost().await,
        (2, 5),
        "created, three receipts, one change"
    );
}

// R9, R15: hidden, corrected and shown again by the merchant, and found by our mark
#[tokio::test]
async fn a_record_that_was_corrected_by_hand_keeps_it_when_it_is_found_again() {
    let bench = Bench::start().await;
    bench.send(by_somebody_new(payment("pay_0591"))).await;
    bench.synced("pay_0591").await;
    let (record, _) = linked(&bench, "cus_new").await;
    by_hand(&bench, &record, json!({"Active": false})).await;
    bench.send(by_somebody_new(payment("pay_0592"))).await;
    bench
        .stopped("pay_0592", "needs_operator", "customer_inactive")
        .await;
    let corrected = json!({"Active": true, "PrimaryPhone": {"FreeFormNumber": "514 555 7777"}, "FamilyName": "Heureux"});
    by_hand(&bench, &record, corrected).await;
    let mut newer = by_somebody_new(payment("pay_0593"));
    newer["customer"]["version"] = json!(2);
    newer["customer"]["personal_address"]["line1"] = json!("9 rue Neuve");
    bench.send(newer).await;
    bench.synced("pay_0593").await;
    assert_eq!(
        linked(&bench, "cus_new").await,
        (record.clone(), "created".into())
    );
    let record = bench.record(&record).await;
    assert_eq!(record["PrimaryPhone"]["FreeFormNumber"], "514 555 7777");
    assert_eq!(record["FamilyName"], "Heureux");
    assert_eq!(record["BillAddr"]["Line1"], "9 rue Neuve");
}

// R8: every name that is tried belongs to somebody
#[tokio::test]
async fn a_customer_whose_every_name_is_taken_is_the_operators_to_choose() {
    let bench = Bench::start().await;
    let taken = json!({"kind": "fault", "code": "6240", "realm": bench.realm, "operation": "customer.create", "times": 99});
    bench.control("trouble", &taken).await;
    bench.send(by_somebody_new(payment("pay_0601"))).await;
    bench
        .stopped("pay_0601", "needs_operator", "customer_name_taken")
        .await;
    let told = bench.customer("cus_new", "needs_operator").await;
    assert_eq!(told["reason"]["code"], "customer_name_taken");
    let record = Choice::Record("47".parse().expect("an id"));
    let chosen = chooses(&bench, "cus_new", &record).await;
    assert!(
        matches!(chosen, Chosen::Linked { released: 1, .. }),
        "{chosen:?}"
    );
    bench.comes_through("pay_0601").await;
}

// R36: in every company the merchant ever had
#[tokio::test]
async fn a_customer_who_is_forgotten_leaves_ids_alone() {
    let bench = Bench::start().await;
    let sam = person("cus_sam", "Sam", "Lee", Some("sam.lee@example.com"));
    bench.send(by("pay_0561", &sam)).await;
    bench
        .stopped("pay_0561", "needs_operator", "customer_ambiguous")
        .await;
    let first = by_somebody_new(payment("pay_0562"));
    bench.send(first).await;
    bench.synced("pay_0562").await;
    let (record, _) = linked(&bench, "cus_new").await;
    // The same customer in a company the merchant left.
    let store = bench.store().await;
    let key = |realm: &str| LinkKey {
        merchant: bench.merchant.parse().expect("a merchant"),
        realm: realm.parse().expect("a company"),
        customer: "cus_new".parse().expect("a customer"),
        currency: None,
    };
    let (here, left) = (key(&bench.realm), key("9341450000000009"));
    let both = [here.clone(), left.clone()];
    let found = store.links(&both).await.expect("the store is there");
    let link = found[0].clone().expect("a link");
    assert!(link.baseline.is_some());
    put_link(&store, &left, &link).await;
    for customer in ["cus_sam", "cus_new"] {
        bench.send(erased(customer)).await;
    }
    // In line behind the erasing: the link still serves.
    let mut later = by_somebody_new(payment("pay_0563"));
    later["customer"]["version"] = json!(5);
    bench.send(later).await;
    bench.synced("pay_0563").await;
    assert_eq!(bench.receipts().await.len(), 2);
    let found = store.links(&both).await.expect("the store is there");
    let [Some(here), Some(left)] = found.as_slice() else {
        panic!("{found:?}")
    };
    assert_eq!(
        (here.record.as_str(), left.record.as_str()),
        (record.as_str(), record.as_str())
    );
    assert!(left.baseline.is_none() && left.facts.fingerprints.is_none());
    // The held payment goes through under a name of its own once somebody decides.
    bench.lists("#held", &["payment#pay_0561"]).await;
    let chosen = chooses(&bench, "cus_sam", &Choice::Create).await;
    let Chosen::Linked { record, .. } = chosen else {
        panic!("{chosen:?}")
    };
    bench.comes_through("pay_0561").await;
    let record = bench.record(record.as_str()).await;
    assert_eq!(record["DisplayName"], "MioCommerce cus_sam");
}
