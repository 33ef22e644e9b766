//! Lots: armed before anything waits in them, one drain's at a time, listed in order and page by page.

use std::time::Duration;

use bookkeeping::ids::{MerchantId, PaymentId, RealmId};
use bookkeeping::outcome::Synced;
use bookkeeping::reason::{Reason, ReasonCode};
use bookkeeping::transaction::TransactionKey;
use common::store::lot::due_shard;
use common::store::{
    Armed, Arming, Carrier, Completion, Decision, HandOver, HandedOver, Listing, Lot, Place,
    Release, Row, Settlement, Standing, Store, Taken, Unless, Written,
};
use jiff::Timestamp;

const LEASE: Duration = Duration::from_secs(60);

/// In a time to come: nobody's sweep finds what is due then.
fn at(second: i64) -> Timestamp {
    Timestamp::from_second(4_000_000_000 + second).expect("an instant")
}

fn next(unless: Unless, due: Option<i64>) -> HandOver {
    HandOver {
        unless,
        due: due.map(at),
        open_since: due.map(|_| at(0)),
        rest_until: None,
        rests: 0,
        paused: None,
        is_worked_off: due.is_none(),
    }
}

/// Whoever waits is in an armed lot, one drain has it at a time, and what is told leaves it (R29, R34), of a merchant
/// without transactions.
///
/// # Panics
///
/// Where a promise is broken.
pub async fn about_lots(store: &impl Store, merchant: &MerchantId) {
    turns(store, merchant).await;
    places(store, merchant).await;
}

async fn turns(store: &impl Store, merchant: &MerchantId) {
    let arm = async |due: i64, open, now: i64| {
        let arming = Arming {
            merchant,
            due: at(due),
            open,
            rest_until: None,
            frees: false,
            now: at(now),
        };
        store.arm(&arming).await.expect("a store")
    };
    let lot = async || store.lot(merchant).await.expect("a store");
    let takes = async |owner, now: i64| {
        let taken = store.take_lot(merchant, owner, at(now), LEASE).await;
        taken.expect("a store")
    };
    let is_due = async |now: i64| {
        let due = store.due_lots(due_shard(merchant), at(now)).await;
        due.expect("a store").contains(merchant)
    };
    assert_eq!(takes("one", 0).await, Taken::Unarmed);

    // The earlier of two times stands, and every arming counts.
    assert_eq!(arm(100, false, 0).await, Armed::Unattended);
    assert_eq!(arm(200, false, 1).await, Armed::Awaited);
    assert_eq!(arm(50, true, 2).await, Armed::Unattended);
    let armed = lot().await.expect("a lot");
    assert_eq!((armed.arm, armed.due), (3, Some(at(50))));
    assert_eq!(
        (armed.armed_at, armed.open_since),
        (Some(at(2)), Some(at(2)))
    );
    assert_eq!((is_due(49).await, is_due(50).await), (false, true));

    // One drain at a time. It is due again when its lease ends.
    let Taken::Ours(taken) = takes("one", 50).await else {
        panic!("not taken")
    };
    assert_eq!(taken.arm, 3);
    assert_eq!(takes("two", 60).await, Taken::Busy);
    assert!(
        matches!(takes("one", 60).await, Taken::Ours(_)),
        "asked again"
    );
    assert_eq!((is_due(119).await, is_due(120).await), (false, true));
    let kept = store.keep_lot(merchant, "one", at(100), LEASE, 7).await;
    assert_eq!(kept.expect("a store").map(|lot| lot.recorded), Some(7));
    let others = store.keep_lot(merchant, "two", at(100), LEASE, 1).await;
    assert_eq!(others, Ok(None));
    assert_eq!(
        arm(105, false, 105).await,
        Armed::Awaited,
        "a drain is at it"
    );
    assert!(matches!(takes("two", 161).await, Taken::Ours(_)), "it died");

    // Whoever lost it lets go of nothing, and nobody lets go of what was armed since.
    let hands_over = async |owner, next: HandOver| {
        let handed = store.hand_over(merchant, owner, &next).await;
        handed.expect("a store")
    };
    assert_eq!(
        hands_over("one", next(Unless::Never, None)).await,
        HandedOver::Lost
    );
    assert_eq!(
        hands_over("two", next(Unless::Armed(3), None)).await,
        HandedOver::Armed
    );
    let paused = HandOver {
        paused: Some(Reason::new(ReasonCode::QuickBooksRefused)),
        rest_until: Some(at(500)),
        rests: 2,
        ..next(Unless::Freed(0), Some(500))
    };
    assert_eq!(hands_over("two", paused.clone()).await, HandedOver::Done);
    let stands = lot().await.expect("a lot");
    assert_eq!((stands.drainer.clone(), stands.due), (None, Some(at(500))));
    assert_eq!((stands.rests, stands.recorded), (2, 7));
    assert_eq!(
        (stands.paused, stands.rest_until),
        (paused.paused, Some(at(500)))
    );
    assert!(matches!(takes("three", 500).await, Taken::Ours(_)));
    // What was mended meanwhile is not put off, however often it is handed over without knowing of it.
    let mended = Arming::from_now(merchant, at(501));
    store.arm(&mended).await.expect("a store");
    let unaware = next(Unless::Freed(0), Some(600));
    assert_eq!(hands_over("three", unaware).await, HandedOver::Armed);
    // It stays armed for a while after nothing waits; what comes then is counted by itself.
    let aware = HandOver {
        is_worked_off: true,
        ..next(Unless::Freed(1), Some(600))
    };
    assert_eq!(hands_over("three", aware).await, HandedOver::Done);
    assert_eq!(lot().await.map(|lot| lot.recorded), Some(0));
    assert!(matches!(takes("three", 600).await, Taken::Ours(_)));
    assert_eq!(
        hands_over("three", next(Unless::Armed(5), None)).await,
        HandedOver::Done
    );
    let ended = lot().await.unwrap_or_default();
    assert_eq!(
        ended,
        Lot {
            arm: 5,
            freed: 1,
            armed_at: ended.armed_at,
            ..Lot::default()
        }
    );
    assert!(!is_due(9_999).await);
    assert_eq!(takes("four", 9_999).await, Taken::Unarmed);
}

