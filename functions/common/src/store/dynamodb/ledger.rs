//! The ledger: claim, complete, settle.
//!
//! Each is one conditional write. The condition is the promise; DynamoDB hands back the row that stood in the way,
//! so no read is needed to know why.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{ReturnValue, ReturnValuesOnConditionCheckFailure};
use bookkeeping::ids::{MerchantId, RealmId, ReceiptId};
use bookkeeping::outcome::Synced;
use bookkeeping::reason::State;
use bookkeeping::transaction::TransactionKey;

use super::DynamoDb;
use super::item::{
    Item, KNOWN, ROW_VERSION, bytes, instant, known, number, read_bytes, read_instant, read_number,
    read_text, text, unavailable,
};
use super::lot::transaction_key;
use crate::store::activity::{Became, message_position, position};
use crate::store::{
    Carrier, Claim, Claimed, Completion, KeptMessage, Ledger, Listing, Row, Settlement, Standing,
    StoreError, Written,
};

/// The condition under which a row may be claimed: never sent, or sent so long ago that its outcome shows.
const CLAIMABLE: &str = "fingerprint = :fingerprint AND (attribute_not_exists(realm) OR realm = :realm) AND \
     (#state = :parked OR (#state = :ambiguous AND due <= :now) OR (#state = :claimed AND lease_until < :quiet))";

impl Ledger for DynamoDb {
    async fn row(&self, key: &TransactionKey) -> Result<Option<Row>, StoreError> {
        let item = self
            .ledger_item(super::item::key(key.merchant.as_str(), &sort_key(key)))
            .await?;
        item.map(|item| row(&item)).transpose()
    }

    async fn rows(
        &self,
        keys: &[TransactionKey],
    ) -> Result<BTreeMap<TransactionKey, Row>, StoreError> {
        // A batched read takes each key once.
        let keys: BTreeSet<&TransactionKey> = keys.iter().collect();
        let wanted = keys.into_iter().map(|key| {
            let item = super::item::key(key.merchant.as_str(), &sort_key(key));
            (self.tables.ledger.clone(), item)
        });
        let found = self.batch_get(wanted.collect()).await?;
        let read = |(_, item): &(String, Item)| {
            let merchant = MerchantId::parse(&read_text(item, "pk")?).ok()?;
            let key = transaction_key(&merchant, &read_text(item, "sk")?)?;
            Some((key, row(item).ok()?))
        };
        Ok(found.iter().filter_map(read).collect())
    }

    async fn claim(&self, claim: &Claim<'_>) -> Result<Claimed, StoreError> {
        let mut set = "SET #state = :claimed, #owner = :owner, lease_until = :until, v = :v, \
             attempt = if_not_exists(attempt, :zero) + :one, realm = if_not_exists(realm, :realm), \
             epoch = if_not_exists(epoch, :epoch), fingerprint = if_not_exists(fingerprint, :fingerprint), \
             received = if_not_exists(received, :now), claimed = if_not_exists(claimed, :now)"
            .to_owned();
        let mut update = self
            .update(claim.key)
            .expression_attribute_names("#owner", "owner")
            .expression_attribute_values(":claimed", text(Standing::Claimed.as_str()))
            .expression_attribute_values(":ambiguous", text(Standing::Ambiguous.as_str()))
            .expression_attribute_values(":parked", text(Standing::Parked.as_str()))
            .expression_attribute_values(":owner", text(claim.owner))
            .expression_attribute_values(":until", instant(claim.now + claim.lease))
            .expression_attribute_values(":quiet", instant(claim.now - claim.quiescence))
            .expression_attribute_values(":now", instant(claim.now))
            .expression_attribute_values(":zero", number(0))
            .expression_attribute_values(":one", number(1))
            .expression_attribute_values(":v", number(ROW_VERSION))
            .expression_attribute_values(":realm", text(claim.realm.as_str()))
            .expression_attribute_values(":epoch", number(claim.epoch))
            .expression_attribute_values(":fingerprint", text(claim.fingerprint));
        update = match &claim.frozen {
            None => update
                .condition_expression(format!("attribute_exists(pk) AND {CLAIMABLE} AND {KNOWN}")),
            Some(frozen) => {
                set.push_str(
                    ", request_id = if_not_exists(request_id, :request_id), \
                     frozen = if_not_exists(frozen, :frozen), listing = if_not_exists(listing, :listing)",
                );
                update
                    .expression_attribute_values(":request_id", text(frozen.request_id))
                    .expression_attribute_values(":frozen", bytes(frozen.receipt))
                    .expression_attribute_values(":listing", text(json(frozen.listing)?))
                    .condition_expression(format!(
                        "attribute_not_exists(pk) OR ({CLAIMABLE} AND {KNOWN})"
                    ))
            }
        };
        match update
            .update_expression(set)
            .return_values(ReturnValue::AllOld)
            .send()
            .await
        {
            Ok(answer) => {
                let before = answer.attributes.filter(|item| !item.is_empty());
                let before = before.map(|item| row(&item)).transpose()?.map(Box::new);
                Ok(Claimed::Ours { before })
            }
            Err(error) => {
                let standing = refused_by(error)?;
                // Our own claim, carried out and not answered: the SDK asked again. What stood before the first of
                // the two is gone, so anything but a first attempt counts as possibly sent.
                match standing.owner.as_deref() == Some(claim.owner) {
                    true if standing.attempt == 1 => Ok(Claimed::Ours { before: None }),
                    true => Ok(Claimed::Ours {
                        before: Some(Box::new(standing)),
                    }),
                    false => Ok(Claimed::Refused(Box::new(standing))),
                }
            }
        }
    }

