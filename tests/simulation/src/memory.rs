//! The store, in memory: the same promises as DynamoDB's, without a network.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use bookkeeping::ids::{MerchantId, RealmId, SyncToken};
use bookkeeping::outcome::Synced;
use bookkeeping::transaction::TransactionKey;
use common::store::{
    Claim, Claimed, KeptMessage, Link, LinkClaimed, LinkKey, Opening, Row, Settlement, Standing,
    Store, StoreError, Written,
};
use jiff::Timestamp;

use crate::world::Waits;

/// What outlives the process: the tables.
#[derive(Default)]
pub struct Tables {
    /// Connections and tokens.
    pub openings: BTreeMap<MerchantId, Opening>,
    /// The ledger.
    pub ledger: BTreeMap<TransactionKey, Row>,
    /// Messages kept beside it.
    pub kept: Vec<(String, String)>,
    /// Customer links, and who is at those not linked yet.
    pub links: BTreeMap<LinkKey, LinkRow>,
    /// Merchants whose lot is armed.
    pub armed: BTreeMap<MerchantId, Timestamp>,
}

/// A customer link's row.
pub enum LinkRow {
    /// Somebody is at it.
    Claimed(String, Timestamp),
    /// Linked.
    Linked(Link),
}

/// The store of one process.
pub struct Memory {
    tables: Rc<RefCell<Tables>>,
    waits: Waits,
}

/// What DynamoDB takes for one call.
const CALL: Duration = Duration::from_millis(3);

impl Memory {
    /// A store over tables that outlive it.
    #[must_use]
    pub fn new(tables: Rc<RefCell<Tables>>, waits: Waits) -> Self {
        Self { tables, waits }
    }

    /// One call: the process may die before the tables see it, and after.
    async fn call<R>(&self, what: &str, work: impl FnOnce(&mut Tables) -> R) -> R {
        self.waits.wait(what, CALL / 2).await;
        let result = work(&mut self.tables.borrow_mut());
        self.waits.wait(what, CALL / 2).await;
        result
    }
}

impl Store for Memory {
    async fn openings(&self, merchants: &[MerchantId]) -> Result<Vec<Opening>, StoreError> {
        let read = |tables: &mut Tables| {
            merchants
                .iter()
                .map(|merchant| tables.openings.get(merchant).cloned().unwrap_or_default())
                .collect()
        };
        Ok(self.call("read openings", read).await)
    }

    async fn links(&self, keys: &[LinkKey]) -> Result<Vec<Option<Link>>, StoreError> {
        let read = |tables: &mut Tables| {
            let linked = |key| match tables.links.get(key) {
                Some(LinkRow::Linked(link)) => Some(link.clone()),
                _ => None,
            };
            keys.iter().map(linked).collect()
        };
        Ok(self.call("read links", read).await)
    }

    async fn claim(&self, claim: &Claim<'_>) -> Result<Claimed, StoreError> {
        Ok(self.call("claim", |tables| claim_row(tables, claim)).await)
    }

    async fn complete(
        &self,
        key: &TransactionKey,
        synced: &Synced,
        _: &SyncToken,
    ) -> Result<Written, StoreError> {
        Ok(self
            .call("complete", |tables| complete_row(tables, key, synced))
            .await)
    }

    async fn settle(&self, settlement: &Settlement<'_>) -> Result<Written, StoreError> {
        if matches!(settlement.standing, Standing::Parked | Standing::Ambiguous) {
            let merchant = settlement.key.merchant.clone();
            self.call("arm the lot", |tables| {
                tables.armed.insert(merchant, settlement.now)
            })
            .await;
        }
        Ok(self
            .call("settle", |tables| settle_row(tables, settlement))
            .await)
    }

    async fn keep_message(&self, message: &KeptMessage<'_>) -> Result<(), StoreError> {
        let kept = (
            message.message_id.to_owned(),
            message.reason.code.as_str().to_owned(),
        );
        let keep = |tables: &mut Tables| {
            if !tables.kept.contains(&kept) {
                tables.kept.push(kept);
            }
        };
        self.call("keep a message", keep).await;
        Ok(())
    }

    async fn claim_link(
        &self,
        key: &LinkKey,
        owner: &str,
        now: Timestamp,
        lease: Duration,
        quiescence: Duration,
    ) -> Result<LinkClaimed, StoreError> {
        let claim = |tables: &mut Tables| match tables.links.get(key) {
            Some(LinkRow::Linked(link)) => LinkClaimed::Linked(link.clone()),
            Some(LinkRow::Claimed(other, until))
                if other != owner && *until >= now - quiescence =>
            {
                LinkClaimed::Busy
            }
            _ => {
                tables
                    .links
                    .insert(key.clone(), LinkRow::Claimed(owner.to_owned(), now + lease));
                LinkClaimed::Ours
            }
        };
        Ok(self.call("claim a link", claim).await)
    }

