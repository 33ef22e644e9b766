//! Activity: every transaction of a merchant, the newest first.

use std::future::Future;

use bookkeeping::ids::{MerchantId, TaxRateId};
use bookkeeping::money::{Amount, Currency};
use bookkeeping::reason::State;
use bookkeeping::refund::PostedTax;
use bookkeeping::transaction::{Kind, TransactionKey};
use jiff::Timestamp;

use super::{Listing, Row, StoreError};

/// Which part of the list is wanted.
#[derive(Clone, Copy, Debug)]
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

/// A transaction as its place in the list tells it.
#[derive(Clone, Debug, PartialEq)]
pub struct Listed {
    /// When the money moved.
    pub at: Timestamp,
    /// What it is; none of a message that was kept whole, which nobody could read.
    pub kind: Option<Kind>,
    /// Its id, by its kind; the queue's id of a message that was kept whole.
    pub id: String,
    /// What became of it.
    pub state: State,
    /// The money; none where it could not be read.
    pub amount: Option<Amount>,
    /// How it moved, by the method's name in messages; empty where it is not said.
    pub method: String,
    /// Its tax by rate, in minor units, of a payment that is in QuickBooks.
    pub taxes: Vec<(TaxRateId, i64)>,
}

impl Listed {
    /// The money, less than nothing where it was paid back.
    #[must_use]
    pub fn signed(&self) -> Option<Amount> {
        match self.kind {
            Some(Kind::Refund) => self.amount?.checked_neg().ok(),
            Some(Kind::Payment) | None => self.amount,
        }
    }
}

/// Longest position, in bytes. Source: AWS, "Quotas in Amazon DynamoDB": a sort key holds 1024.
const POSITION_LENGTH_MAX: usize = 1024;

/// A transaction's position in the list: when the money moved, what it is, and all that is added up of it.
///
/// `2026-11-22T14:03:11.000Z#payment#pay_8KQ2XW#synced#CAD10253#card#3=400,11=798`: nothing but the list is read for sums.
#[must_use]
pub fn position(
    key: &TransactionKey,
    listing: &Listing,
    state: State,
    taxes: &[PostedTax],
) -> String {
    let money = listing
        .amount
        .map(|amount| format!("{}{}", amount.currency(), amount.minor()));
    let method = listing.method.as_deref().unwrap_or_default();
    let taxes = taxes
        .iter()
        .map(|tax| format!("{}={}", tax.rate, tax.amount));
    let taxes = taxes.collect::<Vec<_>>().join(",");
    let position = format!(
        "{:.3}#{}#{}#{}#{}#{}#",
        listing.moved_at,
        key.kind.as_str(),
        key.id,
        state.as_str(),
        money.unwrap_or_default(),
        method.replace('%', "%25").replace('#', "%23"),
    );
    match position.len() + taxes.len() <= POSITION_LENGTH_MAX {
        true => position + &taxes,
        // Nothing is told by half: whoever adds up sees that it does not say.
        false => position + "?",
    }
}

/// What stands for the kind of a message that was kept whole.
const MESSAGE: &str = "message";

/// The position of a message that was kept whole: when it was, and what became of it.
#[must_use]
pub fn message_position(message_id: &str, kept_at: Timestamp, state: State) -> String {
    format!("{kept_at:.3}#{MESSAGE}#{message_id}#{}###", state.as_str())
}

