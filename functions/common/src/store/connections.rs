//! Connections and access tokens: what a merchant's sync needs to begin.

use std::future::Future;

use bookkeeping::connection::Connection;
use bookkeeping::ids::{MerchantId, RealmId};
use jiff::Timestamp;

use super::StoreError;

/// What a merchant's sync needs to begin: the connection and its sealed access token.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Opening {
    /// The connection, where there is one.
    pub connection: Option<Connection>,
    /// The access token, sealed, where there is one.
    pub access: Option<SealedAccess>,
}

/// A sealed access token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedAccess {
    /// The token, sealed in the context of [`access_context`].
    pub token: Vec<u8>,
    /// When it stops working.
    pub expires_at: Timestamp,
}

/// The context an access token is sealed in.
#[must_use]
pub fn access_context(merchant: &MerchantId, realm: &RealmId) -> String {
    format!("access/{merchant}/{realm}")
}

/// Connections and access tokens, as remembered.
pub trait Connections {
    /// Reads what each merchant's sync needs to begin, in one batched read; in the order asked.
    fn openings(
        &self,
        merchants: &[MerchantId],
    ) -> impl Future<Output = Result<Vec<Opening>, StoreError>>;
}
