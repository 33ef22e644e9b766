//! Breakers: whether a service is down for everyone, and what the calls to it came to lately. One row for all processes.

use std::future::Future;
use std::time::Duration;

use bookkeeping::breaker::{Breaker, Calls, LATELY, Lately};
use jiff::Timestamp;

use super::StoreError;

/// The service that transactions go to.
pub const QUICKBOOKS: &str = "quickbooks";

/// How long one count of calls goes on before the next begins.
pub const SLICE: Duration = Duration::from_secs(10);

/// A breaker as it was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// How it stood.
    pub breaker: Breaker,
    /// How often it had been changed.
    pub revision: u64,
}

/// The breaker of a service, as remembered.
pub trait Breakers {
    /// How it stands; closed where nothing was ever written, or nothing that can be read.
    fn breaker(&self, service: &str) -> impl Future<Output = Result<Seen, StoreError>>;

    /// Changes it; `false` where somebody changed it since it was seen, or where a later version wrote it: nothing is changed.
    /// One that is not of this form is written over.
    ///
    /// A change that was carried out and not answered gives `false` when it is asked again.
    fn change_breaker(
        &self,
        service: &str,
        seen: &Seen,
        to: &Breaker,
    ) -> impl Future<Output = Result<bool, StoreError>>;

    /// Adds calls to those of now; gives all that were counted [lately](LATELY).
    fn count_calls(
        &self,
        service: &str,
        calls: &Calls,
        now: Timestamp,
    ) -> impl Future<Output = Result<Lately, StoreError>>;
}

/// The counts that calls of lately stand in, this moment's first; numbered from 1970 on.
#[must_use]
pub fn slices(now: Timestamp) -> [i64; 3] {
    const { assert!(LATELY.as_secs() == 3 * SLICE.as_secs()) };
    let slice = now.as_second().div_euclid(SLICE.as_secs() as i64);
    [slice, slice - 1, slice - 2]
}

/// When a count begins.
#[must_use]
pub fn began(slice: i64) -> Timestamp {
    Timestamp::from_second(slice * SLICE.as_secs() as i64).expect("a count of a time")
}
