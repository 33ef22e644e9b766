//! Saving: one part of the choices as a form says it, held against the company's lists.

use std::collections::BTreeMap;

use bookkeeping::connection::Connection;
use bookkeeping::customer::{DistinctNames, OtherEmail};
use bookkeeping::ids::{AccountId, ClassId, DepartmentId, ItemId, PaymentMethodId};
use bookkeeping::merchant::Addressee;
use bookkeeping::settings::{AutomatedTax, ClosedBooks, DiscountStyle, Numbers, Settings, Tracked};
use bookkeeping::text;
use bookkeeping::transaction::Language;
use common::web::Request;

use super::parts::{ITEMS, Subject, accounts, foreign, foreign_methods, items, methods, subjects};

/// Longest text a choice may be, in characters.
const TEXT_LENGTH_MAX: usize = 500;

/// The settings with one part as a form says it; `None` where a choice is none that the company has.
pub(super) fn saved(connection: &Connection, request: &Request) -> Option<Settings> {
    let mut settings = connection.settings.clone();
    let field = |name: &str| request.form(name).map(str::trim);
    let company = &connection.company;
    match field("part")? {
        "sync" => {
            let start = field("start_date")?;
            settings.start_date = match start {
                "" => None,
                day => Some(day.parse().ok()?),
            };
            for method in methods(connection) {
                match field(&format!("method.{method}")) {
                    Some(_) => settings.methods_off.remove(&method),
                    None => settings.methods_off.insert(method),
                };
            }
        }
        "deposits" => save_deposits(connection, &mut settings, &field)?,
        "items" => {
            for (name, place) in ITEMS {
                if let Some(id) = field(&format!("item.{name}")) {
                    let place = place(&mut settings.items);
                    *place = chosen(id, place.as_ref(), items(company), |id| {
                        ItemId::parse(id).ok()
                    })?;
                }
            }
            for service in connection.catalogue.services.keys() {
                if let Some(id) = field(&format!("service.{service}")) {
                    let known = settings.items.by_service.get(service);
                    let id = chosen(id, known, items(company), |id| ItemId::parse(id).ok())?;
                    keep(&mut settings.items.by_service, service, id);
                }
            }
        }
        "customers" => {
            let policies = &mut settings.customers;
            policies.name_with_other_email = match field("name_with_other_email")? {
                "link" => OtherEmail::Link,
                "create" => OtherEmail::Create,
                "ask" => OtherEmail::Ask,
                _ => return None,
            };
            policies.distinct_names = match field("distinct_names")? {
                "counted" => DistinctNames::Counted,
                "number" => DistinctNames::Number,
                _ => return None,
            };
            policies.update_existing = field("update_existing").is_some();
            policies.fallback_instead_of_creating = field("fallback_instead_of_creating").is_some();
        }
        "documents" => save_documents(&mut settings, &field)?,
        "methods" => {
            for method in methods(connection) {
                if let Some(id) = field(&format!("called.{method}")) {
                    let known = settings.payment_methods.get(&method);
                    let list = company.payment_methods.iter();
                    let list = list.map(|one| (one.id.as_ref(), one.name.as_str()));
                    let id = chosen(id, known, list, |id| PaymentMethodId::parse(id).ok())?;
                    keep(&mut settings.payment_methods, &method, id);
                }
            }
        }
        "tracking" => {
            let classes = company.classes.iter();
            let classes = classes.map(|class| (class.id.as_ref(), class.name.as_str()));
            let tracked = &mut settings.classes;
            save_tracked(connection, tracked, "class", classes, &field, |id| {
                ClassId::parse(id).ok()
            })?;
            let locations = company.departments.iter();
            let locations = locations.map(|one| (one.id.as_ref(), one.name.as_str()));
            let tracked = &mut settings.locations;
            save_tracked(connection, tracked, "location", locations, &field, |id| {
                DepartmentId::parse(id).ok()
            })?;
        }
        "people" => {
            let (name, email) = (field("bookkeeper.name")?, field("bookkeeper.email")?);
            settings.bookkeeper = match email {
                "" => None,
                email => Some(Addressee {
                    name: text::free(name, TEXT_LENGTH_MAX).unwrap_or_default(),
                    email: email.contains('@').then(|| email.to_owned())?,
                    language: Language::from_tag(field("bookkeeper.language")?)?,
                }),
            };
        }
        _ => return None,
    }
    Some(settings)
}

