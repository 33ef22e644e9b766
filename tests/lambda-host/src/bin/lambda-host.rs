//! `lambda-host --functions functions.json --log-dir DIR`: runs compiled functions against any AWS emulator.
#![recursion_limit = "256"]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use aws_config::{Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use common::aws::pool::Pool;
use lambda_host::host::Functions;
use lambda_host::host::source::{tick, work};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::Mutex;
use tokio::task::JoinSet;

type Error = Box<dyn std::error::Error>;

#[tokio::main]
async fn main() -> Result<(), Error> {
    let arguments: Vec<String> = std::env::args().collect();
    let argument = |name: &str| -> Result<String, Error> {
        let named = arguments.windows(2).find(|pair| pair[0] == name);
        Ok(named
            .map(|pair| pair[1].clone())
            .ok_or_else(|| format!("{name} is missing"))?)
    };
    let functions: Functions =
        serde_json::from_str(&std::fs::read_to_string(argument("--functions")?)?)?;
    let logs = PathBuf::from(argument("--log-dir")?);
    let keys = &functions.credentials;
    let sdk = SdkConfig::builder()
        .region(Region::new(functions.region.clone()))
        .endpoint_url(&functions.endpoint)
        .credentials_provider(SharedCredentialsProvider::new(Credentials::from_keys(
            &keys.access_key_id,
            &keys.secret_access_key,
            None,
        )))
        .build();
    let sdk = Pool::over(&reqwest::Client::new()).carry(sdk);
    let sqs = aws_sdk_sqs::Client::new(&sdk);
    let mut workers = JoinSet::new();
    for function in &functions.functions {
        if let Some(seconds) = function.every_seconds {
            let (functions, function, logs) = (functions.clone(), function.clone(), logs.clone());
            workers.spawn(async move {
                let every = Duration::from_secs(seconds);
                tick(functions, function, every, Path::new(&logs)).await;
            });
        }
        for queue in &function.sqs {
            let turn = Arc::new(Mutex::new(()));
            for _ in 0..function.concurrency {
                let (sqs, functions) = (sqs.clone(), functions.clone());
                let (function, queue, logs) = (function.clone(), queue.clone(), logs.clone());
                let turn = Arc::clone(&turn);
                workers.spawn(async move {
                    work(sqs, functions, function, queue, turn, Path::new(&logs)).await;
                });
            }
        }
    }
    let mut terminated = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = terminated.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
        Some(ended) = workers.join_next() => ended?,
    }
    // Processes end with the tasks that hold them.
    workers.shutdown().await;
    Ok(())
}
