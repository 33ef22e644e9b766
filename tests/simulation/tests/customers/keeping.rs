//! What is kept of customers: changes that wait.

use std::time::Duration;

use bookkeeping::connection::{ConnectionState, Denial};
use bookkeeping::customer::OtherEmail;
use bookkeeping::reason::ReasonCode;
use common::store::LinkKey;
use futures::future::join;
use recording::Recorder;
use recording::customer::Choice;
use recording::invocation::Delivery;
use serde_json::json;
use simulation::town::{MERCHANT, REALM};
use simulation::world::SimulatedWorld;
use transaction_sync::batch::handle;

use crate::shop::{Cost, Shop, person, zoe};

// R34: nothing is lost
#[test]
fn a_change_while_quickbooks_is_closed_to_us_waits_and_is_caught_up() {
    let mut shop = Shop::open(18);
    shop.pays(&zoe());
    shop.town
        .set_connection(ConnectionState::ReconnectNeeded(Denial::Revoked));
    shop.town.pass(Duration::from_secs(60));
    for version in 2..5 {
        let mut changed = zoe();
        changed["version"] = json!(version);
        changed["phone"] = json!(version.to_string());
        assert_eq!(
            shop.changes(&changed),
            Cost {
                reads: 0,
                writes: 0
            }
        );
    }
    shop.town.set_connection(ConnectionState::Connected);
    shop.town.pass(Duration::from_secs(60));
    assert_eq!(
        shop.drains(),
        Cost {
            reads: 0,
            writes: 1
        }
    );
    let record = shop.record_of("zoe@example.org");
    assert_eq!(record["PrimaryPhone"]["FreeFormNumber"], "4");
    assert_eq!(
        shop.drains(),
        Cost {
            reads: 0,
            writes: 0
        }
    );
}

// R29, R34: one caller at a company
#[test]
fn a_change_that_arrives_while_the_drain_has_the_turn_waits_for_it() {
    let mut shop = Shop::open(29);
    shop.pays(&zoe());
    let throttle = json!({"kind": "throttle", "operation": "salesreceipt.create", "times": 1});
    shop.control("POST", "trouble", Some(&throttle));
    shop.pays(&zoe());
    let mut changed = zoe();
    changed["version"] = json!(2);
    changed["phone"] = json!("514 555 0000");
    assert_eq!(
        shop.changes(&changed),
        Cost {
            reads: 0,
            writes: 0
        },
        "nobody asks a company that rests"
    );
    assert_eq!(
        shop.drains(),
        Cost {
            reads: 0,
            writes: 2
        }
    );
    let record = shop.record_of("zoe@example.org");
    assert_eq!(record["PrimaryPhone"]["FreeFormNumber"], "514 555 0000");
}

// R5, R17, R34: a first payment that waits untried, and somebody who never paid
#[test]
fn a_change_waits_for_quickbooks_with_the_first_payment_and_by_itself_where_there_is_none() {
    let mut shop = Shop::open(30);
    let denied = ConnectionState::ReconnectNeeded(Denial::Revoked);
    shop.town.set_connection(denied);
    shop.pays(&zoe());
    let mut changed = zoe();
    changed["version"] = json!(2);
    changed["phone"] = json!("514 555 0000");
    shop.changes(&changed);
    shop.changes(&person("cus_never", "Nina", "Never", "nina@example.org"));
    shop.town.set_connection(ConnectionState::Connected);
    shop.drains();
    let record = shop.record_of("zoe@example.org");
    assert_eq!(record["PrimaryPhone"]["FreeFormNumber"], "514 555 0000");
    assert!(shop.ours("cus_never").is_empty());
    let tables = shop.town.outside.tables.borrow();
    assert!(tables.links.parked.is_empty());
    let awaiting = tables.links.awaiting.values();
    let awaiting: Vec<_> = awaiting.map(|kept| kept.customer.as_str()).collect();
    assert_eq!(awaiting, ["cus_never"]);
}

