//! Nobody reads, claims or writes over what only a later version understands.

use bookkeeping::breaker::Breaker;
use bookkeeping::customer::Version;
use bookkeeping::health::Health;
use bookkeeping::outcome::Synced;
use bookkeeping::reason::{Reason, ReasonCode};
use common::audit::audit;
use common::store::{
    Breakers, Carrier, ChangeClaimed, Changes, Claim, Completion, Connections, DoorClaimed, Frozen,
    Healths, Kept, Ledger, LinkClaim, Links, Listing, Lots, Onboarding, ParkedChange, Refunded,
    Refunds, Release, Settlement, Standing, StoreError, Tokens,
};

use super::kinds::{Kinds, LEASE, far};
use crate::bench::{now, until};
use crate::health::profile;

fn is_unreadable<T>(answer: Result<T, StoreError>) -> bool {
    matches!(answer, Err(StoreError::Unreadable { .. }))
}

pub async fn nobody_reads(kinds: &Kinds) {
    let Kinds {
        store,
        merchant,
        payment,
        link,
        ..
    } = kinds;
    assert!(is_unreadable(store.row(payment).await));
    assert!(is_unreadable(store.refunded(payment).await));
    assert!(is_unreadable(store.lot(merchant).await));
    assert!(is_unreadable(store.health(merchant).await));
    assert!(is_unreadable(store.opening(merchant).await));
    assert!(is_unreadable(store.merchant(merchant).await));
    assert!(is_unreadable(store.tokens(merchant, 1).await));
    assert!(is_unreadable(store.epochs(merchant).await));
    let linked = store.links_of(merchant, &link.realm, &link.customer).await;
    assert!(is_unreadable(linked));
    // Each in its own place, so that nothing beside it is held up.
    let noted = store.erasures(merchant).await.expect("a store");
    assert!(matches!(&noted[..], [Err(StoreError::Unreadable { .. })]));
    let kept = until("what is kept to be listed", async || {
        let kept = store.kept_for(merchant, &link.customer).await;
        Some(kept.expect("a store")).filter(|kept| !kept.is_empty())
    });
    assert!(matches!(
        &kept.await[..],
        [Err(StoreError::Unreadable { .. })]
    ));
    let audit = audit(store, now()).await.expect("it goes on");
    for name in ["its lot", "payment/pay_1", "payment/pay_held"] {
        let row = (merchant.clone(), name.to_owned());
        assert!(audit.uncovered.contains_key(&row), "{name}");
    }
    assert_eq!(
        store.breaker(&kinds.service).await.map(|seen| seen.breaker),
        Ok(Breaker::Closed),
        "nobody is stopped by what nobody understands"
    );
}

/// Whatever was read before.
pub async fn nobody_claims(kinds: &Kinds) {
    let Kinds {
        store,
        payment,
        link,
        ..
    } = kinds;
    let listing = Listing::unread(now());
    let claim = Claim {
        key: payment,
        owner: "one",
        now: far(),
        lease: LEASE,
        quiescence: LEASE,
        fingerprint: "figures",
        realm: &link.realm,
        epoch: 1,
        frozen: Some(Frozen {
            request_id: "first",
            receipt: b"first",
            listing: &listing,
        }),
    };
    assert!(is_unreadable(store.claim(&claim).await));
    let reason = Reason::new(ReasonCode::Throttled);
    let settlement = Settlement {
        key: payment,
        standing: Standing::Parked,
        reason: &reason,
        anew: None,
        owner: None,
        fingerprint: "figures",
        realm: None,
        since: now(),
        now: now(),
        due: None,
        payload: b"message",
        listing: &listing,
        carrier: Carrier::Queue,
    };
    assert!(is_unreadable(store.settle(&settlement).await));
    let synced = Synced {
        realm: link.realm.clone(),
        receipt: "1".parse().expect("an id"),
        number: None,
    };
    let completion = Completion {
        key: payment,
        synced: &synced,
        version: &"0".parse().expect("a version"),
        posted: None,
        listing: &listing,
        now: now(),
    };
    assert!(is_unreadable(store.complete(&completion).await));
}

pub async fn nobody_writes(kinds: &Kinds) {
    let Kinds {
        store,
        merchant,
        payment,
        link,
        ..
    } = kinds;
    let left = store.leave_lot(payment, Standing::Synced).await;
    assert_eq!(left, Ok(()));
    let released = store
        .release(merchant, Release::One(payment), None, now())
        .await;
    assert!(is_unreadable(released), "the lot cannot be armed");
    assert!(is_unreadable(kinds.arm().await));
    let taken = store.take_lot(merchant, "one", far(), LEASE).await;
    assert!(is_unreadable(taken));
    let held = store.keep_lot(merchant, "one", far(), LEASE, 1).await;
    assert!(is_unreadable(held));
    assert_eq!(kinds.keep_message().await, Ok(()), "it is kept already");
    assert_eq!(store.summon(merchant, now()).await, Ok(()));
    let health = Health::default();
    assert_eq!(
        store.keep_health(merchant, &health, None).await,
        Ok(false),
        "as if somebody had been quicker"
    );
    let kept = store.keep_refunded(payment, &Refunded::default()).await;
    assert_eq!(kept, Ok(false));
    let known = profile(merchant, now());
    assert_eq!(store.learn_merchant(&known).await, Ok(false));
    let seen = store.breaker(&kinds.service).await.expect("a store");
    let closed = store
        .change_breaker(&kinds.service, &seen, &Breaker::Closed)
        .await;
    assert_eq!(closed, Ok(false));
    let claim = LinkClaim {
        key: link,
        owner: "one",
        now: far(),
        lease: LEASE,
        quiescence: LEASE,
    };
    let record = "7".parse().expect("an id");
    assert!(is_unreadable(
        store.claim_link(&claim, b"asked", Some(&record)).await
    ));
    assert!(is_unreadable(store.claim_change(&claim, None).await.map(
        |claimed| {
            assert!(!matches!(claimed, ChangeClaimed::Ours { .. }));
        }
    )));
    let newer = ParkedChange {
        version: Version {
            number: 9,
            at: None,
        },
        ..kinds.change.clone()
    };
    assert!(is_unreadable(store.park_change(merchant, &newer).await));
    let erased = store
        .erase_links(merchant, &link.customer, far(), LEASE)
        .await;
    let erased = erased.expect("a store");
    assert_eq!((erased.rows, erased.unreadable), (0, 1), "it says so");
    let parked = store.parked_changes(merchant, None, 9).await;
    let parked = parked.expect("a store").into_iter();
    let payloads: Vec<_> = parked.flatten().map(|change| change.payload).collect();
    assert_eq!(
        payloads,
        [b""],
        "it stands in its place, and nobody opens it"
    );
    assert_eq!(kinds.enters().await, Ok(DoorClaimed::Busy));
}
