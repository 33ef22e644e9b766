//! Whatever stands in a body, reading it ends in a message or a refusal.
#![allow(clippy::unwrap_used, reason = "a test stops where something is wrong")]

use std::path::Path;
use std::sync::LazyLock;

use bookkeeping::message::{self, Content};
use proptest::prelude::*;
use serde_json::Value;

static FIXTURES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let folder =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/messages/accepted");
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    paths
        .iter()
        .map(|path| std::fs::read_to_string(path).unwrap())
        .collect()
});

/// What is put in place of a value somewhere in a message.
const STRANGE: &[&str] = &[
    "null",
    "true",
    "0",
    "-1",
    "1.5",
    "1e308",
    "\"\"",
    "\"0\"",
    "\"-0.01\"",
    "\"99999999999999999999999999999999999999999\"",
    "\"0.0000000000000000000000000001\"",
    "\"NaN\"",
    "\"\\u0000\"",
    "\"é\"",
    "\"2026-13-01\"",
    "\"9999-12-31T23:59:59Z\"",
    "[]",
    "{}",
    "[[]]",
    "[null]",
    "{\"id\":\"1\"}",
    "\"rounding\"",
    "\"discount\"",
    "\"JPY\"",
    "\"KWD\"",
];

/// Puts `strange` in place of the `place`-th value of `value`, counted through the whole tree.
fn put(value: &mut Value, place: &mut usize, strange: &Value) {
    if *place == 0 {
        *value = strange.clone();
        *place = usize::MAX;
        return;
    }
    *place -= 1;
    match value {
        Value::Array(elements) => elements
            .iter_mut()
            .for_each(|element| put_unless_done(element, place, strange)),
        Value::Object(fields) => fields
            .values_mut()
            .for_each(|field| put_unless_done(field, place, strange)),
        _ => {}
    }
}

fn put_unless_done(value: &mut Value, place: &mut usize, strange: &Value) {
    if *place != usize::MAX {
        put(value, place, strange);
    }
}

/// Reads, and asks what is read for everything that could panic on figures that do not agree.
fn read(body: &str) {
    match message::parse(body).map(|message| message.content) {
        Ok(Content::PaymentCaptured { payment, .. }) => {
            let cost = payment.cost();
            match payment.paid_before {
                None => assert_eq!(cost, payment.amount),
                Some(before) => {
                    assert!(before.checked_add(payment.amount).unwrap().minor() <= cost.minor())
                }
            }
            assert!(!payment.financial_fields().is_empty());
        }
        Ok(Content::PaymentRefunded { refund, .. }) => {
            assert!(refund.cost().is_none_or(|cost| cost == refund.amount));
            assert!(!refund.financial_fields().is_empty());
        }
        Ok(_) => {}
        Err(refusal) => assert!(!refusal.explanation.is_empty()),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn any_text_is_read_or_refused(body in "\\PC{0,200}") {
        read(&body);
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        read(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn a_message_cut_and_spliced_anywhere_is_read_or_refused(
        which: prop::sample::Index,
        start: prop::sample::Index,
        end: prop::sample::Index,
        put in "[\\x00-\\x7f]{0,3}",
    ) {
        let mut bytes = which.get::<String>(&FIXTURES).clone().into_bytes();
        let (start, end) = (start.index(bytes.len()), end.index(bytes.len()));
        bytes.splice(start.min(end)..start.max(end).min(start.min(end) + 8), put.into_bytes());
        read(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn a_message_with_strange_values_is_read_or_refused(
        which: prop::sample::Index,
        changes in prop::collection::vec((0_usize..90, prop::sample::select(STRANGE)), 1..4),
    ) {
        let mut message: Value = serde_json::from_str(which.get::<String>(&FIXTURES)).unwrap();
        for (mut place, strange) in changes {
            put(&mut message, &mut place, &serde_json::from_str(strange).unwrap());
        }
        read(&message.to_string());
    }

    #[test]
    fn figures_that_do_not_add_up_are_never_accepted(cents in 1_i64..100_000, off in prop_oneof![-500_i64..0, 1_i64..500]) {
        let decimal = |cents: i64| format!("{}.{:02}", cents / 100, cents % 100);
        let body = |amount: i64| format!(
            r#"{{"schema":1,"type":"payment.captured","merchant_id":"m","sent_at":"2026-11-22T14:03:12Z","payment":{{"id":"p",
                "captured_at":"2026-11-22T14:03:12Z","currency":"CAD","amount":"{}","method":"card",
                "lines":[{{"id":"1","kind":"service","amount":"{}"}}]}}}}"#,
            decimal(amount), decimal(cents));
        prop_assert!(message::parse(&body(cents)).is_ok());
        prop_assume!(cents + off >= 0);
        prop_assert!(message::parse(&body(cents + off)).is_err());
    }
}
