//! The tax map: each set of the merchant's taxes, the code that stands for it and why, and the choice.

use std::collections::{BTreeMap, BTreeSet};

use askama::Template;
use bookkeeping::catalogue::TaxSet;
use bookkeeping::company::{Company, TaxCode, TaxModel};
use bookkeeping::connection::Connection;
use bookkeeping::ids::{MerchantId, TaxCodeId, TaxId};
use bookkeeping::money::Amount;
use bookkeeping::reason::ReasonCode;
use bookkeeping::tax_map::stale::stale;
use bookkeeping::tax_map::suggest::{Candidate, suggest};
use bookkeeping::tax_map::{TaxMap, TaxRow};
use bookkeeping::transaction::{Language, TaxTreatment};
use common::locales::{percents, say, why};
use common::mail::spelled;
use common::store::{Connections, Lots, StoreError};
use common::web::session::Session;
use common::web::{Request, Response};
use common::world::World;
use jiff::civil::Date;

use crate::change::{Changed, change, done, drawn_for};
use crate::dates::grouped;
use crate::frame::{Frame, Tab};
use crate::period::add;
use crate::routes::form_stale;

/// What a choice in the tax map may clear.
const FREED: [ReasonCode; 4] = [
    ReasonCode::TaxUnmapped,
    ReasonCode::TaxMapStale,
    ReasonCode::TaxRateDiffers,
    ReasonCode::TaxCodeInactive,
];

/// Most transactions that are looked at to say what waits for a code.
const COUNTED_MAX: usize = 1000;

/// How many are read at once.
const PAGE: usize = 100;

#[derive(Template)]
#[template(path = "taxes.html")]
struct Taxes<'a> {
    frame: Frame<'a>,
    explains: String,
    map: Option<Map>,
}

struct Map {
    /// Whose codes the choices are of.
    company: String,
    /// Those without a usable code: what waits for them follows the choice.
    open: Vec<Shown>,
    mapped: Vec<Shown>,
    unconfirmed: usize,
}

/// One set of taxes, or one reason why there is none.
struct Shown {
    /// What the form is about.
    of: String,
    label: String,
    tone: &'static str,
    state: String,
    /// The code's name; empty where there is none.
    code: String,
    says: String,
    waits: String,
    choices: Vec<Choice>,
}

struct Choice {
    code: String,
    name: String,
    why: Vec<String>,
    chosen: bool,
}

/// What a form is about.
enum Of {
    Set(BTreeSet<TaxId>),
    /// Lines without a tax, and why they have none.
    Untaxed(Option<TaxTreatment>),
}

impl Of {
    fn read(text: &str) -> Option<Self> {
        let treatment = |treatment: TaxTreatment| Of::Untaxed(Some(treatment));
        Some(match text {
            "no_tax" => Self::Untaxed(None),
            "exempt" => treatment(TaxTreatment::Exempt),
            "zero_rated" => treatment(TaxTreatment::ZeroRated),
            "out_of_scope" => treatment(TaxTreatment::OutOfScope),
            set => Self::Set(serde_json::from_str(set).ok()?),
        })
    }

