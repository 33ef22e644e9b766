//! Conditions: how a connection does, in the words an operator reads.

use jiff::Timestamp;

use super::Standing;
use crate::connection::{ConnectionState, Denial};
use crate::incident::AHEAD;

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

    fn at(hours: i64) -> Timestamp {
        Timestamp::from_second(1_795_000_000 + hours * 3600).unwrap()
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
