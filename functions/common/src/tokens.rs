//! Tokens begin with a connection and end with it.
//!
//! Between the two, [`access`](crate::access) keeps them alive. Nothing here decides whether a merchant may connect.

use bookkeeping::ids::{MerchantId, RealmId};
use bookkeeping::token::{Candidate, TokenHash, ends_at, newest};
use jiff::Timestamp;
use quickbooks::oauth::TokenPair;
use secrecy::{ExposeSecret, SecretString};

use crate::sealing::{KeyRing, nonce};
use crate::secrets::{KeptToken, RefreshTokensIn, Stage, Vault};
use crate::store::{
    Entry, Epochs, SealedAccess, StoreError, TokenRow, Tokens, access_context, refresh_context,
};
use crate::world::World;

/// Makes the first tokens of an epoch durable. Only then may anything use them.
///
/// What older epochs hold, secrets included, is left alone, so that a connection that does not come about costs the
/// present one nothing. The connection is to take up this epoch next, and [`settled`] to follow; where it does not,
/// [`erase`]. If we stop after this, the tokens lie where nobody reads until the next connecting.
///
/// `false` where the epoch was begun before, by a second tab or a second click: nothing is changed; take the next.
///
/// # Errors
///
/// [`StoreError`] where the tokens are not durable: they are lost, and the operator has to consent again.
pub async fn connected<W: World>(
    world: &W,
    merchant: &MerchantId,
    realm: &RealmId,
    epoch: u64,
    pair: &TokenPair,
) -> Result<bool, StoreError> {
    let keys = world.token_keys().await?;
    let nonces = [nonce(world.random()), nonce(world.random())];
    let row = first_row(keys, merchant, realm, epoch, pair, world.now(), nonces);
    world.store().begin_epoch(merchant, &row).await
}

/// The row that an epoch begins with: a pair received at `now`, sealed. `nonces` must be fresh random bytes.
#[must_use]
pub fn first_row(
    keys: &KeyRing,
    merchant: &MerchantId,
    realm: &RealmId,
    epoch: u64,
    pair: &TokenPair,
    now: Timestamp,
    nonces: [[u8; 12]; 2],
) -> TokenRow {
    let seal = |token: &SecretString, context: String, nonce| {
        keys.seal(token.expose_secret().as_bytes(), &context, nonce)
    };
    TokenRow {
        epoch,
        realm: realm.clone(),
        generation: 0,
        fence: 0,
        lease: None,
        access: Some(SealedAccess {
            token: seal(&pair.access, access_context(merchant, realm), nonces[0]),
            expires_at: ends_at(now, pair.expires_in),
        }),
        journal: vec![Entry {
            candidate: Candidate {
                hash: TokenHash::of(pair.refresh.expose_secret()),
                fence: 0,
                received_at: now,
                expires_at: now + pair.refresh_expires_in,
                hard_expires_at: pair.hard_expires_in.map(|left| now + left),
                confirmed_at: None,
            },
            token: seal(&pair.refresh, refresh_context(merchant, realm), nonces[1]),
        }],
        trial: None,
        answer_lost: false,
        in_secret: None,
        refusals: None,
        decided: None,
        untold: None,
    }
}

/// Puts the second copy of an epoch's newest token away, once the connection has taken the epoch up. The journal holds the
/// first: nothing waits for this, and the next refresh makes up for it.
///
/// # Errors
///
/// [`StoreError`] where the journal cannot be read.
pub async fn settled<W: World>(
    world: &W,
    merchant: &MerchantId,
    epoch: u64,
) -> Result<(), StoreError> {
    if let Some(row) = world.store().tokens(merchant, epoch).await? {
        put_newest_away(world, merchant, &row).await;
    }
    Ok(())
}

/// Takes epochs away, the journal and each epoch's secret. Nothing newer is touched. May be repeated.
///
/// A refresh on its way at this moment finds its epoch gone and keeps nothing. The journal goes last: if we stop before,
/// it shows what is still to be taken away.
///
/// # Errors
///
/// [`StoreError`] where some may be left.
pub async fn erase<W: World>(
    world: &W,
    merchant: &MerchantId,
    which: Epochs,
) -> Result<(), StoreError> {
    let mut rows = world.store().epochs(merchant).await?;
    rows.retain(|row| which.holds(row.epoch));
    destroy_secrets(world, merchant, &rows).await?;
    let erased = world.store().erase_tokens(merchant, which).await?;
    // A refresh may have put a copy away between the two.
    destroy_secrets(world, merchant, &erased).await
}

async fn destroy_secrets<W: World>(
    world: &W,
    merchant: &MerchantId,
    rows: &[TokenRow],
) -> Result<(), StoreError> {
    for row in rows {
        if row.in_secret.is_some() || world.refresh_tokens_in() == RefreshTokensIn::Secrets {
            world.vault().destroy(merchant, row.epoch).await?;
        }
    }
    Ok(())
}

