//! Connecting, disconnecting and reconnecting, as an operator's browser sees it.

mod browser;

use std::time::Duration;

use bookkeeping::connection::ConnectionState;
use browser::{Browser, OTHER_COMPANY, QUEBEC, redirect_query};
use serde_json::json;

// R27, R5
#[test]
fn an_operator_connects_and_nothing_is_written_to_quickbooks() {
    let mut browser = Browser::new(1);
    let page = browser.connects_to(QUEBEC);
    assert!(
        page.body.contains("Nettoyage Laurier inc."),
        "{}",
        page.body
    );
    assert!(page.body.contains("Connected"), "{}", page.body);
    let connection = browser.connection().expect("connected");
    assert_eq!(connection.state, ConnectionState::Connected);
    assert_eq!(connection.epoch, 1);
    assert_eq!(connection.connected.expect("by whom").name, "Anna Côté");
    assert_eq!(browser.writes(QUEBEC), 0);
}

// R26
#[test]
fn reconnecting_to_the_same_company_keeps_the_settings_and_wakes_what_waited() {
    let mut browser = Browser::new(2);
    browser.connects_to(QUEBEC);
    browser.change(|connection| connection.settings.methods_off = ["card".to_owned()].into());
    browser.set_state("reconnect_needed/revoked");
    let page = browser.connects_to(QUEBEC);
    assert!(page.body.contains("Connected"), "{}", page.body);
    let connection = browser.connection().expect("connected");
    assert_eq!(connection.epoch, 2);
    assert_eq!(connection.settings.methods_off, ["card".to_owned()].into());
    assert!(
        connection.opens_at.is_none(),
        "nothing has to be waited out"
    );
    assert_eq!(browser.woken(), 2, "once for each connecting");
    assert_eq!(browser.epochs_with_tokens(), [2], "the old tokens are gone");
}

// R26
#[test]
fn another_company_is_refused_with_both_names_until_the_operator_says_yes() {
    let mut browser = Browser::new(3);
    browser.connects_to(QUEBEC);
    let refused = browser.consents_to(OTHER_COMPANY);
    assert_eq!(refused.status, 409);
    for name in ["Nettoyage Laurier inc.", "Entretien Saint-Denis inc."] {
        assert!(refused.body.contains(name), "{name}: {}", refused.body);
    }
    let connection = browser.connection().expect("connected");
    assert_eq!(connection.company.realm.as_str(), QUEBEC);
    assert!(browser.token_works(QUEBEC), "the old one goes on");
    assert_eq!(browser.epochs_with_tokens(), [1]);

    let to_intuit = browser.presses(&refused, "/quickbooks/fresh-start");
    let page = browser.consents(&to_intuit, OTHER_COMPANY);
    let page = browser.follows(&page);
    assert!(
        page.body.contains("Entretien Saint-Denis inc."),
        "{}",
        page.body
    );
    let connection = browser.connection().expect("connected");
    assert_eq!(connection.company.realm.as_str(), OTHER_COMPANY);
    let opens_at = connection
        .opens_at
        .expect("what was on its way is waited out");
    assert!(opens_at > browser.now() + Duration::from_secs(40));
    assert!(
        !browser.token_works_of_epoch(1),
        "the old permission was given back"
    );
    assert_eq!(browser.owner(QUEBEC), None);
}

// R26: one company belongs to one merchant
#[test]
fn a_company_of_another_merchant_is_refused_and_that_merchant_stays_connected() {
    let mut browser = Browser::new(4);
    browser.connects_to(QUEBEC);
    let mut other = browser.of_another_merchant("mer_other");
    let refused = other.consents_to(QUEBEC);
    assert_eq!(refused.status, 409);
    assert!(
        refused.body.contains("another MioCommerce account"),
        "{}",
        refused.body
    );
    assert!(
        !refused.body.contains("Nettoyage"),
        "whose it is, is nobody's business"
    );
    assert!(other.connection().is_none());
    assert!(
        browser.token_works(QUEBEC),
        "revoking the second would kill the first"
    );
}

