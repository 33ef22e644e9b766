//! What waits: how many transactions of a merchant are not in QuickBooks yet, and how much money they are.

use std::collections::BTreeMap;

use crate::message::{Content, Message};
use crate::money::{Amount, Currency};

/// What waits for one merchant. Amounts of different currencies are never added up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Waits {
    /// Transactions seen waiting.
    pub count: u64,
    /// Of these, those that are tried at a time still ahead and not before.
    pub put_off: u64,
    /// Whether there are more than were counted; then no money is told.
    pub more: bool,
    /// Money received.
    pub received: BTreeMap<Currency, Amount>,
    /// Money paid back.
    pub paid_back: BTreeMap<Currency, Amount>,
}

impl Waits {
    /// Counts one more, whose message could be read or not. A sum beyond what an amount holds is left out with its
    /// currency's figure as it was.
    pub fn add(&mut self, message: Option<&Message>) {
        self.count += 1;
        let (sums, amount) = match message.map(|message| &message.content) {
            Some(Content::PaymentCaptured { payment, .. }) => (&mut self.received, payment.amount),
            Some(Content::PaymentRefunded { refund, .. }) => (&mut self.paid_back, refund.amount),
            _ => return,
        };
        let sum = match sums.get(&amount.currency()) {
            None => Ok(amount),
            Some(sum) => sum.checked_add(amount),
        };
        if let Ok(sum) = sum {
            sums.insert(amount.currency(), sum);
        }
    }

    /// Whether any of it is sent as soon as its turn comes.
    #[must_use]
    pub fn is_moving(&self) -> bool {
        self.count > self.put_off || self.more
    }

    /// Whether nothing waits.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        self.count == 0 && !self.more
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_waits_moves_unless_all_of_it_is_put_off() {
        for (count, put_off, more, moves) in [
            (0, 0, false, false),
            (2, 2, false, false),
            (2, 1, false, true),
            (2, 2, true, true),
        ] {
            let waits = Waits {
                count,
                put_off,
                more,
                ..Waits::default()
            };
            assert_eq!(waits.is_moving(), moves, "{waits:?}");
        }
    }
}
