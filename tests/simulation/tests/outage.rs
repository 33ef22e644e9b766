//! QuickBooks is down for everyone, or for one: who is asked, who is left alone, and how it ends.
#![recursion_limit = "256"]

use std::time::Duration;

use bookkeeping::breaker::Breaker;
use common::store::breakers::{QUICKBOOKS, Seen};
use common::store::{Arming, Lots};
use common::world::World;
use simulation::street::Street;
use simulation::world::SimulatedWorld;
use simulator::TroubleKind;

const MERCHANTS: usize = 12;

/// Merchants of the city.
const CITY: usize = 200;

const MINUTE: Duration = Duration::from_secs(60);

fn breaker(street: &Street) -> Breaker {
    let tables = street.outside.tables.borrow();
    let breaker = tables.breaker(QUICKBOOKS);
    breaker.at(street.outside.waits.clock.now())
}

/// Twelve merchants of whom these cannot reach QuickBooks while three payments of each arrive.
fn trouble_for(merchants: std::ops::Range<usize>) -> Street {
    let mut street = Street::new(3, MERCHANTS);
    street.trouble(TroubleKind::Down, merchants);
    for _ in 0..3 {
        street.pay(0..MERCHANTS);
        street.work(Duration::from_secs(1));
    }
    street
}

#[test]
fn while_quickbooks_is_down_for_everyone_one_is_tried_every_quarter_of_a_minute_and_then_all_follow()
 {
    let mut street = trouble_for(0..MERCHANTS);
    street.work(MINUTE);
    assert!(matches!(breaker(&street), Breaker::Open { .. }));
    let before = street.requests();
    street.pay(0..MERCHANTS);
    street.work(10 * MINUTE);
    let asked = street.requests() - before;
    assert!(asked > 5, "somebody looks whether it is back: {asked}");
    assert!(asked <= 41, "one each fifteen seconds at most: {asked}");
    assert_eq!(street.receipts(), 0);

    street.heal();
    street.work(8 * MINUTE);
    assert!(matches!(breaker(&street), Breaker::Returning { .. }));
    assert_eq!(street.receipts(), 4 * MERCHANTS, "each once");
    // Whoever pays now does not notice.
    street.pay(0..MERCHANTS);
    street.work(Duration::from_secs(1));
    assert_eq!(street.receipts(), 5 * MERCHANTS);
}

#[test]
fn a_few_companies_in_trouble_of_their_own_never_stop_the_others() {
    let mut street = trouble_for(0..4);
    street.work(MINUTE);
    assert_eq!(breaker(&street), Breaker::Closed);
    let others = MERCHANTS - 4;
    assert_eq!(street.receipts(), 3 * others);
    street.heal();
    street.work(10 * MINUTE);
    assert_eq!(street.receipts(), 3 * MERCHANTS);
}

/// Two hundred merchants with processes of their own; these cannot reach QuickBooks while so many payments of each arrive,
/// and all take one each now and then.
fn city_with_trouble_for(merchants: std::ops::Range<usize>, payments: usize) -> Street {
    let mut street = Street::apart(11, CITY);
    street.trouble(TroubleKind::Down, merchants.clone());
    for _ in 0..payments {
        street.pay(merchants.clone());
    }
    for round in 0..10 {
        let tenth = CITY / 10;
        street.pay(round * tenth..(round + 1) * tenth);
        street.work(Duration::from_secs(1));
    }
    street
}

#[test]
fn five_companies_in_trouble_among_two_hundred_stop_nobody_though_healthy_processes_count_nothing()
{
    let mut street = city_with_trouble_for(0..5, 10);
    for round in 0..30 {
        street.pay(5 + round * 6..5 + (round + 1) * 6);
        street.work(Duration::from_secs(2));
        let stands = breaker(&street);
        assert!(!matches!(stands, Breaker::Open { .. }), "in round {round}");
    }
    let seen = street.outside.tables.borrow().breakers[QUICKBOOKS];
    assert!(seen.revision >= 2, "in doubt, and cleared up: {seen:?}");
    let healthy = CITY - 5 + 180;
    assert_eq!(street.receipts(), healthy);
    street.heal();
    street.work(10 * MINUTE);
    assert_eq!(street.receipts(), healthy + 5 * 10 + 5);
}

