//! The store's promises about whose a company is, kept by the tables that ship.

use bookkeeping::connection::Connection;
use bookkeeping::ids::MerchantId;
use common::store::{Connections, Onboarding, TakenUp};

use crate::bench::Bench;

// R26: one company belongs to one merchant
#[tokio::test]
async fn a_connection_and_its_company_are_taken_up_together_or_not_at_all() {
    let bench = Bench::start().await;
    let store = bench.store().await;
    let merchant = MerchantId::parse(&bench.merchant).expect("an id");
    let opening = store.opening(&merchant).await.expect("a store");
    let first = opening.connection.expect("connected");
    let realm = &first.company.realm;
    let of_epoch = |epoch| Connection {
        epoch,
        ..first.clone()
    };
    let owner = async || store.owner(realm).await.expect("a store");
    let takes = async |connection: &Connection, before: Option<&Connection>| {
        let taken_up = store.take_up(connection, before).await;
        taken_up.expect("a store")
    };

    // A client whose answer was lost asks again, and is told the same.
    let second = of_epoch(2);
    assert_eq!(takes(&second, Some(&first)).await, TakenUp::Done);
    assert_eq!(takes(&second, Some(&first)).await, TakenUp::Done);
    assert_eq!(owner().await, Some(merchant.clone()));
    let third = of_epoch(3);
    assert_eq!(takes(&third, Some(&first)).await, TakenUp::Overtaken);
    assert_eq!(store.revise(&second, None).await, Ok(true));
    assert_eq!(takes(&third, Some(&second)).await, TakenUp::Revised);

    // Another merchant gets nothing of it.
    let other = MerchantId::parse(&format!("{merchant}_other")).expect("an id");
    let theirs = Connection {
        merchant: other.clone(),
        ..of_epoch(1)
    };
    assert_eq!(takes(&theirs, None).await, TakenUp::CompanyTaken);
    let opening = store.opening(&other).await.expect("a store");
    assert!(opening.connection.is_none());

    // Whoever leaves it by an older epoch leaves nothing of the newer.
    let frees = async |whose, epoch| store.free_company(realm, whose, epoch).await;
    assert_eq!(frees(&merchant, 1).await, Ok(()));
    assert_eq!(frees(&other, 9).await, Ok(()));
    assert_eq!(owner().await, Some(merchant.clone()));
    assert_eq!(frees(&merchant, 2).await, Ok(()));
    assert_eq!(owner().await, None);
    assert_eq!(takes(&theirs, None).await, TakenUp::Done);
    assert_eq!(owner().await, Some(other));
}
