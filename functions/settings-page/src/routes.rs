//! Which address leads where (contract, part 3).

use common::store::StoreError;
use common::web::notice::Notice;
use common::web::session::Session;
use common::web::{Method, Request, Response, visit};
use common::world::World;

use crate::{arrivals, home, unsubscribe};

/// Answers a request. Never fails: where the store is not to be had, a page says so.
pub async fn answer<W: World>(world: &W, request: &Request) -> Response {
    let answer = match (request.method, request.path.as_str()) {
        (Method::Get, "/quickbooks") => open(world, request).await,
        (Method::Post, "/quickbooks/activity/arrivals") => arrivals::decide(world, request).await,
        (Method::Get, "/quickbooks/unsubscribe") => unsubscribe::ask(world, request).await,
        (Method::Post, "/quickbooks/unsubscribe") => unsubscribe::stop(world, request).await,
        _ => Ok(notice(world, Notice::NotFound, request)),
    };
    answer.unwrap_or_else(|error| {
        tracing::error!(error = %error, path = request.path, "a request could not be answered");
        notice(world, Notice::Sorry, request)
    })
}

/// `GET /quickbooks?launch=…` starts a session and takes the token out of the address; `GET /quickbooks` is the page.
async fn open<W: World>(world: &W, request: &Request) -> Result<Response, StoreError> {
    if let Some(token) = request.query("launch") {
        return Ok(match visit::launch(world, token).await? {
            Ok(launch) => {
                let session = Session::start(&launch, world.random(), world.now());
                let cookie = visit::cookie(world, &session).await?;
                Response::redirect("/quickbooks").with_cookie(cookie)
            }
            Err(refused) => notice(world, refused, request),
        });
    }
    let Some(session) = visit::session(world, request).await? else {
        return Ok(notice(world, Notice::SessionOver, request));
    };
    let cookie = visit::cookie(world, &session).await?;
    let page = home::page(world, &session, request.query("done")).await?;
    Ok(page.with_cookie(cookie))
}

fn notice<W: World>(world: &W, notice: Notice, request: &Request) -> Response {
    visit::notice(world, notice, request, None, &[], &[])
}
