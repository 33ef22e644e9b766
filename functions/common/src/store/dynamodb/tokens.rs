//! Tokens: one row a merchant, every epoch's attributes apart under its number (`fence_3`), every refresh token an
//! attribute of its own (`token_3_<hash>`), so that adding one needs nothing to be there.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
use bookkeeping::connection::ConnectionState;
use bookkeeping::ids::{MerchantId, RealmId};
use bookkeeping::refusals::Refusals;
use bookkeeping::token::{Candidate, TokenHash};

use super::DynamoDb;
use super::item::{
    Item, ROW_VERSION, bytes, carried_out, instant, key, known, number, read_bytes, read_instant,
    read_number, read_text, text, unavailable,
};
use super::update::Update;
use crate::store::{
    Entry, Epochs, RefreshClaim, RefreshEnd, RefreshLease, SealedAccess, StoreError, TokenRow,
    Tokens, Untold,
};

/// How often an erasure looks for what came in meanwhile.
const ERASURES_MAX: usize = 5;

impl Tokens for DynamoDb {
    async fn tokens(
        &self,
        merchant: &MerchantId,
        epoch: u64,
    ) -> Result<Option<TokenRow>, StoreError> {
        match self.token_item(merchant).await? {
            None => Ok(None),
            Some(item) => token_row(&item, epoch),
        }
    }

    async fn epochs(&self, merchant: &MerchantId) -> Result<Vec<TokenRow>, StoreError> {
        let item = self.token_item(merchant).await?.unwrap_or_default();
        rows(&item, |_| true)
    }

    async fn begin_epoch(&self, merchant: &MerchantId, row: &TokenRow) -> Result<bool, StoreError> {
        let e = row.epoch;
        let mut update = Update::new(e);
        update.set("realm", text(row.realm.as_str()));
        update.set("generation", number(row.generation));
        update.set("fence", number(row.fence));
        if let Some(access) = &row.access {
            update.set("access", bytes(&access.token));
            update.set("access_until", instant(access.expires_at));
        }
        for entry in &row.journal {
            let name = token_name(e, &entry.candidate.hash);
            update.set_named(name, entry_value(entry));
        }
        let condition = format!("attribute_not_exists(realm_{e})");
        carried_out(
            self.update_tokens(merchant, update, Some(&condition))
                .send()
                .await,
        )
    }

    async fn claim_refresh(
        &self,
        claim: &RefreshClaim<'_>,
    ) -> Result<Option<TokenRow>, StoreError> {
        let e = claim.epoch;
        let mut update = Update::new(e);
        update.add_one("fence");
        update.set("owner", text(claim.owner));
        update.set("lease_until", instant(claim.now + claim.lease));
        // A retry of a claim that was written and not answered recognises itself by its owner.
        let condition = format!(
            "generation_{e} = :seen AND (attribute_not_exists(lease_until_{e}) OR lease_until_{e} < :now \
             OR owner_{e} = :owner)"
        );
        let update = self
            .update_tokens(claim.merchant, update, Some(&condition))
            .expression_attribute_values(":seen", number(claim.generation))
            .expression_attribute_values(":now", instant(claim.now))
            .return_values(ReturnValue::AllNew);
        match update.send().await {
            Ok(answer) => token_row(&answer.attributes.unwrap_or_default(), e),
            Err(error) if refused(&error) => Ok(None),
            Err(error) => Err(unavailable(error)),
        }
    }

    async fn append_token(
        &self,
        merchant: &MerchantId,
        epoch: u64,
        entry: &Entry,
    ) -> Result<(), StoreError> {
        let mut update = Update::new(epoch);
        update.set_if_absent(token_name(epoch, &entry.candidate.hash), entry_value(entry));
        let update = self.update_tokens(merchant, update, None);
        update.send().await.map_err(unavailable)?;
        Ok(())
    }

    async fn end_refresh(
        &self,
        merchant: &MerchantId,
        epoch: u64,
        fence: u64,
        end: &RefreshEnd<'_>,
    ) -> Result<bool, StoreError> {
        let update = ending(epoch, end);
        let condition = format!("fence_{epoch} = :fence");
        let update = self
            .update_tokens(merchant, update, Some(&condition))
            .expression_attribute_values(":fence", number(fence));
        carried_out(update.send().await)
    }

    async fn note_secret(
        &self,
        merchant: &MerchantId,
        epoch: u64,
        holds: Option<&TokenHash>,
    ) -> Result<(), StoreError> {
        let mut update = Update::new(epoch);
        match holds {
            Some(hash) => update.set("in_secret", text(hash.as_str())),
            None => update.remove("in_secret"),
        }
        self.note_of_epoch(merchant, epoch, update).await
    }

    async fn note_refusals(
        &self,
        merchant: &MerchantId,
        epoch: u64,
        refusals: Option<&Refusals>,
    ) -> Result<(), StoreError> {
        let mut update = Update::new(epoch);
        match refusals {
            Some(refusals) => {
                let noted = serde_json::to_string(refusals).expect("refusals are plain data");
                update.set("refusals", text(noted));
            }
            None => update.remove("refusals"),
        }
        self.note_of_epoch(merchant, epoch, update).await
    }

