//! A month's transactions as a sheet: `GET /quickbooks/activity.csv?month=2026-11`.

use std::collections::BTreeMap;

use bookkeeping::connection::Connection;
use bookkeeping::money::{Amount, Currency};
use bookkeeping::reason::State;
use bookkeeping::transaction::{Kind, Language};
use common::locales::{say, sentences};
use common::store::activity::Entry;
use common::store::{Connections, StoreError};
use common::web::notice::Notice;
use common::web::session::Session;
use common::web::{Request, Response, visit};
use common::world::World;
use jiff::tz::TimeZone;

use crate::activity::state_name;
use crate::choices::method_name;
use crate::period::{LISTED_MAX, Period, add, read};

/// The first row: the messages its cells' words stand under.
const COLUMNS: [&str; 12] = [
    "sheet-day",
    "sheet-time",
    "activity-kind",
    "sheet-number",
    "sheet-customer",
    "sheet-method",
    "entry-amount",
    "sheet-currency",
    "activity-state",
    "sheet-receipt",
    "sheet-receipt-id",
    "sheet-why",
];

/// Gives the file: the newest first, then the sums by state and of everything. What does not fit stands in a next file, whose
/// address is the last row.
///
/// # Errors
///
/// [`StoreError`] where the store is not to be had.
pub async fn sheet<W: World>(
    world: &W,
    session: &Session,
    request: &Request,
) -> Result<Response, StoreError> {
    let Some(period) = request.query("month").and_then(Period::parse) else {
        let page = visit::notice(world, Notice::NotFound, request, Some(session), &[], &[]);
        return Ok(page);
    };
    let (merchant, language) = (&session.merchant, session.language);
    let connection = world.store().opening(merchant).await?.connection;
    let zone = connection
        .as_ref()
        .map_or(TimeZone::UTC, Connection::time_zone);
    // Spreadsheets read accents right where a file says by these bytes that it is UTF-8.
    let mut file = "\u{feff}".to_owned();
    write(
        &mut file,
        COLUMNS.map(|name| say(language, name, None, &[])),
    );
    let mut sums = BTreeMap::new();
    let after = request.query("after");
    let each = |entry: Entry| {
        if let Some(amount) = signed(&entry) {
            add(&mut sums, (amount.currency(), entry.row.state()), amount);
        }
        write(&mut file, row(&entry, &zone, language));
    };
    let next = read(world, (merchant, &zone), period, after, LISTED_MAX, each).await?;
    totals(&mut file, &sums, language);
    if let Some(next) = next {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("month", &period.key());
        query.append_pair("after", &next);
        let address = format!("/quickbooks/activity.csv?{}", query.finish());
        let words = say(language, "sheet-goes-on", None, &[("address", &address)]);
        write(&mut file, [words]);
    }
    Ok(Response::csv(
        &format!("quickbooks-{}.csv", period.key()),
        file,
    ))
}

fn row(entry: &Entry, zone: &TimeZone, language: Language) -> [String; 12] {
    let words = |message: &str| say(language, message, None, &[]);
    let row = &entry.row;
    let listing = row.listing.as_ref();
    let at = listing.map(|listing| zone.to_datetime(listing.moved_at));
    let amount = signed(entry);
    let text = |text: Option<String>| text.as_deref().map(harmless).unwrap_or_default();
    let synced = row.synced.as_ref().filter(|_| row.state() == State::Synced);
    let why = row.reason.as_ref().filter(|_| row.state() != State::Synced);
    [
        at.map(|at| at.date().to_string()).unwrap_or_default(),
        at.map(|at| at.strftime("%H:%M").to_string())
            .unwrap_or_default(),
        words(match entry.key.as_ref().map(|key| key.kind) {
            Some(Kind::Payment) => "activity-payment",
            Some(Kind::Refund) => "activity-refund",
            None => "activity-message",
        }),
        text(listing.and_then(|listing| listing.reference.clone())),
        text(listing.and_then(|listing| Some(listing.customer.as_ref()?.to_string()))),
        text(listing.and_then(|listing| Some(method_name(listing.method.as_ref()?, language)))),
        amount.map(Amount::decimal_text).unwrap_or_default(),
        amount
            .map(|amount| amount.currency().code().to_owned())
            .unwrap_or_default(),
        state_name(row.state(), language),
        text(synced.and_then(|synced| synced.number.clone())),
        text(synced.map(|synced| synced.receipt.to_string())),
        text(why.map(|why| sentences(why, language).happened)),
    ]
}

/// The money of an entry, less than nothing where it was paid back; none where that could not be read.
fn signed(entry: &Entry) -> Option<Amount> {
    let amount = entry.row.listing.as_ref()?.amount?;
    match entry.key.as_ref()?.kind {
        Kind::Payment => Some(amount),
        Kind::Refund => amount.checked_neg().ok(),
    }
}

fn totals(file: &mut String, sums: &BTreeMap<(Currency, State), Amount>, language: Language) {
    let total = say(language, "entry-total", None, &[]);
    let mut line = |amount: Amount, state: String| {
        let mut cells: [String; 12] = Default::default();
        cells[0].clone_from(&total);
        cells[6] = amount.decimal_text();
        amount.currency().code().clone_into(&mut cells[7]);
        cells[8] = state;
        write(file, cells);
    };
    let mut all = BTreeMap::new();
    for ((currency, state), amount) in sums {
        line(*amount, state_name(*state, language));
        add(&mut all, *currency, *amount);
    }
    all.into_values().for_each(|sum| line(sum, String::new()));
}

/// A text that no spreadsheet takes for a formula: what customers and others wrote may stand in it.
fn harmless(text: &str) -> String {
    match text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        true => format!("'{text}"),
        false => text.to_owned(),
    }
}

/// Writes a row as RFC 4180 has it.
fn write(file: &mut String, cells: impl IntoIterator<Item = String>) {
    let quoted = |cell: String| match cell.contains(['"', ',', '\r', '\n']) {
        true => format!("\"{}\"", cell.replace('"', "\"\"")),
        false => cell,
    };
    let cells: Vec<String> = cells.into_iter().map(quoted).collect();
    file.push_str(&cells.join(","));
    file.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_quoted_and_no_text_is_taken_for_a_formula() {
        let cases = [
            ("plain", "plain"),
            ("a, b", "\"a, b\""),
            ("he said \"no\"", "\"he said \"\"no\"\"\""),
            ("two\r\nlines", "\"two\r\nlines\""),
            ("=HYPERLINK(\"x\")", "\"'=HYPERLINK(\"\"x\"\")\""),
            ("+1", "'+1"),
            ("-2+3", "'-2+3"),
            ("@SUM(A1)", "'@SUM(A1)"),
        ];
        for (text, cell) in cases {
            let mut file = String::new();
            write(&mut file, [harmless(text), String::new()]);
            assert_eq!(file, format!("{cell},\r\n"));
        }
    }
}
