//! Working: one going-through of a lot, each transaction carried out and told.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use bookkeeping::outcome::Outcome;
use bookkeeping::reason::{ReasonCode, State};
use common::store::{Lots, Place, Standing, StoreError};
use common::told::Told;
use common::world::World;
use futures::future::join_all;
use futures::stream::StreamExt;
use jiff::Timestamp;
use recording::freed::release_found;
use recording::message::{Became, became, carry_out};
use recording::settle::Reached;
use recording::stop::{Again, CLOSED_REST};

use super::{ASIDE, Hold};
use crate::rows::{Job, Pass, UNREADABLE_REST, Which};

/// Most requests in flight for one merchant. QuickBooks takes ten; one is left for whoever looks at the page, and one for a
/// request that nobody waits for any more and that QuickBooks may still be at.
///
/// Where QuickBooks takes a second to answer this is the narrower bound: 450 a minute of its 500.
/// Source: Intuit, "Limits and throttles".
const IN_FLIGHT_MAX: usize = 8;

/// How long something that could not be finished is left aside before it is tried again.
const UNFINISHED: Duration = Duration::from_secs(30);

/// Most outcomes told at once. Source: AWS, `SendMessageBatch`.
const TELL_MAX: usize = 10;

/// Tellings under way while the next transactions are sent.
const TELLINGS_MAX: usize = 2;

impl<W: World> Hold<'_, W> {
    /// One pass: everything that may be worked on now, in order, at most eight at once. Gives how many there were.
    pub(super) async fn pass(
        &self,
        which: Which,
        next_due: &Cell<Option<Timestamp>>,
    ) -> Result<u64, Again> {
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
            which,
            ends: self.ends,
            tried: &self.tried,
            is_over: &is_over,
            next_due,
        };
        let worked = Cell::new(0);
        let mut jobs = std::pin::pin!(pass.jobs());
        // After a rest one goes ahead; the others follow when it has arrived. What only has to be told shows nothing.
        let mut is_tried = !self.weather.borrow().is_probing;
        while !is_tried && let Some(job) = jobs.next().await {
            let job = job?;
            is_tried = job.message.is_some();
            worked.set(worked.get() + 1);
            let done = self.work_on(&pass, job).await;
            self.tell(&pass, vec![done]).await?;
        }
        if worked.get() > 0 {
            self.give_probe_back().await?;
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
            // It was settled and its outcome not told: whoever settled it stopped between the two.
            let Some(reached) = Reached::of(&waiting.row, world.now()) else {
                // It keeps its place, and the others go past it.
                let _said = StoreError::unreadable(format!("what {} came to", place.key));
                pass.try_again(&place, world.now() + UNREADABLE_REST);
                return Done { place, told: None };
            };
            if let (Standing::Held, Outcome::Stopped(reason)) =
                (waiting.row.standing, &reached.outcome)
            {
                // Its cause may have been mended before it was told: then it is tried, and needs nobody.
                let released = release_found(world, &place.key, reason).await;
                if released != Ok(false) {
                    if released.is_err() {
                        pass.try_again(&place, world.now() + UNFINISHED);
                    }
                    return Done { place, told: None };
                }
            }
            let told = Some(became(world, &place.key, reached));
            return Done { place, told };
        };
        // On the heap: eight of these at once are more than a stack should carry.
        let fate = Box::pin(carry_out(self.recorder, &invocation, &delivery, &parsed)).await;
        let told = match fate {
            Ok(Some(became)) => {
                self.saw(&became.reached.outcome, became.reached.due);
                Some(became)
            }
            Ok(None) => None,
            Err(again) => {
                if again == Again::Closed {
                    self.weather.borrow_mut().closed(world.now());
                }
                tracing::warn!(merchant.id = %self.merchant, error = %again, "{} stays in the lot", place.key);
                pass.try_again(&place, world.now() + UNFINISHED);
                return Done { place, told: None };
            }
        };
        match told.as_ref().map(|became| &became.reached.outcome) {
            Some(Outcome::Synced(_)) => self.recorded.set(self.recorded.get() + 1),
            Some(outcome) if outcome.state() == State::Waiting => {
                pass.try_again(&place, world.now() + ASIDE);
            }
            // Held for a company that was left, and yet unknown: it keeps its place until that company is back.
            Some(outcome) if is_elsewhere(outcome) => {
                pass.try_again(&place, world.now() + CLOSED_REST);
            }
            _ => {}
        }
        // What waits for the same since the same time as was told before is not told again.
        let is_told = |reached: &Reached| {
            reached.outcome.state() == State::Waiting && waiting.row.told == Some(reached.since)
        };
        Done {
            place,
            told: told.filter(|became| !is_told(&became.reached)),
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
                // If we stop before this is noted, it is told once more, under the same id.
                true => match standing(became.reached.outcome.state()) {
                    Standing::Parked => {
                        let store = world.store();
                        let since = became.reached.since;
                        store.note_waiting_told(&place.key, since).await
                    }
                    standing => world.store().leave_lot(&place.key, standing).await,
                },
                false => {
                    pass.try_again(place, world.now() + UNFINISHED);
                    Ok(())
                }
            });
        let left: Result<Vec<()>, StoreError> = join_all(leaving).await.into_iter().collect();
        left?;
        Ok(())
    }
}

/// A transaction that was worked on.
struct Done {
    place: Place,
    told: Option<Became>,
}

/// Whether it waits for another company than the one that is connected.
fn is_elsewhere(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Stopped(reason) if reason.code == ReasonCode::OtherCompany)
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
