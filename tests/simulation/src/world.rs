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
use common::world::World;
use data_encoding::BASE64;
use jiff::Timestamp;
use quickbooks::oauth::Endpoints;
use quickbooks::{Answer, Credentials, Method, Request, Silence, Transport};
use secrecy::ExposeSecret;
use simulator::{Delivery, Intuit, Reply};

use crate::clock::Clock;
use crate::fate::Fate;
use crate::memory::{Memory, Tables};
use crate::post::Post;
use crate::vault::{MemoryVault, Secrets};
use crate::watch::Watch;

/// The step at which a request leaves.
const LEAVING: &str = "request on its way";

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
    pub async fn wait(&self, what: &str, duration: Duration) {
        if self.fate.step(what, self.clock.elapsed()) {
            std::future::pending::<()>().await;
        }
        // What leaves at this very moment cannot be held back: a freeze is felt at the next step.
        if what != LEAVING
            && let Some(frozen) = self.fate.thaws_after()
        {
            self.clock.sleep(frozen).await;
        }
        self.clock.sleep(duration).await;
    }
}

/// What goes wrong between us and others than the store and QuickBooks.
#[derive(Clone, Debug, Default)]
pub struct Mishaps {
    /// One outcome in so many is not taken by its queue; none where all are.
    pub untold_in: Option<u64>,
    /// One wake-up in so many gets lost; none where none is.
    pub unwoken_in: Option<u64>,
    /// Outcomes that were not taken.
    pub untold: u64,
    /// Wake-ups that got lost.
    pub unwoken: u64,
    /// Planted: outcomes count as told whatever the queue says.
    pub takes_untold_for_told: bool,
    /// Planted: requests go without their ids.
    pub drops_request_ids: bool,
    /// Planted: silence counts as proof that nothing was sent.
    pub takes_silence_for_unsent: bool,
    /// Planted: what was not answered is sent again at once.
    pub repeats_at_once: bool,
}

impl Mishaps {
    /// Those of a fate.
    #[must_use]
    pub fn of(fate: &Fate) -> Self {
        let some = |of: u64, one_in: u64| (fate.below(of) == 0).then_some(one_in);
        Self {
            untold_in: some(3, 8),
            unwoken_in: some(3, 3),
            ..Self::default()
        }
    }

    /// Nothing goes wrong any more; what is planted stays.
    pub fn end(&mut self) {
        self.untold_in = None;
        self.unwoken_in = None;
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
}

impl Outside {
    /// Whether the outcome queue takes an outcome.
    fn takes(&self, told: &Told) -> bool {
        let mut mishaps = self.mishaps.borrow_mut();
        let refused = |one_in| self.waits.fate.below(one_in) == 0;
        if mishaps.untold_in.is_some_and(refused) {
            mishaps.untold += 1;
            return false;
        }
        self.told.borrow_mut().push(told.clone());
        true
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
            store: Memory::new(Rc::clone(&outside.tables), outside.waits.clone()),
            quickbooks: Wire::new(outside),
            vault: MemoryVault::new(Rc::clone(&outside.secrets), outside.waits.clone()),
            app_secret: AppSecretCache::default(),
            endpoints: Endpoints {
                token_url: "https://simulated/oauth2/v1/tokens/bearer".to_owned(),
                revoke_url: "https://simulated/v2/oauth2/tokens/revoke".to_owned(),
            },
            started: outside.waits.clock.elapsed(),
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
        self.outside.waits.clock.now()
    }

    fn uptime(&self) -> Duration {
        self.outside.waits.clock.elapsed() - self.started
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
            .wait("outcomes told", Duration::from_millis(5))
            .await;
        match self.outside.mishaps.borrow().takes_untold_for_told {
            true => vec![true; outcomes.len()],
            false => taken,
        }
    }

    async fn mail(&self, mail: &Mail) -> Result<(), MailFault> {
        let waits = &self.outside.waits;
        waits.wait("send a mail", Duration::from_millis(20)).await;
        let taken = self.outside.post.borrow_mut().takes(mail, self.now());
        waits.wait("mail sent", Duration::from_millis(20)).await;
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
        let at = self.outside.waits.clock.elapsed() + after;
        let mut mishaps = self.outside.mishaps.borrow_mut();
        let fate = &self.outside.waits.fate;
        if mishaps
            .unwoken_in
            .is_some_and(|one_in| fate.below(one_in) == 0)
        {
            mishaps.unwoken += 1;
            return;
        }
        let mut wakes = self.outside.wakes.borrow_mut();
        wakes.extend(merchants.iter().map(|merchant| (at, merchant.clone())));
    }
}

/// The way to Intuit: its simulator, called in this process.
pub struct Wire {
    mishaps: Rc<RefCell<Mishaps>>,
    waits: Waits,
    intuit: Rc<RefCell<Intuit>>,
    watch: Rc<RefCell<Watch>>,
}

impl Wire {
    /// The way to Intuit from outside a process.
    #[must_use]
    pub fn new(outside: &Outside) -> Self {
        Self {
            mishaps: Rc::clone(&outside.mishaps),
            waits: outside.waits.clone(),
            intuit: Rc::clone(&outside.intuit),
            watch: Rc::clone(&outside.watch),
        }
    }

