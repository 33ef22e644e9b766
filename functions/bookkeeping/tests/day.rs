//! The sample day is read to the figures that `tests/fixtures/day/build.py` worked out on its own.
#![allow(clippy::unwrap_used, reason = "a test stops where something is wrong")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use bookkeeping::message::{self, Content, Message};
use bookkeeping::money::{Amount, Currency};
use bookkeeping::shares::shares;
use bookkeeping::transaction::{Payment, Refund};
use serde_json::Value;

fn fixture(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests/fixtures/day")
        .join(name);
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn messages() -> Vec<Message> {
    let read = |entry: &Value| {
        message::parse(&entry["message"].to_string()).unwrap_or_else(|refusal| panic!("{refusal}"))
    };
    let day = fixture("day.json");
    day.as_array().unwrap().iter().map(read).collect()
}

fn day() -> Vec<(Message, Box<Payment>)> {
    let payment = |message: Message| match message.content.clone() {
        Content::PaymentCaptured { payment, .. } => Some((message, payment)),
        _ => None,
    };
    messages().into_iter().filter_map(payment).collect()
}

fn refunds() -> Vec<(Message, Box<Refund>)> {
    let refund = |message: Message| match message.content.clone() {
        Content::PaymentRefunded { refund, .. } => Some((message, refund)),
        _ => None,
    };
    messages().into_iter().filter_map(refund).collect()
}

fn expected_of<'a>(expected: &'a Value, list: &str, merchant: &str) -> Vec<&'a Value> {
    let all = expected[list].as_array().unwrap().iter();
    all.filter(|of| of["merchant"] == merchant).collect()
}

/// What expected documents come to, as text, and their taxes.
fn sums(currency: Currency, documents: &[&Value]) -> (String, BTreeMap<String, String>) {
    let amount = |text: &Value| Amount::parse(text.as_str().unwrap(), currency).unwrap();
    let add = |amounts: Vec<Amount>| Amount::sum(currency, amounts).unwrap().decimal_text();
    let mut taxes: BTreeMap<String, Vec<Amount>> = BTreeMap::new();
    for (tax, sum) in documents
        .iter()
        .flat_map(|of| of["tax"].as_object().unwrap())
    {
        taxes.entry(tax.clone()).or_default().push(amount(sum));
    }
    let total = add(documents.iter().map(|of| amount(&of["total"])).collect());
    (
        total,
        taxes
            .into_iter()
            .map(|(tax, all)| (tax, add(all)))
            .collect(),
    )
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

/// The taxes a payment covers: all of its lines', or its share of them.
fn tax_of(payment: &Payment) -> BTreeMap<String, String> {
    let whole = tax_by_id(&[payment]);
    let Some(before) = payment.paid_before else {
        return whole;
    };
    let nets = payment.lines.iter().map(|line| line.amount.minor());
    let ids: Vec<&String> = whole.keys().collect();
    let of = |id: &String| {
        let taxes = payment.lines.iter().flat_map(|line| &line.taxes);
        taxes
            .filter(|tax| tax.id.as_str() == id)
            .map(|tax| tax.amount.minor())
            .sum::<i64>()
    };
    let parts: Vec<i64> = nets.chain(ids.iter().map(|id| of(id))).collect();
    let shares = shares(&parts, before.minor(), payment.amount.minor()).unwrap();
    let text = |minor: &i64| Amount::from_minor(*minor, payment.currency).decimal_text();
    let taxes = ids
        .into_iter()
        .cloned()
        .zip(shares[payment.lines.len()..].iter().map(text));
    taxes.collect()
}

/// The expected taxes that are more than nothing.
fn charged(of: &Value) -> BTreeMap<String, String> {
    let mut tax = expected_tax(of);
    tax.retain(|_, amount| amount.chars().any(|digit| ('1'..='9').contains(&digit)));
    tax
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
        if payment.paid_before.is_none() {
            assert_eq!(payment.cost(), payment.amount, "{}", payment.id);
        }
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
        assert_eq!(tax_of(payment), charged(expected), "{}", payment.id);
    }
}

