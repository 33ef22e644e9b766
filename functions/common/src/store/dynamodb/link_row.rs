//! A customer link's row: what stands where, and what a write of it demands.
//!
//! | attribute | meaning |
//! |---|---|
//! | `record`, `found_by` | the record, once there is one; of a link that was given up `record` is absent |
//! | `profile_version`, `profile_at` | the newest version that was carried out |
//! | `facts`, `baseline` | the rest, as JSON; both profiles, sealed |
//! | `revision` | raised by every write of the link |
//! | `owner`, `lease_until`, `asked` | who is at it, and what was asked for, sealed |
//! | `refused` | how often a creation was refused, or the record found dead |

use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure};
use bookkeeping::customer::{FoundBy, Version};
use bookkeeping::ids::{CompanyCustomerId, CustomerId, MerchantId, RealmId};
use bookkeeping::money::Currency;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::DynamoDb;
use super::item::{
    Item, ROW_VERSION, bytes, instant, known, number, read_bytes, read_instant, read_number,
    read_text, text, unavailable,
};
use crate::store::{Link, LinkFacts, LinkKey, StoreError};

/// The facts as they are stored: with the record, so that a link that was given up tells what it was.
#[derive(Serialize, Deserialize)]
struct StoredFacts {
    #[serde(default)]
    record: Option<CompanyCustomerId>,
    #[serde(flatten)]
    facts: LinkFacts,
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

/// Writes a link's values, raises its revision and gives its claim up.
pub(super) fn written(
    update: UpdateItemFluentBuilder,
    link: &Link,
) -> Result<UpdateItemFluentBuilder, StoreError> {
    let facts = StoredFacts {
        record: Some(link.record.clone()),
        facts: link.facts.clone(),
    };
    let facts = serde_json::to_string(&facts).map_err(|_| StoreError::unreadable("link facts"))?;
    let set = "SET #record = :record, found_by = :found_by, profile_version = :new_version, \
         profile_at = :new_at, facts = :facts, v = :v, revision = if_not_exists(revision, :none) + :next";
    let update = update
        .expression_attribute_values(":record", text(link.record.as_str()))
        .expression_attribute_values(":found_by", text(link.found_by.as_str()))
        .expression_attribute_values(":new_version", number(link.version.number))
        .expression_attribute_values(":new_at", version_at(&link.version))
        .expression_attribute_values(":facts", text(facts))
        .expression_attribute_values(":none", number(0))
        .expression_attribute_values(":next", number(1))
        .expression_attribute_values(":v", number(ROW_VERSION))
        .return_values(ReturnValue::UpdatedNew);
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

/// The condition that a link stands as it was read, and nobody is at it.
pub(super) fn as_read(
    update: UpdateItemFluentBuilder,
    link: &Link,
    now: Timestamp,
) -> UpdateItemFluentBuilder {
    // Rows that were written before links had revisions have none.
    let revision = match link.revision {
        0 => "attribute_not_exists(revision)",
        _ => "revision = :read",
    };
    let update = match link.revision {
        0 => update,
        read => update.expression_attribute_values(":read", number(read)),
    };
    update
        .expression_attribute_values(":now", instant(now))
        .condition_expression(format!(
            "#record = :record AND {revision} AND (attribute_not_exists(#owner) OR lease_until < :now)"
        ))
}

/// A link after it was written: at the revision that the answer tells.
pub(super) fn at_revision(link: &Link, updated: Option<Item>) -> Result<Link, StoreError> {
    let revision = updated.and_then(|item| read_number(&item, "revision"));
    Ok(Link {
        revision: revision.ok_or_else(|| StoreError::unreadable("a link's revision"))?,
        is_unsure: false,
        ..link.clone()
    })
}

/// Whether a link stands as it was to be written, whatever the revision: written and not answered, the SDK asked again and
/// finds its own work.
pub(super) fn is_written(standing: &Link, link: &Link) -> bool {
    let as_read = Link {
        revision: link.revision,
        is_unsure: link.is_unsure,
        ..standing.clone()
    };
    standing.revision > link.revision && as_read == *link
}

impl DynamoDb {
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

pub(super) fn item_key(key: &LinkKey) -> Item {
    let currency = key.currency.map(|currency| format!("#{currency}"));
    let sk = format!(
        "{}#{}{}",
        key.customer,
        key.realm,
        currency.unwrap_or_default()
    );
    super::item::key(key.merchant.as_str(), &sk)
}

/// Whose link a row is; none where it is no link's. No id has the sign between them.
#[must_use]
pub fn link_key(item: &Item) -> Option<LinkKey> {
    let (pk, sk) = (read_text(item, "pk")?, read_text(item, "sk")?);
    let mut parts = sk.split('#');
    let key = LinkKey {
        merchant: MerchantId::parse(&pk).ok()?,
        customer: CustomerId::parse(parts.next()?).ok()?,
        realm: RealmId::parse(parts.next()?).ok()?,
        currency: match parts.next() {
            None => None,
            Some(code) => Some(Currency::parse(code).ok()?),
        },
    };
    parts.next().is_none().then_some(key)
}

/// Reads a link; rows of the version before hold the record and how it was found alone.
///
/// # Errors
///
/// [`StoreError::Unreadable`] where a later version wrote it.
pub(super) fn link(item: &Item) -> Result<Option<Link>, StoreError> {
    known(item)?;
    let record = read_text(item, "record").and_then(|id| CompanyCustomerId::parse(&id).ok());
    Ok(record.and_then(|record| link_to(record, item)))
}

/// Reads a link that was given up, as far as its row still tells.
pub(super) fn given_up(item: &Item) -> Option<Link> {
    link_to(stored_facts(item)?.record?, item)
}

fn link_to(record: CompanyCustomerId, item: &Item) -> Option<Link> {
    let found_by = read_text(item, "found_by")?;
    let found_by = FoundBy::ALL
        .into_iter()
        .find(|how| how.as_str() == found_by)?;
    Some(Link {
        record,
        found_by,
        version: version(item),
        facts: stored_facts(item)
            .map(|stored| stored.facts)
            .unwrap_or_default(),
        is_unsure: item.contains_key("asked"),
        baseline: read_bytes(item, "baseline"),
        revision: read_number(item, "revision").unwrap_or_default(),
    })
}

fn stored_facts(item: &Item) -> Option<StoredFacts> {
    serde_json::from_str(&read_text(item, "facts")?).ok()
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
            .ok_or_else(|| StoreError::unreadable("the link that refused a write")),
        _ => Err(unavailable(error)),
    }
}
