//! Activity: every transaction, the newest first; what needs the operator stands by itself.

use std::collections::BTreeMap;

use askama::Template;
use bookkeeping::connection::Connection;
use bookkeeping::ids::MerchantId;
use bookkeeping::money::Amount;
use bookkeeping::reason::{ReasonCode, State};
use bookkeeping::transaction::{Kind, Language};
use common::locales::{say, sentences};
use common::mail::spelled;
use common::store::activity::{Entry, Span};
use common::store::{Activity, Connections, Lots, Place, Row, StoreError};
use common::web::session::Session;
use common::web::{Request, Response};
use common::world::World;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};

use crate::dates::{short_day, time_of_day};
use crate::entry::{Buttons, address, currency_of};
use crate::frame::{Frame, Tab};
use crate::names::{Names, names};

/// Entries on a page.
const SHOWN: usize = 50;

/// Most entries that are looked through for one page of what was searched for: a page answers in time however long the
/// list is.
const SEARCHED_MAX: usize = 500;

/// How many are read at once.
const READ: usize = 100;

/// Most reads of what needs the operator: what arrived while disconnected may stand before it, however much.
const HELD_READS_MAX: usize = 10;

/// How far back the list goes where nobody says.
const DAYS: i64 = 62;

#[derive(Template)]
#[template(path = "activity.html")]
struct Page<'a> {
    frame: Frame<'a>,
    wanted: Wanted,
    states: Vec<(&'static str, String)>,
    groups: Vec<Group>,
    lines: Vec<Line>,
    /// Where the list goes on; empty at its end.
    more: String,
    /// The days before these; empty where the list goes on in these, or nothing is listed before.
    earlier: String,
    /// The first day of these.
    day_from: String,
    /// What is said where nothing is listed.
    nothing: String,
}

/// What needs the operator for one reason.
pub(crate) struct Group {
    code: &'static str,
    pub happened: String,
    pub to_do: String,
    pub count: String,
    may_retry: bool,
    /// Where it is put right, and the words of the button there; empty where that is on each one's page.
    pub cure: Option<(String, String)>,
    lines: Vec<Line>,
}

/// One transaction in a list.
pub(crate) struct Line {
    pub address: String,
    pub day: String,
    pub time: String,
    pub kind: String,
    pub reference: String,
    /// Who paid or was paid back; empty where that is not known.
    pub customer: String,
    pub amount: String,
    pub tone: &'static str,
    pub state: String,
    /// The receipt's number, where it has one, or why there is no receipt.
    pub says: String,
}

/// What is looked for.
#[derive(Clone)]
struct Wanted {
    state: String,
    kind: String,
    text: String,
    /// The first day that is looked through: where nobody says, [`DAYS`] before the last.
    from: Date,
    /// The last; none where it goes on to what is dated ahead of us.
    to: Option<Date>,
    /// Whether the days are the operator's own.
    is_span: bool,
}

fn days_before(day: Date) -> Date {
    day.saturating_sub(DAYS.days())
}

impl Wanted {
    fn read(request: &Request, today: Date) -> Self {
        let field = |name| request.query(name).unwrap_or_default().trim().to_owned();
        let day = |name| field(name).parse::<Date>().ok();
        let to = day("to");
        let from = day("from").unwrap_or_else(|| days_before(to.unwrap_or(today)));
        Self {
            state: field("state"),
            kind: field("kind"),
            text: field("q"),
            is_span: to.is_some() || from != days_before(today),
            from,
            to,
        }
    }

    /// Whether it is anything but the list as it opens.
    fn is_search(&self) -> bool {
        self.is_span || self.is_picky()
    }

    /// Whether it is more than a span of days.
    fn is_picky(&self) -> bool {
        !(self.state.is_empty() && self.kind.is_empty() && self.text.is_empty())
    }

    fn matches(&self, entry: &Entry) -> bool {
        let state = self.state.is_empty() || entry.row.state().as_str() == self.state;
        let kind = entry.key.as_ref().map_or("", |key| key.kind.as_str());
        let kind = self.kind.is_empty() || kind == self.kind;
        state && kind && (self.text.is_empty() || self.is_named(entry))
    }

    /// Whether the text is its amount, its number here or in QuickBooks, its customer or its id.
    fn is_named(&self, entry: &Entry) -> bool {
        let text = self.text.as_str();
        let listing = entry.row.listing.as_ref();
        let amount = listing.and_then(|listing| listing.amount);
        let receipt = entry.row.synced.as_ref();
        let names = [
            entry.key.as_ref().map(|key| key.id.clone()),
            listing.and_then(|listing| listing.reference.clone()),
            listing.and_then(|listing| Some(listing.customer.as_ref()?.to_string())),
            listing.and_then(|listing| Some(listing.payment.as_ref()?.to_string())),
            receipt.and_then(|synced| synced.number.clone()),
            receipt.map(|synced| synced.receipt.to_string()),
        ];
        let names = names.into_iter().flatten();
        amount.is_some_and(|amount| is_spelled(amount, text))
            || names
                .into_iter()
                .any(|name| name.eq_ignore_ascii_case(text))
    }

