//! Control: what a test asks of the simulator itself, under `/simulator`.

use jiff::{SignedDuration, Timestamp};

use crate::books::Entry;
use crate::intuit::Intuit;
use crate::json::Json;
use crate::kind::Kind;
use crate::message::{Reply, Request};
use crate::oauth::ACCOUNTING;
use crate::switches::Switches;
use crate::trouble::Trouble;

/// Answers a control request.
pub(crate) fn answer(intuit: &mut Intuit, now: Timestamp, request: &Request) -> Reply {
    let text = String::from_utf8_lossy(&request.body).into_owned();
    let body = Json::read(&text).unwrap_or_else(|_| Json::empty());
    let segments: Vec<&str> = request
        .path
        .split('/')
        .filter(|segment| !segment.is_empty())
        .skip(1)
        .collect();
    let outcome = match (request.method.as_str(), segments.as_slice()) {
        ("GET", ["counters"]) => Ok(counters(intuit)),
        ("GET", ["requests", realm]) => requests(intuit, realm),
        ("GET", ["books", realm]) => books(intuit, realm),
        ("GET", ["switches", realm]) => switches_of(intuit, realm),
        ("GET", ["troubles"]) => serde_json::to_string(intuit.troubles.all())
            .map_err(|error| error.to_string())
            .and_then(|text| Json::read(&text)),
        ("GET", ["clock"]) => Ok(clock(intuit, now)),
        ("POST", ["trouble"]) => trouble(intuit, now, &text),
        ("POST", ["switches"]) => switches(intuit, &body),
        ("POST", ["clock"]) => advance(intuit, now, &body),
        ("POST", ["connect"]) => connect(intuit, now, &body),
        ("POST", ["app"]) => app(intuit, &body),
        ("POST", ["company"]) => intuit
            .add_company(&text)
            .map(|realm| Json::object([("realm", Json::text(realm))])),
        ("POST", ["deposit"]) => deposit(intuit, &body),
        ("POST", ["merge"]) => merge(intuit, now, &body),
        ("POST", ["edit"]) => edit(intuit, now, &body),
        ("POST", ["reset"]) => {
            intuit.reset();
            Ok(done())
        }
        _ => Err(format!(
            "{} {} is not a control route",
            request.method, request.path
        )),
    };
    match outcome {
        Ok(body) => Reply::new(200, "application/json", body.to_text()),
        Err(problem) => Reply::new(
            400,
            "application/json",
            Json::object([("error", Json::text(problem))]).to_text(),
        ),
    }
}

fn done() -> Json {
    Json::object([("ok", Json::Bool(true))])
}

fn said<'a>(body: &'a Json, name: &str) -> Result<&'a str, String> {
    body.said(name).ok_or_else(|| format!("{name} is missing"))
}

/// The figures of every company by realm.
pub(crate) fn counters(intuit: &Intuit) -> Json {
    let mut realms: Vec<&String> = intuit.companies.keys().collect();
    realms.sort();
    let mut out = Json::empty();
    for realm in realms {
        let company = &intuit.companies[realm];
        let mut figures = company.counters.to_json();
        for (name, count) in [
            ("max_in_flight", company.limits.max_in_flight),
            ("max_starts_in_a_second", company.limits.max_in_a_second),
            ("max_starts_in_a_minute", company.limits.max_in_a_minute),
        ] {
            figures.set(name, Json::from(u64::try_from(count).unwrap_or(u64::MAX)));
        }
        out.set(realm, figures);
    }
    out
}

/// How often each request id came, and with how many different contents.
fn requests(intuit: &Intuit, realm: &str) -> Result<Json, String> {
    if !intuit.companies.contains_key(realm) {
        return Err("there is no such company".to_owned());
    }
    let row = |(id, seen): (String, crate::counters::Seen)| {
        let contents = u64::try_from(seen.contents).unwrap_or(u64::MAX);
        let figures = [
            ("requests", Json::from(seen.requests)),
            ("contents", Json::from(contents)),
        ];
        (id, Json::object(figures))
    };
    let rows = intuit.request_ids(realm).into_iter().map(row);
    Ok(Json::Object(rows.collect()))
}

