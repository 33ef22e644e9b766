//! The Lambda entry: configuration, the world, and the runtime's loop.
// The SDK nests its futures deeper than the compiler looks by itself.
#![recursion_limit = "256"]

use std::time::Duration;

use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use common::aws::Aws;
use common::config::SyncConfig;
use common::telemetry;
use jiff::Timestamp;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use recording::Recorder;
use recording::invocation::Delivery;
use transaction_sync::batch::handle;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::start();
    let recorder = Recorder::new(Aws::new(SyncConfig::from_env()?));
    run(service_fn(|event| {
        recorder.world.counting(invocation(&recorder, event))
    }))
    .await
}

async fn invocation(
    recorder: &Recorder<Aws>,
    event: LambdaEvent<SqsEvent>,
) -> Result<SqsBatchResponse, Error> {
    let batch = event
        .payload
        .records
        .into_iter()
        .map(delivery)
        .collect::<Result<Vec<_>, _>>()?;
    let deadline = Timestamp::from_millisecond(i64::try_from(event.context.deadline)?)?;
    let time_left = Duration::try_from(deadline - common::world::World::now(&recorder.world))
        .unwrap_or_default();
    let returned = handle(recorder, &batch, time_left).await;
    let mut response = SqsBatchResponse::default();
    response.batch_item_failures = returned.into_iter().map(failure).collect();
    Ok(response)
}

/// A record without an id cannot be returned by itself: the whole batch comes back.
fn delivery(record: SqsMessage) -> Result<Delivery, Error> {
    let message_id = record
        .message_id
        .filter(|id| !id.is_empty())
        .ok_or("a record without a message id")?;
    let group = record
        .attributes
        .get("MessageGroupId")
        .cloned()
        .unwrap_or_default();
    let sent_at = record
        .attributes
        .get("SentTimestamp")
        .and_then(|milliseconds| Timestamp::from_millisecond(milliseconds.parse().ok()?).ok());
    Ok(Delivery {
        sent_at,
        message_id,
        group,
        body: record.body.unwrap_or_default(),
    })
}

fn failure(message_id: String) -> BatchItemFailure {
    let mut failure = BatchItemFailure::default();
    failure.item_identifier = message_id;
    failure
}
