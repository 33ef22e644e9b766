//! Customers through the real handlers: the right one, once, at what cost, and what MioCommerce is told.
#![allow(clippy::unwrap_used, reason = "a test stops where something is wrong")]
#![recursion_limit = "256"]

mod shop;

use bookkeeping::connection::{ConnectionState, Denial};
use bookkeeping::customer::{DistinctNames, OtherEmail};
use serde_json::{Value, json};
use shop::{Cost, Shop, person};

/// Somebody who is not in the books.
fn zoe() -> Value {
    json!({"id": "cus_zoe", "number": "C-7", "version": 1, "first_name": "Zoé", "last_name": "Gagnon",
           "email": "zoe@example.org", "phone": "514 555 0199",
           "billing_address": {"line1": "12 rue Cartier", "city": "Laval", "region": "QC", "postal_code": "H7V 1A1", "country": "CA"}})
}

// R6, R9
#[test]
fn a_new_customer_costs_two_reads_and_two_writes_and_the_next_payment_none() {
    let mut shop = Shop::open(1);
    assert_eq!(
        shop.pays(&zoe()),
        Cost {
            reads: 2,
            writes: 2
        }
    );
    assert_eq!(
        shop.pays(&zoe()),
        Cost {
            reads: 0,
            writes: 1
        }
    );
    let record = shop.record_of("zoe@example.org");
    assert_eq!(record["DisplayName"], "Zoé Gagnon");
    assert_eq!(record["BillAddr"]["City"], "Laval");
    assert_eq!(record["PreferredDeliveryMethod"], "None");
    let told = shop.told("customer.linked");
    assert_eq!(told.len(), 1);
    assert_eq!(told[0]["matched"], "created");
    assert_eq!(told[0]["customer"]["id"], "cus_zoe");
    assert_eq!(told[0]["quickbooks"]["id"], record["Id"]);
}

// R7
#[test]
fn a_customer_found_by_e_mail_costs_one_read_and_writes_nothing_to_the_record() {
    let mut shop = Shop::open(2);
    let mut anne = person("cus_anne", "Annie", "Belanger", "ANNE.belanger@example.com");
    anne["phone"] = json!("450 555 0000");
    let before = shop.record("41");
    assert_eq!(
        shop.pays(&anne),
        Cost {
            reads: 1,
            writes: 1
        }
    );
    assert_eq!(
        shop.pays(&anne),
        Cost {
            reads: 0,
            writes: 1
        }
    );
    assert_eq!(shop.record("41"), before);
    assert_eq!(shop.told("customer.linked")[0]["matched"], "email");
    assert_eq!(shop.receipts_of("41"), 2);
}

// R7
#[test]
fn a_customer_without_the_e_mail_is_found_by_name_whatever_its_accents() {
    let mut shop = Shop::open(3);
    let mut siobhan = person("cus_s", "SIOBHAN", "o’neil", "");
    siobhan["email"] = Value::Null;
    assert_eq!(
        shop.pays(&siobhan),
        Cost {
            reads: 1,
            writes: 1
        }
    );
    assert_eq!(shop.told("customer.linked")[0]["matched"], "name");
    assert_eq!(shop.receipts_of("42"), 1);
}

// R15, R18
#[test]
fn a_newer_profile_on_a_payment_costs_one_more_write_and_changes_only_what_changed() {
    let mut shop = Shop::open(4);
    shop.pays(&zoe());
    let mut moved = zoe();
    moved["version"] = json!(2);
    moved["billing_address"]["line1"] = json!("9 rue Neuve");
    assert_eq!(
        shop.pays(&moved),
        Cost {
            reads: 0,
            writes: 2
        }
    );
    assert_eq!(shop.changed_fields(), ["BillAddr"]);
    let told = shop.told("customer.updated");
    assert_eq!(told[0]["fields"], json!(["billing_address"]));
    // The same version again, and an older one.
    assert_eq!(
        shop.pays(&moved),
        Cost {
            reads: 0,
            writes: 1
        }
    );
    assert_eq!(
        shop.pays(&zoe()),
        Cost {
            reads: 0,
            writes: 1
        }
    );
    assert_eq!(
        shop.record_of("zoe@example.org")["BillAddr"]["Line1"],
        "9 rue Neuve"
    );
}