    async fn complete(&self, completion: &Completion<'_>) -> Result<Written, StoreError> {
        let in_lot = "(attribute_not_exists(lot) OR lot = :lot)";
        let update = self.completion(completion, "", in_lot)?;
        let update =
            update.expression_attribute_values(":lot", text(completion.key.merchant.as_str()));
        match written(update).await? {
            // Answered late, of what needs somebody meanwhile: it does not need them, and nobody is at that place to tell it.
            Written::Refused(row)
                if row.synced.is_none()
                    && matches!(row.standing, Standing::Held | Standing::Failed) =>
            {
                let anywhere = "attribute_exists(pk)";
                written(self.completion(completion, ", lot, lot_order", anywhere)?).await
            }
            answer => Ok(answer),
        }
    }

    async fn settle(&self, settlement: &Settlement<'_>) -> Result<Written, StoreError> {
        let mut set = "SET #state = :standing, reason = :reason, v = :v, \
             fingerprint = if_not_exists(fingerprint, :fingerprint), listed = :listed, \
             listing = if_not_exists(listing, :listing), received = if_not_exists(received, :now), \
             since = :since"
            .to_owned();
        let mut remove = "REMOVE #owner, lease_until".to_owned();
        let mut update = self
            .update(settlement.key)
            .expression_attribute_names("#owner", "owner")
            .expression_attribute_values(":standing", text(settlement.standing.as_str()))
            .expression_attribute_values(":reason", text(json(settlement.reason)?))
            .expression_attribute_values(":fingerprint", text(settlement.fingerprint))
            .expression_attribute_values(":now", instant(settlement.now))
            .expression_attribute_values(":since", instant(settlement.since))
            .expression_attribute_values(":listing", text(json(settlement.listing)?))
            .expression_attribute_values(
                ":listed",
                text(position(
                    settlement.key,
                    settlement.listing,
                    Became::Stopped(settlement.standing, Some(settlement.reason)),
                )),
            )
            .expression_attribute_values(":v", number(ROW_VERSION));
        if let Some(realm) = settlement.realm {
            set.push_str(", realm = if_not_exists(realm, :realm)");
            update = update.expression_attribute_values(":realm", text(realm.as_str()));
        }
        if let Some(customer) = &settlement.listing.customer {
            set.push_str(", customer = :customer");
            update = update.expression_attribute_values(":customer", text(customer.as_str()));
        }
        if let Some(request_id) = settlement.anew {
            set.push_str(", request_id = :request_id");
            remove.push_str(", frozen");
            update = update.expression_attribute_values(":request_id", text(request_id));
        }
        match settlement.due {
            None => remove.push_str(", due"),
            Some(due) => {
                set.push_str(", due = :due");
                update = update.expression_attribute_values(":due", instant(due));
            }
        }
        match (lot(settlement), settlement.carrier) {
            // It keeps its place until its outcome is told.
            (None, Carrier::Lot) => remove.push_str(", payload"),
            (Some(_), Carrier::Lot) => {
                set.push_str(", payload = :payload");
                update = update.expression_attribute_values(":payload", bytes(settlement.payload));
            }
            (None, Carrier::Queue) => remove.push_str(", lot, lot_order, payload"),
            (Some(lot), Carrier::Queue) => {
                set.push_str(", lot = :lot, lot_order = :order, payload = :payload");
                let order = lot_order(settlement.key, settlement.listing);
                update = update
                    .expression_attribute_values(":lot", text(lot))
                    .expression_attribute_values(":order", text(order))
                    .expression_attribute_values(":payload", bytes(settlement.payload));
            }
        }
        let update = match settlement.owner {
            Some(owner) => update
                .expression_attribute_values(":claimed", text(Standing::Claimed.as_str()))
                .expression_attribute_values(":owner", text(owner))
                .condition_expression(format!("#state = :claimed AND #owner = :owner AND {KNOWN}")),
            None => update
                .expression_attribute_values(":parked", text(Standing::Parked.as_str()))
                .condition_expression(match settlement.realm {
                    None => format!(
                        "attribute_not_exists(pk) OR (#state = :parked AND fingerprint = :fingerprint AND {KNOWN})"
                    ),
                    Some(_) => format!(
                        "attribute_not_exists(pk) OR (#state = :parked AND fingerprint = :fingerprint AND \
                         (attribute_not_exists(realm) OR realm = :realm) AND {KNOWN})"
                    ),
                }),
        };
        match written(update.update_expression(format!("{set} {remove}"))).await? {
            // Carried out and not answered: the SDK asked again and finds its own work.
            Written::Refused(standing)
                if standing.standing == settlement.standing
                    && standing.fingerprint == settlement.fingerprint
                    && standing.reason.as_ref() == Some(settlement.reason) =>
            {
                Ok(Written::Done)
            }
            answer => Ok(answer),
        }
    }

