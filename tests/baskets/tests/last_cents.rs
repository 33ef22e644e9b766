//! The last cent of a payment's tax, when all it was charged on has gone back.
#![allow(clippy::unwrap_used, reason = "a test stops where something is wrong")]

use baskets::Shop;
use bookkeeping::ids::CompanyCustomerId;
use bookkeeping::message::{Content, parse};
use bookkeeping::reason::Reason;
use bookkeeping::receipt::{self, ReceiptDraft};
use bookkeeping::refund::{Drawing, Posted, Taken, take};
use bookkeeping::transaction::TransactionKey;
use serde_json::{Value, json};

/// Draws up the refund of a number and keeps what it took.
fn refunded(
    shop: &Shop,
    posted: &Posted,
    taken: &mut Vec<Taken>,
    amount: &str,
) -> Result<(TransactionKey, ReceiptDraft), Reason> {
    let number = taken.len();
    let message = json!({
        "schema": 1, "type": "payment.refunded", "merchant_id": "mer_1", "sent_at": "2026-11-24T14:03:12Z",
        "refund": {"id": format!("ref_{number}"), "reference": format!("R-{number}"), "kind": "refund", "payment_id": "pay_1",
                   "refunded_at": "2026-11-24T09:03:11-05:00", "currency": shop.currency.0, "amount": amount,
                   "exchange_rate": shop.currency.1, "lines": null}
    });
    let message = parse(&message.to_string()).unwrap();
    let key = message.transaction_key().unwrap();
    let Content::PaymentRefunded { refund, .. } = message.content else {
        panic!("a refund was told")
    };
    let drawing = Drawing {
        key: &key,
        refund: &refund,
        customer: None,
        in_company: &posted.customer,
        connection: &shop.connection,
        posted: Some(posted),
        receipt: None,
        named: None,
    };
    let (draft, took) = take(&drawing, taken, false)?;
    taken.push(took);
    Ok((key, draft))
}

/// What is remembered of a payment of this line.
fn paid(shop: &Shop, amount: &str, line: &Value) -> Posted {
    let message = json!({
        "schema": 1, "type": "payment.captured", "merchant_id": "mer_1", "sent_at": "2026-11-22T14:03:12Z",
        "payment": {"id": "pay_1", "reference": "1", "captured_at": "2026-11-22T09:03:11-05:00", "currency": shop.currency.0,
                    "exchange_rate": shop.currency.1, "amount": amount, "method": "card", "lines": [line]}
    });
    let message = parse(&message.to_string()).unwrap();
    let key = message.transaction_key().unwrap();
    let Content::PaymentCaptured { payment, .. } = message.content else {
        panic!("a payment was told")
    };
    let customer = CompanyCustomerId::parse("44").unwrap();
    let draft = receipt::draft(&key, &payment, None, &customer, &shop.connection).unwrap();
    Posted::of(&draft, &payment, &shop.connection)
}

#[test]
fn a_last_cent_of_united_states_tax_goes_back_on_a_line_of_its_own() {
    let mut shop = Shop::named("Arizona, manual");
    let line = json!({"id": "1", "kind": "service", "amount": "0.01", "taxes": [
        {"id": "az", "name": "az", "rate": "7.1", "amount": "0.01"}, {"id": "tucson", "name": "tucson", "rate": "2", "amount": "0.00"}]});
    let posted = paid(&shop, "0.02", &line);
    let mut taken = Vec::new();
    let mut lines = Vec::new();
    for _ in 0..2 {
        let (key, draft) = refunded(&shop, &posted, &mut taken, "0.01").unwrap();
        let answer = shop.write(&key, &draft).unwrap();
        assert_eq!(answer["TotalAmt"].to_string(), "0.01", "{answer}");
        lines.push(answer["Line"][0].clone());
    }
    let items = lines
        .iter()
        .map(|line| &line["SalesItemLineDetail"]["ItemRef"]["value"]);
    assert_eq!(items.collect::<Vec<_>>(), ["21", "29"]);
    assert_eq!(lines[1]["Description"], "AZ State tax");
}
