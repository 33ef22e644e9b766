//! The Lambda entry: configuration, the world, and the runtime's loop.
// The SDK nests its futures deeper than the compiler looks by itself.
#![recursion_limit = "256"]

use std::time::Duration;

use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use backlog_drain::drain::drain;
use backlog_drain::sweep::sweep;
use bookkeeping::ids::MerchantId;
use common::aws::Aws;
use common::config::SyncConfig;
use common::telemetry;
use common::world::World;
use jiff::Timestamp;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use recording::Recorder;
use serde::Deserialize;
use serde_json::Value;
use tracing::Instrument;

/// Whose lot is to be drained: the body of a message in the wake queue.
#[derive(Deserialize)]
struct Wake {
    merchant: MerchantId,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::start();
    let recorder = Recorder::new(Aws::new(SyncConfig::from_env()?));
    run(service_fn(|event| {
        recorder.world.counting(invocation(&recorder, event))
    }))
    .await
}

/// A batch of wake-ups, or the schedule's tick, which has no records.
async fn invocation(
    recorder: &Recorder<Aws>,
    event: LambdaEvent<Value>,
) -> Result<SqsBatchResponse, Error> {
    let mut response = SqsBatchResponse::default();
    if event.payload.get("Records").is_none() {
        sweep(&recorder.world).await?;
        return Ok(response);
    }
    let deadline = Timestamp::from_millisecond(i64::try_from(event.context.deadline)?)?;
    let batch: SqsEvent = serde_json::from_value(event.payload)?;
    for record in batch.records {
        let time_left = Duration::try_from(deadline - recorder.world.now()).unwrap_or_default();
        if let Err(message_id) = woken(recorder, record, time_left).await {
            let mut failure = BatchItemFailure::default();
            failure.item_identifier = message_id;
            response.batch_item_failures.push(failure);
        }
    }
    Ok(response)
}

/// Drains the lot one message names; gives the message's id where it names none and so goes to the dead letters.
async fn woken(
    recorder: &Recorder<Aws>,
    record: SqsMessage,
    time_left: Duration,
) -> Result<(), String> {
    let body = record.body.unwrap_or_default();
    let Ok(Wake { merchant }) = serde_json::from_str(&body) else {
        tracing::error!("a wake-up names no merchant");
        return Err(record.message_id.unwrap_or_default());
    };
    // Whatever is logged on its way says whose it is.
    let whose = tracing::info_span!("lot", merchant.id = %merchant);
    if let Err(again) = drain(recorder, &merchant, time_left)
        .instrument(whose)
        .await
    {
        // The lot stays armed: the sweep finds it when the store is back, sooner than this message would come.
        tracing::error!(merchant.id = %merchant, error = %again, "the lot could not be drained");
    }
    Ok(())
}
