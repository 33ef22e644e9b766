//! The story of one lot: taken, gone through until nothing is left to do in it (`working`), and left to whoever comes next
//! (`leaving`).

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::time::Duration;

use bookkeeping::breaker::Way;
use bookkeeping::ids::MerchantId;
use bookkeeping::outcome::Outcome;
use common::access::Closed;
use common::store::{Changes, HandOver, HandedOver, Lot, Lots, StoreError, Taken};
use common::world::World;
use futures::future::{Either, select};
use jiff::Timestamp;
use recording::Recorder;
use recording::customer::erased_again;
use recording::freed::{Then, release_freed};
use recording::fresh::name;
use recording::stop::{Again, CLOSED_REST};

use crate::profiles::{Page, Profiles};
use crate::rows::Which;
use crate::turn::not_yet;
use crate::weather::Weather;

mod leaving;
mod working;

/// Waits shorter than this are waited out here instead of by another drain.
const SOON: Duration = Duration::from_secs(2);

/// How long something that waits for another transaction is left aside before it is tried again.
const ASIDE: Duration = Duration::from_secs(300);

/// Works off what waits for one merchant, as far as `time_left` goes.
///
/// May be called any number of times and at once: one drain at a time holds a lot. Where it stops half-way its lease
/// ends, the lot is due then, and the next drain goes on; each transaction is where its own protocol left it, and
/// keeps its place until its outcome is told.
///
/// # Errors
///
/// [`Again`] where the store is down: the lot stays armed and is found by the sweep.
pub async fn drain<W: World>(
    recorder: &Recorder<W>,
    merchant: &MerchantId,
    time_left: Duration,
) -> Result<(), Again> {
    let world = &recorder.world;
    // The process may have drained before: what it knew of its end was another invocation's.
    recorder
        .remembered
        .ends_at(world, world.uptime() + time_left);
    recorder.fleet.begin();
    let owner = name(world.random());
    let lot = loop {
        let lot = match world
            .store()
            .take_lot(merchant, &owner, world.now(), world.timing().drain_lease)
            .await?
        {
            Taken::Ours(lot) => lot,
            Taken::Busy | Taken::Unarmed => return Ok(()),
        };
        // If we stop after this line, the lease ends and the sweep wakes another drain.
        let Some(next) = not_yet(&lot, world.now(), world.timing().turn) else {
            break lot;
        };
        match hand_over(world, merchant, &owner, &next).await? {
            // It need not rest any more, perhaps.
            HandedOver::Armed => {}
            HandedOver::Done | HandedOver::Lost => return Ok(()),
        }
    };
    // What was chosen a moment ago counts from the first on.
    recorder.remembered.forget(merchant);
    release_freed(world, merchant, Then::Keep).await?;
    let mut erasing = erased_again(recorder, merchant).await?;
    let hold = Hold::new(recorder, merchant, &owner, lot, time_left);
    while let Some(mut next) = hold.work().await? {
        if hold.is_through.get() {
            release_freed(world, merchant, Then::StrikeOff).await?;
        }
        if next.due.is_none() {
            // Nobody comes after this: what was chosen while we worked frees what came to be held since, and arms the lot.
            release_freed(world, merchant, Then::Keep).await?;
            erasing = erased_again(recorder, merchant).await?;
        }
        // Whom somebody has to look for once more, somebody comes for.
        next.due = next.due.into_iter().chain(erasing).min();
        match hand_over(world, merchant, &owner, &next).await? {
            // Something came in while it was listed for the last time, or was set free.
            HandedOver::Armed => {
                hold.look_again();
                release_freed(world, merchant, Then::Keep).await?;
            }
            HandedOver::Done | HandedOver::Lost => break,
        }
    }
    Ok(())
}

/// Lets go of a lot. If we stop before it is written, the lease ends; if we stop after it, the lot is due at its time.
async fn hand_over<W: World>(
    world: &W,
    merchant: &MerchantId,
    owner: &str,
    next: &HandOver,
) -> Result<HandedOver, StoreError> {
    let handed = world.store().hand_over(merchant, owner, next).await?;
    if let (HandedOver::Done, Some(due)) = (handed, next.due) {
        let after = Duration::try_from(due - world.now()).unwrap_or_default();
        world.wake(std::slice::from_ref(merchant), after).await;
    }
    Ok(handed)
}

