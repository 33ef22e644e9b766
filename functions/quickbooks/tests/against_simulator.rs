//! Every call: on yes, on no, on silence.
#![allow(
    clippy::disallowed_methods,
    reason = "the simulator behind HTTP runs in real time"
)]

mod desk;

use std::sync::Arc;

use bookkeeping::connection::{Connection, ConnectionState};
use bookkeeping::customer::{CompanyCustomer, new_record};
use bookkeeping::frees::Frees;
use bookkeeping::ids::{CompanyCustomerId, MerchantId};
use bookkeeping::message::{Content, parse};
use bookkeeping::receipt::{ReceiptDraft, draft};
use bookkeeping::request_id::RequestId;
use bookkeeping::transaction::{Customer, Payment, TransactionKey};
use quickbooks::FaultClass;
use quickbooks::receipts::FrozenReceipt;
use serde_json::{Value, json};
use simulator::TroubleKind;

use crate::desk::{ARIZONA, CALIFORNIA, Desk, ONTARIO, QUEBEC};

fn customer(email: &str) -> Customer {
    let message = json!({
        "schema": 1, "type": "customer.updated", "merchant_id": "mer_1", "sent_at": "2026-11-22T14:03:12Z",
        "customer": {"id": "cus_1", "number": "C-1", "version": 1, "updated_at": "2026-11-22T14:03:12Z",
                     "first_name": "Ana", "last_name": "Li", "email": email}
    });
    match parse(&message.to_string()).expect("a message").content {
        Content::CustomerUpdated { customer } => customer,
        other => panic!("{other:?}"),
    }
}

/// A payment with one line per (net, [(tax, amount)]).
fn payment(currency: &str, amount: &str, lines: &[(&str, &[(&str, &str)])]) -> Payment {
    let lines: Vec<Value> = lines
        .iter()
        .enumerate()
        .map(|(at, (net, taxes))| {
            let taxes: Vec<Value> = taxes
                .iter()
                .map(|(id, amount)| json!({"id": id, "name": id, "amount": amount}))
                .collect();
            let kind = if taxes.is_empty() { "tip" } else { "service" };
            json!({"id": at.to_string(), "kind": kind, "amount": net, "taxes": taxes})
        })
        .collect();
    let message = json!({
        "schema": 1, "type": "payment.captured", "merchant_id": "mer_1", "sent_at": "2026-11-22T14:03:12Z",
        "payment": {"id": "pay_1", "reference": "100231", "captured_at": "2026-11-22T09:03:11-05:00",
                    "currency": currency, "amount": amount, "method": "card", "lines": lines}
    });
    match parse(&message.to_string()).expect("a message").content {
        Content::PaymentCaptured { payment, .. } => *payment,
        other => panic!("{other:?}"),
    }
}

/// Draws up a payment for a company under a tax map.
async fn drawn_up(
    desk: &Desk,
    payment: &Payment,
    tax_map: Value,
) -> (TransactionKey, ReceiptDraft) {
    let merchant = MerchantId::parse("mer_1").expect("an id");
    let settings = json!({
        "deposits": {"clearing": {"CAD": "91", "USD": "91"}}, "items": {"fallback": "21", "tip": "25"},
        "tax_map": tax_map
    });
    let connection = Connection {
        merchant: merchant.clone(),
        epoch: 1,
        state: ConnectionState::Connected,
        time_zone: "America/Toronto".to_owned(),
        company: desk.company().await,
        settings: serde_json::from_value(settings).expect("settings"),
        connected: None,
        catalogue: Default::default(),
        revision: 0,
        frees: Frees::default(),
        former: Default::default(),
        opens_at: None,
        off: None,
        later: Default::default(),
    };
    let key = TransactionKey::payment(merchant, &payment.id);
    let in_company = CompanyCustomerId::parse("44").expect("an id");
    let draft = draft(&key, payment, None, &in_company, &connection).expect("a draft");
    (key, draft)
}

/// A payment in the Arizona company under two taxes that are one code there.
async fn taxed_twice(desk: &Desk) -> FrozenReceipt {
    let charged = payment(
        "USD",
        "150.00",
        &[("137.49", &[("tax_az", "9.76"), ("tax_tucson", "2.75")])],
    );
    let map = json!({"rows": [{"code": "3", "taxes": [
        {"tax": "tax_az", "rate": "1"}, {"tax": "tax_tucson", "rate": "2"}]}]});
    let (key, draft) = drawn_up(desk, &charged, map).await;
    FrozenReceipt::of(&key, &draft, None)
}

async fn frozen(desk: &Desk) -> FrozenReceipt {
    let payment = payment(
        "CAD",
        "114.98",
        &[("100.00", &[("tax_gst", "5.00"), ("tax_qst", "9.98")])],
    );
    let (key, draft) = drawn_up(desk, &payment, quebec()).await;
    FrozenReceipt::of(&key, &draft, None)
}

fn quebec() -> Value {
    json!({"rows": [{"code": "8", "taxes": [{"tax": "tax_gst", "rate": "3"}, {"tax": "tax_qst", "rate": "11"}]}],
           "out_of_scope": "3"})
}

