//! The store, in memory: the same promises as DynamoDB's, without a network.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::time::Duration;

use bookkeeping::connection::Connection;
use bookkeeping::ids::{MerchantId, RealmId};
use bookkeeping::merchant::MerchantProfile;
use bookkeeping::transaction::TransactionKey;
use common::store::{Attempt, Lot, Refunded, TokenRow};

use crate::world::Waits;

mod changes;
mod connections;
mod healths;
mod index;
mod kept;
mod ledger;
mod links;
mod lots;
mod onboarding;
mod refunds;
mod tokens;

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
    /// Connections.
    pub connections: BTreeMap<MerchantId, Connection>,
    /// Launch tokens used.
    pub launches: BTreeSet<String>,
    /// Attempts to connect, by the hash of their state.
    pub attempts: BTreeMap<String, Attempt>,
    /// Whose each company is.
    pub owners: BTreeMap<RealmId, MerchantId>,
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

    /// One call: the process may die before the tables see it, and after.
    async fn call<R>(&self, what: &str, work: impl FnOnce(&mut Tables) -> R) -> R {
        self.waits.wait(what, CALL / 2).await;
        let result = {
            let mut tables = self.tables.borrow_mut();
            tables.index.catch_up(self.waits.clock.elapsed());
            work(&mut tables)
        };
        self.waits.wait(what, CALL / 2).await;
        result
    }
}
