//! Deciding: the operator's buttons on transactions that need them.

use std::time::Duration;

use bookkeeping::connection::Connection;
use bookkeeping::ids::{PaymentId, RefundId};
use bookkeeping::money::Amount;
use bookkeeping::reason::{Reason, ReasonCode};
use bookkeeping::refund::NamedTax;
use bookkeeping::settings::AutomatedTax;
use bookkeeping::text;
use bookkeeping::transaction::{Kind, TransactionKey};
use common::store::{Connections, Decision, Ledger, Lots, Named, Release};
use common::web::session::Session;
use common::web::{Request, Response};
use common::world::World;
use recording::refund::{allow_excess, name_tax};
use recording::stop::Again;

use crate::activity::may_retry;
use crate::change::{Changed, Freed, change, done, drawn_for, freed};
use crate::entry::{address, named};
use crate::names::{BETWEEN, whole};
use crate::routes::form_stale;
use crate::story::BY;

/// Longest reason kept, in characters.
const WHY_LENGTH_MAX: usize = 200;

/// `POST /quickbooks/activity/decide`: `retry`, `skip` with a reason, `allow` or `name` with a tax for one transaction;
/// `retry-all` for all that are held for a reason.
///
/// May be pressed again: what was decided is not held any more. If we stop between the decision and the waking, the sweep
/// finds the armed lot.
///
/// # Errors
///
/// [`Again`] where the store is not to be had.
pub async fn decide<W: World>(
    world: &W,
    session: &Session,
    request: &Request,
) -> Result<Response, Again> {
    let (merchant, now) = (&session.merchant, world.now());
    let key = named(merchant, request.form("kind"), request.form("id"));
    let stale = || form_stale(world, session, request);
    let (store, choice) = (world.store(), request.form("choice"));
    let automated = match choice {
        Some("automated-line") => Some(AutomatedTax::Line),
        Some("automated-own") => Some(AutomatedTax::Own),
        _ => None,
    };
    if let Some(automated) = automated {
        let make = |connection: &Connection| {
            let mut connection = drawn_for(connection, request)?.clone();
            connection.settings.automated_tax = automated;
            Some(connection)
        };
        // What stands in QuickBooks with another tax is written over as it is drawn up now.
        let frees = [ReasonCode::AnswerDiffers, ReasonCode::ItemMissing];
        let freed = match change(world, session, make, &frees).await? {
            Changed::Done(freed) => freed,
            Changed::NotConnected | Changed::NotPossible => return Ok(stale()),
        };
        let done = done(freed, "mapped", "saved");
        return Ok(Response::redirect(&format!("/quickbooks/activity?{done}")));
    }
    let release = async |key: &TransactionKey, what: Decision| {
        let decided = Some((&session.operator, what));
        let released = store.release(merchant, Release::One(key), decided, now);
        released.await.map(Freed::of)
    };
    let (decided, back) = match (choice, &key) {
        (Some("retry-all"), _) => {
            let code = request.form("reason");
            let code = ReasonCode::ALL
                .iter()
                .find(|known| Some(known.as_str()) == code);
            let Some(code) = code.filter(|code| may_retry(**code)) else {
                return Ok(stale());
            };
            let decided = Some((&session.operator, Decision::Again));
            let codes = [*code];
            let release = store.release(merchant, Release::For(&codes), decided, now);
            let released = freed(world, merchant, release).await?;
            (released, "/quickbooks/activity?".to_owned())
        }
        (Some("retry"), Some(key)) => {
            let released = release(key, Decision::Again).await?;
            (released, format!("{}&", address(key)))
        }
        (Some("allow"), Some(key)) => {
            let Some(payment) = payment(world, key).await? else {
                return Ok(stale());
            };
            let Ok(refund) = RefundId::parse(&key.id) else {
                return Ok(stale());
            };
            allow_excess(world, &payment, &refund).await?;
            let released = release(key, Decision::Excess).await?;
            (released, format!("{}&", address(key)))
        }
        (Some("name"), Some(key)) => {
            let named = named_tax(world, key, request).await?;
            let Some((payment, named)) = payment(world, key).await?.zip(named) else {
                return Ok(Response::redirect(&format!("{}&undone=tax", address(key))));
            };
            name_tax(world, &payment, &named).await?;
            let released = release(key, Decision::Tax).await?;
            (released, format!("{}&", address(key)))
        }
        (Some("skip"), Some(key)) => {
            let why = request
                .form("why")
                .and_then(|why| text::free(why, WHY_LENGTH_MAX));
            let Some(why) = why else {
                return Ok(Response::redirect(&format!("{}&undone=why", address(key))));
            };
            // It stays as long as the transaction, and no erasure finds it.
            let customer = whole(world, key).await?.unwrap_or_default();
            if is_about(&why, &customer) {
                return Ok(Response::redirect(&format!(
                    "{}&undone=why-names",
                    address(key)
                )));
            }
            let why = Reason::new(ReasonCode::Dismissed).with("why", why);
            let why = why.with(BY, &session.operator);
            let left_out = store
                .leave_out(merchant, Release::One(key), &why, now)
                .await?;
            (Freed::of(left_out), format!("{}&", address(key)))
        }
        _ => return Ok(stale()),
    };
    tracing::info!(merchant.id = %merchant, operator.id = %session.operator, ?decided, choice, "decided what needed the operator");
    world
        .wake(std::slice::from_ref(merchant), Duration::ZERO)
        .await;
    let connection = store.opening(merchant).await?.connection;
    let is_open = connection.is_some_and(|connection| connection.closed().is_none());
    let outcome = match (decided, choice) {
        // Somebody else, or the drain, was there first.
        (Freed::Nothing, _) => "undone=moved",
        (Freed::Unfinished, _) => "done=part",
        (_, Some("skip")) => "done=skipped",
        _ if is_open => "done=retried",
        _ => "done=freed",
    };
    Ok(Response::redirect(&format!("{back}{outcome}")))
}

