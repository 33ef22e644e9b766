//! Activity: every transaction, the newest first; what needs the operator stands by itself.
//!
//! | file | what |
//! |---|---|
//! | here | the page |
//! | `wanted` | what is looked for |
//! | `search` | one page of what is found |
//! | `needs` | what needs the operator, by its reason |
//! | `line` | one transaction as a line of a list |

mod line;
mod needs;
mod search;
mod wanted;

use askama::Template;
use bookkeeping::reason::State;
use common::locales::say;
use common::store::{Connections, StoreError};
use common::web::session::Session;
use common::web::{Request, Response};
use common::world::World;

use crate::dates::short_day;
use crate::frame::{Frame, Tab};
use crate::names::names;
use crate::view::View;
pub(crate) use line::{Line, line, state_name, tone};
use needs::groups;
pub(crate) use needs::{Group, Held, held, is_judged_by_lists, may_retry};
use search::{is_anything_before, search};
use wanted::Wanted;

#[derive(Template)]
#[template(path = "activity.html")]
struct Page<'a> {
    frame: Frame<'a>,
    wanted: Wanted,
    states: Vec<(&'static str, String)>,
    groups: Vec<Group>,
    lines: Vec<Line>,
    /// Where the list goes on; empty at its end.
    more: String,
    /// The days before these; empty where the list goes on in these, or nothing is listed before.
    earlier: String,
    /// The first day of these.
    day_from: String,
    /// What is said where nothing is listed.
    nothing: String,
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
    let language = session.language;
    let connection = world.store().opening(merchant).await?.connection;
    let view = View::of(connection.as_ref(), language);
    let zone = &view.zone;
    let today = zone.to_datetime(world.now()).date();
    let wanted = Wanted::read(request, today);
    let after = request.query("after");
    let is_first = after.is_none() && !wanted.is_search();
    let held = match is_first {
        true => held(world, merchant).await?,
        false => Held::default(),
    };
    let found = search(world, merchant, &wanted, after, zone).await?;
    let listed = found.entries.iter();
    let listed = listed.filter_map(|entry| Some((entry.key.as_ref()?, &entry.row)));
    let held_up = held.rows.iter().map(|(place, row)| (&place.key, row));
    let shown: Vec<_> = held_up.chain(listed).collect();
    let names = names(world, connection.as_ref(), &shown).await?;
    let groups = groups(&held, &names, &view);
    let lines = found.entries.iter().map(|entry| line(entry, &names, &view));
    let states = [
        State::NeedsOperator,
        State::Waiting,
        State::Synced,
        State::Skipped,
        State::Failed,
    ];
    let name = |state: State| (state.as_str(), state_name(state, language));
    let from = short_day(wanted.from, language);
    let earlier = match is_anything_before(world, merchant, wanted.from, zone).await? {
        true => wanted.earlier(),
        false => None,
    };
    let page = Page {
        frame: Frame::of(world, session, Tab::Activity, request),
        states: states.map(name).into(),
        groups,
        lines: lines.collect(),
        more: found
            .next
            .as_deref()
            .map(|after| wanted.address(after))
            .unwrap_or_default(),
        earlier: match (&found.next, earlier) {
            (None, Some(earlier)) => earlier.address(""),
            _ => String::new(),
        },
        nothing: match wanted.is_search() {
            true => say(language, "activity-nothing-found", None, &[]),
            false => say(language, "activity-nothing-yet", None, &[("day", &from)]),
        },
        day_from: from,
        wanted,
    };
    let html = page.render().expect("writing to memory does not fail");
    Ok(Response::page(200, html))
}