fn books(intuit: &Intuit, realm: &str) -> Result<Json, String> {
    let company = intuit
        .companies
        .get(realm)
        .ok_or("there is no such company")?;
    let mut out = Json::object([
        ("realm", Json::text(realm)),
        ("name", Json::text(company.name())),
    ]);
    for kind in Kind::ALL {
        out.set(
            kind.name(),
            Json::List(
                company
                    .books
                    .all(kind)
                    .map(crate::books::Record::values)
                    .collect(),
            ),
        );
    }
    Ok(out)
}

fn switches_of(intuit: &Intuit, realm: &str) -> Result<Json, String> {
    let company = intuit
        .companies
        .get(realm)
        .ok_or("there is no such company")?;
    serde_json::to_string(&company.switches)
        .map_err(|error| error.to_string())
        .and_then(|text| Json::read(&text))
}

fn trouble(intuit: &mut Intuit, now: Timestamp, text: &str) -> Result<Json, String> {
    let trouble: Trouble = serde_json::from_str(text).map_err(|error| error.to_string())?;
    if let Some(realm) = trouble
        .realm
        .as_ref()
        .filter(|realm| !intuit.companies.contains_key(*realm))
    {
        return Err(format!("there is no company {realm}"));
    }
    intuit.trouble(now - intuit.offset, trouble);
    Ok(done())
}

/// Turns switches of one company, or of all where no realm is named.
fn switches(intuit: &mut Intuit, body: &Json) -> Result<Json, String> {
    let mut changes = body.clone();
    changes.remove("realm");
    let changes = changes.to_text();
    let mut turned: Vec<(String, Switches)> = Vec::new();
    for company in intuit.companies.values().filter(|company| {
        body.said("realm")
            .is_none_or(|realm| realm == company.realm)
    }) {
        turned.push((company.realm.clone(), company.switches.turned(&changes)?));
    }
    if turned.is_empty() {
        return Err("there is no such company".to_owned());
    }
    for (realm, switches) in turned {
        if let Some(company) = intuit.companies.get_mut(&realm) {
            company.switches = switches;
        }
    }
    Ok(done())
}

fn advance(intuit: &mut Intuit, now: Timestamp, body: &Json) -> Result<Json, String> {
    let seconds = body
        .get("advance_seconds")
        .and_then(Json::as_number)
        .and_then(|number| i64::try_from(number).ok());
    let seconds = seconds.ok_or("advance_seconds is missing")?;
    let real = now - intuit.offset;
    intuit.offset += SignedDuration::from_secs(seconds);
    intuit.advance(real);
    Ok(clock(intuit, real + intuit.offset))
}

fn clock(intuit: &Intuit, now: Timestamp) -> Json {
    let ahead = Json::Number(intuit.offset.as_secs().into());
    Json::object([
        ("now", Json::text(now.to_string())),
        ("ahead_seconds", ahead),
    ])
}

/// Tokens as if the merchant had consented, in the shape of the token endpoint, with the realm.
fn connect(intuit: &mut Intuit, now: Timestamp, body: &Json) -> Result<Json, String> {
    let realm = said(body, "realm")?;
    if !intuit.companies.contains_key(realm) {
        return Err(format!("there is no company {realm}"));
    }
    if body
        .said("client_id")
        .is_some_and(|id| id != intuit.app.client_id)
    {
        return Err("client_id is not the registered app's".to_owned());
    }
    let scope = body.said("scope").unwrap_or(ACCOUNTING);
    let tokens = intuit.grants.connect(realm, scope, now, &mut intuit.random);
    Ok(Json::object([
        ("realmId", Json::text(&tokens.realm)),
        ("token_type", Json::text("bearer")),
        ("expires_in", Json::from(3600)),
        (
            "x_refresh_token_expires_in",
            Json::Number(tokens.refresh_expires_in.into()),
        ),
        ("refresh_token", Json::text(&tokens.refresh)),
        ("access_token", Json::text(&tokens.access)),
    ]))
}

