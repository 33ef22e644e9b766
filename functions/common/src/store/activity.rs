//! Activity: every transaction of a merchant, the newest first.

use std::future::Future;

use bookkeeping::ids::{MerchantId, RealmId, TaxRateId};
use bookkeeping::money::{Amount, Currency};
use bookkeeping::reason::{Reason, ReasonCode, State};
use bookkeeping::refund::PostedTax;
use bookkeeping::transaction::{Kind, Method, TransactionKey};
use jiff::Timestamp;

use super::ledger::state_of;
use super::{Listing, Row, Standing, StoreError};

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
    /// The company whose books it is in; none where it is in none.
    pub realm: Option<RealmId>,
    /// Whether it stands in the books with other figures than ours.
    pub differs: bool,
    /// Whether the message could not be read.
    pub unreadable: bool,
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

    /// Whether money moved, as the books see it ([`moved_money`]).
    #[must_use]
    pub fn moved_money(&self) -> bool {
        moved_money(self.state, &self.method)
    }
}

/// Whether money moved, as the books see it.
///
/// A coupon, a trade exchange or an adjustment is none, and is left out; one that the operator has recorded all the same stands
/// in the books as received, and counts as that.
#[must_use]
pub fn moved_money(state: State, method: &str) -> bool {
    state != State::Skipped || Method::from_word(method).is_money()
}

/// How the money of a transaction moved, by the method's name in messages; empty where it is not said.
///
/// A refund that is left out for its payment's method leaves that to the reason.
#[must_use]
pub fn method<'a>(listing: &'a Listing, reason: Option<&'a Reason>) -> &'a str {
    let off = reason.filter(|reason| reason.code == ReasonCode::MethodOff);
    let off = off.and_then(|reason| reason.figures.get("method"));
    let method = listing.method.as_ref().or(off);
    method.map(String::as_str).unwrap_or_default()
}

/// What became of a transaction, as far as its place in the list tells it.
#[derive(Clone, Copy, Debug)]
pub enum Became<'a> {
    /// It is in this company, with these taxes of a payment.
    Recorded(&'a RealmId, &'a [PostedTax]),
    /// It is not, or not as we sent it, and why.
    Stopped(Standing, Option<&'a Reason>),
}

/// What stands before a mark among the taxes of a position.
const MARK: char = '@';

/// The mark of what stands in the books with other figures than ours.
const DIFFERS: &str = "differs";

/// The mark of a message that could not be read.
const UNREADABLE: &str = "unreadable";

/// The mark that says of a reason what is told apart in sums.
fn mark_of(reason: &Reason) -> Option<&'static str> {
    match reason.code {
        ReasonCode::AnswerDiffers => Some(DIFFERS),
        ReasonCode::Unreadable => Some(UNREADABLE),
        _ => None,
    }
}

fn marked(mark: &str) -> String {
    format!("{MARK}{mark}=0")
}

/// Longest position, in bytes. Source: AWS, "Quotas in Amazon DynamoDB": a sort key holds 1024.
const POSITION_LENGTH_MAX: usize = 1024;

