//! Learning: what a transaction shows of what the merchant sells is kept for the operator's page, and a tax with one clear
//! code is mapped at once.

use bookkeeping::catalogue::Shown;
use bookkeeping::connection::Connection;
use bookkeeping::settings::history::{Change, moves};
use common::access::Access;
use common::store::{Connections, StoreError};
use common::world::World;

use crate::Recorder;
use crate::record::{Job, Moved};

/// How often the connection is read again when others changed it in between.
const ATTEMPTS_MAX: usize = 5;

/// Gives the access under which a job is recorded: with the connection having learned from it.
///
/// Costs nothing where the job shows nothing new. If we stop after the write, it is learned; the next delivery finds
/// nothing new. Where others keep changing the connection, the next transaction learns instead, and this one may ask
/// the operator for a code that could have been found.
///
/// # Errors
///
/// [`StoreError`] where the store is not to be had.
pub(crate) async fn learn<W: World>(
    recorder: &Recorder<W>,
    mut access: Access,
    job: &Job<'_>,
) -> Result<Access, StoreError> {
    let (world, merchant) = (&recorder.world, &job.key.merchant);
    for _ in 0..ATTEMPTS_MAX {
        let before = &access.connection;
        let Some(learned) = before.having_learned(&shown(job, before)) else {
            return Ok(access);
        };
        let moves = moves(&before.settings, &learned.settings);
        let change = (!moves.is_empty()).then(|| Change {
            at: world.now(),
            by: None,
            moves,
        });
        recorder.remembered.forget(merchant);
        if world.store().revise(&learned, change.as_ref()).await? {
            access.connection = Connection {
                revision: learned.revision + 1,
                ..learned
            };
            return Ok(access);
        }
        match access.newer(world).await? {
            Some(newer) => access = newer,
            // Another company: what is claimed under this epoch is refused there.
            None => return Ok(access),
        }
    }
    Ok(access)
}

fn shown<'a>(job: &Job<'a>, connection: &Connection) -> Shown<'a> {
    let zone = connection.time_zone();
    match job.moved {
        Moved::In(payment) => Shown {
            lines: &payment.lines,
            region: payment
                .service_address
                .as_ref()
                .and_then(|address| address.region.as_deref()),
            method: Some(&payment.method),
            day: payment.captured_on(&zone),
        },
        Moved::Back { refund, .. } => Shown {
            lines: refund.lines.as_deref().unwrap_or_default(),
            region: None,
            method: None,
            day: refund.refunded_on(&zone),
        },
    }
}
