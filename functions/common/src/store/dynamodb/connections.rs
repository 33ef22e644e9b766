//! Connections and tokens: read together when a merchant's sync begins.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};
use bookkeeping::connection::Connection;
use bookkeeping::ids::MerchantId;

use super::DynamoDb;
use super::item::{
    Item, ROW_VERSION, bytes, instant, key, number, read_bytes, read_instant, read_text, text,
    unavailable, unreadable,
};
use crate::store::{Connections, Opening, SealedAccess, StoreError};

/// Most keys one batched read takes. Source: AWS, `BatchGetItem`.
const BATCH_KEYS_MAX: usize = 100;

impl Connections for DynamoDb {
    async fn openings(&self, merchants: &[MerchantId]) -> Result<Vec<Opening>, StoreError> {
        let (connections, tokens) = (&self.tables.connections, &self.tables.tokens);
        let mut wanted = Vec::with_capacity(merchants.len() * 2);
        for merchant in merchants {
            wanted.push((connections.clone(), key(merchant.as_str(), "connection")));
            wanted.push((tokens.clone(), key(merchant.as_str(), "token")));
        }
        let found = self.batch_get(wanted).await?;
        merchants
            .iter()
            .map(|merchant| opening(merchant, &found, connections, tokens))
            .collect()
    }
}

impl DynamoDb {
    /// Stores a connection whole.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where it could not be written.
    pub async fn put_connection(&self, connection: &Connection) -> Result<(), StoreError> {
        let body = serde_json::to_string(connection)
            .map_err(|error| StoreError::Unreadable(error.to_string()))?;
        let mut item = key(connection.merchant.as_str(), "connection");
        item.insert("body".to_owned(), text(body));
        item.insert("v".to_owned(), number(ROW_VERSION));
        self.put(&self.tables.connections, item).await
    }

    /// Stores a merchant's sealed access token.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where it could not be written.
    pub async fn put_access(
        &self,
        merchant: &MerchantId,
        access: &SealedAccess,
    ) -> Result<(), StoreError> {
        let mut item = key(merchant.as_str(), "token");
        item.insert("access".to_owned(), bytes(&access.token));
        item.insert("expires_at".to_owned(), instant(access.expires_at));
        item.insert("v".to_owned(), number(ROW_VERSION));
        self.put(&self.tables.tokens, item).await
    }

    async fn put(&self, table: &str, item: Item) -> Result<(), StoreError> {
        self.client
            .put_item()
            .table_name(table)
            .set_item(Some(item))
            .send()
            .await
            .map_err(unavailable)?;
        Ok(())
    }

    /// Reads rows by key, in as few calls as possible; what DynamoDB leaves undone is asked for again.
    pub(super) async fn batch_get(
        &self,
        wanted: Vec<(String, Item)>,
    ) -> Result<Vec<(String, Item)>, StoreError> {
        let mut found = Vec::with_capacity(wanted.len());
        for chunk in wanted.chunks(BATCH_KEYS_MAX) {
            let mut request: HashMap<String, KeysAndAttributes> = HashMap::new();
            for (table, key) in chunk {
                let keys = request
                    .remove(table)
                    .map(|asked| asked.keys)
                    .unwrap_or_default();
                let asked = KeysAndAttributes::builder()
                    .set_keys(Some(keys))
                    .keys(key.clone())
                    .consistent_read(true);
                request.insert(
                    table.clone(),
                    asked
                        .build()
                        .map_err(|_| unreadable("keys of a batched read"))?,
                );
            }
            while !request.is_empty() {
                let answer = self
                    .client
                    .batch_get_item()
                    .set_request_items(Some(request))
                    .send()
                    .await;
                let answer = answer.map_err(unavailable)?;
                for (table, items) in answer.responses.unwrap_or_default() {
                    found.extend(items.into_iter().map(|item| (table.clone(), item)));
                }
                request = answer.unprocessed_keys.unwrap_or_default();
            }
        }
        Ok(found)
    }
}

fn opening(
    merchant: &MerchantId,
    found: &[(String, Item)],
    connections: &str,
    tokens: &str,
) -> Result<Opening, StoreError> {
    let pk = AttributeValue::S(merchant.as_str().to_owned());
    let row = |of: &str| {
        found
            .iter()
            .find(|(table, item)| table == of && item.get("pk") == Some(&pk))
            .map(|(_, i)| i)
    };
    let connection = match row(connections) {
        None => None,
        Some(item) => {
            let body = read_text(item, "body").ok_or_else(|| unreadable("connection"))?;
            Some(serde_json::from_str(&body).map_err(|_| unreadable("connection"))?)
        }
    };
    let access = match row(tokens) {
        None => None,
        Some(item) => Some(SealedAccess {
            token: read_bytes(item, "access").ok_or_else(|| unreadable("token"))?,
            expires_at: read_instant(item, "expires_at").ok_or_else(|| unreadable("token"))?,
        }),
    };
    Ok(Opening { connection, access })
}
