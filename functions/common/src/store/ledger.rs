//! The ledger: where each transaction stands.

use std::collections::BTreeMap;
use std::future::Future;
use std::time::Duration;

use bookkeeping::ids::{CustomerId, OperatorId, PaymentId, RealmId, SyncToken};
use bookkeeping::money::Amount;
use bookkeeping::outcome::Synced;
use bookkeeping::reason::{Reason, ReasonCode, State};
use bookkeeping::refund::Posted;
use bookkeeping::transaction::TransactionKey;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Carrier, StoreError};

/// The context a transaction's message and draft are sealed in.
#[must_use]
pub fn payload_context(key: &TransactionKey) -> String {
    format!("payload/{}/{}/{}", key.merchant, key.kind.as_str(), key.id)
}

/// The context a message that belongs to no transaction's row is sealed in.
#[must_use]
pub fn message_context(group: &str, message_id: &str) -> String {
    format!("message/{group}/{message_id}")
}

/// Where a transaction stands in the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// A worker is at it, or died at it.
    Claimed,
    /// Sent, and the answer was lost.
    Ambiguous,
    /// Never sent, or proven not recorded: waits in the lot.
    Parked,
    /// Needs the operator.
    Held,
    /// Never going to QuickBooks.
    Skipped,
    /// Needs a developer.
    Failed,
    /// In QuickBooks.
    Synced,
}

impl Standing {
    /// The name it is stored under.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Claimed => "claimed",
            Self::Ambiguous => "ambiguous",
            Self::Parked => "parked",
            Self::Held => "held",
            Self::Skipped => "skipped",
            Self::Failed => "failed",
            Self::Synced => "synced",
        }
    }

    /// Reads a stored name.
    #[must_use]
    pub fn from_stored(name: &str) -> Option<Self> {
        let all = [
            Self::Claimed,
            Self::Ambiguous,
            Self::Parked,
            Self::Held,
            Self::Skipped,
            Self::Failed,
            Self::Synced,
        ];
        all.into_iter().find(|standing| standing.as_str() == name)
    }

    /// Whether it stays so unless somebody acts: a message about it can be acknowledged at once.
    #[must_use]
    pub fn is_settled(self) -> bool {
        matches!(
            self,
            Self::Held | Self::Skipped | Self::Failed | Self::Synced
        )
    }
}

/// A transaction's row.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Where it stands.
    pub standing: Standing,
    /// How often it was claimed.
    pub attempt: u32,
    /// Who claimed it last.
    pub owner: Option<String>,
    /// When that claim ends.
    pub lease_until: Option<Timestamp>,
    /// Hash of everything that decides what is posted.
    pub fingerprint: String,
    /// The company it was claimed for; a claim freezes it.
    pub realm: Option<RealmId>,
    /// The request id it is sent under.
    pub request_id: Option<String>,
    /// The receipt as it is sent, sealed.
    pub frozen: Option<Vec<u8>>,
    /// When an ambiguous one may be looked for, or a parked one tried again.
    pub due: Option<Timestamp>,
    /// Why it is where it is.
    pub reason: Option<Reason>,
    /// Since when it is there for that.
    pub since: Option<Timestamp>,
    /// Since when it waits, as MioCommerce was told by a drain.
    pub told: Option<Timestamp>,
    /// What QuickBooks answered.
    pub synced: Option<Synced>,
    /// What was posted of a payment, for the refunds that may follow.
    pub posted: Option<Posted>,
    /// What the operator's list shows of it.
    pub listing: Option<Listing>,
    /// When it was first written down.
    pub received: Option<Timestamp>,
    /// When it was first claimed: nothing was sent before.
    pub claimed: Option<Timestamp>,
    /// When QuickBooks' answer was written down.
    pub recorded: Option<Timestamp>,
    /// What an operator decided last of this transaction, when it needed one ([`Row::notes`]); whoever left it out stands in the reason.
    pub decided: Option<Decided>,
}

/// What an operator decided of a transaction that needed one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decided {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: OperatorId,
    /// What.
    pub what: Decision,
}

/// What an operator can decide of a transaction that needs one, other than to leave it out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// To try it again as it is.
    Again,
    /// To send what arrived while disconnected.
    Send,
    /// Nothing of this transaction: settings or the company's lists changed, and everything was tried again that this may have mended.
    Choice,
    /// Whose it is.
    Customer,
    /// To post a refund although less was left of its payment.
    Excess,
    /// How much of a refund was tax.
    Tax,
}

