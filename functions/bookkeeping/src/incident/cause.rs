//! Causes: what an incident is about.

use serde::{Deserialize, Serialize};

use super::PLAN_DAYS;
use crate::connection::{ConnectionState, Denial};

/// What an incident is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// Somebody at the merchant ended the connection inside QuickBooks.
    Revoked,
    /// It was not used for 100 days.
    Idle,
    /// The five years that it lasts at most are over.
    FiveYears,
    /// Who connected is no administrator of the company any more.
    AdminLost,
    /// Access is denied and nobody can say why.
    Unknown,
    /// QuickBooks takes our tokens and lets nothing through.
    AccessRefused,
    /// QuickBooks does not permit what we do: for want of a role, or in that plan of theirs.
    PermissionMissing,
    /// The company's subscription lapsed: reconnecting does not help.
    Subscription,
    /// The merchant's plan no longer includes the app, or did not for so long that the connection was given back.
    Plan,
    /// The five years are over soon.
    Expiring,
}

impl Cause {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Revoked,
        Self::Idle,
        Self::FiveYears,
        Self::AdminLost,
        Self::Unknown,
        Self::AccessRefused,
        Self::PermissionMissing,
        Self::Subscription,
        Self::Plan,
        Self::Expiring,
    ];

    /// The cause of a state; none where the connection works, or was ended by choice.
    #[must_use]
    pub fn of(state: ConnectionState) -> Option<Self> {
        match state {
            ConnectionState::Connected | ConnectionState::Disconnected => None,
            ConnectionState::ReadOnly => Some(Self::Subscription),
            ConnectionState::Paused => Some(Self::Plan),
            ConnectionState::ReconnectNeeded(denial) => Some(match denial {
                Denial::Revoked => Self::Revoked,
                Denial::Idle => Self::Idle,
                Denial::FiveYears => Self::FiveYears,
                Denial::AdminLost => Self::AdminLost,
                Denial::PlanOver => Self::Plan,
                Denial::Unknown => Self::Unknown,
                Denial::AccessRefused => Self::AccessRefused,
                Denial::PermissionMissing => Self::PermissionMissing,
            }),
        }
    }

    /// The name its words stand under.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Revoked => "revoked",
            Self::Idle => "idle",
            Self::FiveYears => "five-years",
            Self::AdminLost => "admin-lost",
            Self::Unknown => "unknown",
            Self::AccessRefused => "access-refused",
            Self::PermissionMissing => "permission-missing",
            Self::Subscription => "subscription",
            Self::Plan => "plan",
            Self::Expiring => "expiring",
        }
    }

    /// After how many days the first notice is followed by reminders.
    #[must_use]
    pub fn reminders(self) -> &'static [u16] {
        match self {
            // One mail, because the operator chose the plan; and one 14 days before the connection is given back.
            Self::Plan => &[PLAN_DAYS - 14],
            // 30 and 7 days before the end.
            Self::Expiring => &[60, 83],
            _ => &[3, 7, 14, 30],
        }
    }

    /// Whether its later mail is a warning of something that we do, and no reminder: it goes to those as well who want no more
    /// reminders.
    pub(crate) fn warns(self) -> bool {
        self == Self::Plan
    }

    /// Whether it outlives a reconnection: only what goes through shows that a subscription is active again.
    pub(crate) fn outlives_reconnecting(self) -> bool {
        self == Self::Subscription
    }

    /// Whether its end is told: only what stopped transactions is worth a mail when it goes.
    #[must_use]
    pub fn recovers(self) -> bool {
        !matches!(self, Self::Plan | Self::Expiring)
    }
}
