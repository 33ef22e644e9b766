//! The course of a storm: who is at work, and what happens next.

use std::collections::{BTreeSet, VecDeque};
use std::rc::Rc;
use std::time::Duration;

use bookkeeping::breaker::Calls;
use bookkeeping::ids::MerchantId;
use common::store::breakers::{QUICKBOOKS, slices};
use futures::future::{Either, select};
use futures::stream::{FuturesUnordered, StreamExt};
use recording::Recorder;
use recording::invocation::Delivery;
use simulator::{Trouble, TroubleKind};

use crate::faults::Fault;
use crate::planted::Bug;
use crate::world::SimulatedWorld;

use super::processes::{Ended, Process};
use super::script::{Event, merchant};
use super::{CALM_AT, Storm, named};

/// Processes that work off the queue at once.
const SYNCS: usize = 2;

/// Processes that drain at once.
const DRAINS: usize = 2;

/// How often the sweep looks.
const SWEEP: Duration = Duration::from_secs(60);

/// How long everything may take to be done once it is calm: longest is a payment that a refund waits for by the hour.
const PATIENCE: Duration = Duration::from_secs(26 * 3600);

/// How much later a finished message may come again, as from dead letters that somebody kept.
const DAYS_LATER: Duration = Duration::from_secs(14 * 24 * 3600);

/// How often the operators see to what is theirs once everything else is at rest.
const ROUNDS_MAX: u32 = 6;

/// Operators wait for what is due so soon.
const SOON: Duration = Duration::from_secs(1200);

/// And no longer than this: a refund behind a payment that is theirs to decide is due every few minutes.
const LONG: Duration = Duration::from_secs(2 * 3600);

type Running = FuturesUnordered<Process>;

/// Who is at work, and what is to come.
pub(super) struct Course {
    events: VecDeque<(Duration, Event)>,
    running: Running,
    syncs: Vec<Option<Recorder<SimulatedWorld>>>,
    drains: Vec<Option<Recorder<SimulatedWorld>>>,
    /// The messages that somebody is at.
    at_work: BTreeSet<String>,
    /// Some of what was finished.
    finished: Vec<Delivery>,
    sweep_at: Duration,
    is_calm: bool,
    gives_up_at: Duration,
    rounds: u32,
}

impl Storm {
    pub(super) async fn weather_out(&mut self) {
        let clock = Rc::clone(&self.outside.waits.clock);
        self.script.count(&self.outside.happened);
        let mut course = Course {
            events: std::mem::take(&mut self.script.events).into(),
            running: FuturesUnordered::new(),
            syncs: (0..SYNCS).map(|_| None).collect(),
            drains: (0..DRAINS).map(|_| None).collect(),
            at_work: BTreeSet::new(),
            finished: Vec::new(),
            sweep_at: SWEEP,
            is_calm: false,
            gives_up_at: CALM_AT + PATIENCE,
            rounds: 0,
        };
        loop {
            let now = clock.elapsed();
            self.begin_what_is_due(&mut course, now);
            if now > course.gives_up_at {
                return;
            }
            let is_at_rest = course.is_calm
                && course.running.is_empty()
                && self.queue.is_empty()
                && course.events.is_empty();
            if is_at_rest {
                if self.is_seen_to(&mut course).await {
                    continue;
                }
                match self.lots_due() {
                    // Nobody has to look before something is due.
                    Some(due) => course.sweep_at = course.sweep_at.max(due),
                    None if self.comes_again(&mut course).await => continue,
                    None => return,
                }
            }
            let next = [
                course.events.front().map(|(at, _)| *at),
                (!course.is_calm).then_some(CALM_AT),
                Some(course.sweep_at),
                (!course.syncs.is_empty())
                    .then(|| self.queue.next_at())
                    .flatten(),
                (!course.drains.is_empty())
                    .then(|| self.next_wake())
                    .flatten(),
            ];
            let next = next.into_iter().flatten().min().expect("the sweep");
            // The clock has microseconds.
            let pause = next.saturating_sub(now).max(Duration::from_micros(1));
            let pause = clock.sleep(pause);
            if course.running.is_empty() {
                pause.await;
                continue;
            }
            let ended = match select(course.running.next(), std::pin::pin!(pause)).await {
                Either::Left((ended, _)) => ended,
                Either::Right(_) => continue,
            };
            if let Some(ended) = ended {
                self.ended(&mut course, ended);
            }
        }
    }

