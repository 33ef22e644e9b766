//! Changes of linked customers' profiles.

use bookkeeping::customer::Version;
use bookkeeping::ids::{CustomerId, MerchantId};
use common::store::{
    ChangeClaimed, Changes, Link, LinkClaim, LinkKey, ParkedChange, Saved, StoreError,
};
use jiff::Timestamp;

use crate::broken::Promise;
use crate::planted::Bug;

use super::{Memory, Tables};

impl Changes for Memory {
    async fn claim_change(
        &self,
        claim: &LinkClaim<'_>,
        to: Option<(&Version, &[u8])>,
    ) -> Result<ChangeClaimed, StoreError> {
        let work = |tables: &mut Tables| {
            let is_careless = tables.planted.has(Bug::VersionIgnored);
            let row = tables.links.rows.entry(claim.key.clone()).or_default();
            let Some(link) = row.linked() else {
                return ChangeClaimed::NotLinked;
            };
            let is_older = |(version, _): (&Version, _)| !version.is_newer_than(&link.version);
            if to.is_some_and(is_older) && !is_careless {
                return ChangeClaimed::Done(Box::new(link));
            }
            if row.is_held(Some(claim.owner), claim.now) {
                return ChangeClaimed::Busy;
            }
            row.claim = Some((claim.owner.to_owned(), claim.now + claim.lease));
            let before = row.asked.clone();
            row.asked.extend(to.map(|(_, asked)| asked.to_vec()));
            ChangeClaimed::Ours {
                link: Box::new(link),
                asked: before,
            }
        };
        self.call("claim a change", work).await
    }

    async fn save_change(
        &self,
        key: &LinkKey,
        owner: Option<&str>,
        link: &Link,
        now: Timestamp,
    ) -> Result<Saved, StoreError> {
        let save = |tables: &mut Tables| {
            let row = tables.links.rows.entry(key.clone()).or_default();
            let same = row.link.as_ref().filter(|old| old.record == link.record);
            let may = match (owner, same) {
                (_, None) => false,
                (Some(owner), Some(_)) => row.claim.as_ref().is_some_and(|(by, _)| by == owner),
                (None, Some(old)) => old.revision == link.revision && !row.is_held(None, now),
            };
            let is_older = |old: &&Link| old.version.is_newer_than(&link.version);
            if may && same.filter(is_older).is_some() {
                self.broken.note(&self.waits, Promise::Newest, || {
                    format!("an older profile is written over a newer one of {key}")
                });
            }
            if may {
                row.write(link);
            }
            let standing = row.linked().map(Box::new);
            match (may, standing) {
                (true, Some(saved)) => Saved::Done(saved),
                (_, standing) => Saved::Refused(standing),
            }
        };
        self.call("save a change", save).await
    }

    async fn park_change(
        &self,
        merchant: &MerchantId,
        change: &ParkedChange,
    ) -> Result<(), StoreError> {
        let at = (merchant.clone(), change.customer.clone());
        let park = |tables: &mut Tables| {
            if tables.planted.has(Bug::ChangeDropped) {
                return;
            }
            let parked = match change.until {
                None => tables.links.parked.entry(at),
                Some(_) => tables.links.awaiting.entry(at),
            };
            let parked = parked.or_insert_with(|| change.clone());
            let is_careless = tables.planted.has(Bug::VersionIgnored);
            if change.version.is_newer_than(&parked.version) || is_careless {
                *parked = change.clone();
            }
        };
        self.call("park a change", park).await
    }

    async fn parked_changes(
        &self,
        merchant: &MerchantId,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Result<ParkedChange, String>>, StoreError> {
        let list = |tables: &mut Tables| {
            let parked = tables.links.parked.iter();
            parked
                .filter(|((whose, customer), _)| {
                    whose == merchant && after.is_none_or(|after| customer.as_str() > after)
                })
                .take(limit)
                .map(|(_, change)| Ok(change.clone()))
                .collect()
        };
        self.call("list parked changes", list).await
    }

    async fn changes_of(
        &self,
        merchant: &MerchantId,
        customer: &CustomerId,
    ) -> Result<Vec<ParkedChange>, StoreError> {
        let at = (merchant.clone(), customer.clone());
        let read = |tables: &mut Tables| {
            let kept = [&tables.links.awaiting, &tables.links.parked];
            kept.iter()
                .filter_map(|kept| kept.get(&at))
                .cloned()
                .collect()
        };
        self.call("read what waits of a customer", read).await
    }

    async fn wait_for_quickbooks(
        &self,
        merchant: &MerchantId,
        change: &ParkedChange,
    ) -> Result<(), StoreError> {
        if change.until.is_none() {
            return Ok(());
        }
        let at = (merchant.clone(), change.customer.clone());
        let read = |tables: &mut Tables| tables.links.awaiting.get(&at).cloned();
        let Some(kept) = self.call("read what awaits a payment", read).await? else {
            return Ok(());
        };
        let waits = ParkedChange {
            until: None,
            ..kept
        };
        self.park_change(merchant, &waits).await?;
        self.unpark_change(merchant, change).await
    }

    async fn unpark_change(
        &self,
        merchant: &MerchantId,
        change: &ParkedChange,
    ) -> Result<(), StoreError> {
        let at = (merchant.clone(), change.customer.clone());
        let unpark = |tables: &mut Tables| {
            let parked = match change.until {
                None => &mut tables.links.parked,
                Some(_) => &mut tables.links.awaiting,
            };
            if parked
                .get(&at)
                .is_some_and(|parked| parked.version == change.version)
            {
                parked.remove(&at);
            }
        };
        self.call("unpark a change", unpark).await
    }

    async fn erase_parked(
        &self,
        merchant: &MerchantId,
        customer: &CustomerId,
    ) -> Result<(), StoreError> {
        let at = (merchant.clone(), customer.clone());
        let erase = |tables: &mut Tables| {
            tables.links.parked.remove(&at);
            tables.links.awaiting.remove(&at);
        };
        self.call("erase a parked change", erase).await
    }
}
