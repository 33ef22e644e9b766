//! The tax of a refund that nobody else can name: as the operator names it, to the cent, in every tax model.
#![allow(clippy::unwrap_used, reason = "a test stops where something is wrong")]

use bookkeeping::connection::Connection;
use bookkeeping::ids::{CompanyCustomerId, TaxCodeId};
use bookkeeping::message::{self, Content};
use bookkeeping::money::Currency;
use bookkeeping::reason::{Reason, ReasonCode};
use bookkeeping::receipt::{DraftTax, LineTax, ReceiptDraft};
use bookkeeping::refund::{Drawing, NamedTax, take};
use bookkeeping::transaction::{Refund, TransactionKey};
use rust_decimal::Decimal;
use serde_json::json;

fn connection(model: &str, country: &str, currency: &str) -> Connection {
    serde_json::from_value(json!({
        "merchant": "mer_1", "epoch": 1, "state": "connected", "time_zone": "America/Toronto",
        "company": {
            "realm": "9341450000000001", "name": "Laurier", "country": country, "home_currency": currency,
            "multicurrency": false, "custom_numbers": true, "tax_model": model,
            "tax_codes": [
                {"id": "8", "name": "GST/QST", "rates": [
                    {"id": "3", "name": "GST", "percent": "5"}, {"id": "11", "name": "QST", "percent": "9.975"}]},
                {"id": "9", "name": "Exempt", "rates": []},
                {"id": "10", "name": "Old", "active": false, "rates": [{"id": "4", "name": "Old", "percent": "15"}]},
                {"id": "12", "name": "Both", "rates": [
                    {"id": "3", "name": "GST", "percent": "5"},
                    {"id": "5", "name": "On both", "percent": "9.5", "compound": true}]}],
            "accounts": [], "items": [], "payment_methods": []
        },
        "settings": {
            "deposits": {"clearing": {currency: "91"}}, "items": {"fallback": "21", "tax": "30"}, "tax_map": {"no_tax": "9"}
        }
    }))
    .unwrap()
}

fn refund(currency: &str, minor: i64, inclusive: bool) -> Refund {
    let amount = format!("{}.{:02}", minor / 100, minor % 100);
    let message = json!({
        "schema": 1, "type": "payment.refunded", "merchant_id": "mer_1", "sent_at": "2026-11-24T14:03:12Z",
        "refund": {"id": "ref_1", "reference": "R-1", "kind": "refund", "payment_id": "pay_1", "currency": currency,
                   "prices_include_tax": inclusive, "refunded_at": "2026-11-24T09:03:11-05:00", "amount": amount}
    });
    match message::parse(&message.to_string()).unwrap().content {
        Content::PaymentRefunded { refund, .. } => *refund,
        other => panic!("{other:?}"),
    }
}

fn named(
    connection: &Connection,
    refund: &Refund,
    named: Option<&NamedTax>,
) -> Result<ReceiptDraft, Reason> {
    let key = TransactionKey::refund(connection.merchant.clone(), &refund.id);
    let in_company = CompanyCustomerId::parse("58").unwrap();
    let drawing = Drawing {
        key: &key,
        refund,
        customer: None,
        in_company: &in_company,
        connection,
        posted: None,
        receipt: None,
        named,
    };
    take(&drawing, &[], false).map(|(draft, _)| draft)
}

fn code(id: &str) -> NamedTax {
    NamedTax::Code(TaxCodeId::parse(id).unwrap())
}

/// The net and the taxes, in minor units.
fn parts(draft: &ReceiptDraft) -> (i64, Vec<i64>) {
    let lines = match &draft.tax {
        DraftTax::None => &[][..],
        DraftTax::Global(lines) | DraftTax::UnitedStates { lines, .. } => lines,
    };
    let taxes = lines.iter().map(|line| line.amount.minor()).collect();
    (
        draft.lines.iter().map(|line| line.amount.minor()).sum(),
        taxes,
    )
}

#[test]
fn until_it_is_named_it_asks() {
    let connection = connection("global", "CA", "CAD");
    let refused = named(&connection, &refund("CAD", 11_498, false), None);
    assert_eq!(refused.unwrap_err().code, ReasonCode::RefundTaxUnknown);
}

#[test]
fn under_a_code_net_and_tax_come_to_what_was_refunded_and_each_tax_is_its_rates_within_a_cent() {
    for model in ["global", "us_manual"] {
        let connection = connection(model, "CA", "CAD");
        for minor in (1..3_000).chain([11_498, 99_999_999]) {
            let draft = named(&connection, &refund("CAD", minor, false), Some(&code("8"))).unwrap();
            let (net, taxes) = parts(&draft);
            assert_eq!(net + taxes.iter().sum::<i64>(), minor, "{model}");
            assert_eq!(draft.total.minor(), minor);
            let percents = ["0.05", "0.09975"].map(|percent| percent.parse::<Decimal>().unwrap());
            for (tax, percent) in taxes.iter().zip(percents) {
                let off = Decimal::from(net) * percent - Decimal::from(*tax);
                assert!(off.abs() <= Decimal::ONE, "{minor}: {net} {taxes:?}");
            }
        }
    }
}

#[test]
fn the_line_says_its_code_as_the_tax_model_wants_it() {
    let tax = |model, id| {
        let draft = named(
            &connection(model, "CA", "CAD"),
            &refund("CAD", 11_498, false),
            Some(&code(id)),
        );
        draft.unwrap().lines[0].tax.clone()
    };
    let id = |id| LineTax::Code(TaxCodeId::parse(id).unwrap());
    assert_eq!(tax("global", "8"), id("8"));
    assert_eq!(tax("global", "9"), id("9"), "no tax, and why");
    assert_eq!(tax("us_manual", "8"), LineTax::Tax);
    assert_eq!(tax("us_manual", "9"), LineTax::Non);
}

#[test]
fn a_code_that_is_gone_or_says_nothing_of_its_shares_is_not_taken() {
    let connection = connection("global", "CA", "CAD");
    let offered: Vec<&str> = NamedTax::codes(&connection.company)
        .map(|code| code.id.as_str())
        .collect();
    assert_eq!(offered, ["8", "9"]);
    for id in ["10", "12", "99"] {
        let refused = named(&connection, &refund("CAD", 11_498, false), Some(&code(id)));
        assert_eq!(
            refused.unwrap_err().code,
            ReasonCode::TaxCodeInactive,
            "{id}"
        );
    }
}

#[test]
fn where_quickbooks_works_out_the_tax_or_keeps_none_an_amount_is_named() {
    for (model, inclusive, net, taxes) in [
        ("us_automated", false, 20_000, vec![634, 1_266]),
        ("us_automated", true, 20_000, vec![634, 1_266]),
        // The tax stands on a line of its own.
        ("off", false, 21_900, vec![]),
    ] {
        let connection = connection(model, "US", "USD");
        assert!(!NamedTax::is_by_code(&connection.company));
        let refund = refund("USD", 21_900, inclusive);
        let draft = named(&connection, &refund, Some(&NamedTax::Amount(1_900))).unwrap();
        assert_eq!(parts(&draft), (net, taxes), "{model} {inclusive}");
        assert_eq!(draft.total.minor(), 21_900);
        assert_eq!(draft.currency, Currency::USD);
        let draft = named(&connection, &refund, Some(&NamedTax::Amount(0))).unwrap();
        assert_eq!(
            (parts(&draft), draft.tax),
            ((21_900, vec![]), DraftTax::None)
        );
        let more = named(&connection, &refund, Some(&NamedTax::Amount(21_901)));
        assert_eq!(more.unwrap_err().code, ReasonCode::FiguresDisagree);
    }
}
