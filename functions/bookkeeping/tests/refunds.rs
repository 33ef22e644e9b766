//! A refund mirrors what was posted, as the company is today.
#![allow(clippy::unwrap_used, reason = "a test stops where something is wrong")]

use bookkeeping::connection::Connection;
use bookkeeping::ids::CompanyCustomerId;
use bookkeeping::message::{self, Content};
use bookkeeping::money::{ExchangeRate, Percent};
use bookkeeping::reason::{Reason, ReasonCode};
use bookkeeping::receipt::{self, ReceiptDraft};
use bookkeeping::refund::{Drawing, Posted, take};
use bookkeeping::transaction::{Payment, Refund, TransactionKey};
use rust_decimal::Decimal;
use serde_json::{Value, json};

/// A company in Quebec that keeps locations, and classes on each line or for the whole document.
fn connection(on_lines: bool) -> Connection {
    serde_json::from_value(json!({
        "merchant": "mer_1", "epoch": 1, "state": "connected", "time_zone": "America/Toronto",
        "company": {
            "realm": "9341450000000001", "name": "Laurier", "country": "CA", "home_currency": "CAD",
            "multicurrency": true, "currencies": ["KWD"], "custom_numbers": true, "tax_model": "global",
            "tracking": {"classes_on_lines": on_lines, "classes_on_documents": !on_lines, "locations": true},
            "tax_codes": [
                {"id": "8", "name": "GST/QST QC - 9.975", "rates": [
                    {"id": "3", "name": "GST", "percent": "5"}, {"id": "11", "name": "QST", "percent": "9.975"}]},
                {"id": "3", "name": "Out of scope", "rates": []}],
            "accounts": [], "items": [], "payment_methods": []
        },
        "settings": {
            "deposits": {"clearing": {"CAD": "91", "KWD": "91"}},
            "items": {"fallback": "21", "tip": "25"},
            "classes": {"by_service": {"svc_windows": "201"}},
            "locations": {"by_service": {"svc_windows": "2"}},
            "tax_map": {
                "rows": [{"code": "8", "taxes": [{"tax": "gst", "rate": "3"}, {"tax": "qst", "rate": "11"}]}],
                "out_of_scope": "3"
            }
        }
    }))
    .unwrap()
}

fn payment(currency: &str) -> Payment {
    let message = json!({
        "schema": 1, "type": "payment.captured", "merchant_id": "mer_1", "sent_at": "2026-11-22T14:03:12Z",
        "payment": {
            "id": "pay_1", "reference": "1", "captured_at": "2026-11-22T09:03:11-05:00", "currency": currency,
            "exchange_rate": "4.5", "amount": "102.53", "method": "card", "lines": [
                {"id": "1", "kind": "service", "service": "svc_windows", "amount": "80.00", "taxes": [
                    {"id": "gst", "name": "GST", "rate": "5", "amount": "4.00"},
                    {"id": "qst", "name": "QST", "rate": "9.975", "amount": "7.98"}]},
                {"id": "2", "kind": "tip", "amount": "10.55"}]}
    });
    match message::parse(&message.to_string()).unwrap().content {
        Content::PaymentCaptured { payment, .. } => *payment,
        other => panic!("{other:?}"),
    }
}

fn refund(currency: &str, amount: &str, lines: &Value) -> Refund {
    let message = json!({
        "schema": 1, "type": "payment.refunded", "merchant_id": "mer_1", "sent_at": "2026-11-24T14:03:12Z",
        "refund": {"id": "ref_1", "reference": "R-1", "kind": "refund", "payment_id": "pay_1", "currency": currency,
                   "refunded_at": "2026-11-24T09:03:11-05:00", "amount": amount, "lines": lines}
    });
    match message::parse(&message.to_string()).unwrap().content {
        Content::PaymentRefunded { refund, .. } => *refund,
        other => panic!("{other:?}"),
    }
}

/// What was posted of the payment into this company.
fn posted(currency: &str, connection: &Connection) -> (ReceiptDraft, Posted) {
    let payment = payment(currency);
    let key = TransactionKey::payment(connection.merchant.clone(), &payment.id);
    let in_company = CompanyCustomerId::parse("58").unwrap();
    let sale = receipt::draft(&key, &payment, None, &in_company, connection).unwrap();
    let posted = Posted::of(&sale, &payment, connection);
    // As the ledger gives it back.
    let kept = serde_json::from_value(serde_json::to_value(&posted).unwrap()).unwrap();
    (sale, kept)
}

fn drawn(
    refund: &Refund,
    posted: &Posted,
    connection: &Connection,
) -> Result<ReceiptDraft, Reason> {
    let key = TransactionKey::refund(connection.merchant.clone(), &refund.id);
    let drawing = Drawing {
        key: &key,
        refund,
        customer: None,
        in_company: &posted.customer,
        connection,
        posted: Some(posted),
        receipt: Some("MC-1"),
        named: None,
    };
    take(&drawing, &[], false).map(|(draft, _)| draft)
}