fn save_deposits<'a>(
    connection: &Connection,
    settings: &mut Settings,
    field: &impl Fn(&str) -> Option<&'a str>,
) -> Option<()> {
    let company = &connection.company;
    let account = |id: &str, known: Option<&AccountId>| {
        chosen(id, known, accounts(company), |id| AccountId::parse(id).ok())
    };
    let deposits = &mut settings.deposits;
    let mut currencies = vec![company.home_currency];
    currencies.extend(company.currencies.iter().flatten().copied());
    currencies.extend(deposits.clearing.keys().copied());
    for currency in currencies {
        if let Some(id) = field(&format!("clearing.{currency}")) {
            let id = account(id, deposits.clearing.get(&currency))?;
            keep(&mut deposits.clearing, &currency, id);
        }
    }
    deposits.undeposited_funds = account(
        field("undeposited_funds")?,
        deposits.undeposited_funds.as_ref(),
    )?;
    for currency in foreign(company) {
        for method in foreign_methods(connection, currency) {
            if let Some(id) = field(&format!("deposit.{method}.{currency}")) {
                let of_currency = deposits.by_currency.entry(currency).or_default();
                let id = account(id, of_currency.get(&method))?;
                keep(of_currency, &method, id);
            }
        }
    }
    deposits
        .by_currency
        .retain(|_, by_method| !by_method.is_empty());
    for method in methods(connection) {
        for (name, map) in [
            ("deposit", &mut deposits.by_method),
            ("refund", &mut deposits.refunds_by_method),
        ] {
            if let Some(id) = field(&format!("{name}.{method}")) {
                let id = account(id, map.get(&method))?;
                keep(map, &method, id);
            }
        }
    }
    Some(())
}

fn save_documents<'a>(
    settings: &mut Settings,
    field: &impl Fn(&str) -> Option<&'a str>,
) -> Option<()> {
    // Not asked where the company numbers by itself.
    if let Some(style) = field("numbers") {
        settings.numbers = match style {
            "marked" => Numbers::Marked,
            "plain" => Numbers::Plain,
            "without" => Numbers::Without,
            _ => return None,
        };
    }
    settings.discounts = match field("discounts")? {
        "spread" => DiscountStyle::Spread,
        "line" => DiscountStyle::Line,
        _ => return None,
    };
    settings.closed_books = match field("closed_books")? {
        "hold" => ClosedBooks::Hold,
        "first_open_day" => ClosedBooks::FirstOpenDay,
        _ => return None,
    };
    settings.closed_through = match field("closed_through")? {
        "" => None,
        day => Some(day.parse().ok()?),
    };
    if let Some(automated) = field("automated_tax") {
        settings.automated_tax = match automated {
            "as_charged" => AutomatedTax::AsCharged,
            "line" => AutomatedTax::Line,
            "own" => AutomatedTax::Own,
            _ => return None,
        };
    }
    for (language, name) in [
        (Language::English, "memo.en"),
        (Language::French, "memo.fr"),
    ] {
        let memo = field(name).and_then(|memo| text::free(memo, TEXT_LENGTH_MAX));
        keep(&mut settings.customer_memo, &language, memo);
    }
    settings.language = match field("language")? {
        "" => None,
        tag => Some(Language::from_tag(tag)?),
    };
    Some(())
}

/// What services, teams and territories are reported under.
fn save_tracked<'a, Id: Clone + AsRef<str>>(
    connection: &Connection,
    tracked: &mut Tracked<Id>,
    what: &str,
    list: impl Iterator<Item = (&'a str, &'a str)> + Clone,
    field: &impl Fn(&str) -> Option<&'a str>,
    parse: impl Fn(&str) -> Option<Id>,
) -> Option<()> {
    for subject in subjects(&connection.catalogue) {
        let Some(id) = field(&format!("{what}.{}", subject.field())) else {
            continue;
        };
        let id = chosen(id, subject.chosen(tracked), list.clone(), &parse)?;
        match subject {
            Subject::Service(of, _) => keep(&mut tracked.by_service, of, id),
            Subject::Team(of) => keep(&mut tracked.by_team, of, id),
            Subject::Territory(of) => keep(&mut tracked.by_territory, of, id),
        }
    }
    Some(())
}

/// What a select says: nothing, or one of the list or what was chosen before; the outer `None` where it is neither.
fn chosen<'a, Id: Clone + AsRef<str>>(
    id: &str,
    before: Option<&Id>,
    mut list: impl Iterator<Item = (&'a str, &'a str)>,
    parse: impl Fn(&str) -> Option<Id>,
) -> Option<Option<Id>> {
    if id.is_empty() {
        return Some(None);
    }
    if let Some(before) = before.filter(|before| before.as_ref() == id) {
        return Some(Some(before.clone()));
    }
    list.any(|(known, _)| known == id).then(|| parse(id))
}

fn keep<K: Ord + Clone, V>(map: &mut BTreeMap<K, V>, key: &K, value: Option<V>) {
    match value {
        Some(value) => {
            map.insert(key.clone(), value);
        }
        None => {
            map.remove(key);
        }
    }
}
