//! A refund on its way to its receipt: behind its payment, out of what remains of it.

use std::time::Duration;

use bookkeeping::connection::Connection;
use bookkeeping::ids::{CompanyCustomerId, RefundId};
use bookkeeping::reason::{Reason, ReasonCode};
use bookkeeping::receipt::{self, ReceiptDraft};
use bookkeeping::refund::{Course, Drawing, PaymentStanding, Posted, course};
use bookkeeping::transaction::{Payment, Refund, TransactionKey};
use common::access::Access;
use common::store::{Ledger, Named, Refunded, Refunds, Row, Standing};
use common::world::World;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::Recorder;
use crate::customer;
use crate::invocation::Invocation;
use crate::job::Job;
use crate::reserve::reserve;
use crate::stop::{Again, Stop};

/// How long after a refund first missed its payment it looks for it again.
const FIRST_LOOK: Duration = Duration::from_secs(60);

/// How long a refund leaves a payment alone that needs the operator or a developer: people take their time.
const BEHIND_PEOPLE: Duration = Duration::from_secs(3600);

/// The receipt of a refund, complete. What it takes of its payment is reserved for it by then, under its id, so that
/// stopping here leaves nothing behind that the next delivery would not find and use.
///
/// # Errors
///
/// [`Again`] where the store is down or others keep refunding the same payment; a [`Stop`] inside where the refund
/// waits, is skipped, or needs the operator.
pub(crate) async fn draw_up<W: World>(
    recorder: &Recorder<W>,
    invocation: &Invocation,
    job: &Job<'_>,
    refund: &Refund,
    beside: Option<&Payment>,
    access: &Access,
) -> Result<Result<ReceiptDraft, Stop>, Again> {
    let (world, connection) = (&recorder.world, &access.connection);
    if let Some(reason) = connection.skips_on(refund.refunded_on(&connection.time_zone())) {
        return Ok(Err(Stop::from(reason)));
    }
    let payment = TransactionKey::payment(job.key.merchant.clone(), &refund.payment_id);
    let row = world.store().row(&payment).await?;
    let mut refunded = world.store().refunded(&payment).await?;
    let standing = standing(row.as_ref(), connection);
    let waited = refunded.by(&refund.id).is_some()
        || missed_long_enough(recorder, &payment, &standing, &mut refunded).await?;
    let posted = match course(&standing, waited) {
        Course::Wait(code) => {
            let zone = connection.time_zone();
            let row = row.as_ref();
            return Ok(Err(behind(recorder, refund, row, code, &refunded, &zone)));
        }
        Course::Skip(reason) => return Ok(Err(Stop::from(reason))),
        Course::Mirror => row.as_ref().and_then(|row| row.posted.clone()),
        Course::Alone => None,
    };
    if let Some(reason) = method_off(refund, posted.as_ref(), beside, connection) {
        return Ok(Err(Stop::from(reason)));
    }
    let in_company = match (job.customer, &posted) {
        (None, Some(posted)) => posted.customer.clone(),
        (customer, _) => {
            let links = &invocation.links;
            match customer::in_company(recorder, access, links, &job.key, customer, refund.currency)
                .await?
            {
                Ok(in_company) => in_company,
                Err(stop) => return Ok(Err(stop)),
            }
        }
    };
    let alone = posted.is_none();
    let realm = &connection.company.realm;
    let basis = refunded.basis.clone();
    let basis = basis.filter(|_| refunded.basis_in.as_ref().is_none_or(|of| of == realm));
    let posted = match (posted, basis, beside) {
        (Some(posted), _, _) | (None, Some(posted), _) => Some(posted),
        (None, None, Some(beside)) => match as_if_posted(job, beside, &in_company, connection) {
            Ok(posted) => Some(posted),
            Err(reason) => return Ok(Err(Stop::from(reason))),
        },
        (None, None, None) => None,
    };
    if alone {
        tracing::info!(
            merchant.id = %job.key.merchant,
            transaction.id = %job.key,
            "{} is posted by itself: there is no receipt of ours of {payment}", job.key
        );
    }
    let synced = row.and_then(|row| row.synced);
    let receipt = synced.filter(|synced| synced.realm == connection.company.realm);
    let named = refunded.named(&refund.id, realm).cloned();
    let label = receipt.map(|synced| synced.number.unwrap_or_else(|| synced.receipt.to_string()));
    let drawing = Drawing {
        key: &job.key,
        refund,
        customer: job.customer,
        in_company: &in_company,
        connection,
        posted: posted.as_ref(),
        receipt: label.as_deref(),
        named: named.as_ref(),
    };
    reserve(recorder, &payment, &drawing, alone, refunded).await
}

