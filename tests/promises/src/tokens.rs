//! Tokens: epochs, the lease of a refresh, the journal, and states that are decided, told and carried out.

use std::time::Duration;

use bookkeeping::connection::{ConnectionState, Denial};
use bookkeeping::ids::{MerchantId, RealmId};
use bookkeeping::refusals::Refusals;
use bookkeeping::token::{Candidate, TokenHash, Trial};
use common::store::{
    Entry, Epochs, RefreshClaim, RefreshEnd, SealedAccess, Store, TokenRow, Untold,
};
use jiff::Timestamp;

const LEASE: Duration = Duration::from_secs(180);

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_795_000_000 + second).expect("an instant")
}

fn entry(name: &str, fence: u64) -> Entry {
    Entry {
        candidate: Candidate {
            hash: TokenHash::of(name),
            fence,
            received_at: at(0),
            expires_at: at(8_640_000),
            hard_expires_at: Some(at(157_680_000)),
            confirmed_at: None,
        },
        token: name.as_bytes().to_vec(),
    }
}

fn first(epoch: u64) -> TokenRow {
    TokenRow {
        epoch,
        realm: RealmId::parse("9341450000000001").expect("an id"),
        generation: 0,
        fence: 0,
        lease: None,
        access: Some(access("one", 3600)),
        journal: vec![entry("first", 0)],
        trial: None,
        answer_lost: false,
        in_secret: None,
        refusals: None,
        decided: None,
        untold: None,
    }
}

fn access(name: &str, until: i64) -> SealedAccess {
    SealedAccess {
        token: name.as_bytes().to_vec(),
        expires_at: at(until),
    }
}

fn claim<'a>(
    merchant: &'a MerchantId,
    owner: &'a str,
    generation: u64,
    now: i64,
) -> RefreshClaim<'a> {
    RefreshClaim {
        merchant,
        epoch: 1,
        generation,
        owner,
        now: at(now),
        lease: LEASE,
    }
}

