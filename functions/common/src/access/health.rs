//! Health: a refresh now, to learn how a connection stands.
//!
//! A refresh is what a check is: it is not metered, it keeps the grant from lapsing, and nothing else proves that the
//! connection works.

use bookkeeping::connection::{ConnectionState, Denial};
use bookkeeping::ids::MerchantId;
use bookkeeping::token::newest;
use jiff::Timestamp;

use super::refresh::{Renewal, renew};
use super::{read, state};
use crate::store::{Connections, StoreError, TokenRow};
use crate::world::World;

/// How a connection stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// There is none.
    NotConnected,
    /// It was refreshed just now; and when its five years are over, where Intuit said it.
    Healthy {
        /// The end of the five years.
        hard_expires_at: Option<Timestamp>,
    },
    /// Nobody can say: somebody else is refreshing, Intuit could not be asked, or it refused and that proves nothing
    /// yet. To be checked again then.
    Unproven {
        /// When.
        again_at: Timestamp,
    },
    /// Denied for good: the operator has to reconnect. The connection's state says so, and MioCommerce was told.
    Denied(Denial),
}

/// Refreshes a merchant's connection now and says how it stands.
///
/// A denial changes the connection's state; a success of a connection that was believed denied for its tokens changes it back, and proves nothing of one that was denied although
/// they worked.
///
/// # Errors
///
/// [`StoreError`] where the store or a secret cannot be had.
pub async fn check<W: World>(world: &W, merchant: &MerchantId) -> Result<Verdict, StoreError> {
    let Some(connection) = world.store().opening(merchant).await?.connection else {
        return Ok(Verdict::NotConnected);
    };
    let (epoch, mut state) = (connection.epoch, connection.state);
    let Some(before) = read(world, merchant, epoch).await? else {
        return Ok(Verdict::NotConnected);
    };
    if let Some(untold) = &before.untold {
        state::carry_out(world, merchant, epoch, untold).await?;
        state = untold.state;
    }
    let is_newer = |row: &TokenRow, _| row.generation > before.generation;
    match renew(world, merchant, epoch, &is_newer).await? {
        Renewal::Renewed(row) => {
            if let ConnectionState::ReconnectNeeded(denial) = state
                && denial.is_of_tokens()
            {
                let works = ConnectionState::Connected;
                state::change(world, merchant, epoch, Some(state), works).await?;
            }
            Ok(Verdict::Healthy {
                hard_expires_at: newest(&row.candidates())
                    .and_then(|newest| newest.hard_expires_at),
            })
        }
        Renewal::Theirs(again_at) | Renewal::Resting(again_at) => {
            Ok(Verdict::Unproven { again_at })
        }
        Renewal::Gone => Ok(Verdict::NotConnected),
        Renewal::Denied(denial) => {
            // Paused or read-only says more, and stays until it is over.
            if state == ConnectionState::Connected {
                let denied = ConnectionState::ReconnectNeeded(denial);
                state::change(world, merchant, epoch, Some(state), denied).await?;
            }
            Ok(Verdict::Denied(denial))
        }
    }
}
