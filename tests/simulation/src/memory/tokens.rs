//! Tokens.

use bookkeeping::connection::ConnectionState;
use bookkeeping::ids::MerchantId;
use bookkeeping::refusals::Refusals;
use bookkeeping::token::TokenHash;
use common::store::{
    Entry, Epochs, RefreshClaim, RefreshEnd, RefreshLease, StoreError, TokenRow, Tokens, Untold,
};

use crate::faults::Fault;
use crate::planted::Bug;

use super::{Memory, Tables};

impl Tokens for Memory {
    async fn tokens(
        &self,
        merchant: &MerchantId,
        epoch: u64,
    ) -> Result<Option<TokenRow>, StoreError> {
        let key = (merchant.clone(), epoch);
        self.call("read tokens", |tables| tables.tokens.get(&key).cloned())
            .await
    }

    async fn epochs(&self, merchant: &MerchantId) -> Result<Vec<TokenRow>, StoreError> {
        let read = |tables: &mut Tables| {
            let theirs = tables.tokens.iter().filter(|((of, _), _)| of == merchant);
            theirs.map(|(_, row)| row.clone()).collect()
        };
        self.call("read every epoch", read).await
    }

    async fn begin_epoch(&self, merchant: &MerchantId, row: &TokenRow) -> Result<bool, StoreError> {
        let key = (merchant.clone(), row.epoch);
        let begin = |tables: &mut Tables| match tables.tokens.contains_key(&key) {
            true => false,
            false => tables.tokens.insert(key, row.clone()).is_none(),
        };
        self.call("begin an epoch", begin).await
    }

    async fn claim_refresh(
        &self,
        claim: &RefreshClaim<'_>,
    ) -> Result<Option<TokenRow>, StoreError> {
        let claim = |tables: &mut Tables| {
            let row = row(tables, claim.merchant, claim.epoch)?;
            let free = row
                .lease
                .as_ref()
                .is_none_or(|lease| lease.until < claim.now || lease.owner == claim.owner);
            if row.generation != claim.generation || !free {
                return None;
            }
            if row.lease.is_some() {
                self.happened.note(Fault::SlowRefresher);
            }
            row.fence += 1;
            row.lease = Some(RefreshLease {
                owner: claim.owner.to_owned(),
                until: claim.now + claim.lease,
            });
            Some(row.clone())
        };
        self.call("claim the refresh", claim).await
    }

    async fn append_token(
        &self,
        merchant: &MerchantId,
        epoch: u64,
        entry: &Entry,
    ) -> Result<(), StoreError> {
        let append = |tables: &mut Tables| {
            let planted = tables.planted;
            // An epoch that is gone has a journal that nobody reads.
            let Some(row) = row(tables, merchant, epoch) else {
                return;
            };
            let is_fenced = planted.has(Bug::FencedAppend);
            if is_fenced && row.fence != entry.candidate.fence {
                return;
            }
            if planted.has(Bug::LastWriterWins) {
                row.journal.clear();
            }
            let is_there = |known: &Entry| known.candidate.hash == entry.candidate.hash;
            if !row.journal.iter().any(is_there) {
                row.journal.push(entry.clone());
            }
        };
        self.call("append a token", append).await
    }

    async fn end_refresh(
        &self,
        merchant: &MerchantId,
        epoch: u64,
        fence: u64,
        end: &RefreshEnd<'_>,
    ) -> Result<bool, StoreError> {
        let end = |tables: &mut Tables| match row(tables, merchant, epoch) {
            Some(row) if row.fence == fence => {
                ended(row, end);
                true
            }
            _ => false,
        };
        self.call("end the refresh", end).await
    }

    async fn note_secret(
        &self,
        merchant: &MerchantId,
        epoch: u64,
        holds: Option<&TokenHash>,
    ) -> Result<(), StoreError> {
        let note = |tables: &mut Tables| {
            if let Some(row) = row(tables, merchant, epoch) {
                row.in_secret = holds.cloned();
            }
        };
        self.call("note what the secret holds", note).await
    }

    async fn note_refusals(
        &self,
        merchant: &MerchantId,
        epoch: u64,
        refusals: Option<&Refusals>,
    ) -> Result<(), StoreError> {
        let note = |tables: &mut Tables| {
            if let Some(row) = row(tables, merchant, epoch) {
                row.refusals = refusals.copied();
            }
        };
        self.call("note what was refused", note).await
    }

    async fn note_untold(
        &self,
        merchant: &MerchantId,
        epoch: u64,
        from: Option<ConnectionState>,
        untold: &Untold,
    ) -> Result<bool, StoreError> {
        let is_news = |decided: ConnectionState| {
            decided != untold.state
                && decided != ConnectionState::Disconnected
                && from.is_none_or(|from| decided == from)
        };
        let careless = self.tables.borrow().planted.has(Bug::ChangeToldTwice);
        let note = |tables: &mut Tables| match row(tables, merchant, epoch) {
            Some(row) if careless || row.decided.is_none_or(is_news) => {
                row.decided = Some(untold.state);
                row.untold = Some(*untold);
                true
            }
            _ => false,
        };
        self.call("note a change of state", note).await
    }

    async fn note_told(
        &self,
        merchant: &MerchantId,
        epoch: u64,
        told: &Untold,
    ) -> Result<(), StoreError> {
        let note = |tables: &mut Tables| {
            if let Some(row) = row(tables, merchant, epoch)
                && row.untold.is_some_and(|untold| untold.at == told.at)
            {
                row.untold = None;
            }
        };
        self.call("note that it was told", note).await
    }

    async fn erase_tokens(
        &self,
        merchant: &MerchantId,
        which: Epochs,
    ) -> Result<Vec<TokenRow>, StoreError> {
        let erase = |tables: &mut Tables| {
            let keys: Vec<(MerchantId, u64)> = tables
                .tokens
                .keys()
                .filter(|(whose, epoch)| whose == merchant && which.holds(*epoch))
                .cloned()
                .collect();
            keys.iter()
                .filter_map(|key| tables.tokens.remove(key))
                .collect()
        };
        self.call("erase tokens", erase).await
    }
}

fn row<'a>(tables: &'a mut Tables, merchant: &MerchantId, epoch: u64) -> Option<&'a mut TokenRow> {
    tables.tokens.get_mut(&(merchant.clone(), epoch))
}

fn ended(row: &mut TokenRow, end: &RefreshEnd<'_>) {
    match end {
        RefreshEnd::Renewed {
            access,
            used,
            at,
            received,
            outlived,
        } => {
            row.access = Some((*access).clone());
            row.generation += 1;
            for Entry { candidate, .. } in &mut row.journal {
                if candidate.hash == **used {
                    candidate.confirmed_at.get_or_insert(*at);
                }
                if candidate.hash == received.hash {
                    candidate.expires_at = received.expires_at;
                    candidate.hard_expires_at =
                        received.hard_expires_at.or(candidate.hard_expires_at);
                }
            }
            row.journal
                .retain(|entry| !outlived.contains(&entry.candidate.hash));
            row.trial = None;
            row.answer_lost = false;
        }
        RefreshEnd::Refused(trial) => row.trial = Some((*trial).clone()),
        RefreshEnd::NothingDone => {}
        RefreshEnd::Unknown { until } => {
            row.answer_lost = true;
            if let Some(lease) = &mut row.lease {
                lease.until = *until;
            }
            return;
        }
    }
    row.lease = None;
}
