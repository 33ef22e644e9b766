//! Connections: the standing permission of one merchant to write to one company.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::catalogue::{Catalogue, Shown};
use crate::checklist::{Sells, checklist, is_off};
use crate::company::Company;
use crate::frees::Frees;
use crate::ids::{MerchantId, OperatorId, RealmId};
use crate::later::Later;
use crate::merchant::MerchantProfile;
use crate::reason::{Reason, ReasonCode};
use crate::receipt::{NewMethod, missing_method};
use crate::request_id::document_number;
use crate::settings::{ClosedBooks, Settings};
use crate::tax_map::suggest::with_suggestions;
use crate::transaction::{Language, Line, LineKind, Merchant, Payment, TransactionKey};

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
    /// What the merchant sells, as far as it was told: what the choices are about.
    #[serde(default)]
    pub catalogue: Catalogue,
    /// Raised by every change of the company's lists, the choices or the catalogue: who changes them says what they read.
    #[serde(default)]
    pub revision: u64,
    /// What the last changes of the choices may clear, while something of it may still be held.
    #[serde(default)]
    pub frees: Frees,
    /// Who connected it last, and when.
    #[serde(default)]
    pub connected: Option<Connected>,
    /// What the companies that were connected before were called: what was recorded in them is told apart by it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub former: BTreeMap<RealmId, String>,
    /// From when it may be written to: where the company changed, a little later than it was connected, so that nothing
    /// still on its way under the old company's connection can meet the new one's.
    #[serde(default)]
    pub opens_at: Option<Timestamp>,
    /// Why nothing may be posted although QuickBooks lets us in: the checklist found another country or currency.
    #[serde(default)]
    pub off: Option<Reason>,
    /// What a later version wrote of it.
    #[serde(flatten)]
    pub later: Later,
}

/// Who connected, and when.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connected {
    /// When.
    pub at: Timestamp,
    /// MioCommerce's id of the operator.
    pub by: OperatorId,
    /// The operator's name.
    pub name: String,
}

impl fmt::Debug for Connected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Connected({}, {:?})", self.at, self.by)
    }
}

/// Whether a connection can be used, and if not, why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum ConnectionState {
    /// In use.
    Connected,
    /// QuickBooks denies access; the operator has to reconnect.
    ReconnectNeeded(Denial),
    /// The company's subscription only allows reading.
    ReadOnly,
    /// The plan no longer includes the app.
    Paused,
    /// The operator disconnected it on our page: a choice, not an incident.
    Disconnected,
}

/// Why QuickBooks denies access, as far as it can be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denial {
    /// Somebody at the merchant ended it inside QuickBooks.
    Revoked,
    /// It was not used for 100 days.
    Idle,
    /// The five years that a grant lasts at most are over.
    FiveYears,
    /// Who connected is no administrator of the company any more.
    AdminLost,
    /// The plan was without the app for 90 days, and we gave the connection back.
    PlanOver,
    /// QuickBooks takes our tokens and refuses us the company, and that lasts.
    AccessRefused,
    /// QuickBooks does not permit what we do there, for want of a role or in that plan of theirs, and that lasts.
    PermissionMissing,
    /// An answer of Intuit's was lost, and the new token with it; or nobody can say.
    Unknown,
}

impl Denial {
    const ALL: [Self; 8] = [
        Self::Revoked,
        Self::Idle,
        Self::FiveYears,
        Self::AdminLost,
        Self::PlanOver,
        Self::AccessRefused,
        Self::PermissionMissing,
        Self::Unknown,
    ];

    /// Whether it is about the tokens: then a refresh that succeeds refutes it.
    #[must_use]
    pub fn is_of_tokens(self) -> bool {
        self != Self::PlanOver && !self.may_pass()
    }

    /// The reason a transaction waits for, in this case.
    #[must_use]
    pub fn reason(self) -> Reason {
        Reason::new(match self {
            Self::Revoked | Self::Unknown => ReasonCode::Reconnect,
            Self::Idle => ReasonCode::IdleTooLong,
            Self::FiveYears => ReasonCode::FiveYearsOver,
            Self::AdminLost => ReasonCode::AdministratorLost,
            Self::PlanOver => ReasonCode::PlanOver,
            Self::AccessRefused => ReasonCode::AccessRefused,
            Self::PermissionMissing => ReasonCode::PermissionMissing,
        })
    }

    /// Whether the tokens still work, so that it may be over without a reconnection; only a request shows that.
    #[must_use]
    pub fn may_pass(self) -> bool {
        matches!(
            self,
            Self::AdminLost | Self::AccessRefused | Self::PermissionMissing
        )
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Revoked => "revoked",
            Self::Idle => "idle",
            Self::FiveYears => "five_years",
            Self::AdminLost => "admin_lost",
            Self::PlanOver => "plan_over",
            Self::AccessRefused => "access_refused",
            Self::PermissionMissing => "permission_missing",
            Self::Unknown => "unknown",
        }
    }
}

