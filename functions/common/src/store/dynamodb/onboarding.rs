//! Onboarding: one-time ids, owners of companies, profiles of merchants; all in the table of connections.

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::put_item::builders::PutItemFluentBuilder;
use aws_sdk_dynamodb::types::builders::PutBuilder;
use aws_sdk_dynamodb::types::{Put, ReturnValue, TransactWriteItem};
use bookkeeping::connection::Connection;
use bookkeeping::ids::{MerchantId, RealmId};
use bookkeeping::merchant::MerchantProfile;
use jiff::Timestamp;

use super::DynamoDb;
use super::connections::{AS_READ, CONNECTION};
use super::item::{
    Item, ROW_VERSION, carried_out, instant, key, known, number, read_instant, read_number,
    read_text, text, unavailable,
};
use crate::store::{Attempt, Onboarding, StoreError, TakenUp};

/// The sort key of a one-time id.
const ONCE: &str = "once";

/// The sort key of a company's owner.
const OWNER: &str = "owner";

/// The sort key of a merchant's profile.
const PROFILE: &str = "merchant";

impl Onboarding for DynamoDb {
    async fn use_launch(&self, id: &str, until: Timestamp) -> Result<bool, StoreError> {
        let mut item = key(&format!("launch#{id}"), ONCE);
        item.insert("expires".to_owned(), number(until.as_second()));
        let put = self
            .put_row(item)
            .condition_expression("attribute_not_exists(pk)");
        carried_out(put.send().await)
    }

    async fn begin_attempt(&self, state_hash: &str, attempt: &Attempt) -> Result<(), StoreError> {
        let mut item = attempt_key(state_hash);
        item.insert("merchant".to_owned(), text(attempt.merchant.as_str()));
        item.insert("binding".to_owned(), text(&attempt.binding));
        item.insert("expires_at".to_owned(), instant(attempt.expires_at));
        // DynamoDB takes it away by itself some time after.
        item.insert("expires".to_owned(), number(attempt.expires_at.as_second()));
        if let Some(realm) = &attempt.fresh_start {
            item.insert("fresh_start".to_owned(), text(realm.as_str()));
        }
        self.put_row(item).send().await.map_err(unavailable)?;
        Ok(())
    }

    async fn take_attempt(
        &self,
        state_hash: &str,
        binding: &str,
        merchant: &MerchantId,
        now: Timestamp,
    ) -> Result<Option<Attempt>, StoreError> {
        let delete = self
            .client
            .delete_item()
            .table_name(&self.tables.connections)
            .set_key(Some(attempt_key(state_hash)))
            .condition_expression(
                "binding = :binding AND merchant = :merchant AND expires_at > :now",
            )
            .expression_attribute_values(":binding", text(binding))
            .expression_attribute_values(":merchant", text(merchant.as_str()))
            .expression_attribute_values(":now", instant(now))
            .return_values(ReturnValue::AllOld);
        match delete.send().await {
            Ok(answer) => {
                let item = answer
                    .attributes
                    .ok_or_else(|| StoreError::unreadable("an attempt"))?;
                Ok(Some(
                    attempt(&item).ok_or_else(|| StoreError::unreadable("an attempt"))?,
                ))
            }
            Err(error) => refused(error).map(|()| None),
        }
    }

    async fn take_up(
        &self,
        connection: &Connection,
        before: Option<&Connection>,
    ) -> Result<TakenUp, StoreError> {
        let (merchant, realm) = (&connection.merchant, &connection.company.realm);
        let row = self.transact_put(Self::connection_row(connection)?);
        let row = match before {
            None => row.condition_expression("attribute_not_exists(pk)"),
            Some(before) => row
                .condition_expression(format!("epoch = :epoch AND {AS_READ}"))
                .expression_attribute_values(":epoch", number(before.epoch))
                .expression_attribute_values(":seen", number(before.revision))
                .expression_attribute_values(":none", number(0)),
        };
        let mut owner = owner_key(realm);
        owner.insert("merchant".to_owned(), text(merchant.as_str()));
        owner.insert("epoch".to_owned(), number(connection.epoch));
        let owner = self
            .transact_put(owner)
            .condition_expression("attribute_not_exists(pk) OR merchant = :merchant")
            .expression_attribute_values(":merchant", text(merchant.as_str()));
        let both = [row, owner].map(|put| {
            let put = put
                .build()
                .map_err(|_| StoreError::unreadable("a connection"))?;
            Ok(TransactWriteItem::builder().put(put).build())
        });
        let both = both.into_iter().collect::<Result<Vec<_>, StoreError>>()?;
        let transact = self.client.transact_write_items();
        let Err(error) = transact.set_transact_items(Some(both)).send().await else {
            return Ok(TakenUp::Done);
        };
        if error.code() != Some("TransactionCanceledException") {
            return Err(unavailable(error));
        }
        // Also what a repetition meets whose first answer was lost: read back, it knows its own.
        let present = self.get_row(key(merchant.as_str(), CONNECTION)).await?;
        let of = |name| present.as_ref().and_then(|item| read_number(item, name));
        if of("epoch") == Some(connection.epoch) {
            return Ok(TakenUp::Done);
        }
        if of("epoch") != before.map(|before| before.epoch) {
            return Ok(TakenUp::Overtaken);
        }
        let owner = self.owner(realm).await?;
        if owner.is_some_and(|owner| owner != *merchant) {
            return Ok(TakenUp::CompanyTaken);
        }
        if before.is_some_and(|before| of("revision").unwrap_or(0) != before.revision) {
            return Ok(TakenUp::Revised);
        }
        // Two writes met, or the store was busy.
        Err(unavailable(error))
    }

