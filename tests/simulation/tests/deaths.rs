//! One payment, and death at every step of it.
#![recursion_limit = "256"]

use std::rc::Rc;
use std::time::Duration;

use bookkeeping::connection::{ConnectionState, Denial};
use recording::Recorder;
use recording::invocation::Delivery;
use simulation::fate::Fate;
use simulation::payments::{amount, payment};
use simulation::town::{MERCHANT, Town};
use simulation::world::SimulatedWorld;
use transaction_sync::batch::handle;

/// Works one new customer's payment with a process that dies at this step; gives how often it died.
fn one_payment(seed: u64, step: Option<u64>) -> (Town, u64) {
    let mut town = Town::new(seed);
    town.outside.waits.fate.die_at(step);
    town.send("message-1", payment(1, 1));
    let deaths = town.work_all();
    (town, deaths)
}

#[test]
fn a_payment_becomes_one_receipt_wherever_the_process_dies() {
    let mut steps = 0;
    loop {
        steps += 1;
        let (town, deaths) = one_payment(7, Some(steps));
        let receipts = town.receipts();
        assert_eq!(receipts.len(), 1, "killed at step {steps}");
        assert_eq!(receipts[0].total, amount(1), "killed at step {steps}");
        assert_eq!(receipts[0].number, "MC-100001");
        let books = town.books();
        let people = books["Customer"].as_array().expect("customers").iter();
        let same = people
            .filter(|person| person["PrimaryEmailAddr"]["Address"] == "person0@example.com")
            .count();
        assert_eq!(same, 1, "customers created, killed at step {steps}");
        assert!(
            town.outside
                .told
                .borrow()
                .iter()
                .any(|told| told.body.contains("transaction.synced")),
            "nothing was told, killed at step {steps}"
        );
        if deaths == 0 {
            break;
        }
    }
    assert!(
        steps > 15,
        "only {steps} steps: the handler no longer waits where it can die"
    );
}

#[test]
fn the_same_seed_is_the_same_run() {
    let trace = |seed| one_payment(seed, Some(9)).0.outside.waits.fate.trace();
    assert_eq!(trace(3), trace(3));
    assert_ne!(trace(3), trace(4));
}

#[test]
fn a_batch_of_payments_by_two_new_customers_makes_two_customers_and_each_receipt_once() {
    let mut town = Town::new(11);
    for number in 0..30 {
        town.send(&format!("message-{number}"), payment(number, 2));
    }
    town.work_all();
    let receipts = town.receipts();
    assert_eq!(receipts.len(), 30);
    let total: u64 = receipts.iter().map(|receipt| receipt.total).sum();
    assert_eq!(total, (0..30).map(amount).sum::<u64>());
    let mut customers: Vec<&str> = receipts
        .iter()
        .map(|receipt| receipt.customer.as_str())
        .collect();
    customers.sort_unstable();
    customers.dedup();
    assert_eq!(customers.len(), 2);
}

#[test]
fn a_message_delivered_again_and_again_changes_nothing() {
    let mut town = Town::new(5);
    for delivery in 0..5 {
        town.send(&format!("message-{delivery}"), payment(1, 1));
    }
    town.work_all();
    assert_eq!(town.receipts().len(), 1);
}

#[test]
fn the_same_payment_with_another_amount_is_kept_and_never_posted() {
    let mut town = Town::new(5);
    town.send("message-1", payment(1, 1));
    town.send("message-2", payment(2, 1).replace("pay_2", "pay_1"));
    town.work_all();
    let receipts = town.receipts();
    assert_eq!(receipts.len(), 1);
    assert_eq!(receipts[0].total, amount(1));
    assert_eq!(
        town.outside.tables.borrow().kept,
        [("message-2".to_owned(), "conflict".to_owned())]
    );
}