/// How much is kept of changes: what waits for QuickBooks, and what waits for a first payment.
pub fn kept(shop: &Shop) -> (usize, usize) {
    let tables = shop.town.outside.tables.borrow();
    (tables.links.parked.len(), tables.links.awaiting.len())
}

// R15, R17: the first payment was sent before the change, and came after it
#[test]
fn whoever_changed_before_the_first_payment_came_is_created_as_changed_at_no_cost() {
    let mut shop = Shop::open(70);
    let mut changed = zoe();
    changed["version"] = json!(3);
    changed["phone"] = json!("514 555 0000");
    changed["last_name"] = json!("Roy");
    shop.changes(&changed);
    changed["version"] = json!(2);
    changed["phone"] = json!("514 555 1111");
    shop.changes(&changed);
    assert_eq!(kept(&shop), (0, 1));
    let cost = Cost {
        reads: 2,
        writes: 2,
    };
    assert_eq!(shop.pays(&zoe()), cost);
    let record = shop.record_of("zoe@example.org");
    assert_eq!(record["PrimaryPhone"]["FreeFormNumber"], "514 555 0000");
    assert_eq!(record["DisplayName"], "Zoé Roy");
    assert_eq!(kept(&shop), (0, 0), "it has done what it was kept for");
}

// R7, R15: linking writes nothing, and what was newest then is what later changes are compared with
#[test]
fn whoever_changed_before_the_first_payment_came_is_linked_as_changed() {
    let mut shop = Shop::open(71);
    let mut anne = person("cus_anne", "Anne", "Bélanger", "anne.belanger@example.com");
    let first = anne.clone();
    anne["version"] = json!(2);
    anne["phone"] = json!("450 555 0000");
    shop.changes(&anne);
    let before = shop.record("41");
    shop.pays(&first);
    assert_eq!(shop.record("41"), before);
    anne["version"] = json!(3);
    anne["first_name"] = json!("Annie");
    shop.changes(&anne);
    assert_eq!(shop.changed_fields(), ["DisplayName", "GivenName"]);
    assert_eq!(kept(&shop), (0, 0));
}

// R7, R15: both waited for QuickBooks, and linking writes nothing
#[test]
fn whoever_changed_while_the_first_payment_waits_is_linked_as_changed() {
    let mut shop = Shop::open(77);
    let mut anne = person("cus_anne", "Anne", "Bélanger", "anne.belanger@example.com");
    shop.town
        .set_connection(ConnectionState::ReconnectNeeded(Denial::Revoked));
    shop.pays(&anne);
    anne["version"] = json!(2);
    anne["phone"] = json!("450 555 0000");
    shop.changes(&anne);
    assert_eq!(kept(&shop), (1, 0));
    let before = shop.record("41");
    shop.town.set_connection(ConnectionState::Connected);
    shop.drains();
    assert_eq!(shop.town.receipts().len(), 1);
    assert_eq!(shop.record("41"), before);
    assert_eq!(kept(&shop), (0, 0));
    anne["version"] = json!(3);
    anne["first_name"] = json!("Annie");
    shop.changes(&anne);
    assert_eq!(shop.changed_fields(), ["DisplayName", "GivenName"]);
}

// R7, R15: the operator links whom a change was parked for
#[test]
fn whoever_changed_while_the_operator_was_asked_is_linked_as_changed() {
    let mut shop = Shop::open(78);
    let mut anne = person("cus_anne", "Anne", "Bélanger", "anne@elsewhere.example.com");
    shop.policies(|policies| policies.name_with_other_email = OtherEmail::Ask);
    shop.pays(&anne);
    assert_eq!(shop.told("transaction.needs_operator").len(), 1);
    anne["version"] = json!(2);
    anne["phone"] = json!("450 555 0000");
    shop.changes(&anne);
    let before = shop.record("41");
    shop.chooses("cus_anne", &Choice::Record("41".parse().unwrap()));
    shop.drains();
    assert_eq!(shop.town.receipts().len(), 1);
    assert_eq!(shop.record("41"), before);
    assert_eq!(kept(&shop), (0, 0));
}

