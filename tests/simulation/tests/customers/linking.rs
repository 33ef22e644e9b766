//! Customers without a link: found, created, or booked to somebody who stands in; and what each costs.

use bookkeeping::customer::DistinctNames;
use serde_json::{Value, json};

use crate::shop::{Cost, Shop, person, zoe};

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