/// Where the payment stands, for a refund into this connection's company.
fn standing(row: Option<&Row>, connection: &Connection) -> PaymentStanding {
    let Some(row) = row else {
        return PaymentStanding::Unknown;
    };
    match (row.standing, &row.synced, &row.reason) {
        (Standing::Synced, Some(synced), _)
            if synced.realm == connection.company.realm && row.posted.is_some() =>
        {
            PaymentStanding::Posted
        }
        (Standing::Synced, _, _) => PaymentStanding::OutOfReach,
        (Standing::Skipped, _, Some(reason)) => PaymentStanding::Skipped(reason.clone()),
        _ => PaymentStanding::Unsettled,
    }
}

/// Whether an unknown payment has been waited for; notes the first time it is missed, which then stands.
async fn missed_long_enough<W: World>(
    recorder: &Recorder<W>,
    payment: &TransactionKey,
    standing: &PaymentStanding,
    refunded: &mut Refunded,
) -> Result<bool, Again> {
    let (world, now) = (&recorder.world, recorder.world.now());
    if *standing != PaymentStanding::Unknown {
        return Ok(false);
    }
    if let Some(since) = refunded.missed_since {
        return Ok(since + world.timing().payment_wait <= now);
    }
    refunded.missed_since = Some(now);
    // If we stop after this line, the waiting has begun.
    match world.store().keep_refunded(payment, refunded).await? {
        true => Ok(false),
        false => Err(Again::Busy),
    }
}

/// Waiting behind a payment, and when to look again.
fn behind<W: World>(
    recorder: &Recorder<W>,
    refund: &Refund,
    row: Option<&Row>,
    code: ReasonCode,
    refunded: &Refunded,
    zone: &TimeZone,
) -> Stop {
    let (now, timing) = (recorder.world.now(), recorder.world.timing());
    let reason = Reason::new(code).with("payment", &refund.payment_id);
    let waits = |reason, due| Stop {
        due: Some(due),
        ..Stop::from(reason)
    };
    match row {
        None => {
            let since = refunded.missed_since.unwrap_or(now);
            let until: Timestamp = since + timing.payment_wait;
            // Twice as long after each look: a payment that is late by minutes holds its refund up by minutes.
            let waited = Duration::try_from(now - since).unwrap_or_default();
            let next = now + waited.max(FIRST_LOOK.min(timing.payment_wait));
            let day = zone.to_datetime(until).date();
            waits(reason.with("until", day.to_string()), next.min(until))
        }
        Some(row) if matches!(row.standing, Standing::Held | Standing::Failed) => {
            waits(reason, now + BEHIND_PEOPLE)
        }
        // As long as a worker may be at the payment, and as long as the payment itself rests.
        Some(row) => waits(reason, row.due.unwrap_or(now).max(now + timing.lease)),
    }
}

/// Why money that went back this way is not recorded. What came in by a method goes back by it whatever was switched off
/// since, else the books would keep the sale.
fn method_off(
    refund: &Refund,
    posted: Option<&Posted>,
    beside: Option<&Payment>,
    connection: &Connection,
) -> Option<Reason> {
    let came_by = posted.map(|posted| &posted.method);
    let method = refund
        .method
        .as_ref()
        .or(beside.map(|payment| &payment.method))?;
    let off = came_by != Some(method) && !connection.settings.syncs(method);
    off.then(|| Reason::new(ReasonCode::MethodOff).with("method", method.as_str()))
}

/// What would have been posted of a payment that was never ours.
fn as_if_posted(
    job: &Job<'_>,
    payment: &Payment,
    in_company: &CompanyCustomerId,
    connection: &Connection,
) -> Result<Posted, Reason> {
    let key = TransactionKey::payment(job.key.merchant.clone(), &payment.id);
    let draft = receipt::draft(&key, payment, job.customer, in_company, connection)?;
    Ok(Posted::of(&draft, payment, connection))
}

/// Lets a refund of more than was left of its payment be posted all the same: the operator's word. Its held
/// transaction is released after this.
///
/// # Errors
///
/// [`Again`] where the store is down, or refunds of the payment keep coming in between: the operator presses again.
pub async fn allow_excess<W: World>(
    world: &W,
    payment: &TransactionKey,
    refund: &RefundId,
) -> Result<(), Again> {
    let mut refunded = world.store().refunded(payment).await?;
    if refunded.allowed.contains(refund) {
        return Ok(());
    }
    refunded.allowed.push(refund.clone());
    match world.store().keep_refunded(payment, &refunded).await? {
        true => Ok(()),
        false => Err(Again::Busy),
    }
}

/// Keeps what the operator says of a refund's tax, in place of what they said before. Its held transaction is released
/// after this.
///
/// # Errors
///
/// [`Again`] where the store is down, or refunds of the payment keep coming in between: the operator presses again.
pub async fn name_tax<W: World>(
    world: &W,
    payment: &TransactionKey,
    named: &Named,
) -> Result<(), Again> {
    let mut refunded = world.store().refunded(payment).await?;
    if refunded.named.contains(named) {
        return Ok(());
    }
    refunded.named.retain(|other| other.refund != named.refund);
    refunded.named.push(named.clone());
    match world.store().keep_refunded(payment, &refunded).await? {
        true => Ok(()),
        false => Err(Again::Busy),
    }
}
