//! Customer links.

use std::time::Duration;

use bookkeeping::ids::{CompanyCustomerId, CustomerId, MerchantId, RealmId};
use common::store::{
    Door, Erased, Link, LinkClaim, LinkClaimed, LinkKey, LinkStanding, Links, ParkedChange,
    StoreError,
};
use jiff::Timestamp;

use crate::planted::Bug;

use super::doors::DoorRow;
use super::{Memory, Tables};

/// A customer link's row.
#[derive(Clone, Default)]
pub struct LinkRow {
    /// The link, once there is one.
    pub link: Option<Link>,
    /// The link that was given up.
    pub given_up: Option<Link>,
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
    /// Changes that wait for QuickBooks.
    pub parked: std::collections::BTreeMap<(MerchantId, CustomerId), ParkedChange>,
    /// Changes that wait for a first payment.
    pub awaiting: std::collections::BTreeMap<(MerchantId, CustomerId), ParkedChange>,
    /// When erased customers are looked for once more.
    pub erasures: std::collections::BTreeMap<(MerchantId, CustomerId), jiff::Timestamp>,
    /// Who was erased, and when that was done.
    pub erased: std::collections::BTreeMap<(MerchantId, CustomerId), jiff::Timestamp>,
    /// Who is inside each door, and what was created there.
    pub doors: std::collections::BTreeMap<Door, DoorRow>,
}

/// A link as a table keeps it: its version's time in milliseconds.
pub(super) fn kept(link: &Link) -> Link {
    let mut link = Link {
        is_unsure: false,
        ..link.clone()
    };
    let milliseconds = |at: Timestamp| Timestamp::from_millisecond(at.as_millisecond());
    link.version.at = link.version.at.and_then(|at| milliseconds(at).ok());
    link
}

impl LinkRow {
    /// The link, once there is one.
    pub(super) fn linked(&self) -> Option<Link> {
        let is_unsure = !self.asked.is_empty();
        self.link.clone().map(|link| Link { is_unsure, ..link })
    }

    /// Writes the link, raises its revision and gives its claim up.
    pub(super) fn write(&mut self, link: &Link) {
        let before = self.link.take().or(self.given_up.take());
        let mut link = kept(link);
        link.revision = before.map_or(0, |before| before.revision) + 1;
        self.link = Some(link);
        self.claim = None;
        self.asked.clear();
    }

    /// Whether somebody else holds it at this instant.
    pub(super) fn is_held(&self, owner: Option<&str>, at: Timestamp) -> bool {
        let held = |(by, until): &(String, Timestamp)| Some(by.as_str()) != owner && *until >= at;
        self.claim.as_ref().is_some_and(held)
    }
}

impl Links for Memory {
    async fn links(&self, keys: &[LinkKey]) -> Result<Vec<Option<Link>>, StoreError> {
        let read = |tables: &mut Tables| {
            let linked = |key| tables.links.rows.get(key).and_then(LinkRow::linked);
            keys.iter().map(linked).collect()
        };
        self.call("read links", read).await
    }

    async fn links_of(
        &self,
        merchant: &MerchantId,
        realm: &RealmId,
        customer: &CustomerId,
    ) -> Result<Vec<(LinkKey, LinkStanding)>, StoreError> {
        let read = |tables: &mut Tables| {
            let rows = tables.links.rows.iter();
            rows.filter(|(key, _)| {
                (&key.merchant, &key.realm, &key.customer) == (merchant, realm, customer)
            })
            .map(|(key, row)| {
                let standing = match row.linked() {
                    Some(link) => LinkStanding::Linked(Box::new(link)),
                    None if row.claim.is_some() => LinkStanding::Sought,
                    None => LinkStanding::Unlinked,
                };
                (key.clone(), standing)
            })
            .collect()
        };
        self.call("read a customer's links", read).await
    }

    async fn claim_link(
        &self,
        claim: &LinkClaim<'_>,
        asked: &[u8],
        dead: Option<&CompanyCustomerId>,
    ) -> Result<LinkClaimed, StoreError> {
        let work = |tables: &mut Tables| {
            let is_open = tables.planted.has(Bug::LinkForAll);
            let row = tables.links.rows.entry(claim.key.clone()).or_default();
            match &row.link {
                Some(link) if Some(&link.record) != dead => {
                    return LinkClaimed::Linked(Box::new(link.clone()));
                }
                None if !is_open
                    && row.is_held(Some(claim.owner), claim.now - claim.quiescence) =>
                {
                    return LinkClaimed::Busy;
                }
                _ => {}
            }
            row.given_up = row.link.take().or(row.given_up.take());
            row.refused += u32::from(dead.is_some());
            row.claim = Some((claim.owner.to_owned(), claim.now + claim.lease));
            LinkClaimed::Ours {
                revision: row.refused,
                given_up: row.given_up.clone().map(Box::new),
                asked: {
                    let before = row.asked.clone();
                    row.asked.push(asked.to_vec());
                    before
                },
            }
        };
        self.call("claim a link", work).await
    }

    async fn link(
        &self,
        key: &LinkKey,
        owner: &str,
        link: &Link,
    ) -> Result<Option<Link>, StoreError> {
        let put = |tables: &mut Tables| {
            let row = tables.links.rows.entry(key.clone()).or_default();
            let is_theirs = row.claim.as_ref().is_some_and(|(by, _)| by == owner);
            if row.link.is_none() && is_theirs {
                row.write(link);
            }
            row.link.clone()
        };
        self.call("link", put).await
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
        self.call("release a link", release).await
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
        self.call("own a record", own).await
    }

    async fn erase_links(
        &self,
        merchant: &MerchantId,
        customer: &CustomerId,
        now: Timestamp,
        quiescence: Duration,
    ) -> Result<Erased, StoreError> {
        let erase = |tables: &mut Tables| {
            let mut erased = Erased::default();
            for (key, row) in &mut tables.links.rows {
                if (&key.merchant, &key.customer) != (merchant, customer) {
                    continue;
                }
                if tables.later.links.contains(key) {
                    erased.unreadable += 1;
                    continue;
                }
                let rest = row.link.as_ref().map_or(quiescence, |_| Duration::ZERO);
                if row.is_held(None, now - rest) {
                    erased.busy += 1;
                    continue;
                }
                row.claim = None;
                row.asked.clear();
                row.given_up = None;
                if let Some(mut link) = row.link.clone() {
                    link.baseline = None;
                    link.facts.fingerprints = None;
                    row.write(&link);
                }
                erased.rows += 1;
            }
            erased
        };
        self.call("erase links", erase).await
    }
}
