//! Settling: a transaction that is not in QuickBooks is written down with the reason, and where it waits.

use bookkeeping::connection::Connection;
use bookkeeping::ids::RealmId;
use bookkeeping::outcome::Outcome;
use bookkeeping::reason::{Reason, ReasonCode};
use bookkeeping::request_id::RequestId;
use common::access::Closed;
use common::store::{Carrier, Claimed, Ledger, Row, Settlement, Standing, StoreError, Written};
use common::world::World;
use jiff::Timestamp;

use crate::Recorder;
use crate::fresh::name;
use crate::invocation::Invocation;
use crate::job::{Job, claim};
use crate::kept::keep;
use crate::look::may_have_been_sent;
use crate::sealed::seal;
use crate::stop::{Again, Stop};

/// What a transaction has come to, and since when it stands so.
#[derive(Clone, Debug, PartialEq)]
pub struct Reached {
    /// What it has come to.
    pub outcome: Outcome,
    /// Since when, however late it is told. Of something that is in QuickBooks for good: now.
    pub since: Timestamp,
    /// When to look again, where QuickBooks or a rule of ours said when.
    pub due: Option<Timestamp>,
}

impl Reached {
    /// It is not in QuickBooks.
    pub(crate) fn stopped(reason: Reason, since: Timestamp) -> Self {
        Self {
            outcome: Outcome::Stopped(reason),
            since,
            due: None,
        }
    }

    /// What a row says; nothing where it does not say.
    #[must_use]
    pub fn of(row: &Row, now: Timestamp) -> Option<Self> {
        match (row.standing, &row.synced, &row.reason) {
            (Standing::Synced, Some(synced), _) => Some(Self {
                outcome: Outcome::Synced(synced.clone()),
                since: now,
                due: None,
            }),
            (_, _, Some(reason)) => Some(Self::stopped(reason.clone(), row.since.unwrap_or(now))),
            _ => None,
        }
    }
}

/// Keeps what cannot be sent because the connection is closed. What waited in the lot before goes on waiting there, whatever
/// closed it: what arrives afterwards alone is the operator's to decide on.
pub(crate) async fn wait<W: World>(
    recorder: &Recorder<W>,
    invocation: &Invocation,
    job: &Job<'_>,
    closed: Closed,
) -> Result<Reached, Again> {
    let is_in_lot = invocation.carrier == Carrier::Lot;
    let Closed::Waiting(connection, reason, due) = closed else {
        if is_in_lot {
            return Err(Again::Closed);
        }
        let reason = Reason::new(ReasonCode::NotConnected);
        return Ok(Reached::stopped(reason, recorder.world.now()));
    };
    let stop = Stop {
        due,
        ..Stop::from(reason)
    };
    if is_in_lot && !stop.waits() {
        return Err(Again::Closed);
    }
    put_in_lot(recorder, invocation, job, &connection, &stop).await
}

/// Lets a transaction wait, untried.
pub(crate) async fn put_in_lot<W: World>(
    recorder: &Recorder<W>,
    invocation: &Invocation,
    job: &Job<'_>,
    connection: &Connection,
    stop: &Stop,
) -> Result<Reached, Again> {
    let realm = &connection.company.realm;
    match settle(recorder, invocation, job, Some(realm), None, stop, None).await? {
        Ok(reached) => Ok(reached),
        Err(row) if row.standing == Standing::Claimed => {
            leave_unknown(recorder, invocation, job, connection).await
        }
        Err(row) => as_it_stands(recorder, job, &row).await,
    }
}

/// Takes over a claim whose process died, when QuickBooks cannot be asked: what became of it stays unknown, and waits
/// in the lot instead of going round in the queue.
pub(crate) async fn leave_unknown<W: World>(
    recorder: &Recorder<W>,
    invocation: &Invocation,
    job: &Job<'_>,
    connection: &Connection,
) -> Result<Reached, Again> {
    let world = &recorder.world;
    let owner = name(world.random());
    let realm = &connection.company.realm;
    match world
        .store()
        .claim(&claim(recorder, job, connection, &owner, None))
        .await?
    {
        Claimed::Refused(row) => not_ours(recorder, invocation, job, connection, &row).await,
        Claimed::Ours { .. } => {
            let stop = Stop {
                standing: Standing::Ambiguous,
                reason: Reason::new(ReasonCode::AnswerUnknown),
                due: Some(world.now()),
            };
            match settle(
                recorder,
                invocation,
                job,
                Some(realm),
                Some(&owner),
                &stop,
                None,
            )
            .await?
            {
                Ok(reached) => Ok(reached),
                Err(row) => as_it_stands(recorder, job, &row).await,
            }
        }
    }
}

