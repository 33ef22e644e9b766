//! The simulation's world: everything a handler may touch.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use bookkeeping::health::Cadence;
use bookkeeping::ids::MerchantId;
use common::config::Timing;
use common::mail::{Mail, MailFault};
use common::sealing::KeyRing;
use common::secrets::{AppSecretCache, RefreshTokensIn};
use common::store::StoreError;
use common::told::Told;
use common::world::{WAKE_AHEAD_MAX, World};
use jiff::Timestamp;
use quickbooks::oauth::Endpoints;
use simulator::Intuit;

use crate::broken::First;
use crate::clock::Clock;
use crate::fate::{Await, Fate};
use crate::faults::{Fault, Happened};
use crate::memory::{Memory, Tables};
use crate::mishaps::Mishaps;
use crate::planted::{Bug, Planted};
use crate::post::Post;
use crate::vault::{MemoryVault, Secrets};
use crate::watch::Watch;
use crate::wire::{LEAVING, Wire};

/// How a process waits: on the clock, unless fate has it die there.
#[derive(Clone)]
pub struct Waits {
    /// The clock.
    pub clock: Rc<Clock>,
    /// The fate.
    pub fate: Rc<Fate>,
}

impl Waits {
    /// Waits at a named step. A process that dies there never goes on.
    pub async fn wait(&self, what: &'static str, duration: Duration) {
        let is_done = false;
        self.wait_at(Await { what, is_done }, duration).await;
    }

    /// Waits for the answer to what is carried out. A process that dies there never hears it.
    pub async fn wait_for_answer(&self, what: &'static str, duration: Duration) {
        let is_done = true;
        self.wait_at(Await { what, is_done }, duration).await;
    }

    /// Time that counts for a process: none while it is frozen.
    fn uptime(&self) -> Duration {
        let elapsed = self.clock.elapsed();
        elapsed.saturating_sub(self.fate.frozen(elapsed))
    }

    async fn wait_at(&self, at: Await, duration: Duration) {
        if self.fate.step(at, self.clock.elapsed()) {
            std::future::pending::<()>().await;
        }
        // What leaves at this very moment cannot be held back: a freeze is felt at the next step.
        if at.what != LEAVING
            && let Some(frozen) = self.fate.freezes(at, self.clock.elapsed())
        {
            self.clock.sleep(frozen).await;
        }
        self.clock.sleep(duration).await;
    }
}

/// What outlives every process.
#[derive(Clone)]
pub struct Outside {
    /// The clock and the fate.
    pub waits: Waits,
    /// The tables.
    pub tables: Rc<RefCell<Tables>>,
    /// Intuit.
    pub intuit: Rc<RefCell<Intuit>>,
    /// What MioCommerce was told, in order.
    pub told: Rc<RefCell<Vec<Told>>>,
    /// The key rings.
    pub keys: Rc<KeyRing>,
    /// The merchants' secrets.
    pub secrets: Rc<RefCell<Secrets>>,
    /// Where refresh tokens are kept besides the journal.
    pub refresh_tokens_in: RefreshTokensIn,
    /// The waiting times of the protocols.
    pub timing: Timing,
    /// Whose drain is to be woken, and when.
    pub wakes: Rc<RefCell<Vec<(Duration, MerchantId)>>>,
    /// What Intuit saw of refresh tokens.
    pub watch: Rc<RefCell<Watch>>,
    /// How often connections are checked.
    pub cadence: Cadence,
    /// The mail service.
    pub post: Rc<RefCell<Post>>,
    /// Whose connections are to be looked at.
    pub sent_for: Rc<RefCell<Vec<MerchantId>>>,
    /// What goes wrong on the way to others.
    pub mishaps: Rc<RefCell<Mishaps>>,
    /// What went wrong, and how often.
    pub happened: Rc<Happened>,
    /// The first promise that was broken.
    pub broken: Rc<First>,
    /// What is planted.
    pub planted: Planted,
}

