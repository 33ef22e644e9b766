//! What the same calls cost with nothing around them: the SDK's and reqwest's own share of a payment's CPU.
//!
//! `bare ADDRESS PAYMENTS`: for each payment two conditional updates of a row as large as ours and one receipt posted, for each
//! ten one batched read and one batch of messages, all answered by `loopback`. Prints CPU a payment, in
//! nanoseconds.
#![allow(clippy::print_stdout, reason = "a program for people")]

use std::fs;

use aws_config::{Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_sdk_dynamodb::Client as DynamoDb;
use aws_sdk_dynamodb::config::SharedCredentialsProvider;
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};
use aws_sdk_sqs::Client as Sqs;
use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use common::aws::pool::Pool;

type Error = Box<dyn std::error::Error>;

/// A sealed message and a sealed receipt are about as long, in bytes.
const SEALED: usize = 450;

/// A receipt as it is posted, in bytes.
const RECEIPT: usize = 1_400;

/// An outcome as it is told, in bytes.
const OUTCOME: usize = 700;

/// Payments in a full batch.
const BATCH: usize = 10;

/// Before anything is taken: connections are made, and memory is there.
const WARM: usize = 200;

struct Bare {
    address: String,
    http: reqwest::Client,
    dynamodb: DynamoDb,
    sqs: Sqs,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, address, payments] = arguments.as_slice() else {
        return Err("bare ADDRESS PAYMENTS".into());
    };
    let http = reqwest::Client::new();
    let sdk = SdkConfig::builder()
        .region(Region::new("ca-central-1"))
        .endpoint_url(address)
        .credentials_provider(SharedCredentialsProvider::new(Credentials::from_keys(
            "id", "secret", None,
        )))
        .build();
    let sdk = Pool::over(&http).carry(sdk);
    let bare = Bare {
        address: address.clone(),
        http,
        dynamodb: DynamoDb::new(&sdk),
        sqs: Sqs::new(&sdk),
    };
    let payments = payments.parse()?;
    bare.play(WARM).await?;
    let before = cpu_ns()?;
    bare.play(payments).await?;
    println!("{}", (cpu_ns()? - before) / u64::try_from(payments)?);
    Ok(())
}

impl Bare {
    async fn play(&self, payments: usize) -> Result<(), Error> {
        for _ in 0..payments / BATCH {
            let keys = KeysAndAttributes::builder().keys(key()).keys(key());
            let read = self.dynamodb.batch_get_item();
            read.request_items("links", keys.build()?).send().await?;
            for _ in 0..BATCH {
                self.update().await?;
                let receipt = self.http.post(&self.address).bearer_auth("token");
                receipt
                    .body("r".repeat(RECEIPT))
                    .send()
                    .await?
                    .bytes()
                    .await?;
                self.update().await?;
            }
            let mut told = self.sqs.send_message_batch().queue_url(&self.address);
            for at in 0..BATCH {
                let entry = SendMessageBatchRequestEntry::builder().id(at.to_string());
                told = told.entries(entry.message_body("o".repeat(OUTCOME)).build()?);
            }
            told.send().await?;
        }
        Ok(())
    }

    async fn update(&self) -> Result<(), Error> {
        let number = |value: &str| AttributeValue::N(value.to_owned());
        let update = self.dynamodb.update_item().table_name("ledger");
        update
            .set_key(Some(key()))
            .update_expression(
                "SET payload = :payload, fence = :fence, leased = :leased, listed = :listed",
            )
            .condition_expression("attribute_not_exists(fence) OR fence = :before")
            .expression_attribute_values(":payload", AttributeValue::B(Blob::new(vec![7; SEALED])))
            .expression_attribute_values(":fence", number("2"))
            .expression_attribute_values(":before", number("1"))
            .expression_attribute_values(":leased", number("1795000000"))
            .expression_attribute_values(":listed", AttributeValue::S("2026-11-24".to_owned()))
            .send()
            .await?;
        Ok(())
    }
}

fn key() -> std::collections::HashMap<String, AttributeValue> {
    let text = |value: &str| AttributeValue::S(value.to_owned());
    [("pk", "mer_northgate"), ("sk", "payment#pay_1")]
        .map(|(name, value)| (name.to_owned(), text(value)))
        .into()
}

/// CPU this process has used, in nanoseconds, by the kernel's own accounting of each thread.
fn cpu_ns() -> Result<u64, Error> {
    let mut sum = 0;
    for thread in fs::read_dir("/proc/self/task")? {
        let told = fs::read_to_string(thread?.path().join("schedstat"))?;
        let first = told.split_whitespace().next().ok_or("schedstat")?;
        sum += first.parse::<u64>()?;
    }
    Ok(sum)
}
