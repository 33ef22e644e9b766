//! How a transaction gets into QuickBooks once, whoever brings it: the queue or the lot.
//!
//! [`record`] is the story of one payment or refund; [`refund`] is how a refund finds its cents. [`message`] takes a delivered message to the story it is about;
//! [`customer`], [`send`], [`look`], [`settle`] and [`stop`] are steps of it.

mod correct;
pub mod customer;
pub mod fleet;
pub mod freed;
pub mod fresh;
pub mod invocation;
pub mod job;
mod kept;
mod learn;
pub mod look;
pub mod message;
pub mod pace;
pub mod record;
pub mod refund;
mod reserve;
mod sealed;
mod seen;
pub mod send;
pub mod settle;
pub mod stop;

use common::access::Remembered;
use common::world::World;

use crate::fleet::Fleet;
use crate::pace::Pace;

/// What every step may use: the world, and what this process remembers between invocations.
pub struct Recorder<W> {
    /// The world.
    pub world: W,
    /// Connections and tokens read lately.
    pub remembered: Remembered,
    /// When each company may be written to next.
    pub pace: Pace,
    /// Whether QuickBooks is down for everyone.
    pub fleet: Fleet,
}

impl<W: World> Recorder<W> {
    /// A recorder over a world.
    #[must_use]
    pub fn new(world: W) -> Self {
        Self {
            world,
            remembered: Remembered::default(),
            pace: Pace::default(),
            fleet: Fleet::default(),
        }
    }
}
