//! Stopped: why an operator's click came to nothing at QuickBooks, said on the next page.

use bookkeeping::reason::{Reason, ReasonCode};
use bookkeeping::transaction::Language;
use common::locales::{say, sentences};
use common::world::World;
use quickbooks::Fault;
use recording::stop::{Stop, closes_the_connection};

/// What is said of a read that was not answered, in an address.
pub(crate) fn unread<W: World>(world: &W, fault: &Fault) -> String {
    undone(&Stop::for_read(fault, world.now(), world.timing()))
}

/// What is said of a write that was refused or not answered, in an address.
pub(crate) fn unwritten<W: World>(world: &W, fault: &Fault) -> String {
    undone(&Stop::for_fault(fault, "", world.now(), world.timing()))
}

/// What is said of a stop, in an address.
pub(crate) fn undone(stop: &Stop) -> String {
    let name = match stop.reason.code {
        ReasonCode::AnswerUnknown => "unknown",
        ReasonCode::Throttled => "throttled",
        ReasonCode::QuickBooksDown | ReasonCode::TokenRefreshing => "refresh",
        ReasonCode::CustomerNameTaken => "name-taken",
        code if closes_the_connection(code) => code.as_str(),
        _ => "refused",
    };
    format!("undone={name}")
}

/// The words for a reason that closes the connection, by its code in an address; empty where it names none.
pub(crate) fn closing(code: &str, language: Language) -> String {
    let mut closing = ReasonCode::ALL.iter().copied();
    let named = closing.find(|known| known.as_str() == code && closes_the_connection(*known));
    let Some(code) = named else {
        return String::new();
    };
    let mut said = sentences(&Reason::new(code), language);
    // What we did is said of a transaction.
    said.did = say(language, "undone-nothing", None, &[]);
    said.together()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_stops_a_click_is_said_in_both_languages_and_only_an_answer_that_was_lost_is_called_unknown()
     {
        for code in ReasonCode::ALL {
            let outcome = undone(&Stop::from(Reason::new(*code)));
            let (_, name) = outcome.split_once('=').expect("a name");
            for language in [Language::English, Language::French] {
                let own = say(language, &format!("undone-{name}"), None, &[]);
                let closing = closing(name, language);
                let said = format!("{own}{closing}");
                assert!(own.is_empty() != closing.is_empty(), "{name}: {said}");
                assert!(!said.contains(['{', '$']), "{said}");
            }
            let own = say(Language::English, &format!("undone-{name}"), None, &[]);
            let is_unknown = *code == ReasonCode::AnswerUnknown;
            assert_eq!(own.contains("do not know"), is_unknown, "{own}");
        }
    }
}
