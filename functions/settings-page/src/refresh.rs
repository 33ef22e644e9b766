//! Refresh: the company's lists are read again from QuickBooks, and what waited for something that is there now follows.

use bookkeeping::connection::Connection;
use bookkeeping::reason::ReasonCode;
use bookkeeping::settings::ClosedBooks;
use common::store::Onboarding;
use common::web::patience::read_in_time;
use common::web::session::Session;
use common::web::{Request, Response};
use common::world::World;
use jiff::civil::Date;
use recording::Recorder;
use recording::send::client;
use recording::stop::Again;

use crate::change::{Changed, change, done, drawn_for};
use crate::frame::Tab;
use crate::routes::form_stale;
use crate::stopped::unread;

/// What a newer list may clear.
const FREED: [ReasonCode; 11] = [
    ReasonCode::SyncOff,
    ReasonCode::TaxUnmapped,
    ReasonCode::TaxMapStale,
    ReasonCode::TaxRateDiffers,
    ReasonCode::TaxCodeInactive,
    ReasonCode::ItemMissing,
    ReasonCode::DepositAccountMissing,
    ReasonCode::ReferenceInactive,
    ReasonCode::CurrencyNotEnabled,
    ReasonCode::PeriodClosed,
    ReasonCode::QuickBooksRefused,
];

/// `POST /quickbooks/settings/refresh`.
///
/// If we stop before the lists are stored, nothing is changed; the operator presses again.
///
/// # Errors
///
/// [`Again`] where the store is not to be had.
pub async fn refresh<W: World>(
    recorder: &Recorder<W>,
    session: &Session,
    request: &Request,
) -> Result<Response, Again> {
    let world = &recorder.world;
    let back = match request.form("back") {
        Some("taxes") => Tab::Taxes,
        Some("settings") => Tab::Settings,
        _ => Tab::Home,
    };
    let to = |outcome: &str| Ok(Response::redirect(&format!("{}?{outcome}", back.path())));
    let merchant = &session.merchant;
    recorder.remembered.forget(merchant);
    let now = world.now();
    let opened = recorder
        .remembered
        .open_to_look(world, merchant, now)
        .await?;
    let Ok(access) = opened else {
        return to("undone=closed");
    };
    // "Post on the first open day": which day that is QuickBooks does not always tell.
    let closed_through = request.form("closed_through");
    let closed_through: Option<Date> = closed_through.and_then(|day| day.parse().ok());
    if closed_through.is_some() && drawn_for(&access.connection, request).is_none() {
        return Ok(form_stale(world, session, request));
    }
    let realm = &access.connection.company.realm;
    let pace = async || recorder.pace.turn(world, realm).await;
    let client = client(recorder, &access);
    let company = match read_in_time(world, client.read_company(pace)).await {
        Ok(company) => company,
        Err(fault) => {
            tracing::warn!(merchant.id = %merchant, quickbooks.status = fault.status, "a company could not be read again ({:?})", fault.class);
            return to(&unread(world, &fault));
        }
    };
    let Some(profile) = world.store().merchant(merchant).await? else {
        return to("undone=closed");
    };
    let epoch = access.connection.epoch;
    let make = |connection: &Connection| {
        let today = connection.time_zone().to_datetime(world.now()).date();
        let mut refreshed = Connection {
            company: company.clone(),
            ..connection.clone()
        };
        if closed_through.is_some() {
            let told = refreshed.company.closed_through;
            refreshed.settings.closed_books = ClosedBooks::FirstOpenDay;
            // A day that QuickBooks tells itself stays QuickBooks' own: the period may be opened again there.
            refreshed.settings.closed_through = closed_through.filter(|_| told < closed_through);
        }
        (connection.epoch == epoch).then(|| refreshed.checked(&profile, today))
    };
    match change(world, session, make, &FREED).await? {
        Changed::Done(freed) => to(&done(freed, "refreshed", "reread")),
        Changed::NotConnected | Changed::NotPossible => to("undone=closed"),
    }
}