// R15
#[test]
fn a_change_alone_writes_what_changed_and_clears_what_was_cleared() {
    let mut shop = Shop::open(5);
    shop.pays(&zoe());
    let mut changed = zoe();
    changed["version"] = json!(2);
    changed["phone"] = Value::Null;
    changed["last_name"] = json!("Roy");
    assert_eq!(
        shop.changes(&changed),
        Cost {
            reads: 0,
            writes: 1
        }
    );
    assert_eq!(
        shop.changed_fields(),
        ["DisplayName", "FamilyName", "PrimaryPhone"]
    );
    let record = shop.record_of("zoe@example.org");
    assert_eq!(record["DisplayName"], "Zoé Roy");
    assert_eq!(record["PrimaryPhone"]["FreeFormNumber"], Value::Null);
    assert_eq!(
        shop.told("customer.updated")[0]["fields"],
        json!(["display_name", "last_name", "phone"])
    );
}

// R15, R17
#[test]
fn a_change_of_a_customer_who_never_paid_does_nothing_and_an_unchanged_profile_writes_nothing() {
    let mut shop = Shop::open(6);
    assert_eq!(
        shop.changes(&zoe()),
        Cost {
            reads: 0,
            writes: 0
        }
    );
    assert_eq!(shop.told("customer."), Vec::<Value>::new());
    shop.pays(&zoe());
    let mut newer = zoe();
    newer["version"] = json!(9);
    assert_eq!(
        shop.changes(&newer),
        Cost {
            reads: 0,
            writes: 0
        }
    );
    // A change between the two that arrives late is dropped.
    let mut late = zoe();
    late["version"] = json!(8);
    late["last_name"] = json!("Late");
    assert_eq!(
        shop.changes(&late),
        Cost {
            reads: 0,
            writes: 0
        }
    );
}

// R15
#[test]
fn ten_queued_changes_are_one_write() {
    let mut shop = Shop::open(7);
    shop.pays(&zoe());
    for version in 2..12 {
        let mut changed = zoe();
        changed["version"] = json!(version);
        changed["last_name"] = json!(format!("Name {version}"));
        shop.queue_change(&changed);
    }
    assert_eq!(
        shop.work(),
        Cost {
            reads: 0,
            writes: 1
        }
    );
    assert_eq!(shop.record_of("zoe@example.org")["FamilyName"], "Name 11");
}

// R16
#[test]
fn with_the_setting_off_a_customer_who_was_there_before_is_never_written_and_ours_still_follows() {
    let mut shop = Shop::open(8);
    shop.policies(|policies| policies.update_existing = false);
    let anne = person("cus_anne", "Anne", "Bélanger", "anne.belanger@example.com");
    shop.pays(&anne);
    shop.pays(&zoe());
    let mut changed = anne.clone();
    changed["version"] = json!(2);
    changed["phone"] = json!("450 555 0000");
    assert_eq!(
        shop.changes(&changed),
        Cost {
            reads: 0,
            writes: 0
        }
    );
    let told = shop.told("customer.updated");
    assert_eq!(
        told[0]["not_written"],
        json!([{"field": "phone", "why": "existing"}])
    );
    let mut moved = zoe();
    moved["version"] = json!(2);
    moved["phone"] = json!("450 555 0001");
    assert_eq!(
        shop.changes(&moved),
        Cost {
            reads: 0,
            writes: 1
        }
    );
    // What was noted while the setting was off stays unwritten when it is on again; what comes later is written.
    shop.policies(|policies| policies.update_existing = true);
    changed["version"] = json!(3);
    changed["first_name"] = json!("Annie");
    assert_eq!(
        shop.changes(&changed),
        Cost {
            reads: 0,
            writes: 1
        }
    );
    assert_eq!(shop.changed_fields(), ["DisplayName", "GivenName"]);
}

// R7
#[test]
fn two_customers_with_one_address_share_the_record_and_the_first_owns_its_profile() {
    let mut shop = Shop::open(9);
    let one = person("cus_one", "Dana", "Okafor", "dana.okafor@example.com");
    let other = person("cus_other", "Dani", "Okafor", "dana.okafor@example.com");
    shop.pays(&one);
    shop.pays(&other);
    assert_eq!(shop.receipts_of("49"), 2);
    let mut changed = other.clone();
    changed["version"] = json!(2);
    changed["phone"] = json!("1");
    assert_eq!(
        shop.changes(&changed),
        Cost {
            reads: 0,
            writes: 0
        }
    );
    assert_eq!(
        shop.told("customer.updated")[0]["not_written"],
        json!([{"field": "phone", "why": "shared"}])
    );
    let mut changed = one.clone();
    changed["version"] = json!(2);
    changed["phone"] = json!("2");
    assert_eq!(
        shop.changes(&changed),
        Cost {
            reads: 0,
            writes: 1
        }
    );
}

