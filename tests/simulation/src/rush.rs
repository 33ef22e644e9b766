//! A rush: merchants at the queue and at the drain at once, at full size, with nothing wrong but what is asked for.
//!
//! It answers how fast what waits is worked off, and how long others wait meanwhile: in virtual time, so that the same
//! seed gives the same figures on any machine. The goals it is held against are beside the measures, in `measures`.

mod queue;

use std::collections::VecDeque;
use std::future::Future;
use std::ops::Range;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::time::Duration;

use backlog_drain::drain::drain;
use backlog_drain::sweep::sweep;
use bookkeeping::connection::{Connection, ConnectionState, Denial};
use bookkeeping::ids::{MerchantId, RealmId};
use common::tokens;
use common::told::Told;
use futures::future::{Either, select};
use futures::stream::{FuturesUnordered, StreamExt};
use jiff::Timestamp;
use recording::Recorder;
use recording::invocation::Delivery;
use serde_json::Value;
use simulator::{Trouble, TroubleKind};
use transaction_sync::batch::handle;

use crate::payments::payment;
use crate::town::{MERCHANT, REALM, Town, consent};
use crate::world::{Outside, SimulatedWorld};
use queue::{Message, Queue};

/// Processes that work off the queue at once.
const SYNCS: usize = 50;

/// Processes that drain at once.
const DRAINS: usize = 50;

/// How long one batch may take.
const SYNC_TIMEOUT: Duration = Duration::from_secs(60);

/// How long one drain may take.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(900);

/// How often the sweep looks.
const SWEEP: Duration = Duration::from_secs(60);

/// The way to Intuit and back takes this long on average, beside what the company takes.
pub const WAY: Duration = Duration::from_millis(350);

/// Something that happens.
#[derive(Clone, Debug)]
pub enum Event {
    /// MioCommerce sends a payment of a merchant, with this number and so many customers.
    Sent(usize, u64),
    /// Something goes wrong at QuickBooks, for all companies.
    Trouble(TroubleKind),
    /// Nothing does any more.
    Calm,
}

/// What became of a payment that the queue brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Served {
    /// Whose.
    pub merchant: usize,
    /// Which.
    pub payment: u64,
    /// When it was sent.
    pub sent: Duration,
    /// When the queue let it go: recorded, or standing in the lot.
    pub served: Duration,
}

/// Merchants with their companies, the queue, processes.
pub struct Rush {
    /// What outlives every process.
    pub outside: Outside,
    /// What the queue let go of, in order.
    pub served: Vec<Served>,
    /// Whether strangers share batches: the worst reading of the queue.
    pub mixes: bool,
    customers: u64,
    parks: bool,
    queue: Queue,
    events: VecDeque<(Duration, Event)>,
}

/// What ended.
enum Ended {
    Sync(Box<Recorder<SimulatedWorld>>, Vec<Message>, Vec<String>),
    Drain(Box<Recorder<SimulatedWorld>>),
    Sweep,
}

type Running = FuturesUnordered<Pin<Box<dyn Future<Output = Ended>>>>;

impl Rush {
    /// So many connected merchants, with so many customers each, whose companies take `quickbooks` for an answer on average.
    ///
    /// # Panics
    ///
    /// Where a merchant cannot be connected.
    #[must_use]
    pub fn new(seed: u64, merchants: usize, customers: u64, quickbooks: Duration) -> Self {
        let town = Town::new(seed);
        let like = town.connection();
        let outside = town.outside;
        for number in 0..merchants {
            settle_in(&outside, number, &like, quickbooks);
        }
        Self {
            outside,
            served: Vec::new(),
            mixes: false,
            customers,
            parks: false,
            queue: Queue::default(),
            events: VecDeque::new(),
        }
    }

    /// Plays what happens until everything is done. Times are from now on.
    ///
    /// # Panics
    ///
    /// Where it is not done within a hundred days.
    pub fn play(&mut self, mut events: Vec<(Duration, Event)>) {
        events.sort_by_key(|(at, _)| *at);
        let now = self.now();
        self.events = events
            .into_iter()
            .map(|(at, event)| (now + at, event))
            .collect();
        let clock = Rc::clone(&self.outside.waits.clock);
        clock.run(self.until_done(), || false).expect("alive");
    }

