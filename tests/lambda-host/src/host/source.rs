//! What invokes a function: a queue (batches in, finished messages deleted, the rest left to come back), a schedule.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::{Message, MessageSystemAttributeName};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::Mutex;

use super::process::{Failed, Process};
use super::{Function, Functions, Queue};

/// How often an empty queue is asked.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Works off one queue with one process, for ever. Workers of one queue share its `turn`.
pub async fn work(
    sqs: Client,
    functions: Functions,
    function: Function,
    queue: Queue,
    turn: Arc<Mutex<()>>,
    logs: &Path,
) {
    let mut process: Option<Process> = None;
    loop {
        let batch = receive(&sqs, &queue, &turn).await;
        let warm = match process.take() {
            Some(warm) => warm,
            None => Process::start(&functions, &function, logs)
                .await
                .expect("the function's program can be started"),
        };
        let mut warm = warm;
        let reply = warm.invoke(event(&batch, &queue, &functions.region)).await;
        if !matches!(reply, Err(Failed::Exited | Failed::TimedOut)) {
            process = Some(warm);
        }
        for handle in finished(&batch, reply, queue.report_batch_item_failures) {
            sqs.delete_message()
                .queue_url(&queue.queue_url)
                .receipt_handle(handle)
                .send()
                .await
                .ok();
        }
    }
}

/// The next batch.
///
/// One worker asks at a time, and never waits at the queue: moto notes which groups are being worked on when a wait
/// begins, and would give a waiting worker what arrived since in a group that another is at.
async fn receive(sqs: &Client, queue: &Queue, turn: &Mutex<()>) -> Vec<Message> {
    let _turn = turn.lock().await;
    loop {
        let receive = sqs
            .receive_message()
            .queue_url(&queue.queue_url)
            .max_number_of_messages(queue.batch_size)
            .wait_time_seconds(0)
            .message_system_attribute_names(MessageSystemAttributeName::All);
        // An emulator that goes away ends the host with it; until then it is asked again.
        let answer = receive.send().await.ok();
        let batch = answer
            .and_then(|answer| answer.messages)
            .unwrap_or_default();
        if !batch.is_empty() {
            return batch;
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// Invokes a function again and again, as a schedule does; what it replies is nobody's.
pub async fn tick(functions: Functions, function: Function, every: Duration, logs: &Path) {
    let mut process: Option<Process> = None;
    loop {
        tokio::time::sleep(every).await;
        let mut warm = match process.take() {
            Some(warm) => warm,
            None => Process::start(&functions, &function, logs)
                .await
                .expect("the function's program can be started"),
        };
        let reply = warm.invoke(b"{}".to_vec()).await;
        if !matches!(reply, Err(Failed::Exited | Failed::TimedOut)) {
            process = Some(warm);
        }
    }
}

/// The event Lambda makes of a batch.
fn event(batch: &[Message], queue: &Queue, region: &str) -> Vec<u8> {
    let record = |message: &Message| -> Value {
        let attributes = message.attributes.iter().flatten();
        let attributes: BTreeMap<&str, &str> = attributes
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        json!({
            "messageId": message.message_id, "receiptHandle": message.receipt_handle, "body": message.body,
            "attributes": attributes, "messageAttributes": {}, "md5OfBody": message.md5_of_body,
            "eventSource": "aws:sqs", "eventSourceARN": queue.queue_arn, "awsRegion": region,
        })
    };
    let records: Vec<Value> = batch.iter().map(record).collect();
    json!({"Records": records}).to_string().into_bytes()
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Reply {
    #[serde(default)]
    batch_item_failures: Vec<ItemFailure>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ItemFailure {
    item_identifier: String,
}

/// The receipt handles of the messages that are done.
///
/// As Lambda has it: a failed invocation, a reply that cannot be read and an empty identifier fail the whole batch.
fn finished(batch: &[Message], reply: Result<Vec<u8>, Failed>, reports: bool) -> Vec<String> {
    let Ok(reply) = reply else { return Vec::new() };
    let failed: BTreeSet<String> = match serde_json::from_slice::<Option<Reply>>(&reply) {
        Ok(reply) if reports => reply
            .map(|reply| reply.batch_item_failures)
            .unwrap_or_default()
            .into_iter()
            .map(|f| f.item_identifier)
            .collect(),
        Err(_) if reports => return Vec::new(),
        _ => BTreeSet::new(),
    };
    if failed.contains("") {
        return Vec::new();
    }
    let done = batch
        .iter()
        .filter(|message| !failed.contains(message.message_id.as_deref().unwrap_or_default()));
    done.filter_map(|message| message.receipt_handle.clone())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finished_of(reply: Result<&str, Failed>) -> Vec<String> {
        let message = |id: &str| {
            Message::builder()
                .message_id(id)
                .receipt_handle(format!("handle-{id}"))
                .build()
        };
        let batch = [message("a"), message("b")];
        finished(&batch, reply.map(|text| text.as_bytes().to_vec()), true)
    }

    #[test]
    fn only_what_the_reply_does_not_name_is_finished() {
        assert_eq!(
            finished_of(Ok(r#"{"batchItemFailures":[{"itemIdentifier":"a"}]}"#)),
            ["handle-b"]
        );
        assert_eq!(
            finished_of(Ok(r#"{"batchItemFailures":[]}"#)),
            ["handle-a", "handle-b"]
        );
        assert_eq!(finished_of(Ok("null")), ["handle-a", "handle-b"]);
    }

    #[test]
    fn a_failure_an_unreadable_reply_and_an_empty_identifier_finish_nothing() {
        assert!(finished_of(Err(Failed::Exited)).is_empty());
        assert!(finished_of(Ok("not JSON")).is_empty());
        assert!(finished_of(Ok(r#"{"batchItemFailures":[{"itemIdentifier":""}]}"#)).is_empty());
    }
}
