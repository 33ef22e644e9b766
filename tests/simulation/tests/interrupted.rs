//! Connecting and disconnecting, interrupted: by a death, by a lost answer, by another window.
#![recursion_limit = "256"]

mod browser;

use std::time::Duration;

use bookkeeping::connection::ConnectionState;
use browser::{Browser, OTHER_COMPANY, QUEBEC, redirect_query};
use common::store::Connections;
use common::world::World;
use oauth_connect::routes;
use recording::Recorder;
use serde_json::json;

const DISCONNECT: &str = "/quickbooks/disconnect";

/// Refused another company, the operator says yes to it; gives what Intuit sends back.
fn starts_fresh(browser: &mut Browser) -> Vec<(String, String)> {
    let refused = browser.consents_to(OTHER_COMPANY);
    let to_intuit = browser.presses(&refused, "/quickbooks/fresh-start");
    redirect_query(&browser.sent_back(&to_intuit, OTHER_COMPANY))
}

/// One company is connected and bound, and nothing is left of any other.
fn is_whole(browser: &Browser, what: &str) {
    let connection = browser.connection().expect("connected");
    let company = connection.company.realm.as_str();
    assert_eq!(connection.state, ConnectionState::Connected, "{what}");
    assert_eq!(browser.bound(), [company], "{what}");
    assert_eq!(browser.epochs_with_tokens(), [connection.epoch], "{what}");
    assert_eq!(browser.epochs_in_secrets(), [connection.epoch], "{what}");
    assert!(browser.token_works(company), "{what}");
}

// R26
#[test]
fn a_connection_whose_taking_up_was_not_answered_at_first_keeps_its_tokens() {
    let mut browser = Browser::new(1);
    browser.answers_get_lost();
    let page = browser.connects_to(QUEBEC);
    assert!(page.body.contains("Connected"), "{}", page.body);
    is_whole(&browser, "the first");
    browser.connects_to(QUEBEC);
    assert_eq!(browser.connection().expect("connected").epoch, 2);
    is_whole(&browser, "the second");
}

// R26
#[test]
fn a_refused_attempt_leaves_the_secret_of_the_living_connection_alone() {
    let mut browser = Browser::new(2);
    browser.connects_to(QUEBEC);
    let refused = browser.consents_to(OTHER_COMPANY);
    assert_eq!(refused.status, 409);
    assert_eq!(browser.epochs_in_secrets(), [1], "another company");
    let mut query = redirect_query(&browser.asks_intuit_for(OTHER_COMPANY));
    for (_, value) in query.iter_mut().filter(|(key, _)| key == "realmId") {
        QUEBEC.clone_into(value);
    }
    assert_eq!(browser.calls_back(&query).status, 403);
    assert_eq!(browser.epochs_in_secrets(), [1], "a company not proven");
    browser.trouble(&json!({"kind": "down", "operation": "companyinfo.read", "times": 1}));
    assert_eq!(browser.consents_to(QUEBEC).status, 502);
    assert_eq!(browser.epochs_in_secrets(), [1], "an attempt not finished");
}

// R26: every step of a fresh start may be the last one of a process
#[test]
fn wherever_a_fresh_start_dies_the_next_connecting_leaves_one_company_bound_and_nothing_behind() {
    let (mut deaths, mut unknown) = (0, 0);
    for step in 1.. {
        let mut browser = Browser::new(3);
        browser.connects_to(QUEBEC);
        let query = starts_fresh(&mut browser);
        browser.dies_at(step);
        if browser.calls_back_or_dies(&query).is_some() {
            is_whole(&browser, "nobody died");
            assert_eq!(browser.live_grants(), 1, "the old one was given back");
            break;
        }
        deaths += 1;
        browser.pass(Duration::from_secs(400));
        let living = browser.connection().expect("one of them").company.realm;
        browser.connects_to(living.as_str());
        is_whole(&browser, &format!("step {step}"));
        unknown += browser.live_grants() - 1;
    }
    assert!(deaths > 20, "{deaths} places to die at");
    // Between Intuit's answer to the code and the end of our first write: nobody here knows that permission.
    assert!(unknown <= 2, "{unknown} permissions that nobody gives back");
}

