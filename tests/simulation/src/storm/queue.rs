//! The queue: FIFO groups, delivered at least once.

use std::time::Duration;

use recording::invocation::Delivery;

use crate::clock::Clock;
use crate::fate::Fate;

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
    /// Messages delivered more than once.
    pub redelivered: u64,
    /// Messages that became dead letters.
    pub given_up: u64,
}

impl Queue {
    /// Takes a message.
    pub fn send(&mut self, delivery: Delivery, now: Duration) {
        self.messages.push(Message {
            delivery,
            visible_at: now,
            receives: 0,
        });
    }

    /// The next batch: of each group its first messages, in order, unless one of the group is being worked on.
    pub fn receive(&mut self, now: Duration) -> Vec<Delivery> {
        let mut blocked: Vec<String> = Vec::new();
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
                self.dead.push(self.messages.remove(at).delivery);
                continue;
            }
            message.receives += 1;
            self.redelivered += u64::from(message.receives > 1);
            message.visible_at = now + VISIBILITY;
            batch.push(message.delivery.clone());
            at += 1;
        }
        batch
    }

    /// Lets go of what is done. What is not comes back when its time is up.
    pub fn delete(&mut self, batch: &[Delivery], returned: &[String]) {
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