impl Row {
    /// The state an operator reads of it.
    #[must_use]
    pub fn state(&self) -> State {
        state_of(self.standing, self.reason.as_ref())
    }

    /// Whether a decision is written down over the one before: a change of the settings and another try, which say nothing of the
    /// transaction itself, leave standing what somebody decided of that.
    #[must_use]
    pub fn notes(&self, decision: Decision) -> bool {
        let is_of_itself = |what| !matches!(what, Decision::Again | Decision::Choice);
        let before = self.decided.as_ref().map(|decided| decided.what);
        is_of_itself(decision) || !before.is_some_and(is_of_itself)
    }

    /// Whether it stands in the books with other figures than ours: sending another would be the second.
    #[must_use]
    pub fn is_recorded(&self) -> bool {
        let code = self.reason.as_ref().map(|reason| reason.code);
        code == Some(ReasonCode::AnswerDiffers)
    }
}

/// The state an operator reads of what stands so, for this reason.
#[must_use]
pub fn state_of(standing: Standing, reason: Option<&Reason>) -> State {
    match (standing, reason) {
        (Standing::Synced, _) => State::Synced,
        (Standing::Held | Standing::Skipped | Standing::Failed, Some(reason)) => reason.state(),
        (Standing::Held, None) => State::NeedsOperator,
        (Standing::Skipped, None) => State::Skipped,
        (Standing::Failed, None) => State::Failed,
        (Standing::Claimed | Standing::Ambiguous | Standing::Parked, _) => State::Waiting,
    }
}

/// What the operator's list shows of a transaction, whatever becomes of it: amounts and MioCommerce's own numbers, nothing
/// of a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listing {
    /// When the money moved, or where that could not be read when it arrived: its place in the list.
    pub moved_at: Timestamp,
    /// The money; none where the message could not be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Amount>,
    /// How it moved, by the method's name in messages; a refund may leave that to its payment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// MioCommerce's number of it, as people see it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// The payment it takes back, of a refund.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment: Option<PaymentId>,
    /// Whose it is, where somebody is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<CustomerId>,
}

impl Listing {
    /// The listing of what could not be read.
    #[must_use]
    pub fn unread(now: Timestamp) -> Self {
        Self {
            moved_at: now,
            amount: None,
            method: None,
            reference: None,
            payment: None,
            customer: None,
        }
    }
}

/// A claim on one transaction: asked for right before it is sent.
#[derive(Clone, Debug)]
pub struct Claim<'a> {
    /// The transaction.
    pub key: &'a TransactionKey,
    /// Fresh for each attempt, so that a claim that was carried out and not answered recognises itself.
    pub owner: &'a str,
    /// Now.
    pub now: Timestamp,
    /// How long the claim lasts.
    pub lease: Duration,
    /// How long after a dead claim's end its request may still be carried out.
    pub quiescence: Duration,
    /// Hash of everything that decides what is posted.
    pub fingerprint: &'a str,
    /// The company.
    pub realm: &'a RealmId,
    /// The connection's epoch.
    pub epoch: u64,
    /// What is frozen the first time and never changed by a later claim; `None` to take up what is frozen already.
    pub frozen: Option<Frozen<'a>>,
}

/// What a first claim freezes.
#[derive(Clone, Copy, Debug)]
pub struct Frozen<'a> {
    /// The request id.
    pub request_id: &'a str,
    /// The receipt, sealed.
    pub receipt: &'a [u8],
    /// What the operator's list shows of it.
    pub listing: &'a Listing,
}

/// What became of a claim.
#[derive(Clone, Debug, PartialEq)]
pub enum Claimed {
    /// It is ours. `before` is the row as it stood: none, or parked, means nothing was ever sent; claimed or
    /// ambiguous means that something may have been.
    Ours {
        /// The row before this claim.
        before: Option<Box<Row>>,
    },
    /// It is not ours to take now; here is how it stands.
    Refused(Box<Row>),
}

