//! The calls about tokens: on yes, on no, on silence.
#![allow(
    clippy::disallowed_methods,
    reason = "the simulator behind HTTP runs in real time"
)]

use std::time::Duration;

use jiff::Timestamp;
use quickbooks::Https;
use quickbooks::oauth::{App, Endpoints, OAuthClient, Revoked, TokenFaultClass};
use secrecy::{ExposeSecret, SecretString};
use simulator::{Simulator, Trouble, TroubleKind};

const QUEBEC: &str = "9341450000000001";

/// A running simulator and the app that is registered with it.
struct Desk {
    simulator: Simulator,
    transport: Https,
    endpoints: Endpoints,
    app: App,
}

impl Desk {
    async fn open() -> Self {
        let simulator = simulator::start().await.expect("a port");
        let endpoints = Endpoints {
            token_url: format!("{}/oauth2/v1/tokens/bearer", simulator.url),
            revoke_url: format!("{}/v2/oauth2/tokens/revoke", simulator.url),
        };
        Self {
            simulator,
            transport: Https::new(),
            endpoints,
            app: App {
                client_id: "demo-client".to_owned(),
                client_secret: SecretString::from("demo-secret"),
            },
        }
    }

    fn client(&self) -> OAuthClient<'_, Https> {
        OAuthClient {
            transport: &self.transport,
            endpoints: &self.endpoints,
            app: &self.app,
            timeout: Duration::from_secs(60),
        }
    }

    /// The refresh token of a merchant who has just consented.
    fn connected(&self) -> SecretString {
        let mut intuit = self.simulator.intuit.lock().expect("alive");
        let tokens = intuit.connect(Timestamp::now(), QUEBEC);
        SecretString::from(tokens.expect("a company").refresh)
    }

    fn trouble(&self, kind: TroubleKind, operation: &str) {
        let trouble = Trouble::new(kind).on(operation);
        let mut intuit = self.simulator.intuit.lock().expect("alive");
        intuit.trouble(Timestamp::now(), trouble);
    }

    /// Lets a day and an hour pass at Intuit: the next refresh gives a new refresh token.
    async fn a_day_passes(&self) {
        let moved = reqwest::Client::new()
            .post(format!("{}/simulator/clock", self.simulator.url))
            .body(r#"{"advance_seconds": 90000}"#)
            .send()
            .await;
        assert!(moved.expect("an answer").status().is_success());
    }
}

#[tokio::test]
async fn a_refresh_gives_an_access_token_and_the_lives_that_intuit_says() {
    let desk = Desk::open().await;
    let token = desk.connected();
    let pair = desk.client().refresh(&token).await.expect("tokens");
    assert_eq!(pair.refresh.expose_secret(), token.expose_secret());
    assert_eq!(pair.expires_in, Duration::from_secs(3600));
    assert_eq!(pair.refresh_expires_in, Duration::from_secs(8_640_000));
    let hard = pair.hard_expires_in.expect("the header asks for it");
    assert!(hard > Duration::from_secs(157_600_000), "{hard:?}");
}

#[tokio::test]
async fn after_a_day_a_refresh_gives_another_refresh_token_and_the_old_one_is_refused() {
    let desk = Desk::open().await;
    let old = desk.connected();
    desk.a_day_passes().await;
    let pair = desk.client().refresh(&old).await.expect("tokens");
    assert_ne!(pair.refresh.expose_secret(), old.expose_secret());
    let fault = desk.client().refresh(&old).await.expect_err("an old token");
    assert_eq!(fault.class, TokenFaultClass::InvalidGrant);
    assert_eq!((fault.status, fault.error), (400, Some("invalid_grant")));
    assert!(desk.client().refresh(&pair.refresh).await.is_ok());
}

