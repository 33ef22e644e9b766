//! The history in words: each change under the name its choice has on the page, in the reader's language.

use std::collections::BTreeSet;

use bookkeeping::catalogue::TaxSet;
use bookkeeping::connection::Connection;
use bookkeeping::ids::CompanyCustomerId;
use bookkeeping::settings::history::{Change, Move};
use bookkeeping::transaction::Language;
use common::locales::{percents, say};
use common::mail::spelled_day;

use super::parts::{Choice, Input, Part, fallback_name, method_name, parts};
use crate::view::View;

/// A change in words: "Tip item: Services → Tips".
pub(super) fn moved(change: &Change, connection: &Connection, view: &View<'_>) -> Vec<String> {
    let language = view.language;
    let is_present = match &change.realm {
        Some(realm) => view.present(realm).is_some(),
        // Written down before that was: there may have been another company.
        None => connection.former.is_empty(),
    };
    let parts = parts(connection, language);
    let choices: Vec<Choice> = parts.into_iter().flat_map(Part::into_choices).collect();
    let nothing = say(language, "settings-nothing", None, &[]);
    let moved = |(name, one): (&String, &Move)| {
        if name == "methods_off" {
            return switched(one, language);
        }
        let field = field(name);
        let choice = choices.iter().find(|choice| choice.name == field);
        let value = |value: &Option<String>| match value {
            None => nothing.clone(),
            // An id of another company's lists means something else in the present one's.
            Some(id) if !is_present && is_of_a_list(name) => {
                say(language, "entry-id-there", None, &[("id", id)])
            }
            Some(value) => shown(name, value, choice, connection, language),
        };
        let label = match choice {
            Some(choice) => choice.label.clone(),
            None => label(name, connection, language),
        };
        vec![arrow(&label, &value(&one.from), &value(&one.to), language)]
    };
    change.moves.iter().flat_map(moved).collect()
}

/// Whether a choice is a record of the company's, by the name it is written down under.
fn is_of_a_list(name: &str) -> bool {
    let kind = name.split('.').next().unwrap_or_default();
    matches!(
        kind,
        "deposits"
            | "items"
            | "fallback_customer"
            | "fallback_by_currency"
            | "payment_methods"
            | "classes"
            | "locations"
            | "tax_map"
    )
}

fn arrow(label: &str, from: &str, to: &str, language: Language) -> String {
    let colon = match language {
        Language::English => ":",
        // A space that does not break the line.
        Language::French => "\u{a0}:",
    };
    format!("{label}{colon} {from} → {to}")
}

/// Each method that was switched on or off.
fn switched(one: &Move, language: Language) -> Vec<String> {
    let off = |value: &Option<String>| -> BTreeSet<String> {
        let methods = value.iter().flat_map(|value| value.split(", "));
        methods.map(str::to_owned).collect()
    };
    let (before, after) = (off(&one.from), off(&one.to));
    let is_sent = |off: &BTreeSet<String>, method: &String| match off.contains(method) {
        true => say(language, "settings-no", None, &[]),
        false => say(language, "settings-yes", None, &[]),
    };
    let methods = before.symmetric_difference(&after);
    methods
        .map(|method| {
            let name = method_name(method, language);
            arrow(
                &name,
                &is_sent(&before, method),
                &is_sent(&after, method),
                language,
            )
        })
        .collect()
}

/// The field of the page in which a choice is made, from the name it is written down under.
fn field(name: &str) -> String {
    const MADE_IN: [(&str, &str); 14] = [
        ("deposits.by_method.", "deposit."),
        ("deposits.refunds_by_method.", "refund."),
        ("deposits.", ""),
        ("items.by_service.", "service."),
        ("items.", "item."),
        ("customers.", ""),
        ("customer_memo.", "memo."),
        ("classes.by_service.", "class.service."),
        ("classes.by_team.", "class.team."),
        ("classes.by_territory.", "class.territory."),
        ("locations.by_service.", "location.service."),
        ("locations.by_team.", "location.team."),
        ("locations.by_territory.", "location.territory."),
        ("payment_methods.", "called."),
    ];
    if let Some(of) = name.strip_prefix("deposits.by_currency.") {
        // Written down by currency and then by method.
        let (currency, method) = of.split_once('.').unwrap_or_default();
        return format!("deposit.{method}.{currency}");
    }
    let mut made_in = MADE_IN.iter();
    made_in
        .find_map(|(begins, field)| Some(format!("{field}{}", name.strip_prefix(begins)?)))
        .unwrap_or_else(|| name.to_owned())
}

