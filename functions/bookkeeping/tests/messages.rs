//! Every message under `tests/fixtures/messages` is read: a new file there is a new test.
#![allow(clippy::unwrap_used, reason = "a test stops where something is wrong")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use bookkeeping::message::{self, Content, Message, RefusalCode};
use bookkeeping::transaction::{Kind, LineKind, Method, RefundKind, TaxTreatment};
use serde_json::Value;

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests/fixtures")
        .join(name)
}

/// The messages of a folder by name, without the expectations beside them.
fn messages(name: &str) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = std::fs::read_dir(folder(name))
        .expect("the folder of fixtures is there")
        .map(|entry| entry.expect("a folder can be listed").path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "json")
        })
        .filter(|path| !path.to_string_lossy().ends_with(".expected.json"))
        .map(|path| {
            let name = path
                .file_stem()
                .expect("a file has a name")
                .to_string_lossy()
                .into_owned();
            (
                name,
                std::fs::read_to_string(&path).expect("a fixture is UTF-8"),
            )
        })
        .collect();
    found.sort();
    found
}

fn accepted() -> Vec<(String, Message)> {
    let read = |(name, body): (String, String)| {
        let message = message::parse(&body).unwrap_or_else(|refusal| panic!("{name}: {refusal}"));
        (name, message)
    };
    messages("messages/accepted")
        .into_iter()
        .map(read)
        .collect()
}

#[test]
fn every_message_to_accept_is_accepted() {
    assert!(accepted().len() >= 50);
}

#[test]
fn every_type_kind_method_and_treatment_has_an_example() {
    let mut seen = BTreeSet::new();
    for (_, message) in accepted() {
        let mut see = |word: &str| seen.insert(word.to_owned());
        let (payment, lines) = match &message.content {
            Content::PaymentCaptured { payment, .. } => {
                see("payment.captured");
                (Some(payment), None)
            }
            Content::PaymentRefunded {
                refund, payment, ..
            } => {
                see("payment.refunded");
                see(&format!("refund {}", refund.kind));
                see(if payment.is_some() {
                    "refund beside its payment"
                } else {
                    "refund alone"
                });
                (payment.as_ref(), refund.lines.as_ref())
            }
            Content::CustomerUpdated { .. } => {
                see("customer.updated");
                (None, None)
            }
            Content::CustomerErased { .. } => {
                see("customer.erased");
                (None, None)
            }
            Content::MerchantUpdated { .. } => {
                see("merchant.updated");
                (None, None)
            }
        };
        if let Some(payment) = payment {
            see(&format!("method {}", payment.method));
            see(if payment.prices_include_tax {
                "inclusive"
            } else {
                "exclusive"
            });
            see(&format!("decimals {}", payment.currency.exponent()));
        }
        for line in lines
            .into_iter()
            .chain(payment.map(|payment| &payment.lines))
            .flatten()
        {
            see(&format!("line {}", line.kind));
            if let Some(treatment) = line.tax_treatment {
                see(&format!("treatment {}", treatment.as_str()));
            }
        }
    }
    let types = [
        "payment.captured",
        "payment.refunded",
        "customer.updated",
        "customer.erased",
        "merchant.updated",
    ];
    let others = [
        "refund beside its payment",
        "refund alone",
        "inclusive",
        "exclusive",
        "decimals 0",
        "decimals 2",
        "decimals 3",
    ];
    let refunds = [
        RefundKind::Refund,
        RefundKind::Returned,
        RefundKind::Dispute,
        RefundKind::Void,
    ];
    let treatments = [
        TaxTreatment::Exempt,
        TaxTreatment::ZeroRated,
        TaxTreatment::OutOfScope,
    ];
    let expected = (types.iter().chain(&others).map(ToString::to_string))
        .chain(refunds.iter().map(|kind| format!("refund {kind}")))
        .chain(LineKind::ALL.iter().map(|kind| format!("line {kind}")))
        .chain(
            Method::KNOWN
                .iter()
                .map(|method| format!("method {method}")),
        )
        .chain(
            treatments
                .iter()
                .map(|treatment| format!("treatment {}", treatment.as_str())),
        );
    let missing: Vec<String> = expected.filter(|word| !seen.contains(word)).collect();
    assert!(missing.is_empty(), "no example of {missing:?}");
}