    async fn note_untold(
        &self,
        merchant: &MerchantId,
        epoch: u64,
        from: Option<ConnectionState>,
        untold: &Untold,
    ) -> Result<bool, StoreError> {
        let mut update = Update::new(epoch);
        update.set("decided", text(untold.state.stored()));
        update.set("untold", text(untold.state.stored()));
        update.set("untold_at", instant(untold.at));
        let as_seen = from.map_or_else(String::new, |_| format!("decided_{epoch} = :from AND "));
        let condition = format!(
            "attribute_exists(realm_{epoch}) AND (attribute_not_exists(decided_{epoch}) OR \
             {as_seen}decided_{epoch} <> :decided AND decided_{epoch} <> :final)"
        );
        let last = text(ConnectionState::Disconnected.stored());
        let mut update = self
            .update_tokens(merchant, update, Some(&condition))
            .expression_attribute_values(":final", last);
        if let Some(from) = from {
            update = update.expression_attribute_values(":from", text(from.stored()));
        }
        carried_out(update.send().await)
    }

    async fn note_told(
        &self,
        merchant: &MerchantId,
        epoch: u64,
        told: &Untold,
    ) -> Result<(), StoreError> {
        let mut update = Update::new(epoch);
        update.remove("untold");
        update.remove("untold_at");
        let condition = format!("untold_at_{epoch} = :told");
        let update = self
            .update_tokens(merchant, update, Some(&condition))
            .expression_attribute_values(":told", instant(told.at));
        carried_out(update.send().await)?;
        Ok(())
    }

    async fn erase_tokens(
        &self,
        merchant: &MerchantId,
        which: Epochs,
    ) -> Result<Vec<TokenRow>, StoreError> {
        let mut erased = Vec::new();
        // A token received meanwhile has a name that was not yet known: looked for again.
        for _ in 0..ERASURES_MAX {
            let item = self.token_item(merchant).await?.unwrap_or_default();
            let mut update = Update::new(0);
            for name in item
                .keys()
                .filter(|name| epoch_of(name).is_some_and(|epoch| which.holds(epoch)))
            {
                update.remove_named(name.clone());
            }
            if update.is_empty() {
                return Ok(erased);
            }
            let update = self
                .update_tokens(merchant, update, None)
                .return_values(ReturnValue::AllOld);
            let old = update.send().await.map_err(unavailable)?;
            let old = old.attributes.unwrap_or_default();
            erased.extend(rows(&old, |epoch| which.holds(epoch))?);
        }
        Err(StoreError::Unavailable(
            "tokens keep coming while they are erased".to_owned(),
        ))
    }
}

impl DynamoDb {
    async fn token_item(&self, merchant: &MerchantId) -> Result<Option<Item>, StoreError> {
        let get = self
            .client
            .get_item()
            .table_name(&self.tables.tokens)
            .set_key(Some(key(merchant.as_str(), "token")))
            .consistent_read(true);
        Ok(get.send().await.map_err(unavailable)?.item)
    }

    /// Writes to an epoch that is still there; of one that is gone there is nothing left to note.
    async fn note_of_epoch(
        &self,
        merchant: &MerchantId,
        epoch: u64,
        update: Update,
    ) -> Result<(), StoreError> {
        let condition = format!("attribute_exists(realm_{epoch})");
        carried_out(
            self.update_tokens(merchant, update, Some(&condition))
                .send()
                .await,
        )?;
        Ok(())
    }

    fn update_tokens(
        &self,
        merchant: &MerchantId,
        update: Update,
        condition: Option<&str>,
    ) -> UpdateItemFluentBuilder {
        let mut builder = self
            .client
            .update_item()
            .table_name(&self.tables.tokens)
            .set_key(Some(key(merchant.as_str(), "token")))
            .update_expression(update.expression())
            .set_condition_expression(condition.map(str::to_owned));
        for (name, value) in update.values {
            builder = builder.expression_attribute_values(name, value);
        }
        builder
    }
}

fn ending(epoch: u64, end: &RefreshEnd<'_>) -> Update {
    let mut update = Update::new(epoch);
    match end {
        RefreshEnd::Renewed {
            access,
            used,
            at,
            received,
            outlived,
        } => {
            update.set("access", bytes(&access.token));
            update.set("access_until", instant(access.expires_at));
            update.add_one("generation");
            let used = token_name(epoch, used);
            update.set_if_absent(format!("{used}.confirmed_at"), instant(*at));
            let came = token_name(epoch, &received.hash);
            update.set_named(format!("{came}.expires_at"), instant(received.expires_at));
            if let Some(hard) = received.hard_expires_at {
                update.set_named(format!("{came}.hard_expires_at"), instant(hard));
            }
            update.remove("trial");
            update.remove("lost");
            for hash in *outlived {
                update.remove_named(token_name(epoch, hash));
            }
        }
        RefreshEnd::Refused(trial) => {
            let trial = serde_json::to_string(trial).expect("a trial is plain data");
            update.set("trial", text(trial));
        }
        RefreshEnd::NothingDone => {}
        RefreshEnd::Unknown { until } => {
            update.set("lease_until", instant(*until));
            update.set("lost", AttributeValue::Bool(true));
            return update;
        }
    }
    update.remove("owner");
    update.remove("lease_until");
    update
}

