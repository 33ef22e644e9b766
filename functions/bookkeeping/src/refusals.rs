//! Refusals that prove nothing by themselves: QuickBooks takes our tokens and refuses what we ask.
//!
//! Source: Intuit, "Error codes", and reports of developers: 3100 and 403 (the token may not use this company), 100 and 130
//! (the token is another company's, or the company has moved), 110, 5020 (no permission for this, or not in that plan of
//! theirs), and 401 to a token that Intuit has just given. Each was seen to pass by itself; so an operator is asked to act
//! only where it lasts.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::connection::ConnectionState;

/// How long refusals go on before they are believed.
///
/// Longer than what Intuit mends by itself usually takes, and short enough that an operator hears of it on the same day. What
/// waits is tried every hour: the fourth refusal is believed, and none that comes a moment early has to wait for a fifth.
pub const LASTING: Duration = Duration::from_secs(3 * 3600 - 300);

/// Fewest refusals that are believed, each [`APART`] from the one before.
const TIMES_MIN: u32 = 3;

/// Refusals sooner after one another are one: a batch meets the same eight times.
const APART: Duration = Duration::from_secs(10 * 60);

/// The refusals of a connection since something last went through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusals {
    /// What the connection becomes where they last.
    pub state: ConnectionState,
    /// When the first came.
    pub since: Timestamp,
    /// When the last that counts came.
    pub last: Timestamp,
    /// How many count.
    pub times: u32,
}

impl Refusals {
    /// The refusals with one more, which makes the connection that where it lasts.
    #[must_use]
    pub fn with(before: Option<Self>, state: ConnectionState, now: Timestamp) -> Self {
        match before {
            None => Self {
                state,
                since: now,
                last: now,
                times: 1,
            },
            Some(before) if now < before.last + APART => before,
            Some(before) => Self {
                state,
                since: before.since,
                last: now,
                times: before.times + 1,
            },
        }
    }

    /// Whether they have gone on for so long that the operator has to act.
    #[must_use]
    pub fn have_lasted(&self) -> bool {
        self.times >= TIMES_MIN && self.since + LASTING <= self.last
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connection::Denial;

    const REFUSED: ConnectionState = ConnectionState::ReconnectNeeded(Denial::AccessRefused);

    fn lasted(minutes: &[i64]) -> bool {
        let mut refusals = None;
        for minute in minutes {
            let now = Timestamp::from_second(1_795_000_000 + minute * 60).unwrap();
            refusals = Some(Refusals::with(refusals, REFUSED, now));
        }
        refusals.is_some_and(|refusals| refusals.have_lasted())
    }

    #[test]
    fn refusals_are_believed_after_three_hours_of_them_and_never_for_their_number() {
        assert!(!lasted(&[]));
        assert!(!lasted(&[0, 60, 120]));
        assert!(lasted(&[0, 60, 120, 180]));
        assert!(!lasted(&[0, 600]), "two say little");
        assert!(lasted(&[0, 600, 1200]));
        let every_minute: Vec<i64> = (0..170).collect();
        assert!(!lasted(&every_minute));
        assert!(!lasted(&[0, 1, 2, 190]), "a burst is one");
    }
}
