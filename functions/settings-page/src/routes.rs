//! Which address leads where (contract, part 3).

use common::store::StoreError;
use common::web::notice::Notice;
use common::web::session::Session;
use common::web::{Method, Request, Response, visit};
use common::world::World;
use recording::Recorder;
use recording::stop::Again;

use crate::{
    activity, arrivals, choices, customer, decide, entry, fallback, home, refresh, restore, sheet,
    statement, taxes, unsubscribe,
};

/// Answers a request. Never fails: where the store is not to be had, a page says so.
pub async fn answer<W: World>(recorder: &Recorder<W>, request: &Request) -> Response {
    let world = &recorder.world;
    let answer = match request.method {
        Method::Get => look(recorder, request).await,
        Method::Post => press(recorder, request).await,
    };
    answer.unwrap_or_else(|error| {
        tracing::error!(error = %error, path = request.path, "a request could not be answered");
        notice(world, Notice::Sorry, request)
    })
}

async fn look<W: World>(recorder: &Recorder<W>, request: &Request) -> Result<Response, Again> {
    let world = &recorder.world;
    Ok(match request.path.as_str() {
        "/quickbooks" if request.query("launch").is_some() => launch(world, request).await?,
        "/quickbooks/unsubscribe" => unsubscribe::ask(world, request).await?,
        _ => page(recorder, request).await?,
    })
}

async fn press<W: World>(recorder: &Recorder<W>, request: &Request) -> Result<Response, Again> {
    let world = &recorder.world;
    Ok(match request.path.as_str() {
        "/quickbooks/activity/arrivals" => arrivals::decide(world, request).await?,
        "/quickbooks/activity/customer" => customer::choose(recorder, request).await?,
        "/quickbooks/activity/decide" => decide::decide(world, request).await?,
        "/quickbooks/settings" => choices::save(world, request).await?,
        "/quickbooks/settings/customer" => fallback::choose(recorder, request).await?,
        "/quickbooks/activity/restore" => restore::restore(recorder, request).await?,
        "/quickbooks/settings/create" => choices::create(recorder, request).await?,
        "/quickbooks/settings/taxes" => taxes::choose(world, request).await?,
        "/quickbooks/settings/refresh" => refresh::refresh(recorder, request).await?,
        "/quickbooks/unsubscribe" => unsubscribe::stop(world, request).await?,
        _ => notice(world, Notice::NotFound, request),
    })
}

/// `GET /quickbooks?launch=…` starts a session and takes the token out of the address.
async fn launch<W: World>(world: &W, request: &Request) -> Result<Response, StoreError> {
    let token = request.query("launch").unwrap_or_default();
    Ok(match visit::launch(world, token).await? {
        Ok(launch) => {
            let session = Session::start(&launch, world.random(), world.now());
            let cookie = visit::cookie(world, &session).await?;
            Response::redirect("/quickbooks").with_cookie(cookie)
        }
        Err(refused) => notice(world, refused, request),
    })
}

/// A page of the operator's: only with a session, which lasts on with every look.
async fn page<W: World>(recorder: &Recorder<W>, request: &Request) -> Result<Response, Again> {
    let world = &recorder.world;
    let Some(session) = visit::session(world, request).await? else {
        return Ok(notice(world, Notice::SessionOver, request));
    };
    let cookie = visit::cookie(world, &session).await?;
    let page = match request.path.as_str() {
        "/quickbooks/activity.csv" => sheet::sheet(world, &session, request).await?,
        "/quickbooks/statement" => statement::page(world, &session, request).await?,
        "/quickbooks" => home::page(world, &session, request).await?,
        "/quickbooks/activity" => activity::page(world, &session, request).await?,
        "/quickbooks/activity/customer" => customer::page(recorder, &session, request).await?,
        "/quickbooks/activity/entry" => entry::page(recorder, &session, request).await?,
        "/quickbooks/settings" => choices::page(world, &session, request).await?,
        "/quickbooks/settings/customer" => fallback::page(world, &session, request).await?,
        "/quickbooks/taxes" => taxes::page(world, &session, request).await?,
        _ => return Ok(notice(world, Notice::NotFound, request)),
    };
    Ok(page.with_cookie(cookie))
}

fn notice<W: World>(world: &W, notice: Notice, request: &Request) -> Response {
    visit::notice(world, notice, request, None, &[], &[])
}
