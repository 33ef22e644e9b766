//! Doors: whoever looks for a record under one address or name.

use common::store::{Door, DoorClaim, Doors, StoreError};

use super::{Memory, Tables};

impl Doors for Memory {
    async fn claim_door(&self, claim: &DoorClaim<'_>) -> Result<bool, StoreError> {
        let work = |tables: &mut Tables| {
            let inside = tables.links.doors.get(claim.door);
            let quiet = claim.now - claim.quiescence;
            if inside.is_some_and(|(owner, until)| owner != claim.owner && *until >= quiet) {
                return false;
            }
            let inside = (claim.owner.to_owned(), claim.now + claim.lease);
            tables.links.doors.insert(claim.door.clone(), inside);
            true
        };
        self.call("claim a door", work).await
    }

    async fn leave_door(&self, door: &Door, owner: &str) -> Result<(), StoreError> {
        let leave = |tables: &mut Tables| {
            let doors = &mut tables.links.doors;
            if doors.get(door).is_some_and(|(inside, _)| inside == owner) {
                doors.remove(door);
            }
        };
        self.call("leave a door", leave).await
    }
}
