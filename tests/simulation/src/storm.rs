//! Storms: merchants, their queue, many processes, and everything that can go wrong at once; then calm, and what must be
//! true by then.
//!
//! A storm is one thread and one seed. Its processes run side by side under fates of their own: each may die or freeze
//! wherever it waits. After half an hour the faults end; the operator has reconnected, what died is started anew,
//! and within a day of virtual time everything must be where it belongs (`judge`).

mod judge;
mod queue;
mod script;

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::time::Duration;

use backlog_drain::drain::drain;
use backlog_drain::sweep::sweep;
use bookkeeping::connection::{Connection, ConnectionState};
use bookkeeping::ids::{MerchantId, RealmId};
use common::config::Timing;
use common::tokens;
use common::world::World;
use futures::future::{Either, select};
use futures::stream::{FuturesUnordered, StreamExt};
use recording::Recorder;
use recording::invocation::Delivery;
use simulator::{Intuit, RequestIds, Trouble, TroubleKind};
use transaction_sync::batch::handle;

use crate::clock::Clock;
use crate::fate::{Fate, Story};
use crate::memory::{Planted, Tables};
use crate::mortal::Mortal;
use crate::town::{REALM, Town, consent};
use crate::world::{Mishaps, Outside, SimulatedWorld, Waits};
use queue::Queue;
use script::{Event, Script, merchant, realm};

pub use judge::Broken;
pub use script::TROUBLES;

/// Most merchants in a storm.
const MERCHANTS_MAX: usize = 3;

/// Processes that work off the queue at once.
const SYNCS: usize = 2;

/// Processes that drain at once.
const DRAINS: usize = 2;

/// How long one batch may take.
const SYNC_TIMEOUT: Duration = Duration::from_secs(60);

/// How long one drain may take.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(900);

/// How often the sweep looks.
const SWEEP: Duration = Duration::from_secs(60);

/// When the faults end.
const CALM_AT: Duration = Duration::from_secs(3600);

/// How long after that everything must be done: longest is a payment that a refund waits for by the hour.
const PATIENCE: Duration = Duration::from_secs(26 * 3600);

/// A bug that is planted to see it caught.
#[derive(Clone, Copy, Debug)]
pub enum Bug {
    /// In the tables.
    InTheTables(Planted),
    /// In the waiting times.
    InTheTiming(fn(&mut Timing)),
    /// On the way to others.
    OnTheWay(fn(&mut Mishaps)),
    /// The queue lets go of what came back.
    LetGoUnfinished,
}

/// What storms came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Storms.
    pub storms: u64,
    /// Payments and refunds sent, repeats not counted.
    pub transactions: u64,
    /// Requests QuickBooks saw.
    pub requests: u64,
    /// How often each fault fired, by name.
    pub faults: BTreeMap<String, u64>,
    /// How often a process died at each place where it waits.
    pub deaths: BTreeMap<String, u64>,
}

impl Tally {
    /// Adds another's.
    pub fn add(&mut self, other: &Self) {
        self.storms += other.storms;
        self.transactions += other.transactions;
        self.requests += other.requests;
        for (mine, theirs) in [
            (&mut self.faults, &other.faults),
            (&mut self.deaths, &other.deaths),
        ] {
            for (name, count) in theirs {
                *mine.entry(name.clone()).or_default() += count;
            }
        }
    }

    fn fault(&mut self, name: &str, count: u64) {
        *self.faults.entry(name.to_owned()).or_default() += count;
    }
}

/// What every storm begins with, made once.
pub struct Stage {
    outside: Outside,
    connection: Connection,
    intuit: Intuit,
}

impl Stage {
    /// Companies alike, none connected yet.
    ///
    /// # Panics
    ///
    /// Where the simulator has no such company.
    #[must_use]
    pub fn new() -> Self {
        let town = Town::new(0);
        let outside = town.outside.clone();
        let mut intuit = outside.intuit.borrow().clone();
        for number in 0..MERCHANTS_MAX {
            assert!(intuit.copy_company(REALM, &realm(number)));
        }
        Self {
            outside,
            connection: town.connection(),
            intuit,
        }
    }

    /// Plays the storm of a seed, and adds it to the tally.
    ///
    /// # Errors
    ///
    /// What was not true at its end.
    pub fn play(&self, seed: u64, bug: Option<Bug>, tally: &mut Tally) -> Result<(), Broken> {
        let mut storm = Storm::new(self, seed, bug);
        storm.connect_all();
        storm.blow();
        storm.count(tally);
        storm.judge()
    }

