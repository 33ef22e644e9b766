//! The fallback customer: who payments without a customer are booked to, looked for by name in QuickBooks.
//!
//! A name is searched for with a form that is posted, so that it stands in no address.

use askama::Template;
use bookkeeping::connection::Connection;
use bookkeeping::customer::{CompanyCustomer, Field};
use bookkeeping::ids::CompanyCustomerId;
use bookkeeping::money::Currency;
use common::access::Access;
use common::locales::say;
use common::store::{Connections, StoreError};
use common::web::notice::Notice;
use common::web::session::Session;
use common::web::{Request, Response, visit};
use common::world::World;
use quickbooks::{Fault, FaultClass};
use recording::Recorder;
use recording::send::client;
use recording::stop::Again;

use crate::change::{Changed, change, done, drawn_for};
use crate::choices::{CHOICES_FREE, fallback_name};
use crate::customer::{Card, card};
use crate::frame::{Frame, Tab};
use crate::routes::{form_stale, opened};
use crate::stopped::{unread, unwritten};

/// Where it is chosen.
pub(crate) const FALLBACK: &str = "/quickbooks/settings/customer";

/// Most records one search shows.
const SHOWN_MAX: usize = 20;

#[derive(Template)]
#[template(path = "fallback.html")]
struct Page<'a> {
    frame: Frame<'a>,
    company: String,
    currency: String,
    /// Who is chosen; empty where nobody is.
    chosen: String,
    /// What was searched for; none where nothing was.
    searched: Option<String>,
    cards: Vec<Card>,
    /// What is created on one click.
    new: String,
}

/// Draws the page.
///
/// # Errors
///
/// [`StoreError`] where the store is not to be had.
pub async fn page<W: World>(
    world: &W,
    session: &Session,
    request: &Request,
) -> Result<Response, StoreError> {
    let connection = world.store().opening(&session.merchant).await?.connection;
    let asked = request.query("currency");
    let Some((connection, currency)) = asked_for(connection.as_ref(), asked) else {
        let page = visit::notice(world, Notice::NotFound, request, Some(session), &[], &[]);
        return Ok(page);
    };
    let frame = Frame::of(world, session, Tab::Settings, request);
    Ok(drawn(frame, connection, currency, None))
}

/// The currency an address or a form is about, where the company takes payments in it.
fn asked_for<'a>(
    connection: Option<&'a Connection>,
    currency: Option<&str>,
) -> Option<(&'a Connection, Currency)> {
    let connection = connection?;
    let currency = Currency::parse(currency?).ok()?;
    let takes = connection.company.takes(currency);
    takes.then_some((connection, currency))
}

fn drawn(
    frame: Frame<'_>,
    connection: &Connection,
    currency: Currency,
    found: Option<(&str, &[CompanyCustomer])>,
) -> Response {
    let company = &connection.company;
    let chosen = connection.settings.fallback(currency, company);
    let page = Page {
        company: company.realm.to_string(),
        currency: currency.to_string(),
        chosen: chosen
            .map(|record| fallback_name(connection, record))
            .unwrap_or_default(),
        searched: found.map(|(text, _)| text.to_owned()),
        cards: found
            .into_iter()
            .flat_map(|(_, records)| records)
            .map(|record| card(&record.id, record))
            .collect(),
        new: new_name(connection, currency),
        frame,
    };
    Response::page(200, page.render().expect("writing to memory does not fail"))
}

/// The name of a record that is created for it, in the language of what is created.
fn new_name(connection: &Connection, currency: Currency) -> String {
    let name = say(connection.language(), "fallback-name", None, &[]);
    match currency == connection.company.home_currency {
        true => name,
        false => format!("{name} {currency}"),
    }
}

