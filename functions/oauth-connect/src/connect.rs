//! Connecting: from the App Market's button to Intuit's consent page.

use std::time::Duration;

use bookkeeping::ids::RealmId;
use common::store::{Attempt, Onboarding};
use common::web::notice::Notice;
use common::web::session::Session;
use common::web::{Request, Response, visit};
use common::world::World;
use data_encoding::BASE64URL_NOPAD;
use quickbooks::oauth::authorize_url;
use sha2::{Digest, Sha256};

use crate::{Answer, Desk};

/// How long consent may take.
const ATTEMPT_LIFE: Duration = Duration::from_secs(10 * 60);

/// `GET /quickbooks/connect?launch=…`: the Connect button.
///
/// # Errors
///
/// [`common::store::StoreError`] where the store is not to be had.
pub async fn connect<W: World>(desk: &Desk<W>, request: &Request) -> Answer {
    let token = request.query("launch").unwrap_or_default();
    let launch = match visit::launch(&desk.world, token).await? {
        Ok(launch) => launch,
        Err(notice) => return Ok(desk.notice(notice, request, None, &[])),
    };
    let session = Session::start(&launch, desk.world.random(), desk.world.now());
    let cookie = visit::cookie(&desk.world, &session).await?;
    if !launch.entitled {
        let figures = [("merchant", launch.merchant_name.as_str())];
        let page = desk.notice(Notice::PlanNeeded, request, Some(&session), &figures);
        return Ok(page.with_cookie(cookie));
    }
    Ok(to_intuit(desk, request, &session, None)
        .await?
        .with_cookie(cookie))
}

/// `GET /quickbooks/reconnect`: Intuit's Reconnect URL, our mails, our page. With a session: to Intuit. Without: to the App
/// Market.
///
/// # Errors
///
/// [`common::store::StoreError`] where the store is not to be had.
pub async fn reconnect<W: World>(desk: &Desk<W>, request: &Request) -> Answer {
    match visit::session(&desk.world, request).await? {
        Some(session) => to_intuit(desk, request, &session, None).await,
        None => Ok(Response::redirect(desk.world.app_market_url())),
    }
}

/// `POST /quickbooks/fresh-start`: the operator says yes to another company.
///
/// # Errors
///
/// [`common::store::StoreError`] where the store is not to be had.
pub async fn fresh_start<W: World>(desk: &Desk<W>, request: &Request) -> Answer {
    let session = match visit::administrator(&desk.world, request).await? {
        Ok(session) => session,
        Err(page) => return Ok(page),
    };
    let Some(realm) = request
        .form("company")
        .and_then(|id| RealmId::parse(id).ok())
    else {
        return Ok(desk.notice(Notice::CallbackIncomplete, request, Some(&session), &[]));
    };
    to_intuit(desk, request, &session, Some(realm)).await
}

/// Sends the browser to Intuit's consent page under a fresh state. If we stop before it gets there, the attempt runs out.
async fn to_intuit<W: World>(
    desk: &Desk<W>,
    request: &Request,
    session: &Session,
    fresh_start: Option<RealmId>,
) -> Answer {
    if !session.may_change() {
        return Ok(visit::viewer_only(&desk.world, request, session));
    }
    let world = &desk.world;
    let entitled = world.store().merchant(&session.merchant).await?;
    if !entitled.is_some_and(|profile| profile.entitled) {
        let figures = [("merchant", session.merchant_name.as_str())];
        return Ok(desk.notice(Notice::PlanNeeded, request, Some(session), &figures));
    }
    let state = BASE64URL_NOPAD.encode(&[world.random(), world.random()].concat());
    let attempt = Attempt {
        merchant: session.merchant.clone(),
        binding: session.binding(),
        fresh_start,
        expires_at: world.now() + ATTEMPT_LIFE,
    };
    world
        .store()
        .begin_attempt(&state_hash(&state), &attempt)
        .await?;
    let secret = world.app_secret().get(world).await?;
    let to = authorize_url(
        &desk.authorize_url,
        &secret.app,
        &redirect_uri(desk),
        &state,
    );
    Ok(Response::redirect(&to))
}

/// Where Intuit sends browsers back to; registered there letter by letter.
pub(crate) fn redirect_uri<W: World>(desk: &Desk<W>) -> String {
    format!("{}/quickbooks/callback", desk.public_url)
}

/// What a state is remembered as: whoever reads the table learns no state.
pub(crate) fn state_hash(state: &str) -> String {
    BASE64URL_NOPAD.encode(&Sha256::digest(state))
}
