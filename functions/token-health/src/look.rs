//! The story of one look: a check where one is due, incidents as the connection's state says, mails where a step is due,
//! and when to look again.
//!
//! May be repeated and may run twice at once: the health row is written under the revision it was read at, and the tokens
//! have their own lease. If we stop anywhere, the row is due again by then.

use std::time::Duration;

use bookkeeping::connection::{Connection, ConnectionState, Denial};
use bookkeeping::health::{Health, Standing, Tokens};
use bookkeeping::ids::MerchantId;
use bookkeeping::outage::Answers;
use bookkeeping::token::{self, refreshed_at};
use common::access::{Verdict, check, state};
use common::leaving;
use common::merchants::follow_entitlement;
use common::store::{Connections, Healths, Lots, StoreError, TokenRow};
use common::waiting::waits;
use common::world::World;
use jiff::Timestamp;

use crate::audience::Audience;
use crate::notices::{self, Sent};

/// How often a look begins anew because the row was changed meanwhile.
const ROUNDS_MAX: usize = 8;

/// How soon it is looked again at the earliest. Who is due comes in the order of time, so that no row, whatever is in it,
/// comes before one that has waited longer.
const AGAIN: Duration = Duration::from_secs(60);

/// How soon a connection is given back again where Intuit could not be told.
const GIVEN_BACK_AGAIN: Duration = Duration::from_secs(3600);

/// Looks at one merchant's connection.
///
/// # Errors
///
/// [`StoreError`] where the store is not to be had: the look is repeated when it is due again.
pub async fn look<W: World>(world: &W, merchant: &MerchantId) -> Result<(), StoreError> {
    let store = world.store();
    for _ in 0..ROUNDS_MAX {
        let mut health = store.health(merchant).await?;
        let mut opening = store.opening(merchant).await?;
        let Some(connection) = opening.connection.take() else {
            if store.keep_health(merchant, &health, None).await? {
                return Ok(());
            }
            continue;
        };
        if let Some(row) = &opening.tokens
            && let Some(untold) = &row.untold
        {
            // Whoever decided it died before it was told.
            state::carry_out(world, merchant, connection.epoch, untold).await?;
            continue;
        }
        let looked = Look {
            world,
            merchant,
            connection,
            tokens: opening.tokens,
        };
        if let Some(due) = looked.at(&mut health).await? {
            let due = due.map(|at| at.max(world.now() + AGAIN));
            if store.keep_health(merchant, &health, due).await? {
                return Ok(());
            }
        }
    }
    let health = store.health(merchant).await?;
    let later = world.now() + AGAIN;
    store.keep_health(merchant, &health, Some(later)).await?;
    Ok(())
}

struct Look<'a, W> {
    world: &'a W,
    merchant: &'a MerchantId,
    connection: Connection,
    tokens: Option<TokenRow>,
}

