//! Searching: one page of the list at a time, through a bounded part of it.

use bookkeeping::ids::MerchantId;
use common::store::activity::{Entry, Span};
use common::store::{Activity, StoreError};
use common::world::World;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::wanted::Wanted;

/// Entries on a page.
const SHOWN: usize = 50;

/// Most entries that are looked through for one page of what was searched for: a page answers in time however long the
/// list is.
const SEARCHED_MAX: usize = 500;

/// How many are read at once.
const READ: usize = 100;

/// One page of what was found.
pub(super) struct Found {
    pub entries: Vec<Entry>,
    /// The last that was looked at, where there may be more.
    pub next: Option<String>,
}

/// Looks for one page of what is wanted, through a bounded part of the list.
///
/// # Errors
///
/// [`StoreError`] where the store is not to be had.
pub(super) async fn search<W: World>(
    world: &W,
    merchant: &MerchantId,
    wanted: &Wanted,
    after: Option<&str>,
    zone: &TimeZone,
) -> Result<Found, StoreError> {
    let now = world.now();
    let midnight = |day: Date| zone.to_timestamp(day.at(0, 0, 0, 0)).ok();
    let from = midnight(wanted.from).unwrap_or(Timestamp::MIN);
    let to = wanted.to.and_then(|day| midnight(day.tomorrow().ok()?));
    // What is dated ahead of us is shown too.
    let until = to.unwrap_or_else(|| now + SignedDuration::from_hours(24 * 366));
    let (mut entries, mut after) = (Vec::new(), after.map(str::to_owned));
    let mut looked = 0;
    let limit = if wanted.is_picky() { READ } else { SHOWN };
    while looked < SEARCHED_MAX {
        let span = Span {
            from,
            until,
            after: after.as_deref(),
            limit,
        };
        let read = world.store().activity(merchant, &span).await?;
        let is_last = read.len() < limit;
        looked += read.len();
        for entry in read {
            after = Some(entry.position.clone());
            if wanted.matches(&entry) {
                entries.push(entry);
            }
            if entries.len() == SHOWN {
                return Ok(Found {
                    entries,
                    next: after,
                });
            }
        }
        if is_last {
            return Ok(Found {
                entries,
                next: None,
            });
        }
    }
    Ok(Found {
        entries,
        next: after,
    })
}

/// Whether anything is listed before a day: else the way back would never end.
///
/// # Errors
///
/// [`StoreError`] where the store is not to be had.
pub(super) async fn is_anything_before<W: World>(
    world: &W,
    merchant: &MerchantId,
    day: Date,
    zone: &TimeZone,
) -> Result<bool, StoreError> {
    let Ok(until) = zone.to_timestamp(day.at(0, 0, 0, 0)) else {
        return Ok(false);
    };
    let span = Span {
        from: Timestamp::UNIX_EPOCH,
        until,
        after: None,
        limit: 1,
    };
    Ok(!world.store().activity(merchant, &span).await?.is_empty())
}
