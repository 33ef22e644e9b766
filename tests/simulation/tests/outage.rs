//! QuickBooks is down for everyone, or for one: who is asked, who is left alone, and how it ends.
#![recursion_limit = "256"]

use std::time::Duration;

use bookkeeping::breaker::Breaker;
use common::store::breakers::QUICKBOOKS;
use simulation::street::Street;
use simulator::TroubleKind;

const MERCHANTS: usize = 12;

const MINUTE: Duration = Duration::from_secs(60);

fn breaker(street: &Street) -> Breaker {
    street.outside.tables.borrow().breaker(QUICKBOOKS)
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
