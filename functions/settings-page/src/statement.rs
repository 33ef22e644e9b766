//! A month held against the books, to the cent: `GET /quickbooks/statement?month=2026-11`.
//!
//! What was received, less what was paid back, is what is in QuickBooks and what is not, each with its reason.

use std::collections::{BTreeMap, BTreeSet};

use askama::Template;
use bookkeeping::company::Company;
use bookkeeping::connection::Connection;
use bookkeeping::ids::{MerchantId, TaxRateId};
use bookkeeping::money::{Amount, Currency};
use bookkeeping::reason::State;
use bookkeeping::transaction::{Kind, Language, TransactionKey};
use common::locales::say;
use common::mail::spelled;
use common::store::activity::Listed;
use common::store::{Activity, Connections, Ledger, Row as Stands, StoreError};
use common::web::notice::Notice;
use common::web::session::Session;
use common::web::{Request, Response, visit};
use common::world::World;
use futures::stream::{self, TryStreamExt};
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::activity::state_name;
use crate::choices::method_name;
use crate::dates::{grouped, short_day};
use crate::frame::{Frame, Tab};
use crate::period::{Period, add};

/// Most refunds that are looked up: a page answers in time however many there are.
const LOOKED_UP_MAX: usize = 10_000;

/// How many are looked up in one read.
const BATCH: usize = 100;

/// How many reads there are at once.
const AT_ONCE: usize = 8;

#[derive(Template)]
#[template(path = "statement.html")]
struct Page<'a> {
    frame: Frame<'a>,
    /// "November 2026".
    month: String,
    key: String,
    before: String,
    /// The month after; empty where that has not begun.
    after: String,
    /// How many have an amount nobody could read; empty where all have one.
    unread: String,
    /// How many refunds stand under no method because nobody looked; empty where all were looked up.
    not_looked_up: String,
    /// Whether there are more than were added up: then no sum would be true.
    too_many: bool,
    books: Vec<Book>,
}

/// The statement of one currency.
struct Book {
    currency: String,
    /// What is in QuickBooks and what is not, by state: how many, and how much.
    states: Vec<(String, usize, String)>,
    /// All of it: how many, and how much.
    count: usize,
    total: String,
    /// The same by day and by method, under the message of its heading.
    tables: [(&'static str, Vec<Row>); 2],
    /// The last row of both.
    sum: Row,
    /// Tax of the payments in QuickBooks, by its rate there.
    taxes: Vec<(String, String)>,
}

/// One day or method, or all of them.
struct Row {
    name: String,
    received: String,
    paid_back: String,
    posted: String,
    /// What is not in QuickBooks: what was received, and what was paid back; none where all of it is.
    unposted: Vec<String>,
    /// How many that is; empty where it is none.
    unposted_count: String,
}

/// Sums of one day, of one method, or of all.
#[derive(Clone)]
struct Sums {
    received: Amount,
    paid_back: Amount,
    posted: Amount,
    unposted: [Amount; 2],
    unposted_count: u64,
}

/// What is added up of one currency.
#[derive(Default)]
struct Tally {
    states: BTreeMap<State, Amount>,
    counts: BTreeMap<State, usize>,
    received: BTreeMap<Of, Amount>,
    paid_back: BTreeMap<Of, Amount>,
    posted: BTreeMap<Of, Amount>,
    /// What is not in QuickBooks: what was received, what was paid back, and how many that is. One that makes up for
    /// another is missing all the same.
    unposted: [BTreeMap<Of, Amount>; 2],
    unposted_counts: BTreeMap<Of, u64>,
    taxes: BTreeMap<TaxRateId, Amount>,
}

/// Whose sum it is.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Of {
    All,
    Day(Date),
    Method(String),
}

impl Tally {
    fn add(&mut self, one: &Listed, amount: Amount, zone: &TimeZone) {
        add(&mut self.states, one.state, amount);
        *self.counts.entry(one.state).or_default() += 1;
        let day = Of::Day(zone.to_datetime(one.at).date());
        for of in [Of::All, Of::Method(one.method.clone()), day] {
            match amount.is_negative() {
                true => add(&mut self.paid_back, of.clone(), amount),
                false => add(&mut self.received, of.clone(), amount),
            }
            if one.state == State::Synced {
                add(&mut self.posted, of, amount);
            } else {
                *self.unposted_counts.entry(of.clone()).or_default() += 1;
                let way = usize::from(amount.is_negative());
                add(&mut self.unposted[way], of, amount);
            }
        }
        for (rate, tax) in &one.taxes {
            let tax = Amount::from_minor(*tax, amount.currency());
            add(&mut self.taxes, rate.clone(), tax);
        }
    }

