//! The story of one payment or refund.

use bookkeeping::connection::{Connection, ConnectionState, Denial};
use bookkeeping::ids::{CompanyCustomerId, RealmId};
use bookkeeping::money::Currency;
use bookkeeping::outcome::Outcome;
use bookkeeping::reason::{Reason, ReasonCode};
use bookkeeping::receipt;
use bookkeeping::refund::Posted;
use bookkeeping::request_id::RequestId;
use bookkeeping::transaction::{Customer, Payment, Refund, TransactionKey};
use common::access::{Access, Closed};
use common::store::{
    Carrier, Claim, Claimed, Frozen, Ledger, Listing, Lots, Release, Row, Settlement, Standing,
    StoreError, Written,
};
use common::world::World;
use quickbooks::receipts::FrozenReceipt;

use crate::Recorder;
use crate::customer;
use crate::fresh::name;
use crate::invocation::Invocation;
use crate::kept::keep;
use crate::learn::learn;
use crate::refund;
use crate::sealed::{open, seal};
use crate::seen::refused;
use crate::send::{Arrival, Departure, send};
use crate::stop::{Again, Stop};

/// Money that moved.
#[derive(Clone, Copy)]
pub enum Moved<'a> {
    /// A captured payment.
    In(&'a Payment),
    /// A refund.
    Back {
        /// The refund.
        refund: &'a Refund,
        /// The payment it takes back, where the message brings it.
        payment: Option<&'a Payment>,
    },
}

/// A payment or refund as one delivery brought it.
pub struct Job<'a> {
    /// Its key in the ledger.
    pub key: TransactionKey,
    /// The payment or refund.
    pub moved: Moved<'a>,
    /// Who paid, or was paid back, where somebody is named.
    pub customer: Option<&'a Customer>,
    /// The message, whole: what waits is kept with it.
    pub body: &'a str,
    /// The queue's id of the message.
    pub message_id: &'a str,
    /// Hash of everything that decides what is posted.
    pub fingerprint: String,
}

impl Job<'_> {
    /// The currency that moved.
    fn currency(&self) -> Currency {
        match self.moved {
            Moved::In(payment) => payment.currency,
            Moved::Back { refund, .. } => refund.currency,
        }
    }

    /// What the operator's list shows of it.
    fn listing(&self) -> Listing {
        let customer = self.customer.map(|customer| customer.id.clone());
        match self.moved {
            Moved::In(payment) => Listing {
                moved_at: payment.captured_at,
                amount: Some(payment.amount),
                method: Some(payment.method.as_str().to_owned()),
                reference: Some(payment.reference.clone()),
                payment: None,
                customer,
            },
            Moved::Back { refund, .. } => Listing {
                moved_at: refund.refunded_at,
                amount: Some(refund.amount),
                method: refund.method.as_ref().map(|how| how.as_str().to_owned()),
                reference: Some(refund.reference.clone()),
                payment: Some(refund.payment_id.clone()),
                customer,
            },
        }
    }

    /// The payment it is, or is a refund of.
    fn payment(&self) -> TransactionKey {
        let id = match self.moved {
            Moved::In(payment) => &payment.id,
            Moved::Back { refund, .. } => &refund.payment_id,
        };
        TransactionKey::payment(self.key.merchant.clone(), id)
    }
}

