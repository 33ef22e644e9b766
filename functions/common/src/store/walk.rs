//! The walk: every row of the ledger, whoever's it is, for the audit.

use std::future::Future;

use bookkeeping::ids::MerchantId;
use bookkeeping::transaction::TransactionKey;

use super::{Lot, Row, StoreError};

/// One row of the ledger.
#[derive(Clone, Debug, PartialEq)]
pub enum Walked {
    /// A transaction, and the place it has in the index of lots ("mer_1", "mer_1#held"), where it has one.
    Transaction {
        /// Which.
        key: TransactionKey,
        /// How it stands.
        row: Box<Row>,
        /// The part of the index.
        place: Option<String>,
        /// Whether its message is kept.
        is_kept: bool,
    },
    /// What a later version wrote, by its merchant and its own key.
    Unreadable(MerchantId, String),
    /// A merchant's lot; none where a later version wrote it.
    Lot(MerchantId, Option<Lot>),
    /// A message kept beside the transactions.
    Message {
        /// Whose, as far as it said.
        group: String,
    },
}

/// Every row.
pub trait Walk {
    /// The next rows after a position of this walk's own, in no order; with the position it goes on from, none at the end.
    fn walk(
        &self,
        after: Option<String>,
    ) -> impl Future<Output = Result<(Vec<Walked>, Option<String>), StoreError>>;
}