// R31
#[test]
fn disconnecting_gives_the_permission_back_and_keeps_the_settings() {
    let mut browser = Browser::new(5);
    let page = browser.connects_to(QUEBEC);
    let done = browser.presses(&page, "/quickbooks/disconnect");
    let page = browser.follows(&done);
    assert!(page.body.contains("Disconnected"), "{}", page.body);
    assert!(page.body.contains("Connect to QuickBooks"), "{}", page.body);
    let connection = browser.connection().expect("remembered");
    assert_eq!(connection.state, ConnectionState::Disconnected);
    assert!(browser.epochs_with_tokens().is_empty());
    assert_eq!(browser.live_grants(), 0, "revoked at Intuit");
    assert!(browser.told().contains(&"disconnected".to_owned()));

    // And comes back as if nothing had been.
    browser.connects_to(QUEBEC);
    assert_eq!(
        browser.connection().expect("connected").state,
        ConnectionState::Connected
    );
}

// R31
#[test]
fn a_revocation_that_intuit_did_not_hear_of_can_be_pressed_again() {
    let mut browser = Browser::new(6);
    let page = browser.connects_to(QUEBEC);
    browser.trouble(&json!({"kind": "down", "operation": "oauth.revoke", "times": 1}));
    let pending = browser.presses(&page, "/quickbooks/disconnect");
    assert_eq!(pending.status, 502);
    let connection = browser.connection().expect("remembered");
    assert_eq!(
        connection.state,
        ConnectionState::Disconnected,
        "nothing is sent any more"
    );
    let done = browser.presses(&page, "/quickbooks/disconnect");
    assert_eq!(done.status, 303);
    assert_eq!(browser.live_grants(), 0);
}

// R27
#[test]
fn where_quickbooks_does_not_answer_after_consent_the_operator_goes_on_without_consenting_again() {
    let mut browser = Browser::new(7);
    browser.trouble(&json!({"kind": "down", "operation": "companyinfo.read", "times": 1}));
    let unfinished = browser.consents_to(QUEBEC);
    assert_eq!(unfinished.status, 502, "{}", unfinished.body);
    assert!(browser.connection().is_none());
    let done = browser.presses(&unfinished, "/quickbooks/finish");
    let page = browser.follows(&done);
    assert!(
        page.body.contains("Nettoyage Laurier inc."),
        "{}",
        page.body
    );
    assert_eq!(browser.connection().expect("connected").epoch, 1);
}

// R27: what stands before our functions gives up after 30 seconds, without a word that helps
#[test]
fn where_quickbooks_answers_slowly_after_consent_the_operator_is_told_before_anybody_gives_up() {
    let mut browser = Browser::new(9);
    browser.trouble(&json!({"kind": "delay", "operation": "*.*", "seconds": 9, "times": 9}));
    let began = browser.now();
    let unfinished = browser.consents_to(QUEBEC);
    let took = browser.now() - began;
    assert!(took < jiff::SignedDuration::from_secs(28), "{took:?}");
    assert_eq!(unfinished.status, 502, "{}", unfinished.body);
    browser.trouble(&json!({"kind": "none"}));
    let done = browser.presses(&unfinished, "/quickbooks/finish");
    assert_eq!(browser.follows(&done).status, 200);
    assert_eq!(browser.connection().expect("connected").epoch, 1);
}

// R1
#[test]
fn a_merchant_without_the_plan_cannot_start_and_a_downgrade_pauses() {
    let mut browser = Browser::new(8);
    let refused = browser.launches("/quickbooks/connect", &json!({"entitled": false}));
    assert_eq!(refused.status, 403);
    assert!(refused.body.contains("Grow"), "{}", refused.body);
    browser.connects_to(QUEBEC);
    browser.launches("/quickbooks", &json!({"entitled": false}));
    assert_eq!(
        browser.connection().expect("kept").state,
        ConnectionState::Paused
    );
    // An older word does not undo a newer one.
    browser.launches(
        "/quickbooks",
        &json!({"iat": browser.now().as_second() - 40}),
    );
    assert_eq!(
        browser.connection().expect("kept").state,
        ConnectionState::Paused
    );
    browser.launches("/quickbooks", &json!({}));
    assert_eq!(
        browser.connection().expect("kept").state,
        ConnectionState::Connected
    );
}

