//! The queue: FIFO groups, delivered at least once.

use std::rc::Rc;
use std::time::Duration;

use jiff::Timestamp;
use recording::invocation::Delivery;

use crate::clock::Clock;
use crate::fate::Fate;
use crate::faults::{Fault, Happened};

/// How long a delivered message stays hidden.
const VISIBILITY: Duration = Duration::from_secs(360);

/// Most messages a batch holds.
const BATCH: usize = 10;

/// How often a message is delivered before it is a dead letter.
const RECEIVES_MAX: u32 = 5;

struct Message {
    delivery: Delivery,
    visible_at: Duration,
    receives: u32,
}

/// The queue and its dead letters.
#[derive(Default)]
pub struct Queue {
    messages: Vec<Message>,
    dead: Vec<Delivery>,
    /// Messages that became dead letters.
    pub given_up: u64,
    /// Whether it says when it took a message.
    pub tells_age: bool,
    /// Decides in which order groups are delivered; none where it is that of sending.
    shuffled_by: Option<Rc<Fate>>,
    /// One batch in so many is not deleted.
    undeleted_in: Option<u64>,
    /// One batch in so many is visible again before its worker can be done.
    pub early_in: Option<u64>,
}

/// How old a message is that counts as waiting in a burst, as `transaction-sync` sees it.
const OLD: Duration = Duration::from_secs(60);

impl Queue {
    /// Takes a message.
    pub fn send(&mut self, delivery: Delivery, now: Duration) {
        self.messages.push(Message {
            delivery,
            visible_at: now,
            receives: 0,
        });
    }

    /// What the first storms did not have.
    pub fn more(&mut self, fate: &Rc<Fate>) {
        self.tells_age = fate.below(2) == 0;
        self.shuffled_by = (fate.below(2) == 0).then(|| Rc::clone(fate));
        self.undeleted_in = (fate.below(3) == 0).then_some(6);
        self.early_in = (fate.below(3) == 0).then_some(4);
    }

    /// Everything that is let go is deleted from now on.
    pub fn deletes_all(&mut self) {
        self.undeleted_in = None;
        self.early_in = None;
    }

    /// The next batch: of each group its first messages, in order, unless one of the group is being worked on.
    pub fn receive(&mut self, clock: &Clock, fate: &Fate, happened: &Happened) -> Vec<Delivery> {
        self.shuffle(happened);
        let now = clock.elapsed();
        let mut blocked: Vec<String> = Vec::new();
        let is_early = |one_in| fate.below(one_in) == 0;
        let hidden = match self.early_in.is_some_and(is_early) {
            true => Duration::from_millis(fate.below(90_000)),
            false => VISIBILITY,
        };
        let mut batch = Vec::new();
        let mut at = 0;
        while at < self.messages.len() && batch.len() < BATCH {
            let message = &mut self.messages[at];
            if blocked.contains(&message.delivery.group) || message.visible_at > now {
                blocked.push(message.delivery.group.clone());
                at += 1;
                continue;
            }
            if message.receives == RECEIVES_MAX {
                self.given_up += 1;
                happened.note(Fault::DeadLetter);
                self.dead.push(self.messages.remove(at).delivery);
                continue;
            }
            message.receives += 1;
            message.visible_at = now + hidden;
            let sent_at = message.delivery.sent_at;
            if sent_at.is_some_and(|sent_at| age(sent_at, clock) > OLD) {
                happened.note(Fault::Burst);
            }
            batch.push(message.delivery.clone());
            at += 1;
        }
        batch
    }

    /// Delivers groups in another order than they were sent, each in its own.
    fn shuffle(&mut self, happened: &Happened) {
        let Some(fate) = &self.shuffled_by else {
            return;
        };
        let salt = fate.random();
        let place = |message: &Message| {
            let group = message.delivery.group.bytes();
            let hash = group.fold(salt, |hash, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
            });
            hash.rotate_left(32)
        };
        if !self.messages.is_sorted_by_key(place) {
            happened.note(Fault::Reordered);
            self.messages.sort_by_key(place);
        }
    }

    /// Lets go of what is done. What is not comes back when its time is up.
    pub fn delete(
        &mut self,
        batch: &[Delivery],
        returned: &[String],
        fate: &Fate,
        happened: &Happened,
    ) {
        if self
            .undeleted_in
            .is_some_and(|one_in| fate.below(one_in) == 0)
        {
            return happened.note(Fault::NotDeleted);
        }
        let is_done = |id: &String| {
            batch.iter().any(|delivery| delivery.message_id == *id) && !returned.contains(id)
        };
        self.messages
            .retain(|message| !is_done(&message.delivery.message_id));
    }

    /// When the next message can be received, where there is one: the first of a group holds up the others.
    pub fn next_at(&self) -> Option<Duration> {
        let mut seen: Vec<&str> = Vec::new();
        let mut next = None;
        for message in &self.messages {
            let group = message.delivery.group.as_str();
            if !seen.contains(&group) {
                seen.push(group);
                next = Some(next.map_or(message.visible_at, |at: Duration| {
                    at.min(message.visible_at)
                }));
            }
        }
        next
    }

    /// Puts the dead letters back, as an operator of the platform would.
    pub fn redrive(&mut self, now: Duration) {
        for delivery in std::mem::take(&mut self.dead) {
            self.send(delivery, now);
        }
    }

    /// Whether nothing is left, dead letters included.
    pub fn is_empty(&self) -> bool {
        self.messages.is_empty() && self.dead.is_empty()
    }

    /// Delivers a finished message another time, later.
    pub fn repeat(&mut self, delivery: &Delivery, clock: &Clock, fate: &Fate) {
        let later = Duration::from_secs(fate.below(3600));
        self.send(delivery.clone(), clock.elapsed() + later);
    }
}

fn age(sent_at: Timestamp, clock: &Clock) -> Duration {
    Duration::try_from(clock.now() - sent_at).unwrap_or_default()
}
