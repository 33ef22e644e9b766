//! What waits, and how it is worked off: by itself, in order, once, whatever dies meanwhile.
#![recursion_limit = "256"]

use std::time::Duration;

use backlog_drain::drain::drain;
use bookkeeping::frees::Frees;
use bookkeeping::ids::MerchantId;
use bookkeeping::reason::{Reason, ReasonCode};
use common::store::{Lots, Release, Standing, payload_context};
use common::world::World;
use jiff::Timestamp;
use recording::Recorder;
use recording::invocation::Delivery;
use serde_json::{Value, json};
use simulation::payments::{amount, payment};
use simulation::town::{MERCHANT, REALM, Town};
use simulation::world::SimulatedWorld;
use transaction_sync::batch::handle;

/// Asks the simulator for something.
fn control(town: &Town, what: &str, body: &Value) {
    let request =
        simulator::Request::new("POST", &format!("/simulator/{what}")).body(body.to_string());
    let now = town.outside.waits.clock.now();
    let reply = town.outside.intuit.borrow_mut().handle(now, &request);
    assert_eq!(
        reply.status,
        200,
        "{}",
        String::from_utf8_lossy(&reply.body)
    );
}

fn trouble(town: &Town, kind: &str, times: u32) {
    let body =
        json!({"kind": kind, "realm": REALM, "operation": "salesreceipt.create", "times": times});
    control(town, "trouble", &body);
}

/// Sends payments of a few customers, numbered from one.
fn send(town: &mut Town, count: u64) {
    for number in 1..=count {
        town.send(&format!("message-{number}"), payment(number, 3));
    }
}

/// Checks that each payment is in the books once, to the cent, and that MioCommerce was told so.
fn all_recorded(town: &Town, count: u64, when: &str) {
    let receipts = town.receipts();
    assert_eq!(receipts.len() as u64, count, "{when}");
    let total: u64 = receipts.iter().map(|receipt| receipt.total).sum();
    assert_eq!(total, (1..=count).map(amount).sum::<u64>(), "{when}");
    let tables = town.outside.tables.borrow();
    for (key, stands) in &tables.ledger {
        assert_eq!(stands.row.standing, Standing::Synced, "{key}, {when}");
        assert_eq!(stands.place, None, "{key} left the lot, {when}");
        let told = town.outside.told.borrow();
        let is_told = |told: &&common::told::Told| {
            told.body.contains("transaction.synced")
                && told.body.contains(&format!("\"{}\"", key.id))
        };
        assert!(
            told.iter().any(|told| is_told(&told)),
            "{key} was told, {when}"
        );
    }
}

// R2: an earlier attempt under the same id may still be carried out
#[test]
fn a_throttled_payment_is_sent_again_under_the_request_id_it_had() {
    let mut town = Town::new(24);
    trouble(&town, "throttle", 3);
    town.send("message-1", payment(1, 1));
    town.work_all();
    town.drain_all();
    all_recorded(&town, 1, "throttled three times");
    let intuit = town.outside.intuit.borrow();
    let ids = intuit.request_ids(REALM).into_iter();
    let times: Vec<u64> = ids.map(|(_, seen)| seen.requests).collect();
    assert_eq!(times.iter().sum::<u64>(), 1 + 1 + 3, "{times:?}");
    assert_eq!(
        times.len(),
        2,
        "a customer and a receipt, one id each: {times:?}"
    );
}

#[test]
fn throttled_payments_go_through_by_themselves_after_the_company_rested() {
    let mut town = Town::new(3);
    trouble(&town, "throttle", 1);
    send(&mut town, 10);
    let begun_at = town.outside.waits.clock.elapsed();
    town.work_all();
    assert!(town.is_armed());
    town.drain_all();
    all_recorded(&town, 10, "throttled once");
    let rested = town.outside.waits.clock.elapsed() - begun_at;
    assert!(rested >= Duration::from_secs(60), "{rested:?}");
}

