//! Connections and access tokens.

use bookkeeping::ids::MerchantId;
use common::store::{Connections, Opening, StoreError};

use super::{Memory, Tables};

impl Connections for Memory {
    async fn openings(&self, merchants: &[MerchantId]) -> Result<Vec<Opening>, StoreError> {
        let read = |tables: &mut Tables| {
            merchants
                .iter()
                .map(|merchant| tables.openings.get(merchant).cloned().unwrap_or_default())
                .collect()
        };
        Ok(self.call("read openings", read).await)
    }
}