// R8
#[test]
fn a_name_of_a_vendor_is_made_distinct_by_the_setting() {
    for (how, name) in [
        (DistinctNames::Counted, "Jean Tremblay (2)"),
        (DistinctNames::Number, "Jean Tremblay (C-7)"),
    ] {
        let mut shop = Shop::open(10);
        shop.policies(|policies| policies.distinct_names = how);
        let mut jean = person("cus_jean", "Jean", "Tremblay", "jean@example.org");
        jean["number"] = json!("C-7");
        // The refused write is a write, and free.
        assert_eq!(
            shop.pays(&jean),
            Cost {
                reads: 2,
                writes: 3
            }
        );
        assert_eq!(shop.record_of("jean@example.org")["DisplayName"], name);
    }
}

// R15: a taken name keeps the QuickBooks name and says so
#[test]
fn a_change_to_a_taken_name_writes_the_rest_and_says_so() {
    let mut shop = Shop::open(11);
    shop.pays(&zoe());
    let mut changed = zoe();
    changed["version"] = json!(2);
    changed["first_name"] = json!("Jean");
    changed["last_name"] = json!("Tremblay");
    shop.changes(&changed);
    let record = shop.record_of("zoe@example.org");
    assert_eq!(record["DisplayName"], "Zoé Gagnon");
    assert_eq!(record["FamilyName"], "Tremblay");
    let told = &shop.told("customer.updated")[0];
    assert_eq!(told["fields"], json!(["first_name", "last_name"]));
    assert_eq!(
        told["not_written"],
        json!([{"field": "display_name", "why": "name_taken"}])
    );
}

// R7
#[test]
fn several_candidates_are_the_operators_to_choose_from_and_hold_that_customer_alone() {
    let mut shop = Shop::open(12);
    let sam = person("cus_sam", "Sam", "Lee", "sam.lee@example.com");
    shop.queue_payment(&sam);
    shop.queue_payment(&zoe());
    shop.work();
    let told = &shop.told("customer.needs_operator")[0];
    assert_eq!(told["customer"]["id"], "cus_sam");
    assert_eq!(told["reason"]["code"], "customer_ambiguous");
    assert!(told["reason"]["en"].as_str().unwrap().contains("44, 45"));
    assert_eq!(shop.told("transaction.needs_operator").len(), 1);
    assert_eq!(shop.told("transaction.synced").len(), 1);
}

// R7
#[test]
fn an_inactive_customer_and_one_with_another_address_are_asked_about() {
    let mut shop = Shop::open(13);
    shop.pays(&person(
        "cus_old",
        "Old",
        "Client",
        "old.client@example.com",
    ));
    assert_eq!(
        shop.told("customer.needs_operator")[0]["reason"]["code"],
        "customer_inactive"
    );
    shop.policies(|policies| policies.name_with_other_email = OtherEmail::Ask);
    shop.pays(&person("cus_a", "Anne", "Bélanger", "other@example.com"));
    let told = shop.told("customer.needs_operator");
    assert_eq!(told[1]["reason"]["code"], "customer_email_differs");
}

// R10
#[test]
fn a_fallback_customer_stands_in_for_new_ones_while_the_setting_says_so() {
    let mut shop = Shop::open(14);
    shop.settings(|settings| {
        settings.fallback_customer = Some("48".parse().unwrap());
        settings.customers.fallback_instead_of_creating = true;
    });
    assert_eq!(
        shop.pays(&zoe()),
        Cost {
            reads: 2,
            writes: 1
        }
    );
    assert_eq!(
        shop.pays(&zoe()),
        Cost {
            reads: 0,
            writes: 1
        }
    );
    let mut changed = zoe();
    changed["version"] = json!(2);
    changed["phone"] = json!("1");
    assert_eq!(
        shop.changes(&changed),
        Cost {
            reads: 0,
            writes: 0
        }
    );
    assert_eq!(shop.receipts_of("48"), 2);
    shop.policies(|policies| policies.fallback_instead_of_creating = false);
    assert_eq!(
        shop.pays(&zoe()),
        Cost {
            reads: 2,
            writes: 2
        }
    );
}

// R6
#[test]
fn what_quickbooks_refuses_is_cleaned_or_left_out_and_told() {
    let mut shop = Shop::open(15);
    let mut odd = person("cus_odd", "Zoé: 🧹", "L'Heureux\tfille", "zoe at example");
    odd["phone"] = json!("1".repeat(40));
    shop.pays(&odd);
    let told = &shop.told("customer.linked")[0];
    assert_eq!(told["matched"], "created");
    assert_eq!(
        told["cleaned"],
        json!(["first_name.changed", "email.left_out", "phone.cut"])
    );
    assert_eq!(shop.told("transaction.synced").len(), 1);
}

