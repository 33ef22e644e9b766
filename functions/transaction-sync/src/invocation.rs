//! An invocation: the messages it was given, and what working on them shares.

use std::time::Duration;

use common::world::World;

use crate::customer::BatchLinks;

/// One message as the queue delivered it.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// The queue's id of the message.
    pub message_id: String,
    /// Its group: the merchant.
    pub group: String,
    /// Its body.
    pub body: String,
}

/// What the messages of one invocation share.
pub struct Invocation {
    /// Customer links found and made.
    pub links: BatchLinks,
    /// The uptime after which nothing more is claimed, because it could not be finished.
    pub(crate) last_claim: Duration,
}

impl Invocation {
    /// Whether too little is left to claim anything more.
    pub fn is_ending<W: World>(&self, world: &W) -> bool {
        world.uptime() >= self.last_claim
    }
}
