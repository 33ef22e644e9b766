//! The ledger.

use std::collections::BTreeMap;
use std::time::Duration;

use bookkeeping::ids::{CustomerId, RealmId};
use bookkeeping::reason::ReasonCode;
use bookkeeping::transaction::TransactionKey;
use common::store::activity::{self, Became};
use common::store::{
    Carrier, Claim, Claimed, Completion, KeptMessage, Ledger, Row, Settlement, Standing,
    StoreError, Written,
};

use crate::faults::Fault;
use crate::planted::{Bug, Planted};

use super::index::Position;
use super::{CLAIM, Memory, Partition, Tables};

/// A transaction as the table holds it.
#[derive(Clone, Debug, PartialEq)]
pub struct LedgerRow {
    /// The row.
    pub row: Row,
    /// Where it stands in the index.
    pub place: Option<(Partition, String)>,
    /// Its message, sealed.
    pub payload: Option<Vec<u8>>,
    /// Its position in the list of all, once it was settled or recorded.
    pub listed: Option<String>,
    /// Whose it is, once it was settled.
    pub customer: Option<CustomerId>,
    /// How often it was released after a refusal.
    pub revision: u32,
}

impl Tables {
    /// Changes a row, which begins as it would be written first.
    pub fn change<R>(
        &mut self,
        key: &TransactionKey,
        fingerprint: &str,
        change: impl FnOnce(&mut LedgerRow) -> R,
    ) -> R {
        let row = self
            .ledger
            .entry(key.clone())
            .or_insert_with(|| fresh(fingerprint));
        let position = |row: &LedgerRow| -> Option<Position> {
            let (partition, order) = row.place.clone()?;
            Some((key.merchant.clone(), partition, order))
        };
        let from = position(row);
        let result = change(row);
        let to = position(row);
        // As the writes do that settle, record, release and leave out: whoever claims leaves it where it is.
        let stands = &row.row;
        let posted = stands.posted.iter().flat_map(|posted| &posted.taxes);
        let taxes: Vec<_> = posted.cloned().collect();
        let became = match (&stands.synced, stands.standing) {
            (_, Standing::Claimed) => None,
            (Some(synced), Standing::Synced) => Some(Became::Recorded(&synced.realm, &taxes)),
            (_, standing) => Some(Became::Stopped(standing, stands.reason.as_ref())),
        };
        if let (Some(became), Some(listing)) = (became, &stands.listing) {
            row.listed = Some(activity::position(key, listing, became));
        }
        let in_lot = |at: &Option<Position>| matches!(at, Some((_, Partition::Lot, _)));
        if in_lot(&from) != in_lot(&to) {
            let count = self.in_lot.entry(key.merchant.clone()).or_default();
            *count = match in_lot(&to) {
                true => *count + 1,
                false => *count - 1,
            };
        }
        self.index.moves(key, from, to);
        result
    }
}

impl Ledger for Memory {
    async fn row(&self, key: &TransactionKey) -> Result<Option<Row>, StoreError> {
        self.call("read a row", |tables| {
            tables.ledger.get(key).map(|stands| stands.row.clone())
        })
        .await
    }

    async fn rows(
        &self,
        keys: &[TransactionKey],
    ) -> Result<BTreeMap<TransactionKey, Row>, StoreError> {
        self.call("read rows", |tables| {
            let row =
                |key: &TransactionKey| Some((key.clone(), tables.ledger.get(key)?.row.clone()));
            keys.iter().filter_map(row).collect()
        })
        .await
    }

    async fn claim(&self, claim: &Claim<'_>) -> Result<Claimed, StoreError> {
        let ask = |tables: &mut Tables| claim_row(tables, claim);
        let answer = self.call(CLAIM, ask).await;
        let is_repeated = self.tables.borrow().repeats_claims;
        match answer {
            // The client asks again by itself.
            Err(StoreError::Unavailable(_)) if is_repeated => {
                self.happened.note(Fault::ClaimRepeated);
                self.call(CLAIM, ask).await
            }
            answer => answer,
        }
    }

    async fn complete(&self, completion: &Completion<'_>) -> Result<Written, StoreError> {
        self.call("complete", |tables| complete_row(tables, completion))
            .await
    }

