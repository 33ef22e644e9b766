//! The bench a story is told on: a merchant connected to a company of its own, on the running stack.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock};
use std::time::{Duration, Instant};

use aws_sdk_dynamodb::types::AttributeValue;
use bookkeeping::ids::{MerchantId, RealmId};
use common::aws::Aws;
use common::config::SyncConfig;
use common::store::dynamodb::DynamoDb;
use jiff::Timestamp;
use local::{Merchant, Stack, connect, read_tokens};
use quickbooks::Https;
use serde_json::{Value, json};

/// How long anything may take before a story fails: a lost wake-up costs a minute, and there may be several on a machine
/// that is busy with something else.
const PATIENCE: Duration = Duration::from_secs(300);

/// A merchant and its company.
pub struct Bench {
    stack: Stack,
    sqs: aws_sdk_sqs::Client,
    http: reqwest::Client,
    pub merchant: String,
    pub realm: String,
    sent: AtomicU64,
    counted: Mutex<(u64, u64)>,
}

/// Which of the simulator's companies a story's own company is like.
#[derive(Clone, Copy)]
pub enum Like {
    Quebec,
    UsManual,
    UsAutomated,
}

impl Like {
    fn company(self) -> &'static str {
        match self {
            Self::Quebec => include_str!("../simulator/companies/quebec.json"),
            Self::UsManual => include_str!("../simulator/companies/us-manual.json"),
            Self::UsAutomated => include_str!("../simulator/companies/us-automated.json"),
        }
    }

    fn settings(self) -> &'static str {
        match self {
            Self::Quebec => include_str!("../fixtures/day/settings/mer_laurier.json"),
            Self::UsManual => include_str!("../fixtures/day/settings/mer_tucson.json"),
            Self::UsAutomated => include_str!("../fixtures/day/settings/mer_sunline.json"),
        }
    }
}

impl Bench {
    /// A merchant connected to a company like the one in Quebec.
    pub async fn start() -> Self {
        Self::like(Like::Quebec, |_| {}).await
    }

    /// A merchant connected to a company like another, after a change to the operator's settings.
    pub async fn like(like: Like, change: impl FnOnce(&mut Value)) -> Self {
        let bench = Self::not_connected().await;
        bench.connect(like, change).await;
        bench
    }

    /// Connects the merchant to a company of its own.
    pub async fn connect(&self, like: Like, change: impl FnOnce(&mut Value)) {
        let mut company: Value = serde_json::from_str(like.company()).expect("a company");
        company["realm"] = json!(self.realm);
        self.control("company", &company).await;
        let tokens = self.control("connect", &json!({"realm": self.realm})).await;
        let tokens = read_tokens(&tokens.to_string()).expect("tokens");
        let mut chosen: Value = serde_json::from_str(like.settings()).expect("settings");
        change(&mut chosen["settings"]);
        let chosen: Merchant = serde_json::from_value(chosen).expect("settings");
        let merchant = MerchantId::parse(&self.merchant).expect("a merchant");
        let realm = RealmId::parse(&self.realm).expect("a realm");
        let connected = connect(&self.stack, &merchant, &realm, &chosen, &tokens, now()).await;
        connected.expect("the merchant can be connected");
        // A company takes ten requests a second, and reading its lists was seven of them.
        self.control("clock", &json!({"advance_seconds": 1})).await;
    }

