//! What many storms came to.

use std::collections::BTreeMap;

use simulator::{Kind, RequestIds};

use crate::broken::Promise;
use crate::fate::Await;
use crate::faults::{Fault, Matrix, of_trouble};

use super::Storm;
use super::script::{elsewhere, realm};

/// What storms came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Storms.
    pub storms: u64,
    /// Payments and refunds sent, repeats not counted.
    pub transactions: u64,
    /// Sales receipts in the books at the end.
    pub receipts: u64,
    /// Refund receipts.
    pub refunds: u64,
    /// Requests QuickBooks saw.
    pub requests: u64,
    /// How often a process died at each place where it waits.
    pub deaths: BTreeMap<Await, u64>,
    /// Every fault: how often it happened, and where processes died in the storms that had it.
    pub matrix: Matrix,
    /// How many storms broke each promise.
    pub broken: BTreeMap<Promise, u64>,
}

impl Tally {
    /// Adds another's.
    pub fn add(&mut self, other: &Self) {
        self.storms += other.storms;
        self.transactions += other.transactions;
        self.receipts += other.receipts;
        self.refunds += other.refunds;
        self.requests += other.requests;
        for (place, count) in &other.deaths {
            *self.deaths.entry(*place).or_default() += count;
        }
        self.matrix.add(&other.matrix);
        for (promise, count) in &other.broken {
            *self.broken.entry(*promise).or_default() += count;
        }
    }
}

impl Storm {
    /// Adds this storm to a tally.
    pub(super) fn count(&self, tally: &mut Tally) {
        tally.storms += 1;
        let sent = self.script.sent.iter().map(|sent| sent.len() as u64);
        tally.transactions += sent.sum::<u64>();
        let intuit = self.outside.intuit.borrow();
        for number in 0..self.merchants {
            tally.requests += intuit.figures(&realm(number)).requests;
        }
        for realm in self.realms() {
            let receipts = intuit.receipts(&realm);
            let ours = receipts
                .iter()
                .filter(|receipt| receipt.text.contains("mio:"));
            for receipt in ours {
                match receipt.kind {
                    Kind::SalesReceipt => tally.receipts += 1,
                    _ => tally.refunds += 1,
                }
            }
        }
        drop(intuit);
        self.count_faults();
        let deaths: Vec<Await> = self.fates.iter().flat_map(|fate| fate.deaths()).collect();
        for place in &deaths {
            *tally.deaths.entry(*place).or_default() += 1;
        }
        tally.matrix.add_run(&self.outside.happened, &deaths);
    }

    /// The companies there are in this storm.
    pub(super) fn realms(&self) -> impl Iterator<Item = String> {
        (0..self.merchants).flat_map(|number| [realm(number), elsewhere(number)])
    }

    /// Counts the faults that the simulator and the processes saw.
    fn count_faults(&self) {
        let happened = &self.outside.happened;
        let mut intuit = self.outside.intuit.borrow_mut();
        for (trouble, times) in intuit.befell() {
            if let Some(fault) = of_trouble(trouble) {
                happened.add(fault, times);
            }
        }
        for number in 0..self.merchants {
            let realm = realm(number);
            let refusals = intuit.refusals(&realm);
            let refused = |code: &str| refusals.get(code).copied().unwrap_or(0);
            for (code, fault) in [
                ("120", Fault::AdministratorLost),
                ("6190", Fault::ReadOnly),
                ("150", Fault::Maintenance),
                ("5010", Fault::Stale),
                ("610", Fault::CustomerGone),
                ("2500", Fault::CustomerGone),
                ("6250", Fault::CustomerGone),
                ("6200", Fault::BooksClosed),
                ("6210", Fault::BooksClosed),
            ] {
                happened.add(fault, refused(code));
            }
            if self.script.foreign.contains_key(&number) {
                happened.add(Fault::NumberTaken, refused("6140"));
            }
            happened.add(Fault::OldError, intuit.refused_again(&realm));
            let ids = intuit.request_ids(&realm);
            let again: u64 = ids.values().map(|seen| seen.requests - 1).sum();
            let reads = intuit.figures(&realm).reads;
            let switches = intuit.switches(&realm).expect("a company");
            if switches.request_ids == RequestIds::Off {
                happened.add(Fault::IdsIgnored, again);
            } else if switches.request_id_memory_seconds.is_some() {
                happened.add(Fault::IdsForgotten, again);
            }
            if switches.index_lag_seconds == 120 {
                happened.add(Fault::QueriesLag, reads);
            }
        }
        let end = self.outside.waits.clock.elapsed();
        for fate in &self.fates {
            happened.add(Fault::Frozen, u64::from(!fate.frozen(end).is_zero()));
            happened.add(Fault::ClockJumps, u64::from(fate.jumped()));
        }
    }
}
