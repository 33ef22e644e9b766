//! How fast what waits is worked off, how fair that is to others, and how soon trouble is over: ratios of virtual time.
#![recursion_limit = "256"]

use std::time::Duration;

use simulation::growth::Growth;
use simulation::measures::{beside, drain, recovery};
use simulator::TroubleKind;

#[test]
fn what_waits_is_worked_off_at_quickbooks_own_pace_and_quickbooks_refuses_nothing() {
    let drained = drain(7, 600, Duration::from_millis(600));
    assert_eq!(drained.refused, 0);
    assert!(drained.efficiency() >= 9_500, "{drained:?}");
}

#[test]
fn a_quickbooks_that_takes_a_second_to_answer_is_kept_at_what_the_requests_in_flight_allow() {
    let drained = drain(7, 600, Duration::from_secs(1));
    assert_eq!(drained.refused, 0);
    // The eight also write to our own store in between, for some 60 ms of each second.
    assert!(drained.efficiency() >= 9_300, "{drained:?}");
}

#[test]
fn a_quickbooks_slower_than_that_is_kept_at_no_less() {
    let drained = drain(7, 600, Duration::from_secs(2));
    assert!(drained.by_flight > drained.by_quota);
    assert_eq!(drained.refused, 0);
    assert!(drained.efficiency() >= 9_500, "{drained:?}");
}

// R29
#[test]
fn a_burst_of_one_merchant_delays_nobody_else_even_where_strangers_share_batches() {
    for mixes in [false, true] {
        let found = beside(7, 10, 1_000, mixes);
        assert!(found.payments > 20, "{found:?}");
        assert!(found.ratio() <= 11_000, "{found:?}, mixed: {mixes}");
    }
}

#[test]
fn a_storm_of_429s_is_over_within_two_minutes_of_its_end() {
    let storm = Duration::from_secs(180);
    let after = recovery(7, TroubleKind::Throttle, storm);
    assert!(after <= Duration::from_secs(120), "{after:?}");
}

#[test]
fn an_outage_is_over_within_two_minutes_of_its_end_however_long_it_was() {
    for minutes in [3, 10, 61] {
        let after = recovery(7, TroubleKind::Down, Duration::from_secs(60 * minutes));
        assert!(
            after <= Duration::from_secs(120),
            "{after:?} after {minutes} minutes"
        );
    }
}

// R29
#[test]
fn a_payment_costs_the_same_however_many_there_were_before_it_and_however_many_merchants() {
    let few = Growth::new(7, 1).pay(20);
    let many = Growth::new(7, 1).pay(500);
    let merchants = Growth::new(7, 100).pay(1_000);
    assert_eq!((few.requests, many.requests), (20, 500));
    assert_eq!(merchants.requests, 1_000);
    // Two writes each, and what a batch shares.
    for (grown, payments) in [(few, 20), (many, 500), (merchants, 1_000)] {
        let shared = grown.store_calls - 2 * payments;
        assert!(shared <= payments / 5, "{grown:?} for {payments}");
    }
}
