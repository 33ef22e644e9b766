//! Fate: seeded randomness, the trace of what happened, and when the process dies.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::hash::{DefaultHasher, Hasher};
use std::rc::Rc;
use std::time::Duration;

use jiff::SignedDuration;

/// Where a story is told that several processes share, line by line.
pub type Story = Rc<dyn Fn(&str)>;

/// A place where a process waits: it may die there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Await {
    /// For what.
    pub what: &'static str,
    /// Whether it is carried out by then, and only its answer on its way.
    pub is_done: bool,
}

impl fmt::Display for Await {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.is_done {
            true => write!(f, "{}: done", self.what),
            false => f.write_str(self.what),
        }
    }
}

/// When a process was frozen last, and for how long before.
#[derive(Clone, Copy, Debug, Default)]
struct Frozen {
    before: Duration,
    since: Duration,
    until: Duration,
}

/// One run's fate.
pub struct Fate {
    random: Cell<u64>,
    steps: Cell<u64>,
    dies_at: Cell<Option<u64>>,
    dead: Cell<bool>,
    freezes: Cell<Option<(u64, Duration)>>,
    freezes_after: Cell<Option<(&'static str, Duration)>>,
    jumps: Cell<Option<(u64, SignedDuration)>>,
    skew: Cell<SignedDuration>,
    jumped: Cell<bool>,
    trace: RefCell<DefaultHasher>,
    story: RefCell<Option<Vec<String>>>,
    shared: RefCell<Option<(Story, usize)>>,
    deaths: RefCell<Vec<Await>>,
    frozen: Cell<Frozen>,
}

impl Fate {
    /// The fate of a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            random: Cell::new(seed ^ 0x9E37_79B9_7F4A_7C15),
            steps: Cell::new(0),
            dies_at: Cell::new(None),
            dead: Cell::new(false),
            freezes: Cell::new(None),
            freezes_after: Cell::new(None),
            jumps: Cell::new(None),
            skew: Cell::new(SignedDuration::ZERO),
            jumped: Cell::new(false),
            trace: RefCell::default(),
            story: RefCell::new(None),
            shared: RefCell::new(None),
            deaths: RefCell::default(),
            frozen: Cell::default(),
        }
    }

    /// Lets the process die at this step, counted from now; `None` lets it live.
    pub fn die_at(&self, step: Option<u64>) {
        self.dies_at.set(step.map(|step| self.steps.get() + step));
    }

    /// Lets the process freeze at this step, counted from now, for that long.
    pub fn freeze_at(&self, step: u64, for_: Duration) {
        self.freezes.set(Some((self.steps.get() + step, for_)));
    }

    /// Lets the process freeze when this is done, for that long: where it would hurt most.
    pub fn freeze_after(&self, what: &'static str, for_: Duration) {
        self.freezes_after.set(Some((what, for_)));
    }

    /// For how long the process freezes at the present step, or at one that it could not be frozen at.
    pub fn freezes(&self, here: Await, at: Duration) -> Option<Duration> {
        let is_step = |(step, _): &(u64, Duration)| self.steps.get() >= *step;
        let is_here = |(what, _): &(&str, Duration)| here.is_done && here.what == *what;
        let (by_step, by_place) = (self.freezes.get(), self.freezes_after.get());
        let for_ = match (by_step.filter(is_step), by_place.filter(is_here)) {
            (Some((_, for_)), _) => {
                self.freezes.set(None);
                for_
            }
            (None, Some((_, for_))) => {
                self.freezes_after.set(None);
                for_
            }
            (None, None) => return None,
        };
        self.frozen.set(Frozen {
            before: self.frozen(at),
            since: at,
            until: at + for_,
        });
        self.tell(|| format!("frozen for {for_:?}"), at);
        Some(for_)
    }

    /// Lets the process's wall clock jump at this step, counted from now.
    pub fn jump_at(&self, step: u64, by: SignedDuration) {
        self.jumps.set(Some((self.steps.get() + step, by)));
    }

    /// By how much the process's wall clock is ahead.
    #[must_use]
    pub fn skew(&self) -> SignedDuration {
        self.skew.get()
    }

    /// Whether the process is dead.
    #[must_use]
    pub fn is_dead(&self) -> bool {
        self.dead.get()
    }

    /// Kills the process from outside.
    pub fn kill(&self) {
        self.dead.set(true);
    }

    /// Starts the process anew.
    pub fn revive(&self) {
        self.dead.set(false);
        self.dies_at.set(None);
    }

    /// How many steps there were.
    #[must_use]
    pub fn steps(&self) -> u64 {
        self.steps.get()
    }

    /// Notes a step: one place where a handler waits. Gives whether the process dies there.
    pub fn step(&self, what: Await, at: Duration) -> bool {
        let step = self.steps.get() + 1;
        self.steps.set(step);
        {
            let mut trace = self.trace.borrow_mut();
            trace.write_u128(at.as_micros());
            trace.write_u8(u8::from(what.is_done));
        }
        self.note(what.what);
        self.tell(|| what.to_string(), at);
        if let Some((_, by)) = self.jump_due(step) {
            self.note("the clock jumps");
            self.tell(|| format!("its clock jumps by {by:#}"), at);
            self.skew.set(self.skew.get() + by);
            self.jumped.set(true);
        }
        if self.dies_at.get() == Some(step) {
            self.note("the process dies");
            self.tell(|| "dies".to_owned(), at);
            self.deaths.borrow_mut().push(what);
            self.dead.set(true);
        }
        self.dead.get()
    }

    /// Whether the process's wall clock ever jumped.
    #[must_use]
    pub fn jumped(&self) -> bool {
        self.jumped.get()
    }

    /// Sets the process's wall clock right, for good.
    pub fn set_right(&self) {
        self.jumps.set(None);
        self.freezes_after.set(None);
        self.skew.set(SignedDuration::ZERO);
    }

    fn jump_due(&self, step: u64) -> Option<(u64, SignedDuration)> {
        let due = self.jumps.get().filter(|(at, _)| *at <= step)?;
        self.jumps.set(None);
        Some(due)
    }

    /// Adds a line to the trace.
    pub fn note(&self, what: &str) {
        self.trace.borrow_mut().write(what.as_bytes());
        if let Some(story) = self.story.borrow_mut().as_mut() {
            story.push(what.to_owned());
        }
    }

    /// Keeps the trace readable from here on; without this only its hash is kept.
    pub fn tell_story(&self) {
        *self.story.borrow_mut() = Some(Vec::new());
    }

    /// Tells every step into a story that several processes share, as the process of this number.
    pub fn tell_into(&self, story: &Story, number: usize) {
        *self.shared.borrow_mut() = Some((Rc::clone(story), number));
    }

    /// Where it died, each time.
    pub fn deaths(&self) -> Vec<Await> {
        self.deaths.borrow().clone()
    }

    /// For how long it was frozen by then, all in all.
    #[must_use]
    pub fn frozen(&self, by: Duration) -> Duration {
        let Frozen {
            before,
            since,
            until,
        } = self.frozen.get();
        before + by.min(until).saturating_sub(since)
    }

    /// How long it stays frozen.
    #[must_use]
    pub fn thaws_in(&self, now: Duration) -> Duration {
        self.frozen.get().until.saturating_sub(now)
    }

    /// Tells a line into the story that several processes share, where one is told.
    pub fn tell(&self, what: impl FnOnce() -> String, at: Duration) {
        if let Some((story, number)) = self.shared.borrow().as_ref() {
            story(&format!("{at:>12.3?}  {number:>3} {}", what()));
        }
    }

    /// The readable trace.
    #[must_use]
    pub fn story(&self) -> Vec<String> {
        self.story.borrow().clone().unwrap_or_default()
    }

    /// Hash of the whole trace: two runs with the same are the same run.
    #[must_use]
    pub fn trace(&self) -> String {
        format!("{:016x}", self.trace.borrow().finish())
    }

    /// The next random number (SplitMix64).
    pub fn random(&self) -> u64 {
        let state = self.random.get().wrapping_add(0x9E37_79B9_7F4A_7C15);
        self.random.set(state);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A random number below a bound.
    pub fn below(&self, bound: u64) -> u64 {
        self.random() % bound
    }
}
