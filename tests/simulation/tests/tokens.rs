//! Payments and tokens: what a refused, a dying and a denied token mean for them.
#![recursion_limit = "256"]

use std::time::Duration;

use bookkeeping::connection::{ConnectionState, Denial};
use bookkeeping::ids::MerchantId;
use common::secrets::RefreshTokensIn;
use jiff::Timestamp;
use recording::Recorder;
use recording::invocation::Delivery;
use simulation::payments::payment;
use simulation::street::Street;
use simulation::town::{MERCHANT, REALM, Town};
use simulation::world::SimulatedWorld;
use simulator::{Trouble, TroubleKind};
use transaction_sync::batch::handle;

fn trouble(town: &Town, trouble: Trouble) {
    let now = town.outside.waits.clock.now();
    town.outside
        .intuit
        .borrow_mut()
        .trouble(now, trouble.at(REALM));
}

fn state(town: &Town) -> ConnectionState {
    let tables = town.outside.tables.borrow();
    tables.connections.values().next().expect("connected").state
}

/// The types of the outcomes told, and the reason's code where there is one.
fn told(town: &Town) -> Vec<(String, String)> {
    let told = town.outside.told.borrow();
    let read = |body: &str| -> serde_json::Value { serde_json::from_str(body).expect("JSON") };
    told.iter()
        .map(|told| read(&told.body))
        .filter(|told| told.get("customer").is_none())
        .map(|told| {
            let text = |value: &serde_json::Value| value.as_str().unwrap_or("").to_owned();
            (text(&told["type"]), text(&told["reason"]["code"]))
        })
        .collect()
}

fn last(town: &Town) -> (String, String) {
    told(town).pop().expect("something was told")
}

fn pays(town: &mut Town, number: u64) {
    town.send(&format!("message-{number}"), payment(number, 1));
    town.work_all();
}

fn refreshes(town: &Town) -> usize {
    town.outside.watch.borrow().uses()
}

/// A payment of a merchant, as the queue delivers it.
fn delivered(number: u64, merchant: &str) -> Delivery {
    Delivery {
        message_id: merchant.to_owned(),
        group: merchant.to_owned(),
        body: payment(number, 1).replace(MERCHANT, merchant),
        sent_at: None,
    }
}

fn waits(code: &str) -> (String, String) {
    ("transaction.waiting".to_owned(), code.to_owned())
}

fn synced() -> (String, String) {
    ("transaction.synced".to_owned(), String::new())
}

#[test]
fn a_batch_whose_token_quickbooks_refuses_is_renewed_once_and_sent_again() {
    let mut town = Town::new(3);
    pays(&mut town, 1);
    let refused = Trouble::new(TroubleKind::TokenExpired).on("salesreceipt.create");
    trouble(&town, refused.times(6));
    for number in 2..8 {
        town.send(&format!("message-{number}"), payment(number, 1));
    }
    town.work();
    assert_eq!(refreshes(&town), 1);
    assert!(!town.has_work());
    assert_eq!(town.receipts().len(), 7);
}

// R29: the clean path
#[test]
fn a_token_near_its_end_is_renewed_after_the_payment_and_no_payment_waits() {
    let mut town = Town::new(3);
    pays(&mut town, 1);
    town.pass(Duration::from_secs(50 * 60));
    pays(&mut town, 2);
    assert_eq!(refreshes(&town), 1, "ahead of its end");
    town.pass(Duration::from_secs(30 * 60));
    let before = town.outside.waits.clock.elapsed();
    pays(&mut town, 3);
    assert!(town.outside.waits.clock.elapsed() - before < Duration::from_secs(2));
    assert_eq!(refreshes(&town), 1, "the next one is good for long");
    assert_eq!(town.receipts().len(), 3);
}

// R23: a merchant who was away for long
#[test]
fn the_first_payment_after_days_waits_for_one_refresh_and_goes_through() {
    let mut town = Town::new(3);
    town.pass(Duration::from_secs(9 * 24 * 3600));
    for number in 1..9 {
        town.send(&format!("message-{number}"), payment(number, 1));
    }
    town.work();
    assert_eq!((refreshes(&town), town.receipts().len()), (1, 8));
}

