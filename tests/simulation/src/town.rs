//! A town: merchants with their companies, a queue that redelivers, and a process that works it off.

use std::collections::VecDeque;
use std::time::Duration;

use bookkeeping::connection::{Connection, ConnectionState};
use bookkeeping::frees::Frees;
use bookkeeping::ids::{MerchantId, RealmId};
use bookkeeping::reason::ReasonCode;
use bookkeeping::settings::Settings;
use common::store::Standing;
use common::tokens::{connected, settled};
use quickbooks::CompanyClient;
use quickbooks::oauth::TokenPair;
use recording::Recorder;
use recording::invocation::Delivery;
use secrecy::SecretString;
use transaction_sync::batch::handle;

use crate::wire::Wire;
use crate::world::{Outside, SimulatedWorld};

/// The company of the one merchant: Quebec, with GST and QST.
pub const REALM: &str = "9341450000000001";

/// The one merchant.
pub const MERCHANT: &str = "mer_laurier";

/// Most messages a batch holds.
const BATCH: usize = 10;

/// How long an invocation may take.
const FUNCTION_TIMEOUT: Duration = Duration::from_secs(60);

/// How long a delivered message stays hidden.
const VISIBILITY: Duration = Duration::from_secs(360);

/// A whole run.
pub struct Town {
    /// What outlives every process.
    pub outside: Outside,
    process: Option<Recorder<SimulatedWorld>>,
    queue: VecDeque<Delivery>,
}