    async fn settle(&self, settlement: &Settlement<'_>) -> Result<Written, StoreError> {
        let settled = self
            .call("settle", |tables| settle_row(tables, settlement))
            .await;
        self.arm_now().await?;
        settled
    }

    async fn keep_message(&self, message: &KeptMessage<'_>) -> Result<(), StoreError> {
        let kept = (
            message.message_id.to_owned(),
            message.reason.code.as_str().to_owned(),
        );
        let keep = |tables: &mut Tables| {
            let is_conflict = message.reason.code == ReasonCode::Conflict;
            if is_conflict && tables.planted.has(Bug::ConflictDropped) {
                return;
            }
            if !tables.kept.contains(&kept) {
                tables.kept.push(kept);
            }
        };
        self.call("keep a message", keep).await
    }
}

fn claim_row(tables: &mut Tables, claim: &Claim<'_>) -> Claimed {
    let before = tables.ledger.get(claim.key).map(|row| row.row.clone());
    if let Some(row) = &before {
        if row.standing == Standing::Claimed && row.owner.as_deref() == Some(claim.owner) {
            // Our own claim, carried out and not answered. What stood before it is gone.
            let before = (row.attempt > 1).then(|| Box::new(row.clone()));
            return Claimed::Ours { before };
        }
        if !is_claimable(row, claim, tables.planted) {
            return Claimed::Refused(Box::new(row.clone()));
        }
    } else if claim.frozen.is_none() {
        return Claimed::Refused(Box::new(fresh(claim.fingerprint).row));
    }
    let whose = (claim.key.kind, claim.key.id.clone());
    tables.claimants.insert(whose, claim.key.merchant.clone());
    tables.change(claim.key, claim.fingerprint, |LedgerRow { row, .. }| {
        row.standing = Standing::Claimed;
        row.attempt += 1;
        row.owner = Some(claim.owner.to_owned());
        row.lease_until = Some(claim.now + claim.lease);
        row.realm.get_or_insert_with(|| claim.realm.clone());
        row.received.get_or_insert(claim.now);
        row.claimed.get_or_insert(claim.now);
        if let Some(frozen) = &claim.frozen {
            row.listing.get_or_insert_with(|| frozen.listing.clone());
            row.request_id
                .get_or_insert_with(|| frozen.request_id.to_owned());
            row.frozen.get_or_insert_with(|| frozen.receipt.to_vec());
        }
    });
    Claimed::Ours {
        before: before.map(Box::new),
    }
}

/// Whether a row may be claimed: never sent, or sent so long ago that its outcome shows.
fn is_claimable(row: &Row, claim: &Claim<'_>, planted: Planted) -> bool {
    let is_ours = row.realm.as_ref().is_none_or(|realm| realm == claim.realm);
    let same = row.fingerprint == claim.fingerprint && (is_ours || planted.has(Bug::AnyCompany));
    let quiescence = match planted.has(Bug::ClaimOfTheDead) {
        true => Duration::ZERO,
        false => claim.quiescence,
    };
    let free = match row.standing {
        Standing::Parked => true,
        Standing::Ambiguous => {
            row.due.is_some_and(|due| due <= claim.now) || planted.has(Bug::AmbiguousAtOnce)
        }
        Standing::Claimed => {
            let dead = |until| until < claim.now - quiescence;
            row.lease_until.is_some_and(dead) || planted.has(Bug::ClaimUnconditional)
        }
        _ => false,
    };
    same && free
}

fn complete_row(tables: &mut Tables, completion: &Completion<'_>) -> Written {
    let (key, synced) = (completion.key, completion.synced);
    let planted = tables.planted;
    tables.change(key, "", |stands| {
        let row = &mut stands.row;
        let lives = row.lease_until.is_some_and(|until| until >= completion.now);
        if planted.has(Bug::FencedCompletion) && !lives {
            return Written::Refused(Box::new(row.clone()));
        }
        if row
            .synced
            .as_ref()
            .is_some_and(|other| other.receipt != synced.receipt)
        {
            return Written::Refused(Box::new(row.clone()));
        }
        row.standing = Standing::Synced;
        row.synced = Some(synced.clone());
        row.posted = completion.posted.cloned();
        row.listing
            .get_or_insert_with(|| completion.listing.clone());
        row.recorded.get_or_insert(completion.now);
        row.owner = None;
        row.lease_until = None;
        row.due = None;
        row.frozen = None;
        row.reason = None;
        stands.payload = None;
        let elsewhere = matches!(&stands.place, Some((place, _)) if *place != Partition::Lot);
        if elsewhere || planted.has(Bug::LeaveBeforeTold) {
            stands.place = None;
        }
        Written::Done
    })
}

