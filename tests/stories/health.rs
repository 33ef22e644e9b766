//! Connections that are looked after: the store's promises about their health, kept by the tables that ship, and one that
//! is revoked, told and reconnected over the whole stack.

use std::time::Duration;

use bookkeeping::connection::{ConnectionState, Denial};
use bookkeeping::health::Health;
use bookkeeping::ids::{MerchantId, OperatorId};
use bookkeeping::incident::{Cause, Incident, Reader, Stage};
use bookkeeping::merchant::{Addressee, MerchantProfile};
use bookkeeping::money::Currency;
use bookkeeping::outage::Answers;
use bookkeeping::transaction::Language;
use common::access::state;
use common::store::lot::due_shard;
use common::store::{Connections, Healths, Onboarding};
use common::world::World;
use jiff::Timestamp;
use serde_json::json;

use crate::bench::{Bench, payment, until};

const MINUTE: Duration = Duration::from_secs(60);

fn at(second: i64) -> Timestamp {
    // Far from now: nobody looks at what is due then but this story.
    Timestamp::from_second(3_990_000_000 + second).expect("an instant")
}

// R23, R25: what every look relies on
#[tokio::test]
async fn the_tables_keep_their_promises_about_health() {
    let bench = Bench::not_connected().await;
    let store = bench.store().await;
    let merchant = MerchantId::parse(&bench.merchant).expect("an id");
    let far = Timestamp::from_second(4_000_000_000).expect("an instant");

    // A row begins with the first write, and is written at the revision it was read at.
    let first = store.health(&merchant).await.expect("a store");
    assert_eq!(first, Health::default());
    let mut health = Health {
        epoch: 3,
        unsubscribed: [Reader::at(&merchant, "books@example.com")].into(),
        ..first
    };
    let keep = async |health: &Health, due| store.keep_health(&merchant, health, due).await;
    assert_eq!(keep(&health, Some(far)).await, Ok(true));
    assert_eq!(keep(&health, Some(far)).await, Ok(false), "seen too early");
    health.revision = 1;
    assert_eq!(store.health(&merchant).await, Ok(health.clone()));

    // A summons makes it due, and whoever looks already looks again.
    let shard = due_shard(&merchant);
    let is_due = async |now| {
        let due = store.due_healths(shard, now, 1000).await.expect("a store");
        due.contains(&merchant)
    };
    store.summon(&merchant, at(0)).await.expect("a store");
    assert_eq!(keep(&health, None).await, Ok(false));
    health.revision = 2;
    assert_eq!(store.health(&merchant).await, Ok(health.clone()));
    assert_eq!(store.put_off(&merchant, at(1), far).await, Ok(true));
    assert_eq!(store.put_off(&merchant, at(1), far).await, Ok(false));
    assert!(!is_due(at(1)).await);
    assert_eq!(keep(&health, None).await, Ok(true), "put off is no news");
    assert!(!is_due(far + MINUTE).await);

    // One that was never looked at can be summoned.
    let other = MerchantId::parse(&format!("{merchant}_2")).expect("an id");
    store.summon(&other, far).await.expect("a store");
    let summoned = store.health(&other).await.expect("a store");
    assert_eq!(summoned.revision, 1);
    assert_eq!(store.keep_health(&other, &summoned, None).await, Ok(true));

    // Answers are counted by the hour, and those of this hour and the one before are told.
    // In a time to come: what is long over is taken out of the table by itself.
    let hour = |number: i64| {
        let seconds = 3_999_600_000 + number * 3600;
        Timestamp::from_second(seconds).expect("an instant")
    };
    let before = store.answers(hour(2)).await.expect("a store");
    let some = Answers {
        asked: 5,
        unanswered: 2,
        refused: 1,
    };
    for number in [0, 1, 1, 2] {
        let counted = store.count_answers(&some, hour(number)).await;
        counted.expect("a store");
    }
    let after = store.answers(hour(2)).await.expect("a store");
    assert_eq!(
        after.asked - before.asked,
        15,
        "two of the hour before, one of this"
    );
    assert_eq!(after.refused - before.refused, 3);
    let nobody = store.answers(hour(7)).await.expect("a store");
    assert_eq!(nobody, Answers::default());
}

/// What is known of a merchant whom Anna administers.
fn profile(merchant: &MerchantId, as_of: Timestamp) -> MerchantProfile {
    MerchantProfile {
        merchant: merchant.clone(),
        as_of,
        name: "Nettoyage Laurier".to_owned(),
        country: "CA".to_owned(),
        currency: Currency::CAD,
        time_zone: "America/Toronto".to_owned(),
        entitled: true,
        administrators: [(
            OperatorId::parse("op_1").expect("an id"),
            Addressee {
                name: "Anna Côté".to_owned(),
                email: "anna@example.com".to_owned(),
                language: Language::French,
            },
        )]
        .into(),
        opened: [].into(),
        listed_at: None,
        version: 0,
        revision: 0,
    }
}

