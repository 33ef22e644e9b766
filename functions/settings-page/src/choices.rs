//! The settings: every choice of the operator's with its default, one sentence, and its history (R10).
//!
//! | file | what |
//! |---|---|
//! | here | the page, and a form that is saved |
//! | `parts` | which choices there are, and what they can be |
//! | `saved` | a form's choices, held against the company's lists |
//! | `moved` | the history in words |
//! | `create` | what is missing in QuickBooks, created on one click |

mod create;
mod moved;
mod parts;
mod saved;

use askama::Template;
use bookkeeping::connection::Connection;
use bookkeeping::reason::ReasonCode;
use common::locales::say;
use common::store::{Connections, StoreError};
use common::web::session::Session;
use common::web::{Request, Response};
use common::world::World;

use crate::change::{Changed, change, done, drawn_for};
use crate::dates::clock;
use crate::frame::{Frame, Tab};
use crate::people::People;
use crate::routes::form_stale;
use crate::view::View;
pub use create::create;
use create::{Missing, missing};
use moved::moved;
use parts::{Input, Part, parts};
pub(crate) use parts::{fallback_name, method_name};
use saved::saved;

/// What another choice may clear.
pub(crate) const CHOICES_FREE: [ReasonCode; 8] = [
    ReasonCode::AnswerDiffers,
    ReasonCode::PeriodClosed,
    ReasonCode::ItemMissing,
    ReasonCode::DepositAccountMissing,
    ReasonCode::FallbackCustomerMissing,
    ReasonCode::ReferenceInactive,
    ReasonCode::CustomerNameTaken,
    ReasonCode::CustomerEmailDiffers,
];

/// How many changes are shown.
const CHANGES: usize = 20;

#[derive(Template)]
#[template(path = "settings.html")]
struct Page<'a> {
    frame: Frame<'a>,
    /// Why there is nothing to choose; empty where there is.
    nothing: String,
    /// Whose lists the choices are of.
    company: String,
    missing: Vec<Missing>,
    parts: Vec<Part>,
    /// The part that is open: what was saved last, else the first.
    opened: String,
    changes: Vec<Changes>,
}

/// One change of the past.
struct Changes {
    when: String,
    who: String,
    /// The company it was made for, where that is not the one connected now.
    elsewhere: Option<String>,
    moves: Vec<String>,
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
    let merchant = &session.merchant;
    let connection = world.store().opening(merchant).await?.connection;
    let language = session.language;
    let opened = request.query("part").unwrap_or("sync").to_owned();
    let frame = Frame::of(world, session, Tab::Settings, request);
    let page = match &connection {
        None => Page {
            nothing: frame.say("settings-not-connected"),
            frame,
            company: String::new(),
            missing: Vec::new(),
            parts: Vec::new(),
            opened,
            changes: Vec::new(),
        },
        Some(connection) => Page {
            nothing: String::new(),
            frame,
            company: connection.company.realm.to_string(),
            missing: missing(connection, world.now(), language),
            parts: parts(connection, language),
            opened,
            changes: changes(world, session, connection).await?,
        },
    };
    let html = page.render().expect("writing to memory does not fail");
    Ok(Response::page(200, html))
}

/// The newest changes, in words: who, when, from what to what.
async fn changes<W: World>(
    world: &W,
    session: &Session,
    connection: &Connection,
) -> Result<Vec<Changes>, StoreError> {
    let (merchant, language) = (&session.merchant, session.language);
    let history = world.store().history(merchant, CHANGES).await?;
    let people = People::of(world, session).await?;
    let view = View::of(Some(connection), language);
    let who = |by: &Option<_>| match by {
        None => say(language, "settings-by-us", None, &[]),
        Some(operator) => people.name(operator),
    };
    let changed = |change: &bookkeeping::settings::history::Change| Changes {
        when: clock(change.at, &view.zone, language),
        who: who(&change.by),
        elsewhere: change
            .realm
            .as_ref()
            .and_then(|realm| view.elsewhere(realm)),
        moves: moved(change, connection, &view),
    };
    Ok(history.iter().map(changed).collect())
}

/// `POST /quickbooks/settings`: saves one part of the settings; every choice is held against the company's lists.
///
/// # Errors
///
/// [`StoreError`] where the store is not to be had.
pub async fn save<W: World>(
    world: &W,
    session: &Session,
    request: &Request,
) -> Result<Response, StoreError> {
    let make = |connection: &Connection| {
        let settings = saved(drawn_for(connection, request)?, request)?;
        Some(Connection {
            settings,
            ..connection.clone()
        })
    };
    Ok(match change(world, session, make, &CHOICES_FREE).await? {
        Changed::Done(freed) => {
            // Saved, so one of ours.
            let part = request.form("part").unwrap_or_default().trim();
            let done = done(freed, "mapped", "saved");
            Response::redirect(&format!("/quickbooks/settings?{done}&part={part}"))
        }
        Changed::NotConnected => Response::redirect("/quickbooks"),
        Changed::NotPossible => form_stale(world, session, request),
    })
}
