//! The sample day is read to the figures that `tests/fixtures/day/build.py` worked out on its own.
#![allow(clippy::unwrap_used, reason = "a test stops where something is wrong")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use bookkeeping::message::{self, Content, Message};
use bookkeeping::money::Amount;
use bookkeeping::transaction::{LineKind, Payment};
use serde_json::Value;

fn fixture(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests/fixtures/day")
        .join(name);
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn day() -> Vec<(Message, Box<Payment>)> {
    let read = |entry: &Value| {
        let message = message::parse(&entry["message"].to_string())
            .unwrap_or_else(|refusal| panic!("{refusal}"));
        match &message.content {
            Content::PaymentCaptured { payment, .. } => (message.clone(), payment.clone()),
            other => panic!("the day has payments alone, not {other:?}"),
        }
    };
    fixture("day.json")
        .as_array()
        .unwrap()
        .iter()
        .map(read)
        .collect()
}

fn tax_by_id(payments: &[&Payment]) -> BTreeMap<String, String> {
    let mut sums: BTreeMap<String, Amount> = BTreeMap::new();
    for tax in payments
        .iter()
        .flat_map(|payment| &payment.lines)
        .flat_map(|line| &line.taxes)
    {
        let sum = sums
            .entry(tax.id.to_string())
            .or_insert(Amount::zero(tax.amount.currency()));
        *sum = sum.checked_add(tax.amount).unwrap();
    }
    sums.into_iter()
        .map(|(id, sum)| (id, sum.decimal_text()))
        .collect()
}

fn expected_tax(of: &Value) -> BTreeMap<String, String> {
    let pair = |(id, sum): (&String, &Value)| (id.clone(), sum.as_str().unwrap().to_owned());
    of["tax"].as_object().unwrap().iter().map(pair).collect()
}

#[test]
fn every_payment_of_the_day_has_the_expected_figures() {
    let expected = fixture("expected.json");
    let payments = day();
    assert!(payments.len() >= 36);
    assert_eq!(
        expected["payments"].as_array().unwrap().len(),
        payments.len()
    );
    for ((message, payment), expected) in payments
        .iter()
        .zip(expected["payments"].as_array().unwrap())
    {
        let merchant = message.merchant_id.as_str();
        let zone = fixture("expected.json")["merchants"][merchant]["time_zone"]
            .as_str()
            .unwrap()
            .to_owned();
        let zone = jiff::tz::TimeZone::get(&zone).unwrap();
        let Content::PaymentCaptured { customer, .. } = &message.content else {
            unreachable!("checked when it was read")
        };
        assert_eq!(expected["merchant"], merchant);
        assert_eq!(expected["payment"], payment.id.as_str());
        assert_eq!(
            expected["document_number"],
            format!("MC-{}", payment.reference)
        );
        assert_eq!(
            expected["date"],
            payment.captured_on(&zone).to_string(),
            "{}",
            payment.id
        );
        assert_eq!(expected["currency"], payment.currency.code());
        assert_eq!(
            expected["total"],
            payment.amount.decimal_text(),
            "{}",
            payment.id
        );
        assert_eq!(payment.cost(), payment.amount, "{}", payment.id);
        assert_eq!(expected["method"], payment.method.as_str());
        assert_eq!(
            expected["customer"].as_str(),
            customer.as_ref().map(|customer| customer.id.as_str())
        );
        assert_eq!(
            expected["email"].as_str(),
            customer
                .as_ref()
                .and_then(|customer| customer.email.as_deref())
        );
        assert_eq!(
            tax_by_id(&[payment]),
            expected_tax(expected),
            "{}",
            payment.id
        );
    }
}

#[test]
fn every_merchants_totals_are_as_expected() {
    let expected = fixture("expected.json");
    let payments = day();
    for (merchant, expected) in expected["merchants"].as_object().unwrap() {
        let of: Vec<&Payment> = payments
            .iter()
            .filter(|(message, _)| message.merchant_id.as_str() == merchant)
            .map(|(_, payment)| &**payment)
            .collect();
        let total = Amount::sum(of[0].currency, of.iter().map(|payment| payment.amount)).unwrap();
        assert_eq!(expected["count"], of.len());
        assert_eq!(expected["total"], total.decimal_text(), "{merchant}");
        assert_eq!(tax_by_id(&of), expected_tax(expected), "{merchant}");
    }
}

#[test]
fn the_day_is_varied_and_keeps_to_what_a_first_day_has() {
    let payments = day();
    let count = |merchant: &str| {
        payments
            .iter()
            .filter(|(message, _)| message.merchant_id.as_str() == merchant)
            .count()
    };
    assert!(count("mer_laurier") >= 24 && count("mer_northgate") >= 6 && count("mer_tucson") >= 6);
    let methods: BTreeSet<&str> = payments
        .iter()
        .map(|(_, payment)| payment.method.as_str())
        .collect();
    assert_eq!(
        methods,
        BTreeSet::from(["card", "cash", "cheque", "debit", "etransfer", "paypal"])
    );
    let ids: BTreeSet<_> = payments
        .iter()
        .map(|(_, payment)| payment.id.as_str())
        .collect();
    assert_eq!(ids.len(), payments.len());
    for (_, payment) in &payments {
        assert!(!payment.prices_include_tax && payment.paid_before.is_none());
        for line in &payment.lines {
            assert!(matches!(
                line.kind,
                LineKind::Service | LineKind::Product | LineKind::Fee | LineKind::Tip
            ));
            assert_eq!(
                line.taxes.is_empty(),
                line.kind == LineKind::Tip,
                "{}",
                payment.id
            );
        }
    }
    let differing = fixture("expected.json")["payments"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|of| of["tax_differs_from_rate_on_total"] == true)
        .count();
    assert!(differing >= 3);
}