    /// Lets payments of a merchant come in while its connection is closed, opens it again, and works off what waits.
    /// Gives when it was opened.
    pub fn park_and_drain(&mut self, number: usize, payments: Range<u64>) -> Duration {
        let whose = MerchantId::parse(&merchant(number)).expect("a merchant");
        let closed = ConnectionState::ReconnectNeeded(Denial::Revoked);
        self.put_in_state(&whose, closed);
        self.parks = true;
        let sent = payments.map(|payment| (Duration::ZERO, Event::Sent(number, payment)));
        self.play(sent.collect());
        self.parks = false;
        self.put_in_state(&whose, ConnectionState::Connected);
        let opened = self.now();
        self.outside.wakes.borrow_mut().push((opened, whose));
        self.play(Vec::new());
        opened
    }

    /// Time since the beginning.
    #[must_use]
    pub fn now(&self) -> Duration {
        self.outside.waits.clock.elapsed()
    }

    /// When each payment of a merchant was in QuickBooks, in order.
    ///
    /// # Panics
    ///
    /// Where an outcome is not one.
    #[must_use]
    pub fn synced(&self, number: usize) -> Vec<Duration> {
        let whose = merchant(number);
        let beginning = self.outside.waits.clock.now() - self.now();
        let told = self.outside.told.borrow();
        let mut synced: Vec<Duration> = told
            .iter()
            .filter(|told| told.body.contains("\"transaction.synced\""))
            .filter_map(|told| {
                let outcome: Value = serde_json::from_str(&told.body).expect("an outcome");
                let at: Timestamp = outcome["at"].as_str()?.parse().expect("a time");
                (outcome["merchant_id"] == whose)
                    .then(|| Duration::try_from(at - beginning).unwrap_or_default())
            })
            .collect();
        synced.sort();
        synced
    }

    /// How many payments were told to be in QuickBooks, those of this merchant not counted.
    #[must_use]
    pub fn synced_beside(&self, number: usize) -> usize {
        let theirs = format!("\"merchant_id\":\"{}\"", merchant(number));
        let told = self.outside.told.borrow();
        let is_synced = |told: &&Told| {
            told.body.contains("\"transaction.synced\"") && !told.body.contains(&theirs)
        };
        told.iter().filter(is_synced).count()
    }

    /// How many requests QuickBooks refused of a merchant's company, for whatever reason.
    ///
    /// # Panics
    ///
    /// Where the simulator does not tell.
    #[must_use]
    pub fn refused(&self, number: usize) -> u64 {
        self.outside
            .intuit
            .borrow()
            .figures(&realm(number))
            .refusals
    }

    async fn until_done(&mut self) {
        let clock = Rc::clone(&self.outside.waits.clock);
        let process = || Box::new(Recorder::new(SimulatedWorld::new(&self.outside)));
        let mut syncs: Vec<_> = (0..SYNCS).map(|_| process()).collect();
        let mut drains: Vec<_> = (0..DRAINS).map(|_| process()).collect();
        let mut running: Running = FuturesUnordered::new();
        let mut sweep_at = self.now() + SWEEP;
        let patience = self.now() + Duration::from_secs(100 * 24 * 3600);
        loop {
            let now = clock.elapsed();
            assert!(now < patience, "it never ends");
            while self.events.front().is_some_and(|(at, _)| *at <= now) {
                let (_, event) = self.events.pop_front().expect("there is one");
                self.happens(&event, now);
            }
            while let Some(process) = syncs.pop() {
                let batch = self.queue.receive(now, self.mixes);
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
                running.push(Box::pin(async move {
                    let drained = drain(&process, &merchant, DRAIN_TIMEOUT).await;
                    drained.expect("the store is there");
                    Ended::Drain(process)
                }));
            }
            if sweep_at <= now {
                sweep_at = now + SWEEP;
                let world = SimulatedWorld::new(&self.outside);
                running.push(Box::pin(async move {
                    sweep(&world).await.expect("the store is there");
                    Ended::Sweep
                }));
            }
            let is_done = running.is_empty() && self.queue.is_empty() && self.events.is_empty();
            if is_done && (self.parks || !self.is_armed()) {
                return;
            }
            let next = [
                self.events.front().map(|(at, _)| *at),
                Some(sweep_at),
                self.queue.seen_again_at(),
                (!drains.is_empty()).then(|| self.next_wake()).flatten(),
            ];
            let next = next.into_iter().flatten().min().expect("the sweep");
            let pause = next.saturating_sub(now).max(Duration::from_micros(1));
            let pause = clock.sleep(pause);
            if running.is_empty() {
                pause.await;
                continue;
            }
            match select(running.next(), pin!(pause)).await {
                Either::Left((Some(Ended::Sync(process, batch, returned)), _)) => {
                    syncs.push(process);
                    self.batch_ended(&batch, &returned);
                }
                Either::Left((Some(Ended::Drain(process)), _)) => drains.push(process),
                Either::Left(_) | Either::Right(_) => {}
            }
        }
    }

