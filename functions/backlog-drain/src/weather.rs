//! Weather: what happens to one transaction after another, and whether to go on with the next.

use std::collections::BTreeMap;
use std::time::Duration;

use bookkeeping::breaker::Breaker;
use bookkeeping::outcome::Outcome;
use bookkeeping::reason::{Reason, ReasonCode, State};
use common::store::Lot;
use jiff::Timestamp;
use recording::stop::{CLOSED_REST, DOWN_REST, closes_the_connection};

/// Lost answers in a row after which QuickBooks counts as down for this company.
const UNKNOWN_IN_A_ROW_MAX: u32 = 3;

/// Refusals of one kind in a row after which the lot pauses: something is set up wrongly, and asking on would only
/// use up what QuickBooks takes.
const REFUSED_IN_A_ROW_MAX: u32 = 20;

/// Longest rest after QuickBooks could not be reached: a company goes at full speed within two minutes of an outage's end,
/// and that takes it half a minute from its first success.
const REST_MAX: Duration = Duration::from_secs(60);

/// How long a paused lot pauses before one transaction is tried again.
const PAUSE: Duration = Duration::from_secs(3600);

/// Why nothing more is begun.
#[derive(Clone, Debug, PartialEq)]
pub enum Halt {
    /// The company is to be left alone until then.
    Rest(Timestamp),
    /// The connection cannot be used; somebody wakes us when it can, or we look again then.
    Closed(Timestamp),
    /// One refusal after another for the same reason; tried again then, or when the operator mends something.
    Pause(Reason, Timestamp),
}

/// What was seen of QuickBooks by one drain.
#[derive(Debug)]
pub struct Weather {
    /// Rests one after another with nothing recorded between.
    pub rests: u32,
    /// Whether one transaction is tried before the others.
    pub is_probing: bool,
    unknown_in_a_row: u32,
    refused_in_a_row: (Option<RefusedFor>, u32),
    halt: Option<Halt>,
}

/// What makes two refusals of one kind: the reason and QuickBooks' own code.
type RefusedFor = (ReasonCode, Option<String>);

impl Weather {
    /// The weather as the last drain left it.
    #[must_use]
    pub fn after(lot: &Lot) -> Self {
        Self {
            rests: lot.rests,
            is_probing: lot.rests > 0 || lot.paused.is_some(),
            unknown_in_a_row: 0,
            // One more of the same and it pauses again.
            refused_in_a_row: match &lot.paused {
                Some(reason) => (Some(kind(reason)), REFUSED_IN_A_ROW_MAX),
                None => (None, 0),
            },
            halt: None,
        }
    }

    /// Why nothing more is begun, where that is so.
    #[must_use]
    pub fn halt(&self) -> Option<&Halt> {
        self.halt.as_ref()
    }

    /// Takes in what became of one transaction.
    ///
    /// `rest` is how long a throttled company rests; `jitter` spreads companies that rest at the same time.
    pub fn saw(&mut self, outcome: &Outcome, now: Timestamp, rest: Duration, jitter: Duration) {
        let Outcome::Stopped(reason) = outcome else {
            self.rests = 0;
            self.is_probing = false;
            self.unknown_in_a_row = 0;
            self.refused_in_a_row = (None, 0);
            return;
        };
        match reason.code {
            ReasonCode::Throttled => self.rest(now + rest + jitter),
            ReasonCode::QuickBooksDown => self.rest_as_down(now, jitter),
            ReasonCode::AnswerUnknown => {
                self.unknown_in_a_row += 1;
                if self.is_probing || self.unknown_in_a_row >= UNKNOWN_IN_A_ROW_MAX {
                    self.rest_as_down(now, jitter);
                }
            }
            ReasonCode::TokenRefreshing => self.halt = Some(Halt::Closed(now + DOWN_REST)),
            code if closes_the_connection(code) => self.closed(now),
            _ if is_refusal(reason) => self.refused(reason, now),
            _ => {}
        }
    }

    /// The connection cannot be used until somebody does something about it, or we look again.
    pub fn closed(&mut self, now: Timestamp) {
        self.halt = Some(Halt::Closed(now + CLOSED_REST));
    }

    /// QuickBooks is down for everyone, or is back and this merchant is not let in yet.
    pub fn barred(
        &mut self,
        breaker: &Breaker,
        until: Timestamp,
        now: Timestamp,
        jitter: Duration,
    ) {
        let rest = match breaker.at(now) {
            // Whoever comes at the right time tries one, so that nobody has to come each time.
            Breaker::Open { .. } => self.longer(),
            Breaker::Doubted { .. } | Breaker::Returning { .. } | Breaker::Closed => Duration::ZERO,
        };
        self.rest(until.max(now + rest) + jitter);
    }

    fn rest(&mut self, until: Timestamp) {
        // Several may be on their way when the first is told; they are one rest.
        if self.halt.is_none() {
            self.rests += 1;
            self.halt = Some(Halt::Rest(until));
        }
    }

    fn rest_as_down(&mut self, now: Timestamp, jitter: Duration) {
        self.rest(now + self.longer() + jitter);
    }

    /// A rest after those that came before it.
    fn longer(&self) -> Duration {
        let rest = DOWN_REST.saturating_mul(1 << self.rests.min(8));
        rest.min(REST_MAX)
    }

    fn refused(&mut self, reason: &Reason, now: Timestamp) {
        let this = kind(reason);
        let (last, times) = &mut self.refused_in_a_row;
        *times = if last.as_ref() == Some(&this) {
            *times + 1
        } else {
            1
        };
        *last = Some(this);
        if *times > REFUSED_IN_A_ROW_MAX && self.halt.is_none() {
            self.halt = Some(Halt::Pause(reason.clone(), now + PAUSE));
        }
    }
}