// R7, R15: the payment waits for the operator, for how long nobody knows
#[test]
fn whoever_changed_before_a_payment_that_is_held_is_created_as_changed_once_the_operator_chose() {
    let mut shop = Shop::open(72);
    shop.policies(|policies| policies.name_with_other_email = OtherEmail::Ask);
    let sam = person("cus_sam", "Sam", "Lee", "sam.lee@example.com");
    let mut changed = sam.clone();
    changed["version"] = json!(2);
    changed["phone"] = json!("514 555 0000");
    shop.changes(&changed);
    shop.pays(&sam);
    assert_eq!(shop.told("transaction.needs_operator").len(), 1);
    // What waited for a payment a month at most waits for QuickBooks now, however long.
    assert_eq!(kept(&shop), (1, 0));
    shop.chooses("cus_sam", &Choice::Create);
    shop.drains();
    let [record] = &shop.ours("cus_sam")[..] else {
        panic!("one record")
    };
    assert_eq!(record["PrimaryPhone"]["FreeFormNumber"], "514 555 0000");
    assert_eq!(kept(&shop), (0, 0));
}

// R15, R34: it would be looked at again for ever
#[test]
fn a_change_of_somebody_whose_worker_died_and_who_pays_no_more_waits_for_the_next_payment() {
    let mut shop = Shop::open(76);
    let key = LinkKey {
        merchant: MERCHANT.parse().unwrap(),
        realm: REALM.parse().unwrap(),
        customer: "cus_zoe".parse().unwrap(),
        currency: None,
    };
    let died = ("died".to_owned(), shop.town.outside.waits.clock.now());
    {
        let rows = &mut shop.town.outside.tables.borrow_mut().links.rows;
        rows.entry(key).or_default().claim = Some(died);
    }
    let mut changed = zoe();
    changed["version"] = json!(2);
    changed["phone"] = json!("514 555 0000");
    shop.changes(&changed);
    assert_eq!(kept(&shop), (1, 0), "somebody may be at the customer still");
    shop.town.pass(Duration::from_secs(3600));
    shop.drains();
    assert_eq!(kept(&shop), (0, 1));
    shop.pays(&zoe());
    let [record] = &shop.ours("cus_zoe")[..] else {
        panic!("one record")
    };
    assert_eq!(record["PrimaryPhone"]["FreeFormNumber"], "514 555 0000");
    assert_eq!(kept(&shop), (0, 0));
}

// R34: a later version's row, or one whose key is gone, holds up no payment
#[test]
fn what_nobody_can_open_does_not_hold_up_the_first_payment() {
    let mut shop = Shop::open(75);
    let mut changed = zoe();
    changed["version"] = json!(2);
    shop.changes(&changed);
    {
        let mut tables = shop.town.outside.tables.borrow_mut();
        let kept = tables.links.awaiting.values_mut().next().unwrap();
        kept.payload.clear();
    }
    shop.pays(&zoe());
    assert_eq!(shop.ours("cus_zoe").len(), 1);
    assert_eq!(shop.town.receipts().len(), 1);
    assert_eq!(kept(&shop), (1, 0), "it waits until its key is put back");
    let lots = &shop.town.outside.tables.borrow().lots;
    assert!(lots.values().all(|lot| lot.due.is_some()), "somebody comes");
}

// R15: what was sent again by hand is in no order, so that the two may be worked on at once
#[test]
fn a_change_and_a_first_payment_at_once_end_with_what_changed() {
    let mut changed = zoe();
    changed["version"] = json!(2);
    changed["phone"] = json!("514 555 0000");
    // A millisecond is a step of the store, some hundred one of QuickBooks.
    let apart = (0..40).chain((40..1_200).step_by(40));
    for (seed, after) in apart.enumerate() {
        for payment_first in [true, false] {
            let mut shop = Shop::open(1_000 + seed as u64);
            if payment_first {
                shop.queue_payment(&zoe());
            }
            shop.queue_change(&changed);
            if !payment_first {
                shop.queue_payment(&zoe());
            }
            shop.town.work_side_by_side(Duration::from_millis(after));
            shop.work();
            shop.drains();
            let record = shop.record_of("zoe@example.org");
            let phone = &record["PrimaryPhone"]["FreeFormNumber"];
            assert_eq!(phone, "514 555 0000", "{after} ms, {payment_first}");
        }
    }
}

