//! Incidents: what an operator is told about a connection that is in trouble, when, and how often.
//!
//! An incident has one cause and lasts from its discovery to its end. Its mails stand on a ladder: at once, then after
//! 3, 7, 14 and 30 days, then no more; one when it is over. Each step is claimed for each reader before it is sent, so
//! that nobody gets a step twice. Nothing here sends anything.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use data_encoding::HEXLOWER;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::waits::Waits;

mod cause;
mod mailing;

pub use cause::Cause;
pub use mailing::{Mailing, Reader, Stage, Step};

/// A day of mails; 24 hours, whatever the clocks of the place do.
pub const DAY: Duration = Duration::from_secs(24 * 3600);

/// How long before the five years are over the operator is first told.
pub const AHEAD: Duration = Duration::from_secs(90 * 24 * 3600);

/// After how many days without the plan a connection is given back.
pub const PLAN_DAYS: u16 = 90;

/// How long a claimed step is one sender's own: until then, word from the mail service of its being sent is waited for.
pub const SENDING: Duration = Duration::from_secs(15 * 60);

/// How long after its end an incident is remembered.
///
/// The same trouble within that time is the same incident where nobody was told of the end; where somebody was, it has come back: told once more, and its next end only when it has held a day.
pub const FLAPPING: Duration = DAY;

/// How long what waited is given to be worked off before the end of an incident is told all the same.
pub const CATCH_UP: Duration = DAY;

/// How long after its end an incident's end is still tried to be told.
const OLD_NEWS: Duration = Duration::from_secs(7 * 24 * 3600);