/// Whether QuickBooks itself said no, and would to the next of the kind.
fn is_refusal(reason: &Reason) -> bool {
    matches!(reason.state(), State::NeedsOperator | State::Failed)
        && (reason.figures.contains_key("fault") || reason.code == ReasonCode::AnswerDiffers)
}

fn kind(reason: &Reason) -> RefusedFor {
    let figures: &BTreeMap<String, String> = &reason.figures;
    (reason.code, figures.get("fault").cloned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use bookkeeping::ids::{RealmId, ReceiptId};
    use bookkeeping::outcome::Synced;

    const REST: Duration = Duration::from_secs(60);

    fn now() -> Timestamp {
        Timestamp::from_second(1_795_000_000).unwrap()
    }

    fn saw(weather: &mut Weather, code: ReasonCode) {
        weather.saw(&stopped(Reason::new(code)), now(), REST, Duration::ZERO);
    }

    fn stopped(reason: Reason) -> Outcome {
        Outcome::Stopped(reason)
    }

    fn synced() -> Outcome {
        Outcome::Synced(Synced {
            realm: RealmId::parse("9341450000000001").unwrap(),
            receipt: ReceiptId::parse("412").unwrap(),
            number: None,
        })
    }

    fn refusal(fault: &str) -> Outcome {
        stopped(Reason::new(ReasonCode::QuickBooksRefused).with("fault", fault))
    }

    #[test]
    fn being_asked_to_slow_down_rests_the_company_once_however_many_were_told() {
        let mut weather = Weather::after(&Lot::default());
        for _ in 0..8 {
            saw(&mut weather, ReasonCode::Throttled);
        }
        assert_eq!(weather.halt(), Some(&Halt::Rest(now() + REST)));
        assert_eq!(weather.rests, 1);
    }

    #[test]
    fn quickbooks_down_rests_longer_each_time_and_never_longer_than_a_minute() {
        for (rests, seconds) in [(0, 15), (1, 30), (2, 60), (3, 60), (40, 60)] {
            let mut weather = Weather::after(&Lot {
                rests,
                ..Lot::default()
            });
            saw(&mut weather, ReasonCode::QuickBooksDown);
            let until = now() + Duration::from_secs(seconds);
            assert_eq!(
                weather.halt(),
                Some(&Halt::Rest(until)),
                "after {rests} rests"
            );
        }
    }

    #[test]
    fn one_lost_answer_is_borne_and_three_in_a_row_are_an_outage() {
        let mut weather = Weather::after(&Lot::default());
        saw(&mut weather, ReasonCode::AnswerUnknown);
        saw(&mut weather, ReasonCode::AnswerUnknown);
        weather.saw(&synced(), now(), REST, Duration::ZERO);
        saw(&mut weather, ReasonCode::AnswerUnknown);
        saw(&mut weather, ReasonCode::AnswerUnknown);
        assert_eq!(weather.halt(), None);
        saw(&mut weather, ReasonCode::AnswerUnknown);
        assert!(matches!(weather.halt(), Some(Halt::Rest(_))));
    }

    #[test]
    fn after_a_rest_one_is_tried_first_and_its_lost_answer_is_enough() {
        let mut weather = Weather::after(&Lot {
            rests: 1,
            ..Lot::default()
        });
        assert!(weather.is_probing);
        saw(&mut weather, ReasonCode::AnswerUnknown);
        assert!(matches!(weather.halt(), Some(Halt::Rest(_))));
        let mut weather = Weather::after(&Lot {
            rests: 1,
            ..Lot::default()
        });
        weather.saw(&synced(), now(), REST, Duration::ZERO);
        assert!(!weather.is_probing);
        assert_eq!(weather.rests, 0);
    }

    #[test]
    fn the_same_refusal_more_than_twenty_times_in_a_row_pauses_and_others_do_not() {
        let mut weather = Weather::after(&Lot::default());
        for _ in 0..REFUSED_IN_A_ROW_MAX {
            weather.saw(&refusal("6430"), now(), REST, Duration::ZERO);
        }
        assert_eq!(weather.halt(), None);
        weather.saw(&refusal("610"), now(), REST, Duration::ZERO);
        for _ in 0..REFUSED_IN_A_ROW_MAX {
            weather.saw(&refusal("6430"), now(), REST, Duration::ZERO);
        }
        assert_eq!(weather.halt(), None);
        weather.saw(&refusal("6430"), now(), REST, Duration::ZERO);
        assert!(matches!(weather.halt(), Some(Halt::Pause(..))));
    }

    #[test]
    fn what_our_own_rules_hold_never_pauses_a_lot() {
        let mut weather = Weather::after(&Lot::default());
        for _ in 0..100 {
            saw(&mut weather, ReasonCode::TaxUnmapped);
        }
        assert_eq!(weather.halt(), None);
    }

    #[test]
    fn one_more_of_the_same_refusal_pauses_a_paused_lot_again() {
        let mut weather = Weather::after(&Lot {
            paused: Some(Reason::new(ReasonCode::QuickBooksRefused).with("fault", "6430")),
            ..Lot::default()
        });
        assert!(weather.is_probing);
        weather.saw(&refusal("6430"), now(), REST, Duration::ZERO);
        assert!(matches!(weather.halt(), Some(Halt::Pause(..))));
    }
}
