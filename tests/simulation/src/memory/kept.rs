//! What is kept of a customer's transactions.

use bookkeeping::ids::{CustomerId, MerchantId};
use bookkeeping::transaction::TransactionKey;
use common::store::{Kept, KeptTransaction, StoreError};

use super::{LedgerRow, Memory, Partition, Tables};

impl Kept for Memory {
    async fn kept_for(
        &self,
        merchant: &MerchantId,
        customer: &CustomerId,
    ) -> Result<Vec<KeptTransaction>, StoreError> {
        let list = |tables: &mut Tables| {
            let parts = [Partition::Lot, Partition::Held, Partition::Failed];
            let listed = parts
                .into_iter()
                .flat_map(|part| tables.index.listed(merchant, part, "", usize::MAX));
            let kept = |(_, key): (String, TransactionKey)| {
                let LedgerRow {
                    row,
                    payload,
                    customer: whose,
                    ..
                } = tables.ledger.get(&key)?;
                (whose.as_ref() == Some(customer)).then_some(())?;
                Some(KeptTransaction {
                    standing: row.standing,
                    reason: row.reason.clone(),
                    payload: payload.clone()?,
                    key,
                })
            };
            listed.filter_map(kept).collect()
        };
        self.call("list a customer's transactions", list).await
    }

    async fn replace_payload(
        &self,
        key: &TransactionKey,
        payload: &[u8],
    ) -> Result<(), StoreError> {
        let replace = |tables: &mut Tables| {
            let kept = tables.ledger.get_mut(key);
            if let Some(kept) = kept.and_then(|stands| stands.payload.as_mut()) {
                *kept = payload.to_vec();
            }
        };
        self.call("replace a payload", replace).await
    }
}
