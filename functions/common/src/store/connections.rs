//! Connections: what a merchant's sync needs to begin.

use std::future::Future;

use bookkeeping::breaker::Breaker;
use bookkeeping::connection::{Connection, ConnectionState};
use bookkeeping::ids::MerchantId;
use bookkeeping::settings::history::Change;

use super::StoreError;
use super::tokens::TokenRow;

/// What a merchant's sync needs to begin: the connection, its tokens, and whose turn it is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Opening {
    /// The connection, where there is one.
    pub connection: Option<Connection>,
    /// The tokens of the connection's epoch, where there are any.
    pub tokens: Option<TokenRow>,
    /// Whether live work yields to the drain of the merchant's lot.
    pub lot_open: bool,
    /// Whether QuickBooks is down for everyone, where that was asked and could be read at once.
    pub breaker: Option<Breaker>,
}

/// Connections, as remembered.
pub trait Connections {
    /// Reads what each merchant's sync needs to begin, in one batched read; in the order asked. What cannot be read of one
    /// merchant is that merchant's trouble alone. Whether QuickBooks is down is read with it where that is asked: one row that
    /// everybody reads, so that nobody waits for it.
    fn openings(
        &self,
        merchants: &[MerchantId],
        with_breaker: bool,
    ) -> impl Future<Output = Result<Vec<Result<Opening, StoreError>>, StoreError>>;

    /// Reads the same of one merchant, the breaker left out.
    fn opening(&self, merchant: &MerchantId) -> impl Future<Output = Result<Opening, StoreError>> {
        async move {
            let read = self.openings(std::slice::from_ref(merchant), false).await?;
            read.into_iter()
                .next()
                .unwrap_or_else(|| Ok(Opening::default()))
        }
    }

    /// Changes a connection's company lists, choices or catalogue, and raises its revision; what is changed of the choices
    /// goes into their history in the same write. `false` where its epoch or revision is another by now: nothing is changed.
    ///
    /// A write that was carried out and not answered gives `false` when it is asked again: the caller reads anew, and finds
    /// nothing left to change.
    fn revise(
        &self,
        connection: &Connection,
        change: Option<&Change>,
    ) -> impl Future<Output = Result<bool, StoreError>>;

    /// The newest changes of a merchant's choices, newest first, at most so many.
    fn history(
        &self,
        merchant: &MerchantId,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<Change>, StoreError>>;

    /// Changes whether a connection can be used, as it was decided ([`super::Tokens::note_untold`]). `false` where its epoch is
    /// another by now, or something else was decided since: nothing is changed. Without tokens it can only be disconnected.
    fn set_state(
        &self,
        merchant: &MerchantId,
        epoch: u64,
        state: ConnectionState,
    ) -> impl Future<Output = Result<bool, StoreError>>;
}
