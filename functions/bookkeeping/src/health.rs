//! Health: what is remembered of how one merchant's connection does, when it is checked, and which incidents it has.
//!
//! A check is a refresh of the tokens. It keeps the grant from lapsing (Intuit: a refresh token dies after 100 days
//! without use), it is not metered, and nothing else proves that a connection works.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::connection::ConnectionState;
use crate::incident::{AHEAD, Cause, FLAPPING, Incident, Reader};
use crate::later::Later;

mod check;
mod condition;

pub use check::{Cadence, Tokens};
pub use condition::Condition;

/// Degraded for longer than this is the platform's operators' to look at. No merchant is told.
pub const DEGRADED_TOO_LONG: Duration = Duration::from_secs(3600);

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

impl Standing {
    /// When its five years are over, where that is soon.
    fn ends_soon(&self, now: Timestamp) -> Option<Timestamp> {
        self.hard_expires_at
            .filter(|end| now < *end && *end <= now + AHEAD)
    }
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
    /// Whom mail does not get to, or who complained of it.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub unreachable: BTreeSet<Reader>,
    /// Who wants no reminders.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub unsubscribed: BTreeSet<Reader>,
    /// What a later version wrote of it.
    #[serde(flatten)]
    pub later: Later,
    /// Raised by every write; what was read at another one is not written over.
    #[serde(skip)]
    pub revision: u64,
}

impl Health {
    /// Whether somebody may have to be told something.
    #[must_use]
    pub fn is_anything_to_tell(&self, standing: &Standing, now: Timestamp) -> bool {
        let is_trouble = Cause::of(standing.state).is_some() || standing.ends_soon(now).is_some();
        is_trouble || !self.incidents.is_empty()
    }