/// Somebody's hand on transactions of one merchant.
struct Hand<'a, S> {
    store: &'a S,
    merchant: &'a MerchantId,
}

impl<S: Store> Hand<'_, S> {
    fn key(&self, number: i64) -> TransactionKey {
        let id = PaymentId::parse(&format!("pay_{number}")).expect("an id");
        TransactionKey::payment(self.merchant.clone(), &id)
    }

    async fn settles(&self, number: i64, standing: Standing, code: ReasonCode) {
        let (key, reason) = (self.key(number), Reason::new(code));
        let (payload, listing) = (format!("message {number}"), Listing::unread(at(number)));
        let settlement = Settlement {
            key: &key,
            standing,
            reason: &reason,
            anew: None,
            owner: None,
            fingerprint: "figures",
            realm: None,
            since: at(0),
            now: at(0),
            due: None,
            payload: payload.as_bytes(),
            listing: &listing,
            carrier: Carrier::Queue,
        };
        let settled = self.store.settle(&settlement).await;
        assert_eq!(settled, Ok(Written::Done));
    }

    async fn page(&self, after: Option<&Place>, limit: usize) -> Vec<Place> {
        let after = after.map(|place| place.order.as_str());
        let page = self.store.places(self.merchant, after, limit).await;
        let page: Result<Vec<Place>, String> = page.expect("a store").into_iter().collect();
        page.expect("places of this version")
    }

    async fn held(&self) -> Vec<(Place, Row)> {
        let held = self.store.held(self.merchant, None, 99).await;
        held.expect("a store")
    }

    async fn row(&self, number: i64) -> Row {
        let row = self.store.row(&self.key(number)).await.expect("a store");
        row.expect("a row")
    }
}