    /// Plays the storm of a seed and tells it step by step.
    ///
    /// # Errors
    ///
    /// What was not true at its end.
    pub fn tell(
        &self,
        seed: u64,
        bug: Option<Bug>,
        line: impl Fn(&str) + 'static,
    ) -> Result<(), Broken> {
        let mut storm = Storm::new(self, seed, bug);
        storm.story = Some(Rc::new(line));
        storm.connect_all();
        storm.blow();
        storm.judge()
    }
}

impl Default for Stage {
    fn default() -> Self {
        Self::new()
    }
}

/// What a process came to.
enum Ended {
    Sync {
        process: Option<Recorder<SimulatedWorld>>,
        batch: Vec<Delivery>,
        returned: Option<Vec<String>>,
    },
    Drain {
        process: Option<Recorder<SimulatedWorld>>,
    },
    Other,
}

type Running = FuturesUnordered<Pin<Box<dyn Future<Output = Ended>>>>;

/// One storm.
struct Storm {
    outside: Outside,
    fate: Rc<Fate>,
    script: Script,
    merchants: usize,
    queue: Queue,
    bug: Option<Bug>,
    fates: Vec<Rc<Fate>>,
    /// One process in so many dies, and one in so many freezes.
    dies_in: u64,
    freezes_in: u64,
    /// One finished message in so many is delivered another time.
    repeats_in: u64,
    repeated: u64,
    story: Option<Story>,
    epochs: Vec<u64>,
    limits_hold: bool,
}

impl Storm {
    fn new(stage: &Stage, seed: u64, bug: Option<Bug>) -> Self {
        let fate = Rc::new(Fate::new(seed));
        let merchants = 1 + usize::try_from(fate.below(MERCHANTS_MAX as u64)).expect("small");
        let script = Script::write(&fate, merchants);
        let mut intuit = stage.intuit.clone();
        for number in 0..merchants {
            weather(&mut intuit, &realm(number), &fate);
        }
        let mut mishaps = Mishaps::of(&fate);
        let mut timing = Timing::SAFE;
        let mut tables = Tables {
            fails_in: one_of(&fate, &[None, None, Some(300), Some(60)]),
            ..Tables::default()
        };
        tables.index.lag = Duration::from_secs(one_of(&fate, &[0, 0, 5, 45]));
        match bug {
            Some(Bug::InTheTables(planted)) => tables.planted = planted,
            Some(Bug::InTheTiming(change)) => change(&mut timing),
            Some(Bug::OnTheWay(change)) => change(&mut mishaps),
            Some(Bug::LetGoUnfinished) | None => {}
        }
        let outside = Outside {
            waits: Waits {
                clock: Rc::new(Clock::new()),
                fate: Rc::clone(&fate),
            },
            tables: Rc::new(RefCell::new(tables)),
            intuit: Rc::new(RefCell::new(intuit)),
            told: Rc::default(),
            secrets: Rc::default(),
            watch: Rc::default(),
            wakes: Rc::default(),
            mishaps: Rc::new(RefCell::new(mishaps)),
            timing,
            ..stage.outside.clone()
        };
        let dies_in = one_of(&fate, &[0, 3, 6, 20]);
        let freezes_in = one_of(&fate, &[0, 0, 20, 40]);
        let mut storm = Self {
            dies_in,
            freezes_in,
            repeats_in: one_of(&fate, &[0, 4, 10, 10]),
            // A frozen process thaws in the middle of somebody else's turn.
            limits_hold: freezes_in == 0 && !script.troubles.contains(&TroubleKind::Throttle),
            outside,
            fate,
            script,
            merchants,
            queue: Queue::default(),
            bug,
            fates: Vec::new(),
            repeated: 0,
            story: None,
            epochs: vec![0; merchants],
        };
        for number in 0..storm.merchants {
            storm.settle_in(number, &stage.connection);
        }
        storm
    }

    /// A merchant's connection as it will stand once it has tokens.
    fn settle_in(&mut self, number: usize, like: &Connection) {
        let mut connection = like.clone();
        connection.merchant = id(number);
        connection.company.realm = RealmId::parse(&realm(number)).expect("a realm");
        connection.epoch = 1;
        connection.state = ConnectionState::Connected;
        let mut tables = self.outside.tables.borrow_mut();
        tables.connections.insert(id(number), connection);
    }

