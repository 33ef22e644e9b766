//! A month's transactions as a sheet: `GET /quickbooks/activity.csv?month=2026-11`.

use std::collections::BTreeMap;

use bookkeeping::ids::MerchantId;
use bookkeeping::money::{Amount, Currency};
use bookkeeping::reason::State;
use bookkeeping::transaction::{Kind, Language};
use common::locales::{say, sentences};
use common::store::activity::{Entry, Listed, method};
use common::store::{Activity, Connections, StoreError};
use common::web::notice::Notice;
use common::web::session::Session;
use common::web::{Request, Response, visit};
use common::world::World;

use crate::choices::method_name;
use crate::period::{LISTED_MAX, Period, add, read};
use crate::stands::Stands;
use crate::view::View;

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

/// How a spreadsheet reads figures where the reader's language is spoken: Excel takes both from the system's region, and a file
/// of the other form for one column of text.
#[derive(Clone, Copy)]
struct Form {
    /// What stands between two cells.
    between: char,
    /// What stands before the cents.
    point: char,
}

impl Form {
    fn of(language: Language) -> Self {
        match language {
            Language::English => Self {
                between: ',',
                point: '.',
            },
            Language::French => Self {
                between: ';',
                point: ',',
            },
        }
    }

    fn amount(self, amount: Amount) -> String {
        amount.decimal_text().replace('.', &self.point.to_string())
    }

    /// Writes a row as RFC 4180 has it, but for what stands between the cells.
    fn write(self, file: &mut String, cells: impl IntoIterator<Item = String>) {
        let quoted = |cell: String| match cell.contains(['"', ',', ';', '\r', '\n']) {
            true => format!("\"{}\"", cell.replace('"', "\"\"")),
            false => cell,
        };
        let cells: Vec<String> = cells.into_iter().map(quoted).collect();
        file.push_str(&cells.join(&self.between.to_string()));
        file.push_str("\r\n");
    }
}

/// Sums of one file or month.
type Sums = BTreeMap<(Currency, Stands), Amount>;

/// Gives the file: the newest first, then the sums by where it stands and of everything. What does not fit stands in a next file,
/// whose address is the last row; the last of several ends with the sums of the month.
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
    let view = View::of(connection.as_ref(), language);
    let form = Form::of(language);
    // Spreadsheets read accents right where a file says by these bytes that it is UTF-8.
    let mut file = "\u{feff}".to_owned();
    form.write(
        &mut file,
        COLUMNS.map(|name| say(language, name, None, &[])),
    );
    let mut sums = Sums::new();
    let after = request.query("after");
    let each = |entry: Entry| {
        let stands = Stands::of_row(&entry.row, &view);
        let cells = row(&entry, &stands, &view);
        if let Some(amount) = signed(&entry) {
            add(&mut sums, (amount.currency(), stands), amount);
        }
        form.write(&mut file, cells);
    };
    let zone = &view.zone;
    let next = read(world, (merchant, zone), period, after, LISTED_MAX, each).await?;
    let part = request.query("part").and_then(|part| part.parse().ok());
    let part: u32 = part.unwrap_or(1);
    let is_whole = after.is_none() && next.is_none();
    let label = if is_whole {
        "entry-total"
    } else {
        "sheet-part"
    };
    totals(&mut file, label, &sums, &view);
    match next {
        Some(next) => {
            let mut query = form_urlencoded::Serializer::new(String::new());
            query.append_pair("month", &period.key());
            query.append_pair("part", &part.saturating_add(1).to_string());
            query.append_pair("after", &next);
            // A saved file has no page beside it that an address could begin at.
            let here = world.public_url();
            let address = format!("{here}/quickbooks/activity.csv?{}", query.finish());
            let words = say(language, "sheet-goes-on", None, &[("address", &address)]);
            form.write(&mut file, [words]);
        }
        None if is_whole => {}
        None => match month(world, merchant, period, &view).await? {
            Some(sums) => totals(&mut file, "sheet-month", &sums, &view),
            None => form.write(&mut file, [say(language, "sheet-too-many", None, &[])]),
        },
    }
    let part = match part {
        1 => String::new(),
        part => format!("-{part}"),
    };
    Ok(Response::csv(
        &format!("quickbooks-{}{part}.csv", period.key()),
        file,
    ))
}

