//! Stopping reminders, from the link in a mail.
//!
//! Needs no session: the link is sealed, and says whose reminders stop. Opening it only asks, because programs that look
//! for harmful links open every one; pressing the button, or a mail program's own (RFC 8058), sends it.

use askama::Template;
use bookkeeping::transaction::Language;
use common::locales::say;
use common::mail::Unsubscribing;
use common::store::{Healths, StoreError};
use common::web::notice::Notice;
use common::web::response::STYLE;
use common::web::{Request, Response, visit};
use common::world::World;

/// How often it is noted anew because the row was changed meanwhile.
const NOTES_MAX: usize = 8;

#[derive(Template)]
#[template(path = "unsubscribe.html")]
struct Asks<'a> {
    language: Language,
    style: &'static str,
    link: &'a str,
}

impl Asks<'_> {
    fn say(&self, message: &str, attribute: Option<&str>) -> String {
        say(self.language, message, attribute, &[])
    }
}

/// `GET /quickbooks/unsubscribe?r=…`: asks. Changes nothing.
///
/// # Errors
///
/// [`StoreError`] where the key ring cannot be had.
pub async fn ask<W: World>(world: &W, request: &Request) -> Result<Response, StoreError> {
    let Some((link, _)) = read(world, request).await? else {
        return Ok(unknown(world, request));
    };
    let asks = Asks {
        language: request.language(),
        style: STYLE,
        link,
    };
    let html = asks.render().expect("writing to memory does not fail");
    Ok(Response::page(200, html))
}

/// `POST /quickbooks/unsubscribe?r=…`: stops reminders, not first notices. May be pressed again.
///
/// # Errors
///
/// [`StoreError`] where it could not be noted.
pub async fn stop<W: World>(world: &W, request: &Request) -> Result<Response, StoreError> {
    let Some((_, who)) = read(world, request).await? else {
        return Ok(unknown(world, request));
    };
    for _ in 0..NOTES_MAX {
        let mut health = world.store().health(&who.merchant).await?;
        let is_news = health.unsubscribed.insert(who.reader.clone());
        // Looked at soon: something else may have been due.
        let due = Some(world.now());
        if !is_news
            || world
                .store()
                .keep_health(&who.merchant, &health, due)
                .await?
        {
            tracing::info!(merchant.id = %who.merchant, "a reader wants no more reminders");
            return Ok(visit::notice(
                world,
                Notice::Unsubscribed,
                request,
                None,
                &[],
                &[],
            ));
        }
    }
    Err(StoreError::Unavailable(
        "a health that changes all the time".to_owned(),
    ))
}

async fn read<'a, W: World>(
    world: &W,
    request: &'a Request,
) -> Result<Option<(&'a str, Unsubscribing)>, StoreError> {
    let Some(link) = request.query("r") else {
        return Ok(None);
    };
    let keys = world.payload_keys().await?;
    Ok(Unsubscribing::read(link, keys).map(|who| (link, who)))
}

fn unknown<W: World>(world: &W, request: &Request) -> Response {
    visit::notice(world, Notice::UnsubscribeUnknown, request, None, &[], &[])
}
