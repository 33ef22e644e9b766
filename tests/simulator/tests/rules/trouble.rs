//! Trouble: what is done, and what the client sees of it.

use std::time::Duration;

use serde_json::{Value, json};
use simulator::{Delivery, Request, Trouble, TroubleKind};

use crate::support::{Desk, ONTARIO, QUEBEC, line, lost_after, receipt};

fn sale() -> Value {
    receipt(&[line("100.00", "8")])
}

#[test]
fn each_kind_does_what_its_name_says() {
    for (kind, status, done) in [
        ("commit_then_500", 500, true),
        ("ok_with_fault", 200, false),
        ("ok_nothing_done", 200, false),
        ("throttle", 429, false),
        ("down", 503, false),
        ("fail_500", 500, false),
        ("fault", 400, false),
        ("truncate", 200, true),
        ("html_200", 200, false),
        ("wrong_total", 200, true),
        ("wrong_echo", 200, true),
        ("token_expired", 401, false),
    ] {
        let mut desk = Desk::at(QUEBEC);
        desk.trouble(json!({"kind": kind, "operation": "salesreceipt.create"}));
        assert_eq!(
            desk.get("preferences").status,
            200,
            "{kind} is for another operation"
        );
        let reply = desk.send("POST", "salesreceipt", sale().to_string());
        assert_eq!(reply.status, status, "{kind}: {}", reply.text());
        assert_eq!(
            desk.intuit.receipts(QUEBEC).len(),
            usize::from(done),
            "{kind}"
        );
        let next = desk.send("POST", "salesreceipt", sale().to_string());
        assert_eq!(
            (next.status, next.delivery),
            (200, Delivery::Now),
            "{kind} befalls once"
        );
    }
}

#[test]
fn a_lost_answer_was_done_and_a_timeout_was_not() {
    for (kind, done) in [("lose_answer", 1), ("timeout_without_commit", 0)] {
        let mut desk = Desk::at(QUEBEC);
        desk.trouble(json!({"kind": kind, "seconds": 30}));
        assert_eq!(
            desk.send("POST", "salesreceipt?requestid=a", sale().to_string())
                .delivery,
            lost_after(30),
            "{kind}"
        );
        assert_eq!(desk.intuit.receipts(QUEBEC).len(), done, "{kind}");
        assert_eq!(
            desk.post("salesreceipt?requestid=a", &sale())
                .at("SalesReceipt.Id"),
            "1001",
            "{kind}"
        );
        assert_eq!(desk.intuit.receipts(QUEBEC).len(), 1, "{kind}");
    }
}

#[test]
fn a_late_commit_comes_when_it_is_due_and_not_twice() {
    let mut desk = Desk::at(QUEBEC);
    desk.trouble(json!({"kind": "commit_late", "seconds": 200, "answer_after": 30}));
    let lost = desk.send("POST", "salesreceipt?requestid=a", sale().to_string());
    let expected = Delivery::Lost {
        after: Duration::from_secs(30),
        committing_after: Some(Duration::from_secs(200)),
    };
    assert_eq!(lost.delivery, expected);
    desk.pass(199);
    assert_eq!(desk.rows("select * from SalesReceipt"), 0);
    desk.pass(1);
    desk.intuit.advance(desk.now);
    assert_eq!(desk.intuit.receipts(QUEBEC).len(), 1);
    assert_eq!(desk.rows("select * from SalesReceipt"), 1);

    desk.trouble(json!({"kind": "commit_late", "seconds": 200}));
    desk.send("POST", "salesreceipt?requestid=b", sale().to_string());
    assert_eq!(
        desk.post("salesreceipt?requestid=b", &sale())
            .at("SalesReceipt.Id"),
        "1002"
    );
    desk.pass(300);
    assert_eq!(
        desk.rows("select * from SalesReceipt"),
        2,
        "the late one finds its request id taken"
    );
}

#[test]
fn a_late_commit_needs_a_token_that_was_good_when_it_arrived() {
    let mut desk = Desk::at(QUEBEC);
    desk.pass(3600);
    desk.trouble(json!({"kind": "commit_late", "seconds": 10}));
    assert_eq!(desk.post("salesreceipt", &sale()).code(), "3200");
    desk.pass(60);
    desk.intuit.advance(desk.now);
    assert!(desk.intuit.receipts(QUEBEC).is_empty());
}

#[test]
fn a_wrong_total_is_in_the_books_and_a_wrong_echo_is_not() {
    for (kind, told, kept) in [
        ("wrong_total", "114.99", "114.99"),
        ("wrong_echo", "114.99", "114.98"),
    ] {
        let mut desk = Desk::at(QUEBEC);
        desk.trouble(json!({"kind": kind, "cents": 1}));
        assert_eq!(
            desk.post("salesreceipt", &sale())
                .at("SalesReceipt.TotalAmt"),
            told
        );
        assert_eq!(
            desk.get("salesreceipt/1001").at("SalesReceipt.TotalAmt"),
            kept
        );
    }
}

