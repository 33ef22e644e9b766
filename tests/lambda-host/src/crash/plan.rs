//! The plan: at which moments to kill. Nothing here touches a process or a network.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// A moment between two steps of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Gap {
    /// The claim is written, the receipt not yet sent.
    ClaimPost,
    /// QuickBooks has the receipt, and its answer has not arrived.
    CommitAnswer,
    /// The answer has arrived and is not yet written down.
    AnswerComplete,
    /// Anywhere else.
    Random,
}

impl Gap {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::ClaimPost,
        Self::CommitAnswer,
        Self::AnswerComplete,
        Self::Random,
    ];

    /// The name on the command line and in the report.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ClaimPost => "claim-post",
            Self::CommitAnswer => "commit-answer",
            Self::AnswerComplete => "answer-complete",
            Self::Random => "random",
        }
    }

    /// How many moments of this gap go by for each that is used, so that kills spread over the day.
    fn rarity(self) -> u64 {
        match self {
            Self::Random => 40,
            _ => 3,
        }
    }
}

/// A request as the plan sees it.
#[derive(Clone, Copy, Debug)]
pub enum Seen<'a> {
    /// A call to AWS: its operation and body.
    Aws {
        /// `UpdateItem`, `ReceiveMessage`, ...
        operation: &'a str,
        /// The JSON body.
        body: &'a [u8],
    },
    /// A call to QuickBooks: its path and query.
    QuickBooks {
        /// `/v3/company/1/salesreceipt`.
        path: &'a str,
        /// `minorversion=75&requestid=...`.
        query: &'a str,
    },
}

/// Whether a request is about to be passed on, or was answered with success.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// It has arrived and is not passed on yet.
    Before,
    /// It was carried out; the answer is not passed back yet.
    After,
}

/// Whom to kill: how often in each gap, spread by a seed.
pub struct Plan {
    ledger_table: String,
    left: BTreeMap<Gap, u32>,
    used: BTreeSet<(Gap, String)>,
    random: u64,
}

impl Plan {
    /// A plan with so many kills in each gap. The ledger is any table whose name contains `ledger_table`.
    #[must_use]
    pub fn new(ledger_table: String, left: BTreeMap<Gap, u32>, seed: u64) -> Self {
        Self {
            ledger_table,
            left,
            used: BTreeSet::new(),
            random: seed ^ 0x9E37_79B9_7F4A_7C15,
        }
    }

    /// Whether to kill the sender of this request now; gives the gap and the transaction.
    pub fn kills(&mut self, when: When, seen: Seen<'_>) -> Option<(Gap, String)> {
        let (gap, transaction) = self.moment(when, seen);
        let left = self.left.get(&gap).copied().unwrap_or_default();
        if left == 0 || self.below(gap.rarity()) != 0 {
            return None;
        }
        // Never the same transaction twice in one gap: a day must end.
        if gap != Gap::Random && !self.used.insert((gap, transaction.clone())) {
            return None;
        }
        self.left.insert(gap, left - 1);
        Some((gap, transaction))
    }

    /// Plans a kill anew that found nobody: the moment was another program's.
    pub fn missed(&mut self, gap: Gap, transaction: String) {
        *self.left.entry(gap).or_default() += 1;
        self.used.remove(&(gap, transaction));
    }

    fn moment(&self, when: When, seen: Seen<'_>) -> (Gap, String) {
        match seen {
            Seen::Aws {
                operation: "UpdateItem",
                body,
            } => match (when, self.ledger_update(body)) {
                (When::After, Some((update, key))) if update.contains("= :claimed") => {
                    (Gap::ClaimPost, key)
                }
                (When::Before, Some((update, key))) if update.contains("= :synced") => {
                    (Gap::AnswerComplete, key)
                }
                (_, Some((_, key))) => (Gap::Random, key),
                (_, None) => (Gap::Random, "UpdateItem".to_owned()),
            },
            Seen::Aws { operation, .. } => (Gap::Random, operation.to_owned()),
            Seen::QuickBooks { path, query } => {
                let creates = path.ends_with("/salesreceipt") || path.ends_with("/refundreceipt");
                let request_id = query
                    .split('&')
                    .find_map(|pair| pair.strip_prefix("requestid="));
                match (when, creates && !query.contains("operation="), request_id) {
                    (When::After, true, Some(id)) => (Gap::CommitAnswer, format!("requestid {id}")),
                    _ => (
                        Gap::Random,
                        path.rsplit('/').next().unwrap_or_default().to_owned(),
                    ),
                }
            }
        }
    }