/// How long it takes until the first payment's customer is linked.
fn linked_after() -> Duration {
    let shop = Shop::open(2_000);
    let batch = [Delivery {
        message_id: "message-1".to_owned(),
        group: MERCHANT.to_owned(),
        body: shop.payment(1, &zoe()).to_string(),
        sent_at: None,
    }];
    let outside = &shop.town.outside;
    let recorder = Recorder::new(SimulatedWorld::new(outside));
    let clock = &outside.waits.clock;
    let began = clock.elapsed();
    let is_linked = || {
        let tables = outside.tables.borrow();
        tables.links.rows.values().any(|row| row.link.is_some())
    };
    let watch = async {
        while !is_linked() {
            clock.sleep(Duration::from_millis(1)).await;
        }
        clock.elapsed() - began
    };
    let paid = handle(&recorder, &batch, Duration::from_secs(60));
    let (_, took) = clock.run(join(paid, watch), || false).expect("alive");
    took
}

// R15: one worker links the customer while another has read that there is no link
#[test]
fn two_first_payments_at_once_end_with_the_newer_profile() {
    let mut newer = zoe();
    newer["version"] = json!(2);
    newer["phone"] = json!("514 555 0000");
    let linked_after = linked_after();
    for early in 0..12 {
        let after = linked_after - Duration::from_millis(early);
        let mut shop = Shop::open(2_000);
        shop.queue_payment(&zoe());
        shop.queue_payment(&newer);
        shop.town.work_side_by_side(after);
        shop.work();
        shop.drains();
        let record = shop.record_of("zoe@example.org");
        let phone = &record["PrimaryPhone"]["FreeFormNumber"];
        assert_eq!(phone, "514 555 0000", "{early} ms before the link");
    }
}

// R2, R15: wherever whoever works on the payment dies
#[test]
fn whoever_changed_before_the_first_payment_is_created_once_as_changed_after_any_death() {
    let mut changed = zoe();
    changed["version"] = json!(2);
    changed["phone"] = json!("514 555 0000");
    changed["email"] = json!("zoe.roy@example.org");
    for step in 1.. {
        let mut shop = Shop::open(74);
        shop.changes(&changed);
        shop.queue_payment(&zoe());
        shop.town.outside.waits.fate.die_at(Some(step));
        let deaths = shop.town.work_all();
        let records = shop.ours("cus_zoe");
        assert_eq!(records.len(), 1, "killed at step {step}: {records:?}");
        let phone = &records[0]["PrimaryPhone"]["FreeFormNumber"];
        assert_eq!(phone, "514 555 0000", "killed at step {step}");
        assert_eq!(shop.town.receipts().len(), 1);
        if deaths == 0 {
            assert!(step > 20, "only {step} steps");
            break;
        }
    }
}

// R36: a payment that nobody posts leaves its customer's changes for a month, as for anybody who never paid
#[test]
fn a_change_of_somebody_whose_payment_was_left_out_does_not_stay() {
    let mut shop = Shop::open(69);
    let mut sam = person("cus_sam", "Sam", "Lee", "sam.lee@example.com");
    shop.pays(&sam);
    sam["version"] = json!(2);
    sam["phone"] = json!("514 555 0000");
    shop.changes(&sam);
    shop.drains();
    assert_eq!(kept(&shop), (1, 0), "somebody still has to choose");
    shop.leaves_out(ReasonCode::CustomerAmbiguous);
    shop.town.pass(Duration::from_secs(60));
    shop.drains();
    assert_eq!(shop.told("transaction.skipped").len(), 1);
    assert_eq!(kept(&shop), (0, 1));
    let tables = shop.town.outside.tables.borrow();
    let until = tables.links.awaiting.values().find_map(|kept| kept.until);
    let left = until.unwrap() - shop.town.outside.waits.clock.now();
    assert!(left.as_hours() <= 28 * 24, "{left:?}");
}
