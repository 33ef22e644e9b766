//! What operators and merchants do in a storm.

use std::rc::Rc;
use std::time::Duration;

use bookkeeping::connection::ConnectionState;
use bookkeeping::ids::RealmId;
use bookkeeping::reason::ReasonCode;
use bookkeeping::transaction::TransactionKey;
use common::store::{Arming, Lots, Release, Standing};
use common::tokens;
use common::world::World;
use serde_json::{Value, json};
use simulator::{Kind, Trouble, TroubleKind};

use crate::town::consent;
use crate::world::{Outside, SimulatedWorld};

use super::processes::{Ended, Process};
use super::script::{elsewhere, realm};
use super::{Storm, id, weather};

/// What somebody types into a record by hand.
pub(super) const TYPED: &str = "438 555 0000";

impl Storm {
    pub(super) fn connect_all(&mut self) {
        let clock = Rc::clone(&self.outside.waits.clock);
        let faults = self.outside.tables.borrow_mut().fails_in.take();
        for number in 0..self.merchants {
            self.epochs[number] = 1;
            let reconnect = reconnect(self.outside.clone(), self.connecting(number, None));
            clock.run(reconnect, || false).expect("alive");
        }
        self.outside.tables.borrow_mut().fails_in = faults;
        for (number, payment) in &self.script.foreign {
            let number_of = payment.trim_start_matches("pay_").parse::<u64>();
            let taken = format!("MC-{}", 100_000 + number_of.expect("a number"));
            let mut intuit = self.outside.intuit.borrow_mut();
            weather::takes_number(&mut intuit, clock.now(), &realm(*number), &taken);
        }
    }

    /// The operator connects again the company that is connected.
    pub(super) fn reconnects(&mut self, number: usize) -> Process {
        self.note(|| "the operator reconnects".to_owned());
        self.connects_to(number, None)
    }

    /// The operator connects the merchant's own company, or another in its place.
    pub(super) fn connects(&mut self, number: usize, is_elsewhere: bool) -> Process {
        let company = match is_elsewhere {
            true => elsewhere(number),
            false => realm(number),
        };
        self.note(|| format!("the operator connects {company}"));
        self.connects_to(number, Some(company))
    }

    fn connects_to(&mut self, number: usize, company: Option<String>) -> Process {
        self.heal(Trouble::new(TroubleKind::Heal).at(&realm(number)));
        self.epochs[number] += 1;
        let mut outside = self.outside.clone();
        outside.waits.fate = self.fate_of_own(false);
        let reconnect = reconnect(outside, self.connecting(number, company));
        Box::pin(async move {
            reconnect.await;
            Ended::Other
        })
    }

    fn connecting(&self, number: usize, company: Option<String>) -> Connecting {
        let lives = |more: &Rc<crate::fate::Fate>| super::one_of(more, &[600, 1200, 3600]);
        Connecting {
            number,
            company,
            epoch: self.epochs[number],
            lives: self.more.as_ref().map(lives).map(Duration::from_secs),
        }
    }

    /// The operators try again what is theirs to decide, and connect a company that something waits for; gives whether
    /// there was anything.
    pub(super) async fn operators_see_to_it(&mut self) -> bool {
        let mut did_something = false;
        for number in 0..self.merchants {
            let (again, waits_elsewhere) = self.held(number);
            if !again.is_empty() {
                self.note(|| format!("the operator tries {} again", again.len()));
                // What is sent to a record that is not there any more is told to the operator, who has it back.
                for (_, record) in self.gone.iter().filter(|(whose, _)| *whose == number) {
                    self.edits(number, record, &json!({"Active": true}));
                }
                let mut outside = self.outside.clone();
                outside.waits.fate = self.fate_of_own(false);
                let world = SimulatedWorld::new(&outside);
                let (merchant, now) = (id(number), world.now());
                let which = Release::These(&again);
                let released = world.store().release(&merchant, which, None, now).await;
                released.expect("it is calm");
                world.wake(&[merchant], Duration::ZERO).await;
                did_something = true;
            }
            let is_closed = {
                let tables = self.outside.tables.borrow();
                tables.connections[&id(number)].state != ConnectionState::Connected
            };
            if let Some(is_elsewhere) = waits_elsewhere {
                self.connects(number, is_elsewhere).await;
                did_something = true;
            } else if is_closed {
                self.reconnects(number).await;
                did_something = true;
            }
        }
        did_something
    }