fn id(text: &str) -> RequestId {
    RequestId::kept(text.to_owned())
}

#[tokio::test]
async fn a_receipt_is_created_with_the_total_charged() {
    let desk = Desk::at(QUEBEC).await;
    let receipt = frozen(&desk).await;
    let created = desk
        .client()
        .create_receipt(&id("one"), &receipt)
        .await
        .expect("a receipt");
    assert_eq!(receipt.difference(&created), None);
    assert_eq!(created.number.as_deref(), Some("MC-100231"));
}

#[tokio::test]
async fn the_same_request_id_is_answered_with_the_same_receipt() {
    let desk = Desk::at(QUEBEC).await;
    let receipt = frozen(&desk).await;
    let first = desk
        .client()
        .create_receipt(&id("one"), &receipt)
        .await
        .expect("a receipt");
    let again = desk
        .client()
        .create_receipt(&id("one"), &receipt)
        .await
        .expect("a receipt");
    assert_eq!(first, again);
    assert_eq!(desk.receipts(), 1);
}

#[tokio::test]
async fn each_way_of_saying_no_has_its_class() {
    for (kind, class) in [
        (TroubleKind::Throttle, FaultClass::Throttled(None)),
        (TroubleKind::ReadOnly, FaultClass::CompanyReadOnly),
        (TroubleKind::AdminLost, FaultClass::AccessDenied),
        (TroubleKind::Revoke, FaultClass::Unauthorized),
        (TroubleKind::CommitThen500, FaultClass::OutcomeUnknown),
        (TroubleKind::OkWithFault, FaultClass::OutcomeUnknown),
        (TroubleKind::Truncate, FaultClass::OutcomeUnknown),
        (TroubleKind::Html200, FaultClass::OutcomeUnknown),
        (TroubleKind::LoseAnswer, FaultClass::OutcomeUnknown),
    ] {
        let desk = Desk::at(QUEBEC).await;
        let receipt = frozen(&desk).await;
        desk.trouble(kind, "salesreceipt.create");
        let fault = desk
            .client()
            .create_receipt(&id("one"), &receipt)
            .await
            .expect_err("trouble");
        assert_eq!(fault.class, class, "{kind:?}: {fault:?}");
    }
}

#[tokio::test]
async fn nobody_listening_is_proven_not_sent() {
    let mut desk = Desk::at(QUEBEC).await;
    let receipt = frozen(&desk).await;
    // A port that is taken, and where nobody listens.
    let taken = tokio::net::TcpSocket::new_v4().expect("a socket");
    taken.bind(([127, 0, 0, 1], 0).into()).expect("a port");
    let taken_at = taken.local_addr().expect("an address");
    desk.simulator.url = format!("http://{taken_at}");
    let fault = desk
        .client()
        .create_receipt(&id("one"), &receipt)
        .await
        .expect_err("nobody listens");
    assert_eq!(fault.class, FaultClass::NotSent);
    assert!(fault.proves_nothing_was_written());
}

#[tokio::test]
async fn a_receipt_whose_answer_was_lost_is_found_by_its_number() {
    let desk = Desk::at(QUEBEC).await;
    let receipt = frozen(&desk).await;
    desk.trouble(TroubleKind::CommitThen500, "salesreceipt.create");
    desk.client()
        .create_receipt(&id("one"), &receipt)
        .await
        .expect_err("lost");
    let found = desk
        .client()
        .find_receipts(&receipt, None, async || true)
        .await
        .expect("an answer");
    assert_eq!(found.len(), 1);
    assert!(found[0].private_note.ends_with(&receipt.marker));
}

#[tokio::test]
async fn a_receipt_in_a_company_that_numbers_itself_is_found_by_customer_and_day() {
    let desk = Desk::at(ARIZONA).await;
    let receipt = taxed_twice(&desk).await;
    let created = desk
        .client()
        .create_receipt(&id("one"), &receipt)
        .await
        .expect("a receipt");
    assert_eq!(receipt.difference(&created), None);
    let found = desk
        .client()
        .find_receipts(&receipt, None, async || true)
        .await
        .expect("an answer");
    assert!(
        found
            .iter()
            .any(|found| found.id == created.id && found.private_note.ends_with(&receipt.marker))
    );
}

#[tokio::test]
async fn a_receipt_is_found_among_hundreds_of_its_customer_and_day() {
    let desk = Desk::at(ARIZONA).await;
    let receipt = taxed_twice(&desk).await;
    for number in 0..450 {
        let created = desk
            .client()
            .create_receipt(&id(&format!("click-{number}")), &receipt)
            .await;
        created.expect("a receipt");
    }
    let found = desk
        .client()
        .find_receipts(&receipt, None, async || true)
        .await;
    let found = found.expect("an answer");
    assert!(found.len() >= 450, "{}", found.len());
    let mut ids: Vec<&str> = found.iter().map(|found| found.id.as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), found.len(), "each once");
}

