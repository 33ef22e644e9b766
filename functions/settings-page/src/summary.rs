//! The first line: how many of the transactions received are in QuickBooks, how many wait, how many need the operator.

use std::collections::BTreeMap;

use bookkeeping::ids::MerchantId;
use bookkeeping::money::{Amount, Currency};
use bookkeeping::reason::State;
use bookkeeping::transaction::{Kind, Language};
use common::locales::say;
use common::mail::spelled;
use common::store::activity::{Entry, Span};
use common::store::{Activity, StoreError};
use common::world::World;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::activity::tone;

/// Most transactions of a month that are counted: a page answers in time however many there are.
const COUNTED_MAX: usize = 500;

/// How many are read at once.
const READ: usize = 100;

/// What became of one month's transactions.
pub(crate) struct Month {
    /// Which month.
    pub name: String,
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
        let Some(amount) = amount.filter(|_| entry.row.state() == State::Synced) else {
            return;
        };
        let sum = sums
            .get(&amount.currency())
            .map_or(Ok(amount), |sum| sum.checked_add(amount));
        if let Ok(sum) = sum {
            sums.insert(amount.currency(), sum);
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
    let this = zone.to_datetime(world.now()).date().first_of_month();
    let next = this.last_of_month().tomorrow();
    let last = this.yesterday().map(Date::first_of_month);
    let mut months = Vec::new();
    for (from, until) in [(Ok(this), next), (last, Ok(this))] {
        let (Ok(from), Ok(until)) = (from, until) else {
            continue;
        };
        let tally = tally(world, merchant, zone, from, until).await?;
        if tally.all() > 0 {
            months.push(month(&tally, from, from == this, language));
        }
    }
    Ok(months)
}

async fn tally<W: World>(
    world: &W,
    merchant: &MerchantId,
    zone: &TimeZone,
    from: Date,
    until: Date,
) -> Result<Tally, StoreError> {
    let mut tally = Tally::default();
    let midnight = |day: Date| zone.to_timestamp(day.at(0, 0, 0, 0));
    let (Ok(from), Ok(until)) = (midnight(from), midnight(until)) else {
        return Ok(tally);
    };
    let mut after: Option<String> = None;
    loop {
        let span = Span {
            from,
            until,
            after: after.as_deref(),
            limit: READ,
        };
        let read = world.store().activity(merchant, &span).await?;
        let Some(last) = read.last() else {
            return Ok(tally);
        };
        after = Some(last.position.clone());
        read.iter().for_each(|entry| tally.add(entry));
        if read.len() < READ {
            return Ok(tally);
        }
        if tally.all() >= COUNTED_MAX {
            tally.more = true;
            return Ok(tally);
        }
    }
}

fn month(tally: &Tally, from: Date, is_this: bool, language: Language) -> Month {
    let number = format!("m{}", from.month());
    let name = say(language, "mail-month", None, &[("month", &number)]);
    let name = format!("{name} {}", from.year());
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
        name,
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