    fn sums(&self, of: &Of, currency: Currency) -> Sums {
        let sum = |sums: &BTreeMap<Of, Amount>| {
            let sum = sums.get(of).copied();
            sum.unwrap_or(Amount::zero(currency))
        };
        Sums {
            received: sum(&self.received),
            paid_back: sum(&self.paid_back),
            posted: sum(&self.posted),
            unposted: [sum(&self.unposted[0]), sum(&self.unposted[1])],
            unposted_count: self.unposted_counts.get(of).copied().unwrap_or_default(),
        }
    }

    fn book(&self, currency: Currency, company: Option<&Company>, language: Language) -> Book {
        let row = |of: &Of, name: String| self.sums(of, currency).row(name, language);
        let of: BTreeSet<&Of> = self.received.keys().chain(self.paid_back.keys()).collect();
        let mut days = Vec::new();
        let (mut methods, mut unsaid) = (Vec::new(), None);
        for of in of {
            match of {
                Of::All => {}
                Of::Day(day) => days.push(row(of, short_day(*day, language))),
                Of::Method(method) if method.is_empty() => {
                    unsaid = Some(row(of, say(language, "statement-unsaid", None, &[])));
                }
                Of::Method(method) => methods.push(row(of, method_name(method, language))),
            }
        }
        methods.extend(unsaid);
        let states = self.states.iter().map(|(state, amount)| {
            let count = self.counts.get(state).copied().unwrap_or_default();
            (
                state_name(*state, language),
                count,
                spelled(*amount, language),
            )
        });
        let rates = company.into_iter().flat_map(|company| &company.tax_codes);
        let rates: Vec<_> = rates.flat_map(|code| &code.rates).collect();
        let taxes = self.taxes.iter().filter(|(_, amount)| !amount.is_zero());
        let taxes = taxes.map(|(id, amount)| {
            let known = rates.iter().find(|rate| rate.id == *id);
            let name = known.map_or_else(|| id.to_string(), |rate| rate.name.clone());
            (name, spelled(*amount, language))
        });
        let all = self.sums(&Of::All, currency);
        let sum = all.row(say(language, "entry-total", None, &[]), language);
        Book {
            currency: currency.code().to_owned(),
            states: states.collect(),
            count: self.counts.values().sum(),
            total: spelled(all.net(), language),
            tables: [("statement-days", days), ("statement-methods", methods)],
            sum,
            taxes: taxes.collect(),
        }
    }
}

impl Sums {
    /// What was received, less what was paid back.
    fn net(&self) -> Amount {
        self.received
            .checked_add(self.paid_back)
            .unwrap_or(self.received)
    }

