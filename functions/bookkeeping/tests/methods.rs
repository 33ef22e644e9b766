//! Payment methods are created for payments on their way to QuickBooks, and for no others.
#![allow(clippy::unwrap_used, reason = "a test stops where something is wrong")]

use bookkeeping::connection::Connection;
use bookkeeping::message::{self, Content};
use bookkeeping::transaction::Payment;
use serde_json::json;

fn connection() -> Connection {
    serde_json::from_value(json!({
        "merchant": "mer_1", "epoch": 1, "state": "connected", "time_zone": "America/Toronto",
        "company": {
            "realm": "9341450000000001", "name": "Laurier", "country": "CA", "home_currency": "CAD",
            "multicurrency": false, "custom_numbers": true, "tax_model": "global", "tax_codes": [],
            "accounts": [], "items": [], "payment_methods": []
        },
        "settings": {"start_date": "2026-11-20", "methods_off": ["cheque"], "deposits": {"clearing": {}}, "items": {}}
    }))
    .unwrap()
}

fn payment(day: &str, method: &str, amount: &str) -> Payment {
    let message = json!({
        "schema": 1, "type": "payment.captured", "merchant_id": "mer_1", "sent_at": "2026-11-22T14:03:12Z",
        "payment": {"id": "pay_1", "reference": "1", "captured_at": format!("{day}T09:03:11-05:00"), "currency": "CAD",
            "amount": amount, "method": method, "lines": [{"id": "1", "kind": "service", "amount": amount}]}
    });
    match message::parse(&message.to_string()).unwrap().content {
        Content::PaymentCaptured { payment, .. } => *payment,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_payment_that_is_left_out_creates_no_payment_method() {
    for (day, method, amount, created) in [
        ("2026-11-20", "cash", "10.00", Some("Cash")),
        ("2026-11-19", "cash", "10.00", None),
        ("2026-11-20", "cheque", "10.00", None),
        ("2026-11-20", "cash", "0.00", None),
    ] {
        let lacks = connection().lacks_method(&payment(day, method, amount));
        let lacks = lacks.map(|new| new.name);
        assert_eq!(lacks.as_deref(), created, "{day} {method} {amount}");
    }
}
