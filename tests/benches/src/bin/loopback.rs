//! AWS as far as a clean payment needs it, answering at once or after a fixed time, so that a function's own CPU and own
//! time can be measured.
//!
//! `loopback SEED.json MILLISECONDS`: rows and secrets it gives, and how long DynamoDB takes. The first line it prints is its
//! address. Writes are taken and not kept: every claim succeeds.
#![allow(clippy::print_stdout, reason = "a program for people")]

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Response};
use serde_json::{Value, json};
use tokio::net::TcpListener;

type Error = Box<dyn std::error::Error>;

/// What it gives.
struct Seed {
    /// Rows by table, partition and sort key.
    rows: HashMap<(String, String, String), Value>,
    secrets: HashMap<String, String>,
    takes: Duration,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, file, takes] = arguments.as_slice() else {
        return Err("loopback SEED.json MILLISECONDS".into());
    };
    let seed = seed(&std::fs::read_to_string(file)?, takes.parse()?)?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("http://{}", listener.local_addr()?);
    let app = Router::new().fallback(answer).with_state(Arc::new(seed));
    axum::serve(listener, app).await?;
    Ok(())
}

fn seed(text: &str, takes: u64) -> Result<Seed, Error> {
    let told: Value = serde_json::from_str(text)?;
    let mut rows = HashMap::new();
    for (table, items) in told["tables"].as_object().ok_or("tables")? {
        for item in items.as_array().ok_or("rows")? {
            rows.insert(place(table, item), item.clone());
        }
    }
    let secrets = told["secrets"].as_object().ok_or("secrets")?;
    let text = |(name, value): (&String, &Value)| Some((name.clone(), value.as_str()?.to_owned()));
    Ok(Seed {
        rows,
        secrets: secrets.iter().filter_map(text).collect(),
        takes: Duration::from_millis(takes),
    })
}

fn place(table: &str, key: &Value) -> (String, String, String) {
    let part = |name: &str| key[name]["S"].as_str().unwrap_or_default().to_owned();
    (table.to_owned(), part("pk"), part("sk"))
}

async fn answer(State(seed): State<Arc<Seed>>, headers: HeaderMap, body: Bytes) -> Response<Body> {
    let target = headers.get("x-amz-target");
    let target = target.and_then(|target| target.to_str().ok());
    let (service, operation) = target.and_then(|t| t.split_once('.')).unwrap_or_default();
    let asked: Value = serde_json::from_slice(&body).unwrap_or_default();
    if service.starts_with("DynamoDB") {
        tokio::time::sleep(seed.takes).await;
    }
    let told = match operation {
        "BatchGetItem" => json!({"Responses": batch(&seed, &asked), "UnprocessedKeys": {}}),
        "GetItem" => {
            let table = asked["TableName"].as_str().unwrap_or_default();
            match seed.rows.get(&place(table, &asked["Key"])) {
                Some(item) => json!({"Item": item}),
                None => json!({}),
            }
        }
        "Query" => json!({"Items": [], "Count": 0, "ScannedCount": 0}),
        "GetSecretValue" => {
            let name = asked["SecretId"].as_str().unwrap_or_default();
            json!({"Name": name, "SecretString": seed.secrets.get(name)})
        }
        "SendMessageBatch" => json!({"Successful": taken(&asked), "Failed": []}),
        "SendMessage" => json!({"MessageId": "5fea7756-0ea4-451a-a703-a558b933e274"}),
        _ => json!({}),
    };
    Response::builder()
        .header("content-type", "application/x-amz-json-1.0")
        .body(Body::from(told.to_string()))
        .expect("a plain response")
}

fn batch(seed: &Seed, asked: &Value) -> Value {
    let tables = asked["RequestItems"].as_object().into_iter().flatten();
    let found = tables.map(|(table, keys)| {
        let keys = keys["Keys"].as_array().into_iter().flatten();
        let items: Vec<&Value> = keys
            .filter_map(|key| seed.rows.get(&place(table, key)))
            .collect();
        (table.clone(), json!(items))
    });
    Value::Object(found.collect())
}

fn taken(asked: &Value) -> Vec<Value> {
    let entries = asked["Entries"].as_array().into_iter().flatten();
    entries
        .map(
            |entry| json!({"Id": entry["Id"], "MessageId": "5fea7756-0ea4-451a-a703-a558b933e274"}),
        )
        .collect()
}
