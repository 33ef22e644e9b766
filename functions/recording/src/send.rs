//! Sending: the one place a receipt leaves for QuickBooks, and what its answer means.

use std::time::Duration;

use bookkeeping::outcome::{Outcome, Synced};
use bookkeeping::reason::{Reason, ReasonCode};
use bookkeeping::request_id::RequestId;
use bookkeeping::transaction::TransactionKey;
use common::access::Access;
use common::config::Timing;
use common::store::{Completion, Ledger, Listing, Row, Written};
use common::world::World;
use jiff::Timestamp;
use quickbooks::receipts::{FoundReceipt, FrozenReceipt};
use quickbooks::{CompanyClient, FaultClass};

use crate::Recorder;
use crate::correct::made_ours;
use crate::fleet::Counted;
use crate::kept::keep;
use crate::look::{Looked, Sight, look, may_have_been_sent, told_by};
use crate::seen::{saw, went_through};
use crate::settle::Reached;
use crate::stop::{Again, Stop};

/// A claimed transaction, ready to leave.
pub struct Departure<'a> {
    /// The transaction.
    pub key: &'a TransactionKey,
    /// The id it asks under.
    pub request_id: RequestId,
    /// The receipt, exactly as the first claim froze it.
    pub receipt: FrozenReceipt,
    /// As it is drawn up today, where that is otherwise: what stands in the books with another total is written over with it.
    pub redrawn: Option<FrozenReceipt>,
    /// The row before this claim.
    pub before: Option<Box<Row>>,
    /// When it was claimed, by both clocks.
    pub claimed_at: (Timestamp, Duration),
    /// What the operator's list shows of it.
    pub listing: Listing,
    /// The uptime until which it may be looked for: what takes longer stays unknown, for a process with more time.
    pub look_until: Duration,
    /// What a look has shown of it, where there was one since it was sent last.
    pub(crate) sighted: Option<Sight>,
}

impl Departure<'_> {
    /// Whether the ledger may have forgotten it: it was put back to an earlier time. A document's date sorts as it reads.
    pub(crate) fn is_forgotten(&self, timing: &Timing) -> bool {
        let day = self.receipt.date.as_str();
        timing
            .probe_until
            .is_some_and(|until| day <= until.to_string().as_str())
    }
}

/// What came of a departure.
pub enum Arrival {
    /// It is in QuickBooks, and the ledger says so.
    Recorded(Reached),
    /// It is not, or nobody knows.
    Stopped(Stop),
    /// It was looked for and is not; but that took so long that it may not be sent under this claim any more.
    TooLate,
    /// It is not, in QuickBooks' own words. Asked again under the same id, it may answer with the same words for ever.
    Refused(Stop),
}

/// The company's client under an access.
pub fn client<'a, W: World>(
    recorder: &'a Recorder<W>,
    access: &'a Access,
) -> CompanyClient<'a, Counted<'a, W>> {
    CompanyClient {
        transport: Counted { recorder, access },
        api_url: recorder.world.quickbooks_api_url(),
        realm: &access.connection.company.realm,
        token: &access.token,
        timeout: recorder.world.timing().quickbooks_timeout,
    }
}

