//! Counters: what was asked, done, read, given again and refused, per company and operation.

use std::collections::{BTreeMap, HashMap};

use crate::json::Json;

/// The figures of one operation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Requests that arrived.
    pub requests: u64,
    /// Writes that changed the books.
    pub writes: u64,
    /// Reads that succeeded: what Intuit meters.
    pub reads: u64,
    /// Answers given again to a `requestid`.
    pub replays: u64,
    /// Requests that got a fault, whatever it was.
    pub refusals: u64,
}

/// What was seen of one request id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// Requests that carried it.
    pub requests: u64,
    /// How many different operations or bodies they had; 1 for a client that sends the same again.
    pub contents: usize,
}

/// The figures of one company.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counters {
    pub operations: BTreeMap<&'static str, BTreeMap<&'static str, Figures>>,
    /// Requests that carried each request id, and the hashes of their contents.
    pub request_ids: HashMap<String, (u64, Vec<u64>)>,
    /// Refusals by code.
    pub faults: BTreeMap<String, u64>,
    /// Refusals that were given again to their request id.
    pub refused_again: u64,
}

impl Counters {
    /// The figures of an operation, such as `salesreceipt` and `create`.
    pub fn of(&mut self, subject: &'static str, verb: &'static str) -> &mut Figures {
        self.operations
            .entry(subject)
            .or_default()
            .entry(verb)
            .or_default()
    }

    /// The figures over all operations.
    pub fn total(&self) -> Figures {
        let mut total = Figures::default();
        for figures in self.operations.values().flat_map(BTreeMap::values) {
            total.requests += figures.requests;
            total.writes += figures.writes;
            total.reads += figures.reads;
            total.replays += figures.replays;
            total.refusals += figures.refusals;
        }
        total
    }

    /// Counts a request id.
    pub fn see(&mut self, id: &str, content: u64) {
        let (requests, contents) = self.request_ids.entry(id.to_owned()).or_default();
        *requests += 1;
        if !contents.contains(&content) {
            contents.push(content);
        }
    }

    /// What was seen of each request id, in their order.
    pub fn seen(&self) -> BTreeMap<String, Seen> {
        let seen = |(id, (requests, contents)): (&String, &(u64, Vec<u64>))| {
            (
                id.clone(),
                Seen {
                    requests: *requests,
                    contents: contents.len(),
                },
            )
        };
        self.request_ids.iter().map(seen).collect()
    }

    /// The figures as JSON; request ids only those seen more than once, and how many there were.
    pub fn to_json(&self) -> Json {
        let mut operations = Json::empty();
        for (subject, verbs) in &self.operations {
            for (verb, figures) in verbs {
                operations.set(&format!("{subject}.{verb}"), figures.to_json());
            }
        }
        let mut out = self.total().to_json();
        out.set("operations", operations);
        out.set(
            "faults",
            Json::Object(
                self.faults
                    .iter()
                    .map(|(code, count)| (code.clone(), Json::from(*count)))
                    .collect(),
            ),
        );
        out.set(
            "request_ids",
            Json::from(u64::try_from(self.request_ids.len()).unwrap_or(u64::MAX)),
        );
        let again = self
            .seen()
            .into_iter()
            .filter(|(_, seen)| seen.requests > 1);
        let again = again.map(|(id, seen)| (id, Json::from(seen.requests)));
        out.set("request_ids_seen_again", Json::Object(again.collect()));
        out
    }
}

impl Figures {
    fn to_json(&self) -> Json {
        Json::object([
            ("requests", Json::from(self.requests)),
            ("writes", Json::from(self.writes)),
            ("reads", Json::from(self.reads)),
            ("replays", Json::from(self.replays)),
            ("refusals", Json::from(self.refusals)),
        ])
    }
}
