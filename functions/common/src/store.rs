//! The store: what is remembered, and what each write promises.
//!
//! SQS carries, the store remembers. Two kinds of store keep these promises: DynamoDB ([`dynamodb`]), which ships,
//! and memory, which serves the simulation; one suite of tests runs over both.

pub mod activity;
pub mod breakers;
pub mod changes;
pub mod connections;
pub mod doors;
pub mod dynamodb;
pub mod healths;
pub mod kept;
pub mod ledger;
pub mod links;
pub mod lot;
pub mod onboarding;
pub mod refunds;
pub mod tokens;
pub mod walk;

pub use activity::Activity;
pub use breakers::Breakers;
pub use changes::{ChangeClaimed, Changes, LinkChange, ParkedChange, Saved};
pub use connections::{Connections, Opening};
pub use doors::{Created, Door, DoorClaim, DoorClaimed, Doors};
pub use healths::Healths;
pub use kept::{Erasure, Kept, KeptTransaction};
pub use ledger::{
    Claim, Claimed, Completion, Decided, Decision, Frozen, KeptMessage, Ledger, Listing, Row,
    Settlement, Standing, Written, message_context, payload_context,
};
pub use links::{
    Erased, Link, LinkClaim, LinkClaimed, LinkFacts, LinkKey, LinkStanding, Links, Restored,
    link_context,
};
pub use lot::{
    Armed, Arming, Carrier, HandOver, HandedOver, Lot, Lots, Place, Release, Taken, Unless, Waiting,
};
pub use onboarding::{Attempt, Onboarding, TakenUp};
pub use refunds::{Named, Refunded, Refunds};
pub use tokens::{
    Entry, Epochs, RefreshClaim, RefreshEnd, RefreshLease, SealedAccess, TokenRow, Tokens, Untold,
    access_context, refresh_context,
};

/// The store could not be read or written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// Down, throttled or unreachable: the message comes back and is tried again.
    #[error("the store is unavailable: {0}")]
    Unavailable(String),
    /// A row or secret is not what we wrote, or a later version wrote it: the developers' to look at. Made by
    /// [`unreadable`](Self::unreadable) alone.
    #[error("a stored value cannot be read: {0}")]
    #[non_exhaustive]
    Unreadable(String),
}

impl StoreError {
    /// Something stored cannot be read: logged and counted here and nowhere else, so that whoever steps over it need not, and nobody
    /// steps over it in silence. `what` names it by its keys and holds no value of it.
    #[must_use]
    pub fn unreadable(what: impl Into<String>) -> Self {
        let what = what.into();
        tracing::error!(metric.Unreadable = 1, "cannot read {what}");
        Self::Unreadable(what)
    }
}

/// Everything that is remembered, by noun.
pub trait Store:
    Activity
    + Breakers
    + Changes
    + Connections
    + Doors
    + Healths
    + Kept
    + Ledger
    + Links
    + Lots
    + Onboarding
    + Refunds
    + Tokens
{
}

impl<S> Store for S where
    S: Activity
        + Breakers
        + Changes
        + Connections
        + Doors
        + Healths
        + Kept
        + Ledger
        + Links
        + Lots
        + Onboarding
        + Refunds
        + Tokens
{
}