#[test]
fn every_message_to_refuse_is_refused_for_its_reason() {
    let all = messages("messages/refused");
    assert!(all.len() >= 40);
    let mut wrong = Vec::new();
    for (name, body) in all {
        let path = folder("messages/refused").join(format!("{name}.expected.json"));
        let expected = std::fs::read_to_string(&path)
            .unwrap_or_else(|_| panic!("{} is missing", path.display()));
        let expected: Value = serde_json::from_str(&expected).unwrap();
        let refusal = message::parse(&body).expect_err(&name);
        let told = serde_json::json!({
            "code": refusal.code.as_str(),
            "field": refusal.field,
            "merchant": refusal.merchant.as_ref().map(ToString::to_string),
            "transaction": refusal.transaction.as_ref().map(ToString::to_string),
        });
        let differs = ["code", "field", "merchant", "transaction"]
            .iter()
            .any(|key| expected[key] != told[key]);
        let parts = expected["explanation"]
            .as_array()
            .expect("a list of what the explanation contains");
        let silent = parts
            .iter()
            .filter_map(Value::as_str)
            .any(|part| !refusal.explanation.contains(part));
        if differs || silent || parts.is_empty() {
            wrong.push(format!(
                "{name}\n  told     {told}\n           {}\n  expected {expected}",
                refusal.explanation
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} refusals are not as expected:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn every_code_but_too_large_has_an_example() {
    let codes: BTreeSet<&str> = messages("messages/refused")
        .iter()
        .filter_map(|(_, body)| message::parse(body).err())
        .map(|refusal| refusal.code.as_str())
        .collect();
    let missing: Vec<&RefusalCode> = RefusalCode::ALL
        .iter()
        .filter(|code| !codes.contains(code.as_str()))
        .collect();
    assert_eq!(missing, [&RefusalCode::TooLarge]);
}

#[test]
fn a_refusal_repeats_nothing_that_a_person_wrote() {
    for (name, body) in messages("messages/refused") {
        let refusal = message::parse(&body).expect_err(&name).to_string();
        for word in [
            "Aline",
            "Roy",
            "aline.roy",
            "example.com",
            "514 555",
            "Rachel",
            "Montréal",
            "H2J",
            "Window",
            "Tip",
            "Anna",
        ] {
            assert!(!refusal.contains(word), "{name}: {refusal}");
        }
    }
}

#[test]
fn a_body_longer_than_256_kib_is_refused_unread() {
    let (_, body) = &messages("messages/accepted")[0];
    let fits = format!("{body}{}", " ".repeat(256 * 1024 - body.len()));
    assert!(message::parse(&fits).is_ok());
    let refusal = message::parse(&format!("{fits} ")).unwrap_err();
    assert_eq!(refusal.code, RefusalCode::TooLarge);
    assert_eq!(
        refusal.explanation,
        "the body is 262145 bytes long, at most 262144 are read"
    );
}

#[test]
fn the_contracts_example_is_read_whole() {
    let body = std::fs::read_to_string(folder("messages/accepted/payment-card.json")).unwrap();
    let message = message::parse(&body).unwrap();
    let key = message.transaction_key().unwrap();
    assert_eq!(
        (key.kind, key.to_string().as_str()),
        (Kind::Payment, "payment/pay_8KQ2XW")
    );
    let Content::PaymentCaptured {
        payment,
        customer: Some(customer),
    } = message.content
    else {
        panic!("a payment by somebody")
    };
    assert_eq!(payment.reference, "100231");
    assert_eq!(payment.cost(), payment.amount);
    assert_eq!(
        payment.lines[0].cost(false).unwrap().to_string(),
        "91.98 CAD"
    );
    assert_eq!(payment.lines[0].taxes[1].rate.unwrap().to_string(), "9.975");
    assert_eq!(customer.version, 7);
    assert_eq!(customer.company_name, None);
    assert_eq!(
        customer.personal_address.unwrap().line2.as_deref(),
        Some("app. 2")
    );
}

#[test]
fn a_payment_belongs_to_the_day_it_was_received_else_captured_in_the_merchants_zone() {
    let read = |name: &str| {
        let body = std::fs::read_to_string(folder("messages/accepted").join(name)).unwrap();
        match message::parse(&body).unwrap().content {
            Content::PaymentCaptured { payment, .. } => payment,
            other => panic!("{name} holds {other:?}"),
        }
    };
    let mut payment = read("payment-card.json");
    payment.captured_at = "2026-11-24T04:50:00Z".parse().unwrap();
    let zone = |name: &str| jiff::tz::TimeZone::get(name).unwrap();
    assert_eq!(
        payment.captured_on(&zone("America/Toronto")),
        jiff::civil::date(2026, 11, 23)
    );
    assert_eq!(
        payment.captured_on(&zone("Europe/Paris")),
        jiff::civil::date(2026, 11, 24)
    );
    let cheque = read("payment-cheque-received-earlier.json");
    assert_eq!(
        cheque.captured_on(&zone("America/Toronto")),
        jiff::civil::date(2026, 11, 18)
    );
}

#[test]
fn an_empty_text_is_an_absent_one() {
    let name = "messages/accepted/payment-accents-emoji-apostrophes.json";
    let message = message::parse(&std::fs::read_to_string(folder(name)).unwrap()).unwrap();
    let Content::PaymentCaptured {
        customer: Some(customer),
        ..
    } = message.content
    else {
        panic!("a payment by somebody")
    };
    assert_eq!(customer.email.as_deref(), Some("zoe+factures@example.com"));
    assert_eq!(customer.last_name.as_deref(), Some("O’Brien-L'Écuyer 🧹"));
    let address = customer.billing_address.unwrap();
    assert!(!address.is_set());
    assert_eq!(address.region.as_deref(), Some("QC"));
}
