//! Refunds: behind their payments, out of what remains of them, once.
#![recursion_limit = "256"]

use std::time::Duration;

use bookkeeping::ids::{MerchantId, PaymentId, RefundId};
use bookkeeping::transaction::TransactionKey;
use common::store::{Ledger, Standing};
use recording::refund::allow_excess;
use simulation::payments::{amount, listed_refund, payment, refund};
use simulation::town::{MERCHANT, Town};
use simulation::world::SimulatedWorld;

fn key(payment: u64) -> TransactionKey {
    let merchant = MerchantId::parse(MERCHANT).expect("an id");
    TransactionKey::payment(
        merchant,
        &PaymentId::parse(&format!("pay_{payment}")).expect("an id"),
    )
}

fn refunded(town: &Town) -> u64 {
    town.refunds().iter().map(|receipt| receipt.total).sum()
}

/// The last thing told of this transaction.
fn told(town: &Town, id: &str) -> String {
    let told = town.outside.told.borrow();
    let about = format!(r#""id":"{id}""#);
    let last = told.iter().rfind(|told| told.body.contains(&about));
    last.expect("something was told").body.clone()
}

#[test]
fn a_payment_and_its_refund_become_one_receipt_each_wherever_the_process_dies() {
    let mut steps = 0;
    loop {
        steps += 1;
        let mut town = Town::new(7);
        town.outside.waits.fate.die_at(Some(steps));
        town.send("message-1", payment(1, 1));
        town.send("message-2", refund(1, 1, 3_000, 1));
        let deaths = town.work_all();
        assert_eq!(town.receipts().len(), 1, "killed at step {steps}");
        assert_eq!(town.refunds().len(), 1, "killed at step {steps}");
        assert_eq!(refunded(&town), 3_000, "killed at step {steps}");
        assert_eq!(town.refunds()[0].number, "MC-R-200001");
        assert_eq!(town.refunds()[0].customer, town.receipts()[0].customer);
        if deaths == 0 {
            break;
        }
    }
    assert!(
        steps > 30,
        "only {steps} steps: the handler no longer waits where it can die"
    );
}

#[test]
fn partial_refunds_and_redeliveries_by_two_workers_at_once_close_the_payment_exactly() {
    for seed in 0..40 {
        let mut town = Town::new(seed);
        let number = 1 + seed % 6;
        town.send("payment", payment(number, 1));
        town.work_all();
        let (listed, of_listed) = listed_refund(1, number, 1);
        let half = (amount(number) - of_listed) / 2;
        let rest = amount(number) - of_listed - half;
        let mut messages = vec![
            listed,
            refund(2, number, half, 1),
            refund(3, number, rest, 1),
        ];
        let places = u64::try_from(messages.len()).expect("three");
        let by = usize::try_from(town.outside.waits.fate.below(places)).expect("below three");
        messages.rotate_left(by);
        for (at, message) in messages.iter().chain(&messages).enumerate() {
            town.send(&format!("refund-{at}"), message.clone());
        }
        town.work_twice_at_once();
        town.work_all();
        assert_eq!(town.refunds().len(), 3, "seed {seed}");
        assert_eq!(refunded(&town), amount(number), "seed {seed}");
        // Lines that were partly given back before they are listed go back as listed: only the total is then theirs.
        if by == 0 {
            assert_eq!(
                town.sums("RefundReceipt"),
                town.sums("SalesReceipt"),
                "seed {seed}: each line and each tax went back whole"
            );
        }
    }
}

#[test]
fn a_refund_before_its_payment_waits_for_it_and_then_mirrors_it() {
    let mut town = Town::new(3);
    town.send("message-1", refund(1, 1, amount(1), 1));
    town.work_all();
    assert!(told(&town, "ref_1").contains("payment_unknown"));
    assert!(town.refunds().is_empty());
    town.send("message-2", payment(1, 1));
    town.send("message-3", refund(1, 1, amount(1), 1));
    town.work_all();
    assert_eq!(refunded(&town), amount(1));
    assert_eq!(town.sums("RefundReceipt"), town.sums("SalesReceipt"));
}

#[test]
fn a_refund_whose_payment_never_comes_is_posted_by_itself_after_a_day_and_not_before() {
    let mut town = Town::new(3);
    let (listed, of_listed) = listed_refund(1, 1, 1);
    for hours in [0, 23] {
        town.pass(Duration::from_secs(hours * 3600));
        town.send(&format!("after {hours} hours"), listed.clone());
        town.work_all();
        assert!(told(&town, "ref_1").contains("payment_unknown"));
        assert!(town.refunds().is_empty(), "after {hours} hours");
    }
    town.pass(Duration::from_secs(3600));
    town.send("after a day", listed);
    town.work_all();
    assert_eq!(refunded(&town), of_listed);
    let books = town.books();
    let note = books["RefundReceipt"][0]["PrivateNote"].as_str();
    let note = note.expect("a note");
    assert!(
        note.contains("whose receipt is not from MioCommerce"),
        "{note}"
    );
}

#[test]
fn a_refund_of_an_unknown_payment_that_lists_nothing_asks_for_its_tax() {
    let mut town = Town::new(3);
    for wait in [0, 24 * 3600] {
        town.pass(Duration::from_secs(wait));
        town.send(&format!("{wait}"), refund(1, 1, 1_000, 1));
        town.work_all();
    }
    assert!(told(&town, "ref_1").contains("refund_tax_unknown"));
    assert!(town.refunds().is_empty());
}

#[test]
fn more_than_is_left_asks_and_is_posted_once_the_operator_says_so() {
    let mut town = Town::new(3);
    town.send("message-1", payment(1, 1));
    town.send("message-2", refund(1, 1, amount(1) - 100, 1));
    town.send("message-3", refund(2, 1, 150, 1));
    town.work_all();
    assert!(told(&town, "ref_2").contains("refund_exceeds"));
    assert!(told(&town, "ref_2").contains("CAD 1.00"));
    assert_eq!(refunded(&town), amount(1) - 100);

    let world = SimulatedWorld::new(&town.outside);
    let refund_id = RefundId::parse("ref_2").expect("an id");
    let payment_key = key(1);
    let allowed = allow_excess(&world, &payment_key, &refund_id);
    let clock = &town.outside.waits.clock;
    clock.run(allowed, || false).expect("alive").expect("kept");
    let refund_key = TransactionKey::refund(key(1).merchant, &refund_id);
    let row = clock.run(common::world::World::store(&world).row(&refund_key), || {
        false
    });
    assert_eq!(
        row.expect("alive").expect("read").expect("a row").standing,
        Standing::Held
    );
    // What a release does to a held row.
    let mut tables = town.outside.tables.borrow_mut();
    let stands = tables.ledger.get_mut(&refund_key).expect("a row");
    stands.row.standing = Standing::Parked;
    drop(tables);
    town.send("message-4", refund(2, 1, 150, 1));
    town.work_all();
    assert_eq!(refunded(&town), amount(1) + 50);
}
