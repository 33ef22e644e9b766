//! Doors: whoever looks for a record under one address or name.

use common::store::{Created, Door, DoorClaim, DoorClaimed, Doors, StoreError};
use jiff::Timestamp;

use crate::planted::Bug;

use super::{Memory, Tables};

/// A door's row.
#[derive(Clone, Default)]
pub struct DoorRow {
    inside: Option<(String, Timestamp)>,
    created: Option<Created>,
}

impl Doors for Memory {
    async fn claim_door(&self, claim: &DoorClaim<'_>) -> Result<DoorClaimed, StoreError> {
        let work = |tables: &mut Tables| {
            let is_open =
                tables.planted.has(Bug::DoorForAll) || tables.planted.has(Bug::LinkForAll);
            let row = tables.links.doors.entry(claim.door.clone()).or_default();
            let quiet = claim.now - claim.quiescence;
            let is_busy =
                |(owner, until): &(String, Timestamp)| owner != claim.owner && *until >= quiet;
            if !is_open && row.inside.as_ref().is_some_and(is_busy) {
                return DoorClaimed::Busy;
            }
            row.inside = Some((claim.owner.to_owned(), claim.now + claim.lease));
            let created = row.created.clone();
            DoorClaimed::Ours {
                created: created.filter(|created| created.shows_at >= claim.now),
            }
        };
        self.call("claim a door", work).await
    }

    async fn leave_door(
        &self,
        door: &Door,
        owner: &str,
        created: Option<&Created>,
    ) -> Result<(), StoreError> {
        let leave = |tables: &mut Tables| {
            let Some(row) = tables.links.doors.get_mut(door) else {
                return;
            };
            if row
                .inside
                .as_ref()
                .is_some_and(|(inside, _)| inside == owner)
            {
                row.inside = None;
                row.created = created.cloned();
            }
        };
        self.call("leave a door", leave).await
    }
}
