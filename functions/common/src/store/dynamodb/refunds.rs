//! The refunds of a payment: one row, read whole and written whole under its revision.

use bookkeeping::transaction::TransactionKey;

use super::DynamoDb;
use super::item::{
    Item, ROW_VERSION, carried_out, key, known, number, read_number, read_text, text, unavailable,
};
use crate::store::{Refunded, Refunds, StoreError};

impl Refunds for DynamoDb {
    async fn refunded(&self, payment: &TransactionKey) -> Result<Refunded, StoreError> {
        let Some(item) = self.ledger_item(row_key(payment)).await? else {
            return Ok(Refunded::default());
        };
        known(&item)?;
        let body =
            read_text(&item, "refunded").ok_or_else(|| StoreError::unreadable("refunded"))?;
        let refunded: Refunded =
            serde_json::from_str(&body).map_err(|_| StoreError::unreadable("refunded"))?;
        Ok(Refunded {
            revision: read_number(&item, "revision")
                .ok_or_else(|| StoreError::unreadable("revision"))?,
            ..refunded
        })
    }

    async fn keep_refunded(
        &self,
        payment: &TransactionKey,
        refunded: &Refunded,
    ) -> Result<bool, StoreError> {
        let body =
            serde_json::to_string(refunded).map_err(|_| StoreError::unreadable("refunded"))?;
        let update = self
            .client
            .update_item()
            .table_name(&self.tables.ledger)
            .set_key(Some(row_key(payment)))
            .update_expression("SET refunded = :body, revision = :next, v = :v")
            .expression_attribute_values(":body", text(body))
            .expression_attribute_values(":next", number(refunded.revision + 1))
            .expression_attribute_values(":v", number(ROW_VERSION));
        let update = match refunded.revision {
            0 => update.condition_expression("attribute_not_exists(pk)"),
            read => update
                .expression_attribute_values(":read", number(read))
                .condition_expression("revision = :read"),
        };
        // Also our own write, carried out and not answered: it is found by reading again.
        carried_out(update.send().await)
    }
}

impl DynamoDb {
    /// One row of the ledger, as it stands now.
    pub(super) async fn ledger_item(&self, key: Item) -> Result<Option<Item>, StoreError> {
        let get = self
            .client
            .get_item()
            .table_name(&self.tables.ledger)
            .set_key(Some(key))
            .consistent_read(true);
        Ok(get.send().await.map_err(unavailable)?.item)
    }
}

fn row_key(payment: &TransactionKey) -> Item {
    let sk = format!("refunds#{}", payment.id);
    key(payment.merchant.as_str(), &sk)
}
