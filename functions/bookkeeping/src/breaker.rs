//! The breaker: whether QuickBooks is down for everyone, so that nobody is asked until it is back.
//!
//! It opens when most companies fare badly at once, never for a few companies' own trouble. Whoever fares badly says so, and
//! whoever fares well says nothing: so what looks like an outage is a doubt first, and everybody who is answered while it
//! lasts speaks up. Where calls still fail when its time is over, it is an outage; where none do, it was a hiccup. While an
//! outage lasts, what arrives
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

/// Answers to those that were tried after which QuickBooks counts as back.
const ANSWERED_MIN: u32 = 3;

/// Percent of the merchants who are let in first; twice as many at each step.
const FIRST_PERCENT: u32 = 10;

/// Steps after which all are let in.
const STEPS: u32 = 4;

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
    /// Whose they were.
    pub companies: BTreeSet<Part>,
    /// Whose failed.
    pub failing: BTreeSet<Part>,
}

impl Calls {
    /// Counts a call.
    pub fn saw(&mut self, company: Part, failed: bool) {
        self.made += 1;
        self.companies.insert(company);
        if failed {
            self.failed += 1;
            self.failing.insert(company);
        }
    }

    /// Adds another's.
    pub fn add(&mut self, other: &Self) {
        self.made += other.made;
        self.failed += other.failed;
        self.companies.extend(&other.companies);
        self.failing.extend(&other.failing);
    }

    /// Whether they say anything: a few do not.
    fn tell(&self) -> bool {
        self.made >= MADE_MIN
    }

    /// Whether QuickBooks is down for everyone: at least half of 20 calls failed, of half of the companies, five or more.
    #[must_use]
    pub fn is_outage(&self) -> bool {
        self.tell() && self.failing.len() >= COMPANIES_MIN && !self.is_answered()
    }

    /// Whether what looked like an outage goes on by these few calls: not most are answered, and two companies or more fare
    /// badly.
    fn goes_on(&self) -> bool {
        self.failing.len() >= 2 && !self.is_answered()
    }

    /// Whether most of them are answered, or those of most companies.
    fn is_answered(&self) -> bool {
        self.failed * 2 < self.made || self.failing.len() * 2 < self.companies.len()
    }
}

/// All calls of lately, in counts one after another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lately {
    /// When each count began, and what it counted.
    pub counts: Vec<(Timestamp, Calls)>,
}

impl Lately {
    /// All of them.
    #[must_use]
    pub fn all(&self) -> Calls {
        self.sum(|_| true)
    }

    /// Those of the counts that began since then.
    fn since(&self, at: Timestamp) -> Calls {
        self.sum(|began| began >= at)
    }

    fn sum(&self, of: impl Fn(Timestamp) -> bool) -> Calls {
        let mut sum = Calls::default();
        for (_, calls) in self.counts.iter().filter(|(began, _)| of(*began)) {
            sum.add(calls);
        }
        sum
    }
}

/// How long things take.
#[derive(Clone, Copy, Debug)]
pub struct Pauses {
    /// How long a doubt waits for whoever can dispel it: everybody has read it by then, and made a call.
    pub doubt: Duration,
    /// From one transaction that is tried to the next.
    pub probe: Duration,
    /// Until twice as many merchants are let in.
    pub step: Duration,
}

