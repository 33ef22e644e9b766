//! What was found out, decided or read before something else happened: it never undoes what came after it.
#![recursion_limit = "256"]

mod browser;

use std::rc::Rc;
use std::time::Duration;

use backlog_drain::drain::drain;
use bookkeeping::connection::{Connection, ConnectionState};
use bookkeeping::frees::Frees;
use bookkeeping::ids::{MerchantId, OperatorId};
use bookkeeping::reason::{Reason, ReasonCode};
use bookkeeping::transaction::Language;
use browser::{Browser, OTHER_COMPANY};
use common::access::state;
use common::store::lot::QUIET;
use common::store::{Standing, StoreError, Tokens, Untold};
use common::web::launch::Role;
use common::web::session::Session;
use common::world::World;
use futures::future::join;
use jiff::Timestamp;
use recording::Recorder;
use recording::invocation::Delivery;
use serde_json::json;
use settings_page::change::{Changed, Freed, change};
use simulation::fate::Fate;
use simulation::payments::{payment, with_a_tip};
use simulation::town::{MERCHANT, REALM, Town};
use simulation::world::SimulatedWorld;
use transaction_sync::batch::handle;

const DISCONNECT: &str = "/quickbooks/disconnect";

fn state(town: &Town) -> ConnectionState {
    let tables = town.outside.tables.borrow();
    tables.connections.values().next().expect("connected").state
}

fn recorder(town: &Town) -> Recorder<SimulatedWorld> {
    Recorder::new(SimulatedWorld::new(&town.outside))
}

/// One payment is on its way while the operator does something else, so much later.
fn pays_while<T>(town: &Town, later: Duration, work: impl Future<Output = T>) -> T {
    let recorder = Recorder::new(SimulatedWorld::new(&town.outside));
    let batch = [Delivery {
        message_id: "late".to_owned(),
        group: MERCHANT.to_owned(),
        body: payment(9, 1),
        sent_at: None,
    }];
    let clock = &town.outside.waits.clock;
    let both = join(handle(&recorder, &batch, Duration::from_secs(60)), async {
        clock.sleep(later).await;
        work.await
    });
    clock.run(both, || false).expect("nobody dies here").1
}

/// A payment whose answer takes long shows another state of the connection than it was sent under, and meanwhile the
/// plan ends.
fn is_paused_after(before: &str, shows: &str) {
    let mut meanwhile = 0;
    for milliseconds in (0..6_000).step_by(200) {
        let town = Town::new(1);
        let mut browser = Browser::beside(town.outside.clone());
        browser.sees();
        browser.set_state(before);
        browser.trouble(&json!({"kind": shows, "realm": REALM}));
        let slow =
            json!({"kind": "delay", "operation": "salesreceipt.create", "seconds": 5, "times": 1});
        browser.trouble(&slow);
        browser.pass(Duration::from_secs(60));
        let token = browser.launch_token(&json!({"entitled": false}));
        let opening = browser.opening(&format!("/quickbooks?launch={token}"));
        let page = Recorder::new(SimulatedWorld::new(&town.outside));
        pays_while(&town, Duration::from_millis(milliseconds), async {
            let sent = town.receipts().len();
            settings_page::routes::answer(&page, &opening).await;
            meanwhile += u32::from(sent == town.receipts().len());
        });
        assert_eq!(state(&town), ConnectionState::Paused, "{milliseconds} ms");
    }
    assert!(meanwhile > 10, "{meanwhile} times while it was on its way");
}

// R1
#[test]
fn a_payment_that_goes_through_late_does_not_undo_a_pause() {
    is_paused_after("read_only", "heal");
}

// R1
#[test]
fn a_payment_that_is_refused_late_does_not_undo_a_pause() {
    is_paused_after("connected", "read_only");
}

