//! What is kept of a customer's transactions.

use bookkeeping::ids::{CustomerId, MerchantId};
use bookkeeping::transaction::TransactionKey;
use common::store::{Erasure, Kept, KeptTransaction, StoreError};
use jiff::Timestamp;

use super::{LedgerRow, Memory, Partition, Tables};

impl Kept for Memory {
    async fn kept_for(
        &self,
        merchant: &MerchantId,
        customer: &CustomerId,
    ) -> Result<Vec<Result<KeptTransaction, StoreError>>, StoreError> {
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
                if tables.later.rows.contains(&key) {
                    return Some(Err(StoreError::unreadable("a row of a later version")));
                }
                Some(Ok(KeptTransaction {
                    row: row.clone(),
                    payload: payload.clone()?,
                    key,
                }))
            };
            listed.filter_map(kept).collect()
        };
        self.call("list a customer's transactions", list).await
    }

    async fn replace_sealed(
        &self,
        read: &KeptTransaction,
        payload: &[u8],
        frozen: Option<&[u8]>,
    ) -> Result<bool, StoreError> {
        let replace = |tables: &mut Tables| {
            let Some(LedgerRow {
                row, payload: kept, ..
            }) = tables.ledger.get_mut(&read.key)
            else {
                return true;
            };
            let Some(kept) = kept else { return true };
            let before = (&read.payload, read.row.standing, &read.row.frozen);
            if (&*kept, row.standing, &row.frozen) != before {
                return false;
            }
            *kept = payload.to_vec();
            row.frozen = frozen.map(<[u8]>::to_vec);
            true
        };
        self.call("replace what is sealed", replace).await
    }

    async fn note_erasure(
        &self,
        merchant: &MerchantId,
        erasure: &Erasure,
    ) -> Result<(), StoreError> {
        let note = |tables: &mut Tables| {
            let key = (merchant.clone(), erasure.customer.clone());
            tables.links.erasures.insert(key, erasure.look_at);
        };
        self.call("note an erasure", note).await
    }

    async fn erasures(
        &self,
        merchant: &MerchantId,
    ) -> Result<Vec<Result<Erasure, StoreError>>, StoreError> {
        let list = |tables: &mut Tables| {
            let noted = tables.links.erasures.iter();
            let of = noted.filter(|((whose, _), _)| whose == merchant);
            let of = of.map(|((_, customer), look_at)| {
                Ok(Erasure {
                    customer: customer.clone(),
                    look_at: *look_at,
                })
            });
            let later = tables.later.erasures.iter();
            let later = later.filter(|(whose, _)| whose == merchant);
            let later = later.map(|_| Err(StoreError::unreadable("a note of a later version")));
            later.chain(of).collect()
        };
        self.call("list erasures", list).await
    }

    async fn end_erasure(
        &self,
        merchant: &MerchantId,
        erasure: &Erasure,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let end = |tables: &mut Tables| {
            let key = (merchant.clone(), erasure.customer.clone());
            tables.links.erased.insert(key.clone(), now);
            if tables.links.erasures.get(&key) == Some(&erasure.look_at) {
                tables.links.erasures.remove(&key);
            }
        };
        self.call("end an erasure", end).await
    }

    async fn erased_since(
        &self,
        merchant: &MerchantId,
        since: Timestamp,
    ) -> Result<Vec<CustomerId>, StoreError> {
        let list = |tables: &mut Tables| {
            let erased = tables.links.erased.iter();
            let of = erased.filter(|((whose, _), at)| whose == merchant && **at >= since);
            of.map(|((_, customer), _)| customer.clone()).collect()
        };
        self.call("list who was erased", list).await
    }
}
