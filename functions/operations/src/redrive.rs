//! Redriving: dead letters go back to the queue they came from, each once.

use std::error::Error;
use std::process::ExitCode;

use aws_config::SdkConfig;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::{Message, MessageSystemAttributeName};

/// Messages asked for at once. Source: AWS, `ReceiveMessage`.
const BATCH: i32 = 10;

/// How long a letter that is being sent is hidden from others, in seconds.
const HIDDEN: i32 = 120;

/// Sends every dead letter to its queue and takes it out of the dead ones.
///
/// If we stop between the two, the letter is sent again by the next run: what carries messages out takes repeats.
///
/// # Errors
///
/// Where a queue cannot be read or written.
pub async fn run(sdk: &SdkConfig, from: &str, to: &str) -> Result<ExitCode, Box<dyn Error>> {
    let sqs = Client::new(sdk);
    let mut sent = 0_u64;
    loop {
        let received = sqs
            .receive_message()
            .queue_url(from)
            .max_number_of_messages(BATCH)
            .visibility_timeout(HIDDEN)
            .wait_time_seconds(1)
            .message_system_attribute_names(MessageSystemAttributeName::MessageGroupId)
            .send()
            .await?;
        let letters = received.messages.unwrap_or_default();
        if letters.is_empty() {
            println!("{sent} dead letters were sent again");
            return Ok(ExitCode::SUCCESS);
        }
        for letter in &letters {
            send(&sqs, letter, from, to).await?;
            sent += 1;
        }
    }
}

async fn send(sqs: &Client, letter: &Message, from: &str, to: &str) -> Result<(), Box<dyn Error>> {
    let group = letter
        .attributes
        .as_ref()
        .and_then(|known| known.get(&MessageSystemAttributeName::MessageGroupId));
    // A message that was sent within five minutes under the same id would be dropped: each run has its own.
    let once = letter
        .message_id
        .as_deref()
        .map(|id| format!("{id}-{}", jiff::Timestamp::now().as_second()));
    sqs.send_message()
        .queue_url(to)
        .set_message_body(letter.body.clone())
        .set_message_group_id(group.cloned())
        .set_message_deduplication_id(group.and(once))
        .send()
        .await?;
    sqs.delete_message()
        .queue_url(from)
        .set_receipt_handle(letter.receipt_handle.clone())
        .send()
        .await?;
    Ok(())
}
