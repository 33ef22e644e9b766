//! Checks: when a connection's tokens are refreshed to see whether it works.

use std::time::Duration;

use jiff::Timestamp;

use super::{Health, Standing};
use crate::connection::ConnectionState;
use crate::incident::AHEAD;

/// The longest a connection that proves nothing is left alone.
const DEGRADED_REST_MAX: Duration = Duration::from_secs(15 * 60);

/// How much earlier than an idle check of ours a refresh of somebody else's may have been sent that proves the connection:
/// it was on its way.
const ON_ITS_WAY: Duration = Duration::from_secs(180);

/// How often connections are checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cadence {
    /// Whether connections are kept alive at all. Where not, one is checked when its refresh token has died unused.
    pub keep_alive: bool,
    /// The longest that one in use goes without a refresh.
    pub active: Duration,
    /// The longest that one goes that nobody used since it was checked last.
    pub idle: Duration,
}

impl Cadence {
    /// A day, and a week for the idle: 14 checks in a row have to fail before the 100 days are over.
    pub const USUAL: Self = Self {
        keep_alive: true,
        active: Duration::from_secs(24 * 3600),
        idle: Duration::from_secs(7 * 24 * 3600),
    };

    /// When one that was refreshed at `refreshed_at` is due: between five sixths of its time and an hour a day before its
    /// end, by chance, so that checks spread over the day and a late one is still in time.
    fn next(&self, is_idle: bool, refreshed_at: Timestamp, chance: u64) -> Timestamp {
        let longest = if is_idle { self.idle } else { self.active };
        let spread = (longest / 8).as_secs().max(1);
        refreshed_at + longest * 5 / 6 + Duration::from_secs(chance % spread)
    }
}

/// What is known of a connection's tokens when it is looked at.
#[derive(Clone, Copy, Debug)]
pub struct Tokens {
    /// Raised by every refresh, whoever made it.
    pub generation: u64,
    /// When they were refreshed last.
    pub refreshed_at: Timestamp,
    /// When a refused refresh may be tried again, while one is refused.
    pub retry_at: Option<Timestamp>,
    /// When the refresh token dies unused.
    pub dies_at: Timestamp,
}

impl Health {
    /// Whether a check is due. Looks first whether somebody else has refreshed lately: that is a check as good as ours.
    pub fn is_check_due(
        &mut self,
        standing: &Standing,
        tokens: &Tokens,
        cadence: &Cadence,
        chance: u64,
        now: Timestamp,
    ) -> bool {
        if self.epoch != standing.epoch {
            self.epoch = standing.epoch;
            self.generation = tokens.generation;
            self.check_at = None;
            self.degraded_since = None;
        }
        if !is_checked(standing.state) {
            self.check_at = None;
            self.degraded_since = None;
            return false;
        }
        if let Some(retry_at) = tokens.retry_at {
            self.check_at = Some(retry_at);
            return retry_at <= now;
        }
        let is_proven = |since| since <= tokens.refreshed_at + ON_ITS_WAY;
        if self.degraded_since.is_some_and(is_proven) {
            self.degraded_since = None;
        }
        if !cadence.keep_alive {
            self.check_at = Some(tokens.dies_at);
            return tokens.dies_at <= now;
        }
        let is_used = tokens.generation > self.generation;
        let due = cadence.next(!is_used, tokens.refreshed_at, chance);
        let due = before_the_end(due, standing, now);
        let is_due = match self.check_at {
            // What was due by the last refresh then known may have been refreshed since.
            Some(at) if at <= now => due <= now || !is_used,
            Some(_) => false,
            None => due <= now,
        };
        if !is_due && self.check_at.is_none_or(|at| at <= now) {
            self.check_at = Some(due.max(now));
        }
        is_due
    }

    /// Notes that a check proved the connection to work. `was_used` says whether others refreshed it since the check
    /// before.
    pub fn proven(
        &mut self,
        standing: &Standing,
        tokens: &Tokens,
        was_used: bool,
        cadence: &Cadence,
        chance: u64,
    ) {
        self.generation = tokens.generation;
        self.degraded_since = None;
        self.check_at = Some(match cadence.keep_alive {
            true => {
                let next = cadence.next(!was_used, tokens.refreshed_at, chance);
                before_the_end(next, standing, tokens.refreshed_at)
            }
            false => tokens.dies_at,
        });
    }

