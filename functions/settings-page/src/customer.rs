//! Choosing a customer: the records in QuickBooks that may be the one who paid, side by side, or a new one.

use std::ops::Range;

use askama::Template;
use bookkeeping::customer::{CompanyCustomer, Field};
use bookkeeping::ids::CompanyCustomerId;
use bookkeeping::reason::{Reason, ReasonCode};
use bookkeeping::transaction::TransactionKey;
use common::access::Access;
use common::locales::sentences;
use common::store::{Connections, Ledger, Row, Standing, StoreError};
use common::web::notice::Notice;
use common::web::session::Session;
use common::web::{Request, Response, visit};
use common::world::World;
use quickbooks::Fault;
use recording::Recorder;
use recording::customer::{Choice, Chosen, choose_customer};
use recording::send::client;
use recording::stop::Again;

use crate::entry::{address, address_of, named};
use crate::frame::{Frame, Tab};
use crate::names::whole;
use crate::routes::{form_stale, opened};
use crate::stopped::{undone, unread};
use crate::view::is_of;

/// Most records that are shown at once: each is read from QuickBooks.
const SHOWN_MAX: usize = 6;

#[derive(Template)]
#[template(path = "customer.html")]
struct Page<'a> {
    frame: Frame<'a>,
    kind: &'static str,
    id: String,
    back: String,
    happened: String,
    /// Who paid, as MioCommerce knows them; empty where that is not known.
    customer: String,
    cards: Vec<Card>,
    /// Which of how many are shown; empty where these are all.
    shown: String,
    /// Where the next ones are; empty at their end.
    more: String,
}

/// One record in QuickBooks.
pub(crate) struct Card {
    pub record: String,
    pub name: String,
    pub details: Vec<String>,
    pub active: bool,
}