// R24: the five years are the grant's, and Intuit may say only once when they are over
#[test]
fn the_end_of_the_five_years_is_known_after_a_refresh_that_does_not_tell_it() {
    let mut town = Town::new(3);
    town.outside
        .intuit
        .borrow_mut()
        .switches(REALM)
        .expect("a company")
        .refresh_tells_hard_expiry = false;
    let ends = |town: &Town| -> Vec<Option<Timestamp>> {
        let tables = town.outside.tables.borrow();
        let row = tables.tokens.values().next().expect("connected");
        let journal = row.journal.iter();
        journal
            .map(|entry| entry.candidate.hard_expires_at)
            .collect()
    };
    let told = ends(&town)[0];
    assert!(told.is_some());
    town.pass(Duration::from_secs(9 * 24 * 3600));
    pays(&mut town, 1);
    assert_eq!(refreshes(&town), 1);
    assert_eq!(ends(&town).last(), Some(&told), "of the newest token");
}

// R24: only a refusal that persists is a denial
#[test]
fn a_revoked_connection_is_denied_after_seventy_minutes_and_told_once() {
    let mut town = Town::new(3);
    pays(&mut town, 1);
    trouble(&town, Trouble::new(TroubleKind::Revoke));
    for minutes in [0, 5, 6, 30, 20] {
        town.pass(Duration::from_secs(minutes * 60));
        pays(&mut town, 2);
        assert_eq!(last(&town), waits("token_refreshing"));
        assert_eq!(state(&town), ConnectionState::Connected);
    }
    town.pass(Duration::from_secs(3600));
    for _ in 0..3 {
        pays(&mut town, 2);
        assert_eq!(last(&town), waits("reconnect"));
    }
    assert_eq!(
        state(&town),
        ConnectionState::ReconnectNeeded(Denial::Revoked)
    );
    let changes = told(&town);
    let changes = changes.iter().filter(|told| told.0 == "connection.changed");
    assert_eq!(changes.count(), 1);
    assert_eq!(refreshes(&town), 3);
}

// R24: an outage that looks like a refusal
#[test]
fn an_outage_that_answers_like_a_refusal_denies_nobody() {
    let mut town = Town::new(3);
    town.pass(Duration::from_secs(2 * 3600));
    let outage = Trouble::new(TroubleKind::InvalidGrant).on("oauth.refresh");
    trouble(&town, outage.times(2));
    for minutes in [0, 11] {
        town.pass(Duration::from_secs(minutes * 60));
        pays(&mut town, 1);
        assert_eq!(last(&town), waits("token_refreshing"));
    }
    town.pass(Duration::from_secs(61 * 60));
    pays(&mut town, 1);
    assert_eq!(last(&town), synced());
    assert_eq!(state(&town), ConnectionState::Connected);
}

// R24: reconnecting would not help, and nobody tells us when it is mended
#[test]
fn a_company_that_can_only_be_read_is_told_once_and_opens_by_itself() {
    let mut town = Town::new(3);
    pays(&mut town, 1);
    trouble(&town, Trouble::new(TroubleKind::ReadOnly));
    for _ in 0..4 {
        pays(&mut town, 2);
        assert_eq!(last(&town), waits("company_read_only"));
        town.pass(Duration::from_secs(16 * 60));
    }
    assert_eq!(state(&town), ConnectionState::ReadOnly);
    trouble(&town, Trouble::new(TroubleKind::Heal));
    pays(&mut town, 2);
    assert_eq!(last(&town), synced());
    assert_eq!(state(&town), ConnectionState::Connected);
    let changes = told(&town);
    let changes = changes.iter().filter(|told| told.0 == "connection.changed");
    assert_eq!(changes.count(), 2, "closed and open again");
}