// R29
#[test]
fn a_company_that_says_how_long_to_rest_is_left_alone_for_as_long() {
    let mut town = Town::new(6);
    let patient = json!({"realm": REALM, "retry_after_seconds": 200});
    control(&town, "switches", &patient);
    trouble(&town, "throttle", 1);
    send(&mut town, 1);
    town.work_all();
    // Once it has rested for that, the drain is asked to slow down too.
    trouble(&town, "throttle", 1);
    let lot = |town: &Town| {
        let tables = town.outside.tables.borrow();
        let lot = tables.lots.values().next().expect("a lot");
        (lot.rests, lot.rest_until)
    };
    for _ in 0..20 {
        if lot(&town).0 == 0 {
            town.drain_next();
        }
    }
    let (rests, rest_until) = lot(&town);
    assert_eq!(rests, 1);
    let rest = rest_until.expect("it rests") - town.outside.waits.clock.now();
    assert!(rest >= jiff::SignedDuration::from_secs(199), "{rest:?}");
    town.drain_all();
    all_recorded(&town, 1, "throttled twice");
}

#[test]
fn after_it_was_asked_to_slow_down_a_company_is_asked_at_seven_tenths_and_then_more_and_more() {
    let mut town = Town::new(4);
    let quick = json!({"realm": REALM, "latency_milliseconds": 0});
    control(&town, "switches", &quick);
    trouble(&town, "throttle", 1);
    send(&mut town, 400);
    town.work_all();
    town.drain_all();
    all_recorded(&town, 400, "throttled once");
    let books = town.books();
    let created = |row: &Value| -> Timestamp {
        let at = row["MetaData"]["CreateTime"].as_str().expect("a time");
        at.parse().expect("a time")
    };
    let rows = books["SalesReceipt"].as_array().expect("receipts");
    let mut created: Vec<Timestamp> = rows.iter().map(created).collect();
    created.sort_unstable();
    // Those beside the one that was refused have arrived. After the rest one goes ahead, and the others follow it.
    let rested = created[0] + Duration::from_secs(30);
    let begin = created.iter().filter(|at| **at > rested).nth(1);
    let begin = *begin.expect("many after the rest");
    let in_five_seconds = |from: u64| {
        let from = begin + Duration::from_secs(from);
        let until = from + Duration::from_secs(5);
        let these = created.iter().filter(|at| (from..until).contains(at));
        these.count()
    };
    // Eight and a fifth a second, of that seven tenths; all of it after half a minute.
    let (slow, fast) = (in_five_seconds(0), in_five_seconds(35));
    assert!(
        (20..=31).contains(&slow),
        "{slow} in the first five seconds"
    );
    assert!((38..=43).contains(&fast), "{fast} half a minute later");
}

#[test]
fn an_outage_parks_everything_and_its_end_brings_it_in_in_order() {
    let mut town = Town::new(5);
    trouble(&town, "down", 40);
    send(&mut town, 30);
    town.work_all();
    town.drain_all();
    all_recorded(&town, 30, "after an outage");
}

#[test]
fn a_drain_that_dies_anywhere_loses_nothing_and_doubles_nothing() {
    let mut step = 0;
    loop {
        step += 1;
        let mut town = Town::new(7);
        trouble(&town, "throttle", 1);
        send(&mut town, 3);
        town.work_all();
        town.outside.waits.fate.die_at(Some(step));
        let deaths = town.drain_all();
        town.outside.waits.fate.die_at(None);
        all_recorded(&town, 3, &format!("killed at step {step}"));
        if deaths == 0 {
            break;
        }
    }
    assert!(
        step > 30,
        "only {step} steps: the drain no longer waits where it can die"
    );
}

#[test]
fn a_drain_that_ran_before_renews_an_access_token_that_ended_since() {
    let mut town = Town::new(8);
    let warm = Recorder::new(SimulatedWorld::new(&town.outside));
    for count in 1..=2 {
        trouble(&town, "throttle", 1);
        town.send(&format!("message-{count}"), payment(count, 3));
        town.work_all();
        town.pass(Duration::from_secs(2 * 3600));
        town.drain_in(&warm);
        town.pass(Duration::from_secs(60));
        town.drain_in(&warm);
        assert_eq!(town.receipts().len() as u64, count);
    }
}

