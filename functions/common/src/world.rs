//! The world: everything a handler may touch besides its own memory.
//!
//! There are two: [`crate::aws::Aws`] ships, and the simulation has one with a seeded clock, faults and death at
//! every await. Nothing in a handler reaches round it.

use std::future::Future;
use std::time::Duration;

use bookkeeping::health::Cadence;
use bookkeeping::ids::MerchantId;
use jiff::Timestamp;
use quickbooks::Transport;
use quickbooks::oauth::Endpoints;

use crate::config::Timing;
use crate::mail::{Mail, MailFault};
use crate::sealing::KeyRing;
use crate::secrets::{AppSecretCache, RefreshTokensIn, Vault};
use crate::store::{Store, StoreError};
use crate::told::Told;

/// How far ahead a drain is woken at most: as long as a message can be held back. Source: AWS, `SendMessage`, `DelaySeconds`.
pub const WAKE_AHEAD_MAX: Duration = Duration::from_secs(900);

/// What a handler may touch.
pub trait World {
    /// What is remembered.
    type Store: Store;
    /// The way to QuickBooks.
    type QuickBooks: Transport;
    /// Where secrets are kept.
    type Vault: Vault;

    /// What is remembered.
    fn store(&self) -> &Self::Store;

    /// The way to QuickBooks.
    fn quickbooks(&self) -> &Self::QuickBooks;

    /// Base of the QuickBooks API, without `/v3`.
    fn quickbooks_api_url(&self) -> &str;

    /// Intuit's OAuth endpoints.
    fn oauth_endpoints(&self) -> &Endpoints;

    /// Where secrets are kept.
    fn vault(&self) -> &Self::Vault;

    /// The app's secret as this process remembers it.
    fn app_secret(&self) -> &AppSecretCache;

    /// Where refresh tokens are kept besides the journal.
    fn refresh_tokens_in(&self) -> RefreshTokensIn;

    /// Where operators are sent.
    fn app_market_url(&self) -> &str;

    /// Our own address, without a slash at the end.
    fn public_url(&self) -> &str;

    /// MioCommerce's help articles about QuickBooks.
    fn help_url(&self) -> &str;

    /// How often connections are checked.
    fn cadence(&self) -> &Cadence;

    /// The waiting times of the protocol.
    fn timing(&self) -> &Timing;

    /// The wall clock. May jump; leases and due times are kept in it.
    fn now(&self) -> Timestamp;

    /// Time since the process started, which never jumps back, but stands still while a sandbox is frozen.
    fn uptime(&self) -> Duration;

    /// Waits.
    fn sleep(&self, duration: Duration) -> impl Future<Output = ()>;

    /// Fresh random bytes.
    fn random(&self) -> [u8; 16];

    /// The ring that seals tokens.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where the secret cannot be had.
    fn token_keys(&self) -> impl Future<Output = Result<&KeyRing, StoreError>>;

    /// The ring that seals payloads and drafts.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where the secret cannot be had.
    fn payload_keys(&self) -> impl Future<Output = Result<&KeyRing, StoreError>>;

    /// Tells MioCommerce what became of transactions; gives, in order, whether each was taken.
    fn tell(&self, outcomes: &[Told]) -> impl Future<Output = Vec<bool>>;

    /// Sends a mail, once: never tried again by itself, because what was not answered may have been sent.
    ///
    /// # Errors
    ///
    /// [`MailFault`], by whether it may have been sent.
    fn mail(&self, mail: &Mail) -> impl Future<Output = Result<(), MailFault>>;

    /// Sends for somebody to look at the health of these merchants' connections, within a minute. What cannot be sent for
    /// is late, and not lost: it was put off, not taken off.
    fn send_for(&self, merchants: &[MerchantId]) -> impl Future<Output = ()>;

    /// Wakes the drain of these merchants' lots after a while, which is [`WAKE_AHEAD_MAX`] at most. What is not woken is found by
    /// the sweep, once its lot is due.
    fn wake(&self, merchants: &[MerchantId], after: Duration) -> impl Future<Output = ()>;
}