// R15
#[test]
fn a_record_changed_by_hand_is_read_again_and_only_our_change_is_written() {
    let mut shop = Shop::open(16);
    shop.pays(&zoe());
    let id = shop.record_of("zoe@example.org")["Id"]
        .as_str()
        .unwrap()
        .to_owned();
    shop.by_hand(
        &id,
        &json!({"Notes": "prefers mornings", "GivenName": "Zoe"}),
    );
    let mut changed = zoe();
    changed["version"] = json!(2);
    changed["phone"] = json!("514 555 0000");
    // One write refused as stale, one read, one write.
    assert_eq!(
        shop.changes(&changed),
        Cost {
            reads: 1,
            writes: 2
        }
    );
    let record = shop.record(&id);
    assert_eq!(record["PrimaryPhone"]["FreeFormNumber"], "514 555 0000");
    assert_eq!(record["GivenName"], "Zoe", "what was changed by hand stays");
    assert_eq!(record["Notes"], "prefers mornings");
}

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

// R34: nothing is lost
#[test]
fn a_change_while_quickbooks_is_closed_to_us_waits_and_is_caught_up() {
    let mut shop = Shop::open(18);
    shop.pays(&zoe());
    shop.town
        .set_connection(ConnectionState::ReconnectNeeded(Denial::Revoked));
    shop.town.pass(std::time::Duration::from_secs(60));
    for version in 2..5 {
        let mut changed = zoe();
        changed["version"] = json!(version);
        changed["phone"] = json!(version.to_string());
        assert_eq!(
            shop.changes(&changed),
            Cost {
                reads: 0,
                writes: 0
            }
        );
    }
    shop.town.set_connection(ConnectionState::Connected);
    shop.town.pass(std::time::Duration::from_secs(60));
    assert_eq!(
        shop.catches_up(),
        Cost {
            reads: 0,
            writes: 1
        }
    );
    let record = shop.record_of("zoe@example.org");
    assert_eq!(record["PrimaryPhone"]["FreeFormNumber"], "4");
    assert_eq!(
        shop.catches_up(),
        Cost {
            reads: 0,
            writes: 0
        }
    );
}

// R36
#[test]
fn an_erased_customer_leaves_ids_and_nothing_of_a_person() {
    let mut shop = Shop::open(19);
    shop.pays(&zoe());
    let kept = |shop: &Shop| {
        let tables = shop.town.outside.tables.borrow();
        let link = tables
            .links
            .rows
            .values()
            .next()
            .unwrap()
            .link
            .clone()
            .unwrap();
        (
            link.baseline.is_some(),
            link.facts.fingerprints.is_some(),
            link.record,
        )
    };
    let (profiles, hashes, record) = kept(&shop);
    assert!(profiles && hashes);
    shop.erases("cus_zoe");
    assert_eq!(kept(&shop), (false, false, record));
    // A late refund or payment still finds the record, and writes nothing of the profile.
    assert_eq!(
        shop.pays(&zoe()),
        Cost {
            reads: 0,
            writes: 1
        }
    );
}

// R16
#[test]
fn an_overwrite_is_put_back_whole_and_later_changes_overwrite_again() {
    let mut shop = Shop::open(20);
    let anne = person("cus_anne", "Anne", "Bélanger", "anne.belanger@example.com");
    shop.pays(&anne);
    let before = shop.record("41");
    for version in 2..4 {
        let mut changed = anne.clone();
        changed["version"] = json!(version);
        changed["first_name"] = json!(format!("Annie {version}"));
        changed["phone"] = json!(format!("450 555 000{version}"));
        shop.changes(&changed);
    }
    assert_ne!(shop.record("41"), before);
    let fields = shop.puts_back("cus_anne");
    assert_eq!(fields, ["display_name", "first_name", "phone"]);
    let after = shop.record("41");
    for field in [
        "DisplayName",
        "GivenName",
        "FamilyName",
        "PrimaryPhone",
        "BillAddr",
    ] {
        assert_eq!(after[field], before[field], "{field}");
    }
    assert_eq!(shop.puts_back("cus_anne"), Vec::<String>::new());
    let mut changed = anne.clone();
    changed["version"] = json!(9);
    changed["phone"] = json!("450 555 0009");
    changed["first_name"] = json!("Annie 3");
    shop.changes(&changed);
    assert_eq!(
        shop.changed_fields(),
        ["PrimaryPhone"],
        "what did not change since stays put back"
    );
}
