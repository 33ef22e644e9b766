//! What is kept of a customer's transactions that are not in QuickBooks yet.

use std::future::Future;
use std::time::Duration;

use bookkeeping::ids::{CustomerId, MerchantId};
use bookkeeping::transaction::TransactionKey;
use jiff::Timestamp;

use super::{Arming, Lots, Row, StoreError};

/// How long it is remembered that a customer was erased: longer than a table can be put back.
///
/// Source: AWS, "Point-in-time backups for DynamoDB": 35 days at most.
pub const REMEMBERED: Duration = Duration::from_secs(36 * 24 * 3600);

/// A transaction that waits, needs the operator or needs a developer, with its message.
#[derive(Clone, Debug, PartialEq)]
pub struct KeptTransaction {
    /// The transaction.
    pub key: TransactionKey,
    /// How it stands.
    pub row: Row,
    /// Its message, sealed in the context of [`payload_context`](super::payload_context).
    pub payload: Vec<u8>,
}

/// A customer who was erased a moment ago, and may still be in what was not listed then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Erasure {
    /// Who.
    pub customer: CustomerId,
    /// When everything is looked through once more.
    pub look_at: Timestamp,
}

/// Transactions of one customer, found without reading anybody else's.
pub trait Kept {
    /// The kept transactions of one customer, those that wait first. One that cannot be read, because a later version wrote it, stands
    /// in its place as that. May lag behind what was written a moment ago.
    fn kept_for(
        &self,
        merchant: &MerchantId,
        customer: &CustomerId,
    ) -> impl Future<Output = Result<Vec<Result<KeptTransaction, StoreError>>, StoreError>>;

    /// Replaces what is sealed of a kept transaction, its message and the receipt that was frozen to be sent, where it still
    /// stands as it was read. Gives whether it did; what is done meanwhile keeps nothing.
    fn replace_sealed(
        &self,
        read: &KeptTransaction,
        payload: &[u8],
        frozen: Option<&[u8]>,
    ) -> impl Future<Output = Result<bool, StoreError>>;

    /// Notes that a customer is to be looked for once more; where that was noted already, at the time given now.
    fn note_erasure(
        &self,
        merchant: &MerchantId,
        erasure: &Erasure,
    ) -> impl Future<Output = Result<(), StoreError>>;

    /// The customers of a merchant who are to be looked for once more. One that cannot be read, because a later version noted it, stands
    /// in its place as that.
    fn erasures(
        &self,
        merchant: &MerchantId,
    ) -> impl Future<Output = Result<Vec<Result<Erasure, StoreError>>, StoreError>>;

    /// Strikes off one that was looked for, and remembers for [`REMEMBERED`] that it was; one that was noted anew since stays.
    fn end_erasure(
        &self,
        merchant: &MerchantId,
        erasure: &Erasure,
        now: Timestamp,
    ) -> impl Future<Output = Result<(), StoreError>>;

    /// The customers of a merchant whose erasure came to its end since then, as far as that is remembered: a table that is put back to that time
    /// holds them again.
    fn erased_since(
        &self,
        merchant: &MerchantId,
        since: Timestamp,
    ) -> impl Future<Output = Result<Vec<CustomerId>, StoreError>>;
}

/// Has a customer who was erased looked for once more at the time its note says.
///
/// It is noted first, then the lot is armed: whoever drains the lot from here on finds the note. If we stop between the two, the
/// next drain does.
///
/// # Errors
///
/// [`StoreError`] where the store is not to be had.
pub async fn look_once_more(
    store: &(impl Kept + Lots),
    merchant: &MerchantId,
    erasure: &Erasure,
    now: Timestamp,
) -> Result<(), StoreError> {
    store.note_erasure(merchant, erasure).await?;
    let arming = Arming {
        due: erasure.look_at,
        frees: false,
        ..Arming::from_now(merchant, now)
    };
    store.arm(&arming).await?;
    Ok(())
}
