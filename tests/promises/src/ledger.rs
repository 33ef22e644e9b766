//! The ledger: a claim is one worker's, what it froze stays, and what became of it is written once.

use std::time::Duration;

use bookkeeping::ids::{MerchantId, PaymentId, RealmId};
use bookkeeping::outcome::Synced;
use bookkeeping::reason::{Reason, ReasonCode};
use bookkeeping::transaction::TransactionKey;
use common::store::{
    Carrier, Claim, Claimed, Completion, Frozen, Listing, Row, Settlement, Standing, Store, Written,
};
use jiff::Timestamp;

const LEASE: Duration = Duration::from_secs(45);

const QUIESCENCE: Duration = Duration::from_secs(300);

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_795_000_000 + second).expect("an instant")
}

fn realm(last: u32) -> RealmId {
    RealmId::parse(&format!("934145000000000{last}")).expect("a company")
}

fn synced(receipt: &str) -> Synced {
    Synced {
        realm: realm(1),
        receipt: receipt.parse().expect("an id"),
        number: Some("MC-1".to_owned()),
    }
}

/// One transaction and whoever is at it.
struct Desk<'a, S> {
    store: &'a S,
    key: TransactionKey,
    listing: Listing,
}

impl<'a, S: Store> Desk<'a, S> {
    fn new(store: &'a S, merchant: &MerchantId, id: &str) -> Self {
        let id = PaymentId::parse(id).expect("an id");
        Self {
            store,
            key: TransactionKey::payment(merchant.clone(), &id),
            listing: Listing::unread(at(0)),
        }
    }

    fn claim<'b>(&'b self, owner: &'b str, second: i64, realm: &'b RealmId) -> Claim<'b> {
        Claim {
            key: &self.key,
            owner,
            now: at(second),
            lease: LEASE,
            quiescence: QUIESCENCE,
            fingerprint: "figures",
            realm,
            epoch: 1,
            frozen: Some(Frozen {
                request_id: "first",
                receipt: b"first",
                listing: &self.listing,
            }),
        }
    }

    /// What stood before, if the claim is theirs; else what stands in the way.
    async fn claims(&self, owner: &str, second: i64) -> Result<Option<Standing>, Standing> {
        let realm = realm(1);
        let claimed = self.store.claim(&self.claim(owner, second, &realm)).await;
        match claimed.expect("a store") {
            Claimed::Ours { before } => Ok(before.map(|row| row.standing)),
            Claimed::Refused(row) => Err(row.standing),
        }
    }

    async fn settles(&self, owner: Option<&str>, standing: Standing, due: i64) -> Written {
        let reason = Reason::new(ReasonCode::Throttled);
        let realm = realm(1);
        let settlement = Settlement {
            key: &self.key,
            standing,
            reason: &reason,
            anew: None,
            owner,
            fingerprint: "figures",
            realm: Some(&realm),
            since: at(1),
            now: at(1),
            due: Some(at(due)),
            payload: b"message",
            listing: &self.listing,
            carrier: Carrier::Queue,
        };
        self.store.settle(&settlement).await.expect("a store")
    }

    async fn completes(&self, receipt: &str) -> Written {
        let completion = Completion {
            key: &self.key,
            synced: &synced(receipt),
            version: &"0".parse().expect("a version"),
            posted: None,
            listing: &self.listing,
            now: at(9),
        };
        self.store.complete(&completion).await.expect("a store")
    }

    async fn row(&self) -> Row {
        let row = self.store.row(&self.key).await.expect("a store");
        row.expect("a row")
    }
}

/// What stands in the way of a write is handed back with the refusal.
fn in_the_way(written: Written) -> Option<Standing> {
    match written {
        Written::Done => None,
        Written::Refused(row) => Some(row.standing),
    }
}

/// At most one worker has a transaction, what was frozen first stays, and a receipt is recorded once (R2), of a merchant
/// without transactions.
///
/// # Panics
///
/// Where a promise is broken.
pub async fn about_the_ledger(store: &impl Store, merchant: &MerchantId) {
    claims(&Desk::new(store, merchant, "pay_1")).await;
    settlements(&Desk::new(store, merchant, "pay_2")).await;
    completions(&Desk::new(store, merchant, "pay_3")).await;
    repetitions(&Desk::new(store, merchant, "pay_4")).await;
}

