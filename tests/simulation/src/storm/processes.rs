//! The processes of a storm, each under a fate of its own.

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::time::Duration;

use backlog_drain::drain::drain;
use backlog_drain::sweep::sweep;
use bookkeeping::ids::MerchantId;
use futures::future::{Either, select};
use jiff::SignedDuration;
use recording::Recorder;
use recording::invocation::Delivery;
use transaction_sync::batch::handle;

use crate::clock::Clock;
use crate::fate::Fate;
use crate::memory::CLAIM;
use crate::mortal::Mortal;
use crate::world::SimulatedWorld;

use super::Storm;

/// How long one batch may take.
const SYNC_TIMEOUT: Duration = Duration::from_secs(60);

/// How long one drain may take.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(900);

/// How long a process goes on that thaws after its time.
const THAWED: Duration = Duration::from_secs(1);

/// What a process came to.
pub(super) enum Ended {
    Sync {
        process: Option<Recorder<SimulatedWorld>>,
        batch: Vec<Delivery>,
        returned: Option<Vec<String>>,
    },
    Drain {
        process: Option<Recorder<SimulatedWorld>>,
    },
    Other,
}

/// A process at work.
pub(super) type Process = Pin<Box<dyn Future<Output = Ended>>>;

impl Storm {
    pub(super) fn sync(
        &mut self,
        process: Option<Recorder<SimulatedWorld>>,
        batch: Vec<Delivery>,
    ) -> Process {
        let (process, fate) = self.process(process);
        let clock = Rc::clone(&self.outside.waits.clock);
        Box::pin(async move {
            let work = Mortal::new(Rc::clone(&fate), handle(&process, &batch, SYNC_TIMEOUT));
            let returned = within(&clock, &fate, SYNC_TIMEOUT, work).await;
            let alive = returned.is_some();
            Ended::Sync {
                process: alive.then_some(process),
                batch,
                returned,
            }
        })
    }

    pub(super) fn drain(
        &mut self,
        process: Option<Recorder<SimulatedWorld>>,
        merchant: MerchantId,
    ) -> Process {
        let (process, fate) = self.process(process);
        let clock = Rc::clone(&self.outside.waits.clock);
        Box::pin(async move {
            let work = drain(&process, &merchant, DRAIN_TIMEOUT);
            let work = Mortal::new(Rc::clone(&fate), work);
            let drained = within(&clock, &fate, DRAIN_TIMEOUT, work).await;
            Ended::Drain {
                process: drained.is_some().then_some(process),
            }
        })
    }

    pub(super) fn sweep(&mut self) -> Process {
        let (process, fate) = self.process(None);
        Box::pin(async move {
            Mortal::new(fate, sweep(&process.world)).await;
            Ended::Other
        })
    }

    /// A warm process, or a new one; whichever, its invocation has a fate of its own.
    fn process(
        &mut self,
        warm: Option<Recorder<SimulatedWorld>>,
    ) -> (Recorder<SimulatedWorld>, Rc<Fate>) {
        if let Some(warm) = warm {
            let fate = warm.world.fate();
            if self.more.is_some() {
                fate.die_at(None);
            }
            self.befall(&fate);
            return (warm, fate);
        }
        let fate = self.fate_of_own(true);
        let mut outside = self.outside.clone();
        outside.waits.fate = Rc::clone(&fate);
        (Recorder::new(SimulatedWorld::new(&outside)), fate)
    }

    pub(super) fn fate_of_own(&mut self, may_die: bool) -> Rc<Fate> {
        let fate = Rc::new(Fate::new(self.fate.random()));
        if let Some(story) = &self.story {
            fate.tell_into(story, self.fates.len());
        }
        self.fates.push(Rc::clone(&fate));
        if may_die {
            self.befall(&fate);
        }
        fate
    }

    fn befall(&self, fate: &Fate) {
        if self.dies_in > 0 && self.fate.below(self.dies_in) == 0 {
            fate.die_at(Some(1 + self.fate.below(80)));
        }
        if self.freezes_in > 0 && self.fate.below(self.freezes_in) == 0 {
            let frozen = Duration::from_secs(1 + self.fate.below(1_200));
            match self.fate.below(60) {
                // Few steps come between a claim and its sending, and most harm may be done by who thaws there.
                45.. if self.more.is_some() => fate.freeze_after(CLAIM, frozen),
                step => fate.freeze_at(1 + step, frozen),
            }
        }
        if self.jumps_in > 0 && self.fate.below(self.jumps_in) == 0 {
            let most = 600;
            let by = i64::try_from(self.fate.below(2 * most)).expect("small") - 600;
            fate.jump_at(1 + self.fate.below(60), SignedDuration::from_secs(by));
        }
    }
}

/// Work that is killed when it takes too long, and soon after it thaws where it was frozen by then.
async fn within<T>(
    clock: &Clock,
    fate: &Fate,
    timeout: Duration,
    work: impl Future<Output = Option<T>>,
) -> Option<T> {
    let mut work = std::pin::pin!(work);
    let mut left = timeout;
    loop {
        match select(work.as_mut(), std::pin::pin!(clock.sleep(left))).await {
            Either::Left((done, _)) => return done,
            Either::Right(_) => {}
        }
        left = match fate.thaws_in(clock.elapsed()) {
            Duration::ZERO => {
                fate.kill();
                return None;
            }
            frozen => frozen + THAWED,
        };
    }
}
