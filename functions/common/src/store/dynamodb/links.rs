//! Customer links.
//!
//! A row stands under its merchant, by customer, company and currency, so that everything of one customer is one query. It is
//! claimed (`owner`, `lease_until`) while its record is looked for, and again while its profile is changed. Its facts are
//! one JSON text, because nothing but its record, version and revision is ever a condition.

use std::time::Duration;

use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
use bookkeeping::ids::{CompanyCustomerId, CustomerId, MerchantId, RealmId};
use jiff::Timestamp;

use super::DynamoDb;
use super::item::{
    Item, KNOWN, ROW_VERSION, bytes, carried_out, instant, number, read_number, text, unavailable,
};
use super::link_row::{
    as_read, at_revision, given_up, item_key, link, link_key, read_list, refused_by, written,
};
use crate::store::{
    Erased, Link, LinkClaim, LinkClaimed, LinkKey, LinkStanding, Links, StoreError,
};

impl Links for DynamoDb {
    async fn links(&self, keys: &[LinkKey]) -> Result<Vec<Option<Link>>, StoreError> {
        // A batched read takes each key once.
        let mut wanted: Vec<&LinkKey> = keys.iter().collect();
        wanted.sort();
        wanted.dedup();
        let table = &self.tables.links;
        let found = self
            .batch_get(
                wanted
                    .into_iter()
                    .map(|key| (table.clone(), item_key(key)))
                    .collect(),
            )
            .await?;
        let at = |key: &LinkKey| {
            let wanted = item_key(key);
            let same = |item: &Item| {
                item.get("pk") == wanted.get("pk") && item.get("sk") == wanted.get("sk")
            };
            found
                .iter()
                .map(|(_, item)| item)
                .find(|item| same(item))
                // One of a later version is met again, by itself, by whoever is about to claim it.
                .and_then(|item| link(item).ok().flatten())
        };
        Ok(keys.iter().map(at).collect())
    }

    async fn links_of(
        &self,
        merchant: &MerchantId,
        realm: &RealmId,
        customer: &CustomerId,
    ) -> Result<Vec<(LinkKey, LinkStanding)>, StoreError> {
        let rows = self
            .rows_of(merchant, &format!("{customer}#{realm}"))
            .await?;
        let standing = |item: &Item| {
            let key = link_key(item).filter(|key| key.realm == *realm)?;
            let standing = link(item).map(|link| match link {
                Some(link) => LinkStanding::Linked(Box::new(link)),
                None if item.contains_key("owner") => LinkStanding::Sought,
                None => LinkStanding::Unlinked,
            });
            Some(standing.map(|standing| (key, standing)))
        };
        rows.iter().filter_map(standing).collect()
    }

    async fn claim_link(
        &self,
        claim: &LinkClaim<'_>,
        asked: &[u8],
        dead: Option<&CompanyCustomerId>,
    ) -> Result<LinkClaimed, StoreError> {
        let mut condition = "attribute_not_exists(pk) OR (attribute_not_exists(#record) AND \
             (attribute_not_exists(#owner) OR #owner = :owner OR lease_until < :quiet))"
            .to_owned();
        let mut expression = "SET #owner = :owner, lease_until = :until, v = :v, \
             asked = list_append(if_not_exists(asked, :nothing), :asked) REMOVE #record"
            .to_owned();
        let mut update = self
            .update_link(claim.key)
            .expression_attribute_values(":owner", text(claim.owner))
            .expression_attribute_values(":until", instant(claim.now + claim.lease))
            .expression_attribute_values(":quiet", instant(claim.now - claim.quiescence))
            .expression_attribute_values(":asked", AttributeValue::L(vec![bytes(asked)]))
            .expression_attribute_values(":nothing", AttributeValue::L(Vec::new()))
            .expression_attribute_values(":v", number(ROW_VERSION));
        if let Some(dead) = dead {
            condition.push_str(" OR #record = :dead");
            // The id the dead record was created under would be answered with it.
            expression.push_str(" ADD refused :one");
            update = update
                .expression_attribute_values(":dead", text(dead.as_str()))
                .expression_attribute_values(":one", number(1));
        }
        let update = update
            .update_expression(expression)
            .condition_expression(format!("({condition}) AND {KNOWN}"))
            .return_values(ReturnValue::AllOld);
        match update.send().await {
            Ok(answer) => {
                let before = answer.attributes.unwrap_or_default();
                Ok(LinkClaimed::Ours {
                    revision: read_number(&before, "refused").unwrap_or(0_u32)
                        + u32::from(dead.is_some()),
                    asked: read_list(&before, "asked"),
                    given_up: given_up(&before).map(Box::new),
                })
            }
            Err(error) => Ok(
                link(&refused_by(error)?)?.map_or(LinkClaimed::Busy, |link| {
                    LinkClaimed::Linked(Box::new(link))
                }),
            ),
        }
    }

