//! The simulation as a whole: storms, and with them schedules of refreshes and watches over connections, by seed.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::broken::{Broken, Promise};
use crate::faults::Matrix;
use crate::log::Log;
use crate::planted::{Bug, Planted, Shows};
use crate::{refreshes, storm, watches};

/// One storm in so many has a schedule of refreshes beside it.
const SCHEDULE_EVERY: u64 = 25;

/// One storm in so many has a watch over a connection beside it.
const WATCH_EVERY: u64 = 50;

/// One storm in so many has its log searched for secrets.
const LOG_EVERY: u64 = 100;

/// What every run begins with, made once for each thread.
#[derive(Default)]
pub struct Stages {
    storms: storm::Stage,
    refreshes: refreshes::Stage,
}

/// What runs came to.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Storms.
    pub storms: storm::Tally,
    /// Schedules of refreshes.
    pub refreshes: refreshes::Tally,
    /// Watches over connections.
    pub watches: watches::Tally,
}

impl Tally {
    /// Adds another's.
    pub fn add(&mut self, other: &Self) {
        self.storms.add(&other.storms);
        self.refreshes.schedules += other.refreshes.schedules;
        self.refreshes.matrix.add(&other.refreshes.matrix);
        self.watches.watches += other.watches.watches;
        self.watches.mails += other.watches.mails;
        self.watches.matrix.add(&other.watches.matrix);
    }

    /// Every fault, wherever it happened.
    #[must_use]
    pub fn matrix(&self) -> Matrix {
        let mut matrix = self.storms.matrix.clone();
        matrix.add(&self.refreshes.matrix);
        matrix.add(&self.watches.matrix);
        matrix
    }
}

/// A run that ended badly.
#[derive(Clone, Debug)]
pub struct Bad {
    /// The word and the seed that play it again, step by step where there are steps to tell.
    pub again: String,
    /// What was not true.
    pub broken: Broken,
}

impl Stages {
    /// Plays everything of a seed; gives what ended badly.
    pub fn play(&self, seed: u64, tally: &mut Tally) -> Vec<Bad> {
        let planted = Planted::default();
        let mut ended = vec![("storm", seed, self.storm(seed, &mut tally.storms))];
        if seed.is_multiple_of(SCHEDULE_EVERY) {
            let seed = seed / SCHEDULE_EVERY;
            let played = self.refreshes.play(seed, planted, &mut tally.refreshes);
            ended.push(("refreshes 1", seed, played));
        }
        if seed.is_multiple_of(WATCH_EVERY) {
            let seed = seed / WATCH_EVERY;
            let played = watches::play(seed, planted, &mut tally.watches);
            ended.push(("watch", seed, played));
        }
        let bad = |(word, seed, ended): (&str, u64, Result<(), Broken>)| {
            let broken = ended.err()?;
            let again = format!("{word} {seed}");
            Some(Bad { again, broken })
        };
        ended.into_iter().filter_map(bad).collect()
    }

    fn storm(&self, seed: u64, tally: &mut storm::Tally) -> Result<(), Broken> {
        let planted = Planted::default();
        if !seed.is_multiple_of(LOG_EVERY) {
            return self.storms.play(seed, planted, tally);
        }
        let log = Log::default();
        let play = || self.storms.play(seed, planted, tally);
        tracing::subscriber::with_default(log.clone(), play)?;
        match log.secret() {
            Some(line) => Err(Broken::new(Promise::Secrets, line)),
            None => Ok(()),
        }
    }

    /// Plays seeds with a planted bug until it is caught, at most so many; gives what caught it and how many it took.
    pub fn catch(&self, bug: Bug, seeds: u64) -> Option<(Broken, u64)> {
        let planted = Planted(Some(bug));
        let play = |seed| match bug.shows() {
            Shows::InStorms => self
                .storms
                .play(seed, planted, &mut storm::Tally::default()),
            Shows::InRefreshes => {
                let tally = &mut refreshes::Tally::default();
                self.refreshes.play(seed, planted, tally)
            }
            Shows::InWatches => watches::play(seed, planted, &mut watches::Tally::default()),
        };
        (0..seeds).find_map(|seed| {
            // A bug may lead where the simulation itself cannot go on: then it is caught too.
            let played = catch_unwind(AssertUnwindSafe(|| play(seed)));
            let broken = match played {
                Ok(ended) => ended.err()?,
                Err(_) => Broken::new(Promise::Progress, "it panicked"),
            };
            Some((broken, seed + 1))
        })
    }
}
