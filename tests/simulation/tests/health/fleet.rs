//! Fleets: many merchants at once.

use bookkeeping::ids::MerchantId;
use bookkeeping::outage::Answers;
use common::access::{Closed, Remembered};
use simulation::fleet::Fleet;
use simulation::world::SimulatedWorld;

use super::*;

// R23, R24: many merchants
#[test]
fn a_fleet_that_connected_at_one_moment_is_spread_over_the_day_and_nobody_waits_longer_than_that() {
    let mut fleet = Fleet::new(400, 40);
    fleet.outside.cadence.idle = DAY;
    let longest = fleet.watch_over(DAY * 3);
    assert!(longest <= DAY, "{longest:?}");
    assert_eq!(fleet.connected(), 400);
    let last_day = &fleet.looks[2 * 24 * 60..];
    let most = last_day.iter().max().copied().unwrap_or_default();
    assert!(most <= 12, "{most} of 400 in a minute");
}

#[test]
fn an_outage_that_looks_like_a_refusal_to_everybody_denies_nobody_and_thaws_by_itself() {
    let mut fleet = Fleet::new(1000, 41);
    fleet.outside.cadence.idle = DAY;
    fleet.watch_over(DAY);
    let outage = json!({"kind": "invalid_grant", "operation": "oauth.refresh", "times": 0});
    let ask = |body: &Value| {
        let request = simulator::Request::new("POST", "/simulator/trouble").body(body.to_string());
        let now = fleet.outside.waits.clock.now();
        let mut intuit = fleet.outside.intuit.borrow_mut();
        assert_eq!(intuit.handle(now, &request).status, 200);
    };
    ask(&outage);
    let heal = json!({"kind": "none"});
    fleet.watch_over(HOUR * 8);
    let connected = fleet.connected();
    let request = simulator::Request::new("POST", "/simulator/trouble").body(heal.to_string());
    let now = fleet.outside.waits.clock.now();
    fleet.outside.intuit.borrow_mut().handle(now, &request);
    fleet.watch_over(DAY);
    assert_eq!(connected, 1000, "nobody is denied");
    assert_eq!(fleet.connected(), 1000);
    assert!(fleet.outside.post.borrow().taken.is_empty());
    let tables = fleet.outside.tables.borrow();
    let is_refused = |row: &common::store::TokenRow| row.trial.is_some();
    assert!(!tables.tokens.values().any(is_refused), "all renewed");
}

// R24: whoever asks, it counts
#[test]
fn an_outage_that_only_payments_and_drains_meet_denies_nobody_either() {
    let fleet = Fleet::new(60, 42);
    let outage = json!({"kind": "invalid_grant", "operation": "oauth.refresh", "times": 0});
    let request = simulator::Request::new("POST", "/simulator/trouble").body(outage.to_string());
    let clock = &fleet.outside.waits.clock;
    let reply = fleet
        .outside
        .intuit
        .borrow_mut()
        .handle(clock.now(), &request);
    assert_eq!(reply.status, 200);
    let merchants: Vec<MerchantId> = {
        let tables = fleet.outside.tables.borrow();
        tables.connections.keys().cloned().collect()
    };
    for minutes in [70, 11, 61, 61] {
        clock.advance(MINUTE * minutes);
        for merchant in &merchants {
            // What a payment and a drain do first.
            let world = SimulatedWorld::new(&fleet.outside);
            let process = Remembered::default();
            let opening = process.open(&world, merchant, clock.now());
            let opened = clock.run(opening, || false).expect("alive");
            let closed = opened.expect("the store is there").err();
            assert!(matches!(closed, Some(Closed::Waiting(..))), "refused");
        }
    }
    assert_eq!(fleet.connected(), 60, "nobody is denied");
}

// R25: nobody's trouble waits for ever behind another's
#[test]
fn no_row_whatever_its_state_starves_the_others() {
    let mut fleet = Fleet::new(120, 43);
    fleet.outside.cadence.idle = DAY;
    fleet.watch_over(HOUR);
    let now = fleet.outside.waits.clock.now();
    let told = |stage: &Value| json!({"at": now.to_string(), "address": "00", "stage": stage});
    let ages_ago = "2020-01-01T00:00:00Z";
    // Mails that were begun and never finished, to readers nobody knows any more.
    let poison = json!({
        "epoch": 1, "generation": 9, "check_at": (now + DAY).to_string(),
        "incidents": [{
            "cause": "admin_lost", "epoch": 1, "began_at": ages_ago, "told_at": ages_ago, "ended_at": now.to_string(),
            "mails": {
                "first/operator/op_9": told(&json!("sent")),
                "day-3/operator/op_9": told(&json!({"sending": ages_ago})),
                "recovered/operator/op_9": told(&json!({"put_off": ages_ago})),
            },
        }],
    });
    let victim = MerchantId::parse("mer_000119").expect("an id");
    {
        let mut tables = fleet.outside.tables.borrow_mut();
        let merchants: Vec<MerchantId> = tables.connections.keys().cloned().collect();
        for merchant in merchants {
            let revision = tables.healths.of(&merchant).0.revision;
            let (mut row, mut due) = (Health::default(), now);
            if merchant == victim {
                let lost = ConnectionState::ReconnectNeeded(Denial::AdminLost);
                tables.put_in_state(&merchant, lost);
                due = now + MINUTE;
            } else {
                row = serde_json::from_value(poison.clone()).expect("a row");
            }
            tables
                .healths
                .plant(&merchant, Health { revision, ..row }, due);
        }
        // Few are looked at while verdicts are frozen.
        let bad = Answers {
            asked: 100,
            unanswered: 100,
            refused: 0,
        };
        for hours in 0..6 {
            let hour = common::store::healths::hour(now + HOUR * hours);
            tables.healths.hours.insert(hour, bad);
        }
    }
    fleet.watch_over(HOUR);
    let health = fleet.outside.tables.borrow().healths.of(&victim).0;
    assert_eq!(health.incidents.len(), 1, "it was looked at");
    fleet.watch_over(DAY * 10);
    let tables = fleet.outside.tables.borrow();
    let open = tables.connections.keys().filter(|merchant| {
        **merchant != victim && !tables.healths.of(merchant).0.incidents.is_empty()
    });
    assert_eq!(open.count(), 0, "what nobody can be told is over");
}
