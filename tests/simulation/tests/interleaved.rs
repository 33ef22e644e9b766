//! First payments, changes in any order, redeliveries, lost answers, throttling, a connection that closes, and deaths of
//! whoever is at work: one customer, the newest profile, and nothing written that did not change.
#![allow(clippy::unwrap_used, reason = "a test stops where something is wrong")]
#![recursion_limit = "256"]

mod shop;

use std::time::Duration;

use bookkeeping::connection::{ConnectionState, Denial};
use serde_json::{Value, json};
use shop::Shop;

/// The customer's profile at a version: everything changes now and then, the e-mail address and the name included.
fn profile(version: u64) -> Value {
    json!({
        "id": "cus_v", "number": "C-9", "version": version,
        "first_name": format!("Vera{}", "a".repeat(usize::try_from(version / 4).unwrap())),
        "last_name": format!("Ngo{}", version / 3),
        "email": format!("vera{}@example.org", version / 5),
        "phone": (!version.is_multiple_of(4)).then(|| format!("514 555 {version:04}")),
        "billing_address": {"line1": format!("{} rue Neuve", version / 2), "city": "Laval", "country": "CA"},
    })
}

/// One run; gives how often the process died.
fn run(seed: u64) -> u64 {
    let mut shop = Shop::open(seed);
    let fate = shop.town.outside.waits.clone().fate;
    let random = |bound: u64| fate.below(bound);
    let mut messages: Vec<Value> = Vec::new();
    let mut newest = 0;
    let mut number = 0;
    let mut deaths = 0;
    let mut by_hand = false;
    for round in 0..4 {
        for _ in 0..1 + random(4) {
            let version = 1 + random(12);
            newest = newest.max(version);
            let customer = profile(version);
            // The first message is a payment: changes before it do nothing.
            let message = match messages.is_empty() || random(3) == 0 {
                true => {
                    number += 1;
                    shop.payment(number, &customer)
                }
                false => shop.change(&customer),
            };
            messages.push(message.clone());
            shop.queue(&message);
        }
        // Any earlier message may come again.
        if random(3) == 0 {
            let again = usize::try_from(random(messages.len() as u64)).unwrap();
            shop.queue(&messages[again]);
        }
        if random(3) == 0 {
            let operation = ["customer.create", "customer.update", "customer.*"];
            let operation = operation[usize::try_from(random(3)).unwrap()];
            let trouble = json!({"kind": "lose_answer", "operation": operation, "times": 1});
            shop.control("POST", "trouble", Some(&trouble));
        }
        if random(4) == 0 {
            let operation = ["customer.*", "salesreceipt.create"];
            let operation = operation[usize::try_from(random(2)).unwrap()];
            let trouble = json!({"kind": "throttle", "operation": operation, "times": 1});
            shop.control("POST", "trouble", Some(&trouble));
        }
        let is_closed = random(4) == 0;
        if is_closed {
            let denied = ConnectionState::ReconnectNeeded(Denial::Revoked);
            shop.town.set_connection(denied);
            shop.town.pass(Duration::from_secs(60));
        }
        if random(5) == 0 {
            shop.town.work_twice_at_once();
        }
        while shop.town.has_work() {
            let dies = (random(2) == 0).then(|| 1 + random(60));
            fate.die_at(dies);
            deaths += u64::from(!shop.town.work());
        }
        if is_closed {
            shop.town.set_connection(ConnectionState::Connected);
        }
        // The drain may have the turn when the next messages arrive, and die at any step too.
        for _ in 0..random(4) {
            let dies = (random(2) == 0).then(|| 1 + random(60));
            fate.die_at(dies);
            deaths += u64::from(!shop.town.drain_next());
        }
        fate.die_at(None);
        if round == 1 {
            // The merchant writes where MioCommerce never does.
            for record in shop.ours("cus_v") {
                shop.by_hand(
                    record["Id"].as_str().unwrap(),
                    &json!({"CompanyName": "By hand"}),
                );
                by_hand = true;
            }
        }
    }
    shop.control("POST", "trouble", Some(&json!({"kind": "none"})));
    // What waits follows by itself.
    shop.town.drain_all();

    let records = shop.ours("cus_v");
    assert_eq!(records.len(), 1, "seed {seed}: {records:?}");
    let (record, wanted) = (&records[0], profile(newest));
    let full = format!(
        "{} {}",
        wanted["first_name"].as_str().unwrap(),
        wanted["last_name"].as_str().unwrap()
    );
    for (field, ours) in [
        (&record["DisplayName"], &json!(full)),
        (&record["GivenName"], &wanted["first_name"]),
        (&record["FamilyName"], &wanted["last_name"]),
        (&record["PrimaryEmailAddr"]["Address"], &wanted["email"]),
        (&record["PrimaryPhone"]["FreeFormNumber"], &wanted["phone"]),
        (
            &record["BillAddr"]["Line1"],
            &wanted["billing_address"]["line1"],
        ),
    ] {
        assert_eq!(field, ours, "seed {seed}, version {newest}");
    }
    assert_eq!(record["CompanyName"] == "By hand", by_hand, "seed {seed}");
    let receipts = shop.town.receipts();
    assert_eq!(receipts.len() as u64, number, "seed {seed}");
    assert!(
        receipts
            .iter()
            .all(|receipt| record["Id"] == receipt.customer.as_str()),
        "seed {seed}"
    );
    let tables = shop.town.outside.tables.borrow();
    assert!(tables.links.parked.is_empty(), "seed {seed}");
    drop(tables);
    let linked = shop.told("customer.linked");
    assert_eq!(linked.len(), 1, "seed {seed}: {linked:?}");
    deaths
}

#[test]
fn any_interleaving_ends_with_one_customer_and_the_newest_profile() {
    let deaths: u64 = (0..120).map(run).sum();
    assert!(deaths > 80, "only {deaths} deaths");
}