/// The name of a choice that is not made in one field of the page, or no longer.
fn label(name: &str, connection: &Connection, language: Language) -> String {
    if let Some(of) = name.strip_prefix("tax_map.") {
        let ids: Vec<&str> = of.split('+').collect();
        let sets = connection.catalogue.tax_sets.iter();
        let is_of = |set: &&TaxSet| set.ids().iter().map(AsRef::as_ref).eq(ids.iter().copied());
        return sets
            .filter(is_of)
            .map(|set| percents(&set.label(), language))
            .next()
            .unwrap_or_else(|| {
                say(
                    language,
                    &format!("taxes-{}", of.replace('_', "-")),
                    None,
                    &[],
                )
            });
    }
    for (begins, message) in [
        ("deposits.by_method.", "settings-deposit"),
        ("deposits.by_currency.", "settings-deposit"),
        ("deposits.refunds_by_method.", "settings-refund"),
        ("payment_methods.", "settings-called"),
        ("classes.by_service.", "settings-class-service"),
        ("classes.by_team.", "settings-class-team"),
        ("classes.by_territory.", "settings-class-territory"),
        ("locations.by_service.", "settings-location-service"),
        ("locations.by_team.", "settings-location-team"),
        ("locations.by_territory.", "settings-location-territory"),
    ] {
        if let Some(of) = name.strip_prefix(begins) {
            let method = method_name(of, language);
            return say(
                language,
                message,
                None,
                &[("method", &method), ("name", of)],
            );
        }
    }
    name.to_owned()
}

/// A value in words, by its name in the company where it has one.
fn shown(
    name: &str,
    value: &str,
    choice: Option<&Choice>,
    connection: &Connection,
    language: Language,
) -> String {
    let words = |message: &str| say(language, message, None, &[]);
    let named = match choice.map(|choice| &choice.input) {
        Some(Input::Select(options)) => {
            let mut options = options.iter();
            let known = options.find(|(known, _, _)| known == value);
            known.map(|(_, name, _)| name.clone())
        }
        Some(Input::Check(_)) if value == "true" => Some(words("settings-yes")),
        Some(Input::Check(_)) => Some(words("settings-no")),
        Some(Input::Day(_)) => value.parse().ok().map(|day| spelled_day(day, language)),
        Some(Input::Record(..)) => {
            let record = CompanyCustomerId::parse(value).ok();
            record.map(|record| fallback_name(connection, &record))
        }
        Some(Input::Text(_) | Input::Email(_) | Input::Note) => None,
        None => in_company(name, value, connection),
    };
    named.unwrap_or_else(|| value.to_owned())
}

/// The name of a record that is in no list of the page's.
fn in_company(name: &str, value: &str, connection: &Connection) -> Option<String> {
    let company = &connection.company;
    match name.split('.').next()? {
        "deposits" => {
            let mut accounts = company.accounts.iter();
            let known = accounts.find(|account| account.id.as_ref() == value);
            known.map(|account| account.name.clone())
        }
        "payment_methods" => {
            let mut methods = company.payment_methods.iter();
            let known = methods.find(|method| method.id.as_ref() == value);
            known.map(|method| method.name.clone())
        }
        "tax_map" => {
            let mut codes = company.tax_codes.iter();
            let known = codes.find(|code| code.id.as_ref() == value);
            known.map(|code| code.name.clone())
        }
        _ => None,
    }
}
