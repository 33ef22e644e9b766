//! Two MioCommerce customers with one address: one record, whoever is first, and wherever a process dies.

use serde_json::{Value, json};
use simulation::town::REALM;

use crate::shop::{Shop, person};

/// A couple who write from one address. Nobody in the books has it.
fn couple() -> [Value; 2] {
    [
        person("cus_mia", "Mia", "Fox", "foxes@example.org"),
        person("cus_max", "Max", "Fox", "Foxes@Example.org"),
    ]
}

/// The one record of the couple, and that both payments are in it.
fn shared(shop: &Shop, what: &str) {
    let mut records = shop.records();
    records.retain(|record| {
        let email = record["PrimaryEmailAddr"]["Address"].as_str();
        email.is_some_and(|email| email.eq_ignore_ascii_case("foxes@example.org"))
    });
    assert_eq!(records.len(), 1, "{what}: {records:?}");
    let id = records[0]["Id"].as_str().unwrap();
    assert_eq!(shop.receipts_of(id), 2, "{what}");
    let told = shop.told("customer.linked");
    assert_eq!(told.len(), 2, "{what}: {told:?}");
    let mut matched: Vec<&str> = told
        .iter()
        .map(|told| told["matched"].as_str().unwrap())
        .collect();
    matched.sort_unstable();
    assert_eq!(matched, ["created", "email"], "{what}");
}

// R7
#[test]
fn two_new_customers_of_one_address_in_one_batch_share_the_record() {
    let mut shop = Shop::open(40);
    for customer in couple() {
        shop.queue_payment(&customer);
    }
    let cost = shop.work();
    shared(&shop, "one batch");
    assert_eq!((cost.reads, cost.writes), (3, 3), "one of them is found");
}

// R7: without an address it is the name that two of them share
#[test]
fn two_new_customers_of_one_name_and_no_address_in_one_batch_share_the_record() {
    let mut shop = Shop::open(41);
    for id in ["cus_one", "cus_two"] {
        let mut customer = person(id, "Ivy", "Field", "");
        customer["email"] = Value::Null;
        shop.queue_payment(&customer);
    }
    shop.work();
    let mut records = shop.records();
    records.retain(|record| record["FamilyName"] == "Field");
    assert_eq!(records.len(), 1, "{records:?}");
    assert_eq!(shop.receipts_of(records[0]["Id"].as_str().unwrap()), 2);
}

// R7: QuickBooks' queries show a new record late
#[test]
fn two_new_customers_share_the_record_even_before_a_query_shows_it() {
    for email in [true, false] {
        let mut shop = Shop::open(44);
        let lag = json!({"index_lag_seconds": 120});
        shop.control("POST", "switches", Some(&lag));
        let mut people = [
            person("cus_one", "Ivy", "Field", "ivy@example.org"),
            person("cus_two", "Ivy", "Field", "Ivy@example.org"),
            person("cus_three", "Ivy", "Field", "ivy@example.org"),
        ];
        if !email {
            people.iter_mut().for_each(|who| who["email"] = Value::Null);
        }
        shop.queue_payment(&people[0]);
        shop.queue_payment(&people[1]);
        let cost = shop.work();
        let reads = if email { 3 } else { 4 };
        assert_eq!((cost.reads, cost.writes), (reads, 3), "e-mail: {email}");
        // Another batch, a minute later.
        shop.town.pass(std::time::Duration::from_secs(60));
        shop.pays(&people[2]);
        let mut records = shop.records();
        records.retain(|record| record["FamilyName"] == "Field");
        assert_eq!(records.len(), 1, "{records:?}");
        assert_eq!(shop.receipts_of(records[0]["Id"].as_str().unwrap()), 3);
    }
}

// R7: two workers, each with both
#[test]
fn two_new_customers_of_one_address_at_two_workers_share_the_record() {
    for seed in 0..40 {
        let mut shop = Shop::open(seed);
        for customer in couple() {
            shop.queue_payment(&customer);
        }
        shop.town.work_twice_at_once();
        shop.work();
        shop.drains();
        shared(&shop, &format!("seed {seed}"));
    }
}

// R7: whoever creates the record may die anywhere, and what it created is found by the other
#[test]
fn two_new_customers_of_one_address_share_the_record_wherever_the_first_process_dies() {
    let mut step = 0;
    loop {
        step += 1;
        let mut shop = Shop::open(42);
        for customer in couple() {
            shop.queue_payment(&customer);
        }
        shop.town.outside.waits.fate.die_at(Some(step));
        let lived = shop.town.work_all() == 0;
        shop.town.outside.waits.fate.die_at(None);
        shop.town.pass(std::time::Duration::from_secs(600));
        shop.drains();
        shared(&shop, &format!("killed at step {step}"));
        if lived {
            break;
        }
    }
    assert!(step > 30, "only {step} steps");
}

