//! Connections: the standing permission of one merchant to write to one company.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::company::Company;
use crate::ids::MerchantId;
use crate::reason::{Reason, ReasonCode};
use crate::settings::Settings;
use crate::transaction::Payment;

/// A merchant's connection to a company.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Connection {
    /// Whose connection.
    pub merchant: MerchantId,
    /// Raised by every connecting; what was claimed under an older one is never posted under a newer.
    pub epoch: u64,
    /// Whether it can be used.
    pub state: ConnectionState,
    /// IANA name of the merchant's time zone; receipts are dated in it.
    pub time_zone: String,
    /// The company.
    pub company: Company,
    /// The operator's choices.
    pub settings: Settings,
}

/// Whether a connection can be used, and if not, why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConnectionState {
    /// In use.
    Connected,
    /// QuickBooks denies access; the operator has to reconnect.
    ReconnectNeeded,
    /// The company's subscription only allows reading.
    ReadOnly,
    /// The plan no longer includes the app.
    Paused,
}

impl Connection {
    /// Why nothing can be written now, or `None` where it can.
    #[must_use]
    pub fn closed(&self) -> Option<Reason> {
        match self.state {
            ConnectionState::Connected => None,
            ConnectionState::ReconnectNeeded => Some(Reason::new(ReasonCode::Reconnect)),
            ConnectionState::ReadOnly => Some(Reason::new(ReasonCode::CompanyReadOnly)),
            ConnectionState::Paused => Some(Reason::new(ReasonCode::Paused)),
        }
    }

    /// The merchant's time zone; UTC where the name is not a time zone any more.
    #[must_use]
    pub fn time_zone(&self) -> TimeZone {
        TimeZone::get(&self.time_zone).unwrap_or(TimeZone::UTC)
    }

    /// Why this payment is never going to QuickBooks, or `None` where it is.
    #[must_use]
    pub fn skips(&self, payment: &Payment) -> Option<Reason> {
        if !self.settings.syncs(&payment.method) {
            return Some(
                Reason::new(ReasonCode::MethodOff).with("method", payment.method.as_str()),
            );
        }
        let day: Date = payment.captured_on(&self.time_zone());
        match self.settings.start_date {
            Some(start) if day < start => {
                return Some(
                    Reason::new(ReasonCode::BeforeStartDate)
                        .with("day", day)
                        .with("start", start),
                );
            }
            _ => {}
        }
        // A zero capture whose lines are covered by a deposit or gift card still earns revenue and tax.
        let sold = payment.lines.iter().any(|line| !line.amount.is_zero());
        (payment.amount.is_zero() && !sold).then(|| Reason::new(ReasonCode::Zero))
    }
}