/// The tokens of an epoch, the likeliest first, to be revoked at Intuit; they stay where they are.
///
/// # Errors
///
/// [`StoreError`] where they cannot be read.
pub async fn held<W: World>(
    world: &W,
    merchant: &MerchantId,
    epoch: u64,
) -> Result<Vec<SecretString>, StoreError> {
    match world.store().tokens(merchant, epoch).await? {
        Some(row) => opened(world, merchant, &row).await,
        None => Ok(Vec::new()),
    }
}

/// The tokens of a row: access token first, because it works whatever became of a refresh.
///
/// # Errors
///
/// [`StoreError`] where they cannot be opened.
pub async fn opened<W: World>(
    world: &W,
    merchant: &MerchantId,
    row: &TokenRow,
) -> Result<Vec<SecretString>, StoreError> {
    let mut tokens = Vec::new();
    if let Some(access) = &row.access {
        let context = access_context(merchant, &row.realm);
        tokens.push(open(world, &access.token, &context).await?);
    }
    let mut journal: Vec<&Entry> = row.journal.iter().collect();
    journal.sort_by_key(|entry| std::cmp::Reverse(entry.candidate.fence));
    for entry in journal {
        let context = refresh_context(merchant, &row.realm);
        tokens.push(open(world, &entry.token, &context).await?);
    }
    Ok(tokens)
}

/// Puts the newest token of a row into its secret, where it is not known to be there; gives the one that is known to be there
/// then. A failure is logged: the journal holds the token.
pub(crate) async fn put_newest_away<W: World>(
    world: &W,
    merchant: &MerchantId,
    row: &TokenRow,
) -> Option<TokenHash> {
    let candidates = row.candidates();
    let newest = newest(&candidates)?;
    if row.in_secret.as_ref() == Some(&newest.hash) {
        return row.in_secret.clone();
    }
    let entry = row
        .journal
        .iter()
        .find(|entry| entry.candidate.hash == newest.hash);
    let sealed = entry
        .map(|entry| entry.token.as_slice())
        .unwrap_or_default();
    let context = refresh_context(merchant, &row.realm);
    if let Ok(token) = open(world, sealed, &context).await {
        let kept = KeptToken::new(&token, newest, &row.realm, row.epoch);
        if put_away(world, merchant, &kept).await {
            return Some(newest.hash.clone());
        }
    }
    row.in_secret.clone()
}

/// Puts a refresh token into its epoch's secret. `false` where that fails, which is logged: the journal holds it.
pub(crate) async fn put_away<W: World>(world: &W, merchant: &MerchantId, kept: &KeptToken) -> bool {
    let copied = second_copy(world, merchant, kept).await;
    if let Err(error) = &copied {
        tracing::error!(merchant.id = %merchant, error = %error, "a refresh token is in the journal and not yet in its secret");
    }
    copied.is_ok()
}

/// Makes a refresh token the current one of its epoch's secret, unless a newer one is. May be repeated: the same token is
/// the same version. Does nothing where refresh tokens are kept in the journal alone.
///
/// If we stop after keeping it, it is pending there; the next refresh finishes it.
async fn second_copy<W: World>(
    world: &W,
    merchant: &MerchantId,
    kept: &KeptToken,
) -> Result<(), StoreError> {
    if world.refresh_tokens_in() == RefreshTokensIn::DynamoDb {
        return Ok(());
    }
    let (vault, epoch) = (world.vault(), kept.epoch);
    let version = kept.version(merchant);
    vault.keep(merchant, kept, Stage::Pending).await?;
    loop {
        let Some((current, holds)) = vault.kept(merchant, epoch, Stage::Current).await? else {
            return Err(StoreError::unreadable(
                "a secret without a current version".to_owned(),
            ));
        };
        let is_newer = holds.age() > kept.age();
        if current == version
            || is_newer
            || vault.promote(merchant, epoch, &version, &current).await?
        {
            break;
        }
        // Somebody else moved it between our look and our move.
    }
    let hash = kept.candidate().hash;
    world
        .store()
        .note_secret(merchant, epoch, Some(&hash))
        .await
}

/// Seals a token for one context.
pub(crate) async fn seal<W: World>(
    world: &W,
    token: &SecretString,
    context: &str,
) -> Result<Vec<u8>, StoreError> {
    let keys = world.token_keys().await?;
    Ok(keys.seal(
        token.expose_secret().as_bytes(),
        context,
        nonce(world.random()),
    ))
}

/// Opens a token that was sealed for this context.
pub(crate) async fn open<W: World>(
    world: &W,
    sealed: &[u8],
    context: &str,
) -> Result<SecretString, StoreError> {
    let opened = world.token_keys().await?.open(sealed, context);
    let opened = opened.map_err(|error| StoreError::unreadable(error.to_string()))?;
    let text = String::from_utf8(opened);
    let text = text.map_err(|_| StoreError::unreadable("a token".to_owned()))?;
    Ok(SecretString::from(text))
}
