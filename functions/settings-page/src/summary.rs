//! The first line: how many of the transactions received are in QuickBooks, how many wait, how many need the operator.

use std::collections::BTreeMap;

use bookkeeping::ids::MerchantId;
use bookkeeping::money::{Amount, Currency};
use bookkeeping::reason::State;
use bookkeeping::transaction::{Kind, Language};
use common::locales::say;
use common::mail::spelled;
use common::store::activity::Tally;
use common::store::{Activity, StoreError};
use common::world::World;
use jiff::tz::TimeZone;

use crate::activity::tone;
use crate::dates::grouped;
use crate::period::Period;

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
    pub shares: Vec<(&'static str, u64, u64)>,
    /// Whether any needs the operator.
    pub needs_you: bool,
    /// What was received and paid back, by currency.
    pub sums: String,
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
        let Some((from, until)) = period.bounds(zone) else {
            continue;
        };
        let tally = world.store().tally(merchant, from, until).await?;
        if tally.all() > 0 {
            months.push(month(&tally, period, period == this, language));
        }
    }
    Ok(months)
}

fn month(tally: &Tally, period: Period, is_this: bool, language: Language) -> Month {
    let count = |state: State| tally.counts.get(&state).copied().unwrap_or_default();
    let figure = |count: u64| grouped(count, language);
    let (all, synced) = (figure(tally.all()), figure(count(State::Synced)));
    let of_all = if tally.more {
        "summary-at-least"
    } else {
        "summary-all"
    };
    let how = match (count(State::Synced), tally.all()) {
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
        let count = count(state);
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
    let thousandths = |count: u64| count * 1000 / tally.all().max(1);
    let mut before = 0;
    let share = |(state, count): (&State, &u64)| {
        let (from, to) = (thousandths(before), thousandths(before + count));
        before += count;
        (tone(*state), from, to - from)
    };
    let shares = tally.counts.iter().map(share).collect();
    Month {
        name: period.name(language),
        key: period.key(),
        is_this,
        says: says.join(" "),
        shares,
        needs_you: count(State::NeedsOperator) > 0,
        sums: sums(tally, language),
    }
}

fn sums(tally: &Tally, language: Language) -> String {
    let spell = |wanted: Kind| {
        let mut sums: BTreeMap<Currency, i128> = BTreeMap::new();
        for ((_, kind, currency), sum) in &tally.sums {
            if *kind == wanted {
                *sums.entry(*currency).or_default() += sum;
            }
        }
        let texts = sums.into_iter().filter_map(|(currency, sum)| {
            let sum = Amount::from_minor(i64::try_from(sum).ok()?, currency);
            Some(spelled(sum, language))
        });
        texts.collect::<Vec<_>>().join(", ")
    };
    let (received, paid_back) = (spell(Kind::Payment), spell(Kind::Refund));
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