/// Writes down why a transaction is not in QuickBooks; gives the row that stood in the way where it was refused.
///
/// `owner` is the claim it ends, or `None` where this attempt never claimed; `anew` is what it asks under next where it is to
/// be drawn up anew.
pub(crate) async fn settle<W: World>(
    recorder: &Recorder<W>,
    invocation: &Invocation,
    job: &Job<'_>,
    realm: Option<&RealmId>,
    owner: Option<&str>,
    stop: &Stop,
    anew: Option<&RequestId>,
) -> Result<Result<Reached, Box<Row>>, Again> {
    let payload = seal(recorder, &job.key, job.body.as_bytes()).await?;
    if stop.waits() {
        // First the lot, then the row: stopping between the two leaves an armed lot with nothing in it.
        invocation
            .arm(&recorder.world, &job.key.merchant, stop)
            .await?;
        if stop.stops_the_company() {
            // The next invocation sees that the lot is open.
            recorder.remembered.forget(&job.key.merchant);
        }
    }
    let now = recorder.world.now();
    let settlement = Settlement {
        key: &job.key,
        standing: stop.standing,
        reason: &stop.reason,
        anew: anew.map(RequestId::as_str),
        owner,
        fingerprint: &job.fingerprint,
        realm,
        since: invocation.since(&job.key, &stop.reason).unwrap_or(now),
        now,
        due: stop.due,
        payload: &payload,
        listing: &job.listing(),
        carrier: invocation.carrier,
    };
    match recorder.world.store().settle(&settlement).await? {
        Written::Done => {
            if stop.waits() {
                // Once more where writing took so long that the lot may have been disarmed since. If we stop before it, the
                // message comes back.
                invocation
                    .arm(&recorder.world, &job.key.merchant, stop)
                    .await?;
            }
            Ok(Ok(Reached {
                due: stop.due,
                ..Reached::stopped(stop.reason.clone(), settlement.since)
            }))
        }
        Written::Refused(row) => Ok(Err(row)),
    }
}

/// Keeps what waits for a company that another took the place of: it is never sent there.
pub(crate) async fn hold_for_its_company<W: World>(
    recorder: &Recorder<W>,
    invocation: &Invocation,
    job: &Job<'_>,
    connection: &Connection,
) -> Result<Reached, Again> {
    let stop = Stop::from(Reason::new(ReasonCode::OtherCompany));
    match settle(recorder, invocation, job, None, None, &stop, None).await? {
        Ok(reached) => Ok(reached),
        // Claimed or unknown: its own company alone can say what became of it.
        Err(row) if may_have_been_sent(&row) => {
            let connected = connection.connected.as_ref();
            let since = connected.map_or(recorder.world.now(), |connected| connected.at);
            Ok(Reached::stopped(stop.reason, since))
        }
        Err(row) => as_it_stands(recorder, job, &row).await,
    }
}

/// What becomes of a transaction whose claim was refused.
///
/// Where its worker died at a company that was left since, nobody here can ever claim it: it goes into the lot, to wait for
/// that company, instead of round in the queue. If we stop before it is written, the next delivery does it.
pub(crate) async fn not_ours<W: World>(
    recorder: &Recorder<W>,
    invocation: &Invocation,
    job: &Job<'_>,
    connection: &Connection,
    row: &Row,
) -> Result<Reached, Again> {
    let (world, realm) = (&recorder.world, &connection.company.realm);
    let quiet = world.now() - world.timing().quiescence;
    let is_over = row.lease_until.is_some_and(|until| until < quiet);
    let is_dead = row.standing == Standing::Claimed && is_over;
    let is_left = row.realm.as_ref().is_some_and(|theirs| theirs != realm);
    if !(is_dead && is_left && row.fingerprint == job.fingerprint) {
        return as_it_stands(recorder, job, row).await;
    }
    let stop = Stop {
        standing: Standing::Ambiguous,
        reason: Reason::new(ReasonCode::AnswerUnknown),
        due: Some(world.now()),
    };
    let owner = row.owner.as_deref();
    match settle(recorder, invocation, job, None, owner, &stop, None).await? {
        Ok(reached) => Ok(reached),
        Err(row) => as_it_stands(recorder, job, &row).await,
    }
}

/// What to say of a transaction that is not ours to take: how it stands.
pub(crate) async fn as_it_stands<W: World>(
    recorder: &Recorder<W>,
    job: &Job<'_>,
    row: &Row,
) -> Result<Reached, Again> {
    let is_another = row.fingerprint != job.fingerprint;
    if is_another {
        // The same transaction with other figures: the first stands, and this message is kept for a developer.
        keep(
            recorder,
            job.key.merchant.as_str(),
            job.message_id,
            job.body,
            &Reason::new(ReasonCode::Conflict),
        )
        .await?;
    }
    if row.standing == Standing::Claimed {
        // Kept is all that becomes of the other message; it does not wait for what becomes of the first.
        let unknown = Reason::new(ReasonCode::AnswerUnknown);
        return match is_another {
            true => Ok(Reached::stopped(unknown, recorder.world.now())),
            false => Err(Again::Busy),
        };
    }
    Reached::of(row, recorder.world.now()).ok_or_else(|| {
        let why = format!("a row that says {} and not why", row.standing.as_str());
        StoreError::unreadable(why).into()
    })
}