    /// Begins everything that is due.
    fn begin_what_is_due(&mut self, course: &mut Course, now: Duration) {
        while course.events.front().is_some_and(|(at, _)| *at <= now) {
            let (_, event) = course.events.pop_front().expect("there is one");
            let begun = self.happens(course, event);
            course.running.extend(begun);
        }
        if !course.is_calm && now >= CALM_AT {
            course.is_calm = true;
            let reconnecting = self.calm();
            course.running.extend(reconnecting);
        }
        while let Some(process) = course.syncs.pop() {
            let clock = &self.outside.waits.clock;
            let happened = &self.outside.happened;
            let batch = self.queue.receive(clock, &self.fate, happened);
            if batch.is_empty() {
                course.syncs.push(process);
                break;
            }
            for delivery in &batch {
                if !course.at_work.insert(delivery.message_id.clone()) {
                    self.outside.happened.note(Fault::VisibleMidRun);
                }
            }
            if self.outside.planted.has(Bug::LetGoAtOnce) {
                let happened = &self.outside.happened;
                self.queue.delete(&batch, &[], &self.fate, happened);
            }
            course.running.push(self.sync(process, batch));
        }
        while let Some(process) = course.drains.pop() {
            let Some(merchant) = self.due_wake(now) else {
                course.drains.push(process);
                break;
            };
            course.running.push(self.drain(process, merchant));
        }
        if course.sweep_at <= now {
            course.sweep_at = now + SWEEP;
            course.running.push(self.sweep());
        }
        if course.is_calm {
            self.queue.redrive(now);
        }
    }

    /// The operators see to what is theirs; gives whether there was anything.
    async fn is_seen_to(&mut self, course: &mut Course) -> bool {
        let now = self.outside.waits.clock.elapsed();
        let is_soon = self.lots_due().is_some_and(|due| due < now + SOON);
        let is_long = now + PATIENCE > course.gives_up_at + LONG;
        let may = self.more.is_some() && course.rounds < ROUNDS_MAX && (!is_soon || is_long);
        if !may || !self.operators_see_to_it().await {
            return false;
        }
        course.rounds += 1;
        course.gives_up_at = self.outside.waits.clock.elapsed() + PATIENCE;
        true
    }

    /// Some of what was finished comes again; gives whether there is any.
    async fn comes_again(&mut self, course: &mut Course) -> bool {
        let clock = Rc::clone(&self.outside.waits.clock);
        if self.done_at.is_zero() {
            self.done_at = clock.elapsed();
        }
        let finished = std::mem::take(&mut course.finished);
        if finished.is_empty() {
            return false;
        }
        self.note(|| "two weeks later".to_owned());
        clock.sleep(DAYS_LATER).await;
        for delivery in finished {
            self.outside.happened.note(Fault::DaysLater);
            self.queue.send(delivery, clock.elapsed());
        }
        course.gives_up_at = clock.elapsed() + PATIENCE;
        true
    }

    fn ended(&mut self, course: &mut Course, ended: Ended) {
        match ended {
            Ended::Sync {
                process,
                batch,
                returned,
            } => {
                course.syncs.push(process);
                for delivery in &batch {
                    course.at_work.remove(&delivery.message_id);
                }
                let finished = self.batch_ended(&batch, returned);
                course.finished.extend(finished);
            }
            Ended::Drain { process } => course.drains.push(process),
            Ended::Other => {}
        }
    }