impl ConnectionState {
    /// The state's name, as MioCommerce is told it; the denial is told as a reason beside it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Connected => "connected",
            Self::ReconnectNeeded(_) => "reconnect_needed",
            Self::ReadOnly => "read_only",
            Self::Paused => "paused",
            Self::Disconnected => "disconnected",
        }
    }

    /// Why nothing can be written in this state, or `None` where it can.
    #[must_use]
    pub fn closed(self) -> Option<Reason> {
        match self {
            Self::Connected => None,
            Self::ReconnectNeeded(denial) => Some(denial.reason()),
            Self::ReadOnly => Some(Reason::new(ReasonCode::CompanyReadOnly)),
            Self::Paused => Some(Reason::new(ReasonCode::Paused)),
            Self::Disconnected => Some(Reason::new(ReasonCode::Disconnected)),
        }
    }

    /// Whether it may be over without anybody telling us, so that writing is tried now and then: a renewed subscription and a
    /// regained role tell nobody. The tokens are kept alive meanwhile.
    #[must_use]
    pub fn may_pass(self) -> bool {
        match self {
            Self::ReadOnly => true,
            Self::ReconnectNeeded(denial) => denial.may_pass(),
            Self::Connected | Self::Paused | Self::Disconnected => false,
        }
    }

    /// Whether nothing but a reconnection helps.
    #[must_use]
    pub fn needs_new_tokens(self) -> bool {
        matches!(self, Self::ReconnectNeeded(denial) if !denial.may_pass())
    }

    /// The state after the same company was connected again. Reading it proves that we are let in, and not that its
    /// subscription is active again: only what goes through shows that.
    #[must_use]
    pub fn reconnected(before: Option<Self>, is_entitled: bool) -> Self {
        match (is_entitled, before) {
            (false, _) => Self::Paused,
            (true, Some(Self::ReadOnly)) => Self::ReadOnly,
            (true, _) => Self::Connected,
        }
    }

    /// Reads a state as it is stored; `None` for text that names none.
    #[must_use]
    pub fn from_stored(text: &str) -> Option<Self> {
        let (name, denial) = text.split_once('/').unwrap_or((text, "unknown"));
        match name {
            "connected" => Some(Self::Connected),
            "read_only" => Some(Self::ReadOnly),
            "paused" => Some(Self::Paused),
            "disconnected" => Some(Self::Disconnected),
            "reconnect_needed" => Denial::ALL
                .into_iter()
                .find(|known| known.as_str() == denial)
                .map(Self::ReconnectNeeded),
            _ => None,
        }
    }

    /// The state as it is stored: `reconnect_needed/idle`.
    #[must_use]
    pub fn stored(self) -> String {
        match self {
            Self::ReconnectNeeded(denial) => format!("{}/{}", self.as_str(), denial.as_str()),
            _ => self.as_str().to_owned(),
        }
    }
}

impl From<ConnectionState> for String {
    fn from(state: ConnectionState) -> Self {
        state.stored()
    }
}

impl TryFrom<String> for ConnectionState {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::from_stored(&text).ok_or_else(|| format!("unknown connection state {text}"))
    }
}

impl Connection {
    /// Why nothing can be written now, or `None` where it can.
    #[must_use]
    pub fn closed(&self) -> Option<Reason> {
        self.state.closed().or_else(|| self.off.clone())
    }

    /// The merchant's time zone; UTC where the name is not a time zone any more.
    #[must_use]
    pub fn time_zone(&self) -> TimeZone {
        TimeZone::get(&self.time_zone).unwrap_or(TimeZone::UTC)
    }

    /// This connection having learned what a transaction shows: taxes with one clear code are mapped, unconfirmed. `None`
    /// where it shows nothing new.
    #[must_use]
    pub fn having_learned(&self, shown: &Shown<'_>) -> Option<Self> {
        let mut catalogue = self.catalogue.clone();
        let is_news = catalogue.learn(shown);
        is_news.then(|| self.selling(catalogue, shown.day))
    }

    /// This connection having learned what MioCommerce tells of the merchant, likewise.
    #[must_use]
    pub fn having_been_told(&self, merchant: &Merchant, today: Date) -> Option<Self> {
        let mut catalogue = self.catalogue.clone();
        let is_news = catalogue.learn_merchant(merchant);
        is_news.then(|| self.selling(catalogue, today))
    }

    fn selling(&self, catalogue: Catalogue, day: Date) -> Self {
        let mut learned = self.clone();
        let map = &self.settings.tax_map;
        learned.settings.tax_map = with_suggestions(map, &catalogue.tax_sets, &self.company, day);
        learned.catalogue = catalogue;
        learned
    }