// R25: who is told is who MioCommerce says administers the merchant
#[tokio::test]
async fn a_merchant_update_by_message_replaces_who_is_told_and_no_writer_overtakes_another() {
    let bench = Bench::start().await;
    let store = bench.store().await;
    let merchant = MerchantId::parse(&bench.merchant).expect("an id");
    let now = bench.world().await.now();
    let first = profile(&merchant, now);
    assert_eq!(store.learn_merchant(&first).await, Ok(true));
    assert_eq!(
        store.learn_merchant(&first).await,
        Ok(false),
        "made from nothing"
    );
    let known = store.merchant(&merchant).await.expect("a store");
    assert_eq!(known.expect("known").revision, 1);
    let update = json!({
        "schema": 1, "type": "merchant.updated", "sent_at": now.to_string(),
        "merchant": {"version": 1, "administrators": [
            {"id": "op_2", "name": "Benoît Roy", "email": "benoit@example.com", "language": "fr"}]},
    });
    bench.send(update).await;
    let learned = until("the administrators to be replaced", async || {
        let profile = store.merchant(&merchant).await.ok()??;
        (profile.revision == 2).then_some(profile)
    })
    .await;
    let ids: Vec<&str> = learned
        .administrators
        .keys()
        .map(OperatorId::as_str)
        .collect();
    assert_eq!(ids, ["op_2"]);
}

// R24, R25: revoked inside QuickBooks, found out, told by mail
#[tokio::test]
async fn a_connection_revoked_inside_quickbooks_is_found_out_and_told_by_mail() {
    let bench = Bench::start().await;
    let store = bench.store().await;
    let merchant = MerchantId::parse(&bench.merchant).expect("an id");
    let world = bench.world().await;
    let now = world.now();
    let profile = profile(&merchant, now);
    assert_eq!(store.learn_merchant(&profile).await, Ok(true));
    let revoke = json!({"kind": "revoke", "realm": bench.realm});
    bench.control("trouble", &revoke).await;
    // A payment finds that the token is refused; three refusals later it is believed.
    bench.send(payment("pay_revoked")).await;
    let needs = ConnectionState::ReconnectNeeded(Denial::Revoked);
    until("the connection to be denied", async || {
        let opening = store.opening(&merchant).await.ok()?;
        (opening.connection?.state == needs).then_some(())
    })
    .await;
    bench
        .connection_changed(|changed| changed["state"] == "reconnect_needed")
        .await;
    // The schedule's minute would be most of a story's patience.
    world.send_for(std::slice::from_ref(&merchant)).await;
    let told = until("Anna to be told", async || {
        let health = store.health(&merchant).await.ok()?;
        let incident = health.incidents.first()?;
        let is_sent = incident
            .mails
            .values()
            .all(|mail| mail.stage == Stage::Sent);
        (is_sent && !incident.mails.is_empty()).then(|| incident.clone())
    })
    .await;
    assert_eq!(told.cause, Cause::Revoked);
    assert_eq!(told.waited, 1);
    let reader = Reader::at(&merchant, "anna@example.com");
    let place = format!("first/{}", reader.as_str());
    assert_eq!(told.mails.keys().collect::<Vec<_>>(), [&place]);
}

// R1: 90 days without the plan
#[tokio::test]
async fn a_connection_that_was_without_the_plan_for_90_days_is_given_back() {
    let bench = Bench::start().await;
    let store = bench.store().await;
    let world = bench.world().await;
    let merchant = MerchantId::parse(&bench.merchant).expect("an id");
    let paused = state::change(&world, &merchant, 1, None, ConnectionState::Paused).await;
    paused.expect("a store");
    let began_at = world.now() - MINUTE * 60 * 24 * 91;
    until("the pause to be long ago", async || {
        let mut health = store.health(&merchant).await.ok()?;
        health.incidents = vec![Incident::new(Cause::Plan, 1, began_at)];
        let kept = store.keep_health(&merchant, &health, None).await.ok()?;
        kept.then_some(())
    })
    .await;
    world.send_for(std::slice::from_ref(&merchant)).await;
    let over = ConnectionState::ReconnectNeeded(Denial::PlanOver);
    until("the connection to be given back", async || {
        let opening = store.opening(&merchant).await.ok()?;
        (opening.tokens.is_none() && opening.connection?.state == over).then_some(())
    })
    .await;
    bench
        .connection_changed(|changed| changed["state"] == "paused")
        .await;
    bench
        .connection_changed(|changed| changed["reason"]["code"] == "plan_over")
        .await;
}
