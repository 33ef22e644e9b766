//! Limits: ten a second, five hundred a minute, ten at once, forty batches a minute.

use std::time::Duration;

use jiff::SignedDuration;
use serde_json::{Value, json};
use simulator::Delivery;

use crate::support::{Desk, QUEBEC};

fn limited() -> Desk {
    let mut desk = Desk::at(QUEBEC);
    desk.switch(json!({"per_second": 10, "per_minute": 500}));
    desk
}

#[test]
fn the_eleventh_request_of_a_second_is_refused_and_the_next_second_is_free() {
    let mut desk = limited();
    for _ in 0..10 {
        assert_eq!(desk.get("preferences").status, 200);
    }
    let refused = desk.get("preferences");
    assert_eq!((refused.status, refused.code()), (429, "3001".to_owned()));
    assert!(
        refused.body.at("fault.error").is_some(),
        "the gateway speaks in lower case"
    );
    desk.now += SignedDuration::from_millis(999);
    assert_eq!(desk.get("preferences").status, 429);
    desk.now += SignedDuration::from_millis(1);
    assert_eq!(desk.get("preferences").status, 200);
    assert_eq!(
        desk.figure("max_starts_in_a_second"),
        12,
        "counted as they arrive, refused or not"
    );
}

#[test]
fn the_five_hundred_and_first_request_of_a_minute_is_refused() {
    let mut desk = limited();
    for _ in 0..500 {
        assert_eq!(desk.get("preferences").status, 200);
        desk.now += SignedDuration::from_millis(119);
    }
    desk.now += SignedDuration::from_millis(499);
    assert_eq!(desk.get("preferences").status, 429);
    desk.now += SignedDuration::from_millis(1);
    assert_eq!(
        desk.get("preferences").status,
        200,
        "the first is a minute old"
    );
    assert_eq!(desk.get("preferences").status, 429, "and it was only one");
}

#[test]
fn requests_a_hundred_and_twenty_two_milliseconds_apart_are_never_refused() {
    let mut desk = limited();
    for _ in 0..1500 {
        assert_eq!(desk.get("preferences").status, 200);
        desk.now += SignedDuration::from_millis(122);
    }
}

#[test]
fn the_eleventh_request_at_once_is_refused() {
    let mut desk = Desk::at(QUEBEC);
    desk.switch(json!({"latency_milliseconds": 3000}));
    for _ in 0..10 {
        assert_eq!(
            desk.send("GET", "preferences", "").delivery,
            Delivery::After(Duration::from_secs(3))
        );
    }
    assert_eq!(desk.send("GET", "preferences", "").status, 429);
    desk.pass(4);
    assert_eq!(desk.send("GET", "preferences", "").status, 200);
    assert_eq!(desk.figure("max_in_flight"), 11);
}

#[test]
fn the_forty_first_batch_of_a_minute_is_refused() {
    let mut desk = limited();
    let batch =
        json!({"BatchItemRequest": [{"bId": "q", "Query": "select * from Item maxresults 1"}]});
    for _ in 0..40 {
        assert_eq!(desk.post("batch", &batch).status, 200);
        desk.pass(1);
    }
    assert_eq!(desk.post("batch", &batch).status, 429);
    assert_eq!(
        desk.get("preferences").status,
        200,
        "other requests still go"
    );
}

#[test]
fn how_a_429_looks_can_be_chosen() {
    let mut desk = Desk::at(QUEBEC);
    desk.switch(json!({"per_second": 1, "throttle_in_capitals": true, "retry_after_seconds": 60}));
    desk.get("preferences");
    let refused = desk.send("GET", "preferences", "");
    assert!(refused.text().contains("\"Fault\""), "{}", refused.text());
    assert!(
        refused
            .headers
            .contains(&("retry-after".to_owned(), "60".to_owned()))
    );
    assert_eq!(desk.figure("preferences.read/reads"), 1);
    assert_eq!(desk.figure("preferences.read/refusals"), 1);
}

#[test]
fn a_switch_that_does_not_exist_is_an_error_and_changes_nothing() {
    let mut desk = Desk::at(QUEBEC);
    for body in [
        json!({"realm": QUEBEC, "per_hour": 1}),
        json!({"realm": QUEBEC, "rounding": "never"}),
        json!({"realm": "1"}),
    ] {
        let request = simulator::Request::new("POST", "/simulator/switches").body(body.to_string());
        assert_eq!(desk.intuit.handle(desk.now, &request).status, 400, "{body}");
    }
    assert_eq!(
        desk.control(&format!("switches/{QUEBEC}"), Value::Null)
            .at("rounding"),
        "per_rate_total"
    );
}
