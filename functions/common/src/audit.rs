//! The audit: what was received is in QuickBooks, or left out, or waits, or needs somebody, merchant by merchant and day by
//! day; and no row is where nobody comes for it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use bookkeeping::ids::MerchantId;
use bookkeeping::reason::State;
use bookkeeping::transaction::TransactionKey;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::store::walk::{Walk, Walked};
use crate::store::{Row, Standing, StoreError};

/// How long after a claim's end its message has come back for certain: the queue's longest silence, and then some.
const COMES_BACK: Duration = Duration::from_secs(3600);

/// Why nobody comes for what this version cannot read.
const OF_A_LATER_VERSION: &str = "this version cannot read it: a later one wrote it";

/// What an audit found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Audit {
    /// How many transactions of each merchant and day (UTC, by when the money moved) are in each state.
    pub days: BTreeMap<(MerchantId, Date), BTreeMap<State, u64>>,
    /// Messages kept for a developer.
    pub messages: u64,
    /// What nobody comes for, by its merchant and its own name, and why.
    pub uncovered: BTreeMap<(MerchantId, String), &'static str>,
}

impl Audit {
    /// How many are in this state altogether.
    #[must_use]
    pub fn count(&self, state: State) -> u64 {
        let counts = self.days.values().filter_map(|day| day.get(&state));
        counts.sum()
    }

    /// How many were received.
    #[must_use]
    pub fn received(&self) -> u64 {
        self.days.values().flat_map(BTreeMap::values).sum()
    }
}

/// Walks the ledger. It may be at work meanwhile: what moves while it is walked is seen once, before or after.
///
/// # Errors
///
/// [`StoreError`] where a row cannot be read.
pub async fn audit<S: Walk>(store: &S, now: Timestamp) -> Result<Audit, StoreError> {
    let mut audit = Audit::default();
    let mut armed: BTreeSet<MerchantId> = BTreeSet::new();
    let mut in_lots: Vec<TransactionKey> = Vec::new();
    let mut after = None;
    loop {
        let (rows, next) = store.walk(after).await?;
        for walked in rows {
            match walked {
                Walked::Message { .. } => audit.messages += 1,
                Walked::Unreadable(merchant, name) => {
                    audit.uncovered.insert((merchant, name), OF_A_LATER_VERSION);
                }
                Walked::Lot(merchant, None) => {
                    // Nothing can be said of what waits in it.
                    armed.insert(merchant.clone());
                    let lot = (merchant, "its lot".to_owned());
                    audit.uncovered.insert(lot, OF_A_LATER_VERSION);
                }
                Walked::Lot(merchant, Some(lot)) => {
                    if lot.due.is_some() {
                        armed.insert(merchant);
                    }
                }
                Walked::Transaction {
                    key,
                    row,
                    place,
                    is_kept,
                } => {
                    let day = audit.days.entry((key.merchant.clone(), day(&row, now)));
                    *day.or_default().entry(row.state()).or_default() += 1;
                    match covered(&key, &row, place.as_deref(), is_kept, now) {
                        Ok(false) => {}
                        Ok(true) => in_lots.push(key),
                        Err(why) => {
                            audit.uncovered.insert(named(&key), why);
                        }
                    }
                }
            }
        }
        let Some(next) = next else {
            break;
        };
        after = Some(next);
    }
    for key in in_lots {
        if !armed.contains(&key.merchant) {
            let why = "it waits in a lot that is not armed";
            audit.uncovered.insert(named(&key), why);
        }
    }
    Ok(audit)
}

fn named(key: &TransactionKey) -> (MerchantId, String) {
    (key.merchant.clone(), key.to_string())
}

fn day(row: &Row, now: Timestamp) -> Date {
    let at = row.listing.as_ref().map_or(now, |listing| listing.moved_at);
    TimeZone::UTC.to_datetime(at).date()
}

/// Whether somebody comes for it: `true` where that is its merchant's lot.
fn covered(
    key: &TransactionKey,
    row: &Row,
    place: Option<&str>,
    is_kept: bool,
    now: Timestamp,
) -> Result<bool, &'static str> {
    let merchant = key.merchant.as_str();
    let partition = place.map(|place| place.strip_prefix(merchant).unwrap_or(place));
    match (row.standing, partition) {
        // Its message comes back until its outcome is told.
        (Standing::Claimed, None) => match row.lease_until {
            Some(until) if until + COMES_BACK < now => {
                Err("it was claimed long ago, and its message has not come back")
            }
            _ => Ok(false),
        },
        (Standing::Synced, _) if row.synced.is_none() => Err("it is synced without a receipt"),
        // It keeps its place until its outcome is told.
        (_, Some("")) if !is_kept && !row.standing.is_settled() => {
            Err("it waits without its message")
        }
        (_, Some("")) => Ok(true),
        (Standing::Parked | Standing::Ambiguous, _) => Err("it waits outside its lot"),
        (Standing::Held, Some("#held")) | (Standing::Failed, Some("#failed")) if is_kept => {
            Ok(false)
        }
        (Standing::Held | Standing::Failed, _) => Err("it needs somebody and is listed nowhere"),
        (Standing::Claimed | Standing::Synced | Standing::Skipped, _) => Ok(false),
    }
}
