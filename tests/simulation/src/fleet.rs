//! A fleet: many merchants, each with a grant of its own, looked after over days, twenty looks at once.

use std::time::Duration;

use bookkeeping::connection::{Connection, ConnectionState};
use bookkeeping::ids::MerchantId;
use bookkeeping::token::refreshed_at;
use common::store::Healths;
use common::tokens::first_row;
use common::world::World;
use futures::stream::{self, StreamExt};
use jiff::Timestamp;
use token_health::batch::work;
use token_health::dispatch::dispatch;

use crate::town::{REALM, Town, consent};
use crate::world::{Outside, SimulatedWorld};

/// How often the schedule ticks.
const TICK: Duration = Duration::from_secs(60);

/// Looks in a batch, and batches at once: as the template has it.
const BATCH: usize = 5;
const AT_ONCE: usize = 20;

/// Merchants and their connections.
pub struct Fleet {
    /// What outlives every process.
    pub outside: Outside,
    /// Looks sent for, by the minute.
    pub looks: Vec<usize>,
}

impl Fleet {
    /// So many merchants who all connected at this moment: the worst a spread over the day can begin with.
    ///
    /// # Panics
    ///
    /// Where the town cannot be connected.
    #[must_use]
    pub fn new(merchants: usize, seed: u64) -> Self {
        let town = Town::new(seed);
        let mut model = town.connection();
        // Nothing of this is looked at, and a hundred thousand of it would not fit.
        model.company.accounts.clear();
        model.company.items.clear();
        model.company.tax_codes.clear();
        let outside = town.outside.clone();
        outside.tables.borrow_mut().connections.clear();
        outside.tables.borrow_mut().tokens.clear();
        let now = outside.waits.clock.now();
        for number in 0..merchants {
            let merchant = MerchantId::parse(&format!("mer_{number:06}")).expect("an id");
            let pair = consent(&outside, REALM);
            let nonce = [7; 12];
            let realm = &model.company.realm;
            let row = first_row(
                &outside.keys,
                &merchant,
                realm,
                1,
                &pair,
                now,
                [nonce, nonce],
            );
            let connection = Connection {
                merchant: merchant.clone(),
                ..model.clone()
            };
            let mut tables = outside.tables.borrow_mut();
            tables.tokens.insert((merchant.clone(), 1), row);
            tables.connections.insert(merchant.clone(), connection);
        }
        let fleet = Self {
            outside,
            looks: Vec::new(),
        };
        fleet.summon_all();
        fleet
    }

    fn summon_all(&self) {
        let world = SimulatedWorld::new(&self.outside);
        let merchants: Vec<MerchantId> = {
            let tables = self.outside.tables.borrow();
            tables.connections.keys().cloned().collect()
        };
        let summoning = stream::iter(merchants)
            .map(|merchant| {
                let world = &world;
                async move {
                    let summoned = world.store().summon(&merchant, world.now()).await;
                    summoned.expect("the store is there");
                }
            })
            .buffer_unordered(1000)
            .collect::<Vec<()>>();
        self.outside.waits.clock.run(summoning, || false);
    }

    /// Lets a minute go by with its looks.
    ///
    /// # Panics
    ///
    /// Where a look fails though the store is there.
    pub fn tick(&mut self) {
        let clock = &self.outside.waits.clock;
        let begun = clock.elapsed();
        let world = SimulatedWorld::new(&self.outside);
        let dispatched = clock.run(dispatch(&world), || false).expect("alive");
        self.looks.push(dispatched.expect("the store is there"));
        let sent_for = std::mem::take(&mut *self.outside.sent_for.borrow_mut());
        let bodies: Vec<String> = sent_for
            .iter()
            .map(|merchant| serde_json::json!({ "merchant": merchant }).to_string())
            .collect();
        let batches = stream::iter(bodies.chunks(BATCH))
            .map(|batch| {
                let outside = &self.outside;
                async move {
                    let world = SimulatedWorld::new(outside);
                    work(&world, batch).await
                }
            })
            .buffer_unordered(AT_ONCE)
            .collect::<Vec<_>>();
        let done = clock.run(batches, || false).expect("alive");
        assert!(done.iter().flatten().all(|done| *done));
        clock.advance(TICK.saturating_sub(clock.elapsed() - begun));
    }

    /// Lets so much time go by; gives the longest that any connection was without a refresh, looked at every hour.
    pub fn watch_over(&mut self, time: Duration) -> Duration {
        let until = self.outside.waits.clock.elapsed() + time;
        let mut longest = Duration::ZERO;
        let mut look_at = self.outside.waits.clock.elapsed();
        while self.outside.waits.clock.elapsed() < until {
            self.tick();
            if self.outside.waits.clock.elapsed() >= look_at {
                longest = longest.max(self.longest_unrefreshed());
                look_at += Duration::from_secs(3600);
            }
        }
        longest
    }

    fn longest_unrefreshed(&self) -> Duration {
        let now = self.outside.waits.clock.now();
        let tables = self.outside.tables.borrow();
        let since = tables.tokens.values().map(|row| {
            let access = row.access.as_ref();
            access.map_or(Timestamp::MIN, |access| refreshed_at(access.expires_at))
        });
        let longest = since.min().map(|oldest| now - oldest);
        Duration::try_from(longest.unwrap_or_default()).unwrap_or_default()
    }

    /// How many are in use.
    #[must_use]
    pub fn connected(&self) -> usize {
        let tables = self.outside.tables.borrow();
        let states = tables.connections.values().map(|one| one.state);
        states
            .filter(|state| *state == ConnectionState::Connected)
            .count()
    }
}
