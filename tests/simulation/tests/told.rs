//! What MioCommerce hears: in the order it comes, a repeat dropped by its id, the latest by its time (contract, part 2).
#![recursion_limit = "256"]

use std::collections::HashSet;
use std::time::Duration;

use bookkeeping::connection::ConnectionState;
use bookkeeping::ids::MerchantId;
use bookkeeping::reason::{Reason, ReasonCode};
use common::store::{Lots, Release};
use common::world::World;
use recording::Recorder;
use serde_json::{Value, json};
use simulation::payments::payment;
use simulation::town::{MERCHANT, REALM, Town};
use simulation::world::SimulatedWorld;

fn trouble(town: &Town, body: &Value) {
    let request = simulator::Request::new("POST", "/simulator/trouble").body(body.to_string());
    let now = town.outside.waits.clock.now();
    let reply = town.outside.intuit.borrow_mut().handle(now, &request);
    let said = String::from_utf8_lossy(&reply.body).into_owned();
    assert_eq!(reply.status, 200, "{said}");
}

/// What a reader takes a payment for after all it was told.
fn hears(town: &Town, payment: &str) -> String {
    let told = town.outside.told.borrow();
    let mut known = HashSet::new();
    let mut latest = (String::new(), String::new());
    for told in told.iter() {
        let body: Value = serde_json::from_str(&told.body).expect("JSON");
        if body["transaction"]["id"] != payment || !known.insert(told.id.clone()) {
            continue;
        }
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let at = text(&body["at"]);
        if at >= latest.0 {
            latest = (at, text(&body["type"]));
        }
    }
    latest.1
}

/// Puts what needs the operator back, as the page does.
fn releases(town: &Town, code: ReasonCode) {
    let recorder = Recorder::new(SimulatedWorld::new(&town.outside));
    let merchant = MerchantId::parse(MERCHANT).expect("an id");
    let (store, codes) = (recorder.world.store(), [code]);
    let released = store.release(&merchant, Release::For(&codes), None, town.now());
    let clock = &town.outside.waits.clock;
    let released = clock.run(released, || false).expect("nobody dies here");
    assert_eq!(released, Ok(1));
}

/// The second payment of a customer, which QuickBooks refused and the operator has put back.
fn refused_and_released(seed: u64) -> Town {
    let mut town = Town::new(seed);
    town.send("message-1", payment(1, 1));
    town.work_all();
    trouble(&town, &refusal());
    town.send("message-2", payment(2, 1));
    town.work_all();
    assert_eq!(hears(&town, "pay_2"), "transaction.needs_operator");
    town.pass(Duration::from_secs(60));
    releases(&town, ReasonCode::QuickBooksRefused);
    town
}

/// Drains until something has come about.
fn drains_until(town: &mut Town, wanted: impl Fn(&Town) -> bool) {
    for _ in 0..20 {
        if wanted(town) {
            return;
        }
        town.drain_next();
    }
    panic!(
        "it does not come about: {:?}",
        town.outside.told.borrow().last()
    );
}

fn refusal() -> Value {
    json!({"kind": "fault", "realm": REALM, "operation": "salesreceipt.create", "times": 1, "code": "6430"})
}

// R34: the same refusal as before, with a rest between
#[test]
fn what_needs_the_operator_again_is_heard_again() {
    let mut town = refused_and_released(1);
    let slow =
        json!({"kind": "throttle", "realm": REALM, "operation": "salesreceipt.create", "times": 1});
    trouble(&town, &slow);
    trouble(&town, &refusal());
    drains_until(&mut town, |town| {
        hears(town, "pay_2") == "transaction.waiting"
    });
    drains_until(&mut town, |town| {
        hears(town, "pay_2") == "transaction.needs_operator"
    });
}

// R34: a telling that was not taken is made up for, though what it waits for is the same
#[test]
fn that_a_payment_waits_is_heard_though_the_first_telling_was_lost() {
    let mut town = refused_and_released(2);
    let slow =
        json!({"kind": "throttle", "realm": REALM, "operation": "salesreceipt.create", "times": 0});
    trouble(&town, &slow);
    town.outside.mishaps.borrow_mut().untold_in = Some(1);
    let is_slow = |town: &Town| {
        let tables = town.outside.tables.borrow();
        let row = &tables.ledger.values().last().expect("two").row;
        let slow = |reason: &Reason| reason.code == ReasonCode::Throttled;
        row.reason.as_ref().is_some_and(slow)
    };
    drains_until(&mut town, is_slow);
    assert_eq!(hears(&town, "pay_2"), "transaction.needs_operator");
    town.outside.mishaps.borrow_mut().untold_in = None;
    drains_until(&mut town, |town| {
        hears(town, "pay_2") == "transaction.waiting"
    });
    let before = town.outside.told.borrow().len();
    for _ in 0..10 {
        town.drain_next();
    }
    let after = town.outside.told.borrow().len();
    assert_eq!(after, before, "told once, however often it is tried");
}

// R33: what the operator decided is told whether or not anything can be sent
#[test]
fn what_is_left_out_while_nothing_can_be_sent_is_heard() {
    let mut town = Town::new(3);
    trouble(&town, &refusal());
    town.send("message-1", payment(1, 1));
    town.work_all();
    town.set_connection(ConnectionState::Paused);
    {
        let world = SimulatedWorld::new(&town.outside);
        let merchant = MerchantId::parse(MERCHANT).expect("an id");
        let why = Reason::new(ReasonCode::Dismissed);
        let codes = [ReasonCode::QuickBooksRefused];
        let store = world.store();
        let left = store.leave_out(&merchant, Release::For(&codes), &why, town.now());
        let clock = &town.outside.waits.clock;
        assert_eq!(clock.run(left, || false), Some(Ok(1)));
    }
    drains_until(&mut town, |town| {
        hears(town, "pay_1") == "transaction.skipped"
    });
}
