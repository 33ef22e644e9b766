//! Breakers: changed only as they were seen, and what calls came to lately.

use std::time::Duration;

use bookkeeping::breaker::{Breaker, Calls};
use common::store::Store;
use jiff::Timestamp;

/// Nobody undoes what they have not seen, and calls are added up for half a minute; `service` is one nobody else uses.
///
/// # Panics
///
/// Where a promise is broken.
pub async fn about_breakers(store: &impl Store, service: &str) {
    let at = |second: i64| Timestamp::from_second(1_795_000_000 + second).expect("an instant");
    let stands = async || store.breaker(service).await.expect("a store");
    let change = async |seen: Breaker, to: Breaker| {
        let changed = store.change_breaker(service, &seen, &to).await;
        changed.expect("a store")
    };
    let open = |second| Breaker::Open {
        probe_at: at(second),
        answered: 0,
    };
    assert_eq!(stands().await, Breaker::Closed, "of nobody ever seen");
    assert!(change(Breaker::Closed, open(15)).await);
    assert!(!change(Breaker::Closed, open(16)).await, "opened once");
    assert_eq!(stands().await, open(15));
    // Of two who would take the probe, one has it.
    assert!(change(open(15), open(30)).await);
    assert!(!change(open(15), open(31)).await);
    assert_eq!(stands().await, open(30));
    let back = Breaker::Returning { since: at(45) };
    assert!(change(open(30), back).await);
    assert_eq!(stands().await, back);
    assert!(change(back, Breaker::Closed).await);
    assert!(change(Breaker::Closed, open(60)).await, "and once more");

    let calls = |made, failed, companies: &[u8]| Calls {
        made,
        failed,
        companies: companies.iter().copied().collect(),
    };
    let count = async |calls: Calls, second| {
        let counted = store.count_calls(service, &calls, at(second)).await;
        counted.expect("a store")
    };
    assert_eq!(count(calls(3, 1, &[7]), 0).await, calls(3, 1, &[7]));
    assert_eq!(count(calls(2, 2, &[7, 9]), 1).await, calls(5, 3, &[7, 9]));
    assert_eq!(count(calls(4, 0, &[]), 12).await, calls(9, 3, &[7, 9]));
    assert_eq!(count(calls(1, 1, &[3]), 25).await, calls(10, 4, &[3, 7, 9]));
    // What is longer ago does not count, and what was counted in its place begins anew.
    let later = Duration::from_secs(80).as_secs() as i64;
    assert_eq!(count(calls(1, 0, &[]), later).await, calls(1, 0, &[]));
    assert_eq!(
        count(calls(2, 1, &[5]), later + 21).await,
        calls(3, 1, &[5])
    );
}