/// A transaction's position in the list: when the money moved, what it is, and all that is added up of it.
///
/// `2026-11-22T14:03:11.000Z#payment#pay_8KQ2XW#synced#CAD10253#card#@9341452098765432=0,3=400,11=798`: nothing but the list is
/// read for sums. The company stands before the taxes, with nothing charged: a version that does not know it adds up the same.
#[must_use]
pub fn position(key: &TransactionKey, listing: &Listing, became: Became<'_>) -> String {
    let money = listing
        .amount
        .map(|amount| format!("{}{}", amount.currency(), amount.minor()));
    let (state, reason, mark, taxes) = match became {
        Became::Recorded(realm, taxes) => (State::Synced, None, Some(realm.as_str()), taxes),
        Became::Stopped(standing, reason) => {
            let mark = reason.and_then(mark_of);
            (state_of(standing, reason), reason, mark, &[][..])
        }
    };
    let mark = mark.map(marked);
    let taxes = taxes
        .iter()
        .map(|tax| format!("{}={}", tax.rate, tax.amount));
    let taxes = mark.into_iter().chain(taxes).collect::<Vec<_>>().join(",");
    let method = method(listing, reason);
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

/// The position of a message that was kept whole: when it was, and why.
#[must_use]
pub fn message_position(message_id: &str, kept_at: Timestamp, reason: &Reason) -> String {
    let (state, mark) = (reason.state(), mark_of(reason));
    let mark = mark.map(marked).unwrap_or_default();
    format!(
        "{kept_at:.3}#{MESSAGE}#{message_id}#{}###{mark}",
        state.as_str()
    )
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
    let (marks, taxes): (Vec<&str>, Vec<&str>) = taxes
        .split(',')
        .filter(|tax| !tax.is_empty())
        .partition(|tax| tax.starts_with(MARK));
    let mut marks = marks
        .iter()
        .filter_map(|mark| mark.strip_prefix(MARK)?.strip_suffix("=0"));
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
        differs: marks.clone().any(|mark| mark == DIFFERS),
        unreadable: marks.clone().any(|mark| mark == UNREADABLE),
        realm: marks.find_map(|mark| RealmId::parse(mark).ok()),
        taxes: taxes.into_iter().map(tax).collect::<Option<_>>()?,
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

    fn realm() -> RealmId {
        "9341452098765432".parse().expect("a company")
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
        let realm = realm();
        for (kind, id) in [(Kind::Payment, "pay_1"), (Kind::Refund, "a#b#synced#CAD5")] {
            for amount in [Some(Amount::from_minor(10_253, Currency::CAD)), None] {
                for method in [None, Some("card"), Some("50%23 #3=4"), Some("é")] {
                    for taxes in [vec![], vec![tax("3", 400), tax("11", -798)]] {
                        let listing = Listing {
                            amount,
                            method: method.map(str::to_owned),
                            ..Listing::unread(at)
                        };
                        let became = Became::Recorded(&realm, &taxes);
                        let text = position(&key(kind, id), &listing, became);
                        let told = taxes.iter().map(|tax| (tax.rate.clone(), tax.amount));
                        let told = Listed {
                            at,
                            kind: Some(kind),
                            id: id.to_owned(),
                            state: State::Synced,
                            amount,
                            method: method.unwrap_or_default().to_owned(),
                            realm: Some(realm.clone()),
                            differs: false,
                            unreadable: false,
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
                realm: None,
                differs: false,
                unreadable: true,
                taxes: Vec::new(),
            };
            let reason = Reason::new(ReasonCode::Unreadable);
            let text = message_position(id, at, &reason);
            assert_eq!(listed(&text), Some(told.clone()), "{id}");
            let conflicts = Listed {
                unreadable: false,
                ..told
            };
            let reason = Reason::new(ReasonCode::Conflict);
            let text = message_position(id, at, &reason);
            assert_eq!(listed(&text), Some(conflicts), "{id}");
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
        let realm = realm();
        let text = position(&key, &listing, Became::Recorded(&realm, &taxes));
        assert!(text.len() <= POSITION_LENGTH_MAX, "{}", text.len());
        assert_eq!(listed(&text), None);
        let text = position(&key, &listing, Became::Recorded(&realm, &taxes[..40]));
        assert_eq!(listed(&text).map(|told| told.taxes.len()), Some(40));
    }

    #[test]
    fn what_stands_in_the_books_with_other_figures_says_so_and_what_an_earlier_version_listed_is_read()
     {
        let at: Timestamp = "2026-11-22T14:03:11Z".parse().expect("an instant");
        let told = |code| {
            let reason = Reason::new(code);
            let became = Became::Stopped(Standing::Held, Some(&reason));
            let text = position(&key(Kind::Payment, "pay_1"), &Listing::unread(at), became);
            listed(&text).map(|told| (told.state, told.differs))
        };
        let needs_you = State::NeedsOperator;
        assert_eq!(told(ReasonCode::AnswerDiffers), Some((needs_you, true)));
        assert_eq!(told(ReasonCode::TaxUnmapped), Some((needs_you, false)));
        let earlier = "2026-11-22T14:03:11.000Z#payment#pay_1#synced#CAD10253#card#3=400";
        let earlier = listed(earlier).expect("a position");
        assert_eq!((earlier.realm, earlier.taxes.len()), (None, 1));
    }

    #[test]
    fn a_refund_left_out_for_its_payments_method_says_that_no_money_moved() {
        let at: Timestamp = "2026-11-22T14:03:11Z".parse().expect("an instant");
        for (method, is_money) in [("coupon", false), ("ITEX", false), ("cheque", true)] {
            let reason = Reason::new(ReasonCode::MethodOff).with("method", method);
            let became = Became::Stopped(Standing::Skipped, Some(&reason));
            let text = position(&key(Kind::Refund, "ref_1"), &Listing::unread(at), became);
            let told = listed(&text).expect("a position");
            assert_eq!(told.method, method);
            assert_eq!(told.moved_money(), is_money, "{method}");
        }
        assert!(moved_money(State::Synced, "coupon"), "as the books have it");
    }
}
