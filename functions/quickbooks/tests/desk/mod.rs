//! A desk at one of the simulator's companies, for the tests of every call.
#![allow(dead_code, reason = "each test file uses what it needs")]

use std::time::Duration;

use bookkeeping::company::Company;
use bookkeeping::ids::RealmId;
use jiff::Timestamp;
use quickbooks::{CompanyClient, Https};
use secrecy::SecretString;
use serde_json::{Value, json};
use simulator::{Request, Simulator, Trouble, TroubleKind};

pub const QUEBEC: &str = "9341450000000001";
pub const ONTARIO: &str = "9341450000000002";
pub const BRITISH_COLUMBIA: &str = "9341450000000003";
pub const CALIFORNIA: &str = "9341450000000004";
pub const ARIZONA: &str = "9341450000000005";
pub const LONDON: &str = "9341450000000006";
pub const QUEBEC_IN_FRENCH: &str = "9341450000000007";

/// A running simulator and everything a client of one of its companies needs.
pub struct Desk {
    pub simulator: Simulator,
    pub transport: Https,
    pub realm: RealmId,
    pub token: SecretString,
}

impl Desk {
    pub async fn at(realm: &str) -> Self {
        let simulator = simulator::start().await.expect("a port");
        let tokens = {
            let mut intuit = simulator.intuit.lock().expect("alive");
            // How fast is the caller's business; these tests ask what each call does.
            intuit.switches(realm).expect("a company").per_second = 0;
            intuit.connect(Timestamp::now(), realm).expect("a company")
        };
        Self {
            simulator,
            transport: Https::new(),
            realm: RealmId::parse(realm).expect("digits"),
            token: SecretString::from(tokens.access),
        }
    }

    pub fn client(&self) -> CompanyClient<'_, &Https> {
        CompanyClient {
            transport: &self.transport,
            api_url: &self.simulator.url,
            realm: &self.realm,
            token: &self.token,
            timeout: Duration::from_secs(60),
        }
    }

    pub fn trouble(&self, kind: TroubleKind, operation: &str) {
        self.ask_for(Trouble::new(kind).at(self.realm.as_str()).on(operation));
    }

    /// Asks for trouble.
    pub fn ask_for(&self, trouble: Trouble) {
        self.simulator
            .intuit
            .lock()
            .expect("alive")
            .trouble(Timestamp::now(), trouble);
    }

    /// What the merchant changes on QuickBooks' own screens.
    pub fn edit(&self, entity: &str, id: &str, set: &Value) {
        let body = json!({"realm": self.realm.as_str(), "entity": entity, "id": id, "set": set});
        let request = Request {
            method: "POST".to_owned(),
            path: "/simulator/edit".to_owned(),
            query: Vec::new(),
            headers: Vec::new(),
            body: body.to_string().into_bytes(),
        };
        let mut intuit = self.simulator.intuit.lock().expect("alive");
        let reply = intuit.handle(Timestamp::now(), &request);
        assert_eq!(reply.status, 200, "{body}");
    }

    /// Metered reads so far.
    pub fn reads(&self) -> u64 {
        let intuit = self.simulator.intuit.lock().expect("alive");
        intuit.figures(self.realm.as_str()).reads
    }

    pub fn receipts(&self) -> usize {
        self.simulator
            .intuit
            .lock()
            .expect("alive")
            .receipts(self.realm.as_str())
            .len()
    }

    pub async fn company(&self) -> Company {
        let read = self.client().read_company(async || {}).await;
        read.expect("a company")
    }
}