// R26, R31
#[test]
fn wherever_a_fresh_start_dies_disconnecting_frees_both_companies() {
    for step in 1.. {
        let mut browser = Browser::new(4);
        browser.connects_to(QUEBEC);
        let query = starts_fresh(&mut browser);
        browser.dies_at(step);
        let lived = browser.calls_back_or_dies(&query).is_some();
        browser.pass(Duration::from_secs(400));
        let page = browser.sees();
        let done = browser.presses(&page, DISCONNECT);
        assert_eq!(done.status, 303, "step {step}: {}", done.body);
        assert!(browser.bound().is_empty(), "step {step}");
        let company = browser.connection().expect("kept").company.realm;
        browser.connects_to(company.as_str());
        is_whole(&browser, &format!("step {step}"));
        if lived {
            break;
        }
    }
}

// R31
#[test]
fn a_revocation_that_intuit_did_not_hear_of_is_shown_and_finished_from_the_page() {
    let mut browser = Browser::new(5);
    let page = browser.connects_to(QUEBEC);
    browser.trouble(&json!({"kind": "down", "operation": "oauth.revoke", "times": 1}));
    assert_eq!(browser.presses(&page, DISCONNECT).status, 502);
    let page = browser.sees();
    assert!(page.body.contains("not yet at Intuit"), "{}", page.body);
    let done = browser.presses(&page, DISCONNECT);
    let page = browser.follows(&done);
    assert!(
        page.body.contains("permission was given back"),
        "{}",
        page.body
    );
    assert!(!page.body.contains(DISCONNECT), "{}", page.body);
    assert_eq!(browser.live_grants(), 0);
    assert!(browser.bound().is_empty());
}

// R31: every step of disconnecting may be the last one of a process
#[test]
fn wherever_a_disconnecting_dies_pressing_again_finishes_it() {
    let mut deaths = 0;
    for step in 1.. {
        let mut browser = Browser::new(6);
        let page = browser.connects_to(QUEBEC);
        browser.dies_at(step);
        let lived = browser.presses_or_dies(&page, DISCONNECT).is_some();
        deaths += u64::from(!lived);
        let page = browser.sees();
        if page.body.contains(DISCONNECT) {
            let done = browser.presses(&page, DISCONNECT);
            assert_eq!(done.status, 303, "step {step}: {}", done.body);
        }
        let state = browser.connection().expect("remembered").state;
        assert_eq!(state, ConnectionState::Disconnected, "step {step}");
        assert!(browser.epochs_with_tokens().is_empty(), "step {step}");
        assert!(browser.epochs_in_secrets().is_empty(), "step {step}");
        assert!(browser.bound().is_empty(), "step {step}");
        assert_eq!(browser.live_grants(), 0, "step {step}");
        let told = browser.told();
        assert_eq!(
            told.last().map(String::as_str),
            Some("disconnected"),
            "step {step}"
        );
        let page = browser.sees();
        assert!(!page.body.contains(DISCONNECT), "step {step}");
        if lived {
            break;
        }
    }
    assert!(deaths > 10, "{deaths} places to die at");
}

// R31
#[test]
fn a_connection_without_tokens_can_be_disconnected() {
    let mut browser = Browser::new(11);
    let page = browser.connects_to(QUEBEC);
    browser.loses_its_tokens();
    let done = browser.presses(&page, DISCONNECT);
    let page = browser.follows(&done);
    let state = browser.connection().expect("remembered").state;
    assert_eq!(state, ConnectionState::Disconnected);
    assert!(browser.told().contains(&"disconnected".to_owned()));
    assert!(page.body.contains("Connect to QuickBooks"), "{}", page.body);
}

