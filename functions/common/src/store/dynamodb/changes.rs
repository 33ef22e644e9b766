//! Changes of linked customers' profiles: claimed and saved in the link's row; what waits has a row of its own.

use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure};
use bookkeeping::customer::Version;
use bookkeeping::ids::{CustomerId, MerchantId};
use jiff::Timestamp;

use super::DynamoDb;
use super::item::{
    Item, KNOWN, ROW_VERSION, bytes, carried_out, instant, known, named, number, read_bytes,
    read_number, read_text, text, unavailable,
};
use super::link_row::{
    OLDER, as_read, at_revision, is_written, link, read_list, refused_by, version, version_at,
    with_version, written,
};
use crate::store::{
    ChangeClaimed, Changes, Link, LinkClaim, LinkKey, ParkedChange, Saved, StoreError,
};

impl Changes for DynamoDb {
    async fn claim_change(
        &self,
        claim: &LinkClaim<'_>,
        to: Option<(&Version, &[u8])>,
    ) -> Result<ChangeClaimed, StoreError> {
        let free = "attribute_exists(#record) AND \
             (attribute_not_exists(#owner) OR #owner = :owner OR lease_until < :now)";
        let set = "SET #owner = :owner, lease_until = :until";
        let update = self
            .update_link(claim.key)
            .expression_attribute_values(":owner", text(claim.owner))
            .expression_attribute_values(":until", instant(claim.now + claim.lease))
            .expression_attribute_values(":now", instant(claim.now))
            .expression_attribute_values(":v", number(ROW_VERSION))
            .return_values(ReturnValue::AllOld);
        let update = match to {
            None => update
                .update_expression(set)
                .condition_expression(format!("{free} AND {KNOWN}")),
            Some((version, asked)) => with_version(update, version)
                .update_expression(format!(
                    "{set}, asked = list_append(if_not_exists(asked, :nothing), :asked)"
                ))
                .expression_attribute_values(":asked", AttributeValue::L(vec![bytes(asked)]))
                .expression_attribute_values(":nothing", AttributeValue::L(Vec::new()))
                .condition_expression(format!("{free} AND {KNOWN} AND {OLDER}")),
        };
        match update.send().await {
            Ok(answer) => {
                let before = answer.attributes.unwrap_or_default();
                let link = link(&before)?.ok_or_else(|| StoreError::unreadable("customer link"))?;
                // Carried out and not answered: the SDK asked again and finds its own work.
                let mut asked = read_list(&before, "asked");
                asked.retain(|other| to.is_none_or(|(_, mine)| mine != other));
                Ok(ChangeClaimed::Ours {
                    link: Box::new(link),
                    asked,
                })
            }
            Err(error) => Ok(match link(&refused_by(error)?)? {
                None => ChangeClaimed::NotLinked,
                Some(link) if to.is_none_or(|(to, _)| to.is_newer_than(&link.version)) => {
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
    ) -> Result<Saved, StoreError> {
        let update = written(self.update_link(key), new)?;
        let update = match owner {
            Some(owner) => update
                .expression_attribute_values(":owner", text(owner))
                .condition_expression("#record = :record AND #owner = :owner"),
            None => as_read(update, new, now),
        };
        match update.send().await {
            Ok(answer) => Ok(Saved::Done(Box::new(at_revision(new, answer.attributes)?))),
            Err(error) => Ok(match link(&refused_by(error)?)? {
                Some(standing) if is_written(&standing, new) => Saved::Done(Box::new(standing)),
                standing => Saved::Refused(standing.map(Box::new)),
            }),
        }
    }

    async fn park_change(
        &self,
        merchant: &MerchantId,
        change: &ParkedChange,
    ) -> Result<(), StoreError> {
        let update = self
            .client
            .update_item()
            .table_name(&self.tables.links)
            .set_key(Some(key_of(merchant, change)))
            .expression_attribute_values(":payload", bytes(&change.payload))
            .expression_attribute_values(":v", number(ROW_VERSION))
            .condition_expression(format!("{KNOWN} AND {OLDER}"))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let set = "SET profile_version = :version, profile_at = :at, payload = :payload, v = :v";
        let update = match change.until {
            None => update.update_expression(set),
            Some(until) => update
                .update_expression(format!("{set}, expires = :expires"))
                .expression_attribute_values(":expires", number(until.as_second())),
        };
        match with_version(update, &change.version).send().await {
            Ok(_) => Ok(()),
            // A newer one waits already.
            Err(error) => known(&refused_by(error)?),
        }
    }

    async fn parked_changes(
        &self,
        merchant: &MerchantId,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Result<ParkedChange, String>>, StoreError> {
        let answer = self
            .client
            .query()
            .table_name(&self.tables.links)
            .key_condition_expression("pk = :pk AND sk > :after")
            .expression_attribute_values(":pk", text(parked_partition(merchant)))
            // An id holds no space, so that anything comes after one.
            .expression_attribute_values(":after", text(after.unwrap_or(" ")))
            .limit(i32::try_from(limit).unwrap_or(i32::MAX))
            .consistent_read(true)
            .send()
            .await
            .map_err(unavailable)?;
        let items = answer.items.unwrap_or_default();
        let change = |item| {
            let at = read_text(item, "sk").unwrap_or_default();
            parked(item).map_err(|_| at)
        };
        Ok(items.iter().map(change).collect())
    }

    async fn changes_of(
        &self,
        merchant: &MerchantId,
        customer: &CustomerId,
    ) -> Result<Vec<ParkedChange>, StoreError> {
        let wanted = [awaiting_partition(merchant), parked_partition(merchant)].map(|partition| {
            let key = super::item::key(&partition, customer.as_str());
            (self.tables.links.clone(), key)
        });
        let found = self.batch_get(wanted.to_vec()).await?;
        found.iter().map(|(_, item)| parked(item)).collect()
    }

    async fn wait_for_quickbooks(
        &self,
        merchant: &MerchantId,
        change: &ParkedChange,
    ) -> Result<(), StoreError> {
        if change.until.is_none() {
            return Ok(());
        }
        let wanted = (self.tables.links.clone(), key_of(merchant, change));
        let found = self.batch_get(vec![wanted]).await?;
        let Some((_, kept)) = found.into_iter().next() else {
            return Ok(());
        };
        let waits = ParkedChange {
            until: None,
            ..change.clone()
        };
        let mut update = self
            .client
            .update_item()
            .table_name(&self.tables.links)
            .set_key(Some(key_of(merchant, &waits)))
            .expression_attribute_values(":v", number(ROW_VERSION))
            .condition_expression(format!("{KNOWN} AND {OLDER}"))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let mut set = Vec::new();
        // All of it, whatever a later version keeps there.
        let attributes = kept.into_iter();
        for (at, (name, value)) in attributes
            .filter(|(name, _)| !["pk", "sk", "expires"].contains(&name.as_str()))
            .enumerate()
        {
            set.push(format!("#a{at} = :a{at}"));
            update = update
                .expression_attribute_names(format!("#a{at}"), name)
                .expression_attribute_values(format!(":a{at}"), value);
        }
        let update = update.update_expression(format!("SET {}", set.join(", ")));
        match with_version(update, &change.version).send().await {
            Ok(_) => {}
            Err(error) => {
                // Beside one of a later version it stays where it is.
                if known(&refused_by(error)?).is_err() {
                    return Ok(());
                }
                // A newer one waits already.
            }
        }
        self.unpark_change(merchant, change).await
    }

    async fn unpark_change(
        &self,
        merchant: &MerchantId,
        change: &ParkedChange,
    ) -> Result<(), StoreError> {
        let delete = self
            .client
            .delete_item()
            .table_name(&self.tables.links)
            .set_key(Some(key_of(merchant, change)))
            .condition_expression("profile_version = :version AND profile_at = :at")
            .expression_attribute_values(":version", number(change.version.number))
            .expression_attribute_values(":at", version_at(&change.version));
        carried_out(delete.send().await).map(drop)
    }

    async fn erase_parked(
        &self,
        merchant: &MerchantId,
        customer: &CustomerId,
    ) -> Result<(), StoreError> {
        for key in change_keys(merchant, customer) {
            self.client
                .delete_item()
                .table_name(&self.tables.links)
                .set_key(Some(key))
                .send()
                .await
                .map_err(unavailable)?;
        }
        Ok(())
    }
}

/// The keys, in the links' table, of whatever may wait of a customer's changes.
#[must_use]
pub fn change_keys(merchant: &MerchantId, customer: &CustomerId) -> [Item; 2] {
    [parked_partition(merchant), awaiting_partition(merchant)]
        .map(|partition| super::item::key(&partition, customer.as_str()))
}

/// Where changes wait for QuickBooks: beside the links, so that a customer's links are listed without them.
fn parked_partition(merchant: &MerchantId) -> String {
    format!("{merchant}#changes")
}

/// Where they wait for a first payment: nobody lists them.
fn awaiting_partition(merchant: &MerchantId) -> String {
    format!("{merchant}#awaiting")
}

fn key_of(merchant: &MerchantId, change: &ParkedChange) -> Item {
    let partition = match change.until {
        None => parked_partition(merchant),
        Some(_) => awaiting_partition(merchant),
    };
    super::item::key(&partition, change.customer.as_str())
}

fn parked(item: &Item) -> Result<ParkedChange, StoreError> {
    let parked = || {
        Some(ParkedChange {
            customer: CustomerId::parse(&read_text(item, "sk")?).ok()?,
            version: version(item),
            // One of a later version comes as one that nobody can open: it waits on, and the others go past it.
            payload: known(item).map_or(Some(Vec::new()), |()| read_bytes(item, "payload"))?,
            until: read_number(item, "expires")
                .and_then(|until| Timestamp::from_second(until).ok()),
        })
    };
    parked().ok_or_else(|| StoreError::unreadable(named(item)))
}
