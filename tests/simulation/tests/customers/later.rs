//! What this version cannot read, because a later one wrote it, stays, is said, and holds up nothing beside it (R34, R36: rolling back).

use std::time::Duration;

use bookkeeping::customer::OtherEmail;
use bookkeeping::ids::MerchantId;
use bookkeeping::transaction::TransactionKey;
use common::audit::audit;
use common::world::World;
use recording::customer::Choice;
use serde_json::json;
use simulation::log::Log;
use simulation::memory::Tables;
use simulation::town::MERCHANT;
use simulation::world::SimulatedWorld;

use crate::shop::{Shop, person, zoe};

fn merchant() -> MerchantId {
    MERCHANT.parse().unwrap()
}

fn payment(number: u64) -> TransactionKey {
    let id = format!("pay_{number}").parse().unwrap();
    TransactionKey::payment(merchant(), &id)
}

/// How many lines say that something cannot be read.
fn said(log: &Log) -> usize {
    let text = log.text();
    let counted = text.lines().filter(|line| {
        assert_eq!(
            line.contains("cannot read"),
            line.contains("metric.Unreadable=1"),
            "{line}"
        );
        line.contains("cannot read")
    });
    counted.count()
}

impl Shop {
    fn tables<R>(&self, change: impl FnOnce(&mut Tables) -> R) -> R {
        change(&mut self.town.outside.tables.borrow_mut())
    }

    /// Somebody comes by for this long, as often as they are sent for.
    fn drains_for(&mut self, minutes: u64) {
        let clock = &self.town.outside.waits.clock;
        let end = clock.elapsed() + Duration::from_secs(60 * minutes);
        while self.town.outside.waits.clock.elapsed() < end {
            self.town.drain_next();
        }
    }

    /// Sam, whose two payments are held until the operator says who that is.
    fn asks_for_sam(&mut self) {
        self.policies(|policies| policies.name_with_other_email = OtherEmail::Ask);
        for _ in 0..2 {
            self.pays(&person("cus_sam", "Sam", "Lee", "sam.lee@example.com"));
        }
        assert_eq!(self.kept_messages().matches("sam.lee").count(), 2);
    }
}

#[test]
fn a_note_of_an_erasure_that_nobody_can_read_stops_neither_payments_nor_other_erasures() {
    let mut shop = Shop::open(200);
    shop.pays(&zoe());
    let note = (merchant(), "cus_later".parse().unwrap());
    shop.tables(|tables| tables.later.erasures.insert(note));
    let throttle = json!({"kind": "throttle", "operation": "salesreceipt.create", "times": 1});
    shop.control("POST", "trouble", Some(&throttle));
    shop.pays(&zoe());
    assert_eq!(shop.town.receipts().len(), 1, "the second waits");
    shop.erases("cus_zoe");
    let log = Log::default();
    tracing::subscriber::with_default(log.clone(), || shop.drains_for(30));
    assert_eq!(shop.town.receipts().len(), 2);
    shop.tables(|tables| {
        assert!(tables.links.erasures.is_empty(), "cus_zoe is erased");
        assert_eq!(tables.links.erased.len(), 1);
        assert!(tables.is_armed(&merchant()), "somebody comes for the note");
    });
    assert!(said(&log) > 0);
}

#[test]
fn a_row_that_nobody_can_read_does_not_keep_the_rest_of_its_customer_from_being_erased() {
    let mut shop = Shop::open(201);
    shop.asks_for_sam();
    shop.tables(|tables| tables.later.rows.insert(payment(1)));
    let log = Log::default();
    tracing::subscriber::with_default(log.clone(), || shop.erases("cus_sam"));
    assert!(
        !shop.town.has_work(),
        "what comes after it in the queue goes on"
    );
    assert_eq!(said(&log), 1, "{}", log.text());
    assert_eq!(shop.kept_messages().matches("sam.lee").count(), 1);
    // An hour at a time, until the version is there that wrote it.
    shop.drains_for(130);
    assert_eq!(shop.kept_messages().matches("sam.lee").count(), 1);
    shop.tables(|tables| {
        assert_eq!(
            tables.links.erasures.len(),
            1,
            "it is not done, and says so"
        );
        tables.later.rows.clear();
    });
    shop.drains();
    assert_eq!(shop.kept_messages().matches("sam.lee").count(), 0);
    assert!(shop.tables(|tables| tables.links.erasures.is_empty()));
}