#[test]
fn a_full_refund_carries_items_codes_taxes_class_and_location_of_its_payment() {
    for on_lines in [true, false] {
        let connection = connection(on_lines);
        let (sale, posted) = posted("CAD", &connection);
        let back = drawn(&refund("CAD", "102.53", &Value::Null), &posted, &connection).unwrap();
        assert_eq!(back.total, sale.total);
        assert_eq!(back.tax, sale.tax);
        assert_eq!(back.location, sale.location);
        assert_eq!(back.class, sale.class);
        assert_eq!(back.class.is_some(), !on_lines);
        let essential = |draft: &ReceiptDraft| -> Vec<_> {
            let lines = draft.lines.iter();
            lines
                .map(|line| {
                    let of = (line.item.clone(), line.amount, line.tax.clone());
                    (of, line.class.clone(), line.tip)
                })
                .collect()
        };
        assert_eq!(essential(&back), essential(&sale));
        assert_eq!(back.lines[0].class.is_some(), on_lines);
    }
}

#[test]
fn classes_and_locations_the_company_keeps_no_more_are_left_out() {
    for on_lines in [true, false] {
        let mut connection = connection(on_lines);
        let (_, posted) = posted("CAD", &connection);
        connection.company.tracking.classes_on_lines = false;
        connection.company.tracking.classes_on_documents = false;
        connection.company.tracking.locations = false;
        let back = drawn(&refund("CAD", "10.00", &Value::Null), &posted, &connection).unwrap();
        assert_eq!((back.class, back.location), (None, None));
        assert!(back.lines.iter().all(|line| line.class.is_none()));
    }
}

#[test]
fn a_tax_code_that_is_gone_is_asked_for_only_where_the_refund_needs_it() {
    let mut connection = connection(true);
    let (_, posted) = posted("CAD", &connection);
    connection
        .company
        .tax_codes
        .retain(|code| code.id.as_str() != "3");
    let of_the_service = refund("CAD", "91.98", &Value::Null);
    let back = drawn(&of_the_service, &posted, &connection).unwrap();
    assert_eq!(back.lines.len(), 1, "the tip goes back last");
    let of_the_tip_too = refund("CAD", "91.99", &Value::Null);
    let reason = drawn(&of_the_tip_too, &posted, &connection).unwrap_err();
    assert_eq!(reason.code, ReasonCode::TaxCodeInactive);
}

#[test]
fn a_refund_finer_than_quickbooks_can_hold_is_refused_and_every_share_of_another_can_be_held() {
    let connection = connection(true);
    let (_, posted) = posted("KWD", &connection);
    let finer = refund("KWD", "1.005", &Value::Null);
    let reason = drawn(&finer, &posted, &connection).unwrap_err();
    assert_eq!(reason.code, ReasonCode::NotRepresentable);
    let back = drawn(&refund("KWD", "33.33", &Value::Null), &posted, &connection).unwrap();
    assert!(back.lines.iter().all(|line| line.amount.minor() % 10 == 0));
    let tax = back.tax.total(back.currency).unwrap();
    assert_eq!(tax.minor() % 10, 0);
}

#[test]
fn a_refund_in_a_foreign_currency_goes_back_at_its_own_rate_else_at_that_of_its_payment() {
    let connection = connection(true);
    let (sale, posted) = posted("KWD", &connection);
    assert_eq!(sale.exchange_rate, Some(decimal("4.5")));
    let lines = json!([{"id": "1", "kind": "service", "amount": "10.00", "taxes": [
        {"id": "gst", "name": "GST", "rate": "5", "amount": "0.50"},
        {"id": "qst", "name": "QST", "rate": "9.975", "amount": "1.00"}]}]);
    for lines in [&Value::Null, &lines] {
        let mut refund = refund("KWD", "11.50", lines);
        let back = drawn(&refund, &posted, &connection).unwrap();
        assert_eq!(back.exchange_rate, sale.exchange_rate, "{lines}");
        refund.exchange_rate = Some(ExchangeRate::parse("4.6").unwrap());
        let back = drawn(&refund, &posted, &connection).unwrap();
        assert_eq!(back.exchange_rate, Some(decimal("4.6")), "{lines}");
    }
    // Posted before rates were remembered: QuickBooks would take one for one.
    let mut before = posted;
    before.exchange_rate = None;
    let reason = drawn(&refund("KWD", "11.50", &Value::Null), &before, &connection).unwrap_err();
    assert_eq!(reason.code, ReasonCode::ExchangeRateMissing);
}

#[test]
fn what_a_refund_lists_goes_back_at_the_rate_it_was_charged_at_whatever_the_rate_is_by_then() {
    let mut connection = connection(true);
    let row = &mut connection.settings.tax_map.rows[0];
    for (mapped, percent) in row.taxes.iter_mut().zip(["5", "9.975"]) {
        mapped.percent = Some(Percent::parse(percent).unwrap());
    }
    let (sale, posted) = posted("CAD", &connection);
    // Two days later.
    connection.company.tax_codes[0].rates[1].periods = serde_json::from_value(json!([
        {"percent": "9.975", "from": "2013-01-01", "through": "2026-11-23"},
        {"percent": "10", "from": "2026-11-24"}]))
    .unwrap();
    let whole = json!([
        {"id": "1", "kind": "service", "service": "svc_windows", "amount": "80.00", "taxes": [
            {"id": "gst", "name": "GST", "rate": "5", "amount": "4.00"},
            {"id": "qst", "name": "QST", "rate": "9.975", "amount": "7.98"}]},
        {"id": "2", "kind": "tip", "amount": "10.55"}]);
    let back = drawn(&refund("CAD", "102.53", &whole), &posted, &connection).unwrap();
    assert_eq!(back.tax, sale.tax);
}

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}
