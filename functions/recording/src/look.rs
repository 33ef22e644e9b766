//! Looking: whether receipts we may have sent are in QuickBooks. One by itself, or many of one company together: a query is
//! metered, and may answer for all whose answers were lost at about the same time.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use bookkeeping::ids::MerchantId;
use bookkeeping::outcome::document;
use bookkeeping::reason::{Reason, ReasonCode};
use bookkeeping::transaction::{Kind, TransactionKey};
use common::access::Access;
use common::config::Timing;
use common::store::{Row, Standing, Waiting};
use common::world::World;
use jiff::Timestamp;
use quickbooks::receipts::FoundReceipt;
use quickbooks::search::Created;

use crate::Recorder;
use crate::invocation::Invocation;
use crate::sealed::open;
use crate::send::{Arrival, Departure, arrived, client, two_receipts};
use crate::stop::{Again, Stop};

/// How far Intuit's clock and ours may be apart.
pub(crate) const CLOCKS_APART: Duration = Duration::from_secs(15 * 60);

/// A search for many may take one page for so many of them: what it costs where it shows nothing stays small.
const ROWS_A_PAGE: usize = 4;

/// What looks have shown, by transaction: how often it had been claimed by then, and what was seen.
#[derive(Default)]
pub struct Sighted(RefCell<HashMap<TransactionKey, (u32, Sight)>>);

/// What a look has shown of a transaction.
#[derive(Clone)]
pub(crate) struct Sight {
    /// Its receipts.
    pub(crate) found: Vec<FoundReceipt>,
    /// Whether it was looked for by itself: a look for many asks for the time when the row knows it may have been sent, and a
    /// restored row does not know all.
    pub(crate) is_whole: bool,
}

impl Sighted {
    /// What was shown of a transaction, if nobody has claimed it since: nothing was sent after the look then.
    pub(crate) fn of(&self, key: &TransactionKey, before: Option<&Row>) -> Option<Sight> {
        let sighted = self.0.borrow();
        let (attempt, sight) = sighted.get(key)?;
        (before?.attempt == *attempt).then(|| sight.clone())
    }

    /// Notes that a look for this transaction by itself, under the claim after `before`, has shown nothing.
    pub(crate) fn note_absent(&self, key: &TransactionKey, before: Option<&Row>) {
        let attempt = before.map_or(0, |row| row.attempt) + 1;
        let sight = Sight {
            found: Vec::new(),
            is_whole: true,
        };
        self.0.borrow_mut().insert(key.clone(), (attempt, sight));
    }
}

/// One that may have been sent, and what it would look like.
struct Suspect<'a> {
    waiting: &'a Waiting,
    marker: String,
    since: Timestamp,
    until: Timestamp,
}

/// Looks together for those of these transactions that may be in QuickBooks already, where that is fewer reads than looking
/// for each. All may be looked for by now ([`Waiting::not_before`]).
///
/// What it does not show, or not for certain, is looked for by itself.
///
/// # Errors
///
/// [`Again`] where the store is down.
pub async fn look_together<W: World>(
    recorder: &Recorder<W>,
    invocation: &Invocation,
    merchant: &MerchantId,
    rows: &[Waiting],
) -> Result<(), Again> {
    let (world, quiescence) = (&recorder.world, recorder.world.timing().quiescence);
    let mut suspects: Vec<&Waiting> = rows.iter().collect();
    suspects.retain(|waiting| may_have_been_sent(&waiting.row));
    if suspects.len() < 2 {
        return Ok(());
    }
    let opened = recorder
        .remembered
        .open(world, merchant, world.now())
        .await?;
    let Ok(access) = opened else {
        return Ok(());
    };
    let realm = &access.connection.company.realm;
    let mut by_kind: BTreeMap<Kind, Vec<Suspect<'_>>> = BTreeMap::new();
    for waiting in suspects {
        let (row, key) = (&waiting.row, &waiting.place.key);
        let Some((sealed, since)) = row.frozen.as_deref().zip(row.claimed) else {
            continue;
        };
        let is_theirs = row.realm.as_ref() == Some(realm);
        // One that cannot be opened is that one's own trouble, and told when it is taken up.
        if let (true, Ok(receipt)) = (is_theirs, open(recorder, key, sealed).await) {
            by_kind.entry(key.kind).or_default().push(Suspect {
                waiting,
                marker: receipt.marker,
                since,
                until: waiting.not_before(quiescence).unwrap_or(world.now()),
            });
        }
    }
    for (kind, suspects) in by_kind {
        if suspects.len() > 1 {
            look_for(recorder, invocation, &access, kind, &suspects).await;
        }
    }
    Ok(())
}

