//! Customers over the running stack: found, created, chosen, kept up to date, looked for again.

use common::store::Changes;
use common::world::World;
use recording::Recorder;
use recording::customer::{Choice, Chosen, choose_customer};
use serde_json::{Value, json};

use crate::bench::{Bench, Like, by_somebody_new, payment, until};

/// A payment by this customer.
pub fn by(id: &str, customer: &Value) -> Value {
    let mut payment = payment(id);
    payment["customer"] = customer.clone();
    payment
}

pub fn person(id: &str, first: &str, last: &str, email: Option<&str>) -> Value {
    json!({"id": id, "number": "C-7", "version": 1, "first_name": first, "last_name": last, "email": email})
}

/// The message that this customer's profile changed.
pub fn changed(customer: &Value, version: u64, change: impl FnOnce(&mut Value)) -> Value {
    let mut customer = customer.clone();
    customer["version"] = json!(version);
    change(&mut customer);
    json!({"schema": 1, "type": "customer.updated", "merchant_id": "", "sent_at": "2026-11-22T14:03:12Z",
           "customer": customer})
}

/// The record a customer was told to be linked to, and how it was matched.
pub async fn linked(bench: &Bench, customer: &str) -> (String, String) {
    let told = bench.customer(customer, "linked").await;
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    (text(&told["quickbooks"]["id"]), text(&told["matched"]))
}

/// The merchant's own hand, in QuickBooks.
pub async fn by_hand(bench: &Bench, record: &str, set: Value) {
    let edit = json!({"realm": bench.realm, "entity": "Customer", "id": record, "set": set});
    bench.control("edit", &edit).await;
}

/// What the operator chose for a customer.
pub async fn chooses(bench: &Bench, customer: &str, choice: &Choice) -> Chosen {
    let recorder = Recorder::new(bench.world());
    let merchant = bench.merchant.parse().expect("a merchant");
    let (world, remembered) = (&recorder.world, &recorder.remembered);
    remembered
        .prepare(world, std::slice::from_ref(&merchant))
        .await
        .expect("the store is there");
    let opened = remembered.open(world, &merchant, world.now());
    let access = match opened.await.expect("the store is there") {
        Ok(access) => access,
        Err(closed) => panic!("{closed:?}"),
    };
    let customer = customer.parse().expect("a customer");
    let operator = "op_1".parse().expect("an operator");
    // A drain may be at the customer just then; the operator presses again.
    until("the choice to be taken", async || {
        choose_customer(&recorder, &access, &customer, choice, &operator)
            .await
            .ok()
    })
    .await
}

// R5, R6, R7, R9, R11, R15, R18, and what each costs
#[tokio::test]
async fn customers_are_found_or_created_once_at_their_price_and_follow_later_changes() {
    let bench = Bench::start().await;
    bench.cost().await;
    // Nobody who never paid is written; the first payment, which was sent before the change, creates its customer as changed.
    let first = by_somebody_new(payment("pay_0501"));
    let zoe = first["customer"].clone();
    bench
        .send(changed(&zoe, 2, |zoe| zoe["phone"] = json!("514 555 0000")))
        .await;
    bench.send(first).await;
    let (record, matched) = linked(&bench, "cus_new").await;
    assert_eq!(matched, "created");
    bench.synced("pay_0501").await;
    assert_eq!(bench.cost().await, (2, 2), "a new customer");
    let phone = bench.record(&record).await["PrimaryPhone"].clone();
    assert_eq!(phone["FreeFormNumber"], "514 555 0000");
    bench.send(by_somebody_new(payment("pay_0502"))).await;
    bench.synced("pay_0502").await;
    assert_eq!(bench.cost().await, (0, 1), "linked and unchanged");
    let mut newer = by_somebody_new(payment("pay_0503"));
    newer["customer"]["version"] = json!(3);
    newer["customer"]["phone"] = json!("514 555 0101");
    bench.send(newer).await;
    bench.synced("pay_0503").await;
    assert_eq!(bench.cost().await, (0, 2), "linked and changed");
    // An older version that arrives late changes nothing.
    bench
        .send(changed(&zoe, 2, |zoe| zoe["phone"] = json!("514 555 9999")))
        .await;
    bench
        .send(changed(&zoe, 4, |zoe| zoe["phone"] = Value::Null))
        .await;
    until("the phone to be cleared", async || {
        bench.record(&record).await["PrimaryPhone"]["FreeFormNumber"]
            .is_null()
            .then_some(())
    })
    .await;
    let told = bench.customer("cus_new", "updated").await;
    assert_eq!(told["fields"], json!(["phone"]));
    bench.send(payment("pay_0504")).await;
    bench.synced("pay_0504").await;
    assert_eq!(
        linked(&bench, "cus_91ab").await,
        ("58".into(), "email".into())
    );
    assert_eq!(
        bench.cost().await,
        (1, 2),
        "one change written, one customer found by e-mail"
    );
    let record = bench.record(&record).await;
    assert_eq!(record["PrimaryPhone"]["FreeFormNumber"], Value::Null);
    assert_eq!(record["SyncToken"], "2");
}

