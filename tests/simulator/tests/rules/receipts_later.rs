//! Receipts that are there already: changed, voided, deleted, deposited, and closed away.

use serde_json::json;

use crate::support::{Desk, QUEBEC, line, receipt, receipt_with};

#[test]
fn an_update_needs_the_current_sync_token_and_replaces_all_lines() {
    let mut desk = Desk::at(QUEBEC);
    desk.post(
        "salesreceipt",
        &receipt(&[line("10.00", "3"), line("20.00", "3")]),
    );
    assert_eq!(
        desk.post(
            "salesreceipt",
            &json!({"Id": "1001", "sparse": true, "PrivateNote": "x"})
        )
        .code(),
        "2020"
    );
    let noted = desk.post(
        "salesreceipt",
        &json!({"Id": "1001", "SyncToken": "0", "sparse": true, "PrivateNote": "x"}),
    );
    assert_eq!(
        (
            noted.at("SalesReceipt.SyncToken"),
            noted.at("SalesReceipt.TotalAmt")
        ),
        ("1".into(), "30".into())
    );
    assert_eq!(
        desk.post(
            "salesreceipt",
            &json!({"Id": "1001", "SyncToken": "0", "sparse": true, "PrivateNote": "y"})
        )
        .code(),
        "5010"
    );
    let mut kept = line("20.00", "3");
    kept["Id"] = json!("2");
    let lines = desk.post(
        "salesreceipt?operation=update",
        &json!({"Id": "1001", "SyncToken": "1", "sparse": true, "Line": [kept, line("1.00", "3")]}),
    );
    assert_eq!(lines.at("SalesReceipt.TotalAmt"), "21");
    let ids: Vec<_> = lines
        .body
        .at("SalesReceipt.Line")
        .unwrap()
        .items()
        .iter()
        .filter_map(|line| line.said("Id"))
        .collect();
    assert_eq!(ids, ["2", "1"]);
    let mut full = receipt(&[line("5.00", "3")]);
    full["Id"] = json!("1001");
    full["SyncToken"] = json!("2");
    let full = desk.post("salesreceipt", &full);
    assert_eq!(
        full.at("SalesReceipt.PrivateNote"),
        "",
        "a full update clears what it leaves out"
    );
    assert_eq!(
        desk.post(
            "salesreceipt",
            &json!({"Id": "77", "SyncToken": "0", "sparse": true})
        )
        .code(),
        "610"
    );
}

#[test]
fn voiding_empties_a_sales_receipt_and_is_no_operation_of_refunds() {
    let mut desk = Desk::at(QUEBEC);
    desk.post(
        "salesreceipt",
        &receipt_with(json!({"PrivateNote": "Mio 5"})),
    );
    let voided = desk.post(
        "salesreceipt?operation=update&include=void",
        &json!({"Id": "1001", "SyncToken": "0", "sparse": true}),
    );
    for (path, value) in [
        ("TotalAmt", "0"),
        ("TxnTaxDetail.TotalTax", "0"),
        ("PrivateNote", "Voided - Mio 5"),
        ("SyncToken", "1"),
    ] {
        assert_eq!(voided.at(&format!("SalesReceipt.{path}")), value, "{path}");
    }
    assert_eq!(
        desk.post(
            "salesreceipt?operation=void",
            &json!({"Id": "1001", "SyncToken": "1"})
        )
        .code(),
        "500"
    );
    desk.post("refundreceipt", &receipt_with(json!({})));
    let refund = json!({"Id": "1002", "SyncToken": "0", "sparse": true});
    assert_eq!(
        desk.post("refundreceipt?operation=update&include=void", &refund)
            .code(),
        "500"
    );
    desk.switch(json!({"void_refund": true}));
    assert_eq!(
        desk.post("refundreceipt?operation=update&include=void", &refund)
            .at("RefundReceipt.TotalAmt"),
        "0"
    );
}

#[test]
fn a_deleted_receipt_is_gone_and_its_number_is_free() {
    let mut desk = Desk::at(QUEBEC);
    desk.post("salesreceipt", &receipt_with(json!({"DocNumber": "MC-7"})));
    assert_eq!(
        desk.post(
            "salesreceipt?operation=delete",
            &json!({"Id": "1001", "SyncToken": "3"})
        )
        .code(),
        "5010"
    );
    let gone = desk.post(
        "salesreceipt?operation=delete",
        &json!({"Id": "1001", "SyncToken": "0"}),
    );
    assert_eq!(gone.at("SalesReceipt.status"), "Deleted");
    assert_eq!(desk.get("salesreceipt/1001").code(), "610");
    assert_eq!(
        desk.post("salesreceipt", &receipt_with(json!({"DocNumber": "MC-7"})))
            .status,
        200
    );
    assert_eq!(
        desk.post(
            "customer?operation=delete",
            &json!({"Id": "41", "SyncToken": "0"})
        )
        .code(),
        "500"
    );
}

#[test]
fn a_deposited_receipt_is_locked() {
    let mut desk = Desk::at(QUEBEC);
    desk.post("salesreceipt", &receipt_with(json!({})));
    let realm = desk.realm.clone();
    desk.control("deposit", json!({"realm": realm, "id": "1001"}));
    let body = json!({"Id": "1001", "SyncToken": "0", "sparse": true, "PrivateNote": "x"});
    assert_eq!(desk.post("salesreceipt", &body).code(), "6540");
    let body = json!({"Id": "1001", "SyncToken": "0"});
    assert_eq!(
        desk.post("salesreceipt?operation=delete", &body).code(),
        "6540"
    );
    assert_eq!(
        desk.post("salesreceipt?operation=update&include=void", &body)
            .code(),
        "6540"
    );
}

#[test]
fn closed_books_take_nothing_up_to_their_day() {
    let mut desk = Desk::at(QUEBEC);
    desk.post("salesreceipt", &receipt_with(json!({})));
    desk.trouble(json!({"kind": "closed_books", "until": "2026-03-14"}));
    assert_eq!(
        desk.post("salesreceipt", &receipt_with(json!({}))).code(),
        "6200"
    );
    assert_eq!(
        desk.post(
            "salesreceipt",
            &receipt_with(json!({"TxnDate": "2026-03-15"}))
        )
        .status,
        200
    );
    assert_eq!(
        desk.post(
            "salesreceipt?operation=delete",
            &json!({"Id": "1001", "SyncToken": "0"})
        )
        .code(),
        "6200"
    );
    desk.trouble(json!({"kind": "closed_books", "until": "2026-03-14", "password": true}));
    assert_eq!(
        desk.post("salesreceipt", &receipt_with(json!({}))).code(),
        "6210"
    );
    desk.trouble(json!({"kind": "heal"}));
    assert_eq!(
        desk.post("salesreceipt", &receipt_with(json!({}))).status,
        200
    );
}
