//! Learning: what a transaction shows of what the merchant sells is kept for the operator's page; a tax with one clear code is
//! mapped at once, and a payment method the company lacks is created once.

use std::rc::Rc;

use bookkeeping::catalogue::Shown;
use bookkeeping::company::PaymentMethod;
use bookkeeping::connection::Connection;
use bookkeeping::ids::MerchantId;
use bookkeeping::receipt::NewMethod;
use bookkeeping::settings::history::Change;
use bookkeeping::transaction::Merchant;
use common::access::Access;
use common::store::{Connections, StoreError};
use common::world::World;
use quickbooks::FaultClass;

use crate::Recorder;
use crate::fresh::name;
use crate::job::{Job, Moved};
use crate::send::client;

/// How often the connection is read again when others changed it in between.
const ATTEMPTS_MAX: usize = 5;

/// Gives the access under which a job is recorded: with the connection having learned from it.
///
/// Costs nothing where the job shows nothing new. If we stop after the write, it is learned; the next delivery finds
/// nothing new, and a method that was created before is found by its name. Where others keep changing the connection, the
/// next transaction learns instead, and this one may ask the operator for a code that could have been found.
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
    let asked = match wanted(job, &access.connection) {
        Some(new) => asked(recorder, &access, new).await,
        None => None,
    };
    for _ in 0..ATTEMPTS_MAX {
        let before = &access.connection;
        let learned = before.having_learned(&shown(job, before));
        let learned = match (learned, &asked) {
            (None, None) => return Ok(access),
            (learned, None) => learned.unwrap_or_else(|| Connection::clone(before)),
            (learned, Some(asked)) => {
                with(learned.unwrap_or_else(|| Connection::clone(before)), asked)
            }
        };
        if learned == **before {
            return Ok(access);
        }
        recorder.remembered.forget(merchant);
        if revised(world, before, &learned).await? {
            access.connection = Rc::new(Connection {
                revision: learned.revision + 1,
                ..learned
            });
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

/// Learns what MioCommerce tells of a merchant, where it has a connection. If we stop before it is written, the message comes
/// again.
///
/// # Errors
///
/// [`StoreError`] where the store is not to be had, or others keep changing the connection.
pub(crate) async fn learn_merchant<W: World>(
    world: &W,
    merchant: &MerchantId,
    told: &Merchant,
) -> Result<(), StoreError> {
    for _ in 0..ATTEMPTS_MAX {
        let Some(before) = world.store().opening(merchant).await?.connection else {
            return Ok(());
        };
        let today = before.time_zone().to_datetime(world.now()).date();
        let Some(learned) = before.having_been_told(told, today) else {
            return Ok(());
        };
        if revised(world, &before, &learned).await? {
            return Ok(());
        }
    }
    Err(StoreError::Unavailable(
        "a connection that changes all the time".to_owned(),
    ))
}

/// Writes what was learned, with what it changed of the choices for their history.
async fn revised<W: World>(
    world: &W,
    before: &Connection,
    learned: &Connection,
) -> Result<bool, StoreError> {
    let change = Change::between(before, learned, None, world.now());
    world.store().revise(learned, change.as_ref()).await
}

/// The method that is to be created for a payment, where it was not asked for before.
fn wanted(job: &Job<'_>, connection: &Connection) -> Option<NewMethod> {
    let Moved::In(payment) = job.moved else {
        return None;
    };
    let missing = connection.lacks_method(payment)?;
    let is_asked = connection.catalogue.methods_asked.contains(&missing.name);
    (!is_asked).then_some(missing)
}

/// A method that was asked for, and what came of it; `None` where QuickBooks did not say: the next payment asks again, and
/// this one goes without.
async fn asked<W: World>(
    recorder: &Recorder<W>,
    access: &Access,
    new: NewMethod,
) -> Option<(NewMethod, Option<PaymentMethod>)> {
    let realm = &access.connection.company.realm;
    let turn = async || recorder.pace.turn(&recorder.world, realm).await;
    let click = name(recorder.world.random());
    let made = client(recorder, access)
        .payment_method_named(&new.name, new.is_card, &click, turn)
        .await;
    match made {
        Ok(method) => Some((new, Some(method))),
        Err(fault) if is_final(fault.class) => Some((new, None)),
        Err(_) => None,
    }
}

fn with(
    mut connection: Connection,
    (new, made): &(NewMethod, Option<PaymentMethod>),
) -> Connection {
    connection.catalogue.methods_asked.insert(new.name.clone());
    if let Some(made) = made {
        let methods = &mut connection.company.payment_methods;
        methods.retain(|known| known.id != made.id);
        methods.push(made.clone());
    }
    connection
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

/// Whether asking again would be answered with the same.
fn is_final(class: FaultClass) -> bool {
    matches!(
        class,
        FaultClass::NameTaken
            | FaultClass::Refused
            | FaultClass::OurDefect
            | FaultClass::ReferenceDead
    )
}
