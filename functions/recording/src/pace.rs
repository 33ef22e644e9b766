//! Pace: requests to one company start no closer together than QuickBooks allows.
//!
//! One process at a time works for a merchant, so what this process remembers is the whole of it. Limits: 500
//! requests a minute and 10 a second for one company. Source: Intuit, "Limits and throttles".

use std::cell::RefCell;
use std::collections::HashMap;
use std::time::Duration;

use bookkeeping::ids::RealmId;
use common::world::World;

/// Percent of the full rate a company is asked at right after it rested.
const RESUME_PERCENT: u32 = 70;

/// Percent more, each time this long has passed.
const REGAIN_PERCENT: u32 = 5;
const REGAIN_AFTER: Duration = Duration::from_secs(5);

/// When each company may be asked next, by uptime.
#[derive(Default)]
pub struct Pace {
    next: RefCell<HashMap<RealmId, Duration>>,
    resumed: RefCell<HashMap<RealmId, Duration>>,
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
            let spacing = world.timing().post_spacing * 100 / self.percent(realm, turn);
            next.insert(realm.clone(), turn + spacing);
            turn
        };
        if turn > now {
            world.sleep(turn - now).await;
        }
    }

    /// Asks a company that has just rested at a lower rate, which comes back by and by.
    pub fn resume<W: World>(&self, world: &W, realm: &RealmId) {
        self.resumed
            .borrow_mut()
            .insert(realm.clone(), world.uptime());
    }

    /// Percent of the full rate a company is asked at.
    fn percent(&self, realm: &RealmId, at: Duration) -> u32 {
        let mut resumed = self.resumed.borrow_mut();
        let Some(since) = resumed.get(realm) else {
            return 100;
        };
        let steps = at.saturating_sub(*since).as_secs() / REGAIN_AFTER.as_secs();
        let percent =
            RESUME_PERCENT + REGAIN_PERCENT * u32::try_from(steps).unwrap_or(100).min(100);
        if percent >= 100 {
            resumed.remove(realm);
        }
        percent.min(100)
    }
}
