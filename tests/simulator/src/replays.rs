//! Request ids: what was answered to which, so that a request sent twice is done once.
//!
//! Source: Intuit developer blog, 2015-04-06: unique per company, at most 50 characters; the same id with the same content
//! gets the original answer. How long one is remembered and what a changed body does is not documented (see the switches).

use std::collections::HashMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

use jiff::{SignedDuration, Timestamp};

use crate::answer::Answer;
use crate::fault::Fault;
use crate::switches::{RequestIds, Switches};

/// Longest request id, in characters.
const LENGTH_MAX: usize = 50;
/// Longest request id of a batch, whose items add their own ids of at most ten characters.
const LENGTH_MAX_BATCH: usize = 36;

#[derive(Clone, Debug)]
struct Remembered {
    answer: Answer,
    body: u64,
    at: Timestamp,
}

/// The answers remembered of one company.
#[derive(Clone, Debug, Default)]
pub(crate) struct Replays {
    answers: HashMap<String, Remembered>,
}

/// A hash of a request's operation and body, to tell a changed one.
pub(crate) fn fingerprint(operation: &str, body: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    (operation, body).hash(&mut hasher);
    hasher.finish()
}

impl Replays {
    /// The answer to give again, if there is one.
    ///
    /// # Errors
    /// 2130 for an id that is too long, 600 for a changed body where the switch says so.
    pub fn answer(
        &self,
        id: &str,
        body: u64,
        is_batch: bool,
        now: Timestamp,
        switches: &Switches,
    ) -> Result<Option<Answer>, Fault> {
        let length = id.chars().count();
        if length == 0
            || length
                > if is_batch {
                    LENGTH_MAX_BATCH
                } else {
                    LENGTH_MAX
                }
        {
            return Err(Fault::validation(
                "2130",
                "Invalid Request Id Format",
                format!("Invalid Request Id format. Supplied length:{length}"),
            ));
        }
        if switches.request_ids == RequestIds::Off {
            return Ok(None);
        }
        let Some(remembered) = self.answers.get(id) else {
            return Ok(None);
        };
        let forgotten = switches.request_id_memory_seconds.is_some_and(|seconds| {
            now > remembered.at
                + SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(i64::MAX / 2))
        });
        if forgotten || (remembered.answer.is_fault() && !switches.replay_errors) {
            return Ok(None);
        }
        if switches.request_ids == RequestIds::Conflict600 && remembered.body != body {
            return Err(Fault::validation(
                "600",
                "Duplicate Request ID",
                format!("Duplicate Request ID : {id}"),
            ));
        }
        Ok(Some(remembered.answer.clone()))
    }

    /// Remembers an answer.
    pub fn remember(&mut self, id: &str, body: u64, answer: Answer, now: Timestamp) {
        self.answers.insert(
            id.to_owned(),
            Remembered {
                answer,
                body,
                at: now,
            },
        );
    }
}