// R1: two words of the plan, followed at once
#[test]
fn of_two_words_of_the_plan_that_cross_the_newer_counts() {
    for milliseconds in 0..60 {
        let town = Town::new(2);
        let mut browser = Browser::beside(town.outside.clone());
        browser.sees();
        browser.pass(Duration::from_secs(60));
        let without = browser.launch_token(&json!({"entitled": false}));
        browser.pass(Duration::from_secs(1));
        let with = browser.launch_token(&json!({}));
        let opening = |token: &str| browser.opening(&format!("/quickbooks?launch={token}"));
        let (older, newer) = (opening(&without), opening(&with));
        let one = Recorder::new(SimulatedWorld::new(&town.outside));
        let other = Recorder::new(SimulatedWorld::new(&town.outside));
        let clock = &town.outside.waits.clock;
        let both = join(settings_page::routes::answer(&one, &older), async {
            clock.sleep(Duration::from_millis(milliseconds)).await;
            settings_page::routes::answer(&other, &newer).await
        });
        clock.run(both, || false).expect("nobody dies here");
        assert_eq!(
            state(&town),
            ConnectionState::Connected,
            "{milliseconds} ms"
        );
    }
}

// R31: somebody decides, is slow to carry it out, and the operator disconnects meanwhile
#[test]
fn what_is_carried_out_late_does_not_undo_a_disconnecting() {
    let town = Town::new(3);
    let mut browser = Browser::beside(town.outside.clone());
    browser.connects_to(REALM);
    browser.set_state("read_only");
    let page = browser.sees();
    let world = SimulatedWorld::new(&town.outside);
    let merchant = MerchantId::parse(MERCHANT).expect("an id");
    let clock = &town.outside.waits.clock;
    let untold = Untold {
        state: ConnectionState::Connected,
        at: town.now(),
    };
    let from = Some(ConnectionState::ReadOnly);
    let noted = world.store().note_untold(&merchant, 2, from, &untold);
    assert_eq!(clock.run(noted, || false), Some(Ok(true)));
    assert_eq!(browser.presses(&page, DISCONNECT).status, 303);
    let late = state::carry_out(&world, &merchant, 2, &untold);
    clock.run(late, || false).expect("alive").expect("a store");
    assert_eq!(state(&town), ConnectionState::Disconnected);
    assert_eq!(
        browser.told().last().map(String::as_str),
        Some("disconnected")
    );
}

// R10, R26: what a change frees is released whatever comes between
#[test]
fn what_a_change_has_freed_is_released_where_a_reconnecting_comes_before_it() {
    let mut town = Town::new(4);
    let mut browser = Browser::beside(town.outside.clone());
    browser.sees();
    browser.change(|connection| connection.settings.items.tip = None);
    town.send("message-1", payment(1, 3));
    town.work_all();
    // The process that chose the item wrote the change down and died before it released anything.
    browser.change(|connection| {
        connection.settings.items.tip = Some("25".parse().expect("an id"));
        connection.frees = Frees::default().with(&[ReasonCode::ItemMissing], None, town.now());
        connection.revision += 1;
    });
    browser.connects_to(REALM);
    town.drain_all();
    assert_eq!(town.receipts().len(), 1);
    browser.pass(QUIET);
    town.drain_all();
    let frees = browser.connection().expect("connected").frees;
    assert_eq!(frees, Frees::default());
}

/// The operator's session.
fn session(now: Timestamp) -> Session {
    Session {
        id: "one".to_owned(),
        operator: OperatorId::parse("op_1").expect("an id"),
        name: "Anna".to_owned(),
        role: Role::Administrator,
        language: Language::English,
        merchant: MerchantId::parse(MERCHANT).expect("an id"),
        merchant_name: "Nettoyage Laurier".to_owned(),
        ends_at: now + Duration::from_secs(3600),
    }
}

/// The operator chooses the item of tips.
async fn chooses_the_item(
    presses: &Recorder<SimulatedWorld>,
    session: &Session,
) -> Result<Changed, StoreError> {
    let chosen = |connection: &Connection| {
        let mut connection = connection.clone();
        connection.settings.items.tip = Some("25".parse().expect("an id"));
        Some(connection)
    };
    change(&presses.world, session, chosen, &[ReasonCode::ItemMissing]).await
}

