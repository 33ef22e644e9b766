//! Connections: read together with their tokens when a merchant's sync begins.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::error::TransactionCanceledException;
use aws_sdk_dynamodb::types::{
    AttributeValue, ConditionCheck, KeysAndAttributes, Put, TransactWriteItem, Update,
};
use bookkeeping::breaker::Breaker;
use bookkeeping::connection::{Connection, ConnectionState};
use bookkeeping::ids::MerchantId;
use bookkeeping::settings::history::Change;

use super::item::{Item, ROW_VERSION, key, known, number, read_text, text, unavailable};
use super::lot::is_open;
use super::tokens::token_row;
use super::{DynamoDb, breakers};
use crate::store::breakers::QUICKBOOKS;
use crate::store::{Connections, Opening, StoreError};

/// The sort key of a merchant's connection.
pub(super) const CONNECTION: &str = "connection";

/// The condition that a connection is as it was read, at the revision `:seen`; `:none` is the one of rows from before there
/// were any: 0.
pub(super) const AS_READ: &str =
    "(revision = :seen OR (attribute_not_exists(revision) AND :seen = :none))";

/// Most keys one batched read takes. Source: AWS, `BatchGetItem`.
const BATCH_KEYS_MAX: usize = 100;

/// How long to wait before what DynamoDB left undone is asked for again: longer each time.
const PAUSE_MIN: Duration = Duration::from_millis(25);
const PAUSE_MAX: Duration = Duration::from_millis(800);

impl Connections for DynamoDb {
    async fn openings(
        &self,
        merchants: &[MerchantId],
        with_breaker: bool,
    ) -> Result<Vec<Result<Opening, StoreError>>, StoreError> {
        let (connections, tokens) = (&self.tables.connections, &self.tables.tokens);
        let ledger = &self.tables.ledger;
        let mut wanted = Vec::with_capacity(merchants.len() * 3 + 1);
        for merchant in merchants {
            wanted.push((connections.clone(), key(merchant.as_str(), CONNECTION)));
            wanted.push((tokens.clone(), key(merchant.as_str(), "token")));
            wanted.push((ledger.clone(), key(merchant.as_str(), "lot")));
        }
        // One row for all of them.
        let breaker_row = breakers::row_key(QUICKBOOKS);
        if with_breaker {
            wanted.push((ledger.clone(), breaker_row.clone()));
        }
        let Batched { found, is_whole } = self.batch_get_but(wanted, Some(&breaker_row)).await?;
        let pk = breaker_row.get("pk");
        let breaker = found.iter().find(|(_, item)| item.get("pk") == pk);
        let breaker = match breaker {
            Some((_, item)) => Some(breakers::breaker(item)),
            // Nobody ever had to write it.
            None if with_breaker && is_whole => Some(Breaker::Closed),
            None => None,
        };
        let opened = merchants.iter().map(|merchant| {
            let opening = opening(merchant, &found, [connections, tokens, ledger])?;
            Ok(Opening { breaker, ..opening })
        });
        Ok(opened.collect())
    }

    async fn revise(
        &self,
        connection: &Connection,
        change: Option<&Change>,
    ) -> Result<bool, StoreError> {
        let table = &self.tables.connections;
        let next = Connection {
            revision: connection.revision + 1,
            ..connection.clone()
        };
        let update = Update::builder()
            .table_name(table)
            .set_key(Some(key(connection.merchant.as_str(), CONNECTION)))
            .update_expression("SET body = :body, revision = :next, v = :v")
            .condition_expression(format!("epoch = :epoch AND {AS_READ}"))
            .expression_attribute_values(":body", text(body(&next)?))
            .expression_attribute_values(":epoch", number(connection.epoch))
            .expression_attribute_values(":seen", number(connection.revision))
            .expression_attribute_values(":next", number(next.revision))
            .expression_attribute_values(":none", number(0))
            .expression_attribute_values(":v", number(ROW_VERSION))
            .build()
            .map_err(|_| StoreError::unreadable("a change of a connection"))?;
        let update = TransactWriteItem::builder().update(update).build();
        let mut writes = vec![update];
        if let Some(change) = change {
            let sort = format!("change#{:.3}#{:08}", change.at, next.revision);
            let mut item = key(connection.merchant.as_str(), &sort);
            let body =
                serde_json::to_string(change).map_err(|_| StoreError::unreadable("change"))?;
            item.insert("body".to_owned(), text(body));
            item.insert("v".to_owned(), number(ROW_VERSION));
            let put = Put::builder()
                .table_name(table)
                .set_item(Some(item))
                .build();
            let put = put.map_err(|_| StoreError::unreadable("a change of the settings"))?;
            writes.push(TransactWriteItem::builder().put(put).build());
        }
        self.written_together(writes).await
    }

    async fn history(
        &self,
        merchant: &MerchantId,
        limit: usize,
    ) -> Result<Vec<Change>, StoreError> {
        let answer = self
            .client
            .query()
            .table_name(&self.tables.connections)
            .key_condition_expression("pk = :pk AND begins_with(sk, :change)")
            .expression_attribute_values(":pk", text(merchant.as_str()))
            .expression_attribute_values(":change", text("change#"))
            .scan_index_forward(false)
            .limit(i32::try_from(limit).unwrap_or(i32::MAX))
            .send()
            .await
            .map_err(unavailable)?;
        answer
            .items
            .unwrap_or_default()
            .iter()
            .map(|item| {
                let body =
                    read_text(item, "body").ok_or_else(|| StoreError::unreadable("change"))?;
                serde_json::from_str(&body).map_err(|_| StoreError::unreadable("change"))
            })
            .collect()
    }

