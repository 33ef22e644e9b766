//! A shop to tell customers' stories in: payments and changes by customers, what each cost, what is in the books.
#![allow(dead_code, reason = "each test binary uses what it needs")]

use std::cell::Cell;
use std::time::Duration;

use bookkeeping::customer::CustomerPolicies;
use bookkeeping::ids::MerchantId;
use bookkeeping::reason::{Reason, ReasonCode};
use bookkeeping::settings::Settings;
use common::access::Access;
use common::store::{Lots as _, Release, payload_context};
use common::world::World as _;
use jiff::Timestamp;
use recording::Recorder;
use recording::customer::{Choice, Chosen, PutBack};
use recording::stop::Again;
use serde_json::{Value, json};
use simulation::memory::LedgerRow;
use simulation::payments::payment;
use simulation::town::{MERCHANT, REALM, Town};
use simulation::world::SimulatedWorld;

/// What something cost at QuickBooks, refused writes included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    pub reads: u64,
    pub writes: u64,
}

/// A connected merchant, and counters of what was asked.
pub struct Shop {
    pub town: Town,
    payments: u64,
    messages: u64,
    counted: Cell<(u64, u64)>,
    before: Vec<Value>,
}

/// Somebody who is not in the books.
pub fn zoe() -> Value {
    json!({"id": "cus_zoe", "number": "C-7", "version": 1, "first_name": "Zoé", "last_name": "Gagnon",
           "email": "zoe@example.org", "phone": "514 555 0199",
           "billing_address": {"line1": "12 rue Cartier", "city": "Laval", "region": "QC", "postal_code": "H7V 1A1", "country": "CA"}})
}

/// A customer's profile, version 1.
pub fn person(id: &str, first: &str, last: &str, email: &str) -> Value {
    json!({"id": id, "version": 1, "first_name": first, "last_name": last, "email": email})
}

impl Shop {
    pub fn open(seed: u64) -> Self {
        let shop = Self {
            town: Town::new(seed),
            payments: 0,
            messages: 0,
            counted: Cell::new((0, 0)),
            before: Vec::new(),
        };
        shop.cost();
        shop
    }

    /// A payment of this customer, worked off.
    pub fn pays(&mut self, customer: &Value) -> Cost {
        self.queue_payment(customer);
        self.work()
    }

    /// A payment of this customer, in the queue; gives its id.
    pub fn queue_payment(&mut self, customer: &Value) -> String {
        self.payments += 1;
        let message = self.payment(self.payments, customer);
        self.queue(&message);
        format!("pay_{}", self.payments)
    }

    /// The message of a payment by this customer.
    pub fn payment(&self, number: u64, customer: &Value) -> Value {
        let mut message: Value = serde_json::from_str(&payment(number, 1)).unwrap();
        message["customer"] = customer.clone();
        message
    }

    /// The message of a changed profile.
    pub fn change(&self, customer: &Value) -> Value {
        json!({"schema": 1, "type": "customer.updated", "merchant_id": MERCHANT,
               "sent_at": "2026-11-22T14:03:12Z", "customer": customer})
    }

    /// A changed profile, worked off.
    pub fn changes(&mut self, customer: &Value) -> Cost {
        self.queue_change(customer);
        self.work()
    }

    /// A changed profile, in the queue.
    pub fn queue_change(&mut self, customer: &Value) {
        let message = self.change(customer);
        self.queue(&message);
    }

    /// A request to forget a customer, worked off.
    pub fn erases(&mut self, customer: &str) {
        self.queue_erasure(customer);
        self.work();
    }

    /// A request to forget a customer, in the queue.
    pub fn queue_erasure(&mut self, customer: &str) {
        self.queue(
            &json!({"schema": 1, "type": "customer.erased", "merchant_id": MERCHANT,
                           "sent_at": "2026-11-22T14:03:12Z", "customer": {"id": customer}}),
        );
    }

    pub fn queue(&mut self, message: &Value) {
        self.messages += 1;
        let id = format!("message-{}", self.messages);
        self.town.send(&id, message.to_string());
    }

    /// Works off what is queued; gives what it cost.
    pub fn work(&mut self) -> Cost {
        self.before = self.records();
        self.town.work_all();
        self.cost()
    }

