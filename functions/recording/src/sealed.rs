//! What is hashed and sealed of a transaction.

use bookkeeping::transaction::TransactionKey;
use common::sealing::nonce;
use common::store::{StoreError, payload_context};
use common::world::World;
use data_encoding::BASE32_NOPAD;
use quickbooks::receipts::FrozenReceipt;
use sha2::{Digest, Sha256};

use crate::Recorder;
use crate::stop::Again;

/// Hash of everything that decides what is posted: a delivery with another one is a conflict, not a repeat.
#[must_use]
pub fn fingerprint(financial_fields: &str) -> String {
    BASE32_NOPAD.encode(&Sha256::digest(financial_fields.as_bytes())[..16])
}

/// Seals content for a transaction's row.
pub(crate) async fn seal<W: World>(
    recorder: &Recorder<W>,
    key: &TransactionKey,
    content: &[u8],
) -> Result<Vec<u8>, Again> {
    let keys = recorder.world.payload_keys().await?;
    Ok(keys.seal(
        content,
        &payload_context(key),
        nonce(recorder.world.random()),
    ))
}

/// Opens a frozen receipt.
pub(crate) async fn open<W: World>(
    recorder: &Recorder<W>,
    key: &TransactionKey,
    sealed: &[u8],
) -> Result<FrozenReceipt, Again> {
    let keys = recorder.world.payload_keys().await?;
    let unreadable = || StoreError::unreadable(format!("the frozen receipt of {key}"));
    let content = keys
        .open(sealed, &payload_context(key))
        .map_err(|_| unreadable())?;
    Ok(serde_json::from_slice(&content).map_err(|_| unreadable())?)
}