    async fn link(
        &self,
        key: &LinkKey,
        owner: &str,
        new: &Link,
    ) -> Result<Option<Link>, StoreError> {
        let update = written(self.update_link(key), new)?
            .expression_attribute_values(":owner", text(owner))
            .condition_expression("attribute_not_exists(#record) AND #owner = :owner");
        match update.send().await {
            Ok(answer) => at_revision(new, answer.attributes).map(Some),
            Err(error) => link(&refused_by(error)?),
        }
    }

    async fn release_link(
        &self,
        key: &LinkKey,
        owner: &str,
        refused: bool,
        asked: &[Vec<u8>],
    ) -> Result<(), StoreError> {
        let mut expression = match asked {
            [] => "REMOVE #owner, lease_until, asked".to_owned(),
            _ => "SET asked = :asked REMOVE #owner, lease_until".to_owned(),
        };
        if refused {
            expression.push_str(" ADD refused :one");
        }
        let mut update = self
            .client
            .update_item()
            .table_name(&self.tables.links)
            .set_key(Some(item_key(key)))
            .update_expression(expression)
            .expression_attribute_names("#owner", "owner")
            .expression_attribute_values(":owner", text(owner))
            .condition_expression("#owner = :owner");
        if refused {
            update = update.expression_attribute_values(":one", number(1));
        }
        if !asked.is_empty() {
            let asked = asked.iter().map(|asked| bytes(asked)).collect();
            update = update.expression_attribute_values(":asked", AttributeValue::L(asked));
        }
        // Not ours any more: somebody else's to give back.
        carried_out(update.send().await).map(drop)
    }

    async fn own_record(
        &self,
        key: &LinkKey,
        record: &CompanyCustomerId,
    ) -> Result<bool, StoreError> {
        let update = self
            .client
            .update_item()
            .table_name(&self.tables.links)
            .set_key(Some(super::item::key(
                &format!("{}#{}#records", key.merchant, key.realm),
                record.as_str(),
            )))
            .update_expression("SET customer = :customer, v = :v")
            .expression_attribute_values(":customer", text(key.to_string()))
            .expression_attribute_values(":v", number(ROW_VERSION))
            .condition_expression("attribute_not_exists(pk) OR customer = :customer");
        carried_out(update.send().await)
    }

    async fn erase_links(
        &self,
        merchant: &MerchantId,
        customer: &CustomerId,
        now: Timestamp,
        quiescence: Duration,
    ) -> Result<Erased, StoreError> {
        let mut erased = Erased::default();
        for item in self.rows_of(merchant, &format!("{customer}#")).await? {
            let (key, read) = match (link_key(&item), link(&item)) {
                (Some(key), Ok(read)) => (key, read),
                (None, Ok(_)) => continue,
                // It stays, and the others are erased.
                (_, Err(_)) => {
                    erased.unreadable += 1;
                    continue;
                }
            };
            let update = match read {
                Some(mut link) => {
                    link.baseline = None;
                    link.facts.fingerprints = None;
                    as_read(written(self.update_link(&key), &link)?, &link, now)
                }
                // What a dead worker asked for would show by now.
                None => self
                    .update_link(&key)
                    .update_expression("REMOVE asked, facts, baseline, #owner, lease_until")
                    .expression_attribute_values(":quiet", instant(now - quiescence))
                    .condition_expression(
                        "attribute_not_exists(#record) AND \
                         (attribute_not_exists(#owner) OR lease_until < :quiet)",
                    ),
            };
            match update.send().await {
                Ok(_) => erased.rows += 1,
                Err(error) => {
                    refused_by(error)?;
                    erased.busy += 1;
                }
            }
        }
        Ok(erased)
    }
}

impl DynamoDb {
    /// The rows of one customer, a handful, which one page holds: one for each company and currency.
    async fn rows_of(&self, merchant: &MerchantId, begins: &str) -> Result<Vec<Item>, StoreError> {
        let answer = self
            .client
            .query()
            .table_name(&self.tables.links)
            .key_condition_expression("pk = :pk AND begins_with(sk, :begins)")
            .expression_attribute_values(":pk", text(merchant.as_str()))
            .expression_attribute_values(":begins", text(begins))
            .consistent_read(true)
            .send()
            .await
            .map_err(unavailable)?;
        Ok(answer.items.unwrap_or_default())
    }
}
