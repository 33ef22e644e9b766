//! Sessions: what stands for a launch, in the operator's browser, for half an hour.
//!
//! The cookie is the session itself, sealed: nothing is stored for it, and nobody can make one without the key ring.
//! `__Host-` keeps it to this host and to HTTPS; SameSite=Lax lets it come along when Intuit sends the browser back.

use std::time::Duration;

use bookkeeping::ids::{MerchantId, OperatorId};
use bookkeeping::transaction::Language;
use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::launch::{Launch, Role};
use crate::sealing::KeyRing;

/// The cookie's name.
pub const COOKIE: &str = "__Host-quickbooks";

/// How long a session lasts after it was last seen.
const LIFE: Duration = Duration::from_secs(30 * 60);

/// What a session is sealed for.
const CONTEXT: &str = "session";

/// An operator's session. Has no `Debug`: it names a person.
#[derive(Clone, Serialize, Deserialize)]
pub struct Session {
    /// Random; what a connection attempt is bound to.
    pub id: String,
    /// Who.
    pub operator: OperatorId,
    /// Their name.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// The language they read.
    pub language: Language,
    /// For which merchant.
    pub merchant: MerchantId,
    /// The merchant's name.
    pub merchant_name: String,
    /// When it ends.
    pub ends_at: Timestamp,
}

impl Session {
    /// Starts the session of a launch; `random` is fresh.
    #[must_use]
    pub fn start(launch: &Launch, random: [u8; 16], now: Timestamp) -> Self {
        Self {
            id: HEXLOWER.encode(&random),
            operator: launch.operator.clone(),
            name: launch.name.clone(),
            role: launch.role,
            language: launch.language,
            merchant: launch.merchant.clone(),
            merchant_name: launch.merchant_name.clone(),
            ends_at: now + LIFE,
        }
    }

    /// The session a cookie's value holds; none where it is not ours or is over.
    #[must_use]
    pub fn open(value: &str, keys: &KeyRing, now: Timestamp) -> Option<Self> {
        let sealed = BASE64URL_NOPAD.decode(value.as_bytes()).ok()?;
        let session: Self = serde_json::from_slice(&keys.open(&sealed, CONTEXT).ok()?).ok()?;
        (now < session.ends_at).then_some(session)
    }

    /// The `Set-Cookie` header that carries the session on for another half hour; `random` is fresh.
    #[must_use]
    pub fn set_cookie(&self, keys: &KeyRing, random: [u8; 16], now: Timestamp) -> String {
        let renewed = Self {
            ends_at: now + LIFE,
            ..self.clone()
        };
        let content = serde_json::to_vec(&renewed).expect("a session is plain data");
        let [nonce @ .., _, _, _, _] = random;
        let value = BASE64URL_NOPAD.encode(&keys.seal(&content, CONTEXT, nonce));
        let seconds = LIFE.as_secs();
        format!("{COOKIE}={value}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={seconds}")
    }

    /// The token a form of this session has to bring along: only a page of ours could read it.
    #[must_use]
    pub fn csrf(&self) -> String {
        self.hash("csrf")
    }

    /// Whether a form brought this session's token.
    #[must_use]
    pub fn admits(&self, token: Option<&str>) -> bool {
        // Compared as hashes, so that the time it takes tells nothing of the token.
        token.is_some_and(|token| Sha256::digest(token) == Sha256::digest(self.csrf()))
    }

    /// What a connection attempt is bound to: known to this browser alone, and not the session itself.
    #[must_use]
    pub fn binding(&self) -> String {
        self.hash("connect")
    }

    /// Whether it may change anything.
    #[must_use]
    pub fn may_change(&self) -> bool {
        self.role == Role::Administrator
    }

    fn hash(&self, purpose: &str) -> String {
        HEXLOWER.encode(&Sha256::digest(format!("{purpose}/{}", self.id)))
    }
}
