//! What follows consent: the company is proven, read, bound to the merchant, and taken up.
//!
//! May be repeated as a whole: the tokens are durable, every step is a condition that either holds already or is made
//! to, and the connection changes in one write.

use std::time::Duration;

use bookkeeping::company::Company;
use bookkeeping::connection::{Connected, Connection, ConnectionState};
use bookkeeping::defaults;
use bookkeeping::ids::{MerchantId, RealmId};
use bookkeeping::merchant::MerchantProfile;
use bookkeeping::reason::ReasonCode;
use common::access::state;
use common::leaving::{drop_attempt, leave_behind};
use common::merchants;
use common::store::{
    Arming, Connections, Epochs, Lots, Onboarding, StoreError, TakenUp, TokenRow, Tokens, Untold,
};
use common::tokens;
use common::web::notice::Notice;
use common::web::patience::read_in_time;
use common::web::session::Session;
use common::web::{Request, Response, visit};
use common::world::World;
use quickbooks::{CompanyClient, Fault, FaultClass};

use crate::{Answer, Desk};

/// How often taking up begins anew because the connection before was revised meanwhile.
const ROUNDS_MAX: usize = 4;

/// What the operator consented to.
pub struct Consent {
    /// The epoch its tokens are kept under.
    pub epoch: u64,
    /// The company that may take another's place, where the operator said so.
    pub fresh_start: Option<RealmId>,
}

/// `POST /quickbooks/finish`: goes on where QuickBooks did not answer after consent.
///
/// # Errors
///
/// [`StoreError`] where the store is not to be had.
pub async fn again<W: World>(desk: &Desk<W>, request: &Request) -> Answer {
    let session = match visit::administrator(&desk.world, request).await? {
        Ok(session) => session,
        Err(page) => return Ok(page),
    };
    let epoch = request.form("epoch").and_then(|epoch| epoch.parse().ok());
    let Some(epoch) = epoch else {
        return Ok(desk.notice(Notice::FormStale, request, Some(&session), &[]));
    };
    let fresh_start = request
        .form("company")
        .and_then(|realm| RealmId::parse(realm).ok());
    let consent = Consent { epoch, fresh_start };
    finish(desk, request, &session, &consent).await
}

/// Finishes what consent began.
///
/// # Errors
///
/// [`StoreError`] where the store is not to be had: "Finish connecting" goes on.
pub async fn finish<W: World>(
    desk: &Desk<W>,
    request: &Request,
    session: &Session,
    consent: &Consent,
) -> Answer {
    let (world, merchant) = (&desk.world, &session.merchant);
    let say = |notice, fields: &[(&str, &str)]| {
        Ok(desk.notice_with(notice, request, Some(session), &[], fields))
    };
    let before = world.store().opening(merchant).await?.connection;
    let row = world.store().tokens(merchant, consent.epoch).await?;
    let present = before.as_ref().map_or(0, |connection| connection.epoch);
    let row = match (row, &before) {
        (Some(row), _) if present < consent.epoch => row,
        // Taken up already, and whoever did it stopped there.
        (Some(_), Some(connection))
            if present == consent.epoch && connection.state != ConnectionState::Disconnected =>
        {
            return complete(desk, connection).await;
        }
        _ => return say(Notice::Overtaken, &[]),
    };
    let realm = &row.realm;
    let company = match prove(world, merchant, realm, consent.epoch).await? {
        Ok(company) => company,
        Err(fault) => {
            tracing::warn!(merchant.id = %merchant, quickbooks.status = fault.status, "a company could not be read ({:?})", fault.class);
            let is_refused = matches!(
                fault.class,
                FaultClass::Unauthorized | FaultClass::AccessDenied
            );
            if is_refused {
                // Not revoked: whatever they open may be another merchant's living connection.
                tokens::erase(world, merchant, Epochs::One(consent.epoch)).await?;
                return say(Notice::CompanyNotProven, &[]);
            }
            let epoch = consent.epoch.to_string();
            let mut fields = vec![("epoch", epoch.as_str())];
            fields.extend(
                consent
                    .fresh_start
                    .as_ref()
                    .map(|realm| ("company", realm.as_str())),
            );
            return say(Notice::Unfinished, &fields);
        }
    };
    take_its_place(desk, request, session, consent, &row, &company).await
}

