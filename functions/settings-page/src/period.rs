//! Period: a month of transactions in the merchant's time zone, read in order, but never without end.

use std::collections::BTreeMap;

use bookkeeping::ids::MerchantId;
use bookkeeping::money::Amount;
use bookkeeping::transaction::Language;
use common::locales::say;
use common::store::activity::{Entry, Span};
use common::store::{Activity, StoreError};
use common::world::World;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

/// Most transactions that are listed in one answer, which has half a minute.
pub(crate) const LISTED_MAX: usize = 5_000;

/// How many are read at once.
const READ: usize = 100;

/// A month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Period {
    first: Date,
}

impl Period {
    /// The month a day is in.
    pub(crate) fn of(day: Date) -> Self {
        Self {
            first: day.first_of_month(),
        }
    }

    /// The month of an address: "2026-11".
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let is_month = text.len() == "2026-11".len();
        let day = is_month.then(|| format!("{text}-01"))?;
        day.parse().ok().map(Self::of)
    }

    /// The month before; none at the beginning of time.
    pub(crate) fn before(self) -> Option<Self> {
        self.first.yesterday().ok().map(Self::of)
    }

    /// The month after; none at its end.
    pub(crate) fn after(self) -> Option<Self> {
        self.first.last_of_month().tomorrow().ok().map(Self::of)
    }

    /// From when until when it lasts.
    pub(crate) fn bounds(self, zone: &TimeZone) -> Option<(Timestamp, Timestamp)> {
        let midnight = |period: Period| zone.to_timestamp(period.first.at(0, 0, 0, 0)).ok();
        midnight(self).zip(self.after().and_then(midnight))
    }

    /// Its days.
    pub(crate) fn days(self) -> impl Iterator<Item = Date> {
        self.first
            .series(1.day())
            .take_while(move |day| *day <= self.first.last_of_month())
    }

    /// How addresses name it.
    pub(crate) fn key(self) -> String {
        self.first.strftime("%Y-%m").to_string()
    }

    /// How people name it.
    pub(crate) fn name(self, language: Language) -> String {
        let number = format!("m{}", self.first.month());
        let month = say(language, "mail-month", None, &[("month", &number)]);
        format!("{month} {}", self.first.year())
    }
}

/// Shows `each` the entries of a month, the newest first, going on after an entry; at most `max`, rounded up to whole
/// reads. Gives the last that was shown, where there are more.
///
/// # Errors
///
/// [`StoreError`] where the store is not to be had.
pub(crate) async fn read<W: World>(
    world: &W,
    (merchant, zone): (&MerchantId, &TimeZone),
    period: Period,
    after: Option<&str>,
    max: usize,
    mut each: impl FnMut(Entry),
) -> Result<Option<String>, StoreError> {
    let Some((from, until)) = period.bounds(zone) else {
        return Ok(None);
    };
    let (mut after, mut shown) = (after.map(str::to_owned), 0);
    loop {
        let span = Span {
            from,
            until,
            after: after.as_deref(),
            limit: READ,
        };
        let read = world.store().activity(merchant, &span).await?;
        let Some(last) = read.last() else {
            return Ok(None);
        };
        let (count, position) = (read.len(), last.position.clone());
        read.into_iter().for_each(&mut each);
        shown += count;
        if count < READ {
            return Ok(None);
        }
        if shown >= max {
            return Ok(Some(position));
        }
        after = Some(position);
    }
}

/// Adds an amount to the sum of its kind. A sum beyond what an amount holds stays as it was.
pub(crate) fn add<K: Ord>(sums: &mut BTreeMap<K, Amount>, kind: K, amount: Amount) {
    let sum = sums.entry(kind).or_insert(Amount::zero(amount.currency()));
    if let Ok(more) = sum.checked_add(amount) {
        *sum = more;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_is_read_from_an_address_and_knows_its_neighbours() {
        let month = |text| Period::parse(text).map(Period::key);
        assert_eq!(month("2026-11").as_deref(), Some("2026-11"));
        for nonsense in ["2026-13", "2026-1", "2026-11-01", "", "=1+1", "20261101"] {
            assert_eq!(month(nonsense), None, "{nonsense}");
        }
        let january = Period::parse("2027-01").expect("a month");
        let neighbours = [january.before(), january.after()];
        let keys = neighbours.map(|month| month.expect("a month").key());
        assert_eq!(keys, ["2026-12", "2027-02"]);
        assert_eq!(january.name(Language::French), "janvier 2027");
    }
}