/// What every refresh relies on (R24), of a merchant who has no tokens.
///
/// # Panics
///
/// Where a promise is broken.
pub async fn about_tokens(store: &impl Store, merchant: &MerchantId) {
    let row = async |epoch| store.tokens(merchant, epoch).await.expect("a store");

    // An epoch begins once, beside those before it.
    assert_eq!(row(1).await, None);
    assert_eq!(store.begin_epoch(merchant, &first(1)).await, Ok(true));
    assert_eq!(store.begin_epoch(merchant, &first(1)).await, Ok(false));
    assert_eq!(store.begin_epoch(merchant, &first(2)).await, Ok(true));
    assert_eq!(row(1).await, Some(first(1)));

    // One claim at a time; a claim whose answer was lost knows itself.
    let claims = async |owner, generation, now| {
        let claim = claim(merchant, owner, generation, now);
        let row = store.claim_refresh(&claim).await.expect("a store");
        row.map(|row| row.fence)
    };
    assert_eq!(claims("a", 0, 0).await, Some(1));
    assert_eq!(claims("b", 0, 1).await, None);
    assert_eq!(claims("a", 0, 2).await, Some(2));
    assert_eq!(claims("b", 0, 183).await, Some(3));

    // A received token is kept, whoever holds the lease, and never written over.
    let late = entry("late", 2);
    let appended = async |entry: &Entry| store.append_token(merchant, 1, entry).await;
    assert_eq!(appended(&late).await, Ok(()));
    let mut again = late.clone();
    again.token = b"other".to_vec();
    assert_eq!(appended(&again).await, Ok(()));
    assert_eq!(appended(&entry("newest", 3)).await, Ok(()));

    // Only the holder of the fence ends a refresh.
    let (used, newest) = (TokenHash::of("first"), entry("newest", 3).candidate);
    let received = Candidate {
        expires_at: at(9_000_000),
        ..newest.clone()
    };
    let renewed = access("two", 7200);
    let end = RefreshEnd::Renewed {
        access: &renewed,
        used: &used,
        at: at(200),
        received: &received,
        outlived: &[TokenHash::of("late")],
    };
    assert_eq!(store.end_refresh(merchant, 1, 2, &end).await, Ok(false));
    let kept = row(1).await.expect("a row");
    let kept = kept
        .journal
        .iter()
        .find(|kept| kept.candidate == late.candidate);
    assert_eq!(kept, Some(&late));
    assert_eq!(store.end_refresh(merchant, 1, 3, &end).await, Ok(true));
    let after = row(1).await.expect("a row");
    assert_eq!((after.generation, after.lease.clone()), (1, None));
    assert_eq!(after.access, Some(renewed.clone()));
    let mut journal = after.candidates();
    journal.sort_by_key(|candidate| candidate.fence);
    assert_eq!(journal.len(), 2, "the outlived one is gone");
    assert_eq!(journal[0].confirmed_at, Some(at(200)));
    assert_eq!(journal[1].expires_at, at(9_000_000));
    assert_eq!(
        claims("c", 0, 400).await,
        None,
        "the generation has changed"
    );

    // A lost answer keeps the lease until then; a refusal gives it back.
    assert_eq!(claims("c", 1, 400).await, Some(4));
    let lost = RefreshEnd::Unknown { until: at(530) };
    assert_eq!(store.end_refresh(merchant, 1, 4, &lost).await, Ok(true));
    assert_eq!(claims("d", 1, 530).await, None);
    assert_eq!(claims("d", 1, 531).await, Some(5));
    assert!(row(1).await.expect("a row").answer_lost);
    let trial = Trial {
        newest: newest.hash.clone(),
        refused: 1,
        retry_at: at(1200),
        older: [used.clone()].into(),
    };
    let refused = RefreshEnd::Refused(&trial);
    assert_eq!(store.end_refresh(merchant, 1, 5, &refused).await, Ok(true));
    let after = row(1).await.expect("a row");
    assert_eq!((after.trial.clone(), after.lease), (Some(trial), None));

    // A change of state is noted by one of those who find it out, and stays until it is told.
    let change = |at| Untold {
        state: ConnectionState::ReconnectNeeded(Denial::Idle),
        at,
    };
    let noted = async |untold: &Untold| store.note_untold(merchant, 1, None, untold).await;
    assert_eq!(noted(&change(at(600))).await, Ok(true));
    assert_eq!(noted(&change(at(601))).await, Ok(false));
    assert_eq!(store.note_told(merchant, 1, &change(at(601))).await, Ok(()));
    assert_eq!(row(1).await.expect("a row").untold, Some(change(at(600))));
    assert_eq!(store.note_told(merchant, 1, &change(at(600))).await, Ok(()));
    assert_eq!(row(1).await.expect("a row").untold, None);

    // A disconnecting is final for its epoch.
    let to = |state| Untold { state, at: at(700) };
    let (ended, back) = (ConnectionState::Disconnected, ConnectionState::Connected);
    assert_eq!(noted(&to(ended)).await, Ok(true));
    assert_eq!(noted(&to(back)).await, Ok(false));
    assert_eq!(row(1).await.expect("a row").decided, Some(ended));

    assert_eq!(
        store.note_secret(merchant, 1, Some(&newest.hash)).await,
        Ok(())
    );
    assert_eq!(
        row(1).await.expect("a row").in_secret,
        Some(newest.hash.clone())
    );

    // Refusals are noted beside the tokens, and gone when something went through; not of an epoch that is gone.
    let lost = ConnectionState::ReconnectNeeded(Denial::AccessRefused);
    let refusals = Refusals::with(None, lost, at(600));
    let noted = async |epoch, refusals| store.note_refusals(merchant, epoch, refusals).await;
    assert_eq!(noted(1, Some(&refusals)).await, Ok(()));
    assert_eq!(row(1).await.expect("a row").refusals, Some(refusals));
    assert_eq!(noted(9, Some(&refusals)).await, Ok(()));
    assert_eq!(row(9).await, None);
    assert_eq!(noted(1, None).await, Ok(()));
    assert_eq!(row(1).await.expect("a row").refusals, None);

    // What an older epoch still receives is kept where nobody reads, and goes with it.
    let erased = store.erase_tokens(merchant, Epochs::Through(1)).await;
    assert_eq!(erased.expect("a store").len(), 1);
    assert_eq!(row(1).await, None);
    assert_eq!(appended(&late).await, Ok(()));
    assert_eq!(row(1).await, None);
    assert_eq!(row(2).await, Some(first(2)));
    let erased = store.erase_tokens(merchant, Epochs::Through(1)).await;
    assert_eq!(erased, Ok(Vec::new()), "nothing newer is touched");
    assert_eq!(store.epochs(merchant).await, Ok(vec![first(2)]));
    let erased = store.erase_tokens(merchant, Epochs::One(2)).await;
    assert_eq!(erased, Ok(vec![first(2)]));
    assert_eq!(row(2).await, None);
}

/// Whoever is slow undoes nothing (R1, R31), of a merchant who is connected under the first epoch.
///
/// # Panics
///
/// Where a promise is broken.
pub async fn about_states(store: &impl Store, merchant: &MerchantId) {
    let (connected, paused) = (ConnectionState::Connected, ConnectionState::Paused);
    let (read_only, ended) = (ConnectionState::ReadOnly, ConnectionState::Disconnected);
    let noted = async |from, state, second| {
        let untold = Untold {
            state,
            at: at(second),
        };
        store.note_untold(merchant, 1, from, &untold).await
    };
    let carried_out = async |state| store.set_state(merchant, 1, state).await;
    let state = async || {
        let opening = store.opening(merchant).await.expect("a store");
        opening.connection.expect("connected").state
    };
    assert_eq!(noted(Some(connected), paused, 1).await, Ok(true));
    assert_eq!(carried_out(read_only).await, Ok(false), "not decided");
    assert_eq!(carried_out(paused).await, Ok(true));
    assert_eq!(noted(Some(connected), read_only, 2).await, Ok(false));
    assert_eq!(noted(Some(paused), connected, 3).await, Ok(true));
    assert_eq!(carried_out(paused).await, Ok(false), "overtaken");
    assert_eq!(state().await, paused);
    assert_eq!(carried_out(connected).await, Ok(true));
    assert_eq!(state().await, connected);
    let erased = store.erase_tokens(merchant, Epochs::Through(1)).await;
    assert_eq!(erased.expect("a store").len(), 1);
    assert_eq!(carried_out(connected).await, Ok(false), "without tokens");
    assert_eq!(carried_out(ended).await, Ok(true));
    assert_eq!(state().await, ended);
}
