//! Fate: seeded randomness, the trace of what happened, and when the process dies.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use sha2::{Digest, Sha256};

/// Where a story is told that several processes share, line by line.
pub type Story = Rc<dyn Fn(&str)>;

/// One run's fate.
pub struct Fate {
    random: Cell<u64>,
    steps: Cell<u64>,
    dies_at: Cell<Option<u64>>,
    dead: Cell<bool>,
    freezes: Cell<Option<(u64, Duration)>>,
    trace: RefCell<Sha256>,
    story: RefCell<Option<Vec<String>>>,
    shared: RefCell<Option<(Story, usize)>>,
    deaths: RefCell<Vec<String>>,
    frozen: Cell<u64>,
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
            trace: RefCell::new(Sha256::new()),
            story: RefCell::new(None),
            shared: RefCell::new(None),
            deaths: RefCell::default(),
            frozen: Cell::new(0),
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

    /// How long the process is frozen at the present step, or at one that it could not be frozen at.
    pub fn thaws_after(&self) -> Option<Duration> {
        let (step, for_) = self.freezes.get()?;
        if self.steps.get() < step {
            return None;
        }
        self.freezes.set(None);
        self.frozen.set(self.frozen.get() + 1);
        Some(for_)
    }

    /// Whether the process is dead.
    #[must_use]
    pub fn is_dead(&self) -> bool {
        self.dead.get()
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
    pub fn step(&self, what: &str, at: Duration) -> bool {
        let step = self.steps.get() + 1;
        self.steps.set(step);
        self.trace.borrow_mut().update(at.as_micros().to_le_bytes());
        self.note(what);
        if let Some((story, number)) = self.shared.borrow().as_ref() {
            story(&format!("{at:>12.3?}  {number:>3} {what}"));
        }
        if self.dies_at.get() == Some(step) {
            self.note("the process dies");
            self.deaths.borrow_mut().push(what.to_owned());
            self.dead.set(true);
        }
        self.dead.get()
    }

    /// Adds a line to the trace.
    pub fn note(&self, what: &str) {
        let mut trace = self.trace.borrow_mut();
        trace.update(what.as_bytes());
        trace.update(b"\n");
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
    pub fn deaths(&self) -> Vec<String> {
        self.deaths.borrow().clone()
    }

    /// How often it froze.
    pub fn frozen(&self) -> u64 {
        self.frozen.get()
    }

    /// The readable trace.
    #[must_use]
    pub fn story(&self) -> Vec<String> {
        self.story.borrow().clone().unwrap_or_default()
    }

    /// Hash of the whole trace: two runs with the same are the same run.
    #[must_use]
    pub fn trace(&self) -> String {
        self.trace
            .borrow()
            .clone()
            .finalize()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
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
