//! The world that ships: AWS and QuickBooks.

use std::cell;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::{Region, SdkConfig};
use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use aws_sdk_sqs::config::SharedCredentialsProvider;
use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use bookkeeping::health::Cadence;
use bookkeeping::ids::MerchantId;
use bookkeeping::reason::State;
use jiff::Timestamp;
use quickbooks::Https;
use quickbooks::oauth::Endpoints;
use secrecy::ExposeSecret;
use tokio::sync::OnceCell;

use crate::config::{Place, SyncConfig, Timing};
use crate::mail::{Mail, MailFault};
use crate::sealing::KeyRing;
use crate::secrets::{AppSecretCache, RefreshTokensIn, SecretsManager};
use crate::store::StoreError;
use crate::store::dynamodb::DynamoDb;
use crate::telemetry;
use crate::told::Told;
use crate::world::{WAKE_AHEAD_MAX, World};

pub mod pool;
mod ses;

use pool::Pool;
use ses::Ses;

/// Most messages one send takes. Source: AWS, `SendMessageBatch`.
const SEND_BATCH_MAX: usize = 10;

/// Over how many seconds the looks of one minute are spread.
const SPREAD_SECONDS: i32 = 20;

/// AWS and QuickBooks.
pub struct Aws {
    config: SyncConfig,
    store: DynamoDb,
    sqs: aws_sdk_sqs::Client,
    sdk: SdkConfig,
    /// Made by whoever sends the first mail: where nobody does, none of it is linked.
    post: cell::OnceCell<Ses>,
    secrets: SecretsManager,
    app_secret: AppSecretCache,
    quickbooks: Https,
    token_keys: OnceCell<KeyRing>,
    payload_keys: OnceCell<KeyRing>,
    started: Instant,
}

impl Aws {
    /// Builds the clients. Nothing is sent yet.
    #[must_use]
    pub fn new(config: SyncConfig) -> Self {
        let quickbooks = Https::new();
        let sdk = Pool::over(quickbooks.pool()).carry(in_lambda(&config.aws));
        Self::over(&sdk, quickbooks, config)
    }

    /// Builds the clients over a configuration of the SDK that is there already. Nothing is sent yet.
    #[must_use]
    pub fn over(sdk: &SdkConfig, quickbooks: Https, config: SyncConfig) -> Self {
        Self {
            store: DynamoDb::new(aws_sdk_dynamodb::Client::new(sdk), config.tables.clone()),
            sqs: aws_sdk_sqs::Client::new(sdk),
            sdk: sdk.clone(),
            post: cell::OnceCell::new(),
            secrets: SecretsManager::new(
                aws_sdk_secretsmanager::Client::new(sdk),
                config.app_secret.clone(),
                config.refresh_token_secrets.clone(),
                config.secrets_key.clone(),
            ),
            app_secret: AppSecretCache::default(),
            quickbooks,
            token_keys: OnceCell::new(),
            payload_keys: OnceCell::new(),
            started: Instant::now(),
            config,
        }
    }

    /// Why no mail would reach an operator, where the mail service says so: the deployment is to be mended first.
    ///
    /// # Errors
    ///
    /// The reason, in a sentence. Where the service cannot be asked, it says nothing.
    pub async fn mails_reach_operators(&self) -> Result<(), String> {
        match self.config.health.is_production {
            true => self.post().reaches_everybody().await,
            false => Ok(()),
        }
    }

    /// Carries out an invocation and writes what it counted.
    pub async fn counting<T>(&self, invocation: impl Future<Output = T>) -> T {
        telemetry::counting(&self.config.metrics_namespace, || self.now(), invocation).await
    }

    fn post(&self) -> &Ses {
        self.post
            .get_or_init(|| Ses::new(&self.sdk, &self.config.health))
    }

    async fn key_ring(&self, name: &str) -> Result<KeyRing, StoreError> {
        let secret = self.secrets.read(name).await?;
        KeyRing::parse(secret.expose_secret())
            .map_err(|error| StoreError::unreadable(error.to_string()))
    }
}

/// The SDK where Lambda runs it: credentials stand in the environment, and last as long as the process.
///
/// The SDK's own defaults would look for them in six more places, none of which a function has, and link what asks there: a
/// tenth of what is uploaded.
fn in_lambda(place: &Place) -> SdkConfig {
    let credentials = EnvironmentVariableCredentialsProvider::new();
    let mut sdk = SdkConfig::builder()
        .region(Region::new(place.region.clone()))
        .credentials_provider(SharedCredentialsProvider::new(credentials));
    sdk.set_endpoint_url(place.endpoint_url.clone());
    sdk.build()
}

/// Random bytes that nobody can guess.
///
/// # Panics
///
/// Where the operating system has none: nothing is to be sealed or named then.
#[must_use]
pub fn random() -> [u8; 16] {
    let mut bytes = [0; 16];
    SystemRandom::new()
        .fill(&mut bytes)
        .expect("the operating system gives random bytes");
    bytes
}

/// Counts what became of transactions, once it is told: in one line for all that were told together, because a line for each would be
/// a fifth of what is logged of a payment.
fn count(told: &[&Told]) {
    let mut by_state: BTreeMap<State, Vec<&str>> = BTreeMap::new();
    for told in told {
        if let Some(state) = told.state {
            by_state.entry(state).or_default().push(&told.id);
        }
    }
    for (state, ids) in by_state {
        let (told, ids) = (ids.len() as u64, ids.join(" "));
        match state {
            State::Synced => tracing::info!(metric.Synced = told, outcome.ids = ids, "told"),
            State::Skipped => tracing::info!(metric.Skipped = told, outcome.ids = ids, "told"),
            State::Waiting => tracing::info!(metric.Waiting = told, outcome.ids = ids, "told"),
            State::NeedsOperator => {
                tracing::info!(metric.NeedsOperator = told, outcome.ids = ids, "told");
            }
            State::Failed => tracing::warn!(metric.Failed = told, outcome.ids = ids, "told"),
        }
    }
}

