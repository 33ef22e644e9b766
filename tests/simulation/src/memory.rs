//! The store, in memory: the same promises as DynamoDB's, without a network.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use bookkeeping::connection::Connection;
use bookkeeping::ids::MerchantId;
use bookkeeping::transaction::TransactionKey;
use common::store::{Refunded, Row, TokenRow};
use jiff::Timestamp;

use crate::world::Waits;

mod connections;
mod ledger;
mod links;
mod refunds;
mod tokens;

pub use links::{LinkRow, LinkTable};

/// What outlives the process: the tables.
#[derive(Default)]
pub struct Tables {
    /// Connections.
    pub connections: BTreeMap<MerchantId, Connection>,
    /// Tokens, by merchant and epoch.
    pub tokens: BTreeMap<(MerchantId, u64), TokenRow>,
    /// The ledger.
    pub ledger: BTreeMap<TransactionKey, Row>,
    /// Messages kept beside it.
    pub kept: Vec<(String, String)>,
    /// Customer links.
    pub links: LinkTable,
    /// What the refunds of each payment took.
    pub refunds: BTreeMap<TransactionKey, Refunded>,
    /// Merchants whose lot is armed.
    pub armed: BTreeMap<MerchantId, Timestamp>,
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
        let result = work(&mut self.tables.borrow_mut());
        self.waits.wait(what, CALL / 2).await;
        result
    }
}
