//! Merchants who were forgotten: by a hash alone, so that no row names them, and only as long as a table can be put back.

use bookkeeping::ids::MerchantId;
use data_encoding::BASE32_NOPAD;
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::DynamoDb;
use super::item::{Item, carried_out, instant, key, number, read_instant, unavailable};
use crate::store::StoreError;
use crate::store::kept::REMEMBERED;

impl DynamoDb {
    /// Remembers for [`REMEMBERED`] that a merchant was forgotten now.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where it cannot be written.
    pub async fn remember_forgotten(
        &self,
        merchant: &MerchantId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let update = self
            .client
            .update_item()
            .table_name(&self.tables.links)
            .set_key(Some(of(merchant)))
            .update_expression("SET forgotten_at = :now, expires = :expires")
            .expression_attribute_values(":now", instant(now))
            .expression_attribute_values(":expires", number((now + REMEMBERED).as_second()));
        carried_out(update.send().await).map(drop)
    }

    /// Whether a merchant was forgotten since then: a table that is put back to that time holds it again.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where it cannot be read.
    pub async fn is_forgotten_since(
        &self,
        merchant: &MerchantId,
        since: Timestamp,
    ) -> Result<bool, StoreError> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.tables.links)
            .set_key(Some(of(merchant)))
            .consistent_read(true)
            .send()
            .await
            .map_err(unavailable)?;
        let at = answer
            .item
            .as_ref()
            .map(|item| read_instant(item, "forgotten_at"));
        Ok(at.is_some_and(|at| at.is_none_or(|at| at >= since)))
    }
}

/// Whether a partition says that a merchant was forgotten.
#[must_use]
pub fn is_of_forgotten(pk: &str) -> bool {
    pk.starts_with("forgotten#")
}

fn of(merchant: &MerchantId) -> Item {
    let hash = BASE32_NOPAD.encode(&Sha256::digest(merchant.as_str())[..20]);
    key(&format!("forgotten#{hash}"), "once")
}
