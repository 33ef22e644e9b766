//! The list: each transaction once, where it moved, with all that is added up of it; and nothing beyond the span.

use bookkeeping::ids::{MerchantId, PaymentId, RefundId};
use bookkeeping::money::{Amount, Currency, Percent};
use bookkeeping::outcome::Synced;
use bookkeeping::reason::{Reason, ReasonCode, State};
use bookkeeping::refund::{Posted, PostedTax};
use bookkeeping::transaction::{Kind, Method, TransactionKey};
use common::store::activity::{Listed, Span};
use common::store::{Carrier, Completion, Listing, Settlement, Standing, Store};
use jiff::Timestamp;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_795_000_000 + second).expect("an instant")
}

fn listing(second: i64, minor: i64) -> Listing {
    Listing {
        amount: Some(Amount::from_minor(minor, Currency::CAD)),
        method: Some("card".to_owned()),
        ..Listing::unread(at(second))
    }
}

fn posted(tax: i64) -> Posted {
    let taxed = PostedTax {
        rate: "3".parse().expect("a rate"),
        percent: Percent::parse("5").expect("a percentage"),
        amount: tax,
    };
    Posted {
        currency: Currency::CAD,
        lines: Vec::new(),
        taxes: vec![taxed],
        document_code: None,
        rows: Vec::new(),
        customer: "41".parse().expect("a record"),
        deposit_account: "91".parse().expect("an account"),
        method: Method::Card,
        payment_method: None,
        exchange_rate: None,
        class: None,
        location: None,
    }
}

/// What is listed of a span: all of it, by time.
async fn told(store: &impl Store, merchant: &MerchantId, from: i64, until: i64) -> Vec<Listed> {
    let mut told = Vec::new();
    let is_whole = store.tally(merchant, at(from), at(until), |one| told.push(one));
    assert!(is_whole.await.expect("a store"), "a handful is told whole");
    told.sort_by_key(|one| one.at);
    told
}

/// Every transaction has one place in the list, at the moment its money moved, as it stands by now; what is added up of it
/// stands there, and a span ends before its end (R10, R33).
///
/// # Panics
///
/// Where a promise is broken.
pub async fn about_the_list(store: &impl Store, merchant: &MerchantId) {
    let payment =
        |id: &str| TransactionKey::payment(merchant.clone(), &PaymentId::parse(id).expect("an id"));
    let refund =
        TransactionKey::refund(merchant.clone(), &RefundId::parse("ref_1").expect("an id"));
    let realm = "9341450000000001".parse().expect("a company");
    let reason = Reason::new(ReasonCode::Throttled);
    let waits = async |key: &TransactionKey, listing: &Listing| {
        let settlement = Settlement {
            key,
            standing: Standing::Parked,
            reason: &reason,
            anew: None,
            owner: None,
            fingerprint: "figures",
            realm: Some(&realm),
            since: at(1),
            now: at(1),
            due: Some(at(2)),
            payload: b"message",
            listing,
            carrier: Carrier::Queue,
        };
        store.settle(&settlement).await.expect("a store");
    };
    let (first, second, third) = (payment("pay_1"), payment("pay_2"), payment("pay_3"));
    waits(&first, &listing(10, 10_253)).await;
    waits(&second, &listing(20, 500)).await;
    waits(&third, &Listing::unread(at(40))).await;
    waits(&refund, &listing(30, 300)).await;
    let taxed = posted(400);
    let synced = Synced {
        realm: realm.clone(),
        receipt: "412".parse().expect("an id"),
        number: None,
    };
    let completion = Completion {
        key: &first,
        synced: &synced,
        version: &"0".parse().expect("a version"),
        posted: Some(&taxed),
        listing: &listing(10, 10_253),
        now: at(9),
    };
    store.complete(&completion).await.expect("a store");

    let one = |second: i64, (kind, id): (Kind, &str), state, minor: Option<i64>| Listed {
        at: at(second),
        kind: Some(kind),
        id: id.to_owned(),
        state,
        amount: minor.map(|minor| Amount::from_minor(minor, Currency::CAD)),
        method: minor.map_or(String::new(), |_| "card".to_owned()),
        realm: None,
        differs: false,
        unreadable: false,
        taxes: Vec::new(),
    };
    let recorded = Listed {
        realm: Some(realm.clone()),
        taxes: vec![("3".parse().expect("a rate"), 400)],
        ..one(10, (Kind::Payment, "pay_1"), State::Synced, Some(10_253))
    };
    let all = [
        recorded,
        one(20, (Kind::Payment, "pay_2"), State::Waiting, Some(500)),
        one(30, (Kind::Refund, "ref_1"), State::Waiting, Some(300)),
        one(40, (Kind::Payment, "pay_3"), State::Waiting, None),
    ];
    assert_eq!(told(store, merchant, 0, 100).await, all);
    assert_eq!(told(store, merchant, 20, 40).await, all[1..3]);
    assert_eq!(told(store, merchant, 41, 100).await, []);
    let unknown = payment("pay_none");
    let asked = [third.clone(), first.clone(), third.clone(), unknown];
    let rows = store.rows(&asked).await.expect("a store");
    let states: Vec<_> = rows.iter().map(|(key, row)| (key, row.state())).collect();
    let each = [(&first, State::Synced), (&third, State::Waiting)];
    assert_eq!(states, each, "each once, and none that does not exist");
    let listed = async |after: Option<&str>, limit| {
        let span = Span {
            from: at(0),
            until: at(40),
            after,
            limit,
        };
        store.activity(merchant, &span).await.expect("a store")
    };
    let page = listed(None, 2).await;
    let keys: Vec<_> = page.iter().map(|entry| entry.key.clone()).collect();
    assert_eq!(keys, [Some(refund), Some(second)], "the newest first");
    let page = listed(Some(&page[1].position), 2).await;
    let keys: Vec<_> = page.iter().map(|entry| entry.key.clone()).collect();
    assert_eq!(keys, [Some(first)]);
}
