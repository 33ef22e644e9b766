//! The page: which company, how it stands, what the checklist found, and the buttons for it.

use askama::Template;
use bookkeeping::checklist::{Check, Sells, Subject, checklist};
use bookkeeping::connection::{Connection, ConnectionState};
use bookkeeping::merchant::MerchantProfile;
use bookkeeping::transaction::Language;
use common::locales::{self, say};
use common::store::{Connections, Onboarding, StoreError};
use common::web::Response;
use common::web::response::STYLE;
use common::web::session::Session;
use common::world::World;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::arrivals::{self, Arrivals};

#[derive(Template)]
#[template(path = "home.html")]
struct Home<'a> {
    language: Language,
    style: &'static str,
    merchant: &'a str,
    done: String,
    state: &'static str,
    state_name: String,
    /// What happened, what we did, what to do, where something is wrong.
    says: String,
    company: Option<Company>,
    /// What is asked about transactions that arrived while disconnected; empty where none did.
    arrivals: String,
    checks: Vec<Checked>,
    may_change: bool,
    /// The words on the button to Intuit; empty where there is nothing to connect.
    connect: String,
    may_disconnect: bool,
    csrf: String,
}

struct Company {
    name: String,
    id: String,
    connected: String,
}

struct Checked {
    tone: &'static str,
    verdict: String,
    subject: String,
    cure: String,
}

impl Home<'_> {
    fn say(&self, message: &str) -> String {
        say(self.language, message, None, &[])
    }
}

/// Draws the page.
///
/// # Errors
///
/// [`StoreError`] where the store is not to be had.
pub async fn page<W: World>(
    world: &W,
    session: &Session,
    done: Option<&str>,
) -> Result<Response, StoreError> {
    let merchant = &session.merchant;
    let connection = world.store().opening(merchant).await?.connection;
    let profile = world.store().merchant(merchant).await?;
    let mut home = home(
        session,
        connection.as_ref(),
        profile.as_ref(),
        done,
        world.now(),
    );
    if connection.is_some_and(|connection| connection.closed().is_none()) {
        home.arrivals = arrivals(arrivals::count(world, merchant).await?, session.language);
    }
    let html = home.render().expect("writing to memory does not fail");
    Ok(Response::page(200, html))
}

fn home<'a>(
    session: &'a Session,
    connection: Option<&Connection>,
    profile: Option<&MerchantProfile>,
    done: Option<&str>,
    now: Timestamp,
) -> Home<'a> {
    let language = session.language;
    let words = |message: &str| say(language, message, None, &[]);
    let entitled = profile.is_some_and(|profile| profile.entitled);
    let state = state(connection, entitled, now);
    let closed = connection.and_then(Connection::closed);
    let is_connected =
        connection.is_some_and(|connection| connection.state != ConnectionState::Disconnected);
    let says = match &closed {
        Some(reason) => locales::sentences(reason, language).together(),
        None => words(&format!("home-{state}-says")),
    };
    let connect = match (entitled, state) {
        (false, _) | (true, "connected" | "switching" | "read-only" | "paused" | "off") => {
            String::new()
        }
        (true, "reconnect-needed") => words("home-reconnect"),
        (true, _) => words("home-connect"),
    };
    Home {
        language,
        style: STYLE,
        merchant: &session.merchant_name,
        // Only what we redirect to ourselves; anybody can write anything into an address.
        done: match done {
            Some("connected") if state != "none" => words("home-done-connected"),
            Some("disconnected") if !is_connected => words("home-done-disconnected"),
            Some("sending") if is_connected => words("home-done-sending"),
            Some("left-out") if is_connected => words("home-done-left-out"),
            _ => String::new(),
        },
        state: tone(state),
        state_name: words(&format!("home-{state}")),
        says,
        arrivals: String::new(),
        company: connection.map(|connection| company(connection, session, language)),
        checks: connection
            .filter(|_| is_connected)
            .zip(profile)
            .map(|(connection, profile)| checks(connection, profile, language))
            .unwrap_or_default(),
        may_change: session.may_change(),
        connect,
        may_disconnect: is_connected,
        csrf: session.csrf(),
    }
}

/// What is asked about transactions that arrived while disconnected; empty where none did.
fn arrivals(arrivals: Arrivals, language: Language) -> String {
    let count = arrivals.count.to_string();
    match (arrivals.count, arrivals.or_more) {
        (0, false) => String::new(),
        (1, false) => say(language, "home-arrivals-one", None, &[]),
        (_, false) => say(language, "home-arrivals-many", None, &[("count", &count)]),
        (_, true) => say(language, "home-arrivals-more", None, &[("count", &count)]),
    }
}

/// How it stands, by the name its words stand under.
fn state(connection: Option<&Connection>, entitled: bool, now: Timestamp) -> &'static str {
    let Some(connection) = connection else {
        return if entitled { "none" } else { "plan" };
    };
    match connection.state {
        ConnectionState::Connected if connection.off.is_some() => "off",
        ConnectionState::Connected if connection.opens_at.is_some_and(|opens| now < opens) => {
            "switching"
        }
        ConnectionState::Connected => "connected",
        ConnectionState::ReconnectNeeded(_) => "reconnect-needed",
        ConnectionState::ReadOnly => "read-only",
        ConnectionState::Paused => "paused",
        ConnectionState::Disconnected => "disconnected",
    }
}

fn tone(state: &str) -> &'static str {
    match state {
        "connected" => "good",
        "reconnect-needed" | "read-only" | "off" => "bad",
        _ => "warn",
    }
}

fn company(connection: &Connection, session: &Session, language: Language) -> Company {
    let zone = TimeZone::get(&connection.time_zone).unwrap_or(TimeZone::UTC);
    let connected = connection.connected.as_ref().map(|connected| {
        let day = zone.to_datetime(connected.at).date().to_string();
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

fn checks(connection: &Connection, profile: &MerchantProfile, language: Language) -> Vec<Checked> {
    let sells = Sells {
        country: &profile.country,
        currency: profile.currency,
        tax_sets: &[],
    };
    let checks = checklist(&connection.company, &sells, &connection.settings.tax_map);
    checks
        .iter()
        .map(|check| checked(check, language))
        .collect()
}

fn checked(check: &Check, language: Language) -> Checked {
    let words = |message: &str| say(language, message, None, &[]);
    let subject = words(match check.subject {
        Subject::Accounting => "home-check-accounting",
        Subject::Country => "home-check-country",
        Subject::Currency => "home-check-currency",
        Subject::SalesTax => "home-check-sales-tax",
        Subject::Taxes => "home-check-taxes",
    });
    match &check.cure {
        None => Checked {
            tone: "good",
            verdict: words("home-check-good"),
            subject,
            cure: String::new(),
        },
        Some(cure) => Checked {
            tone: "bad",
            verdict: words("home-check-bad"),
            subject,
            cure: locales::cure(cure, language).together(),
        },
    }
}