/// One at a time; who died gives it up only when its request would show.
async fn claims(desk: &Desk<'_, impl Store>) {
    assert_eq!(desk.store.row(&desk.key).await, Ok(None));
    let realm_1 = realm(1);
    let blind = Claim {
        frozen: None,
        ..desk.claim("nobody", 0, &realm_1)
    };
    let blind = desk.store.claim(&blind).await;
    // There is nothing to take up. A store may say so as it likes, but claims nothing.
    assert!(!matches!(blind, Ok(Claimed::Ours { .. })), "{blind:?}");
    assert_eq!(desk.claims("one", 0).await, Ok(None));
    assert_eq!(desk.claims("two", 1).await, Err(Standing::Claimed));
    assert_eq!(desk.claims("two", 345).await, Err(Standing::Claimed));
    assert_eq!(desk.claims("two", 346).await, Ok(Some(Standing::Claimed)));
    let row = desk.row().await;
    assert_eq!((row.attempt, row.owner.as_deref()), (2, Some("two")));
    assert_eq!((row.received, row.claimed), (Some(at(0)), Some(at(0))));

    // What was frozen first is sent by everybody; another company or other figures claim nothing.
    let other = realm(2);
    let elsewhere = desk.store.claim(&desk.claim("three", 999, &other)).await;
    assert!(matches!(elsewhere, Ok(Claimed::Refused(_))));
    let figures = Claim {
        fingerprint: "other figures",
        ..desk.claim("three", 999, &realm_1)
    };
    let figures = desk.store.claim(&figures).await;
    assert!(matches!(figures, Ok(Claimed::Refused(_))));
    let anew = Claim {
        frozen: Some(Frozen {
            request_id: "second",
            receipt: b"second",
            listing: &desk.listing,
        }),
        ..desk.claim("three", 999, &realm_1)
    };
    let anew = desk.store.claim(&anew).await;
    assert!(matches!(anew, Ok(Claimed::Ours { .. })));
    let row = desk.row().await;
    assert_eq!(row.request_id.as_deref(), Some("first"));
    assert_eq!(row.frozen.as_deref(), Some(&b"first"[..]));
}

/// A settlement is the owner's, or of what was never sent.
async fn settlements(desk: &Desk<'_, impl Store>) {
    let parked = Standing::Parked;
    assert_eq!(in_the_way(desk.settles(None, parked, 0).await), None);
    assert_eq!(in_the_way(desk.settles(None, parked, 5).await), None);
    assert_eq!(desk.claims("one", 2).await, Ok(Some(parked)));
    let claimed = Some(Standing::Claimed);
    assert_eq!(in_the_way(desk.settles(None, parked, 0).await), claimed);
    let other = desk.settles(Some("two"), parked, 0).await;
    assert_eq!(in_the_way(other), claimed);
    let ambiguous = Standing::Ambiguous;
    let lost = desk.settles(Some("one"), ambiguous, 300).await;
    assert_eq!(in_the_way(lost), None);
    let row = desk.row().await;
    assert_eq!((row.standing, row.owner.clone()), (ambiguous, None));
    assert_eq!((row.due, row.since), (Some(at(300)), Some(at(1))));

    // It may have been sent: nobody parks it as if it never was, and nobody takes it before its time.
    let unsent = desk.settles(None, parked, 0).await;
    assert_eq!(in_the_way(unsent), Some(ambiguous));
    assert_eq!(desk.claims("two", 299).await, Err(ambiguous));
    assert_eq!(desk.claims("two", 300).await, Ok(Some(ambiguous)));

    // Drawn up anew, it forgets what was frozen and asks under another id.
    let reason = Reason::new(ReasonCode::CustomerGone);
    let realm = realm(1);
    let anew = Settlement {
        key: &desk.key,
        standing: parked,
        reason: &reason,
        anew: Some("second"),
        owner: Some("two"),
        fingerprint: "figures",
        realm: Some(&realm),
        since: at(301),
        now: at(301),
        due: None,
        payload: b"message",
        listing: &desk.listing,
        carrier: Carrier::Queue,
    };
    assert_eq!(desk.store.settle(&anew).await, Ok(Written::Done));
    let row = desk.row().await;
    assert_eq!(
        (row.request_id.as_deref(), row.frozen),
        (Some("second"), None)
    );
    assert_eq!(row.due, None);
}

/// A receipt is a fact, whoever reports it; another one beside it is refused, with the first handed back.
async fn completions(desk: &Desk<'_, impl Store>) {
    assert_eq!(desk.claims("one", 0).await, Ok(None));
    assert_eq!(desk.completes("412").await, Written::Done);
    assert_eq!(desk.completes("412").await, Written::Done, "the same again");
    let Written::Refused(first) = desk.completes("413").await else {
        panic!("two receipts")
    };
    assert_eq!(first.synced, Some(synced("412")));
    let row = desk.row().await;
    assert_eq!((row.standing, row.frozen), (Standing::Synced, None));
    assert_eq!((row.reason, row.recorded), (None, Some(at(9))));
    let synced = Standing::Synced;
    assert_eq!(desk.claims("two", 9_999).await, Err(synced));
    let held = desk.settles(None, Standing::Held, 0).await;
    assert_eq!(in_the_way(held), Some(synced));
    let late = desk.settles(Some("one"), Standing::Parked, 0).await;
    assert_eq!(in_the_way(late), Some(synced));
}

/// Who held what is done, and nobody's, is not taken up.
async fn repetitions(desk: &Desk<'_, impl Store>) {
    let held = Standing::Held;
    assert_eq!(in_the_way(desk.settles(None, held, 0).await), None);
    assert_eq!(desk.claims("one", 1).await, Err(held));
    let again = desk.settles(None, Standing::Parked, 0).await;
    assert_eq!(in_the_way(again), Some(held));
    assert_eq!(
        desk.row().await.reason,
        Some(Reason::new(ReasonCode::Throttled))
    );
}
