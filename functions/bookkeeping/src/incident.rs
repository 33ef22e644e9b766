//! Incidents: what an operator is told about a connection that is in trouble, when, and how often.
//!
//! An incident has one cause and lasts from its discovery to its end. Its mails stand on a ladder: at once, then after
//! 3, 7, 14 and 30 days, then no more; one when it is over. Each step is claimed for each reader before it is sent, so
//! that nobody gets a step twice. Nothing here sends anything.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use data_encoding::HEXLOWER;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::connection::{ConnectionState, Denial};
use crate::ids::OperatorId;

/// A day of mails; 24 hours, whatever the clocks of the place do.
pub const DAY: Duration = Duration::from_secs(24 * 3600);

/// How long before the five years are over the operator is first told.
pub const AHEAD: Duration = Duration::from_secs(90 * 24 * 3600);

/// After how many days without the plan a connection is given back.
pub const PLAN_DAYS: u16 = 90;

/// How long a claimed step is one sender's own: until then, word from the mail service of its being sent is waited for.
pub const SENDING: Duration = Duration::from_secs(15 * 60);

/// How long after its end an incident is taken up again where the same trouble comes back: then nobody is told twice.
pub const FLAPPING: Duration = DAY;

/// How long what waited is given to be worked off before the end of an incident is told all the same.
pub const CATCH_UP: Duration = DAY;

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
    /// The company's subscription lapsed: reconnecting does not help.
    Subscription,
    /// The merchant's plan no longer includes the app, or did not for so long that the connection was given back.
    Plan,
    /// The five years are over soon.
    Expiring,
}

impl Cause {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Revoked,
        Self::Idle,
        Self::FiveYears,
        Self::AdminLost,
        Self::Unknown,
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

    /// Whether its end is told: only what stopped transactions is worth a mail when it goes.
    #[must_use]
    pub fn recovers(self) -> bool {
        !matches!(self, Self::Plan | Self::Expiring)
    }
}

/// A step of an incident's mails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// The first notice. Nobody can unsubscribe from it.
    First,
    /// A reminder, so many days after the beginning.
    Reminder(u16),
    /// It is over.
    Recovered,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::First => f.write_str("first"),
            Self::Reminder(days) => write!(f, "day-{days}"),
            Self::Recovered => f.write_str("recovered"),
        }
    }
}

/// Who reads mails: an administrator, by MioCommerce's id, or the bookkeeper of the settings.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Reader(String);

impl Reader {
    /// An administrator.
    #[must_use]
    pub fn operator(id: &OperatorId) -> Self {
        Self(format!("operator/{id}"))
    }

    /// The bookkeeper.
    #[must_use]
    pub fn bookkeeper() -> Self {
        Self("bookkeeper".to_owned())
    }

    /// The reader as it is stored.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Hash of an e-mail address: tells whether it changed since it was written to, and gives nothing away.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AddressHash(String);

impl AddressHash {
    /// The hash of an address of one reader.
    #[must_use]
    pub fn of(reader: &Reader, address: &str) -> Self {
        let text = format!("{}/{}", reader.0, address.trim().to_lowercase());
        Self(HEXLOWER.encode(&Sha256::digest(text)[..16]))
    }
}

/// One mail of an incident, to one reader.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mailing {
    /// Where it goes.
    pub address: AddressHash,
    /// How far it is.
    pub stage: Stage,
}

/// How far a mail is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Claimed by its sender until then: it may have been sent, or not.
    Sending(Timestamp),
    /// Certainly not sent; to be tried again then.
    PutOff(Timestamp),
    /// Sent.
    Sent,
}

impl Stage {
    fn until(self) -> Option<Timestamp> {
        match self {
            Self::Sending(until) | Self::PutOff(until) => Some(until),
            Self::Sent => None,
        }
    }
}

/// An incident.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Incident {
    /// What it is about.
    pub cause: Cause,
    /// The connection's epoch.
    pub epoch: u64,
    /// When it began: reminders count from here.
    pub began_at: Timestamp,
    /// When its first notice went out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told_at: Option<Timestamp>,
    /// When the connection worked again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    /// The most transactions that were seen waiting.
    #[serde(default)]
    pub waited: u64,
    /// Its mails, by step and reader.
    #[serde(default)]
    pub mails: BTreeMap<String, Mailing>,
}