/// A lot in hand.
struct Hold<'a, W> {
    recorder: &'a Recorder<W>,
    merchant: &'a MerchantId,
    owner: &'a str,
    lot: Lot,
    /// The uptime at which nothing more is begun.
    ends: Duration,
    weather: RefCell<Weather>,
    is_lost: Cell<bool>,
    /// Recorded since the last sign of life.
    recorded: Cell<u64>,
    /// Whether the whole lot was gone through, so that nothing held stands in it, where a release does not look.
    is_through: Cell<bool>,
    tried: RefCell<HashMap<String, Timestamp>>,
    profiles: Profiles,
}

impl<'a, W: World> Hold<'a, W> {
    fn new(
        recorder: &'a Recorder<W>,
        merchant: &'a MerchantId,
        owner: &'a str,
        lot: Lot,
        time_left: Duration,
    ) -> Self {
        let timing = recorder.world.timing();
        // A transaction that was begun may look a customer up, and send.
        let last = timing.lease + timing.quickbooks_timeout;
        Self {
            recorder,
            merchant,
            owner,
            weather: RefCell::new(Weather::after(&lot)),
            lot,
            ends: (recorder.world.uptime() + time_left).saturating_sub(last),
            is_lost: Cell::new(false),
            recorded: Cell::new(0),
            is_through: Cell::new(false),
            tried: RefCell::default(),
            profiles: Profiles::default(),
        }
    }

    /// Forgets why nothing more was begun, because that may be mended.
    fn look_again(&self) {
        let mut weather = self.weather.borrow_mut();
        if weather.halt().is_some() {
            *weather = Weather::after(&Lot {
                rests: weather.rests,
                ..Lot::default()
            });
            self.recorder.remembered.forget(self.merchant);
        }
    }

    /// Works the lot off; gives what to leave behind, or nothing where the lot was lost to another drain.
    async fn work(&self) -> Result<Option<HandOver>, Again> {
        let world = &self.recorder.world;
        self.is_through.set(false);
        let Some(lot) = self.sign_of_life().await? else {
            return Ok(None);
        };
        let remembered = &self.recorder.remembered;
        let opened = remembered.open(world, self.merchant, world.now()).await?;
        let access = match opened {
            Ok(access) => access,
            Err(Closed::NotConnected) => {
                return self.shut(&lot, world.now() + CLOSED_REST).await.map(Some);
            }
            Err(Closed::Waiting(_, _, due)) => {
                let due = due.unwrap_or(world.now() + CLOSED_REST);
                return self.shut(&lot, due).await.map(Some);
            }
        };
        let fleet = &self.recorder.fleet;
        match fleet.way(world, &access) {
            Way::Free => {}
            // There is nothing to keep from QuickBooks, and nothing to try.
            _ if self.is_empty().await? => {}
            // One is tried, for everybody.
            Way::Probe if fleet.take_probe(world).await? => {
                self.weather.borrow_mut().is_probing = true;
            }
            way => return Ok(Some(self.barred(&lot, &access.breaker, way))),
        }
        if self.lot.rest_until.is_some() {
            let realm = &access.connection.company.realm;
            self.recorder.pace.resume(world, realm);
        }
        self.alive(Box::pin(self.passes(lot))).await
    }

    /// What is left behind where nothing can be sent: what only remains to be told is told all the same, and somebody comes
    /// again only where something waits.
    async fn shut(&self, lot: &Lot, due: Timestamp) -> Result<HandOver, Again> {
        if !self.is_empty().await? {
            let next_due = Cell::new(None);
            self.alive(Box::pin(self.pass(Which::Settled, &next_due)))
                .await?;
        }
        Ok(match self.is_empty().await? {
            false => self.closed(lot, due),
            true => {
                self.is_through.set(true);
                HandOver {
                    open_since: None,
                    ..self.quiet(lot, None, self.recorder.world.now())
                }
            }
        })
    }

    /// Does something while the lot is held.
    async fn alive<T>(
        &self,
        work: impl Future<Output = Result<T, Again>> + Unpin,
    ) -> Result<T, Again> {
        let alive = std::pin::pin!(self.stay_alive());
        match select(work, alive).await {
            Either::Left((done, _)) => done,
            Either::Right((error, _)) => Err(error.into()),
        }
    }

    /// Whether nothing waits, as far as the index shows.
    async fn is_empty(&self) -> Result<bool, StoreError> {
        let store = self.recorder.world.store();
        let places = store.places(self.merchant, None, 1).await?;
        let changes = store.parked_changes(self.merchant, None, 1).await?;
        Ok(places.is_empty() && changes.is_empty())
    }

