//! Visits: an operator arrives with a launch token, and stays with a session.

use bookkeeping::later::Later;
use bookkeeping::merchant::{Addressee, MerchantProfile};

use super::launch::{Launch, LaunchRefused, Role, key_id, verify};
use super::notice::{Links, Notice};
use super::request::Request;
use super::response::Response;
use super::session::Session;
use crate::merchants;
use crate::store::{Onboarding, StoreError};
use crate::world::World;

/// Takes a launch token: genuine, in its time, not used before. What it says of the merchant is remembered, and an
/// entitlement that changed with it pauses or resumes the connection.
///
/// If we stop after the token was used, the operator opens the app once more.
///
/// # Errors
///
/// [`StoreError`] where the store is not to be had. Inside, the [`Notice`] of a token that is not taken; then nothing was
/// changed.
pub async fn launch<W: World>(
    world: &W,
    token: &str,
) -> Result<Result<Launch, Notice>, StoreError> {
    let Some(id) = key_id(token) else {
        return Ok(Err(Notice::LaunchNotGenuine));
    };
    let secret = world.app_secret().knowing(world, &id).await?;
    let key = secret
        .as_ref()
        .and_then(|secret| secret.launch_key(&id))
        .and_then(|key| serde_json::from_value(key.clone()).ok());
    let Some(key) = key else {
        return Ok(Err(Notice::LaunchNotGenuine));
    };
    let launch = match verify(token, &key, world.now()) {
        Ok(launch) => launch,
        Err(LaunchRefused::NotGenuine) => return Ok(Err(Notice::LaunchNotGenuine)),
        Err(LaunchRefused::Expired) => return Ok(Err(Notice::LaunchExpired)),
    };
    // Remembered until it could not be taken any more for its age.
    let until = launch.expires_at + super::launch::SKEW * 2;
    if !world.store().use_launch(&launch.id, until).await? {
        return Ok(Err(Notice::LaunchUsed));
    }
    let entitled = learn(world, &launch).await?;
    Ok(Ok(Launch { entitled, ..launch }))
}

/// Remembers what a launch says of its merchant; gives whether the merchant is entitled, by the newest word on it.
async fn learn<W: World>(world: &W, launch: &Launch) -> Result<bool, StoreError> {
    let said = MerchantProfile {
        merchant: launch.merchant.clone(),
        as_of: launch.issued_at,
        name: launch.merchant_name.clone(),
        country: launch.country.clone(),
        currency: launch.currency,
        time_zone: launch.time_zone.clone(),
        entitled: launch.entitled,
        administrators: [].into(),
        opened: [].into(),
        listed_at: None,
        version: 0,
        later: Later::default(),
        revision: 0,
    };
    let administrator = (launch.role == Role::Administrator).then(|| Addressee {
        name: launch.name.clone(),
        email: launch.email.clone(),
        language: launch.language,
    });
    let learned = merchants::learn(world, &launch.merchant, |known| {
        let said = said.clone();
        Some(said.launched(&launch.operator, administrator.clone(), known))
    });
    Ok(learned.await?.is_some_and(|newest| newest.entitled))
}

/// The session a request belongs to.
///
/// # Errors
///
/// [`StoreError`] where the key ring cannot be had.
pub async fn session<W: World>(
    world: &W,
    request: &Request,
) -> Result<Option<Session>, StoreError> {
    let Some(cookie) = request.session_cookie() else {
        return Ok(None);
    };
    Ok(Session::open(
        cookie,
        world.payload_keys().await?,
        world.now(),
    ))
}

/// The session of an administrator who pressed a button of ours, or the page for anybody else.
///
/// # Errors
///
/// [`StoreError`] where the key ring cannot be had.
pub async fn administrator<W: World>(
    world: &W,
    request: &Request,
) -> Result<Result<Session, Response>, StoreError> {
    let Some(session) = session(world, request).await? else {
        return Ok(Err(notice(
            world,
            Notice::SessionOver,
            request,
            None,
            &[],
            &[],
        )));
    };
    if !session.admits(request.form("csrf")) {
        let stale = notice(world, Notice::FormStale, request, Some(&session), &[], &[]);
        return Ok(Err(stale));
    }
    match session.may_change() {
        true => Ok(Ok(session)),
        false => Ok(Err(viewer_only(world, request, &session))),
    }
}

/// The page for somebody who may look and not change.
pub fn viewer_only<W: World>(world: &W, request: &Request, session: &Session) -> Response {
    let figures = [("merchant", session.merchant_name.as_str())];
    notice(
        world,
        Notice::ViewerOnly,
        request,
        Some(session),
        &figures,
        &[],
    )
}

/// A notice to somebody, with a session or without, in their language. `figures` fill in its words; `fields` go along
/// with its form, where it has one.
pub fn notice<W: World>(
    world: &W,
    notice: Notice,
    request: &Request,
    session: Option<&Session>,
    figures: &[(&str, &str)],
    fields: &[(&str, &str)],
) -> Response {
    let language = session.map_or_else(|| request.language(), |session| session.language);
    let csrf = session.map(Session::csrf);
    let links = Links {
        app_market_url: world.app_market_url(),
        csrf: csrf.as_deref(),
    };
    notice.page(language, links, figures, fields)
}

/// The cookie that carries a session on.
///
/// # Errors
///
/// [`StoreError`] where the key ring cannot be had.
pub async fn cookie<W: World>(world: &W, session: &Session) -> Result<String, StoreError> {
    Ok(session.set_cookie(world.payload_keys().await?, world.random(), world.now()))
}
