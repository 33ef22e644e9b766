//! Customer links.
//!
//! A row stands under its merchant, by customer, company and currency, so that everything of one customer is one query. It is
//! claimed (`owner`, `lease_until`) while its record is looked for, and again while its profile is changed. Its facts are
//! one JSON text, because nothing but its record and version is ever a condition.

use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure};
use bookkeeping::customer::{FoundBy, Version};
use bookkeeping::ids::{CompanyCustomerId, CustomerId, MerchantId, RealmId};
use bookkeeping::money::Currency;
use jiff::Timestamp;

use super::DynamoDb;
use super::item::{
    Item, ROW_VERSION, bytes, instant, number, read_bytes, read_instant, read_number, read_text,
    text, unavailable, unreadable,
};
use crate::store::{Link, LinkClaim, LinkClaimed, LinkKey, LinkStanding, Links, StoreError};

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
                .and_then(link)
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
            let key = link_key(merchant, customer, item).filter(|key| key.realm == *realm)?;
            let standing = match link(item) {
                Some(link) => LinkStanding::Linked(Box::new(link)),
                None if item.contains_key("owner") => LinkStanding::Sought,
                None => LinkStanding::Unlinked,
            };
            Some((key, standing))
        };
        Ok(rows.iter().filter_map(standing).collect())
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
            .condition_expression(condition)
            .return_values(ReturnValue::AllOld);
        match update.send().await {
            Ok(answer) => {
                let before = answer.attributes.unwrap_or_default();
                Ok(LinkClaimed::Ours {
                    revision: read_number(&before, "refused").unwrap_or(0_u32)
                        + u32::from(dead.is_some()),
                    asked: read_list(&before, "asked"),
                })
            }
            Err(error) => Ok(link(&refused_by(error)?).map_or(LinkClaimed::Busy, |link| {
                LinkClaimed::Linked(Box::new(link))
            })),
        }
    }

    async fn link(&self, key: &LinkKey, new: &Link) -> Result<Link, StoreError> {
        let update = written(self.update_link(key), new)?
            .condition_expression("attribute_not_exists(#record) OR #record = :record");
        match update.send().await {
            Ok(_) => Ok(new.clone()),
            Err(error) => link(&refused_by(error)?).ok_or_else(|| unreadable("customer link")),
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
        match update.send().await {
            Ok(_) => Ok(()),
            // Not ours any more: somebody else's to give back.
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(_)) => Ok(()),
                _ => Err(unavailable(error)),
            },
        }
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
        match update.send().await {
            Ok(_) => Ok(true),
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(_)) => Ok(false),
                _ => Err(unavailable(error)),
            },
        }
    }

    async fn erase_links(
        &self,
        merchant: &MerchantId,
        customer: &CustomerId,
    ) -> Result<usize, StoreError> {
        let mut erased = 0;
        for item in self.rows_of(merchant, &format!("{customer}#")).await? {
            let Some(key) = link_key(merchant, customer, &item) else {
                continue;
            };
            let update = match link(&item) {
                Some(mut link) => {
                    link.baseline = None;
                    link.facts.fingerprints = None;
                    written(self.update_link(&key), &link)?
                        .condition_expression("#record = :record")
                }
                // Whoever is at it still needs what it asks for.
                None => self
                    .update_link(&key)
                    .update_expression("REMOVE asked")
                    .condition_expression(
                        "attribute_not_exists(#record) AND attribute_not_exists(#owner)",
                    ),
            };
            match update.send().await {
                Ok(_) => erased += 1,
                Err(error) => {
                    refused_by(error)?;
                }
            }
        }
        Ok(erased)
    }
}

/// The condition that a row's version is older than `:version` and `:at`, as `Version::is_newer_than` tells it.
pub(super) const OLDER: &str = "(attribute_not_exists(profile_version) OR profile_version < :version OR \
     (:version = :zero AND profile_version = :zero AND profile_at < :at))";

pub(super) fn with_version(
    update: UpdateItemFluentBuilder,
    version: &Version,
) -> UpdateItemFluentBuilder {
    let (zero, at) = (number(0), version_at(version));
    let update = update.expression_attribute_values(":version", number(version.number));
    update
        .expression_attribute_values(":zero", zero)
        .expression_attribute_values(":at", at)
}