impl World for Aws {
    type Store = DynamoDb;
    type QuickBooks = Https;
    type Vault = SecretsManager;

    fn store(&self) -> &DynamoDb {
        &self.store
    }

    fn quickbooks(&self) -> &Https {
        &self.quickbooks
    }

    fn quickbooks_api_url(&self) -> &str {
        &self.config.quickbooks_api_url
    }

    fn oauth_endpoints(&self) -> &Endpoints {
        &self.config.oauth
    }

    fn vault(&self) -> &SecretsManager {
        &self.secrets
    }

    fn app_secret(&self) -> &AppSecretCache {
        &self.app_secret
    }

    fn refresh_tokens_in(&self) -> RefreshTokensIn {
        self.config.refresh_tokens_in
    }

    fn app_market_url(&self) -> &str {
        &self.config.app_market_url
    }

    fn public_url(&self) -> &str {
        &self.config.public_url
    }

    fn help_url(&self) -> &str {
        &self.config.health.help_url
    }

    fn cadence(&self) -> &Cadence {
        &self.config.health.cadence
    }

    fn timing(&self) -> &Timing {
        &self.config.timing
    }

    #[allow(
        clippy::disallowed_methods,
        reason = "the one place that asks for the time"
    )]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn uptime(&self) -> Duration {
        self.started.elapsed()
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }

    fn random(&self) -> [u8; 16] {
        random()
    }

    async fn token_keys(&self) -> Result<&KeyRing, StoreError> {
        self.token_keys
            .get_or_try_init(|| self.key_ring(&self.config.token_keys_secret))
            .await
    }

    async fn payload_keys(&self) -> Result<&KeyRing, StoreError> {
        self.payload_keys
            .get_or_try_init(|| self.key_ring(&self.config.payload_keys_secret))
            .await
    }

    async fn tell(&self, outcomes: &[Told]) -> Vec<bool> {
        let mut taken = Vec::with_capacity(outcomes.len());
        for chunk in outcomes.chunks(SEND_BATCH_MAX) {
            let mut batch = self
                .sqs
                .send_message_batch()
                .queue_url(&self.config.outcome_queue_url);
            for (at, told) in chunk.iter().enumerate() {
                let entry = SendMessageBatchRequestEntry::builder()
                    .id(at.to_string())
                    .message_body(&told.body);
                batch = batch.entries(entry.build().expect("id and body are set"));
            }
            let sent = match batch.send().await {
                Ok(answer) => answer
                    .successful
                    .into_iter()
                    .map(|entry| entry.id)
                    .collect(),
                Err(error) => {
                    let code = error
                        .as_service_error()
                        .and_then(|service| service.meta().code());
                    tracing::error!(error = %error, code, "outcomes could not be told; their messages come back");
                    Vec::new()
                }
            };
            let of_chunk: Vec<bool> = (0..chunk.len())
                .map(|at| sent.contains(&at.to_string()))
                .collect();
            let told = chunk.iter().zip(&of_chunk);
            let told: Vec<&Told> = told
                .filter_map(|(told, taken)| taken.then_some(told))
                .collect();
            count(&told);
            taken.extend(of_chunk);
        }
        taken
    }

    async fn mail(&self, mail: &Mail) -> Result<(), MailFault> {
        self.post().send(mail, self.now()).await
    }

    async fn send_for(&self, merchants: &[MerchantId]) {
        // By chance, so that a minute's looks do not all ask Intuit in its first second.
        let delay = || i32::from(self.random()[0]) * SPREAD_SECONDS / 256;
        let queue = &self.config.health.queue_url;
        let failed = self.send_each(queue, merchants, delay).await;
        if failed > 0 {
            tracing::warn!(
                failed,
                "looks at connections could not be sent for; they are late"
            );
        }
    }

    async fn wake(&self, merchants: &[MerchantId], after: Duration) {
        if after > WAKE_AHEAD_MAX {
            return;
        }
        // Rounded up: woken too early, the drain would have to come again.
        let delay = after.as_millis().div_ceil(1000);
        let delay = i32::try_from(delay).unwrap_or_default();
        let queue = &self.config.wake_queue_url;
        let failed = self.send_each(queue, merchants, || delay).await;
        if failed > 0 {
            tracing::warn!(
                failed,
                "drains could not be woken; the sweep finds their lots"
            );
        }
    }
}

impl Aws {
    /// Names each merchant in a message of its own, `delay` seconds from now; gives how many messages the queue did not
    /// take.
    async fn send_each(
        &self,
        queue: &str,
        merchants: &[MerchantId],
        delay: impl Fn() -> i32,
    ) -> usize {
        let mut failed = 0;
        for chunk in merchants.chunks(SEND_BATCH_MAX) {
            let mut batch = self.sqs.send_message_batch().queue_url(queue);
            for (at, merchant) in chunk.iter().enumerate() {
                let entry = SendMessageBatchRequestEntry::builder()
                    .id(at.to_string())
                    .delay_seconds(delay())
                    .message_body(serde_json::json!({ "merchant": merchant }).to_string());
                batch = batch.entries(entry.build().expect("id and body are set"));
            }
            failed += match batch.send().await {
                Ok(answer) => answer.failed.len(),
                Err(_) => chunk.len(),
            };
        }
        failed
    }
}
