//! Profiles: changes of customers that wait, taken up once no transaction is left to be worked on.

use std::cell::RefCell;

use bookkeeping::ids::MerchantId;
use common::store::Lot;
use common::world::World;
use jiff::Timestamp;
use recording::Recorder;
use recording::customer::catch_up;
use recording::stop::{Again, Stop};

/// How far one drain got with the changes that wait.
#[derive(Default)]
pub struct Profiles {
    at: RefCell<At>,
}

#[derive(Clone, Default)]
struct At {
    /// The arming of the lot that was seen before the first page was read: what was parked later armed it again.
    arm: Option<u64>,
    /// After whose id to go on.
    next: Option<String>,
    /// Whether the last page was read.
    is_through: bool,
    /// When those that could not be carried out are tried again.
    again: Option<Timestamp>,
}

/// What a page brought.
pub enum Page {
    /// It was worked on; there may be more.
    Worked,
    /// QuickBooks is to be left alone.
    Stopped(Stop),
    /// Nothing is left to do now; those that are left are tried again then.
    Through(Option<Timestamp>),
}

impl Profiles {
    /// Takes up the next page. `lot` is the lot as it was before the transactions were listed for the last time; what cannot
    /// be carried out is tried again at `later`.
    ///
    /// # Errors
    ///
    /// [`Again`] where the store is down.
    pub async fn page<W: World>(
        &self,
        recorder: &Recorder<W>,
        merchant: &MerchantId,
        lot: &Lot,
        later: Timestamp,
    ) -> Result<Page, Again> {
        let mut at = self.at.borrow().clone();
        let is_due = at.again.is_some_and(|again| again <= recorder.world.now());
        if at.arm != Some(lot.arm) || at.is_through && is_due {
            at = At {
                arm: Some(lot.arm),
                ..At::default()
            };
        }
        if at.is_through {
            return Ok(Page::Through(at.again));
        }
        let page = catch_up(recorder, merchant, at.next.as_deref()).await?;
        if page.is_left {
            at.again = at.again.or(Some(later));
        }
        at.is_through = page.next.is_none();
        at.next = page.next;
        let is_through = at.is_through;
        let again = at.again;
        *self.at.borrow_mut() = at;
        Ok(match page.stop {
            Some(stop) => Page::Stopped(stop),
            None if is_through => Page::Through(again),
            None => Page::Worked,
        })
    }
}
