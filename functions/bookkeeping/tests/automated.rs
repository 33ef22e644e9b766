//! Tax that QuickBooks works out itself: an amount of ours needs a code, whichever, and the code must be one that has a tax.
#![allow(clippy::unwrap_used, reason = "a test stops where something is wrong")]

use bookkeeping::connection::Connection;
use bookkeeping::ids::CompanyCustomerId;
use bookkeeping::message::{self, Content};
use bookkeeping::receipt::{self, DraftTax};
use bookkeeping::transaction::TransactionKey;
use serde_json::{Value, json};

fn connection(codes: &Value) -> Connection {
    serde_json::from_value(json!({
        "merchant": "mer_1", "epoch": 1, "state": "connected", "time_zone": "America/Los_Angeles",
        "company": {
            "realm": "9341450000000001", "name": "Sunline", "country": "US", "home_currency": "USD",
            "multicurrency": false, "custom_numbers": true, "tax_model": "us_automated",
            "tax_codes": codes, "accounts": [], "items": [], "payment_methods": []
        },
        "settings": {"deposits": {"clearing": {"USD": "91"}}, "items": {"fallback": "21"}, "tax_map": {}}
    }))
    .unwrap()
}

/// The document's code, and the tax of each of its rates in cents.
fn drawn(codes: &Value) -> (String, Vec<i64>) {
    let connection = connection(codes);
    let message = json!({
        "schema": 1, "type": "payment.captured", "merchant_id": "mer_1", "sent_at": "2026-11-22T14:03:12Z",
        "payment": {"id": "pay_1", "reference": "1", "captured_at": "2026-11-22T09:03:11-08:00", "currency": "USD",
            "amount": "219.00", "method": "card", "lines": [
            {"id": "1", "kind": "service", "amount": "200.00", "taxes": [
                {"id": "la", "name": "Sales tax", "rate": "9.5", "amount": "19.00"}]}]}
    });
    let Content::PaymentCaptured { payment, .. } =
        message::parse(&message.to_string()).unwrap().content
    else {
        unreachable!("a payment was told")
    };
    let key = TransactionKey::payment(connection.merchant.clone(), &payment.id);
    let in_company = CompanyCustomerId::parse("58").unwrap();
    let draft = receipt::draft(&key, &payment, None, &in_company, &connection).unwrap();
    match draft.tax {
        DraftTax::UnitedStates { code, lines } => {
            let taxes = lines.iter().map(|line| line.amount.minor()).collect();
            (code.to_string(), taxes)
        }
        other => panic!("{other:?}"),
    }
}

fn code(id: &str, percent: &str, active: bool) -> Value {
    json!({"id": id, "name": id, "active": active, "rates": [{"id": id, "name": id, "percent": percent}]})
}

#[test]
fn a_code_of_nought_per_cent_that_comes_first_does_not_stop_a_payment_with_tax() {
    let codes = json!([code("4", "0", true), code("7", "9.5", true)]);
    assert_eq!(drawn(&codes), ("7".to_owned(), vec![1_900]));
}

#[test]
fn a_code_that_cannot_be_used_is_not_taken() {
    let codes = json!([code("4", "6", false), code("7", "9.5", true)]);
    assert_eq!(drawn(&codes), ("7".to_owned(), vec![1_900]));
}
