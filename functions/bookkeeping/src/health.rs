//! Health: what is remembered of how one merchant's connection does, when it is checked, and which incidents it has.
//!
//! A check is a refresh of the tokens. It keeps the grant from lapsing (Intuit: a refresh token dies after 100 days
//! without use), it is not metered, and nothing else proves that a connection works.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::connection::{ConnectionState, Denial};
use crate::incident::{AHEAD, AddressHash, Cause, FLAPPING, Incident, Reader};

/// How long after a connection worked again it is looked whether what waited is worked off.
const LOOK_AGAIN: Duration = Duration::from_secs(60);

/// Degraded for longer than this is the platform's operators' to look at. No merchant is told.
pub const DEGRADED_TOO_LONG: Duration = Duration::from_secs(3600);

/// The longest a connection that proves nothing is left alone.
const DEGRADED_REST_MAX: Duration = Duration::from_secs(15 * 60);

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

/// How a connection stands when it is looked at.
#[derive(Clone, Copy, Debug)]
pub struct Standing {
    /// Its epoch.
    pub epoch: u64,
    /// Its state.
    pub state: ConnectionState,
    /// When its five years are over, where Intuit said it.
    pub hard_expires_at: Option<Timestamp>,
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

/// The health of one merchant's connection. Ids, times and counts alone.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Health {
    /// The epoch it is about.
    #[serde(default)]
    pub epoch: u64,
    /// When it is checked next; none where it need not be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check_at: Option<Timestamp>,
    /// The generation of the tokens after the last check: a greater one says that somebody used the connection.
    #[serde(default)]
    pub generation: u64,
    /// Since when it could not be proven to work or not to work.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub degraded_since: Option<Timestamp>,
    /// What the operator is told about, and a while ago was.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub incidents: Vec<Incident>,
    /// Addresses that mail does not get to, or that complained of it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub undeliverable: BTreeMap<Reader, AddressHash>,
    /// Who wants no reminders.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub unsubscribed: BTreeSet<Reader>,
    /// Raised by every write; what was read at another one is not written over.
    #[serde(skip)]
    pub revision: u64,
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

    /// Begins and ends incidents as the connection's state says.
    pub fn follow(&mut self, standing: &Standing, now: Timestamp) {
        // Ended by choice: nobody is told anything, not even of an end.
        if standing.state == ConnectionState::Disconnected {
            self.incidents.clear();
            return;
        }
        let cause = Cause::of(standing.state);
        let ends_at = standing
            .hard_expires_at
            .filter(|end| now < *end && *end <= now + AHEAD);
        self.incidents.retain_mut(|incident| {
            let is_old = incident.epoch != standing.epoch;
            match incident.ended_at {
                Some(ended_at) => {
                    let is_fresh = now < ended_at + FLAPPING;
                    // Trouble again: its end is no news.
                    cause.is_none() && (is_fresh || incident.awaits_recovery())
                        || is_fresh && cause == Some(incident.cause) && !is_old
                }
                None if incident.cause == Cause::Expiring => {
                    !is_old && ends_at.is_some() && cause != Some(Cause::FiveYears)
                }
                None if cause == Some(incident.cause) && !is_old => true,
                // Another trouble has taken its place, or nobody was told of it yet.
                None if cause.is_some() || incident.told_at.is_none() => false,
                None => {
                    incident.ended_at = Some(now);
                    true
                }
            }
        });
        if let Some(cause) = cause {
            self.begin(cause, standing.epoch, now);
        } else if let Some(end) = ends_at {
            let known = |incident: &Incident| incident.cause == Cause::Expiring;
            if !self.incidents.iter().any(known) {
                let incident = Incident::new(Cause::Expiring, standing.epoch, end - AHEAD);
                self.incidents.push(incident);
            }
        }
    }

    /// Begins an incident, or takes up again the one that ended a moment ago.
    fn begin(&mut self, cause: Cause, epoch: u64, now: Timestamp) {
        let same = |incident: &&mut Incident| incident.cause == cause;
        match self.incidents.iter_mut().find(same) {
            Some(incident) => incident.ended_at = None,
            None => self.incidents.push(Incident::new(cause, epoch, now)),
        }
    }

