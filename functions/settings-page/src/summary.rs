//! The first line: how many of the transactions received are in QuickBooks, how many wait, how many need the operator.

use std::collections::BTreeMap;

use bookkeeping::ids::MerchantId;
use bookkeeping::money::{Amount, Currency};
use bookkeeping::reason::State;
use bookkeeping::transaction::{Kind, Language};
use common::locales::say;
use common::mail::spelled;
use common::store::activity::Listed;
use common::store::{Activity, StoreError};
use common::world::World;
use jiff::civil::Date;

use crate::activity::{state_name, tone};
use crate::dates::{grouped, short_day};
use crate::period::{Period, add};
use crate::stands::Stands;
use crate::view::View;

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
    /// What the bar's colours mean: a tone, the state's name and how many.
    pub legend: Vec<(&'static str, String, String)>,
    /// The same of each day, as columns.
    pub days: Days,
    /// Whether any needs the operator.
    pub needs_you: bool,
    /// What was received and paid back, by currency.
    pub sums: String,
}

/// A month's days as columns of a picture: so many transactions, by what became of them.
pub(crate) struct Days {
    /// Each part of a column: its tone, where it stands, and how high it is.
    pub parts: Vec<Part>,
    /// How wide the picture is.
    pub width: u64,
    /// The picture in words.
    pub says: String,
}

/// Part of a column, in the picture's own units.
pub(crate) struct Part {
    pub tone: &'static str,
    pub x: u64,
    pub y: u64,
    pub height: u64,
}

/// How high the highest column is, and how far apart two are.
const DAY_HEIGHT: u64 = 100;
const DAY_WIDTH: u64 = 10;

/// What became of a transaction: its state, and whether it is in the books of a company that was left.
type Became = (State, bool);

/// What became of the transactions of a month, added up.
#[derive(Default)]
struct Tally {
    /// How many came to what.
    counts: BTreeMap<Became, u64>,
    /// The same by day.
    days: BTreeMap<Date, BTreeMap<Became, u64>>,
    /// The money of each kind; what could not be read has none, and what moved none.
    sums: BTreeMap<(Kind, Currency), Amount>,
    /// How many messages there are that are no transactions.
    messages: u64,
    /// Whether any of all this needs the operator.
    needs_you: bool,
    /// Whether that is all of them.
    is_whole: bool,
}

impl Tally {
    fn add(&mut self, one: &Listed, view: &View<'_>) {
        self.needs_you |= one.state == State::NeedsOperator;
        let Some(kind) = one.kind else {
            self.messages += 1;
            return;
        };
        let is_elsewhere = matches!(Stands::of_listed(one, view), Stands::Elsewhere(_));
        let became = (one.state, is_elsewhere);
        *self.counts.entry(became).or_default() += 1;
        let day = view.zone.to_datetime(one.at).date();
        let day = self.days.entry(day).or_default();
        *day.entry(became).or_default() += 1;
        if let Some(amount) = one.amount.filter(|_| one.moved_money()) {
            add(&mut self.sums, (kind, amount.currency()), amount);
        }
    }

    /// How many transactions there are.
    fn all(&self) -> u64 {
        self.counts.values().sum()
    }

