//! The story of a connection: Intuit sends the browser back with a code.

use bookkeeping::ids::RealmId;
use common::store::{Connections, Onboarding, StoreError};
use common::tokens;
use common::web::notice::Notice;
use common::web::session::Session;
use common::web::{Request, visit};
use common::world::World;
use quickbooks::oauth::{OAuthClient, TokenFault, TokenFaultClass, TokenPair};
use secrecy::SecretString;

use crate::connect::{redirect_uri, state_hash};
use crate::finish::{Consent, finish};
use crate::{Answer, Desk};

/// Longest code. Source: Intuit, "OAuth 2.0".
const CODE_LENGTH_MAX: usize = 512;

/// Longest state read; ours are 43 characters.
const STATE_LENGTH_MAX: usize = 64;

/// `GET /quickbooks/callback`: by Intuit, through the operator's browser; so anybody can call it with anything.
///
/// Whatever does not belong to an attempt of this browser and this merchant changes nothing.
///
/// # Errors
///
/// [`StoreError`] where the store is not to be had.
pub async fn callback<W: World>(desk: &Desk<W>, request: &Request) -> Answer {
    let world = &desk.world;
    let Some(session) = visit::session(world, request).await? else {
        return Ok(desk.notice(Notice::SessionOver, request, None, &[]));
    };
    let say = |notice, figures: &[(&str, &str)]| {
        Ok(desk.notice(notice, request, Some(&session), figures))
    };
    let state = request.query("state").unwrap_or_default();
    if state.is_empty() || state.len() > STATE_LENGTH_MAX {
        return say(Notice::AttemptUnknown, &[]);
    }
    match request.query("error") {
        // The attempt stays and runs out: pressing Cancel changes nothing.
        Some("access_denied") => return say(Notice::Cancelled, &[]),
        Some(error) => {
            // Anybody can write an error into an address: only a name of OAuth's is shown.
            let known = ["invalid_scope", "server_error", "temporarily_unavailable"];
            let shown = known.iter().find(|name| **name == error);
            return say(
                Notice::IntuitError,
                &[("error", shown.copied().unwrap_or("unknown"))],
            );
        }
        None => {}
    }
    let realm = request
        .query("realmId")
        .and_then(|id| RealmId::parse(id).ok());
    let code = request
        .query("code")
        .filter(|code| (1..=CODE_LENGTH_MAX).contains(&code.len()));
    let (Some(realm), Some(code)) = (realm, code) else {
        return say(Notice::CallbackIncomplete, &[]);
    };
    // Used up before the code is: a second click finds nothing, and a code is never sent twice. If we stop after this
    // line, the operator starts again.
    let attempt = world
        .store()
        .take_attempt(
            &state_hash(state),
            &session.binding(),
            &session.merchant,
            world.now(),
        )
        .await?;
    let Some(attempt) = attempt else {
        return say(Notice::AttemptUnknown, &[]);
    };
    // Before the exchange: between it and the first write nothing may stand that could fail.
    let present = world.store().opening(&session.merchant).await?.connection;
    let next = present.map_or(0, |connection| connection.epoch) + 1;
    let pair = match exchange(desk, code).await? {
        Ok(pair) => pair,
        Err(fault) => return say(notice_of(&fault), &[]),
    };
    // Durable before anything uses them. If we stop before this line, the permission lapses at Intuit and the operator
    // starts again; after it, "Finish connecting" goes on from here.
    let epoch = keep(world, &session, &realm, &pair, next).await?;
    let consent = Consent {
        epoch,
        fresh_start: attempt.fresh_start,
    };
    finish(desk, request, &session, &consent).await
}

async fn exchange<W: World>(
    desk: &Desk<W>,
    code: &str,
) -> Result<Result<TokenPair, TokenFault>, StoreError> {
    let world = &desk.world;
    let secret = world.app_secret().get(world).await?;
    let oauth = OAuthClient {
        transport: world.quickbooks(),
        endpoints: world.oauth_endpoints(),
        app: &secret.app,
        timeout: world.timing().refresh.timeout,
    };
    let code = SecretString::from(code.to_owned());
    let answer = oauth.exchange(&code, &redirect_uri(desk)).await;
    if let Err(fault) = &answer {
        tracing::warn!(
            status = fault.status,
            error = fault.error,
            quickbooks.intuit_tid = fault.intuit_tid.as_deref(),
            "Intuit did not exchange a code ({:?})",
            fault.class
        );
    }
    Ok(answer)
}

/// What to say when a code gave no tokens.
fn notice_of(fault: &TokenFault) -> Notice {
    match fault.class {
        TokenFaultClass::InvalidGrant => Notice::CodeRefused,
        TokenFaultClass::InvalidClient | TokenFaultClass::OurDefect => Notice::AppRefused,
        TokenFaultClass::Throttled(_) | TokenFaultClass::NotSent | TokenFaultClass::Unknown => {
            Notice::QuickBooksSilent
        }
    }
}

/// Makes the tokens durable under the next free epoch, where nobody reads them until the connection takes it up.
async fn keep<W: World>(
    world: &W,
    session: &Session,
    realm: &RealmId,
    pair: &TokenPair,
    next: u64,
) -> Result<u64, StoreError> {
    let mut epoch = next;
    // Attempts that did not come about may have left theirs behind.
    while !tokens::connected(world, &session.merchant, realm, epoch, pair).await? {
        epoch += 1;
    }
    Ok(epoch)
}
