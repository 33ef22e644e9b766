//! The SDK's requests over the pool: what is told of an answer, of none, and of one that takes too long.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use aws_config::timeout::TimeoutConfig;
use aws_config::{Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::SharedCredentialsProvider;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::types::AttributeValue;
use common::aws::pool::Pool;
use quickbooks::Https;

fn client(address: &str, timeout: TimeoutConfig) -> Client {
    let keys = Credentials::from_keys("id", "secret", None);
    let sdk = SdkConfig::builder()
        .region(Region::new("ca-central-1"))
        .endpoint_url(address)
        .credentials_provider(SharedCredentialsProvider::new(keys))
        .build();
    let sdk = Pool::over(Https::new().pool()).carry(sdk).into_builder();
    Client::new(&sdk.timeout_config(timeout).build())
}

/// A server on one connection after the other: what it does with each, in turn.
fn server(each: Vec<fn(TcpStream)>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    thread::spawn(move || {
        for answer in each {
            answer(listener.accept().expect("a connection").0);
        }
    });
    format!("http://{address}")
}

/// Reads a request to its end.
fn read(connection: &mut TcpStream) -> String {
    let mut text = String::new();
    let mut buffer = [0; 4096];
    loop {
        let taken = connection.read(&mut buffer).expect("a request");
        text.push_str(&String::from_utf8_lossy(&buffer[..taken]));
        if text.contains("\"Key\"") && text.ends_with('}') {
            return text;
        }
    }
}

fn closes_unanswered(mut connection: TcpStream) {
    read(&mut connection);
}

fn gives_a_row(mut connection: TcpStream) {
    let asked = read(&mut connection);
    assert!(
        asked.contains("x-amz-target: DynamoDB_20120810.GetItem"),
        "{asked}"
    );
    let row = r#"{"Item":{"pk":{"S":"mer_1"}}}"#;
    let length = row.len();
    write!(connection, "HTTP/1.1 200 OK\r\ncontent-type: application/x-amz-json-1.0\r\ncontent-length: {length}\r\n\r\n{row}")
        .expect("an answer");
}

fn never_answers(mut connection: TcpStream) {
    read(&mut connection);
    // Until the other side gives up.
    connection.read_exact(&mut [0]).ok();
}

fn asked(client: &Client) -> aws_sdk_dynamodb::operation::get_item::builders::GetItemFluentBuilder {
    client
        .get_item()
        .table_name("ledger")
        .key("pk", AttributeValue::S("mer_1".to_owned()))
}

#[tokio::test]
async fn what_was_not_answered_is_asked_again() {
    let address = server(vec![closes_unanswered, gives_a_row]);
    let answer = asked(&client(&address, TimeoutConfig::disabled()))
        .send()
        .await;
    let item = answer.expect("an answer").item.expect("a row");
    assert_eq!(item["pk"], AttributeValue::S("mer_1".to_owned()));
}

#[tokio::test]
async fn an_answer_that_takes_too_long_is_told_as_a_timeout() {
    let address = server(vec![never_answers; 3]);
    let soon = TimeoutConfig::builder()
        .read_timeout(Duration::from_millis(50))
        .build();
    match asked(&client(&address, soon)).send().await {
        Err(SdkError::DispatchFailure(failure)) => assert!(failure.is_timeout(), "{failure:?}"),
        other => panic!("a timeout: {other:?}"),
    }
}

#[tokio::test]
async fn where_nobody_listens_it_is_told_as_a_fault_of_the_connection() {
    let port = TcpListener::bind("127.0.0.1:0")
        .expect("a port")
        .local_addr()
        .expect("an address");
    match asked(&client(
        &format!("http://{port}"),
        TimeoutConfig::disabled(),
    ))
    .send()
    .await
    {
        Err(SdkError::DispatchFailure(failure)) => assert!(failure.is_io(), "{failure:?}"),
        other => panic!("nobody listens: {other:?}"),
    }
}
