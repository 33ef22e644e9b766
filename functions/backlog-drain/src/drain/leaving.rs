//! Leaving: what a drain leaves behind for the next, by why it stops.

use std::time::Duration;

use bookkeeping::breaker::{Breaker, Way};
use common::store::{HandOver, Lot, Unless, lot::QUIET};
use common::world::World;
use jiff::Timestamp;

use super::Hold;
use crate::weather::Halt;

/// Longest spread of the times at which rested companies are asked again.
const JITTER: Duration = Duration::from_secs(10);

/// What is due sooner still belongs to what is being worked off: an answer that was lost, a row that was left aside.
const BEFORE_LONG: Duration = Duration::from_secs(600);

impl<W: World> Hold<'_, W> {
    /// Leaves QuickBooks alone, because it is down for everyone.
    pub(super) fn keep_away(&self, breaker: &Breaker, way: Way) {
        let now = self.recorder.world.now();
        let until = match way {
            Way::Barred(until) => until,
            // Somebody else tries one.
            Way::Probe | Way::Free => now + self.recorder.world.timing().probe,
        };
        let jitter = self.jitter();
        let mut weather = self.weather.borrow_mut();
        weather.barred(breaker, until, now, jitter);
    }

    pub(super) fn barred(&self, lot: &Lot, breaker: &Breaker, way: Way) -> HandOver {
        self.keep_away(breaker, way);
        let halt = self.weather.borrow().halt().cloned();
        self.halted(lot, &halt.expect("it rests"))
    }

    /// A time to spread by.
    pub(super) fn jitter(&self) -> Duration {
        JITTER * u32::from(self.recorder.world.random()[0]) / 256
    }

    /// Nothing is to be done in the lot now: live work gets the turn back once it has been quiet for long enough.
    pub(super) fn quiet(&self, lot: &Lot, next_due: Option<Timestamp>, now: Timestamp) -> HandOver {
        let quiet_at = lot.armed_at.unwrap_or(now) + QUIET;
        let is_quiet = quiet_at <= now;
        let due = match is_quiet {
            true => next_due,
            false => Some(next_due.map_or(quiet_at, |due| due.min(quiet_at))),
        };
        HandOver {
            unless: Unless::Armed(lot.arm),
            due,
            open_since: if is_quiet { None } else { self.lot.open_since },
            rest_until: None,
            rests: self.weather.borrow().rests,
            paused: None,
            is_worked_off: next_due.is_none_or(|due| due > now + BEFORE_LONG),
        }
    }

    pub(super) fn open_until(&self, due: Timestamp, rests: u32) -> HandOver {
        HandOver {
            unless: Unless::Never,
            due: Some(due),
            open_since: self.lot.open_since,
            rest_until: None,
            rests,
            paused: None,
            is_worked_off: false,
        }
    }

    /// The connection cannot be used; but it may have been mended while we found that out.
    pub(super) fn closed(&self, lot: &Lot, due: Timestamp) -> HandOver {
        HandOver {
            unless: Unless::Freed(lot.freed),
            open_since: None,
            ..self.open_until(due, self.lot.rests)
        }
    }

    /// What is left behind after what `lot` was gone through for.
    pub(super) fn halted(&self, lot: &Lot, halt: &Halt) -> HandOver {
        let rests = self.weather.borrow().rests;
        match halt {
            Halt::Rest(until) => HandOver {
                rest_until: Some(*until),
                ..self.open_until(*until, rests)
            },
            Halt::Closed(until) => self.closed(lot, *until),
            Halt::Pause(reason, until) => {
                // Once, however often one more is refused.
                if self.lot.paused.is_none() {
                    tracing::error!(
                    metric.LotsPaused = 1,
                    merchant.id = %self.merchant,
                    reason = reason.code.as_str(),
                    fault = reason.figures.get("fault").map_or("", String::as_str),
                    "the lot pauses: one refusal after another of the same kind"
                    );
                }
                HandOver {
                    // What was released meanwhile may be mended: it is tried first.
                    unless: Unless::Freed(lot.freed),
                    rest_until: Some(*until),
                    open_since: None,
                    paused: Some(reason.clone()),
                    ..self.open_until(*until, rests)
                }
            }
        }
    }
}
