//! One SQS batch in, receipts in QuickBooks out.
//!
//! [`record`] is the story of one payment. [`batch`] gives every message of a batch its own fate; [`customer`],
//! [`send`] and [`stop`] are steps of the story.

pub mod batch;
pub mod customer;
mod fresh;
pub mod invocation;
mod kept;
pub mod pace;
pub mod record;
mod sealed;
pub mod send;
pub mod stop;

use common::access::Remembered;
use common::world::World;

use crate::pace::Pace;

/// What every step may use: the world, and what this process remembers between invocations.
pub struct Sync<W> {
    /// The world.
    pub world: W,
    /// Connections and tokens read lately.
    pub remembered: Remembered,
    /// When each company may be written to next.
    pub pace: Pace,
}

impl<W: World> Sync<W> {
    /// A sync over a world.
    #[must_use]
    pub fn new(world: W) -> Self {
        Self {
            world,
            remembered: Remembered::default(),
            pace: Pace::default(),
        }
    }
}
