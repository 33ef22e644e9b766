//! The financial fields of a transaction: the same for the same money, another for another.
#![allow(clippy::unwrap_used, reason = "a test stops where something is wrong")]

use bookkeeping::message::{self, Content};
use serde_json::{Value, json};

fn fixture(name: &str) -> Value {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests/fixtures/messages/accepted")
        .join(name);
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn fields(message: &Value) -> String {
    match message::parse(&message.to_string())
        .unwrap_or_else(|refusal| panic!("{refusal}"))
        .content
    {
        Content::PaymentCaptured { payment, .. } => payment.financial_fields(),
        Content::PaymentRefunded { refund, .. } => refund.financial_fields(),
        other => panic!("{other:?} is no transaction"),
    }
}

fn with(mut message: Value, changes: &[(&str, Value)]) -> Value {
    for (pointer, value) in changes {
        let (parent, name) = pointer.rsplit_once('/').expect("a pointer has a slash");
        let parent = message
            .pointer_mut(parent)
            .expect("the parent is in the fixture");
        match parent {
            Value::Array(elements) => elements[name.parse::<usize>().unwrap()] = value.clone(),
            _ => parent[name] = value.clone(),
        }
    }
    message
}

#[test]
fn a_payment_has_one_canonical_text() {
    let expected = "payment pay_8KQ2XW 10253 CAD at 2026-11-22T14:03:11Z on - rate - method \"card\" inclusive false before -\n\
                    line 1 service svc_windows 8000 - tax tax_gst 400 tax tax_qst 798\n\
                    line 2 tip - 1055 -\n";
    assert_eq!(fields(&fixture("payment-card.json")), expected);
}

#[test]
fn a_refund_has_one_canonical_text() {
    let expected = "refund ref_77 refund of pay_8KQ2XW 3418 CAD at 2026-11-24T21:20:00Z rate - method \"card\" inclusive false\nno lines\n";
    assert_eq!(fields(&fixture("refund-without-lines.json")), expected);
    assert!(
        fields(&fixture("refund-with-lines.json"))
            .ends_with("line 1 service - 4000 - tax tax_gst 200 tax tax_qst 399\n")
    );
}

#[test]
fn the_same_money_written_otherwise_is_the_same() {
    let original = fixture("payment-card.json");
    for changes in [
        vec![("/payment/captured_at", json!("2026-11-22T14:03:11.000Z"))],
        vec![("/payment/lines/0/amount", json!("80"))],
        vec![("/payment/lines/0/description", json!("Lavage  de vitres"))],
        vec![("/payment/lines/0/booking", json!(null))],
        vec![("/payment/lines/0/taxes/0/name", json!("TPS"))],
        vec![
            ("/payment/lines/0/quantity", json!("1")),
            ("/payment/lines/0/unit_price", json!("85")),
        ],
        vec![("/payment/reference", json!("other"))],
        vec![("/payment/method", json!("Card"))],
        vec![("/payment/card_brand", json!("amex"))],
        vec![("/customer", json!(null))],
        vec![("/sent_at", json!("2026-11-23T00:00:00Z"))],
    ] {
        assert_eq!(
            fields(&with(original.clone(), &changes)),
            fields(&original),
            "{changes:?}"
        );
    }
}

#[test]
fn other_money_is_another() {
    let original = fixture("payment-card.json");
    for changes in [
        vec![
            ("/payment/lines/1/amount", json!("10.56")),
            ("/payment/amount", json!("102.54")),
        ],
        vec![
            ("/payment/lines/1/amount", json!("10.54")),
            ("/payment/lines/0/taxes/0/amount", json!("4.01")),
        ],
        vec![("/payment/captured_at", json!("2026-11-23T09:03:11-05:00"))],
        vec![("/payment/received_on", json!("2026-11-21"))],
        vec![("/payment/method", json!("cash"))],
        vec![("/payment/exchange_rate", json!("1.1"))],
        vec![("/payment/lines/0/kind", json!("product"))],
        vec![("/payment/lines/0/service", json!("svc_carpet"))],
        vec![("/payment/lines/0/taxes/0/id", json!("tax_hst"))],
        vec![("/payment/lines/1/tax_treatment", json!("out_of_scope"))],
        vec![("/payment/paid_before", json!("0.00"))],
        vec![("/payment/currency", json!("USD"))],
    ] {
        assert_ne!(
            fields(&with(original.clone(), &changes)),
            fields(&original),
            "{changes:?}"
        );
    }
}