    async fn set_state(
        &self,
        merchant: &MerchantId,
        epoch: u64,
        state: ConnectionState,
    ) -> Result<bool, StoreError> {
        let update = Update::builder()
            .table_name(&self.tables.connections)
            .set_key(Some(key(merchant.as_str(), CONNECTION)))
            .update_expression("SET #state = :state")
            .condition_expression("epoch = :epoch")
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":state", text(state.stored()))
            .expression_attribute_values(":epoch", number(epoch))
            .build()
            .map_err(|_| StoreError::unreadable("a change of state"))?;
        let is_decided = format!("decided_{epoch} = :state");
        // Who disconnects must not need tokens.
        let is_decided = match state {
            ConnectionState::Disconnected => {
                format!("attribute_not_exists(realm_{epoch}) OR {is_decided}")
            }
            _ => is_decided,
        };
        let stands = ConditionCheck::builder()
            .table_name(&self.tables.tokens)
            .set_key(Some(key(merchant.as_str(), "token")))
            .condition_expression(is_decided)
            .expression_attribute_values(":state", text(state.stored()))
            .build()
            .map_err(|_| StoreError::unreadable("a decision"))?;
        let writes = vec![
            TransactWriteItem::builder().update(update).build(),
            TransactWriteItem::builder().condition_check(stands).build(),
        ];
        self.written_together(writes).await
    }
}

impl DynamoDb {
    /// Writes all or nothing. `false` where a condition did not hold.
    async fn written_together(&self, writes: Vec<TransactWriteItem>) -> Result<bool, StoreError> {
        let transact = self.client.transact_write_items();
        match transact.set_transact_items(Some(writes)).send().await {
            Ok(_) => Ok(true),
            Err(error) => match error.as_service_error() {
                Some(TransactWriteItemsError::TransactionCanceledException(cancelled))
                    if is_refused(cancelled) =>
                {
                    Ok(false)
                }
                _ => Err(unavailable(error)),
            },
        }
    }

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
        let mut item = key(connection.merchant.as_str(), CONNECTION);
        item.insert("body".to_owned(), text(body(connection)?));
        item.insert("revision".to_owned(), number(connection.revision));
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

    /// Reads rows by key, in as few calls as possible; what DynamoDB leaves undone is asked for again, later each time.
    pub(super) async fn batch_get(
        &self,
        wanted: Vec<(String, Item)>,
    ) -> Result<Vec<(String, Item)>, StoreError> {
        let read = self.batch_get_but(wanted, None).await?;
        Ok(read.found)
    }

    /// The same; but one row is not waited for where DynamoDB leaves it undone.
    async fn batch_get_but(
        &self,
        wanted: Vec<(String, Item)>,
        but: Option<&Item>,
    ) -> Result<Batched, StoreError> {
        let mut batched = Batched {
            found: Vec::with_capacity(wanted.len()),
            is_whole: true,
        };
        for chunk in wanted.chunks(BATCH_KEYS_MAX) {
            let mut request: HashMap<String, KeysAndAttributes> = HashMap::new();
            for (table, key) in chunk {
                let keys = request
                    .remove(table)
                    .map(|asked| asked.keys)
                    .unwrap_or_default();
                let asked = keys_of(keys.into_iter().chain([key.clone()]).collect())?;
                request.insert(table.clone(), asked);
            }
            let mut pause = PAUSE_MIN;
            loop {
                let answer = self
                    .client
                    .batch_get_item()
                    .set_request_items(Some(request))
                    .send()
                    .await;
                let answer = answer.map_err(unavailable)?;
                for (table, items) in answer.responses.unwrap_or_default() {
                    let items = items.into_iter().map(|item| (table.clone(), item));
                    batched.found.extend(items);
                }
                request = HashMap::new();
                for (table, left) in answer.unprocessed_keys.unwrap_or_default() {
                    let asked = left.keys.len();
                    let keys: Vec<Item> = left
                        .keys
                        .into_iter()
                        .filter(|key| Some(key) != but)
                        .collect();
                    batched.is_whole &= keys.len() == asked;
                    if !keys.is_empty() {
                        request.insert(table, keys_of(keys)?);
                    }
                }
                if request.is_empty() {
                    break;
                }
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(PAUSE_MAX);
            }
        }
        Ok(batched)
    }
}

/// What a batched read brought.
struct Batched {
    found: Vec<(String, Item)>,
    /// Whether everything that was asked was read.
    is_whole: bool,
}

fn keys_of(keys: Vec<Item>) -> Result<KeysAndAttributes, StoreError> {
    let keys = KeysAndAttributes::builder()
        .set_keys(Some(keys))
        .consistent_read(true);
    keys.build()
        .map_err(|_| StoreError::unreadable("keys of a batched read"))
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
        breaker: None,
    })
}

fn body(connection: &Connection) -> Result<String, StoreError> {
    serde_json::to_string(connection).map_err(|error| StoreError::unreadable(error.to_string()))
}

/// Whether a transaction was called off because a condition of it did not hold.
fn is_refused(cancelled: &TransactionCanceledException) -> bool {
    let reasons = cancelled.cancellation_reasons();
    reasons
        .iter()
        .any(|reason| reason.code() == Some("ConditionalCheckFailed"))
}

fn read_connection(item: &Item) -> Result<Connection, StoreError> {
    known(item)?;
    let body = read_text(item, "body").ok_or_else(|| StoreError::unreadable("connection"))?;
    let mut connection: Connection =
        serde_json::from_str(&body).map_err(|_| StoreError::unreadable("connection"))?;
    // A change of state is written beside the body.
    if let Some(state) = read_text(item, "state") {
        connection.state = ConnectionState::from_stored(&state)
            .ok_or_else(|| StoreError::unreadable("connection"))?;
    }
    Ok(connection)
}
