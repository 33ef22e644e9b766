//! Tokens begin with a connection and end with it.
#![recursion_limit = "256"]

use std::time::Duration;

use bookkeeping::connection::ConnectionState;
use bookkeeping::ids::{MerchantId, RealmId};
use common::access::{Verdict, check, state};
use common::secrets::Stage;
use common::store::Epochs;
use common::tokens::{connected, erase, held, settled};
use futures::future::join;
use secrecy::{ExposeSecret, SecretString};
use simulation::payments::payment;
use simulation::town::{MERCHANT, REALM, Town, consent};
use simulation::world::SimulatedWorld;

struct Desk {
    town: Town,
    merchant: MerchantId,
    realm: RealmId,
}

impl Desk {
    fn open() -> Self {
        Self {
            town: Town::new(3),
            merchant: MerchantId::parse(MERCHANT).expect("an id"),
            realm: RealmId::parse(REALM).expect("an id"),
        }
    }

    fn world(&self) -> SimulatedWorld {
        SimulatedWorld::new(&self.town.outside)
    }

    fn run<T>(&self, work: impl Future<Output = T>) -> T {
        let clock = &self.town.outside.waits.clock;
        clock.run(work, || false).expect("nobody dies here")
    }

    fn connect(&self, epoch: u64) -> bool {
        let pair = consent(&self.town.outside, REALM);
        let world = self.world();
        self.run(connected(&world, &self.merchant, &self.realm, epoch, &pair))
            .expect("a store")
    }

    fn epochs(&self) -> Vec<u64> {
        let tables = self.town.outside.tables.borrow();
        tables.tokens.keys().map(|(_, epoch)| *epoch).collect()
    }
}

fn is_refresh_token(token: &SecretString) -> bool {
    token.expose_secret().starts_with("RT1-")
}

// R26: a reconnecting that does not come about costs the present connection nothing
#[test]
fn an_abandoned_connecting_leaves_the_present_connection_at_work() {
    let mut desk = Desk::open();
    assert!(desk.connect(2));
    assert!(!desk.connect(2), "a second tab takes the next epoch");
    let world = desk.world();
    desk.run(erase(&world, &desk.merchant, Epochs::One(2)))
        .unwrap();
    assert_eq!(desk.epochs(), [1]);
    desk.town.pass(Duration::from_secs(7200));
    desk.town.send("message-1", payment(1, 1));
    desk.town.work_all();
    assert_eq!(desk.town.receipts().len(), 1);
}

// R26
#[test]
fn a_reconnected_merchant_goes_on_with_the_tokens_of_the_new_epoch() {
    let mut desk = Desk::open();
    assert!(desk.connect(2));
    {
        let mut tables = desk.town.outside.tables.borrow_mut();
        tables.connections.get_mut(&desk.merchant).unwrap().epoch = 2;
    }
    let world = desk.world();
    desk.run(settled(&world, &desk.merchant, 2)).unwrap();
    desk.run(erase(&world, &desk.merchant, Epochs::Through(1)))
        .unwrap();
    assert_eq!(desk.epochs(), [2]);
    let secrets = desk.town.outside.secrets.borrow().clone();
    assert_eq!(secrets.len(), 1);
    let secret = &secrets[&(desk.merchant.clone(), 2)];
    let (_, kept) = secret.holds(Stage::Current).unwrap();
    assert_eq!(kept.epoch, 2);
    desk.town.pass(Duration::from_secs(7200));
    desk.town.send("message-1", payment(1, 1));
    desk.town.work_all();
    assert_eq!(desk.town.receipts().len(), 1);
}

// R31
#[test]
fn erasing_leaves_no_token_of_the_epoch_and_touches_no_newer_one() {
    let desk = Desk::open();
    let world = desk.world();
    assert!(desk.connect(2));
    let to_revoke = desk.run(held(&world, &desk.merchant, 1)).unwrap();
    // The access token comes first: it is good whatever becomes of a refresh.
    assert!(!is_refresh_token(&to_revoke[0]) && is_refresh_token(&to_revoke[1]));
    for _ in 0..2 {
        desk.run(erase(&world, &desk.merchant, Epochs::Through(1)))
            .unwrap();
        assert_eq!(desk.epochs(), [2]);
        assert!(desk.town.outside.secrets.borrow().is_empty());
    }
    let verdict = desk.run(check(&world, &desk.merchant)).unwrap();
    assert_eq!(verdict, Verdict::NotConnected);
}

// R31: also in the middle of a refresh, at whatever moment
#[test]
fn a_refresh_on_its_way_while_tokens_are_erased_brings_none_back() {
    for milliseconds in (0..700).step_by(25) {
        let desk = Desk::open();
        desk.town.pass(Duration::from_secs(25 * 3600));
        let (one, other) = (desk.world(), desk.world());
        let erased = async {
            let clock = &desk.town.outside.waits.clock;
            clock.sleep(Duration::from_millis(milliseconds)).await;
            erase(&other, &desk.merchant, Epochs::Through(1)).await
        };
        let (verdict, erased) = desk.run(join(check(&one, &desk.merchant), erased));
        assert!(verdict.is_ok() && erased.is_ok());
        assert!(desk.epochs().is_empty(), "{milliseconds} ms");
        let secrets = desk.town.outside.secrets.borrow();
        assert!(secrets.is_empty(), "a secret, {milliseconds} ms");
    }
}

// R31: a choice stands, whatever a payment still on its way finds out
#[test]
fn nothing_that_is_found_out_later_undoes_a_disconnecting() {
    let desk = Desk::open();
    let world = desk.world();
    let found_out = [
        ConnectionState::Disconnected,
        ConnectionState::Connected,
        ConnectionState::ReadOnly,
    ];
    for state in found_out {
        desk.run(state::change(&world, &desk.merchant, 1, None, state))
            .unwrap();
        let tables = desk.town.outside.tables.borrow();
        let state = tables.connections[&desk.merchant].state;
        assert_eq!(state, ConnectionState::Disconnected);
    }
}