fn token_name(epoch: u64, hash: &TokenHash) -> String {
    format!("token_{epoch}_{}", hash.as_str())
}

/// The epoch an attribute belongs to.
fn epoch_of(name: &str) -> Option<u64> {
    match name.strip_prefix("token_") {
        Some(rest) => rest.split('_').next()?.parse().ok(),
        None => name.rsplit_once('_')?.1.parse().ok(),
    }
}

fn entry_value(entry: &Entry) -> AttributeValue {
    let candidate = &entry.candidate;
    let mut map = Item::from([
        ("token".to_owned(), bytes(&entry.token)),
        ("fence".to_owned(), number(candidate.fence)),
        ("received_at".to_owned(), instant(candidate.received_at)),
        ("expires_at".to_owned(), instant(candidate.expires_at)),
        ("v".to_owned(), number(ROW_VERSION)),
    ]);
    if let Some(hard) = candidate.hard_expires_at {
        map.insert("hard_expires_at".to_owned(), instant(hard));
    }
    if let Some(at) = candidate.confirmed_at {
        map.insert("confirmed_at".to_owned(), instant(at));
    }
    AttributeValue::M(map)
}

fn entry(name: &str, value: &AttributeValue) -> Option<Entry> {
    let map = value.as_m().ok()?;
    Some(Entry {
        candidate: Candidate {
            hash: TokenHash::kept(name.to_owned()),
            fence: read_number(map, "fence")?,
            received_at: read_instant(map, "received_at")?,
            expires_at: read_instant(map, "expires_at")?,
            hard_expires_at: read_instant(map, "hard_expires_at"),
            confirmed_at: read_instant(map, "confirmed_at"),
        },
        token: read_bytes(map, "token")?,
    })
}

/// What an item holds of one epoch.
pub(super) fn token_row(item: &Item, epoch: u64) -> Result<Option<TokenRow>, StoreError> {
    known(item)?;
    let named = |name: &str| format!("{name}_{epoch}");
    let Some(realm) = read_text(item, &named("realm")) else {
        return Ok(None);
    };
    let prefix = named("token") + "_";
    let journal = item
        .iter()
        .filter_map(|(name, value)| Some((name.strip_prefix(&prefix)?, value)))
        .map(|(hash, value)| {
            entry(hash, value).ok_or_else(|| StoreError::unreadable("refresh token"))
        })
        .collect::<Result<Vec<_>, _>>()?;
    let owner = read_text(item, &named("owner"));
    let until = read_instant(item, &named("lease_until"));
    let access = read_bytes(item, &named("access"));
    let access_until = read_instant(item, &named("access_until"));
    let trial = read_text(item, &named("trial"))
        .map(|text| {
            serde_json::from_str(&text).map_err(|_| StoreError::unreadable("trial of a token"))
        })
        .transpose()?;
    let refusals = read_text(item, &named("refusals"))
        .map(|text| serde_json::from_str(&text).map_err(|_| StoreError::unreadable("refusals")))
        .transpose()?;
    let state = |name: &str| {
        let text = read_text(item, &named(name))?;
        ConnectionState::from_stored(&text)
    };
    let (decided, untold) = (state("decided"), state("untold"));
    let untold_at = read_instant(item, &named("untold_at"));
    Ok(Some(TokenRow {
        epoch,
        realm: RealmId::parse(&realm).map_err(|_| StoreError::unreadable("tokens"))?,
        generation: read_number(item, &named("generation"))
            .ok_or_else(|| StoreError::unreadable("tokens"))?,
        fence: read_number(item, &named("fence"))
            .ok_or_else(|| StoreError::unreadable("tokens"))?,
        lease: owner
            .zip(until)
            .map(|(owner, until)| RefreshLease { owner, until }),
        access: access
            .zip(access_until)
            .map(|(token, expires_at)| SealedAccess { token, expires_at }),
        journal,
        trial,
        answer_lost: item.contains_key(&named("lost")),
        in_secret: read_text(item, &named("in_secret")).map(TokenHash::kept),
        refusals,
        decided,
        untold: untold
            .zip(untold_at)
            .map(|(state, at)| Untold { state, at }),
    }))
}

/// What an item holds of these epochs.
fn rows(item: &Item, which: impl Fn(u64) -> bool) -> Result<Vec<TokenRow>, StoreError> {
    let epochs = item
        .keys()
        .filter_map(|name| name.strip_prefix("realm_")?.parse().ok())
        .filter(|epoch| which(*epoch));
    epochs
        .map(|epoch| token_row(item, epoch))
        .filter_map(Result::transpose)
        .collect()
}

fn refused<R>(error: &SdkError<UpdateItemError, R>) -> bool {
    matches!(
        error.as_service_error(),
        Some(UpdateItemError::ConditionalCheckFailedException(_))
    )
}
