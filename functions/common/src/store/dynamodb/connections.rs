//! Connections: read together with their tokens when a merchant's sync begins.

use std::collections::HashMap;

use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};
use bookkeeping::connection::{Connection, ConnectionState};
use bookkeeping::ids::MerchantId;

use super::DynamoDb;
use super::item::{Item, ROW_VERSION, key, number, read_text, text, unavailable, unreadable};
use super::lot::is_open;
use super::tokens::token_row;
use crate::store::{Connections, Opening, StoreError};

/// Most keys one batched read takes. Source: AWS, `BatchGetItem`.
const BATCH_KEYS_MAX: usize = 100;

impl Connections for DynamoDb {
    async fn openings(&self, merchants: &[MerchantId]) -> Result<Vec<Opening>, StoreError> {
        let (connections, tokens) = (&self.tables.connections, &self.tables.tokens);
        let ledger = &self.tables.ledger;
        let mut wanted = Vec::with_capacity(merchants.len() * 3);
        for merchant in merchants {
            wanted.push((connections.clone(), key(merchant.as_str(), "connection")));
            wanted.push((tokens.clone(), key(merchant.as_str(), "token")));
            wanted.push((ledger.clone(), key(merchant.as_str(), "lot")));
        }
        let found = self.batch_get(wanted).await?;
        merchants
            .iter()
            .map(|merchant| opening(merchant, &found, [connections, tokens, ledger]))
            .collect()
    }

    async fn set_state(
        &self,
        merchant: &MerchantId,
        epoch: u64,
        state: ConnectionState,
    ) -> Result<bool, StoreError> {
        let update = self
            .client
            .update_item()
            .table_name(&self.tables.connections)
            .set_key(Some(key(merchant.as_str(), "connection")))
            .update_expression("SET #state = :state")
            .condition_expression("epoch = :epoch")
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":state", text(state.stored()))
            .expression_attribute_values(":epoch", number(epoch));
        match update.send().await {
            Ok(_) => Ok(true),
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(_)) => Ok(false),
                _ => Err(unavailable(error)),
            },
        }
    }
}

impl DynamoDb {
    /// Stores a connection whole.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where it could not be written.
    pub async fn put_connection(&self, connection: &Connection) -> Result<(), StoreError> {
        let mut item = Self::connection_row(connection)?;
        item.insert("v".to_owned(), number(ROW_VERSION));
        self.put(&self.tables.connections, item).await
    }

    /// The row of a connection, without its version.
    pub(super) fn connection_row(connection: &Connection) -> Result<Item, StoreError> {
        let body = serde_json::to_string(connection)
            .map_err(|error| StoreError::Unreadable(error.to_string()))?;
        let mut item = key(connection.merchant.as_str(), "connection");
        item.insert("body".to_owned(), text(body));
        item.insert("epoch".to_owned(), number(connection.epoch));
        Ok(item)
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
    [connections, tokens, ledger]: [&str; 3],
) -> Result<Opening, StoreError> {
    let pk = AttributeValue::S(merchant.as_str().to_owned());
    let row = |of: &str| {
        found
            .iter()
            .find(|(table, item)| table == of && item.get("pk") == Some(&pk))
            .map(|(_, i)| i)
    };
    let connection = row(connections).map(read_connection).transpose()?;
    let tokens = match (&connection, row(tokens)) {
        (Some(connection), Some(item)) => token_row(item, connection.epoch)?,
        _ => None,
    };
    Ok(Opening {
        connection,
        tokens,
        lot_open: row(ledger).is_some_and(is_open),
    })
}

fn read_connection(item: &Item) -> Result<Connection, StoreError> {
    let body = read_text(item, "body").ok_or_else(|| unreadable("connection"))?;
    let mut connection: Connection =
        serde_json::from_str(&body).map_err(|_| unreadable("connection"))?;
    // A change of state is written beside the body.
    if let Some(state) = read_text(item, "state") {
        connection.state =
            ConnectionState::from_stored(&state).ok_or_else(|| unreadable("connection"))?;
    }
    Ok(connection)
}