    /// This connection with what follows from its company's lists: taxes with one clear code are mapped, unconfirmed, and it
    /// is off where the company and the merchant do not fit.
    #[must_use]
    pub fn checked(mut self, merchant: &MerchantProfile, today: Date) -> Self {
        let map = &self.settings.tax_map;
        self.settings.tax_map =
            with_suggestions(map, &self.catalogue.tax_sets, &self.company, today);
        let sells = Sells {
            country: &merchant.country,
            currency: merchant.currency,
            tax_sets: &self.catalogue.tax_sets,
        };
        let checks = checklist(&self.company, &sells, &self.settings.tax_map);
        self.off = is_off(&checks).then(|| Reason::new(ReasonCode::SyncOff));
        self
    }

    /// Why what happened on this day, in the merchant's time zone, is never going to QuickBooks, or `None` where it is.
    #[must_use]
    pub fn skips_on(&self, day: Date) -> Option<Reason> {
        let start = self.settings.start_date.filter(|start| day < *start)?;
        Some(
            Reason::new(ReasonCode::BeforeStartDate)
                .with("day", day)
                .with("start", start),
        )
    }

    /// The language of what is created in the company.
    #[must_use]
    pub fn language(&self) -> Language {
        self.settings
            .language
            .unwrap_or_else(|| self.company.language())
    }

    /// The number of a transaction's document; none where the company numbers, or the operator wants none of ours.
    #[must_use]
    pub fn document_number(&self, key: &TransactionKey, reference: &str) -> Option<String> {
        let numbered = self.company.custom_numbers;
        numbered.then(|| document_number(key, reference, self.settings.numbers))?
    }

    /// The day on which a document of this day is dated: that day or, where the books are closed for it and the operator
    /// chose so, the first open one; and what its private note says then.
    #[must_use]
    pub fn dated(&self, day: Date) -> (Date, Option<String>) {
        let closed = self
            .company
            .closed_through
            .max(self.settings.closed_through);
        let closed = closed.filter(|closed| day <= *closed);
        match (self.settings.closed_books, closed) {
            (ClosedBooks::FirstOpenDay, Some(closed)) => {
                let open = closed.tomorrow().unwrap_or(day);
                let says = format!("of {day}, for which the books are closed");
                (open, Some(says))
            }
            _ => (day, None),
        }
    }

    /// The payment method that is to be created for a payment on its way to QuickBooks; `None` where the company has it, or
    /// where the payment is left out: that writes nothing.
    #[must_use]
    pub fn lacks_method(&self, payment: &Payment) -> Option<NewMethod> {
        if self.skips(payment).is_some() || !self.settings.syncs(&payment.method) {
            return None;
        }
        let brand = payment.card_brand.as_deref();
        missing_method(&payment.method, brand, self)
    }

    /// Why this payment is never going to QuickBooks, or `None` where it is.
    #[must_use]
    pub fn skips(&self, payment: &Payment) -> Option<Reason> {
        if payment.amount.is_zero() && !is_covered_otherwise(payment) {
            return Some(Reason::new(ReasonCode::Zero));
        }
        // A switch is about money received by a method; where nothing was received, what is earned still counts.
        if !payment.amount.is_zero() && !self.settings.syncs(&payment.method) {
            return Some(
                Reason::new(ReasonCode::MethodOff).with("method", payment.method.as_str()),
            );
        }
        self.skips_on(payment.captured_on(&self.time_zone()))
    }
}

/// Whether a payment of nothing still earns revenue and tax: its lines are covered by a deposit or a gift card, and this
/// is the payment that covers them.
fn is_covered_otherwise(payment: &Payment) -> bool {
    let covers = |line: &Line| {
        matches!(
            line.kind,
            LineKind::DepositApplied | LineKind::GiftCardRedeemed
        ) && !line.amount.is_zero()
    };
    payment.lines.iter().any(covers)
        && payment.paid_before.is_none_or(|before| before.is_zero())
        && payment.cost().is_zero()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_reads_back_as_it_was_stored_and_as_it_was_stored_before_denials_had_reasons() {
        let states = Denial::ALL
            .map(ConnectionState::ReconnectNeeded)
            .into_iter()
            .chain([
                ConnectionState::Connected,
                ConnectionState::ReadOnly,
                ConnectionState::Paused,
                ConnectionState::Disconnected,
            ]);
        for state in states {
            let text = serde_json::to_string(&state).unwrap();
            assert_eq!(
                serde_json::from_str::<ConnectionState>(&text).unwrap(),
                state
            );
        }
        assert_eq!(
            ConnectionState::from_stored("reconnect_needed"),
            Some(ConnectionState::ReconnectNeeded(Denial::Unknown))
        );
        assert_eq!(ConnectionState::from_stored("reconnect_needed/other"), None);
    }
}
