//! Links of customers, changes of their profiles, and the doors beside them.

use std::time::Duration;

use bookkeeping::customer::{FoundBy, Version};
use bookkeeping::ids::{MerchantId, RealmId};
use common::store::{
    ChangeClaimed, Created, Door, DoorClaim, DoorClaimed, Link, LinkClaim, LinkClaimed, LinkFacts,
    LinkKey, ParkedChange, Saved, Store,
};
use jiff::Timestamp;

/// A claim on a customer's link by somebody, from then.
fn claim<'a>(key: &'a LinkKey, owner: &'a str, now: Timestamp) -> LinkClaim<'a> {
    LinkClaim {
        key,
        owner,
        now,
        lease: Duration::from_secs(45),
        quiescence: Duration::from_secs(300),
    }
}

/// A link is written only as it was read, and a door is gone through alone (R9, R36), of a merchant without customers.
///
/// # Panics
///
/// Where a promise is broken.
pub async fn about_links(store: &impl Store, merchant: &MerchantId) {
    let key = LinkKey {
        merchant: merchant.clone(),
        realm: RealmId::parse("9341450000000001").expect("a company"),
        customer: "cus_1".parse().expect("a customer"),
        currency: None,
    };
    let now = Timestamp::from_second(1_795_000_000).expect("an instant");
    let link = |record: &str| Link {
        record: record.parse().expect("an id"),
        found_by: FoundBy::Created,
        version: Version {
            number: 1,
            at: None,
        },
        facts: LinkFacts::default(),
        is_unsure: false,
        baseline: Some(b"sealed".to_vec()),
        revision: 0,
    };
    let saved = async |owner, link: &Link| {
        store
            .save_change(&key, owner, link, now)
            .await
            .expect("a store")
    };
    // Only whoever has the claim links, and the first link stands.
    let linked = async |owner, link: &Link| store.link(&key, owner, link).await.expect("a store");
    let claimed = store
        .claim_link(&claim(&key, "one", now), b"one asks", None)
        .await
        .expect("a store");
    assert!(matches!(claimed, LinkClaimed::Ours { given_up: None, .. }));
    assert_eq!(linked("two", &link("7")).await, None);
    let first = linked("one", &link("7")).await.expect("linked");
    assert_eq!(first.revision, 1);
    assert_eq!(
        linked("one", &link("8")).await.map(|link| link.record),
        Some(first.record.clone())
    );
    // What was read before another write is not written over it.
    let Saved::Done(second) = saved(None, &first).await else {
        panic!("refused")
    };
    assert_eq!(second.revision, 2);
    let Saved::Refused(standing) = saved(
        None,
        &Link {
            version: Version {
                number: 9,
                at: None,
            },
            ..first.clone()
        },
    )
    .await
    else {
        panic!("written")
    };
    assert_eq!(standing, Some(second.clone()));
    // Nor while somebody is at it; and erasing waits for them.
    let version = Version {
        number: 2,
        at: None,
    };
    let change = store
        .claim_change(&claim(&key, "three", now), Some((&version, b"three asks")))
        .await
        .expect("a store");
    assert!(matches!(change, ChangeClaimed::Ours { .. }));
    assert!(matches!(saved(None, &second).await, Saved::Refused(_)));
    let erase = async |at| {
        let erased = store
            .erase_links(&key.merchant, &key.customer, at, Duration::from_secs(300))
            .await;
        let erased = erased.expect("a store");
        (erased.rows, erased.busy)
    };
    assert_eq!(erase(now).await, (0, 1));
    let later = now + Duration::from_secs(46);
    assert_eq!(erase(later).await, (1, 0));
    assert!(
        matches!(saved(Some("three"), &second).await, Saved::Refused(_)),
        "its claim is over"
    );
    // A link that was given up is told to whoever looks again, and erased with what a dead worker asked for.
    let claimed = store
        .claim_link(&claim(&key, "four", now), b"four asks", Some(&first.record))
        .await
        .expect("a store");
    let LinkClaimed::Ours {
        given_up: Some(given_up),
        ..
    } = claimed
    else {
        panic!("{claimed:?}")
    };
    assert_eq!(
        (given_up.record, given_up.revision),
        (first.record.clone(), 3)
    );
    assert_eq!(
        erase(now + Duration::from_secs(344)).await,
        (0, 1),
        "it may still be carried out"
    );
    assert_eq!(erase(now + Duration::from_secs(346)).await, (1, 0));
    let claimed = store
        .claim_link(&claim(&key, "five", now), b"five asks", None)
        .await
        .expect("a store");
    let LinkClaimed::Ours {
        given_up,
        asked,
        revision,
    } = claimed
    else {
        panic!("{claimed:?}")
    };
    assert_eq!((given_up, asked, revision), (None, vec![], 1));
    // Two at one door.
    let door = Door {
        merchant: key.merchant.clone(),
        realm: key.realm.clone(),
        sought: "address".to_owned(),
    };
    let enters = async |owner, seconds| {
        let claim = DoorClaim {
            door: &door,
            owner,
            now: now + Duration::from_secs(seconds),
            lease: Duration::from_secs(45),
            quiescence: Duration::from_secs(300),
        };
        match store.claim_door(&claim).await.expect("a store") {
            DoorClaimed::Ours { created } => Some(created.map(|created| created.record)),
            DoorClaimed::Busy => None,
        }
    };
    let alone = Some(None);
    assert_eq!(enters("one", 0).await, alone);
    assert_eq!(enters("two", 344).await, None);
    assert_eq!(
        enters("one", 1).await,
        alone,
        "asked again, it is still theirs"
    );
    let leaves = async |owner, created| {
        let left = store.leave_door(&door, owner, created).await;
        left.expect("a store");
    };
    leaves("two", None).await;
    assert_eq!(enters("two", 2).await, None);
    leaves("one", None).await;
    assert_eq!(enters("two", 2).await, alone);
    assert_eq!(enters("three", 348).await, alone, "its owner died");
    // What was created is told until a query shows it.
    let created = Created {
        record: first.record.clone(),
        shows_at: now + Duration::from_secs(648),
    };
    leaves("three", Some(&created)).await;
    assert_eq!(enters("four", 647).await, Some(Some(first.record)));
    leaves("four", Some(&created)).await;
    assert_eq!(enters("five", 649).await, alone);
}