/// What is known of QuickBooks by everyone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Breaker {
    /// It works, as far as anybody knows.
    #[default]
    Closed,
    /// Those who spoke fare badly: it is down unless others are answered.
    Doubted {
        /// Until when nothing is concluded. Calls that are counted as failed from then on are an outage; where none are for as
        /// long as calls are counted, it is over.
        until: Timestamp,
    },
    /// It is down.
    Open {
        /// When one transaction may be tried next.
        probe_at: Timestamp,
        /// How many that were tried were answered.
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
    /// How it stands now: a doubt after whose time nothing failed is over.
    #[must_use]
    pub fn at(&self, now: Timestamp) -> Self {
        match *self {
            Self::Doubted { until } if until + LATELY <= now => Self::Closed,
            other => other,
        }
    }

    /// The way of a merchant; `step` is how long until twice as many are let in.
    #[must_use]
    pub fn way(&self, merchant: &MerchantId, now: Timestamp, step: Duration) -> Way {
        match self.at(now) {
            Self::Closed | Self::Doubted { .. } => Way::Free,
            Self::Open { probe_at, .. } if probe_at <= now => Way::Probe,
            Self::Open { probe_at, .. } => Way::Barred(probe_at),
            Self::Returning { since } => {
                let place = spread(merchant.as_str()) % 100;
                let steps = (0..STEPS).find(|step| place < FIRST_PERCENT << step);
                let admitted = since + step * steps.unwrap_or(STEPS);
                match admitted <= now {
                    true => Way::Free,
                    false => Way::Barred(admitted),
                }
            }
        }
    }

    /// Whether those who are answered should say so: while it is doubted, and while the merchants come back.
    #[must_use]
    pub fn asks_everybody(&self, now: Timestamp, step: Duration) -> bool {
        match self.at(now) {
            Self::Doubted { .. } => true,
            Self::Returning { since } => now < since + step * STEPS,
            Self::Closed | Self::Open { .. } => false,
        }
    }

    /// The breaker after what all calls of lately came to.
    ///
    /// While the merchants come back nothing is doubted: it was down a moment ago, and everybody speaks.
    #[must_use]
    pub fn heard(&self, lately: &Lately, now: Timestamp, pauses: &Pauses) -> Self {
        let all = lately.all();
        let is_outage = all.is_outage();
        let open = Self::Open {
            probe_at: now + pauses.probe,
            answered: 0,
        };
        match self.at(now) {
            Self::Returning { .. } if is_outage && self.asks_everybody(now, pauses.step) => open,
            Self::Closed | Self::Returning { .. } if is_outage => Self::Doubted {
                until: now + pauses.doubt,
            },
            Self::Doubted { .. } if all.tell() && all.is_answered() => Self::Closed,
            Self::Doubted { until } if lately.since(until).goes_on() => open,
            _ => *self,
        }
    }

    /// The breaker after one that was tried: closed by the third answer.
    ///
    /// What fails in between takes nothing back: who comes by may have trouble of their own.
    #[must_use]
    pub fn tried(&self, was_answered: bool, now: Timestamp) -> Self {
        match self.at(now) {
            Self::Open { answered, .. } if was_answered && answered + 1 >= ANSWERED_MIN => {
                Self::Returning { since: now }
            }
            Self::Open { probe_at, answered } if was_answered => Self::Open {
                probe_at,
                answered: answered + 1,
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

    const PAUSES: Pauses = Pauses {
        doubt: Duration::from_secs(15),
        probe: Duration::from_secs(15),
        step: STEP,
    };

    /// Calls of so many companies, of which so many fail.
    fn calls((made, failed): (u64, u64), (companies, failing): (Part, Part)) -> Calls {
        Calls {
            made,
            failed,
            companies: (0..companies).collect(),
            failing: (0..failing).collect(),
        }
    }

    #[test]
    fn an_outage_is_half_of_twenty_calls_of_half_of_the_companies_and_never_a_few_companies_own() {
        assert!(calls((20, 10), (10, 5)).is_outage());
        assert!(!calls((19, 19), (9, 9)).is_outage(), "too few to say");
        assert!(!calls((20, 9), (9, 9)).is_outage(), "most are answered");
        assert!(!calls((90, 90), (4, 4)).is_outage(), "four companies' own");
        assert!(!calls((90, 80), (11, 5)).is_outage(), "most companies work");
        assert!(!calls((0, 0), (0, 0)).is_outage());
    }

    /// All of them counted from that second on.
    fn lately(second: i64, calls: Calls) -> Lately {
        Lately {
            counts: vec![(at(second), calls)],
        }
    }

    #[test]
    fn a_doubt_is_dispelled_by_others_who_are_answered_and_is_an_outage_where_calls_still_fail() {
        let bad = lately(90, calls((20, 20), (5, 5)));
        let good = lately(100, calls((60, 20), (40, 5)));
        let doubt = Breaker::Closed.heard(&bad, at(100), &PAUSES);
        assert_eq!(doubt, Breaker::Doubted { until: at(115) });
        assert_eq!(doubt.heard(&bad, at(101), &PAUSES), doubt, "not put off");
        let few = lately(100, calls((3, 0), (3, 0)));
        assert_eq!(doubt.heard(&few, at(101), &PAUSES), doubt, "say nothing");
        assert_eq!(doubt.heard(&good, at(114), &PAUSES), Breaker::Closed);
        let open = |second| Breaker::Open {
            probe_at: at(second),
            answered: 0,
        };
        let fewer = lately(100, calls((20, 20), (4, 4)));
        assert_eq!(doubt.heard(&fewer, at(114), &PAUSES), doubt, "none is");
        let still = |second| lately(second, calls((2, 2), (2, 2)));
        assert_eq!(
            doubt.heard(&still(110), at(119), &PAUSES),
            doubt,
            "too soon"
        );
        assert_eq!(doubt.heard(&still(120), at(121), &PAUSES), open(136));
        let opened = open(136);
        let heard = opened.heard(&good, at(122), &PAUSES);
        assert_eq!(heard, opened, "only who is tried says that it is back");
        let closed = Breaker::Closed;
        assert_eq!(closed.heard(&good, at(0), &PAUSES), closed);
    }

    #[test]
    fn a_hiccup_of_seconds_is_no_outage_however_few_are_answered_after_it() {
        let mut heard = lately(90, calls((20, 20), (5, 5)));
        let doubt = Breaker::Closed.heard(&heard, at(100), &PAUSES);
        assert_eq!(doubt.at(at(144)), doubt);
        assert_eq!(doubt.at(at(145)), Breaker::Closed, "nothing failed since");
        heard.counts.push((at(110), calls((6, 4), (2, 2))));
        assert!(heard.all().is_outage(), "by what failed before");
        assert_eq!(doubt.heard(&heard, at(118), &PAUSES), doubt);
        heard.counts.push((at(120), calls((9, 9), (1, 1))));
        let own = doubt.heard(&heard, at(121), &PAUSES);
        assert_eq!(own, doubt, "trouble of one company's own");
    }

    #[test]
    fn who_comes_back_into_an_outage_waits_at_once_and_long_after_it_is_doubted_like_any_other() {
        let bad = lately(90, calls((20, 20), (5, 5)));
        let back = Breaker::Returning { since: at(0) };
        let open = Breaker::Open {
            probe_at: at(134),
            answered: 0,
        };
        assert_eq!(back.heard(&bad, at(119), &PAUSES), open);
        let doubt = Breaker::Doubted { until: at(135) };
        assert_eq!(back.heard(&bad, at(120), &PAUSES), doubt);
        assert!(back.asks_everybody(at(119), STEP) && doubt.asks_everybody(at(164), STEP));
        assert!(!back.asks_everybody(at(120), STEP) && !doubt.asks_everybody(at(165), STEP));
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
    fn three_answers_close_it_whatever_fails_between() {
        let mut breaker = Breaker::Open {
            probe_at: at(0),
            answered: 0,
        };
        for (was_answered, second) in [(true, 1), (false, 2), (false, 3), (true, 4), (false, 5)] {
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
