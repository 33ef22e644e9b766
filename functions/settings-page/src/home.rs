//! The page: which company, how it stands, what the checklist found, and the buttons for it.

mod checks;

use askama::Template;
use bookkeeping::connection::{Connection, ConnectionState};
use bookkeeping::health::{Condition, Health, Standing};
use bookkeeping::incident::Reader;
use bookkeeping::merchant::MerchantProfile;
use bookkeeping::reason::Reason;
use bookkeeping::token::newest;
use bookkeeping::transaction::Language;
use bookkeeping::waits::Waits;
use common::access::state;
use common::locales::{self, say};
use common::mail::spelled_day;
use common::store::{Connections, Healths, Lot, Lots, Onboarding, Opening, StoreError, TokenRow};
use common::waiting::waits;
use common::web::session::Session;
use common::web::{Request, Response};
use common::world::World;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::activity::{Group, held, may_retry};
use crate::arrivals::Arrivals;
use crate::dates::grouped;
use crate::frame::{Frame, Tab};
use crate::summary::{Month, months};
use crate::view::View;
use checks::{Checked, checks};

/// The state of a connection whose disconnecting is to be finished.
const DISCONNECTING: &str = "disconnecting";

#[derive(Template)]
#[template(path = "home.html")]
struct Home<'a> {
    frame: Frame<'a>,
    /// How much of this month is in QuickBooks; where nothing was received yet, how it stands.
    headline: String,
    months: Vec<Month>,
    /// What needs the operator, by its reason.
    needs: Vec<Group>,
    /// How it stands, by the name its words stand under.
    name: &'static str,
    /// How good that is.
    state: &'static str,
    state_name: String,
    /// What happened, what we did, what to do, where something is wrong.
    says: String,
    company: Option<Company>,
    /// How much waits; empty where nothing does.
    waiting: String,
    /// The reason that is tried again by a button, where what waits is held up by the same refusal over and over; empty where
    /// nothing is, or where only a developer can mend it.
    held_up: &'static str,
    /// Whether something of what waited is on its way to QuickBooks.
    is_sending: bool,
    /// How far it is with what waited; none where it is not catching up or too much waits to be counted.
    progress: Option<Progress>,
    /// That mails do not reach the operator who looks; empty where they do.
    unreachable: String,
    /// What is asked about transactions that arrived while disconnected; empty where none did.
    arrivals: String,
    checks: Vec<Checked>,
    /// Whether reading the company again may mend what was checked, and the connection can be used for it.
    may_refresh: bool,
    /// The words on the button to Intuit; empty where there is nothing to connect.
    connect: String,
    may_disconnect: bool,
    /// Which connection the page shows.
    epoch: u64,
    /// Whether disconnecting was begun and is to be finished.
    is_disconnecting: bool,
}

/// How much of what waited is in QuickBooks by now.
struct Progress {
    recorded: u64,
    all: u64,
    says: String,
}

impl Progress {
    fn of(recorded: u64, waits: &Waits, language: Language) -> Option<Self> {
        if waits.more {
            return None;
        }
        let all = recorded + waits.count;
        let (done, of) = (grouped(recorded, language), grouped(all, language));
        let figures = [("recorded", done.as_str()), ("all", of.as_str())];
        Some(Self {
            recorded,
            all,
            says: say(language, "home-progress", None, &figures),
        })
    }
}

