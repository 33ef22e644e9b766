//! Over HTTP: the same, with connections that are kept, and connections that are lost.

use std::sync::PoisonError;

use simulator::{Simulator, Trouble, TroubleKind};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::QUEBEC;

/// Sends a request on a connection of its own and reads whatever comes until the connection closes.
async fn exchange(
    simulator: &Simulator,
    method: &str,
    target: &str,
    token: &str,
    body: &str,
) -> String {
    let address = simulator.url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!(
        "{method} {target} HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {token}\r\naccept: application/json\r\n\
         content-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    // A connection that is cut may end in an error; what counts is what had come by then.
    let _cut = stream.read_to_end(&mut answer).await;
    String::from_utf8(answer).unwrap()
}

fn token(simulator: &Simulator) -> String {
    let request = simulator::Request::new("POST", "/simulator/connect")
        .body(format!("{{\"realm\":\"{QUEBEC}\"}}"));
    let reply = simulator
        .intuit
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .handle(real_now(), &request);
    simulator::Json::read(&reply.text())
        .unwrap()
        .said("access_token")
        .unwrap()
        .to_owned()
}

#[allow(
    clippy::disallowed_methods,
    reason = "the server under test reads the real clock"
)]
fn real_now() -> jiff::Timestamp {
    jiff::Timestamp::now()
}

#[tokio::test]
async fn requests_are_answered_and_routes_found() {
    let simulator = simulator::start().await.unwrap();
    let token = token(&simulator);
    let made = exchange(
        &simulator,
        "POST",
        &format!("/v3/company/{QUEBEC}/customer?requestid=a%2Db"),
        &token,
        "{\"DisplayName\":\"Ren\u{e9} L\"}",
    )
    .await;
    assert!(
        made.starts_with("HTTP/1.1 200")
            && made.contains("René L")
            && made.contains("intuit_tid: 1-"),
        "{made}"
    );
    let discovery = exchange(
        &simulator,
        "GET",
        "/.well-known/openid_configuration",
        "",
        "",
    )
    .await;
    assert!(
        discovery.contains(&format!("{}/oauth2/v1/tokens/bearer", simulator.url)),
        "{discovery}"
    );
    assert!(
        exchange(&simulator, "PUT", "/nowhere", "", "")
            .await
            .starts_with("HTTP/1.1 404")
    );
}

#[tokio::test]
async fn a_lost_answer_closes_the_connection_without_a_byte() {
    let simulator = simulator::start().await.unwrap();
    let token = token(&simulator);
    let target = format!("/v3/company/{QUEBEC}/customer?requestid=a");
    simulator
        .intuit
        .lock()
        .unwrap()
        .trouble(real_now(), Trouble::new(TroubleKind::LoseAnswer));
    assert_eq!(
        exchange(
            &simulator,
            "POST",
            &target,
            &token,
            "{\"DisplayName\":\"Lost\"}"
        )
        .await,
        ""
    );
    let again = exchange(
        &simulator,
        "POST",
        &target,
        &token,
        "{\"DisplayName\":\"Lost\"}",
    )
    .await;
    assert!(again.contains("\"Id\":\"1001\""), "{again}");
    assert_eq!(simulator.intuit.lock().unwrap().figures(QUEBEC).writes, 1);
}

#[tokio::test]
async fn a_delayed_answer_comes() {
    let simulator = simulator::start().await.unwrap();
    let token = token(&simulator);
    let mut delay = Trouble::new(TroubleKind::Delay);
    delay.milliseconds = 20;
    simulator.intuit.lock().unwrap().trouble(real_now(), delay);
    assert!(
        exchange(
            &simulator,
            "GET",
            &format!("/v3/company/{QUEBEC}/preferences"),
            &token,
            ""
        )
        .await
        .starts_with("HTTP/1.1 200")
    );
}
