//! The same seed and the same requests give the same bytes, and many requests are quick.

use jiff::SignedDuration;
use serde_json::json;

use crate::support::{Desk, ONTARIO, QUEBEC, line, receipt};

#[test]
fn the_same_seed_and_requests_give_the_same_bytes() {
    let run = || {
        let mut desk = Desk::at(QUEBEC);
        let mut said = String::new();
        for number in 0..20 {
            let mut body = receipt(&[line("19.99", "8"), line("5.00", "3")]);
            body["DocNumber"] = json!(format!("MC-{}", number % 15));
            let reply = desk.send(
                "POST",
                &format!("salesreceipt?requestid=r{number}"),
                body.to_string(),
            );
            said.push_str(&format!("{:?} {}", reply.headers, reply.text()));
            desk.now += SignedDuration::from_millis(122);
        }
        said
    };
    assert_eq!(run(), run());
}

#[test]
fn the_clock_can_be_put_forward() {
    let mut desk = Desk::at(ONTARIO);
    desk.control("clock", json!({"advance_seconds": 3600}));
    assert_eq!(
        desk.get("preferences").code(),
        "3200",
        "an hour later the token has expired"
    );
    let clock = desk.control("clock", serde_json::Value::Null);
    assert_eq!(
        (clock.at("ahead_seconds").as_str(), clock.at("now").as_str()),
        ("3600", "2026-03-14T20:20:31.402Z")
    );
}

/// Not a benchmark: it only fails when something walks all the books for every request.
#[test]
fn ten_thousand_receipts_do_not_slow_the_next_one_down() {
    let mut desk = Desk::at(QUEBEC);
    for number in 0..10_000 {
        let mut body = receipt(&[line("19.99", "8")]);
        body["DocNumber"] = json!(format!("MC-{number}"));
        let reply = desk.send(
            "POST",
            &format!("salesreceipt?requestid=r{number}"),
            body.to_string(),
        );
        assert_eq!(reply.status, 200);
        desk.now += SignedDuration::from_millis(130);
    }
    assert_eq!(
        desk.rows("select * from SalesReceipt where DocNumber = 'MC-4711'"),
        1
    );
    assert_eq!(desk.figure("salesreceipt.create/writes"), 10_000);
}