impl Incident {
    /// An incident that begins.
    #[must_use]
    pub fn new(cause: Cause, epoch: u64, began_at: Timestamp) -> Self {
        Self {
            cause,
            epoch,
            began_at,
            told_at: None,
            ended_at: None,
            waited: 0,
            mails: BTreeMap::new(),
        }
    }

    /// Which step this reader is to be sent now, or none.
    ///
    /// Of several reminders whose time has come only the last is sent; those whose time had come before the first notice
    /// are left out. `reminded` is false for who unsubscribed; `caught_up` says that nothing waits any more.
    #[must_use]
    pub fn due(
        &self,
        reader: &Reader,
        reminded: bool,
        caught_up: bool,
        now: Timestamp,
    ) -> Option<Step> {
        let step = match (self.ended_at, self.mailing(Step::First, reader)) {
            (None, None) => Step::First,
            (None, Some(first)) => match self.is_free(Some(first), now) {
                true => Step::First,
                false => self.last_reminder(now).filter(|_| reminded)?,
            },
            // Who was never told of the trouble is not told of its end.
            (Some(_), None) => return None,
            (Some(_), Some(first)) if matches!(first.stage, Stage::PutOff(_)) => return None,
            (Some(ended_at), Some(_)) => {
                let is_time = caught_up || ended_at + CATCH_UP <= now;
                (self.cause.recovers() && is_time).then_some(Step::Recovered)?
            }
        };
        self.is_free(self.mailing(step, reader), now)
            .then_some(step)
    }

    /// Claims a step for a reader: to be written before the mail is sent.
    pub fn claim(&mut self, step: Step, reader: &Reader, address: AddressHash, now: Timestamp) {
        if step == Step::First {
            self.told_at.get_or_insert(now);
        }
        let mailing = Mailing {
            address,
            stage: Stage::Sending(now + SENDING),
        };
        self.mails.insert(place(step, reader), mailing);
    }

    /// Notes that a step was sent.
    pub fn sent(&mut self, step: Step, reader: &Reader) {
        if let Some(mailing) = self.mails.get_mut(&place(step, reader)) {
            mailing.stage = Stage::Sent;
        }
    }

    /// Gives a claimed step back: it was certainly not sent, and is tried again then.
    pub fn put_off(&mut self, step: Step, reader: &Reader, until: Timestamp) {
        if let Some(mailing) = self.mails.get_mut(&place(step, reader)) {
            mailing.stage = Stage::PutOff(until);
        }
    }

    /// The mark a mail carries through the mail service, by which its events find it again: tells nothing of anybody.
    #[must_use]
    pub fn mark(&self, step: Step, reader: &Reader) -> String {
        self.mark_of(&place(step, reader))
    }

    /// The mail with this mark, and whose it is.
    pub fn marked(&mut self, mark: &str) -> Option<(Reader, &mut Mailing)> {
        let key = self.mails.keys().find(|key| self.mark_of(key) == mark)?;
        let key = key.clone();
        let reader = Reader(key.split_once('/')?.1.to_owned());
        Some((reader, self.mails.get_mut(&key)?))
    }

    /// Whether its end is still to be told to somebody.
    #[must_use]
    pub fn awaits_recovery(&self) -> bool {
        self.cause.recovers()
            && self.ended_at.is_some()
            && self.mails.iter().any(|(key, first)| {
                let reader = key.strip_prefix("first/");
                let was_told = !matches!(first.stage, Stage::PutOff(_));
                reader.is_some_and(|reader| {
                    let reader = Reader(reader.to_owned());
                    let told = self.mailing(Step::Recovered, &reader);
                    was_told && told.is_none_or(|told| told.stage != Stage::Sent)
                })
            })
    }

