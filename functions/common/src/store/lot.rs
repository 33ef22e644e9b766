//! Lots: what waits for one merchant, and whose turn it is at that merchant's company.
//!
//! A lot is *armed* while something waits in it: it has a time at which the drain looks. It is *open* while the
//! drain, and not the queue, has the company's turn; live work then puts what arrives into the lot.

use std::future::Future;
use std::time::Duration;

use bookkeeping::ids::{MerchantId, OperatorId, spread};
use bookkeeping::reason::{Reason, ReasonCode};
use bookkeeping::transaction::TransactionKey;
use jiff::Timestamp;

use super::{Decision, Row, Standing, StoreError};

/// How many parts the index of due lots has, so that no part of it becomes hot.
pub const DUE_SHARDS: u32 = 16;

/// How long a lot must have been quiet before it is disarmed.
///
/// Longer than a worker relies on an arming, ten seconds, and the index then takes to show the row, a minute at most.
pub const QUIET: Duration = Duration::from_secs(75);

/// Who brought a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carrier {
    /// The queue, which brings it again until its outcome is told.
    Queue,
    /// The lot: the row keeps its place there until its outcome is told ([`Lots::leave_lot`]).
    Lot,
}

/// Something waits, or is about to.
#[derive(Clone, Copy, Debug)]
pub struct Arming<'a> {
    /// Whose lot.
    pub merchant: &'a MerchantId,
    /// When to look first; an earlier time that stands already is kept.
    pub due: Timestamp,
    /// Whether live work yields to the drain from now on.
    pub open: bool,
    /// Until when the whole company is left alone, where QuickBooks asked for that.
    pub rest_until: Option<Timestamp>,
    /// Whether something was mended, chosen or connected that may free what waits already.
    pub frees: bool,
    /// Now.
    pub now: Timestamp,
}

impl<'a> Arming<'a> {
    /// What waits may be looked at from now on, because something was mended, chosen or connected; live work keeps the turn, and
    /// the company is not left alone.
    #[must_use]
    pub fn from_now(merchant: &'a MerchantId, now: Timestamp) -> Self {
        Self {
            merchant,
            due: now,
            open: false,
            rest_until: None,
            frees: true,
            now,
        }
    }
}

/// Whether anybody comes for an armed lot before the sweep does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Armed {
    /// A drain is at it, or was woken for an earlier time.
    Awaited,
    /// Nobody: wake the drain.
    Unattended,
}

/// A merchant's lot as it stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lot {
    /// Raised by every arming: a drain that saw this number saw everything armed before it.
    pub arm: u64,
    /// Raised by every arming that may free what waits already.
    pub freed: u64,
    /// When it was armed last.
    pub armed_at: Option<Timestamp>,
    /// When the drain looks next; none where nothing waits.
    pub due: Option<Timestamp>,
    /// Since when live work yields; none where live work has the turn.
    pub open_since: Option<Timestamp>,
    /// Who drains it, and until when that is believed.
    pub drainer: Option<(String, Timestamp)>,
    /// Until when the whole company is left alone.
    pub rest_until: Option<Timestamp>,
    /// How many rests came one after another with nothing recorded between.
    pub rests: u32,
    /// Why it is not worked off although something waits: the same refusal over and over.
    pub paused: Option<Reason>,
    /// Transactions brought into QuickBooks by the drain since nothing waited.
    pub recorded: u64,
}

/// What became of taking a lot.
#[derive(Clone, Debug, PartialEq)]
pub enum Taken {
    /// Ours to drain.
    Ours(Lot),
    /// Another drain is at it.
    Busy,
    /// Nothing waits in it.
    Unarmed,
}

/// What calls a hand-over off: it was decided without knowing of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unless {
    /// Nothing.
    Never,
    /// An arming after this one, which the drain saw before it listed the lot for the last time.
    Armed(u64),
    /// Something that may free what waits, after this one.
    Freed(u64),
}

/// What a drain leaves behind.
#[derive(Clone, Debug, PartialEq)]
pub struct HandOver {
    /// What calls it off.
    pub unless: Unless,
    /// When to look next; `None` where nothing waits.
    pub due: Option<Timestamp>,
    /// Since when live work yields; `None` gives live work the turn.
    pub open_since: Option<Timestamp>,
    /// Until when the whole company is left alone.
    pub rest_until: Option<Timestamp>,
    /// Rests one after another.
    pub rests: u32,
    /// Why it pauses.
    pub paused: Option<Reason>,
    /// Whether nothing is left that will be sent before long: what is brought into QuickBooks from now on is counted anew.
    pub is_worked_off: bool,
}

/// What became of a hand-over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HandedOver {
    /// Written; somebody else may take the lot.
    Done,
    /// Something was armed since, or freed: the lot is to be gone through again.
    Armed,
    /// The lot was not ours any more.
    Lost,
}

/// One place in a lot.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Its position: by the time of capture, payments before refunds of the same instant.
    pub order: String,
    /// The transaction.
    pub key: TransactionKey,
}

/// The position of what stands in a lot, whatever it is.
#[must_use]
pub fn order(place: &Result<Place, String>) -> &str {
    match place {
        Ok(place) => &place.order,
        Err(order) => order,
    }
}

/// A transaction that has a place in the lot.
#[derive(Clone, Debug, PartialEq)]
pub struct Waiting {
    /// Its place.
    pub place: Place,
    /// Its row.
    pub row: Row,
    /// Its message, sealed in the context of [`payload_context`](super::payload_context); none once it is done.
    pub payload: Option<Vec<u8>>,
}

