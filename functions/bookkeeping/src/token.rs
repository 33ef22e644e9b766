//! Tokens: what to do about the tokens of a connection, judged from what is remembered of them.
//!
//! Nothing here holds a token. A refresh token is known by its hash; each one received is a candidate until a newer
//! one has proven itself. Facts (Intuit's OAuth page and FAQ): an access token lives an hour; a refresh token 100 days
//! from its last use and five years in all; its value changes about once a day, and then the old one may be dead at once;
//! an outage can look like a refusal, so one refusal proves nothing.

use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use data_encoding::HEXLOWER;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::connection::Denial;

/// Least remaining life of an access token that is still used, so that it cannot run out on the way.
pub const LIFE_LEFT: Duration = Duration::from_secs(120);

/// Remaining life below which an access token is renewed ahead, while everybody goes on using it.
pub const SOFT_ZONE: Duration = Duration::from_secs(15 * 60);

/// How long an access token lives. Source: Intuit, "OAuth 2.0": 3600 seconds.
const ACCESS_LIFE: Duration = Duration::from_secs(3600);

/// Taken off what Intuit says an access token lives, for the way and for clocks that differ.
const LIFE_MARGIN: Duration = Duration::from_secs(60);

/// How long a candidate is kept after a newer one has proven itself.
const OUTLIVED_AFTER: Duration = Duration::from_secs(48 * 3600);

/// Refusals of the newest candidate before older ones are tried: at once, after the first pause, after the second.
const REFUSALS_MAX: u32 = 3;

/// Hash of a refresh token: tells two apart and gives neither away.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TokenHash(String);

impl TokenHash {
    /// The hash of a token.
    #[must_use]
    pub fn of(token: &str) -> Self {
        Self(HEXLOWER.encode(&Sha256::digest(token.as_bytes())[..16]))
    }

    /// A hash as it was stored.
    #[must_use]
    pub fn kept(text: String) -> Self {
        Self(text)
    }

    /// The hash as it is stored: 32 hexadecimal digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "token/{}", self.0)
    }
}

/// How an access token stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Life {
    /// Use it.
    Good,
    /// Use it, and have it renewed ahead of its end.
    Soft,
    /// It cannot be used any more.
    Over,
}

/// How an access token stands that ends at this time.
#[must_use]
pub fn life(ends_at: Timestamp, now: Timestamp) -> Life {
    if ends_at <= now + LIFE_LEFT {
        Life::Over
    } else if ends_at <= now + SOFT_ZONE {
        Life::Soft
    } else {
        Life::Good
    }
}

/// When an access token ends that was asked for at `sent_at` and lives that long.
#[must_use]
pub fn ends_at(sent_at: Timestamp, expires_in: Duration) -> Timestamp {
    sent_at + expires_in.saturating_sub(LIFE_MARGIN)
}

/// When an access token was asked for that ends at this time. Intuit gives each an hour.
#[must_use]
pub fn refreshed_at(ends_at: Timestamp) -> Timestamp {
    ends_at - (ACCESS_LIFE - LIFE_MARGIN)
}

/// A refresh token that was received and may be the one that works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Which.
    pub hash: TokenHash,
    /// The fence of the refresh that received it. Greater is newer, whatever the clocks say.
    pub fence: u64,
    /// When it was received.
    pub received_at: Timestamp,
    /// When it dies if it is never used.
    pub expires_at: Timestamp,
    /// When the grant's five years are over, where Intuit said it.
    pub hard_expires_at: Option<Timestamp>,
    /// When a refresh with it first succeeded.
    pub confirmed_at: Option<Timestamp>,
}

/// What came of asking with the newest candidate, while it is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trial {
    /// The candidate that is refused.
    pub newest: TokenHash,
    /// How often it was refused.
    pub refused: u32,
    /// When it may be asked with again.
    pub retry_at: Timestamp,
    /// Older candidates that were refused too.
    pub older: BTreeSet<TokenHash>,
}

/// The pauses after the first and the second refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pauses {
    /// After the first refusal. Safe: ten minutes.
    pub first: Duration,
    /// After the second. Safe: an hour.
    pub second: Duration,
}

/// What to do to get an access token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// Ask with this candidate.
    Ask(TokenHash),
    /// It was refused, which proves nothing yet: ask again then.
    Rest(Timestamp),
    /// Refused for good: the operator has to reconnect.
    Denied(Denial),
}

/// The newest candidate.
#[must_use]
pub fn newest(journal: &[Candidate]) -> Option<&Candidate> {
    journal.iter().max_by_key(|candidate| age(candidate))
}

