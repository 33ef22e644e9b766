//! Customer links.

use std::time::Duration;

use common::store::{Link, LinkClaimed, LinkKey, Links, StoreError};
use jiff::Timestamp;

use super::{Memory, Tables};

/// A customer link's row.
pub enum LinkRow {
    /// Somebody is at it.
    Claimed(String, Timestamp),
    /// Linked.
    Linked(Link),
}

impl Links for Memory {
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