/// Records one payment or refund in the merchant's company, once.
///
/// May be called any number of times with the same message, by any number of workers at once. Where it can stop
/// half-way is said beside each step; nothing is undone, the next delivery goes on.
///
/// # Errors
///
/// [`Again`] where the queue should bring the message back. Everything else is an [`Outcome`] that the ledger
/// holds already.
pub async fn record<W: World>(
    recorder: &Recorder<W>,
    invocation: &Invocation,
    job: &Job<'_>,
) -> Result<Outcome, Again> {
    let door = invocation.door(job.payment());
    let _inside = door.lock().await;
    let opened = recorder
        .remembered
        .open(&recorder.world, &job.key.merchant, recorder.world.now())
        .await?;
    let access = match opened {
        Ok(access) => access,
        Err(closed) => return wait(recorder, invocation, job, closed).await,
    };
    let realm = &access.connection.company.realm;
    if invocation.waits_for_another(&job.key, realm) {
        return hold_for_its_company(recorder, invocation, job).await;
    }
    // One caller at a company: while the drain has the turn, what arrives goes into the lot.
    if invocation.carrier == Carrier::Queue
        && (access.lot_open || invocation.yields_to_lot(&job.key.merchant))
    {
        invocation.yield_to_lot(&job.key.merchant);
        return put_in_lot(
            recorder,
            invocation,
            job,
            &access.connection,
            &Stop::in_line(),
        )
        .await;
    }
    let access = learn(recorder, access, job).await?;
    let outcome = record_with(recorder, invocation, job, &access).await?;
    let Outcome::Stopped(Reason { code, .. }) = &outcome else {
        return Ok(outcome);
    };
    match code {
        ReasonCode::TokenRefreshing => {}
        // The operator may have said what to do about it a moment ago: then it is done, not asked once more. If we stop
        // before that, it is held, and has its button.
        ReasonCode::AnswerDiffers => {
            if access.newer(&recorder.world).await?.is_some() {
                recorder.remembered.forget(&job.key.merchant);
                let (store, now) = (recorder.world.store(), recorder.world.now());
                let again = Release::One(&job.key);
                store.release(&job.key.merchant, again, now).await?;
            }
            return Ok(outcome);
        }
        // The row is parked and the link given up: once more, with the customer looked for anew. If we stop before that,
        // it waits in the lot.
        ReasonCode::CustomerGone => return record_with(recorder, invocation, job, &access).await,
        _ => return Ok(outcome),
    }
    // QuickBooks refused the token, so nothing was written, and the row is parked: with a new token it is claimed
    // again and sent once more. If we stop before that, it waits in the lot.
    let reopened = recorder.remembered.reopen(&recorder.world, &access).await?;
    match reopened {
        Ok(access) => {
            let outcome = record_with(recorder, invocation, job, &access).await?;
            let is_refused = |reason: &Reason| reason.code == ReasonCode::TokenRefreshing;
            if !matches!(&outcome, Outcome::Stopped(reason) if is_refused(reason)) {
                return Ok(outcome);
            }
            // A new token is refused too: it is us that QuickBooks refuses, and not the token.
            let denial = Denial::AccessRefused;
            let state = ConnectionState::ReconnectNeeded(denial);
            refused(recorder, &access, state).await?;
            let closed = Closed::Waiting(Box::new(access.connection), denial.reason(), None);
            wait(recorder, invocation, job, closed).await
        }
        Err(closed) => wait(recorder, invocation, job, closed).await,
    }
}

/// Keeps what cannot be sent because the connection is closed.
async fn wait<W: World>(
    recorder: &Recorder<W>,
    invocation: &Invocation,
    job: &Job<'_>,
    closed: Closed,
) -> Result<Outcome, Again> {
    let Closed::Waiting(connection, reason, due) = closed else {
        return Ok(Outcome::Stopped(Reason::new(ReasonCode::NotConnected)));
    };
    let stop = Stop {
        due,
        ..Stop::from(reason)
    };
    put_in_lot(recorder, invocation, job, &connection, &stop).await
}