    /// Notes that a check proved nothing: to be made again then, and the longer that goes on the later.
    pub fn unproven(&mut self, again_at: Timestamp, now: Timestamp) {
        let since = *self.degraded_since.get_or_insert(now);
        let degraded = Duration::try_from(now - since).unwrap_or_default();
        let patience = (degraded / 4).min(DEGRADED_REST_MAX);
        self.check_at = Some(again_at.max(now + patience));
    }
}

/// When it is checked that would be checked then: at the latest when the operator is first to be told that its five years
/// are over, and an hour after they are, when no two clocks disagree about that.
fn before_the_end(at: Timestamp, standing: &Standing, now: Timestamp) -> Timestamp {
    let end = standing.hard_expires_at;
    let ahead = end.map(|end| end - AHEAD);
    let over = end.map(|end| end + Duration::from_secs(3600));
    let marks = over.into_iter().chain(ahead).filter(|mark| *mark > now);
    marks.fold(at, Timestamp::min)
}

/// Whether a check can tell anything new of a connection in this state. One denied for its tokens is denied until it is
/// made anew; one that is paused, or that QuickBooks may open again by itself, has to be kept alive meanwhile.
fn is_checked(state: ConnectionState) -> bool {
    match state {
        ConnectionState::Connected | ConnectionState::Paused => true,
        ConnectionState::Disconnected => false,
        ConnectionState::ReadOnly | ConnectionState::ReconnectNeeded(_) => state.may_pass(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connection::Denial;

    const HOUR: i64 = 3600;

    fn at(hours: i64) -> Timestamp {
        Timestamp::from_second(1_795_000_000 + hours * HOUR).unwrap()
    }

    fn standing(state: ConnectionState) -> Standing {
        Standing {
            epoch: 1,
            state,
            hard_expires_at: None,
        }
    }

    fn tokens(generation: u64, refreshed: i64) -> Tokens {
        Tokens {
            generation,
            refreshed_at: at(refreshed),
            retry_at: None,
            dies_at: at(refreshed + 2400),
        }
    }

    const CONNECTED: ConnectionState = ConnectionState::Connected;
    const REVOKED: ConnectionState = ConnectionState::ReconnectNeeded(Denial::Revoked);

    #[test]
    fn one_in_use_is_checked_within_a_day_and_an_idle_one_within_a_week() {
        let usual = Cadence::USUAL;
        for chance in [0, 1, 7_777_777, u64::MAX] {
            let active = usual.next(false, at(0), chance);
            assert!((at(20)..=at(23)).contains(&active), "{active}");
            let idle = usual.next(true, at(0), chance);
            assert!((at(140)..=at(161)).contains(&idle), "{idle}");
        }
    }

    #[test]
    fn a_refresh_by_others_counts_as_a_check() {
        let mut health = Health {
            epoch: 1,
            check_at: Some(at(20)),
            generation: 1,
            ..Health::default()
        };
        let usual = Cadence::USUAL;
        let due = |health: &mut Health, tokens: &Tokens, now| {
            health.is_check_due(&standing(CONNECTED), tokens, &usual, 0, now)
        };
        assert!(!due(&mut health, &tokens(9, 19), at(20)));
        assert_eq!(health.check_at, Some(at(39)));
        assert!(!due(&mut health, &tokens(9, 19), at(38)));
        assert!(due(&mut health, &tokens(9, 19), at(39)));
    }

    #[test]
    fn with_keeping_alive_off_a_connection_is_checked_when_its_token_has_died() {
        let off = Cadence {
            keep_alive: false,
            ..Cadence::USUAL
        };
        let mut health = Health::default();
        let mut due = |now| health.is_check_due(&standing(CONNECTED), &tokens(0, 0), &off, 0, now);
        assert!(!due(at(2399)));
        assert!(due(at(2400)));
    }

    #[test]
    fn a_refused_refresh_is_tried_again_when_it_may_be_and_a_denied_one_is_left_alone() {
        let usual = Cadence::USUAL;
        let mut health = Health::default();
        let refused = Tokens {
            retry_at: Some(at(1)),
            ..tokens(0, 0)
        };
        assert!(!health.is_check_due(&standing(CONNECTED), &refused, &usual, 0, at(0)));
        assert_eq!(health.next_at(&[], at(0)), Some(at(1)));
        assert!(health.is_check_due(&standing(CONNECTED), &refused, &usual, 0, at(1)));
        assert!(!health.is_check_due(&standing(REVOKED), &refused, &usual, 0, at(2)));
        assert_eq!(health.next_at(&[], at(2)), None);
    }
}
