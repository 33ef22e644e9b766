//! The breaker: whether QuickBooks is down for everyone, so that nobody is asked until it is back.
//!
//! It opens when many companies fare badly at once, never for one company's own trouble. While it is open, what arrives
//! waits without being tried, and one transaction at a time, whoever's, is sent to see whether QuickBooks is back. When
//! it is, the merchants come back a few at first, and twice as many each time.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ids::{MerchantId, RealmId, spread};

/// For how long calls are counted.
pub const LATELY: Duration = Duration::from_secs(30);

/// Fewest calls of which a share says something.
const MADE_MIN: u64 = 20;

/// Fewest companies whose calls must fail: fewer may have trouble of their own.
const COMPANIES_MIN: usize = 5;

/// Answers in a row after which QuickBooks counts as back.
const ANSWERED_MIN: u32 = 3;

/// Percent of the merchants who are let in first; twice as many at each step.
const FIRST_PERCENT: u32 = 10;

/// A part of the companies: what is counted names no company, and stays small however many there are.
pub type Part = u8;

/// How many parts there are. Two companies may be in one, which counts them as one.
const PARTS: u32 = 64;

/// The part of the companies that one is in.
#[must_use]
pub fn part(realm: &RealmId) -> Part {
    Part::try_from(spread(realm.as_str()) % PARTS).expect("a small number")
}

/// Calls to QuickBooks of one process, or of all of them, lately.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Calls {
    /// How many were made.
    pub made: u64,
    /// How many of them were not answered, or answered with a fault of Intuit's own: 5xx.
    pub failed: u64,
    /// Whose failed.
    pub companies: BTreeSet<Part>,
}

impl Calls {
    /// Counts a call.
    pub fn saw(&mut self, company: Part, failed: bool) {
        self.made += 1;
        if failed {
            self.failed += 1;
            self.companies.insert(company);
        }
    }

    /// Adds another's.
    pub fn add(&mut self, other: &Self) {
        self.made += other.made;
        self.failed += other.failed;
        self.companies.extend(&other.companies);
    }

    /// Whether QuickBooks is down for everyone: at least half of 20 calls failed, of five companies or more.
    #[must_use]
    pub fn is_outage(&self) -> bool {
        self.made >= MADE_MIN
            && self.failed * 2 >= self.made
            && self.companies.len() >= COMPANIES_MIN
    }
}

/// What is known of QuickBooks by everyone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Breaker {
    /// It works, as far as anybody knows.
    #[default]
    Closed,
    /// It is down.
    Open {
        /// When one transaction may be tried next.
        probe_at: Timestamp,
        /// How many that were tried one after another were answered.
        answered: u32,
    },
    /// It is back, and the merchants come back by and by.
    Returning {
        /// Since when.
        since: Timestamp,
    },
}

/// What a merchant's work may do now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Go on.
    Free,
    /// Nothing, but whoever drains may take the probe and try one.
    Probe,
    /// Nothing before that.
    Barred(Timestamp),
}

impl Breaker {
    /// The way of a merchant; `step` is how long until twice as many are let in.
    #[must_use]
    pub fn way(&self, merchant: &MerchantId, now: Timestamp, step: Duration) -> Way {
        match self {
            Self::Closed => Way::Free,
            Self::Open { probe_at, .. } if *probe_at <= now => Way::Probe,
            Self::Open { probe_at, .. } => Way::Barred(*probe_at),
            Self::Returning { since } => {
                let place = spread(merchant.as_str()) % 100;
                let steps = (0..).find(|step| place < FIRST_PERCENT << step);
                let admitted = *since + step * steps.unwrap_or_default();
                match admitted <= now {
                    true => Way::Free,
                    false => Way::Barred(admitted),
                }
            }
        }
    }

    /// The breaker after one that was tried: closed by the third answer in a row.
    #[must_use]
    pub fn tried(&self, was_answered: bool, now: Timestamp) -> Self {
        match *self {
            Self::Open { answered, .. } if was_answered && answered + 1 >= ANSWERED_MIN => {
                Self::Returning { since: now }
            }
            Self::Open { probe_at, answered } => Self::Open {
                probe_at,
                answered: if was_answered { answered + 1 } else { 0 },
            },
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEP: Duration = Duration::from_secs(30);

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn calls(made: u64, failed: u64, companies: Part) -> Calls {
        Calls {
            made,
            failed,
            companies: (0..companies).collect(),
        }
    }

    #[test]
    fn an_outage_is_half_of_twenty_calls_of_five_companies_and_never_a_few_companies_own() {
        assert!(calls(20, 10, 5).is_outage());
        assert!(!calls(19, 19, 9).is_outage(), "too few to say");
        assert!(!calls(20, 9, 9).is_outage(), "most are answered");
        assert!(!calls(1000, 1000, 4).is_outage(), "four companies' own");
        assert!(!calls(0, 0, 0).is_outage());
    }

    #[test]
    fn while_it_is_open_nobody_goes_and_one_may_be_tried_when_it_is_time() {
        let merchant = MerchantId::parse("mer_laurier").unwrap();
        let open = Breaker::Open {
            probe_at: at(15),
            answered: 0,
        };
        assert_eq!(open.way(&merchant, at(14), STEP), Way::Barred(at(15)));
        assert_eq!(open.way(&merchant, at(15), STEP), Way::Probe);
        assert_eq!(Breaker::Closed.way(&merchant, at(0), STEP), Way::Free);
    }

    #[test]
    fn three_answers_in_a_row_close_it_and_a_failure_between_begins_anew() {
        let mut breaker = Breaker::Open {
            probe_at: at(0),
            answered: 0,
        };
        for (was_answered, second) in [(true, 1), (true, 2), (false, 3), (true, 4), (true, 5)] {
            breaker = breaker.tried(was_answered, at(second));
            assert!(matches!(breaker, Breaker::Open { .. }), "at {second}");
        }
        let closed = breaker.tried(true, at(6));
        assert_eq!(closed, Breaker::Returning { since: at(6) });
        assert_eq!(closed.tried(false, at(7)), closed, "not its to say");
    }

    #[test]
    fn the_merchants_come_back_a_tenth_at_first_and_twice_as_many_each_step() {
        let back = Breaker::Returning { since: at(0) };
        let let_in = |second| {
            let is_free = |number: &u32| {
                let merchant = MerchantId::parse(&format!("mer_{number}")).unwrap();
                back.way(&merchant, at(second), STEP) == Way::Free
            };
            (0..1000).filter(is_free).count()
        };
        for (second, around) in [(0, 100), (29, 100), (30, 200), (60, 400), (90, 800)] {
            let share = let_in(second);
            assert!(
                share.abs_diff(around) < around / 3 + 20,
                "{share} at {second}"
            );
        }
        assert_eq!(let_in(120), 1000);
    }

    #[test]
    fn a_barred_merchant_is_told_when_it_is_let_in() {
        let back = Breaker::Returning { since: at(0) };
        for number in 0..100 {
            let merchant = MerchantId::parse(&format!("mer_{number}")).unwrap();
            if let Way::Barred(at) = back.way(&merchant, at(0), STEP) {
                assert_eq!(back.way(&merchant, at, STEP), Way::Free);
            }
        }
    }
}