/// The sums of a whole month; none where there is more than can be added up.
async fn month<W: World>(
    world: &W,
    merchant: &MerchantId,
    period: Period,
    view: &View<'_>,
) -> Result<Option<Sums>, StoreError> {
    let mut sums = Sums::new();
    let each = |one: Listed| {
        if let Some(amount) = one.signed() {
            let stands = Stands::of_listed(&one, view);
            add(&mut sums, (amount.currency(), stands), amount);
        }
    };
    let is_whole = match period.bounds(&view.zone) {
        Some((from, until)) => world.store().tally(merchant, from, until, each).await?,
        None => true,
    };
    Ok(is_whole.then_some(sums))
}

fn row(entry: &Entry, stands: &Stands, view: &View<'_>) -> [String; 12] {
    let language = view.language;
    let words = |message: &str| say(language, message, None, &[]);
    let row = &entry.row;
    let listing = row.listing.as_ref();
    let at = listing.map(|listing| view.zone.to_datetime(listing.moved_at));
    let amount = signed(entry);
    let text = |text: Option<String>| text.as_deref().map(harmless).unwrap_or_default();
    let synced = row.synced.as_ref().filter(|_| row.state() == State::Synced);
    let why = row.reason.as_ref().filter(|_| row.state() != State::Synced);
    let moved_by = listing.map(|listing| method(listing, row.reason.as_ref()));
    let moved_by = moved_by.filter(|method| !method.is_empty());
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
        text(moved_by.map(|method| method_name(method, language))),
        amount
            .map(|amount| Form::of(language).amount(amount))
            .unwrap_or_default(),
        amount
            .map(|amount| amount.currency().code().to_owned())
            .unwrap_or_default(),
        harmless(&stands.name(view)),
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

/// Writes sums under a label: each, then all of each currency; what moved no money is in none of all.
fn totals(file: &mut String, label: &str, sums: &Sums, view: &View<'_>) {
    let form = Form::of(view.language);
    let label = say(view.language, label, None, &[]);
    let mut line = |amount: Amount, stands: String| {
        let mut cells: [String; 12] = Default::default();
        cells[0].clone_from(&label);
        cells[6] = form.amount(amount);
        amount.currency().code().clone_into(&mut cells[7]);
        cells[8] = stands;
        form.write(file, cells);
    };
    let mut all = BTreeMap::new();
    for ((currency, stands), amount) in sums {
        line(*amount, harmless(&stands.name(view)));
        if *stands != Stands::NoMoney {
            add(&mut all, *currency, *amount);
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_quoted_and_no_text_is_taken_for_a_formula() {
        let cases = [
            ("plain", "plain"),
            ("a, b", "\"a, b\""),
            ("a; b", "\"a; b\""),
            ("he said \"no\"", "\"he said \"\"no\"\"\""),
            ("two\r\nlines", "\"two\r\nlines\""),
            ("=HYPERLINK(\"x\")", "\"'=HYPERLINK(\"\"x\"\")\""),
            ("+1", "'+1"),
            ("-2+3", "'-2+3"),
            ("@SUM(A1)", "'@SUM(A1)"),
        ];
        for (text, cell) in cases {
            for (language, between) in [(Language::English, ','), (Language::French, ';')] {
                let mut file = String::new();
                let cells = [harmless(text), String::new()];
                Form::of(language).write(&mut file, cells);
                assert_eq!(file, format!("{cell}{between}\r\n"));
            }
        }
    }
}
