//! Answers that were lost by the dozen: what was recorded all the same is found, what was not is sent, and a metered read
//! answers for many.
#![recursion_limit = "256"]

use std::time::Duration;

use common::store::Standing;
use simulation::payments::{amount, payment};
use simulation::town::{REALM, Town};
use simulator::{Trouble, TroubleKind};

const COUNT: u64 = 50;

fn trouble(kind: TroubleKind, times: u32) -> Trouble {
    let trouble = Trouble::new(kind).at(REALM).on("salesreceipt.create");
    trouble.times(times)
}

/// Metered reads so far.
fn reads(town: &Town) -> u64 {
    town.outside.intuit.borrow().figures(REALM).reads
}

/// A town where nobody knows what became of fifty payments, because each met one of these troubles.
fn in_doubt(
    seed: u64,
    index_lag_seconds: u64,
    troubles: impl IntoIterator<Item = Trouble>,
) -> Town {
    let mut town = Town::new(seed);
    {
        let mut intuit = town.outside.intuit.borrow_mut();
        for trouble in troubles {
            intuit.trouble(town.outside.waits.clock.now(), trouble);
        }
        let switches = intuit.switches(REALM).expect("a company");
        switches.index_lag_seconds = index_lag_seconds;
    }
    for number in 1..=COUNT {
        town.send(&format!("message-{number}"), payment(number, 3));
    }
    town.work_all();
    {
        let tables = town.outside.tables.borrow();
        let rows = tables.ledger.values();
        let in_doubt = rows.filter(|stands| stands.row.standing == Standing::Ambiguous);
        assert_eq!(in_doubt.count() as u64, COUNT);
    }
    town
}

fn all_once(town: &Town, when: &str) {
    let receipts = town.receipts();
    assert_eq!(receipts.len() as u64, COUNT, "{when}");
    let total: u64 = receipts.iter().map(|receipt| receipt.total).sum();
    assert_eq!(total, (1..=COUNT).map(amount).sum::<u64>(), "{when}");
}

#[test]
fn one_read_answers_for_fifty_payments_that_nobody_knows_about() {
    let lost = trouble(TroubleKind::LoseAnswer, 25);
    let not_done = trouble(TroubleKind::TimeoutWithoutCommit, 25);
    let mut town = in_doubt(1, 0, [lost, not_done]);
    let before = reads(&town);
    town.drain_all();
    all_once(&town, "half of them had arrived");
    assert_eq!(reads(&town) - before, 1);
}

#[test]
fn what_is_recorded_late_and_shown_late_is_found_and_never_recorded_twice() {
    for seed in 0..6 {
        let mut late = trouble(TroubleKind::CommitLate, 20).seconds(119);
        late.answer_after = 20;
        let lost = trouble(TroubleKind::LoseAnswer, 15);
        let not_done = trouble(TroubleKind::TimeoutWithoutCommit, 15);
        let mut town = in_doubt(seed, 100, [late, lost, not_done]);
        let before = reads(&town);
        town.drain_all();
        all_once(&town, &format!("seed {seed}"));
        let reads = reads(&town) - before;
        assert!(reads <= 10, "{reads} reads, seed {seed}");
    }
}

#[test]
fn where_many_others_were_recorded_at_the_time_each_is_looked_for_by_itself() {
    let lost = trouble(TroubleKind::LoseAnswer, 25);
    let not_done = trouble(TroubleKind::TimeoutWithoutCommit, 25);
    let mut town = in_doubt(2, 0, [lost, not_done]);
    let others = 2_800;
    for number in COUNT + 1..=COUNT + others {
        town.send(&format!("message-{number}"), payment(number, 3));
    }
    town.work_all();
    let before = reads(&town);
    town.drain_all();
    assert_eq!(town.receipts().len() as u64, COUNT + others);
    let reads = reads(&town) - before;
    assert!(reads > COUNT, "each by itself");
    assert!(reads <= COUNT + COUNT / 4 + 1, "{reads} reads");
}

// R34: by customer and day, where the company numbers by itself
#[test]
fn one_customer_with_a_thousand_receipts_that_day_is_looked_through_only_for_the_time_in_doubt() {
    let mut town = Town::new(3);
    for connection in town.outside.tables.borrow_mut().connections.values_mut() {
        connection.company.custom_numbers = false;
    }
    let others = 1_000;
    for number in 2..=1 + others {
        town.send(&format!("message-{number}"), payment(number, 1));
    }
    town.work_all();
    town.pass(Duration::from_secs(3600));
    let lost = trouble(TroubleKind::LoseAnswer, 1);
    let now = town.outside.waits.clock.now();
    town.outside.intuit.borrow_mut().trouble(now, lost);
    town.send("message-1", payment(1, 1));
    town.work_all();
    let before = reads(&town);
    town.drain_all();
    assert_eq!(town.receipts().len() as u64, 1 + others, "found");
    assert_eq!(reads(&town) - before, 1);
}
