//! Linked customers whose profile changed, and overwrites put back.

use std::rc::Rc;
use std::time::Duration;

use futures::future::join;
use recording::Recorder;
use recording::invocation::Delivery;
use serde_json::{Value, json};
use simulation::fate::Fate;
use simulation::town::MERCHANT;
use simulation::world::SimulatedWorld;
use transaction_sync::batch::handle;

use crate::shop::{Cost, Shop, person, zoe};

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

// R15: the answer was lost, and the next profile is the one before
#[test]
fn a_change_that_arrived_unheard_is_written_over_by_a_profile_that_goes_back() {
    for by_hand in [None, Some("514 555 7777")] {
        let mut shop = Shop::open(25);
        shop.pays(&zoe());
        let id = shop.record_of("zoe@example.org")["Id"]
            .as_str()
            .unwrap()
            .to_owned();
        let lost = json!({"kind": "lose_answer", "operation": "customer.update", "times": 1});
        shop.control("POST", "trouble", Some(&lost));
        let mut changed = zoe();
        changed["version"] = json!(2);
        changed["phone"] = json!("514 555 0000");
        shop.changes(&changed);
        let phone = |shop: &Shop| shop.record(&id)["PrimaryPhone"]["FreeFormNumber"].clone();
        assert_eq!(phone(&shop), "514 555 0000", "it was carried out");
        if let Some(phone) = by_hand {
            shop.by_hand(&id, &json!({"PrimaryPhone": {"FreeFormNumber": phone}}));
        }
        let mut back = zoe();
        back["version"] = json!(3);
        shop.changes(&back);
        shop.drains();
        let kept = by_hand.unwrap_or("514 555 0199");
        assert_eq!(phone(&shop), kept, "what was typed in by hand stays");
    }
}

// R15: a message that counts no versions tells them by time, and finer than it is stored
#[test]
fn a_profile_whose_version_is_its_time_is_carried_out_once_and_never_refused() {
    let mut shop = Shop::open(31);
    let mut timed = zoe();
    timed["version"] = Value::Null;
    timed["updated_at"] = json!("2026-11-20T10:00:00.123456Z");
    shop.pays(&timed);
    let costs = [shop.pays(&timed), shop.changes(&timed)];
    assert_eq!(
        costs.map(|cost| (cost.reads, cost.writes)),
        [(0, 1), (0, 0)]
    );
    timed["updated_at"] = json!("2026-11-20T10:00:00.124Z");
    timed["phone"] = json!("514 555 0000");
    let cost = shop.pays(&timed);
    assert_eq!((cost.reads, cost.writes), (0, 2));
    assert_eq!(shop.town.receipts().len(), 3);
}

// R15: an e-mail address or a number stands in for a name in a new record, and never takes an existing one's place
#[test]
fn what_stands_in_for_a_name_is_never_written_over_a_name() {
    let mut shop = Shop::open(32);
    let mut nameless = json!({"id": "cus_n", "version": 1, "email": "anne.belanger@example.com"});
    shop.pays(&nameless);
    nameless["version"] = json!(2);
    nameless["email"] = json!("anne@example.org");
    shop.changes(&nameless);
    assert_eq!(shop.changed_fields(), ["PrimaryEmailAddr"]);
    assert_eq!(shop.record("41")["DisplayName"], "Anne Bélanger");
    // And where a name is taken away in MioCommerce, the record keeps the one it is shown under.
    shop.pays(&zoe());
    let mut cleared = zoe();
    cleared["version"] = json!(2);
    cleared["first_name"] = Value::Null;
    cleared["last_name"] = Value::Null;
    shop.changes(&cleared);
    assert_eq!(shop.changed_fields(), ["GivenName", "FamilyName"]);
    assert_eq!(
        shop.record_of("zoe@example.org")["DisplayName"],
        "Zoé Gagnon"
    );
    let told = shop.told("customer.updated");
    assert_eq!(told[1]["fields"], json!(["first_name", "last_name"]));
    assert_eq!(told[1]["not_written"], Value::Null, "it was not even tried");
    // A name that comes later takes the place of what stood in for it.
    let mut late = json!({"id": "cus_l", "number": "C-8", "version": 1, "phone": "1"});
    shop.pays(&late);
    assert_eq!(shop.ours("cus_l")[0]["DisplayName"], "MioCommerce C-8");
    late["version"] = json!(2);
    late["company_name"] = json!("Late & Co");
    shop.changes(&late);
    assert_eq!(shop.ours("cus_l")[0]["DisplayName"], "Late & Co");
}

// R15: a worker that was frozen over an older version comes back after a newer one
#[test]
fn an_older_version_that_thaws_late_is_not_written_over_a_newer_one() {
    for step in 1.. {
        let mut shop = Shop::open(33);
        shop.pays(&zoe());
        let version = |number: u64| {
            let mut changed = zoe();
            changed["version"] = json!(number);
            changed["phone"] = json!(format!("+1 514 555 000{number}"));
            let body = shop.change(&changed).to_string();
            [Delivery {
                message_id: format!("version-{number}"),
                group: MERCHANT.to_owned(),
                body,
                sent_at: None,
            }]
        };
        let (older, newer) = (version(2), version(3));
        let recorder = |fate: &Rc<Fate>| {
            let mut outside = shop.town.outside.clone();
            outside.waits.fate = Rc::clone(fate);
            Recorder::new(SimulatedWorld::new(&outside))
        };
        let (frozen, other) = (Rc::new(Fate::new(1)), Rc::new(Fate::new(2)));
        let (slow, next) = (recorder(&frozen), recorder(&other));
        frozen.freeze_at(step, Duration::from_secs(100));
        let timeout = Duration::from_secs(600);
        let clock = Rc::clone(&shop.town.outside.waits.clock);
        let both = join(handle(&slow, &older, timeout), async {
            clock.sleep(Duration::from_secs(60)).await;
            handle(&next, &newer, timeout).await
        });
        let (first, second) = clock.run(both, || false).expect("nobody dies here");
        for (unfinished, batch) in [(first, &older), (second, &newer)] {
            if !unfinished.is_empty() {
                shop.town.pass(Duration::from_secs(360));
                let again = handle(&next, batch, timeout);
                clock.run(again, || false).expect("nobody dies here");
            }
        }
        let record = shop.record_of("zoe@example.org");
        let phone = &record["PrimaryPhone"]["FreeFormNumber"];
        assert_eq!(phone, "+1 514 555 0003", "frozen at step {step}");
        if frozen.frozen(clock.elapsed()).is_zero() {
            assert!(step > 5, "only {step} steps");
            break;
        }
    }
}
