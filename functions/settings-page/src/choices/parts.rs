//! The choices, part by part: a name, a sentence, and what can be chosen.

//!
//! | file | what |
//! |---|---|
//! | here | what a choice is, and the lists choices are made from |
//! | `money` | what is sent, and where the money goes |
//! | `items` | what lines and payment methods are called, and what they are reported under |
//! | `customers` | how customers are matched and created |
//! | `documents` | how receipts are written, and who is told of trouble |

mod customers;
mod documents;
mod items;
mod money;

use bookkeeping::company::{Account, Company};
use bookkeeping::connection::Connection;
use bookkeeping::ids::ItemId;
use bookkeeping::money::Currency;
use bookkeeping::settings::Items;
use bookkeeping::transaction::{Language, Method};
use common::locales::say;
use common::mail::spelled_day;
use jiff::civil::Date;

pub(crate) use customers::fallback_name;
pub(super) use items::{Subject, subjects};

/// One part of the settings, saved together.
pub(super) struct Part {
    pub name: &'static str,
    pub title: String,
    /// What it decides.
    pub says: String,
    /// Those that are seen first.
    pub choices: Vec<Choice>,
    /// Those that few need.
    pub folds: Vec<Fold>,
}

/// Choices that are seen once they are unfolded; saved with their part all the same.
pub(super) struct Fold {
    pub title: String,
    pub choices: Vec<Choice>,
}

impl Part {
    /// Every choice, seen first or not.
    pub(super) fn into_choices(self) -> impl Iterator<Item = Choice> {
        let folded = self.folds.into_iter().flat_map(|fold| fold.choices);
        self.choices.into_iter().chain(folded)
    }
}

/// One choice.
pub(super) struct Choice {
    pub name: String,
    pub label: String,
    /// What it is for; empty where the label says it.
    pub says: String,
    pub input: Input,
}

/// How a choice is made.
pub(super) enum Input {
    /// One of these: value, name, whether it is chosen.
    Select(Vec<(String, String, bool)>),
    /// Yes or no.
    Check(bool),
    /// Something written.
    Text(String),
    /// An e-mail address.
    Email(String),
    /// A day.
    Day(String),
    /// A record that is looked for on a page of its own: its name, and where that is.
    Record(String, String),
    /// Nothing can be chosen, and why.
    Note,
}

/// An item of the settings, by its name.
pub(super) type ItemOf = (&'static str, fn(&mut Items) -> &mut Option<ItemId>);

pub(super) const ITEMS: [ItemOf; 10] = [
    ("fallback", |items| &mut items.fallback),
    ("product", |items| &mut items.product),
    ("fee", |items| &mut items.fee),
    ("tip", |items| &mut items.tip),
    ("discount", |items| &mut items.discount),
    ("gift_card", |items| &mut items.gift_card),
    ("deposit", |items| &mut items.deposit),
    ("deposit_forfeited", |items| &mut items.deposit_forfeited),
    ("rounding", |items| &mut items.rounding),
    ("tax", |items| &mut items.tax),
];

/// The words in which choices are written down.
pub(super) struct Words(Language);

impl Words {
    fn say(&self, message: &str) -> String {
        say(self.0, message, None, &[])
    }

    fn part(&self, name: &'static str, choices: Vec<Choice>) -> Part {
        let message = format!("settings-{name}");
        Part {
            name,
            title: self.say(&message),
            says: say(self.0, &message, Some("says"), &[]),
            choices,
            folds: Vec::new(),
        }
    }

    fn choice(&self, name: &str, message: &str, input: Input) -> Choice {
        Choice {
            name: name.to_owned(),
            label: self.say(message),
            says: say(self.0, message, Some("says"), &[]),
            input,
        }
    }

    fn options(&self, options: &[(&str, &str)], chosen: &str) -> Input {
        let option = |(value, message): &(&str, &str)| {
            ((*value).to_owned(), self.say(message), *value == chosen)
        };
        Input::Select(options.iter().map(option).collect())
    }

    fn day(&self, day: Date) -> String {
        spelled_day(day, self.0)
    }

    /// A choice whose label or sentence names what it is about.
    fn named(&self, name: String, message: &str, figure: (&str, &str), input: Input) -> Choice {
        Choice {
            name,
            label: say(self.0, message, None, &[figure]),
            says: say(self.0, message, Some("says"), &[figure]),
            input,
        }
    }

    /// A select of a company's list, with an empty first line that says what happens without a choice.
    fn list<'a>(
        &self,
        without: &str,
        list: impl Iterator<Item = (&'a str, &'a str)>,
        chosen: Option<&str>,
    ) -> Input {
        let first = (String::new(), self.say(without), chosen.is_none());
        let mut options = vec![first];
        options.extend(list.map(|(id, name)| (id.to_owned(), name.to_owned(), Some(id) == chosen)));
        // What is chosen and gone is still shown, so that saving another choice does not change it unseen.
        if let Some(gone) = chosen.filter(|id| !options.iter().any(|(known, _, _)| known == id)) {
            let name = say(self.0, "settings-gone", None, &[("id", gone)]);
            options.push((gone.to_owned(), name, true));
        }
        Input::Select(options)
    }
}