#[test]
fn every_refund_of_the_day_has_the_expected_figures() {
    let expected = fixture("expected.json");
    let refunds = refunds();
    let all = expected["refunds"].as_array().unwrap();
    assert_eq!(all.len(), refunds.len());
    let payments = day();
    for ((message, refund), expected) in refunds.iter().zip(all) {
        assert_eq!(expected["merchant"], message.merchant_id.as_str());
        assert_eq!(expected["refund"], refund.id.as_str());
        assert_eq!(expected["payment"], refund.payment_id.as_str());
        assert_eq!(
            expected["document_number"],
            format!("MC-{}", refund.reference)
        );
        assert_eq!(expected["currency"], refund.currency.code());
        assert_eq!(expected["total"], refund.amount.decimal_text());
        let paid = payments
            .iter()
            .find(|(_, payment)| payment.id == refund.payment_id);
        let (captured, _) = paid.unwrap_or_else(|| panic!("{} has a payment", refund.id));
        assert!(
            captured.sent_at < message.sent_at,
            "{} follows its payment",
            refund.id
        );
    }
}

#[test]
fn every_merchants_totals_are_as_expected() {
    let all = fixture("expected.json");
    let payments = day();
    for (merchant, expected) in all["merchants"].as_object().unwrap() {
        let of: Vec<&Payment> = payments
            .iter()
            .filter(|(message, _)| message.merchant_id.as_str() == merchant)
            .map(|(_, payment)| &**payment)
            .collect();
        let currency = of[0].currency;
        let total = Amount::sum(currency, of.iter().map(|payment| payment.amount)).unwrap();
        assert_eq!(expected["count"], of.len());
        assert_eq!(expected["total"], total.decimal_text(), "{merchant}");
        for (list, told) in [("payments", expected), ("refunds", &expected["refunds"])] {
            let documents = expected_of(&all, list, merchant);
            let (total, tax) = sums(currency, &documents);
            assert_eq!(told["count"], documents.len(), "{merchant} {list}");
            assert_eq!(told["total"], total, "{merchant} {list}");
            assert_eq!(expected_tax(told), tax, "{merchant} {list}");
        }
    }
}

#[test]
fn the_day_has_every_kind_of_line_and_every_way_to_pay_and_to_give_back() {
    let payments = day();
    let count = |merchant: &str| {
        payments
            .iter()
            .filter(|(message, _)| message.merchant_id.as_str() == merchant)
            .count()
    };
    assert!(count("mer_laurier") >= 24 && count("mer_northgate") >= 6 && count("mer_tucson") >= 6);
    for merchant in ["mer_harbour", "mer_sunline", "mer_thames"] {
        assert!(count(merchant) >= 3, "{merchant}");
    }
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
    let lines = || payments.iter().flat_map(|(_, payment)| &payment.lines);
    let kinds: BTreeSet<&str> = lines().map(|line| line.kind.as_str()).collect();
    for kind in [
        "service",
        "product",
        "fee",
        "tip",
        "discount",
        "gift_card",
        "gift_card_redeemed",
        "deposit",
        "deposit_applied",
        "rounding",
    ] {
        assert!(kinds.contains(kind), "{kind}");
    }
    let instalments = payments
        .iter()
        .filter(|(_, payment)| payment.paid_before.is_some());
    assert_eq!(instalments.count(), 3);
    assert!(
        payments
            .iter()
            .any(|(_, payment)| payment.prices_include_tax)
    );
    let refunds = refunds();
    let of = |payment: &str| {
        refunds
            .iter()
            .filter(|(_, refund)| refund.payment_id.as_str() == payment)
            .count()
    };
    assert_eq!(
        (of("pay_100240"), of("pay_100241")),
        (1, 3),
        "a full one, and three parts"
    );
    let differing = fixture("expected.json")["payments"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|of| of["tax_differs_from_rate_on_total"] == true)
        .count();
    assert!(differing >= 5);
}