/// Registers the app: its id, its secret, where it sends merchants back to.
fn app(intuit: &mut Intuit, body: &Json) -> Result<Json, String> {
    if let Some(id) = body.said("client_id") {
        id.clone_into(&mut intuit.app.client_id);
    }
    if let Some(secret) = body.said("client_secret") {
        secret.clone_into(&mut intuit.app.client_secret);
    }
    if let Some(uris) = body.get("redirect_uris") {
        intuit.app.redirect_uris = uris
            .items()
            .iter()
            .filter_map(Json::as_text)
            .map(str::to_owned)
            .collect();
    }
    Ok(done())
}

fn entity(body: &Json) -> Result<Kind, String> {
    let name = body.said("entity").unwrap_or("SalesReceipt");
    Kind::named(name).ok_or_else(|| format!("there is no entity {name}"))
}

/// The merchant groups a receipt into a bank deposit, which locks it.
fn deposit(intuit: &mut Intuit, body: &Json) -> Result<Json, String> {
    let company = intuit
        .companies
        .get_mut(said(body, "realm")?)
        .ok_or("there is no such company")?;
    let found = company.books.deposit(entity(body)?, said(body, "id")?);
    if found {
        Ok(done())
    } else {
        Err("there is no such receipt".to_owned())
    }
}

/// The merchant merges one customer into another: the losing id disappears, its receipts are the winner's.
fn merge(intuit: &mut Intuit, now: Timestamp, body: &Json) -> Result<Json, String> {
    let company = intuit
        .companies
        .get_mut(said(body, "realm")?)
        .ok_or("there is no such company")?;
    let (winner, loser) = (said(body, "winner")?, said(body, "loser")?);
    let books = &mut company.books;
    let name = books
        .find(Kind::Customer, winner)
        .ok_or("there is no such winner")?
        .name
        .clone();
    books
        .find(Kind::Customer, loser)
        .ok_or("there is no such loser")?;
    for kind in [Kind::SalesReceipt, Kind::RefundReceipt] {
        let theirs: Vec<Json> = books
            .all(kind)
            .map(crate::books::Record::values)
            .filter(|values| values.refers("CustomerRef") == Some(loser))
            .collect();
        for mut values in theirs {
            values.set("CustomerRef", Json::reference(winner, &name));
            let id = values.said("Id").map(str::to_owned);
            books.put(Entry { kind, id, values }, now);
        }
    }
    books.remove(Kind::Customer, loser, now);
    Ok(done())
}

/// The merchant changes a record on the screens: members of `set` are laid over it, or it is removed.
fn edit(intuit: &mut Intuit, now: Timestamp, body: &Json) -> Result<Json, String> {
    let company = intuit
        .companies
        .get_mut(said(body, "realm")?)
        .ok_or("there is no such company")?;
    let kind = entity(body)?;
    let id = body.said("id").unwrap_or("1");
    let mut values = company
        .books
        .find(kind, id)
        .ok_or("there is no such record")?
        .values();
    if body.get("remove").and_then(Json::as_bool) == Some(true) {
        company.books.remove(kind, id, now);
        return Ok(done());
    }
    lay_over(&mut values, body.get("set").unwrap_or(&Json::Null));
    if !kind.is_receipt() {
        company.books.free_names(kind, id);
    }
    company.books.put(
        Entry {
            kind,
            id: Some(id.to_owned()),
            values,
        },
        now,
    );
    Ok(done())
}

fn lay_over(values: &mut Json, changes: &Json) {
    for (name, change) in changes.members() {
        match (values.get(name).cloned(), change) {
            (Some(mut inner @ Json::Object(_)), Json::Object(_)) => {
                lay_over(&mut inner, change);
                values.set(name, inner);
            }
            (_, Json::Null) => values.remove(name),
            _ => values.set(name, change.clone()),
        }
    }
}
