//! Turns: whether the drain may work at the company now, or has to let live work finish or the company rest first.

use std::time::Duration;

use common::store::{HandOver, Lot, Unless};
use jiff::Timestamp;

/// What is left behind where it is not the drain's turn yet; `None` where it is.
///
/// Live work may go on for `turn` after the lot was opened, because it believes what it read for a while. So the lot
/// is opened first, and drained when that has passed.
#[must_use]
pub fn not_yet(lot: &Lot, now: Timestamp, turn: Duration) -> Option<HandOver> {
    let resting = lot.rest_until.filter(|until| *until > now);
    let open_since = lot.open_since.unwrap_or(now);
    let ours = Some(open_since + turn).filter(|from| *from > now);
    let due = match (resting, ours) {
        (None, None) => return None,
        (Some(rest), Some(ours)) => rest.max(ours),
        (Some(at), None) | (None, Some(at)) => at,
    };
    // Nothing is tried before a pause ends, so live work need not stand behind it.
    let is_paused = lot.paused.is_some() && resting.is_some();
    Some(HandOver {
        unless: Unless::Armed(lot.arm),
        due: Some(due),
        open_since: (!is_paused).then_some(open_since),
        rest_until: lot.rest_until,
        rests: lot.rests,
        paused: lot.paused.clone(),
        is_worked_off: false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use bookkeeping::reason::{Reason, ReasonCode};

    const TURN: Duration = Duration::from_secs(20);

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn live_work_is_given_its_time_after_the_lot_is_opened() {
        let closed = Lot::default();
        let opened = not_yet(&closed, at(100), TURN).unwrap();
        assert_eq!(
            (opened.open_since, opened.due),
            (Some(at(100)), Some(at(120)))
        );
        let lot = Lot {
            open_since: opened.open_since,
            ..closed
        };
        assert!(not_yet(&lot, at(119), TURN).is_some());
        assert!(not_yet(&lot, at(120), TURN).is_none());
    }

    #[test]
    fn a_company_that_asked_for_rest_is_given_it_with_the_lot_open() {
        let lot = Lot {
            open_since: Some(at(100)),
            rest_until: Some(at(160)),
            ..Lot::default()
        };
        let next = not_yet(&lot, at(130), TURN).unwrap();
        assert_eq!((next.open_since, next.due), (Some(at(100)), Some(at(160))));
        assert!(not_yet(&lot, at(160), TURN).is_none());
    }

    #[test]
    fn live_work_has_the_turn_while_a_lot_pauses() {
        let lot = Lot {
            open_since: Some(at(100)),
            rest_until: Some(at(4000)),
            paused: Some(Reason::new(ReasonCode::QuickBooksRefused)),
            ..Lot::default()
        };
        let next = not_yet(&lot, at(130), TURN).unwrap();
        assert_eq!((next.open_since, next.due), (None, Some(at(4000))));
        assert!(next.paused.is_some());
    }
}