impl Home<'_> {
    /// Says how far it is with what waited: whether it is being sent, rests for a while, or is not tried at all.
    fn catches_up(&mut self, lot: &Lot, waits: &Waits, now: Timestamp, language: Language) {
        if let Some(reason) = &lot.paused {
            self.is_held_up(reason, language);
            return;
        }
        self.progress = Progress::of(lot.recorded, waits, language);
        self.is_sending = lot.rest_until.is_none_or(|until| until <= now);
        if !self.is_sending {
            self.says = say(language, "home-resting-says", None, &[]);
        }
    }

    /// Says that what waits is not tried, because it would be refused like what was tried.
    fn is_held_up(&mut self, reason: &Reason, language: Language) {
        self.name = "held-up";
        self.state = tone(self.name);
        self.state_name = say(language, "home-held-up", None, &[]);
        let refusal = locales::sentences(reason, language).happened;
        let says = |message| say(language, message, None, &[("refusal", &refusal)]);
        self.says = match may_retry(reason.code) {
            true => says("home-held-up-says"),
            false => says("home-held-up-ours"),
        };
        if may_retry(reason.code) {
            self.held_up = reason.code.as_str();
        }
    }
}

struct Company {
    name: String,
    id: String,
    connected: String,
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
    let mut opening = world.store().opening(merchant).await?;
    if let (Some(connection), Some(untold)) = (
        &opening.connection,
        opening.tokens.as_ref().and_then(|row| row.untold),
    ) {
        // Whoever decided it died before it was told.
        state::carry_out(world, merchant, connection.epoch, &untold).await?;
        opening = world.store().opening(merchant).await?;
    }
    let profile = world.store().merchant(merchant).await?;
    let health = world.store().health(merchant).await?;
    let waits = match &opening.connection {
        Some(_) => waits(world, merchant).await?,
        None => Waits::default(),
    };
    let now = world.now();
    let condition = condition(&opening, &health, &waits, now);
    let frame = Frame::of(world, session, Tab::Home, request);
    let mut home = home(
        frame,
        session,
        &opening,
        profile.as_ref(),
        request,
        condition,
        now,
    );
    let view = View::of(opening.connection.as_ref(), session.language);
    home.months = months(world, merchant, &view).await?;
    // What is held may be older than the months shown.
    let held = held(world, merchant).await?;
    home.needs = held.groups(&view);
    home.headline = headline(&home, session.language);
    home.waiting = waiting(&waits, session.language);
    if home.name == "catching-up" {
        let lot = world.store().lot(merchant).await?.unwrap_or_default();
        home.catches_up(&lot, &waits, now, session.language);
    }
    if request.query("done") == Some("connected") && home.is_sending {
        home.frame.done = say(session.language, "done-connected-sent", None, &[]);
    }
    home.unreachable = unreachable(session, profile.as_ref(), &health);
    let connection = &opening.connection;
    if connection
        .as_ref()
        .is_some_and(|connection| connection.closed().is_none())
    {
        home.arrivals = arrivals(held.arrivals, session.language);
    }
    let html = home.render().expect("writing to memory does not fail");
    Ok(Response::page(200, html))
}

fn home<'a>(
    mut frame: Frame<'a>,
    session: &Session,
    opening: &Opening,
    profile: Option<&MerchantProfile>,
    request: &Request,
    condition: Option<Condition>,
    now: Timestamp,
) -> Home<'a> {
    let language = session.language;
    let connection = opening.connection.as_ref();
    let words = |message: &str| say(language, message, None, &[]);
    let entitled = profile.is_some_and(|profile| profile.entitled);
    let state = state(opening, entitled, condition, now);
    let closed = connection.and_then(Connection::closed);
    let is_connected =
        connection.is_some_and(|connection| connection.state != ConnectionState::Disconnected);
    let says = match &closed {
        Some(_) if state == DISCONNECTING => words("home-disconnecting-says"),
        Some(_) if state == "disconnected" => words("home-disconnected-says"),
        Some(_) if state == "off" => words("home-off-says"),
        Some(reason) => closed_for(reason, language),
        None => says(state, condition, connection, language),
    };
    let connect = match (entitled, state) {
        (false, _)
        | (true, "connected" | "degraded" | "catching-up" | "switching" | "read-only" | "paused") => {
            String::new()
        }
        (true, "reconnect-needed" | "expiring" | "off") => words("home-reconnect"),
        (true, _) => words("home-connect"),
    };
    // What is not so any more is not said.
    let is_so = match request.query("done") {
        Some("disconnected") => state == "disconnected",
        _ => is_connected,
    };
    if !is_so {
        frame.done.clear();
    }
    let checks = connection
        .filter(|_| is_connected)
        .zip(profile)
        .map(|(connection, profile)| checks(connection, profile, language))
        .unwrap_or_default();
    let can_be_read = connection.is_some_and(|connection| connection.state.closed().is_none());
    Home {
        frame,
        headline: String::new(),
        months: Vec::new(),
        needs: Vec::new(),
        name: state,
        state: tone(state),
        state_name: words(&format!("home-{state}")),
        says,
        arrivals: String::new(),
        company: connection.map(|connection| company(connection, session, language)),
        waiting: String::new(),
        held_up: "",
        is_sending: false,
        progress: None,
        unreachable: String::new(),
        // What was mended in MioCommerce is seen at once, and counts once the company was read again.
        may_refresh: can_be_read
            && (state == "off" || checks.iter().any(|check| !check.cure.is_empty())),
        checks,
        connect,
        may_disconnect: is_connected,
        epoch: connection.map_or(0, |connection| connection.epoch),
        is_disconnecting: state == DISCONNECTING,
    }
}

