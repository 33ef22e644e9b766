//! Receipts that QuickBooks recorded with another total: mended, or held, and never called synced.
#![recursion_limit = "256"]

use std::time::Duration;

use bookkeeping::ids::{ItemId, MerchantId, PaymentId};
use bookkeeping::transaction::TransactionKey;
use common::store::{Lots, Release};
use common::world::World;
use simulation::payments::{amount, payment, refund};
use simulation::town::{MERCHANT, REALM, Town};
use simulation::world::SimulatedWorld;
use simulator::{Trouble, TroubleKind};

/// QuickBooks is a cent off, so often, at this operation.
fn a_cent_off(town: &Town, operation: &str, times: u32) {
    let mut trouble = Trouble::new(TroubleKind::WrongTotal)
        .at(REALM)
        .on(operation);
    trouble.times = times;
    let now = town.outside.waits.clock.now();
    town.outside.intuit.borrow_mut().trouble(now, trouble);
}

fn choose_a_rounding_item(town: &Town) {
    choose_for_rounding(town, Some("26"));
}

fn choose_for_rounding(town: &Town, item: Option<&str>) {
    let item = item.map(|id| ItemId::parse(id).expect("an id"));
    let mut tables = town.outside.tables.borrow_mut();
    for connection in tables.connections.values_mut() {
        connection.settings.items.rounding.clone_from(&item);
    }
}

fn told(town: &Town, what: &str) -> bool {
    let told = town.outside.told.borrow();
    told.iter().any(|told| told.body.contains(what))
}

/// A payment that carries no tax.
fn untaxed(number: u64) -> (String, u64) {
    let message = payment(number, 1);
    let lines = message.find(r#""lines":["#).expect("lines");
    let end = message.find("]},\n").expect("the end of the lines");
    let amount_from = message.find(r#""amount":""#).expect("an amount") + 10;
    let amount_to = amount_from + message[amount_from..].find('"').expect("a quote");
    let tip = r#"{"id":"1","kind":"tip","description":"Tip","amount":"12.00"}"#;
    let body = format!(
        "{}12.00{}{tip}{}",
        &message[..amount_from],
        &message[amount_to..lines + 9],
        &message[end..]
    );
    (body, 1_200)
}

#[test]
fn a_receipt_a_cent_off_is_written_again_wherever_the_process_dies() {
    for (operation, kind) in [
        ("salesreceipt.create", "SalesReceipt"),
        ("refundreceipt.create", "RefundReceipt"),
    ] {
        let mut steps = 0;
        loop {
            steps += 1;
            let mut town = Town::new(7);
            a_cent_off(&town, operation, 1);
            town.outside.waits.fate.die_at(Some(steps));
            town.send("message-1", payment(1, 1));
            town.send("message-2", refund(1, 1, 3_000, 1));
            let deaths = town.work_all();
            let (receipts, refunds) = (town.receipts(), town.refunds());
            assert_eq!(receipts.len(), 1, "{kind}, killed at step {steps}");
            assert_eq!(
                receipts[0].total,
                amount(1),
                "{kind}, killed at step {steps}"
            );
            assert_eq!(refunds.len(), 1, "{kind}, killed at step {steps}");
            assert_eq!(refunds[0].total, 3_000, "{kind}, killed at step {steps}");
            assert!(
                !told(&town, "answer_differs"),
                "{kind}, killed at step {steps}"
            );
            if deaths == 0 {
                break;
            }
        }
        assert!(steps > 30, "only {steps} steps");
    }
}

#[test]
fn a_cent_that_stays_off_goes_on_a_rounding_line() {
    let mut town = Town::new(7);
    choose_a_rounding_item(&town);
    a_cent_off(&town, "salesreceipt.*", 9);
    let (message, total) = untaxed(1);
    town.send("message-1", message);
    town.work_all();
    assert!(told(&town, "transaction.synced"));
    assert_eq!(town.receipts().len(), 1);
    let books = town.books();
    let receipt = &books["SalesReceipt"][0];
    let lines = receipt["Line"].as_array().expect("lines");
    let rounding = lines
        .iter()
        .find(|line| line["SalesItemLineDetail"]["ItemRef"]["value"] == "26");
    assert_eq!(rounding.expect("a line")["Amount"].to_string(), "-0.01");
    assert_eq!(town.receipts()[0].total, total);
}

#[test]
fn a_tax_that_stays_off_is_held_with_both_figures_and_is_never_called_synced() {
    let mut town = Town::new(7);
    choose_a_rounding_item(&town);
    a_cent_off(&town, "salesreceipt.*", 9);
    town.send("message-1", payment(1, 1));
    town.work_all();
    assert!(told(&town, "answer_differs"));
    assert!(!told(&town, "transaction.synced"));
    assert_eq!(town.receipts().len(), 1);
}

/// The operator presses Retry on the one payment.
fn retried(town: &mut Town) {
    let merchant = MerchantId::parse(MERCHANT).expect("an id");
    let payment_id = PaymentId::parse("pay_1").expect("an id");
    let key = TransactionKey::payment(merchant.clone(), &payment_id);
    let world = SimulatedWorld::new(&town.outside);
    let clock = &town.outside.waits.clock;
    let released = world
        .store()
        .release(&merchant, Release::One(&key), None, clock.now());
    let released = clock.run(released, || false).expect("alive");
    assert_eq!(released.expect("the store is up"), 1);
    town.drain_all();
}

#[test]
fn what_stands_in_the_books_with_other_figures_is_looked_for_and_never_sent_beside_it() {
    let mut town = Town::new(7);
    choose_for_rounding(&town, None);
    a_cent_off(&town, "salesreceipt.*", 9);
    let (message, total) = untaxed(1);
    town.send("message-1", message.clone());
    town.work_all();
    assert!(told(&town, "answer_differs"));
    retried(&mut town);
    assert_eq!(
        town.receipts().len(),
        1,
        "it was found, and is still another"
    );
    assert!(!told(&town, "transaction.synced"));
    // Another delivery tells what stands, and sends nothing.
    town.send("message-2", message);
    town.work_all();
    assert_eq!(town.receipts().len(), 1);

    // An item is chosen that the residue can stand on.
    choose_a_rounding_item(&town);
    town.pass(Duration::from_secs(60));
    retried(&mut town);
    assert!(told(&town, "transaction.synced"));
    assert_eq!(town.receipts().len(), 1);
    assert_eq!(town.receipts()[0].total, total);
}

// R2, R9: not seen is not absent
#[test]
fn a_receipt_whose_correction_was_put_off_is_not_sent_again_before_a_query_would_show_it() {
    let mut town = Town::new(7);
    {
        let mut intuit = town.outside.intuit.borrow_mut();
        intuit.switches(REALM).expect("a company").index_lag_seconds = 120;
        let throttled = Trouble::new(TroubleKind::Throttle)
            .at(REALM)
            .on("salesreceipt.update");
        intuit.trouble(town.outside.waits.clock.now(), throttled);
    }
    a_cent_off(&town, "salesreceipt.create", 1);
    town.send("message-1", payment(1, 1));
    town.work_all();
    assert!(town.is_armed(), "the correction waits");
    town.drain_all();
    let receipts = town.receipts();
    assert_eq!(receipts.len(), 1);
    assert_eq!(receipts[0].total, amount(1));
}