#[test]
fn five_companies_in_trouble_at_a_quiet_hour_hold_up_a_sixth_for_minutes_and_not_for_as_long_as_it_lasts()
 {
    let mut street = Street::apart(17, 6);
    street.trouble(TroubleKind::Down, 0..5);
    for _ in 0..10 {
        street.pay(0..5);
    }
    street.work(MINUTE);
    assert!(matches!(breaker(&street), Breaker::Open { .. }));
    let healthy = 5..6;
    for _ in 0..10 {
        street.pay(healthy.clone());
        street.work(MINUTE);
    }
    street.work(5 * MINUTE);
    assert_eq!(street.receipts(), 10);
}

#[test]
fn a_hiccup_of_seconds_at_a_quiet_hour_holds_nobody_up() {
    let mut street = Street::apart(23, 6);
    street.trouble(TroubleKind::Down, 0..6);
    for _ in 0..5 {
        street.pay(0..6);
    }
    street.work(Duration::from_secs(3));
    let stands = breaker(&street);
    assert!(matches!(stands, Breaker::Doubted { .. }), "{stands:?}");
    street.heal();
    for _ in 0..60 {
        street.pay(0..1);
        street.work(Duration::from_secs(2));
        let stands = breaker(&street);
        assert!(!matches!(stands, Breaker::Open { .. }), "{stands:?}");
    }
    assert_eq!(street.receipts(), 6 * 5 + 60);
}

#[test]
fn companies_that_work_cost_no_count() {
    let mut street = Street::apart(13, MERCHANTS);
    for _ in 0..3 {
        street.pay(0..MERCHANTS);
        street.work(MINUTE);
    }
    assert_eq!(street.receipts(), 3 * MERCHANTS);
    let tables = street.outside.tables.borrow();
    assert!(tables.calls_made.is_empty() && tables.breakers.is_empty());
}

#[test]
fn an_outage_of_all_two_hundred_is_known_within_half_a_minute() {
    let mut street = city_with_trouble_for(0..CITY, 1);
    street.work(Duration::from_secs(20));
    assert!(matches!(breaker(&street), Breaker::Open { .. }));
    street.heal();
    street.work(10 * MINUTE);
    assert_eq!(street.receipts(), 2 * CITY);
}

#[test]
fn a_store_that_cannot_say_whether_quickbooks_is_down_stops_nobody_for_good() {
    let mut street = Street::new(5, MERCHANTS);
    // As far as it says, it works.
    street.outside.tables.borrow_mut().breaker_is_lost = true;
    street.trouble(TroubleKind::Down, 0..MERCHANTS);
    for _ in 0..3 {
        street.pay(0..MERCHANTS);
        street.work(Duration::from_secs(1));
    }
    let before = street.requests();
    street.pay(0..MERCHANTS);
    street.work(Duration::from_secs(5));
    assert_eq!(street.requests(), before, "by the process' own judgement");
    street.heal();
    street.work(10 * MINUTE);
    assert_eq!(street.receipts(), 4 * MERCHANTS);
}

#[test]
fn a_lot_with_nothing_in_it_is_left_alone_while_quickbooks_is_down() {
    let mut street = Street::new(19, 1);
    let (merchant, now) = {
        let mut tables = street.outside.tables.borrow_mut();
        let now = street.outside.waits.clock.now();
        let breaker = Breaker::Open {
            probe_at: now + 60 * MINUTE,
            answered: 0,
        };
        let seen = Seen {
            breaker,
            revision: 1,
        };
        tables.breakers.insert(QUICKBOOKS.to_owned(), seen);
        let merchant = tables.connections.keys().last().expect("one").clone();
        (merchant, now)
    };
    let world = SimulatedWorld::new(&street.outside);
    let arming = Arming::from_now(&merchant, now);
    let armed = street
        .outside
        .waits
        .clock
        .run(world.store().arm(&arming), || false);
    armed.expect("alive").expect("a store");
    street.work(5 * MINUTE);
    let tables = street.outside.tables.borrow();
    assert_eq!(tables.lots[&merchant].due, None, "nobody comes for it");
}
