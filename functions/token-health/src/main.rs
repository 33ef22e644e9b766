//! The Lambda entry: configuration, the world, and the runtime's loop.
// The SDK nests its futures deeper than the compiler looks by itself.
#![recursion_limit = "256"]

use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent};
use common::aws::Aws;
use common::config::SyncConfig;
use common::telemetry;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde_json::Value;
use token_health::batch::work;
use token_health::dispatch::dispatch;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::start();
    let world = Aws::new(SyncConfig::from_env()?);
    // A deployment that could tell nobody is refused at once, and not when somebody would have to be told.
    if let Err(reason) = world.mails_reach_operators().await {
        tracing::error!("{reason}");
        return Err(reason.into());
    }
    run(service_fn(|event| {
        world.counting(invocation(&world, event))
    }))
    .await
}

/// A batch of messages, or the schedule's tick, which has no records.
async fn invocation(world: &Aws, event: LambdaEvent<Value>) -> Result<SqsBatchResponse, Error> {
    let mut response = SqsBatchResponse::default();
    if event.payload.get("Records").is_none() {
        dispatch(world).await?;
        return Ok(response);
    }
    let batch: SqsEvent = serde_json::from_value(event.payload)?;
    let (ids, bodies): (Vec<_>, Vec<_>) = batch
        .records
        .into_iter()
        .map(|record| {
            let id = record.message_id.unwrap_or_default();
            (id, record.body.unwrap_or_default())
        })
        .unzip();
    let done = work(world, &bodies).await;
    for (id, _) in ids.into_iter().zip(done).filter(|(_, done)| !done) {
        let mut failure = BatchItemFailure::default();
        failure.item_identifier = id;
        response.batch_item_failures.push(failure);
    }
    Ok(response)
}
