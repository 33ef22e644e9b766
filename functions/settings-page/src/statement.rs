//! A month held against the books, to the cent: `GET /quickbooks/statement?month=2026-11`.
//!
//! What was received, less what was paid back, is what is in QuickBooks and what is not, each with its reason.
//!
//! | file | what |
//! |---|---|
//! | here | the page |
//! | `tally` | what is added up, and its tables |
//! | `how` | how refunds went back that leave it to their payments |

mod how;
mod tally;

use std::collections::BTreeMap;

use askama::Template;
use bookkeeping::money::Currency;
use bookkeeping::transaction::Kind;
use common::locales::say;
use common::store::activity::Listed;
use common::store::{Activity, Connections, StoreError};
use common::web::notice::Notice;
use common::web::session::Session;
use common::web::{Request, Response, visit};
use common::world::World;

use crate::dates::grouped;
use crate::frame::{Frame, Tab};
use crate::period::Period;
use crate::view::View;
use how::say_how;
use tally::{Book, Tally};

#[derive(Template)]
#[template(path = "statement.html")]
struct Page<'a> {
    frame: Frame<'a>,
    /// "November 2026".
    month: String,
    key: String,
    before: String,
    /// The month after; empty where that has not begun.
    after: String,
    /// How many messages nobody could read; empty where all could be.
    unread: String,
    /// How many refunds stand under no method because nobody looked; empty where all were looked up.
    not_looked_up: String,
    /// Whether there are more than were added up: then no sum would be true.
    too_many: bool,
    books: Vec<Book>,
}

/// Draws the page; of the month we are in, where the address names none.
///
/// # Errors
///
/// [`StoreError`] where the store is not to be had.
pub async fn page<W: World>(
    world: &W,
    session: &Session,
    request: &Request,
) -> Result<Response, StoreError> {
    let (merchant, language) = (&session.merchant, session.language);
    let connection = world.store().opening(merchant).await?.connection;
    let view = View::of(connection.as_ref(), language);
    let zone = &view.zone;
    let this = Period::of(zone.to_datetime(world.now()).date());
    let asked = request.query("month").map_or(Some(this), Period::parse);
    let Some(period) = asked else {
        let page = visit::notice(world, Notice::NotFound, request, Some(session), &[], &[]);
        return Ok(page);
    };
    let mut tallies: BTreeMap<Currency, Tally> = BTreeMap::new();
    let mut unread = 0_u64;
    let mut add = |one: &Listed| match one.signed() {
        Some(amount) => tallies
            .entry(amount.currency())
            .or_default()
            .add(one, amount, &view),
        // A message that could be read and is no transaction has no amount.
        None if one.kind.is_none() && !one.unreadable => {}
        None => unread += 1,
    };
    let mut unsaid = Vec::new();
    let each = |one: Listed| match one.kind {
        Some(Kind::Refund) if one.method.is_empty() => unsaid.push(one),
        _ => add(&one),
    };
    let is_whole = match period.bounds(zone) {
        Some((from, until)) => world.store().tally(merchant, from, until, each).await?,
        None => true,
    };
    let left = say_how(world, merchant, &mut unsaid).await?;
    unsaid.iter().for_each(add);
    let books = tallies.iter();
    let books = books.map(|(currency, tally)| tally.book(*currency, &view));
    let key = |period: Option<Period>| period.map(Period::key).unwrap_or_default();
    let how = if unread == 1 { "one" } else { "many" };
    let count = grouped(unread, language);
    let page = Page {
        frame: Frame::of(world, session, Tab::Activity, request),
        month: period.name(language),
        key: period.key(),
        before: key(period.before()),
        after: key(period.after().filter(|_| period != this)),
        unread: match unread {
            0 => String::new(),
            _ => say(
                language,
                "statement-unread",
                None,
                &[("how", how), ("count", &count)],
            ),
        },
        not_looked_up: match left {
            0 => String::new(),
            _ => {
                let count = grouped(u64::try_from(left).unwrap_or(u64::MAX), language);
                say(
                    language,
                    "statement-not-looked-up",
                    None,
                    &[("count", &count)],
                )
            }
        },
        too_many: !is_whole,
        books: books.collect(),
    };
    let html = page.render().expect("writing to memory does not fail");
    Ok(Response::page(200, html))
}
