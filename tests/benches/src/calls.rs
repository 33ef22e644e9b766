//! The calls of one payment, in the sizes the sync makes them.

use aws_config::{BehaviorVersion, Region};
use aws_credential_types::Credentials;
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes, ReturnValue};
use aws_sdk_sqs::types::SendMessageBatchRequestEntry;

/// One kind of call.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// A conditional update of the ledger.
    Update,
    /// A read of ten customer links.
    BatchGet,
    /// A receipt to QuickBooks.
    Post,
    /// Ten outcomes.
    Tell,
}

/// Every kind with its name.
pub const KINDS: [(&str, Kind); 4] = [
    ("UpdateItem", Kind::Update),
    ("BatchGetItem of 10", Kind::BatchGet),
    ("POST to QuickBooks", Kind::Post),
    ("SendMessageBatch of 10", Kind::Tell),
];

/// The clients.
pub struct Calls {
    url: String,
    dynamodb: aws_sdk_dynamodb::Client,
    sqs: aws_sdk_sqs::Client,
    http: reqwest::Client,
}

impl Calls {
    /// Clients of servers at one address.
    pub async fn to(url: &str) -> Self {
        let sdk = aws_config::defaults(BehaviorVersion::v2026_01_12())
            .region(Region::new("ca-central-1"))
            .endpoint_url(url)
            .credentials_provider(Credentials::from_keys("AKIABENCH", "secret", None))
            .load()
            .await;
        Self {
            url: url.to_owned(),
            dynamodb: aws_sdk_dynamodb::Client::new(&sdk),
            sqs: aws_sdk_sqs::Client::new(&sdk),
            http: reqwest::Client::new(),
        }
    }

    /// Everything one linked customer's payment calls; each tenth payment carries the batch's shared calls.
    pub async fn payment(&self, number: u64) {
        if number.is_multiple_of(10) {
            self.one(Kind::BatchGet).await;
        }
        self.one(Kind::Update).await;
        self.one(Kind::Post).await;
        self.one(Kind::Update).await;
        if number % 10 == 9 {
            self.one(Kind::Tell).await;
        }
    }

    /// One call.
    pub async fn one(&self, kind: Kind) {
        match kind {
            Kind::Update => self.update().await,
            Kind::BatchGet => self.batch_get().await,
            Kind::Post => self.post().await,
            Kind::Tell => self.tell().await,
        }
    }

    async fn update(&self) {
        let mut update = self
            .dynamodb
            .update_item()
            .table_name("LedgerTable")
            .key("pk", AttributeValue::S("mer_laurier".to_owned()))
            .key("sk", AttributeValue::S("payment#pay_100231".to_owned()))
            .update_expression(
                "SET #state = :v0, frozen = if_not_exists(frozen, :draft), lease_until = :v1",
            )
            .condition_expression(
                "attribute_not_exists(pk) OR (fingerprint = :v2 AND #state = :v3)",
            )
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":draft", AttributeValue::B(Blob::new(vec![7; 700])))
            .return_values(ReturnValue::AllOld);
        for number in 0..13 {
            let value = AttributeValue::S(format!("value number {number}"));
            update = update.expression_attribute_values(format!(":v{number}"), value);
        }
        update.send().await.expect("the stub answers");
    }

    async fn batch_get(&self) {
        let mut keys = KeysAndAttributes::builder();
        for number in 0..10 {
            let pk = (
                "pk".to_owned(),
                AttributeValue::S("mer_laurier#9341450000000001".to_owned()),
            );
            let sk = ("sk".to_owned(), AttributeValue::S(format!("cus_{number}")));
            keys = keys.keys([pk, sk].into_iter().collect());
        }
        let keys = keys.build().expect("keys are set");
        self.dynamodb
            .batch_get_item()
            .request_items("LinksTable", keys)
            .send()
            .await
            .expect("the stub answers");
    }

    async fn post(&self) {
        let request = self
            .http
            .post(format!(
                "{}/v3/company/1/salesreceipt?minorversion=75&requestid=v1ABC",
                self.url
            ))
            .bearer_auth("a".repeat(900))
            .header("content-type", "application/json")
            .body("x".repeat(1500));
        request
            .send()
            .await
            .expect("the stub answers")
            .bytes()
            .await
            .expect("a body");
    }

    async fn tell(&self) {
        let mut batch = self
            .sqs
            .send_message_batch()
            .queue_url(format!("{}/0/outcomes", self.url));
        for number in 0..10 {
            let entry = SendMessageBatchRequestEntry::builder()
                .id(number.to_string())
                .message_body("o".repeat(500));
            batch = batch.entries(entry.build().expect("id and body are set"));
        }
        batch.send().await.expect("the stub answers");
    }
}
