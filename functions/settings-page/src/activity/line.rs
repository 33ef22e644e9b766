//! One transaction as a line of a list.

use bookkeeping::outcome::Synced;
use bookkeeping::reason::State;
use bookkeeping::transaction::{Kind, Language};
use common::locales::{say, sentences};
use common::mail::spelled;
use common::store::activity::Entry;

use crate::dates::{short_day, time_of_day};
use crate::entry::address;
use crate::names::{BETWEEN, Names};
use crate::view::View;

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

/// How an entry is shown in a list.
pub(crate) fn line(entry: &Entry, names: &Names, view: &View<'_>) -> Line {
    let language = view.language;
    let words = |message: &str| say(language, message, None, &[]);
    let row = &entry.row;
    let listing = row.listing.as_ref();
    let at = listing.map(|listing| view.zone.to_datetime(listing.moved_at));
    let state = row.state();
    let says = match (&row.synced, &row.reason) {
        (Some(synced), _) if state == State::Synced => recorded(synced, view),
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

/// A receipt's number, and its company where that is not the one connected now.
fn recorded(synced: &Synced, view: &View<'_>) -> String {
    let parts = [synced.number.clone(), view.elsewhere(&synced.realm)];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    parts.join(BETWEEN)
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
