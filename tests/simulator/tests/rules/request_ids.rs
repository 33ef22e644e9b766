//! Request ids: a request that comes twice is done once, and what else may happen.

use serde_json::{Value, json};

use crate::support::{Desk, QUEBEC, line, receipt};

fn numbered(number: &str) -> Value {
    let mut body = receipt(&[line("100.00", "8")]);
    body["DocNumber"] = json!(number);
    body
}

#[test]
fn the_same_request_id_gives_the_first_answer_to_the_byte() {
    let mut desk = Desk::at(QUEBEC);
    let first = desk.send(
        "POST",
        "salesreceipt?requestid=mc-1",
        numbered("MC-1").to_string(),
    );
    desk.pass(60);
    desk.post(
        "salesreceipt",
        &json!({"Id": "1001", "SyncToken": "0", "sparse": true, "PrivateNote": "edited"}),
    );
    let second = desk.send(
        "POST",
        "salesreceipt?requestid=mc-1",
        numbered("MC-1").to_string(),
    );
    assert_eq!((first.status, first.text()), (second.status, second.text()));
    assert_eq!(desk.figure("salesreceipt.create/writes"), 1);
    assert_eq!(desk.figure("salesreceipt.create/replays"), 1);
    assert_eq!(
        desk.post("salesreceipt?requestid=mc-2", &numbered("MC-1"))
            .code(),
        "6140",
        "another id is another request"
    );
}

#[test]
fn another_companys_request_id_is_another_one() {
    let mut desk = Desk::at(QUEBEC);
    desk.post("salesreceipt?requestid=mc-1", &numbered("MC-1"));
    desk.realm = crate::support::ONTARIO.to_owned();
    desk.tokens = desk
        .intuit
        .connect(desk.now, crate::support::ONTARIO)
        .unwrap();
    let mut body = numbered("MC-1");
    body["Line"] = json!([line("1.00", "3")]);
    assert_eq!(
        desk.post("salesreceipt?requestid=mc-1", &body)
            .at("SalesReceipt.TotalAmt"),
        "1"
    );
}

#[test]
fn a_changed_body_gets_the_old_answer_or_600() {
    let mut desk = Desk::at(QUEBEC);
    desk.post("salesreceipt?requestid=mc-1", &numbered("MC-1"));
    assert_eq!(
        desk.post("salesreceipt?requestid=mc-1", &numbered("MC-2"))
            .at("SalesReceipt.DocNumber"),
        "MC-1"
    );
    desk.trouble(json!({"kind": "request_id_conflict_600"}));
    assert_eq!(
        desk.post("salesreceipt?requestid=mc-1", &numbered("MC-2"))
            .code(),
        "600"
    );
    assert_eq!(
        desk.post("salesreceipt?requestid=mc-1", &numbered("MC-1"))
            .at("SalesReceipt.Id"),
        "1001"
    );
}

#[test]
fn a_fault_is_given_again_unless_the_switch_says_otherwise() {
    let mut desk = Desk::at(QUEBEC);
    let mut wrong = numbered("MC-1");
    wrong["CustomerRef"] = json!({"value": "583"});
    assert_eq!(
        desk.post("salesreceipt?requestid=mc-1", &wrong).code(),
        "2500"
    );
    assert_eq!(
        desk.post("salesreceipt?requestid=mc-1", &numbered("MC-1"))
            .code(),
        "2500"
    );
    desk.trouble(json!({"kind": "replay_errors_off"}));
    assert_eq!(
        desk.post("salesreceipt?requestid=mc-1", &numbered("MC-1"))
            .status,
        200
    );
}

#[test]
fn request_ids_can_be_ignored_and_forgotten() {
    let mut desk = Desk::at(QUEBEC);
    desk.switch(json!({"request_id_memory_seconds": 3600, "refuse_duplicate_numbers": false}));
    assert_eq!(
        desk.post("salesreceipt?requestid=mc-1", &numbered("MC-1"))
            .at("SalesReceipt.Id"),
        "1001"
    );
    desk.pass(3600);
    desk.tokens = desk.intuit.connect(desk.now, QUEBEC).unwrap();
    assert_eq!(
        desk.post("salesreceipt?requestid=mc-1", &numbered("MC-1"))
            .at("SalesReceipt.Id"),
        "1001"
    );
    desk.pass(1);
    assert_eq!(
        desk.post("salesreceipt?requestid=mc-1", &numbered("MC-1"))
            .at("SalesReceipt.Id"),
        "1002"
    );
    desk.trouble(json!({"kind": "request_id_off"}));
    assert_eq!(
        desk.post("salesreceipt?requestid=mc-1", &numbered("MC-1"))
            .at("SalesReceipt.Id"),
        "1003"
    );
}

#[test]
fn a_request_id_has_at_most_fifty_characters_and_thirty_six_in_a_batch() {
    let mut desk = Desk::at(QUEBEC);
    let id = |length: usize| "r".repeat(length);
    assert_eq!(
        desk.post(
            &format!("salesreceipt?requestid={}", id(50)),
            &numbered("MC-1")
        )
        .status,
        200
    );
    assert_eq!(
        desk.post(
            &format!("salesreceipt?requestid={}", id(51)),
            &numbered("MC-2")
        )
        .code(),
        "2130"
    );
    let batch = json!({"BatchItemRequest": [{"bId": "1", "operation": "create", "Customer": {"DisplayName": "B"}}]});
    assert_eq!(
        desk.post(&format!("batch?requestid={}", id(37)), &batch)
            .code(),
        "2130"
    );
    let first = desk
        .send(
            "POST",
            &format!("batch?requestid={}", id(36)),
            batch.to_string(),
        )
        .text();
    assert_eq!(
        desk.send(
            "POST",
            &format!("batch?requestid={}", id(36)),
            batch.to_string()
        )
        .text(),
        first
    );
}

#[test]
fn what_the_gateway_refuses_is_not_remembered() {
    let mut desk = Desk::at(QUEBEC);
    desk.trouble(json!({"kind": "throttle"}));
    assert_eq!(
        desk.post("salesreceipt?requestid=mc-1", &numbered("MC-1"))
            .code(),
        "3001"
    );
    assert_eq!(
        desk.post("salesreceipt?requestid=mc-1", &numbered("MC-1"))
            .status,
        200
    );
}

#[test]
fn how_often_a_request_id_came_and_with_what_is_known() {
    let mut desk = Desk::at(QUEBEC);
    desk.post("salesreceipt?requestid=mc-1", &numbered("MC-1"));
    desk.post("salesreceipt?requestid=mc-1", &numbered("MC-1"));
    desk.post("salesreceipt?requestid=mc-2", &numbered("MC-2"));
    desk.post("salesreceipt?requestid=mc-2", &numbered("MC-3"));
    let seen = desk.control(&format!("requests/{QUEBEC}"), Value::Null);
    assert_eq!(
        (seen.at("mc-1.requests"), seen.at("mc-1.contents")),
        ("2".into(), "1".into())
    );
    assert_eq!(
        (seen.at("mc-2.requests"), seen.at("mc-2.contents")),
        ("2".into(), "2".into())
    );
    let again = desk.control("counters", Value::Null);
    assert_eq!(
        again.at(&format!("{QUEBEC}.request_ids_seen_again.mc-1")),
        "2"
    );
}
