//! Secrets: the app's own, and each connection's refresh token.
//!
//! A vault is Secrets Manager, or the simulation's. The journal in the store is the first copy of every refresh token;
//! the vault is the second, written when a token changed, about once a day.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::rc::Rc;
use std::time::Duration;

use bookkeeping::ids::{MerchantId, RealmId};
use bookkeeping::token::{Candidate, TokenHash};
use jiff::Timestamp;
use quickbooks::oauth::App;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::store::StoreError;
use crate::world::World;

mod manager;

pub use manager::{SecretsManager, names_of};

/// How long the app's secret is believed.
const BELIEVED: Duration = Duration::from_secs(5 * 60);

/// Least time between two readings because of a key id nobody knows, which anybody can send.
const ASKED_AGAIN: Duration = Duration::from_secs(10);

/// Where refresh tokens are kept besides the journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefreshTokensIn {
    /// Each connection's in a secret of its own.
    Secrets,
    /// Nowhere else: for large fleets, because secrets are paid for one by one and written fifty a second at most.
    DynamoDb,
}

/// The app's own secret: its credentials at Intuit, and the App Market's public keys.
pub struct AppSecret {
    /// The app as it is registered with Intuit.
    pub app: App,
    /// The App Market's public keys by key id, each a JWK.
    launch_keys: BTreeMap<String, serde_json::Value>,
}

impl AppSecret {
    /// Reads `{"client_id", "client_secret", "launch_keys": {"keys": [JWK…]}}`. Keys without an id cannot be asked for
    /// and are left out.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unreadable`]; the deployment is to be mended.
    pub fn parse(text: &SecretString) -> Result<Self, StoreError> {
        let wire: WireAppSecret = serde_json::from_str(text.expose_secret())
            .map_err(|_| StoreError::unreadable("the app's secret".to_owned()))?;
        let keys = wire.launch_keys.keys.into_iter();
        let launch_keys = keys
            .filter_map(|key| Some((key.get("kid")?.as_str()?.to_owned(), key)))
            .collect();
        Ok(Self {
            app: App {
                client_id: wire.client_id,
                client_secret: SecretString::from(wire.client_secret),
            },
            launch_keys,
        })
    }

    /// The App Market's public key of this id, as a JWK.
    #[must_use]
    pub fn launch_key(&self, id: &str) -> Option<&serde_json::Value> {
        self.launch_keys.get(id)
    }
}

#[derive(Deserialize)]
struct WireAppSecret {
    client_id: String,
    client_secret: String,
    #[serde(default)]
    launch_keys: WireKeys,
}

#[derive(Default, Deserialize)]
struct WireKeys {
    keys: Vec<serde_json::Value>,
}

/// The app's secret as a process remembers it.
#[derive(Default)]
pub struct AppSecretCache {
    read: RefCell<Option<Read>>,
}

struct Read {
    // By both clocks: a frozen sandbox's own clock stands still.
    at: (Timestamp, Duration),
    secret: Rc<AppSecret>,
}

impl AppSecretCache {
    /// The app's secret, read within the last five minutes.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where it cannot be read.
    pub async fn get<W: World>(&self, world: &W) -> Result<Rc<AppSecret>, StoreError> {
        match self.younger_than(world, BELIEVED) {
            Some(secret) => Ok(secret),
            None => self.read(world).await,
        }
    }

    /// The app's secret with this launch key in it; read again where the key is not known, because the App Market may
    /// have changed its keys. `None` where it is not known then either.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where it cannot be read.
    pub async fn knowing<W: World>(
        &self,
        world: &W,
        key_id: &str,
    ) -> Result<Option<Rc<AppSecret>>, StoreError> {
        let known = |secret: Rc<AppSecret>| secret.launch_key(key_id).is_some().then_some(secret);
        if let Some(secret) = known(self.get(world).await?) {
            return Ok(Some(secret));
        }
        match self.younger_than(world, ASKED_AGAIN) {
            Some(_) => Ok(None),
            None => Ok(known(self.read(world).await?)),
        }
    }

    /// Forgets it: Intuit no longer takes what it holds.
    pub fn forget(&self) {
        *self.read.borrow_mut() = None;
    }

    fn younger_than<W: World>(&self, world: &W, age: Duration) -> Option<Rc<AppSecret>> {
        let read = self.read.borrow();
        let read = read.as_ref()?;
        let by_wall = Duration::try_from(world.now() - read.at.0).unwrap_or(Duration::MAX);
        let by_uptime = world.uptime().saturating_sub(read.at.1);
        (by_wall.max(by_uptime) < age).then(|| Rc::clone(&read.secret))
    }

    async fn read<W: World>(&self, world: &W) -> Result<Rc<AppSecret>, StoreError> {
        let secret = Rc::new(AppSecret::parse(&world.vault().app_secret().await?)?);
        *self.read.borrow_mut() = Some(Read {
            at: (world.now(), world.uptime()),
            secret: Rc::clone(&secret),
        });
        Ok(secret)
    }
}

