//! The fleet: whether QuickBooks is down for everyone, counted from what this process sees of it and shared with all others.
//!
//! What is counted is written down only when a call fails, so that companies that work cost nothing. Whoever sees that it
//! seems to be down casts the [`Breaker`], which everybody reads with a merchant's connection, into doubt; and only while it
//! is in doubt, or the merchants come back, those who are answered write that down too.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::time::Duration;

use bookkeeping::breaker::{Breaker, Calls, LATELY, Part, Pauses, Way, part};
use bookkeeping::ids::RealmId;
use common::access::Access;
use common::config::Timing;
use common::store::breakers::{QUICKBOOKS, SLICE};
use common::store::{Breakers, StoreError};
use common::world::World;
use jiff::Timestamp;
use quickbooks::{Answer, Request, Silence, Transport};

use crate::Recorder;
use crate::stop::Stop;

/// How often a process writes down what it counted, where calls fail.
const FAILURES_EVERY: Duration = Duration::from_secs(1);

/// How often it does where they are answered; and how long it waits where what it wrote was not taken, because too many
/// write at once.
const ANSWERS_EVERY: Duration = Duration::from_secs(10);

/// What this process has seen of QuickBooks lately.
#[derive(Default)]
pub struct Fleet {
    lately: RefCell<VecDeque<Call>>,
    written_at: Cell<Option<Duration>>,
    /// Whether the others could not be asked the last time.
    is_alone: Cell<bool>,
    /// Whether answers are worth telling, too, because others fare badly.
    is_asked: Cell<bool>,
    /// Until when this process leaves QuickBooks alone by its own judgement.
    barred_until: Cell<Option<Timestamp>>,
    probe: Cell<Option<Probe>>,
}

struct Call {
    at: Duration,
    company: Part,
    failed: bool,
    is_counted: bool,
}

/// What was seen of the one transaction that is tried.
#[derive(Clone, Copy)]
enum Probe {
    NothingSeen,
    Answered,
    Failed,
}

impl Fleet {
    /// The way of a merchant's work. A process that has seen an outage and could not ask the others keeps away by itself.
    pub fn way<W: World>(&self, world: &W, access: &Access) -> Way {
        let now = world.now();
        let step = world.timing().return_step;
        self.is_asked.set(access.breaker.asks_everybody(now, step));
        if self.probe.get().is_some() {
            return Way::Free;
        }
        let merchant = &access.connection.merchant;
        let own = self.barred_until.get().filter(|until| *until > now);
        match (access.breaker.way(merchant, now, step), own) {
            (Way::Free, Some(until)) => Way::Barred(until),
            (way, _) => way,
        }
    }

    /// Why nothing of a merchant is tried now, where QuickBooks is down for everyone.
    pub(crate) fn bars<W: World>(&self, world: &W, access: &Access) -> Option<Stop> {
        match self.way(world, access) {
            Way::Free => None,
            // Who drains tries one.
            Way::Probe => Some(Stop::down_until(world.now())),
            Way::Barred(until) => Some(Stop::down_until(until)),
        }
    }

    /// Forgets a probe that a drain before this one had in this process.
    pub fn begin(&self) {
        self.probe.set(None);
    }

    /// Whether this process has the probe.
    #[must_use]
    pub fn has_probe(&self) -> bool {
        self.probe.get().is_some()
    }

    /// Takes the probe: what is sent until it is [given back](Self::give_back) tries whether QuickBooks is back. Of any
    /// number of callers, one has it.
    ///
    /// If we stop with it, the next is due as if we had not been answered.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where the store cannot be had.
    pub async fn take_probe<W: World>(&self, world: &W) -> Result<bool, StoreError> {
        let (store, now) = (world.store(), world.now());
        let seen = store.breaker(QUICKBOOKS).await?;
        let Breaker::Open { probe_at, answered } = seen.breaker.at(now) else {
            return Ok(false);
        };
        if probe_at > now {
            return Ok(false);
        }
        let taken = Breaker::Open {
            probe_at: now + world.timing().probe,
            answered,
        };
        let is_ours = store.change_breaker(QUICKBOOKS, &seen, &taken).await?;
        if is_ours {
            // As long as this is said, it lasts.
            tracing::error!(
                metric.QuickBooksDown = 1,
                answered,
                "QuickBooks is down for everyone: one transaction tries whether it is back"
            );
            self.probe.set(Some(Probe::NothingSeen));
        }
        Ok(is_ours)
    }

    /// Gives the probe back with what was seen, and says how the breaker stands.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where the store cannot be had: then the next probe tells.
    pub async fn give_back<W: World>(&self, world: &W) -> Result<Breaker, StoreError> {
        let probe = self.probe.take();
        let (store, now) = (world.store(), world.now());
        let seen = store.breaker(QUICKBOOKS).await?;
        let was_answered = match probe {
            Some(Probe::Answered) => true,
            Some(Probe::Failed) => false,
            Some(Probe::NothingSeen) | None => return Ok(seen.breaker),
        };
        let tried = seen.breaker.tried(was_answered, now);
        if tried == seen.breaker || !store.change_breaker(QUICKBOOKS, &seen, &tried).await? {
            return Ok(seen.breaker);
        }
        if let Breaker::Returning { .. } = tried {
            self.barred_until.set(None);
            tracing::warn!("QuickBooks is back: the merchants come back by and by");
        }
        Ok(tried)
    }