#[test]
fn random_deaths_in_full_batches_lose_nothing_and_double_nothing() {
    for seed in 0..20 {
        let mut town = Town::new(seed);
        for number in 0..40 {
            town.send(&format!("message-{number}"), payment(number, 5));
        }
        let mut deaths = 0;
        while town.has_work() {
            let fate = &town.outside.waits.fate;
            let dies = (fate.below(2) == 0).then(|| 1 + fate.below(120));
            fate.die_at(dies);
            deaths += u64::from(!town.work());
        }
        let receipts = town.receipts();
        assert_eq!(receipts.len(), 40, "seed {seed}, {deaths} deaths");
        let total: u64 = receipts.iter().map(|receipt| receipt.total).sum();
        assert_eq!(
            total,
            (0..40).map(amount).sum::<u64>(),
            "seed {seed}, {deaths} deaths"
        );
    }
}

#[test]
fn two_workers_with_one_batch_at_once_make_each_receipt_once() {
    for seed in 0..50 {
        let mut town = Town::new(seed);
        for number in 0..10 {
            town.send(&format!("message-{number}"), payment(number, 3));
        }
        town.work_twice_at_once();
        town.work_all();
        // Two at once may ask more than QuickBooks takes; what it throttled follows from the lot.
        town.drain_all();
        assert_eq!(town.receipts().len(), 10, "seed {seed}");
    }
}

// R2, R8: frozen and thawed, a process must not go on under a claim that others may believe dead
#[test]
fn who_thaws_over_a_new_customer_and_payment_sends_nothing_beside_whoever_came_after() {
    for step in 1.. {
        let town = Town::new(9);
        let (frozen, other) = (Rc::new(Fate::new(1)), Rc::new(Fate::new(2)));
        let recorder = |fate: &Rc<Fate>| {
            let mut outside = town.outside.clone();
            outside.waits.fate = Rc::clone(fate);
            Recorder::new(SimulatedWorld::new(&outside))
        };
        let (slow, next) = (recorder(&frozen), recorder(&other));
        frozen.freeze_at(step, Duration::from_secs(800));
        let batch = [Delivery {
            message_id: "message-1".to_owned(),
            group: MERCHANT.to_owned(),
            body: payment(1, 1),
            sent_at: None,
        }];
        let timeout = Duration::from_secs(60);
        let clock = Rc::clone(&town.outside.waits.clock);
        let both = futures::future::join(handle(&slow, &batch, timeout), async {
            clock.sleep(Duration::from_secs(400)).await;
            handle(&next, &batch, timeout).await
        });
        clock.run(both, || false).expect("nobody dies here");
        assert_eq!(town.receipts().len(), 1, "frozen at step {step}");
        let books = town.books();
        let people = books["Customer"].as_array().expect("customers").iter();
        let same = people
            .filter(|person| person["PrimaryEmailAddr"]["Address"] == "person0@example.com")
            .count();
        assert_eq!(same, 1, "customers created, frozen at step {step}");
        if frozen.frozen(clock.elapsed()).is_zero() {
            assert!(step > 15, "only {step} steps");
            break;
        }
    }
}

#[test]
fn a_connection_lost_after_a_death_leaves_nothing_going_round_in_the_queue_and_nothing_twice() {
    for step in 1..=25 {
        let mut town = Town::new(7);
        town.outside.waits.fate.die_at(Some(step));
        town.send("message-1", payment(1, 1));
        town.work();
        town.set_connection(ConnectionState::ReconnectNeeded(Denial::Revoked));
        let mut deliveries = 0;
        while town.has_work() {
            town.work();
            deliveries += 1;
            assert!(
                deliveries < 4,
                "killed at step {step}: it goes round and round"
            );
        }
        town.set_connection(ConnectionState::Connected);
        town.pass(Duration::from_secs(400));
        town.send("message-1", payment(1, 1));
        town.work_all();
        let receipts = town.receipts();
        assert_eq!(receipts.len(), 1, "killed at step {step}");
        assert_eq!(receipts[0].total, amount(1), "killed at step {step}");
    }
}