    fn connect_all(&mut self) {
        let clock = Rc::clone(&self.outside.waits.clock);
        let faults = self.outside.tables.borrow_mut().fails_in.take();
        for number in 0..self.merchants {
            self.epochs[number] = 1;
            let reconnect = reconnect(self.outside.clone(), number, 1);
            clock.run(reconnect, || false).expect("alive");
        }
        self.outside.tables.borrow_mut().fails_in = faults;
    }

    /// Runs everything until nothing is left to do, or patience ends.
    fn blow(&mut self) {
        let clock = Rc::clone(&self.outside.waits.clock);
        clock.run(self.weather_out(), || false).expect("alive");
    }

    async fn weather_out(&mut self) {
        let clock = Rc::clone(&self.outside.waits.clock);
        let mut events: VecDeque<(Duration, Event)> =
            std::mem::take(&mut self.script.events).into();
        let mut running: Running = FuturesUnordered::new();
        let mut syncs: Vec<Option<Recorder<SimulatedWorld>>> = (0..SYNCS).map(|_| None).collect();
        let mut drains: Vec<Option<Recorder<SimulatedWorld>>> = (0..DRAINS).map(|_| None).collect();
        let mut sweep_at = SWEEP;
        let mut is_calm = false;
        loop {
            let now = clock.elapsed();
            while events.front().is_some_and(|(at, _)| *at <= now) {
                let (_, event) = events.pop_front().expect("there is one");
                running.extend(self.happens(event));
            }
            if !is_calm && now >= CALM_AT {
                is_calm = true;
                running.extend(self.calm());
            }
            while let Some(process) = syncs.pop() {
                let batch = self.queue.receive(now);
                if batch.is_empty() {
                    syncs.push(process);
                    break;
                }
                running.push(self.sync(process, batch));
            }
            while let Some(process) = drains.pop() {
                let Some(merchant) = self.due_wake(now) else {
                    drains.push(process);
                    break;
                };
                running.push(self.drain(process, merchant));
            }
            if sweep_at <= now {
                sweep_at = now + SWEEP;
                running.push(self.sweep());
            }
            if is_calm {
                self.queue.redrive(now);
            }
            if is_calm && running.is_empty() && self.queue.is_empty() && events.is_empty() {
                let lots_due = self.lots_due();
                if lots_due.is_none() || now > CALM_AT + PATIENCE {
                    return;
                }
                // Nobody has to look before something is due.
                sweep_at = sweep_at.max(lots_due.unwrap_or_default());
            } else if now > CALM_AT + PATIENCE {
                return;
            }
            let next = [
                events.front().map(|(at, _)| *at),
                (!is_calm).then_some(CALM_AT),
                Some(sweep_at),
                (!syncs.is_empty()).then(|| self.queue.next_at()).flatten(),
                (!drains.is_empty()).then(|| self.next_wake()).flatten(),
            ];
            let next = next.into_iter().flatten().min().expect("the sweep");
            // The clock has microseconds.
            let pause = next.saturating_sub(now).max(Duration::from_micros(1));
            let pause = clock.sleep(pause);
            let ended = match running.is_empty() {
                true => {
                    pause.await;
                    continue;
                }
                false => match select(running.next(), std::pin::pin!(pause)).await {
                    Either::Left((ended, _)) => ended,
                    Either::Right(_) => continue,
                },
            };
            match ended {
                Some(Ended::Sync {
                    process,
                    batch,
                    returned,
                }) => {
                    syncs.push(process);
                    self.batch_ended(&batch, returned);
                }
                Some(Ended::Drain { process }) => drains.push(process),
                Some(Ended::Other) | None => {}
            }
        }
    }

    fn happens(&mut self, event: Event) -> Option<Pin<Box<dyn Future<Output = Ended>>>> {
        let now = self.outside.waits.clock.elapsed();
        match event {
            Event::Message { merchant: of, body } => {
                self.note(|| format!("sent: {}", named(&body)));
                let delivery = Delivery {
                    message_id: format!("message-{}", self.fate.random()),
                    group: merchant(of),
                    body,
                    sent_at: None,
                };
                self.queue.send(delivery, now);
                None
            }
            Event::Trouble(trouble) => {
                self.note(|| format!("trouble: {:?} at {:?}", trouble.kind, trouble.operation));
                let mut intuit = self.outside.intuit.borrow_mut();
                intuit.trouble(self.outside.waits.clock.now(), trouble);
                None
            }
            Event::Reconnect(number) => Some(self.reconnects(number)),
        }
    }

