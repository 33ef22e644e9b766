//! Customer links.

use bookkeeping::customer::Version;
use bookkeeping::ids::{CompanyCustomerId, CustomerId, MerchantId, RealmId};
use common::store::{
    ChangeClaimed, Link, LinkClaim, LinkClaimed, LinkKey, Links, ParkedChange, StoreError,
};
use jiff::Timestamp;

use super::{Memory, Tables};

/// A customer link's row.
#[derive(Clone, Default)]
pub struct LinkRow {
    /// The link, once there is one.
    pub link: Option<Link>,
    /// Who is at it, and until when that is believed.
    pub claim: Option<(String, Timestamp)>,
    /// What was asked for, sealed.
    pub asked: Vec<Vec<u8>>,
    /// How often a creation was refused.
    pub refused: u32,
}

/// What the links' table holds.
#[derive(Default)]
pub struct LinkTable {
    /// Links, and who is at them.
    pub rows: std::collections::BTreeMap<LinkKey, LinkRow>,
    /// Whose profile each record has.
    pub owners: std::collections::BTreeMap<(MerchantId, RealmId, String), String>,
    /// Changes that wait.
    pub parked: std::collections::BTreeMap<(MerchantId, RealmId, CustomerId), ParkedChange>,
}

impl LinkRow {
    /// Whether somebody else holds it at this instant.
    fn is_held(&self, owner: Option<&str>, at: Timestamp) -> bool {
        let held = |(by, until): &(String, Timestamp)| Some(by.as_str()) != owner && *until >= at;
        self.claim.as_ref().is_some_and(held)
    }
}

impl Links for Memory {
    async fn links(&self, keys: &[LinkKey]) -> Result<Vec<Option<Link>>, StoreError> {
        let read = |tables: &mut Tables| {
            let linked = |key| tables.links.rows.get(key).and_then(|row| row.link.clone());
            keys.iter().map(linked).collect()
        };
        Ok(self.call("read links", read).await)
    }

    async fn links_of(
        &self,
        merchant: &MerchantId,
        realm: &RealmId,
        customer: &CustomerId,
    ) -> Result<Vec<(LinkKey, Option<Link>)>, StoreError> {
        let read = |tables: &mut Tables| {
            let rows = tables.links.rows.iter();
            rows.filter(|(key, _)| {
                (&key.merchant, &key.realm, &key.customer) == (merchant, realm, customer)
            })
            .map(|(key, row)| (key.clone(), row.link.clone()))
            .collect()
        };
        Ok(self.call("read a customer's links", read).await)
    }

    async fn claim_link(
        &self,
        claim: &LinkClaim<'_>,
        asked: &[u8],
        dead: Option<&CompanyCustomerId>,
    ) -> Result<LinkClaimed, StoreError> {
        let work = |tables: &mut Tables| {
            let row = tables.links.rows.entry(claim.key.clone()).or_default();
            match &row.link {
                Some(link) if Some(&link.record) != dead => {
                    return LinkClaimed::Linked(Box::new(link.clone()));
                }
                None if row.is_held(Some(claim.owner), claim.now - claim.quiescence) => {
                    return LinkClaimed::Busy;
                }
                _ => {}
            }
            row.link = None;
            row.claim = Some((claim.owner.to_owned(), claim.now + claim.lease));
            LinkClaimed::Ours {
                revision: row.refused,
                asked: {
                    let before = row.asked.clone();
                    row.asked.push(asked.to_vec());
                    before
                },
            }
        };
        Ok(self.call("claim a link", work).await)
    }

    async fn link(&self, key: &LinkKey, link: &Link) -> Result<Link, StoreError> {
        let put = |tables: &mut Tables| {
            let row = tables.links.rows.entry(key.clone()).or_default();
            match &row.link {
                Some(first) if first.record != link.record => first.clone(),
                _ => {
                    row.link = Some(link.clone());
                    row.claim = None;
                    row.asked.clear();
                    link.clone()
                }
            }
        };
        Ok(self.call("link", put).await)
    }

    async fn release_link(
        &self,
        key: &LinkKey,
        owner: &str,
        refused: bool,
        asked: &[Vec<u8>],
    ) -> Result<(), StoreError> {
        let release = |tables: &mut Tables| {
            let row = tables.links.rows.entry(key.clone()).or_default();
            if row.claim.as_ref().is_some_and(|(by, _)| by == owner) {
                row.claim = None;
                row.asked = asked.to_vec();
                row.refused += u32::from(refused);
            }
        };
        self.call("release a link", release).await;
        Ok(())
    }

