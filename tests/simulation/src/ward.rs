//! Looking after the town's connection: the schedule's minutes, what is sent for, the mail service's events, and the
//! drain, over days and years.

use std::collections::BTreeMap;
use std::time::Duration;

use bookkeeping::connection::{Connected, Connection, ConnectionState};
use bookkeeping::ids::{MerchantId, OperatorId};
use bookkeeping::merchant::{Addressee, MerchantProfile};
use bookkeeping::money::Currency;
use bookkeeping::transaction::Language;
use common::access::state;
use common::store::{Healths, Onboarding, TakenUp};
use common::tokens::{connected, settled};
use jiff::Timestamp;
use token_health::batch::work;
use token_health::dispatch::dispatch;

use crate::post::Taken;
use crate::town::{MERCHANT, REALM, Town, consent};
use crate::world::SimulatedWorld;

/// How often the schedule ticks.
const TICK: Duration = Duration::from_secs(60);

/// Most messages of the health queue in a batch.
const BATCH: usize = 5;

impl Town {
    /// Introduces the merchant's administrators, Anna who reads English and Benoît who reads French, and has the
    /// connection looked after from now on.
    ///
    /// # Panics
    ///
    /// Never: the ids are ids.
    pub fn is_looked_after(&mut self) {
        let person = |name: &str, email: &str, language| Addressee {
            name: name.to_owned(),
            email: email.to_owned(),
            language,
        };
        let id = |id| OperatorId::parse(id).expect("an id");
        let administrators = [
            (
                id("op_1"),
                person("Anna Côté", "anna@example.com", Language::English),
            ),
            (
                id("op_2"),
                person("Benoît Roy", "benoit@example.com", Language::French),
            ),
        ];
        let profile = MerchantProfile {
            merchant: merchant(),
            as_of: self.now(),
            name: "Nettoyage Laurier".to_owned(),
            country: "CA".to_owned(),
            currency: Currency::CAD,
            time_zone: "America/Toronto".to_owned(),
            entitled: true,
            administrators: BTreeMap::from(administrators),
            opened: BTreeMap::new(),
            listed_at: None,
            version: 0,
            later: Default::default(),
            revision: 0,
        };
        let mut tables = self.outside.tables.borrow_mut();
        tables.merchants.insert(merchant(), profile);
        drop(tables);
        self.summon();
    }

    /// Has the connection looked at.
    ///
    /// # Panics
    ///
    /// Where the store is not to be had.
    pub fn summon(&mut self) {
        let world = SimulatedWorld::new(&self.outside);
        let now = self.now();
        let merchant = merchant();
        let clock = &self.outside.waits.clock;
        let summoned = clock.run(
            common::world::World::store(&world).summon(&merchant, now),
            || false,
        );
        summoned.expect("alive").expect("the store is there");
    }

    /// Lets so much time go by, with everything that happens in it.
    pub fn watch_over(&mut self, time: Duration) {
        let until = self.now() + time;
        while let Some(next) = self.next_event().filter(|next| *next <= until) {
            let ahead = Duration::try_from(next - self.now()).unwrap_or_default();
            self.pass(ahead.max(TICK));
            self.tick();
        }
        self.pass(Duration::try_from(until - self.now()).unwrap_or_default());
    }

    /// One minute of the schedule, what is sent for in it, the events that came, and the drain where it is due. Gives
    /// whether every process lived.
    ///
    /// # Panics
    ///
    /// Where a process that lives fails though the store is there.
    pub fn tick(&mut self) -> bool {
        let waits = self.outside.waits.clone();
        let is_dead = || waits.fate.is_dead();
        let world = SimulatedWorld::new(&self.outside);
        let dispatched = waits.clock.run(dispatch(&world), is_dead);
        let mut lived = dispatched.is_some();
        if let Some(dispatched) = dispatched {
            dispatched.expect("the store is there");
        } else {
            waits.fate.revive();
        }
        let sent_for = std::mem::take(&mut *self.outside.sent_for.borrow_mut());
        let looks = sent_for
            .iter()
            .map(|merchant| serde_json::json!({ "merchant": merchant }).to_string());
        lived &= self.works_off(looks.collect());
        // What a process that died has not taken comes back.
        let events: Vec<String> = self.outside.post.borrow_mut().events.drain(..).collect();
        if !events.is_empty() && !self.works_off(events.clone()) {
            self.outside.post.borrow_mut().events.extend(events);
            lived = false;
        }
        if self.is_drain_due() {
            lived &= self.drain();
        }
        lived
    }