    fn reconnects(&mut self, number: usize) -> Pin<Box<dyn Future<Output = Ended>>> {
        self.note(|| "the operator reconnects".to_owned());
        self.heal(Trouble::new(TroubleKind::Heal).at(&realm(number)));
        self.epochs[number] += 1;
        let mut outside = self.outside.clone();
        outside.waits.fate = self.fate_of_own(false);
        let reconnect = reconnect(outside, number, self.epochs[number]);
        Box::pin(async move {
            reconnect.await;
            Ended::Other
        })
    }

    /// Everything that goes wrong by itself stops, and the operators see to what is theirs.
    fn calm(&mut self) -> Vec<Pin<Box<dyn Future<Output = Ended>>>> {
        self.note(|| "calm".to_owned());
        {
            let mut tables = self.outside.tables.borrow_mut();
            tables.fails_in = None;
        }
        self.outside.mishaps.borrow_mut().end();
        self.heal(Trouble::new(TroubleKind::None));
        self.heal(Trouble::new(TroubleKind::Heal));
        (self.dies_in, self.freezes_in, self.repeats_in) = (0, 0, 0);
        (0..self.merchants)
            .map(|number| self.reconnects(number))
            .collect()
    }

    fn heal(&self, trouble: Trouble) {
        let now = self.outside.waits.clock.now();
        self.outside.intuit.borrow_mut().trouble(now, trouble);
    }

    fn sync(
        &mut self,
        process: Option<Recorder<SimulatedWorld>>,
        batch: Vec<Delivery>,
    ) -> Pin<Box<dyn Future<Output = Ended>>> {
        let (process, fate) = self.process(process);
        let clock = Rc::clone(&self.outside.waits.clock);
        Box::pin(async move {
            let work = Mortal::new(fate, handle(&process, &batch, SYNC_TIMEOUT));
            let returned = within(&clock, SYNC_TIMEOUT, work).await;
            let alive = returned.is_some();
            Ended::Sync {
                process: alive.then_some(process),
                batch,
                returned,
            }
        })
    }

    fn drain(
        &mut self,
        process: Option<Recorder<SimulatedWorld>>,
        merchant: MerchantId,
    ) -> Pin<Box<dyn Future<Output = Ended>>> {
        let (process, fate) = self.process(process);
        let clock = Rc::clone(&self.outside.waits.clock);
        Box::pin(async move {
            let work = Mortal::new(fate, drain(&process, &merchant, DRAIN_TIMEOUT));
            let drained = within(&clock, DRAIN_TIMEOUT, work).await;
            Ended::Drain {
                process: drained.is_some().then_some(process),
            }
        })
    }

    fn sweep(&mut self) -> Pin<Box<dyn Future<Output = Ended>>> {
        let (process, fate) = self.process(None);
        Box::pin(async move {
            Mortal::new(fate, sweep(&process.world)).await;
            Ended::Other
        })
    }

    /// A warm process, or a new one; whichever, its invocation has a fate of its own.
    fn process(
        &mut self,
        warm: Option<Recorder<SimulatedWorld>>,
    ) -> (Recorder<SimulatedWorld>, Rc<Fate>) {
        if let Some(warm) = warm {
            let fate = warm.world.fate();
            self.befall(&fate);
            return (warm, fate);
        }
        let fate = self.fate_of_own(true);
        let mut outside = self.outside.clone();
        outside.waits.fate = Rc::clone(&fate);
        (Recorder::new(SimulatedWorld::new(&outside)), fate)
    }

    fn fate_of_own(&mut self, may_die: bool) -> Rc<Fate> {
        let fate = Rc::new(Fate::new(self.fate.random()));
        if let Some(story) = &self.story {
            fate.tell_into(story, self.fates.len());
        }
        self.fates.push(Rc::clone(&fate));
        if may_die {
            self.befall(&fate);
        }
        fate
    }

    fn befall(&self, fate: &Fate) {
        if self.dies_in > 0 && self.fate.below(self.dies_in) == 0 {
            fate.die_at(Some(1 + self.fate.below(80)));
        }
        if self.freezes_in > 0 && self.fate.below(self.freezes_in) == 0 {
            let frozen = Duration::from_secs(1 + self.fate.below(1_200));
            fate.freeze_at(1 + self.fate.below(60), frozen);
        }
    }