#[test]
fn payments_that_arrive_while_the_lot_is_open_stand_in_line() {
    let mut town = Town::new(9);
    trouble(&town, "throttle", 1);
    send(&mut town, 1);
    town.work_all();
    town.send("message-2", payment(2, 3));
    town.work_all();
    assert!(
        town.receipts().is_empty(),
        "nobody asks a company that rests"
    );
    town.drain_all();
    all_recorded(&town, 2, "two in line");
    // The turn is live work's again.
    town.send("message-3", payment(3, 3));
    town.work_all();
    all_recorded(&town, 3, "after the lot was closed");
}

#[test]
fn what_is_a_minute_old_when_it_comes_goes_into_the_lot_at_once_so_that_the_queue_never_fills() {
    let mut town = Town::new(10);
    let now = town.outside.waits.clock.now();
    let batch = |first: u64, age: u64| -> Vec<Delivery> {
        let delivery = |number| Delivery {
            message_id: format!("message-{number}"),
            group: MERCHANT.to_owned(),
            body: payment(number, 3),
            sent_at: Some(now - Duration::from_secs(age)),
        };
        (first..first + 10).map(delivery).collect()
    };
    let work = |town: &Town, batch: &[Delivery]| {
        let process = Recorder::new(SimulatedWorld::new(&town.outside));
        let clock = &town.outside.waits.clock;
        let begun_at = clock.elapsed();
        let back = clock.run(handle(&process, batch, Duration::from_secs(60)), || false);
        assert_eq!(back, Some(Vec::new()), "nothing stays in the queue");
        clock.elapsed() - begun_at
    };
    work(&town, &batch(1, 30));
    assert_eq!(town.receipts().len(), 10, "sent at once");
    let took = work(&town, &batch(11, 61));
    assert_eq!(town.receipts().len(), 10, "nobody was asked");
    assert!(
        took < Duration::from_secs(1),
        "at the store's speed: {took:?}"
    );
    town.drain_all();
    all_recorded(&town, 20, "a burst");
}

#[test]
fn a_late_index_never_leaves_a_payment_in_a_lot_that_nobody_opens() {
    for seed in 0..20 {
        let mut town = Town::new(seed);
        town.outside.tables.borrow_mut().index.lag = Duration::from_secs(45);
        trouble(&town, "throttle", 2);
        send(&mut town, 12);
        town.work_all();
        town.drain_all();
        all_recorded(&town, 12, &format!("seed {seed}"));
    }
}

#[test]
fn the_same_refusal_over_and_over_pauses_the_lot_instead_of_using_up_the_quota() {
    let mut town = about_to_be_refused();
    for _ in 0..12 {
        town.drain_next();
    }
    let (held, paused) = {
        let tables = town.outside.tables.borrow();
        let held = tables
            .ledger
            .values()
            .filter(|stands| stands.row.standing == Standing::Held);
        (
            held.count(),
            tables.lots.values().any(|lot| lot.paused.is_some()),
        )
    };
    assert!(paused);
    assert!((21..=29).contains(&held), "{held} were tried");
}

/// A lot in which sixty wait, and QuickBooks refuses all of them.
fn about_to_be_refused() -> Town {
    let mut town = Town::new(11);
    trouble(&town, "throttle", 1);
    send(&mut town, 60);
    town.work_all();
    let fault = json!({"kind": "fault", "realm": REALM, "operation": "salesreceipt.create", "times": 0, "code": "6430"});
    control(&town, "trouble", &fault);
    town
}

/// The same, when the next drain pauses it.
fn about_to_pause() -> Town {
    let mut town = about_to_be_refused();
    while town
        .outside
        .tables
        .borrow()
        .lots
        .values()
        .all(|lot| lot.open_since.is_none())
    {
        town.drain_next();
    }
    town.pass(Duration::from_secs(70));
    town
}

