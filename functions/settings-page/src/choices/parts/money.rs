//! What is sent, and where its money goes.

use bookkeeping::connection::Connection;
use bookkeeping::ids::AccountId;
use bookkeeping::transaction::Method;

use super::{
    Choice, Fold, Input, Part, Words, accounts, foreign, foreign_methods, method_name, methods,
};

pub(super) fn sync(connection: &Connection, words: &Words) -> Vec<Choice> {
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

/// Where the money goes: two accounts that most need alone, and one for each method.
pub(super) fn deposits(connection: &Connection, words: &Words) -> Part {
    let (settings, company) = (&connection.settings, &connection.company);
    let deposits = &settings.deposits;
    let mut first = Vec::new();
    let mut currencies = vec![company.home_currency];
    currencies.extend(company.currencies.iter().flatten().copied());
    currencies.extend(deposits.clearing.keys().copied());
    currencies.sort_unstable();
    currencies.dedup();
    for currency in currencies {
        let chosen = deposits.clearing.get(&currency).map(AsRef::as_ref);
        first.push(words.named(
            format!("clearing.{currency}"),
            "settings-clearing",
            ("currency", currency.code()),
            words.list("settings-asks", accounts(company), chosen),
        ));
    }
    let chosen = deposits.undeposited_funds.as_ref().map(AsRef::as_ref);
    let input = words.list("settings-as-cards", accounts(company), chosen);
    first.push(words.choice("undeposited_funds", "settings-undeposited-funds", input));
    let (mut payments, mut refunds) = (Vec::new(), Vec::new());
    for method in methods(connection)
        .iter()
        .filter(|method| !settings.methods_off.contains(*method))
    {
        let name = method_name(method, words.0);
        let account = |field: &str, message, chosen: Option<&AccountId>, without| {
            words.named(
                format!("{field}.{method}"),
                message,
                ("method", &name),
                words.list(without, accounts(company), chosen.map(AsRef::as_ref)),
            )
        };
        let (to, from) = (
            deposits.by_method.get(method),
            deposits.refunds_by_method.get(method),
        );
        let deposit = account("deposit", "settings-deposit", to, by_default(method));
        // What was chosen once is seen.
        match to {
            Some(_) => first.push(deposit),
            None => payments.push(deposit),
        }
        let refund = account("refund", "settings-refund", from, "settings-where-it-went");
        match from {
            Some(_) => first.push(refund),
            None => refunds.push(refund),
        }
    }
    first.extend(abroad(connection, words));
    let mut part = words.part("deposits", first);
    for (message, choices) in [
        ("settings-fold-payments", payments),
        ("settings-fold-refunds", refunds),
    ] {
        if !choices.is_empty() {
            part.folds.push(Fold {
                title: words.say(message),
                choices,
            });
        }
    }
    part
}

/// The words for the account a method's payments go to where none is chosen: one of the two above.
fn by_default(method: &str) -> &'static str {
    match Method::from_word(method) {
        Method::Cash | Method::Cheque => "settings-by-default-cash",
        _ => "settings-by-default-cards",
    }
}

/// The accounts of methods that were met, for payments in each other currency.
fn abroad(connection: &Connection, words: &Words) -> Vec<Choice> {
    let (settings, company) = (&connection.settings, &connection.company);
    let mut choices = Vec::new();
    for currency in foreign(company) {
        for method in foreign_methods(connection, currency) {
            let chosen = settings.deposits.by_currency.get(&currency);
            let chosen = chosen.and_then(|by_method| by_method.get(&method));
            let name = format!("{} ({currency})", method_name(&method, words.0));
            choices.push(words.named(
                format!("deposit.{method}.{currency}"),
                "settings-deposit",
                ("method", &name),
                words.list(
                    by_default(&method),
                    accounts(company),
                    chosen.map(AsRef::as_ref),
                ),
            ));
        }
    }
    choices
}
