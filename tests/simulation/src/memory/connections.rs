//! Connections.

use bookkeeping::connection::ConnectionState;
use bookkeeping::ids::MerchantId;
use common::store::{Connections, Opening, StoreError};

use super::{Memory, Tables};

impl Connections for Memory {
    async fn openings(&self, merchants: &[MerchantId]) -> Result<Vec<Opening>, StoreError> {
        let read = |tables: &mut Tables| {
            merchants
                .iter()
                .map(|merchant| {
                    let connection = tables.connections.get(merchant).cloned();
                    let epoch = connection.as_ref().map(|connection| connection.epoch);
                    let key = epoch.map(|epoch| (merchant.clone(), epoch));
                    let tokens = key.and_then(|key| tables.tokens.get(&key).cloned());
                    let lot = tables.lots.get(merchant);
                    Opening {
                        connection,
                        tokens,
                        lot_open: lot.is_some_and(|lot| lot.open_since.is_some()),
                    }
                })
                .collect()
        };
        self.call("read openings", read).await
    }

    async fn set_state(
        &self,
        merchant: &MerchantId,
        epoch: u64,
        state: ConnectionState,
    ) -> Result<bool, StoreError> {
        let set = |tables: &mut Tables| match tables.connections.get_mut(merchant) {
            Some(connection) if connection.epoch == epoch => {
                connection.state = state;
                true
            }
            _ => false,
        };
        self.call("set the connection's state", set).await
    }
}
