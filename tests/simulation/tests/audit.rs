//! The audit: what was received adds up, and what nobody comes for is found (R33, R34).
#![recursion_limit = "256"]

use bookkeeping::connection::{ConnectionState, Denial};
use bookkeeping::reason::State;
use common::audit::{Audit, audit};
use common::store::Standing;
use common::world::World;
use simulation::payments::{payment, refund};
use simulation::town::Town;
use simulation::world::SimulatedWorld;

fn audited(town: &Town) -> Audit {
    let world = SimulatedWorld::new(&town.outside);
    let clock = &town.outside.waits.clock;
    let audited = clock.run(audit(world.store(), clock.now()), || false);
    audited.expect("alive").expect("the store is up")
}

/// Two synced, one skipped, one that needs the operator, one unreadable, two that wait.
fn mixed(seed: u64) -> Town {
    let mut town = Town::new(seed);
    town.send("message-1", payment(1, 3));
    town.send("message-2", refund(1, 1, 500, 3));
    let coupon = payment(3, 3).replace(r#""method":"card""#, r#""method":"coupon""#);
    town.send("message-3", coupon);
    town.send("message-4", refund(2, 1, 900_000, 3));
    town.send("message-5", "nonsense".to_owned());
    town.work_all();
    town.set_connection(ConnectionState::ReconnectNeeded(Denial::Revoked));
    town.restart();
    town.send("message-6", payment(6, 3));
    town.send("message-7", payment(7, 3));
    town.work_all();
    town
}

#[test]
fn what_was_received_is_synced_or_skipped_or_waits_or_needs_somebody() {
    let town = mixed(1);
    let audit = audited(&town);
    let counts = [
        State::Synced,
        State::Skipped,
        State::Waiting,
        State::NeedsOperator,
        State::Failed,
    ]
    .map(|state| audit.count(state));
    assert_eq!(counts, [2, 1, 2, 1, 0]);
    assert_eq!(audit.received(), 6);
    assert_eq!(audit.messages, 1);
    assert_eq!(audit.uncovered.len(), 0, "{:?}", audit.uncovered);
    assert!(
        audit
            .days
            .keys()
            .all(|(_, day)| day.to_string().starts_with("2026-11-2"))
    );
}

#[test]
fn what_nobody_comes_for_is_found() {
    let disarmed = mixed(2);
    for lot in disarmed.outside.tables.borrow_mut().lots.values_mut() {
        lot.due = None;
    }
    let found = audited(&disarmed).uncovered;
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found.values().all(|why| why.contains("not armed")));

    let unlisted = mixed(3);
    for stands in unlisted.outside.tables.borrow_mut().ledger.values_mut() {
        match stands.row.standing {
            Standing::Held => stands.place = None,
            Standing::Parked => stands.payload = None,
            _ => {}
        }
    }
    let found = audited(&unlisted).uncovered;
    let mut whys: Vec<&str> = found.values().copied().collect();
    whys.sort_unstable();
    assert_eq!(
        whys,
        [
            "it needs somebody and is listed nowhere",
            "it waits without its message",
            "it waits without its message"
        ]
    );
}
