//! Restoring: what we wrote over in a customer's record in QuickBooks, before and since, and the button that puts it back.

use bookkeeping::connection::Connection;
use bookkeeping::customer::Value;
use bookkeeping::transaction::{Address, Language, TransactionKey};
use common::locales::say;
use common::store::{Changes, Connections, Ledger, LinkKey, Links, Restored, Row, StoreError};
use common::web::session::Session;
use common::web::{Request, Response};
use common::world::World;
use recording::Recorder;
use recording::customer::{PutBack, overwritten, put_back};
use recording::stop::Again;

use crate::entry::{address, named};
use crate::names::link_of;
use crate::routes::{form_stale, opened};

/// A field we wrote over.
pub(crate) struct Overwrite {
    /// Its name.
    pub field: String,
    /// What stood there before us.
    pub before: String,
    /// What stands there since.
    pub since: String,
}

/// What was written over in the record of a transaction's customer.
///
/// # Errors
///
/// [`Again`] where the store is not to be had.
pub(crate) async fn overwrites<W: World>(
    recorder: &Recorder<W>,
    connection: Option<&Connection>,
    row: &Row,
    language: Language,
) -> Result<Vec<Overwrite>, Again> {
    let Some(key) = connection.and_then(|connection| link_of(connection, row)) else {
        return Ok(Vec::new());
    };
    let value = |value: &Option<Value>| match value {
        None => say(language, "restore-empty", None, &[]),
        Some(Value::Text(text)) => text.clone(),
        Some(Value::Address(address)) => together(address),
    };
    let each = overwritten(recorder, &key).await?.into_iter();
    let each = each.map(|one| Overwrite {
        field: say(
            language,
            &format!("field-{}", one.field.as_str().replace('_', "-")),
            None,
            &[],
        ),
        before: value(&one.before),
        since: value(&one.since),
    });
    Ok(each.collect())
}

fn together(address: &Address) -> String {
    let parts = [
        &address.line1,
        &address.line2,
        &address.city,
        &address.region,
        &address.postal_code,
        &address.country,
    ];
    let parts: Vec<&str> = parts.into_iter().flatten().map(String::as_str).collect();
    parts.join(", ")
}

/// `POST /quickbooks/activity/restore`: what was overwritten in the record of a transaction's customer is put back.
///
/// May be pressed again: what stands there already is not written.
///
/// # Errors
///
/// [`Again`] where another worker is at this customer or the store is not to be had: the operator presses again.
pub async fn restore<W: World>(
    recorder: &Recorder<W>,
    session: &Session,
    request: &Request,
) -> Result<Response, Again> {
    let world = &recorder.world;
    let key = named(&session.merchant, request.form("kind"), request.form("id"));
    let link = match &key {
        Some(key) => linked(world, key).await?,
        None => None,
    };
    let (Some(key), Some(link)) = (key, link) else {
        let stale = form_stale(world, session, request);
        return Ok(stale);
    };
    let access = match opened(
        recorder,
        session,
        &format!("{}&undone=closed", address(&key)),
    )
    .await?
    {
        Ok(access) => access,
        Err(page) => return Ok(page),
    };
    let outcome = match put_back(recorder, &access, &link).await? {
        PutBack::Done(fields) => {
            tracing::info!(merchant.id = %session.merchant, operator.id = %session.operator, transaction.id = %key, "{} fields of a customer's record were put back", fields.len());
            // If we stop before this, the operator presses again, and it is noted then.
            note(world, session, &link).await?;
            "done=restored"
        }
        PutBack::NotThere => "undone=not-there",
        PutBack::Stopped(_) => "undone=refresh",
    };
    Ok(Response::redirect(&format!("{}&{outcome}", address(&key))))
}

/// Notes who had a record put back. Where somebody changed the link in between, that is noted at the next press.
async fn note<W: World>(world: &W, session: &Session, key: &LinkKey) -> Result<(), StoreError> {
    let store = world.store();
    let mut links = store.links(std::slice::from_ref(key)).await?;
    let Some(mut link) = links.pop().flatten() else {
        return Ok(());
    };
    let (at, by) = (world.now(), session.operator.clone());
    link.facts.restored = Some(Restored { at, by });
    store.save_change(key, None, &link, at).await.map(drop)
}

async fn linked<W: World>(world: &W, key: &TransactionKey) -> Result<Option<LinkKey>, Again> {
    let connection = world.store().opening(&key.merchant).await?.connection;
    let row = world.store().row(key).await?;
    Ok(connection
        .zip(row)
        .and_then(|(connection, row)| link_of(&connection, &row)))
}