#[tokio::test]
async fn a_code_is_exchanged_once() {
    let desk = Desk::open().await;
    let redirect = "http://localhost:8080/callback";
    let consent = format!(
        "client_id=demo-client&response_type=code&scope=com.intuit.quickbooks.accounting&redirect_uri={}&state=s&realmId={QUEBEC}",
        "http%3A%2F%2Flocalhost%3A8080%2Fcallback"
    );
    let browser = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .expect("a browser");
    let sent_back = browser
        .post(format!("{}/connect/oauth2/consent", desk.simulator.url))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(consent)
        .send()
        .await
        .expect("an answer");
    let location = sent_back.headers()["location"].to_str().expect("text");
    let code = location
        .split_once("code=")
        .and_then(|(_, rest)| rest.split('&').next())
        .expect("a code");
    let code = SecretString::from(code.to_owned());
    let wrong = desk.client().exchange(&code, "http://elsewhere").await;
    assert_eq!(
        wrong.expect_err("another address").class,
        TokenFaultClass::InvalidGrant
    );
    let pair = desk.client().exchange(&code, redirect).await;
    assert!(pair.is_ok(), "{pair:?}");
    let again = desk.client().exchange(&code, redirect).await;
    assert_eq!(
        again.expect_err("used up").class,
        TokenFaultClass::InvalidGrant
    );
}

#[tokio::test]
async fn a_revoked_token_is_refused_and_revoking_again_says_so() {
    let desk = Desk::open().await;
    let token = desk.connected();
    let pair = desk.client().refresh(&token).await.expect("tokens");
    assert_eq!(desk.client().revoke(&pair.access).await, Ok(Revoked::Now));
    assert_eq!(desk.client().revoke(&token).await, Ok(Revoked::Before));
    let fault = desk.client().refresh(&token).await.expect_err("revoked");
    assert_eq!(fault.class, TokenFaultClass::InvalidGrant);
}

#[tokio::test]
async fn each_way_of_saying_no_has_its_class() {
    for (kind, class) in [
        (TroubleKind::Throttle, TokenFaultClass::Throttled(None)),
        (TroubleKind::InvalidGrant, TokenFaultClass::InvalidGrant),
        (TroubleKind::Down, TokenFaultClass::Unknown),
        (TroubleKind::CommitThen500, TokenFaultClass::Unknown),
        (TroubleKind::Truncate, TokenFaultClass::Unknown),
        (TroubleKind::Html200, TokenFaultClass::Unknown),
        (TroubleKind::LoseAnswer, TokenFaultClass::Unknown),
    ] {
        let desk = Desk::open().await;
        let token = desk.connected();
        desk.trouble(kind, "oauth.refresh");
        let fault = desk.client().refresh(&token).await.expect_err("trouble");
        assert_eq!(fault.class, class, "{kind:?}: {fault:?}");
    }
}

#[tokio::test]
async fn wrong_credentials_are_our_own_fault_and_never_the_merchants() {
    let mut desk = Desk::open().await;
    let token = desk.connected();
    desk.app.client_secret = SecretString::from("another");
    let fault = desk.client().refresh(&token).await.expect_err("not us");
    assert_eq!(fault.class, TokenFaultClass::InvalidClient);
    let fault = desk.client().revoke(&token).await.expect_err("not us");
    assert_eq!(fault.class, TokenFaultClass::InvalidClient);
}

#[tokio::test]
async fn nobody_listening_is_proven_not_sent() {
    let mut desk = Desk::open().await;
    let token = desk.connected();
    // A port that is taken, and where nobody listens.
    let taken = tokio::net::TcpSocket::new_v4().expect("a socket");
    taken.bind(([127, 0, 0, 1], 0).into()).expect("a port");
    let taken_at = taken.local_addr().expect("an address");
    desk.endpoints.token_url = format!("http://{taken_at}/oauth2/v1/tokens/bearer");
    let fault = desk.client().refresh(&token).await.expect_err("nobody");
    assert_eq!(fault.class, TokenFaultClass::NotSent);
}

#[tokio::test]
async fn nothing_secret_is_printed() {
    let desk = Desk::open().await;
    let token = desk.connected();
    let pair = desk.client().refresh(&token).await.expect("tokens");
    let printed = format!("{pair:?} {:?}", desk.app);
    for secret in [
        pair.access.expose_secret(),
        pair.refresh.expose_secret(),
        "demo-secret",
    ] {
        assert!(!printed.contains(secret), "{printed}");
    }
    assert!(printed.contains("[secret]"), "{printed}");
}