    /// When something about it is to be done next, counted from now; none where nothing is.
    #[must_use]
    pub fn next_at(&self, now: Timestamp) -> Option<Timestamp> {
        let sending = self.mails.values().filter_map(|mail| mail.stage.until());
        let reminder = self.cause.reminders().iter().map(|days| self.at(*days));
        let reminder = reminder
            .chain(self.gives_back_at())
            .filter(|at| *at > now && self.ended_at.is_none())
            .min();
        let forgotten = self.ended_at.map(|at| at + FLAPPING);
        sending.chain(reminder).chain(forgotten).min()
    }

    /// When the connection is given back for want of the plan, where that is what it is about.
    #[must_use]
    pub fn gives_back_at(&self) -> Option<Timestamp> {
        (self.cause == Cause::Plan).then(|| self.at(PLAN_DAYS))
    }

    fn last_reminder(&self, now: Timestamp) -> Option<Step> {
        let told_at = self.told_at?;
        let passed = |days: &&u16| self.at(**days) <= now;
        let days = self.cause.reminders().iter().rfind(passed)?;
        (self.at(*days) > told_at).then_some(Step::Reminder(*days))
    }

    fn at(&self, days: u16) -> Timestamp {
        self.began_at + DAY * u32::from(days)
    }

    fn mailing(&self, step: Step, reader: &Reader) -> Option<&Mailing> {
        self.mails.get(&place(step, reader))
    }

    /// Whether a step may be claimed: nobody sent it, or who claimed it was not heard of in its time.
    fn is_free(&self, mailing: Option<&Mailing>, now: Timestamp) -> bool {
        mailing.is_none_or(|mailing| mailing.stage.until().is_some_and(|until| until <= now))
    }

    fn mark_of(&self, place: &str) -> String {
        let (cause, epoch) = (self.cause.as_str(), self.epoch);
        let began = self.began_at.as_millisecond();
        let text = format!("{cause}/{epoch}/{began}/{place}");
        HEXLOWER.encode(&Sha256::digest(text)[..16])
    }
}