// R7, R8, R10
#[tokio::test]
async fn a_name_finds_whom_the_address_does_not_and_a_vendors_name_is_made_distinct() {
    let bench = Bench::start().await;
    let siobhan = person("cus_s", "siobhan", "O'NEIL", None);
    bench.send(by("pay_0511", &siobhan)).await;
    assert_eq!(linked(&bench, "cus_s").await, ("42".into(), "name".into()));
    let other_email = person("cus_a", "Anne", "Belanger", Some("anne@example.org"));
    bench.send(by("pay_0512", &other_email)).await;
    assert_eq!(linked(&bench, "cus_a").await, ("41".into(), "name".into()));
    let jean = person("cus_j", "Jean", "Tremblay", Some("jean@example.org"));
    bench.send(by("pay_0513", &jean)).await;
    let (record, matched) = linked(&bench, "cus_j").await;
    assert_eq!(matched, "created");
    let record = bench.record(&record).await;
    assert_eq!(record["DisplayName"], "Jean Tremblay (2)");
    let mut nobody = payment("pay_0514");
    nobody["customer"] = Value::Null;
    bench.send(nobody).await;
    bench.synced("pay_0514").await;
    let receipts = bench.receipts().await;
    let of = |receipt: &&Value| {
        let note = receipt["PrivateNote"].as_str().expect("a note");
        note.ends_with("mio:payment/pay_0514")
    };
    let walk_in = receipts.iter().find(of).expect("a receipt");
    assert_eq!(
        walk_in["CustomerRef"]["value"], "48",
        "the fallback customer"
    );
}

// R7, R8, R10: another address under the same name, by each setting, and the fallback instead of creating
#[tokio::test]
async fn the_settings_decide_what_a_name_with_another_address_means() {
    let anne = person("cus_a", "Anne", "Bélanger", Some("anne@example.org"));
    let bench = Bench::like(Like::Quebec, |settings| {
        settings["customers"] =
            json!({"name_with_other_email": "ask", "fallback_instead_of_creating": true});
    })
    .await;
    bench.send(by("pay_0521", &anne)).await;
    bench
        .stopped("pay_0521", "needs_operator", "customer_email_differs")
        .await;
    let told = bench.customer("cus_a", "needs_operator").await;
    assert_eq!(told["reason"]["code"], "customer_email_differs");
    bench.send(by_somebody_new(payment("pay_0522"))).await;
    bench.synced("pay_0522").await;
    assert_eq!(
        linked(&bench, "cus_new").await,
        ("48".into(), "fallback".into())
    );

    let bench = Bench::like(Like::Quebec, |settings| {
        settings["customers"] =
            json!({"name_with_other_email": "create", "distinct_names": "number"});
    })
    .await;
    bench.send(by("pay_0523", &anne)).await;
    bench.synced("pay_0523").await;
    let (record, _) = linked(&bench, "cus_a").await;
    let record = bench.record(&record).await;
    assert_eq!(record["DisplayName"], "Anne Bélanger (C-7)");
}