// R31, R33
#[test]
fn a_disconnecting_that_nobody_could_be_told_of_is_told_before_its_note_is_erased() {
    let mut browser = Browser::new(10);
    let page = browser.connects_to(QUEBEC);
    browser.tells_nobody(true);
    assert_eq!(browser.presses(&page, DISCONNECT).status, 503);
    assert_eq!(browser.live_grants(), 0, "given back all the same");
    browser.tells_nobody(false);
    let page = browser.sees();
    assert!(browser.told().contains(&"disconnected".to_owned()));
    assert_eq!(browser.presses(&page, DISCONNECT).status, 303);
    assert!(browser.epochs_with_tokens().is_empty());
}

// R31, R26: two windows
#[test]
fn a_disconnecting_takes_nothing_from_a_connection_made_while_it_was_under_way() {
    let mut connected = 0;
    for milliseconds in (0..20_000).step_by(250) {
        let mut browser = Browser::new(7);
        browser.connects_to(QUEBEC);
        let query = redirect_query(&browser.asks_intuit_for(QUEBEC));
        let page = browser.opens("/quickbooks");
        // Intuit revokes at once, and the process that asked for it hears of it late.
        let slow = json!({"kind": "delay", "operation": "oauth.revoke", "seconds": 15, "times": 1});
        browser.trouble(&slow);
        let pressing = browser.pressing(&page, DISCONNECT);
        let later = [Duration::from_millis(milliseconds), Duration::ZERO];
        browser.is_called_back_while(&query, later, async |desk| {
            routes::answer(&desk, &pressing).await
        });
        let connection = browser.connection().expect("remembered");
        if connection.state == ConnectionState::Connected {
            connected += 1;
            is_whole(&browser, &format!("{milliseconds} ms"));
        } else {
            assert!(browser.bound().is_empty(), "{milliseconds} ms");
        }
    }
    assert!(connected > 50, "{connected} connected again");
}

// R10: reading a company takes seconds
#[test]
fn what_the_operator_chooses_while_a_company_is_read_is_not_lost() {
    let mut chosen = 0;
    for milliseconds in (0..8_000).step_by(100) {
        let mut browser = Browser::new(8);
        browser.connects_to(QUEBEC);
        let query = redirect_query(&browser.asks_intuit_for(QUEBEC));
        let mut changed = browser.connection().expect("connected");
        changed.settings.methods_off = ["card".to_owned()].into();
        let later = [Duration::ZERO, Duration::from_millis(milliseconds)];
        let (_, is_changed) = browser.is_called_back_while(&query, later, async |desk| {
            let store = desk.world.store();
            store.revise(&changed, None).await.expect("a store")
        });
        let connection = browser.connection().expect("connected");
        assert_eq!(connection.epoch, 2, "{milliseconds} ms");
        let is_kept = connection.settings == changed.settings;
        assert_eq!(is_kept, is_changed, "{milliseconds} ms");
        chosen += u64::from(is_changed);
    }
    assert!(chosen > 20, "{chosen} choices");
}

// R1
#[test]
fn a_plan_that_ends_while_a_company_is_read_pauses_the_connection() {
    for milliseconds in (0..8_000).step_by(100) {
        let mut browser = Browser::new(9);
        let query = redirect_query(&browser.asks_intuit_for(QUEBEC));
        browser.pass(Duration::from_secs(1));
        let token = browser.launch_token(&json!({"entitled": false}));
        let opening = browser.opening(&format!("/quickbooks?launch={token}"));
        let later = [Duration::ZERO, Duration::from_millis(milliseconds)];
        browser.is_called_back_while(&query, later, async |desk| {
            settings_page::routes::answer(&Recorder::new(desk.world), &opening).await
        });
        let state = browser.connection().map(|connection| connection.state);
        let is_paused = state.is_none_or(|state| state == ConnectionState::Paused);
        assert!(is_paused, "{milliseconds} ms: {state:?}");
    }
}