/// Of what waits of each customer the newest is kept, page by page, and a newer one is never forgotten for an older (R15).
///
/// # Panics
///
/// Where a promise is broken.
pub async fn about_changes(store: &impl Store, merchant: &MerchantId) {
    let change = |customer: &str, number: u64| ParkedChange {
        customer: customer.parse().expect("a customer"),
        version: Version { number, at: None },
        payload: format!("{customer} {number}").into_bytes(),
        until: None,
    };
    let park =
        async |change: ParkedChange| store.park_change(merchant, &change).await.expect("a store");
    let parked = async |after: Option<&str>, limit| {
        let page = store.parked_changes(merchant, after, limit).await;
        let page: Result<Vec<_>, _> = page.expect("a store").into_iter().collect();
        let page = page.expect("changes of this version").into_iter();
        let page = page.map(|change| (change.customer.to_string(), change.version.number));
        page.collect::<Vec<_>>()
    };
    for (customer, number) in [
        ("cus_b", 2),
        ("cus_a", 1),
        ("cus_c", 1),
        ("cus_b", 1),
        ("cus_c", 3),
    ] {
        park(change(customer, number)).await;
    }
    let all = [("cus_a", 1), ("cus_b", 2), ("cus_c", 3)];
    let all = all.map(|(customer, number)| (customer.to_owned(), number));
    assert_eq!(parked(None, 9).await, all);
    assert_eq!(parked(None, 2).await, all[..2]);
    assert_eq!(parked(Some("cus_b"), 2).await, all[2..]);
    let unpark = async |change: ParkedChange| {
        store
            .unpark_change(merchant, &change)
            .await
            .expect("a store")
    };
    unpark(change("cus_c", 1)).await;
    assert_eq!(parked(None, 9).await, all, "a newer one was parked since");
    unpark(change("cus_a", 1)).await;
    assert_eq!(parked(None, 9).await, all[1..]);
    // What waits for a first payment waits by itself.
    let until = Some(Timestamp::from_second(4_000_000_000).expect("a time"));
    let awaited = |customer: &str, number| ParkedChange {
        until,
        ..change(customer, number)
    };
    let waiting = async |customer: &str| {
        let customer = customer.parse().expect("a customer");
        let found = store.changes_of(merchant, &customer).await;
        found.expect("a store")
    };
    for (customer, number) in [("cus_b", 7), ("cus_d", 2), ("cus_d", 1)] {
        park(awaited(customer, number)).await;
    }
    assert_eq!(parked(None, 9).await, all[1..], "they are not listed");
    assert_eq!(waiting("cus_d").await, [awaited("cus_d", 2)]);
    unpark(awaited("cus_d", 1)).await;
    assert_eq!(waiting("cus_d").await, [awaited("cus_d", 2)]);
    // From there it waits for QuickBooks, once.
    let wait = async |change: ParkedChange| {
        let moved = store.wait_for_quickbooks(merchant, &change).await;
        moved.expect("a store");
    };
    for _ in 0..2 {
        wait(awaited("cus_d", 2)).await;
        assert_eq!(waiting("cus_d").await, [change("cus_d", 2)]);
    }
    park(awaited("cus_d", 1)).await;
    wait(awaited("cus_d", 1)).await;
    assert_eq!(waiting("cus_d").await, [change("cus_d", 2)], "the newer");
    unpark(change("cus_d", 2)).await;
    assert_eq!(waiting("cus_d").await, []);
    let erased = "cus_b".parse().expect("a customer");
    store
        .erase_parked(merchant, &erased)
        .await
        .expect("a store");
    assert_eq!(parked(None, 9).await, all[2..]);
    assert_eq!(waiting("cus_b").await, []);
}