    /// Counts one call.
    async fn saw<W: World>(&self, world: &W, realm: &RealmId, failed: bool) {
        let seen = match failed {
            true => Probe::Failed,
            false => Probe::Answered,
        };
        match self.probe.get() {
            Some(Probe::Failed) | None => {}
            Some(_) => self.probe.set(Some(seen)),
        }
        let at = world.uptime();
        {
            let mut lately = self.lately.borrow_mut();
            while lately
                .front()
                .is_some_and(|call| at.saturating_sub(call.at) > LATELY)
            {
                lately.pop_front();
            }
            lately.push_back(Call {
                at,
                company: part(realm),
                failed,
                is_counted: false,
            });
        }
        match (failed, self.is_asked.get()) {
            (true, _) => self.tell(world, FAILURES_EVERY).await,
            (false, true) => self.tell(world, ANSWERS_EVERY).await,
            (false, false) => {}
        }
    }

    /// Writes down what was counted, where that was not done a moment ago.
    async fn tell<W: World>(&self, world: &W, every: Duration) {
        let is_alone = self.is_alone.get();
        if is_alone {
            self.judge_alone(world);
        }
        let every = if is_alone { ANSWERS_EVERY } else { every };
        let now = world.uptime();
        let lately = self.written_at.get().map(|at| now.saturating_sub(at));
        if lately.is_some_and(|ago| ago < every) {
            return;
        }
        self.written_at.set(Some(now));
        // A failure that nobody counted in its time is no news of now.
        let is_old = |call: &Call| call.failed && now.saturating_sub(call.at) > SLICE;
        let new = self.calls(|call| !call.is_counted && !is_old(call));
        for call in self.lately.borrow_mut().iter_mut() {
            call.is_counted = true;
        }
        let written = self.write_down(world, &new).await;
        self.is_alone.set(written.is_err());
        if let Err(error) = written {
            tracing::warn!(error = %error, "what QuickBooks came to could not be counted");
            self.judge_alone(world);
        }
    }

    /// Leaves QuickBooks alone where this process' own calls say that it is down.
    fn judge_alone<W: World>(&self, world: &W) {
        if self.calls(|_| true).is_outage() {
            let until = world.now() + world.timing().probe;
            self.barred_until.set(Some(until));
        }
    }

    /// Adds calls to everybody's, and changes the breaker where they say that it stands otherwise.
    async fn write_down<W: World>(&self, world: &W, new: &Calls) -> Result<(), StoreError> {
        let (store, now) = (world.store(), world.now());
        let lately = store.count_calls(QUICKBOOKS, new, now).await?;
        let all = lately.all();
        if !all.is_outage() && !self.is_asked.get() {
            return Ok(());
        }
        let seen = store.breaker(QUICKBOOKS).await?;
        let heard = seen.breaker.heard(&lately, now, &pauses(world.timing()));
        if heard == seen.breaker || !store.change_breaker(QUICKBOOKS, &seen, &heard).await? {
            return Ok(());
        }
        let step = world.timing().return_step;
        self.is_asked.set(heard.asks_everybody(now, step));
        let (made, failed) = (all.made, all.failed);
        match heard {
            Breaker::Doubted { .. } => tracing::warn!(
                made,
                failed,
                "QuickBooks seems to be down for everyone: whoever is answered says so"
            ),
            Breaker::Open { .. } => tracing::error!(
                made,
                failed,
                "QuickBooks is down for everyone: nobody asks until it is back"
            ),
            Breaker::Closed | Breaker::Returning { .. } => tracing::warn!(
                made,
                failed,
                "QuickBooks is not down for everyone: others are answered"
            ),
        }
        Ok(())
    }

    fn calls(&self, of: impl Fn(&Call) -> bool) -> Calls {
        let mut calls = Calls::default();
        for call in self.lately.borrow().iter().filter(|call| of(call)) {
            calls.saw(call.company, call.failed);
        }
        calls
    }
}

fn pauses(timing: &Timing) -> Pauses {
    Pauses {
        // Half of it what was read of a merchant is believed; the rest is for a call.
        doubt: timing.turn * 3 / 4,
        probe: timing.probe,
        step: timing.return_step,
    }
}

/// The way to QuickBooks for one company, every call of which is counted.
pub struct Counted<'a, W> {
    pub(crate) recorder: &'a Recorder<W>,
    pub(crate) access: &'a Access,
}

impl<W: World> Transport for Counted<'_, W> {
    async fn send(&self, request: &Request<'_>) -> Result<Answer, Silence> {
        let world = &self.recorder.world;
        let answer = world.quickbooks().send(request).await;
        let failed = answer.as_ref().map_or(true, |answer| answer.status >= 500);
        let connection = &self.access.connection;
        let realm = &connection.company.realm;
        self.recorder.fleet.saw(world, realm, failed).await;
        if answer.as_ref().is_ok_and(|answer| answer.status == 401) {
            self.recorder.remembered.note_refused(&connection.merchant);
        }
        answer
    }
}