#[test]
fn trouble_can_be_repeated_skipped_aimed_and_timed() {
    let mut desk = Desk::at(QUEBEC);
    desk.trouble(json!({"kind": "down", "operation": "*.read", "times": 2, "skip": 1}));
    assert_eq!(
        [200, 503, 503, 200].map(|status| desk.get("preferences").status == status),
        [true; 4]
    );
    desk.trouble(json!({"kind": "down", "for_seconds": 60}));
    assert_eq!(desk.get("preferences").status, 503);
    desk.pass(59);
    assert_eq!(desk.get("preferences").status, 503);
    desk.pass(1);
    assert_eq!(desk.get("preferences").status, 200);
    desk.trouble(json!({"kind": "down", "request_id": "mc-2", "times": 0}));
    assert_eq!(
        desk.post("salesreceipt?requestid=mc-1", &sale()).status,
        200
    );
    assert_eq!(
        desk.post("salesreceipt?requestid=mc-2", &sale()).status,
        503
    );
    desk.trouble(json!({"kind": "none"}));
    assert_eq!(
        desk.post("salesreceipt?requestid=mc-2", &sale()).status,
        200
    );
    desk.control(
        "trouble",
        json!({"kind": "down", "realm": ONTARIO, "times": 0}),
    );
    assert_eq!(
        desk.get("preferences").status,
        200,
        "it is another company's trouble"
    );
    desk.trouble(json!({"kind": "none"}));
    desk.realm = ONTARIO.to_owned();
    desk.tokens = desk.intuit.connect(desk.now, ONTARIO).expect("a company");
    assert_eq!(
        desk.get("preferences").status,
        503,
        "one company's calm leaves another's trouble"
    );
}

#[test]
fn what_lasts_lasts_until_it_is_healed() {
    for (kind, status, code) in [
        ("read_only", 400, "6190"),
        ("admin_lost", 401, "120"),
        ("wrong_cluster", 401, "130"),
        ("maintenance", 400, "150"),
    ] {
        let mut desk = Desk::at(QUEBEC);
        desk.trouble(json!({"kind": kind}));
        for _ in 0..2 {
            let refused = desk.post("salesreceipt", &sale());
            assert_eq!(
                (refused.status, refused.code().as_str()),
                (status, code),
                "{kind}"
            );
        }
        assert_eq!(
            desk.get("preferences").status == 200,
            kind == "read_only",
            "{kind}"
        );
        desk.trouble(json!({"kind": "heal"}));
        assert_eq!(desk.post("salesreceipt", &sale()).status, 200, "{kind}");
    }
}

#[test]
fn an_ended_subscription_shows_in_the_company_info() {
    let mut desk = Desk::at(QUEBEC);
    desk.trouble(json!({"kind": "read_only"}));
    assert!(
        desk.get(&format!("companyinfo/{QUEBEC}"))
            .body
            .to_text()
            .contains("\"Value\":\"EXPIRED\"")
    );
    desk.trouble(json!({"kind": "heal"}));
    assert!(
        desk.get(&format!("companyinfo/{QUEBEC}"))
            .body
            .to_text()
            .contains("\"Value\":\"SUBSCRIBED\"")
    );
}

#[test]
fn a_merchant_who_disconnects_kills_every_token() {
    let mut desk = Desk::at(QUEBEC);
    desk.trouble(json!({"kind": "revoke"}));
    assert_eq!(desk.get("preferences").code(), "3200");
    assert_eq!(desk.intuit.current_refresh_token(QUEBEC), None);
    desk.tokens = desk.intuit.connect(desk.now, QUEBEC).unwrap();
    assert_eq!(desk.get("preferences").status, 200, "reconnecting helps");
}

#[test]
fn the_token_endpoint_has_troubles_of_its_own() {
    let mut desk = Desk::at(QUEBEC);
    let refresh = |desk: &mut Desk| {
        let request = Request::new("POST", "/oauth2/v1/tokens/bearer")
            .header("authorization", "Basic ZGVtby1jbGllbnQ6ZGVtby1zZWNyZXQ=")
            .body(format!(
                "grant_type=refresh_token&refresh_token={}",
                desk.tokens.refresh
            ));
        desk.intuit.handle(desk.now, &request)
    };
    let now = desk.now;
    for (kind, status) in [(TroubleKind::InvalidGrant, 400), (TroubleKind::Down, 503)] {
        desk.intuit
            .trouble(now, Trouble::new(kind).on("oauth.refresh"));
        assert_eq!(refresh(&mut desk).status, status);
        assert_eq!(refresh(&mut desk).status, 200);
    }
    desk.pass(25 * 3600);
    desk.intuit.trouble(
        now,
        Trouble::new(TroubleKind::LoseAnswer)
            .on("oauth.refresh")
            .at(QUEBEC),
    );
    assert!(matches!(refresh(&mut desk).delivery, Delivery::Lost { .. }));
    assert_eq!(
        refresh(&mut desk).status,
        400,
        "it rotated, and the new value never arrived"
    );

    let mut desk = Desk::at(QUEBEC);
    desk.pass(25 * 3600);
    desk.intuit.trouble(
        now,
        Trouble::new(TroubleKind::CommitLate)
            .on("oauth.refresh")
            .seconds(100),
    );
    assert!(matches!(refresh(&mut desk).delivery, Delivery::Lost { .. }));
    assert_eq!(
        desk.intuit.current_refresh_token(QUEBEC),
        Some(desk.tokens.refresh.as_str())
    );
    desk.pass(100);
    desk.intuit.advance(desk.now);
    assert_ne!(
        desk.intuit.current_refresh_token(QUEBEC),
        Some(desk.tokens.refresh.as_str())
    );
}

#[test]
fn trouble_that_does_not_exist_is_an_error() {
    let mut desk = Desk::at(QUEBEC);
    for body in [
        json!({"kind": "earthquake"}),
        json!({"kind": "down", "where": "here"}),
        json!({"kind": "down", "realm": "1"}),
        json!({}),
    ] {
        let request = Request::new("POST", "/simulator/trouble").body(body.to_string());
        assert_eq!(desk.intuit.handle(desk.now, &request).status, 400, "{body}");
    }
}