pub(super) fn accounts(company: &Company) -> impl Iterator<Item = (&str, &str)> {
    let usable = company
        .accounts
        .iter()
        .filter(|account| account.takes_deposits());
    usable.map(|account: &Account| (account.id.as_ref(), account.name.as_str()))
}

pub(super) fn items(company: &Company) -> impl Iterator<Item = (&str, &str)> {
    let usable = company.items.iter().filter(|item| item.active);
    usable.map(|item| (item.id.as_ref(), item.name.as_str()))
}

/// The methods there may be payments by.
pub(super) fn methods(connection: &Connection) -> Vec<String> {
    let known = Method::KNOWN
        .iter()
        .map(|method| method.as_str().to_owned());
    let met = connection.catalogue.methods.iter().cloned();
    let mut methods: Vec<String> = known.collect();
    methods.extend(met.filter(|method| Method::KNOWN.iter().all(|known| known.as_str() != method)));
    methods
}

/// The methods there are payments by in another currency, or that have an account of their own for it.
pub(super) fn foreign_methods(connection: &Connection, currency: Currency) -> Vec<String> {
    let settings = &connection.settings;
    let chosen = settings.deposits.by_currency.get(&currency);
    let is_chosen = |method: &String| chosen.is_some_and(|chosen| chosen.contains_key(method));
    let is_met = |method: &String| connection.catalogue.methods.contains(method);
    let mut all = methods(connection);
    all.retain(|method| {
        is_chosen(method) || is_met(method) && !settings.methods_off.contains(method)
    });
    all
}

/// A method's name, by its name in messages.
pub(crate) fn method_name(method: &str, language: Language) -> String {
    let name = say(language, &format!("method-{method}"), None, &[]);
    if name.is_empty() {
        method.to_owned()
    } else {
        name
    }
}

/// Every choice, as it is made.
pub(super) fn parts(connection: &Connection, language: Language) -> Vec<Part> {
    let words = Words(language);
    let part = |name, choices| words.part(name, choices);
    let mut all = vec![
        part("sync", money::sync(connection, &words)),
        money::deposits(connection, &words),
        part("items", items::items(connection, &words)),
        part("customers", customers::customers(connection, &words)),
        part("documents", documents::documents(connection, &words)),
        part("methods", items::methods(connection, &words)),
    ];
    let tracking = items::tracking(connection, &words);
    if !tracking.is_empty() {
        all.push(part("tracking", tracking));
    }
    all.push(part("people", documents::people(connection, &words)));
    all
}

/// The currencies a company keeps beside its own.
pub(super) fn foreign(company: &Company) -> impl Iterator<Item = Currency> {
    let others = company.currencies.iter().flatten().copied();
    others.filter(|currency| company.multicurrency && *currency != company.home_currency)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_choice_has_a_name_and_a_sentence_in_both_languages() {
        let connection: Connection = serde_json::from_value(serde_json::json!({
            "merchant": "mer_1", "epoch": 1, "state": "connected", "time_zone": "America/Toronto",
            "settings": {"deposits": {"clearing": {}}, "items": {}},
            "catalogue": {"services": {"svc_1": "Windows"}, "teams": ["team_1"], "territories": ["ter_1"],
                          "methods": ["card", "barter"]},
            "company": {
                "realm": "9341450000000001", "name": "Laurier", "country": "US", "home_currency": "USD",
                "multicurrency": true, "currencies": ["CAD"], "custom_numbers": true, "tax_model": "us_automated",
                "tracking": {"classes_on_documents": false, "classes_on_lines": true, "locations": true},
                "tax_codes": [], "accounts": [], "items": [], "payment_methods": []
            }
        }))
        .expect("a connection");
        // One of many of a kind: what it decides is said once, by its part.
        let of_many = [
            "method.",
            "deposit.",
            "refund.",
            "service.",
            "called.",
            "class.service.",
            "location.service.",
        ];
        for language in [Language::English, Language::French] {
            let parts = parts(&connection, language);
            assert_eq!(parts.len(), 8);
            for part in parts {
                assert!(
                    !part.title.is_empty() && !part.says.is_empty(),
                    "{}",
                    part.name
                );
                assert!(!part.choices.is_empty(), "{}", part.name);
                for choice in part.into_choices() {
                    assert!(!choice.label.is_empty(), "{} in {language:?}", choice.name);
                    let is_said = of_many.iter().any(|begins| choice.name.starts_with(begins));
                    assert!(
                        is_said || !choice.says.is_empty(),
                        "{} in {language:?}",
                        choice.name
                    );
                }
            }
        }
    }
}