#[test]
fn a_message_whose_key_is_gone_does_not_keep_the_rest_of_its_customer_from_being_erased() {
    let mut shop = Shop::open(202);
    shop.asks_for_sam();
    let lost = |tables: &mut Tables| {
        let row = tables.ledger.get_mut(&payment(1)).unwrap();
        row.payload.replace(b"sealed by a lost key".to_vec())
    };
    let whole = shop.tables(lost);
    let log = Log::default();
    tracing::subscriber::with_default(log.clone(), || shop.erases("cus_sam"));
    assert!(!shop.town.has_work());
    assert_eq!(said(&log), 1, "{}", log.text());
    shop.tables(|tables| {
        assert_eq!(tables.links.erasures.len(), 1);
        tables.ledger.get_mut(&payment(1)).unwrap().payload = whole;
    });
    assert_eq!(shop.kept_messages().matches("sam.lee").count(), 1);
    shop.drains();
    assert_eq!(shop.kept_messages().matches("sam.lee").count(), 0);
}

#[test]
fn a_link_that_nobody_can_read_keeps_its_erasure_open_and_nothing_else() {
    let mut shop = Shop::open(203);
    shop.pays(&zoe());
    let key = shop.tables(|tables| tables.links.rows.keys().next().unwrap().clone());
    shop.tables(|tables| tables.later.links.insert(key));
    shop.erases("cus_zoe");
    assert!(!shop.town.has_work());
    shop.drains_for(10);
    shop.tables(|tables| {
        assert_eq!(tables.links.erasures.len(), 1);
        tables.later.links.clear();
    });
    shop.drains();
    shop.tables(|tables| {
        assert!(tables.links.erasures.is_empty());
        let mut rows = tables.links.rows.values();
        let link = rows.find_map(|row| row.link.clone()).unwrap();
        assert!(link.baseline.is_none());
    });
}

#[test]
fn a_row_that_nobody_can_read_does_not_keep_what_a_choice_freed_beside_it() {
    let mut shop = Shop::open(204);
    shop.asks_for_sam();
    shop.tables(|tables| tables.later.rows.insert(payment(1)));
    shop.chooses("cus_sam", &Choice::Create);
    shop.drains_for(10);
    assert_eq!(shop.town.receipts().len(), 1);
    let held = shop.tables(|tables| tables.ledger[&payment(1)].row.standing.as_str());
    assert_eq!(held, "held", "it waits for its version");
}

#[test]
fn a_lot_stays_armed_while_it_holds_what_only_a_later_version_has_a_name_for() {
    let mut shop = Shop::open(205);
    // A whole page of them, in front of a payment that waits.
    shop.tables(|tables| {
        for number in 0..50 {
            let order = format!("2020-01-01T00:00:00.000Z#dispute#{number:03}");
            tables.later.places.insert((merchant(), order));
        }
    });
    let throttle = json!({"kind": "throttle", "operation": "salesreceipt.create", "times": 1});
    shop.control("POST", "trouble", Some(&throttle));
    shop.pays(&zoe());
    let log = Log::default();
    tracing::subscriber::with_default(log.clone(), || shop.drains_for(30));
    assert_eq!(shop.town.receipts().len(), 1, "it is not held up");
    assert!(shop.town.is_armed(), "the version that knows them comes by");
    assert!(said(&log) >= 50);
    let outside = &shop.town.outside;
    let world = SimulatedWorld::new(outside);
    let found = audit(world.store(), outside.waits.clock.now());
    let found = outside.waits.clock.run(found, || false).unwrap().unwrap();
    assert_eq!(found.uncovered.len(), 50, "{:?}", found.uncovered);

    shop.tables(|tables| tables.later.places.clear());
    shop.drains();
    assert!(!shop.town.is_armed());
}
