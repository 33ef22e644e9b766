//! The first line: how many of the transactions received are in QuickBooks, how many wait, how many need the operator.

use std::collections::BTreeMap;

use bookkeeping::ids::MerchantId;
use bookkeeping::money::{Amount, Currency};
use bookkeeping::reason::State;
use bookkeeping::transaction::{Kind, Language};
use common::locales::say;
use common::mail::spelled;
use common::store::StoreError;
use common::store::activity::Entry;
use common::world::World;
use jiff::tz::TimeZone;

use crate::activity::tone;
use crate::period::{Period, add, read};

/// Most transactions of a month that are counted: a page answers in time however many there are.
const COUNTED_MAX: usize = 500;

/// What became of one month's transactions.
pub(crate) struct Month {
    /// Which month.
    pub name: String,
    /// How addresses name it.
    pub key: String,
    /// Whether it is the one we are in.
    pub is_this: bool,
    /// The sentence.
    pub says: String,
    /// How many are in each state, for the bar: a tone, where it begins and how wide it is, in thousandths.
    pub shares: Vec<(&'static str, usize, usize)>,
    /// Whether any needs the operator.
    pub needs_you: bool,
    /// What was received and paid back, by currency.
    pub sums: String,
}

#[derive(Default)]
struct Tally {
    states: BTreeMap<State, usize>,
    received: BTreeMap<Currency, Amount>,
    paid_back: BTreeMap<Currency, Amount>,
    more: bool,
}

impl Tally {
    fn count(&self, state: State) -> usize {
        self.states.get(&state).copied().unwrap_or_default()
    }

    fn all(&self) -> usize {
        self.states.values().sum()
    }

    fn add(&mut self, entry: &Entry) {
        *self.states.entry(entry.row.state()).or_default() += 1;
        let sums = match entry.key.as_ref().map(|key| key.kind) {
            Some(Kind::Refund) => &mut self.paid_back,
            _ => &mut self.received,
        };
        let amount = entry
            .row
            .listing
            .as_ref()
            .and_then(|listing| listing.amount);
        if let Some(amount) = amount.filter(|_| entry.row.state() == State::Synced) {
            add(sums, amount.currency(), amount);
        }
    }
}

/// This month and the last, in the merchant's time zone; those in which nothing was received are left out.
///
/// # Errors
///
/// [`StoreError`] where the store is not to be had.
pub(crate) async fn months<W: World>(
    world: &W,
    merchant: &MerchantId,
    zone: &TimeZone,
    language: Language,
) -> Result<Vec<Month>, StoreError> {
    let this = Period::of(zone.to_datetime(world.now()).date());
    let mut months = Vec::new();
    for period in [Some(this), this.before()].into_iter().flatten() {
        let mut tally = Tally::default();
        let each = |entry: Entry| tally.add(&entry);
        let next = read(world, (merchant, zone), period, None, COUNTED_MAX, each).await?;
        tally.more = next.is_some();
        if tally.all() > 0 {
            months.push(month(&tally, period, period == this, language));
        }
    }
    Ok(months)
}

fn month(tally: &Tally, period: Period, is_this: bool, language: Language) -> Month {
    let figure = |count: usize| count.to_string();
    let (all, synced) = (figure(tally.all()), figure(tally.count(State::Synced)));
    let of_all = if tally.more {
        "summary-newest"
    } else {
        "summary-all"
    };
    let how = match (tally.count(State::Synced), tally.all()) {
        (1, 1) => "one",
        (synced, all) if synced == all => "all",
        _ => "some",
    };
    let figures = [("how", how), ("all", all.as_str()), ("synced", &synced)];
    let mut says = vec![say(language, of_all, None, &figures)];
    for (state, message) in [
        (State::NeedsOperator, "summary-needs-you"),
        (State::Waiting, "summary-waiting"),
        (State::Failed, "summary-failed"),
        (State::Skipped, "summary-skipped"),
    ] {
        let count = tally.count(state);
        if count > 0 {
            let how = if count == 1 { "one" } else { "many" };
            says.push(say(
                language,
                message,
                None,
                &[("how", how), ("count", &figure(count))],
            ));
        }
    }
    let thousandths = |count: usize| count * 1000 / tally.all().max(1);
    let mut before = 0;
    let share = |(state, count): (&State, &usize)| {
        let (from, to) = (thousandths(before), thousandths(before + count));
        before += count;
        (tone(*state), from, to - from)
    };
    let shares = tally.states.iter().map(share).collect();
    Month {
        name: period.name(language),
        key: period.key(),
        is_this,
        says: says.join(" "),
        shares,
        needs_you: tally.count(State::NeedsOperator) > 0,
        sums: sums(tally, language),
    }
}

fn sums(tally: &Tally, language: Language) -> String {
    let spell = |sums: &BTreeMap<Currency, Amount>| {
        let texts: Vec<String> = sums.values().map(|sum| spelled(*sum, language)).collect();
        texts.join(", ")
    };
    let (received, paid_back) = (spell(&tally.received), spell(&tally.paid_back));
    let figures = [
        ("received", received.as_str()),
        ("back", paid_back.as_str()),
    ];
    match (received.is_empty(), paid_back.is_empty()) {
        (true, true) => String::new(),
        (_, true) => say(language, "summary-received", None, &figures),
        (true, false) => say(language, "summary-back", None, &figures),
        (false, false) => say(language, "summary-both", None, &figures),
    }
}