impl Outside {
    /// Whether something happens now that happens one in so many times; noted where it does.
    pub(crate) fn befalls(&self, one_in: Option<u64>, fault: Fault) -> bool {
        let befalls = one_in.is_some_and(|one_in| self.waits.fate.below(one_in) == 0);
        if befalls {
            self.happened.note(fault);
        }
        befalls
    }

    /// Notes what went wrong with a mail.
    fn notes_mail(&self, taken: Result<(), MailFault>) {
        let post = self.post.borrow();
        for (befell, fault) in [
            (taken == Err(MailFault::Later), Fault::MailThrottled),
            (post.is_silent, Fault::MailUnanswered),
            (post.loses_events, Fault::MailEventLost),
        ] {
            self.happened.add(fault, u64::from(befell));
        }
    }

    /// Whether the outcome queue takes an outcome.
    fn takes(&self, told: &Told) -> bool {
        let untold_in = self.mishaps.borrow().untold_in;
        if self.befalls(untold_in, Fault::Untold) {
            return false;
        }
        let mut told = told.clone();
        if self.planted.has(Bug::ToldAnew) {
            told.id = format!("{}-{}", told.id, self.told.borrow().len());
        }
        self.told.borrow_mut().push(told);
        true
    }

    /// An outside in which nothing has happened yet, with the keys of this one.
    #[must_use]
    pub fn anew(&self, fate: Rc<Fate>, intuit: Intuit, planted: Planted) -> Self {
        Self {
            waits: Waits {
                clock: Rc::new(Clock::new()),
                fate,
            },
            intuit: Rc::new(RefCell::new(intuit)),
            tables: Rc::new(RefCell::new(Tables {
                planted,
                ..Tables::default()
            })),
            timing: planted.timing(),
            planted,
            keys: Rc::clone(&self.keys),
            refresh_tokens_in: self.refresh_tokens_in,
            cadence: self.cadence,
            told: Rc::default(),
            secrets: Rc::default(),
            wakes: Rc::default(),
            watch: Rc::default(),
            post: Rc::default(),
            sent_for: Rc::default(),
            mishaps: Rc::default(),
            happened: Rc::default(),
            broken: Rc::default(),
        }
    }

    /// The outside of a seed: an hour nobody has lived in yet.
    ///
    /// # Panics
    ///
    /// Never: the key ring is one.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let keys =
            r#"{"current":"k1","keys":{"k1":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}}"#;
        Self {
            waits: Waits {
                clock: Rc::new(Clock::new()),
                fate: Rc::new(Fate::new(seed)),
            },
            tables: Rc::new(RefCell::new(Tables::default())),
            intuit: Rc::new(RefCell::new(Intuit::new(seed))),
            told: Rc::default(),
            keys: Rc::new(KeyRing::parse(keys).expect("a key ring")),
            secrets: Rc::default(),
            refresh_tokens_in: RefreshTokensIn::Secrets,
            timing: Timing::SAFE,
            wakes: Rc::default(),
            watch: Rc::default(),
            cadence: Cadence::USUAL,
            post: Rc::default(),
            sent_for: Rc::default(),
            mishaps: Rc::default(),
            happened: Rc::default(),
            broken: Rc::default(),
            planted: Planted::default(),
        }
    }
}

/// The world of one process.
pub struct SimulatedWorld {
    outside: Outside,
    store: Memory,
    quickbooks: Wire,
    vault: MemoryVault,
    app_secret: AppSecretCache,
    endpoints: Endpoints,
    started: Duration,
}

impl SimulatedWorld {
    /// A process starts.
    #[must_use]
    pub fn new(outside: &Outside) -> Self {
        Self {
            store: Memory::new(outside),
            quickbooks: Wire::new(outside),
            vault: MemoryVault::new(outside),
            app_secret: AppSecretCache::default(),
            endpoints: Endpoints {
                token_url: "https://simulated/oauth2/v1/tokens/bearer".to_owned(),
                revoke_url: "https://simulated/v2/oauth2/tokens/revoke".to_owned(),
            },
            started: outside.waits.uptime(),
            outside: outside.clone(),
        }
    }
}

