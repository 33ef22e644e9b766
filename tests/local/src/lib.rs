//! The whole stack on one machine: what a running stack is, and how a merchant gets a connection in it.
//!
//! Starting and stopping the stack is Python's part, beside this crate: the emulator and the template translator
//! are Python programs.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_config::{Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use bookkeeping::connection::{Connection, ConnectionState};
use bookkeeping::frees::Frees;
use bookkeeping::ids::{MerchantId, RealmId};
use bookkeeping::settings::Settings;
use common::aws::pool::Pool;
use common::config::Tables;
use common::sealing::KeyRing;
use common::store::dynamodb::DynamoDb;
use common::store::{Connections, Tokens};
use common::tokens::first_row;
use jiff::Timestamp;
use quickbooks::oauth::TokenPair;
use quickbooks::{CompanyClient, Https};
use secrecy::SecretString;
use serde::Deserialize;

/// Anything that goes wrong here is told to the person at the terminal.
pub type Error = Box<dyn std::error::Error>;

/// A running stack, as `stack.json` tells it.
#[derive(Clone, Debug, Deserialize)]
pub struct Stack {
    /// The emulator's address.
    pub endpoint: String,
    /// The region it plays.
    pub region: String,
    /// Credentials of an administrator there.
    pub credentials: StackCredentials,
    /// The template's outputs.
    pub outputs: BTreeMap<String, String>,
    /// The simulator's address.
    pub simulator: String,
}

/// Credentials the emulator accepts.
#[derive(Clone, Debug, Deserialize)]
pub struct StackCredentials {
    /// Access key id.
    pub access_key_id: String,
    /// Secret access key.
    pub secret_access_key: String,
}

/// Time between two reads of a company: the product's own pace.
const PACE: Duration = Duration::from_millis(122);

/// What the operator of a sample merchant chose.
#[derive(Clone, Debug, Deserialize)]
pub struct Merchant {
    /// IANA name of the merchant's time zone.
    pub time_zone: String,
    /// The settings.
    pub settings: Settings,
}

impl Stack {
    /// Reads `stack.json`.
    ///
    /// # Errors
    ///
    /// Where the file is missing or is not a stack's.
    pub fn read(path: &str) -> Result<Self, Error> {
        Ok(serde_json::from_str(&std::fs::read_to_string(path)?)?)
    }

    /// One of the template's outputs.
    ///
    /// # Errors
    ///
    /// Where the template has no such output.
    pub fn output(&self, name: &str) -> Result<&str, Error> {
        Ok(self
            .outputs
            .get(name)
            .ok_or_else(|| format!("the template has no output {name}"))?)
    }

    /// SDK configuration that reaches the stack's emulator.
    #[must_use]
    pub fn sdk(&self) -> SdkConfig {
        let keys = &self.credentials;
        let sdk = SdkConfig::builder()
            .region(Region::new(self.region.clone()))
            .endpoint_url(&self.endpoint)
            .credentials_provider(SharedCredentialsProvider::new(Credentials::from_keys(
                &keys.access_key_id,
                &keys.secret_access_key,
                None,
            )));
        Pool::over(Https::new().pool()).carry(sdk.build())
    }

    /// The product's own store over the stack's tables.
    ///
    /// # Errors
    ///
    /// Where the template lacks a table.
    pub fn store(&self, sdk: &SdkConfig) -> Result<DynamoDb, Error> {
        let tables = Tables {
            connections: self.output("ConnectionsTable")?.to_owned(),
            tokens: self.output("TokensTable")?.to_owned(),
            ledger: self.output("LedgerTable")?.to_owned(),
            links: self.output("LinksTable")?.to_owned(),
        };
        Ok(DynamoDb::new(aws_sdk_dynamodb::Client::new(sdk), tables))
    }
}

/// What follows `name` on the command line.
///
/// # Errors
///
/// Where nothing does.
pub fn argument(name: &str) -> Result<String, Error> {
    let value = std::env::args()
        .skip_while(|argument| argument != name)
        .nth(1);
    Ok(value.ok_or_else(|| format!("{name} is missing"))?)
}

/// Reads the tokens that the simulator issues as if a merchant had consented.
///
/// # Errors
///
/// Where the text is something else.
pub fn read_tokens(text: &str) -> Result<TokenPair, Error> {
    #[derive(Deserialize)]
    struct Issued {
        access_token: String,
        refresh_token: String,
        expires_in: u64,
        x_refresh_token_expires_in: u64,
    }
    let issued: Issued = serde_json::from_str(text)?;
    Ok(TokenPair {
        access: SecretString::from(issued.access_token),
        refresh: SecretString::from(issued.refresh_token),
        expires_in: Duration::from_secs(issued.expires_in),
        refresh_expires_in: Duration::from_secs(issued.x_refresh_token_expires_in),
        hard_expires_in: None,
    })
}

/// Connects a merchant to a company with tokens issued for it: reads the company and stores connection and tokens as
/// the sync expects them.
///
/// # Errors
///
/// Where the company cannot be read or the stack cannot be written to.
pub async fn connect(
    stack: &Stack,
    merchant: &MerchantId,
    realm: &RealmId,
    chosen: &Merchant,
    tokens: &TokenPair,
    now: Timestamp,
) -> Result<(), Error> {
    let sdk = stack.sdk();
    let store = stack.store(&sdk)?;
    let transport = Https::new();
    let client = CompanyClient {
        transport: &transport,
        api_url: &stack.simulator,
        realm,
        token: &tokens.access,
        timeout: Duration::from_secs(30),
    };
    let company = client
        .read_company(async || tokio::time::sleep(PACE).await)
        .await
        .map_err(|fault| format!("the company cannot be read: {fault:?}"))?;
    let secrets = aws_sdk_secretsmanager::Client::new(&sdk);
    let ring = secrets
        .get_secret_value()
        .secret_id(stack.output("TokenKeys")?)
        .send()
        .await?;
    let ring = KeyRing::parse(ring.secret_string().unwrap_or_default())?;
    let mut nonces = [[0; 12]; 2];
    for nonce in &mut nonces {
        aws_lc_rs::rand::fill(nonce).map_err(|_| "no random bytes")?;
    }
    let row = first_row(&ring, merchant, realm, 1, tokens, now, nonces);
    if !store.begin_epoch(merchant, &row).await? {
        return Err("the merchant has tokens already".into());
    }
    let connection = Connection {
        merchant: merchant.clone(),
        epoch: 1,
        state: ConnectionState::Connected,
        time_zone: chosen.time_zone.clone(),
        company,
        settings: chosen.settings.clone(),
        connected: None,
        catalogue: Default::default(),
        revision: 0,
        frees: Frees::default(),
        former: Default::default(),
        opens_at: None,
        off: None,
        later: Default::default(),
    };
    Ok(store.put_connection(&connection).await?)
}

/// Gives a connected merchant these settings.
///
/// # Errors
///
/// Where the merchant is not connected, or the stack cannot be written to.
pub async fn choose(stack: &Stack, merchant: &MerchantId, chosen: &Merchant) -> Result<(), Error> {
    let store = stack.store(&stack.sdk())?;
    let connection = store.opening(merchant).await?.connection;
    let mut connection = connection.ok_or("the merchant is not connected")?;
    connection.settings = chosen.settings.clone();
    Ok(store.put_connection(&connection).await?)
}
