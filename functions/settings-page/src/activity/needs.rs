//! What needs the operator, as much as fits a page.

use std::collections::BTreeMap;

use bookkeeping::ids::MerchantId;
use bookkeeping::reason::{ReasonCode, State};
use common::locales::{say, sentences};
use common::store::activity::Entry;
use common::store::{Lots, Place, Row, StoreError};
use common::world::World;

use super::line::{Line, line};
use crate::arrivals::{ARRIVALS, Arrivals};
use crate::entry::{Buttons, currency_of};
use crate::names::Names;
use crate::view::View;

/// How many are read at once, and most that are shown.
const READ: usize = 100;

/// Most reads: what arrived while disconnected may stand before the rest, however much.
const READS_MAX: usize = 10;

/// What needs the operator for one reason.
pub(crate) struct Group {
    pub code: &'static str,
    pub happened: String,
    pub to_do: String,
    pub count: String,
    pub may_retry: bool,
    /// Whether reading the company again is what puts it right.
    pub may_refresh: bool,
    /// Where it is put right, and the words of the button there; empty where that is on each one's page.
    pub cure: Option<(String, String)>,
    pub lines: Vec<Line>,
}

/// What needs the operator.
#[derive(Default)]
pub(crate) struct Held {
    /// What stands by itself, the oldest first, as much as fits a page.
    pub rows: Vec<(Place, Row)>,
    /// Whether there may be more.
    pub or_more: bool,
    /// What arrived while disconnected: it is asked about as a whole, on the overview.
    pub arrivals: Arrivals,
}

impl Held {
    /// The same by its reason; nobody is named.
    pub(crate) fn groups(&self, view: &View<'_>) -> Vec<Group> {
        groups(self, &Names::new(), view)
    }
}

/// Reads what needs the operator, to its end or as far as a page has time for.
///
/// # Errors
///
/// [`StoreError`] where the store is not to be had.
pub(crate) async fn held<W: World>(world: &W, merchant: &MerchantId) -> Result<Held, StoreError> {
    let mut held = Held::default();
    let mut after = None;
    for _ in 0..READS_MAX {
        let read = world.store().held(merchant, after.as_ref(), READ).await?;
        // The store leaves out what stands otherwise by now: few are not yet the last.
        let Some((last, _)) = read.last() else {
            held.or_more = held.rows.len() > READ;
            held.rows.truncate(READ);
            return Ok(held);
        };
        after = Some(last.clone());
        let (arrived, by_itself): (Vec<_>, Vec<_>) = read
            .into_iter()
            .partition(|(place, row)| ARRIVALS.frees(&place.key, row.reason.as_ref()));
        held.arrivals.count += arrived.len();
        held.rows.extend(by_itself);
    }
    held.rows.truncate(READ);
    held.or_more = true;
    held.arrivals.or_more = true;
    Ok(held)
}

/// What needs the operator, by its reason.
pub(super) fn groups(held: &Held, names: &Names, view: &View<'_>) -> Vec<Group> {
    let (language, or_more) = (view.language, held.or_more);
    let mut by_reason: BTreeMap<ReasonCode, Vec<&(Place, Row)>> = BTreeMap::new();
    for entry in &held.rows {
        if let Some(reason) = &entry.1.reason {
            by_reason.entry(reason.code).or_default().push(entry);
        }
    }
    let group = |(code, held): (ReasonCode, Vec<&(Place, Row)>)| {
        let first = held[0].1.reason.as_ref().expect("they have one");
        let sentences = sentences(first, language);
        let entry = |(place, row): &(Place, Row)| Entry {
            position: place.order.clone(),
            key: Some(place.key.clone()),
            row: row.clone(),
        };
        let same = held
            .iter()
            .all(|(_, row)| row.reason.as_ref() == Some(first));
        let count = held.len().to_string();
        let how = match (held.len(), or_more) {
            (1, false) => "one",
            (_, false) => "many",
            (1, true) => "one-or-more",
            (_, true) => "or-more",
        };
        Group {
            code: code.as_str(),
            // Each has figures of its own where they differ.
            happened: if same {
                sentences.happened
            } else {
                String::new()
            },
            to_do: sentences.to_do,
            count: say(
                language,
                "activity-group",
                None,
                &[("how", how), ("count", &count)],
            ),
            may_retry: may_retry(code),
            may_refresh: Buttons::of(code).refresh
                && held.iter().any(|(_, row)| view.is_of_present(row)),
            cure: cure(&held, code, view),
            lines: held
                .into_iter()
                .map(|held| {
                    let mut line = line(&entry(held), names, view);
                    if same {
                        // What happened to all of them is said once.
                        line.says.clear();
                    }
                    line
                })
                .collect(),
        }
    };
    by_reason.into_iter().map(group).collect()
}

/// Where all of these are put right; none where that is on each one's page, or in a company that is not connected.
fn cure(held: &[&(Place, Row)], code: ReasonCode, view: &View<'_>) -> Option<(String, String)> {
    let (place, row) = held.iter().find(|(_, row)| view.is_of_present(row))?;
    let (address, words) = Buttons::of(code).cure(&place.key, currency_of(row))?;
    Some((address, say(view.language, words, None, &[])))
}

/// Whether trying again may help, without anything being chosen or read again first.
pub(crate) fn may_retry(code: ReasonCode) -> bool {
    code.state() == State::NeedsOperator
        && !is_judged_by_lists(code)
        && !matches!(code, ReasonCode::Disconnected | ReasonCode::OtherCompany)
}

/// Whether it is held by what the company was when it was last read, so that only reading it again helps.
pub(crate) fn is_judged_by_lists(code: ReasonCode) -> bool {
    matches!(
        code,
        ReasonCode::SyncOff | ReasonCode::CurrencyNotEnabled | ReasonCode::TaxCodeInactive
    )
}
