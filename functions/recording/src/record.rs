//! The story of one payment or refund.

use bookkeeping::connection::{ConnectionState, Denial};
use bookkeeping::ids::CompanyCustomerId;
use bookkeeping::outcome::Outcome;
use bookkeeping::reason::{Reason, ReasonCode, State};
use bookkeeping::receipt;
use bookkeeping::refund::Posted;
use bookkeeping::request_id::RequestId;
use common::access::{Access, Closed};
use common::store::lot::QUIET;
use common::store::{Carrier, Claimed, Frozen, Ledger, Lots, Release, Standing, StoreError};
use common::world::World;
use quickbooks::receipts::FrozenReceipt;

use crate::Recorder;
use crate::customer;
use crate::freed::chosen;
use crate::fresh::name;
use crate::invocation::Invocation;
use crate::job::{Job, Moved, claim};
use crate::learn::learn;
use crate::look::may_have_been_sent;
use crate::refund;
use crate::sealed::{open, seal};
use crate::seen::refused;
use crate::send::{Arrival, Departure, send, since, too_late};
use crate::settle::{
    Reached, as_it_stands, hold_for_its_company, not_ours, put_in_lot, settle, wait,
};
use crate::stop::{Again, Stop};

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
) -> Result<Reached, Again> {
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
        return hold_for_its_company(recorder, invocation, job, &access.connection).await;
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
    if let Some(stop) = recorder.fleet.bars(&recorder.world, &access) {
        return put_in_lot(recorder, invocation, job, &access.connection, &stop).await;
    }
    let access = learn(recorder, access, job).await?;
    let begun = (recorder.world.now(), recorder.world.uptime());
    let reached = record_with(recorder, invocation, job, &access).await?;
    let Outcome::Stopped(Reason { code, .. }) = &reached.outcome else {
        return Ok(reached);
    };
    match code {
        ReasonCode::TokenRefreshing => {}
        // The operator may have said what to do about it a moment ago, or while this process was frozen: then it is done, not
        // asked once more. If we stop before that, it is held, and has its button.
        code if *code == ReasonCode::AnswerDiffers
            || reached.outcome.state() == State::NeedsOperator
                && since(recorder, begun) >= QUIET / 2 =>
        {
            if let Some(newer) = access.newer(&recorder.world).await? {
                recorder.remembered.forget(&job.key.merchant);
                let (store, now) = (recorder.world.store(), recorder.world.now());
                let again = Release::One(&job.key);
                let decided = chosen(&newer.connection.frees);
                store
                    .release(&job.key.merchant, again, decided, now)
                    .await?;
            }
            return Ok(reached);
        }
        // The row is parked and the link given up: once more, with the customer looked for anew. If we stop before that,
        // it waits in the lot.
        ReasonCode::CustomerGone => return record_with(recorder, invocation, job, &access).await,
        _ => return Ok(reached),
    }
    // QuickBooks refused the token, so nothing was written, and the row is parked: with a new token it is claimed
    // again and sent once more. If we stop before that, it waits in the lot.
    let reopened = recorder.remembered.reopen(&recorder.world, &access).await?;
    match reopened {
        Ok(access) => {
            let reached = record_with(recorder, invocation, job, &access).await?;
            let is_refused = |reason: &Reason| reason.code == ReasonCode::TokenRefreshing;
            if !matches!(&reached.outcome, Outcome::Stopped(reason) if is_refused(reason)) {
                return Ok(reached);
            }
            // A new token is refused too: it is us that QuickBooks refuses, and not the token.
            let denial = Denial::AccessRefused;
            let state = ConnectionState::ReconnectNeeded(denial);
            refused(recorder, &access, state).await?;
            let closed = Closed::Waiting(access.connection, denial.reason(), None);
            wait(recorder, invocation, job, closed).await
        }
        Err(closed) => wait(recorder, invocation, job, closed).await,
    }
}

/// Records one payment or refund under an access.
async fn record_with<W: World>(
    recorder: &Recorder<W>,
    invocation: &Invocation,
    job: &Job<'_>,
    access: &Access,
) -> Result<Reached, Again> {
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
                Ok(reached) => Ok(reached),
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
) -> Result<Reached, Again> {
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
        Claimed::Refused(row) => {
            return not_ours(recorder, invocation, job, &access.connection, &row).await;
        }
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
            return Err(StoreError::unreadable("a claimed row without its receipt").into());
        }
    };
    let leaving = Departure {
        sighted: invocation.sighted.of(&job.key, before.as_deref()),
        key: &job.key,
        request_id,
        receipt,
        redrawn,
        before,
        claimed_at,
        listing,
        look_until: invocation.look_until(world),
    };
    let arrival = send(recorder, access, &leaving).await?;
    let is_absent = matches!(arrival, Arrival::TooLate);
    let (stop, anew) = match arrival {
        Arrival::Recorded(reached) => return Ok(reached),
        Arrival::Stopped(stop) => (stop, None),
        Arrival::TooLate => {
            let sighted = &invocation.sighted;
            sighted.note_absent(&job.key, leaving.before.as_deref());
            (too_late(), None)
        }
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
        // All it lacks is a claim that is young enough. If we stop before that, it waits in the lot, and is looked for again.
        Ok(_) if is_absent && !invocation.is_ending(world) => {
            recorder.pace.turn(world, realm).await;
            Box::pin(claim_and_send(recorder, invocation, job, access, None)).await
        }
        Ok(reached) => Ok(reached),
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
