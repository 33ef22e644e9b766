//! What only the operator can tell, and what the operator's choice sets free.

use std::time::Duration;

use bookkeeping::customer::OtherEmail;
use bookkeeping::reason::ReasonCode;
use recording::customer::{Choice, Chosen};
use recording::stop::Again;
use serde_json::{Value, json};

use crate::searching::has;
use crate::shop::{Shop, person, zoe};

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
    let sentence = told["reason"]["en"].as_str().unwrap();
    assert!(sentence.contains("could be this one"), "{sentence}");
    assert_eq!(shop.told("transaction.needs_operator").len(), 1);
    assert_eq!(shop.told("transaction.synced").len(), 1);
}

// R7, R8: a click, and all that waits for that customer goes through
#[test]
fn choosing_links_the_customer_and_sets_free_what_waits_for_it() {
    for (customer, choice, record) in [
        (
            person("cus_c", "Sam", "Lee", "sam.lee@example.com"),
            Choice::Record("45".parse().unwrap()),
            "45",
        ),
        (
            person("cus_c", "Sam", "Lee", "sam.lee@example.com"),
            Choice::Create,
            "1001",
        ),
        (
            person("cus_c", "Old", "Client", "old.client@example.com"),
            Choice::Reactivate("46".parse().unwrap()),
            "46",
        ),
        (
            person("cus_c", "Old", "Client", "old.client@example.com"),
            Choice::Create,
            "1001",
        ),
    ] {
        let mut shop = Shop::open(21);
        assert_eq!(shop.chooses("cus_c", &choice), Chosen::NothingWaits);
        let other = person("cus_d", "Sam", "Lee", "sam.lee@example.com");
        shop.pays(&other);
        for version in 1..3 {
            let mut customer = customer.clone();
            customer["version"] = json!(version);
            customer["phone"] = json!(version.to_string());
            shop.pays(&customer);
        }
        assert!(shop.town.receipts().is_empty());
        let chosen = shop.chooses("cus_c", &choice);
        let Chosen::Linked {
            record: linked,
            released,
        } = chosen
        else {
            panic!("{choice:?}: {chosen:?}")
        };
        assert_eq!((linked.as_str(), released), (record, 2), "{choice:?}");
        shop.drains();
        assert_eq!(shop.receipts_of(record), 2, "{choice:?}");
        assert_eq!(
            shop.town.receipts().len(),
            2,
            "the other customer still waits"
        );
        assert_eq!(shop.record(record)["Active"], true);
        let told = &shop.told("customer.linked")[0];
        let matched = if choice == Choice::Create {
            "created"
        } else {
            "chosen"
        };
        assert_eq!(told["matched"], matched, "{choice:?}");
        if choice == Choice::Create {
            assert_eq!(
                shop.record(record)["PrimaryPhone"]["FreeFormNumber"],
                "2",
                "the newest profile"
            );
        } else {
            assert_eq!(
                shop.record(record)["PrimaryPhone"],
                Value::Null,
                "linking writes nothing"
            );
        }
    }
}

