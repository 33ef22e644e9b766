//! What is erased of customers, and what stays.

use std::time::Duration;

use bookkeeping::connection::ConnectionState;
use bookkeeping::customer::OtherEmail;
use serde_json::json;

use crate::keeping::kept;
use crate::shop::{Cost, Shop, person, zoe};

// R36
#[test]
fn what_waits_for_a_first_payment_is_erased_with_its_customer() {
    let mut shop = Shop::open(73);
    shop.changes(&zoe());
    assert_eq!(kept(&shop), (0, 1));
    shop.erases("cus_zoe");
    assert_eq!(kept(&shop), (0, 0));
}

// R36: what could not be read names them all the same
#[test]
fn an_erased_customer_leaves_nothing_in_a_message_that_could_not_be_read() {
    let mut shop = Shop::open(79);
    let mut message = shop.payment(1, &zoe());
    message["payment"]["amount"] = json!("1.005");
    shop.queue(&message);
    shop.work();
    assert!(shop.kept_messages().contains("zoe@example.org"));
    shop.erases("cus_zoe");
    assert!(!shop.kept_messages().contains("zoe@example.org"));
    assert!(
        shop.kept_messages().contains("pay_1"),
        "what it is about stays"
    );
}

// R36
#[test]
fn an_erased_customer_leaves_ids_and_nothing_of_a_person() {
    let mut shop = Shop::open(19);
    shop.pays(&zoe());
    let kept = |shop: &Shop| {
        let tables = shop.town.outside.tables.borrow();
        let mut rows = tables.links.rows.values();
        let link = rows.find_map(|row| row.link.clone()).unwrap();
        (
            link.baseline.is_some(),
            link.facts.fingerprints.is_some(),
            link.record,
        )
    };
    let (profiles, hashes, record) = kept(&shop);
    assert!(profiles && hashes);
    // A payment that waits keeps its message.
    shop.policies(|policies| policies.name_with_other_email = OtherEmail::Ask);
    shop.pays(&person("cus_sam", "Sam", "Lee", "sam.lee@example.com"));
    assert!(shop.kept_messages().contains("sam.lee@example.com"));
    shop.erases("cus_sam");
    let messages = shop.kept_messages();
    assert!(
        !messages.contains("sam.lee@example.com") && !messages.contains("Lee"),
        "{messages}"
    );
    assert!(
        messages.contains("cus_sam") && messages.contains("\"amount\""),
        "{messages}"
    );
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

// R36: what is parked is listed a moment later
#[test]
fn what_was_parked_right_before_an_erasure_is_erased_too_wherever_the_process_dies() {
    let sam = person("cus_sam", "Sam", "Lee", "sam.lee@example.com");
    let mut step = 0;
    loop {
        step += 1;
        let mut shop = Shop::open(120);
        shop.policies(|policies| policies.name_with_other_email = OtherEmail::Ask);
        shop.town.outside.tables.borrow_mut().index.lag = Duration::from_secs(60);
        shop.pays(&sam);
        shop.town.outside.waits.fate.die_at(Some(step));
        shop.erases("cus_sam");
        let lived = shop.town.outside.waits.fate.deaths().is_empty();
        // Whoever lived through the erasure did not see the payment, and may die at looking once more.
        let is_known = shop.kept_messages().contains("sam.lee@example.com");
        assert!(is_known || !lived, "the index lags too little");
        shop.drains();
        let messages = shop.kept_messages();
        assert!(!messages.contains("sam.lee"), "killed at step {step}");
        assert!(messages.contains("cus_sam"), "the payment waits on");
        let tables = shop.town.outside.tables.borrow();
        assert!(tables.links.erasures.is_empty(), "killed at step {step}");
        if shop.town.outside.waits.fate.deaths().is_empty() {
            break;
        }
    }
    assert!(step > 20, "only {step} steps");
}

// R36: nobody sends for a merchant who left
#[test]
fn a_merchant_who_left_is_looked_at_once_more_after_an_erasure_and_no_more() {
    let mut shop = Shop::open(121);
    shop.pays(&zoe());
    shop.town.set_connection(ConnectionState::Disconnected);
    shop.erases("cus_zoe");
    shop.drains();
    let tables = shop.town.outside.tables.borrow();
    assert!(tables.links.erasures.is_empty());
}

// R36: what was frozen to be sent holds the person too
#[test]
fn an_erased_customer_leaves_no_receipt_that_waits_under_its_name() {
    let mut shop = Shop::open(34);
    shop.pays(&zoe());
    let lost = json!({"kind": "lose_answer", "operation": "salesreceipt.create", "times": 1});
    shop.control("POST", "trouble", Some(&lost));
    shop.pays(&zoe());
    assert!(shop.frozen_receipts().contains("zoe@example.org"));
    shop.erases("cus_zoe");
    let frozen = shop.frozen_receipts();
    assert!(!frozen.is_empty(), "it may have to be sent again");
    for person in ["zoe@example.org", "Zoé", "Gagnon", "rue Cartier"] {
        assert!(!frozen.contains(person), "{person} in {frozen}");
    }
    shop.drains();
    let id = shop.record_of("zoe@example.org")["Id"].clone();
    assert_eq!(shop.receipts_of(id.as_str().unwrap()), 2);
    assert_eq!(shop.town.receipts().len(), 2);
}

// R36: a change whose worker died, and one that somebody is at
#[test]
fn what_a_claim_asked_for_is_erased_once_its_owner_is_dead_and_waited_for_until_then() {
    let mut shop = Shop::open(36);
    shop.pays(&zoe());
    let mut changed = zoe();
    changed["version"] = json!(2);
    changed["phone"] = json!("514 555 0000");
    let lost = json!({"kind": "lose_answer", "operation": "customer.update", "times": 1});
    shop.control("POST", "trouble", Some(&lost));
    shop.changes(&changed);
    let asked = |shop: &Shop| {
        let tables = shop.town.outside.tables.borrow();
        let rows = tables.links.rows.values();
        rows.map(|row| row.asked.len()).sum::<usize>()
    };
    assert_eq!(asked(&shop), 1);
    // Somebody else is at the customer for a minute; the request comes again until it can be carried out.
    let until = shop.town.outside.waits.clock.now() + Duration::from_secs(500);
    {
        let mut tables = shop.town.outside.tables.borrow_mut();
        let row = tables.links.rows.values_mut().next().unwrap();
        row.claim = Some(("somebody".to_owned(), until));
    }
    shop.queue_erasure("cus_zoe");
    assert!(shop.town.work());
    assert_eq!((asked(&shop), shop.town.has_work()), (1, true));
    shop.work();
    assert_eq!((asked(&shop), shop.town.has_work()), (0, false));
    let tables = shop.town.outside.tables.borrow();
    assert!(tables.links.parked.is_empty(), "nor does the change wait");
}

// R36: the batch read the link before the customer was erased
#[test]
fn what_a_batch_knew_of_a_customer_is_not_written_back_after_it_was_erased() {
    let mut shop = Shop::open(35);
    shop.pays(&zoe());
    let mut newer = zoe();
    newer["version"] = json!(2);
    // Eight messages are worked on at once: the last is begun when the customer is erased.
    shop.queue_erasure("cus_zoe");
    for _ in 0..8 {
        shop.queue_payment(&serde_json::Value::Null);
    }
    shop.queue_payment(&newer);
    shop.work();
    assert_eq!(shop.town.receipts().len(), 10);
    let tables = shop.town.outside.tables.borrow();
    let mut rows = tables.links.rows.values();
    let link = rows.find_map(|row| row.link.clone()).unwrap();
    assert!(link.baseline.is_none(), "the old profiles are gone");
}