fn place(step: Step, reader: &Reader) -> String {
    format!("{step}/{}", reader.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hours: i64) -> Timestamp {
        Timestamp::from_second(1_795_000_000 + hours * 3600).unwrap()
    }

    fn reader(id: &str) -> Reader {
        Reader::operator(&OperatorId::parse(id).unwrap())
    }

    fn address() -> AddressHash {
        AddressHash::of(&reader("op_1"), "anna@example.com")
    }

    /// Every step a reader is sent when somebody looks every hour.
    fn ladder(mut incident: Incident, from: i64, to: i64, reminded: bool) -> Vec<(i64, Step)> {
        let reader = reader("op_1");
        let mut sent = Vec::new();
        for hour in from..to {
            while let Some(step) = incident.due(&reader, reminded, true, at(hour)) {
                incident.claim(step, &reader, address(), at(hour));
                incident.sent(step, &reader);
                sent.push((hour, step));
            }
        }
        sent
    }

    #[test]
    fn the_ladder_is_at_once_then_days_3_7_14_and_30_and_then_silence() {
        let incident = Incident::new(Cause::Revoked, 1, at(0));
        let expected = [
            (0, Step::First),
            (72, Step::Reminder(3)),
            (168, Step::Reminder(7)),
            (336, Step::Reminder(14)),
            (720, Step::Reminder(30)),
        ];
        assert_eq!(ladder(incident, 0, 24 * 400, true), expected);
    }

    #[test]
    fn a_plan_that_ended_is_told_at_once_and_14_days_ahead_and_the_end_of_five_years_three_times_ahead()
     {
        let plan = Incident::new(Cause::Plan, 1, at(0));
        let expected = [(0, Step::First), (76 * 24, Step::Reminder(76))];
        assert_eq!(ladder(plan, 0, 24 * 400, true), expected);
        let expiring = Incident::new(Cause::Expiring, 1, at(0));
        let expected = [
            (0, Step::First),
            (60 * 24, Step::Reminder(60)),
            (83 * 24, Step::Reminder(83)),
        ];
        assert_eq!(ladder(expiring, 0, 24 * 91, true), expected);
    }

    #[test]
    fn who_unsubscribed_gets_the_first_notice_and_no_reminder() {
        let incident = Incident::new(Cause::Idle, 1, at(0));
        assert_eq!(ladder(incident, 0, 24 * 40, false), [(0, Step::First)]);
    }

    #[test]
    fn after_a_silence_of_ours_one_mail_is_sent_and_not_everything_that_was_missed() {
        let incident = Incident::new(Cause::Revoked, 1, at(0));
        let late = ladder(incident.clone(), 8 * 24, 24 * 40, true);
        let expected = [
            (192, Step::First),
            (336, Step::Reminder(14)),
            (720, Step::Reminder(30)),
        ];
        assert_eq!(late, expected);
        let mut told = incident;
        told.claim(Step::First, &reader("op_1"), address(), at(0));
        told.sent(Step::First, &reader("op_1"));
        let expected = [(192, Step::Reminder(7)), (336, Step::Reminder(14))];
        assert_eq!(ladder(told, 192, 24 * 20, true), expected);
    }

    #[test]
    fn a_claimed_step_is_nobody_elses_for_a_quarter_of_an_hour_and_a_sent_one_forever() {
        let mut incident = Incident::new(Cause::Revoked, 1, at(0));
        let reader = reader("op_1");
        incident.claim(Step::First, &reader, address(), at(0));
        let due = |incident: &Incident, at| incident.due(&reader, true, true, at);
        assert_eq!(due(&incident, at(0) + Duration::from_secs(899)), None);
        let after = at(0) + SENDING;
        assert_eq!(incident.next_at(at(0)), Some(after));
        assert_eq!(due(&incident, after), Some(Step::First));
        incident.sent(Step::First, &reader);
        assert_eq!(due(&incident, after), None);
        assert_eq!(incident.next_at(after), Some(at(72)));
    }

    #[test]
    fn the_end_is_told_once_what_waited_is_worked_off_and_only_to_who_was_told_of_the_trouble() {
        let mut incident = Incident::new(Cause::Subscription, 1, at(0));
        let (anna, sam) = (reader("op_1"), reader("op_2"));
        incident.claim(Step::First, &anna, address(), at(0));
        incident.sent(Step::First, &anna);
        incident.ended_at = Some(at(5));
        assert_eq!(incident.due(&anna, true, false, at(6)), None);
        assert_eq!(incident.due(&sam, true, true, at(6)), None);
        assert!(incident.awaits_recovery());
        assert_eq!(
            incident.due(&anna, true, true, at(6)),
            Some(Step::Recovered)
        );
        // A day later it is told with what still waits.
        assert_eq!(
            incident.due(&anna, true, false, at(29)),
            Some(Step::Recovered)
        );
        incident.claim(Step::Recovered, &anna, address(), at(6));
        incident.sent(Step::Recovered, &anna);
        assert!(!incident.awaits_recovery());
        assert_eq!(incident.due(&anna, true, true, at(7)), None);
    }

    #[test]
    fn the_end_of_what_nobody_was_told_of_is_not_told() {
        let mut incident = Incident::new(Cause::Revoked, 1, at(0));
        let reader = reader("op_1");
        incident.claim(Step::First, &reader, address(), at(0));
        incident.put_off(Step::First, &reader, at(1));
        assert_eq!(
            incident.due(&reader, true, true, at(1)),
            Some(Step::First),
            "it goes out when it can"
        );
        incident.ended_at = Some(at(1));
        assert_eq!(incident.due(&reader, true, true, at(2)), None);
        assert!(!incident.awaits_recovery());
    }

    #[test]
    fn a_mark_finds_its_mail_and_names_nobody() {
        let mut incident = Incident::new(Cause::Revoked, 1, at(0));
        let reader = reader("op_1");
        incident.claim(Step::First, &reader, address(), at(0));
        let mark = incident.mark(Step::First, &reader);
        assert!(mark.bytes().all(|byte| byte.is_ascii_hexdigit()), "{mark}");
        let (found, mailing) = incident.marked(&mark).expect("marked");
        assert_eq!((found, &mailing.address), (reader.clone(), &address()));
        assert_ne!(incident.mark(Step::Reminder(3), &reader), mark);
        assert!(incident.marked("0000").is_none());
    }
}
