//! Freed: what the operator's choices have set free goes back into the lot, whoever gets to it.

use bookkeeping::connection::Connection;
use bookkeeping::frees::Frees;
use bookkeeping::ids::{CustomerId, MerchantId, OperatorId};
use bookkeeping::reason::Reason;
use bookkeeping::transaction::TransactionKey;
use common::store::lot::QUIET;
use common::store::{
    Arming, Connections, Decision, Kept, KeptTransaction, Lots, Release, Standing, StoreError,
};
use common::world::World;

/// How often the connection is read again when others changed it in between.
const ATTEMPTS_MAX: usize = 8;

/// What becomes of what is freed, once it was released.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// It is released again by whoever comes next: something of it may still come to be held, or stand in the lot, held and not told.
    Keep,
    /// It is released and struck off, where it is old enough that nothing in hand at the change can still come to be held; else nothing is
    /// done. For whoever has gone through the whole lot since, and released what was [found](release_found).
    StrikeOff,
}

/// Whose choice it was that freed something, as it is written down with what is released by it; none where it was several people's.
pub(crate) fn chosen(frees: &Frees) -> Option<(&OperatorId, Decision)> {
    Some((frees.by.as_ref()?, Decision::Choice))
}

/// Puts back what the connection's last changes have freed; gives how much.
///
/// What is freed is written down with the change itself, in one write, and [struck off](Then::StrikeOff) once nothing that was in
/// hand at the change can still come to be held. If we stop before that, the drain of the merchant's lot, which was armed
/// before the change, does the same again: what is released already is not held.
///
/// # Errors
///
/// [`StoreError`] where the store is not to be had.
pub async fn release_freed<W: World>(
    world: &W,
    merchant: &MerchantId,
    then: Then,
) -> Result<u64, StoreError> {
    let store = world.store();
    let Some(connection) = store.opening(merchant).await?.connection else {
        return Ok(0);
    };
    let frees = &connection.frees;
    if frees.is_empty() {
        return Ok(0);
    }
    let now = world.now();
    let is_old = frees.since.is_none_or(|since| now >= since + QUIET);
    if then == Then::StrikeOff && !is_old {
        // Whoever comes when it is does both: releasing arms the lot, and whoever arms it over and over never leaves it.
        return Ok(0);
    }
    let mut released = 0;
    if !frees.codes.is_empty() {
        let of_codes = Release::For(&frees.codes);
        released += store
            .release(merchant, of_codes, chosen(frees), now)
            .await?;
    }
    for customer in &frees.customers {
        let held = held_for(world, merchant, customer).await?;
        let theirs: Vec<TransactionKey> = held.into_iter().map(|kept| kept.key).collect();
        let theirs = Release::These(&theirs);
        let decided = frees.by.as_ref().map(|by| (by, Decision::Customer));
        released += store.release(merchant, theirs, decided, now).await?;
    }
    if then == Then::StrikeOff {
        let done = Connection {
            frees: Frees::default(),
            ..connection
        };
        // Refused where it was changed once more: then that change's drain strikes both off.
        store.revise(&done, None).await?;
    }
    Ok(released)
}

/// Puts one transaction back that stands in the lot, held for what a change has freed since; gives whether it was so.
///
/// # Errors
///
/// [`StoreError`] where the store is not to be had.
pub async fn release_found<W: World>(
    world: &W,
    key: &TransactionKey,
    reason: &Reason,
) -> Result<bool, StoreError> {
    let (store, merchant) = (world.store(), &key.merchant);
    let connection = store.opening(merchant).await?.connection;
    let frees = connection.map(|connection| connection.frees);
    let Some(frees) = frees.filter(|frees| frees.codes.contains(&reason.code)) else {
        return Ok(false);
    };
    let released = store.release(merchant, Release::One(key), chosen(&frees), world.now());
    Ok(released.await? > 0)
}

/// Writes down what an operator's choice sets free that was recorded a moment ago, or is too much to be put back at once.
///
/// # Errors
///
/// [`StoreError`] where the store is not to be had, or others keep changing the connection.
pub async fn note_freed<W: World>(
    world: &W,
    merchant: &MerchantId,
    more: impl Fn(Frees) -> Frees,
) -> Result<(), StoreError> {
    let (store, now) = (world.store(), world.now());
    // First the lot, whose drain releases.
    store.arm(&Arming::from_now(merchant, now)).await?;
    for _ in 0..ATTEMPTS_MAX {
        let Some(before) = store.opening(merchant).await?.connection else {
            return Ok(());
        };
        let noted = Connection {
            frees: more(before.frees.clone()),
            ..before
        };
        if store.revise(&noted, None).await? {
            return Ok(());
        }
    }
    Err(StoreError::Unavailable(
        "a connection that changes all the time".to_owned(),
    ))
}

/// What is held until this customer is chosen.
///
/// # Errors
///
/// [`StoreError`] where the store is not to be had.
pub(crate) async fn held_for<W: World>(
    world: &W,
    merchant: &MerchantId,
    customer: &CustomerId,
) -> Result<Vec<KeptTransaction>, StoreError> {
    let kept = world.store().kept_for(merchant, customer).await?;
    // What cannot be read stays held: the version that wrote it puts it back.
    let held = kept.into_iter().flatten().filter(|kept| {
        let asks = kept.row.reason.as_ref();
        kept.row.standing == Standing::Held && asks.is_some_and(Reason::asks_for_customer)
    });
    Ok(held.collect())
}
