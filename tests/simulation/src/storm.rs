//! Storms: merchants, their queue, many processes, and everything that can go wrong at once; then calm, and what must be
//! true by then.
//!
//! A storm is one thread and one seed. Its processes run side by side under fates of their own: each may die or freeze
//! wherever it waits. After an hour the faults end; the operator has reconnected, what died is started anew,
//! and within a day of virtual time everything must be where it belongs (`judge`).
//!
//! | file | what |
//! |---|---|
//! | `script` | what is sent and what goes wrong when |
//! | `weather` | what the companies are like |
//! | `course` | the course of the hours: who is at work, what happens next |
//! | `processes` | the processes and their fates |
//! | `operator` | what operators and merchants do |
//! | `queue` | the queue and its dead letters |
//! | `judge` | what must be true at the end |
//! | `tally` | what many storms came to |

mod course;
mod judge;
mod operator;
mod processes;
mod queue;
mod script;
mod tally;
mod weather;

use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use bookkeeping::connection::{Connection, ConnectionState};
use bookkeeping::ids::{MerchantId, RealmId};
use simulator::{Intuit, TroubleKind};

use crate::broken::Broken;
use crate::fate::{Fate, Story};
use crate::mishaps::Mishaps;
use crate::planted::Planted;
use crate::town::{REALM, Town};
use crate::world::Outside;
use queue::Queue;
use script::{Script, elsewhere, merchant, realm};

pub use script::TROUBLES;
pub use tally::Tally;

/// Most merchants in a storm.
const MERCHANTS_MAX: usize = 3;

/// When the faults end.
const CALM_AT: Duration = Duration::from_secs(3600);

/// How bad a storm may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// With the faults of the first storms alone: their seeds are told as they were.
    Mild,
    /// With every fault.
    Full,
}

/// What every storm begins with, made once.
pub struct Stage {
    outside: Outside,
    connection: Connection,
    intuit: Intuit,
    severity: Severity,
}

impl Stage {
    /// Companies alike, none connected yet, for storms with every fault.
    #[must_use]
    pub fn new() -> Self {
        Self::of(Severity::Full)
    }

    /// Companies alike, none connected yet.
    ///
    /// # Panics
    ///
    /// Where the simulator has no such company.
    #[must_use]
    pub fn of(severity: Severity) -> Self {
        let town = Town::new(0);
        let outside = town.outside.clone();
        let mut intuit = outside.intuit.borrow().clone();
        for number in 0..MERCHANTS_MAX {
            assert!(intuit.copy_company(REALM, &realm(number)));
        }
        if severity == Severity::Full {
            for number in 0..MERCHANTS_MAX {
                weather::foreign_receipt(&mut intuit, outside.waits.clock.now(), &realm(number));
            }
            for number in 0..MERCHANTS_MAX {
                assert!(intuit.copy_company(REALM, &elsewhere(number)));
            }
        }
        Self {
            connection: town.connection(),
            outside,
            intuit,
            severity,
        }
    }

    /// Plays the storm of a seed, and adds it to the tally.
    ///
    /// # Errors
    ///
    /// What was not true.
    pub fn play(&self, seed: u64, planted: Planted, tally: &mut Tally) -> Result<(), Broken> {
        let mut storm = Storm::new(self, seed, planted);
        storm.connect_all();
        storm.blow();
        storm.count(tally);
        let ended = storm.judge();
        if let Err(broken) = &ended {
            *tally.broken.entry(broken.promise).or_default() += 1;
        }
        ended
    }

    /// Plays the storm of a seed and tells it step by step.
    ///
    /// # Errors
    ///
    /// What was not true.
    pub fn tell(
        &self,
        seed: u64,
        planted: Planted,
        line: impl Fn(&str) + 'static,
    ) -> Result<(), Broken> {
        let mut storm = Storm::new(self, seed, planted);
        storm.story = Some(Rc::new(line));
        storm.connect_all();
        storm.blow();
        storm.judge()
    }
}

impl Default for Stage {
    fn default() -> Self {
        Self::new()
    }
}

/// One storm.
struct Storm {
    outside: Outside,
    fate: Rc<Fate>,
    /// Decides what the first storms did not have; none in a mild one.
    more: Option<Rc<Fate>>,
    script: Script,
    merchants: usize,
    queue: Queue,
    fates: Vec<Rc<Fate>>,
    /// One process in so many dies, and one in so many freezes.
    dies_in: u64,
    freezes_in: u64,
    /// One process in so many has a clock that jumps.
    jumps_in: u64,
    /// Whether a clock may have jumped.
    jumped: bool,
    /// One finished message in so many is delivered another time.
    repeats_in: u64,
    story: Option<Story>,
    epochs: Vec<u64>,
    limits_hold: bool,
    /// When the last thing was done that had to be done.
    done_at: Duration,
    /// Whose message each is, by the queue's id.
    sent_as: BTreeMap<String, (usize, String)>,
    /// The records that somebody typed into, and those that were made inactive, by merchant.
    typed: Vec<(usize, String)>,
    gone: Vec<(usize, String)>,
}

