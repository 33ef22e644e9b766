//! A row of each kind, as the tables hold it.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use bookkeeping::breaker::Breaker;
use bookkeeping::customer::Version;
use bookkeeping::ids::{CustomerId, MerchantId, PaymentId, RefundId};
use bookkeeping::reason::{Reason, ReasonCode};
use bookkeeping::transaction::TransactionKey;
use common::store::breakers::Seen;
use common::store::dynamodb::DynamoDb;
use common::store::{
    Arming, Breakers, Carrier, Changes, Door, DoorClaim, DoorClaimed, Doors, Erasure, Healths,
    Kept, KeptMessage, Ledger, LinkKey, Listing, Lots, Onboarding, ParkedChange, Refunded, Refunds,
    Settlement, Standing, StoreError, Written,
};

use crate::bench::{Bench, now, payment};
use crate::health::profile;

pub const LEASE: Duration = Duration::from_secs(45);

/// A row, as it is in its table.
pub type Item = HashMap<String, AttributeValue>;

pub fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

/// A merchant of whom there is a row of each kind, written by this version.
pub struct Kinds {
    pub bench: Bench,
    pub store: DynamoDb,
    pub merchant: MerchantId,
    pub payment: TransactionKey,
    pub held: TransactionKey,
    pub link: LinkKey,
    pub door: Door,
    pub change: ParkedChange,
    pub service: String,
}

impl Kinds {
    pub async fn written() -> Self {
        let bench = Bench::start().await;
        bench.send(payment("pay_1")).await;
        bench.comes_through("pay_1").await;
        let merchant = MerchantId::parse(&bench.merchant).expect("an id");
        let id = PaymentId::parse("pay_1").expect("an id");
        let customer: CustomerId = "cus_91ab".parse().expect("a customer");
        let kinds = Self {
            store: bench.store().await,
            payment: TransactionKey::payment(merchant.clone(), &id),
            held: TransactionKey::payment(merchant.clone(), &"pay_held".parse().expect("an id")),
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
        let erasure = Erasure {
            customer: self.link.customer.clone(),
            look_at: far(),
        };
        store
            .note_erasure(merchant, &erasure)
            .await
            .expect("a store");
        self.hold().await;
    }

    /// A payment of the customer's that needs the operator.
    async fn hold(&self) {
        let listing = Listing {
            customer: Some(self.link.customer.clone()),
            ..Listing::unread(now())
        };
        let settlement = Settlement {
            key: &self.held,
            standing: Standing::Held,
            reason: &Reason::new(ReasonCode::TaxUnmapped),
            anew: None,
            owner: None,
            fingerprint: "figures",
            realm: None,
            since: now(),
            now: now(),
            due: None,
            payload: b"sealed",
            listing: &listing,
            carrier: Carrier::Queue,
        };
        let settled = self.store.settle(&settlement).await;
        assert_eq!(settled, Ok(Written::Done));
    }

    /// Arms the lot, for a time no sweep comes to.
    pub async fn arm(&self) -> Result<(), StoreError> {
        let arming = Arming {
            due: far(),
            ..Arming::from_now(&self.merchant, now())
        };
        self.store.arm(&arming).await.map(|_| ())
    }

    pub async fn enters(&self) -> Result<DoorClaimed, StoreError> {
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

    pub async fn keep_message(&self) -> Result<(), StoreError> {
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
    pub async fn rows(&self) -> Vec<(String, Item)> {
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
    pub async fn are_written_later(&self, change: impl Fn(&mut Item)) -> Vec<(String, Item)> {
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
pub fn far() -> jiff::Timestamp {
    jiff::Timestamp::from_second(4_000_000_000).expect("an instant")
}
