//! Activity: every transaction of a merchant, the newest first.

use std::collections::BTreeMap;
use std::future::Future;

use bookkeeping::ids::MerchantId;
use bookkeeping::money::Currency;
use bookkeeping::reason::State;
use bookkeeping::transaction::{Kind, TransactionKey};
use jiff::Timestamp;

use super::{Listing, Row, StoreError};

/// Which part of the list is wanted.
#[derive(Clone, Debug)]
pub struct Span<'a> {
    /// From this instant on.
    pub from: Timestamp,
    /// Up to this instant, exclusively.
    pub until: Timestamp,
    /// Only what comes after this entry.
    pub after: Option<&'a str>,
    /// At most so many.
    pub limit: usize,
}

/// One entry of the list.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Its position, by which the list goes on.
    pub position: String,
    /// The transaction; none where the message named none that could be read.
    pub key: Option<TransactionKey>,
    /// How it stands.
    pub row: Row,
}

/// What became of the transactions of a span, added up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many are in each state.
    pub counts: BTreeMap<State, u64>,
    /// Their money in minor units, by state, kind and currency. What could not be read has none.
    pub sums: BTreeMap<(State, Kind, Currency), i128>,
    /// Whether there are more than were added up.
    pub more: bool,
}

impl Tally {
    /// Adds one.
    pub fn add(&mut self, state: State, money: Option<Money>) {
        *self.counts.entry(state).or_default() += 1;
        if let Some((kind, currency, minor)) = money {
            *self.sums.entry((state, kind, currency)).or_default() += i128::from(minor);
        }
    }

    /// Adds all of another.
    pub fn add_all(&mut self, other: &Self) {
        for (state, count) in &other.counts {
            *self.counts.entry(*state).or_default() += count;
        }
        for (of, sum) in &other.sums {
            *self.sums.entry(*of).or_default() += sum;
        }
        self.more |= other.more;
    }

    /// How many there are.
    #[must_use]
    pub fn all(&self) -> u64 {
        self.counts.values().sum()
    }
}

/// Money that moved: which way, in which currency, and how much of it in minor units.
pub type Money = (Kind, Currency, i64);

/// A transaction's position in the list: when the money moved, what it is, and what a tally needs of it.
///
/// `2026-11-22T14:03:11.000Z#payment#pay_8KQ2XW#synced#CAD10253`: nothing but the list is read for a tally.
#[must_use]
pub fn position(key: &TransactionKey, listing: &Listing, state: State) -> String {
    let money = listing
        .amount
        .map(|amount| format!("{}{}", amount.currency(), amount.minor()));
    format!(
        "{:.3}#{}#{}#{}#{}",
        listing.moved_at,
        key.kind.as_str(),
        key.id,
        state.as_str(),
        money.unwrap_or_default()
    )
}

/// What a tally needs of a position; `None` where it does not say.
#[must_use]
pub fn tallied(position: &str) -> Option<(State, Option<Money>)> {
    let mut parts = position.rsplitn(3, '#');
    let (money, state, rest) = (parts.next()?, parts.next()?, parts.next()?);
    let states = [
        State::Synced,
        State::Skipped,
        State::Waiting,
        State::NeedsOperator,
        State::Failed,
    ];
    let state = states.into_iter().find(|known| known.as_str() == state)?;
    let kind = [Kind::Payment, Kind::Refund]
        .into_iter()
        .find(|kind| rest.split('#').nth(1) == Some(kind.as_str()));
    let read = |money: &str| {
        let currency = Currency::parse(money.get(..3)?).ok()?;
        Some((kind?, currency, money.get(3..)?.parse().ok()?))
    };
    Some((state, read(money)))
}

/// The list. A transaction has its place there from when it first settled or was recorded: not while its first worker is
/// at it.
pub trait Activity {
    /// The entries of a span, the newest first, in as many reads however long the list is. Fewer than the limit means that
    /// there are no more. May lag behind what was written a moment ago.
    fn activity(
        &self,
        merchant: &MerchantId,
        span: &Span<'_>,
    ) -> impl Future<Output = Result<Vec<Entry>, StoreError>>;

    /// Adds up a span, in bounded reads of the list alone. May lag behind what was written a moment ago.
    fn tally(
        &self,
        merchant: &MerchantId,
        from: Timestamp,
        until: Timestamp,
    ) -> impl Future<Output = Result<Tally, StoreError>>;

    /// The message of a transaction that is not done, sealed in the context of
    /// [`payload_context`](super::payload_context); none where nothing of it is kept.
    fn message(
        &self,
        key: &TransactionKey,
    ) -> impl Future<Output = Result<Option<Vec<u8>>, StoreError>>;
}

#[cfg(test)]
mod tests {
    use bookkeeping::money::Amount;

    use super::*;

    fn key(kind: Kind, id: &str) -> TransactionKey {
        TransactionKey {
            merchant: "mer_1".parse().expect("a merchant"),
            kind,
            id: id.to_owned(),
        }
    }

    #[test]
    fn a_position_tells_what_a_tally_needs_whatever_its_id() {
        let at: Timestamp = "2026-11-22T14:03:11Z".parse().expect("an instant");
        for (kind, id) in [(Kind::Payment, "pay_1"), (Kind::Refund, "a#b#synced#CAD5")] {
            for amount in [Some(Amount::from_minor(10_253, Currency::CAD)), None] {
                let listing = Listing {
                    amount,
                    ..Listing::unread(at)
                };
                let text = position(&key(kind, id), &listing, State::NeedsOperator);
                let money = amount.map(|_| (kind, Currency::CAD, 10_253));
                assert_eq!(
                    tallied(&text),
                    Some((State::NeedsOperator, money)),
                    "{text}"
                );
            }
        }
        assert_eq!(tallied("2026-11-22T14:03:11.000Z#payment#pay_1"), None);
    }

    #[test]
    fn a_tally_of_parts_is_the_tally_of_the_whole() {
        let all = [
            (State::Synced, 100),
            (State::Synced, 250),
            (State::Waiting, 7),
        ];
        let tally = |of: &[(State, i64)]| {
            let mut tally = Tally::default();
            for (state, minor) in of {
                tally.add(*state, Some((Kind::Payment, Currency::CAD, *minor)));
            }
            tally
        };
        let mut parts = tally(&all[..1]);
        parts.add_all(&tally(&all[1..]));
        assert_eq!(parts, tally(&all));
        assert_eq!(parts.all(), 3);
    }
}