    /// The messages of transactions that are not done, opened.
    pub fn kept_messages(&self) -> String {
        self.opened(|stands| stands.payload.as_deref())
    }

    /// The receipts that were frozen to be sent and are not known to have arrived, opened.
    pub fn frozen_receipts(&self) -> String {
        self.opened(|stands| stands.row.frozen.as_deref())
    }

    fn opened(&self, sealed: impl Fn(&LedgerRow) -> Option<&[u8]>) -> String {
        let tables = self.town.outside.tables.borrow();
        let open = |(key, stands): (_, &LedgerRow)| {
            let opened = self
                .town
                .outside
                .keys
                .open(sealed(stands)?, &payload_context(key));
            Some(String::from_utf8(opened.unwrap()).unwrap())
        };
        tables.ledger.iter().filter_map(open).collect()
    }

    /// Lets the drain work off what waits; gives what it cost.
    pub fn drains(&mut self) -> Cost {
        self.before = self.records();
        self.town.drain_all();
        self.cost()
    }

    /// The operator has what was overwritten of a customer put back; gives the fields.
    pub fn puts_back(&self, customer: &str) -> Vec<String> {
        let outside = &self.town.outside;
        let recorder = Recorder::new(SimulatedWorld::new(outside));
        let merchant = MERCHANT.parse().unwrap();
        let work = async {
            let access = access(&recorder, &merchant, outside.waits.clock.now()).await;
            let customer = customer.parse().unwrap();
            let currency = access.connection.company.home_currency;
            let key = recording::customer::link_key(&access.connection, &customer, currency);
            recording::customer::put_back(&recorder, &access, &key, &"op_1".parse().unwrap())
                .await
                .unwrap()
        };
        match outside.waits.clock.run(work, || false).unwrap() {
            PutBack::Done { fields, .. } => fields
                .iter()
                .map(|field| field.as_str().to_owned())
                .collect(),
            other => panic!("{other:?}"),
        }
    }

    /// The operator chooses for a customer.
    pub fn chooses(&self, customer: &str, choice: &Choice) -> Chosen {
        let chosen = self.chooses_or_dies(customer, choice);
        chosen.unwrap().unwrap()
    }

    /// The same; nothing where the process died at it.
    pub fn chooses_or_dies(
        &self,
        customer: &str,
        choice: &Choice,
    ) -> Option<Result<Chosen, Again>> {
        let outside = &self.town.outside;
        let recorder = Recorder::new(SimulatedWorld::new(outside));
        let merchant = MERCHANT.parse().unwrap();
        let work = async {
            let access = access(&recorder, &merchant, outside.waits.clock.now()).await;
            let customer = customer.parse().unwrap();
            let operator = "op_1".parse().unwrap();
            recording::customer::choose_customer(&recorder, &access, &customer, choice, &operator)
                .await
        };
        let fate = &outside.waits.fate;
        let chosen = outside.waits.clock.run(work, || fate.is_dead());
        if chosen.is_none() {
            fate.revive();
        }
        chosen
    }

    /// The operator leaves out what is held for this reason, and the drain is woken for it.
    pub fn leaves_out(&self, code: ReasonCode) {
        let outside = &self.town.outside;
        let world = SimulatedWorld::new(outside);
        let merchant: MerchantId = MERCHANT.parse().unwrap();
        let now = outside.waits.clock.now();
        let work = async {
            let (these, why) = (Release::For(&[code]), Reason::new(ReasonCode::Dismissed));
            let left = world.store().leave_out(&merchant, these, &why, now).await;
            let woken = std::slice::from_ref(&merchant);
            world.wake(woken, Duration::ZERO).await;
            left.unwrap()
        };
        let left = outside.waits.clock.run(work, || false).unwrap();
        assert!(left > 0);
    }

    /// What was asked of QuickBooks since the last time.
    fn cost(&self) -> Cost {
        let counters = self.control("GET", "counters", None);
        let counters = &counters[REALM];
        let now = (
            counters["reads"].as_u64().unwrap(),
            counters["writes"].as_u64().unwrap() + counters["refusals"].as_u64().unwrap(),
        );
        let before = self.counted.replace(now);
        Cost {
            reads: now.0 - before.0,
            writes: now.1 - before.1,
        }
    }

