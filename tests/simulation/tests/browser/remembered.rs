//! What is remembered, and what is done to it behind everybody's back.

use std::collections::BTreeMap;

use bookkeeping::connection::{Connection, ConnectionState};
use bookkeeping::ids::{MerchantId, RealmId};
use common::secrets::Stage;
use serde_json::Value;

use super::Browser;

/// Everything that is remembered and that a refused request must not change.
#[derive(Debug, PartialEq)]
pub struct Snapshot {
    pub connections: BTreeMap<MerchantId, Connection>,
    pub tokens: Vec<(MerchantId, u64)>,
    pub owners: BTreeMap<RealmId, (MerchantId, u64)>,
    pub merchants: usize,
    pub attempts: usize,
    pub launches: usize,
    pub told: usize,
}

impl Browser {
    /// The connection, as it is remembered.
    pub fn connection(&self) -> Option<Connection> {
        let tables = self.outside.tables.borrow();
        tables.connections.get(&self.id()).cloned()
    }

    /// Changes the connection behind everybody's back.
    pub fn change(&self, change: impl FnOnce(&mut Connection)) {
        let mut tables = self.outside.tables.borrow_mut();
        change(tables.connections.get_mut(&self.id()).expect("connected"));
    }

    /// Puts the connection into a state.
    pub fn set_state(&self, state: &str) {
        let state = ConnectionState::from_stored(state).expect("a state");
        let mut tables = self.outside.tables.borrow_mut();
        tables.put_in_state(&self.id(), state);
    }

    /// The epochs that tokens are remembered of.
    pub fn epochs_with_tokens(&self) -> Vec<u64> {
        let tables = self.outside.tables.borrow();
        let merchant = self.id();
        let epochs = tables.tokens.keys().filter(|(of, _)| *of == merchant);
        epochs.map(|(_, epoch)| *epoch).collect()
    }

    /// The epochs whose tokens merchants' secrets hold as their current ones.
    pub fn epochs_in_secrets(&self) -> Vec<u64> {
        let secrets = self.outside.secrets.borrow();
        let current = secrets
            .values()
            .filter_map(|secret| secret.holds(Stage::Current));
        current.map(|(_, kept)| kept.epoch).collect()
    }

    /// The companies that are bound to somebody.
    pub fn bound(&self) -> Vec<String> {
        let tables = self.outside.tables.borrow();
        tables.owners.keys().map(ToString::to_string).collect()
    }

    /// Has the store carry out twice what takes up a connection, as where its first answer is lost.
    pub fn answers_get_lost(&self) {
        self.outside.tables.borrow_mut().repeats = true;
    }

    /// Takes all tokens away behind everybody's back.
    pub fn loses_its_tokens(&self) {
        self.outside.tables.borrow_mut().tokens.clear();
    }

    /// Whether MioCommerce's queue takes no outcome.
    pub fn tells_nobody(&self, nobody: bool) {
        self.outside.mishaps.borrow_mut().untold_in = nobody.then_some(1);
    }

    /// Whose a company is.
    pub fn owner(&self, realm: &str) -> Option<String> {
        let realm = RealmId::parse(realm).expect("a company");
        let tables = self.outside.tables.borrow();
        let owner = tables.owners.get(&realm);
        owner.map(|(merchant, _)| merchant.to_string())
    }

    /// How often drains were woken.
    pub fn woken(&self) -> usize {
        self.outside.wakes.borrow().len()
    }

    /// The states of connections MioCommerce was told of.
    pub fn told(&self) -> Vec<String> {
        let told = self.outside.told.borrow();
        let state = |body: &str| {
            let body: Value = serde_json::from_str(body).expect("JSON");
            body["state"].as_str().map(str::to_owned)
        };
        told.iter().filter_map(|told| state(&told.body)).collect()
    }

    /// What is remembered.
    pub fn snapshot(&self) -> Snapshot {
        let tables = self.outside.tables.borrow();
        Snapshot {
            connections: tables.connections.clone(),
            tokens: tables.tokens.keys().cloned().collect(),
            owners: tables.owners.clone(),
            merchants: tables.merchants.len(),
            attempts: tables.attempts.len(),
            launches: tables.launches.len(),
            told: self.outside.told.borrow().len(),
        }
    }
}