// R1: a plan that is over is over whatever else is wrong
#[test]
fn a_downgrade_pauses_a_connection_that_is_in_trouble_too() {
    let states = [
        "read_only",
        "reconnect_needed/revoked",
        "reconnect_needed/admin_lost",
    ];
    for state in states {
        let mut browser = Browser::new(11);
        browser.connects_to(QUEBEC);
        browser.set_state(state);
        browser.launches("/quickbooks", &json!({"entitled": false}));
        let downgraded = browser.connection().expect("kept").state;
        assert_eq!(downgraded, ConnectionState::Paused, "{state}");
        browser.launches("/quickbooks", &json!({}));
        let upgraded = browser.connection().expect("kept").state;
        assert_eq!(upgraded, ConnectionState::Connected, "{state}");
    }
    let mut browser = Browser::new(12);
    let page = browser.connects_to(QUEBEC);
    browser.presses(&page, "/quickbooks/disconnect");
    browser.launches("/quickbooks", &json!({"entitled": false}));
    browser.launches("/quickbooks", &json!({}));
    let state = browser.connection().expect("kept").state;
    assert_eq!(state, ConnectionState::Disconnected, "it was a choice");
}

// R27: country not agreeing
#[test]
fn a_company_in_another_country_is_connected_and_nothing_is_sent_to_it() {
    let mut browser = Browser::new(9);
    let page = browser.connects_to("9341450000000006");
    assert!(
        page.body.contains("Thames Home Services Ltd"),
        "{}",
        page.body
    );
    assert!(page.body.contains("To mend</strong>"), "{}", page.body);
    assert!(page.body.contains("/quickbooks/reconnect"), "{}", page.body);
    let connection = browser.connection().expect("connected");
    assert_eq!(connection.state, ConnectionState::Connected);
    assert_eq!(connection.closed().expect("off").code.as_str(), "sync_off");
    let says = ["press Refresh there", "What arrives is kept"];
    for says in says {
        assert!(page.body.contains(says), "{says}: {}", page.body);
    }
    for of_one in ["The transaction is kept", "under Overview"] {
        assert!(!page.body.contains(of_one), "{of_one}: {}", page.body);
    }
    // What was wrong was MioCommerce's country, and is mended there.
    let opened = browser.launches("/quickbooks", &json!({"country": "GB", "currency": "GBP"}));
    let page = browser.follows(&opened);
    let refreshed = browser.presses(&page, "/quickbooks/settings/refresh");
    let page = browser.follows(&refreshed);
    assert!(page.body.contains("read again"), "{}", page.body);
    let connection = browser.connection().expect("connected");
    assert_eq!(connection.closed(), None, "{}", page.body);
    assert!(!page.body.contains("settings/refresh"), "{}", page.body);
}

#[test]
fn what_is_said_of_a_closed_connection_is_said_of_all_that_arrives() {
    let mut browser = Browser::new(27);
    browser.connects_to(QUEBEC);
    for state in ["reconnect_needed/revoked", "read_only", "paused"] {
        browser.set_state(state);
        let page = browser.opens("/quickbooks").body;
        assert!(page.contains("what arrives is kept"), "{state}: {page}");
        assert!(!page.contains("The transaction is kept"), "{state}: {page}");
        assert!(!page.contains("settings/refresh"), "{state}: {page}");
    }
}

// R31: an unauthenticated redirect only makes us look
#[test]
fn intuits_word_that_it_was_disconnected_is_checked_and_not_believed() {
    let mut browser = Browser::new(10);
    browser.connects_to(QUEBEC);
    browser.pass(Duration::from_secs(300));
    let page = browser.opens(&format!("/quickbooks/disconnected?realmId={QUEBEC}"));
    assert_eq!(page.status, 200);
    assert_eq!(
        browser.connection().expect("kept").state,
        ConnectionState::Connected
    );
    for query in ["", "?realmId=9341450000009999", "?realmId=abc"] {
        let other = browser.opens(&format!("/quickbooks/disconnected{query}"));
        assert_eq!(
            other.body, page.body,
            "the page tells nobody which companies are ours"
        );
    }
}

