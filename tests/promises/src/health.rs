//! Health: one row a merchant under its revision, who is due, and what checks came to.

use std::time::Duration;

use bookkeeping::health::Health;
use bookkeeping::ids::MerchantId;
use bookkeeping::incident::Reader;
use bookkeeping::outage::Answers;
use common::store::Store;
use common::store::lot::due_shard;
use jiff::Timestamp;

const MINUTE: Duration = Duration::from_secs(60);

fn at(second: i64) -> Timestamp {
    // Far from now: nobody looks at what is due then but this.
    Timestamp::from_second(3_990_000_000 + second).expect("an instant")
}

/// What every look relies on (R23, R25), of a merchant nobody has looked at.
///
/// # Panics
///
/// Where a promise is broken.
pub async fn about_health(store: &impl Store, merchant: &MerchantId) {
    let far = Timestamp::from_second(4_000_000_000).expect("an instant");

    // A row begins with the first write, and is written at the revision it was read at.
    let first = store.health(merchant).await.expect("a store");
    assert_eq!(first, Health::default());
    let mut health = Health {
        epoch: 3,
        unsubscribed: [Reader::at(merchant, "books@example.com")].into(),
        ..first
    };
    let keep = async |health: &Health, due| store.keep_health(merchant, health, due).await;
    assert_eq!(keep(&health, Some(far)).await, Ok(true));
    assert_eq!(keep(&health, Some(far)).await, Ok(false), "seen too early");
    health.revision = 1;
    assert_eq!(store.health(merchant).await, Ok(health.clone()));

    // A summons makes it due, and whoever looks already looks again.
    let shard = due_shard(merchant);
    let is_due = async |now| {
        let due = store.due_healths(shard, now, 1000).await.expect("a store");
        due.contains(merchant)
    };
    store.summon(merchant, at(0)).await.expect("a store");
    assert_eq!(keep(&health, None).await, Ok(false));
    health.revision = 2;
    assert_eq!(store.health(merchant).await, Ok(health.clone()));
    assert_eq!(store.put_off(merchant, at(1), far).await, Ok(true));
    assert_eq!(store.put_off(merchant, at(1), far).await, Ok(false));
    assert!(!is_due(at(1)).await);
    assert_eq!(keep(&health, None).await, Ok(true), "put off is no news");
    assert!(!is_due(far + MINUTE).await);

    // One that was never looked at can be summoned.
    let other = MerchantId::parse(&format!("{merchant}_2")).expect("an id");
    store.summon(&other, far).await.expect("a store");
    let summoned = store.health(&other).await.expect("a store");
    assert_eq!(summoned.revision, 1);
    assert_eq!(store.keep_health(&other, &summoned, None).await, Ok(true));

    // Answers are counted by the hour, and those of this hour and the one before are told.
    // In a time to come: what is long over is taken out of the table by itself.
    let hour = |number: i64| {
        let seconds = 3_999_600_000 + number * 3600;
        Timestamp::from_second(seconds).expect("an instant")
    };
    let before = store.answers(hour(2)).await.expect("a store");
    let some = Answers {
        asked: 5,
        unanswered: 2,
        refused: 1,
    };
    for number in [0, 1, 1, 2] {
        let counted = store.count_answers(&some, hour(number)).await;
        counted.expect("a store");
    }
    let after = store.answers(hour(2)).await.expect("a store");
    assert_eq!(
        after.asked - before.asked,
        15,
        "two of the hour before, one of this"
    );
    assert_eq!(after.refused - before.refused, 3);
    let nobody = store.answers(hour(7)).await.expect("a store");
    assert_eq!(nobody, Answers::default());
}