    /// The same in the days before these; none at the beginning of time.
    fn earlier(&self) -> Option<Self> {
        let to = self.from.yesterday().ok()?;
        Some(Self {
            from: days_before(to),
            to: Some(to),
            ..self.clone()
        })
    }

    /// The address of this search, going on after an entry.
    fn address(&self, after: &str) -> String {
        let to = self.to.map(|day| day.to_string()).unwrap_or_default();
        let fields = [
            ("state", self.state.as_str()),
            ("kind", &self.kind),
            ("q", &self.text),
            ("from", &self.from.to_string()),
            ("to", &to),
            ("after", after),
        ];
        let mut address = form_urlencoded::Serializer::new(String::new());
        for (name, value) in fields.into_iter().filter(|(_, value)| !value.is_empty()) {
            address.append_pair(name, value);
        }
        format!("/quickbooks/activity?{}", address.finish())
    }
}

/// Whether the text is an amount, as we print it or as people write it: "1,234.56", "1 234,56 CAD", "50".
fn is_spelled(amount: Amount, text: &str) -> bool {
    let letters = text.chars().filter(|letter| !letter.is_whitespace());
    let text = letters.collect::<String>().to_uppercase();
    let text = text.trim_start_matches(['-', '−']);
    let currency = amount.currency();
    let code = currency.code();
    let text = text.strip_prefix(code).unwrap_or(text);
    let text = text.strip_suffix(code).unwrap_or(text);
    let text = text.trim_matches('$');
    // What three digits follow only groups.
    let (whole, decimals) = match text.rsplit_once([',', '.']) {
        Some((whole, decimals)) if decimals.len() < 3 => (whole, decimals),
        _ => (text, ""),
    };
    let whole = whole.replace([',', '.'], "");
    let parsed = match decimals {
        "" => Amount::parse(&whole, amount.currency()),
        _ => Amount::parse(&format!("{whole}.{decimals}"), amount.currency()),
    };
    parsed.is_ok_and(|parsed| parsed.minor() == amount.minor())
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
    let language = session.language;
    let connection = world.store().opening(merchant).await?.connection;
    let zone = connection
        .as_ref()
        .map_or(TimeZone::UTC, Connection::time_zone);
    let today = zone.to_datetime(world.now()).date();
    let wanted = Wanted::read(request, today);
    let after = request.query("after");
    let is_first = after.is_none() && !wanted.is_search();
    let held = match is_first {
        true => held(world, merchant).await?,
        false => Held::default(),
    };
    let found = search(world, merchant, &wanted, after, &zone).await?;
    let listed = found.entries.iter();
    let listed = listed.filter_map(|entry| Some((entry.key.as_ref()?, &entry.row)));
    let held_up = held.rows.iter().map(|(place, row)| (&place.key, row));
    let shown: Vec<_> = held_up.chain(listed).collect();
    let names = names(world, connection.as_ref(), &shown).await?;
    let groups = groups(&held, &names, &zone, language);
    let lines = found
        .entries
        .iter()
        .map(|entry| line(entry, &names, &zone, language));
    let states = [
        State::NeedsOperator,
        State::Waiting,
        State::Synced,
        State::Skipped,
        State::Failed,
    ];
    let name = |state: State| (state.as_str(), state_name(state, language));
    let from = short_day(wanted.from, language);
    let earlier = match is_anything_before(world, merchant, wanted.from, &zone).await? {
        true => wanted.earlier(),
        false => None,
    };
    let page = Page {
        frame: Frame::of(world, session, Tab::Activity, request),
        states: states.map(name).into(),
        groups,
        lines: lines.collect(),
        more: found
            .next
            .as_deref()
            .map(|after| wanted.address(after))
            .unwrap_or_default(),
        earlier: match (&found.next, earlier) {
            (None, Some(earlier)) => earlier.address(""),
            _ => String::new(),
        },
        nothing: match wanted.is_search() {
            true => say(language, "activity-nothing-found", None, &[]),
            false => say(language, "activity-nothing-yet", None, &[("day", &from)]),
        },
        day_from: from,
        wanted,
    };
    let html = page.render().expect("writing to memory does not fail");
    Ok(Response::page(200, html))
}