    async fn link(&self, key: &LinkKey, link: &Link, _: Timestamp) -> Result<Link, StoreError> {
        let put = |tables: &mut Tables| match tables.links.get(key) {
            Some(LinkRow::Linked(first)) => first.clone(),
            _ => {
                tables
                    .links
                    .insert(key.clone(), LinkRow::Linked(link.clone()));
                link.clone()
            }
        };
        Ok(self.call("link", put).await)
    }

    async fn release_link(&self, key: &LinkKey, owner: &str) -> Result<(), StoreError> {
        let release = |tables: &mut Tables| {
            if matches!(tables.links.get(key), Some(LinkRow::Claimed(by, _)) if by == owner) {
                tables.links.remove(key);
            }
        };
        self.call("release a link", release).await;
        Ok(())
    }
}

fn claim_row(tables: &mut Tables, claim: &Claim<'_>) -> Claimed {
    let before = tables.ledger.get(claim.key).cloned();
    if let Some(row) = &before {
        let same = row.fingerprint == claim.fingerprint
            && row.realm.as_ref().is_none_or(|realm| realm == claim.realm);
        let free = match row.standing {
            Standing::Parked => true,
            Standing::Ambiguous => row.due.is_some_and(|due| due <= claim.now),
            Standing::Claimed => row
                .lease_until
                .is_some_and(|until| until < claim.now - claim.quiescence),
            _ => false,
        };
        if !(same && free) {
            return Claimed::Refused(Box::new(row.clone()));
        }
    } else if claim.frozen.is_none() {
        return Claimed::Refused(Box::new(fresh(claim.fingerprint)));
    }
    let mut row = before.clone().unwrap_or_else(|| fresh(claim.fingerprint));
    row.standing = Standing::Claimed;
    row.attempt += 1;
    row.owner = Some(claim.owner.to_owned());
    row.lease_until = Some(claim.now + claim.lease);
    row.realm.get_or_insert_with(|| claim.realm.clone());
    if let Some(frozen) = &claim.frozen {
        row.request_id
            .get_or_insert_with(|| frozen.request_id.to_owned());
        row.frozen.get_or_insert_with(|| frozen.receipt.to_vec());
    }
    tables.ledger.insert(claim.key.clone(), row);
    Claimed::Ours {
        before: before.map(Box::new),
    }
}

fn complete_row(tables: &mut Tables, key: &TransactionKey, synced: &Synced) -> Written {
    let row = tables
        .ledger
        .entry(key.clone())
        .or_insert_with(|| fresh(""));
    if row
        .synced
        .as_ref()
        .is_some_and(|other| other.receipt != synced.receipt)
    {
        return Written::Refused(Box::new(row.clone()));
    }
    row.standing = Standing::Synced;
    row.synced = Some(synced.clone());
    row.owner = None;
    row.lease_until = None;
    row.due = None;
    row.frozen = None;
    row.reason = None;
    Written::Done
}

fn settle_row(tables: &mut Tables, settlement: &Settlement<'_>) -> Written {
    let may = match (tables.ledger.get(settlement.key), settlement.owner) {
        (None, None) => true,
        (Some(row), None) => {
            row.standing == Standing::Parked && row.fingerprint == settlement.fingerprint
        }
        (Some(row), Some(owner)) => {
            row.standing == Standing::Claimed && row.owner.as_deref() == Some(owner)
        }
        (None, Some(_)) => false,
    };
    let row = tables
        .ledger
        .entry(settlement.key.clone())
        .or_insert_with(|| fresh(settlement.fingerprint));
    if !may {
        return Written::Refused(Box::new(row.clone()));
    }
    row.standing = settlement.standing;
    row.reason = Some(settlement.reason.clone());
    row.due = settlement.due;
    row.owner = None;
    row.lease_until = None;
    if let Some(realm) = settlement.realm {
        row.realm.get_or_insert_with(|| RealmId::clone(realm));
    }
    Written::Done
}

fn fresh(fingerprint: &str) -> Row {
    Row {
        standing: Standing::Parked,
        attempt: 0,
        owner: None,
        lease_until: None,
        fingerprint: fingerprint.to_owned(),
        realm: None,
        request_id: None,
        frozen: None,
        due: None,
        reason: None,
        synced: None,
    }
}
