//! What waits for a merchant: counted, and how much money it is. The messages say it; they are opened for nothing else.

use bookkeeping::ids::MerchantId;
use bookkeeping::message::parse;
use bookkeeping::waits::Waits;

use crate::store::lot::order;
use crate::store::{Lots, Place, StoreError, payload_context};
use crate::world::World;

/// Most transactions that are counted. Beyond that, only that there are more is told.
pub const COUNTED_MAX: usize = 1000;

/// How many are read at once.
const PAGE: usize = 100;

/// How many of a merchant's transactions need the operator, and whether there are more. May lag behind what was written a
/// moment ago.
///
/// # Errors
///
/// [`StoreError`] where it cannot be read.
pub async fn held<W: World>(world: &W, merchant: &MerchantId) -> Result<(u64, bool), StoreError> {
    let (mut count, mut after) = (0, None);
    while count < COUNTED_MAX {
        let held = world.store().held(merchant, after.as_ref(), PAGE).await?;
        let Some((last, _)) = held.last() else {
            return Ok((count as u64, false));
        };
        after = Some(last.clone());
        count += held.len();
    }
    Ok((count as u64, true))
}

/// Counts what waits for a merchant. May lag behind what was written a moment ago.
///
/// # Errors
///
/// [`StoreError`] where it cannot be read.
pub async fn waits<W: World>(world: &W, merchant: &MerchantId) -> Result<Waits, StoreError> {
    let mut waits = Waits::default();
    let mut after: Option<String> = None;
    loop {
        let after_it = after.as_deref();
        let places = world.store().places(merchant, after_it, PAGE).await?;
        let Some(last) = places.last() else {
            return Ok(waits);
        };
        after = Some(order(last).to_owned());
        let places: Vec<Place> = places.into_iter().flatten().collect();
        let keys = world.payload_keys().await?;
        for waiting in world.store().waiting(&places).await?.into_iter().flatten() {
            // One that is done keeps its place for a moment, without its message.
            let Some(sealed) = &waiting.payload else {
                continue;
            };
            if waits.count >= COUNTED_MAX as u64 {
                waits.more = true;
                return Ok(waits);
            }
            let opened = keys.open(sealed, &payload_context(&waiting.place.key));
            let text = opened.ok().and_then(|bytes| String::from_utf8(bytes).ok());
            waits.add(text.and_then(|text| parse(&text).ok()).as_ref());
            let due = waiting.not_before(world.timing().quiescence);
            waits.put_off += u64::from(due.is_some_and(|due| due > world.now()));
        }
    }
}