/// What ends an attempt that is not in QuickBooks.
#[derive(Clone, Debug)]
pub struct Settlement<'a> {
    /// The transaction.
    pub key: &'a TransactionKey,
    /// Where it stands from now on.
    pub standing: Standing,
    /// Why.
    pub reason: &'a Reason,
    /// Where it is to be drawn up anew, the request id it asks under then: what was frozen is forgotten. Only for what
    /// QuickBooks is proven to have refused.
    pub anew: Option<&'a str>,
    /// Whose claim it was; `None` where it was never claimed in this attempt.
    pub owner: Option<&'a str>,
    /// Hash of everything that decides what is posted.
    pub fingerprint: &'a str,
    /// The company it waits for, where one is connected; it never goes to another.
    pub realm: Option<&'a RealmId>,
    /// Since when it stands so: now, or earlier where it stood so before.
    pub since: Timestamp,
    /// Now.
    pub now: Timestamp,
    /// When to look again.
    pub due: Option<Timestamp>,
    /// The message, sealed: what waits must not depend on the queue.
    pub payload: &'a [u8],
    /// What the operator's list shows of it; choosing the record of its customer frees it.
    pub listing: &'a Listing,
    /// Who brought it.
    pub carrier: Carrier,
}

/// What QuickBooks answered, to be recorded.
#[derive(Clone, Copy, Debug)]
pub struct Completion<'a> {
    /// The transaction.
    pub key: &'a TransactionKey,
    /// The receipt and its company.
    pub synced: &'a Synced,
    /// The receipt's version.
    pub version: &'a SyncToken,
    /// What was posted of a payment; stays in the row for as long as the row does.
    pub posted: Option<&'a Posted>,
    /// What the operator's list shows of it.
    pub listing: &'a Listing,
    /// Now.
    pub now: Timestamp,
}

/// What became of a settlement or a completion.
#[derive(Clone, Debug, PartialEq)]
pub enum Written {
    /// Written.
    Done,
    /// Something else stands there.
    Refused(Box<Row>),
}

/// A message that belongs to no transaction's row: unreadable, or of a kind this version does not carry out yet.
#[derive(Clone, Debug)]
pub struct KeptMessage<'a> {
    /// The merchant it says it is about, else the queue's group.
    pub group: &'a str,
    /// The queue's id of the message.
    pub message_id: &'a str,
    /// Why it is kept, in figures and field names.
    pub reason: &'a Reason,
    /// The message, sealed.
    pub payload: &'a [u8],
    /// Now.
    pub now: Timestamp,
}

/// Transactions, as remembered.
pub trait Ledger {
    /// A transaction's row as it stands now, where there is one.
    fn row(&self, key: &TransactionKey) -> impl Future<Output = Result<Option<Row>, StoreError>>;

    /// The rows of so many transactions as they stand now, in as few reads as possible; without those there is no row of, or one
    /// that a later version wrote.
    fn rows(
        &self,
        keys: &[TransactionKey],
    ) -> impl Future<Output = Result<BTreeMap<TransactionKey, Row>, StoreError>>;

    /// Claims a transaction. Of any number of callers with one key, at most one holds it at a time, and a claim
    /// that ended without an answer is given to nobody before `lease + quiescence` have passed.
    fn claim(&self, claim: &Claim<'_>) -> impl Future<Output = Result<Claimed, StoreError>>;

    /// Records the receipt QuickBooks answered with. Deliberately not fenced: it is a fact whoever reports it.
    /// Refused only where another receipt is already recorded. What stood in the lot keeps its place until this is told
    /// ([`Lots::leave_lot`](super::Lots::leave_lot)): the message that brought it may be taken from the queue by another worker
    /// who held it too.
    fn complete(
        &self,
        completion: &Completion<'_>,
    ) -> impl Future<Output = Result<Written, StoreError>>;

    /// Ends an attempt without a receipt. By its owner: only while the claim is still theirs. Without an owner:
    /// only where nothing was ever sent, and where a company is named only what waits for none or for it. Before what waits is settled, its lot is armed
    /// ([`Lots::arm`](super::Lots::arm)), so that it is never in a lot nobody opens.
    fn settle(
        &self,
        settlement: &Settlement<'_>,
    ) -> impl Future<Output = Result<Written, StoreError>>;

    /// Keeps a message that belongs to no transaction's row, whole and sealed, under its queue's id.
    fn keep_message(
        &self,
        message: &KeptMessage<'_>,
    ) -> impl Future<Output = Result<(), StoreError>>;
}