/// Records one payment or refund under an access.
async fn record_with<W: World>(
    recorder: &Recorder<W>,
    invocation: &Invocation,
    job: &Job<'_>,
    access: &Access,
) -> Result<Outcome, Again> {
    // Nothing is sent by any of this, so stopping here leaves nothing behind but perhaps a linked customer.
    let drawn = draw_up(recorder, invocation, job, access).await?;
    let newer = match &drawn {
        // What the operator is about to be asked may have been decided since the connection was read.
        Err(stop) if stop.standing == Standing::Held => access.newer(&recorder.world).await?,
        _ => None,
    };
    let (access, drawn) = match &newer {
        Some(newer) => {
            recorder.remembered.forget(&job.key.merchant);
            (newer, draw_up(recorder, invocation, job, newer).await?)
        }
        None => (access, drawn),
    };
    let realm = &access.connection.company.realm;
    let receipt = match drawn {
        Ok(receipt) => receipt,
        Err(stop) => {
            return match settle(recorder, invocation, job, Some(realm), None, &stop, None).await? {
                Ok(outcome) => Ok(outcome),
                // It may have been sent before, under what was frozen then: that is cleared up, whatever would be
                // drawn up today.
                Err(row) if may_have_been_sent(&row) => {
                    recorder.pace.turn(&recorder.world, realm).await;
                    claim_and_send(recorder, invocation, job, access, None).await
                }
                Err(row) => as_it_stands(recorder, job, &row).await,
            };
        }
    };

    // The company's turn first, so that the claim stands right before the sending.
    recorder.pace.turn(&recorder.world, realm).await;
    claim_and_send(recorder, invocation, job, access, Some(receipt)).await
}

/// Lets a transaction wait, untried.
async fn put_in_lot<W: World>(
    recorder: &Recorder<W>,
    invocation: &Invocation,
    job: &Job<'_>,
    connection: &Connection,
    stop: &Stop,
) -> Result<Outcome, Again> {
    let realm = &connection.company.realm;
    match settle(recorder, invocation, job, Some(realm), None, stop, None).await? {
        Ok(outcome) => Ok(outcome),
        Err(row) if row.standing == Standing::Claimed => {
            leave_unknown(recorder, invocation, job, connection).await
        }
        Err(row) => as_it_stands(recorder, job, &row).await,
    }
}

/// The receipt, complete: customer found or created, every cent placed.
async fn draw_up<W: World>(
    recorder: &Recorder<W>,
    invocation: &Invocation,
    job: &Job<'_>,
    access: &Access,
) -> Result<Result<FrozenReceipt, Stop>, Again> {
    let payment = match job.moved {
        Moved::In(payment) => payment,
        Moved::Back { refund, payment } => {
            let drawn = refund::draw_up(recorder, invocation, job, refund, payment, access).await?;
            return Ok(drawn.map(|draft| FrozenReceipt::of(&job.key, &draft, None)));
        }
    };
    if let Some(reason) = access.connection.skips(payment) {
        return Ok(Err(Stop::from(reason)));
    }
    let in_company = match customer::in_company(
        recorder,
        access,
        &invocation.links,
        &job.key,
        job.customer,
        payment.currency,
    )
    .await?
    {
        Ok(in_company) => in_company,
        Err(stop) => return Ok(Err(stop)),
    };
    let draft = receipt::draft(
        &job.key,
        payment,
        job.customer,
        &in_company,
        &access.connection,
    );
    Ok(draft
        .map(|draft| {
            let posted = Posted::of(&draft, payment, &access.connection);
            FrozenReceipt::of(&job.key, &draft, Some(posted))
        })
        .map_err(Stop::from))
}