/// Whether a text has the name, company, e-mail address or phone of a customer in it, of whom this is the [whole].
fn is_about(text: &str, customer: &str) -> bool {
    let (text, customer) = (text.to_lowercase(), customer.to_lowercase());
    let mut parts = customer.split(BETWEEN).filter(|part| !part.is_empty());
    parts.any(|part| text.contains(part))
}

/// What the operator says of a refund's tax; none where it is not what the company as it stands can keep.
async fn named_tax<W: World>(
    world: &W,
    key: &TransactionKey,
    request: &Request,
) -> Result<Option<Named>, Again> {
    let connection = world.store().opening(&key.merchant).await?.connection;
    let row = world.store().row(key).await?;
    let amount = row.and_then(|row| row.listing?.amount);
    let named = || {
        let connection = drawn_for(connection.as_ref()?, request)?;
        let company = &connection.company;
        let tax = if NamedTax::is_by_code(company) {
            let code = request.form("code")?;
            let known = NamedTax::codes(company).find(|known| known.id.as_str() == code)?;
            NamedTax::Code(known.id.clone())
        } else {
            let amount = amount?;
            let text = request.form("tax")?.trim().replace(',', ".");
            let tax = Amount::parse(&text, amount.currency()).ok()?;
            let is_part = !tax.is_negative() && tax.minor() < amount.minor();
            NamedTax::Amount(is_part.then_some(tax.minor())?)
        };
        Some(Named {
            refund: RefundId::parse(&key.id).ok()?,
            realm: company.realm.clone(),
            tax,
        })
    };
    Ok(named())
}

/// The payment a refund takes back.
async fn payment<W: World>(
    world: &W,
    refund: &TransactionKey,
) -> Result<Option<TransactionKey>, Again> {
    let row = world.store().row(refund).await?;
    let payment: Option<PaymentId> = row.and_then(|row| row.listing?.payment);
    let is_refund = refund.kind == Kind::Refund;
    let payment = payment.filter(|_| is_refund);
    Ok(payment.map(|payment| TransactionKey::payment(refund.merchant.clone(), &payment)))
}