// R27: each refused callback changes nothing
#[test]
fn every_refused_callback_leaves_everything_as_it_was() {
    // What comes back, made from the true callback's parameters; the session it comes with; the status.
    type Change = fn(&mut Vec<(String, String)>);
    fn set(query: &mut Vec<(String, String)>, name: &str, value: &str) {
        query.retain(|(key, _)| key != name);
        query.push((name.to_owned(), value.to_owned()));
    }
    fn without(query: &mut Vec<(String, String)>, name: &str) {
        query.retain(|(key, _)| key != name);
    }
    let changes: [(&str, u16, Change); 24] = [
        ("no state", 403, |q| without(q, "state")),
        ("an empty state", 403, |q| set(q, "state", "")),
        ("a forged state", 403, |q| set(q, "state", &"A".repeat(43))),
        ("a state cut short", 403, |q| {
            let state = q
                .iter()
                .find(|(key, _)| key == "state")
                .map(|(_, v)| v.clone());
            set(q, "state", &state.unwrap_or_default()[..42]);
        }),
        ("an endless state", 403, |q| {
            set(q, "state", &"A".repeat(5000))
        }),
        ("two states", 403, |q| {
            q.push(("state".to_owned(), "other".to_owned()))
        }),
        ("no company", 400, |q| without(q, "realmId")),
        ("an empty company", 400, |q| set(q, "realmId", "")),
        ("a company of letters", 400, |q| {
            set(q, "realmId", "abcdefghijkl")
        }),
        ("a company too short", 400, |q| {
            set(q, "realmId", "123456789")
        }),
        ("a company too long", 400, |q| {
            set(q, "realmId", "12345678901234567890")
        }),
        ("a company with a path", 400, |q| {
            set(q, "realmId", "9341450000000001/../x")
        }),
        ("two companies", 400, |q| {
            q.push(("realmId".to_owned(), "9341450000000007".to_owned()))
        }),
        ("no code", 400, |q| without(q, "code")),
        ("an empty code", 400, |q| set(q, "code", "")),
        ("two codes", 400, |q| {
            q.push(("code".to_owned(), "other".to_owned()))
        }),
        ("an endless code", 400, |q| set(q, "code", &"c".repeat(513))),
        ("cancelled", 200, |q| set(q, "error", "access_denied")),
        ("an invalid scope", 502, |q| {
            set(q, "error", "invalid_scope")
        }),
        ("an error nobody knows", 502, |q| {
            set(q, "error", "<script>")
        }),
        ("an error and no state", 403, |q| {
            without(q, "state");
            set(q, "error", "access_denied");
        }),
        ("nothing at all", 403, |q| q.clear()),
        ("a query without end", 403, |q| {
            set(q, "x", &"y".repeat(20_000))
        }),
        ("only a state", 400, |q| q.retain(|(key, _)| key == "state")),
    ];
    for (what, status, change) in changes {
        let mut browser = Browser::new(20);
        let mut query = redirect_query(&browser.asks_intuit_for(QUEBEC));
        change(&mut query);
        let before = browser.snapshot();
        let page = browser.calls_back(&query);
        assert_eq!(page.status, status, "{what}: {}", page.body);
        assert!(!page.body.contains("<script>"), "{what}");
        assert_eq!(browser.snapshot(), before, "{what}");
    }

    let mut browser = Browser::new(21);
    let query = redirect_query(&browser.asks_intuit_for(QUEBEC));
    let before = browser.snapshot();
    // Without a session, with a forged one, with another browser's, with another merchant's.
    let mut nobody = browser.without_cookies();
    assert_eq!(nobody.calls_back(&query).status, 401);
    let mut forged = browser.with_cookie("__Host-quickbooks=AAAA");
    assert_eq!(forged.calls_back(&query).status, 401);
    let mut elsewhere = browser.without_cookies();
    elsewhere.launches("/quickbooks", &json!({}));
    let seen = elsewhere.snapshot();
    assert_eq!(elsewhere.calls_back(&query).status, 403, "another browser");
    assert_eq!(elsewhere.snapshot(), seen);
    let mut other = browser.of_another_merchant("mer_other");
    other.launches("/quickbooks", &json!({}));
    let seen = other.snapshot();
    assert_eq!(other.calls_back(&query).status, 403, "another merchant");
    assert_eq!(other.snapshot(), seen);
    // After half an hour the session is over, after ten minutes the attempt.
    browser.pass(Duration::from_secs(601));
    let late = browser.snapshot();
    assert_eq!(browser.calls_back(&query).status, 403, "too late");
    assert_eq!(browser.snapshot(), late);
    browser.pass(Duration::from_secs(1300));
    assert_eq!(
        browser.calls_back(&query).status,
        401,
        "the session is over"
    );
    assert_eq!(before.attempts, late.attempts);
}

// R27: double click, back button
#[test]
fn a_callback_that_comes_twice_connects_once() {
    let mut browser = Browser::new(30);
    let query = redirect_query(&browser.asks_intuit_for(QUEBEC));
    assert_eq!(browser.calls_back(&query).status, 303);
    let before = browser.snapshot();
    let again = browser.calls_back(&query);
    assert_eq!(again.status, 403);
    assert_eq!(browser.snapshot(), before);
    assert!(
        browser.token_works(QUEBEC),
        "a second exchange would have killed it"
    );
}