/// Puts the connection in the place of the one before, where it may stand there.
async fn take_its_place<W: World>(
    desk: &Desk<W>,
    request: &Request,
    session: &Session,
    consent: &Consent,
    row: &TokenRow,
    company: &Company,
) -> Answer {
    let (world, merchant, realm) = (&desk.world, &session.merchant, &row.realm);
    let store = world.store();
    let say = |notice| Ok(desk.notice(notice, request, Some(session), &[]));
    for _ in 0..ROUNDS_MAX {
        // Read now: reading the company took seconds, and choices or the plan may have changed meanwhile.
        let before = store.opening(merchant).await?.connection;
        let Some(profile) = store.merchant(merchant).await? else {
            return say(Notice::SessionOver);
        };
        if let Some(old) = &before
            && old.company.realm != *realm
            && consent.fresh_start.as_ref() != Some(realm)
        {
            drop_attempt(world, merchant, row).await?;
            return Ok(differs(desk, request, session, &old.company, company));
        }
        let company = company.clone();
        let connection = take_up(world, session, consent, &profile, company, before.as_ref());
        // As for any change that frees: first the lot.
        store.arm(&Arming::from_now(merchant, world.now())).await?;
        // Noted with the tokens: whoever opens the connection tells of it where we stop.
        let noted = Untold {
            state: connection.state,
            at: world.now(),
        };
        store
            .note_untold(merchant, consent.epoch, None, &noted)
            .await?;
        // The one write that changes the connection, and binds the company with it. If we stop before it, the old one
        // stands; after it, the new one, and what is left to do is done by the next connecting or disconnecting.
        match store.take_up(&connection, before.as_ref()).await? {
            TakenUp::Done => {
                tracing::info!(merchant.id = %merchant, company.id = %realm, operator.id = %session.operator, epoch = connection.epoch, "connected");
                return complete(desk, &connection).await;
            }
            TakenUp::Revised => {}
            TakenUp::CompanyTaken => {
                drop_attempt(world, merchant, row).await?;
                return say(Notice::CompanyTaken);
            }
            TakenUp::Overtaken => {
                drop_attempt(world, merchant, row).await?;
                return say(Notice::Overtaken);
            }
        }
    }
    let crowded = "a connection that is revised all the time".to_owned();
    Err(StoreError::Unavailable(crowded))
}

/// The page that asks whether another company is to take the place of the one before.
fn differs<W: World>(
    desk: &Desk<W>,
    request: &Request,
    session: &Session,
    old: &Company,
    new: &Company,
) -> Response {
    let figures = [
        ("merchant", session.merchant_name.as_str()),
        ("old", old.name.as_str()),
        ("new", new.name.as_str()),
    ];
    let fields = [("company", new.realm.as_str())];
    let notice = Notice::CompanyDiffers;
    let page = desk.notice_with(notice, request, Some(session), &figures, &fields);
    // Its button leads to Intuit.
    page.leading_to(&desk.authorize_url)
}

/// What follows once a connection was taken up. May be repeated.
async fn complete<W: World>(desk: &Desk<W>, connection: &Connection) -> Answer {
    let (world, merchant) = (&desk.world, &connection.merchant);
    let (store, epoch) = (world.store(), connection.epoch);
    // Once more: a drain that was quicker saw the connection before, and is not to wait for it.
    store.arm(&Arming::from_now(merchant, world.now())).await?;
    let noted = store.tokens(merchant, epoch).await?;
    if let Some(untold) = noted.and_then(|row| row.untold) {
        state::carry_out(world, merchant, epoch, &untold).await?;
    }
    // Where the plan ended at the very moment, the connection that was paused then was the one before.
    merchants::follow_entitlement(world, merchant).await?;
    // Its drain releases what the connection frees. If we stop before this, the sweep wakes it.
    let after = connection.opens_at.map_or(Duration::ZERO, |opens_at| {
        Duration::try_from(opens_at - world.now()).unwrap_or_default()
    });
    world.wake(std::slice::from_ref(merchant), after).await;
    tokens::settled(world, merchant, epoch).await?;
    leave_behind(world, connection).await?;
    Ok(Response::redirect("/quickbooks?done=connected"))
}