// R7, R9: held alone, and a click sets free what waits
#[tokio::test]
async fn what_only_the_operator_can_tell_is_held_until_it_is_chosen() {
    let bench = Bench::start().await;
    let sam = person("cus_sam", "Sam", "Lee", Some("sam.lee@example.com"));
    let old = person("cus_old", "Old", "Client", Some("old.client@example.com"));
    for (number, customer) in [(1, &sam), (2, &sam), (3, &old)] {
        bench.send(by(&format!("pay_053{number}"), customer)).await;
    }
    bench
        .stopped("pay_0532", "needs_operator", "customer_ambiguous")
        .await;
    bench
        .stopped("pay_0533", "needs_operator", "customer_inactive")
        .await;
    let held = ["payment#pay_0531", "payment#pay_0532", "payment#pay_0533"];
    bench.lists("#held", &held).await;
    let unsuitable = Choice::Record("46".parse().expect("an id"));
    assert_eq!(
        chooses(&bench, "cus_sam", &unsuitable).await,
        Chosen::Unsuitable
    );
    let record = "45".parse().expect("an id");
    let chosen = chooses(&bench, "cus_sam", &Choice::Record(record)).await;
    assert!(
        matches!(&chosen, Chosen::Linked { released: 2, .. }),
        "{chosen:?}"
    );
    assert_eq!(
        linked(&bench, "cus_sam").await,
        ("45".into(), "chosen".into())
    );
    bench.comes_through("pay_0531").await;
    bench.comes_through("pay_0532").await;
    bench.lists("#held", &["payment#pay_0533"]).await;
    let record = "46".parse().expect("an id");
    chooses(&bench, "cus_old", &Choice::Reactivate(record)).await;
    bench.comes_through("pay_0533").await;
    assert_eq!(bench.record("46").await["Active"], true);
    let receipts = bench.receipts().await;
    let of = |id: &str| {
        let theirs = receipts
            .iter()
            .filter(|receipt| receipt["CustomerRef"]["value"] == id);
        theirs.count()
    };
    assert_eq!((of("45"), of("46")), (2, 1));
}

// R9: merged, and made inactive
#[tokio::test]
async fn a_linked_customer_whose_record_is_gone_is_looked_for_again_once() {
    let bench = Bench::start().await;
    let first = by_somebody_new(payment("pay_0541"));
    bench.send(first.clone()).await;
    bench.synced("pay_0541").await;
    let (gone, _) = linked(&bench, "cus_new").await;
    // The merchant merged it into another record.
    by_hand(
        &bench,
        &gone,
        json!({"Active": false, "Notes": "", "PrimaryEmailAddr": {"Address": "gone@example.org"},
                                  "DisplayName": "Gone", "GivenName": "Gone"}),
    )
    .await;
    by_hand(
        &bench,
        "47",
        json!({"PrimaryEmailAddr": {"Address": "zoe@example.org"}}),
    )
    .await;
    bench.send(by_somebody_new(payment("pay_0542"))).await;
    bench.synced("pay_0542").await;
    until("the link to be another", async || {
        (linked(&bench, "cus_new").await == ("47".into(), "email".into())).then_some(())
    })
    .await;
    // Made inactive, and nothing in its place.
    by_hand(&bench, "47", json!({"Active": false})).await;
    bench.send(by_somebody_new(payment("pay_0543"))).await;
    bench
        .stopped("pay_0543", "needs_operator", "customer_inactive")
        .await;
    assert_eq!(bench.receipts().await.len(), 2);
}

// R15, R34: while the drain has the turn, a change waits, and follows by itself
#[tokio::test]
async fn a_change_that_arrives_while_the_company_rests_follows_by_itself() {
    let bench = Bench::start().await;
    let first = by_somebody_new(payment("pay_0551"));
    let zoe = first["customer"].clone();
    bench.send(first).await;
    bench.synced("pay_0551").await;
    let (record, _) = linked(&bench, "cus_new").await;
    bench.trouble("throttle", "salesreceipt.create", 0).await;
    bench.send(by_somebody_new(payment("pay_0552"))).await;
    bench.stopped("pay_0552", "waiting", "throttled").await;
    for version in 2..5 {
        let phone = format!("514 555 000{version}");
        bench
            .send(changed(&zoe, version, |zoe| zoe["phone"] = json!(phone)))
            .await;
    }
    let merchant = bench.merchant.parse().expect("a merchant");
    let store = bench.store().await;
    until("the newest change to wait", async || {
        let parked = store.parked_changes(&merchant, None, 10).await;
        let mut parked = parked.expect("the store is there").into_iter().flatten();
        parked.find(|change| change.version.number == 4)
    })
    .await;
    bench.calm().await;
    bench.comes_through("pay_0552").await;
    let told = bench.customer("cus_new", "updated").await;
    assert_eq!(told["fields"], json!(["phone"]));
    let record = bench.record(&record).await;
    assert_eq!(record["PrimaryPhone"]["FreeFormNumber"], "514 555 0004");
    assert_eq!(record["SyncToken"], "1", "three changes are one write");
    until("what was carried out to be forgotten", async || {
        let parked = store.parked_changes(&merchant, None, 10).await;
        parked.expect("the store is there").is_empty().then_some(())
    })
    .await;
}
