//! Outages: whether Intuit's token endpoint is in no state to be believed.
//!
//! An outage of it can look like a refusal (reports of 2024 and 2025), and a refusal that is believed mails an operator.
//! So refusals count for nothing while many connections fare badly at once: nothing is decided, and nobody is told.

use std::ops::AddAssign;

/// Fewest answers of which a share says something.
const ASKED_MIN: u64 = 50;

/// Fewest refusals that say something where nothing at all was granted: more than three connections have in 70 minutes.
const REFUSED_MIN: u64 = 10;

/// What refreshes of tokens came to within an hour or two, over all merchants, whoever made them: checks, payments, drains.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Answers {
    /// Asked.
    pub asked: u64,
    /// Not answered, or answered with a fault of theirs.
    pub unanswered: u64,
    /// Refused.
    pub refused: u64,
}

impl Answers {
    /// Whether there is an outage: more than 30 % of at least 50 fared badly, or nobody was granted anything.
    #[must_use]
    pub fn is_outage(&self) -> bool {
        let bad = self.unanswered + self.refused;
        let many = self.asked >= ASKED_MIN && bad * 10 > self.asked * 3;
        let none_granted = self.refused >= REFUSED_MIN && bad >= self.asked;
        many || none_granted
    }
}

impl AddAssign for Answers {
    fn add_assign(&mut self, other: Self) {
        self.asked += other.asked;
        self.unanswered += other.unanswered;
        self.refused += other.refused;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outage_is_many_faring_badly_at_once_and_not_a_few_who_disconnected() {
        let of = |asked, unanswered, refused| {
            let answers = Answers {
                asked,
                unanswered,
                refused,
            };
            answers.is_outage()
        };
        assert!(!of(0, 0, 0));
        assert!(!of(9, 0, 9), "three who disconnected");
        assert!(of(10, 0, 10));
        assert!(!of(11, 0, 10), "somebody was let in");
        assert!(!of(49, 20, 0));
        assert!(!of(50, 15, 0));
        assert!(of(50, 16, 0));
        assert!(of(50, 8, 8));
        assert!(!of(1000, 0, 300));
    }
}