fn headline(home: &Home<'_>, language: Language) -> String {
    let this = home.months.iter().find(|month| month.is_this);
    match this {
        Some(month) => month.says.clone(),
        None if home.may_disconnect => say(language, "summary-none-yet", None, &[]),
        None if home.name == "none" => say(language, "home-welcome", None, &[]),
        None => home.state_name.clone(),
    }
}

/// What is asked about transactions that arrived while disconnected; empty where none did.
fn arrivals(arrivals: Arrivals, language: Language) -> String {
    let how = match (arrivals.count, arrivals.or_more) {
        (0, false) => return String::new(),
        // Too much needs the operator to look through all of it.
        (0, true) => "perhaps",
        (1, false) => "one",
        (_, false) => "many",
        (1, true) => "one-or-more",
        (_, true) => "or-more",
    };
    let count = grouped(u64::try_from(arrivals.count).unwrap_or(u64::MAX), language);
    let figures = [("how", how), ("count", count.as_str())];
    say(language, "home-arrivals-say", None, &figures)
}

/// How the connection does, as far as tokens, health and what waits tell.
fn condition(
    opening: &Opening,
    health: &Health,
    waits: &Waits,
    now: Timestamp,
) -> Option<Condition> {
    let connection = opening.connection.as_ref()?;
    let tokens = opening.tokens.as_ref();
    let journal = tokens.map(TokenRow::candidates).unwrap_or_default();
    let standing = Standing {
        epoch: connection.epoch,
        state: connection.state,
        hard_expires_at: newest(&journal).and_then(|newest| newest.hard_expires_at),
    };
    let is_refused = tokens.is_some_and(|row| row.trial.is_some());
    let is_degraded = is_refused || health.degraded_since.is_some();
    Some(Condition::of(
        &standing,
        is_degraded,
        waits.is_moving(),
        now,
    ))
}

/// What is said of a connection that nothing is wrong with.
fn says(
    state: &str,
    condition: Option<Condition>,
    connection: Option<&Connection>,
    language: Language,
) -> String {
    let day = match (condition, connection) {
        (Some(Condition::Expiring(end)), Some(connection)) => {
            let day = connection.time_zone().to_datetime(end).date();
            spelled_day(day, language)
        }
        _ => String::new(),
    };
    let message = format!("home-{state}-says");
    say(language, &message, None, &[("day", &day)])
}

fn waiting(waits: &Waits, language: Language) -> String {
    let how = match (waits.count, waits.more) {
        (0, false) => return String::new(),
        (1, false) => "one",
        (_, false) => "many",
        (_, true) => "more",
    };
    let count = grouped(waits.count, language);
    say(
        language,
        "home-waiting",
        None,
        &[("how", how), ("count", &count)],
    )
}