/// A drain works the lot off, and so much later the operator chooses the item of tips; what became of the choice.
fn chooses_amid_a_drain(town: &Town, later: Duration) -> Result<Changed, StoreError> {
    let (drains, presses) = (recorder(town), recorder(town));
    let session = session(town.now());
    let clock = &town.outside.waits.clock;
    let both = join(
        drain(&drains, &session.merchant, Duration::from_secs(900)),
        async {
            clock.sleep(later).await;
            chooses_the_item(&presses, &session).await
        },
    );
    let (drained, changed) = clock.run(both, || false).expect("nobody dies here");
    drained.expect("a store");
    changed
}

// R10, R34: a drain has a payment in hand that lacks an item, and the operator chooses the item at that moment
#[test]
fn what_is_held_while_the_operator_chooses_follows_by_itself() {
    let (mut before, mut after) = (0, 0);
    for milliseconds in (0..150).step_by(2) {
        let mut town = Town::new(10);
        let browser = Browser::beside(town.outside.clone());
        browser.trouble(&json!({"kind": "throttle", "operation": "salesreceipt.create"}));
        town.send("message-1", payment(1, 3));
        town.work();
        browser.change(|connection| {
            connection.settings.items.tip = None;
            connection.revision += 1;
        });
        browser.pass(Duration::from_secs(120));
        let changed = chooses_amid_a_drain(&town, Duration::from_millis(milliseconds));
        match changed {
            Ok(Changed::Done(Freed::Nothing)) => before += 1,
            Ok(Changed::Done(_)) => after += 1,
            other => panic!("{other:?}"),
        }
        town.drain_all();
        browser.pass(Duration::from_secs(120));
        town.drain_all();
        assert_eq!(town.receipts().len(), 1, "chosen after {milliseconds} ms");
        let frees = browser.connection().expect("connected").frees;
        assert_eq!(frees, Frees::default(), "{milliseconds} ms");
    }
    assert!(
        before > 5 && after > 5,
        "{before} before it was held, {after} after"
    );
}

// R10, R34: the index shows what is held only later, and the drain that held it goes on for longer than a lot must be quiet
#[test]
fn what_came_to_be_held_before_a_choice_follows_however_long_the_drain_goes_on() {
    const PAYMENTS: usize = 700;
    let mut town = Town::new(11);
    let browser = Browser::beside(town.outside.clone());
    browser.trouble(&json!({"kind": "throttle", "operation": "salesreceipt.create"}));
    for number in 1..=PAYMENTS {
        town.send(&format!("message-{number}"), payment(number as u64, 3));
    }
    while town.has_work() {
        town.work();
    }
    let waiting = PAYMENTS - town.receipts().len();
    assert!(waiting > 650, "{waiting} wait");
    browser.change(|connection| {
        connection.settings.items.tip = None;
        connection.revision += 1;
    });
    browser.pass(Duration::from_secs(120));
    town.outside.tables.borrow_mut().index.lag = Duration::from_secs(30);
    let changed = chooses_amid_a_drain(&town, Duration::from_secs(1));
    assert_eq!(
        changed,
        Ok(Changed::Done(Freed::Nothing)),
        "nothing is shown yet"
    );
    town.drain_all();
    assert_eq!(town.receipts().len(), PAYMENTS);
}