/// What a position tells; `None` where it does not say all of it.
#[must_use]
pub fn listed(position: &str) -> Option<Listed> {
    let mut parts = position.rsplitn(5, '#');
    let (taxes, method, money) = (parts.next()?, parts.next()?, parts.next()?);
    let (state, rest) = (parts.next()?, parts.next()?);
    let mut rest = rest.splitn(3, '#');
    let (at, kind, id) = (rest.next()?, rest.next()?, rest.next()?);
    let states = [
        State::Synced,
        State::Skipped,
        State::Waiting,
        State::NeedsOperator,
        State::Failed,
    ];
    let kinds = [Kind::Payment, Kind::Refund];
    let amount = |money: &str| {
        let currency = Currency::parse(money.get(..3)?).ok()?;
        Some(Amount::from_minor(money.get(3..)?.parse().ok()?, currency))
    };
    let tax = |tax: &str| {
        let (rate, amount) = tax.split_once('=')?;
        Some((TaxRateId::parse(rate).ok()?, amount.parse().ok()?))
    };
    let each_tax = taxes.split(',').filter(|tax| !tax.is_empty());
    Some(Listed {
        at: at.parse().ok()?,
        kind: match kind {
            MESSAGE => None,
            kind => Some(kinds.into_iter().find(|known| known.as_str() == kind)?),
        },
        id: id.to_owned(),
        state: states.into_iter().find(|known| known.as_str() == state)?,
        amount: match money {
            "" => None,
            money => Some(amount(money)?),
        },
        method: method.replace("%23", "#").replace("%25", "%"),
        taxes: each_tax.map(tax).collect::<Option<_>>()?,
    })
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

    /// Tells `each` transaction of a span, in no order, in bounded reads of the list alone, and gives whether that is all of
    /// them. May lag behind what was written a moment ago.
    fn tally(
        &self,
        merchant: &MerchantId,
        from: Timestamp,
        until: Timestamp,
        each: impl FnMut(Listed),
    ) -> impl Future<Output = Result<bool, StoreError>>;

    /// The message of a transaction that is not done, sealed in the context of
    /// [`payload_context`](super::payload_context); none where nothing of it is kept.
    fn message(
        &self,
        key: &TransactionKey,
    ) -> impl Future<Output = Result<Option<Vec<u8>>, StoreError>>;
}

#[cfg(test)]
mod tests {
    use bookkeeping::money::Percent;

    use super::*;

    fn key(kind: Kind, id: &str) -> TransactionKey {
        TransactionKey {
            merchant: "mer_1".parse().expect("a merchant"),
            kind,
            id: id.to_owned(),
        }
    }

    fn tax(rate: &str, amount: i64) -> PostedTax {
        PostedTax {
            rate: rate.parse().expect("a rate"),
            percent: Percent::parse("5").expect("a percentage"),
            amount,
        }
    }

    #[test]
    fn a_position_tells_all_that_is_added_up_whatever_its_id_and_method() {
        let at: Timestamp = "2026-11-22T14:03:11Z".parse().expect("an instant");
        for (kind, id) in [(Kind::Payment, "pay_1"), (Kind::Refund, "a#b#synced#CAD5")] {
            for amount in [Some(Amount::from_minor(10_253, Currency::CAD)), None] {
                for method in [None, Some("card"), Some("50%23 #3=4"), Some("é")] {
                    for taxes in [vec![], vec![tax("3", 400), tax("11", -798)]] {
                        let listing = Listing {
                            amount,
                            method: method.map(str::to_owned),
                            ..Listing::unread(at)
                        };
                        let text = position(&key(kind, id), &listing, State::Synced, &taxes);
                        let told = taxes.iter().map(|tax| (tax.rate.clone(), tax.amount));
                        let told = Listed {
                            at,
                            kind: Some(kind),
                            id: id.to_owned(),
                            state: State::Synced,
                            amount,
                            method: method.unwrap_or_default().to_owned(),
                            taxes: told.collect(),
                        };
                        assert_eq!(listed(&text), Some(told), "{text}");
                    }
                }
            }
        }
        assert_eq!(listed("2026-11-22T14:03:11.000Z#payment#pay_1"), None);
    }

    #[test]
    fn a_message_that_nobody_could_read_is_counted_and_leaves_its_month_whole() {
        let at: Timestamp = "2026-11-22T14:03:11Z".parse().expect("an instant");
        for id in ["8f1c", "a#b", "a#synced#CAD5#card#"] {
            let told = Listed {
                at,
                kind: None,
                id: id.to_owned(),
                state: State::Failed,
                amount: None,
                method: String::new(),
                taxes: Vec::new(),
            };
            assert_eq!(
                listed(&message_position(id, at, State::Failed)),
                Some(told),
                "{id}"
            );
        }
    }

    #[test]
    fn a_position_always_fits_its_key_and_tells_nothing_by_half() {
        let listing = Listing {
            method: Some("#".repeat(64)),
            ..Listing::unread(Timestamp::UNIX_EPOCH)
        };
        let taxes: Vec<PostedTax> = (0..200).map(|rate| tax(&rate.to_string(), 100)).collect();
        let key = key(Kind::Payment, &"p".repeat(64));
        let text = position(&key, &listing, State::Synced, &taxes);
        assert!(text.len() <= POSITION_LENGTH_MAX, "{}", text.len());
        assert_eq!(listed(&text), None);
        let text = position(&key, &listing, State::Synced, &taxes[..40]);
        assert_eq!(listed(&text).map(|told| told.taxes.len()), Some(40));
    }
}