/// Whether anything is listed before a day: else the way back would never end.
async fn is_anything_before<W: World>(
    world: &W,
    merchant: &MerchantId,
    day: Date,
    zone: &TimeZone,
) -> Result<bool, StoreError> {
    let Ok(until) = zone.to_timestamp(day.at(0, 0, 0, 0)) else {
        return Ok(false);
    };
    let span = Span {
        from: Timestamp::UNIX_EPOCH,
        until,
        after: None,
        limit: 1,
    };
    Ok(!world.store().activity(merchant, &span).await?.is_empty())
}

struct Found {
    entries: Vec<Entry>,
    /// The last that was looked at, where there may be more.
    next: Option<String>,
}

/// Looks for one page of what is wanted, through a bounded part of the list.
async fn search<W: World>(
    world: &W,
    merchant: &MerchantId,
    wanted: &Wanted,
    after: Option<&str>,
    zone: &TimeZone,
) -> Result<Found, StoreError> {
    let now = world.now();
    let midnight = |day: Date| zone.to_timestamp(day.at(0, 0, 0, 0)).ok();
    let from = midnight(wanted.from).unwrap_or(Timestamp::MIN);
    let to = wanted.to.and_then(|day| midnight(day.tomorrow().ok()?));
    // What is dated ahead of us is shown too.
    let until = to.unwrap_or_else(|| now + SignedDuration::from_hours(24 * 366));
    let (mut entries, mut after) = (Vec::new(), after.map(str::to_owned));
    let mut looked = 0;
    let limit = if wanted.is_picky() { READ } else { SHOWN };
    while looked < SEARCHED_MAX {
        let span = Span {
            from,
            until,
            after: after.as_deref(),
            limit,
        };
        let read = world.store().activity(merchant, &span).await?;
        let is_last = read.len() < limit;
        looked += read.len();
        for entry in read {
            after = Some(entry.position.clone());
            if wanted.matches(&entry) {
                entries.push(entry);
            }
            if entries.len() == SHOWN {
                return Ok(Found {
                    entries,
                    next: after,
                });
            }
        }
        if is_last {
            return Ok(Found {
                entries,
                next: None,
            });
        }
    }
    Ok(Found {
        entries,
        next: after,
    })
}

/// What needs the operator, by its reason, as much as fits a page; nobody is named.
///
/// # Errors
///
/// [`StoreError`] where the store is not to be had.
pub(crate) async fn needs<W: World>(
    world: &W,
    merchant: &MerchantId,
    zone: &TimeZone,
    language: Language,
) -> Result<Vec<Group>, StoreError> {
    let held = held(world, merchant).await?;
    Ok(groups(&held, &Names::new(), zone, language))
}

/// What needs the operator.
#[derive(Default)]
struct Held {
    /// The oldest first, as much as fits a page.
    rows: Vec<(Place, Row)>,
    /// Whether there may be more.
    or_more: bool,
}

async fn held<W: World>(world: &W, merchant: &MerchantId) -> Result<Held, StoreError> {
    // What arrived while disconnected is asked about as a whole, on the overview.
    let by_itself = |(_, row): &(Place, Row)| {
        row.reason
            .as_ref()
            .is_none_or(|reason| reason.code != ReasonCode::Disconnected)
    };
    let (mut rows, mut after) = (Vec::new(), None);
    for _ in 0..HELD_READS_MAX {
        let read = world.store().held(merchant, after.as_ref(), READ).await?;
        let is_last = read.len() < READ;
        after = read.last().map(|(place, _)| place.clone());
        rows.extend(read.into_iter().filter(by_itself));
        if is_last && rows.len() <= READ {
            return Ok(Held {
                rows,
                or_more: false,
            });
        }
        if rows.len() >= READ {
            break;
        }
    }
    rows.truncate(READ);
    Ok(Held {
        rows,
        or_more: true,
    })
}