// A live fleet is moved from secrets to the journal alone, and back
#[test]
fn a_fleet_is_moved_either_way_while_it_works() {
    let mut town = Town::new(3);
    let day = Duration::from_secs(25 * 3600);
    let has_secret = |town: &Town| !town.outside.secrets.borrow().is_empty();
    assert!(has_secret(&town));
    for (number, place) in [
        (1, RefreshTokensIn::DynamoDb),
        (2, RefreshTokensIn::DynamoDb),
        (3, RefreshTokensIn::Secrets),
        (4, RefreshTokensIn::Secrets),
    ] {
        town.outside.refresh_tokens_in = place;
        town.restart();
        town.pass(day);
        pays(&mut town, number);
        assert_eq!(last(&town), synced(), "{place:?}");
        assert_eq!(has_secret(&town), place == RefreshTokensIn::Secrets);
    }
    assert_eq!(town.receipts().len(), 4);
}

#[test]
fn wherever_the_process_dies_at_a_refresh_the_payment_goes_through_in_the_end() {
    let mut lost = 0;
    for step in 1.. {
        let mut town = Town::new(7);
        town.pass(Duration::from_secs(25 * 3600));
        town.outside.waits.fate.die_at(Some(step));
        town.send("message-1", payment(1, 1));
        let lived = town.work();
        // The lease of the dead has to run out, and what waits in the lot is delivered again.
        for _ in 0..4 {
            town.pass(Duration::from_secs(3700));
            town.send("message-1", payment(1, 1));
            town.work_all();
        }
        match town.receipts().len() {
            1 => {}
            0 => lost += 1,
            more => panic!("killed at step {step}: {more} receipts"),
        }
        if lived {
            break;
        }
        assert!(step < 200, "it dies for ever");
    }
    // Between Intuit's doing it and the end of our first write: the answer on its way, and half a write.
    assert!(lost <= 2, "{lost} steps lose the token");
}

// R34: the other's payment is not kept waiting
#[test]
fn a_token_that_takes_long_to_renew_holds_up_no_other_merchant() {
    let street = Street::new(9, 2);
    let clock = &street.outside.waits.clock;
    clock.advance(Duration::from_secs(3_700));
    let slow = Trouble::new(TroubleKind::Delay).seconds(20);
    let slow = slow.at("9341450000020000").on("oauth.refresh");
    street
        .outside
        .intuit
        .borrow_mut()
        .trouble(clock.now(), slow);
    let batch = [0, 1].map(|number| delivered(1, &format!("{MERCHANT}_{number}")));
    let recorder = Recorder::new(SimulatedWorld::new(&street.outside));
    let work = handle(&recorder, &batch, Duration::from_secs(60));
    let unfinished = clock.run(work, || false).expect("nobody dies here");
    assert_eq!(unfinished, ["mer_laurier_0"], "its own comes back");
    assert_eq!(street.receipts(), 1);
}

// A warm process comes by ever more merchants, and has as much memory as ever
#[test]
fn a_process_keeps_nothing_in_memory_of_a_merchant_who_has_not_been_paid_for_minutes() {
    let street = Street::new(9, 2);
    let clock = &street.outside.waits.clock;
    let recorder = Recorder::new(SimulatedWorld::new(&street.outside));
    let [first, second] = [0, 1].map(|number| format!("{MERCHANT}_{number}"));
    let pays = |number: u64, whose: &str| {
        let batch = [delivered(number, whose)];
        let work = handle(&recorder, &batch, Duration::from_secs(60));
        let unfinished = clock.run(work, || false).expect("nobody dies here");
        assert!(unfinished.is_empty(), "{unfinished:?}");
    };
    let is_kept = |whose: &str| {
        let whose = MerchantId::parse(whose).expect("a merchant");
        recorder.remembered.connection(&whose).is_some()
    };
    // Each merchant's first shows what it sells, after which the connection is read anew.
    (1..3).for_each(|number| pays(number, &first));
    assert!(is_kept(&first), "the next payment may come at once");
    clock.advance(Duration::from_secs(180));
    (1..3).for_each(|number| pays(number, &second));
    assert!(is_kept(&second) && !is_kept(&first));
    assert_eq!(street.receipts(), 4);
}
