//! A month held against the books, to the cent: `GET /quickbooks/statement?month=2026-11`.
//!
//! What was received, less what was paid back, is what is in QuickBooks and what is not, each with its reason.

use std::collections::{BTreeMap, BTreeSet};

use askama::Template;
use bookkeeping::ids::{MerchantId, RealmId, TaxRateId};
use bookkeeping::money::{Amount, Currency};
use bookkeeping::transaction::{Kind, TransactionKey};
use common::locales::say;
use common::mail::spelled;
use common::store::activity::Listed;
use common::store::{Activity, Connections, Ledger, Row as LedgerRow, StoreError};
use common::web::notice::Notice;
use common::web::session::Session;
use common::web::{Request, Response, visit};
use common::world::World;
use futures::stream::{self, TryStreamExt};
use jiff::civil::Date;

use crate::choices::method_name;
use crate::dates::{grouped, short_day};
use crate::frame::{Frame, Tab};
use crate::period::{Period, add};
use crate::stands::Stands;
use crate::view::View;

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
    /// How many messages nobody could read; empty where all could be.
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
    /// What is in QuickBooks and what is not: how many, and how much.
    stands: Vec<(String, String, String)>,
    /// All of it: how many, and how much.
    count: String,
    total: String,
    /// What is left out and moved no money, in words; empty where there is none.
    no_money: String,
    /// The same by day and by method, under the message of its heading.
    tables: [(&'static str, Vec<Row>); 2],
    /// What stands above the sums of both.
    columns: Vec<String>,
    /// The last row of both.
    sum: Row,
    /// Tax of the payments in QuickBooks, by its rate there, each company's under what is said of it.
    taxes: Vec<(String, Taxes)>,
}

/// Rates with what was charged.
type Taxes = Vec<(String, String)>;

/// One day or method, or all of them.
struct Row {
    name: String,
    /// One for each column.
    cells: Vec<Cell>,
}

/// What is added up in one column.
struct Cell {
    /// What came in, and what went back where that is not taken off it; none where it is nothing.
    sums: Vec<String>,
    /// How many that is, where that is told; empty where it is none.
    count: String,
}

/// A column of sums.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Column {
    Received,
    PaidBack,
    /// What is in QuickBooks.
    In(Stands),
    /// What is not recorded by us.
    Unposted,
}

impl Column {
    /// The column of what stands so.
    fn of(stands: &Stands) -> Self {
        match stands {
            Stands::Not(_) | Stands::NoMoney => Self::Unposted,
            stands => Self::In(stands.clone()),
        }
    }

    /// Whether what came in and what went back stand apart, counted: one that makes up for another is missing all the same.
    fn is_apart(&self) -> bool {
        matches!(self, Self::Unposted | Self::In(Stands::Differs))
    }

    fn name(&self, view: &View<'_>) -> String {
        let words = |message: &str| say(view.language, message, None, &[]);
        match self {
            Self::Received => words("statement-received"),
            Self::PaidBack => words("statement-paid-back"),
            Self::In(stands) => stands.name(view),
            Self::Unposted => words("statement-unposted"),
        }
    }
}

/// What is added up of one currency.
#[derive(Default)]
struct Tally {
    stands: BTreeMap<Stands, Amount>,
    counts: BTreeMap<Stands, u64>,
    /// What came in and what went back.
    sums: [BTreeMap<(Of, Column), Amount>; 2],
    /// How many that is.
    numbers: BTreeMap<(Of, Column), u64>,
    /// What is left out and moved no money: how many, and how much.
    no_money: (u64, Option<Amount>),
    taxes: BTreeMap<(Option<RealmId>, TaxRateId), Amount>,
}

/// Whose sum it is.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Of {
    All,
    Day(Date),
    Method(String),
}

impl Tally {
    fn add(&mut self, one: &Listed, amount: Amount, view: &View<'_>) {
        let stands = Stands::of_listed(one, view);
        if stands == Stands::NoMoney {
            let (count, sum) = &mut self.no_money;
            *count += 1;
            *sum = match *sum {
                None => Some(amount),
                Some(sum) => Some(sum.checked_add(amount).unwrap_or(sum)),
            };
            return;
        }
        let way = usize::from(amount.is_negative());
        let moved = [Column::Received, Column::PaidBack][way].clone();
        let day = Of::Day(view.zone.to_datetime(one.at).date());
        for of in [Of::All, Of::Method(one.method.clone()), day] {
            for column in [moved.clone(), Column::of(&stands)] {
                let of = (of.clone(), column);
                *self.numbers.entry(of.clone()).or_default() += 1;
                add(&mut self.sums[way], of, amount);
            }
        }
        for (rate, tax) in &one.taxes {
            let tax = Amount::from_minor(*tax, amount.currency());
            add(&mut self.taxes, (one.realm.clone(), rate.clone()), tax);
        }
        *self.counts.entry(stands.clone()).or_default() += 1;
        add(&mut self.stands, stands, amount);
    }

    /// The columns: those of every statement, and those there is something in.
    fn columns(&self) -> Vec<Column> {
        let every = [
            Column::Received,
            Column::PaidBack,
            Column::In(Stands::Here),
            Column::Unposted,
        ];
        let used = self.numbers.keys().map(|(_, column)| column.clone());
        let all: BTreeSet<Column> = every.into_iter().chain(used).collect();
        all.into_iter().collect()
    }

