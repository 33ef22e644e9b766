//! Limits: how many requests QuickBooks takes of one app for one company, and what it saw of them.
//!
//! Source: Intuit, "Limits and throttles": 500 a minute, 10 a second, batches 40 a minute; 10 at once after Intuit's post
//! of 2016.

use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};

use crate::switches::Switches;

/// What was asked of a company lately, and the most there ever was.
#[derive(Clone, Debug, Default)]
pub(crate) struct Limits {
    /// When the requests of the last minute were accepted.
    accepted: VecDeque<Timestamp>,
    batches: VecDeque<Timestamp>,
    /// When the requests of the last minute arrived, accepted or not.
    arrived: VecDeque<Timestamp>,
    /// When the answers still under way will be out.
    busy_until: Vec<Timestamp>,
    pub max_in_flight: usize,
    pub max_in_a_second: usize,
    pub max_in_a_minute: usize,
}

impl Limits {
    /// Counts a request that arrives and says whether it is let in.
    pub fn admit(&mut self, now: Timestamp, is_batch: bool, switches: &Switches) -> bool {
        let minute_ago = now - SignedDuration::from_secs(60);
        let second_ago = now - SignedDuration::from_secs(1);
        for queue in [&mut self.accepted, &mut self.batches, &mut self.arrived] {
            while queue.front().is_some_and(|moment| *moment <= minute_ago) {
                queue.pop_front();
            }
        }
        self.arrived.push_back(now);
        self.max_in_a_minute = self.max_in_a_minute.max(self.arrived.len());
        self.max_in_a_second = self.max_in_a_second.max(after(&self.arrived, second_ago));
        self.busy_until.retain(|end| *end > now);
        self.max_in_flight = self.max_in_flight.max(self.busy_until.len() + 1);

        let reached = |limit: usize, count: usize| limit > 0 && count >= limit;
        let refused = reached(switches.per_minute, self.accepted.len())
            || reached(switches.per_second, after(&self.accepted, second_ago))
            || reached(switches.in_flight, self.busy_until.len())
            || (is_batch && reached(switches.batches_per_minute, self.batches.len()));
        if !refused {
            self.accepted.push_back(now);
            if is_batch {
                self.batches.push_back(now);
            }
        }
        !refused
    }

    /// Remembers that an answer is under way until then.
    pub fn occupy(&mut self, until: Timestamp) {
        self.busy_until.push(until);
    }
}

/// How many moments of a rising queue come after one.
fn after(queue: &VecDeque<Timestamp>, moment: Timestamp) -> usize {
    queue
        .iter()
        .rev()
        .take_while(|other| **other > moment)
        .count()
}