impl Waiting {
    /// When it may be worked on, where that is not at once.
    #[must_use]
    pub fn not_before(&self, quiescence: Duration) -> Option<Timestamp> {
        match self.row.standing {
            Standing::Parked | Standing::Ambiguous => self.row.due,
            // The millisecond makes "later than" of "not before".
            Standing::Claimed => self
                .row
                .lease_until
                .map(|until| until + quiescence + Duration::from_millis(1)),
            Standing::Held | Standing::Skipped | Standing::Failed | Standing::Synced => None,
        }
    }
}

/// Which of the transactions that need the operator go back into the lot.
#[derive(Clone, Copy, Debug)]
pub enum Release<'a> {
    /// Those with one of these reasons.
    For(&'a [ReasonCode]),
    /// This one.
    One(&'a TransactionKey),
    /// These.
    These(&'a [TransactionKey]),
}

impl Release<'_> {
    /// Whether it frees a transaction held for this reason.
    #[must_use]
    pub fn frees(&self, key: &TransactionKey, reason: Option<&Reason>) -> bool {
        match self {
            Self::For(codes) => reason.is_some_and(|reason| codes.contains(&reason.code)),
            Self::One(one) => *one == key,
            Self::These(these) => these.contains(key),
        }
    }
}

/// Lots, as remembered.
pub trait Lots {
    /// Arms a lot. To be called before the row that waits is written: stopping between the two leaves an armed lot
    /// with nothing in it, never the other way round.
    fn arm(&self, arming: &Arming<'_>) -> impl Future<Output = Result<Armed, StoreError>>;

    /// The lots of one shard that are due, the longest due first; without a scan.
    fn due_lots(
        &self,
        shard: u32,
        now: Timestamp,
    ) -> impl Future<Output = Result<Vec<MerchantId>, StoreError>>;

    /// Takes a lot to drain it. Of any number of callers, one at a time holds it; a drain that died gives it up at
    /// the end of its lease, and the lot is due again by then.
    fn take_lot(
        &self,
        merchant: &MerchantId,
        owner: &str,
        now: Timestamp,
        lease: Duration,
    ) -> impl Future<Output = Result<Taken, StoreError>>;

    /// Holds a lot for longer and adds to its count of recorded transactions; `None` where it is not ours any more.
    fn keep_lot(
        &self,
        merchant: &MerchantId,
        owner: &str,
        now: Timestamp,
        lease: Duration,
        recorded: u64,
    ) -> impl Future<Output = Result<Option<Lot>, StoreError>>;

    /// Lets go of a lot, saying what comes next.
    fn hand_over(
        &self,
        merchant: &MerchantId,
        owner: &str,
        next: &HandOver,
    ) -> impl Future<Output = Result<HandedOver, StoreError>>;

    /// The places in a lot after a position, in order, at most so many. One that holds what only a later version knows comes as its position
    /// alone: it waits for that version, in an armed lot. May lag behind what was written by [`QUIET`].
    fn places(
        &self,
        merchant: &MerchantId,
        after: Option<&str>,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<Result<Place, String>>, StoreError>>;

    /// Reads the transactions at these places as they stand now, in the order given; those that left are left out. One that cannot
    /// be read, because a later version wrote it, comes as its place alone.
    fn waiting(
        &self,
        places: &[Place],
    ) -> impl Future<Output = Result<Vec<Result<Waiting, Place>>, StoreError>>;

    /// Takes a transaction whose outcome was told out of the lot, to where its standing belongs. Does nothing to one
    /// that stands otherwise by now.
    fn leave_lot(
        &self,
        key: &TransactionKey,
        standing: Standing,
    ) -> impl Future<Output = Result<(), StoreError>>;

    /// Notes that MioCommerce was told of a transaction that waits, as it has stood since then. Does nothing to one that
    /// stands otherwise by now.
    fn note_waiting_told(
        &self,
        key: &TransactionKey,
        since: Timestamp,
    ) -> impl Future<Output = Result<(), StoreError>>;

    /// Puts transactions that need the operator back into the lot, armed and no longer paused; gives how many. Whose decision that
    /// was, and which, stays with each, unless a stronger one stands there ([`Row::notes`]).
    ///
    /// Each is drawn up anew. One that QuickBooks refused asks under a new request id, so that it is not answered
    /// with the old refusal. One that stands in the books with other figures ([`Row::is_recorded`]) keeps what was frozen and
    /// is looked for: it is never sent beside what stands there.
    fn release(
        &self,
        merchant: &MerchantId,
        which: Release<'_>,
        decided: Option<(&OperatorId, Decision)>,
        now: Timestamp,
    ) -> impl Future<Output = Result<u64, StoreError>>;

    /// Leaves transactions that need the operator out for good, and says why; gives how many.
    ///
    /// They stand skipped in the lot, armed, until the drain has told so.
    fn leave_out(
        &self,
        merchant: &MerchantId,
        which: Release<'_>,
        why: &Reason,
        now: Timestamp,
    ) -> impl Future<Output = Result<u64, StoreError>>;

    /// What needs the operator, in order, after a place, at most so many; none only where there is none. May lag behind what was
    /// written by [`QUIET`].
    fn held(
        &self,
        merchant: &MerchantId,
        after: Option<&Place>,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<(Place, Row)>, StoreError>>;

    /// A merchant's lot as it stands.
    fn lot(&self, merchant: &MerchantId) -> impl Future<Output = Result<Option<Lot>, StoreError>>;
}

/// The shard of the index of due lots that a merchant's lot is in.
#[must_use]
pub fn due_shard(merchant: &MerchantId) -> u32 {
    spread(merchant.as_str()) % DUE_SHARDS
}
