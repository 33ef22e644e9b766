//! The list of every transaction.

use bookkeeping::ids::MerchantId;
use bookkeeping::transaction::TransactionKey;
use common::store::StoreError;
use common::store::activity::{Activity, Entry, Span};

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
                    (span.from <= at && at < span.until).then(|| Entry {
                        position: format!("{at:.3}#{}#{}", key.kind, key.id),
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

    async fn message(&self, key: &TransactionKey) -> Result<Option<Vec<u8>>, StoreError> {
        self.call("read a message", |tables| {
            tables.ledger.get(key)?.payload.clone()
        })
        .await
    }
}