fn settle_row(tables: &mut Tables, settlement: &Settlement<'_>) -> Written {
    let planted = tables.planted;
    if settlement.standing == Standing::Failed && planted.has(Bug::UnreadableDropped) {
        return Written::Done;
    }
    let stands = tables.ledger.get(settlement.key).map(|row| &row.row);
    let may = match (stands, settlement.owner) {
        (None, None) => true,
        (Some(row), None) => {
            let is_claimed = row.standing == Standing::Claimed;
            (row.standing == Standing::Parked || is_claimed && planted.has(Bug::ParkOverClaim))
                && row.fingerprint == settlement.fingerprint
                && settlement
                    .realm
                    .is_none_or(|realm| row.realm.as_ref().is_none_or(|theirs| theirs == realm))
        }
        (Some(row), Some(owner)) => {
            let is_theirs = row.owner.as_deref() == Some(owner);
            row.standing == Standing::Claimed && is_theirs || planted.has(Bug::SettleForOthers)
        }
        (None, Some(_)) => false,
    };
    if !may {
        let row = stands.cloned();
        return Written::Refused(Box::new(
            row.unwrap_or_else(|| fresh(settlement.fingerprint).row),
        ));
    }
    tables.change(settlement.key, settlement.fingerprint, |stands| {
        let row = &mut stands.row;
        row.standing = settlement.standing;
        row.reason = Some(settlement.reason.clone());
        row.due = settlement.due;
        row.since = Some(settlement.since);
        if let Some(request_id) = settlement.anew {
            row.request_id = Some(request_id.to_owned());
            row.frozen = None;
        }
        row.owner = None;
        row.lease_until = None;
        if let Some(realm) = settlement.realm {
            row.realm.get_or_insert_with(|| RealmId::clone(realm));
        }
        row.received.get_or_insert(settlement.now);
        row.listing
            .get_or_insert_with(|| settlement.listing.clone());
        let theirs = settlement.listing.customer.clone();
        stands.customer = theirs.or(stands.customer.take());
        let own = partition(settlement.standing);
        stands.payload = own.map(|_| settlement.payload.to_vec());
        if settlement.carrier == Carrier::Queue {
            stands.place = own.map(|own| (own, order(settlement)));
        }
        if planted.has(Bug::ParkNowhere) && own == Some(Partition::Lot) {
            stands.place = None;
        }
    });
    Written::Done
}

/// The part of the index a standing belongs in.
pub(super) fn partition(standing: Standing) -> Option<Partition> {
    match standing {
        Standing::Parked | Standing::Ambiguous => Some(Partition::Lot),
        Standing::Held => Some(Partition::Held),
        Standing::Failed => Some(Partition::Failed),
        Standing::Claimed | Standing::Skipped | Standing::Synced => None,
    }
}

fn order(settlement: &Settlement<'_>) -> String {
    let key = settlement.key;
    format!("{:.3}#{}#{}", settlement.listing.moved_at, key.kind, key.id)
}

fn fresh(fingerprint: &str) -> LedgerRow {
    LedgerRow {
        row: Row {
            standing: Standing::Parked,
            attempt: 0,
            owner: None,
            lease_until: None,
            fingerprint: fingerprint.to_owned(),
            realm: None,
            request_id: None,
            frozen: None,
            due: None,
            since: None,
            told: None,
            reason: None,
            synced: None,
            posted: None,
            listing: None,
            received: None,
            claimed: None,
            recorded: None,
            decided: None,
        },
        place: None,
        payload: None,
        listed: None,
        customer: None,
        revision: 0,
    }
}
