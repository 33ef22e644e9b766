//! Connections that are looked after: one that is revoked, told and reconnected over the whole stack.

use std::time::Duration;

use bookkeeping::connection::{ConnectionState, Denial};
use bookkeeping::ids::{MerchantId, OperatorId};
use bookkeeping::incident::{Cause, Incident, Reader, Stage};
use bookkeeping::merchant::{Addressee, MerchantProfile};
use bookkeeping::money::Currency;
use bookkeeping::transaction::Language;
use common::access::state;
use common::store::{Connections, Healths, Onboarding};
use common::world::World;
use jiff::Timestamp;
use serde_json::json;

use crate::bench::{Bench, payment, until};

const MINUTE: Duration = Duration::from_secs(60);

/// What is known of a merchant whom Anna administers.
pub fn profile(merchant: &MerchantId, as_of: Timestamp) -> MerchantProfile {
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
        later: Default::default(),
        revision: 0,
    }
}

// R25: who is told is who MioCommerce says administers the merchant
#[tokio::test]
async fn a_merchant_update_by_message_replaces_who_is_told_and_no_writer_overtakes_another() {
    let bench = Bench::start().await;
    let store = bench.store().await;
    let merchant = MerchantId::parse(&bench.merchant).expect("an id");
    let now = bench.world().now();
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
    let world = bench.world();
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
    let world = bench.world();
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
