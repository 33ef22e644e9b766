//! Which address leads where (contract, part 3).

use common::access::Access;
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
    let answer = renewing(recorder, request).await;
    answer.unwrap_or_else(|error| {
        tracing::error!(error = %error, path = request.path, "a request could not be answered");
        notice(world, Notice::Sorry, request)
    })
}

/// Answers, once more with new tokens where QuickBooks refused those at hand: nothing was done by what it refused.
async fn renewing<W: World>(recorder: &Recorder<W>, request: &Request) -> Result<Response, Again> {
    let answer = once(recorder, request).await;
    match recorder.remembered.renew_refused(&recorder.world).await? {
        true => once(recorder, request).await,
        false => answer,
    }
}

async fn once<W: World>(recorder: &Recorder<W>, request: &Request) -> Result<Response, Again> {
    match request.method {
        Method::Get => look(recorder, request).await,
        Method::Post => press(recorder, request).await,
    }
}

async fn look<W: World>(recorder: &Recorder<W>, request: &Request) -> Result<Response, Again> {
    let world = &recorder.world;
    Ok(match request.path.as_str() {
        "/quickbooks" if request.query("launch").is_some() => launch(world, request).await?,
        "/quickbooks/unsubscribe" => unsubscribe::ask(world, request).await?,
        _ => page(recorder, request).await?,
    })
}

/// A button: all of them are an administrator's, but for the one in our mails.
async fn press<W: World>(recorder: &Recorder<W>, request: &Request) -> Result<Response, Again> {
    let world = &recorder.world;
    let path = request.path.as_str();
    if path == "/quickbooks/unsubscribe" {
        return Ok(unsubscribe::stop(world, request).await?);
    }
    let session = match visit::administrator(world, request).await? {
        Ok(session) => session,
        Err(page) => return Ok(page),
    };
    Ok(match path {
        "/quickbooks/activity/arrivals" => arrivals::decide(world, &session, request).await?,
        "/quickbooks/activity/customer" => customer::choose(recorder, &session, request).await?,
        "/quickbooks/activity/decide" => decide::decide(world, &session, request).await?,
        "/quickbooks/settings" => choices::save(world, &session, request).await?,
        "/quickbooks/settings/customer" => fallback::choose(recorder, &session, request).await?,
        "/quickbooks/activity/restore" => restore::restore(recorder, &session, request).await?,
        "/quickbooks/settings/create" => choices::create(recorder, &session, request).await?,
        "/quickbooks/settings/taxes" => taxes::choose(world, &session, request).await?,
        "/quickbooks/settings/refresh" => refresh::refresh(recorder, &session, request).await?,
        _ => notice(world, Notice::NotFound, request),
    })
}

/// The page for a form that does not fit what stands now: it was drawn for something else, or by nobody of ours.
pub(crate) fn form_stale<W: World>(world: &W, session: &Session, request: &Request) -> Response {
    visit::notice(world, Notice::FormStale, request, Some(session), &[], &[])
}

/// The access under which QuickBooks is asked for a button, or where to look where the connection cannot be used.
pub(crate) async fn opened<W: World>(
    recorder: &Recorder<W>,
    session: &Session,
    closed: &str,
) -> Result<Result<Access, Response>, Again> {
    let world = &recorder.world;
    let opened = recorder
        .remembered
        .open(world, &session.merchant, world.now())
        .await?;
    Ok(opened.map_err(|_| Response::redirect(closed)))
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
