//! The list of every transaction.

use bookkeeping::ids::MerchantId;
use bookkeeping::transaction::TransactionKey;
use common::store::StoreError;
use common::store::activity::{Activity, Entry, Listed, Span, listed};
use jiff::Timestamp;

use super::{Memory, Tables};

impl Activity for Memory {
    async fn activity(
        &self,
        merchant: &MerchantId,
        span: &Span<'_>,
    ) -> Result<Vec<Entry>, StoreError> {
        let list = |tables: &mut Tables| {
            let theirs = tables
                .ledger
                .iter()
                .filter(|(key, _)| key.merchant == *merchant);
            let mut entries: Vec<Entry> = theirs
                .filter_map(|(key, stands)| {
                    let at = stands.row.listing.as_ref()?.moved_at;
                    let position = stands.listed.clone()?;
                    (span.from <= at && at < span.until).then(|| Entry {
                        position,
                        key: Some(key.clone()),
                        row: stands.row.clone(),
                    })
                })
                .collect();
            entries.sort_by(|a, b| b.position.cmp(&a.position));
            entries.retain(|entry| {
                span.after
                    .is_none_or(|after| entry.position.as_str() < after)
            });
            entries.truncate(span.limit);
            entries
        };
        self.call("list the activity", list).await
    }

    async fn tally(
        &self,
        merchant: &MerchantId,
        from: Timestamp,
        until: Timestamp,
        each: impl FnMut(Listed),
    ) -> Result<bool, StoreError> {
        let list = |tables: &mut Tables| {
            let theirs = tables
                .ledger
                .iter()
                .filter(|(key, _)| key.merchant == *merchant);
            let told = theirs.filter_map(|(_, stands)| {
                let at = stands.row.listing.as_ref()?.moved_at;
                let is_within = from <= at && at < until;
                stands.listed.as_deref().filter(|_| is_within).map(listed)
            });
            told.collect::<Vec<Option<Listed>>>()
        };
        let told = self.call("add up the activity", list).await?;
        let is_whole = told.iter().all(Option::is_some);
        told.into_iter().flatten().for_each(each);
        Ok(is_whole)
    }

    async fn message(&self, key: &TransactionKey) -> Result<Option<Vec<u8>>, StoreError> {
        self.call("read a message", |tables| {
            tables.ledger.get(key)?.payload.clone()
        })
        .await
    }
}