    /// Gives the probe back, where this drain has it and has tried something; keeps away where QuickBooks is not back.
    async fn give_probe_back(&self) -> Result<(), StoreError> {
        let (world, fleet) = (&self.recorder.world, &self.recorder.fleet);
        if !fleet.has_probe() {
            return Ok(());
        }
        let breaker = fleet.give_back(world).await?;
        let step = world.timing().return_step;
        match breaker.way(self.merchant, world.now(), step) {
            Way::Free => {}
            way => self.keep_away(&breaker, way),
        }
        Ok(())
    }

    /// Goes through the lot until there is nothing to do in it.
    async fn passes(&self, begun: Lot) -> Result<Option<HandOver>, Again> {
        // What is armed after it was read is seen by the next pass.
        let mut next_lot = Some(begun);
        loop {
            let Some(lot) = next_lot else {
                return Ok(None);
            };
            let next_due = Cell::new(None);
            let worked = self.pass(Which::All, &next_due).await?;
            next_lot = self.sign_of_life().await?;
            let world = &self.recorder.world;
            let now = world.now();
            let (halt, rests) = {
                let weather = self.weather.borrow();
                (weather.halt().cloned(), weather.rests)
            };
            if self.is_lost.get() {
                return Ok(None);
            }
            if let Some(halt) = halt {
                return Ok(Some(self.halted(&lot, &halt)));
            }
            if world.uptime() >= self.ends {
                return Ok(Some(self.open_until(now, rests)));
            }
            if worked > 0 {
                continue;
            }
            // Last, because a payment may have linked the customer just now.
            let page = self.profiles(&lot).await?;
            self.give_probe_back().await?;
            match page {
                Page::Through(again) => {
                    let due = next_due.get().into_iter().chain(again).min();
                    next_due.set(due);
                }
                Page::Worked | Page::Stopped(_) => continue,
            }
            self.is_through.set(true);
            let next = self.quiet(&lot, next_due.get(), now);
            match next.due {
                Some(due) if due <= now => {}
                // Sooner than another drain would be here.
                Some(due) if self.is_soon(due, now) => {
                    let wait = Duration::try_from(due - now).unwrap_or_default();
                    world.sleep(wait).await;
                }
                _ => return Ok(Some(next)),
            }
        }
    }

    /// Takes up one page of the changed profiles that wait.
    async fn profiles(&self, lot: &Lot) -> Result<Page, Again> {
        let world = &self.recorder.world;
        let later = world.now() + ASIDE;
        let page = self
            .profiles
            .page(self.recorder, self.merchant, lot, later)
            .await?;
        if let Page::Stopped(stop) = &page {
            self.saw(&Outcome::Stopped(stop.reason.clone()), stop.due);
        }
        Ok(page)
    }

    /// Takes in what became of something, and when it may be looked at again.
    fn saw(&self, outcome: &Outcome, due: Option<Timestamp>) {
        let world = &self.recorder.world;
        let now = world.now();
        // As long as QuickBooks asked for, where that is longer.
        let asked = due.and_then(|due| Duration::try_from(due - now).ok());
        let rest = world.timing().throttle_rest.max(asked.unwrap_or_default());
        let jitter = self.jitter();
        let mut weather = self.weather.borrow_mut();
        weather.saw(outcome, now, rest, jitter);
    }

    /// Whether something is due so soon that it is waited for here.
    fn is_soon(&self, due: Timestamp, now: Timestamp) -> bool {
        let wait = Duration::try_from(due - now).unwrap_or_default();
        wait < SOON && self.recorder.world.uptime() + wait < self.ends
    }

    /// Holds the lot while it is worked on; ends only where it cannot be held.
    async fn stay_alive(&self) -> StoreError {
        loop {
            let world = &self.recorder.world;
            world.sleep(world.timing().drain_lease / 3).await;
            match self.sign_of_life().await {
                Ok(Some(_)) => {}
                // Another drain has it. What is on its way is finished, nothing more is begun.
                Ok(None) => self.is_lost.set(true),
                Err(error) => return error,
            }
        }
    }

    async fn sign_of_life(&self) -> Result<Option<Lot>, StoreError> {
        let world = &self.recorder.world;
        let recorded = self.recorded.replace(0);
        let kept = world
            .store()
            .keep_lot(
                self.merchant,
                self.owner,
                world.now(),
                world.timing().drain_lease,
                recorded,
            )
            .await?;
        if kept.is_none() {
            self.is_lost.set(true);
        }
        Ok(kept)
    }
}