/// Sends a claimed receipt, unless an earlier attempt is found to have arrived.
///
/// If we stop before the answer, the claim runs out and the next delivery looks before it sends.
///
/// # Errors
///
/// [`Again`] where the store is down: what was sent is found again by the next delivery.
pub async fn send<W: World>(
    recorder: &Recorder<W>,
    access: &Access,
    leaving: &Departure<'_>,
) -> Result<Arrival, Again> {
    let before = leaving.before.as_deref();
    let is_forgotten = leaving.is_forgotten(recorder.world.timing());
    let is_looked_for = before.is_some_and(may_have_been_sent) || is_forgotten;
    if is_looked_for {
        let sighted = leaving.sighted.as_ref();
        let tells = |sight: &&Sight| !is_forgotten || sight.is_whole || !sight.found.is_empty();
        let looked = match sighted.filter(tells) {
            Some(sight) => told_by(recorder, access, leaving, &sight.found).await?,
            None => match look(recorder, access, leaving).await? {
                Looked::Absent => {
                    // Looking took the company's turn; sending needs one of its own.
                    let realm = &access.connection.company.realm;
                    recorder.pace.turn(&recorder.world, realm).await;
                    Looked::Absent
                }
                arrived @ Looked::Arrived(_) => arrived,
            },
        };
        if let Looked::Arrived(arrival) = looked {
            return Ok(arrival);
        }
    }
    if since(recorder, leaving.claimed_at) > recorder.world.timing().send_by {
        // A frozen and thawed process must not send under a claim that others may believe dead.
        return Ok(match is_looked_for {
            true => Arrival::TooLate,
            false => Arrival::Stopped(too_late()),
        });
    }
    match client(recorder, access)
        .create_receipt(&leaving.request_id, &leaving.receipt)
        .await
    {
        Ok(found) => arrived(recorder, access, leaving, found).await,
        Err(fault) => {
            tracing::warn!(
                merchant.id = %leaving.key.merchant,
                transaction.id = %leaving.key,
                quickbooks.code = fault.code.as_deref().unwrap_or_default(),
                quickbooks.status = fault.status,
                quickbooks.intuit_tid = fault.intuit_tid.as_deref().unwrap_or_default(),
                "QuickBooks did not record {}: {} ({:?})", leaving.key, fault.label(), fault.class
            );
            if fault.class == FaultClass::NumberTaken {
                // Perhaps by our own earlier attempt.
                return match look(recorder, access, leaving).await? {
                    Looked::Arrived(arrival) => Ok(arrival),
                    Looked::Absent => Ok(Arrival::Stopped(number_taken(leaving))),
                };
            }
            let (day, world) = (&leaving.receipt.date, &recorder.world);
            let stop = Stop::for_fault(&fault, day, world.now(), world.timing());
            saw(recorder, access, &stop).await?;
            Ok(match (fault.class, &fault.code) {
                (FaultClass::OutcomeUnknown, _) | (_, None) => Arrival::Stopped(stop),
                // Nobody looked at what was asked, nor at the id it was asked under: an attempt before this one, which may still
                // be carried out, stands behind the same id.
                (FaultClass::Throttled(_) | FaultClass::Unauthorized, _) => Arrival::Stopped(stop),
                (_, Some(_)) => Arrival::Refused(stop),
            })
        }
    }
}

/// Compares the answer with what was sent, corrects it where that mends it, and records it.
pub(crate) async fn arrived<W: World>(
    recorder: &Recorder<W>,
    access: &Access,
    leaving: &Departure<'_>,
    found: FoundReceipt,
) -> Result<Arrival, Again> {
    let (found, posted) = match made_ours(recorder, access, leaving, found).await {
        Ok(ours) => ours,
        Err(stop) => return Ok(Arrival::Stopped(stop)),
    };
    let realm = access.connection.company.realm.clone();
    let synced = Synced {
        realm,
        receipt: found.id,
        number: found.number,
    };
    match recorder
        .world
        .store()
        .complete(&Completion {
            key: leaving.key,
            synced: &synced,
            version: &found.sync_token,
            posted,
            listing: &leaving.listing,
            now: recorder.world.now(),
        })
        .await?
    {
        Written::Done => {
            went_through(recorder, access).await?;
            Ok(Arrival::Recorded(Reached {
                outcome: Outcome::Synced(synced),
                since: recorder.world.now(),
                due: None,
            }))
        }
        Written::Refused(row) => {
            let other = row
                .synced
                .map(|other| other.receipt.to_string())
                .unwrap_or_default();
            let reason = two_receipts(&[&other, synced.receipt.as_str()]).reason;
            tracing::error!(
                merchant.id = %leaving.key.merchant,
                transaction.id = %leaving.key,
                "{} has two receipts in QuickBooks: {other} and {}", leaving.key, synced.receipt
            );
            // The row stands by the first; the second is listed for a developer, to be found when nobody is told any more.
            let name = format!("two-receipts#{}", leaving.key);
            let merchant = leaving.key.merchant.as_str();
            keep(recorder, merchant, &name, "", &reason).await?;
            let now = recorder.world.now();
            Ok(Arrival::Recorded(Reached::stopped(reason, now)))
        }
    }
}

/// How long ago the claim was made, by the clock that shows more.
pub(crate) fn since<W: World>(
    recorder: &Recorder<W>,
    (wall, up): (Timestamp, Duration),
) -> Duration {
    let by_wall = Duration::try_from(recorder.world.now() - wall).unwrap_or(Duration::MAX);
    let by_uptime = recorder.world.uptime().saturating_sub(up);
    by_wall.max(by_uptime)
}

pub(crate) fn two_receipts(ids: &[&str]) -> Stop {
    Stop::from(Reason::new(ReasonCode::TwoReceipts).with("receipts", ids.join(", ")))
}

/// The stop of what may not be sent any more under its claim, and was not.
pub(crate) fn too_late() -> Stop {
    Stop::from(Reason::new(ReasonCode::QuickBooksDown))
}

fn number_taken(leaving: &Departure<'_>) -> Stop {
    let number = leaving.receipt.number.clone().unwrap_or_default();
    Stop::from(Reason::new(ReasonCode::NumberTaken).with("number", number))
}
