//! Tokens: what is remembered of the tokens of each connection, and what each write promises.
//!
//! A merchant's tokens stand in one row, each epoch of the connection apart: what a refresh of an old epoch still
//! receives lands where nobody reads.

use std::future::Future;
use std::time::Duration;

use bookkeeping::connection::ConnectionState;
use bookkeeping::ids::{MerchantId, RealmId};
use bookkeeping::refusals::Refusals;
use bookkeeping::token::{Candidate, TokenHash, Trial};
use jiff::Timestamp;

use super::StoreError;

/// A sealed access token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedAccess {
    /// The token, sealed in the context of [`access_context`].
    pub token: Vec<u8>,
    /// When it stops working, a margin taken off.
    pub expires_at: Timestamp,
}

/// The context an access token is sealed in.
#[must_use]
pub fn access_context(merchant: &MerchantId, realm: &RealmId) -> String {
    format!("access/{merchant}/{realm}")
}

/// The context a refresh token is sealed in: another than an access token's, so that neither passes for the other.
#[must_use]
pub fn refresh_context(merchant: &MerchantId, realm: &RealmId) -> String {
    format!("refresh/{merchant}/{realm}")
}

/// A refresh token in the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What is known of it.
    pub candidate: Candidate,
    /// The token, sealed in the context of [`refresh_context`].
    pub token: Vec<u8>,
}

/// Who is refreshing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefreshLease {
    /// The claim's own name.
    pub owner: String,
    /// Until when nobody else may ask.
    pub until: Timestamp,
}

/// A change of the connection's state that was decided and may not have been told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Untold {
    /// The new state.
    pub state: ConnectionState,
    /// When it was decided.
    pub at: Timestamp,
}

/// What is remembered of the tokens of one epoch of a connection.
#[derive(Clone, Debug, PartialEq)]
pub struct TokenRow {
    /// The connection's epoch.
    pub epoch: u64,
    /// The company they open.
    pub realm: RealmId,
    /// Raised by every success.
    pub generation: u64,
    /// Raised by every claim: who holds a lower one has been overtaken.
    pub fence: u64,
    /// Who is refreshing, or died at it.
    pub lease: Option<RefreshLease>,
    /// The access token.
    pub access: Option<SealedAccess>,
    /// Every refresh token received that may be the one that works.
    pub journal: Vec<Entry>,
    /// What came of asking with the newest, while it is refused.
    pub trial: Option<Trial>,
    /// Whether the answer to a refresh was lost since the last success.
    pub answer_lost: bool,
    /// The newest token that the merchant's secret is known to hold.
    pub in_secret: Option<TokenHash>,
    /// What QuickBooks refused since something last went through; none where it refused nothing.
    pub refusals: Option<Refusals>,
    /// The state that was decided last; none where none was since the epoch began.
    pub decided: Option<ConnectionState>,
    /// A change of state that may not have been told.
    pub untold: Option<Untold>,
}

impl TokenRow {
    /// The journal without the tokens.
    #[must_use]
    pub fn candidates(&self) -> Vec<Candidate> {
        self.journal
            .iter()
            .map(|entry| entry.candidate.clone())
            .collect()
    }
}

/// A claim on the refresh of one connection.
#[derive(Clone, Debug)]
pub struct RefreshClaim<'a> {
    /// Whose.
    pub merchant: &'a MerchantId,
    /// Which epoch.
    pub epoch: u64,
    /// The generation that was seen: if it changed, somebody else has just refreshed.
    pub generation: u64,
    /// The claim's own name.
    pub owner: &'a str,
    /// When it is made.
    pub now: Timestamp,
    /// How long it lasts: longer than any request can live.
    pub lease: Duration,
}

/// How a refresh ended.
#[derive(Clone, Debug)]
pub enum RefreshEnd<'a> {
    /// It gave an access token, and the refresh token it gave is in the journal.
    Renewed {
        /// The access token.
        access: &'a SealedAccess,
        /// The candidate that was asked with: it has proven itself.
        used: &'a TokenHash,
        /// When.
        at: Timestamp,
        /// The candidate that came back.
        received: &'a Candidate,
        /// Candidates that nobody will need.
        outlived: &'a [TokenHash],
    },
    /// The candidate was refused.
    Refused(&'a Trial),
    /// Nothing was done by Intuit, nor will be.
    NothingDone,
    /// Nobody knows: the lease stays until nothing can be on its way any more.
    Unknown {
        /// Until then.
        until: Timestamp,
    },
}

