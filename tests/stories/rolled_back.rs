//! A deployment that was rolled back meets rows of the version it came back from.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use bookkeeping::breaker::Breaker;
use bookkeeping::customer::Version;
use bookkeeping::health::Health;
use bookkeeping::ids::{CustomerId, MerchantId, PaymentId, RefundId};
use bookkeeping::outcome::Synced;
use bookkeeping::reason::{Reason, ReasonCode};
use bookkeeping::transaction::TransactionKey;
use common::store::breakers::Seen;
use common::store::dynamodb::DynamoDb;
use common::store::{
    Arming, Breakers, Carrier, ChangeClaimed, Changes, Claim, Completion, Connections, Door,
    DoorClaim, DoorClaimed, Doors, Frozen, Healths, KeptMessage, Ledger, LinkClaim, LinkKey, Links,
    Listing, Lots, Onboarding, ParkedChange, Refunded, Refunds, Release, Saved, Settlement,
    Standing, StoreError, Tokens,
};
use common::world::World;
use serde_json::{Value, json};

use crate::bench::{Bench, now, payment, until};
use crate::health::profile;

const LEASE: Duration = Duration::from_secs(45);

/// A row, as it is in its table.
type Item = HashMap<String, AttributeValue>;

fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

fn is_unreadable<T>(answer: Result<T, StoreError>) -> bool {
    matches!(answer, Err(StoreError::Unreadable(_)))
}

/// A merchant of whom there is a row of each kind, written by this version.
struct Kinds {
    bench: Bench,
    store: DynamoDb,
    merchant: MerchantId,
    payment: TransactionKey,
    link: LinkKey,
    door: Door,
    change: ParkedChange,
    service: String,
}

impl Kinds {
    async fn written() -> Self {
        let bench = Bench::start().await;
        bench.send(payment("pay_1")).await;
        bench.comes_through("pay_1").await;
        let merchant = MerchantId::parse(&bench.merchant).expect("an id");
        let id = PaymentId::parse("pay_1").expect("an id");
        let customer: CustomerId = "cus_91ab".parse().expect("a customer");
        let kinds = Self {
            store: bench.store().await,
            payment: TransactionKey::payment(merchant.clone(), &id),
            link: LinkKey {
                merchant: merchant.clone(),
                realm: bench.realm.parse().expect("a company"),
                customer: customer.clone(),
                currency: None,
            },
            door: Door {
                merchant: merchant.clone(),
                realm: bench.realm.parse().expect("a company"),
                sought: "somebody".to_owned(),
            },
            change: ParkedChange {
                customer,
                version: Version {
                    number: 8,
                    at: None,
                },
                payload: b"sealed".to_vec(),
                until: None,
            },
            service: format!("service-{merchant}"),
            merchant,
            bench,
        };
        kinds.write().await;
        kinds
    }

    /// Writes the rows that the payment did not bring.
    async fn write(&self) {
        let Self {
            store, merchant, ..
        } = self;
        let refunded = Refunded {
            allowed: vec![RefundId::parse("ref_1").expect("an id")],
            ..Refunded::default()
        };
        assert_eq!(
            store.keep_refunded(&self.payment, &refunded).await,
            Ok(true)
        );
        self.arm().await.expect("a store");
        store.summon(merchant, far()).await.expect("a store");
        let read = store.merchant(merchant).await.expect("a store");
        let learned = match read {
            Some(_) => true,
            None => store
                .learn_merchant(&profile(merchant, now()))
                .await
                .expect("a store"),
        };
        assert!(learned);
        store
            .park_change(merchant, &self.change)
            .await
            .expect("a store");
        let open = Breaker::Open {
            probe_at: far(),
            answered: 0,
        };
        let changed = store
            .change_breaker(&self.service, &Seen::default(), &open)
            .await;
        assert_eq!(changed, Ok(true));
        assert!(matches!(
            self.enters().await,
            Ok(DoorClaimed::Ours { created: None })
        ));
        self.keep_message().await.expect("a store");
    }

    /// Arms the lot, for a time no sweep comes to.
    async fn arm(&self) -> Result<(), StoreError> {
        let arming = Arming {
            due: far(),
            ..Arming::from_now(&self.merchant, now())
        };
        self.store.arm(&arming).await.map(|_| ())
    }

    async fn enters(&self) -> Result<DoorClaimed, StoreError> {
        let claim = DoorClaim {
            door: &self.door,
            // Whoever has it may come in once more.
            owner: "one",
            now: now(),
            lease: LEASE,
            quiescence: LEASE,
        };
        self.store.claim_door(&claim).await
    }

