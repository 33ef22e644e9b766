//! The ledger.

use bookkeeping::ids::{RealmId, SyncToken};
use bookkeeping::outcome::Synced;
use bookkeeping::refund::Posted;
use bookkeeping::transaction::TransactionKey;
use common::store::{
    Claim, Claimed, KeptMessage, Ledger, Row, Settlement, Standing, StoreError, Written,
};

use super::{Memory, Tables};

impl Ledger for Memory {
    async fn row(&self, key: &TransactionKey) -> Result<Option<Row>, StoreError> {
        Ok(self
            .call("read a row", |tables| tables.ledger.get(key).cloned())
            .await)
    }

    async fn claim(&self, claim: &Claim<'_>) -> Result<Claimed, StoreError> {
        Ok(self.call("claim", |tables| claim_row(tables, claim)).await)
    }

    async fn complete(
        &self,
        key: &TransactionKey,
        synced: &Synced,
        _: &SyncToken,
        posted: Option<&Posted>,
    ) -> Result<Written, StoreError> {
        Ok(self
            .call("complete", |tables| {
                complete_row(tables, key, synced, posted)
            })
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

fn complete_row(
    tables: &mut Tables,
    key: &TransactionKey,
    synced: &Synced,
    posted: Option<&Posted>,
) -> Written {
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
    row.posted = posted.cloned();
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
        posted: None,
    }
}