/// Which epochs go. Never a newer one than is named: somebody may be connecting under it at this moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Epochs {
    /// One that was begun and never became the connection's.
    One(u64),
    /// This one and every one before it.
    Through(u64),
}

impl Epochs {
    /// Whether this epoch goes.
    #[must_use]
    pub fn holds(self, epoch: u64) -> bool {
        match self {
            Self::One(one) => epoch == one,
            Self::Through(last) => epoch <= last,
        }
    }
}

/// The tokens, as remembered.
pub trait Tokens {
    /// What is remembered of one epoch: no older than any write that was answered before.
    fn tokens(
        &self,
        merchant: &MerchantId,
        epoch: u64,
    ) -> impl Future<Output = Result<Option<TokenRow>, StoreError>>;

    /// What is remembered of every epoch: no older than any write that was answered before.
    fn epochs(
        &self,
        merchant: &MerchantId,
    ) -> impl Future<Output = Result<Vec<TokenRow>, StoreError>>;

    /// Begins an epoch with its first tokens. `false` where that epoch was begun before: nothing is changed.
    fn begin_epoch(
        &self,
        merchant: &MerchantId,
        row: &TokenRow,
    ) -> impl Future<Output = Result<bool, StoreError>>;

    /// Claims the refresh. Of any number of callers that saw one generation, one at a time gets it: gives the row as
    /// it is then, with the new fence; `None` where it is somebody else's or the generation has changed.
    fn claim_refresh(
        &self,
        claim: &RefreshClaim<'_>,
    ) -> impl Future<Output = Result<Option<TokenRow>, StoreError>>;

    /// Adds a received refresh token to the journal. No condition at all: whoever received it, however late, it is
    /// kept. One that is there already is left as it is.
    fn append_token(
        &self,
        merchant: &MerchantId,
        epoch: u64,
        entry: &Entry,
    ) -> impl Future<Output = Result<(), StoreError>>;

    /// Writes how a refresh ended. `false` where the fence is not ours any more: nothing is changed.
    fn end_refresh(
        &self,
        merchant: &MerchantId,
        epoch: u64,
        fence: u64,
        end: &RefreshEnd<'_>,
    ) -> impl Future<Output = Result<bool, StoreError>>;

    /// Notes what the merchant's secret holds; `None` where there is no secret any more.
    fn note_secret(
        &self,
        merchant: &MerchantId,
        epoch: u64,
        holds: Option<&TokenHash>,
    ) -> impl Future<Output = Result<(), StoreError>>;

    /// Notes what QuickBooks refused since something last went through; `None` where something just did.
    fn note_refusals(
        &self,
        merchant: &MerchantId,
        epoch: u64,
        refusals: Option<&Refusals>,
    ) -> impl Future<Output = Result<(), StoreError>>;

    /// Notes a change of state before it is carried out, so that it is told even if the process dies. Of any number of
    /// callers that found out the same, one notes it: `false` for the others, where the state decided last is not `from`
    /// (none: whatever it is), where the epoch is gone, and where the operator has disconnected it, which nothing found out
    /// later undoes.
    fn note_untold(
        &self,
        merchant: &MerchantId,
        epoch: u64,
        from: Option<ConnectionState>,
        untold: &Untold,
    ) -> impl Future<Output = Result<bool, StoreError>>;

    /// Notes that a change of state was told; a later one stays.
    fn note_told(
        &self,
        merchant: &MerchantId,
        epoch: u64,
        told: &Untold,
    ) -> impl Future<Output = Result<(), StoreError>>;

    /// Takes epochs away and gives what was there, in one step: no token can be received and neither given nor kept.
    fn erase_tokens(
        &self,
        merchant: &MerchantId,
        which: Epochs,
    ) -> impl Future<Output = Result<Vec<TokenRow>, StoreError>>;
}