    async fn keep_message(&self) -> Result<(), StoreError> {
        let reason = Reason::new(ReasonCode::Unreadable);
        let message = KeptMessage {
            group: self.merchant.as_str(),
            message_id: "message_1",
            reason: &reason,
            payload: b"sealed",
            now: now(),
        };
        self.store.keep_message(&message).await
    }

    /// The tables, by the stack's names of them.
    async fn tables(&self) -> (aws_sdk_dynamodb::Client, [String; 4]) {
        let tables = [
            "ConnectionsTable",
            "TokensTable",
            "LedgerTable",
            "LinksTable",
        ];
        let sdk = self.bench.sdk();
        let named = tables.map(|name| self.bench.output(name));
        (aws_sdk_dynamodb::Client::new(&sdk), named)
    }

    /// Every row that is the merchant's or of its service, by table and key.
    async fn rows(&self) -> Vec<(String, Item)> {
        let (dynamodb, tables) = self.tables().await;
        let mut rows = Vec::new();
        for table in tables {
            let scan = dynamodb.scan().table_name(&table).consistent_read(true);
            let found = scan.into_paginator().items().send();
            let found: Vec<Item> = found.try_collect().await.expect("a table");
            let is_its = |item: &Item| {
                let pk = item["pk"].as_s().expect("a key");
                let mine = self.merchant.as_str();
                pk == mine || pk.starts_with(&format!("{mine}#")) || pk.ends_with(&self.service)
            };
            let mine = found.into_iter().filter(is_its);
            rows.extend(mine.map(|item| (table.clone(), item)));
        }
        rows.sort_by_key(|(table, item)| {
            (table.clone(), format!("{:?} {:?}", item["pk"], item["sk"]))
        });
        rows
    }

    /// Changes every row of the merchant as a later version would leave it; gives them.
    async fn are_written_later(&self, change: impl Fn(&mut Item)) -> Vec<(String, Item)> {
        let (dynamodb, _) = self.tables().await;
        let mut rows = self.rows().await;
        for (table, item) in &mut rows {
            item.insert("later_on".to_owned(), text("a later version's"));
            change(item);
            let put = dynamodb.put_item().table_name(&*table);
            let put = put.set_item(Some(item.clone()));
            put.send().await.expect("a table");
        }
        rows
    }
}

/// A time no clock of the stack comes to.
fn far() -> jiff::Timestamp {
    jiff::Timestamp::from_second(4_000_000_000).expect("an instant")
}

// R36: rolling back
#[tokio::test]
async fn what_a_later_version_wrote_is_neither_read_nor_written_over_whatever_row_it_is() {
    let kinds = Kinds::written().await;
    let before = kinds
        .are_written_later(|item| {
            item.insert("v".to_owned(), AttributeValue::N("2".to_owned()));
        })
        .await;
    // Transaction, its refunds, lot, health, kept message, breaker; connection, profile; tokens; link, record, door, change.
    assert!(before.len() >= 13, "{} rows", before.len());
    nobody_reads(&kinds).await;
    nobody_claims(&kinds).await;
    nobody_writes(&kinds).await;
    assert_eq!(kinds.rows().await, before);
}

async fn nobody_reads(kinds: &Kinds) {
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
    assert_eq!(
        store.breaker(&kinds.service).await.map(|seen| seen.breaker),
        Ok(Breaker::Closed),
        "nobody is stopped by what nobody understands"
    );
}

/// Whatever was read before.
async fn nobody_claims(kinds: &Kinds) {
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
        carrier: Carrier::Queue,
        now: now(),
    };
    assert!(is_unreadable(store.complete(&completion).await));
}

async fn nobody_writes(kinds: &Kinds) {
    let Kinds {
        store,
        merchant,
        payment,
        link,
        ..
    } = kinds;
    let left = store.leave_lot(payment, Standing::Synced).await;
    assert_eq!(left, Ok(()));
    let released = store.release(merchant, Release::One(payment), now()).await;
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
    assert!(is_unreadable(erased), "an erasure says that it is not done");
    let parked = store.parked_changes(merchant, None, 9).await;
    let parked = parked.expect("a store").into_iter();
    let payloads: Vec<_> = parked.map(|change| change.payload).collect();
    assert_eq!(
        payloads,
        [b""],
        "it stands in its place, and nobody opens it"
    );
    assert_eq!(kinds.enters().await, Ok(DoorClaimed::Busy));
}