    async fn own_record(
        &self,
        key: &LinkKey,
        record: &CompanyCustomerId,
    ) -> Result<bool, StoreError> {
        let own = |tables: &mut Tables| {
            let at = (key.merchant.clone(), key.realm.clone(), record.to_string());
            let owner = tables.links.owners.entry(at);
            *owner.or_insert_with(|| key.to_string()) == key.to_string()
        };
        Ok(self.call("own a record", own).await)
    }

    async fn claim_change(
        &self,
        claim: &LinkClaim<'_>,
        version: Option<&Version>,
    ) -> Result<ChangeClaimed, StoreError> {
        let work = |tables: &mut Tables| {
            let row = tables.links.rows.entry(claim.key.clone()).or_default();
            let Some(link) = row.link.clone() else {
                return ChangeClaimed::NotLinked;
            };
            if version.is_some_and(|version| !version.is_newer_than(&link.version)) {
                return ChangeClaimed::Done(Box::new(link));
            }
            if row.is_held(Some(claim.owner), claim.now) {
                return ChangeClaimed::Busy;
            }
            row.claim = Some((claim.owner.to_owned(), claim.now + claim.lease));
            ChangeClaimed::Ours(Box::new(link))
        };
        Ok(self.call("claim a change", work).await)
    }

    async fn save_change(
        &self,
        key: &LinkKey,
        owner: Option<&str>,
        link: &Link,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let save = |tables: &mut Tables| {
            let row = tables.links.rows.entry(key.clone()).or_default();
            let same = row.link.as_ref().filter(|old| old.record == link.record);
            let may = match (owner, same) {
                (_, None) => false,
                (Some(owner), Some(_)) => row.claim.as_ref().is_some_and(|(by, _)| by == owner),
                (None, Some(old)) => {
                    link.version.is_newer_than(&old.version) && !row.is_held(None, now)
                }
            };
            if may {
                row.link = Some(link.clone());
                row.claim = None;
            }
            may
        };
        Ok(self.call("save a change", save).await)
    }

    async fn park_change(
        &self,
        merchant: &MerchantId,
        realm: &RealmId,
        change: &ParkedChange,
    ) -> Result<(), StoreError> {
        let at = (merchant.clone(), realm.clone(), change.customer.clone());
        let park = |tables: &mut Tables| {
            let parked = tables.links.parked.entry(at);
            let parked = parked.or_insert_with(|| change.clone());
            if change.version.is_newer_than(&parked.version) {
                *parked = change.clone();
            }
        };
        self.call("park a change", park).await;
        Ok(())
    }

    async fn parked_changes(
        &self,
        merchant: &MerchantId,
        realm: &RealmId,
    ) -> Result<Vec<ParkedChange>, StoreError> {
        let list = |tables: &mut Tables| {
            let parked = tables.links.parked.iter();
            parked
                .filter(|((whose, at, _), _)| (whose, at) == (merchant, realm))
                .map(|(_, change)| change.clone())
                .collect()
        };
        Ok(self.call("list parked changes", list).await)
    }

    async fn unpark_change(
        &self,
        merchant: &MerchantId,
        realm: &RealmId,
        change: &ParkedChange,
    ) -> Result<(), StoreError> {
        let at = (merchant.clone(), realm.clone(), change.customer.clone());
        let unpark = |tables: &mut Tables| {
            let parked = &mut tables.links.parked;
            if parked
                .get(&at)
                .is_some_and(|parked| parked.version == change.version)
            {
                parked.remove(&at);
            }
        };
        self.call("unpark a change", unpark).await;
        Ok(())
    }

    async fn erase_links(
        &self,
        merchant: &MerchantId,
        realm: &RealmId,
        customer: &CustomerId,
    ) -> Result<usize, StoreError> {
        let erase = |tables: &mut Tables| {
            let at = (merchant.clone(), realm.clone(), customer.clone());
            tables.links.parked.remove(&at);
            let mut erased = 0;
            for (key, row) in &mut tables.links.rows {
                if (&key.merchant, &key.realm, &key.customer) != (merchant, realm, customer) {
                    continue;
                }
                if let Some(link) = &mut row.link {
                    link.baseline = None;
                    link.facts.fingerprints = None;
                    row.claim = None;
                    erased += 1;
                }
            }
            erased
        };
        Ok(self.call("erase links", erase).await)
    }
}