#[test]
fn what_the_operator_releases_while_the_drain_pauses_the_lot_is_not_kept_waiting_for_an_hour() {
    let merchant = MerchantId::parse(MERCHANT).expect("a merchant");
    let mut released_late = 0;
    for moment in 0..40 {
        let mut town = about_to_pause();
        let process = Recorder::new(SimulatedWorld::new(&town.outside));
        let page = SimulatedWorld::new(&town.outside);
        let clock = std::rc::Rc::clone(&town.outside.waits.clock);
        let drained = drain(&process, &merchant, Duration::from_secs(900));
        let operator = async {
            page.sleep(Duration::from_millis(3200 + moment * 40)).await;
            let ended = json!({"kind": "none"});
            control(&town, "trouble", &ended);
            let refused = Release::For(&[ReasonCode::QuickBooksRefused]);
            let released = page
                .store()
                .release(&merchant, refused, None, page.now())
                .await;
            page.wake(std::slice::from_ref(&merchant), Duration::ZERO)
                .await;
            released
        };
        let both = clock.run(futures::future::join(drained, operator), || false);
        let (drained, released) = both.expect("alive");
        drained.expect("a store");
        released_late += u64::from(released.expect("a store") > 20);
        let ended_at = clock.elapsed();
        town.drain_all();
        let took = clock.elapsed() - ended_at;
        assert!(took < Duration::from_secs(600), "{took:?} after {moment}");
        // What was in the drain's hands when the others were released is held by now.
        let refused = Release::For(&[ReasonCode::QuickBooksRefused]);
        let released = page.store().release(&merchant, refused, None, page.now());
        let released = clock.run(released, || false).expect("alive");
        assert!(released.expect("a store") <= 10);
        town.drain_all();
        all_recorded(&town, 60, &format!("released at {moment}"));
    }
    assert!(released_late > 0, "never released what made it pause");
}

#[test]
fn a_drain_of_many_never_asks_more_than_quickbooks_takes() {
    let mut town = Town::new(13);
    trouble(&town, "throttle", 1);
    send(&mut town, 300);
    town.work_all();
    town.drain_all();
    all_recorded(&town, 300, "three hundred");
    let request = simulator::Request::new("GET", "/simulator/counters");
    let now = town.outside.waits.clock.now();
    let reply = town.outside.intuit.borrow_mut().handle(now, &request);
    let counters: Value = serde_json::from_slice(&reply.body).expect("counters");
    let company = &counters[REALM];
    assert!(
        company["max_in_flight"].as_u64().expect("a number") <= 10,
        "{company}"
    );
    assert!(
        company["max_starts_in_a_second"]
            .as_u64()
            .expect("a number")
            <= 10,
        "{company}"
    );
    assert!(
        company["max_starts_in_a_minute"]
            .as_u64()
            .expect("a number")
            <= 500,
        "{company}"
    );
}

#[test]
fn a_kept_message_that_this_version_cannot_read_waits_for_another_and_stops_nobody_else() {
    let mut town = Town::new(31);
    trouble(&town, "throttle", 3);
    send(&mut town, 3);
    town.work_all();
    let world = SimulatedWorld::new(&town.outside);
    let clock = &town.outside.waits.clock;
    let keys = clock.run(world.payload_keys(), || false);
    let keys = keys.expect("alive").expect("a key ring");
    let key = {
        let mut tables = town.outside.tables.borrow_mut();
        let (key, stands) = tables.ledger.iter_mut().next().expect("three wait");
        let nonsense = keys.seal(b"{\"schema\": 99}", &payload_context(key), [7; 12]);
        stands.payload = Some(nonsense);
        key.clone()
    };
    for _ in 0..20 {
        town.drain_next();
    }
    assert_eq!(town.receipts().len(), 2);
    let tables = town.outside.tables.borrow();
    let stands = &tables.ledger[&key];
    assert_eq!(stands.row.standing, Standing::Parked);
    assert!(
        stands.place.is_some() && stands.payload.is_some(),
        "nothing is lost"
    );
    let due = tables.lots.values().next().expect("a lot").due;
    assert!(due.is_some(), "somebody looks again");
}

