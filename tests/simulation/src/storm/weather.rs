//! Weather: what the companies are like, how weak QuickBooks' promises are.

use jiff::Timestamp;
use simulator::{Intuit, Kind, OldRefreshToken, Request, RequestIds};

use crate::fate::Fate;

use super::one_of;
use super::script::{elsewhere, realm};

/// The id of the receipt that somebody else has in every company.
const FOREIGN: &str = "SalesReceipt";

/// What a company is like.
pub(super) fn weather(intuit: &mut Intuit, realm: &str, fate: &Fate) {
    let switches = intuit.switches(realm).expect("a company");
    switches.request_ids = match fate.below(2) {
        0 => RequestIds::Off,
        _ => RequestIds::Replay,
    };
    switches.refuse_duplicate_numbers = fate.below(2) == 0;
    switches.index_lag_seconds = one_of(fate, &[0, 0, 10, 100]);
    switches.latency_milliseconds = one_of(fate, &[0, 0, 300, 1500]);
}

/// What a company is like besides. Gives whether every company remembers each request id for ever, and takes
/// no number twice.
pub(super) fn more(intuit: &mut Intuit, merchants: usize, fate: &Fate) -> bool {
    let is_firm = fate.below(4) == 0;
    let realms = (0..merchants).flat_map(|number| [realm(number), elsewhere(number)]);
    for realm in realms {
        let switches = intuit.switches(&realm).expect("a company");
        switches.index_lag_seconds = one_of(fate, &[switches.index_lag_seconds, 0, 120]);
        switches.request_id_memory_seconds = one_of(fate, &[None, None, Some(120)]);
        switches.replay_errors = fate.below(2) == 0;
        switches.retry_after_seconds = one_of(fate, &[None, Some(40)]);
        switches.rotate_after_hours = one_of(fate, &[0, 24]);
        switches.old_refresh_token = one_of(
            fate,
            &[
                OldRefreshToken::Refuse,
                OldRefreshToken::Grace,
                OldRefreshToken::Revoke,
            ],
        );
        switches.inactive_customer_code = one_of(fate, &["610", "2500", "6250"]).to_owned();
        switches.inactive_names_are_free = true;
        if is_firm {
            switches.request_ids = RequestIds::Replay;
            switches.request_id_memory_seconds = None;
            switches.refuse_duplicate_numbers = true;
        }
    }
    is_firm
}

/// Writes a receipt of somebody else's into a company.
pub(super) fn foreign_receipt(intuit: &mut Intuit, now: Timestamp, realm: &str) {
    let token = intuit.connect(now, realm).expect("a company").access;
    let customers = intuit.records(realm, Kind::Customer);
    let customer: serde_json::Value = serde_json::from_str(&customers[0]).expect("JSON");
    let body = serde_json::json!({
        "DocNumber": "F-1",
        "CustomerRef": {"value": customer["Id"]},
        "Line": [{
            "Amount": 10, "DetailType": "SalesItemLineDetail",
            "SalesItemLineDetail": {"ItemRef": {"value": "21"}, "TaxCodeRef": {"value": "3"}},
        }],
    });
    let request = Request::new(
        "POST",
        &format!("/v3/company/{realm}/salesreceipt?minorversion=75"),
    )
    .header("accept", "application/json")
    .header("content-type", "application/json")
    .header("authorization", &format!("Bearer {token}"))
    .body(body.to_string());
    let reply = intuit.handle(now, &request);
    assert_eq!(reply.status, 200, "{}", reply.text());
}

/// Gives the receipt of somebody else's a number of ours.
pub(super) fn takes_number(intuit: &mut Intuit, now: Timestamp, realm: &str, number: &str) {
    let receipts = intuit.receipts(realm);
    let foreign = receipts.iter().find(|receipt| receipt.number == "F-1");
    let Some(foreign) = foreign else { return };
    let body = serde_json::json!({
        "realm": realm, "entity": FOREIGN, "id": foreign.id, "set": {"DocNumber": number},
    });
    control(intuit, now, &body);
}

/// A merchant changes a record on the screens.
pub(super) fn control(intuit: &mut Intuit, now: Timestamp, body: &serde_json::Value) {
    let request = Request::new("POST", "/simulator/edit").body(body.to_string());
    let reply = intuit.handle(now, &request);
    assert_eq!(reply.status, 200, "{}", reply.text());
}
