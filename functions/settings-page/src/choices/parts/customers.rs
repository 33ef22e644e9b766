//! How customers are matched, created and kept up to date.

use bookkeeping::connection::Connection;
use bookkeeping::customer::{DistinctNames, OtherEmail};
use bookkeeping::ids::CompanyCustomerId;
use bookkeeping::money::Currency;

use super::{Choice, Input, Words, foreign};
use crate::fallback::FALLBACK;

pub(super) fn customers(connection: &Connection, words: &Words) -> Vec<Choice> {
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
    let company = &connection.company;
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
        fallback(connection, words, company.home_currency),
        words.choice(
            "fallback_instead_of_creating",
            "settings-fallback-instead",
            Input::Check(policies.fallback_instead_of_creating),
        ),
    ];
    choices.extend(foreign(company).map(|currency| fallback(connection, words, currency)));
    choices
}

/// Who payments in a currency are booked to that have no customer.
fn fallback(connection: &Connection, words: &Words, currency: Currency) -> Choice {
    let (settings, company) = (&connection.settings, &connection.company);
    let chosen = settings.fallback(currency, company);
    let name = chosen.map(|record| fallback_name(connection, record));
    let input = Input::Record(
        name.unwrap_or_else(|| words.say("settings-asks")),
        format!("{FALLBACK}?currency={currency}"),
    );
    match currency == company.home_currency {
        true => words.choice("fallback_customer", "settings-fallback-customer", input),
        false => words.named(
            format!("fallback_by_currency.{currency}"),
            "settings-fallback-foreign",
            ("currency", currency.code()),
            input,
        ),
    }
}

/// What the record was called when it was chosen.
pub(crate) fn fallback_name(connection: &Connection, record: &CompanyCustomerId) -> String {
    let name = connection.settings.fallback_names.get(record);
    name.cloned().unwrap_or_else(|| record.to_string())
}