    /// A merchant that never connected.
    pub async fn not_connected() -> Self {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let run = u64::try_from(now().as_millisecond()).expect("after 1970") % 100_000_000_000;
        #[allow(
            clippy::disallowed_methods,
            reason = "the stack is named by whoever started it"
        )]
        let path = std::env::var("MIO_STACK")
            .expect("MIO_STACK names no stack: run the stories with `make test`");
        let stack = Stack::read(&path).expect("a stack");
        let sqs = aws_sdk_sqs::Client::new(&stack.sdk());
        Self {
            sqs,
            stack,
            http: reqwest::Client::new(),
            merchant: format!("mer_{run}_{number}"),
            realm: format!("77{run:011}{number:03}"),
            sent: AtomicU64::new(0),
            counted: Mutex::default(),
        }
    }

    /// Sends a message about this merchant, as MioCommerce would. Each sending is a delivery of its own.
    pub async fn send(&self, mut message: Value) {
        message["merchant_id"] = json!(self.merchant);
        self.send_text(message.to_string()).await;
    }

    /// Sends any text in this merchant's group.
    pub async fn send_text(&self, body: String) {
        let sent = self.sent.fetch_add(1, Ordering::Relaxed);
        let queue = self.stack.output("TransactionQueueUrl").expect("a queue");
        let send = self
            .sqs
            .send_message()
            .queue_url(queue)
            .message_body(body)
            .message_group_id(&self.merchant);
        send.message_deduplication_id(format!("{}-{sent}", self.merchant))
            .send()
            .await
            .expect("the queue takes it");
    }

    /// What was told of a transaction so far. How often, and how often it waited in between, is the machine's affair:
    /// the slower it is, the more goes through the lot.
    pub fn told(&self, id: &str) -> Vec<Value> {
        let outcomes = outcomes(&self.stack).lock().expect("no reader died");
        let mine = |outcome: &&Value| {
            outcome["merchant_id"] == self.merchant.as_str() && outcome["transaction"]["id"] == id
        };
        outcomes.iter().filter(mine).cloned().collect()
    }

    /// The first outcome told of a transaction that is one of those wanted, whatever is told of it before.
    pub async fn outcome(&self, id: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let first = async || self.told(id).into_iter().find(|outcome| wanted(outcome));
        until(&format!("what becomes of {id}"), first).await
    }

    /// Waits until a transaction is told to be `synced`, whatever is told of it before.
    pub async fn comes_through(&self, id: &str) {
        let synced = |outcome: &Value| outcome["type"] == "transaction.synced";
        self.outcome(id, synced).await;
    }

    /// Sends a payment behind everything that was sent, and waits until it is through: all before it was looked at by then.
    pub async fn catches_up(&self, last: &str) {
        self.send(payment(last)).await;
        self.comes_through(last).await;
    }

    /// Waits until a change of the connection is told that is the one wanted.
    pub async fn connection_changed(&self, wanted: impl Fn(&Value) -> bool) {
        let told = || {
            let outcomes = outcomes(&self.stack).lock().expect("no reader died");
            let mine = |outcome: &&Value| {
                outcome["merchant_id"] == self.merchant.as_str()
                    && outcome["type"] == "connection.changed"
            };
            let mut mine = outcomes.iter().filter(mine);
            mine.any(&wanted).then_some(())
        };
        until("a change of the connection", async || told()).await;
    }

    /// The SDK's configuration, as it reaches the running stack.
    pub fn sdk(&self) -> aws_config::SdkConfig {
        self.stack.sdk()
    }

    /// One of the template's outputs.
    pub fn output(&self, name: &str) -> String {
        self.stack.output(name).expect("an output").to_owned()
    }

    /// The product's own store over the running stack.
    pub async fn store(&self) -> DynamoDb {
        let sdk = self.stack.sdk();
        self.stack.store(&sdk).expect("the tables")
    }

    /// The last outcome of this kind told of a customer.
    pub async fn customer(&self, id: &str, kind: &str) -> Value {
        let kind = format!("customer.{kind}");
        let told = || {
            let outcomes = outcomes(&self.stack).lock().expect("no reader died");
            let mine = |outcome: &&Value| {
                outcome["merchant_id"] == self.merchant.as_str()
                    && outcome["customer"]["id"] == id
                    && outcome["type"] == kind.as_str()
            };
            outcomes.iter().rev().find(mine).cloned()
        };
        until(&format!("{kind} of {id}"), async || told()).await
    }

    /// A customer's record in the company.
    pub async fn record(&self, id: &str) -> Value {
        let books = self.books().await;
        let records = books["Customer"].as_array().expect("customers");
        let record = records.iter().find(|record| record["Id"] == id);
        record.expect("a record").clone()
    }

    /// What QuickBooks was asked since the last time: reads, and writes, refused ones included.
    ///
    /// Left out is what only a busy machine asks: a look for a receipt whose answer was late, and being throttled.
    pub async fn cost(&self) -> (u64, u64) {
        let counters = self.counters().await;
        let count = |figure: &Value| figure.as_u64().unwrap_or(0);
        let looks = ["salesreceipt.query", "refundreceipt.query"]
            .map(|look| count(&counters["operations"][look]["reads"]));
        let now = (
            count(&counters["reads"]) - looks.iter().sum::<u64>(),
            count(&counters["writes"]) + count(&counters["refusals"])
                - count(&counters["faults"]["3001"]),
        );
        let mut seen = self.counted.lock().expect("no story died here");
        let before = std::mem::replace(&mut *seen, now);
        (now.0 - before.0, now.1 - before.1)
    }

    /// The world of a function over the running stack, for what the operator presses.
    pub fn world(&self) -> Aws {
        let sdk = self.stack.sdk();
        let output = |name| self.stack.output(name).expect("an output").to_owned();
        let value = |name: &str| match name {
            "CONNECTIONS_TABLE" => output("ConnectionsTable"),
            "TOKENS_TABLE" => output("TokensTable"),
            "LEDGER_TABLE" => output("LedgerTable"),
            "LINKS_TABLE" => output("LinksTable"),
            "OUTCOME_QUEUE_URL" => output("OutcomeQueueUrl"),
            "WAKE_QUEUE_URL" => output("WakeQueueUrl"),
            "HEALTH_QUEUE_URL" => output("HealthQueueUrl"),
            "TOKEN_KEYS_SECRET" => output("TokenKeys"),
            "PAYLOAD_KEYS_SECRET" => output("PayloadKeys"),
            "APP_SECRET" => output("AppSecret"),
            "HEALTH_KEEP_ALIVE" => "on".to_owned(),
            "MAIL_FROM" => "quickbooks@example.com".to_owned(),
            "SECRETS_KEY" => "alias/aws/secretsmanager".to_owned(),
            "MAIL_SET" => "quickbooks-mails".to_owned(),
            "REFRESH_TOKENS_IN" => "secrets".to_owned(),
            "ENVIRONMENT" | "REFRESH_TOKEN_SECRETS" => "stories".to_owned(),
            "AWS_REGION" => "ca-central-1".to_owned(),
            "LEASE_SECONDS" => "45".to_owned(),
            "PROBE_UNTIL" => "never".to_owned(),
            "METRICS_NAMESPACE" => "stories".to_owned(),
            "POST_SPACING_MILLISECONDS" => "122".to_owned(),
            "TOKEN_LEASE_SECONDS" => "180".to_owned(),
            "TOKEN_QUIET_SECONDS" => "120".to_owned(),
            name if name.ends_with("_SECONDS") => "10".to_owned(),
            name if name.ends_with("_URL") => self.stack.simulator.clone(),
            _ => String::new(),
        };
        let config = SyncConfig::read(|name| Some(value(name))).expect("a configuration");
        Aws::over(&sdk, Https::new(), config)
    }

    /// The first outcome of a transaction that does not wait, which has to be `synced`; gives its part about QuickBooks.
    pub async fn synced(&self, id: &str) -> Value {
        let ends = |outcome: &Value| outcome["type"] != "transaction.waiting";
        let outcome = self.outcome(id, ends).await;
        assert_eq!(outcome["type"], "transaction.synced", "{outcome}");
        outcome["quickbooks"].clone()
    }

    /// The first outcome of a transaction that does not wait for anything else, which has to have this type and reason;
    /// gives its English sentence.
    pub async fn stopped(&self, id: &str, kind: &str, code: &str) -> String {
        let ends = |outcome: &Value| {
            outcome["type"] != "transaction.waiting" || outcome["reason"]["code"] == code
        };
        let outcome = self.outcome(id, ends).await;
        assert_eq!(outcome["type"], format!("transaction.{kind}"), "{outcome}");
        assert_eq!(outcome["reason"]["code"], code, "{outcome}");
        outcome["reason"]["en"]
            .as_str()
            .expect("a sentence")
            .to_owned()
    }

    /// The sales receipts in the company.
    pub async fn receipts(&self) -> Vec<Value> {
        self.books().await["SalesReceipt"]
            .as_array()
            .cloned()
            .unwrap_or_default()
    }

    /// The one sales receipt in the company.
    pub async fn one_receipt(&self) -> Value {
        let receipts = self.receipts().await;
        assert_eq!(receipts.len(), 1, "{receipts:?}");
        receipts[0].clone()
    }

    /// Waits until the ledger lists these: an outcome is told before its row takes its place.
    pub async fn lists(&self, of: &str, wanted: &[&str]) {
        until(&format!("{wanted:?} to be listed"), async || {
            let mut listed = self.listed(of).await;
            listed.sort_unstable();
            (listed == wanted).then_some(())
        })
        .await;
    }

    /// What the ledger lists of this merchant, in order: what waits (`""`), what needs the operator (`"#held"`), what
    /// needs a developer (`"#failed"`).
    pub async fn listed(&self, of: &str) -> Vec<String> {
        let dynamodb = aws_sdk_dynamodb::Client::new(&self.stack.sdk());
        let query = dynamodb
            .query()
            .table_name(self.stack.output("LedgerTable").expect("a table"))
            .index_name("lot");
        let lot = AttributeValue::S(format!("{}{of}", self.merchant));
        let query = query
            .key_condition_expression("lot = :lot")
            .expression_attribute_values(":lot", lot);
        let rows = query
            .send()
            .await
            .expect("the ledger can be read")
            .items
            .unwrap_or_default();
        rows.iter()
            .map(|row| row["sk"].as_s().expect("text").clone())
            .collect()
    }

    /// Writes a row into the ledger as nobody of ours would.
    pub async fn write_row(&self, attributes: &[(&str, AttributeValue)]) {
        let dynamodb = aws_sdk_dynamodb::Client::new(&self.stack.sdk());
        let put = dynamodb
            .put_item()
            .table_name(self.stack.output("LedgerTable").expect("a table"));
        let put = attributes
            .iter()
            .fold(put, |put, (name, value)| put.item(*name, value.clone()));
        put.send().await.expect("the ledger can be written");
    }

    /// The company's books, as the simulator tells them.
    pub async fn books(&self) -> Value {
        self.look(&format!("books/{}", self.realm)).await
    }

    /// What the simulator counted for this company.
    pub async fn counters(&self) -> Value {
        self.look("counters").await[&self.realm].clone()
    }

    /// Asks the simulator for trouble by name in this company.
    pub async fn trouble(&self, kind: &str, operation: &str, times: u32) {
        let trouble =
            json!({"kind": kind, "realm": self.realm, "operation": operation, "times": times});
        self.control("trouble", &trouble).await;
    }

    /// Ends the trouble at this merchant's company.
    pub async fn calm(&self) {
        let calm = json!({"kind": "none", "realm": self.realm});
        self.control("trouble", &calm).await;
    }

    /// Tells the simulator something about itself.
    pub async fn control(&self, what: &str, body: &Value) -> Value {
        let url = format!("{}/simulator/{what}", self.stack.simulator);
        let request = self
            .http
            .post(url)
            .header("content-type", "application/json")
            .body(body.to_string());
        let answer = request.send().await.expect("the simulator answers");
        let status = answer.status();
        let text = answer.text().await.expect("text");
        assert!(status.is_success(), "{what}: {text}");
        serde_json::from_str(&text).expect("JSON")
    }

    async fn look(&self, what: &str) -> Value {
        let url = format!("{}/simulator/{what}", self.stack.simulator);
        let text = self
            .http
            .get(url)
            .send()
            .await
            .expect("the simulator answers")
            .text()
            .await
            .expect("text");
        serde_json::from_str(&text).expect("JSON")
    }
}