// R36: rolling back
#[tokio::test]
async fn fields_that_a_later_version_added_outlive_what_this_one_writes() {
    let kinds = Kinds::written().await;
    let Kinds {
        store,
        merchant,
        payment: first,
        link,
        bench,
        ..
    } = &kinds;
    let add = |value: &mut Value| value["later_on"] = json!({"of": ["a later version"]});
    let before = kinds
        .are_written_later(|item| {
            for name in ["body", "health", "refunded", "facts"] {
                let Some(AttributeValue::S(body)) = item.get_mut(name) else {
                    continue;
                };
                let mut value: Value = serde_json::from_str(body).expect("JSON");
                // A breaker is a word and its times, and is never written over where it is not as it was seen.
                if value["state"].is_string() && value["company"].is_null() {
                    continue;
                }
                add(&mut value);
                if value["settings"].is_object() {
                    add(&mut value["settings"]);
                }
                *body = value.to_string();
            }
        })
        .await;

    let connection = store.opening(merchant).await.expect("a store").connection;
    let connection = connection.expect("connected");
    assert_eq!(store.revise(&connection, None).await, Ok(true));
    let health = store.health(merchant).await.expect("a store");
    assert_eq!(store.keep_health(merchant, &health, None).await, Ok(true));
    let refunded = store.refunded(first).await.expect("a store");
    assert_eq!(store.keep_refunded(first, &refunded).await, Ok(true));
    let known = store.merchant(merchant).await.expect("a store");
    let known = known.expect("a merchant");
    assert_eq!(store.learn_merchant(&known).await, Ok(true));
    let links = store.links(std::slice::from_ref(link)).await;
    let linked = links.expect("a store").remove(0).expect("linked");
    let saved = store.save_change(link, None, &linked, now()).await;
    assert!(saved.is_ok_and(|saved| matches!(saved, Saved::Done(_))));
    kinds.arm().await.expect("a store");
    // All of it once more, as it is used.
    bench.catches_up("pay_2").await;

    let of = |item: &Item| {
        let fields = ["body", "health", "refunded", "facts"].map(|name| match item.get(name) {
            Some(AttributeValue::S(body)) => body.matches("later_on").count(),
            _ => 0,
        });
        (item.contains_key("later_on"), fields)
    };
    let after = kinds.rows().await;
    for (table, item) in &before {
        let stands = after.iter().find(|(other, now)| {
            other == table && now["pk"] == item["pk"] && now["sk"] == item["sk"]
        });
        let (_, stands) = stands.expect("it is still there");
        // A profile is put whole: its body keeps what it does not know, the row has nothing besides.
        let is_profile = item["sk"] == text("merchant");
        let wanted = of(item);
        assert_eq!(of(stands).1, wanted.1, "{:?}", item["sk"]);
        assert_eq!(of(stands).0, !is_profile, "{:?}", item["sk"]);
    }
}

// R36, R29: rolling back
#[tokio::test]
async fn a_payment_that_a_later_version_parked_waits_for_it_and_the_others_go_past_it() {
    let bench = Bench::start().await;
    let merchant = MerchantId::parse(&bench.merchant).expect("an id");
    bench.trouble("down", "salesreceipt.create", 1_000).await;
    for id in ["pay_1", "pay_2"] {
        bench.send(payment(id)).await;
        let waits = |outcome: &Value| outcome["type"] == "transaction.waiting";
        bench.outcome(id, waits).await;
    }
    let version = async |version: &str| {
        let dynamodb = aws_sdk_dynamodb::Client::new(&bench.sdk());
        let update = dynamodb
            .update_item()
            .table_name(bench.output("LedgerTable"))
            .key("pk", text(merchant.as_str()))
            .key("sk", text("payment#pay_1"))
            .update_expression("SET v = :v")
            .expression_attribute_values(":v", AttributeValue::N(version.to_owned()));
        update.send().await.expect("a table");
    };
    version("2").await;
    bench.calm().await;
    bench.comes_through("pay_2").await;
    bench.lists("", &["payment#pay_1"]).await;
    assert_eq!(bench.receipts().await.len(), 1);
    // Let go of, and due again: somebody comes.
    let store = bench.store().await;
    until("the drain to let go", async || {
        let lot = store.lot(&merchant).await.expect("a store")?;
        (lot.due.is_some() && lot.drainer.is_none()).then_some(())
    })
    .await;

    // Rolled forward: what can read it comes by. Here the row is put back instead.
    version("1").await;
    let arming = Arming::from_now(&merchant, now());
    store.arm(&arming).await.expect("a store");
    let whose = std::slice::from_ref(&merchant);
    bench.world().wake(whose, Duration::ZERO).await;
    bench.comes_through("pay_1").await;
    assert_eq!(bench.receipts().await.len(), 2);
}