// R27: the company a callback names is not signed
#[test]
fn a_callback_that_names_another_company_than_was_consented_to_is_found_out() {
    let mut browser = Browser::new(31);
    let mut query = redirect_query(&browser.asks_intuit_for(QUEBEC));
    for (key, value) in &mut query {
        if key == "realmId" {
            OTHER_COMPANY.clone_into(value);
        }
    }
    let page = browser.calls_back(&query);
    assert_eq!(page.status, 403, "{}", page.body);
    assert!(browser.connection().is_none());
    assert_eq!(
        browser.owner(OTHER_COMPANY),
        None,
        "nobody squats a company"
    );
    assert!(browser.epochs_with_tokens().is_empty());
}

// R27: launch tokens
#[test]
fn a_launch_that_is_not_genuine_changes_nothing() {
    for (what, changed) in [
        ("another audience", json!({"aud": "xero"})),
        ("another issuer", json!({"iss": "somebody"})),
        (
            "too old",
            json!({"iat": 1_700_000_000, "exp": 1_700_000_300}),
        ),
        ("living too long", json!({"exp": 9_999_999_999_i64})),
        ("no merchant", json!({"merchant_id": ""})),
    ] {
        for path in ["/quickbooks/connect", "/quickbooks"] {
            let mut browser = Browser::new(40);
            let before = browser.snapshot();
            let page = browser.launches(path, &changed);
            assert_eq!(page.status, 403, "{what} at {path}");
            assert!(page.cookies.is_empty(), "{what} at {path}");
            assert_eq!(browser.snapshot(), before, "{what} at {path}");
        }
    }
    let mut browser = Browser::new(41);
    for path in ["/quickbooks/connect", "/quickbooks"] {
        let once = browser.launch_token(&json!({"jti": format!("once{path}")}));
        assert_eq!(browser.opens(&format!("{path}?launch={once}")).status, 303);
        let before = browser.snapshot();
        let page = browser.opens(&format!("{path}?launch={once}"));
        assert_eq!(page.status, 403, "a launch is good once");
        assert_eq!(browser.snapshot(), before);
    }
}

// R33: viewers look, forms are ours
#[test]
fn a_viewer_and_a_forged_form_change_nothing() {
    let mut browser = Browser::new(50);
    let page = browser.connects_to(QUEBEC);
    let before = browser.snapshot();
    assert_eq!(
        browser.posts("/quickbooks/disconnect", "csrf=guess").status,
        403
    );
    assert_eq!(browser.posts("/quickbooks/disconnect", "").status, 403);
    assert_eq!(browser.snapshot(), before);
    let mut viewer = browser.without_cookies();
    let shown = viewer.launches("/quickbooks", &json!({"role": "viewer", "sub": "op_2"}));
    let shown = viewer.follows(&shown);
    assert!(
        shown.body.contains("Nettoyage Laurier inc."),
        "{}",
        shown.body
    );
    assert!(!shown.body.contains("/quickbooks/disconnect"), "no button");
    let before = viewer.snapshot();
    assert_eq!(viewer.opens("/quickbooks/reconnect").status, 403);
    assert_eq!(viewer.presses(&page, "/quickbooks/disconnect").status, 403);
    assert_eq!(viewer.snapshot(), before);
    let started = viewer.launches(
        "/quickbooks/connect",
        &json!({"role": "viewer", "sub": "op_2"}),
    );
    assert_eq!(started.status, 403);
}

// R27: every step of connecting may be the last one of a process
#[test]
fn wherever_the_process_dies_the_operator_can_connect_and_the_tokens_are_never_lost_after_they_were_kept()
 {
    let mut deaths = 0;
    for step in 1.. {
        let mut browser = Browser::new(60);
        let query = redirect_query(&browser.asks_intuit_for(QUEBEC));
        browser.dies_at(step);
        let page = browser.calls_back_or_dies(&query);
        if page.is_some() {
            break;
        }
        deaths += 1;
        browser.pass(Duration::from_secs(400));
        browser.connects_to(QUEBEC);
        let connection = browser.connection().expect("connected");
        assert_eq!(connection.state, ConnectionState::Connected, "step {step}");
        assert!(browser.token_works(QUEBEC), "step {step}");
    }
    assert!(deaths > 20, "{deaths} places to die at");
}