    async fn keep_message(&self, message: &KeptMessage<'_>) -> Result<(), StoreError> {
        let reason =
            serde_json::to_string(message.reason).map_err(|_| StoreError::unreadable("reason"))?;
        let sk = format!("message#{}", message.message_id);
        let order = format!("{:.3}#{sk}", message.now);
        let listed = message_position(message.message_id, message.now, message.reason);
        let (standing, lot) = match message.reason.state() {
            State::Failed => (Standing::Failed, format!("{}#failed", message.group)),
            _ => (Standing::Parked, format!("{}#kept", message.group)),
        };
        let update = self
            .client
            .update_item()
            .table_name(&self.tables.ledger)
            .set_key(Some(super::item::key(message.group, &sk)))
            .update_expression(
                "SET #state = :standing, reason = :reason, payload = :payload, lot = :lot, lot_order = :order, \
                 listed = if_not_exists(listed, :listed), v = :v",
            )
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":standing", text(standing.as_str()))
            .expression_attribute_values(":reason", text(reason))
            .expression_attribute_values(":payload", bytes(message.payload))
            .expression_attribute_values(":lot", text(lot))
            .expression_attribute_values(":listed", text(listed))
            .expression_attribute_values(":order", text(order))
            .expression_attribute_values(":v", number(ROW_VERSION))
            .condition_expression(KNOWN);
        // Where it is not carried out, a later version keeps the message already.
        super::item::carried_out(update.send().await)?;
        Ok(())
    }
}

impl DynamoDb {
    /// The writing of a completion where the row's place is as it says, taking away what else it names.
    fn completion(
        &self,
        completion: &Completion<'_>,
        left: &str,
        place: &str,
    ) -> Result<UpdateItemFluentBuilder, StoreError> {
        let Completion {
            key,
            synced,
            version,
            posted,
            listing,
            now,
        } = *completion;
        let mut set = "SET #state = :synced, receipt = :receipt, receipt_version = :version, realm = :realm, v = :v, \
             recorded = if_not_exists(recorded, :now), listed = :listed"
            .to_owned();
        let remove = format!("REMOVE #owner, lease_until, due, frozen, payload, reason{left}");
        let mut update = self
            .update(key)
            .expression_attribute_names("#owner", "owner")
            .expression_attribute_values(":synced", text(Standing::Synced.as_str()))
            .expression_attribute_values(":receipt", text(synced.receipt.as_str()))
            .expression_attribute_values(":version", text(version.as_str()))
            .expression_attribute_values(":realm", text(synced.realm.as_str()))
            .expression_attribute_values(":now", instant(now))
            .expression_attribute_values(
                ":listed",
                text(position(
                    key,
                    listing,
                    Became::Recorded(&synced.realm, posted.map_or(&[], |posted| &posted.taxes)),
                )),
            )
            .expression_attribute_values(":v", number(ROW_VERSION))
            .condition_expression(format!(
                "(attribute_not_exists(receipt) OR receipt = :receipt) AND {place} AND {KNOWN}"
            ));
        if let Some(document) = &synced.number {
            set.push_str(", document_number = :document");
            update = update.expression_attribute_values(":document", text(document));
        }
        if let Some(posted) = posted {
            set.push_str(", posted = :posted");
            update = update.expression_attribute_values(":posted", text(json(posted)?));
        }
        Ok(update.update_expression(format!("{set} {remove}")))
    }

