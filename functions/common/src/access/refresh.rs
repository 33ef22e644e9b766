//! The refresh of a connection's tokens: one at a time over all processes, and nothing received is lost.
//!
//! Two things kill a connection for good: two uses of one refresh token at once (Intuit may revoke both), and a new
//! token that was received and not kept. Against the first stands a lease longer than any request can live; against the
//! second, the received token is added to the journal before anything else, whoever holds the lease by then. What is
//! left is an answer that is lost, or a process that dies, between Intuit's doing it and our first write: no client can
//! close that.

use std::time::Duration;

use bookkeeping::connection::Denial;
use bookkeeping::ids::MerchantId;
use bookkeeping::outage::Answers;
use bookkeeping::token::{Candidate, Next, TokenHash, ends_at, newest, next, outlived, refused};
use jiff::Timestamp;
use quickbooks::oauth::{App, OAuthClient, TokenFault, TokenFaultClass, TokenPair};
use secrecy::{ExposeSecret, SecretString};

use super::read;
use crate::secrets::{KeptToken, RefreshTokensIn, Stage, Vault};
use crate::store::{
    Entry, Epochs, Healths, RefreshClaim, RefreshEnd, SealedAccess, StoreError, TokenRow, Tokens,
    access_context, refresh_context,
};
use crate::tokens::{open, put_away, put_newest_away, seal};
use crate::world::World;

/// Most rounds of one renewing: a refusal, an older candidate, somebody else's new token each take one.
const ROUNDS_MAX: usize = 16;

/// How long to leave Intuit alone after it could not be reached.
const DOWN_REST: Duration = Duration::from_secs(15);

/// How long to leave Intuit alone after it asked for it without saying how long, or after a fault of ours.
const LONG_REST: Duration = Duration::from_secs(60);

/// Tries of adding a received token to the journal before it goes elsewhere, and in all.
const APPENDS: (u32, u32) = (3, 40);

/// What came of a renewing.
pub(super) enum Renewal {
    /// The row has what was wanted.
    Renewed(Box<TokenRow>),
    /// Somebody else is at it, until then at the latest.
    Theirs(Timestamp),
    /// Intuit could not be asked, or refused in a way that proves nothing: not before then.
    Resting(Timestamp),
    /// Refused for good.
    Denied(Denial),
    /// The epoch is gone: disconnected, or connected anew.
    Gone,
}

/// One round: an end, or another look at the row.
enum Round {
    Over(Renewal),
    Again,
}

/// Renews the tokens of one epoch, unless they are what is wanted by the time it is one's turn.
pub(super) async fn renew<W: World>(
    world: &W,
    merchant: &MerchantId,
    epoch: u64,
    is_enough: &dyn Fn(&TokenRow, Timestamp) -> bool,
) -> Result<Renewal, StoreError> {
    for _ in 0..ROUNDS_MAX {
        let Some(row) = read(world, merchant, epoch).await? else {
            return Ok(Renewal::Gone);
        };
        if is_enough(&row, world.now()) {
            return Ok(Renewal::Renewed(Box::new(row)));
        }
        if let Round::Over(renewal) = round(world, merchant, row).await? {
            return Ok(renewal);
        }
    }
    Ok(Renewal::Resting(world.now() + DOWN_REST))
}

async fn round<W: World>(
    world: &W,
    merchant: &MerchantId,
    seen: TokenRow,
) -> Result<Round, StoreError> {
    match judged(&seen, world.now()) {
        Next::Rest(until) => return Ok(Round::Over(Renewal::Resting(until))),
        Next::Denied(denial) => return Ok(Round::Over(Renewal::Denied(denial))),
        Next::Ask(_) => {}
    }
    let now = world.now();
    if let Some(lease) = seen.lease.as_ref().filter(|lease| lease.until >= now) {
        return Ok(Round::Over(Renewal::Theirs(lease.until)));
    }
    let app = world.app_secret().get(world).await?;
    let claimed_at = (world.now(), world.uptime());
    let owner = data_encoding::HEXLOWER.encode(&world.random());
    let claim = RefreshClaim {
        merchant,
        epoch: seen.epoch,
        generation: seen.generation,
        owner: &owner,
        now: claimed_at.0,
        lease: world.timing().refresh.lease,
    };
    // One process at a time. If we stop after this line, the lease runs out and the next one takes it up.
    let Some(row) = world.store().claim_refresh(&claim).await? else {
        return Ok(Round::Again);
    };
    let mut turn = Turn {
        world,
        merchant,
        row,
    };
    // Somebody stopped half-way: what it received may be in the vault alone. An error leaves the lease to run out, so
    // that an old token is not used while a newer one may be there.
    if seen.lease.is_some() && turn.recover().await? {
        return turn.give_back(Round::Again).await;
    }
    turn.tidy_vault().await;
    let Next::Ask(asked) = judged(&turn.row, world.now()) else {
        return turn.give_back(Round::Again).await;
    };
    // A frozen and thawed process must not send under a lease that others may believe dead.
    if is_late(world, claimed_at) {
        let later = Round::Over(Renewal::Resting(world.now()));
        return turn.give_back(later).await;
    }
    turn.ask(&app.app, &asked).await
}