// R10, R34: whoever holds a payment was frozen while the operator chose, and nobody expected anything of before by then
#[test]
fn what_is_held_by_whoever_was_frozen_over_a_choice_follows_by_itself() {
    for step in 1.. {
        let mut town = Town::new(12);
        let browser = Browser::beside(town.outside.clone());
        browser.change(|connection| {
            connection.settings.items.tip = None;
            connection.revision += 1;
        });
        let frozen = Rc::new(Fate::new(1));
        let mut outside = town.outside.clone();
        outside.waits.fate = Rc::clone(&frozen);
        let slow = Recorder::new(SimulatedWorld::new(&outside));
        frozen.freeze_at(step, Duration::from_secs(400));
        let batch = [Delivery {
            message_id: "message-1".to_owned(),
            group: MERCHANT.to_owned(),
            body: payment(1, 3),
            sent_at: None,
        }];
        let (drains, presses) = (recorder(&town), recorder(&town));
        let session = session(town.now());
        let clock = Rc::clone(&town.outside.waits.clock);
        let timeout = Duration::from_secs(60);
        let both = join(handle(&slow, &batch, timeout), async {
            clock.sleep(Duration::from_secs(60)).await;
            let changed = chooses_the_item(&presses, &session).await;
            assert!(matches!(changed, Ok(Changed::Done(_))), "{changed:?}");
            for _ in 0..3 {
                clock.sleep(Duration::from_secs(90)).await;
                let drained = drain(&drains, &session.merchant, Duration::from_secs(900)).await;
                drained.expect("a store");
            }
        });
        let (unfinished, ()) = clock.run(both, || false).expect("nobody dies here");
        if !unfinished.is_empty() {
            browser.pass(Duration::from_secs(360));
            let again = handle(&presses, &batch, timeout);
            clock.run(again, || false).expect("nobody dies here");
        }
        for _ in 0..2 {
            town.drain_all();
            browser.pass(Duration::from_secs(120));
        }
        assert_eq!(town.receipts().len(), 1, "frozen at step {step}");
        if frozen.frozen(clock.elapsed()).is_zero() {
            assert!(step > 3, "only {step} steps");
            break;
        }
    }
}

// R26: every step of coming back to a company may be the last one of a process
#[test]
fn wherever_coming_back_to_a_company_dies_what_was_held_for_it_follows_once_it_is_back() {
    let mut deaths = 0;
    for step in 1.. {
        let mut town = Town::new(5);
        let mut browser = Browser::beside(town.outside.clone());
        let settings = browser.connection().expect("connected").settings;
        browser.set_state("reconnect_needed/revoked");
        town.send("message-1", payment(1, 3));
        browser.pass(Duration::from_secs(60));
        town.work_all();
        let refused = browser.consents_to(OTHER_COMPANY);
        let to_intuit = browser.presses(&refused, "/quickbooks/fresh-start");
        browser.consents(&to_intuit, OTHER_COMPANY);
        town.drain_all();
        let refused = browser.consents_to(REALM);
        let to_intuit = browser.presses(&refused, "/quickbooks/fresh-start");
        let back = browser.sent_back(&to_intuit, REALM);
        browser.dies_at(step);
        let lived = browser.calls_back_or_dies(&browser::redirect_query(&back));
        let realm = browser.connection().expect("one of them").company.realm;
        if realm.as_str() == REALM {
            browser.change(|connection| connection.settings = settings);
            town.drain_all();
            let tables = town.outside.tables.borrow();
            let standing = tables.ledger.values().next().expect("kept").row.standing;
            assert_eq!(standing, Standing::Synced, "step {step}");
            deaths += u32::from(lived.is_none());
        }
        if lived.is_some() {
            break;
        }
    }
    assert!(deaths > 3, "{deaths} deaths after it was back");
}

// R26: what is on its way under the company before is waited out, however often it is connected
#[test]
fn connecting_the_new_company_once_more_does_not_shorten_the_wait_for_what_is_on_its_way() {
    let town = Town::new(6);
    let mut browser = Browser::beside(town.outside.clone());
    let refused = browser.consents_to(OTHER_COMPANY);
    let to_intuit = browser.presses(&refused, "/quickbooks/fresh-start");
    browser.consents(&to_intuit, OTHER_COMPANY);
    let opens_at = browser.connection().expect("connected").opens_at;
    assert!(opens_at.is_some());
    browser.connects_to(OTHER_COMPANY);
    assert_eq!(browser.connection().expect("connected").opens_at, opens_at);
}