impl Storm {
    fn new(stage: &Stage, seed: u64, planted: Planted) -> Self {
        let fate = Rc::new(Fate::new(seed));
        let is_full = stage.severity == Severity::Full;
        let more = is_full.then(|| Rc::new(Fate::new(!seed)));
        let merchants = 1 + usize::try_from(fate.below(MERCHANTS_MAX as u64)).expect("small");
        let mut script = Script::write(&fate, merchants);
        let realms: Vec<String> = (0..merchants).map(realm).collect();
        let mut intuit = stage.intuit.with_companies(|kept| {
            let is_elsewhere = |number| is_full && kept == elsewhere(number);
            realms.iter().any(|realm| realm == kept) || (0..merchants).any(is_elsewhere)
        });
        for realm in &realms {
            weather::weather(&mut intuit, realm, &fate);
        }
        let mut mishaps = Mishaps::mild(&fate);
        let fails_in = one_of(&fate, &[None, None, Some(300), Some(60)]);
        let mut lag = one_of(&fate, &[0, 0, 5, 45]);
        let dies_in = one_of(&fate, &[0, 3, 6, 20]);
        let freezes_in = one_of(&fate, &[0, 0, 20, 40]);
        let repeats_in = one_of(&fate, &[0, 4, 10, 10]);
        let mut queue = Queue::default();
        let mut jumps_in = 0;
        if let Some(more) = &more {
            let is_firm = weather::more(&mut intuit, merchants, more);
            // Clocks that lie, and what is done after anybody waits for it, leave QuickBooks' own barriers alone.
            lag = one_of(more, &[lag, lag, lag, 60]);
            script.more(more, is_firm, dies_in == 0 && lag == 0);
            // Came last, so that the storms without it stay as they were.
            let outages = Fate::new(seed.rotate_left(32));
            if outages.below(8) == 0 {
                script.outage(&outages);
            }
            script.brings_payments(&Fate::new(seed.rotate_left(16)));
            if is_firm && more.below(2) == 0 {
                jumps_in = 6;
            }
            mishaps.more(more);
            queue.more(more);
        }
        let outside = stage.outside.anew(Rc::clone(&fate), intuit, planted);
        {
            let mut tables = outside.tables.borrow_mut();
            tables.fails_in = fails_in;
            tables.index.lag = Duration::from_secs(lag);
            tables.clocks_lie = jumps_in > 0;
            if let Some(more) = &more {
                tables.repeats_claims = more.below(2) == 0;
                let from = Duration::from_secs(more.below(3600));
                let throttled = more.below(6) == 0;
                let until = from + Duration::from_secs(1 + more.below(60));
                tables.throttled_from_until = throttled.then_some((from, until));
            }
        }
        *outside.mishaps.borrow_mut() = mishaps;
        let mut storm = Self {
            dies_in,
            freezes_in,
            jumps_in,
            jumped: jumps_in > 0,
            repeats_in,
            // A frozen process thaws in the middle of somebody else's turn, and two get one batch.
            limits_hold: freezes_in == 0
                && jumps_in == 0
                && queue.early_in.is_none()
                && !script.troubles.contains(&TroubleKind::Throttle),
            outside,
            fate,
            more,
            script,
            merchants,
            queue,
            fates: Vec::new(),
            story: None,
            epochs: vec![0; merchants],
            done_at: Duration::ZERO,
            sent_as: BTreeMap::new(),
            typed: Vec::new(),
            gone: Vec::new(),
        };
        for number in 0..storm.merchants {
            storm.settle_in(number, &stage.connection);
        }
        if storm.script.is_fair {
            storm.nothing_goes_wrong();
        }
        storm
    }

    /// A merchant's connection as it will stand once it has tokens.
    fn settle_in(&mut self, number: usize, like: &Connection) {
        let mut connection = like.clone();
        connection.merchant = id(number);
        connection.company.realm = RealmId::parse(&realm(number)).expect("a realm");
        connection.epoch = 1;
        connection.state = ConnectionState::Connected;
        let mut tables = self.outside.tables.borrow_mut();
        tables.connections.insert(id(number), connection);
    }

    /// Ends everything that goes wrong by chance; what is planted stays.
    fn nothing_goes_wrong(&mut self) {
        let mut tables = self.outside.tables.borrow_mut();
        tables.fails_in = None;
        tables.throttled_from_until = None;
        tables.breaker_is_lost = false;
        *self.outside.mishaps.borrow_mut() = Mishaps::default();
        self.queue.deletes_all();
        (self.dies_in, self.freezes_in, self.jumps_in) = (0, 0, 0);
        self.repeats_in = 0;
    }

    /// Runs everything until nothing is left to do, or patience ends.
    fn blow(&mut self) {
        let clock = Rc::clone(&self.outside.waits.clock);
        clock.run(self.weather_out(), || false).expect("alive");
    }

    /// Tells what happens outside the processes, where a story is told.
    fn note(&self, what: impl FnOnce() -> String) {
        if let Some(story) = &self.story {
            let at = self.outside.waits.clock.elapsed();
            story(&format!("{at:>12.3?}      {}", what()));
        }
    }
}

/// The id that stands first in a message.
fn named(body: &str) -> &str {
    let id = body.split("\"id\":\"").nth(1);
    id.and_then(|id| id.split('"').next()).unwrap_or_default()
}

fn one_of<T: Clone>(fate: &Fate, of: &[T]) -> T {
    of[usize::try_from(fate.below(of.len() as u64)).expect("small")].clone()
}

fn id(number: usize) -> MerchantId {
    MerchantId::parse(&merchant(number)).expect("a merchant")
}