/// When a version was made, in milliseconds since 1970; before everything where it is not told.
pub(super) fn version_at(version: &Version) -> AttributeValue {
    number(version.at.map_or(i64::MIN, Timestamp::as_millisecond))
}

/// Writes a link's values and gives its claim up.
pub(super) fn written(
    update: UpdateItemFluentBuilder,
    link: &Link,
) -> Result<UpdateItemFluentBuilder, StoreError> {
    let facts = serde_json::to_string(&link.facts).map_err(|_| unreadable("link facts"))?;
    let set = "SET #record = :record, found_by = :found_by, profile_version = :new_version, \
         profile_at = :new_at, facts = :facts, v = :v";
    let update = update
        .expression_attribute_values(":record", text(link.record.as_str()))
        .expression_attribute_values(":found_by", text(link.found_by.as_str()))
        .expression_attribute_values(":new_version", number(link.version.number))
        .expression_attribute_values(":new_at", version_at(&link.version))
        .expression_attribute_values(":facts", text(facts))
        .expression_attribute_values(":v", number(ROW_VERSION));
    Ok(match &link.baseline {
        Some(sealed) => update
            .expression_attribute_values(":baseline", bytes(sealed))
            .update_expression(format!(
                "{set}, baseline = :baseline REMOVE #owner, lease_until, asked"
            )),
        None => {
            update.update_expression(format!("{set} REMOVE #owner, lease_until, asked, baseline"))
        }
    })
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

    pub(super) fn update_link(&self, key: &LinkKey) -> UpdateItemFluentBuilder {
        self.client
            .update_item()
            .table_name(&self.tables.links)
            .set_key(Some(item_key(key)))
            .expression_attribute_names("#record", "record")
            .expression_attribute_names("#owner", "owner")
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
    }
}

pub(super) fn version(item: &Item) -> Version {
    Version {
        number: read_number(item, "profile_version").unwrap_or_default(),
        at: read_instant(item, "profile_at"),
    }
}

fn item_key(key: &LinkKey) -> Item {
    let currency = key.currency.map(|currency| format!("#{currency}"));
    let sk = format!(
        "{}#{}{}",
        key.customer,
        key.realm,
        currency.unwrap_or_default()
    );
    super::item::key(key.merchant.as_str(), &sk)
}

/// The key of a customer's row; `None` where it is not a link's.
fn link_key(merchant: &MerchantId, customer: &CustomerId, item: &Item) -> Option<LinkKey> {
    let sk = read_text(item, "sk")?;
    let rest = sk.strip_prefix(customer.as_str())?.strip_prefix('#')?;
    let (realm, currency) = match rest.split_once('#') {
        None => (rest, None),
        Some((realm, code)) => (realm, Some(Currency::parse(code).ok()?)),
    };
    Some(LinkKey {
        merchant: merchant.clone(),
        realm: RealmId::parse(realm).ok()?,
        customer: customer.clone(),
        currency,
    })
}

/// Reads a link; rows of the version before hold the record and how it was found alone.
pub(super) fn link(item: &Item) -> Option<Link> {
    let record = CompanyCustomerId::parse(&read_text(item, "record")?).ok()?;
    let found_by = read_text(item, "found_by")?;
    let found_by = FoundBy::ALL
        .into_iter()
        .find(|how| how.as_str() == found_by)?;
    let facts = read_text(item, "facts").and_then(|facts| serde_json::from_str(&facts).ok());
    Some(Link {
        record,
        found_by,
        version: version(item),
        facts: facts.unwrap_or_default(),
        is_unsure: item.contains_key("asked"),
        baseline: read_bytes(item, "baseline"),
    })
}

/// The binary values of a list.
pub(super) fn read_list(item: &Item, name: &str) -> Vec<Vec<u8>> {
    let list = item.get(name).and_then(|list| list.as_l().ok());
    let values = list.into_iter().flatten();
    values
        .filter_map(|value| Some(value.as_b().ok()?.clone().into_inner()))
        .collect()
}

pub(super) fn refused_by(
    error: aws_sdk_dynamodb::error::SdkError<UpdateItemError>,
) -> Result<Item, StoreError> {
    match error.as_service_error() {
        Some(UpdateItemError::ConditionalCheckFailedException(refusal)) => refusal
            .item()
            .cloned()
            .ok_or_else(|| unreadable("the link that refused a write")),
        _ => Err(unavailable(error)),
    }
}
