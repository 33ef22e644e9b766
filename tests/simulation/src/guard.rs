//! The guard at the wire: what leaves is held against the ledger at that moment, not by the code that sent it.

use std::time::Duration;

use bookkeeping::transaction::{Kind, TransactionKey};
use common::config::Timing;
use common::store::{Row, Standing};
use jiff::Timestamp;
use simulator::Request;

use crate::broken::Promise;
use crate::memory::Tables;
use crate::world::Outside;

/// How soon after a 429 no receipt of the same transaction may be asked for again.
const REST: Duration = Duration::from_secs(30);

/// Holds every receipt that leaves against what the ledger says of it.
pub struct Guard {
    outside: Outside,
}

impl Guard {
    /// A guard over an outside.
    #[must_use]
    pub fn new(outside: &Outside) -> Self {
        Self {
            outside: outside.clone(),
        }
    }

    /// A request leaves.
    pub fn leaves(&self, request: &Request) {
        let Some((realm, kind, id)) = receipt(request) else {
            return;
        };
        let (broken, waits) = (&self.outside.broken, &self.outside.waits);
        let now = self.outside.waits.clock.now();
        let tables = self.outside.tables.borrow();
        let Some(key) = key(&tables, kind, id) else {
            return broken.note(waits, Promise::Claimed, || {
                format!("{id} was sent unclaimed")
            });
        };
        // A clock that jumped says something else.
        let lies = tables.clocks_lie;
        if let Some(at) = tables.throttled.get(&key).filter(|_| !lies)
            && now - *at < jiff::SignedDuration::try_from(REST).expect("short")
        {
            broken.note(waits, Promise::Rest, || {
                format!("{key} was sent again right after a 429")
            });
        }
        let row = &tables.ledger[&key].row;
        if row.standing != Standing::Claimed {
            let standing = row.standing.as_str();
            broken.note(waits, Promise::Claimed, || {
                format!("{key} was sent while it stood {standing}")
            });
        }
        let is_over = row.lease_until.is_some_and(|until| until < now);
        if is_over && !lies {
            broken.note(waits, Promise::Claimed, || {
                format!("{key} was sent when its claim was over")
            });
        }
        if row
            .realm
            .as_ref()
            .is_some_and(|theirs| theirs.as_str() != realm)
        {
            broken.note(waits, Promise::Company, || {
                format!("{key} was sent to {realm}, and it waits for another")
            });
        }
        if !lies && !follows_its_payment(&tables, &key, row, now) {
            broken.note(waits, Promise::Claimed, || {
                format!("{key} was sent before its payment")
            });
        }
        let id = request.parameter("requestid");
        if row.request_id.as_deref() != id {
            broken.note(waits, Promise::SameRequest, || {
                format!("{key} was sent under another request id than its own")
            });
        }
        drop(tables);
        let mut tables = self.outside.tables.borrow_mut();
        let before = tables
            .sent
            .insert(id.unwrap_or_default().to_owned(), request.body.clone());
        if before.is_some_and(|before| before != request.body) {
            broken.note(waits, Promise::SameRequest, || {
                format!("{key} was sent under one request id with two contents")
            });
        }
    }

    /// A request was answered with 429.
    pub fn is_throttled(&self, request: &Request) {
        let Some((_, kind, id)) = receipt(request) else {
            return;
        };
        let mut tables = self.outside.tables.borrow_mut();
        if let Some(key) = key(&tables, kind, id) {
            tables.throttled.insert(key, self.outside.waits.clock.now());
        }
    }
}

/// Whether what leaves is a payment, or a refund of one that is in the books or was left out; one that never came is waited
/// for a day.
fn follows_its_payment(tables: &Tables, key: &TransactionKey, row: &Row, now: Timestamp) -> bool {
    let listing = row.listing.as_ref();
    let Some(payment) = listing.and_then(|listing| listing.payment.as_ref()) else {
        return true;
    };
    let payment = TransactionKey::payment(key.merchant.clone(), payment);
    match tables.ledger.get(&payment) {
        Some(stands) => matches!(stands.row.standing, Standing::Synced | Standing::Skipped),
        None => {
            let refunded = tables.refunds.get(&payment);
            let missed = refunded.and_then(|refunded| refunded.missed_since);
            missed.is_some_and(|since| since + Timing::SAFE.payment_wait <= now)
        }
    }
}

/// The company and the transaction of a request that creates a receipt.
fn receipt(request: &Request) -> Option<(&str, Kind, &str)> {
    let rest = request.path.strip_prefix("/v3/company/")?;
    let (realm, what) = rest.split_once('/')?;
    let kind = match what {
        "salesreceipt" => Kind::Payment,
        "refundreceipt" => Kind::Refund,
        _ => return None,
    };
    let body = std::str::from_utf8(&request.body).ok()?;
    // What has a version is written over, not created.
    if request.method != "POST" || body.contains("\"SyncToken\"") {
        return None;
    }
    let mark = body.split("mio:").nth(1)?;
    let mark = mark.split(['"', ' ', '\\']).next()?;
    let (_, id) = mark.split_once('/')?;
    Some((realm, kind, id))
}

/// The transaction of an id, whoever's it is: which company is whose may have changed since it left.
fn key(tables: &Tables, kind: Kind, id: &str) -> Option<TransactionKey> {
    let merchant = tables.claimants.get(&(kind, id.to_owned()))?;
    let key = TransactionKey {
        merchant: merchant.clone(),
        kind,
        id: id.to_owned(),
    };
    tables.ledger.contains_key(&key).then_some(key)
}