fn age(candidate: &Candidate) -> (u64, Timestamp, &TokenHash) {
    (candidate.fence, candidate.expires_at, &candidate.hash)
}

/// What to do next with these candidates.
///
/// `answer_lost` says that the answer to a refresh was lost since the last success: then a refusal may be the loss of
/// a token we never saw.
#[must_use]
pub fn next(
    journal: &[Candidate],
    trial: Option<&Trial>,
    answer_lost: bool,
    now: Timestamp,
) -> Next {
    let Some(newest) = newest(journal) else {
        return Next::Denied(Denial::Unknown);
    };
    // A newer candidate than the one that was refused starts anew.
    let Some(trial) = trial.filter(|trial| trial.newest == newest.hash) else {
        return Next::Ask(newest.hash.clone());
    };
    if trial.refused < REFUSALS_MAX {
        return match trial.retry_at <= now {
            true => Next::Ask(newest.hash.clone()),
            false => Next::Rest(trial.retry_at),
        };
    }
    // Asking with an old token may make Intuit revoke the new one, so it comes when nothing is left to lose.
    let untried = journal
        .iter()
        .filter(|older| older.hash != newest.hash && !trial.older.contains(&older.hash))
        .max_by_key(|older| age(older));
    match untried {
        Some(older) => Next::Ask(older.hash.clone()),
        None => Next::Denied(denial(newest, answer_lost, now)),
    }
}

fn denial(newest: &Candidate, answer_lost: bool, now: Timestamp) -> Denial {
    if newest.hard_expires_at.is_some_and(|end| end <= now) {
        Denial::FiveYears
    } else if newest.expires_at <= now {
        Denial::Idle
    } else if answer_lost {
        Denial::Unknown
    } else {
        Denial::Revoked
    }
}

/// What is remembered after a candidate was refused.
///
/// In an outage the newest one's refusal proves nothing and is not counted: it is asked with again after the second pause,
/// and nobody is denied meanwhile.
#[must_use]
pub fn refused(
    journal: &[Candidate],
    trial: Option<&Trial>,
    asked: &TokenHash,
    now: Timestamp,
    pauses: &Pauses,
    is_outage: bool,
) -> Trial {
    let newest = newest(journal).map_or(asked, |newest| &newest.hash);
    let mut trial = match trial.filter(|trial| trial.newest == *newest) {
        Some(trial) => trial.clone(),
        None => Trial {
            newest: newest.clone(),
            refused: 0,
            retry_at: now,
            older: BTreeSet::new(),
        },
    };
    if asked == newest && is_outage {
        trial.retry_at = now + pauses.second;
    } else if asked == newest {
        trial.refused += 1;
        trial.retry_at = match trial.refused {
            1 => now + pauses.first,
            2 => now + pauses.second,
            _ => now,
        };
    } else {
        trial.older.insert(asked.clone());
    }
    trial
}

