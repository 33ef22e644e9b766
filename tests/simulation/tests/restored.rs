//! Tables that were put back to an earlier time: what they have forgotten is looked for before it is sent.
#![recursion_limit = "256"]

use std::time::Duration;

use bookkeeping::reason::State;
use jiff::civil::{Date, date};
use simulation::payments::payment;
use simulation::town::{REALM, Town};
use simulator::{Trouble, TroubleKind};

/// Records three payments, puts the ledger back to before them, and has them delivered once more beside a fourth; gives the
/// receipts there are then.
fn receipts_after_restoring(probe_until: Option<Date>) -> usize {
    let mut town = Town::new(1);
    for number in 1..=3 {
        town.send(&format!("message-{number}"), payment(number, 3));
    }
    town.work_all();
    assert_eq!(town.receipts().len(), 3);
    let before: Vec<String> = town
        .receipts()
        .iter()
        .map(|receipt| receipt.number.clone())
        .collect();

    town.outside.tables.borrow_mut().ledger.clear();
    town.outside.timing.probe_until = probe_until;
    town.restart();
    for number in 1..=4 {
        town.send(&format!("again-{number}"), payment(number, 3));
    }
    town.work_all();
    let tables = town.outside.tables.borrow();
    assert_eq!(tables.ledger.len(), 4);
    assert!(
        tables
            .ledger
            .values()
            .all(|stands| stands.row.state() == State::Synced)
    );
    let receipts = town.receipts();
    for number in before {
        assert!(receipts.iter().any(|receipt| receipt.number == number));
    }
    receipts.len()
}

// R2
#[test]
fn what_a_restored_ledger_has_forgotten_is_found_in_quickbooks_and_not_sent_again() {
    assert_eq!(receipts_after_restoring(Some(date(2026, 11, 22))), 4);
}

// R34: to look takes longer than a claim may wait to be sent
#[test]
fn where_looking_is_slow_what_was_looked_for_is_sent_and_not_looked_for_over_and_over() {
    let mut town = Town::new(1);
    town.outside.timing.probe_until = Some(date(2026, 11, 22));
    {
        let mut intuit = town.outside.intuit.borrow_mut();
        let switches = intuit.switches(REALM).expect("a company");
        switches.latency_milliseconds = 12_000;
    }
    town.restart();
    town.send("message-1", payment(1, 3));
    town.work_all();
    let reads = |town: &Town| town.outside.intuit.borrow().figures(REALM).reads;
    let before = reads(&town);
    town.drain_all();
    assert_eq!(town.receipts().len(), 1);
    let again = reads(&town) - before;
    assert!(again <= 1, "{again} reads more");
}

// R34: one customer has more receipts that day than a batch has time to read
#[test]
fn what_takes_longer_to_look_for_than_a_batch_lasts_is_looked_for_by_the_drain() {
    let mut town = Town::new(1);
    for connection in town.outside.tables.borrow_mut().connections.values_mut() {
        connection.company.custom_numbers = false;
    }
    let others = 1_400;
    for number in 2..=1 + others {
        town.send(&format!("message-{number}"), payment(number, 1));
    }
    town.work_all();
    {
        let mut intuit = town.outside.intuit.borrow_mut();
        let switches = intuit.switches(REALM).expect("a company");
        switches.latency_milliseconds = 12_000;
    }
    town.outside.timing.probe_until = Some(date(2026, 11, 22));
    town.restart();
    let began = town.now();
    town.send("message-1", payment(1, 1));
    assert!(town.work(), "it lived");
    assert!(!town.has_work(), "it need not come again");
    let took = town.now() - began;
    assert!(took.as_secs() < 60, "{took}");
    assert_eq!(town.receipts().len() as u64, others);
    town.drain_all();
    assert_eq!(town.receipts().len() as u64, 1 + others);
}

// Else what comes first could not fail: QuickBooks at its weakest takes a receipt twice.
#[test]
fn a_ledger_restored_without_looking_first_would_make_second_receipts() {
    assert_eq!(receipts_after_restoring(None), 7);
    assert_eq!(receipts_after_restoring(Some(date(2026, 11, 21))), 7);
}

// R2: two were in doubt when the copy was taken, and were sent long after it
#[test]
fn what_was_in_doubt_in_the_copy_is_found_however_late_it_was_sent() {
    let mut town = Town::new(1);
    let lost = Trouble::new(TroubleKind::TimeoutWithoutCommit);
    let lost = lost.at(REALM).on("salesreceipt.create").times(2);
    town.outside.intuit.borrow_mut().trouble(town.now(), lost);
    for number in 1..=2 {
        town.send(&format!("message-{number}"), payment(number, 3));
    }
    town.work();
    let copy = town.outside.tables.borrow().ledger.clone();
    assert!(town.receipts().is_empty());
    // Nobody comes for an hour.
    town.pass(Duration::from_secs(3600));
    town.drain_all();
    assert_eq!(town.receipts().len(), 2);

    let now = town.now();
    {
        let mut tables = town.outside.tables.borrow_mut();
        for (key, row) in copy {
            tables.change(&key, "", |stands| *stands = row);
        }
        for lot in tables.lots.values_mut() {
            lot.due = Some(now);
        }
    }
    town.outside.timing.probe_until = Some(date(2026, 11, 22));
    town.restart();
    town.pass(Duration::from_secs(60));
    town.drain_all();
    assert_eq!(town.receipts().len(), 2, "no second receipt");
    let tables = town.outside.tables.borrow();
    let mut rows = tables.ledger.values();
    assert!(rows.all(|stands| stands.row.state() == State::Synced));
}
