//! The store's promises, kept by the simulation's memory: it stands for the tables only as far as it does.
#![recursion_limit = "256"]

use bookkeeping::ids::MerchantId;
use common::world::World;
use simulation::memory::Memory;
use simulation::town::{MERCHANT, Town};
use simulation::world::{Outside, SimulatedWorld};

fn keep(outside: &Outside, merchant: &str, promise: impl AsyncFnOnce(&Memory, &MerchantId)) {
    let world = SimulatedWorld::new(outside);
    let merchant = MerchantId::parse(merchant).expect("an id");
    let kept = promise(world.store(), &merchant);
    let kept = outside.waits.clock.run(kept, || false);
    kept.expect("alive");
}

fn keeps(promise: impl AsyncFnOnce(&Memory, &MerchantId)) {
    keep(&Outside::new(7), "mer_nobody", promise);
}

#[test]
fn memory_keeps_its_promises_about_the_ledger() {
    keeps(async |store, merchant| promises::about_the_ledger(store, merchant).await);
}

#[test]
fn memory_keeps_its_promises_about_lots() {
    keeps(async |store, merchant| promises::about_lots(store, merchant).await);
}

#[test]
fn memory_keeps_its_promises_about_links() {
    keeps(async |store, merchant| promises::about_links(store, merchant).await);
}

#[test]
fn memory_keeps_its_promises_about_the_list() {
    keeps(async |store, merchant| promises::about_the_list(store, merchant).await);
}

#[test]
fn memory_keeps_its_promises_about_changes() {
    keeps(async |store, merchant| promises::about_changes(store, merchant).await);
}

#[test]
fn memory_keeps_its_promises_about_erasures() {
    keeps(async |store, merchant| promises::about_erasures(store, merchant).await);
}

#[test]
fn memory_keeps_its_promises_about_refunds() {
    keeps(async |store, merchant| promises::about_refunds(store, merchant).await);
}

#[test]
fn memory_keeps_its_promises_about_tokens() {
    keeps(async |store, merchant| promises::about_tokens(store, merchant).await);
}

#[test]
fn memory_keeps_its_promises_about_states() {
    let town = Town::new(7);
    keep(&town.outside, MERCHANT, async |store, merchant| {
        promises::about_states(store, merchant).await;
    });
}

#[test]
fn memory_keeps_its_promises_about_health() {
    keeps(async |store, merchant| promises::about_health(store, merchant).await);
}

#[test]
fn memory_keeps_its_promises_about_breakers() {
    keeps(async |store, merchant| promises::about_breakers(store, merchant.as_str()).await);
}