    fn row(&self, of: &Of, name: String, currency: Currency, view: &View<'_>) -> Row {
        let text = |amount: Amount| spelled(amount, view.language);
        let cell = |column: Column| {
            let at = (of.clone(), column);
            let sums = [0, 1].map(|way| self.sums[way].get(&at).copied());
            let [came, went] = sums.map(|sum| sum.unwrap_or(Amount::zero(currency)));
            if !at.1.is_apart() {
                let sum = came.checked_add(went).unwrap_or(came);
                return Cell {
                    sums: vec![text(sum)],
                    count: String::new(),
                };
            }
            let sums = [came, went].into_iter().filter(|sum| !sum.is_zero());
            let count = self.numbers.get(&at).copied().unwrap_or_default();
            Cell {
                sums: sums.map(text).collect(),
                count: match count {
                    0 => String::new(),
                    count => format!("({})", grouped(count, view.language)),
                },
            }
        };
        Row {
            name,
            cells: self.columns().into_iter().map(cell).collect(),
        }
    }

    fn book(&self, currency: Currency, view: &View<'_>) -> Book {
        let language = view.language;
        let row = |of: &Of, name: String| self.row(of, name, currency, view);
        let of: BTreeSet<&Of> = self.numbers.keys().map(|(of, _)| of).collect();
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
        let stands = self.stands.iter().map(|(stands, amount)| {
            let count = self.counts.get(stands).copied().unwrap_or_default();
            (
                stands.name(view),
                grouped(count, language),
                spelled(*amount, language),
            )
        });
        let total = self
            .stands
            .values()
            .fold(Amount::zero(currency), |sum, one| {
                sum.checked_add(*one).unwrap_or(sum)
            });
        let columns = self.columns();
        Book {
            currency: currency.code().to_owned(),
            stands: stands.collect(),
            count: grouped(self.counts.values().sum(), language),
            total: spelled(total, language),
            no_money: self.no_money(view),
            tables: [("statement-days", days), ("statement-methods", methods)],
            columns: columns.iter().map(|column| column.name(view)).collect(),
            sum: row(&Of::All, say(language, "entry-total", None, &[])),
            taxes: self.taxes(view),
        }
    }

    /// Says what is left out and moved no money.
    fn no_money(&self, view: &View<'_>) -> String {
        let (count, Some(sum)) = self.no_money else {
            return String::new();
        };
        let how = if count == 1 { "one" } else { "many" };
        let (count, sum) = (grouped(count, view.language), spelled(sum, view.language));
        let figures = [("how", how), ("count", count.as_str()), ("sum", &sum)];
        say(view.language, "statement-no-money", None, &figures)
    }

    /// The tax by rate, of each company apart: the same id means another rate in another company.
    fn taxes(&self, view: &View<'_>) -> Vec<(String, Taxes)> {
        let mut companies: BTreeMap<(bool, &Option<RealmId>), Taxes> = BTreeMap::new();
        for ((realm, id), amount) in self.taxes.iter().filter(|(_, tax)| !tax.is_zero()) {
            let company = realm.as_ref().and_then(|realm| view.present(realm));
            let rates = company.into_iter().flat_map(|company| &company.tax_codes);
            let mut rates = rates.flat_map(|code| &code.rates);
            let known = rates.find(|rate| rate.id == *id);
            let name = known.map_or_else(
                || {
                    say(
                        view.language,
                        "statement-rate",
                        None,
                        &[("id", id.as_str())],
                    )
                },
                |rate| rate.name.clone(),
            );
            let tax = (name, spelled(*amount, view.language));
            let is_elsewhere = realm.is_some() && company.is_none();
            companies
                .entry((is_elsewhere, realm))
                .or_default()
                .push(tax);
        }
        let title = |realm: &Option<RealmId>| {
            let company = realm.as_ref().and_then(|realm| view.elsewhere(realm));
            match company {
                None => say(view.language, "statement-taxes", None, &[]),
                Some(company) => {
                    let figures = [("company", company.as_str())];
                    say(view.language, "statement-taxes-elsewhere", None, &figures)
                }
            }
        };
        companies
            .into_iter()
            .map(|((_, realm), taxes)| (title(realm), taxes))
            .collect()
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
    let view = View::of(connection.as_ref(), language);
    let zone = &view.zone;
    let this = Period::of(zone.to_datetime(world.now()).date());
    let asked = request.query("month").map_or(Some(this), Period::parse);
    let Some(period) = asked else {
        let page = visit::notice(world, Notice::NotFound, request, Some(session), &[], &[]);
        return Ok(page);
    };
    let mut tallies: BTreeMap<Currency, Tally> = BTreeMap::new();
    let mut unread = 0_u64;
    let mut add = |one: &Listed| match one.signed() {
        Some(amount) => tallies
            .entry(amount.currency())
            .or_default()
            .add(one, amount, &view),
        // A message that could be read and is no transaction has no amount.
        None if one.kind.is_none() && !one.unreadable => {}
        None => unread += 1,
    };
    let mut unsaid = Vec::new();
    let each = |one: Listed| match one.kind {
        Some(Kind::Refund) if one.method.is_empty() => unsaid.push(one),
        _ => add(&one),
    };
    let is_whole = match period.bounds(zone) {
        Some((from, until)) => world.store().tally(merchant, from, until, each).await?,
        None => true,
    };
    let left = say_how(world, merchant, &mut unsaid).await?;
    unsaid.iter().for_each(add);
    let books = tallies.iter();
    let books = books.map(|(currency, tally)| tally.book(*currency, &view));
    let key = |period: Option<Period>| period.map(Period::key).unwrap_or_default();
    let how = if unread == 1 { "one" } else { "many" };
    let count = grouped(unread, language);
    let page = Page {
        frame: Frame::of(world, session, Tab::Activity, request),
        month: period.name(language),
        key: period.key(),
        before: key(period.before()),
        after: key(period.after().filter(|_| period != this)),
        unread: match unread {
            0 => String::new(),
            _ => say(
                language,
                "statement-unread",
                None,
                &[("how", how), ("count", &count)],
            ),
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
    let payment = |row: &LedgerRow| {
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