/// Waits until something is there.
pub async fn until<T>(what: &str, look: impl AsyncFn() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(
            started.elapsed() < PATIENCE,
            "waited {PATIENCE:?} in vain for {what}"
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Everything MioCommerce was told, read by one reader for all stories.
fn outcomes(stack: &Stack) -> &'static Mutex<Vec<Value>> {
    static OUTCOMES: Mutex<Vec<Value>> = Mutex::new(Vec::new());
    static READER: OnceLock<()> = OnceLock::new();
    READER.get_or_init(|| {
        let stack = stack.clone();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime");
            runtime.block_on(read_outcomes(&stack, &OUTCOMES));
        });
    });
    &OUTCOMES
}

async fn read_outcomes(stack: &Stack, outcomes: &Mutex<Vec<Value>>) {
    let sqs = aws_sdk_sqs::Client::new(&stack.sdk());
    let queue = stack.output("OutcomeQueueUrl").expect("a queue").to_owned();
    loop {
        let receive = sqs
            .receive_message()
            .queue_url(&queue)
            .max_number_of_messages(10)
            .wait_time_seconds(1);
        // The stack going away ends the stories, not this reader.
        let Ok(answer) = receive.send().await else {
            continue;
        };
        for message in answer.messages.unwrap_or_default() {
            let body = message.body.as_deref().unwrap_or_default();
            outcomes
                .lock()
                .expect("no story died here")
                .push(serde_json::from_str(body).expect("JSON"));
            let delete = sqs
                .delete_message()
                .queue_url(&queue)
                .set_receipt_handle(message.receipt_handle);
            delete.send().await.ok();
        }
    }
}