#[tokio::test]
async fn customers_are_found_by_any_address_of_their_list_whatever_its_case() {
    let desk = Desk::at(QUEBEC).await;
    let ids = async |email: &str| -> Vec<String> {
        let found = desk.client().customers_by_email(&[email]).await;
        let found: Vec<CompanyCustomer> = found.expect("an answer").records;
        found
            .into_iter()
            .map(|customer| customer.id.to_string())
            .collect()
    };
    assert_eq!(ids("b@x.com").await, ["43"]);
    assert_eq!(ids("DANA.OKAFOR@example.com").await, ["49"]);
    assert_eq!(ids("sam.lee@example.com").await, ["44", "45"]);
    assert_eq!(ids("nobody@example.com").await, Vec::<String>::new());
    assert_eq!(ids("o'neil+a\\b@example.com").await, Vec::<String>::new());
    assert_eq!(
        ids("old.client@example.com").await,
        ["46"],
        "inactive ones are told too"
    );
}

#[tokio::test]
async fn a_customer_is_created_and_a_taken_name_is_told_as_such() {
    let desk = Desk::at(QUEBEC).await;
    let ana = customer("ana@example.com");
    let record = new_record(&ana, "Ana Li".to_owned(), None);
    let created = desk
        .client()
        .create_customer(&id("one"), &record)
        .await
        .expect("a customer");
    assert!(created.is_ours(&ana.id));
    // Jean Tremblay is a vendor: no query for customers shows him.
    let vendor = new_record(&ana, "Jean Tremblay".to_owned(), None);
    let fault = desk
        .client()
        .create_customer(&id("two"), &vendor)
        .await
        .expect_err("the name is taken");
    assert_eq!(fault.class, FaultClass::NameTaken);
    assert_eq!(
        desk.client()
            .customers_by_name(&["Jean Tremblay".to_owned()])
            .await
            .expect("an answer")
            .records,
        []
    );
}

#[tokio::test]
async fn what_is_predicted_is_what_is_recorded_in_each_tax_model() {
    let ontario = json!({"rows": [{"code": "6", "taxes": [{"tax": "tax_hst", "rate": "13"}]}], "out_of_scope": "3"});
    let arizona = json!({"rows": [{"code": "3", "taxes": [
        {"tax": "tax_az", "rate": "1"}, {"tax": "tax_tucson", "rate": "2"}]}]});
    let california = json!({"rows": [{"code": "7", "taxes": [{"tax": "tax_ca", "rate": "9"}]}]});
    let cases: Vec<(&str, Payment, Value)> = vec![
        // One line of HST.
        (
            ONTARIO,
            payment("CAD", "101.69", &[("89.99", &[("tax_hst", "11.70")])]),
            ontario,
        ),
        // Three lines whose taxes were rounded one by one: a cent more than QuickBooks would compute.
        (
            QUEBEC,
            payment(
                "CAD",
                "77.55",
                &[
                    ("19.99", &[("tax_gst", "1.00"), ("tax_qst", "1.99")]),
                    ("34.95", &[("tax_gst", "1.75"), ("tax_qst", "3.49")]),
                    ("12.50", &[("tax_gst", "0.63"), ("tax_qst", "1.25")]),
                ],
            ),
            quebec(),
        ),
        // A tax of nothing on a code that has the rate.
        (
            QUEBEC,
            payment(
                "CAD",
                "10.50",
                &[("10.00", &[("tax_gst", "0.50"), ("tax_qst", "0.00")])],
            ),
            quebec(),
        ),
        // Manual tax, two rates, and an untaxed tip.
        (
            ARIZONA,
            payment(
                "USD",
                "165.00",
                &[
                    ("137.49", &[("tax_az", "9.76"), ("tax_tucson", "2.75")]),
                    ("15.00", &[]),
                ],
            ),
            arizona,
        ),
        // Automated tax that takes our amount.
        (
            CALIFORNIA,
            payment(
                "USD",
                "234.00",
                &[("200.00", &[("tax_ca", "19.00")]), ("15.00", &[])],
            ),
            california,
        ),
    ];
    for (realm, payment, map) in cases {
        let desk = Desk::at(realm).await;
        let (key, draft) = drawn_up(&desk, &payment, map).await;
        let receipt = FrozenReceipt::of(&key, &draft, None);
        let created = desk.client().create_receipt(&id("one"), &receipt).await;
        let created =
            created.unwrap_or_else(|fault| panic!("{realm} {}: {fault:?}", payment.amount));
        assert_eq!(
            receipt.difference(&created),
            None,
            "{realm} {}",
            payment.amount
        );
    }
}

#[tokio::test]
async fn concurrent_twins_under_one_request_id_make_one_receipt() {
    let desk = Arc::new(Desk::at(QUEBEC).await);
    let receipt = frozen(&desk).await;
    let (client, id) = (desk.client(), id("one"));
    let (one, two) = tokio::join!(
        client.create_receipt(&id, &receipt),
        client.create_receipt(&id, &receipt)
    );
    assert!(one.is_ok() || two.is_ok());
    assert_eq!(desk.receipts(), 1);
}