async fn look_for<W: World>(
    recorder: &Recorder<W>,
    invocation: &Invocation,
    access: &Access,
    kind: Kind,
    suspects: &[Suspect<'_>],
) {
    let since = suspects.iter().map(|suspect| suspect.since).min();
    let until = suspects.iter().map(|suspect| suspect.until).max();
    let Some((since, until)) = since.zip(until) else {
        return;
    };
    let created = (since - CLOCKS_APART, until + CLOCKS_APART);
    let pages = suspects.len().div_ceil(ROWS_A_PAGE);
    let realm = &access.connection.company.realm;
    let turn = async || {
        recorder.pace.turn(&recorder.world, realm).await;
        recorder.world.uptime() < invocation.look_until(&recorder.world)
    };
    let found = match client(recorder, access)
        .receipts_created(kind, created, pages, turn)
        .await
    {
        Ok(Some(found)) => found,
        Ok(None) => return,
        Err(fault) => {
            tracing::warn!(realm.id = %realm, "could not look for {} together: {}", suspects.len(), fault.label());
            return;
        }
    };
    let mut sighted = invocation.sighted.0.borrow_mut();
    for Suspect {
        waiting, marker, ..
    } in suspects
    {
        let ours = found.iter().filter(|receipt| receipt.is_marked(marker));
        let sight = Sight {
            found: ours.cloned().collect(),
            is_whole: false,
        };
        let seen = (waiting.row.attempt, sight);
        sighted.insert(waiting.place.key.clone(), seen);
    }
    tracing::info!(realm.id = %realm, "looked for {} together among {}", suspects.len(), found.len());
}

/// What a look came to.
pub(crate) enum Looked {
    /// It is there, or it stays unknown.
    Arrived(Arrival),
    /// It is not there.
    Absent,
}

/// Looks for one receipt by itself. Takes the company's turn for each request.
pub(crate) async fn look<W: World>(
    recorder: &Recorder<W>,
    access: &Access,
    leaving: &Departure<'_>,
) -> Result<Looked, Again> {
    let realm = &access.connection.company.realm;
    let turn = async || {
        recorder.pace.turn(&recorder.world, realm).await;
        recorder.world.uptime() < leaving.look_until
    };
    let timing = recorder.world.timing();
    let found = match client(recorder, access)
        .find_receipts(&leaving.receipt, created(leaving, timing), turn)
        .await
    {
        Ok(found) => found,
        Err(fault) => {
            // Not seen is not absent: it stays unknown.
            let now = recorder.world.now();
            let unknown = Stop {
                standing: Standing::Ambiguous,
                reason: Reason::new(ReasonCode::AnswerUnknown),
                due: Stop::for_read(&fault, now, timing)
                    .due
                    .or(Some(now + timing.quiescence)),
            };
            return Ok(Looked::Arrived(Arrival::Stopped(unknown)));
        }
    };
    let marker = leaving.receipt.marker.as_str();
    let ours: Vec<FoundReceipt> = found
        .into_iter()
        .filter(|receipt| receipt.is_marked(marker))
        .collect();
    told_by(recorder, access, leaving, &ours).await
}

/// When a receipt can have been created that an earlier attempt sent, by Intuit's clock; none where the row may not know all.
///
/// A second attempt sends only what was looked for, and the row does not say whether it did: then it is until now.
fn created(leaving: &Departure<'_>, timing: &Timing) -> Option<Created> {
    let before = leaving.before.as_deref()?;
    let first = before.claimed.filter(|_| !leaving.is_forgotten(timing))?;
    let until = match before.attempt {
        1 => first + timing.lease + timing.quiescence,
        _ => leaving.claimed_at.0,
    };
    Some((first - CLOCKS_APART, until + CLOCKS_APART))
}

/// What the receipts with our marker tell of a transaction.
pub(crate) async fn told_by<W: World>(
    recorder: &Recorder<W>,
    access: &Access,
    leaving: &Departure<'_>,
    ours: &[FoundReceipt],
) -> Result<Looked, Again> {
    match ours {
        [] => Ok(Looked::Absent),
        [one] => {
            tracing::info!(
                merchant.id = %leaving.key.merchant,
                transaction.id = %leaving.key,
                receipt.id = %one.id,
                "found {} in QuickBooks as {} {}", leaving.key, document(leaving.key.kind), one.id
            );
            arrived(recorder, access, leaving, one.clone())
                .await
                .map(Looked::Arrived)
        }
        several => {
            let ids: Vec<&str> = several.iter().map(|receipt| receipt.id.as_str()).collect();
            Ok(Looked::Arrived(Arrival::Stopped(two_receipts(&ids))))
        }
    }
}

/// Whether what became of a transaction's last sending is unknown.
pub(crate) fn may_have_been_sent(row: &Row) -> bool {
    matches!(row.standing, Standing::Claimed | Standing::Ambiguous)
}