/// How long after a connection worked again it is looked whether what waited is worked off.
const LOOK_AGAIN: Duration = Duration::from_secs(60);

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
    /// Whether it came back within [`FLAPPING`] of an end that was told.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub returned: bool,
    /// The most transactions that were seen waiting.
    #[serde(default)]
    pub waited: u64,
    /// Whether more waited than were counted.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub more_waited: bool,
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
            returned: false,
            waited: 0,
            more_waited: false,
            mails: BTreeMap::new(),
        }
    }

    /// The incident in place of one that ended, when its trouble is back and somebody was told of the end.
    ///
    /// Whoever was not told of the end still knows of the trouble, and is not told of it again.
    #[must_use]
    pub(crate) fn back(before: &Self, epoch: u64, now: Timestamp) -> Self {
        let mut back = Self {
            returned: true,
            ..Self::new(before.cause, epoch, now)
        };
        for (place, first) in &before.mails {
            let Some(reader) = place.strip_prefix("first/") else {
                continue;
            };
            let reader = Reader(reader.to_owned());
            if was_told(first) && !before.was_told_of_the_end(&reader) {
                back.told_at.get_or_insert(now);
                let stage = first.stage;
                back.mails.insert(place.clone(), Mailing { at: now, stage });
            }
        }
        back
    }

    /// Whether anybody was told of its end.
    #[must_use]
    pub(crate) fn end_was_told(&self) -> bool {
        let mut recovered = self.mails.iter();
        recovered.any(|(place, mail)| place.starts_with("recovered/") && was_told(mail))
    }

    fn was_told_of_the_end(&self, reader: &Reader) -> bool {
        self.mailing(Step::Recovered, reader).is_some_and(was_told)
    }

    /// Takes in what was seen waiting, and how many were worked off before.
    pub fn saw_waiting(&mut self, waits: &Waits, worked_off: u64) {
        self.waited = self.waited.max(worked_off + waits.count);
        self.more_waited |= waits.more;
    }

    /// Which step this reader is to be sent now, or none.
    ///
    /// Of several reminders whose time has come only the last is sent; those whose time had come before this reader's first
    /// notice are left out. `reminded` is false for who unsubscribed; `caught_up` says that nothing waits any more.
    #[must_use]
    pub fn due(
        &self,
        reader: &Reader,
        reminded: bool,
        caught_up: bool,
        now: Timestamp,
    ) -> Option<Step> {
        let step = self.step(reader, reminded, now)?;
        if step == Step::Recovered && !self.may_tell_end(caught_up, now) {
            return None;
        }
        self.free_at(step, reader, now)
            .is_some_and(|at| at <= now)
            .then_some(step)
    }

    /// The step this reader has come to, sent or not; of an ended incident its end, once it is told.
    fn step(&self, reader: &Reader, reminded: bool, now: Timestamp) -> Option<Step> {
        match (self.ended_at, self.mailing(Step::First, reader)) {
            (None, None) => Some(Step::First),
            (None, Some(first)) if first.stage != Stage::Sent => Some(Step::First),
            (None, Some(first)) => {
                let is_wanted = reminded || self.cause.warns();
                self.last_reminder(first.at, now).filter(|_| is_wanted)
            }
            // Who was never told of the trouble is not told of its end.
            (Some(_), first) => {
                let is_owed = self.cause.recovers() && first.is_some_and(was_told);
                is_owed.then_some(Step::Recovered)
            }
        }
    }

    /// Whether it is time to tell its end. One that came back has to hold first, so that trouble that comes and goes sends
    /// two mails a day at most.
    fn may_tell_end(&self, caught_up: bool, now: Timestamp) -> bool {
        let patience = self.ended_at.map(|at| at + CATCH_UP);
        patience.is_some_and(|at| at <= now) || caught_up && !self.returned
    }

    /// Claims a step for a reader: to be written before the mail is sent.
    pub fn claim(&mut self, step: Step, reader: &Reader, now: Timestamp) {
        if step == Step::First {
            self.told_at.get_or_insert(now);
        }
        let mailing = Mailing {
            at: now,
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

    /// Whether its end is still to be told to one of these readers, who can be reached. An end of long ago is no news.
    #[must_use]
    pub fn awaits_recovery(&self, readers: &[Reader], now: Timestamp) -> bool {
        self.ended_at.is_some_and(|at| now < at + OLD_NEWS)
            && readers.iter().any(|reader| {
                let is_owed = self.step(reader, true, now) == Some(Step::Recovered);
                is_owed && self.free_at(Step::Recovered, reader, now).is_some()
            })
    }

    /// When something about it is to be done next for these readers, who can be reached, counted from now; none where nothing
    /// is. What nobody can be told any more makes nothing due.
    #[must_use]
    pub fn next_at(
        &self,
        readers: &[Reader],
        unsubscribed: &BTreeSet<Reader>,
        now: Timestamp,
    ) -> Option<Timestamp> {
        let steps = readers.iter().filter_map(|reader| {
            let step = self.step(reader, !unsubscribed.contains(reader), now)?;
            let at = self.free_at(step, reader, now)?;
            match (step, self.ended_at) {
                (Step::Recovered, Some(ended_at)) if now >= ended_at + OLD_NEWS => None,
                (Step::Recovered, Some(ended_at)) if self.returned => {
                    Some(at.max(ended_at + CATCH_UP))
                }
                // Whether what waited is worked off is looked at until then.
                (Step::Recovered, _) => Some(at.max(now + LOOK_AGAIN)),
                _ => Some(at),
            }
        });
        let reminder = self.cause.reminders().iter().map(|days| self.at(*days));
        let reminder = reminder
            .chain(self.gives_back_at())
            .filter(|at| *at > now && self.ended_at.is_none())
            .min();
        // Looked at once more, to be forgotten, unless its end is still owed.
        let is_owed = self.awaits_recovery(readers, now);
        let forgotten = self.ended_at.map(|at| match is_owed {
            true => at + OLD_NEWS,
            false => (at + FLAPPING).max(now + LOOK_AGAIN),
        });
        steps.chain(reminder).chain(forgotten).min()
    }

    /// When the connection is given back for want of the plan, where that is what it is about.
    #[must_use]
    pub fn gives_back_at(&self) -> Option<Timestamp> {
        (self.cause == Cause::Plan).then(|| self.at(PLAN_DAYS))
    }

    /// The last reminder whose time came after that.
    fn last_reminder(&self, told_at: Timestamp, now: Timestamp) -> Option<Step> {
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

    /// From when a step may be claimed: now where nobody sent it; once its time is over where whoever claimed it was not heard
    /// of; never where it was sent.
    fn free_at(&self, step: Step, reader: &Reader, now: Timestamp) -> Option<Timestamp> {
        match self.mailing(step, reader) {
            None => Some(now),
            Some(mailing) => mailing.stage.until(),
        }
    }

    fn mark_of(&self, place: &str) -> String {
        let (cause, epoch) = (self.cause.as_str(), self.epoch);
        let began = self.began_at.as_millisecond();
        let text = format!("{cause}/{epoch}/{began}/{place}");
        HEXLOWER.encode(&Sha256::digest(text)[..16])
    }
}

/// Whether a mail was sent or may have been.
fn was_told(mailing: &Mailing) -> bool {
    !matches!(mailing.stage, Stage::PutOff(_))
}

fn place(step: Step, reader: &Reader) -> String {
    format!("{step}/{}", reader.0)
}

#[cfg(test)]
mod tests;