    fn set(set: &TaxSet) -> String {
        serde_json::to_string(&set.ids()).expect("ids are plain data")
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
    request: &Request,
) -> Result<Response, StoreError> {
    let connection = world.store().opening(&session.merchant).await?.connection;
    let language = session.language;
    let words = |message: &str| say(language, message, None, &[]);
    let (explains, map) = match &connection {
        None => (words("taxes-not-connected"), None),
        Some(connection) => match connection.company.tax_model {
            TaxModel::UsAutomated => (words("taxes-automated"), None),
            TaxModel::Off => (words("taxes-off"), None),
            TaxModel::Global | TaxModel::UsManual => {
                let held = waiting(world, &session.merchant).await?;
                let today = connection.time_zone().to_datetime(world.now()).date();
                let map = map(connection, &held, today, language);
                (words("taxes-explains"), Some(map))
            }
        },
    };
    let page = Taxes {
        frame: Frame::of(world, session, Tab::Taxes, request),
        explains,
        map,
    };
    let html = page.render().expect("writing to memory does not fail");
    Ok(Response::page(200, html))
}

/// A held transaction: what its sentence names as taxes without a usable code, and its money.
struct Waiting {
    named: String,
    amount: Option<Amount>,
}

/// What is held for want of a usable code, as far as was looked.
#[derive(Default)]
struct Held {
    waiting: Vec<Waiting>,
    /// Whether there may be more.
    or_more: bool,
}

/// What is held for want of a usable code.
async fn waiting<W: World>(world: &W, merchant: &MerchantId) -> Result<Held, StoreError> {
    let (mut named, mut after) = (Vec::new(), None);
    for _ in 0..COUNTED_MAX / PAGE {
        let held = world.store().held(merchant, after.as_ref(), PAGE).await?;
        named.extend(held.iter().filter_map(|(_, row)| {
            let reason = row.reason.as_ref();
            let reason = reason.filter(|reason| FREED.contains(&reason.code))?;
            Some(Waiting {
                named: reason.figures.get("taxes")?.clone(),
                amount: row.listing.as_ref().and_then(|listing| listing.amount),
            })
        }));
        let Some((last, _)) = held.last() else {
            return Ok(Held {
                waiting: named,
                or_more: false,
            });
        };
        after = Some(last.clone());
    }
    Ok(Held {
        waiting: named,
        or_more: true,
    })
}

fn map(connection: &Connection, held: &Held, today: Date, language: Language) -> Map {
    let taxes = &connection.settings.tax_map;
    let sets = connection.catalogue.tax_sets.iter();
    let sets = sets.map(|set| shown(set, connection, held, today, language));
    let untaxed = asked_untaxed(connection).into_iter();
    let untaxed =
        untaxed.map(|treatment| untaxed_row(treatment, connection, held, today, language));
    let rows = sets.chain(untaxed);
    let (open, mut mapped): (Vec<Shown>, Vec<Shown>) = rows.partition(|row| row.tone == "bad");
    mapped.sort_by_key(|row| row.tone != "warn");
    let by_us = taxes.rows.iter().filter(|row| !row.confirmed).count();
    Map {
        company: connection.company.realm.to_string(),
        open,
        mapped,
        unconfirmed: by_us + taxes.unconfirmed.len(),
    }
}

fn shown(
    set: &TaxSet,
    connection: &Connection,
    held: &Held,
    today: Date,
    language: Language,
) -> Shown {
    let words = |message: &str| say(language, message, None, &[]);
    let company = &connection.company;
    let row = connection.settings.tax_map.row(&set.ids());
    let suggested = suggest(&set.taxes, &set.asking(company, today));
    let candidates = suggested.candidates();
    let usable = candidates
        .iter()
        .filter(|candidate| candidate.row(true).is_some());
    let choices: Vec<Choice> = usable
        .map(|candidate| Choice {
            code: candidate.code.to_string(),
            name: candidate.name.clone(),
            why: whys(candidate, language),
            chosen: row.is_some_and(|row| row.code == candidate.code),
        })
        .collect();
    let rate = |id: &TaxId| set.taxes.iter().find(|tax| tax.id == *id)?.rate;
    let broken = row.and_then(|row| stale(row, company, today, rate));
    let (tone, state, says) = match (row, broken) {
        (Some(_), Some(_)) => ("bad", "taxes-state-stale", words("taxes-stale-says")),
        (Some(row), None) if row.confirmed => ("good", "taxes-state-confirmed", String::new()),
        (Some(row), None) => (
            "warn",
            "taxes-state-suggested",
            because(row, candidates, language),
        ),
        (None, _) if choices.is_empty() => {
            ("bad", "taxes-state-missing", missing(candidates, language))
        }
        (None, _) => ("bad", "taxes-state-open", words("taxes-open-says")),
    };
    Shown {
        of: Of::set(set),
        label: percents(&set.label(), language),
        tone,
        state: words(state),
        code: row
            .map(|row| name_of(&row.code, company))
            .unwrap_or_default(),
        says,
        waits: waits(&set.label(), held, language),
        choices,
    }
}

/// Why a code was chosen by itself.
fn because(row: &TaxRow, candidates: &[Candidate], language: Language) -> String {
    let chosen = candidates
        .iter()
        .find(|candidate| candidate.code == row.code);
    chosen
        .map(|chosen| whys(chosen, language).join(" "))
        .unwrap_or_default()
}

/// What to do where no code can be used as it is: why not, where one comes near, and how to create it.
fn missing(candidates: &[Candidate], language: Language) -> String {
    let near = candidates
        .first()
        .map(|near| whys(near, language).join(" "));
    let cure = say(language, "taxes-missing-says", None, &[]);
    near.into_iter().chain([cure]).collect::<Vec<_>>().join(" ")
}

fn whys(candidate: &Candidate, language: Language) -> Vec<String> {
    candidate.why.iter().map(|one| why(one, language)).collect()
}

/// The reasons for no tax that were met, or that a tip or a deposit will meet.
fn asked_untaxed(connection: &Connection) -> Vec<Option<TaxTreatment>> {
    if connection.company.tax_model != TaxModel::Global {
        return Vec::new();
    }
    let map = &connection.settings.tax_map;
    let met = &connection.catalogue;
    let treatments = [
        TaxTreatment::OutOfScope,
        TaxTreatment::Exempt,
        TaxTreatment::ZeroRated,
    ];
    let asked = treatments
        .into_iter()
        .filter(|one| met.treatments.contains(one) || map.untaxed(Some(*one)).is_some())
        .map(Some);
    let unsaid = (met.untaxed || map.no_tax.is_some()).then_some(None);
    asked.chain(unsaid).collect()
}

fn untaxed_row(
    treatment: Option<TaxTreatment>,
    connection: &Connection,
    held: &Held,
    today: Date,
    language: Language,
) -> Shown {
    let words = |message: &str| say(language, message, None, &[]);
    let (map, company) = (&connection.settings.tax_map, &connection.company);
    let of = treatment.map_or("no_tax", TaxTreatment::as_str);
    let chosen = map.untaxed(treatment);
    let is_ours = treatment.is_some_and(|treatment| map.unconfirmed.contains(&treatment));
    let (tone, state, says) = match chosen {
        Some(code) if company.tax_code(code).is_none() => {
            ("bad", "taxes-state-stale", words("taxes-stale-says"))
        }
        Some(code) if is_ours => {
            let name = name_of(code, company);
            let because = say(language, "why_says_why", None, &[("code", &name)]);
            ("warn", "taxes-state-suggested", because)
        }
        Some(_) => ("good", "taxes-state-confirmed", String::new()),
        None => ("bad", "taxes-state-open", words("taxes-untaxed-says")),
    };
    let choice = |code: &TaxCode| Choice {
        code: code.id.to_string(),
        name: code.name.clone(),
        why: Vec::new(),
        chosen: chosen == Some(&code.id),
    };
    Shown {
        of: of.to_owned(),
        label: words(&format!("taxes-{}", of.replace('_', "-"))),
        tone,
        state: words(state),
        code: chosen
            .map(|code| name_of(code, company))
            .unwrap_or_default(),
        says,
        waits: waits(of, held, language),
        choices: chargeless(company, today).map(choice).collect(),
    }
}

/// The codes under which nothing is charged.
fn chargeless(company: &Company, today: Date) -> impl Iterator<Item = &TaxCode> {
    company.tax_codes.iter().filter(move |code| {
        let mut rates = code.rates.iter();
        code.usable() && rates.all(|rate| rate.percent_on(today).decimal().is_zero())
    })
}

fn name_of(code: &TaxCodeId, company: &Company) -> String {
    let known = company.tax_codes.iter().find(|known| known.id == *code);
    known.map_or_else(|| code.to_string(), |known| known.name.clone())
}

fn waits(label: &str, held: &Held, language: Language) -> String {
    let waiting = held.waiting.iter().filter(|one| one.named == label);
    let waiting: Vec<&Waiting> = waiting.collect();
    let how = match waiting.len() {
        0 => return String::new(),
        _ if held.or_more => "at-least",
        1 => "one",
        _ => "many",
    };
    let mut sums = BTreeMap::new();
    for amount in waiting.iter().filter_map(|one| one.amount) {
        add(&mut sums, amount.currency(), amount);
    }
    let sums: Vec<String> = sums
        .into_values()
        .map(|sum| spelled(sum, language))
        .collect();
    let count = u64::try_from(waiting.len()).unwrap_or(u64::MAX);
    let (count, sum) = (grouped(count, language), sums.join(", "));
    let figures = [("how", how), ("count", count.as_str()), ("sum", &sum)];
    say(language, "taxes-waits", None, &figures)
}

/// `POST /quickbooks/settings/taxes`: the operator chooses a code, or confirms what was suggested.
///
/// # Errors
///
/// [`StoreError`] where the store is not to be had.
pub async fn choose<W: World>(
    world: &W,
    session: &Session,
    request: &Request,
) -> Result<Response, StoreError> {
    let confirms = request.form("confirm") == Some("all");
    let of = request.form("of").and_then(Of::read);
    let code = request
        .form("code")
        .and_then(|code| TaxCodeId::parse(code).ok());
    let today = |connection: &Connection| connection.time_zone().to_datetime(world.now()).date();
    let make = |connection: &Connection| -> Option<Connection> {
        let connection = drawn_for(connection, request)?;
        let map = match (&of, &code) {
            (None, None) if confirms => confirmed(&connection.settings.tax_map),
            (Some(of), Some(code)) => chosen(connection, of, code, today(connection))?,
            _ => return None,
        };
        let mut connection = connection.clone();
        connection.settings.tax_map = map;
        Some(connection)
    };
    Ok(match change(world, session, make, &FREED).await? {
        Changed::Done(freed) => {
            let done = done(freed, "mapped", "saved");
            Response::redirect(&format!("/quickbooks/taxes?{done}"))
        }
        Changed::NotConnected => Response::redirect("/quickbooks"),
        Changed::NotPossible => form_stale(world, session, request),
    })
}

fn confirmed(map: &TaxMap) -> TaxMap {
    let mut map = map.clone();
    for row in &mut map.rows {
        row.confirmed = true;
    }
    map.unconfirmed.clear();
    map
}

/// The map with this choice; `None` where the company has no such code, or it cannot stand for these taxes.
fn chosen(connection: &Connection, of: &Of, code: &TaxCodeId, today: Date) -> Option<TaxMap> {
    let (mut map, company) = (connection.settings.tax_map.clone(), &connection.company);
    match of {
        Of::Set(ids) => {
            let set = connection.catalogue.tax_set(&ids.iter().collect())?;
            let suggested = suggest(&set.taxes, &set.asking(company, today));
            let candidate = suggested
                .candidates()
                .iter()
                .find(|candidate| candidate.code == *code)?;
            let row: TaxRow = candidate.row(true)?;
            let ids = set.ids();
            let is_other = |row: &TaxRow| {
                let theirs: BTreeSet<&TaxId> = row.taxes.iter().map(|mapped| &mapped.tax).collect();
                theirs != ids
            };
            map.rows.retain(is_other);
            map.rows.push(row);
        }
        Of::Untaxed(treatment) => {
            let code = chargeless(company, today)
                .find(|known| known.id == *code)?
                .id
                .clone();
            let place = match treatment {
                None => &mut map.no_tax,
                Some(TaxTreatment::Exempt) => &mut map.exempt,
                Some(TaxTreatment::ZeroRated) => &mut map.zero_rated,
                Some(TaxTreatment::OutOfScope) => &mut map.out_of_scope,
            };
            *place = Some(code);
            if let Some(treatment) = treatment {
                map.unconfirmed.remove(treatment);
            }
        }
    }
    Some(map)
}