    /// Notes what Intuit saw of a refresh token; gives the token that an answer brings, where it is a new one.
    fn watch(
        &self,
        request: &Request<'_>,
        reply: &Reply,
        sent_at: Duration,
        back: Duration,
    ) -> Option<String> {
        let body = request.body.as_ref()?.text();
        let token = body.strip_prefix("grant_type=refresh_token&refresh_token=")?;
        let arrived_at = self.waits.clock.elapsed();
        let busy = match reply.delivery {
            Delivery::Now => back,
            Delivery::After(pause) => pause + back,
            Delivery::Lost {
                committing_after, ..
            } => committing_after.unwrap_or_default(),
        };
        let mut watch = self.watch.borrow_mut();
        watch.used(token, sent_at, arrived_at + busy);
        let answer: serde_json::Value = serde_json::from_slice(&reply.body).ok()?;
        let brought = answer["refresh_token"].as_str()?;
        (brought != token).then(|| brought.to_owned())
    }
}

impl Transport for Wire {
    async fn send(&self, request: &Request<'_>) -> Result<Answer, Silence> {
        let mishaps = self.mishaps.borrow().clone();
        match self.carry(request).await {
            Err(Silence::Unknown) if mishaps.repeats_at_once => self.carry(request).await,
            Err(Silence::Unknown) if mishaps.takes_silence_for_unsent => Err(Silence::NotSent),
            answer => answer,
        }
    }
}

impl Wire {
    async fn carry(&self, request: &Request<'_>) -> Result<Answer, Silence> {
        let fate = &self.waits.fate;
        let on_the_way = Duration::from_millis(100 + fate.below(150));
        let back = Duration::from_millis(100 + fate.below(150));
        let sent_at = self.waits.clock.elapsed();
        self.waits.wait(LEAVING, on_the_way).await;
        let reply = {
            let now = self.waits.clock.now();
            let mut intuit = self.intuit.borrow_mut();
            intuit.advance(now);
            let drops_ids = self.mishaps.borrow().drops_request_ids;
            intuit.handle(now, &wire(request, drops_ids))
        };
        let brought = self.watch(request, &reply, sent_at, back);
        let hear = || {
            if let Some(token) = &brought {
                self.watch.borrow_mut().heard(token, &self.waits.fate);
            }
        };
        let answer = Answer {
            status: reply.status,
            intuit_tid: None,
            retry_after: None,
            body: reply.body,
        };
        match reply.delivery {
            Delivery::Now => {
                self.waits.wait("answer on its way", back).await;
                hear();
                Ok(answer)
            }
            Delivery::After(pause) if pause < request.timeout => {
                self.waits
                    .wait("slow answer on its way", pause + back)
                    .await;
                hear();
                Ok(answer)
            }
            Delivery::After(_) => {
                self.waits.wait("no answer", request.timeout).await;
                Err(Silence::Unknown)
            }
            Delivery::Lost { after, .. } => {
                self.waits
                    .wait("answer lost", after.min(request.timeout))
                    .await;
                Err(Silence::Unknown)
            }
        }
    }
}

fn wire(request: &Request<'_>, drops_ids: bool) -> simulator::Request {
    let method = match request.method {
        Method::Get => "GET",
        Method::Post => "POST",
    };
    let target = request
        .url
        .strip_prefix("https://simulated")
        .unwrap_or(&request.url);
    let target = match (drops_ids, target.split_once("requestid=")) {
        (true, Some((before, id))) => format!(
            "{before}{}",
            id.split_once('&').map_or("", |(_, rest)| rest)
        ),
        _ => target.to_owned(),
    };
    let authorization = match request.credentials {
        Credentials::Bearer(token) => format!("Bearer {}", token.expose_secret()),
        Credentials::Basic(id, secret) => {
            let pair = format!("{id}:{}", secret.expose_secret());
            format!("Basic {}", BASE64.encode(pair.as_bytes()))
        }
    };
    let mut wire = simulator::Request::new(method, &target)
        .header("accept", "application/json")
        .header("authorization", &authorization);
    for (name, value) in request.headers {
        wire = wire.header(name, value);
    }
    match &request.body {
        Some(body) => wire
            .header("content-type", body.content_type())
            .body(body.text()),
        None => wire,
    }
}