    fn row(&self, name: String, language: Language) -> Row {
        let text = |amount: Amount| spelled(amount, language);
        let unposted = self.unposted.into_iter().filter(|sum| !sum.is_zero());
        let count = match self.unposted_count {
            0 => String::new(),
            count => format!("({})", grouped(count, language)),
        };
        Row {
            name,
            received: text(self.received),
            paid_back: text(self.paid_back),
            posted: text(self.posted),
            unposted: unposted.map(text).collect(),
            unposted_count: count,
        }
    }
}

/// Draws the page; of the month we are in, where the address names none.
///
/// # Errors
///
/// [`StoreError`] where the store is not to be had.
pub async fn page<W: World>(
    world: &W,
    session: &Session,
    request: &Request,
) -> Result<Response, StoreError> {
    let (merchant, language) = (&session.merchant, session.language);
    let connection = world.store().opening(merchant).await?.connection;
    let zone = connection
        .as_ref()
        .map_or(TimeZone::UTC, Connection::time_zone);
    let this = Period::of(zone.to_datetime(world.now()).date());
    let asked = request.query("month").map_or(Some(this), Period::parse);
    let Some(period) = asked else {
        let page = visit::notice(world, Notice::NotFound, request, Some(session), &[], &[]);
        return Ok(page);
    };
    let mut tallies: BTreeMap<Currency, Tally> = BTreeMap::new();
    let mut unread = 0_usize;
    let mut add = |one: &Listed| match one.signed() {
        Some(amount) => tallies
            .entry(amount.currency())
            .or_default()
            .add(one, amount, &zone),
        None => unread += 1,
    };
    let mut unsaid = Vec::new();
    let each = |one: Listed| match one.kind {
        Some(Kind::Refund) if one.method.is_empty() => unsaid.push(one),
        _ => add(&one),
    };
    let is_whole = match period.bounds(&zone) {
        Some((from, until)) => world.store().tally(merchant, from, until, each).await?,
        None => true,
    };
    let left = say_how(world, merchant, &mut unsaid).await?;
    unsaid.iter().for_each(add);
    let company = connection.as_ref().map(|connection| &connection.company);
    let books = tallies.iter();
    let books = books.map(|(currency, tally)| tally.book(*currency, company, language));
    let key = |period: Option<Period>| period.map(Period::key).unwrap_or_default();
    let count = unread.to_string();
    let page = Page {
        frame: Frame::of(world, session, Tab::Activity, request),
        month: period.name(language),
        key: period.key(),
        before: key(period.before()),
        after: key(period.after().filter(|_| period != this)),
        unread: match unread {
            0 => String::new(),
            _ => say(language, "statement-unread", None, &[("count", &count)]),
        },
        not_looked_up: match left {
            0 => String::new(),
            _ => {
                let count = grouped(u64::try_from(left).unwrap_or(u64::MAX), language);
                say(
                    language,
                    "statement-not-looked-up",
                    None,
                    &[("count", &count)],
                )
            }
        },
        too_many: !is_whole,
        books: books.collect(),
    };
    let html = page.render().expect("writing to memory does not fail");
    Ok(Response::page(200, html))
}

/// Says of refunds that do not say it themselves how the money went back: as it came, by their payments. Gives how many
/// were not looked up.
async fn say_how<W: World>(
    world: &W,
    merchant: &MerchantId,
    refunds: &mut [Listed],
) -> Result<usize, StoreError> {
    // They come in no order; the same are looked up each time.
    refunds.sort_by(|one, other| (one.at, &one.id).cmp(&(other.at, &other.id)));
    let (looked_up, rest) = refunds.split_at_mut(refunds.len().min(LOOKED_UP_MAX));
    stream::iter(looked_up.chunks_mut(BATCH).map(Ok))
        .try_for_each_concurrent(AT_ONCE, async |refunds| {
            say_how_of(world, merchant, refunds).await
        })
        .await?;
    Ok(rest.len())
}

/// The same of one batch; a refund whose payment is not ours stays as it is.
async fn say_how_of<W: World>(
    world: &W,
    merchant: &MerchantId,
    refunds: &mut [Listed],
) -> Result<(), StoreError> {
    let key = |refund: &Listed| TransactionKey {
        merchant: merchant.clone(),
        kind: Kind::Refund,
        id: refund.id.clone(),
    };
    let keys: Vec<TransactionKey> = refunds.iter().map(key).collect();
    let rows = world.store().rows(&keys).await?;
    let payment = |row: &Stands| {
        let payment = row.listing.as_ref()?.payment.as_ref()?;
        Some(TransactionKey::payment(merchant.clone(), payment))
    };
    let keys: Vec<TransactionKey> = rows.values().filter_map(payment).collect();
    let payments = world.store().rows(&keys).await?;
    for refund in refunds {
        let payment = rows.get(&key(refund)).and_then(payment);
        let payment = payment.and_then(|payment| payments.get(&payment));
        let listing = payment.and_then(|payment| payment.listing.as_ref());
        refund.method = listing
            .and_then(|listing| listing.method.clone())
            .unwrap_or_default();
    }
    Ok(())
}