    /// What is held of a merchant that may be tried again, and whether something waits for a company that is not connected:
    /// `true` for the other one.
    fn held(&self, number: usize) -> (Vec<TransactionKey>, Option<bool>) {
        let tables = self.outside.tables.borrow();
        let merchant = id(number);
        let connected = &tables.connections[&merchant].company.realm;
        let (mut again, mut waits_for) = (Vec::new(), None);
        for (key, stands) in &tables.ledger {
            let row = &stands.row;
            let is_done = matches!(
                row.standing,
                Standing::Synced | Standing::Skipped | Standing::Failed
            );
            if key.merchant != merchant || is_done {
                continue;
            }
            let theirs = row.realm.as_ref().filter(|theirs| *theirs != connected);
            if let Some(theirs) = theirs {
                waits_for = Some(theirs.as_str() == elsewhere(number));
                continue;
            }
            // Only a number that is somebody else's is left as it is.
            let code = row.reason.as_ref().map(|reason| reason.code);
            let is_final = code == Some(ReasonCode::NumberTaken) && self.is_foreign(&key.id);
            if row.standing == Standing::Held && !is_final {
                again.push(key.clone());
            }
        }
        (again, waits_for)
    }

    /// Somebody types a number into a customer's record.
    pub(super) fn types_into(&mut self, number: usize, customer: u64) {
        let Some(record) = self.record_of(&realm(number), customer) else {
            return;
        };
        self.note(|| format!("somebody types into the record of customer {customer}"));
        let typed = json!({"Mobile": {"FreeFormNumber": TYPED}});
        self.edits(number, &record, &typed);
        self.typed.push((number, record));
    }

    /// Somebody makes a customer's record inactive, and tells nobody who it was.
    pub(super) fn makes_inactive(&mut self, number: usize, customer: u64) {
        let Some(record) = self.record_of(&realm(number), customer) else {
            return;
        };
        self.note(|| format!("somebody makes customer {customer} inactive"));
        let gone = json!({
            "Active": false, "Notes": "", "GivenName": "Gone", "FamilyName": "Gone",
            "DisplayName": format!("Gone {record}"),
            "PrimaryEmailAddr": {"Address": "gone@example.org"},
        });
        self.edits(number, &record, &gone);
        self.gone.push((number, record));
    }

    fn edits(&self, number: usize, record: &str, set: &Value) {
        let now = self.outside.waits.clock.now();
        let mut intuit = self.outside.intuit.borrow_mut();
        let edit = json!({"realm": realm(number), "entity": "Customer", "id": record, "set": set});
        weather::control(&mut intuit, now, &edit);
    }

    /// The id of a customer's record, where there is one.
    pub(super) fn record_of(&self, realm: &str, customer: u64) -> Option<String> {
        let address = format!("person{customer}@example.com");
        let intuit = self.outside.intuit.borrow();
        let records = intuit.records(realm, Kind::Customer);
        let record = records.iter().find(|record| record.contains(&address))?;
        let record: Value = serde_json::from_str(record).expect("JSON");
        record["Id"].as_str().map(str::to_owned)
    }
}

/// A connecting of a merchant's company.
struct Connecting {
    number: usize,
    /// Another company than the one that is connected.
    company: Option<String>,
    epoch: u64,
    /// How long its access token lives; as long as Intuit says where none is given.
    lives: Option<Duration>,
}

/// Connects a merchant's company, or does so again.
async fn reconnect(outside: Outside, connecting: Connecting) {
    let world = SimulatedWorld::new(&outside);
    let merchant = id(connecting.number);
    let epoch = connecting.epoch;
    let connected = {
        let tables = outside.tables.borrow();
        tables.connections[&merchant].company.realm.clone()
    };
    let realm = match &connecting.company {
        Some(company) => RealmId::parse(company).expect("a realm"),
        None => connected.clone(),
    };
    let mut pair = consent(&outside, realm.as_str());
    pair.expires_in = connecting.lives.unwrap_or(pair.expires_in);
    // The operator presses until it works.
    while tokens::connected(&world, &merchant, &realm, epoch, &pair)
        .await
        .is_err()
    {}
    if connecting.lives.is_some() {
        // As for any change that frees: first the lot.
        let arming = Arming::from_now(&merchant, world.now());
        while world.store().arm(&arming).await.is_err() {}
    }
    {
        let mut tables = outside.tables.borrow_mut();
        let connection = tables.connections.get_mut(&merchant).expect("known");
        if connection.epoch > epoch {
            return;
        }
        connection.epoch = epoch;
        connection.state = ConnectionState::Connected;
        if connection.company.realm != realm {
            // As `oauth-connect` takes another company up: whoever has begun something finishes it first.
            connection.company.realm = realm;
            let timing = world.timing();
            connection.opens_at = Some(world.now() + timing.turn + timing.lease);
            let now = world.now();
            let frees = std::mem::take(&mut connection.frees);
            connection.frees = frees.with(&[ReasonCode::OtherCompany], None, now);
        }
    }
    while tokens::settled(&world, &merchant, epoch).await.is_err() {}
    world.wake(&[merchant], Duration::ZERO).await;
}