async fn places(store: &impl Store, merchant: &MerchantId) {
    let hand = Hand { store, merchant };
    // Listed by when the money moved, whatever the order of arrival.
    for number in [4, 2, 5, 1, 3] {
        hand.settles(number, Standing::Parked, ReasonCode::InLine)
            .await;
    }
    let all = hand.page(None, 99).await;
    let keys = |places: &[Place]| -> Vec<String> {
        places.iter().map(|place| place.key.id.clone()).collect()
    };
    assert_eq!(keys(&all), ["pay_1", "pay_2", "pay_3", "pay_4", "pay_5"]);
    assert_eq!(hand.page(None, 2).await, all[..2]);
    assert_eq!(hand.page(Some(&all[1]), 2).await, all[2..4]);
    assert_eq!(hand.page(Some(&all[3]), 2).await, all[4..]);
    assert_eq!(hand.page(Some(&all[4]), 2).await, []);

    // Done, a place is kept until it is told, whoever brought the transaction, and given up as what was told.
    let done = Completion {
        key: &hand.key(2),
        synced: &Synced {
            realm: RealmId::parse("9341450000000001").expect("a company"),
            receipt: "412".parse().expect("an id"),
            number: None,
        },
        version: &"0".parse().expect("a version"),
        posted: None,
        listing: &Listing::unread(at(2)),
        now: at(1),
    };
    assert_eq!(store.complete(&done).await, Ok(Written::Done));
    let waiting = async |places: &[Place]| {
        let waiting = store.waiting(places).await.expect("a store");
        let waiting: Result<Vec<_>, _> = waiting.into_iter().collect();
        waiting.expect("rows of this version")
    };
    let reversed = [all[2].clone(), all[1].clone()];
    let found = waiting(&reversed).await;
    let found: Vec<_> = found
        .into_iter()
        .map(|one| (one.place, one.payload))
        .collect();
    let message = Some(b"message 3".to_vec());
    assert_eq!(found, [(all[2].clone(), message), (all[1].clone(), None)]);
    let leaves = async |number, standing| {
        let left = store.leave_lot(&hand.key(number), standing).await;
        left.expect("a store");
    };
    leaves(2, Standing::Held).await;
    assert_eq!(waiting(&all[1..2]).await.len(), 1, "it does not stand so");
    leaves(3, Standing::Parked).await;
    assert_eq!(waiting(&all[2..3]).await.len(), 1, "it waits on");
    // Told of as it stands, and not as it stood.
    let told = async |since| {
        let noted = store.note_waiting_told(&hand.key(3), since).await;
        noted.expect("a store");
        let row = store.row(&hand.key(3)).await.expect("a store");
        row.expect("a row").told
    };
    assert_eq!(told(at(9)).await, None, "it does not stand so");
    assert_eq!(told(at(0)).await, Some(at(0)));
    leaves(2, Standing::Synced).await;
    assert_eq!(
        waiting(&all[1..2]).await,
        [],
        "whatever the index still shows"
    );
    assert_eq!(
        keys(&hand.page(None, 99).await),
        ["pay_1", "pay_3", "pay_4", "pay_5"]
    );

    // What needs the operator stands apart, and comes back when it is released, armed and no longer paused.
    hand.settles(1, Standing::Held, ReasonCode::TaxUnmapped)
        .await;
    hand.settles(3, Standing::Held, ReasonCode::ItemMissing)
        .await;
    let held: Vec<Place> = hand
        .held()
        .await
        .into_iter()
        .map(|(place, _)| place)
        .collect();
    assert_eq!(keys(&held), ["pay_1", "pay_3"]);
    let release = Release::For(&[ReasonCode::TaxUnmapped]);
    let operator = "op_1".parse().expect("an operator");
    let decided = Some((&operator, Decision::Choice));
    assert_eq!(
        store.release(merchant, release, decided, at(700)).await,
        Ok(1)
    );
    assert_eq!(
        store.release(merchant, release, decided, at(701)).await,
        Ok(0)
    );
    let row = hand.row(1).await;
    assert_eq!((row.standing, row.since), (Standing::Parked, Some(at(700))));
    let by = row
        .decided
        .map(|decided| (decided.by, decided.what, decided.at));
    let told = (operator.clone(), Decision::Choice, at(700));
    assert_eq!(by, Some(told), "whose decision it was stays");
    // A change of settings and another try say nothing of what is to be posted.
    for (what, stands) in [
        (Decision::Again, Decision::Again),
        (Decision::Choice, Decision::Choice),
        (Decision::Excess, Decision::Excess),
        (Decision::Choice, Decision::Excess),
        (Decision::Again, Decision::Excess),
        (Decision::Tax, Decision::Tax),
    ] {
        hand.settles(1, Standing::Held, ReasonCode::TaxUnmapped)
            .await;
        let decided = Some((&operator, what));
        let key = hand.key(1);
        let again = Release::One(&key);
        let released = store.release(merchant, again, decided, at(700)).await;
        assert_eq!(released, Ok(1), "{what:?}");
        let noted = hand.row(1).await.decided.map(|decided| decided.what);
        assert_eq!(noted, Some(stands), "after {what:?}");
    }
    let lot = store.lot(merchant).await.expect("a store").expect("a lot");
    assert_eq!((lot.due, lot.paused), (Some(at(700)), None));
    assert_eq!(
        keys(&hand.page(None, 99).await),
        ["pay_1", "pay_4", "pay_5"]
    );
    // Left out, it stands in the lot until that is told.
    let why = Reason::new(ReasonCode::Dismissed);
    let key = hand.key(3);
    let left_out = store
        .leave_out(merchant, Release::One(&key), &why, at(702))
        .await;
    assert_eq!(left_out, Ok(1));
    let row = hand.row(3).await;
    assert_eq!((row.standing, row.reason), (Standing::Skipped, Some(why)));
    assert_eq!(
        keys(&hand.page(None, 99).await),
        ["pay_1", "pay_3", "pay_4", "pay_5"]
    );
    leaves(3, Standing::Skipped).await;
    assert_eq!(
        keys(&hand.page(None, 99).await),
        ["pay_1", "pay_4", "pay_5"]
    );

    // Answered late, what needed the operator needs nobody, and stands nowhere.
    hand.settles(4, Standing::Held, ReasonCode::TaxUnmapped)
        .await;
    leaves(4, Standing::Held).await;
    let late = Completion {
        key: &hand.key(4),
        listing: &Listing::unread(at(4)),
        ..done
    };
    assert_eq!(store.complete(&late).await, Ok(Written::Done));
    assert_eq!(hand.held().await, []);
    assert_eq!(keys(&hand.page(None, 99).await), ["pay_1", "pay_5"]);
}