/// A refresh token as a vault keeps it.
#[derive(Clone, Serialize, Deserialize)]
pub struct KeptToken {
    /// The token. Only ever written into the vault.
    refresh_token: String,
    /// The company it is for.
    pub realm: RealmId,
    /// The connection's epoch.
    pub epoch: u64,
    fence: u64,
    received_at: Timestamp,
    expires_at: Timestamp,
    hard_expires_at: Option<Timestamp>,
}

impl fmt::Debug for KeptToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeptToken({:?})", self.candidate().hash)
    }
}

impl KeptToken {
    /// A token with what is known of it.
    #[must_use]
    pub fn new(token: &SecretString, candidate: &Candidate, realm: &RealmId, epoch: u64) -> Self {
        Self {
            refresh_token: token.expose_secret().to_owned(),
            realm: realm.clone(),
            epoch,
            fence: candidate.fence,
            received_at: candidate.received_at,
            expires_at: candidate.expires_at,
            hard_expires_at: candidate.hard_expires_at,
        }
    }

    /// The token.
    #[must_use]
    pub fn token(&self) -> SecretString {
        SecretString::from(self.refresh_token.clone())
    }

    /// What is known of it.
    #[must_use]
    pub fn candidate(&self) -> Candidate {
        Candidate {
            hash: TokenHash::of(&self.refresh_token),
            fence: self.fence,
            received_at: self.received_at,
            expires_at: self.expires_at,
            hard_expires_at: self.hard_expires_at,
            confirmed_at: None,
        }
    }

    /// How new it is: of two of one epoch, the one with the greater is the newer.
    #[must_use]
    pub fn age(&self) -> u64 {
        self.fence
    }

    /// The version it is kept as: the same token of the same merchant is the same version, however often it is kept.
    #[must_use]
    pub fn version(&self, merchant: &MerchantId) -> String {
        let mut hash = Sha256::new();
        for part in [merchant.as_str(), &self.refresh_token] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part.as_bytes());
        }
        hash.update(self.epoch.to_be_bytes());
        data_encoding::HEXLOWER.encode(&hash.finalize()[..16])
    }
}

/// What a version in the vault is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The refresh token that works.
    Current,
    /// Written, and not yet made current.
    Pending,
    /// Written because the journal could not be.
    Rescue,
}

/// Where secrets are kept. Each epoch of a merchant's connection has a secret of its own, so that what is done about an
/// older one never reaches a newer.
pub trait Vault {
    /// The app's secret, as text.
    fn app_secret(&self) -> impl Future<Output = Result<SecretString, StoreError>>;

    /// What an epoch's secret holds in a stage, with its version; `None` where there is nothing.
    fn kept(
        &self,
        merchant: &MerchantId,
        epoch: u64,
        stage: Stage,
    ) -> impl Future<Output = Result<Option<(String, KeptToken)>, StoreError>>;

    /// Keeps a token as pending or for rescue, and makes its epoch's secret where there is none.
    fn keep(
        &self,
        merchant: &MerchantId,
        token: &KeptToken,
        stage: Stage,
    ) -> impl Future<Output = Result<(), StoreError>>;

    /// Makes a version the current one, if the current one is still `from`. `false` where it is not: nothing is
    /// changed.
    fn promote(
        &self,
        merchant: &MerchantId,
        epoch: u64,
        version: &str,
        from: &str,
    ) -> impl Future<Output = Result<bool, StoreError>>;

    /// Destroys an epoch's secret for good. That there is none is as good.
    fn destroy(
        &self,
        merchant: &MerchantId,
        epoch: u64,
    ) -> impl Future<Output = Result<(), StoreError>>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_apps_secret_holds_credentials_and_keys_by_id() {
        let text = r#"{"client_id":"app","client_secret":"canary-1","launch_keys":{"keys":[
            {"kty":"OKP","kid":"a"},{"kty":"EC"},{"kty":"EC","kid":"b"}]}}"#;
        let secret = AppSecret::parse(&SecretString::from(text)).unwrap();
        assert_eq!(secret.app.client_id, "app");
        assert_eq!(secret.launch_key("b").unwrap()["kty"], "EC");
        assert!(secret.launch_key("c").is_none());
        assert!(!format!("{:?}", secret.app).contains("canary-1"));
    }

    #[test]
    fn the_apps_secret_may_come_without_keys_and_never_without_credentials() {
        let without_keys = r#"{"client_id":"app","client_secret":"s"}"#;
        assert!(AppSecret::parse(&SecretString::from(without_keys)).is_ok());
        let error = AppSecret::parse(&SecretString::from(r#"{"client_id":"canary-2"}"#));
        let error = error.err().expect("no secret").to_string();
        assert!(!error.contains("canary-2"), "{error}");
    }
}
