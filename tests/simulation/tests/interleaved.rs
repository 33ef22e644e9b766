//! First payments, changes in any order, redeliveries, lost answers, throttling, a connection that closes, and deaths of
//! whoever is at work: one customer, the newest profile, and nothing written that did not change; also where two
//! MioCommerce customers have one address.
#![allow(clippy::unwrap_used, reason = "a test stops where something is wrong")]
#![recursion_limit = "256"]

mod shop;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use bookkeeping::connection::{ConnectionState, Denial};
use serde_json::{Value, json};
use shop::Shop;
use simulation::memory::LinkRow;

/// A customer, and whether it shares its address, which then never changes.
#[derive(Clone, Copy)]
struct Who {
    id: &'static str,
    first_name: &'static str,
    shares: bool,
}

const ALONE: [Who; 1] = [Who {
    id: "cus_v",
    first_name: "Vera",
    shares: false,
}];

const COUPLE: [Who; 2] = [
    Who {
        id: "cus_v",
        first_name: "Vera",
        shares: true,
    },
    Who {
        id: "cus_w",
        first_name: "Wim",
        shares: true,
    },
];

/// A customer's profile at a version: everything changes now and then, the e-mail address and the name included.
fn profile(who: Who, version: u64) -> Value {
    let email = format!("vera{}@example.org", version / 5);
    json!({
        "id": who.id, "number": "C-9", "version": version,
        "first_name": format!("{}{}", who.first_name, "a".repeat(usize::try_from(version / 4).unwrap())),
        "last_name": format!("Ngo{}", version / 3),
        "email": if who.shares { "ngo@example.org" } else { &email },
        "phone": (!version.is_multiple_of(4)).then(|| format!("514 555 {version:04}")),
        "billing_address": {"line1": format!("{} rue Neuve", version / 2), "city": "Laval", "country": "CA"},
    })
}

/// What a run came to.
struct Ran {
    /// How often a process died.
    deaths: u64,
    /// Whether the record is its creator's, so that all of its profile is known.
    is_its_creators: bool,
}

/// One run of these customers.
fn run(seed: u64, people: &[Who]) -> Ran {
    let mut shop = Shop::open(seed);
    let fate = shop.town.outside.waits.clone().fate;
    let random = |bound: u64| fate.below(bound);
    if people.len() > 1 {
        // Queries may show a new record late.
        let lag = json!({"index_lag_seconds": 50 * random(3)});
        shop.control("POST", "switches", Some(&lag));
    }
    let mut messages: Vec<Value> = Vec::new();
    let mut newest: BTreeMap<&str, u64> = BTreeMap::new();
    let mut paid: BTreeSet<&str> = BTreeSet::new();
    let mut number = 0;
    let mut deaths = 0;
    let mut by_hand = false;
    for round in 0..4 {
        for _ in 0..1 + random(4) {
            let version = 1 + random(12);
            let who = match people {
                [alone] => *alone,
                several => several[usize::try_from(random(several.len() as u64)).unwrap()],
            };
            let customer = profile(who, version);
            let newest = newest.entry(who.id).or_default();
            *newest = version.max(*newest);
            let message = match random(3) == 0 {
                true => {
                    number += 1;
                    paid.insert(who.id);
                    shop.payment(number, &customer)
                }
                false => shop.change(&customer),
            };
            messages.push(message.clone());
            shop.queue(&message);
        }
        // Whoever has not paid yet does at last, with any profile.
        let unpaid = people.iter().filter(|who| !paid.contains(who.id));
        for who in unpaid.filter(|_| round == 3) {
            let version = 1 + random(12);
            let newest = newest.entry(who.id).or_default();
            *newest = version.max(*newest);
            number += 1;
            let message = shop.payment(number, &profile(*who, version));
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
            for record in ours(&shop, people) {
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

    let records = ours(&shop, people);
    assert_eq!(records.len(), 1, "seed {seed}: {records:?}");
    let record = &records[0];
    // The first who was linked owns the profile.
    let (owner, parked) = {
        let tables = shop.town.outside.tables.borrow();
        let owns = |row: &LinkRow| row.link.as_ref().is_some_and(|link| link.facts.owns);
        let owners = tables.links.rows.iter().filter(|(_, row)| owns(row));
        let owners: Vec<String> = owners.map(|(key, _)| key.customer.to_string()).collect();
        assert_eq!(owners.len(), 1, "seed {seed}: {owners:?}");
        (owners[0].clone(), tables.links.parked.len())
    };
    assert_eq!(parked, 0, "seed {seed}");
    let is_its_creators = record["Notes"] == format!("mio:customer/{owner}");
    if is_its_creators {
        let who = people.iter().find(|who| who.id == owner).unwrap();
        is_at(seed, record, &profile(*who, newest[who.id]));
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
    let linked = shop.told("customer.linked");
    assert_eq!(linked.len(), newest.len(), "seed {seed}: {linked:?}");
    Ran {
        deaths,
        is_its_creators,
    }
}

/// The records we created for any of these customers.
fn ours(shop: &Shop, people: &[Who]) -> Vec<Value> {
    people.iter().flat_map(|who| shop.ours(who.id)).collect()
}

/// Demands a record at this profile.
fn is_at(seed: u64, record: &Value, wanted: &Value) {
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
        assert_eq!(field, ours, "seed {seed}, {wanted}");
    }
}

#[test]
fn any_interleaving_ends_with_one_customer_and_the_newest_profile() {
    let deaths: u64 = (0..120).map(|seed| run(seed, &ALONE).deaths).sum();
    assert!(deaths > 80, "only {deaths} deaths");
}

#[test]
fn any_interleaving_of_two_customers_of_one_address_ends_with_one_record_the_firsts() {
    let runs: Vec<Ran> = (0..120).map(|seed| run(seed, &COUPLE)).collect();
    let deaths: u64 = runs.iter().map(|ran| ran.deaths).sum();
    assert!(deaths > 80, "only {deaths} deaths");
    let known = runs.iter().filter(|ran| ran.is_its_creators).count();
    assert!(known > 100, "only {known} records are their creators'");
}
