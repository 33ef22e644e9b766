//! Erasures: noted until everything was looked through, then remembered.

use std::time::Duration;

use bookkeeping::ids::{CustomerId, MerchantId};
use common::store::{Erasure, Store};
use jiff::Timestamp;

fn at(second: i64) -> Timestamp {
    // Remembered until some time to come, whatever the clock of the tables says.
    Timestamp::from_second(4_000_000_000 + second).expect("an instant")
}

/// Who is noted is listed until it was looked for at the time that was noted last, and remembered from then on (R36), of a merchant without
/// customers.
///
/// # Panics
///
/// Where a promise is broken.
pub async fn about_erasures(store: &impl Store, merchant: &MerchantId) {
    let erasure = |customer: &str, second| Erasure {
        customer: customer.parse().expect("a customer"),
        look_at: at(second),
    };
    let note = async |erasure: &Erasure| {
        let noted = store.note_erasure(merchant, erasure).await;
        noted.expect("a store");
    };
    let noted = async || {
        let noted = store.erasures(merchant).await.expect("a store");
        let noted: Result<Vec<Erasure>, _> = noted.into_iter().collect();
        noted.expect("notes of this version")
    };
    let ends = async |erasure: &Erasure, second| {
        let ended = store.end_erasure(merchant, erasure, at(second)).await;
        ended.expect("a store");
    };
    let erased = async |second| -> Vec<CustomerId> {
        let erased = store.erased_since(merchant, at(second)).await;
        erased.expect("a store")
    };
    let [first, later] = [erasure("cus_a", 10), erasure("cus_a", 20)];
    let other = erasure("cus_b", 10);
    for erasure in [&first, &other, &later] {
        note(erasure).await;
    }
    assert_eq!(noted().await, [later.clone(), other.clone()]);
    assert_eq!(erased(0).await, []);

    ends(&other, 30).await;
    ends(&first, 31).await;
    assert_eq!(
        noted().await,
        std::slice::from_ref(&later),
        "it was noted anew since"
    );
    ends(&later, 40).await;
    ends(&later, 41).await;
    assert_eq!(noted().await, []);
    let both = [later.customer.clone(), other.customer.clone()];
    assert_eq!(erased(30).await, both);
    assert_eq!(erased(31).await, both[..1], "the last time counts");
    assert_eq!(erased(42).await, []);
    assert!(Duration::from_secs(35 * 24 * 3600) < common::store::kept::REMEMBERED);
}