impl Town {
    /// A connected merchant and an empty queue.
    ///
    /// QuickBooks is at its weakest: it forgets request ids and takes a number twice. What is left against a second
    /// receipt is our own protocol.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let outside = Outside::new(seed);
        let weakest = r#"{"request_ids": "off", "refuse_duplicate_numbers": false}"#;
        let request = simulator::Request::new("POST", "/simulator/switches").body(weakest);
        let reply = outside
            .intuit
            .borrow_mut()
            .handle(outside.waits.clock.now(), &request);
        assert_eq!(
            reply.status,
            200,
            "{}",
            String::from_utf8_lossy(&reply.body)
        );
        let mut town = Self {
            outside,
            process: None,
            queue: VecDeque::new(),
        };
        town.connect();
        town
    }

    /// Puts a message into the queue.
    pub fn send(&mut self, message_id: &str, body: String) {
        self.queue.push_back(Delivery {
            message_id: message_id.to_owned(),
            group: MERCHANT.to_owned(),
            body,
            sent_at: None,
        });
    }

    /// Works off one batch; gives whether the process lived. What is not finished is delivered again after the
    /// visibility timeout.
    pub fn work(&mut self) -> bool {
        let batch: Vec<Delivery> = self.queue.drain(..BATCH.min(self.queue.len())).collect();
        let waits = self.outside.waits.clone();
        let process = self
            .process
            .get_or_insert_with(|| Recorder::new(SimulatedWorld::new(&self.outside)));
        let returned = waits
            .clock
            .run(handle(process, &batch, FUNCTION_TIMEOUT), || {
                waits.fate.is_dead()
            });
        let lived = returned.is_some();
        if !lived {
            // What it remembered is gone with it.
            self.process = None;
            waits.fate.revive();
        }
        let comes_back = |delivery: &Delivery| match &returned {
            None => true,
            Some(ids) => ids.contains(&delivery.message_id),
        };
        let back: Vec<Delivery> = batch.into_iter().filter(comes_back).collect();
        if !back.is_empty() {
            waits.clock.advance(VISIBILITY);
            waits
                .fate
                .note(&format!("{} messages come back", back.len()));
            for delivery in back.into_iter().rev() {
                self.queue.push_front(delivery);
            }
        }
        lived
    }

    /// Changes whether the merchant's connection can be used, as the store knows it.
    ///
    /// # Panics
    ///
    /// Where the merchant was never connected.
    pub fn set_connection(&self, state: ConnectionState) {
        let merchant = MerchantId::parse(MERCHANT).expect("a merchant");
        let mut tables = self.outside.tables.borrow_mut();
        tables.put_in_state(&merchant, state);
    }

    /// Where a transaction stands in the ledger, by its id, and why.
    ///
    /// # Panics
    ///
    /// Where there is none.
    #[must_use]
    pub fn standing(&self, id: &str) -> (Standing, Option<ReasonCode>) {
        let tables = self.outside.tables.borrow();
        let row = tables.ledger.iter().find(|(key, _)| key.id == id);
        let row = &row.unwrap_or_else(|| panic!("no {id}")).1.row;
        (row.standing, row.reason.as_ref().map(|reason| reason.code))
    }

    /// Ends the process, as a deployment does: the next begins with what is deployed then.
    pub fn restart(&mut self) {
        self.process = None;
    }

    /// Lets time pass.
    pub fn pass(&self, time: Duration) {
        self.outside.waits.clock.advance(time);
    }

    /// Whether messages are left in the queue.
    #[must_use]
    pub fn has_work(&self) -> bool {
        !self.queue.is_empty()
    }

    /// Gives one batch to two processes at once, as a queue that delivers twice would; what either returns comes
    /// back.
    pub fn work_twice_at_once(&mut self) {
        let batch: Vec<Delivery> = self.queue.drain(..BATCH.min(self.queue.len())).collect();
        // Anything from at once to after the first is done.
        let after = Duration::from_millis(self.outside.waits.fate.below(1_500));
        self.work_at_once(&batch, &batch, after);
        let mut seen = Vec::new();
        self.queue.retain(|delivery| {
            let is_new = !seen.contains(&delivery.message_id);
            seen.push(delivery.message_id.clone());
            is_new
        });
    }

    /// Gives the first message to one process and the others to another, which begins after a while: what was sent again by
    /// hand is in no order.
    pub fn work_side_by_side(&mut self, after: Duration) {
        let batch: Vec<Delivery> = self.queue.drain(..BATCH.min(self.queue.len())).collect();
        let (one, other) = batch.split_at(1);
        self.work_at_once(one, other, after);
    }

    fn work_at_once(&mut self, one: &[Delivery], other: &[Delivery], after: Duration) {
        let worlds = [(); 2].map(|()| SimulatedWorld::new(&self.outside));
        let [first, second] = worlds.map(Recorder::new);
        let waits = self.outside.waits.clone();
        let both = futures::future::join(handle(&first, one, FUNCTION_TIMEOUT), async {
            waits.clock.sleep(after).await;
            handle(&second, other, FUNCTION_TIMEOUT).await
        });
        let returned = waits.clock.run(both, || false).expect("nobody dies here");
        waits.clock.advance(VISIBILITY);
        for (batch, ids) in [(one, returned.0), (other, returned.1)] {
            let back = batch
                .iter()
                .filter(|delivery| ids.contains(&delivery.message_id));
            self.queue.extend(back.cloned());
        }
    }

    /// Works until the queue is empty; gives how often the process died.
    ///
    /// # Panics
    ///
    /// When that takes more than a thousand batches beyond what the messages need: work that never ends.
    pub fn work_all(&mut self) -> u64 {
        let mut deaths = 0;
        let mut budget = 1000 + self.queue.len();
        while !self.queue.is_empty() {
            deaths += u64::from(!self.work());
            budget = budget.checked_sub(1).expect("the queue never empties");
        }
        deaths
    }

    fn connect(&mut self) {
        let fixture = include_str!("../../fixtures/day/settings/mer_laurier.json");
        let mut fixture: serde_json::Value =
            serde_json::from_str(fixture).expect("a settings fixture");
        let settings: Settings =
            serde_json::from_value(fixture["settings"].take()).expect("settings");
        let realm = RealmId::parse(REALM).expect("a realm");
        let merchant = MerchantId::parse(MERCHANT).expect("a merchant");
        let pair = consent(&self.outside, REALM);
        let world = SimulatedWorld::new(&self.outside);
        let clock = &self.outside.waits.clock;
        let begun = clock.run(connected(&world, &merchant, &realm, 1, &pair), || false);
        assert_eq!(begun, Some(Ok(true)), "tokens");
        let wire = Wire::new(&self.outside);
        let client = CompanyClient {
            transport: &wire,
            api_url: "https://simulated",
            realm: &realm,
            token: &pair.access,
            timeout: Duration::from_secs(30),
        };
        let company = clock.run(client.read_company(async || {}), || false);
        let connection = Connection {
            merchant: merchant.clone(),
            epoch: 1,
            state: ConnectionState::Connected,
            time_zone: "America/Toronto".to_owned(),
            company: company.expect("alive").expect("a company"),
            settings,
            connected: None,
            catalogue: Default::default(),
            revision: 0,
            frees: Frees::default(),
            former: Default::default(),
            opens_at: None,
            off: None,
            later: Default::default(),
        };
        {
            let mut tables = self.outside.tables.borrow_mut();
            tables.connections.insert(merchant.clone(), connection);
        }
        let settled = clock.run(settled(&world, &merchant, 1), || false);
        assert_eq!(settled, Some(Ok(())), "the second copy");
    }
}

/// Has the merchant of a company consent: gives what a code would be exchanged for.
///
/// # Panics
///
/// Where the simulator has no such company.
#[must_use]
pub fn consent(outside: &Outside, realm: &str) -> TokenPair {
    let now = outside.waits.clock.now();
    let tokens = outside.intuit.borrow_mut().connect(now, realm);
    let tokens = tokens.expect("a company");
    let seconds = |seconds: i64| Duration::from_secs(seconds.try_into().expect("after now"));
    TokenPair {
        access: SecretString::from(tokens.access),
        refresh: SecretString::from(tokens.refresh),
        expires_in: Duration::from_secs(3600),
        refresh_expires_in: seconds(tokens.refresh_expires_in),
        hard_expires_in: Some(seconds(tokens.hard_expires_in)),
    }
}
