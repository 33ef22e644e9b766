//! What Intuit saw of refresh tokens, noted on the wire: told from outside, not by the code that is tried.

use std::collections::BTreeSet;
use std::rc::Rc;
use std::time::Duration;

use crate::fate::Fate;

/// One use of a refresh token, from its leaving to when Intuit is done with it.
struct Use {
    token: String,
    from: Duration,
    until: Duration,
}

/// A new refresh token in an answer that reached its process whole.
struct Heard {
    token: String,
    by: Rc<Fate>,
}

/// What was seen.
#[derive(Default)]
pub struct Watch {
    uses: Vec<Use>,
    heard: Vec<Heard>,
    replaced: BTreeSet<String>,
}

impl Watch {
    /// Notes a use.
    pub fn used(&mut self, token: &str, from: Duration, until: Duration) {
        self.uses.push(Use {
            token: token.to_owned(),
            from,
            until,
        });
    }

    /// Notes that a process has heard of a token.
    pub fn heard(&mut self, token: &str, by: &Rc<Fate>) {
        self.heard.push(Heard {
            token: token.to_owned(),
            by: Rc::clone(by),
        });
    }

    /// Notes that Intuit gave another token for this one.
    pub fn replaced(&mut self, token: &str) {
        self.replaced.insert(token.to_owned());
    }

    /// Whether Intuit gave another token for this one.
    #[must_use]
    pub fn is_replaced(&self, token: &str) -> bool {
        self.replaced.contains(token)
    }

    /// How many uses there were.
    #[must_use]
    pub fn uses(&self) -> usize {
        self.uses.len()
    }

    /// A token that was used twice at once, if there is one.
    #[must_use]
    pub fn used_twice_at_once(&self) -> Option<&str> {
        let overlap = |one: &Use, other: &Use| {
            one.token == other.token && one.from < other.until && other.from < one.until
        };
        let mut pairs = self
            .uses
            .iter()
            .enumerate()
            .flat_map(|(at, one)| self.uses[at + 1..].iter().map(move |other| (one, other)));
        pairs
            .find(|(one, other)| overlap(one, other))
            .map(|(one, _)| one.token.as_str())
    }

    /// Whether a process that lives has heard of this token: then it must not be lost.
    #[must_use]
    pub fn is_known_to_the_living(&self, token: &str) -> bool {
        self.heard
            .iter()
            .any(|heard| heard.token == token && !heard.by.is_dead())
    }
}
