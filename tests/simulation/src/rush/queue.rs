//! The queue at full size: FIFO groups by number, a batch as SQS makes one, and the window it looks through.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

/// Most messages a batch holds.
const BATCH: usize = 10;

/// How long a delivered message stays hidden.
const VISIBILITY: Duration = Duration::from_secs(360);

/// How many messages SQS looks through for a group that is free. Source: AWS, "Avoiding backlogs in FIFO queues".
const WINDOW: usize = 120_000;

/// A message of a merchant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message {
    /// Its place in the queue.
    pub place: u64,
    /// Whose: the group.
    pub merchant: usize,
    /// Which of the merchant's payments it tells.
    pub payment: u64,
    /// When it was sent.
    pub sent: Duration,
}

/// What was sent and is not done.
#[derive(Default)]
pub struct Queue {
    groups: BTreeMap<usize, VecDeque<Message>>,
    /// The first message of each group that nobody works on.
    free: BTreeSet<(u64, usize)>,
    /// Groups whose messages came back, and when they are seen again.
    hidden: BTreeSet<(Duration, usize)>,
    places: BTreeSet<u64>,
    sent: u64,
    /// Messages that came back unfinished.
    pub returned: u64,
}

impl Queue {
    /// Takes a message.
    pub fn send(&mut self, merchant: usize, payment: u64, sent: Duration) {
        let place = self.sent;
        self.sent += 1;
        self.places.insert(place);
        let message = Message {
            place,
            merchant,
            payment,
            sent,
        };
        match self.groups.get_mut(&merchant) {
            Some(group) => group.push_back(message),
            None => {
                self.groups.insert(merchant, VecDeque::from([message]));
                self.free.insert((place, merchant));
            }
        }
    }

    /// The next batch: as many as there are of the first free group, then of the next ones.
    ///
    /// Source: AWS, "FIFO queue delivery logic": as many messages of one group as possible. With `mixes` it is the other way
    /// round, one of each free group in turn, so that strangers meet in a batch: the worst reading.
    pub fn receive(&mut self, now: Duration, mixes: bool) -> Vec<Message> {
        while let Some((at, merchant)) = self.hidden.first().copied()
            && at <= now
        {
            self.hidden.pop_first();
            self.frees(merchant);
        }
        let window = match self.places.len() > WINDOW {
            true => self.places.iter().nth(WINDOW).copied(),
            false => None,
        };
        let seen: Vec<usize> = self
            .free
            .iter()
            .take_while(|(place, _)| window.is_none_or(|window| *place < window))
            .take(BATCH)
            .map(|(_, merchant)| *merchant)
            .collect();
        let share = match mixes {
            true => BATCH / seen.len().max(1),
            false => BATCH,
        };
        let mut batch = Vec::new();
        for merchant in seen {
            let group = &self.groups[&merchant];
            let room = BATCH - batch.len();
            batch.extend(group.iter().take(share.min(room)).copied());
            if room > 0 {
                self.free.remove(&(group[0].place, merchant));
            }
        }
        batch
    }

    /// Lets go of what is done; the first that is not, and what stands behind it in its group, comes back later.
    pub fn ended(&mut self, batch: &[Message], returned: &[u64], now: Duration) {
        let mut merchants: Vec<usize> = batch.iter().map(|message| message.merchant).collect();
        merchants.dedup();
        for message in batch {
            if returned.contains(&message.place) {
                self.returned += 1;
                continue;
            }
            self.places.remove(&message.place);
            let group = self.groups.get_mut(&message.merchant);
            group
                .expect("its group is there")
                .retain(|other| other.place != message.place);
        }
        for merchant in merchants {
            let comes_back = |message: &&Message| {
                message.merchant == merchant && returned.contains(&message.place)
            };
            match batch.iter().any(|message| comes_back(&message)) {
                true => {
                    self.hidden.insert((now + VISIBILITY, merchant));
                }
                false => self.frees(merchant),
            }
        }
    }

    fn frees(&mut self, merchant: usize) {
        match self.groups.get(&merchant).and_then(VecDeque::front) {
            Some(first) => {
                self.free.insert((first.place, merchant));
            }
            None => {
                self.groups.remove(&merchant);
            }
        }
    }

    /// When messages that came back are seen again, where there are any.
    #[must_use]
    pub fn seen_again_at(&self) -> Option<Duration> {
        self.hidden.first().map(|(at, _)| *at)
    }

    /// Whether everything is done.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn payments(batch: &[Message]) -> Vec<(usize, u64)> {
        let payment = |message: &Message| (message.merchant, message.payment);
        batch.iter().map(payment).collect()
    }

    #[test]
    fn a_group_that_is_worked_on_is_left_alone_and_others_go_past_it() {
        let mut queue = Queue::default();
        for payment in 0..12 {
            queue.send(0, payment, Duration::ZERO);
        }
        queue.send(1, 0, Duration::ZERO);
        let first = queue.receive(Duration::ZERO, false);
        assert_eq!(first.len(), 10);
        let second = queue.receive(Duration::ZERO, false);
        assert_eq!(payments(&second), [(1, 0)]);
        assert!(queue.receive(Duration::ZERO, false).is_empty());
        queue.ended(&first, &[], Duration::ZERO);
        let rest = queue.receive(Duration::ZERO, false);
        assert_eq!(payments(&rest), [(0, 10), (0, 11)]);
    }

    #[test]
    fn what_comes_back_is_hidden_and_keeps_its_place_before_what_follows() {
        let mut queue = Queue::default();
        for payment in 0..3 {
            queue.send(0, payment, Duration::ZERO);
        }
        let batch = queue.receive(Duration::ZERO, false);
        queue.ended(&batch, &[1, 2], Duration::ZERO);
        assert!(queue.receive(Duration::from_secs(359), false).is_empty());
        let again = queue.receive(Duration::from_secs(360), false);
        assert_eq!(payments(&again), [(0, 1), (0, 2)]);
        queue.ended(&again, &[], Duration::from_secs(361));
        assert!(queue.is_empty());
    }

    #[test]
    fn a_group_behind_the_window_waits_for_what_is_before_it() {
        let mut queue = Queue::default();
        for payment in 0..=WINDOW as u64 {
            queue.send(0, payment, Duration::ZERO);
        }
        queue.send(1, 0, Duration::ZERO);
        let first = queue.receive(Duration::ZERO, false);
        assert_eq!(first.len(), 10);
        assert!(queue.receive(Duration::ZERO, false).is_empty());
        queue.ended(&first, &[], Duration::ZERO);
        queue.receive(Duration::ZERO, false);
        assert_eq!(payments(&queue.receive(Duration::ZERO, false)), [(1, 0)]);
    }
}
