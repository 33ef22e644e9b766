//! Connections.

use bookkeeping::connection::{Connection, ConnectionState};
use bookkeeping::ids::MerchantId;
use bookkeeping::settings::history::Change;
use common::store::breakers::QUICKBOOKS;
use common::store::{Connections, Opening, StoreError};

use crate::planted::Bug;

use super::{Memory, Tables};

impl Tables {
    /// Puts a connection into a state behind everybody's back, as if that had been decided and told.
    ///
    /// # Panics
    ///
    /// Where there is no connection.
    pub fn put_in_state(&mut self, merchant: &MerchantId, state: ConnectionState) {
        let connection = self.connections.get_mut(merchant).expect("connected");
        connection.state = state;
        let key = (merchant.clone(), connection.epoch);
        if let Some(row) = self.tokens.get_mut(&key) {
            row.decided = Some(state);
        }
    }
}

impl Connections for Memory {
    async fn openings(
        &self,
        merchants: &[MerchantId],
        with_breaker: bool,
    ) -> Result<Vec<Result<Opening, StoreError>>, StoreError> {
        let read = |tables: &mut Tables| {
            merchants
                .iter()
                .map(|merchant| {
                    let connection = tables.connections.get(merchant).cloned();
                    let forgets = tables.planted.has(Bug::ClosedForgotten);
                    let is_open = |connection: &Connection| {
                        !forgets || connection.state == ConnectionState::Connected
                    };
                    let connection = connection.filter(is_open);
                    let epoch = connection.as_ref().map(|connection| connection.epoch);
                    let key = epoch.map(|epoch| (merchant.clone(), epoch));
                    let tokens = key.and_then(|key| tables.tokens.get(&key).cloned());
                    let lot = tables.lots.get(merchant);
                    Ok(Opening {
                        connection,
                        tokens,
                        lot_open: lot.is_some_and(|lot| lot.open_since.is_some()),
                        breaker: with_breaker.then(|| tables.breaker(QUICKBOOKS)),
                    })
                })
                .collect()
        };
        self.call("read openings", read).await
    }

    async fn revise(
        &self,
        connection: &Connection,
        change: Option<&Change>,
    ) -> Result<bool, StoreError> {
        let merchant = &connection.merchant;
        let revise = |tables: &mut Tables| match tables.connections.get_mut(merchant) {
            Some(known)
                if known.epoch == connection.epoch && known.revision == connection.revision =>
            {
                // A change of state is not one of these.
                let state = known.state;
                *known = Connection {
                    state,
                    revision: connection.revision + 1,
                    ..connection.clone()
                };
                let change = change.map(|change| (merchant.clone(), change.clone()));
                tables.history.extend(change);
                true
            }
            _ => false,
        };
        self.call("revise a connection", revise).await
    }

    async fn history(
        &self,
        merchant: &MerchantId,
        limit: usize,
    ) -> Result<Vec<Change>, StoreError> {
        let read = |tables: &mut Tables| {
            let theirs = tables.history.iter().rev().filter(|(of, _)| of == merchant);
            theirs
                .take(limit)
                .map(|(_, change)| change.clone())
                .collect()
        };
        self.call("read the history", read).await
    }

    async fn set_state(
        &self,
        merchant: &MerchantId,
        epoch: u64,
        state: ConnectionState,
    ) -> Result<bool, StoreError> {
        let set = |tables: &mut Tables| {
            let row = tables.tokens.get(&(merchant.clone(), epoch));
            let stands = match row {
                Some(row) => row.decided == Some(state),
                None => state == ConnectionState::Disconnected,
            };
            match tables.connections.get_mut(merchant) {
                Some(connection) if connection.epoch == epoch && stands => {
                    connection.state = state;
                    true
                }
                _ => false,
            }
        };
        self.call("set the connection's state", set).await
    }
}
