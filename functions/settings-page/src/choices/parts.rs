//! The choices, part by part: a name, a sentence, and what can be chosen.

use bookkeeping::company::{Account, Company, TaxModel};
use bookkeeping::connection::Connection;
use bookkeeping::customer::{DistinctNames, OtherEmail};
use bookkeeping::ids::ItemId;
use bookkeeping::merchant::Addressee;
use bookkeeping::money::Currency;
use bookkeeping::settings::{AutomatedTax, ClosedBooks, DiscountStyle, Items};
use bookkeeping::transaction::{Language, Method};
use common::locales::say;

/// One part of the settings, saved together.
pub(super) struct Part {
    pub name: &'static str,
    pub title: String,
    /// What it decides.
    pub says: String,
    pub choices: Vec<Choice>,
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
struct Words(Language);

impl Words {
    fn say(&self, message: &str) -> String {
        say(self.0, message, None, &[])
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
    let part = |name: &'static str, choices| Part {
        name,
        title: words.say(&format!("settings-{name}")),
        says: say(language, &format!("settings-{name}"), Some("says"), &[]),
        choices,
    };
    vec![
        part("sync", sync(connection, &words)),
        part("deposits", deposits(connection, &words)),
        part("items", item_choices(connection, &words)),
        part("customers", customers(connection, &words)),
        part("documents", documents(connection, &words)),
        part("people", people(connection, &words)),
    ]
}

fn sync(connection: &Connection, words: &Words) -> Vec<Choice> {
    let settings = &connection.settings;
    let start = settings
        .start_date
        .map(|day| day.to_string())
        .unwrap_or_default();
    let mut choices = vec![words.choice("start_date", "settings-start-date", Input::Day(start))];
    for method in methods(connection) {
        choices.push(Choice {
            label: method_name(&method, words.0),
            says: String::new(),
            input: Input::Check(!settings.methods_off.contains(&method)),
            name: format!("method.{method}"),
        });
    }
    choices
}

fn deposits(connection: &Connection, words: &Words) -> Vec<Choice> {
    let (settings, company) = (&connection.settings, &connection.company);
    let deposits = &settings.deposits;
    let mut choices = Vec::new();
    let mut currencies = vec![company.home_currency];
    currencies.extend(company.currencies.iter().flatten().copied());
    currencies.extend(deposits.clearing.keys().copied());
    currencies.sort_unstable();
    currencies.dedup();
    for currency in currencies {
        let chosen = deposits.clearing.get(&currency).map(AsRef::as_ref);
        choices.push(Choice {
            name: format!("clearing.{currency}"),
            label: say(
                words.0,
                "settings-clearing",
                None,
                &[("currency", currency.code())],
            ),
            says: say(words.0, "settings-clearing", Some("says"), &[]),
            input: words.list("settings-asks", accounts(company), chosen),
        });
    }
    let chosen = deposits.undeposited_funds.as_ref().map(AsRef::as_ref);
    let input = words.list("settings-as-cards", accounts(company), chosen);
    choices.push(words.choice("undeposited_funds", "settings-undeposited-funds", input));
    for method in methods(connection)
        .iter()
        .filter(|method| !settings.methods_off.contains(*method))
    {
        let name = method_name(method, words.0);
        let figures = [("method", name.as_str())];
        let to = deposits.by_method.get(method).map(AsRef::as_ref);
        let from = deposits.refunds_by_method.get(method).map(AsRef::as_ref);
        for (field, message, chosen, without) in [
            ("deposit", "settings-deposit", to, "settings-by-default"),
            ("refund", "settings-refund", from, "settings-where-it-went"),
        ] {
            choices.push(Choice {
                name: format!("{field}.{method}"),
                label: say(words.0, message, None, &figures),
                says: String::new(),
                input: words.list(without, accounts(company), chosen),
            });
        }
    }
    choices
}

fn item_choices(connection: &Connection, words: &Words) -> Vec<Choice> {
    let company = &connection.company;
    let mut chosen = connection.settings.items.clone();
    let mut choices: Vec<Choice> = ITEMS
        .iter()
        .map(|(name, place)| {
            let without = match *name {
                "product" | "fee" | "deposit_forfeited" => "settings-as-services",
                "discount" => "settings-not-needed",
                _ => "settings-asks",
            };
            let chosen = place(&mut chosen).clone();
            let input = words.list(without, items(company), chosen.as_ref().map(AsRef::as_ref));
            words.choice(
                &format!("item.{name}"),
                &format!("settings-item-{}", name.replace('_', "-")),
                input,
            )
        })
        .collect();
    for (service, name) in &connection.catalogue.services {
        let own = connection
            .settings
            .items
            .by_service
            .get(service)
            .map(AsRef::as_ref);
        let name = name.as_deref().unwrap_or(service.as_ref());
        choices.push(Choice {
            name: format!("service.{service}"),
            label: say(words.0, "settings-item-service", None, &[("service", name)]),
            says: String::new(),
            input: words.list("settings-as-services", items(company), own),
        });
    }
    choices
}

fn customers(connection: &Connection, words: &Words) -> Vec<Choice> {
    let settings = &connection.settings;
    let policies = settings.customers;
    let other_email = match policies.name_with_other_email {
        OtherEmail::Link => "link",
        OtherEmail::Create => "create",
        OtherEmail::Ask => "ask",
    };
    let distinct = match policies.distinct_names {
        DistinctNames::Counted => "counted",
        DistinctNames::Number => "number",
    };
    let fallback = settings.fallback_customer.as_ref().map(ToString::to_string);
    let mut choices = vec![
        words.choice(
            "name_with_other_email",
            "settings-other-email",
            words.options(
                &[
                    ("link", "settings-other-email-link"),
                    ("create", "settings-other-email-create"),
                    ("ask", "settings-other-email-ask"),
                ],
                other_email,
            ),
        ),
        words.choice(
            "update_existing",
            "settings-update-existing",
            Input::Check(policies.update_existing),
        ),
        words.choice(
            "distinct_names",
            "settings-distinct-names",
            words.options(
                &[
                    ("counted", "settings-distinct-counted"),
                    ("number", "settings-distinct-number"),
                ],
                distinct,
            ),
        ),
        words.choice(
            "fallback_customer",
            "settings-fallback-customer",
            Input::Text(fallback.unwrap_or_default()),
        ),
        words.choice(
            "fallback_instead_of_creating",
            "settings-fallback-instead",
            Input::Check(policies.fallback_instead_of_creating),
        ),
    ];
    for currency in foreign(&connection.company) {
        let record = settings.fallback_by_currency.get(&currency);
        choices.push(Choice {
            name: format!("fallback_customer.{currency}"),
            label: say(
                words.0,
                "settings-fallback-foreign",
                None,
                &[("currency", currency.code())],
            ),
            says: String::new(),
            input: Input::Text(record.map(ToString::to_string).unwrap_or_default()),
        });
    }
    choices
}

/// The currencies a company keeps beside its own.
pub(super) fn foreign(company: &Company) -> impl Iterator<Item = Currency> {
    let others = company.currencies.iter().flatten().copied();
    others.filter(|currency| company.multicurrency && *currency != company.home_currency)
}

fn documents(connection: &Connection, words: &Words) -> Vec<Choice> {
    let settings = &connection.settings;
    let discounts = match settings.discounts {
        DiscountStyle::Spread => "spread",
        DiscountStyle::Line => "line",
    };
    let mut choices = vec![words.choice(
        "discounts",
        "settings-discounts",
        words.options(
            &[
                ("spread", "settings-discounts-spread"),
                ("line", "settings-discounts-line"),
            ],
            discounts,
        ),
    )];
    let closed = match settings.closed_books {
        ClosedBooks::Hold => "hold",
        ClosedBooks::FirstOpenDay => "first_open_day",
    };
    let options = [
        ("hold", "settings-closed-hold"),
        ("first_open_day", "settings-closed-open"),
    ];
    let input = words.options(&options, closed);
    choices.push(words.choice("closed_books", "settings-closed", input));
    let told = connection
        .company
        .closed_through
        .max(settings.closed_through);
    let day = told.map(|day| day.to_string()).unwrap_or_default();
    choices.push(words.choice("closed_through", "settings-closed-through", Input::Day(day)));
    if connection.company.tax_model == TaxModel::UsAutomated {
        let chosen = match settings.automated_tax {
            AutomatedTax::AsCharged => "as_charged",
            AutomatedTax::Line => "line",
            AutomatedTax::Own => "own",
        };
        let options = [
            ("as_charged", "settings-automated-as-charged"),
            ("line", "settings-automated-line"),
            ("own", "settings-automated-own"),
        ];
        choices.push(words.choice(
            "automated_tax",
            "settings-automated",
            words.options(&options, chosen),
        ));
    }
    for (language, name) in [
        (Language::English, "memo.en"),
        (Language::French, "memo.fr"),
    ] {
        let memo = settings
            .customer_memo
            .get(&language)
            .cloned()
            .unwrap_or_default();
        choices.push(words.choice(
            name,
            &format!("settings-{}", name.replace('.', "-")),
            Input::Text(memo),
        ));
    }
    let company = &connection.company;
    for (service, name) in &connection.catalogue.services {
        let name = name.as_deref().unwrap_or(service.as_ref());
        if company.tracking.classes() {
            let list = company
                .classes
                .iter()
                .map(|class| (class.id.as_ref(), class.name.as_str()));
            let chosen = settings.classes.by_service.get(service).map(AsRef::as_ref);
            choices.push(Choice {
                name: format!("class.{service}"),
                label: say(words.0, "settings-class", None, &[("service", name)]),
                says: String::new(),
                input: words.list("settings-none", list, chosen),
            });
        }
        if company.tracking.locations {
            let list = company
                .departments
                .iter()
                .map(|one| (one.id.as_ref(), one.name.as_str()));
            let chosen = settings
                .locations
                .by_service
                .get(service)
                .map(AsRef::as_ref);
            choices.push(Choice {
                name: format!("location.{service}"),
                label: say(words.0, "settings-location", None, &[("service", name)]),
                says: String::new(),
                input: words.list("settings-none", list, chosen),
            });
        }
    }
    choices
}

fn people(connection: &Connection, words: &Words) -> Vec<Choice> {
    let bookkeeper = connection.settings.bookkeeper.as_ref();
    let of = |what: fn(&Addressee) -> String| bookkeeper.map(what).unwrap_or_default();
    let language = bookkeeper.map_or(Language::English, |person| person.language);
    vec![
        words.choice(
            "bookkeeper.name",
            "settings-bookkeeper-name",
            Input::Text(of(|person| person.name.clone())),
        ),
        words.choice(
            "bookkeeper.email",
            "settings-bookkeeper-email",
            Input::Email(of(|person| person.email.clone())),
        ),
        words.choice(
            "bookkeeper.language",
            "settings-bookkeeper-language",
            words.options(
                &[("en", "language-en"), ("fr", "language-fr")],
                language.as_str(),
            ),
        ),
    ]
}