fn groups(held: &Held, names: &Names, zone: &TimeZone, language: Language) -> Vec<Group> {
    let or_more = held.or_more;
    let mut by_reason: BTreeMap<ReasonCode, Vec<&(Place, Row)>> = BTreeMap::new();
    for entry in &held.rows {
        if let Some(reason) = &entry.1.reason {
            by_reason.entry(reason.code).or_default().push(entry);
        }
    }
    let group = |(code, held): (ReasonCode, Vec<&(Place, Row)>)| {
        let first = held[0].1.reason.as_ref().expect("they have one");
        let sentences = sentences(first, language);
        let entry = |(place, row): &(Place, Row)| Entry {
            position: place.order.clone(),
            key: Some(place.key.clone()),
            row: row.clone(),
        };
        let same = held
            .iter()
            .all(|(_, row)| row.reason.as_ref() == Some(first));
        let count = held.len().to_string();
        let how = match (held.len(), or_more) {
            (1, false) => "one",
            (_, false) => "many",
            (1, true) => "one-or-more",
            (_, true) => "or-more",
        };
        Group {
            code: code.as_str(),
            // Each has figures of its own where they differ.
            happened: if same {
                sentences.happened
            } else {
                String::new()
            },
            to_do: sentences.to_do,
            count: say(
                language,
                "activity-group",
                None,
                &[("how", how), ("count", &count)],
            ),
            may_retry: may_retry(code),
            cure: Buttons::of(code)
                .cure(&held[0].0.key, currency_of(&held[0].1))
                .map(|(address, words)| (address, say(language, words, None, &[]))),
            lines: held
                .into_iter()
                .map(|held| {
                    let mut line = line(&entry(held), names, zone, language);
                    if same {
                        // What happened to all of them is said once.
                        line.says.clear();
                    }
                    line
                })
                .collect(),
        }
    };
    by_reason.into_iter().map(group).collect()
}

/// Whether trying again may help, without anything being chosen first.
pub(crate) fn may_retry(code: ReasonCode) -> bool {
    code.state() == State::NeedsOperator
        && !matches!(code, ReasonCode::Disconnected | ReasonCode::OtherCompany)
}

/// How an entry is shown in a list.
pub(crate) fn line(entry: &Entry, names: &Names, zone: &TimeZone, language: Language) -> Line {
    let words = |message: &str| say(language, message, None, &[]);
    let row = &entry.row;
    let listing = row.listing.as_ref();
    let at = listing.map(|listing| zone.to_datetime(listing.moved_at));
    let state = row.state();
    let says = match (&row.synced, &row.reason) {
        (Some(synced), _) if state == State::Synced => synced.number.clone().unwrap_or_default(),
        (_, Some(reason)) => sentences(reason, language).happened,
        _ => String::new(),
    };
    let sign = match entry.key.as_ref().map(|key| key.kind) {
        Some(Kind::Refund) => "−",
        _ => "",
    };
    let amount = listing.and_then(|listing| listing.amount);
    Line {
        address: entry.key.as_ref().map(address).unwrap_or_default(),
        day: at
            .map(|at| short_day(at.date(), language))
            .unwrap_or_default(),
        time: at
            .map(|at| time_of_day(at.time(), language))
            .unwrap_or_default(),
        kind: words(match entry.key.as_ref().map(|key| key.kind) {
            Some(Kind::Payment) => "activity-payment",
            Some(Kind::Refund) => "activity-refund",
            None => "activity-message",
        }),
        reference: listing
            .and_then(|listing| listing.reference.clone())
            .unwrap_or_default(),
        customer: entry
            .key
            .as_ref()
            .and_then(|key| names.get(key))
            .cloned()
            .unwrap_or_default(),
        amount: amount
            .map(|amount| format!("{sign}{}", spelled(amount, language)))
            .unwrap_or_default(),
        tone: tone(state),
        state: state_name(state, language),
        says,
    }
}

pub(crate) fn state_name(state: State, language: Language) -> String {
    say(
        language,
        &format!("state-{}", state.as_str().replace('_', "-")),
        None,
        &[],
    )
}

pub(crate) fn tone(state: State) -> &'static str {
    match state {
        State::Synced => "good",
        State::Skipped => "calm",
        State::Waiting => "warn",
        State::NeedsOperator | State::Failed => "bad",
    }
}

#[cfg(test)]
mod tests {
    use bookkeeping::money::Currency;

    use super::*;

    #[test]
    fn an_amount_is_found_as_the_list_prints_it_and_as_people_write_it() {
        let amount = Amount::from_minor(123_456, Currency::CAD);
        for language in [Language::English, Language::French] {
            let printed = spelled(amount, language);
            assert!(is_spelled(amount, &printed), "{printed}");
            assert!(is_spelled(amount, &format!("−{printed}")), "{printed}");
        }
        for text in [
            "1234.56",
            "1,234.56",
            "1 234,56",
            "1.234,56",
            "$1,234.56",
            "1234,56 cad",
        ] {
            assert!(is_spelled(amount, text), "{text}");
        }
        for text in ["1234.5", "123456", "1234", "", "MC-1234.56", "12,34.56.1"] {
            assert!(!is_spelled(amount, text), "{text}");
        }
        let round = Amount::from_minor(5_000, Currency::CAD);
        for text in ["50", "50.0", "50,00", "$50"] {
            assert!(is_spelled(round, text), "{text}");
        }
        assert!(!is_spelled(round, "5"), "not a part of it");
    }
}