    fn days(&self, period: Period, language: Language) -> Days {
        let count = |day: &BTreeMap<Became, u64>| day.values().sum::<u64>();
        let most = self.days.iter().max_by_key(|(_, day)| count(day));
        let (on, most) = most.map_or((String::new(), 1), |(on, day)| {
            (short_day(*on, language), count(day))
        });
        let mut parts = Vec::new();
        for (number, day) in (0..).zip(period.days()) {
            let mut below = 0;
            // A day on which anything came is seen.
            let high = |count: u64| (count * DAY_HEIGHT / most).max(3);
            for (became, count) in self.days.get(&day).into_iter().flatten() {
                let height = high(*count);
                below += height;
                parts.push(Part {
                    tone: tone_of(*became),
                    x: number * DAY_WIDTH + 1,
                    y: DAY_HEIGHT.saturating_sub(below),
                    height,
                });
            }
        }
        let figure = grouped(most, language);
        let figures = [("count", figure.as_str()), ("day", on.as_str())];
        Days {
            parts,
            width: DAY_WIDTH * u64::try_from(period.days().count()).unwrap_or_default(),
            says: say(language, "summary-days", None, &figures),
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
    view: &View<'_>,
) -> Result<Vec<Month>, StoreError> {
    let (zone, language) = (&view.zone, view.language);
    let this = Period::of(zone.to_datetime(world.now()).date());
    let mut months = Vec::new();
    for period in [Some(this), this.before()].into_iter().flatten() {
        let Some((from, until)) = period.bounds(zone) else {
            continue;
        };
        let mut tally = Tally::default();
        let each = |one: Listed| tally.add(&one, view);
        tally.is_whole = world.store().tally(merchant, from, until, each).await?;
        if tally.all() + tally.messages > 0 {
            months.push(month(&tally, period, period == this, language));
        }
    }
    Ok(months)
}

fn month(tally: &Tally, period: Period, is_this: bool, language: Language) -> Month {
    let of = |became: Became| tally.counts.get(&became).copied().unwrap_or_default();
    let count = |state: State| of((state, false));
    let figure = |count: u64| grouped(count, language);
    let (all, synced) = (figure(tally.all()), figure(count(State::Synced)));
    let of_all = match tally.is_whole {
        true => "summary-all",
        false => "summary-at-least",
    };
    let how = match (count(State::Synced), tally.all()) {
        (1, 1) => "one",
        (synced, all) if synced == all => "all",
        _ => "some",
    };
    let figures = [("how", how), ("all", all.as_str()), ("synced", &synced)];
    let mut says = match tally.all() {
        0 => Vec::new(),
        _ => vec![say(language, of_all, None, &figures)],
    };
    for (count, message) in [
        (of((State::Synced, true)), "summary-elsewhere"),
        (count(State::NeedsOperator), "summary-needs-you"),
        (count(State::Waiting), "summary-waiting"),
        (count(State::Failed), "summary-failed"),
        (count(State::Skipped), "summary-skipped"),
    ] {
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
    if tally.messages > 0 {
        let how = if tally.messages == 1 { "one" } else { "many" };
        let count = figure(tally.messages);
        let figures = [("how", how), ("count", count.as_str())];
        says.push(say(language, "summary-messages", None, &figures));
    }
    let thousandths = |count: u64| count * 1000 / tally.all().max(1);
    let mut before = 0;
    let share = |(became, count): (&Became, &u64)| {
        let (from, to) = (thousandths(before), thousandths(before + count));
        before += count;
        (tone_of(*became), from, to - from)
    };
    let shares = tally.counts.iter().map(share).collect();
    let name = |(state, is_elsewhere): Became| match is_elsewhere {
        true => say(language, "summary-earlier", None, &[]),
        false => state_name(state, language),
    };
    let legend = tally
        .counts
        .iter()
        .map(|(became, count)| (tone_of(*became), name(*became), figure(*count)));
    Month {
        name: period.name(language),
        key: period.key(),
        is_this,
        says: says.join(" "),
        shares,
        legend: legend.collect(),
        days: tally.days(period, language),
        needs_you: tally.needs_you,
        sums: sums(tally, language),
    }
}

fn tone_of((state, is_elsewhere): Became) -> &'static str {
    match is_elsewhere {
        true => "calm",
        false => tone(state),
    }
}

fn sums(tally: &Tally, language: Language) -> String {
    let spell = |wanted: Kind| {
        let sums = tally.sums.iter().filter(|((kind, _), _)| *kind == wanted);
        let texts = sums.map(|(_, sum)| spelled(*sum, language));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_that_are_no_transactions_are_counted_apart() {
        let one = |kind: Option<Kind>, state: State| Listed {
            at: "2026-11-22T14:03:11Z".parse().expect("an instant"),
            kind,
            id: "pay_1".to_owned(),
            state,
            amount: None,
            method: String::new(),
            realm: None,
            differs: false,
            unreadable: false,
            taxes: Vec::new(),
        };
        let mut tally = Tally {
            is_whole: true,
            ..Tally::default()
        };
        let said = |tally: &Tally| {
            let period = Period::parse("2026-11").expect("a month");
            month(tally, period, true, Language::English).says
        };
        let view = View::of(None, Language::English);
        tally.add(&one(None, State::Failed), &view);
        let apart = "One message that is no transaction is listed under Activity.";
        assert_eq!(said(&tally), apart);
        tally.add(&one(Some(Kind::Payment), State::Synced), &view);
        let all = "The one transaction received is in QuickBooks.";
        assert_eq!(said(&tally), format!("{all} {apart}"));
    }

    #[test]
    fn the_bars_colours_are_named_with_how_many_they_stand_for() {
        let mut tally = Tally {
            is_whole: true,
            ..Tally::default()
        };
        tally.counts.insert((State::Synced, false), 1_204);
        tally.counts.insert((State::Failed, false), 1);
        let period = Period::parse("2026-11").expect("a month");
        let month = month(&tally, period, true, Language::English);
        let legend = month.legend.iter();
        let legend: Vec<_> = legend
            .map(|(tone, name, count)| (*tone, name.as_str(), count.as_str()))
            .collect();
        assert_eq!(
            legend,
            [
                ("good", "In QuickBooks", "1,204"),
                ("bad", "With our developers", "1")
            ]
        );
    }
}
