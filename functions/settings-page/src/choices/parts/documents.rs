//! How receipts are written, and who is told of trouble.

use bookkeeping::company::TaxModel;
use bookkeeping::connection::Connection;
use bookkeeping::merchant::Addressee;
use bookkeeping::settings::{AutomatedTax, ClosedBooks, DiscountStyle, Numbers};
use bookkeeping::transaction::Language;

use super::{Choice, Input, Words};

pub(super) fn documents(connection: &Connection, words: &Words) -> Vec<Choice> {
    let settings = &connection.settings;
    let discounts = match settings.discounts {
        DiscountStyle::Spread => "spread",
        DiscountStyle::Line => "line",
    };
    let mut choices = vec![numbers(connection, words)];
    choices.push(words.choice(
        "discounts",
        "settings-discounts",
        words.options(
            &[
                ("spread", "settings-discounts-spread"),
                ("line", "settings-discounts-line"),
            ],
            discounts,
        ),
    ));
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
    choices.push(closed_through(connection, words));
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
    let chosen = settings.language.map_or("", Language::as_str);
    let options = [
        ("", "settings-language-theirs"),
        ("en", "language-en"),
        ("fr", "language-fr"),
    ];
    choices.push(words.choice(
        "language",
        "settings-language",
        words.options(&options, chosen),
    ));
    choices
}

/// The operator's own day; QuickBooks' stands beside it, so that saving does not make it the operator's.
fn closed_through(connection: &Connection, words: &Words) -> Choice {
    let ours = connection.settings.closed_through;
    let day = ours.map(|day| day.to_string()).unwrap_or_default();
    let (name, input) = ("closed_through".to_owned(), Input::Day(day));
    match connection.company.closed_through {
        None => words.choice(&name, "settings-closed-through", input),
        Some(told) => {
            let told = words.day(told);
            words.named(name, "settings-closed-through-told", ("day", &told), input)
        }
    }
}

/// How documents are numbered; said to be QuickBooks' own where the company does not let us.
fn numbers(connection: &Connection, words: &Words) -> Choice {
    if !connection.company.custom_numbers {
        return words.choice("numbers", "settings-numbers-theirs", Input::Note);
    }
    let chosen = match connection.settings.numbers {
        Numbers::Marked => "marked",
        Numbers::Plain => "plain",
        Numbers::Without => "without",
    };
    let options = [
        ("marked", "settings-numbers-marked"),
        ("plain", "settings-numbers-plain"),
        ("without", "settings-numbers-without"),
    ];
    words.choice(
        "numbers",
        "settings-numbers",
        words.options(&options, chosen),
    )
}

pub(super) fn people(connection: &Connection, words: &Words) -> Vec<Choice> {
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