    /// The incident that a step belongs to, by its cause.
    pub fn incident(&mut self, cause: Cause) -> Option<&mut Incident> {
        self.incidents
            .iter_mut()
            .find(|incident| incident.cause == cause)
    }

    /// Whether a connection that is paused for want of the plan is to be given back.
    #[must_use]
    pub fn is_plan_over(&self, standing: &Standing, now: Timestamp) -> bool {
        let mut incidents = self.incidents.iter();
        let is_over = |incident: &Incident| {
            incident.ended_at.is_none() && incident.gives_back_at().is_some_and(|at| at <= now)
        };
        standing.state == ConnectionState::Paused && incidents.any(is_over)
    }

    /// When something is to be done next; none where nothing is.
    #[must_use]
    pub fn next_at(&self, now: Timestamp) -> Option<Timestamp> {
        let incidents = self.incidents.iter();
        let looks = incidents
            .clone()
            .any(Incident::awaits_recovery)
            .then(|| now + LOOK_AGAIN);
        incidents
            .filter_map(|incident| incident.next_at(now))
            .chain(self.check_at)
            .chain(looks)
            .min()
    }

    /// For how long it has been neither proven to work nor not to, where that is too long.
    #[must_use]
    pub fn degraded_too_long(&self, now: Timestamp) -> bool {
        self.degraded_since
            .is_some_and(|since| since + DEGRADED_TOO_LONG <= now)
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
/// made anew; one whose administrator lost the role, or that is paused or read-only, has to be kept alive meanwhile.
fn is_checked(state: ConnectionState) -> bool {
    match state {
        ConnectionState::Connected
        | ConnectionState::ReadOnly
        | ConnectionState::Paused
        | ConnectionState::ReconnectNeeded(Denial::AdminLost) => true,
        ConnectionState::ReconnectNeeded(_) | ConnectionState::Disconnected => false,
    }
}

/// How a connection does, in the words an operator reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// In use, and nothing waits.
    Healthy,
    /// In use, and the five years are over soon: the day.
    Expiring(Timestamp),
    /// Intuit refuses or does not answer, which proves nothing yet.
    Degraded,
    /// In use, and what waited is being worked off.
    CatchingUp,
    /// The operator has to reconnect.
    ReconnectNeeded(Denial),
    /// The company's subscription lapsed; reconnecting does not help.
    Blocked,
    /// The plan no longer includes the app.
    Paused,
    /// The operator disconnected.
    Disconnected,
}

impl Condition {
    /// How a connection does.
    #[must_use]
    pub fn of(standing: &Standing, is_degraded: bool, is_waiting: bool, now: Timestamp) -> Self {
        match standing.state {
            ConnectionState::ReconnectNeeded(denial) => Self::ReconnectNeeded(denial),
            ConnectionState::ReadOnly => Self::Blocked,
            ConnectionState::Paused => Self::Paused,
            ConnectionState::Disconnected => Self::Disconnected,
            ConnectionState::Connected if is_degraded => Self::Degraded,
            ConnectionState::Connected if is_waiting => Self::CatchingUp,
            ConnectionState::Connected => match standing.hard_expires_at {
                Some(end) if end <= now + AHEAD => Self::Expiring(end),
                _ => Self::Healthy,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incident::Step;

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
        assert_eq!(health.next_at(at(0)), Some(at(1)));
        assert!(health.is_check_due(&standing(CONNECTED), &refused, &usual, 0, at(1)));
        assert!(!health.is_check_due(&standing(REVOKED), &refused, &usual, 0, at(2)));
        assert_eq!(health.next_at(at(2)), None);
    }

    #[test]
    fn an_incident_begins_with_the_trouble_and_ends_with_it_and_once_again_within_a_day_is_the_same()
     {
        let mut health = Health::default();
        health.follow(&standing(CONNECTED), at(0));
        assert!(health.incidents.is_empty());
        health.follow(&standing(REVOKED), at(1));
        health.follow(&standing(REVOKED), at(2));
        assert_eq!(health.incidents.len(), 1);
        health.incidents[0].told_at = Some(at(1));
        health.follow(&standing(CONNECTED), at(3));
        assert_eq!(health.incidents[0].ended_at, Some(at(3)));
        health.follow(&standing(REVOKED), at(20));
        assert_eq!(health.incidents.len(), 1);
        assert_eq!(health.incidents[0].began_at, at(1));
        assert_eq!(health.incidents[0].ended_at, None);
        health.follow(&standing(CONNECTED), at(21));
        health.follow(&standing(CONNECTED), at(21 + 24));
        assert!(health.incidents.is_empty(), "forgotten after a day");
    }

    #[test]
    fn trouble_of_a_connection_made_anew_is_new_trouble() {
        let mut health = Health::default();
        health.follow(&standing(REVOKED), at(1));
        health.incidents[0].told_at = Some(at(1));
        let anew = |state| Standing {
            epoch: 2,
            ..standing(state)
        };
        health.follow(&anew(CONNECTED), at(2));
        health.follow(&anew(REVOKED), at(3));
        assert_eq!(health.incidents.len(), 1);
        assert_eq!(health.incidents[0].began_at, at(3));
        assert_eq!(health.incidents[0].told_at, None);
    }

    #[test]
    fn trouble_that_was_over_before_anybody_was_told_is_forgotten() {
        let mut health = Health::default();
        health.follow(&standing(REVOKED), at(1));
        health.follow(&standing(CONNECTED), at(2));
        assert!(health.incidents.is_empty());
    }

    #[test]
    fn disconnecting_on_our_page_ends_every_reminder_and_tells_no_end() {
        let mut health = Health::default();
        health.follow(&standing(REVOKED), at(1));
        health.incidents[0].told_at = Some(at(1));
        health.follow(&standing(ConnectionState::Disconnected), at(2));
        assert!(health.incidents.is_empty());
        assert_eq!(health.next_at(at(2)), None);
    }

    #[test]
    fn the_end_of_five_years_is_told_ahead_and_reconnecting_ends_that() {
        let ending = |hours, epoch| Standing {
            epoch,
            hard_expires_at: Some(at(hours)),
            ..standing(CONNECTED)
        };
        let mut health = Health::default();
        health.follow(&ending(24 * 91, 1), at(0));
        assert!(health.incidents.is_empty());
        health.follow(&ending(24 * 91, 1), at(24));
        assert_eq!(health.incidents[0].cause, Cause::Expiring);
        assert_eq!(health.incidents[0].began_at, at(24));
        health.follow(&ending(24 * 91, 1), at(48));
        assert_eq!(health.incidents.len(), 1);
        health.follow(&ending(24 * 365 * 5, 2), at(72));
        assert!(health.incidents.is_empty());
    }

    #[test]
    fn one_trouble_takes_the_place_of_another_without_telling_an_end() {
        let mut health = Health::default();
        health.follow(&standing(ConnectionState::ReadOnly), at(1));
        let reader = Reader::bookkeeper();
        let address = AddressHash::of(&reader, "books@example.com");
        health.incidents[0].claim(Step::First, &reader, address, at(1));
        health.follow(&standing(REVOKED), at(2));
        let causes: Vec<Cause> = health.incidents.iter().map(|one| one.cause).collect();
        assert_eq!(causes, [Cause::Revoked]);
    }

    #[test]
    fn what_an_operator_reads_says_the_worst_first() {
        let of =
            |state, degraded, waiting| Condition::of(&standing(state), degraded, waiting, at(0));
        assert_eq!(of(CONNECTED, false, false), Condition::Healthy);
        assert_eq!(of(CONNECTED, true, true), Condition::Degraded);
        assert_eq!(of(CONNECTED, false, true), Condition::CatchingUp);
        assert_eq!(
            of(REVOKED, true, true),
            Condition::ReconnectNeeded(Denial::Revoked)
        );
        assert_eq!(
            of(ConnectionState::ReadOnly, false, true),
            Condition::Blocked
        );
        let soon = Standing {
            hard_expires_at: Some(at(24)),
            ..standing(CONNECTED)
        };
        let shown = Condition::of(&soon, false, false, at(0));
        assert_eq!(shown, Condition::Expiring(at(24)));
    }
}
