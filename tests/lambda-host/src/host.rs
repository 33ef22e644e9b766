//! The host: compiled functions, run as Lambda runs them, fed from SQS.
//!
//! [`process`] is one function's process behind its Runtime API; [`source`] carries batches from a queue to it and
//! invokes it by schedule.

use std::collections::BTreeMap;

use serde::Deserialize;

pub mod process;
pub mod source;

/// What the host runs, as whoever deployed the stack tells it.
#[derive(Clone, Debug, Deserialize)]
pub struct Functions {
    /// The emulator's address.
    pub endpoint: String,
    /// The region it plays.
    pub region: String,
    /// Credentials the functions and the host use.
    pub credentials: Credentials,
    /// The functions.
    pub functions: Vec<Function>,
}

/// Credentials the emulator accepts.
#[derive(Clone, Debug, Deserialize)]
pub struct Credentials {
    /// Access key id.
    pub access_key_id: String,
    /// Secret access key.
    pub secret_access_key: String,
}

/// One function.
#[derive(Clone, Debug, Deserialize)]
pub struct Function {
    /// Its name.
    pub name: String,
    /// Its program.
    pub binary: String,
    /// Its environment.
    pub environment: BTreeMap<String, String>,
    /// How long one invocation may take.
    pub timeout_seconds: u64,
    /// What it is told of its memory.
    pub memory_mb: u32,
    /// How many processes work at once.
    pub concurrency: usize,
    /// How often it is invoked by a schedule, where it is.
    pub every_seconds: Option<u64>,
    /// The queues it works off.
    pub sqs: Vec<Queue>,
}

/// A queue a function works off.
#[derive(Clone, Debug, Deserialize)]
pub struct Queue {
    /// Its URL.
    pub queue_url: String,
    /// Its ARN.
    pub queue_arn: String,
    /// Most messages a batch.
    pub batch_size: i32,
    /// Whether a reply names the messages that failed; otherwise all succeed or all fail.
    pub report_batch_item_failures: bool,
}
