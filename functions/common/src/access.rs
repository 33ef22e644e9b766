//! Access: a usable connection and access token for a merchant, remembered for a short while.

use std::cell::RefCell;
use std::collections::HashMap;
use std::time::Duration;

use bookkeeping::connection::Connection;
use bookkeeping::ids::MerchantId;
use bookkeeping::reason::{Reason, ReasonCode};
use jiff::Timestamp;
use secrecy::SecretString;

use crate::store::{Connections, Opening, StoreError, access_context};
use crate::world::World;

/// How long a connection read from the store is believed. A reconnection to another company waits this out.
const REMEMBERED: Duration = Duration::from_secs(30);

/// Least remaining life of a token that is still used, so that it cannot run out on the way.
const LIFE_LEFT: Duration = Duration::from_secs(120);

/// What a merchant's sync may use.
pub struct Access {
    /// The connection.
    pub connection: Connection,
    /// The access token; prints as `[secret]`.
    pub token: SecretString,
}

/// Why a merchant's sync may not begin.
#[derive(Debug)]
pub enum Closed {
    /// No company was ever connected.
    NotConnected,
    /// It is connected, but nothing can be written now.
    Waiting(Box<Connection>, Reason),
}

/// What was read lately.
#[derive(Default)]
pub struct Remembered {
    openings: RefCell<HashMap<MerchantId, (Duration, Opening)>>,
}

impl Remembered {
    /// Reads what is not remembered of these merchants, in one batched read.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where the store cannot be read.
    pub async fn prepare<W: World>(
        &self,
        world: &W,
        merchants: &[MerchantId],
    ) -> Result<(), StoreError> {
        let now = world.uptime();
        // That there is no connection is never remembered: a merchant who connects is not skipped a moment longer.
        let fresh = |(read_at, opening): &(Duration, Opening)| {
            opening.connection.is_some() && now.saturating_sub(*read_at) < REMEMBERED
        };
        let missing: Vec<MerchantId> = {
            let openings = self.openings.borrow();
            merchants
                .iter()
                .filter(|merchant| !openings.get(merchant).is_some_and(fresh))
                .cloned()
                .collect()
        };
        if missing.is_empty() {
            return Ok(());
        }
        let read = world.store().openings(&missing).await?;
        let mut openings = self.openings.borrow_mut();
        openings.extend(
            missing
                .into_iter()
                .zip(read.into_iter().map(|opening| (now, opening))),
        );
        Ok(())
    }

    /// A usable connection and token of a merchant that was [prepared](Self::prepare), or why there is none.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where the token cannot be opened.
    pub async fn open<W: World>(
        &self,
        world: &W,
        merchant: &MerchantId,
        now: Timestamp,
    ) -> Result<Result<Access, Closed>, StoreError> {
        let opening = self
            .openings
            .borrow()
            .get(merchant)
            .map(|(_, opening)| opening.clone())
            .unwrap_or_default();
        let Some(connection) = opening.connection else {
            return Ok(Err(Closed::NotConnected));
        };
        if let Some(reason) = connection.closed() {
            return Ok(Err(Closed::Waiting(Box::new(connection), reason)));
        }
        let usable = opening
            .access
            .filter(|access| access.expires_at > now + LIFE_LEFT);
        let Some(sealed) = usable else {
            return Ok(Err(Closed::Waiting(
                Box::new(connection),
                Reason::new(ReasonCode::Reconnect),
            )));
        };
        let context = access_context(merchant, &connection.company.realm);
        let token = world.token_keys().await?.open(&sealed.token, &context);
        let token = token.map_err(|error| StoreError::Unreadable(error.to_string()))?;
        let token = String::from_utf8(token)
            .map_err(|_| StoreError::Unreadable("access token".to_owned()))?;
        Ok(Ok(Access {
            connection,
            token: SecretString::from(token),
        }))
    }

    /// Forgets a merchant, so that the next look reads the store.
    pub fn forget(&self, merchant: &MerchantId) {
        self.openings.borrow_mut().remove(merchant);
    }
}
