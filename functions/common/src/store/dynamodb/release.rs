//! Releasing: transactions that needed the operator go back into the lot.

use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use bookkeeping::ids::MerchantId;
use bookkeeping::reason::{Reason, ReasonCode};
use bookkeeping::request_id::RequestId;
use bookkeeping::transaction::TransactionKey;
use jiff::Timestamp;

use super::DynamoDb;
use super::item::{Item, number, read_number, text, unavailable, unreadable};
use super::ledger::row;
use super::lot::{item_key, transaction_key};
use crate::store::{Arming, Lots, Release, Row, Standing, StoreError};

/// How many held transactions are read at once.
const PAGE: usize = 100;

impl DynamoDb {
    /// Releases what is held, page by page. Stopping half-way leaves the rest held.
    pub(super) async fn release_held(
        &self,
        merchant: &MerchantId,
        which: Release<'_>,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let arming = Arming {
            merchant,
            due: now,
            open: false,
            rest_until: None,
            now,
        };
        // First the lot, then the rows; armed again at the end, so that a drain that was quicker looks again.
        self.arm(&arming).await?;
        self.resume(merchant).await?;
        let mut released = 0;
        match which {
            Release::One(one) => {
                released += self.release_of(std::slice::from_ref(one), which).await?
            }
            Release::These(these) => {
                for page in these.chunks(PAGE) {
                    released += self.release_of(page, which).await?;
                }
            }
            Release::For(_) => {
                let held = format!("{merchant}#{}", Standing::Held.as_str());
                let mut after = String::new();
                loop {
                    let listed = self.listed(&held, &after, PAGE).await?;
                    let Some((last, _)) = listed.last() else {
                        break;
                    };
                    after.clone_from(last);
                    let keys: Vec<TransactionKey> = listed
                        .iter()
                        .filter_map(|(_, sk)| transaction_key(merchant, sk))
                        .collect();
                    released += self.release_of(&keys, which).await?;
                }
            }
        }
        if released > 0 {
            self.arm(&arming).await?;
        }
        Ok(released)
    }

    /// Releases those of one page that are held for what is released; gives how many.
    async fn release_of(
        &self,
        keys: &[TransactionKey],
        which: Release<'_>,
    ) -> Result<u64, StoreError> {
        let table = &self.tables.ledger;
        let wanted = keys
            .iter()
            .map(|key| (table.clone(), item_key(key)))
            .collect();
        let found = self.batch_get(wanted).await?;
        let mut released = 0;
        for key in keys {
            let wanted = item_key(key);
            let Some((_, item)) = found
                .iter()
                .find(|(_, item)| item.get("sk") == wanted.get("sk"))
            else {
                continue;
            };
            let stands = row(item)?;
            if stands.standing == Standing::Held && which.frees(key, stands.reason.as_ref()) {
                released += u64::from(self.release_one(key, item, &stands).await?);
            }
        }
        Ok(released)
    }

    /// Puts one held transaction back; gives whether it was still held.
    async fn release_one(
        &self,
        key: &TransactionKey,
        item: &Item,
        stands: &Row,
    ) -> Result<bool, StoreError> {
        let reason = serde_json::to_string(&Reason::new(ReasonCode::InLine))
            .map_err(|_| unreadable("reason"))?;
        let mut set = "SET #state = :parked, reason = :reason, lot = :lot".to_owned();
        let mut update = self
            .update(key)
            .expression_attribute_values(":parked", text(Standing::Parked.as_str()))
            .expression_attribute_values(":held", text(Standing::Held.as_str()))
            .expression_attribute_values(":reason", text(reason))
            .expression_attribute_values(":lot", text(key.merchant.as_str()))
            .condition_expression("#state = :held");
        // What was asked before was answered with a refusal: what is asked now must not be answered with the same.
        if let (Some(_), Some(realm)) = (&stands.request_id, &stands.realm) {
            let revision = read_number(item, "revision").unwrap_or(0_u32) + 1;
            let request_id = RequestId::for_receipt(realm, key, revision);
            set.push_str(", request_id = :request_id, revision = :revision");
            update = update
                .expression_attribute_values(":request_id", text(request_id.as_str()))
                .expression_attribute_values(":revision", number(revision));
        }
        let update = update.update_expression(format!("{set} REMOVE due, frozen"));
        match update.send().await {
            Ok(_) => Ok(true),
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(_)) => Ok(false),
                _ => Err(unavailable(error)),
            },
        }
    }

    /// Ends a pause: something was mended.
    async fn resume(&self, merchant: &MerchantId) -> Result<(), StoreError> {
        let update = self
            .client
            .update_item()
            .table_name(&self.tables.ledger)
            .set_key(Some(super::item::key(merchant.as_str(), "lot")))
            .update_expression("REMOVE paused, rest_until")
            .condition_expression("attribute_exists(paused)");
        match update.send().await {
            Ok(_) => Ok(()),
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(_)) => Ok(()),
                _ => Err(unavailable(error)),
            },
        }
    }
}