    /// Begins and ends incidents as the connection's state says. An incident that ended is remembered while it may come back,
    /// and until its end was told to those of `readers` who are owed it.
    pub fn follow(&mut self, standing: &Standing, readers: &[Reader], now: Timestamp) {
        // Ended by choice: nobody is told anything, not even of an end.
        if standing.state == ConnectionState::Disconnected {
            self.incidents.clear();
            return;
        }
        let cause = Cause::of(standing.state);
        let ends_at = standing.ends_soon(now);
        self.incidents.retain_mut(|incident| {
            let is_old =
                incident.epoch != standing.epoch && !incident.cause.outlives_reconnecting();
            match incident.ended_at {
                Some(ended_at) => {
                    let is_fresh = now < ended_at + FLAPPING;
                    // Trouble again: its end is no news.
                    cause.is_none() && (is_fresh || incident.awaits_recovery(readers, now))
                        || is_fresh && cause == Some(incident.cause) && !is_old
                }
                // The reconnection that is needed already begins another five years.
                None if incident.cause == Cause::Expiring => {
                    !is_old && ends_at.is_some() && !standing.state.needs_new_tokens()
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

    /// Begins an incident, or takes up again the one that ended a moment ago: in silence where nobody was told of its end, else
    /// as one that came back. Of the plan no end is told, but its days count from the beginning.
    fn begin(&mut self, cause: Cause, epoch: u64, now: Timestamp) {
        match self.incident(cause) {
            Some(incident)
                if incident.ended_at.is_some()
                    && (incident.end_was_told() || incident.gives_back_at().is_some()) =>
            {
                *incident = Incident::back(incident, epoch, now);
            }
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

    /// Whether mail gets to this reader, as far as we know.
    #[must_use]
    pub fn reaches(&self, reader: &Reader) -> bool {
        !self.unreachable.contains(reader)
    }

    /// When something is to be done next, where these are the readers who can be reached; none where nothing is.
    #[must_use]
    pub fn next_at(&self, readers: &[Reader], now: Timestamp) -> Option<Timestamp> {
        let incidents = self.incidents.iter();
        incidents
            .filter_map(|incident| incident.next_at(readers, &self.unsubscribed, now))
            .chain(self.check_at)
            .min()
    }

    /// For how long it has been neither proven to work nor not to, where that is too long.
    #[must_use]
    pub fn degraded_too_long(&self, now: Timestamp) -> bool {
        self.degraded_since
            .is_some_and(|since| since + DEGRADED_TOO_LONG <= now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connection::Denial;
    use crate::ids::MerchantId;
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

    const CONNECTED: ConnectionState = ConnectionState::Connected;
    const REVOKED: ConnectionState = ConnectionState::ReconnectNeeded(Denial::Revoked);

    #[test]
    fn an_incident_begins_with_the_trouble_and_ends_with_it_and_once_again_within_a_day_is_the_same()
     {
        let mut health = Health::default();
        health.follow(&standing(CONNECTED), &[], at(0));
        assert!(health.incidents.is_empty());
        health.follow(&standing(REVOKED), &[], at(1));
        health.follow(&standing(REVOKED), &[], at(2));
        assert_eq!(health.incidents.len(), 1);
        health.incidents[0].told_at = Some(at(1));
        health.follow(&standing(CONNECTED), &[], at(3));
        assert_eq!(health.incidents[0].ended_at, Some(at(3)));
        health.follow(&standing(REVOKED), &[], at(20));
        assert_eq!(health.incidents.len(), 1);
        assert_eq!(health.incidents[0].began_at, at(1));
        assert_eq!(health.incidents[0].ended_at, None);
        health.follow(&standing(CONNECTED), &[], at(21));
        health.follow(&standing(CONNECTED), &[], at(21 + 24));
        assert!(health.incidents.is_empty(), "forgotten after a day");
    }

    #[test]
    fn trouble_of_a_connection_made_anew_is_new_trouble() {
        let mut health = Health::default();
        health.follow(&standing(REVOKED), &[], at(1));
        health.incidents[0].told_at = Some(at(1));
        let anew = |state| Standing {
            epoch: 2,
            ..standing(state)
        };
        health.follow(&anew(CONNECTED), &[], at(2));
        health.follow(&anew(REVOKED), &[], at(3));
        assert_eq!(health.incidents.len(), 1);
        assert_eq!(health.incidents[0].began_at, at(3));
        assert_eq!(health.incidents[0].told_at, None);
    }

    #[test]
    fn trouble_that_was_over_before_anybody_was_told_is_forgotten() {
        let mut health = Health::default();
        health.follow(&standing(REVOKED), &[], at(1));
        health.follow(&standing(CONNECTED), &[], at(2));
        assert!(health.incidents.is_empty());
    }

    #[test]
    fn disconnecting_on_our_page_ends_every_reminder_and_tells_no_end() {
        let mut health = Health::default();
        health.follow(&standing(REVOKED), &[], at(1));
        health.incidents[0].told_at = Some(at(1));
        health.follow(&standing(ConnectionState::Disconnected), &[], at(2));
        assert!(health.incidents.is_empty());
        assert_eq!(health.next_at(&[], at(2)), None);
    }

    #[test]
    fn the_end_of_five_years_is_told_ahead_and_reconnecting_ends_that() {
        let ending = |hours, epoch| Standing {
            epoch,
            hard_expires_at: Some(at(hours)),
            ..standing(CONNECTED)
        };
        let mut health = Health::default();
        health.follow(&ending(24 * 91, 1), &[], at(0));
        assert!(health.incidents.is_empty());
        health.follow(&ending(24 * 91, 1), &[], at(24));
        assert_eq!(health.incidents[0].cause, Cause::Expiring);
        assert_eq!(health.incidents[0].began_at, at(24));
        health.follow(&ending(24 * 91, 1), &[], at(48));
        assert_eq!(health.incidents.len(), 1);
        health.follow(&ending(24 * 365 * 5, 2), &[], at(72));
        assert!(health.incidents.is_empty());
    }

    #[test]
    fn one_trouble_takes_the_place_of_another_without_telling_an_end() {
        let mut health = Health::default();
        health.follow(&standing(ConnectionState::ReadOnly), &[], at(1));
        let merchant = MerchantId::parse("mer_4fz9").unwrap();
        let reader = Reader::at(&merchant, "books@example.com");
        health.incidents[0].claim(Step::First, &reader, at(1));
        health.follow(&standing(REVOKED), &[], at(2));
        let causes: Vec<Cause> = health.incidents.iter().map(|one| one.cause).collect();
        assert_eq!(causes, [Cause::Revoked]);
    }
}
