//! The story of one lot.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::time::Duration;

use bookkeeping::breaker::{Breaker, Way};
use bookkeeping::ids::MerchantId;
use bookkeeping::outcome::Outcome;
use bookkeeping::reason::State;
use common::access::Closed;
use common::store::{
    HandOver, HandedOver, Lot, Lots, Place, Standing, StoreError, Taken, lot::QUIET,
};
use common::told::Told;
use common::world::World;
use futures::future::{Either, join_all, select};
use futures::stream::StreamExt;
use jiff::Timestamp;
use recording::Recorder;
use recording::freed::release_freed;
use recording::fresh::name;
use recording::message::{Became, became, carry_out};
use recording::settle::Reached;
use recording::stop::{Again, CLOSED_REST};

use crate::profiles::{Page, Profiles};
use crate::rows::{Job, Pass};
use crate::turn::not_yet;
use crate::weather::{Halt, Weather};

/// Most requests in flight for one merchant. QuickBooks takes ten; one is left for whoever looks at the page, and one for a
/// request that nobody waits for any more and that QuickBooks may still be at.
///
/// Where QuickBooks takes a second to answer this is the narrower bound: 450 a minute of its 500.
/// Source: Intuit, "Limits and throttles".
const IN_FLIGHT_MAX: usize = 8;

/// Waits shorter than this are waited out here instead of by another drain.
const SOON: Duration = Duration::from_secs(2);

/// How long something that waits for another transaction is left aside before it is tried again.
const ASIDE: Duration = Duration::from_secs(300);

/// How long something that could not be finished is left aside before it is tried again.
const UNFINISHED: Duration = Duration::from_secs(30);

/// Most outcomes told at once. Source: AWS, `SendMessageBatch`.
const TELL_MAX: usize = 10;

/// Tellings under way while the next transactions are sent.
const TELLINGS_MAX: usize = 2;

