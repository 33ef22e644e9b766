//! Breakers: changed only as they were seen, and what calls came to lately.

use std::time::Duration;

use bookkeeping::breaker::{Breaker, Calls};
use common::store::Store;
use common::store::breakers::Seen;
use jiff::Timestamp;

/// Nobody undoes what they have not seen, and calls are added up for half a minute; `service` is one nobody else uses.
///
/// # Panics
///
/// Where a promise is broken.
pub async fn about_breakers(store: &impl Store, service: &str) {
    let at = |second: i64| Timestamp::from_second(1_795_000_000 + second).expect("an instant");
    let stands = async || store.breaker(service).await.expect("a store");
    let change = async |seen: Seen, to: Breaker| {
        let changed = store.change_breaker(service, &seen, &to).await;
        changed.expect("a store")
    };
    let open = |second| Breaker::Open {
        probe_at: at(second),
        answered: 0,
    };
    let new = stands().await;
    assert_eq!(new.breaker, Breaker::Closed, "of nobody ever seen");
    assert!(change(new, open(15)).await);
    assert!(!change(new, open(16)).await, "opened once");
    let opened = stands().await;
    assert_eq!(opened.breaker, open(15));
    // Of two who would take the probe, one has it.
    assert!(change(opened, open(30)).await);
    assert!(!change(opened, open(31)).await);
    let taken = stands().await;
    assert_eq!(taken.breaker, open(30));
    let back = Breaker::Returning { since: at(45) };
    assert!(change(taken, back).await);
    let returning = stands().await;
    assert_eq!(returning.breaker, back);
    assert!(change(returning, open(15)).await);
    // It stands as it did once, and is not what was seen then.
    assert!(!change(opened, open(60)).await);
    assert!(change(stands().await, Breaker::Closed).await);

    let calls = |made, failed, companies: &[u8], failing: &[u8]| Calls {
        made,
        failed,
        companies: companies.iter().copied().collect(),
        failing: failing.iter().copied().collect(),
    };
    let count = async |calls: Calls, second| {
        let counted = store.count_calls(service, &calls, at(second)).await;
        counted.expect("a store").all()
    };
    let first = calls(3, 1, &[7, 8], &[7]);
    assert_eq!(count(first.clone(), 0).await, first);
    let all = calls(5, 3, &[7, 8, 9], &[7, 9]);
    assert_eq!(count(calls(2, 2, &[7, 9], &[7, 9]), 1).await, all);
    let all = calls(9, 3, &[2, 7, 8, 9], &[7, 9]);
    assert_eq!(count(calls(4, 0, &[2], &[]), 12).await, all);
    let all = calls(10, 4, &[2, 3, 7, 8, 9], &[3, 7, 9]);
    assert_eq!(count(calls(1, 1, &[3], &[3]), 25).await, all);
    // What is longer ago does not count, and what was counted in its place begins anew.
    let later = Duration::from_secs(80).as_secs() as i64;
    let anew = calls(1, 0, &[4], &[]);
    assert_eq!(count(anew.clone(), later).await, anew);
    let all = calls(3, 1, &[4, 5], &[5]);
    assert_eq!(count(calls(2, 1, &[5], &[5]), later + 21).await, all);
}