impl SimulatedWorld {
    /// The fate of its process.
    #[must_use]
    pub fn fate(&self) -> Rc<Fate> {
        Rc::clone(&self.outside.waits.fate)
    }
}

impl World for SimulatedWorld {
    type Store = Memory;
    type QuickBooks = Wire;
    type Vault = MemoryVault;

    fn store(&self) -> &Memory {
        &self.store
    }

    fn quickbooks(&self) -> &Wire {
        &self.quickbooks
    }

    fn quickbooks_api_url(&self) -> &str {
        "https://simulated"
    }

    fn oauth_endpoints(&self) -> &Endpoints {
        &self.endpoints
    }

    fn vault(&self) -> &MemoryVault {
        &self.vault
    }

    fn app_secret(&self) -> &AppSecretCache {
        &self.app_secret
    }

    fn refresh_tokens_in(&self) -> RefreshTokensIn {
        self.outside.refresh_tokens_in
    }

    fn app_market_url(&self) -> &str {
        "https://market.simulated"
    }

    fn public_url(&self) -> &str {
        "https://quickbooks.simulated"
    }

    fn help_url(&self) -> &str {
        "https://help.simulated"
    }

    fn cadence(&self) -> &Cadence {
        &self.outside.cadence
    }

    fn timing(&self) -> &Timing {
        &self.outside.timing
    }

    fn now(&self) -> Timestamp {
        self.outside.waits.clock.now() + self.outside.waits.fate.skew()
    }

    fn uptime(&self) -> Duration {
        self.outside.waits.uptime() - self.started
    }

    async fn sleep(&self, duration: Duration) {
        self.outside.waits.wait("wait", duration).await;
    }

    fn random(&self) -> [u8; 16] {
        let fate = &self.outside.waits.fate;
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&fate.random().to_le_bytes());
        bytes[8..].copy_from_slice(&fate.random().to_le_bytes());
        bytes
    }

    async fn token_keys(&self) -> Result<&KeyRing, StoreError> {
        Ok(&self.outside.keys)
    }

    async fn payload_keys(&self) -> Result<&KeyRing, StoreError> {
        Ok(&self.outside.keys)
    }

    async fn tell(&self, outcomes: &[Told]) -> Vec<bool> {
        self.outside
            .waits
            .wait("tell outcomes", Duration::from_millis(5))
            .await;
        let taken: Vec<bool> = outcomes
            .iter()
            .map(|told| self.outside.takes(told))
            .collect();
        self.outside
            .waits
            .wait_for_answer("tell outcomes", Duration::from_millis(5))
            .await;
        match self.outside.planted.has(Bug::UntoldIsTold) {
            true => vec![true; outcomes.len()],
            false => taken,
        }
    }

    async fn mail(&self, mail: &Mail) -> Result<(), MailFault> {
        let waits = &self.outside.waits;
        waits.wait("send a mail", Duration::from_millis(20)).await;
        let taken = self.outside.post.borrow_mut().takes(mail, self.now());
        self.outside.notes_mail(taken);
        let answer = Duration::from_millis(20);
        waits.wait_for_answer("send a mail", answer).await;
        taken
    }

    async fn send_for(&self, merchants: &[MerchantId]) {
        let waits = &self.outside.waits;
        waits.wait("send for", Duration::from_millis(5)).await;
        let mut sent_for = self.outside.sent_for.borrow_mut();
        sent_for.extend(merchants.iter().cloned());
    }

    async fn wake(&self, merchants: &[MerchantId], after: Duration) {
        self.outside
            .waits
            .wait("wake a drain", Duration::from_millis(5))
            .await;
        if after > WAKE_AHEAD_MAX {
            return;
        }
        let at = self.outside.waits.clock.elapsed() + after;
        let unwoken_in = self.outside.mishaps.borrow().unwoken_in;
        if self.outside.befalls(unwoken_in, Fault::Unwoken) {
            return;
        }
        let mut wakes = self.outside.wakes.borrow_mut();
        wakes.extend(merchants.iter().map(|merchant| (at, merchant.clone())));
    }
}
