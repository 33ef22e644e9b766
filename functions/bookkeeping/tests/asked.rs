//! What a payment says while its taxes have no code, or one that is not what it was.
#![allow(clippy::unwrap_used, reason = "a test stops where something is wrong")]

use bookkeeping::connection::Connection;
use bookkeeping::ids::CompanyCustomerId;
use bookkeeping::message::{Content, parse};
use bookkeeping::reason::{Reason, ReasonCode};
use bookkeeping::receipt::draft;
use bookkeeping::transaction::{Payment, TransactionKey};
use serde_json::{Value, json};

/// A payment of 100.00 with GST and QST as Quebec charges them; or what `line` says instead.
fn payment(amount: &str, line: Value) -> Payment {
    let message = json!({
        "schema": 1, "type": "payment.captured", "merchant_id": "mer_1", "sent_at": "2026-11-22T14:03:12Z",
        "payment": {"id": "pay_1", "reference": "1", "captured_at": "2026-11-22T09:03:11-05:00", "currency": "CAD",
                    "amount": amount, "method": "card", "lines": [line]}
    });
    match parse(&message.to_string()).unwrap().content {
        Content::PaymentCaptured { payment, .. } => *payment,
        other => panic!("{other:?}"),
    }
}

fn quebec() -> Payment {
    payment(
        "114.98",
        json!({"id": "1", "kind": "service", "amount": "100.00", "taxes": [
            {"id": "gst", "name": "GST", "rate": "5", "amount": "5.00"},
            {"id": "qst", "name": "QST", "rate": "9.975", "amount": "9.98"}]}),
    )
}

/// A company of Quebec whose code for both taxes is as given, and a map that names it.
fn connection(code: Value, map: Value) -> Connection {
    let gst = json!({"id": "3", "name": "GST", "percent": "5"});
    let codes = json!([{"id": "5", "name": "GST", "rates": [gst]}, {"id": "3", "name": "Out of Scope", "rates": []}, code]);
    serde_json::from_value(json!({
        "merchant": "mer_1", "epoch": 1, "state": "connected", "time_zone": "America/Toronto",
        "company": {"realm": "9341450000000001", "name": "Laurier", "country": "CA", "home_currency": "CAD",
                    "multicurrency": false, "custom_numbers": true, "tax_model": "global", "tax_codes": codes,
                    "accounts": [], "items": [], "payment_methods": []},
        "settings": {"deposits": {"clearing": {"CAD": "91"}}, "items": {"fallback": "21", "tip": "25"}, "tax_map": map}
    }))
    .unwrap()
}

/// GST and QST under one code, the second at this percent.
fn both(qst: &str) -> Value {
    json!({"id": "8", "name": "GST/QST QC - 9.975", "rates": [
        {"id": "3", "name": "GST", "percent": "5"}, {"id": "11", "name": "QST", "percent": qst}]})
}

fn mapped() -> Value {
    json!({"rows": [{"code": "8", "confirmed": true, "taxes": [
        {"tax": "gst", "rate": "3", "percent": "5"}, {"tax": "qst", "rate": "11", "percent": "9.975"}]}]})
}

fn outcome(payment: &Payment, connection: &Connection) -> Result<(), Reason> {
    let key = TransactionKey::payment(connection.merchant.clone(), &payment.id);
    let customer = CompanyCustomerId::parse("44").unwrap();
    draft(&key, payment, None, &customer, connection).map(|_| ())
}

#[test]
fn a_mapped_tax_is_posted() {
    assert_eq!(
        outcome(&quebec(), &connection(both("9.975"), mapped())),
        Ok(())
    );
}

#[test]
fn an_unmapped_tax_names_the_codes_that_may_be_meant() {
    let reason = outcome(&quebec(), &connection(both("9.975"), json!({}))).unwrap_err();
    assert_eq!(reason.code, ReasonCode::TaxUnmapped);
    assert_eq!(reason.figures["taxes"], "GST 5 % + QST 9.975 %");
    assert_eq!(reason.figures["candidates"], "GST/QST QC - 9.975");
    let reason = outcome(&quebec(), &connection(both("9.5"), json!({}))).unwrap_err();
    assert_eq!(reason.figures["candidates"], "none");
}

#[test]
fn a_tip_without_a_code_asks_for_the_one_outside_the_tax() {
    let tip = payment(
        "10.00",
        json!({"id": "1", "kind": "tip", "amount": "10.00"}),
    );
    let reason = outcome(&tip, &connection(both("9.975"), json!({}))).unwrap_err();
    assert_eq!(reason.figures["taxes"], "out_of_scope");
    assert_eq!(reason.figures["candidates"], "Out of Scope");
}

#[test]
fn a_row_that_is_not_what_it_was_waits_and_says_what_changed() {
    let mut inactive = both("9.975");
    inactive["active"] = json!(false);
    let gone = json!({"id": "80", "name": "TPS/TVQ", "rates": both("9.975")["rates"]});
    let mut rate_gone = both("9.975");
    rate_gone["rates"][1]["id"] = json!("12");
    for (code, change, candidates) in [
        (both("10"), "rate_changed", "none"),
        (inactive, "code_inactive", "none"),
        (gone, "code_gone", "TPS/TVQ"),
        (rate_gone, "rate_gone", "GST/QST QC - 9.975"),
    ] {
        let reason = outcome(&quebec(), &connection(code, mapped())).unwrap_err();
        assert_eq!(reason.code, ReasonCode::TaxMapStale, "{change}");
        assert_eq!(reason.figures["change"], change);
        assert_eq!(reason.figures["candidates"], candidates, "{change}");
    }
}