/// Draws the page. Reads the candidates from QuickBooks, which is metered: it is the operator's own action.
///
/// # Errors
///
/// [`Again`] where the store is not to be had.
pub async fn page<W: World>(
    recorder: &Recorder<W>,
    session: &Session,
    request: &Request,
) -> Result<Response, Again> {
    let world = &recorder.world;
    let key = named(
        &session.merchant,
        request.query("kind"),
        request.query("id"),
    );
    let Some((key, reason)) = asking(world, key).await? else {
        let page = visit::notice(world, Notice::NotFound, request, Some(session), &[], &[]);
        return Ok(page);
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
    let mut cards = Vec::new();
    let candidates = candidates(&reason);
    let range = wanted(request.query("after"), candidates.len());
    for record in &candidates[range.clone()] {
        match read(recorder, &access, record).await {
            Ok(customer) => cards.push(card(record, &customer)),
            // Deleted or merged since: there is nothing to choose.
            Err(fault) if fault.class == quickbooks::FaultClass::ReferenceDead => {}
            Err(fault) => {
                let undone = unread(world, &fault);
                return Ok(Response::redirect(&format!("{}&{undone}", address(&key))));
            }
        }
    }
    let frame = Frame::of(world, session, Tab::Activity, request);
    let page = Page {
        shown: shown(&frame, &range, candidates.len()),
        more: match range.end < candidates.len() {
            true => format!("{}&after={}", address_of("customer", &key), range.end),
            false => String::new(),
        },
        frame,
        kind: key.kind.as_str(),
        back: address(&key),
        customer: whole(world, &key).await?.unwrap_or_default(),
        happened: sentences(&reason, session.language).happened,
        id: key.id,
        cards,
    };
    let html = page.render().expect("writing to memory does not fail");
    Ok(Response::page(200, html))
}

/// Which of so many candidates are shown: those after so many, the first where an address names none.
fn wanted(after: Option<&str>, all: usize) -> Range<usize> {
    let after = after.and_then(|after| after.parse().ok());
    let begins = after.filter(|after| *after < all).unwrap_or(0);
    begins..all.min(begins.saturating_add(SHOWN_MAX))
}

/// Says which of how many are shown; nothing where these are all.
fn shown(frame: &Frame<'_>, range: &Range<usize>, all: usize) -> String {
    if range.len() == all {
        return String::new();
    }
    let [first, last, all] = [range.start + 1, range.end, all].map(|figure| figure.to_string());
    let figures = [("first", &*first), ("last", &*last), ("all", &*all)];
    frame.say_with("customer-shown", &figures)
}

/// `POST /quickbooks/activity/customer`: the operator chooses a record, or has one created; all that waits for this
/// customer follows.
///
/// # Errors
///
/// [`Again`] where another worker is at this customer or the store is not to be had: the operator presses again.
pub async fn choose<W: World>(
    recorder: &Recorder<W>,
    session: &Session,
    request: &Request,
) -> Result<Response, Again> {
    let world = &recorder.world;
    let key = named(&session.merchant, request.form("kind"), request.form("id"));
    let stale = || form_stale(world, session, request);
    let row = match &key {
        Some(key) => world.store().row(key).await?,
        None => None,
    };
    let (Some(key), Some(row), Some(choice)) = (key, row, choice(request)) else {
        return Ok(stale());
    };
    // Drawn before another company was connected, the form names a record of the one before.
    if !is_of_present(world, &key, &row).await? {
        return Ok(stale());
    }
    let Some(customer) = row.listing.and_then(|listing| listing.customer) else {
        return Ok(stale());
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
    let chosen = choose_customer(recorder, &access, &customer, &choice, &session.operator).await?;
    // What was held a moment ago may not be listed as this customer's yet.
    if chosen == Chosen::NothingWaits && asking(world, Some(key.clone())).await?.is_some() {
        return Err(Again::Busy);
    }
    tracing::info!(merchant.id = %session.merchant, operator.id = %session.operator, transaction.id = %key, "a customer's record was chosen");
    Ok(Response::redirect(&match chosen {
        // Held for something else by now, left out, or on its way already.
        Chosen::NothingWaits => format!("{}&undone=moved", address(&key)),
        Chosen::Linked { released: 0, .. } => format!("{}&done=linked", address(&key)),
        Chosen::Linked { .. } => format!("{}&done=retried", address(&key)),
        Chosen::Unsuitable => format!("{}&undone=unsuitable", address_of("customer", &key)),
        Chosen::Stopped(stop) => {
            let page = match stop.reason.code {
                ReasonCode::CustomerNameTaken => "customer",
                _ => "entry",
            };
            format!("{}&{}", address_of(page, &key), undone(&stop))
        }
    }))
}

fn choice(request: &Request) -> Option<Choice> {
    let record = || CompanyCustomerId::parse(request.form("record")?).ok();
    match request.form("choice")? {
        "record" => record().map(Choice::Record),
        "reactivate" => record().map(Choice::Reactivate),
        "create" => Some(Choice::Create),
        _ => None,
    }
}

/// A transaction that asks for its customer, and the reason; none of what is kept for another company than the one connected
/// now, whose records have other ids.
async fn asking<W: World>(
    world: &W,
    key: Option<TransactionKey>,
) -> Result<Option<(TransactionKey, Reason)>, Again> {
    let Some(key) = key else {
        return Ok(None);
    };
    let row = world.store().row(&key).await?;
    let asks = |row: Row| row.reason.filter(|reason| reason.asks_for_customer());
    let held = row.filter(|row| row.standing == Standing::Held);
    let held = match held {
        Some(row) if is_of_present(world, &key, &row).await? => Some(row),
        _ => None,
    };
    Ok(held.and_then(asks).map(|reason| (key, reason)))
}

/// Whether a transaction is of the company connected now, or of none yet.
async fn is_of_present<W: World>(
    world: &W,
    key: &TransactionKey,
    row: &Row,
) -> Result<bool, StoreError> {
    let connection = world.store().opening(&key.merchant).await?.connection;
    Ok(is_of(connection.as_ref(), row))
}

/// The records a reason names.
fn candidates(reason: &Reason) -> Vec<CompanyCustomerId> {
    let named = reason.figures.get("candidates");
    let ids = named.into_iter().flat_map(|named| named.split(", "));
    ids.filter_map(|id| CompanyCustomerId::parse(id).ok())
        .collect()
}

async fn read<W: World>(
    recorder: &Recorder<W>,
    access: &Access,
    record: &CompanyCustomerId,
) -> Result<CompanyCustomer, Fault> {
    let realm = &access.connection.company.realm;
    recorder.pace.turn(&recorder.world, realm).await;
    client(recorder, access).read_customer(record).await
}

pub(crate) fn card(record: &CompanyCustomerId, customer: &CompanyCustomer) -> Card {
    let text = |field| customer.profile.text(field).unwrap_or_default().to_owned();
    let person = format!("{} {}", text(Field::FirstName), text(Field::LastName));
    let details = [
        person,
        text(Field::CompanyName),
        text(Field::Email),
        text(Field::Phone),
    ];
    let details = details.map(|detail| detail.trim().to_owned());
    Card {
        record: record.to_string(),
        name: text(Field::DisplayName),
        details: details
            .into_iter()
            .filter(|detail| !detail.is_empty())
            .collect(),
        active: customer.active,
    }
}