    /// The update expression and sort key of an update of the ledger.
    fn ledger_update(&self, body: &[u8]) -> Option<(String, String)> {
        let body: Value = serde_json::from_slice(body).ok()?;
        let table = body["TableName"].as_str()?;
        let update = body["UpdateExpression"].as_str()?;
        let key = body["Key"]["sk"]["S"].as_str()?;
        table
            .contains(&self.ledger_table)
            .then(|| (update.to_owned(), key.to_owned()))
    }

    /// A number below a bound, from the seed (SplitMix64).
    fn below(&mut self, bound: u64) -> u64 {
        self.random = self.random.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.random ^ (self.random >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % bound
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(gap: Gap, kills: u32) -> Plan {
        Plan::new("Ledger".to_owned(), BTreeMap::from([(gap, kills)]), 7)
    }

    fn update(expression: &str, key: &str) -> Vec<u8> {
        let body = serde_json::json!({"TableName": "quickbooks-LedgerTable-1", "UpdateExpression": expression,
                                      "Key": {"pk": {"S": "mer_1"}, "sk": {"S": key}}});
        body.to_string().into_bytes()
    }

    /// How often the plan kills when each of a hundred transactions passes this moment.
    fn killed(
        plan: &mut Plan,
        when: When,
        seen: impl Fn(&str) -> (Vec<u8>, String),
    ) -> Vec<String> {
        let mut killed = Vec::new();
        for number in 0..100 {
            let (body, path) = seen(&number.to_string());
            let seen = match path.is_empty() {
                true => Seen::Aws {
                    operation: "UpdateItem",
                    body: &body,
                },
                false => Seen::QuickBooks {
                    path: "/v3/company/1/salesreceipt",
                    query: &path,
                },
            };
            killed.extend(plan.kills(when, seen).map(|(_, transaction)| transaction));
        }
        killed
    }

    #[test]
    fn each_gap_is_recognised_at_its_own_moment_and_its_quota_kept() {
        let claim = |key: &str| (update("SET #state = :claimed, v = :v", key), String::new());
        let complete = |key: &str| (update("SET #state = :synced", key), String::new());
        let post = |key: &str| (Vec::new(), format!("minorversion=75&requestid={key}"));
        assert_eq!(
            killed(&mut plan(Gap::ClaimPost, 5), When::After, claim).len(),
            5
        );
        assert_eq!(
            killed(&mut plan(Gap::ClaimPost, 5), When::Before, claim).len(),
            0
        );
        assert_eq!(
            killed(&mut plan(Gap::AnswerComplete, 5), When::Before, complete).len(),
            5
        );
        assert_eq!(
            killed(&mut plan(Gap::AnswerComplete, 5), When::After, complete).len(),
            0
        );
        assert_eq!(
            killed(&mut plan(Gap::CommitAnswer, 5), When::After, post).len(),
            5
        );
        assert_eq!(
            killed(&mut plan(Gap::CommitAnswer, 5), When::Before, post).len(),
            0
        );
    }

    #[test]
    fn a_kill_that_found_nobody_is_planned_anew() {
        let mut plan = plan(Gap::ClaimPost, 1);
        let claim = |key: &str| (update("SET #state = :claimed", key), String::new());
        let [first] = &killed(&mut plan, When::After, claim)[..] else {
            panic!("one")
        };
        assert!(killed(&mut plan, When::After, claim).is_empty());
        plan.missed(Gap::ClaimPost, first.clone());
        assert_eq!(killed(&mut plan, When::After, claim).len(), 1);
    }

    #[test]
    fn no_transaction_is_killed_twice_in_one_gap() {
        let mut plan = plan(Gap::ClaimPost, 1000);
        let same = |_: &str| {
            (
                update("SET #state = :claimed", "payment#pay_1"),
                String::new(),
            )
        };
        assert_eq!(killed(&mut plan, When::After, same), ["payment#pay_1"]);
    }
}
