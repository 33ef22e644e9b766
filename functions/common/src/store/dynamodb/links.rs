//! Customer links.
//!
//! A row is claimed (`owner`, `lease_until`) while its record is looked for, and again while its profile is changed. Its
//! facts are one JSON text, because nothing but its record and version is ever a condition.

use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
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
use crate::store::{
    ChangeClaimed, Link, LinkClaim, LinkClaimed, LinkKey, Links, ParkedChange, StoreError,
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
                .and_then(link)
        };
        Ok(keys.iter().map(at).collect())
    }

    async fn links_of(
        &self,
        merchant: &MerchantId,
        realm: &RealmId,
        customer: &CustomerId,
    ) -> Result<Vec<(LinkKey, Option<Link>)>, StoreError> {
        // A customer has a row for each currency: a handful, which one page holds.
        let answer = self
            .client
            .query()
            .table_name(&self.tables.links)
            .key_condition_expression("pk = :pk AND begins_with(sk, :customer)")
            .expression_attribute_values(":pk", text(partition(merchant, realm)))
            .expression_attribute_values(":customer", text(customer.as_str()))
            .consistent_read(true)
            .send()
            .await
            .map_err(unavailable)?;
        let mut links = Vec::new();
        for item in answer.items.unwrap_or_default() {
            let sk = read_text(&item, "sk").unwrap_or_default();
            // Other customers may have ids that begin with this one.
            let Some(currency) = currency_of(&sk, customer) else {
                continue;
            };
            let key = LinkKey {
                merchant: merchant.clone(),
                realm: realm.clone(),
                customer: customer.clone(),
                currency,
            };
            match link(&item) {
                Some(link) => links.push((key, Some(link))),
                None => links.push((key, None)),
            }
        }
        Ok(links)
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
        let mut update = self
            .update_link(claim.key)
            .update_expression(
                "SET #owner = :owner, lease_until = :until, v = :v, \
                 asked = list_append(if_not_exists(asked, :nothing), :asked) REMOVE #record",
            )
            .expression_attribute_values(":owner", text(claim.owner))
            .expression_attribute_values(":until", instant(claim.now + claim.lease))
            .expression_attribute_values(":quiet", instant(claim.now - claim.quiescence))
            .expression_attribute_values(":asked", AttributeValue::L(vec![bytes(asked)]))
            .expression_attribute_values(":nothing", AttributeValue::L(Vec::new()))
            .expression_attribute_values(":v", number(ROW_VERSION));
        if let Some(dead) = dead {
            condition.push_str(" OR #record = :dead");
            update = update.expression_attribute_values(":dead", text(dead.as_str()));
        }
        let update = update
            .condition_expression(condition)
            .return_values(ReturnValue::AllOld);
        match update.send().await {
            Ok(answer) => {
                let before = answer.attributes.unwrap_or_default();
                Ok(LinkClaimed::Ours {
                    revision: read_number(&before, "refused").unwrap_or_default(),
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
                &format!("{}#records", partition(&key.merchant, &key.realm)),
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

    async fn claim_change(
        &self,
        claim: &LinkClaim<'_>,
        version: Option<&Version>,
    ) -> Result<ChangeClaimed, StoreError> {
        let free = "attribute_exists(#record) AND \
             (attribute_not_exists(#owner) OR #owner = :owner OR lease_until < :now)";
        let update = self
            .update_link(claim.key)
            .update_expression("SET #owner = :owner, lease_until = :until")
            .expression_attribute_values(":owner", text(claim.owner))
            .expression_attribute_values(":until", instant(claim.now + claim.lease))
            .expression_attribute_values(":now", instant(claim.now))
            .return_values(ReturnValue::AllNew);
        let update = match version {
            None => update.condition_expression(free),
            Some(version) => {
                with_version(update, version).condition_expression(format!("{free} AND {OLDER}"))
            }
        };
        match update.send().await {
            Ok(answer) => {
                let link = answer.attributes.as_ref().and_then(link);
                Ok(ChangeClaimed::Ours(Box::new(
                    link.ok_or_else(|| unreadable("customer link"))?,
                )))
            }
            Err(error) => Ok(match link(&refused_by(error)?) {
                None => ChangeClaimed::NotLinked,
                Some(link)
                    if version.is_none_or(|version| version.is_newer_than(&link.version)) =>
                {
                    ChangeClaimed::Busy
                }
                Some(link) => ChangeClaimed::Done(Box::new(link)),
            }),
        }
    }

    async fn save_change(
        &self,
        key: &LinkKey,
        owner: Option<&str>,
        new: &Link,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let update = written(self.update_link(key), new)?;
        let update = match owner {
            Some(owner) => update
                .expression_attribute_values(":owner", text(owner))
                .condition_expression("#record = :record AND #owner = :owner"),
            None => with_version(update, &new.version)
                .expression_attribute_values(":now", instant(now))
                .condition_expression(format!(
                    "#record = :record AND {OLDER} AND \
                     (attribute_not_exists(#owner) OR lease_until < :now)"
                )),
        };
        match update.send().await {
            Ok(_) => Ok(true),
            Err(error) => {
                // Carried out and not answered: the SDK asked again and finds its own work.
                let standing = link(&refused_by(error)?);
                Ok(standing.is_some_and(|standing| standing == *new))
            }
        }
    }

    async fn park_change(
        &self,
        merchant: &MerchantId,
        realm: &RealmId,
        change: &ParkedChange,
    ) -> Result<(), StoreError> {
        let update = self
            .client
            .update_item()
            .table_name(&self.tables.links)
            .set_key(Some(parked_key(merchant, realm, &change.customer)))
            .update_expression(
                "SET profile_version = :version, profile_at = :at, payload = :payload, v = :v",
            )
            .expression_attribute_values(":payload", bytes(&change.payload))
            .expression_attribute_values(":v", number(ROW_VERSION))
            .condition_expression(OLDER);
        match with_version(update, &change.version).send().await {
            Ok(_) => Ok(()),
            // A newer one waits already.
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(_)) => Ok(()),
                _ => Err(unavailable(error)),
            },
        }
    }

    async fn parked_changes(
        &self,
        merchant: &MerchantId,
        realm: &RealmId,
    ) -> Result<Vec<ParkedChange>, StoreError> {
        let query = self
            .client
            .query()
            .table_name(&self.tables.links)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", text(parked_partition(merchant, realm)))
            .consistent_read(true);
        let items = query
            .into_paginator()
            .items()
            .send()
            .try_collect()
            .await
            .map_err(unavailable)?;
        let parked = |item: &Item| {
            let customer = CustomerId::parse(&read_text(item, "sk")?).ok()?;
            Some(ParkedChange {
                customer,
                version: version(item),
                payload: read_bytes(item, "payload")?,
            })
        };
        items
            .iter()
            .map(|item| parked(item).ok_or_else(|| unreadable("parked change")))
            .collect()
    }

    async fn unpark_change(
        &self,
        merchant: &MerchantId,
        realm: &RealmId,
        change: &ParkedChange,
    ) -> Result<(), StoreError> {
        let delete = self
            .client
            .delete_item()
            .table_name(&self.tables.links)
            .set_key(Some(parked_key(merchant, realm, &change.customer)))
            .condition_expression("profile_version = :version AND profile_at = :at")
            .expression_attribute_values(":version", number(change.version.number))
            .expression_attribute_values(":at", version_at(&change.version));
        match delete.send().await {
            Ok(_) => Ok(()),
            Err(error) => match error.as_service_error() {
                Some(DeleteItemError::ConditionalCheckFailedException(_)) => Ok(()),
                _ => Err(unavailable(error)),
            },
        }
    }

    async fn erase_links(
        &self,
        merchant: &MerchantId,
        realm: &RealmId,
        customer: &CustomerId,
    ) -> Result<usize, StoreError> {
        self.client
            .delete_item()
            .table_name(&self.tables.links)
            .set_key(Some(parked_key(merchant, realm, customer)))
            .send()
            .await
            .map_err(unavailable)?;
        let links = self.links_of(merchant, realm, customer).await?;
        let mut erased = 0;
        for (key, standing) in links {
            let Some(mut link) = standing else {
                continue;
            };
            link.baseline = None;
            link.facts.fingerprints = None;
            let update =
                written(self.update_link(&key), &link)?.condition_expression("#record = :record");
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
const OLDER: &str = "(attribute_not_exists(profile_version) OR profile_version < :version OR \
     (:version = :zero AND profile_version = :zero AND profile_at < :at))";

fn with_version(update: UpdateItemFluentBuilder, version: &Version) -> UpdateItemFluentBuilder {
    let (zero, at) = (number(0), version_at(version));
    let update = update.expression_attribute_values(":version", number(version.number));
    update
        .expression_attribute_values(":zero", zero)
        .expression_attribute_values(":at", at)
}

/// When a version was made, in milliseconds since 1970; before everything where it is not told.
fn version_at(version: &Version) -> AttributeValue {
    number(version.at.map_or(i64::MIN, Timestamp::as_millisecond))
}

/// Writes a link's values and gives its claim up.
fn written(
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
    fn update_link(&self, key: &LinkKey) -> UpdateItemFluentBuilder {
        self.client
            .update_item()
            .table_name(&self.tables.links)
            .set_key(Some(item_key(key)))
            .expression_attribute_names("#record", "record")
            .expression_attribute_names("#owner", "owner")
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
    }
}

fn partition(merchant: &MerchantId, realm: &RealmId) -> String {
    format!("{merchant}#{realm}")
}

/// Where changes wait: beside the links, so that a customer's links are listed without them.
fn parked_partition(merchant: &MerchantId, realm: &RealmId) -> String {
    format!("{}#changes", partition(merchant, realm))
}

fn parked_key(merchant: &MerchantId, realm: &RealmId, customer: &CustomerId) -> Item {
    super::item::key(&parked_partition(merchant, realm), customer.as_str())
}

fn version(item: &Item) -> Version {
    Version {
        number: read_number(item, "profile_version").unwrap_or_default(),
        at: read_instant(item, "profile_at"),
    }
}

fn item_key(key: &LinkKey) -> Item {
    super::item::key(&partition(&key.merchant, &key.realm), &key.to_string())
}

/// The currency a sort key names for this customer; `None` where it is another customer's.
fn currency_of(sk: &str, customer: &CustomerId) -> Option<Option<Currency>> {
    let rest = sk.strip_prefix(customer.as_str())?;
    match rest.strip_prefix('#') {
        Some(code) => Currency::parse(code).ok().map(Some),
        None => rest.is_empty().then_some(None),
    }
}

/// Reads a link; rows of the version before hold the record and how it was found alone.
fn link(item: &Item) -> Option<Link> {
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
        baseline: read_bytes(item, "baseline"),
    })
}

/// The binary values of a list.
fn read_list(item: &Item, name: &str) -> Vec<Vec<u8>> {
    let list = item.get(name).and_then(|list| list.as_l().ok());
    let values = list.into_iter().flatten();
    values
        .filter_map(|value| Some(value.as_b().ok()?.clone().into_inner()))
        .collect()
}

fn refused_by(
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