/// `POST /quickbooks/settings/customer`: `find` by name, and then `record`, `create` or `nobody`.
///
/// May be pressed again: what was created is found by its name. If we stop before it is chosen, it stands in QuickBooks
/// unused until then.
///
/// # Errors
///
/// [`Again`] where the store is not to be had.
pub async fn choose<W: World>(
    recorder: &Recorder<W>,
    session: &Session,
    request: &Request,
) -> Result<Response, Again> {
    let world = &recorder.world;
    let stale = || form_stale(world, session, request);
    let to = |outcome: &str| {
        let currency = request.form("currency").unwrap_or_default().trim();
        Response::redirect(&format!("{FALLBACK}?currency={currency}&{outcome}"))
    };
    let closed = "/quickbooks/settings?undone=closed";
    let access = match opened(recorder, session, closed).await? {
        Ok(access) => access,
        Err(page) => return Ok(page),
    };
    let asked = asked_for(Some(&access.connection), request.form("currency"));
    let Some((connection, currency)) = asked.filter(|(of, _)| drawn_for(of, request).is_some())
    else {
        return Ok(stale());
    };
    let chosen = match (request.form("choice"), record(request)) {
        (Some("find"), _) => {
            let text = request.form("q").unwrap_or_default().trim();
            return Ok(match find(recorder, &access, currency, text).await {
                Ok(found) => {
                    let frame = Frame::of(world, session, Tab::Settings, request);
                    drawn(frame, connection, currency, Some((text, &found)))
                        .with_cookie(visit::cookie(world, session).await?)
                }
                Err(fault) => to(&unread(world, &fault)),
            });
        }
        (Some("record"), Some(record)) => {
            turn(recorder, &access).await;
            match client(recorder, &access).read_customer(&record).await {
                Ok(record) if suits(&record, currency, &access) => Some(record),
                Ok(_) => return Ok(to("undone=unsuitable")),
                Err(fault) if fault.class == FaultClass::ReferenceDead => {
                    return Ok(to("undone=unsuitable"));
                }
                Err(fault) => return Ok(to(&unread(world, &fault))),
            }
        }
        (Some("create"), _) => match create(recorder, &access, currency, session).await {
            Ok(record) if suits(&record, currency, &access) => Some(record),
            Ok(_) => return Ok(to("undone=unsuitable")),
            Err(fault) if fault.class == FaultClass::NameTaken => {
                return Ok(to("undone=name-in-use"));
            }
            Err(fault) => return Ok(to(&unwritten(world, &fault))),
        },
        (Some("nobody"), _) => None,
        _ => return Ok(stale()),
    };
    let make = |connection: &Connection| {
        let connection = drawn_for(connection, request)?;
        Some(with(connection, currency, chosen.as_ref()))
    };
    let changed = change(world, session, make, &CHOICES_FREE).await?;
    Ok(match changed {
        Changed::Done(freed) => {
            let done = done(freed, "mapped", "saved");
            Response::redirect(&format!("/quickbooks/settings?{done}&part=customers"))
        }
        Changed::NotConnected => Response::redirect("/quickbooks"),
        Changed::NotPossible => stale(),
    })
}

fn record(request: &Request) -> Option<CompanyCustomerId> {
    CompanyCustomerId::parse(request.form("record")?).ok()
}

async fn turn<W: World>(recorder: &Recorder<W>, access: &Access) {
    let realm = &access.connection.company.realm;
    recorder.pace.turn(&recorder.world, realm).await;
}

/// Searches QuickBooks, which is metered: it is the operator's own action.
async fn find<W: World>(
    recorder: &Recorder<W>,
    access: &Access,
    currency: Currency,
    text: &str,
) -> Result<Vec<CompanyCustomer>, Fault> {
    if text.is_empty() {
        return Ok(Vec::new());
    }
    turn(recorder, access).await;
    let mut found = client(recorder, access)
        .customers_showing(text, SHOWN_MAX)
        .await?;
    found.retain(|record| suits(record, currency, access));
    Ok(found)
}

async fn create<W: World>(
    recorder: &Recorder<W>,
    access: &Access,
    currency: Currency,
    session: &Session,
) -> Result<CompanyCustomer, Fault> {
    let connection = &access.connection;
    let kept_in = connection.company.multicurrency.then_some(currency);
    let name = new_name(connection, currency);
    let turn = async || turn(recorder, access).await;
    client(recorder, access)
        .customer_named(&name, kept_in, &session.id, turn)
        .await
}

/// Whether payments in this currency can be booked to a record.
fn suits(record: &CompanyCustomer, currency: Currency, access: &Access) -> bool {
    let home = access.connection.company.home_currency;
    record.active && !record.sub_customer && record.currency.unwrap_or(home) == currency
}

/// The connection with this record, or nobody, chosen for a currency.
fn with(
    connection: &Connection,
    currency: Currency,
    chosen: Option<&CompanyCustomer>,
) -> Connection {
    let mut connection = connection.clone();
    let settings = &mut connection.settings;
    if let Some(record) = chosen {
        let name = record.profile.text(Field::DisplayName).unwrap_or_default();
        settings
            .fallback_names
            .insert(record.id.clone(), name.to_owned());
    }
    let id = chosen.map(|record| record.id.clone());
    match (currency == connection.company.home_currency, id) {
        (true, id) => settings.fallback_customer = id,
        (false, Some(id)) => {
            settings.fallback_by_currency.insert(currency, id);
        }
        (false, None) => {
            settings.fallback_by_currency.remove(&currency);
        }
    }
    connection
}
