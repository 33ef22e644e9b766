//! The store, in memory: the same promises as DynamoDB's, without a network.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::time::Duration;

use bookkeeping::breaker::{Breaker, Calls};
use bookkeeping::connection::Connection;
use bookkeeping::ids::{MerchantId, RealmId};
use bookkeeping::merchant::MerchantProfile;
use bookkeeping::settings::history::Change;
use bookkeeping::transaction::TransactionKey;
use common::store::{Attempt, Lot, Refunded, StoreError, TokenRow};

use crate::world::Waits;

mod activity;
mod breakers;
mod changes;
mod connections;
mod doors;
mod healths;
mod index;
mod kept;
mod ledger;
mod links;
mod lots;
mod onboarding;
mod refunds;
mod tokens;
mod walk;

pub use doors::DoorRow;
pub use healths::HealthTable;
pub use index::{LotIndex, Partition};
pub use ledger::LedgerRow;
pub use links::{LinkRow, LinkTable};

/// A bug that is planted to see it caught.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Planted {
    /// None.
    #[default]
    Nothing,
    /// A received token is only added by whoever still holds the lease.
    FencedAppend,
    /// A received token takes the place of those before it.
    LastWriterWins,
}

/// What outlives the process: the tables.
#[derive(Default)]
pub struct Tables {
    /// What is wrong with them.
    pub planted: Planted,
    /// One call in so many fails before it is carried out, and one in so many after; none where nothing fails.
    pub fails_in: Option<u64>,
    /// Whether a connection is taken up twice, as by a client that repeats what was not answered.
    pub repeats: bool,
    /// Calls that were carried out.
    pub calls: u64,
    /// Calls that failed before they were carried out.
    pub failed: u64,
    /// Calls that failed after they were carried out.
    pub failed_after: u64,
    /// Connections.
    pub connections: BTreeMap<MerchantId, Connection>,
    /// Changes of the settings, the oldest first.
    pub history: Vec<(MerchantId, Change)>,
    /// Launch tokens used.
    pub launches: BTreeSet<String>,
    /// Attempts to connect, by the hash of their state.
    pub attempts: BTreeMap<String, Attempt>,
    /// Whose each company is, and by which epoch.
    pub owners: BTreeMap<RealmId, (MerchantId, u64)>,
    /// What is known of merchants.
    pub merchants: BTreeMap<MerchantId, MerchantProfile>,
    /// Tokens, by merchant and epoch.
    pub tokens: BTreeMap<(MerchantId, u64), TokenRow>,
    /// The ledger.
    pub ledger: BTreeMap<TransactionKey, LedgerRow>,
    /// What waits and what needs somebody, in order; lags behind the ledger.
    pub index: LotIndex,
    /// Messages kept beside it.
    pub kept: Vec<(String, String)>,
    /// Customer links.
    pub links: LinkTable,
    /// What the refunds of each payment took.
    pub refunds: BTreeMap<TransactionKey, Refunded>,
    /// How connections do.
    pub healths: HealthTable,
    /// Whether breakers cannot be read or written.
    pub breaker_is_lost: bool,
    /// Breakers by service.
    pub breakers: BTreeMap<String, Breaker>,
    /// What calls came to, by service and count.
    pub calls_made: BTreeMap<(String, i64), Calls>,
    /// Lots by merchant.
    pub lots: BTreeMap<MerchantId, Lot>,
}

/// The store of one process.
pub struct Memory {
    tables: Rc<RefCell<Tables>>,
    waits: Waits,
}

/// What DynamoDB takes for one call.
const CALL: Duration = Duration::from_millis(3);

impl Memory {
    /// A store over tables that outlive it.
    #[must_use]
    pub fn new(tables: Rc<RefCell<Tables>>, waits: Waits) -> Self {
        Self { tables, waits }
    }

    /// One call: the process may die before the tables see it, and after; and so may the call go wrong.
    async fn call<R>(
        &self,
        what: &str,
        work: impl FnOnce(&mut Tables) -> R,
    ) -> Result<R, StoreError> {
        self.waits.wait(what, CALL / 2).await;
        let fails_in = self.tables.borrow().fails_in;
        let fails = || fails_in.is_some_and(|one_in| self.waits.fate.below(one_in) == 0);
        let unavailable = || Err(StoreError::Unavailable(what.to_owned()));
        if fails() {
            self.tables.borrow_mut().failed += 1;
            return unavailable();
        }
        let result = {
            let mut tables = self.tables.borrow_mut();
            tables.index.catch_up(self.waits.clock.elapsed());
            tables.calls += 1;
            work(&mut tables)
        };
        self.waits.wait(what, CALL / 2).await;
        if fails() {
            self.tables.borrow_mut().failed_after += 1;
            return unavailable();
        }
        Ok(result)
    }
}