fn judged(row: &TokenRow, now: Timestamp) -> Next {
    next(&row.candidates(), row.trial.as_ref(), row.answer_lost, now)
}

/// Whether too long has passed since the claim, by the clock that shows more.
fn is_late<W: World>(world: &W, (wall, up): (Timestamp, Duration)) -> bool {
    let by_wall = Duration::try_from(world.now() - wall).unwrap_or(Duration::MAX);
    let by_uptime = world.uptime().saturating_sub(up);
    by_wall.max(by_uptime) >= world.timing().refresh.send_by()
}

/// A claimed refresh.
struct Turn<'a, W> {
    world: &'a W,
    merchant: &'a MerchantId,
    row: TokenRow,
}

impl<W: World> Turn<'_, W> {
    /// Asks Intuit with one candidate. If we stop while it is asked, nobody knows what it did: the lease runs out, and
    /// the same candidate is asked with again when the request cannot be on its way any more.
    async fn ask(&self, app: &App, asked: &TokenHash) -> Result<Round, StoreError> {
        let entry = self
            .row
            .journal
            .iter()
            .find(|entry| entry.candidate.hash == *asked)
            .ok_or_else(|| StoreError::unreadable("a token that is not there".to_owned()))?;
        let context = refresh_context(self.merchant, &self.row.realm);
        let token = open(self.world, &entry.token, &context).await?;
        let client = OAuthClient {
            transport: self.world.quickbooks(),
            endpoints: self.world.oauth_endpoints(),
            app,
            timeout: self.world.timing().refresh.timeout,
        };
        let sent_at = self.world.now();
        let answer = client.refresh(&token).await;
        // What was received is safe before anything else is done.
        let round = match &answer {
            Ok(pair) => self.received(asked, pair, sent_at).await,
            Err(fault) => self.not_renewed(asked, fault, sent_at).await,
        };
        self.count(answer.err().map(|fault| fault.class)).await;
        round
    }

    /// Adds to the count by which an outage is told from a disconnection. If we stop before this, one answer is missing in it.
    async fn count(&self, fault: Option<TokenFaultClass>) {
        let is_refused = fault == Some(TokenFaultClass::InvalidGrant);
        let answers = Answers {
            asked: 1,
            unanswered: u64::from(fault.is_some() && !is_refused),
            refused: u64::from(is_refused),
        };
        let now = self.world.now();
        if let Err(error) = self.world.store().count_answers(&answers, now).await {
            tracing::warn!(error = %error, "what a refresh came to was not counted");
        }
    }

    /// Keeps what was received, and only then lets it be used.
    async fn received(
        &self,
        used: &TokenHash,
        pair: &TokenPair,
        sent_at: Timestamp,
    ) -> Result<Round, StoreError> {
        let (world, merchant, row) = (self.world, self.merchant, &self.row);
        let candidate = Candidate {
            hash: TokenHash::of(pair.refresh.expose_secret()),
            fence: row.fence,
            received_at: world.now(),
            // From the sending: what was received late is not younger for that.
            expires_at: sent_at + pair.refresh_expires_in,
            // The five years are the grant's, not the token's: where an answer does not tell, what was told before stands.
            hard_expires_at: match pair.hard_expires_in {
                Some(left) => Some(sent_at + left),
                None => newest(&row.candidates()).and_then(|known| known.hard_expires_at),
            },
            confirmed_at: None,
        };
        let hash = candidate.hash.clone();
        let is_new = row.journal.iter().all(|entry| entry.candidate.hash != hash);
        if is_new {
            // If we stop before this is done, the token is lost: the one window that nobody can close.
            self.append(&pair.refresh, &candidate).await?;
        }
        // From here on, the token is safe, whatever happens.
        let kept = KeptToken::new(&pair.refresh, &candidate, &row.realm, row.epoch);
        if row.in_secret.as_ref() != Some(&hash) {
            put_away(world, merchant, &kept).await;
        }
        let context = access_context(merchant, &row.realm);
        let access = SealedAccess {
            token: seal(world, &pair.access, &context).await?,
            expires_at: ends_at(sent_at, pair.expires_in),
        };
        let mut outlived = outlived(&row.candidates(), world.now());
        outlived.retain(|old| old != used && *old != hash);
        let end = RefreshEnd::Renewed {
            access: &access,
            used,
            at: world.now(),
            received: &candidate,
            outlived: &outlived,
        };
        let store = world.store();
        // If we stop before this, the lease runs out and the next one refreshes with the new token.
        let is_ours = store
            .end_refresh(merchant, row.epoch, row.fence, &end)
            .await?;
        if !is_ours {
            // Overtaken: the token is in the journal for whoever is newer, or the epoch is gone and it goes too.
            self.clear_if_gone().await?;
            return Ok(Round::Again);
        }
        tracing::info!(metric.Refreshes = 1, merchant.id = %merchant, rotated = is_new, "renewed the tokens of {merchant}");
        Ok(Round::Over(Renewal::Renewed(Box::new(TokenRow {
            access: Some(access),
            generation: row.generation + 1,
            lease: None,
            trial: None,
            answer_lost: false,
            ..row.clone()
        }))))
    }

    /// Takes away what was received for an epoch that is gone: the merchant disconnected meanwhile, or connected anew.
    /// If we stop before this, it lies where nobody reads until the next connecting or erasure.
    async fn clear_if_gone(&self) -> Result<(), StoreError> {
        let (world, merchant, epoch) = (self.world, self.merchant, self.row.epoch);
        if read(world, merchant, epoch).await?.is_some() {
            return Ok(());
        }
        world
            .store()
            .erase_tokens(merchant, Epochs::One(epoch))
            .await?;
        if world.refresh_tokens_in() == RefreshTokensIn::Secrets {
            world.vault().destroy(merchant, epoch).await?;
        }
        Ok(())
    }

    /// Adds a received token to the journal, however often that takes; into the vault first where it takes long.
    async fn append(&self, token: &SecretString, candidate: &Candidate) -> Result<(), StoreError> {
        let (world, merchant, row) = (self.world, self.merchant, &self.row);
        let context = refresh_context(merchant, &row.realm);
        let entry = Entry {
            candidate: candidate.clone(),
            token: seal(world, token, &context).await?,
        };
        let (rescued_after, tries) = APPENDS;
        let mut tried = 0;
        loop {
            let appended = world.store().append_token(merchant, row.epoch, &entry);
            let Err(error) = appended.await else {
                return Ok(());
            };
            tried += 1;
            if tried == rescued_after {
                tracing::error!(merchant.id = %merchant, error = %error, "a received token cannot be added to the journal");
                self.rescue(token, candidate).await;
            }
            if tried == tries {
                return Err(error);
            }
            let pause = if tried < rescued_after { 50 } else { 250 };
            world.sleep(Duration::from_millis(pause)).await;
        }
    }

    /// Puts a received token into the vault because the journal cannot take it.
    async fn rescue(&self, token: &SecretString, candidate: &Candidate) {
        if self.world.refresh_tokens_in() == RefreshTokensIn::DynamoDb {
            return;
        }
        let kept = KeptToken::new(token, candidate, &self.row.realm, self.row.epoch);
        let vault = self.world.vault();
        if let Err(error) = vault.keep(self.merchant, &kept, Stage::Rescue).await {
            tracing::error!(merchant.id = %self.merchant, error = %error, "nor can it be put into the vault");
        }
    }

    async fn not_renewed(
        &self,
        asked: &TokenHash,
        fault: &TokenFault,
        sent_at: Timestamp,
    ) -> Result<Round, StoreError> {
        let (world, merchant) = (self.world, self.merchant);
        let refresh = &world.timing().refresh;
        tracing::warn!(
            metric.RefreshesRefused = 1,
            merchant.id = %merchant,
            quickbooks.status = fault.status,
            quickbooks.code = fault.error.unwrap_or_default(),
            quickbooks.intuit_tid = fault.intuit_tid.as_deref().unwrap_or_default(),
            "Intuit did not renew the tokens of {merchant}: {:?}", fault.class
        );
        let resting = |until| Round::Over(Renewal::Resting(until));
        match fault.class {
            TokenFaultClass::InvalidGrant => self.refused(asked).await,
            TokenFaultClass::Unknown => {
                let until = sent_at + refresh.quiet;
                self.end(&RefreshEnd::Unknown { until }).await?;
                Ok(resting(until))
            }
            TokenFaultClass::NotSent => self.give_back(resting(world.now() + DOWN_REST)).await,
            TokenFaultClass::Throttled(rest) => {
                let rest = rest.unwrap_or(LONG_REST);
                self.give_back(resting(world.now() + rest)).await
            }
            TokenFaultClass::InvalidClient | TokenFaultClass::OurDefect => {
                // Ours to mend, and no merchant's business; perhaps the secret was changed.
                tracing::error!(metric.AppRefused = 1, merchant.id = %merchant, "Intuit does not take our own request");
                world.app_secret().forget();
                self.give_back(resting(world.now() + LONG_REST)).await
            }
        }
    }

    /// A refusal, which may be stale: somebody slow may have added a newer token meanwhile.
    async fn refused(&self, asked: &TokenHash) -> Result<Round, StoreError> {
        let Some(now_there) = read(self.world, self.merchant, self.row.epoch).await? else {
            return Ok(Round::Over(Renewal::Gone));
        };
        let candidates = now_there.candidates();
        let is_newest = |row: &[Candidate]| newest(row).map(|newest| newest.hash.clone());
        if is_newest(&candidates) != is_newest(&self.row.candidates()) || self.recover().await? {
            return self.give_back(Round::Again).await;
        }
        let now = self.world.now();
        let is_outage = self.world.store().answers(now).await?.is_outage();
        let trial = refused(
            &candidates,
            self.row.trial.as_ref(),
            asked,
            now,
            &self.world.timing().refresh.pauses,
            is_outage,
        );
        self.end(&RefreshEnd::Refused(&trial)).await?;
        Ok(Round::Again)
    }

    /// Looks in the vault for tokens that are not in the journal, and adds them; gives whether there were any.
    async fn recover(&self) -> Result<bool, StoreError> {
        let (world, merchant, row) = (self.world, self.merchant, &self.row);
        if world.refresh_tokens_in() == RefreshTokensIn::DynamoDb {
            return Ok(false);
        }
        let mut found = false;
        for stage in [Stage::Rescue, Stage::Pending, Stage::Current] {
            let Some((_, kept)) = world.vault().kept(merchant, row.epoch, stage).await? else {
                continue;
            };
            let candidate = kept.candidate();
            let is_known = row
                .journal
                .iter()
                .any(|entry| entry.candidate.hash == candidate.hash);
            if !is_known {
                self.append(&kept.token(), &candidate).await?;
                found = true;
            }
        }
        Ok(found)
    }

    /// Finishes what an earlier refresh left undone in the vault, and empties it where tokens are no longer kept there.
    /// The journal holds every token, so nothing waits for this.
    async fn tidy_vault(&mut self) {
        let (world, merchant, row) = (self.world, self.merchant, &self.row);
        if world.refresh_tokens_in() == RefreshTokensIn::Secrets {
            // Not put away once more where Intuit gives the same token again.
            self.row.in_secret = put_newest_away(world, merchant, row).await;
        } else if row.in_secret.is_some() {
            let emptied = match world.vault().destroy(merchant, row.epoch).await {
                Ok(()) => world.store().note_secret(merchant, row.epoch, None).await,
                Err(error) => Err(error),
            };
            if let Err(error) = emptied {
                tracing::warn!(merchant.id = %merchant, error = %error, "a secret that is no longer used could not be destroyed");
            }
        }
    }

    async fn give_back(&self, round: Round) -> Result<Round, StoreError> {
        self.end(&RefreshEnd::NothingDone).await?;
        Ok(round)
    }

    async fn end(&self, end: &RefreshEnd<'_>) -> Result<bool, StoreError> {
        let (epoch, fence) = (self.row.epoch, self.row.fence);
        let store = self.world.store();
        store.end_refresh(self.merchant, epoch, fence, end).await
    }
}