impl<W: World> Look<'_, W> {
    /// Gives when to look again; `None` outside where something changed meanwhile, and the look is to begin anew.
    async fn at(mut self, health: &mut Health) -> Result<Option<Option<Timestamp>>, StoreError> {
        if self.connection.epoch != health.epoch && self.tokens.is_some() {
            // A consent is an answer of Intuit's as good as a refresh.
            let consent = Answers {
                asked: 1,
                ..Answers::default()
            };
            let store = self.world.store();
            store.count_answers(&consent, self.world.now()).await?;
        }
        if !self.checked(health).await? {
            return Ok(None);
        }
        let now = self.world.now();
        if health.degraded_too_long(now) {
            // The alarm watches this line.
            tracing::error!(metric.Degraded = 1, merchant.id = %self.merchant, "nothing proves for over an hour whether the connection of {} works", self.merchant);
        }
        let standing = self.standing();
        let audience = match health.is_anything_to_tell(&standing, now) {
            true => Audience::of(self.world, &self.connection).await?,
            false => Audience::default(),
        };
        let known = audience.profile.as_ref();
        if known.is_some_and(|known| known.entitled) && standing.state == ConnectionState::Paused {
            // Whoever heard of the plan died before the connection followed.
            follow_entitlement(self.world, self.merchant).await?;
            return Ok(None);
        }
        health.follow(&standing, &audience.reached(health), now);
        if health.is_plan_over(&standing, now) {
            let (epoch, from) = (self.connection.epoch, Some(self.connection.state));
            let over = ConnectionState::ReconnectNeeded(Denial::PlanOver);
            state::change(self.world, self.merchant, epoch, from, over).await?;
            return Ok(None);
        }
        let again_at = self.given_back(now).await?;
        self.count_what_waited(health, now).await?;
        match notices::send_due(self.world, &self.connection, &audience, health).await? {
            Sent::Overtaken => Ok(None),
            Sent::Done => {
                let reached = audience.reached(health);
                let next = health.next_at(&reached, self.world.now());
                Ok(Some(next.into_iter().chain(again_at).min()))
            }
        }
    }

    /// Gives back a connection whose state says that its plan is over, or that the operator has disconnected it and who did it
    /// stopped; gives when to try again, where Intuit could not be told. If we stop half-way, its tokens show it, and the next
    /// look goes on.
    async fn given_back(&self, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        let is_over = matches!(
            self.connection.state,
            ConnectionState::ReconnectNeeded(Denial::PlanOver) | ConnectionState::Disconnected
        );
        let Some(row) = self.tokens.as_ref().filter(|_| is_over) else {
            return Ok(None);
        };
        let is_ended = leaving::end(self.world, &self.connection, Some(row)).await?;
        Ok((!is_ended).then(|| now + GIVEN_BACK_AGAIN))
    }

    /// Checks the connection where that is due; `false` where its state changed with it.
    async fn checked(&mut self, health: &mut Health) -> Result<bool, StoreError> {
        let (world, cadence) = (self.world, self.world.cadence());
        let Some(tokens) = self.tokens.as_ref().map(facts) else {
            health.check_at = None;
            return Ok(true);
        };
        let chance = chance(world.random());
        let standing = self.standing();
        if !health.is_check_due(&standing, &tokens, cadence, chance, world.now()) {
            return Ok(true);
        }
        let was_used = tokens.generation > health.generation;
        let verdict = check(world, self.merchant).await?;
        let after = world.store().opening(self.merchant).await?;
        let state = after.connection.as_ref().map(|after| after.state);
        let is_same = state == Some(self.connection.state)
            && after.connection.as_ref().map(|after| after.epoch) == Some(self.connection.epoch);
        self.tokens = after.tokens;
        let Some(tokens) = self.tokens.as_ref().map(facts).filter(|_| is_same) else {
            // Denied, or back again, or connected anew: looked at anew.
            return Ok(false);
        };
        match verdict {
            Verdict::Healthy { .. } => {
                health.proven(&self.standing(), &tokens, was_used, cadence, chance);
            }
            Verdict::Unproven { again_at } => health.unproven(again_at, world.now()),
            Verdict::Denied(_) => {
                health.check_at = None;
                health.degraded_since = None;
            }
            Verdict::NotConnected => health.check_at = None,
        }
        Ok(true)
    }

    /// Counts what waited for the end of an incident, at the moment it ends.
    async fn count_what_waited(
        &self,
        health: &mut Health,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let has_ended = |ended_at| ended_at == Some(now);
        let mut ended = health.incidents.iter_mut();
        let Some(incident) = ended.find(|incident| has_ended(incident.ended_at)) else {
            return Ok(());
        };
        let lot = self.world.store().lot(self.merchant).await?;
        let recorded = lot.map_or(0, |lot| lot.recorded);
        let waits = waits(self.world, self.merchant).await?;
        incident.saw_waiting(&waits, recorded);
        Ok(())
    }

    fn standing(&self) -> Standing {
        let journal = self.tokens.as_ref().map(TokenRow::candidates);
        let newest = journal.as_deref().and_then(token::newest);
        Standing {
            epoch: self.connection.epoch,
            state: self.connection.state,
            hard_expires_at: newest.and_then(|newest| newest.hard_expires_at),
        }
    }
}

/// What a look needs of the tokens.
fn facts(row: &TokenRow) -> Tokens {
    let journal = row.candidates();
    let newest = token::newest(&journal);
    let dies_at = newest.map_or(Timestamp::MIN, |newest| newest.expires_at);
    let access = row.access.as_ref();
    Tokens {
        generation: row.generation,
        refreshed_at: access.map_or(Timestamp::MIN, |access| refreshed_at(access.expires_at)),
        retry_at: row.trial.as_ref().map(|trial| trial.retry_at),
        dies_at,
    }
}

fn chance(random: [u8; 16]) -> u64 {
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&random[..8]);
    u64::from_le_bytes(bytes)
}