/// Proves that the tokens open the company the callback named, which is not signed, by reading it.
async fn prove<W: World>(
    world: &W,
    merchant: &MerchantId,
    realm: &RealmId,
    epoch: u64,
) -> Result<Result<Company, Fault>, StoreError> {
    let held = tokens::held(world, merchant, epoch).await?;
    let Some(access) = held.into_iter().next() else {
        return Err(StoreError::unreadable(
            "tokens without an access token".to_owned(),
        ));
    };
    let client = CompanyClient {
        transport: world.quickbooks(),
        api_url: world.quickbooks_api_url(),
        realm,
        token: &access,
        timeout: world.timing().quickbooks_timeout,
    };
    let pace = async || world.sleep(world.timing().post_spacing).await;
    Ok(read_in_time(world, client.read_company(pace)).await)
}

/// The connection that is taken up. The settings stay with their company: a fresh start begins with fresh ones, because
/// every account and item is another.
fn take_up<W: World>(
    world: &W,
    session: &Session,
    consent: &Consent,
    profile: &MerchantProfile,
    company: Company,
    before: Option<&Connection>,
) -> Connection {
    let now = world.now();
    let kept = before.filter(|connection| connection.company.realm == company.realm);
    let zone = jiff::tz::TimeZone::get(&profile.time_zone).unwrap_or(jiff::tz::TimeZone::UTC);
    let settings = match kept {
        Some(connection) => connection.settings.clone(),
        None => defaults::fresh(&company, profile.currency, &zone, now).settings,
    };
    // What the merchant sells is the same in any company.
    let catalogue = before.map(|before| match kept {
        Some(_) => before.catalogue.clone(),
        None => before.catalogue.for_another_company(),
    });
    // Whatever read the old connection believes it for a while, and may have begun something then.
    let switched = before.is_some() && kept.is_none();
    let opens_at = match switched {
        true => Some(now + world.timing().turn + world.timing().lease),
        false => before.and_then(|connection| connection.opens_at),
    };
    let mut former = before
        .map(|connection| connection.former.clone())
        .unwrap_or_default();
    if let Some(left) = before.filter(|_| switched) {
        former.insert(left.company.realm.clone(), left.company.name.clone());
    }
    let connection = Connection {
        merchant: session.merchant.clone(),
        epoch: consent.epoch,
        state: ConnectionState::reconnected(
            kept.map(|connection| connection.state),
            profile.entitled,
        ),
        time_zone: profile.time_zone.clone(),
        company,
        settings,
        catalogue: catalogue.unwrap_or_default(),
        revision: 0,
        frees: before
            .map(|connection| connection.frees.clone())
            .unwrap_or_default(),
        connected: Some(Connected {
            at: now,
            by: session.operator.clone(),
            name: session.name.clone(),
        }),
        former,
        opens_at,
        off: None,
        later: before
            .map(|connection| connection.later.clone())
            .unwrap_or_default(),
    };
    let mut connection = connection.checked(profile, zone.to_datetime(now).date());
    // What was kept for this company while another was connected, and until the company fits where it does now.
    let freed = match (before, &connection.off) {
        (None, _) => &[][..],
        (Some(_), None) => &[ReasonCode::OtherCompany, ReasonCode::SyncOff],
        (Some(_), Some(_)) => &[ReasonCode::OtherCompany],
    };
    connection.frees = connection.frees.with(freed, Some(&session.operator), now);
    connection
}
