//! What becomes of a lot whose connection is closed: it waits as it stands, and costs next to nothing.
#![recursion_limit = "256"]

use std::time::Duration;

use backlog_drain::drain::drain;
use bookkeeping::connection::ConnectionState;
use bookkeeping::frees::Frees;
use bookkeeping::ids::MerchantId;
use bookkeeping::reason::ReasonCode;
use common::access::state;
use common::store::{Lots, Release, Standing};
use common::world::World;
use futures::future::join;
use recording::Recorder;
use serde_json::json;
use simulation::payments::payment;
use simulation::town::{MERCHANT, REALM, Town};
use simulation::world::SimulatedWorld;

fn merchant() -> MerchantId {
    MerchantId::parse(MERCHANT).expect("an id")
}

/// A town where so many payments wait and nothing stands in their way any more.
fn waiting(seed: u64, count: u64) -> Town {
    let mut town = Town::new(seed);
    let throttle = json!({"kind": "throttle", "realm": REALM, "operation": "salesreceipt.create", "times": count});
    for body in [throttle, json!({"kind": "none", "realm": REALM})] {
        let request = simulator::Request::new("POST", "/simulator/trouble").body(body.to_string());
        let now = town.outside.waits.clock.now();
        town.outside.intuit.borrow_mut().handle(now, &request);
        if body["kind"] == "throttle" {
            for number in 1..=count {
                town.send(&format!("message-{number}"), payment(number, 3));
            }
            town.work_all();
        }
    }
    town.pass(Duration::from_secs(120));
    town
}

// R26, R31: what waited before follows by itself; only what arrives afterwards is asked about
#[test]
fn disconnecting_while_the_lot_is_worked_off_leaves_the_rest_waiting() {
    let mut town = waiting(1, 300);
    let clock = town.outside.waits.clock.clone();
    let recorder = Recorder::new(SimulatedWorld::new(&town.outside));
    let merchant = merchant();
    let draining = drain(&recorder, &merchant, Duration::from_secs(900));
    let both = join(draining, async {
        clock.sleep(Duration::from_secs(5)).await;
        let world = SimulatedWorld::new(&town.outside);
        let changed = state::change(&world, &merchant, 1, None, ConnectionState::Disconnected);
        changed.await.expect("a store");
    });
    clock
        .run(both, || false)
        .expect("nobody dies here")
        .0
        .expect("a store");
    let sent = town.receipts().len();
    assert!((20..280).contains(&sent), "{sent} were sent before");
    {
        let tables = town.outside.tables.borrow();
        let held = |row: &&simulation::memory::LedgerRow| row.row.standing == Standing::Held;
        assert_eq!(
            tables.ledger.values().filter(held).count(),
            0,
            "need nobody"
        );
        let calls = tables.calls;
        assert!(calls < 20_000, "{calls} calls of the store");
    }
    town.set_connection(ConnectionState::Connected);
    town.drain_all();
    assert_eq!(town.receipts().len(), 300);
}

// R34
#[test]
fn while_nothing_can_be_sent_the_lot_is_looked_at_once_an_hour() {
    let mut town = waiting(2, 3);
    town.set_connection(ConnectionState::Paused);
    town.outside.wakes.borrow_mut().clear();
    assert!(town.drain());
    assert_eq!(
        town.outside.wakes.borrow().len(),
        0,
        "nobody is woken before"
    );
    let due = |town: &Town| {
        let tables = town.outside.tables.borrow();
        tables.lots.values().next().and_then(|lot| lot.due)
    };
    let at = due(&town).expect("somebody looks again");
    assert!(at - town.now() > jiff::SignedDuration::from_mins(59));
}

// R10, R34
#[test]
fn a_choice_while_nothing_waits_and_nothing_can_be_sent_keeps_nobody_coming() {
    let mut town = Town::new(3);
    town.set_connection(ConnectionState::Paused);
    {
        let mut tables = town.outside.tables.borrow_mut();
        let now = town.outside.waits.clock.now();
        let connection = tables.connections.values_mut().next().expect("connected");
        connection.frees = Frees::default().with(&[ReasonCode::ItemMissing], None, now);
    }
    let world = SimulatedWorld::new(&town.outside);
    let (codes, merchant) = ([ReasonCode::ItemMissing], merchant());
    let release = world
        .store()
        .release(&merchant, Release::For(&codes), None, town.now());
    let clock = &town.outside.waits.clock;
    clock
        .run(release, || false)
        .expect("alive")
        .expect("a store");
    for _ in 0..10 {
        town.drain_next();
    }
    assert!(!town.is_armed(), "it is looked at over and over");
}
