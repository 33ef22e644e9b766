//! Activity: the sparse index `activity` holds a position and a key of every transaction; the rows themselves are read
//! along, in batches.

use bookkeeping::ids::MerchantId;
use bookkeeping::transaction::TransactionKey;

use super::DynamoDb;
use super::item::{Item, key, read_bytes, read_text, text, unavailable};
use super::ledger::{row, sort_key};
use super::lot::transaction_key;
use crate::store::StoreError;
use crate::store::activity::{Activity, Entry, Span};

impl Activity for DynamoDb {
    async fn activity(
        &self,
        merchant: &MerchantId,
        span: &Span<'_>,
    ) -> Result<Vec<Entry>, StoreError> {
        // A position is an instant and, after it, what happened then: the bare instant comes before all of it.
        let from = format!("{:.3}", span.from);
        let until = span
            .after
            .map_or_else(|| format!("{:.3}", span.until), str::to_owned);
        if until <= from {
            return Ok(Vec::new());
        }
        let found = self
            .client
            .query()
            .table_name(&self.tables.ledger)
            .index_name("activity")
            .key_condition_expression("pk = :pk AND listed BETWEEN :from AND :until")
            .expression_attribute_values(":pk", text(merchant.as_str()))
            .expression_attribute_values(":from", text(from))
            .expression_attribute_values(":until", text(until))
            .scan_index_forward(false)
            // The end itself is not part of the span.
            .limit(i32::try_from(span.limit + 1).unwrap_or(i32::MAX))
            .send()
            .await
            .map_err(unavailable)?;
        let listed: Vec<(String, String)> = found
            .items
            .unwrap_or_default()
            .iter()
            .filter_map(|item| read_text(item, "listed").zip(read_text(item, "sk")))
            .filter(|(position, _)| Some(position.as_str()) != span.after)
            .take(span.limit)
            .collect();
        let table = &self.tables.ledger;
        let wanted = listed
            .iter()
            .map(|(_, sk)| (table.clone(), key(merchant.as_str(), sk)));
        let rows = self.batch_get(wanted.collect()).await?;
        let read = |sk: &str| -> Option<&Item> {
            let is_it = |item: &&Item| read_text(item, "sk").as_deref() == Some(sk);
            rows.iter().map(|(_, item)| item).find(is_it)
        };
        let entry = |(position, sk): &(String, String)| {
            let item = read(sk)?;
            Some(row(item).map(|row| Entry {
                position: position.clone(),
                key: transaction_key(merchant, sk),
                row,
            }))
        };
        listed.iter().filter_map(entry).collect()
    }

    async fn message(&self, of: &TransactionKey) -> Result<Option<Vec<u8>>, StoreError> {
        let found = self
            .ledger_item(key(of.merchant.as_str(), &sort_key(of)))
            .await?;
        Ok(found.and_then(|item| read_bytes(&item, "payload")))
    }
}
