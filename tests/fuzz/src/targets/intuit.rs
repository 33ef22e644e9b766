//! Whatever Intuit may answer.

use std::cell::Cell;
use std::time::Duration;

use bookkeeping::ids::{CompanyCustomerId, RealmId};
use bookkeeping::money::{Amount, Currency};
use bookkeeping::request_id::RequestId;
use bookkeeping::transaction::Kind;
use futures::executor::block_on;
use quickbooks::oauth::{App, Endpoints, OAuthClient};
use quickbooks::receipts::FrozenReceipt;
use quickbooks::{Answer, CompanyClient, Request, Silence, Transport};
use secrecy::SecretString;

/// Answers everything with the same status and body.
struct Answering<'a> {
    status: u16,
    body: &'a [u8],
    asked: Cell<u32>,
}

impl Transport for Answering<'_> {
    async fn send(&self, _: &Request<'_>) -> Result<Answer, Silence> {
        self.asked.set(self.asked.get() + 1);
        Ok(Answer {
            status: self.status,
            intuit_tid: None,
            retry_after: None,
            body: self.body.to_vec(),
        })
    }
}

impl<'a> Answering<'a> {
    /// The first byte says which status; the rest is the body.
    fn of(bytes: &'a [u8]) -> Option<Self> {
        let (first, body) = bytes.split_first()?;
        let statuses = [200, 200, 200, 200, 400, 401, 403, 404, 429, 500, 503, 302];
        Some(Self {
            status: statuses[usize::from(*first) % statuses.len()],
            body,
            asked: Cell::new(0),
        })
    }
}

/// Every call ends in what it asked for or in a fault, and asks only so often: a company's lists end where it says they do.
pub fn quickbooks(bytes: &[u8]) {
    let Some(transport) = Answering::of(bytes) else {
        return;
    };
    let realm = RealmId::parse("9341450000000001").expect("an id");
    let token = SecretString::from("token");
    let client = CompanyClient {
        transport: &transport,
        api_url: "https://example.com",
        realm: &realm,
        token: &token,
        timeout: Duration::from_secs(1),
    };
    block_on(async {
        let id = CompanyCustomerId::parse("1").expect("an id");
        client.read_customer(&id).await.ok();
        client.customers_by_email(&["a@example.com"]).await.ok();
        client
            .customers_by_name(&["Aline Roy".to_owned()])
            .await
            .ok();
        client.customers_by_person("Aline", "Roy").await.ok();
        client.read_company(async || ()).await.ok();
        let zero =
            Amount::parse("0", Currency::parse("CAD").expect("a currency")).expect("an amount");
        let receipt = FrozenReceipt {
            kind: Kind::Payment,
            body: "{}".to_owned(),
            total: zero,
            tax: zero,
            customer: id,
            date: "2026-11-22".to_owned(),
            number: Some("MC-1".to_owned()),
            marker: "mc:1".to_owned(),
            posted: None,
        };
        let request_id = RequestId::kept("1".to_owned());
        let created = client.create_receipt(&request_id, &receipt).await;
        if let Ok(found) = created {
            assert!(
                receipt
                    .difference(&found)
                    .is_none_or(|(what, ..)| !what.is_empty())
            );
        }
        client
            .find_receipts(&receipt, None, async || true)
            .await
            .ok();
    });
    assert!(transport.asked.get() < 200, "asks without an end");
}

/// A pair of tokens or a fault.
pub fn tokens(bytes: &[u8]) {
    let Some(transport) = Answering::of(bytes) else {
        return;
    };
    let endpoints = Endpoints {
        token_url: "https://example.com/token".to_owned(),
        revoke_url: "https://example.com/revoke".to_owned(),
    };
    let app = App {
        client_id: "id".to_owned(),
        client_secret: SecretString::from("secret"),
    };
    let client = OAuthClient {
        transport: &transport,
        endpoints: &endpoints,
        app: &app,
        timeout: Duration::from_secs(1),
    };
    block_on(async {
        let token = SecretString::from("token");
        client.refresh(&token).await.ok();
        client
            .exchange(&token, "https://example.com/callback")
            .await
            .ok();
        client.revoke(&token).await.ok();
    });
    assert_eq!(transport.asked.get(), 3, "a token was sent twice");
}
