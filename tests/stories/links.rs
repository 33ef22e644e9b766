//! What is kept of customers, over the running stack: shared, found again, forgotten; the tables' conditions are the ones
//! that ship.

use std::time::Duration;

use bookkeeping::customer::{FoundBy, Version};
use common::store::dynamodb::DynamoDb;
use common::store::{
    ChangeClaimed, Changes, Created, Door, DoorClaim, DoorClaimed, Doors, Link, LinkClaim,
    LinkClaimed, LinkFacts, LinkKey, Links, Saved,
};
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

// R9, R36: what the tables promise of a link and of a door
#[tokio::test]
async fn a_link_is_written_only_as_it_was_read_and_a_door_is_gone_through_alone() {
    let bench = Bench::not_connected().await;
    let store = bench.store().await;
    let key = LinkKey {
        merchant: bench.merchant.parse().expect("a merchant"),
        realm: bench.realm.parse().expect("a company"),
        customer: "cus_1".parse().expect("a customer"),
        currency: None,
    };
    let now = now();
    let link = |record: &str| Link {
        record: record.parse().expect("an id"),
        found_by: FoundBy::Created,
        version: Version {
            number: 1,
            at: None,
        },
        facts: LinkFacts::default(),
        is_unsure: false,
        baseline: Some(b"sealed".to_vec()),
        revision: 0,
    };
    let saved = async |owner, link: &Link| {
        store
            .save_change(&key, owner, link, now)
            .await
            .expect("a store")
    };
    // Only whoever has the claim links, and the first link stands.
    let linked = async |owner, link: &Link| store.link(&key, owner, link).await.expect("a store");
    let claimed = store
        .claim_link(&claim(&key, "one", now), b"one asks", None)
        .await
        .expect("a store");
    assert!(matches!(claimed, LinkClaimed::Ours { given_up: None, .. }));
    assert_eq!(linked("two", &link("7")).await, None);
    let first = linked("one", &link("7")).await.expect("linked");
    assert_eq!(first.revision, 1);
    assert_eq!(
        linked("one", &link("8")).await.map(|link| link.record),
        Some(first.record.clone())
    );
    // What was read before another write is not written over it.
    let Saved::Done(second) = saved(None, &first).await else {
        panic!("refused")
    };
    assert_eq!(second.revision, 2);
    let Saved::Refused(standing) = saved(
        None,
        &Link {
            version: Version {
                number: 9,
                at: None,
            },
            ..first.clone()
        },
    )
    .await
    else {
        panic!("written")
    };
    assert_eq!(standing, Some(second.clone()));
    // Nor while somebody is at it; and erasing waits for them.
    let version = Version {
        number: 2,
        at: None,
    };
    let change = store
        .claim_change(&claim(&key, "three", now), Some((&version, b"three asks")))
        .await
        .expect("a store");
    assert!(matches!(change, ChangeClaimed::Ours { .. }));
    assert!(matches!(saved(None, &second).await, Saved::Refused(_)));
    let erase = async |at| {
        let erased = store
            .erase_links(&key.merchant, &key.customer, at, Duration::from_secs(300))
            .await;
        let erased = erased.expect("a store");
        (erased.rows, erased.busy)
    };
    assert_eq!(erase(now).await, (0, 1));
    let later = now + Duration::from_secs(46);
    assert_eq!(erase(later).await, (1, 0));
    assert!(
        matches!(saved(Some("three"), &second).await, Saved::Refused(_)),
        "its claim is over"
    );
    // A link that was given up is told to whoever looks again, and erased with what a dead worker asked for.
    let claimed = store
        .claim_link(&claim(&key, "four", now), b"four asks", Some(&first.record))
        .await
        .expect("a store");
    let LinkClaimed::Ours {
        given_up: Some(given_up),
        ..
    } = claimed
    else {
        panic!("{claimed:?}")
    };
    assert_eq!(
        (given_up.record, given_up.revision),
        (first.record.clone(), 3)
    );
    assert_eq!(
        erase(now + Duration::from_secs(344)).await,
        (0, 1),
        "it may still be carried out"
    );
    assert_eq!(erase(now + Duration::from_secs(346)).await, (1, 0));
    let claimed = store
        .claim_link(&claim(&key, "five", now), b"five asks", None)
        .await
        .expect("a store");
    let LinkClaimed::Ours {
        given_up,
        asked,
        revision,
    } = claimed
    else {
        panic!("{claimed:?}")
    };
    assert_eq!((given_up, asked, revision), (None, vec![], 1));
    // Two at one door.
    let door = Door {
        merchant: key.merchant.clone(),
        realm: key.realm.clone(),
        sought: "address".to_owned(),
    };
    let enters = async |owner, seconds| {
        let claim = DoorClaim {
            door: &door,
            owner,
            now: now + Duration::from_secs(seconds),
            lease: Duration::from_secs(45),
            quiescence: Duration::from_secs(300),
        };
        match store.claim_door(&claim).await.expect("a store") {
            DoorClaimed::Ours { created } => Some(created.map(|created| created.record)),
            DoorClaimed::Busy => None,
        }
    };
    let alone = Some(None);
    assert_eq!(enters("one", 0).await, alone);
    assert_eq!(enters("two", 344).await, None);
    assert_eq!(
        enters("one", 1).await,
        alone,
        "asked again, it is still theirs"
    );
    let leaves = async |owner, created| {
        let left = store.leave_door(&door, owner, created).await;
        left.expect("a store");
    };
    leaves("two", None).await;
    assert_eq!(enters("two", 2).await, None);
    leaves("one", None).await;
    assert_eq!(enters("two", 2).await, alone);
    assert_eq!(enters("three", 348).await, alone, "its owner died");
    // What was created is told until a query shows it.
    let created = Created {
        record: first.record.clone(),
        shows_at: now + Duration::from_secs(648),
    };
    leaves("three", Some(&created)).await;
    assert_eq!(enters("four", 647).await, Some(Some(first.record)));
    leaves("four", Some(&created)).await;
    assert_eq!(enters("five", 649).await, alone);
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
