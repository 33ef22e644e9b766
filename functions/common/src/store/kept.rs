//! What is kept of a customer's transactions that are not in QuickBooks yet.

use std::future::Future;

use bookkeeping::ids::{CustomerId, MerchantId};
use bookkeeping::reason::Reason;
use bookkeeping::transaction::TransactionKey;

use super::{Standing, StoreError};

/// A transaction that waits, needs the operator or needs a developer, with its message.
#[derive(Clone, Debug, PartialEq)]
pub struct KeptTransaction {
    /// The transaction.
    pub key: TransactionKey,
    /// Where it stands.
    pub standing: Standing,
    /// Why.
    pub reason: Option<Reason>,
    /// Its message, sealed in the context of [`payload_context`](super::payload_context).
    pub payload: Vec<u8>,
}

/// Transactions of one customer, found without reading anybody else's.
pub trait Kept {
    /// The kept transactions of one customer, those that wait first. May lag behind what was written a moment ago.
    fn kept_for(
        &self,
        merchant: &MerchantId,
        customer: &CustomerId,
    ) -> impl Future<Output = Result<Vec<KeptTransaction>, StoreError>>;

    /// Replaces the message of a kept transaction, where it still has one.
    fn replace_payload(
        &self,
        key: &TransactionKey,
        payload: &[u8],
    ) -> impl Future<Output = Result<(), StoreError>>;
}