    fn batch_ended(&mut self, batch: &[Delivery], returned: Option<Vec<String>>) {
        self.note(|| {
            let ids: Vec<&str> = batch.iter().map(|delivery| named(&delivery.body)).collect();
            match &returned {
                None => format!("a process died over {ids:?}"),
                Some(back) => format!("a process gave {} back of {ids:?}", back.len()),
            }
        });
        let returned = match (&self.bug, returned) {
            (Some(Bug::LetGoUnfinished), _) => Vec::new(),
            (_, Some(returned)) => returned,
            // It died: nothing is let go.
            (_, None) => return,
        };
        self.queue.delete(batch, &returned);
        if self.repeats_in == 0 {
            return;
        }
        for delivery in batch {
            if !returned.contains(&delivery.message_id) && self.fate.below(self.repeats_in) == 0 {
                self.repeated += 1;
                let clock = &self.outside.waits.clock;
                self.queue.repeat(delivery, clock, &self.fate);
            }
        }
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

    /// Tells what happens outside the processes, where a story is told.
    fn note(&self, what: impl FnOnce() -> String) {
        if let Some(story) = &self.story {
            let at = self.outside.waits.clock.elapsed();
            story(&format!("{at:>12.3?}      {}", what()));
        }
    }

    fn count(&self, tally: &mut Tally) {
        tally.storms += 1;
        tally.transactions += self
            .script
            .sent
            .iter()
            .map(|sent| sent.len() as u64)
            .sum::<u64>();
        for number in 0..self.merchants {
            let figures = self.outside.intuit.borrow().figures(&realm(number));
            tally.requests += figures.requests;
        }
        for kind in &self.script.troubles {
            tally.fault(&format!("QuickBooks: {kind:?}"), 1);
        }
        let tables = self.outside.tables.borrow();
        tally.fault("store: failed before", tables.failed);
        tally.fault("store: failed after", tables.failed_after);
        let mishaps = self.outside.mishaps.borrow();
        tally.fault("outcomes: not taken", mishaps.untold);
        tally.fault("wakes: lost", mishaps.unwoken);
        tally.fault("queue: delivered again unfinished", self.queue.redelivered);
        tally.fault("queue: delivered again finished", self.repeated);
        tally.fault("queue: dead letters", self.queue.given_up);
        for fate in &self.fates {
            tally.fault("processes: frozen", fate.frozen());
            for place in fate.deaths() {
                *tally.deaths.entry(place).or_default() += 1;
            }
        }
    }
}

/// Work that is killed when it takes too long.
async fn within<T>(
    clock: &Clock,
    timeout: Duration,
    work: impl Future<Output = Option<T>>,
) -> Option<T> {
    let (work, timeout) = (std::pin::pin!(work), std::pin::pin!(clock.sleep(timeout)));
    match select(work, timeout).await {
        Either::Left((done, _)) => done,
        Either::Right(_) => None,
    }
}

/// Connects a merchant's company, or does so again.
async fn reconnect(outside: Outside, number: usize, epoch: u64) {
    let world = SimulatedWorld::new(&outside);
    let (merchant, realm) = (id(number), RealmId::parse(&realm(number)).expect("a realm"));
    let pair = consent(&outside, realm.as_str());
    // The operator presses until it works.
    while tokens::connected(&world, &merchant, &realm, epoch, &pair)
        .await
        .is_err()
    {}
    {
        let mut tables = outside.tables.borrow_mut();
        let connection = tables.connections.get_mut(&merchant).expect("known");
        connection.epoch = epoch;
        connection.state = ConnectionState::Connected;
    }
    while tokens::settled(&world, &merchant, epoch).await.is_err() {}
    world.wake(&[merchant], Duration::ZERO).await;
}

/// What a company is like: how weak its promises are.
fn weather(intuit: &mut Intuit, realm: &str, fate: &Fate) {
    let switches = intuit.switches(realm).expect("a company");
    switches.request_ids = match fate.below(2) {
        0 => RequestIds::Off,
        _ => RequestIds::Replay,
    };
    switches.refuse_duplicate_numbers = fate.below(2) == 0;
    switches.index_lag_seconds = one_of(fate, &[0, 0, 10, 100]);
    switches.latency_milliseconds = one_of(fate, &[0, 0, 300, 1500]);
}

/// The id that stands first in a message.
fn named(body: &str) -> &str {
    let id = body.split("\"id\":\"").nth(1);
    id.and_then(|id| id.split('"').next()).unwrap_or_default()
}

fn one_of<T: Clone>(fate: &Fate, of: &[T]) -> T {
    of[usize::try_from(fate.below(of.len() as u64)).expect("small")].clone()
}

fn id(number: usize) -> MerchantId {
    MerchantId::parse(&merchant(number)).expect("a merchant")
}
