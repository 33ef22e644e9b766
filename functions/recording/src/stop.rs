//! Stops: where a transaction stands when it did not become a receipt this time, and why.

use std::time::Duration;

use bookkeeping::connection::{ConnectionState, Denial};
use bookkeeping::reason::{Reason, ReasonCode, State};
use common::config::Timing;
use common::store::{Standing, StoreError};
use jiff::Timestamp;
use quickbooks::{Fault, FaultClass};

/// How long to leave QuickBooks alone after it could not be reached.
pub const DOWN_REST: Duration = Duration::from_secs(15);

/// How often the drain looks whether a merchant without a usable connection has one again, in case nobody woke it.
pub const CLOSED_REST: Duration = Duration::from_secs(3600);

/// Why a transaction is not in QuickBooks, and when to look again.
#[derive(Clone, Debug, PartialEq)]
pub struct Stop {
    /// Where it stands.
    pub standing: Standing,
    /// Why.
    pub reason: Reason,
    /// When to look again, where time alone may clear it.
    pub due: Option<Timestamp>,
}

/// The message goes back to the queue, or stays in the lot: only for what waiting there can mend.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Again {
    /// The store is not to be had.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Another worker is at it, or died at it not long ago.
    #[error("another worker is at it")]
    Busy,
    /// What became of it could not be told.
    #[error("what became of it was not taken by the outcome queue")]
    Untold,
    /// Too little of the invocation is left to begin.
    #[error("too little time is left in this invocation")]
    NoTime,
    /// The connection was closed by choice while it stood in the lot: it waits there, as it did.
    #[error("the connection was closed")]
    Closed,
}

/// Whether nothing goes through until the connection can be used again.
#[must_use]
pub fn closes_the_connection(code: ReasonCode) -> bool {
    matches!(
        code,
        ReasonCode::Reconnect
            | ReasonCode::IdleTooLong
            | ReasonCode::FiveYearsOver
            | ReasonCode::AdministratorLost
            | ReasonCode::AccessRefused
            | ReasonCode::PermissionMissing
            | ReasonCode::CompanyReadOnly
            | ReasonCode::Paused
            | ReasonCode::PlanOver
    )
}

impl From<Reason> for Stop {
    /// The stop of a reason that came up before anything was sent.
    fn from(reason: Reason) -> Self {
        let standing = match reason.state() {
            State::Waiting => Standing::Parked,
            State::NeedsOperator => Standing::Held,
            State::Failed => Standing::Failed,
            // No reason belongs to synced.
            State::Skipped | State::Synced => Standing::Skipped,
        };
        Self {
            standing,
            reason,
            due: None,
        }
    }
}

/// The state of the connection that a stop proves by itself: QuickBooks' own words, not a gateway's.
#[must_use]
pub fn shows(stop: &Stop) -> Option<ConnectionState> {
    match stop.reason.code {
        ReasonCode::CompanyReadOnly => Some(ConnectionState::ReadOnly),
        ReasonCode::AdministratorLost => Some(ConnectionState::ReconnectNeeded(Denial::AdminLost)),
        _ => None,
    }
}

/// The state of the connection that a stop proves where it lasts ([`bookkeeping::refusals`]).
#[must_use]
pub fn refuses(stop: &Stop) -> Option<ConnectionState> {
    let denial = match stop.reason.code {
        ReasonCode::AccessRefused => Denial::AccessRefused,
        ReasonCode::PermissionMissing => Denial::PermissionMissing,
        _ => return None,
    };
    Some(ConnectionState::ReconnectNeeded(denial))
}

/// Why we are denied access, by QuickBooks' code.
///
/// Source: Intuit, "Error codes": 120, who connected has lost access; 5020, no permission for this.
fn denied(code: Option<&str>) -> Denial {
    match code {
        Some("120") => Denial::AdminLost,
        Some("5020") => Denial::PermissionMissing,
        _ => Denial::AccessRefused,
    }
}

impl Stop {
    /// The stop for a fault, by who has to act.
    #[must_use]
    pub fn for_fault(fault: &Fault, day: &str, now: Timestamp, timing: &Timing) -> Self {
        let waits = |code, rest: Duration| Self {
            due: Some(now + rest),
            ..Self::from(Reason::new(code))
        };
        let labelled = |code| Self::from(Reason::new(code).with("fault", fault.label()));
        match fault.class {
            FaultClass::OutcomeUnknown => Self {
                standing: Standing::Ambiguous,
                reason: Reason::new(ReasonCode::AnswerUnknown),
                due: Some(now + timing.quiescence),
            },
            // A refused token is renewed before anybody is asked to reconnect.
            FaultClass::Unauthorized => waits(ReasonCode::TokenRefreshing, DOWN_REST),
            FaultClass::AccessDenied => Self::from(denied(fault.code.as_deref()).reason()),
            // Source: Intuit, "Error codes": 6190, the subscription has ended.
            FaultClass::CompanyReadOnly => Self::from(Reason::new(ReasonCode::CompanyReadOnly)),
            FaultClass::Throttled(rest) => {
                waits(ReasonCode::Throttled, rest.unwrap_or(timing.throttle_rest))
            }
            FaultClass::NotSent => waits(ReasonCode::QuickBooksDown, DOWN_REST),
            FaultClass::PeriodClosed => {
                Self::from(Reason::new(ReasonCode::PeriodClosed).with("day", day))
            }
            FaultClass::ReferenceDead => labelled(ReasonCode::ReferenceInactive),
            FaultClass::NumberTaken
            | FaultClass::NameTaken
            | FaultClass::Stale
            | FaultClass::Refused => labelled(ReasonCode::QuickBooksRefused),
            FaultClass::OurDefect => labelled(ReasonCode::RequestRefused),
        }
    }

    /// The stop of a transaction that goes into the lot behind earlier ones, untried.
    #[must_use]
    pub fn in_line() -> Self {
        Self::from(Reason::new(ReasonCode::InLine))
    }

    /// The stop of a transaction that is not tried because QuickBooks is down for everyone.
    #[must_use]
    pub fn down_until(until: Timestamp) -> Self {
        Self {
            due: Some(until),
            ..Self::from(Reason::new(ReasonCode::QuickBooksDown))
        }
    }

    /// Whether it leaves the transaction in the lot.
    #[must_use]
    pub fn waits(&self) -> bool {
        matches!(self.standing, Standing::Parked | Standing::Ambiguous)
    }

    /// Whether the merchant's other transactions would be stopped by the same, so that they are not tried now.
    #[must_use]
    pub fn stops_the_company(&self) -> bool {
        matches!(
            self.reason.code,
            ReasonCode::Throttled | ReasonCode::QuickBooksDown
        )
    }

    /// Whether QuickBooks asked us to leave the company alone.
    #[must_use]
    pub fn rests_company(&self) -> bool {
        self.reason.code == ReasonCode::Throttled
    }

    /// When the drain has something to look at because of this stop.
    #[must_use]
    pub fn look_again(&self, now: Timestamp) -> Timestamp {
        let by_reason = match closes_the_connection(self.reason.code) {
            true => now + CLOSED_REST,
            false => now,
        };
        self.due.unwrap_or(by_reason)
    }

    /// The stop for a read that was not answered: nothing was written, and nobody needs to look for anything.
    #[must_use]
    pub fn for_read(fault: &Fault, now: Timestamp, timing: &Timing) -> Self {
        match fault.class {
            FaultClass::OutcomeUnknown => Self {
                due: Some(now + DOWN_REST),
                ..Self::from(Reason::new(ReasonCode::QuickBooksDown))
            },
            _ => Self::for_fault(fault, "", now, timing),
        }
    }
}