/// Says so to an operator whose address mails do not get to.
fn unreachable(session: &Session, profile: Option<&MerchantProfile>, health: &Health) -> String {
    let reader = profile
        .and_then(|profile| profile.administrators.get(&session.operator))
        .map(|addressee| Reader::at(&session.merchant, &addressee.email));
    match reader.is_none_or(|reader| health.reaches(&reader)) {
        true => String::new(),
        false => say(session.language, "home-unreachable", None, &[]),
    }
}

/// What is said of a connection that is closed: why, what becomes of what arrives, and what to do.
fn closed_for(reason: &Reason, language: Language) -> String {
    let mut sentences = locales::sentences(reason, language);
    // What we did is said of one transaction.
    sentences.did = say(language, "home-closed-says", None, &[]);
    sentences.together()
}

/// How it stands, by the name its words stand under.
fn state(
    opening: &Opening,
    entitled: bool,
    condition: Option<Condition>,
    now: Timestamp,
) -> &'static str {
    let Some(connection) = &opening.connection else {
        return if entitled { "none" } else { "plan" };
    };
    match connection.state {
        ConnectionState::Connected if connection.off.is_some() => "off",
        ConnectionState::Connected if connection.opens_at.is_some_and(|opens| now < opens) => {
            "switching"
        }
        ConnectionState::Connected => match condition {
            Some(Condition::Degraded) => "degraded",
            Some(Condition::CatchingUp) => "catching-up",
            Some(Condition::Expiring(_)) => "expiring",
            _ => "connected",
        },
        ConnectionState::ReconnectNeeded(_) => "reconnect-needed",
        ConnectionState::ReadOnly => "read-only",
        ConnectionState::Paused => "paused",
        // The tokens go last.
        ConnectionState::Disconnected if opening.tokens.is_some() => DISCONNECTING,
        ConnectionState::Disconnected => "disconnected",
    }
}

fn tone(state: &str) -> &'static str {
    match state {
        "connected" | "catching-up" => "good",
        "reconnect-needed" | "read-only" | "off" | "held-up" => "bad",
        _ => "warn",
    }
}

fn company(connection: &Connection, session: &Session, language: Language) -> Company {
    let zone = TimeZone::get(&connection.time_zone).unwrap_or(TimeZone::UTC);
    let connected = connection.connected.as_ref().map(|connected| {
        let day = spelled_day(zone.to_datetime(connected.at).date(), language);
        let name = match connected.by == session.operator {
            true => say(language, "home-you", None, &[]),
            false => connected.name.clone(),
        };
        say(
            language,
            "home-connected-by",
            None,
            &[("day", &day), ("name", &name)],
        )
    });
    Company {
        name: connection.company.name.clone(),
        id: connection.company.realm.to_string(),
        connected: connected.unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_arrived_is_said_truly_however_little_was_counted() {
        let cases = [
            (0, false, "", ""),
            (
                1,
                false,
                "One transaction arrived",
                "Une transaction est arrivée",
            ),
            (
                7,
                false,
                "7 transactions arrived",
                "7 transactions sont arrivées",
            ),
            (
                1_000,
                false,
                "1,000 transactions arrived",
                "1\u{a0}000 transactions sont arrivées",
            ),
            (
                0,
                true,
                "Transactions may have",
                "Des transactions sont peut-être",
            ),
            (
                1,
                true,
                "At least one transaction",
                "Au moins une transaction",
            ),
            (
                7,
                true,
                "At least 7 transactions",
                "Au moins 7 transactions",
            ),
        ];
        for (count, or_more, english, french) in cases {
            let said = |language| arrivals(Arrivals { count, or_more }, language);
            for (language, begins) in [(Language::English, english), (Language::French, french)] {
                let said = said(language);
                assert!(said.starts_with(begins), "{said}");
                assert_eq!(said.is_empty(), begins.is_empty(), "{said}");
            }
        }
    }
}