// R7
#[test]
fn a_record_that_cannot_be_the_customers_is_not_linked() {
    let mut shop = Shop::open(22);
    let customer = person("cus_c", "Sam", "Lee", "sam.lee@example.com");
    shop.pays(&customer);
    for record in ["46", "9999"] {
        let choice = Choice::Record(record.parse().unwrap());
        assert_eq!(
            shop.chooses("cus_c", &choice),
            Chosen::Unsuitable,
            "{record}"
        );
    }
    assert_eq!(shop.told("customer.linked"), Vec::<Value>::new());
    let choice = Choice::Record("44".parse().unwrap());
    assert!(matches!(
        shop.chooses("cus_c", &choice),
        Chosen::Linked { released: 1, .. }
    ));
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

// R7, R8: the answer to the operator's own creation was lost, and the operator presses again
#[test]
fn a_creation_by_choice_that_arrived_unheard_is_found_and_not_repeated() {
    let mut shop = Shop::open(26);
    shop.pays(&person("cus_c", "Pat", "Free", "sam.lee@example.com"));
    let lost = json!({"kind": "lose_answer", "operation": "customer.create", "times": 9});
    shop.control("POST", "trouble", Some(&lost));
    let chosen = shop.chooses("cus_c", &Choice::Create);
    assert!(matches!(chosen, Chosen::Stopped(_)), "{chosen:?}");
    shop.control("POST", "trouble", Some(&json!({"kind": "none"})));
    // Until it would show, nobody may create another.
    let pressed = shop.chooses_or_dies("cus_c", &Choice::Create);
    assert_eq!(pressed, Some(Err(Again::Busy)));
    shop.town.pass(Duration::from_secs(600));
    let chosen = shop.chooses("cus_c", &Choice::Create);
    assert!(
        matches!(chosen, Chosen::Linked { released: 1, .. }),
        "{chosen:?}"
    );
    assert_eq!(shop.ours("cus_c").len(), 1);
    shop.drains();
    assert_eq!(shop.town.receipts().len(), 1);
}

// R7: whoever carries the choice out may die anywhere
#[test]
fn a_choice_that_dies_anywhere_is_made_by_pressing_again() {
    let mut step = 0;
    loop {
        step += 1;
        let mut shop = Shop::open(27);
        for _ in 0..2 {
            shop.pays(&person("cus_c", "Sam", "Lee", "sam.lee@example.com"));
        }
        shop.town.outside.waits.fate.die_at(Some(step));
        let lived = shop.chooses_or_dies("cus_c", &Choice::Create).is_some();
        shop.town.outside.waits.fate.die_at(None);
        shop.town.pass(Duration::from_secs(600));
        if !lived {
            shop.chooses("cus_c", &Choice::Create);
        }
        shop.drains();
        assert_eq!(shop.ours("cus_c").len(), 1, "killed at step {step}");
        assert_eq!(shop.town.receipts().len(), 2, "killed at step {step}");
        assert_eq!(
            shop.told("customer.linked").len(),
            1,
            "killed at step {step}"
        );
        if lived {
            break;
        }
    }
    assert!(step > 15, "only {step} steps");
}

// R7: QuickBooks' queries show a new record late, also one that the operator asked for
#[test]
fn a_record_created_by_choice_is_shared_even_before_a_query_shows_it() {
    let mut shop = Shop::open(61);
    shop.policies(|policies| policies.name_with_other_email = OtherEmail::Ask);
    shop.pays(&person("cus_a", "Anne", "Bélanger", "other@example.com"));
    let lag = json!({"index_lag_seconds": 120});
    shop.control("POST", "switches", Some(&lag));
    let chosen = shop.chooses("cus_a", &Choice::Create);
    assert!(matches!(chosen, Chosen::Linked { .. }), "{chosen:?}");
    shop.pays(&person("cus_b", "Bob", "Other", "Other@example.com"));
    shop.drains();
    let record = shop.record_of("other@example.com");
    assert_eq!(shop.receipts_of(record["Id"].as_str().unwrap()), 2);
}

// R7, R8: the operator's click clears it, however many namesakes there are, and whatever QuickBooks answered before
#[test]
fn a_record_is_created_by_choice_among_many_namesakes() {
    let mut shop = Shop::open(64);
    let replay = json!({"request_ids": "replay"});
    shop.control("POST", "switches", Some(&replay));
    shop.pays(&person("cus_c", "Sam", "Lee", "sam.lee@example.com"));
    let named = |shop: &Shop, name: &str| {
        let mut records = shop.records().into_iter();
        let record = records.find(|record| record["DisplayName"] == name);
        record.unwrap()["Id"].as_str().unwrap().to_owned()
    };
    let mut names: Vec<String> = (2..10).map(|count| format!("Sam Lee ({count})")).collect();
    names.push("Sam Lee (cus_c)".to_owned());
    let there = shop.records();
    names.retain(|name| {
        there
            .iter()
            .all(|record| record["DisplayName"] != name.as_str())
    });
    has(&shop, names.into_iter());
    let chosen = shop.chooses("cus_c", &Choice::Create);
    assert!(matches!(chosen, Chosen::Stopped(_)), "{chosen:?}");
    // The merchant gives one of them another name.
    let id = named(&shop, "Sam Lee (cus_c)");
    shop.by_hand(&id, &json!({"DisplayName": "Samuel Lee"}));
    let chosen = shop.chooses("cus_c", &Choice::Create);
    assert!(matches!(chosen, Chosen::Linked { .. }), "{chosen:?}");
    assert_eq!(shop.ours("cus_c")[0]["DisplayName"], "Sam Lee (cus_c)");
}

// R7: the operator chooses from whom we know to have the name
#[test]
fn where_every_name_is_taken_the_namesakes_that_were_found_are_the_candidates() {
    let mut shop = Shop::open(66);
    shop.policies(|policies| policies.name_with_other_email = OtherEmail::Create);
    let mut names: Vec<String> = (2..10)
        .map(|count| format!("Anne Bélanger ({count})"))
        .collect();
    names.push("Anne Bélanger (cus_a)".to_owned());
    has(&shop, names.into_iter());
    shop.pays(&person("cus_a", "Anne", "Bélanger", "other@example.com"));
    let told = &shop.told("customer.needs_operator")[0];
    assert_eq!(told["reason"]["code"], "customer_name_taken");
    let candidates = |shop: &Shop| {
        let tables = shop.town.outside.tables.borrow();
        let mut reasons = tables
            .ledger
            .values()
            .filter_map(|stands| stands.row.reason.clone());
        reasons.find_map(|reason| reason.figures.get("candidates").cloned())
    };
    assert_eq!(candidates(&shop).as_deref(), Some("41"));
    let chosen = shop.chooses("cus_a", &Choice::Record("41".parse().unwrap()));
    assert!(matches!(chosen, Chosen::Linked { released: 1, .. }));
}

// R7, R8: a record that may be active again is no second one
#[test]
fn a_record_made_active_by_a_request_nobody_heard_of_is_linked_by_pressing_again() {
    let mut shop = Shop::open(67);
    shop.pays(&person("cus_c", "Old", "Client", "old.client@example.com"));
    let lost = json!({"kind": "lose_answer", "operation": "customer.update", "times": 1});
    shop.control("POST", "trouble", Some(&lost));
    let choice = Choice::Reactivate("46".parse().unwrap());
    let chosen = shop.chooses("cus_c", &choice);
    let Chosen::Stopped(stop) = chosen else {
        panic!("{chosen:?}")
    };
    assert_eq!(stop.reason.code, ReasonCode::AnswerUnknown);
    let chosen = shop.chooses("cus_c", &choice);
    let linked = matches!(chosen, Chosen::Linked { released: 1, .. });
    assert!(linked, "{chosen:?}");
    assert_eq!(shop.record("46")["Active"], true);
}
