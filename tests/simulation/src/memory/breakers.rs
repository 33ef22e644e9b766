//! Breakers.

use bookkeeping::breaker::{Breaker, Calls, Lately};
use common::store::breakers::{Seen, began, slices};
use common::store::{Breakers, StoreError};
use jiff::Timestamp;

use crate::faults::Fault;

use super::{Memory, Tables};

impl Tables {
    /// How the breaker of a service stands.
    #[must_use]
    pub fn breaker(&self, service: &str) -> Breaker {
        self.seen(service).breaker
    }

    fn seen(&self, service: &str) -> Seen {
        let seen = self.breakers.get(service).copied().unwrap_or_default();
        match self.breaker_is_lost {
            true => Seen {
                breaker: Breaker::Closed,
                ..seen
            },
            false => seen,
        }
    }
}

impl Breakers for Memory {
    async fn breaker(&self, service: &str) -> Result<Seen, StoreError> {
        let read = |tables: &mut Tables| {
            if tables.breaker_is_lost {
                self.happened.note(Fault::BreakerLost);
            }
            tables.seen(service)
        };
        self.call("read a breaker", read).await
    }

    async fn change_breaker(
        &self,
        service: &str,
        seen: &Seen,
        to: &Breaker,
    ) -> Result<bool, StoreError> {
        let change = |tables: &mut Tables| {
            let is_as_seen = tables.seen(service).revision == seen.revision;
            if is_as_seen {
                let next = Seen {
                    breaker: *to,
                    revision: seen.revision + 1,
                };
                tables.breakers.insert(service.to_owned(), next);
                let is_open = |breaker: &Breaker| matches!(breaker, Breaker::Open { .. });
                if is_open(to) && !is_open(&seen.breaker) {
                    self.happened.note(Fault::Outage);
                }
            }
            is_as_seen
        };
        self.call("change a breaker", change).await
    }

    async fn count_calls(
        &self,
        service: &str,
        calls: &Calls,
        now: Timestamp,
    ) -> Result<Lately, StoreError> {
        let count = |tables: &mut Tables| {
            if tables.breaker_is_lost {
                self.happened.note(Fault::BreakerLost);
                return Err(StoreError::Unavailable("the breaker".to_owned()));
            }
            let lately = slices(now);
            let of = |slice| (service.to_owned(), slice);
            tables
                .calls_made
                .entry(of(lately[0]))
                .or_default()
                .add(calls);
            let count = |slice| {
                let counted = tables.calls_made.get(&of(slice))?;
                Some((began(slice), counted.clone()))
            };
            Ok(Lately {
                counts: lately.into_iter().filter_map(count).collect(),
            })
        };
        self.call("count calls", count).await?
    }
}