/// Claims the transaction and sends its receipt; without one, what an earlier claim froze.
async fn claim_and_send<W: World>(
    recorder: &Recorder<W>,
    invocation: &Invocation,
    job: &Job<'_>,
    access: &Access,
    receipt: Option<FrozenReceipt>,
) -> Result<Outcome, Again> {
    if invocation.is_ending(&recorder.world) {
        return Err(Again::NoTime);
    }
    let world = &recorder.world;
    let realm = &access.connection.company.realm;
    let request_id = RequestId::for_receipt(realm, &job.key, 0);
    let sealed = match &receipt {
        None => None,
        Some(receipt) => Some(
            seal(
                recorder,
                &job.key,
                &serde_json::to_vec(receipt).expect("plain data"),
            )
            .await?,
        ),
    };
    let owner = name(world.random());
    let listing = job.listing();
    let frozen = sealed.as_deref().map(|sealed| Frozen {
        request_id: request_id.as_str(),
        receipt: sealed,
        listing: &listing,
    });
    let claim = claim(recorder, job, &access.connection, &owner, frozen);
    let claimed_at = (claim.now, world.uptime());
    // One worker at a time. If we stop after this line, the claim runs out and the next delivery takes it up.
    let before = match world.store().claim(&claim).await? {
        Claimed::Ours { before } => before,
        Claimed::Refused(row) => return as_it_stands(recorder, job, &row).await,
    };
    // What the first claim froze is sent, whatever would be drawn up today. Released after a refusal, it asks under
    // the id it was released with.
    let request_id = before
        .as_deref()
        .and_then(|row| row.request_id.clone())
        .map_or(request_id, RequestId::kept);
    let frozen = before.as_deref().and_then(|row| row.frozen.clone());
    let (receipt, redrawn) = match (frozen, receipt) {
        (Some(frozen), drawn) => {
            let frozen: FrozenReceipt = open(recorder, &job.key, &frozen).await?;
            let redrawn = drawn.filter(|drawn| *drawn != frozen && drawn.may_replace(&frozen));
            (frozen, redrawn)
        }
        (None, Some(receipt)) => (receipt, None),
        (None, None) => {
            return Err(
                StoreError::Unreadable("a claimed row without its receipt".to_owned()).into(),
            );
        }
    };
    let leaving = Departure {
        key: &job.key,
        request_id,
        receipt,
        redrawn,
        before,
        claimed_at,
        carrier: invocation.carrier,
    };
    let (stop, anew) = match send(recorder, access, &leaving).await? {
        Arrival::Recorded(outcome) => return Ok(outcome),
        Arrival::Stopped(stop) => (stop, None),
        Arrival::Refused(stop) => {
            let is_gone = match stop.reason.code {
                ReasonCode::ReferenceInactive => {
                    let sent_to = &leaving.receipt.customer;
                    is_customer_gone(recorder, invocation, job, access, sent_to).await?
                }
                _ => Ok(false),
            };
            let stop = match is_gone {
                Ok(true) => Stop::from(Reason::new(ReasonCode::CustomerGone)),
                Ok(false) => stop,
                Err(unread) => unread,
            };
            // It is proven not to be in QuickBooks, so that it may be drawn up for whoever the customer is now, and asked
            // for under another id.
            let anew = stop.waits().then(|| leaving.request_id.next());
            (stop, anew)
        }
    };
    let (owner, anew) = (Some(owner.as_str()), anew.as_ref());
    match settle(recorder, invocation, job, Some(realm), owner, &stop, anew).await? {
        Ok(outcome) => Ok(outcome),
        Err(row) => as_it_stands(recorder, job, &row).await,
    }
}

/// Whether a receipt was refused because its customer's record is gone; its link is given up then.
async fn is_customer_gone<W: World>(
    recorder: &Recorder<W>,
    invocation: &Invocation,
    job: &Job<'_>,
    access: &Access,
    sent_to: &CompanyCustomerId,
) -> Result<Result<bool, Stop>, Again> {
    let Some(customer) = job.customer else {
        return Ok(Ok(false));
    };
    let refused = customer::Refused {
        by: &job.key,
        customer,
        key: &customer::link_key(&access.connection, &customer.id, job.currency()),
        sent_to,
    };
    customer::is_gone(recorder, access, &invocation.links, &refused).await
}

