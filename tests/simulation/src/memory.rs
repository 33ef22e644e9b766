//! The store, in memory: the same promises as DynamoDB's, without a network.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::time::Duration;

use bookkeeping::breaker::Calls;
use bookkeeping::connection::Connection;
use bookkeeping::ids::{MerchantId, RealmId};
use bookkeeping::merchant::MerchantProfile;
use bookkeeping::settings::history::Change;
use bookkeeping::transaction::{Kind, TransactionKey};
use common::store::breakers::Seen;
use common::store::{Attempt, Lot, Refunded, StoreError, TokenRow};
use jiff::Timestamp;

use crate::broken::{First, Promise};
use crate::faults::{Fault, Happened};
use crate::planted::Planted;
use crate::world::{Outside, Waits};

mod activity;
mod breakers;
mod changes;
mod connections;
mod doors;
mod healths;
mod index;
mod kept;
mod later;
mod ledger;
mod links;
mod lots;
mod onboarding;
mod refunds;
mod tokens;
mod walk;

pub use doors::DoorRow;
pub use healths::HealthTable;
pub use index::{LotIndex, Partition};
pub use later::Later;
pub use ledger::LedgerRow;
pub use links::{LinkRow, LinkTable};
use lots::ArmsLater;

/// What outlives the process: the tables.
#[derive(Default)]
pub struct Tables {
    /// What is wrong with them.
    pub planted: Planted,
    /// From when until when they take no calls.
    pub throttled_from_until: Option<(Duration, Duration)>,
    /// Whether a claim that was not answered is asked for again, as by a client that repeats by itself.
    pub repeats_claims: bool,
    /// Which transactions QuickBooks throttled, and when.
    pub throttled: BTreeMap<TransactionKey, Timestamp>,
    /// Who claimed each transaction last, by its kind and id: what leaves names no merchant.
    pub claimants: BTreeMap<(Kind, String), MerchantId>,
    /// The receipts that were sent, by request id.
    pub sent: BTreeMap<String, Vec<u8>>,
    /// Whose lots are to be armed next, by who was frozen.
    pub armed_late: BTreeSet<MerchantId>,
    /// Whether wall clocks jump.
    pub clocks_lie: bool,
    /// How many rows of each merchant have a place in the lot.
    pub in_lot: BTreeMap<MerchantId, u64>,
    /// One call in so many fails before it is carried out, and one in so many after; none where nothing fails.
    pub fails_in: Option<u64>,
    /// Whether a connection is taken up twice, as by a client that repeats what was not answered.
    pub repeats: bool,
    /// How long a call takes where it takes longer than usual.
    pub slow: Option<Duration>,
    /// Calls that were carried out.
    pub calls: u64,
    /// Connections.
    pub connections: BTreeMap<MerchantId, Connection>,
    /// Changes of the settings, the oldest first.
    pub history: Vec<(MerchantId, Change)>,
    /// Launch tokens used.
    pub launches: BTreeSet<String>,
    /// Attempts to connect, by the hash of their state.
    pub attempts: BTreeMap<String, Attempt>,
    /// Whose each company is, and by which epoch.
    pub owners: BTreeMap<RealmId, (MerchantId, u64)>,
    /// What is known of merchants.
    pub merchants: BTreeMap<MerchantId, MerchantProfile>,
    /// Tokens, by merchant and epoch.
    pub tokens: BTreeMap<(MerchantId, u64), TokenRow>,
    /// The ledger.
    pub ledger: BTreeMap<TransactionKey, LedgerRow>,
    /// What waits and what needs somebody, in order; lags behind the ledger.
    pub index: LotIndex,
    /// Messages kept beside it.
    pub kept: Vec<(String, String)>,
    /// Customer links.
    pub links: LinkTable,
    /// What the refunds of each payment took.
    pub refunds: BTreeMap<TransactionKey, Refunded>,
    /// How connections do.
    pub healths: HealthTable,
    /// Whether breakers cannot be read or written.
    pub breaker_is_lost: bool,
    /// Breakers by service.
    pub breakers: BTreeMap<String, Seen>,
    /// What calls came to, by service and count.
    pub calls_made: BTreeMap<(String, i64), Calls>,
    /// Lots by merchant.
    pub lots: BTreeMap<MerchantId, Lot>,
    /// What a later version wrote.
    pub later: Later,
}

