//! A street: many merchants, each with a company of its own, and one QuickBooks for all of them.

use std::collections::VecDeque;
use std::time::Duration;

use backlog_drain::drain::drain;
use backlog_drain::sweep::sweep;
use bookkeeping::connection::ConnectionState;
use bookkeeping::ids::{MerchantId, RealmId};
use common::tokens::{connected, settled};
use recording::Recorder;
use recording::invocation::Delivery;
use simulator::{Trouble, TroubleKind};
use transaction_sync::batch::handle;

use crate::payments::payment;
use crate::town::{MERCHANT, REALM, Town, consent};
use crate::world::{Outside, SimulatedWorld};

/// How often the sweep looks.
const SWEEP: Duration = Duration::from_secs(60);

/// Most messages a batch holds.
const BATCH: usize = 10;

/// How long an invocation may take.
const FUNCTION_TIMEOUT: Duration = Duration::from_secs(60);

/// How long one drain may take.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(900);

/// The whole street. One process works off the queues and one drains, whoever's turn it is; or each merchant has two of
/// their own, and no process sees more than one company.
pub struct Street {
    /// What outlives every process.
    pub outside: Outside,
    queues: Vec<VecDeque<Delivery>>,
    syncs: Vec<Recorder<SimulatedWorld>>,
    drains: Vec<Recorder<SimulatedWorld>>,
    sent: u64,
    swept_at: Duration,
}

impl Street {
    /// So many merchants, connected, with nothing in their queues.
    ///
    /// # Panics
    ///
    /// Where the simulator cannot have as many companies.
    #[must_use]
    pub fn new(seed: u64, merchants: usize) -> Self {
        Self::with_processes(seed, merchants, 1)
    }

    /// The same, with processes of each merchant's own.
    ///
    /// # Panics
    ///
    /// As [`Self::new`].
    #[must_use]
    pub fn apart(seed: u64, merchants: usize) -> Self {
        Self::with_processes(seed, merchants, merchants)
    }

    fn with_processes(seed: u64, merchants: usize, processes: usize) -> Self {
        let town = Town::new(seed);
        let (outside, like) = (town.outside.clone(), town.connection());
        for number in 0..merchants {
            let realm = realm(number);
            assert!(outside.intuit.borrow_mut().copy_company(REALM, &realm));
            let pair = consent(&outside, &realm);
            let mut connection = like.clone();
            connection.merchant = merchant(number);
            connection.company.realm = RealmId::parse(&realm).expect("a realm");
            connection.epoch = 1;
            connection.state = ConnectionState::Connected;
            let (merchant, realm) = (merchant(number), connection.company.realm.clone());
            outside
                .tables
                .borrow_mut()
                .connections
                .insert(merchant.clone(), connection);
            let world = SimulatedWorld::new(&outside);
            let clock = &outside.waits.clock;
            let begun = clock.run(connected(&world, &merchant, &realm, 1, &pair), || false);
            assert_eq!(begun, Some(Ok(true)), "tokens");
            let kept = clock.run(settled(&world, &merchant, 1), || false);
            assert_eq!(kept, Some(Ok(())), "the second copy");
        }
        Self {
            queues: vec![VecDeque::new(); merchants],
            syncs: started(&outside, processes),
            drains: started(&outside, processes),
            sent: 0,
            swept_at: outside.waits.clock.elapsed(),
            outside,
        }
    }

    /// A payment of each of these merchants.
    pub fn pay(&mut self, merchants: std::ops::Range<usize>) {
        for number in merchants {
            self.sent += 1;
            let whose = merchant(number);
            self.queues[number].push_back(Delivery {
                message_id: format!("message-{}", self.sent),
                group: whose.to_string(),
                body: payment(self.sent, 1).replace(MERCHANT, whose.as_str()),
                sent_at: None,
            });
        }
    }

    /// Lets something go wrong at QuickBooks, for these merchants' companies.
    pub fn trouble(&self, kind: TroubleKind, merchants: std::ops::Range<usize>) {
        let now = self.outside.waits.clock.now();
        for number in merchants {
            let trouble = Trouble::new(kind).at(&realm(number)).times(0);
            self.outside.intuit.borrow_mut().trouble(now, trouble);
        }
    }

    /// Nothing goes wrong any more.
    pub fn heal(&self) {
        let now = self.outside.waits.clock.now();
        let mut intuit = self.outside.intuit.borrow_mut();
        intuit.trouble(now, Trouble::new(TroubleKind::None));
    }

    /// Works for so long: what is in the queues, whose drain is woken, and what the sweep finds.
    ///
    /// # Panics
    ///
    /// Where a drain or the sweep fails though the store is there.
    pub fn work(&mut self, long: Duration) {
        let clock = std::rc::Rc::clone(&self.outside.waits.clock);
        let until = clock.elapsed() + long;
        while clock.elapsed() < until {
            for number in 0..self.queues.len() {
                let queue = &mut self.queues[number];
                let batch: Vec<Delivery> = queue.drain(..BATCH.min(queue.len())).collect();
                if batch.is_empty() {
                    continue;
                }
                let sync = &self.syncs[number % self.syncs.len()];
                let work = handle(sync, &batch, FUNCTION_TIMEOUT);
                let back = clock.run(work, || false).expect("alive");
                let comes_back = |delivery: &Delivery| back.contains(&delivery.message_id);
                queue.extend(batch.into_iter().filter(comes_back));
            }
            while let Some(merchant) = self.woken() {
                let process = &self.drains[number(&merchant) % self.drains.len()];
                let work = drain(process, &merchant, DRAIN_TIMEOUT);
                clock.run(work, || false).expect("alive").expect("a store");
            }
            if clock.elapsed() >= self.swept_at + SWEEP {
                self.swept_at = clock.elapsed();
                let swept = clock.run(sweep(&self.drains[0].world), || false);
                swept.expect("alive").expect("a store");
            }
            clock.advance(Duration::from_secs(1));
        }
    }

    fn woken(&self) -> Option<MerchantId> {
        let now = self.outside.waits.clock.elapsed();
        let mut wakes = self.outside.wakes.borrow_mut();
        let due = wakes.iter().position(|(at, _)| *at <= now)?;
        Some(wakes.remove(due).1)
    }

    /// Requests that QuickBooks saw of all of them.
    #[must_use]
    pub fn requests(&self) -> u64 {
        let intuit = self.outside.intuit.borrow();
        let each = (0..self.queues.len()).map(|number| intuit.figures(&realm(number)).requests);
        each.sum()
    }

    /// Receipts in all of their books.
    #[must_use]
    pub fn receipts(&self) -> usize {
        let intuit = self.outside.intuit.borrow();
        let each = (0..self.queues.len()).map(|number| intuit.receipts(&realm(number)).len());
        each.sum()
    }
}

/// The merchant with this number.
fn merchant(number: usize) -> MerchantId {
    MerchantId::parse(&format!("{MERCHANT}_{number}")).expect("a merchant")
}

/// Which of them a merchant is.
fn number(merchant: &MerchantId) -> usize {
    let number = merchant.as_str().rsplit('_').next();
    let number = number.and_then(|number| number.parse().ok());
    number.expect("a merchant of this street")
}

/// The company of the merchant with this number.
fn realm(number: usize) -> String {
    format!("9341450000020{number:03}")
}

fn started(outside: &Outside, processes: usize) -> Vec<Recorder<SimulatedWorld>> {
    let start = || Recorder::new(SimulatedWorld::new(outside));
    std::iter::repeat_with(start).take(processes).collect()
}
