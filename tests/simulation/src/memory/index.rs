//! The index of what waits and what needs somebody: it shows what the ledger says, a little later.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use bookkeeping::ids::MerchantId;
use bookkeeping::transaction::TransactionKey;

/// A part of the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Partition {
    /// What waits.
    Lot,
    /// What needs the operator.
    Held,
    /// What needs a developer.
    Failed,
}

/// Where a row stands in the index.
pub type Position = (MerchantId, Partition, String);

/// The index, as it shows.
#[derive(Default)]
pub struct LotIndex {
    shown: BTreeMap<Position, TransactionKey>,
    coming: VecDeque<(Duration, TransactionKey, Option<Position>, Option<Position>)>,
    now: Duration,
    /// How far it lags.
    pub lag: Duration,
}

impl LotIndex {
    /// Shows what is due to be shown by now.
    pub fn catch_up(&mut self, now: Duration) {
        self.now = now;
        while self.coming.front().is_some_and(|(at, ..)| *at <= now) {
            let (_, key, from, to) = self.coming.pop_front().expect("there is a first");
            if let Some(from) = from {
                self.shown.remove(&from);
            }
            if let Some(to) = to {
                self.shown.insert(to, key);
            }
        }
    }

    /// Whether it does not show yet what the ledger says.
    pub fn lags(&self) -> bool {
        !self.coming.is_empty()
    }

    /// A row moves.
    pub fn moves(&mut self, key: &TransactionKey, from: Option<Position>, to: Option<Position>) {
        if from == to {
            return;
        }
        self.coming
            .push_back((self.now + self.lag, key.clone(), from, to));
        self.catch_up(self.now);
    }

    /// What it shows of a part of one merchant's, after a position.
    pub fn listed(
        &self,
        merchant: &MerchantId,
        partition: Partition,
        after: &str,
        limit: usize,
    ) -> Vec<(String, TransactionKey)> {
        let from = (merchant.clone(), partition, after.to_owned());
        self.shown
            .range(from..)
            .take_while(|((of, part, _), _)| of == merchant && *part == partition)
            .filter(|((_, _, order), _)| order.as_str() > after)
            .take(limit)
            .map(|((_, _, order), key)| (order.clone(), key.clone()))
            .collect()
    }
}
