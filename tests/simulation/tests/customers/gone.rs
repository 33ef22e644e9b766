//! Linked customers whose record was deleted, merged or made inactive.

use serde_json::{Value, json};

use crate::shop::{Shop, zoe};

// R9
#[test]
fn a_link_whose_customer_was_made_inactive_is_resolved_again() {
    let mut shop = Shop::open(17);
    shop.pays(&zoe());
    let id = shop.record_of("zoe@example.org")["Id"]
        .as_str()
        .unwrap()
        .to_owned();
    shop.by_hand(&id, &json!({"Active": false}));
    let mut changed = zoe();
    changed["version"] = json!(2);
    changed["phone"] = json!("514 555 0000");
    shop.pays(&changed);
    assert_eq!(
        shop.told("customer.needs_operator")[0]["reason"]["code"],
        "customer_inactive"
    );
}

// R9
#[test]
fn a_receipt_refused_because_the_customer_is_gone_finds_the_customer_again() {
    for code in ["610", "2500", "6250"] {
        let mut shop = Shop::open(23);
        let switches = json!({"inactive_customer_code": code, "inactive_names_are_free": true,
                              "request_ids": "replay"});
        shop.control("POST", "switches", Some(&switches));
        shop.pays(&zoe());
        let first = shop.record_of("zoe@example.org")["Id"]
            .as_str()
            .unwrap()
            .to_owned();
        // Merged by the merchant into a record of the same name.
        shop.by_hand(
            &first,
            &json!({"PrimaryEmailAddr": {"Address": "old@example.org"}, "Notes": ""}),
        );
        shop.by_hand(
            &first,
            &json!({"Active": false, "GivenName": "Gone", "DisplayName": "Gone"}),
        );
        shop.pays(&zoe());
        let record = shop.record_of("zoe@example.org");
        assert_ne!(record["Id"], first.as_str());
        assert_eq!(
            shop.receipts_of(record["Id"].as_str().unwrap()),
            1,
            "{code}"
        );
        assert_eq!(shop.town.receipts().len(), 2);
    }
}

// R9
#[test]
fn a_receipt_refused_for_something_else_keeps_the_customer_and_needs_the_operator() {
    let mut shop = Shop::open(24);
    shop.pays(&zoe());
    let body = json!({"realm": simulation::town::REALM, "entity": "Account", "id": "91", "set": {"Active": false}});
    shop.control("POST", "edit", Some(&body));
    shop.pays(&zoe());
    assert_eq!(shop.told("transaction.needs_operator").len(), 1);
    let tables = shop.town.outside.tables.borrow();
    assert!(tables.links.rows.values().all(|row| row.link.is_some()));
}

// R2, R9: whoever looks for the customer again may die anywhere
#[test]
fn a_refused_receipt_that_dies_anywhere_is_recorded_once_for_the_customer_found_anew() {
    let mut step = 0;
    loop {
        step += 1;
        let mut shop = Shop::open(28);
        shop.pays(&zoe());
        let first = shop.record_of("zoe@example.org")["Id"].clone();
        let gone = json!({"Active": false, "Notes": "", "GivenName": "Gone", "DisplayName": "Gone",
                          "PrimaryEmailAddr": {"Address": "old@example.org"}});
        shop.by_hand(first.as_str().unwrap(), &gone);
        shop.queue_payment(&zoe());
        shop.town.outside.waits.fate.die_at(Some(step));
        let lived = shop.town.work_all() == 0;
        shop.town.outside.waits.fate.die_at(None);
        shop.town.pass(std::time::Duration::from_secs(600));
        shop.drains();
        let record = shop.record_of("zoe@example.org");
        assert_ne!(record["Id"], first, "killed at step {step}");
        let receipts = shop.receipts_of(record["Id"].as_str().unwrap());
        assert_eq!(receipts, 1, "killed at step {step}");
        assert_eq!(shop.town.receipts().len(), 2, "killed at step {step}");
        if lived {
            break;
        }
    }
    assert!(step > 30, "only {step} steps");
}

// R9, R15: hidden, corrected and shown again by the merchant
#[test]
fn a_record_that_was_corrected_by_hand_keeps_it_when_it_is_found_again() {
    for newer in [false, true] {
        let mut shop = Shop::open(33);
        shop.pays(&zoe());
        let id = shop.record_of("zoe@example.org")["Id"]
            .as_str()
            .unwrap()
            .to_owned();
        shop.by_hand(&id, &json!({"Active": false}));
        shop.pays(&zoe());
        assert_eq!(shop.told("transaction.needs_operator").len(), 1);
        let corrected = json!({"Active": true, "DisplayName": "Zoé Gagnon (Laval)",
                               "PrimaryPhone": {"FreeFormNumber": "514 555 7777"}});
        shop.by_hand(&id, &corrected);
        let mut customer = zoe();
        if newer {
            customer["version"] = json!(2);
            customer["billing_address"]["line1"] = json!("9 rue Neuve");
        }
        shop.pays(&customer);
        let changed: &[&str] = if newer { &["BillAddr"] } else { &[] };
        assert_eq!(shop.changed_fields(), changed);
        let record = shop.record(&id);
        assert_eq!(record["PrimaryPhone"]["FreeFormNumber"], "514 555 7777");
        assert_eq!(record["DisplayName"], "Zoé Gagnon (Laval)");
        assert_eq!(shop.receipts_of(&id), 2);
        assert_eq!(shop.ours("cus_zoe").len(), 1);
    }
}

// R7, R9: merged minutes after it was created, into a record that has the address now
#[test]
fn a_record_that_is_gone_soon_after_it_was_created_is_looked_for_under_its_address() {
    for other in [false, true] {
        let mut shop = Shop::open(38);
        shop.pays(&zoe());
        let first = shop.record_of("zoe@example.org")["Id"].clone();
        let gone = json!({"Active": false, "Notes": "", "GivenName": "Gone", "DisplayName": "Gone",
                          "PrimaryEmailAddr": {"Address": "old@example.org"}});
        shop.by_hand(first.as_str().unwrap(), &gone);
        let email = json!({"PrimaryEmailAddr": {"Address": "zoe@example.org"}});
        shop.by_hand("47", &email);
        let mut payer = zoe();
        if other {
            payer["id"] = json!("cus_other");
        }
        let cost = shop.pays(&payer);
        assert_eq!(shop.receipts_of("47"), 1);
        // A refused receipt tells that the record is gone, and one look that it is the customer's.
        let (reads, writes) = if other { (2, 1) } else { (2, 2) };
        assert_eq!((cost.reads, cost.writes), (reads, writes));
    }
}

// R9: a read that fails proves nothing
#[test]
fn a_record_that_could_not_be_read_after_a_refusal_is_looked_at_again() {
    let mut shop = Shop::open(66);
    shop.pays(&zoe());
    let record = shop.record_of("zoe@example.org");
    let hidden = json!({"Active": false, "DisplayName": "Zoé Gagnon (deleted)"});
    shop.by_hand(record["Id"].as_str().unwrap(), &hidden);
    let throttle = json!({"kind": "throttle", "operation": "customer.read", "times": 1});
    shop.control("POST", "trouble", Some(&throttle));
    shop.pays(&zoe());
    assert_eq!(shop.told("transaction.needs_operator"), Vec::<Value>::new());
    shop.drains();
    let told = &shop.told("transaction.needs_operator")[0];
    assert_eq!(told["reason"]["code"], "customer_inactive");
}
