//! The refunds of payments.

use bookkeeping::transaction::TransactionKey;
use common::store::{Refunded, Refunds, StoreError};

use crate::planted::Bug;

use super::Memory;

impl Refunds for Memory {
    async fn refunded(&self, payment: &TransactionKey) -> Result<Refunded, StoreError> {
        self.call("read refunds", |tables| {
            let mut refunded = tables.refunds.get(payment).cloned().unwrap_or_default();
            if tables.planted.has(Bug::RefundsForgotten) {
                refunded.taken.clear();
            }
            refunded
        })
        .await
    }

    async fn keep_refunded(
        &self,
        payment: &TransactionKey,
        refunded: &Refunded,
    ) -> Result<bool, StoreError> {
        self.call("keep refunds", |tables| {
            let kept = tables.refunds.entry(payment.clone()).or_default();
            if kept.revision != refunded.revision {
                return false;
            }
            *kept = Refunded {
                revision: refunded.revision + 1,
                ..refunded.clone()
            };
            true
        })
        .await
    }
}
