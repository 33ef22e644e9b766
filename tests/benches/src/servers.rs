//! Servers that answer at once and remember nothing.

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Response};
use serde_json::json;
use tokio::net::TcpListener;

use crate::Error;

/// Serves until killed; writes its address to a file once it listens.
pub async fn serve(file: &str) -> Result<(), Error> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?.to_string();
    // Renamed into place, so that nobody reads half an address.
    std::fs::write(format!("{file}.new"), address)?;
    std::fs::rename(format!("{file}.new"), file)?;
    axum::serve(listener, Router::new().fallback(answer)).await?;
    Ok(())
}

async fn answer(headers: HeaderMap, _body: Bytes) -> Response<Body> {
    let target = headers
        .get("x-amz-target")
        .and_then(|target| target.to_str().ok())
        .unwrap_or_default();
    let (kind, body) = match target.rsplit('.').next().unwrap_or_default() {
        "UpdateItem" => ("application/x-amz-json-1.0", "{}".to_owned()),
        "BatchGetItem" => ("application/x-amz-json-1.0", links()),
        "SendMessageBatch" => ("application/x-amz-json-1.0", taken()),
        _ => ("application/json", "y".repeat(2000)),
    };
    Response::builder()
        .header("content-type", kind)
        .body(Body::from(body))
        .expect("a plain response")
}

fn links() -> String {
    let link = |number: u32| {
        json!({"pk": {"S": "mer_laurier#9341450000000001"}, "sk": {"S": format!("cus_{number}")},
               "state": {"S": "linked"}, "record": {"S": "58"}, "found_by": {"S": "email"},
               "linked_at": {"N": "1795000000000"}, "v": {"N": "1"}})
    };
    let items: Vec<_> = (0..10).map(link).collect();
    json!({"Responses": {"LinksTable": items}, "UnprocessedKeys": {}}).to_string()
}

fn taken() -> String {
    // MD5 of the bodies sent, which the SDK may hold against its own.
    let entry = |number: u32| {
        json!({"Id": number.to_string(), "MessageId": "5fea7756-0ea4-451a-a703-a558b933e274",
               "MD5OfMessageBody": "00000000000000000000000000000000"})
    };
    let entries: Vec<_> = (0..10).map(entry).collect();
    json!({"Successful": entries, "Failed": []}).to_string()
}