    pub(super) fn update(&self, key: &TransactionKey) -> UpdateItemFluentBuilder {
        self.client
            .update_item()
            .table_name(&self.tables.ledger)
            .set_key(Some(super::item::key(
                key.merchant.as_str(),
                &sort_key(key),
            )))
            .expression_attribute_names("#state", "state")
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
    }
}

pub(super) fn sort_key(key: &TransactionKey) -> String {
    format!("{}#{}", key.kind.as_str(), key.id)
}

/// Where a transaction stands in its lot; payments before refunds of the same instant.
fn lot_order(key: &TransactionKey, listing: &Listing) -> String {
    format!("{:.3}#{}", listing.moved_at, sort_key(key))
}

fn json(value: &impl serde::Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::unreadable(error.to_string()))
}

/// The partition of the lot index a settled row stands in.
fn lot(settlement: &Settlement<'_>) -> Option<String> {
    let merchant = &settlement.key.merchant;
    match settlement.standing {
        Standing::Parked | Standing::Ambiguous => Some(merchant.to_string()),
        Standing::Held => Some(format!("{merchant}#held")),
        Standing::Failed => Some(format!("{merchant}#failed")),
        Standing::Claimed | Standing::Skipped | Standing::Synced => None,
    }
}

async fn written(update: UpdateItemFluentBuilder) -> Result<Written, StoreError> {
    match update.send().await {
        Ok(_) => Ok(Written::Done),
        Err(error) => Ok(Written::Refused(Box::new(refused_by(error)?))),
    }
}

/// The row that stood in the way of a conditional write; any other error is the store's.
fn refused_by(
    error: aws_sdk_dynamodb::error::SdkError<UpdateItemError>,
) -> Result<Row, StoreError> {
    match error.as_service_error() {
        Some(UpdateItemError::ConditionalCheckFailedException(refusal)) => match refusal.item() {
            Some(item) => row(item),
            None => Err(StoreError::unreadable("the row that refused a write")),
        },
        _ => Err(unavailable(error)),
    }
}

pub(super) fn row(item: &Item) -> Result<Row, StoreError> {
    known(item)?;
    let standing = read_text(item, "state").and_then(|name| Standing::from_stored(&name));
    let realm = read_text(item, "realm").and_then(|realm| RealmId::parse(&realm).ok());
    let receipt = read_text(item, "receipt").and_then(|receipt| ReceiptId::parse(&receipt).ok());
    let synced = realm.clone().zip(receipt).map(|(realm, receipt)| Synced {
        realm,
        receipt,
        number: read_text(item, "document_number"),
    });
    Ok(Row {
        standing: standing.ok_or_else(|| StoreError::unreadable("state"))?,
        attempt: read_number(item, "attempt").unwrap_or_default(),
        owner: read_text(item, "owner"),
        lease_until: read_instant(item, "lease_until"),
        fingerprint: read_text(item, "fingerprint").unwrap_or_default(),
        realm,
        request_id: read_text(item, "request_id"),
        frozen: read_bytes(item, "frozen"),
        due: read_instant(item, "due"),
        since: read_instant(item, "since"),
        told: read_instant(item, "told"),
        reason: read_text(item, "reason").and_then(|reason| serde_json::from_str(&reason).ok()),
        synced,
        posted: read_text(item, "posted")
            .map(|posted| {
                serde_json::from_str(&posted).map_err(|_| StoreError::unreadable("posted"))
            })
            .transpose()?,
        listing: read_text(item, "listing").and_then(|text| serde_json::from_str(&text).ok()),
        received: read_instant(item, "received"),
        claimed: read_instant(item, "claimed"),
        recorded: read_instant(item, "recorded"),
        decided: read_text(item, "decided").and_then(|text| serde_json::from_str(&text).ok()),
    })
}
