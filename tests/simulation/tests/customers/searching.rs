//! Which names and addresses are searched for, and that it never costs more than two reads.

use std::time::Duration;

use serde_json::{Value, json};
use simulation::town::REALM;
use simulator::Request;

use crate::shop::{Shop, person};

/// Customers of these names that the merchant has already.
pub fn has(shop: &Shop, names: impl Iterator<Item = String>) {
    let outside = &shop.town.outside;
    let now = outside.waits.clock.now();
    let mut intuit = outside.intuit.borrow_mut();
    let switches = intuit.switches(REALM).unwrap();
    let usual = (switches.per_second, switches.per_minute);
    (switches.per_second, switches.per_minute) = (0, 0);
    let token = intuit.connect(now, REALM).unwrap().access;
    for name in names {
        let request = Request::new("POST", &format!("/v3/company/{REALM}/customer"))
            .header("accept", "application/json")
            .header("content-type", "application/json")
            .header("authorization", &format!("Bearer {token}"))
            .body(json!({"DisplayName": name}).to_string());
        assert_eq!(intuit.handle(now, &request).status, 200, "{name}");
    }
    let switches = intuit.switches(REALM).unwrap();
    (switches.per_second, switches.per_minute) = usual;
    drop(intuit);
    shop.town.pass(Duration::from_secs(60));
}

// R7: the person counts, also of a business
#[test]
fn a_business_is_found_under_the_name_of_its_person() {
    let mut shop = Shop::open(50);
    let mut customer = person("cus_b", "Siobhan", "O'Neil", "office@example.org");
    customer["company_name"] = json!("O'Neil Sibling Halls");
    let cost = shop.pays(&customer);
    assert_eq!((cost.reads, cost.writes), (2, 1));
    assert_eq!(shop.told("customer.linked")[0]["matched"], "name");
    assert_eq!(shop.receipts_of("42"), 1);
}

// R7: where the two names have nothing in common, each is asked for as it is written
#[test]
fn a_business_whose_person_has_another_name_is_found_under_either() {
    for (company, first, last, record) in [
        ("Gestion Élan inc.", "Zoe", "Boyd", "47"),
        ("gestion elan INC.", "", "", "47"),
        ("ZQ", "Anne", "Bélanger", "41"),
        ("ZQ", "Dana", "OKAFOR", "49"),
    ] {
        let mut shop = Shop::open(51);
        let mut customer = person("cus_b", first, last, "office@example.org");
        customer["company_name"] = json!(company);
        let cost = shop.pays(&customer);
        assert_eq!((cost.reads, cost.writes), (2, 1), "{company} {first}");
        assert_eq!(shop.receipts_of(record), 1, "{company} {first}");
    }
}

// R7: a name in the record's own fields, whatever it is shown under
#[test]
fn a_customer_without_an_address_is_found_by_the_first_and_last_name_of_the_record() {
    let mut shop = Shop::open(52);
    shop.by_hand("49", &json!({"DisplayName": "The Lake House"}));
    let mut dana = person("cus_d", "dana", "Okáfor", "");
    dana["email"] = Value::Null;
    let cost = shop.pays(&dana);
    assert_eq!((cost.reads, cost.writes), (2, 1));
    assert_eq!(shop.receipts_of("49"), 1);
}

// R7: each address of a list counts
#[test]
fn each_address_of_a_list_is_searched_for_with_one_read() {
    for list in [
        "new@example.org, anne.belanger@example.com",
        "anne.belanger@example.com; new@example.org",
    ] {
        let mut shop = Shop::open(53);
        let cost = shop.pays(&person("cus_l", "Somebody", "Else", list));
        assert_eq!((cost.reads, cost.writes), (1, 1), "{list}");
        assert_eq!(shop.receipts_of("41"), 1, "{list}");
        assert_eq!(shop.told("customer.linked")[0]["matched"], "email");
    }
}

// R7: short names fit many records
#[test]
fn a_short_name_that_many_records_fit_costs_two_reads_and_is_never_doubled() {
    let mut shop = Shop::open(54);
    let many = (0..310).map(|number| format!("Doll {number}"));
    has(&shop, many.chain(["Ed Li".to_owned()]));
    shop.work();
    // Free to have: created. Taken by somebody the search did not bring: the operator tells.
    let cost = shop.pays(&person("cus_a", "Al", "Di", "al@example.org"));
    assert_eq!((cost.reads, cost.writes), (2, 2));
    let cost = shop.pays(&person("cus_e", "Ed", "Li", "ed@example.org"));
    assert_eq!((cost.reads, cost.writes), (2, 1));
    let told = &shop.told("customer.needs_operator")[0];
    assert_eq!(told["reason"]["code"], "customer_name_taken");
    assert!(shop.ours("cus_e").is_empty());
}

// R6, R7: a name that QuickBooks would not take as it is
#[test]
fn a_name_that_has_to_be_cleaned_is_found_as_quickbooks_has_it() {
    for (first, last) in [
        ("Dana 🧹", "Okafor"),
        ("Dana", "Okafor:"),
        ("Dana\t", "Okafor"),
    ] {
        let mut shop = Shop::open(65);
        shop.pays(&person("cus_e", first, last, "x@example.org"));
        assert_eq!(shop.receipts_of("49"), 1, "{first} {last}");
    }
}