    fn works_off(&mut self, messages: Vec<String>) -> bool {
        let waits = self.outside.waits.clone();
        let mut lived = true;
        for batch in messages.chunks(BATCH) {
            let world = SimulatedWorld::new(&self.outside);
            match waits
                .clock
                .run(work(&world, batch), || waits.fate.is_dead())
            {
                Some(done) => assert!(done.iter().all(|done| *done), "the store is there"),
                None => {
                    waits.fate.revive();
                    lived = false;
                }
            }
        }
        lived
    }

    /// Whether somebody woke the drain, or its lot is due.
    fn is_drain_due(&mut self) -> bool {
        let now = self.outside.waits.clock.elapsed();
        let mut wakes = self.outside.wakes.borrow_mut();
        let before = wakes.len();
        wakes.retain(|(at, _)| *at > now);
        let is_woken = wakes.len() < before;
        let tables = self.outside.tables.borrow();
        let mut lots = tables.lots.values();
        let is_armed = tables.lots.values().any(|lot| lot.due.is_some());
        is_woken && is_armed || lots.any(|lot| lot.due.is_some_and(|due| due <= self.now()))
    }

    fn next_event(&self) -> Option<Timestamp> {
        let tables = self.outside.tables.borrow();
        let lots = tables.lots.values().filter_map(|lot| lot.due);
        let now = self.now();
        let events = (!self.outside.post.borrow().events.is_empty()).then_some(now);
        let wakes = self.outside.wakes.borrow();
        let elapsed = self.outside.waits.clock.elapsed();
        let wakes = wakes.iter().map(|(at, _)| now + at.saturating_sub(elapsed));
        lots.chain(tables.healths.next_due())
            .chain(events)
            .chain(wakes)
            .min()
    }

    /// Anna reconnects the same company.
    ///
    /// # Panics
    ///
    /// Where the store is not to be had.
    pub fn reconnect(&mut self) {
        let before = self.connection();
        let epoch = before.epoch + 1;
        let realm = before.company.realm.clone();
        let pair = consent(&self.outside, REALM);
        let world = SimulatedWorld::new(&self.outside);
        let merchant = merchant();
        let connection = Connection {
            epoch,
            state: ConnectionState::reconnected(Some(before.state), true),
            connected: Some(Connected {
                at: self.now(),
                by: OperatorId::parse("op_1").expect("an id"),
                name: "Anna Côté".to_owned(),
            }),
            ..before.clone()
        };
        let reconnecting = async {
            let store = common::world::World::store(&world);
            assert!(connected(&world, &merchant, &realm, epoch, &pair).await?);
            let taken_up = store.take_up(&connection, Some(&before)).await?;
            assert_eq!(taken_up, TakenUp::Done);
            settled(&world, &merchant, epoch).await?;
            state::change(&world, &merchant, epoch, None, connection.state).await?;
            let whose = std::slice::from_ref(&merchant);
            common::world::World::wake(&world, whose, Duration::ZERO).await;
            Ok::<(), common::store::StoreError>(())
        };
        let done = self.outside.waits.clock.run(reconnecting, || false);
        done.expect("alive").expect("the store is there");
        self.restart();
    }

    /// The connection changes its state for a reason of ours.
    ///
    /// # Panics
    ///
    /// Where the store is not to be had.
    pub fn changes_to(&mut self, wanted: ConnectionState) {
        let epoch = self.connection().epoch;
        let world = SimulatedWorld::new(&self.outside);
        let merchant = merchant();
        let changed = state::change(&world, &merchant, epoch, None, wanted);
        let changed = self.outside.waits.clock.run(changed, || false);
        changed.expect("alive").expect("the store is there");
        self.restart();
    }

    /// The connection, as it is remembered.
    ///
    /// # Panics
    ///
    /// Where there is none.
    #[must_use]
    pub fn connection(&self) -> Connection {
        let tables = self.outside.tables.borrow();
        tables
            .connections
            .get(&merchant())
            .cloned()
            .expect("connected")
    }

    /// Mails sent, as something reads them.
    pub fn mails<T>(&self, read: impl Fn(&Taken) -> T) -> Vec<T> {
        self.outside.post.borrow().taken.iter().map(read).collect()
    }

    /// What time it is.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.outside.waits.clock.now()
    }
}

/// The one merchant.
///
/// # Panics
///
/// Never: the id is one.
#[must_use]
pub fn merchant() -> MerchantId {
    MerchantId::parse(MERCHANT).expect("a merchant")
}
