//! The drain of the town's lot, woken and swept as it would be.

use std::time::Duration;

use backlog_drain::drain::drain;
use backlog_drain::sweep::sweep;
use bookkeeping::ids::MerchantId;
use recording::Recorder;

use crate::town::{MERCHANT, Town};
use crate::world::SimulatedWorld;

/// How long one drain may take.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(900);

/// How often the sweep looks.
const SWEEP: Duration = Duration::from_secs(60);

impl Town {
    /// Drains the lot once, in a process of its own; gives whether the process lived.
    ///
    /// # Panics
    ///
    /// Where the drain fails though the store is there.
    pub fn drain(&mut self) -> bool {
        let process = Recorder::new(SimulatedWorld::new(&self.outside));
        self.drain_in(&process)
    }

    /// Drains the lot once, in this process; gives whether it lived.
    ///
    /// # Panics
    ///
    /// Where the drain fails though the store is there.
    pub fn drain_in(&mut self, process: &Recorder<SimulatedWorld>) -> bool {
        let waits = self.outside.waits.clone();
        let merchant = MerchantId::parse(MERCHANT).expect("a merchant");
        let drained = waits
            .clock
            .run(drain(process, &merchant, DRAIN_TIMEOUT), || {
                waits.fate.is_dead()
            });
        let lived = drained.is_some();
        match drained {
            Some(drained) => drained.expect("the store is there"),
            None => waits.fate.revive(),
        }
        lived
    }

    /// Lets time go by until somebody wakes the drain, and drains; gives whether the process lived.
    ///
    /// # Panics
    ///
    /// Where the sweep fails though the store is there.
    pub fn drain_next(&mut self) -> bool {
        let clock = &self.outside.waits.clock;
        let next = {
            let mut wakes = self.outside.wakes.borrow_mut();
            wakes.sort();
            let soon = wakes
                .first()
                .is_some_and(|(at, _)| *at <= clock.elapsed() + SWEEP);
            soon.then(|| wakes.remove(0).0)
        };
        match next {
            Some(at) => clock.advance(at.saturating_sub(clock.elapsed())),
            None => {
                clock.advance(SWEEP);
                let (world, fate) = (SimulatedWorld::new(&self.outside), &self.outside.waits.fate);
                let Some(swept) = clock.run(sweep(&world), || fate.is_dead()) else {
                    fate.revive();
                    return false;
                };
                swept.expect("the store is there");
                if self.outside.wakes.borrow().is_empty() {
                    return true;
                }
                self.outside.wakes.borrow_mut().remove(0);
            }
        }
        self.drain()
    }

    /// Lets time go by and drains until nothing waits any more; gives how often the process died.
    ///
    /// # Panics
    ///
    /// When that takes more than a thousand wake-ups: work that never ends.
    pub fn drain_all(&mut self) -> u64 {
        let mut deaths = 0;
        for _ in 0..1000 {
            if !self.is_armed() {
                return deaths;
            }
            deaths += u64::from(!self.drain_next());
        }
        panic!("the lot never empties");
    }

    /// Whether something waits in the lot, as the drain knows it.
    #[must_use]
    pub fn is_armed(&self) -> bool {
        let tables = self.outside.tables.borrow();
        tables.lots.values().any(|lot| lot.due.is_some())
    }
}