    /// What was told whose type begins so, in order, repeats dropped.
    pub fn told(&self, kind: &str) -> Vec<Value> {
        let mut seen = Vec::new();
        let mut told = Vec::new();
        for message in self.town.outside.told.borrow().iter() {
            let body: Value = serde_json::from_str(&message.body).unwrap();
            if body["type"].as_str().unwrap().starts_with(kind) && !seen.contains(&message.id) {
                seen.push(message.id.clone());
                told.push(body);
            }
        }
        told
    }

    pub fn records(&self) -> Vec<Value> {
        self.town.books()["Customer"].as_array().cloned().unwrap()
    }

    /// The record with this id.
    pub fn record(&self, id: &str) -> Value {
        let records = self.records();
        records
            .iter()
            .find(|record| record["Id"] == id)
            .cloned()
            .unwrap()
    }

    /// The records we created for this customer.
    pub fn ours(&self, customer: &str) -> Vec<Value> {
        let mark = format!("mio:customer/{customer}");
        let mut records = self.records();
        records.retain(|record| record["Notes"] == mark.as_str());
        records
    }

    /// The one record with this e-mail address.
    pub fn record_of(&self, email: &str) -> Value {
        let mut records = self.records();
        records.retain(|record| record["PrimaryEmailAddr"]["Address"] == email);
        assert_eq!(records.len(), 1, "{email}: {records:?}");
        records.remove(0)
    }

    pub fn receipts_of(&self, id: &str) -> usize {
        let receipts = self.town.receipts();
        receipts
            .iter()
            .filter(|receipt| receipt.customer == id)
            .count()
    }

    /// The fields of customers' records that the last work changed; what QuickBooks derives from them is left out.
    pub fn changed_fields(&self) -> Vec<String> {
        let mut names = Vec::new();
        for before in self.before.iter() {
            let after = self.record(before["Id"].as_str().unwrap());
            for name in [
                "DisplayName",
                "GivenName",
                "FamilyName",
                "CompanyName",
                "PrimaryEmailAddr",
                "PrimaryPhone",
                "BillAddr",
                "Notes",
            ] {
                if before[name] != after[name] {
                    names.push(name.to_owned());
                }
            }
        }
        names
    }

    /// A change of the merchant's own hand, in QuickBooks.
    pub fn by_hand(&self, id: &str, set: &Value) {
        let body = json!({"realm": REALM, "entity": "Customer", "id": id, "set": set});
        self.control("POST", "edit", Some(&body));
    }

    pub fn policies(&self, change: impl FnOnce(&mut CustomerPolicies)) {
        self.settings(|settings| change(&mut settings.customers));
    }

    /// Changes the settings, and lets what is remembered of them grow old.
    pub fn settings(&self, change: impl FnOnce(&mut Settings)) {
        {
            let mut tables = self.town.outside.tables.borrow_mut();
            let connection = tables.connections.values_mut().next().unwrap();
            change(&mut connection.settings);
        }
        self.town.pass(std::time::Duration::from_secs(60));
    }

    /// Asks the simulator something about itself.
    pub fn control(&self, method: &str, what: &str, body: Option<&Value>) -> Value {
        let mut request = simulator::Request::new(method, &format!("/simulator/{what}"));
        if let Some(body) = body {
            request = request
                .header("content-type", "application/json")
                .body(body.to_string());
        }
        let outside = &self.town.outside;
        let now = outside.waits.clock.now();
        let reply = outside.intuit.borrow_mut().handle(now, &request);
        let text = String::from_utf8(reply.body).unwrap();
        assert_eq!(reply.status, 200, "{what}: {text}");
        serde_json::from_str(&text).unwrap()
    }
}

/// The merchant's open connection, as a page would have it.
async fn access(
    recorder: &Recorder<SimulatedWorld>,
    merchant: &MerchantId,
    now: Timestamp,
) -> Access {
    let (world, remembered) = (&recorder.world, &recorder.remembered);
    let merchants = [merchant.clone()];
    remembered.prepare(world, &merchants).await.unwrap();
    match remembered.open(world, merchant, now).await.unwrap() {
        Ok(access) => access,
        Err(closed) => panic!("{closed:?}"),
    }
}
