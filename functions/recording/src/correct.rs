//! Correcting: a receipt whose total is not ours is mended, or held with both figures; it is never called synced.

use std::time::Duration;

use bookkeeping::company::TaxModel;
use bookkeeping::connection::Connection;
use bookkeeping::reason::{Reason, ReasonCode};
use bookkeeping::receipt::LineTax;
use bookkeeping::refund::Posted;
use bookkeeping::settings::AutomatedTax;
use common::access::Access;
use common::store::Standing;
use common::world::World;
use quickbooks::correction::Rounding;
use quickbooks::receipts::FoundReceipt;
use quickbooks::{Fault, FaultClass};

use crate::Recorder;
use crate::send::{Departure, client, since};
use crate::stop::Stop;

/// Gives the receipt once its total, currency and customer are ours, corrected where its total was not; and what is to be
/// remembered of it.
///
/// If we stop anywhere here, the claim runs out; the receipt is then found by its marker, compared again, and its
/// correction goes on from the rung its note tells of.
///
/// # Errors
///
/// A [`Stop`]: held where no correction makes it ours, ambiguous where one may have been carried out.
pub(crate) async fn made_ours<'a, W: World>(
    recorder: &Recorder<W>,
    access: &Access,
    leaving: &'a Departure<'_>,
    mut found: FoundReceipt,
) -> Result<(FoundReceipt, Option<&'a Posted>), Stop> {
    let by = leaving.redrawn.as_ref().unwrap_or(&leaving.receipt);
    let rounding = rounding(&access.connection);
    while let Some((what, ours, theirs)) = leaving.receipt.difference(&found) {
        let correction = match what {
            "total" => by.correction(&found, rounding.as_ref()),
            _ => None,
        };
        let Some(correction) = correction else {
            let reason = Reason::new(ReasonCode::AnswerDiffers)
                .with("what", what)
                .with("ours", ours)
                .with("theirs", theirs)
                .with("receipt", &found.id);
            return Err(Stop::from(reason));
        };
        recorder
            .pace
            .turn(&recorder.world, &access.connection.company.realm)
            .await;
        if since(recorder, leaving.claimed_at) > recorder.world.timing().lease {
            // Others may believe this claim dead by now: whoever comes next goes on.
            return Err(look_again(recorder, Duration::ZERO));
        }
        tracing::warn!(
            merchant.id = %leaving.key.merchant,
            transaction.id = %leaving.key,
            receipt.id = %found.id,
            "receipt {} of {} has the total {theirs} instead of {ours}: it is corrected", found.id, leaving.key
        );
        found = client(recorder, access)
            .correct_receipt(by, &found, &correction)
            .await
            .map_err(|fault| not_corrected(recorder, leaving, &found, &fault))?;
    }
    // Written over by an earlier attempt, it stands there as it was drawn up then.
    let recorded = match by.was_written_over(&found) {
        true => by,
        false => &leaving.receipt,
    };
    Ok((found, recorded.posted.as_ref()))
}

/// What a refused or unanswered correction means: the receipt stands there with another total, so whatever passes by
/// itself is tried again by looking for it; only what QuickBooks will not have is held.
fn not_corrected<W: World>(
    recorder: &Recorder<W>,
    leaving: &Departure<'_>,
    found: &FoundReceipt,
    fault: &Fault,
) -> Stop {
    let (world, timing) = (&recorder.world, recorder.world.timing());
    let stop = Stop::for_fault(fault, &leaving.receipt.date, world.now(), timing);
    match (fault.class, stop.standing) {
        // Somebody changed the receipt since it was read.
        (FaultClass::Stale, _) => look_again(recorder, Duration::ZERO),
        (_, Standing::Parked | Standing::Ambiguous) => {
            let due = stop.due.unwrap_or(world.now() + timing.quiescence);
            look_again(
                recorder,
                Duration::try_from(due - world.now()).unwrap_or_default(),
            )
        }
        _ => Stop::from(
            Reason::new(ReasonCode::AnswerDiffers)
                .with("what", "total")
                .with("ours", leaving.receipt.total.decimal_text())
                .with("theirs", found.total.normalize())
                .with("receipt", &found.id),
        ),
    }
}

/// The receipt stands there, and a query need not show it yet: looked for sooner it would count as never sent.
fn look_again<W: World>(recorder: &Recorder<W>, after: Duration) -> Stop {
    let (world, shows) = (&recorder.world, recorder.world.timing().quiescence);
    Stop {
        standing: Standing::Ambiguous,
        reason: Reason::new(ReasonCode::AnswerUnknown),
        due: Some(world.now() + after.max(shows)),
    }
}

/// The line that may take QuickBooks' residue, where an item is chosen for it and it can stand outside the tax.
fn rounding(connection: &Connection) -> Option<Rounding> {
    let (settings, company) = (&connection.settings, &connection.company);
    let tax = match company.tax_model {
        TaxModel::Off => LineTax::Off,
        TaxModel::UsManual | TaxModel::UsAutomated => LineTax::Non,
        TaxModel::Global => {
            let code = company.tax_code(settings.tax_map.out_of_scope.as_ref()?)?;
            // A code with rates would need its amounts sent with the rest.
            code.rates
                .is_empty()
                .then(|| LineTax::Code(code.id.clone()))?
        }
    };
    Some(Rounding {
        item: settings.items.rounding.clone()?,
        tax,
        own_tax: company.tax_model == TaxModel::UsAutomated
            && settings.automated_tax == AutomatedTax::Own,
    })
}