/// Takes over a claim whose process died, when QuickBooks cannot be asked: what became of it stays unknown, and waits
/// in the lot instead of going round in the queue.
async fn leave_unknown<W: World>(
    recorder: &Recorder<W>,
    invocation: &Invocation,
    job: &Job<'_>,
    connection: &Connection,
) -> Result<Outcome, Again> {
    let world = &recorder.world;
    let owner = name(world.random());
    let realm = &connection.company.realm;
    match world
        .store()
        .claim(&claim(recorder, job, connection, &owner, None))
        .await?
    {
        Claimed::Refused(row) => as_it_stands(recorder, job, &row).await,
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
                Ok(outcome) => Ok(outcome),
                Err(row) => as_it_stands(recorder, job, &row).await,
            }
        }
    }
}

/// A claim on this job's transaction, from now.
fn claim<'a, W: World>(
    recorder: &Recorder<W>,
    job: &'a Job<'_>,
    connection: &'a Connection,
    owner: &'a str,
    frozen: Option<Frozen<'a>>,
) -> Claim<'a> {
    Claim {
        key: &job.key,
        owner,
        now: recorder.world.now(),
        lease: recorder.world.timing().lease,
        quiescence: recorder.world.timing().quiescence,
        fingerprint: &job.fingerprint,
        realm: &connection.company.realm,
        epoch: connection.epoch,
        frozen,
    }
}

/// Writes down why a transaction is not in QuickBooks; gives the row that stood in the way where it was refused.
///
/// `owner` is the claim it ends, or `None` where this attempt never claimed; `anew` is what it asks under next where it is to
/// be drawn up anew.
async fn settle<W: World>(
    recorder: &Recorder<W>,
    invocation: &Invocation,
    job: &Job<'_>,
    realm: Option<&RealmId>,
    owner: Option<&str>,
    stop: &Stop,
    anew: Option<&RequestId>,
) -> Result<Result<Outcome, Box<Row>>, Again> {
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
    let settlement = Settlement {
        key: &job.key,
        standing: stop.standing,
        reason: &stop.reason,
        anew: anew.map(RequestId::as_str),
        owner,
        fingerprint: &job.fingerprint,
        realm,
        now: recorder.world.now(),
        due: stop.due,
        payload: &payload,
        listing: &job.listing(),
        carrier: invocation.carrier,
    };
    match recorder.world.store().settle(&settlement).await? {
        Written::Done => Ok(Ok(Outcome::Stopped(stop.reason.clone()))),
        Written::Refused(row) => Ok(Err(row)),
    }
}

/// Keeps what waits for a company that another took the place of: it is never sent there.
async fn hold_for_its_company<W: World>(
    recorder: &Recorder<W>,
    invocation: &Invocation,
    job: &Job<'_>,
) -> Result<Outcome, Again> {
    let stop = Stop::from(Reason::new(ReasonCode::OtherCompany));
    match settle(recorder, invocation, job, None, None, &stop, None).await? {
        Ok(outcome) => Ok(outcome),
        // Claimed or unknown: its own company alone can say what became of it.
        Err(row) if may_have_been_sent(&row) => Ok(Outcome::Stopped(stop.reason)),
        Err(row) => as_it_stands(recorder, job, &row).await,
    }
}

/// What to say of a transaction that is not ours to take: how it stands.
async fn as_it_stands<W: World>(
    recorder: &Recorder<W>,
    job: &Job<'_>,
    row: &Row,
) -> Result<Outcome, Again> {
    if row.fingerprint != job.fingerprint {
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
    match (row.standing, &row.synced, &row.reason) {
        (Standing::Synced, Some(synced), _) => Ok(Outcome::Synced(synced.clone())),
        (Standing::Claimed, _, _) => Err(Again::Busy),
        (_, _, Some(reason)) => Ok(Outcome::Stopped(reason.clone())),
        _ => Err(StoreError::Unreadable(format!(
            "a row that says {} and not why",
            row.standing.as_str()
        ))
        .into()),
    }
}

fn may_have_been_sent(row: &Row) -> bool {
    matches!(row.standing, Standing::Claimed | Standing::Ambiguous)
}