impl Tables {
    /// Whether a lot is armed.
    #[must_use]
    pub fn is_armed(&self, merchant: &MerchantId) -> bool {
        let lot = self.lots.get(merchant);
        lot.is_some_and(|lot| lot.due.is_some())
    }

    /// The merchant whose lot holds something and is not armed, if there is one. Who thaws may write a row into a lot
    /// that was disarmed while it was frozen, and arms it next.
    fn uncovered(&mut self, thawed: bool) -> Option<MerchantId> {
        if self.clocks_lie {
            return None;
        }
        for (merchant, count) in &self.in_lot {
            let is_armed = self.lots.get(merchant).is_some_and(|lot| lot.due.is_some());
            if *count == 0 || is_armed {
                self.armed_late.remove(merchant);
            } else if thawed {
                self.armed_late.insert(merchant.clone());
            } else if !self.armed_late.contains(merchant) {
                return Some(merchant.clone());
            }
        }
        None
    }
}

/// The store of one process.
pub struct Memory {
    tables: Rc<RefCell<Tables>>,
    waits: Waits,
    happened: Rc<Happened>,
    broken: Rc<First>,
    /// Planted: the arming that is carried out after the row is written.
    arms_later: RefCell<Option<ArmsLater>>,
}

/// What DynamoDB takes for one call.
const CALL: Duration = Duration::from_millis(3);

/// The step that claims.
pub const CLAIM: &str = "claim";

impl Memory {
    /// A store over tables that outlive it.
    #[must_use]
    pub fn new(outside: &Outside) -> Self {
        Self {
            tables: Rc::clone(&outside.tables),
            waits: outside.waits.clone(),
            happened: Rc::clone(&outside.happened),
            broken: Rc::clone(&outside.broken),
            arms_later: RefCell::default(),
        }
    }

    /// One call: the process may die before the tables see it, and after; and so may the call go wrong.
    async fn call<R>(
        &self,
        what: &'static str,
        work: impl FnOnce(&mut Tables) -> R,
    ) -> Result<R, StoreError> {
        let takes = self.tables.borrow().slow.unwrap_or(CALL);
        self.waits.wait(what, takes / 2).await;
        let fails_in = self.tables.borrow().fails_in;
        let fails = || fails_in.is_some_and(|one_in| self.waits.fate.below(one_in) == 0);
        let unavailable = |fault| {
            self.happened.note(fault);
            Err(StoreError::Unavailable(what.to_owned()))
        };
        if fails() {
            return unavailable(fails_before(what));
        }
        let now = self.waits.clock.elapsed();
        let throttled = self.tables.borrow().throttled_from_until;
        if throttled.is_some_and(|(from, until)| from <= now && now < until) {
            return unavailable(Fault::Throttled);
        }
        let result = {
            let mut tables = self.tables.borrow_mut();
            tables.index.catch_up(now);
            tables.calls += 1;
            let result = work(&mut tables);
            let thawed = !self.waits.fate.frozen(now).is_zero();
            if let Some(merchant) = tables.uncovered(thawed) {
                let what = || {
                    format!("after \"{what}\", {merchant}'s lot holds something and is not armed")
                };
                self.broken.note(&self.waits, Promise::Covered, what);
            }
            result
        };
        self.waits.wait_for_answer(what, takes / 2).await;
        if fails() {
            return unavailable(fails_after(what));
        }
        Ok(result)
    }
}

fn fails_before(what: &str) -> Fault {
    match what {
        CLAIM => Fault::ClaimBefore,
        "complete" => Fault::CompleteBefore,
        "settle" => Fault::ParkBefore,
        "arm a lot" => Fault::ArmBefore,
        "append a token" => Fault::AppendFails,
        _ => Fault::StoreBefore,
    }
}

fn fails_after(what: &str) -> Fault {
    match what {
        CLAIM => Fault::ClaimAfter,
        "complete" => Fault::CompleteAfter,
        "settle" => Fault::ParkAfter,
        "arm a lot" => Fault::ArmAfter,
        _ => Fault::StoreAfter,
    }
}