// R7: the answer to the creation is lost
#[test]
fn a_creation_that_arrived_unheard_is_found_by_the_other_customer_of_the_address() {
    let mut shop = Shop::open(43);
    let lost = json!({"kind": "lose_answer", "operation": "customer.create", "times": 1});
    shop.control("POST", "trouble", Some(&lost));
    for customer in couple() {
        shop.queue_payment(&customer);
    }
    shop.work();
    shop.drains();
    shared(&shop, "unheard");
}

// R7: each address of a list counts, at one worker, at two, and wherever the first process dies
#[test]
fn two_new_customers_whose_lists_of_addresses_overlap_share_the_record() {
    let queued = || {
        let mut shop = Shop::open(62);
        let lists = [
            "mia@fox.example.org, max@fox.example.org",
            "max@fox.example.org; Mia@fox.example.org",
        ];
        for (id, list) in ["cus_mia", "cus_max"].into_iter().zip(lists) {
            shop.queue_payment(&person(id, id, "Fox", list));
        }
        shop
    };
    let is_shared = |mut shop: Shop, what: &str| {
        shop.work();
        shop.drains();
        let mut records = shop.records();
        records.retain(|record| record["FamilyName"] == "Fox");
        assert_eq!(records.len(), 1, "{what}: {records:?}");
        let id = records[0]["Id"].as_str().unwrap();
        assert_eq!(shop.receipts_of(id), 2, "{what}");
    };
    is_shared(queued(), "one worker");
    let mut shop = queued();
    shop.town.work_twice_at_once();
    is_shared(shop, "two workers");
    for step in 1.. {
        let mut shop = queued();
        shop.town.outside.waits.fate.die_at(Some(step));
        let lived = shop.town.work_all() == 0;
        shop.town.outside.waits.fate.die_at(None);
        shop.town.pass(std::time::Duration::from_secs(600));
        is_shared(shop, &format!("killed at step {step}"));
        if lived {
            assert!(step > 30, "only {step} steps");
            break;
        }
    }
}

/// A shop whose company keeps several currencies.
fn of_several_currencies(seed: u64) -> Shop {
    let shop = Shop::open(seed);
    let several = json!({"realm": REALM, "entity": "Preferences",
                         "set": {"CurrencyPrefs": {"MultiCurrencyEnabled": true}}});
    shop.control("POST", "edit", Some(&several));
    {
        let mut tables = shop.town.outside.tables.borrow_mut();
        let connection = tables.connections.values_mut().next().unwrap();
        connection.company.multicurrency = true;
    }
    shop.town.pass(std::time::Duration::from_secs(60));
    shop
}

// R9: a record has one currency, so that one of another is not what is looked for
#[test]
fn a_new_customer_of_two_currencies_costs_two_reads_for_each() {
    let mut shop = of_several_currencies(63);
    let fox = person("cus_fox", "Ivy", "Fox", "ivy@example.org");
    assert_eq!(shop.pays(&fox).reads, 2);
    let mut message = shop.payment(2, &fox);
    message["payment"]["currency"] = json!("USD");
    message["payment"]["exchange_rate"] = json!("1.35");
    shop.queue(&message);
    assert_eq!(shop.work().reads, 2);
    let mut currencies: Vec<Value> = shop.ours("cus_fox");
    currencies
        .iter_mut()
        .for_each(|record| *record = record["CurrencyRef"]["value"].take());
    assert_eq!(currencies, ["CAD", "USD"]);
}

// R15: the payment in dollars was sent before the change, and came after it
#[test]
fn the_record_of_another_currency_is_created_from_the_newest_profile() {
    let mut shop = of_several_currencies(65);
    let fox = person("cus_fox", "Ivy", "Fox", "ivy@example.org");
    shop.pays(&fox);
    let mut changed = fox.clone();
    changed["version"] = json!(2);
    changed["phone"] = json!("514 555 0000");
    shop.changes(&changed);
    let mut message = shop.payment(2, &fox);
    message["payment"]["currency"] = json!("USD");
    message["payment"]["exchange_rate"] = json!("1.35");
    shop.queue(&message);
    shop.work();
    let records = shop.ours("cus_fox");
    let phones = records.iter();
    let phones: Vec<&Value> = phones
        .map(|record| &record["PrimaryPhone"]["FreeFormNumber"])
        .collect();
    assert_eq!(phones, ["514 555 0000", "514 555 0000"]);
}

// R9, R20: a walk-in of another currency is booked to a record of that currency, or asks for one
#[test]
fn a_walk_in_who_pays_in_another_currency_asks_for_a_customer_of_that_currency() {
    let mut shop = of_several_currencies(64);
    let mut message = shop.payment(1, &Value::Null);
    message["payment"]["currency"] = json!("USD");
    message["payment"]["exchange_rate"] = json!("1.35");
    shop.queue(&message);
    shop.work();
    let told = shop.told("transaction.needs_operator");
    assert_eq!(told[0]["reason"]["code"], "fallback_customer_missing");
    assert!(
        told[0]["reason"]["en"].as_str().unwrap().contains("in USD"),
        "{told:?}"
    );
    assert!(shop.town.receipts().is_empty());
}