/// The candidates that nobody will need: a newer one proved itself long ago.
#[must_use]
pub fn outlived(journal: &[Candidate], now: Timestamp) -> Vec<TokenHash> {
    let proven = journal
        .iter()
        .filter(|newer| {
            newer
                .confirmed_at
                .is_some_and(|at| at + OUTLIVED_AFTER <= now)
        })
        .map(age)
        .max();
    journal
        .iter()
        .filter(|older| proven.as_ref().is_some_and(|proven| age(older) < *proven))
        .map(|older| older.hash.clone())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAUSES: Pauses = Pauses {
        first: Duration::from_secs(600),
        second: Duration::from_secs(3600),
    };

    fn at(minutes: i64) -> Timestamp {
        Timestamp::from_second(1_795_000_000 + minutes * 60).unwrap()
    }

    fn candidate(name: &str, fence: u64) -> Candidate {
        Candidate {
            hash: TokenHash::of(name),
            fence,
            received_at: at(0),
            expires_at: at(100 * 24 * 60),
            hard_expires_at: Some(at(5 * 365 * 24 * 60)),
            confirmed_at: None,
        }
    }

    fn ask(name: &str) -> Next {
        Next::Ask(TokenHash::of(name))
    }

    #[test]
    fn an_access_token_is_renewed_ahead_and_never_used_to_its_end() {
        let end = at(60);
        for (now, expected) in [
            (at(0), Life::Good),
            (at(44), Life::Good),
            (at(45), Life::Soft),
            (at(57), Life::Soft),
            (at(58), Life::Over),
            (at(61), Life::Over),
        ] {
            assert_eq!(life(end, now), expected, "{now}");
        }
    }

    #[test]
    fn when_tokens_were_refreshed_is_known_by_when_they_end() {
        let end = ends_at(at(7), Duration::from_secs(3600));
        assert_eq!(refreshed_at(end), at(7));
    }

    #[test]
    fn the_newest_is_the_one_received_by_the_latest_refresh_whatever_the_clocks_say() {
        let mut late = candidate("old", 4);
        late.received_at = at(90);
        late.expires_at = at(200 * 24 * 60);
        let journal = [candidate("new", 5), late];
        assert_eq!(next(&journal, None, false, at(0)), ask("new"));
    }

    #[test]
    fn a_refusal_is_believed_after_seventy_minutes_and_with_nothing_left_to_try() {
        let journal = [candidate("new", 5), candidate("old", 4)];
        let mut trial: Option<Trial> = None;
        let mut asked = Vec::new();
        let mut minute = 0;
        let denial = loop {
            match next(&journal, trial.as_ref(), false, at(minute)) {
                Next::Ask(hash) => {
                    asked.push((minute, hash.clone()));
                    trial = Some(refused(
                        &journal,
                        trial.as_ref(),
                        &hash,
                        at(minute),
                        &PAUSES,
                        false,
                    ));
                }
                Next::Rest(until) => {
                    assert!(until > at(minute));
                    minute += 1;
                }
                Next::Denied(denial) => break denial,
            }
        };
        assert_eq!(denial, Denial::Revoked);
        let new = TokenHash::of("new");
        assert_eq!(
            asked,
            [
                (0, new.clone()),
                (10, new.clone()),
                (70, new),
                (70, TokenHash::of("old"))
            ]
        );
    }

    #[test]
    fn a_newer_candidate_starts_anew() {
        let journal = [candidate("old", 4)];
        let old = TokenHash::of("old");
        let trial = refused(&journal, None, &old, at(0), &PAUSES, false);
        assert_eq!(
            next(&journal, Some(&trial), false, at(1)),
            Next::Rest(at(10))
        );
        let journal = [candidate("old", 4), candidate("new", 5)];
        assert_eq!(next(&journal, Some(&trial), false, at(1)), ask("new"));
    }

    #[test]
    fn in_an_outage_no_refusal_counts_and_after_it_three_are_needed_still() {
        let journal = [candidate("only", 4)];
        let only = TokenHash::of("only");
        let mut trial = None;
        for hour in 0..72 {
            let now = at(hour * 60);
            assert_eq!(next(&journal, trial.as_ref(), false, now), ask("only"));
            trial = Some(refused(&journal, trial.as_ref(), &only, now, &PAUSES, true));
            let rests = next(&journal, trial.as_ref(), false, now);
            assert_eq!(rests, Next::Rest(at((hour + 1) * 60)));
        }
        assert_eq!(trial.map(|trial| trial.refused), Some(0));
    }

    #[test]
    fn the_denial_says_why_as_far_as_it_can_be_known() {
        let journal = [candidate("only", 4)];
        let trial = Trial {
            newest: TokenHash::of("only"),
            refused: 3,
            retry_at: at(0),
            older: BTreeSet::new(),
        };
        let denied = |lost, now| next(&journal, Some(&trial), lost, now);
        let year = 365 * 24 * 60;
        assert_eq!(denied(false, at(70)), Next::Denied(Denial::Revoked));
        assert_eq!(denied(true, at(70)), Next::Denied(Denial::Unknown));
        assert_eq!(denied(false, at(year)), Next::Denied(Denial::Idle));
        assert_eq!(denied(false, at(6 * year)), Next::Denied(Denial::FiveYears));
        assert_eq!(next(&[], None, false, at(0)), Next::Denied(Denial::Unknown));
    }

    #[test]
    fn a_candidate_goes_two_days_after_a_newer_one_proved_itself_and_the_newest_never() {
        let mut journal = [candidate("a", 1), candidate("b", 2), candidate("c", 3)];
        assert!(outlived(&journal, at(99_999)).is_empty());
        journal[1].confirmed_at = Some(at(0));
        assert!(outlived(&journal, at(48 * 60 - 1)).is_empty());
        assert_eq!(outlived(&journal, at(48 * 60)), [TokenHash::of("a")]);
    }

    #[test]
    fn a_hash_does_not_show_the_token() {
        let printed = format!("{:?}", TokenHash::of("RT1-14-H0-secret"));
        assert!(!printed.contains("RT1"), "{printed}");
    }
}