    fn happens(&mut self, course: &mut Course, event: Event) -> Option<Process> {
        let clock = Rc::clone(&self.outside.waits.clock);
        match event {
            Event::Message { merchant: of, body } => {
                self.note(|| format!("sent: {}", named(&body)));
                let delivery = Delivery {
                    message_id: format!("message-{}", self.fate.random()),
                    group: merchant(of),
                    body,
                    sent_at: self.queue.tells_age.then(|| clock.now()),
                };
                self.is_sent(of, &delivery);
                self.queue.send(delivery, clock.elapsed());
            }
            Event::Trouble(trouble) => {
                self.note(|| format!("trouble: {:?} at {:?}", trouble.kind, trouble.operation));
                if trouble.kind == TroubleKind::Revoke {
                    self.outside.happened.note(Fault::Revoked);
                }
                let mut intuit = self.outside.intuit.borrow_mut();
                intuit.trouble(clock.now(), *trouble);
            }
            Event::Reconnect(number) => {
                self.outside.happened.note(Fault::Restored);
                return Some(self.reconnects(number));
            }
            Event::Elsewhere(number) => {
                self.outside.happened.note(Fault::OtherCompany);
                return Some(self.connects(number, true));
            }
            Event::Home(number) => return Some(self.connects(number, false)),
            Event::Typed(number, customer) => self.types_into(number, customer),
            Event::Gone(number, customer) => self.makes_inactive(number, customer),
            Event::Deployed => {
                self.note(|| "new processes take the place of the warm ones".to_owned());
                self.outside.happened.note(Fault::Deployed);
                let warm = course.syncs.iter_mut().chain(&mut course.drains);
                warm.for_each(|process| *process = None);
            }
            Event::OthersFail => {
                let others = 0..20;
                let calls = Calls {
                    made: 40,
                    failed: 40,
                    companies: others.clone().collect(),
                    failing: others.collect(),
                };
                let counted = (QUICKBOOKS.to_owned(), slices(clock.now())[0]);
                let mut tables = self.outside.tables.borrow_mut();
                tables.calls_made.entry(counted).or_default().add(&calls);
            }
            Event::BreakerIsLost(is_lost) => {
                self.note(|| format!("the breaker is lost: {is_lost}"));
                self.outside.tables.borrow_mut().breaker_is_lost = is_lost;
            }
        }
        None
    }

    /// Everything that goes wrong by itself stops, and the operators see to what is theirs.
    fn calm(&mut self) -> Vec<Process> {
        self.note(|| "calm".to_owned());
        self.nothing_goes_wrong();
        self.fates.iter().for_each(|fate| fate.set_right());
        self.heal(Trouble::new(TroubleKind::None));
        self.heal(Trouble::new(TroubleKind::Heal));
        (0..self.merchants)
            .map(|number| self.connects(number, false))
            .collect()
    }

    pub(super) fn heal(&self, trouble: Trouble) {
        let now = self.outside.waits.clock.now();
        self.outside.intuit.borrow_mut().trouble(now, trouble);
    }

    /// Lets go of what a batch finished; gives what may come again in two weeks.
    fn batch_ended(&mut self, batch: &[Delivery], returned: Option<Vec<String>>) -> Vec<Delivery> {
        self.note(|| {
            let ids: Vec<&str> = batch.iter().map(|delivery| named(&delivery.body)).collect();
            match &returned {
                None => format!("a process died over {ids:?}"),
                Some(back) => format!("a process gave {} back of {ids:?}", back.len()),
            }
        });
        let returned = match returned {
            _ if self.outside.planted.has(Bug::LetGoUnfinished) => Vec::new(),
            Some(returned) => returned,
            // It died: nothing is let go.
            None => return Vec::new(),
        };
        let happened = Rc::clone(&self.outside.happened);
        self.queue.delete(batch, &returned, &self.fate, &happened);
        let is_finished = |delivery: &&Delivery| !returned.contains(&delivery.message_id);
        for delivery in batch.iter().filter(is_finished) {
            self.is_covered(delivery);
            if self.repeats_in > 0 && self.fate.below(self.repeats_in) == 0 {
                happened.note(Fault::Duplicate);
                let clock = &self.outside.waits.clock;
                self.queue.repeat(delivery, clock, &self.fate);
            }
        }
        let comes_again = |_: &&Delivery| match &self.more {
            Some(more) if !self.script.is_fair => more.below(60) == 0,
            _ => false,
        };
        let finished = batch.iter().filter(is_finished).filter(comes_again);
        finished.cloned().collect()
    }

    fn due_wake(&self, now: Duration) -> Option<MerchantId> {
        let mut wakes = self.outside.wakes.borrow_mut();
        let at = wakes.iter().position(|(at, _)| *at <= now)?;
        Some(wakes.remove(at).1)
    }

    fn next_wake(&self) -> Option<Duration> {
        let wakes = self.outside.wakes.borrow();
        wakes.iter().map(|(at, _)| *at).min()
    }

    /// When the first lot is due, where one is armed.
    fn lots_due(&self) -> Option<Duration> {
        let tables = self.outside.tables.borrow();
        let due = tables.lots.values().filter_map(|lot| lot.due).min()?;
        let beginning = self.outside.waits.clock.now() - self.outside.waits.clock.elapsed();
        Some(Duration::try_from(due - beginning).unwrap_or_default())
    }
}