/// Longest spread of the times at which rested companies are asked again.
const JITTER: Duration = Duration::from_secs(10);

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
    let lot = match world
        .store()
        .take_lot(merchant, &owner, world.now(), world.timing().drain_lease)
        .await?
    {
        Taken::Ours(lot) => lot,
        Taken::Busy | Taken::Unarmed => return Ok(()),
    };
    // If we stop after this line, the lease ends and the sweep wakes another drain.
    if let Some(next) = not_yet(&lot, world.now(), world.timing().turn) {
        hand_over(world, merchant, &owner, &next).await?;
        return Ok(());
    }
    // What was chosen a moment ago counts from the first on.
    recorder.remembered.forget(merchant);
    release_freed(world, merchant).await?;
    let hold = Hold::new(recorder, merchant, &owner, lot, time_left);
    while let Some(next) = hold.work().await? {
        match hand_over(world, merchant, &owner, &next).await? {
            // Something came in while it was listed for the last time, or was set free.
            HandedOver::Armed => {
                release_freed(world, merchant).await?;
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
    tried: RefCell<HashMap<Place, Timestamp>>,
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
            tried: RefCell::default(),
            profiles: Profiles::default(),
        }
    }

    /// Works the lot off; gives what to leave behind, or nothing where the lot was lost to another drain.
    async fn work(&self) -> Result<Option<HandOver>, Again> {
        let world = &self.recorder.world;
        let remembered = &self.recorder.remembered;
        let opened = remembered.open(world, self.merchant, world.now()).await?;
        let access = match opened {
            Ok(access) => access,
            Err(Closed::NotConnected) => {
                return Ok(Some(self.closed(world.now() + CLOSED_REST)));
            }
            Err(Closed::Waiting(_, _, due)) => {
                let due = due.unwrap_or(world.now() + CLOSED_REST);
                return Ok(Some(self.closed(due)));
            }
        };
        let fleet = &self.recorder.fleet;
        match fleet.way(world, &access) {
            Way::Free => {}
            // One is tried, for everybody.
            Way::Probe if fleet.take_probe(world).await? => {
                self.weather.borrow_mut().is_probing = true;
            }
            way => return Ok(Some(self.barred(&access.breaker, way))),
        }
        if self.lot.rest_until.is_some() {
            let realm = &access.connection.company.realm;
            self.recorder.pace.resume(world, realm);
        }
        let passes = std::pin::pin!(self.passes());
        let alive = std::pin::pin!(self.stay_alive());
        match select(passes, alive).await {
            Either::Left((next, _)) => next,
            Either::Right((error, _)) => Err(error.into()),
        }
    }

    /// Goes through the lot until there is nothing to do in it.
    async fn passes(&self) -> Result<Option<HandOver>, Again> {
        loop {
            // What is armed after this is seen by the next pass.
            let Some(lot) = self.sign_of_life().await? else {
                self.is_lost.set(true);
                return Ok(None);
            };
            let next_due = Cell::new(None);
            let worked = self.pass(&next_due).await?;
            self.sign_of_life().await?;
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
                return Ok(Some(self.halted(&halt)));
            }
            if world.uptime() >= self.ends {
                return Ok(Some(self.open_until(now, rests)));
            }
            if worked > 0 {
                continue;
            }
            // Last, because a payment may have linked the customer just now.
            match self.profiles(&lot).await? {
                Page::Through(again) => {
                    let due = next_due.get().into_iter().chain(again).min();
                    next_due.set(due);
                }
                Page::Worked | Page::Stopped(_) => continue,
            }
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
            self.saw(&Outcome::Stopped(stop.reason.clone()));
        }
        Ok(page)
    }

    /// Takes in what became of something.
    fn saw(&self, outcome: &Outcome) {
        let world = &self.recorder.world;
        let jitter = self.jitter();
        let rest = world.timing().throttle_rest;
        let mut weather = self.weather.borrow_mut();
        weather.saw(outcome, world.now(), rest, jitter);
    }

    /// Leaves QuickBooks alone, because it is down for everyone.
    fn keep_away(&self, breaker: &Breaker, way: Way) {
        let now = self.recorder.world.now();
        let until = match way {
            Way::Barred(until) => until,
            // Somebody else tries one.
            Way::Probe | Way::Free => now + self.recorder.world.timing().probe,
        };
        let jitter = self.jitter();
        let mut weather = self.weather.borrow_mut();
        weather.barred(breaker, until, now, jitter);
    }

    fn barred(&self, breaker: &Breaker, way: Way) -> HandOver {
        self.keep_away(breaker, way);
        let halt = self.weather.borrow().halt().cloned();
        self.halted(&halt.expect("it rests"))
    }

    /// A time to spread by.
    fn jitter(&self) -> Duration {
        JITTER * u32::from(self.recorder.world.random()[0]) / 256
    }

    /// Whether something is due so soon that it is waited for here.
    fn is_soon(&self, due: Timestamp, now: Timestamp) -> bool {
        let wait = Duration::try_from(due - now).unwrap_or_default();
        wait < SOON && self.recorder.world.uptime() + wait < self.ends
    }

    /// One pass: everything that may be worked on now, in order, at most eight at once. Gives how many there were.
    async fn pass(&self, next_due: &Cell<Option<Timestamp>>) -> Result<u64, Again> {
        let world = &self.recorder.world;
        let failed = RefCell::new(None);
        let is_over = || {
            self.is_lost.get()
                || failed.borrow().is_some()
                || self.weather.borrow().halt().is_some()
                || world.uptime() >= self.ends
        };
        let pass = Pass {
            recorder: self.recorder,
            merchant: self.merchant,
            ends: self.ends,
            tried: &self.tried,
            is_over: &is_over,
            next_due,
        };
        let worked = Cell::new(0);
        let mut jobs = std::pin::pin!(pass.jobs());
        // After a rest one goes ahead; the others follow when it has arrived.
        if self.weather.borrow().is_probing
            && let Some(job) = jobs.next().await
        {
            worked.set(1);
            let done = self.work_on(&pass, job?).await;
            self.tell(&pass, vec![done]).await?;
        }
        if self.recorder.fleet.has_probe() {
            let breaker = self.recorder.fleet.give_back(world).await?;
            let step = world.timing().return_step;
            match breaker.way(self.merchant, world.now(), step) {
                Way::Free => {}
                way => self.keep_away(&breaker, way),
            }
        }
        jobs.map(|job| {
            let (pass, failed) = (&pass, &failed);
            async move {
                match job {
                    Ok(job) => Some(self.work_on(pass, job).await),
                    Err(again) => {
                        *failed.borrow_mut() = Some(again);
                        None
                    }
                }
            }
        })
        .buffer_unordered(IN_FLIGHT_MAX)
        .filter_map(async |done| done)
        .ready_chunks(TELL_MAX)
        .for_each_concurrent(TELLINGS_MAX, |done| {
            let (pass, failed, worked) = (&pass, &failed, &worked);
            async move {
                worked.set(worked.get() + done.len() as u64);
                if let Err(again) = self.tell(pass, done).await {
                    *failed.borrow_mut() = Some(again);
                }
            }
        })
        .await;
        match failed.take() {
            Some(again) => Err(again),
            None => Ok(worked.get()),
        }
    }

    /// Carries out one transaction; gives what there is to tell of it.
    async fn work_on(&self, pass: &Pass<'_, W>, job: Job) -> Done {
        let world = &self.recorder.world;
        let Job {
            waiting,
            message,
            invocation,
        } = job;
        let place = waiting.place;
        let Some((delivery, parsed)) = message else {
            // It was settled and its outcome not told: the drain before us died between the two.
            let reached = Reached::of(&waiting.row, world.now());
            let told = reached.map(|reached| became(world, &place.key, reached));
            return Done { place, told };
        };
        let fate = carry_out(self.recorder, &invocation, &delivery, &parsed).await;
        let told = match fate {
            Ok(Some(became)) => {
                self.saw(&became.outcome);
                Some(became)
            }
            Ok(None) => None,
            Err(again) => {
                tracing::warn!(merchant.id = %self.merchant, error = %again, "{} stays in the lot", place.key);
                pass.try_again(&place, world.now() + UNFINISHED);
                return Done { place, told: None };
            }
        };
        match &told {
            Some(Became {
                outcome: Outcome::Synced(_),
                ..
            }) => self.recorded.set(self.recorded.get() + 1),
            Some(became) if became.outcome.state() == State::Waiting => {
                pass.try_again(&place, world.now() + ASIDE);
            }
            _ => {}
        }
        // What waits for the same as before was told so before.
        let is_news = |became: &Became| match &became.outcome {
            Outcome::Stopped(reason) => {
                reason.state() != State::Waiting || waiting.row.reason.as_ref() != Some(reason)
            }
            Outcome::Synced(_) => true,
        };
        Done {
            place,
            told: told.filter(is_news),
        }
    }

    /// Tells what became of transactions; those told leave the lot for where they belong.
    async fn tell(&self, pass: &Pass<'_, W>, done: Vec<Done>) -> Result<(), Again> {
        let world = &self.recorder.world;
        let news: Vec<(Place, Became)> = done
            .into_iter()
            .filter_map(|done| Some((done.place, done.told?)))
            .collect();
        if news.is_empty() {
            return Ok(());
        }
        let told: Vec<Told> = news.iter().map(|(_, became)| became.told.clone()).collect();
        let taken = world.tell(&told).await;
        let leaving = news
            .iter()
            .zip(taken)
            .map(async |((place, became), taken)| match taken {
                true => {
                    let standing = standing(became.outcome.state());
                    world.store().leave_lot(&place.key, standing).await
                }
                false => {
                    pass.try_again(place, world.now() + UNFINISHED);
                    Ok(())
                }
            });
        let left: Result<Vec<()>, StoreError> = join_all(leaving).await.into_iter().collect();
        left?;
        Ok(())
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

    /// Nothing is to be done in the lot now: live work gets the turn back once it has been quiet for long enough.
    fn quiet(&self, lot: &Lot, next_due: Option<Timestamp>, now: Timestamp) -> HandOver {
        let quiet_at = lot.armed_at.unwrap_or(now) + QUIET;
        let is_quiet = quiet_at <= now;
        let due = match is_quiet {
            true => next_due,
            false => Some(next_due.map_or(quiet_at, |due| due.min(quiet_at))),
        };
        HandOver {
            seen: Some(lot.arm),
            due,
            open_since: if is_quiet { None } else { self.lot.open_since },
            rest_until: None,
            rests: self.weather.borrow().rests,
            paused: None,
        }
    }

    fn open_until(&self, due: Timestamp, rests: u32) -> HandOver {
        HandOver {
            seen: None,
            due: Some(due),
            open_since: self.lot.open_since,
            rest_until: None,
            rests,
            paused: None,
        }
    }

    fn closed(&self, due: Timestamp) -> HandOver {
        HandOver {
            open_since: None,
            ..self.open_until(due, self.lot.rests)
        }
    }

    fn halted(&self, halt: &Halt) -> HandOver {
        let rests = self.weather.borrow().rests;
        match halt {
            Halt::Rest(until) => HandOver {
                rest_until: Some(*until),
                ..self.open_until(*until, rests)
            },
            Halt::Closed(until) => self.closed(*until),
            Halt::Pause(reason, until) => {
                // Once, however often one more is refused.
                if self.lot.paused.is_none() {
                    tracing::error!(
                    merchant.id = %self.merchant,
                    reason = reason.code.as_str(),
                    fault = reason.figures.get("fault").map_or("", String::as_str),
                    "the lot pauses: one refusal after another of the same kind"
                    );
                }
                HandOver {
                    rest_until: Some(*until),
                    open_since: None,
                    paused: Some(reason.clone()),
                    ..self.open_until(*until, rests)
                }
            }
        }
    }
}

/// A transaction that was worked on.
struct Done {
    place: Place,
    told: Option<Became>,
}

/// Where a transaction in this state stands.
fn standing(state: State) -> Standing {
    match state {
        State::Synced => Standing::Synced,
        State::Skipped => Standing::Skipped,
        State::Waiting => Standing::Parked,
        State::NeedsOperator => Standing::Held,
        State::Failed => Standing::Failed,
    }
}