    async fn owner(&self, realm: &RealmId) -> Result<Option<MerchantId>, StoreError> {
        let Some(item) = self.get_row(owner_key(realm)).await? else {
            return Ok(None);
        };
        let merchant = read_text(&item, "merchant").and_then(|id| MerchantId::parse(&id).ok());
        Ok(Some(merchant.ok_or_else(|| {
            StoreError::unreadable("a company's owner")
        })?))
    }

    async fn free_company(
        &self,
        realm: &RealmId,
        merchant: &MerchantId,
        epoch: u64,
    ) -> Result<(), StoreError> {
        let delete = self
            .client
            .delete_item()
            .table_name(&self.tables.connections)
            .set_key(Some(owner_key(realm)))
            .condition_expression(
                "merchant = :merchant AND (attribute_not_exists(epoch) OR epoch <= :epoch)",
            )
            .expression_attribute_values(":merchant", text(merchant.as_str()))
            .expression_attribute_values(":epoch", number(epoch));
        match delete.send().await {
            Ok(_) => Ok(()),
            // Not this merchant's, or nobody's, or bound anew: as it should be.
            Err(error) => refused(error),
        }
    }

    async fn merchant(&self, merchant: &MerchantId) -> Result<Option<MerchantProfile>, StoreError> {
        let Some(item) = self.get_row(key(merchant.as_str(), PROFILE)).await? else {
            return Ok(None);
        };
        let body = read_text(&item, "body")
            .ok_or_else(|| StoreError::unreadable("a merchant's profile"))?;
        let profile: MerchantProfile = serde_json::from_str(&body)
            .map_err(|_| StoreError::unreadable("a merchant's profile"))?;
        Ok(Some(MerchantProfile {
            revision: read_number(&item, "revision").unwrap_or_default(),
            ..profile
        }))
    }

    async fn learn_merchant(&self, profile: &MerchantProfile) -> Result<bool, StoreError> {
        let body = serde_json::to_string(profile)
            .map_err(|_| StoreError::unreadable("a merchant's profile"))?;
        let mut item = key(profile.merchant.as_str(), PROFILE);
        item.insert("body".to_owned(), text(body));
        item.insert("revision".to_owned(), number(profile.revision + 1));
        let put = self.put_row(item);
        let put = match profile.revision {
            0 => put.condition_expression("attribute_not_exists(revision)"),
            read => put
                .condition_expression("revision = :read")
                .expression_attribute_values(":read", number(read)),
        };
        carried_out(put.send().await)
    }
}

impl DynamoDb {
    fn put_row(&self, mut item: Item) -> PutItemFluentBuilder {
        item.insert("v".to_owned(), number(ROW_VERSION));
        self.client
            .put_item()
            .table_name(&self.tables.connections)
            .set_item(Some(item))
    }

    fn transact_put(&self, mut item: Item) -> PutBuilder {
        item.insert("v".to_owned(), number(ROW_VERSION));
        Put::builder()
            .table_name(&self.tables.connections)
            .set_item(Some(item))
    }

    async fn get_row(&self, key: Item) -> Result<Option<Item>, StoreError> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.tables.connections)
            .set_key(Some(key))
            .consistent_read(true)
            .send()
            .await
            .map_err(unavailable)?;
        answer.item.as_ref().map_or(Ok(()), known)?;
        Ok(answer.item)
    }
}

fn attempt_key(state_hash: &str) -> Item {
    key(&format!("attempt#{state_hash}"), ONCE)
}

fn owner_key(realm: &RealmId) -> Item {
    key(&format!("company#{realm}"), OWNER)
}

fn attempt(item: &Item) -> Option<Attempt> {
    let fresh_start = match read_text(item, "fresh_start") {
        None => None,
        Some(realm) => Some(RealmId::parse(&realm).ok()?),
    };
    Some(Attempt {
        merchant: MerchantId::parse(&read_text(item, "merchant")?).ok()?,
        binding: read_text(item, "binding")?,
        fresh_start,
        expires_at: read_instant(item, "expires_at")?,
    })
}

/// A condition that did not hold; any other error is the store's.
fn refused<E, R>(error: SdkError<E, R>) -> Result<(), StoreError>
where
    E: std::error::Error + ProvideErrorMetadata + 'static,
    R: std::fmt::Debug,
{
    match error.code() {
        Some("ConditionalCheckFailedException") => Ok(()),
        _ => Err(unavailable(error)),
    }
}