// R31: pressed once is enough
#[test]
fn a_disconnecting_that_intuit_did_not_hear_of_is_finished_without_the_operator() {
    let mut town = Town::new(7);
    town.is_looked_after();
    let mut browser = Browser::beside(town.outside.clone());
    let page = browser.connects_to(REALM);
    let down = json!({"kind": "down", "operation": "oauth.revoke", "times": 3});
    browser.trouble(&down);
    assert_eq!(browser.presses(&page, DISCONNECT).status, 502);
    assert_eq!(browser.live_grants(), 1);
    town.watch_over(Duration::from_secs(24 * 3600));
    assert_eq!(browser.live_grants(), 0);
    assert!(browser.epochs_with_tokens().is_empty());
    assert!(browser.epochs_in_secrets().is_empty());
    assert!(town.mails(|_| ()).is_empty(), "it was a choice");
}

// R31: two operators
#[test]
fn a_page_drawn_before_another_operator_connected_anew_disconnects_nothing() {
    let town = Town::new(8);
    let mut browser = Browser::beside(town.outside.clone());
    let old = browser.sees();
    let mut other = browser.without_cookies();
    other.connects_to(REALM);
    let refused = browser.presses(&old, DISCONNECT);
    assert_eq!(refused.status, 409, "{}", refused.body);
    assert_eq!(state(&town), ConnectionState::Connected);
    let page = browser.sees();
    assert_eq!(browser.presses(&page, DISCONNECT).status, 303);
}

// R10, R26: two operators; item 25 of one company is something else in another
#[test]
fn a_choice_made_on_a_page_of_another_company_is_not_taken() {
    let town = Town::new(9);
    let mut browser = Browser::beside(town.outside.clone());
    browser.sees();
    let old = browser.opens("/quickbooks/settings");
    let mut other = browser.without_cookies();
    let refused = other.consents_to(OTHER_COMPANY);
    let to_intuit = other.presses(&refused, "/quickbooks/fresh-start");
    other.consents(&to_intuit, OTHER_COMPANY);
    let settings = browser.connection().expect("connected").settings;
    let taken = browser.presses(&old, "/quickbooks/settings");
    assert_eq!(taken.status, 403, "{}", taken.body);
    assert_eq!(browser.connection().expect("connected").settings, settings);
}

// R10: a drain paused the lot over other refusals while the page was at it, and did not see what came into it
#[test]
fn what_a_choice_had_no_time_to_free_does_not_wait_for_a_pause_to_end() {
    const MANY: usize = 600;
    let mut town = Town::new(13);
    let browser = Browser::beside(town.outside.clone());
    browser.change(|connection| {
        connection.settings.items.tip = None;
        connection.revision += 1;
    });
    for number in with_a_tip().take(MANY) {
        town.send(&format!("message-{number}"), payment(number, 1));
    }
    town.work_all();
    browser.pass(Duration::from_secs(120));
    let (presses, session) = (recorder(&town), session(town.now()));
    let clock = &town.outside.waits.clock;
    let tables = &town.outside.tables;
    tables.borrow_mut().slow = Some(Duration::from_secs(2));
    let both = join(chooses_the_item(&presses, &session), async {
        // The page has begun to release.
        clock.sleep(Duration::from_millis(9_800)).await;
        let until = town.now() + Duration::from_secs(3600);
        let mut tables = tables.borrow_mut();
        let lot = tables.lots.get_mut(&session.merchant).expect("a lot");
        lot.paused = Some(Reason::new(ReasonCode::QuickBooksRefused));
        lot.rest_until = Some(until);
    });
    let (changed, ()) = clock.run(both, || false).expect("nobody dies here");
    assert_eq!(changed, Ok(Changed::Done(Freed::Unfinished)));
    tables.borrow_mut().slow = None;
    let lot = tables.borrow().lots[&session.merchant].clone();
    assert_eq!((lot.paused, lot.rest_until), (None, None));
    town.drain_all();
    assert_eq!(town.receipts().len(), MANY);
}
