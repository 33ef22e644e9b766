//! Restoring: what we wrote over in a customer's record in QuickBooks, before and since, and the button that puts it back.

use bookkeeping::connection::Connection;
use bookkeeping::customer::{Field, Value};
use bookkeeping::transaction::{Address, Language, TransactionKey};
use common::locales::say;
use common::store::{Connections, Ledger, LinkKey, Row};
use common::web::session::Session;
use common::web::{Request, Response};
use common::world::World;
use recording::Recorder;
use recording::customer::{PutBack, overwritten, put_back};
use recording::stop::Again;

use crate::entry::{address, named};
use crate::names::link_of;
use crate::routes::{form_stale, opened};
use crate::stopped::undone;
use crate::view::is_of;

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
        field: name_of(one.field, language),
        before: value(&one.before),
        since: value(&one.since),
    });
    Ok(each.collect())
}

fn name_of(field: Field, language: Language) -> String {
    let message = format!("field-{}", field.as_str().replace('_', "-"));
    say(language, &message, None, &[])
}

/// Says which fields could not be put back, as [`restore`] wrote them into an address; empty where it wrote none.
pub(crate) fn not_put_back(request: &Request, language: Language) -> String {
    let refused = request.query("fields").unwrap_or_default();
    let refused: Vec<&str> = refused.split(',').collect();
    let fields = Field::ALL.iter();
    let names: Vec<String> = fields
        .filter(|field| refused.contains(&field.as_str()))
        .map(|field| name_of(*field, language))
        .collect();
    if names.is_empty() {
        return String::new();
    }
    let names = names.join(", ");
    say(language, "undone-partly", None, &[("fields", &names)])
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
    let outcome = match put_back(recorder, &access, &link, &session.operator).await? {
        PutBack::Done { fields, refused } => {
            tracing::info!(merchant.id = %session.merchant, operator.id = %session.operator, transaction.id = %key, "{} fields of a customer's record were put back, {} refused", fields.len(), refused.len());
            let names: Vec<&str> = refused.iter().map(|field| field.as_str()).collect();
            match names.is_empty() {
                true => "done=restored".to_owned(),
                false => format!("undone=partly&fields={}", names.join(",")),
            }
        }
        PutBack::NotThere => "undone=not-there".to_owned(),
        PutBack::Stopped(stop) => undone(&stop),
    };
    Ok(Response::redirect(&format!("{}&{outcome}", address(&key))))
}

async fn linked<W: World>(world: &W, key: &TransactionKey) -> Result<Option<LinkKey>, Again> {
    let connection = world.store().opening(&key.merchant).await?.connection;
    let row = world.store().row(key).await?;
    let linked = connection.zip(row).and_then(|(connection, row)| {
        // Drawn before another company was connected, the form is about a record of the one before.
        is_of(Some(&connection), &row)
            .then(|| link_of(&connection, &row))
            .flatten()
    });
    Ok(linked)
}
