//! Activity: every transaction of a merchant, the newest first.

use std::future::Future;

use bookkeeping::ids::MerchantId;
use bookkeeping::transaction::TransactionKey;
use jiff::Timestamp;

use super::{Row, StoreError};

/// Which part of the list is wanted.
#[derive(Clone, Debug)]
pub struct Span<'a> {
    /// From this instant on.
    pub from: Timestamp,
    /// Up to this instant, exclusively.
    pub until: Timestamp,
    /// Only what comes after this entry.
    pub after: Option<&'a str>,
    /// At most so many.
    pub limit: usize,
}

/// One entry of the list.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Its position, by which the list goes on.
    pub position: String,
    /// The transaction; none where the message named none that could be read.
    pub key: Option<TransactionKey>,
    /// How it stands.
    pub row: Row,
}

/// The list.
pub trait Activity {
    /// The entries of a span, the newest first, in as many reads however long the list is. Fewer than the limit means that
    /// there are no more. May lag behind what was written a moment ago.
    fn activity(
        &self,
        merchant: &MerchantId,
        span: &Span<'_>,
    ) -> impl Future<Output = Result<Vec<Entry>, StoreError>>;

    /// The message of a transaction that is not done, sealed in the context of
    /// [`payload_context`](super::payload_context); none where nothing of it is kept.
    fn message(
        &self,
        key: &TransactionKey,
    ) -> impl Future<Output = Result<Option<Vec<u8>>, StoreError>>;
}