#[allow(clippy::disallowed_methods, reason = "stories run in real time")]
pub fn now() -> Timestamp {
    Timestamp::now()
}

/// A captured payment of Aline Roy, who is in the books already: windows and supplies with GST and QST, and a tip.
/// Comes to 102.53 CAD.
pub fn payment(id: &str) -> Value {
    json!({
        "schema": 1, "type": "payment.captured", "merchant_id": "", "sent_at": "2026-11-22T14:03:12Z",
        "payment": {
            "id": id, "reference": format!("10{}", &id[4..]), "captured_at": "2026-11-22T09:03:11-05:00",
            "currency": "CAD", "amount": "102.53", "method": "card", "method_reference": "ch_3Q9a",
            "card_brand": "visa", "prices_include_tax": false,
            "lines": [
                {"id": "1", "kind": "service", "booking": "B-20441", "service": "svc_windows",
                 "description": "Window cleaning, 2 h", "service_date": "2026-11-21",
                 "quantity": "2", "unit_price": "40.00", "amount": "80.00",
                 "taxes": [{"id": "tax_gst", "name": "GST", "rate": "5", "amount": "4.00"},
                           {"id": "tax_qst", "name": "QST", "rate": "9.975", "amount": "7.98"}]},
                {"id": "2", "kind": "tip", "description": "Tip", "amount": "10.55"}
            ]
        },
        "customer": {
            "id": "cus_91ab", "number": "C-1042", "version": 7, "updated_at": "2026-11-20T10:00:00Z",
            "first_name": "Aline", "last_name": "Roy", "email": "Aline.Roy@example.com", "phone": "+1 514 555 0142",
            "language": "fr"
        }
    })
}

/// The same payment with taxes whose names say nothing, so that only the operator can say which code they are.
pub fn nameless(mut payment: Value) -> Value {
    for line in payment["payment"]["lines"]
        .as_array_mut()
        .into_iter()
        .flatten()
    {
        for (tax, name) in line["taxes"]
            .as_array_mut()
            .into_iter()
            .flatten()
            .zip(["A", "B"])
        {
            tax["name"] = json!(name);
        }
    }
    payment
}

/// The same payment by somebody who is not in the books.
pub fn by_somebody_new(mut payment: Value) -> Value {
    payment["customer"] = json!({
        "id": "cus_new", "number": "C-2001", "version": 1, "updated_at": "2026-11-20T10:00:00Z",
        "first_name": "Zoé", "last_name": "L'Heureux: fille", "email": "zoe@example.org", "phone": null,
        "personal_address": {"line1": "4 rue Rachel", "line2": "app. 2", "city": "Montréal", "region": "QC",
                             "postal_code": "H2J 2H4", "country": "CA"}
    });
    payment
}