/// A town where so many payments wait, the first of them settled so by somebody who could not tell it.
fn first_is_settled(count: u64, standing: Standing, reason: Option<ReasonCode>) -> Town {
    let mut town = Town::new(25);
    trouble(&town, "throttle", u32::try_from(count).expect("few"));
    send(&mut town, count);
    town.work_all();
    {
        let mut tables = town.outside.tables.borrow_mut();
        let first = tables.ledger.keys().next().expect("one").clone();
        tables.change(&first, "", |stands| {
            assert!(stands.place.is_some(), "in the lot");
            stands.row.standing = standing;
            stands.row.reason = reason.map(Reason::new);
        });
    }
    control(&town, "trouble", &json!({"kind": "heal", "realm": REALM}));
    town
}

// R34: after a roll-back, a reason that only the later version knows
#[test]
fn what_a_transaction_came_to_that_nobody_here_can_read_is_gone_past_and_not_over_and_over() {
    let mut town = first_is_settled(3, Standing::Held, None);
    town.pass(Duration::from_secs(120));
    assert!(town.drain());
    let before = town.outside.tables.borrow().calls;
    town.pass(Duration::from_secs(60));
    assert!(town.drain());
    assert_eq!(town.receipts().len(), 2);
    let calls = town.outside.tables.borrow().calls - before;
    assert!(calls < 200, "{calls} calls of the store");
}

// R10, R34: whoever held it died before it was told, and the operator mended its cause since
#[test]
fn what_stands_held_in_the_lot_is_freed_by_what_was_mended_since() {
    let mut town = first_is_settled(3, Standing::Held, Some(ReasonCode::ItemMissing));
    {
        let mut tables = town.outside.tables.borrow_mut();
        let now = town.outside.waits.clock.now();
        let connection = tables.connections.values_mut().next().expect("connected");
        connection.frees = Frees::default().with(&[ReasonCode::ItemMissing], None, now);
    }
    town.pass(Duration::from_secs(120));
    town.drain_all();
    all_recorded(&town, 3, "mended");
    let told = town.outside.told.borrow();
    assert!(
        told.iter()
            .all(|told| !told.body.contains("needs_operator"))
    );
    let tables = town.outside.tables.borrow();
    let connection = tables.connections.values().next().expect("connected");
    assert_eq!(connection.frees, Frees::default(), "struck off");
}

// R34: what only has to be told shows nothing of QuickBooks
#[test]
fn after_a_rest_one_is_sent_ahead_though_something_settled_stands_before_it() {
    let mut town = first_is_settled(9, Standing::Held, Some(ReasonCode::TaxUnmapped));
    trouble(&town, "down", 9);
    for lot in town.outside.tables.borrow_mut().lots.values_mut() {
        lot.rests = 1;
    }
    town.pass(Duration::from_secs(120));
    let asked = |town: &Town| {
        let ids = town.outside.intuit.borrow().request_ids(REALM);
        ids.into_values().map(|seen| seen.requests).sum::<u64>()
    };
    let before = asked(&town);
    assert!(town.drain());
    assert_eq!(asked(&town) - before, 1, "one was tried");
}

// R34: a choice keeps nobody in the lot
#[test]
fn a_drain_right_after_a_choice_leaves_the_lot_at_once() {
    let mut town = first_is_settled(3, Standing::Parked, Some(ReasonCode::InLine));
    town.pass(Duration::from_secs(120));
    {
        let mut tables = town.outside.tables.borrow_mut();
        let now = town.outside.waits.clock.now();
        let connection = tables.connections.values_mut().next().expect("connected");
        connection.frees = Frees::default().with(&[ReasonCode::ItemMissing], None, now);
    }
    let before = town.outside.tables.borrow().calls;
    assert!(town.drain());
    town.pass(Duration::from_secs(30));
    assert!(town.drain());
    all_recorded(&town, 3, "at once");
    let calls = town.outside.tables.borrow().calls - before;
    assert!(calls < 200, "{calls} calls of the store");
}
