//! How refunds went back that leave it to their payments to say.

use bookkeeping::ids::MerchantId;
use bookkeeping::transaction::{Kind, TransactionKey};
use common::store::activity::{Listed, moved_money};
use common::store::{Ledger, Row, StoreError};
use common::world::World;
use futures::stream::{self, TryStreamExt};

/// Most refunds that are looked up: a page answers in time however many there are.
const LOOKED_UP_MAX: usize = 10_000;

/// How many are looked up in one read.
const BATCH: usize = 100;

/// How many reads there are at once.
const AT_ONCE: usize = 8;

/// Says of refunds that do not say it themselves how the money went back: as it came, by their payments. Gives how many
/// were not looked up.
///
/// # Errors
///
/// [`StoreError`] where the store is not to be had.
pub(super) async fn say_how<W: World>(
    world: &W,
    merchant: &MerchantId,
    refunds: &mut [Listed],
) -> Result<usize, StoreError> {
    // They come in no order; the same are looked up each time.
    refunds.sort_by(|one, other| (one.at, &one.id).cmp(&(other.at, &other.id)));
    let (looked_up, rest) = refunds.split_at_mut(refunds.len().min(LOOKED_UP_MAX));
    stream::iter(looked_up.chunks_mut(BATCH).map(Ok))
        .try_for_each_concurrent(AT_ONCE, async |refunds| {
            say_how_of(world, merchant, refunds).await
        })
        .await?;
    Ok(rest.len())
}

/// The same of one batch; a refund whose payment is not ours stays as it is.
async fn say_how_of<W: World>(
    world: &W,
    merchant: &MerchantId,
    refunds: &mut [Listed],
) -> Result<(), StoreError> {
    let key = |refund: &Listed| TransactionKey {
        merchant: merchant.clone(),
        kind: Kind::Refund,
        id: refund.id.clone(),
    };
    let keys: Vec<TransactionKey> = refunds.iter().map(key).collect();
    let rows = world.store().rows(&keys).await?;
    let payment = |row: &Row| {
        let payment = row.listing.as_ref()?.payment.as_ref()?;
        Some(TransactionKey::payment(merchant.clone(), payment))
    };
    let keys: Vec<TransactionKey> = rows.values().filter_map(payment).collect();
    let payments = world.store().rows(&keys).await?;
    for refund in refunds {
        let payment = rows.get(&key(refund)).and_then(payment);
        let payment = payment.and_then(|payment| payments.get(&payment));
        let listing = payment.and_then(|payment| payment.listing.as_ref());
        let said = listing.and_then(|listing| listing.method.clone());
        // Whether money moved is not decided anew by that: the first line and the sheet look nothing up.
        refund.method = said
            .filter(|said| moved_money(refund.state, said))
            .unwrap_or_default();
    }
    Ok(())
}
