//! Pace: requests to one company start no closer together than QuickBooks allows.
//!
//! One process at a time works for a merchant, so what this process remembers is the whole of it. Limits: 500
//! requests a minute and 10 a second for one company. Source: Intuit, "Limits and throttles".

use std::cell::RefCell;
use std::collections::HashMap;
use std::time::Duration;

use bookkeeping::ids::RealmId;
use common::world::World;

/// When each company may be asked next, by uptime.
#[derive(Default)]
pub struct Pace {
    next: RefCell<HashMap<RealmId, Duration>>,
}

impl Pace {
    /// Waits for this company's turn and takes it.
    pub async fn turn<W: World>(&self, world: &W, realm: &RealmId) {
        let now = world.uptime();
        let turn = {
            let mut next = self.next.borrow_mut();
            // A company whose turn has long come needs no remembering.
            next.retain(|_, at| *at > now);
            let turn = next.get(realm).copied().unwrap_or(now).max(now);
            next.insert(realm.clone(), turn + world.timing().post_spacing);
            turn
        };
        if turn > now {
            world.sleep(turn - now).await;
        }
    }
}
