//! Course: what a refund does about its payment, by where that stands.

use crate::reason::{Reason, ReasonCode};

/// Where the payment of a refund stands.
#[derive(Clone, Debug, PartialEq)]
pub enum PaymentStanding {
    /// We have never seen it.
    Unknown,
    /// Seen, and not in QuickBooks: being sent, waiting, in need of the operator or of a developer.
    Unsettled,
    /// Never going to QuickBooks, and why.
    Skipped(Reason),
    /// In this company, and what was posted is remembered.
    Posted,
    /// In another company, or posted before receipts were remembered: there is nothing to mirror.
    OutOfReach,
}

/// What a refund does.
#[derive(Clone, Debug, PartialEq)]
pub enum Course {
    /// It mirrors its payment's receipt.
    Mirror,
    /// It is posted by itself, and says so.
    Alone,
    /// It waits, and for what.
    Wait(ReasonCode),
    /// It is never going to QuickBooks, and why.
    Skip(Reason),
}

/// Decides a refund's course. `missed_long_enough` says whether an unknown payment has been waited for.
///
/// A refund of a payment that needs the operator or a developer waits behind it like behind any other: what clears the
/// payment clears the refund, so the operator is asked once, and the books never show a refund of a sale they lack.
#[must_use]
pub fn course(payment: &PaymentStanding, missed_long_enough: bool) -> Course {
    match payment {
        PaymentStanding::Posted => Course::Mirror,
        PaymentStanding::OutOfReach => Course::Alone,
        PaymentStanding::Unsettled => Course::Wait(ReasonCode::PaymentWaiting),
        PaymentStanding::Unknown if missed_long_enough => Course::Alone,
        PaymentStanding::Unknown => Course::Wait(ReasonCode::PaymentUnknown),
        // The sale is in the books, by other hands: only the money going back is ours to record.
        PaymentStanding::Skipped(reason) if reason.code == ReasonCode::BeforeStartDate => {
            Course::Alone
        }
        PaymentStanding::Skipped(reason) => Course::Skip(reason.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_standing_of_the_payment_leads_somewhere() {
        let skipped = |code| PaymentStanding::Skipped(Reason::new(code));
        for (payment, waited, course) in [
            (PaymentStanding::Posted, false, Course::Mirror),
            (PaymentStanding::OutOfReach, false, Course::Alone),
            (
                PaymentStanding::Unsettled,
                true,
                Course::Wait(ReasonCode::PaymentWaiting),
            ),
            (
                PaymentStanding::Unknown,
                false,
                Course::Wait(ReasonCode::PaymentUnknown),
            ),
            (PaymentStanding::Unknown, true, Course::Alone),
            (skipped(ReasonCode::BeforeStartDate), false, Course::Alone),
            (
                skipped(ReasonCode::MethodOff),
                false,
                Course::Skip(Reason::new(ReasonCode::MethodOff)),
            ),
            (
                skipped(ReasonCode::Plan),
                true,
                Course::Skip(Reason::new(ReasonCode::Plan)),
            ),
        ] {
            assert_eq!(super::course(&payment, waited), course, "{payment:?}");
        }
    }
}