    fn happens(&mut self, event: &Event, now: Duration) {
        match event {
            Event::Sent(merchant, payment) => self.queue.send(*merchant, *payment, now),
            Event::Trouble(kind) => self.trouble(Trouble::new(*kind).times(0)),
            Event::Calm => self.trouble(Trouble::new(TroubleKind::None)),
        }
    }

    fn trouble(&self, trouble: Trouble) {
        let now = self.outside.waits.clock.now();
        self.outside.intuit.borrow_mut().trouble(now, trouble);
    }

    fn sync(
        &self,
        process: Box<Recorder<SimulatedWorld>>,
        batch: Vec<Message>,
    ) -> Pin<Box<dyn Future<Output = Ended>>> {
        let beginning = self.outside.waits.clock.now() - self.now();
        let deliveries: Vec<Delivery> = batch
            .iter()
            .map(|message| Delivery {
                message_id: message.place.to_string(),
                group: merchant(message.merchant),
                body: payment(message.payment, self.customers)
                    .replace(MERCHANT, &merchant(message.merchant)),
                sent_at: Some(beginning + message.sent),
            })
            .collect();
        Box::pin(async move {
            let returned = handle(&process, &deliveries, SYNC_TIMEOUT).await;
            Ended::Sync(process, batch, returned)
        })
    }

    fn batch_ended(&mut self, batch: &[Message], returned: &[String]) {
        let now = self.now();
        let returned: Vec<u64> = returned
            .iter()
            .map(|id| id.parse().expect("a place"))
            .collect();
        self.queue.ended(batch, &returned, now);
        let done = batch
            .iter()
            .filter(|message| !returned.contains(&message.place));
        self.served.extend(done.map(|message| Served {
            merchant: message.merchant,
            payment: message.payment,
            sent: message.sent,
            served: now,
        }));
    }

    fn due_wake(&self, now: Duration) -> Option<MerchantId> {
        let mut wakes = self.outside.wakes.borrow_mut();
        let at = wakes.iter().position(|(at, _)| *at <= now)?;
        Some(wakes.remove(at).1)
    }

    fn next_wake(&self) -> Option<Duration> {
        self.outside.wakes.borrow().iter().map(|(at, _)| *at).min()
    }

    fn put_in_state(&self, whose: &MerchantId, state: ConnectionState) {
        let mut tables = self.outside.tables.borrow_mut();
        tables.put_in_state(whose, state);
    }

    fn is_armed(&self) -> bool {
        let tables = self.outside.tables.borrow();
        tables.lots.values().any(|lot| lot.due.is_some())
    }
}

/// The merchant with this number.
#[must_use]
pub fn merchant(number: usize) -> String {
    format!("{MERCHANT}_{number}")
}

/// The company of the merchant with this number.
#[must_use]
pub fn realm(number: usize) -> String {
    format!("9341450000{number:06}")
}

/// Connects a merchant to a company of its own.
fn settle_in(outside: &Outside, number: usize, like: &Connection, quickbooks: Duration) {
    let merchant = MerchantId::parse(&merchant(number)).expect("a merchant");
    let realm = RealmId::parse(&realm(number)).expect("a realm");
    {
        let mut intuit = outside.intuit.borrow_mut();
        assert!(intuit.copy_company(REALM, realm.as_str()));
        let switches = intuit.switches(realm.as_str()).expect("just copied");
        let answers_in = quickbooks.saturating_sub(WAY).as_millis();
        switches.latency_milliseconds = u64::try_from(answers_in).expect("short");
    }
    let pair = consent(outside, realm.as_str());
    let world = SimulatedWorld::new(outside);
    let clock = &outside.waits.clock;
    let begun = tokens::connected(&world, &merchant, &realm, 1, &pair);
    assert_eq!(clock.run(begun, || false), Some(Ok(true)), "tokens");
    let mut connection = like.clone();
    connection.merchant = merchant.clone();
    connection.company.realm = realm;
    connection.state = ConnectionState::Connected;
    {
        let mut tables = outside.tables.borrow_mut();
        tables.connections.insert(merchant.clone(), connection);
    }
    let settled = tokens::settled(&world, &merchant, 1);
    assert_eq!(
        clock.run(settled, || false),
        Some(Ok(())),
        "the second copy"
    );
}
