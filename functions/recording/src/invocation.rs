//! An invocation: the messages it was given, and what working on them shares.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;
use std::time::Duration;

use bookkeeping::ids::{MerchantId, RealmId};
use bookkeeping::message::{Content, Message, Refusal};
use bookkeeping::reason::Reason;
use bookkeeping::transaction::TransactionKey;
use common::store::{Armed, Arming, Carrier, Links, Lots, Row};
use common::world::World;
use futures::lock::Mutex;
use jiff::Timestamp;

use crate::Recorder;
use crate::customer::{BatchLinks, link_key};
use crate::look::Sighted;
use crate::stop::{Again, Stop};

/// One message as the queue delivered it, or as the lot kept it.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// The queue's id of the message.
    pub message_id: String,
    /// Its group: the merchant.
    pub group: String,
    /// Its body.
    pub body: String,
    /// When the queue took it; none of one from the lot.
    pub sent_at: Option<Timestamp>,
}

/// How long an arming is relied on by the worker that made it. A lot is disarmed only after it was quiet for longer
/// ([`QUIET`](common::store::lot::QUIET)), so a row written within this time is in an armed lot.
const ARMING_HOLDS: Duration = Duration::from_secs(10);

/// What the messages of one invocation share.
pub struct Invocation {
    /// Customer links found and made.
    pub links: BatchLinks,
    /// Who brought the messages.
    pub carrier: Carrier,
    /// Receipts that were looked for together.
    pub sighted: Sighted,
    /// What live work on each merchant has to know of its lot.
    lots: RefCell<BTreeMap<MerchantId, LotSeen>>,
    /// How transactions from the lot stood.
    stood: RefCell<HashMap<TransactionKey, Stood>>,
    // A payment and its refund in one batch: whichever is begun later waits for the other instead of for its due time.
    doors: RefCell<HashMap<TransactionKey, Rc<Mutex<()>>>>,
    /// The uptime after which nothing more is claimed, because it could not be finished.
    last_claim: Duration,
}

/// How a transaction from the lot stood before it was worked on.
#[derive(Default)]
struct Stood {
    /// The company it waits for.
    realm: Option<RealmId>,
    /// What it waits for, and since when.
    reason: Option<(Reason, Timestamp)>,
}

/// A merchant's lot, as live work saw and left it.
#[derive(Clone, Copy, Default)]
struct LotSeen {
    /// Whether the merchant's other messages go into the lot too.
    yields: bool,
    /// When it was armed last, by both clocks, and for when.
    armed: Option<((Timestamp, Duration), Timestamp)>,
    /// Until when the company is left alone, as it was armed.
    rest_until: Option<Timestamp>,
    /// When its drain is to be woken.
    wake: Option<Timestamp>,
}

impl Invocation {
    /// Begins work on these messages with the batched reads: connections and tokens, then the links of all
    /// customers. `time_left` is what remains of the invocation.
    ///
    /// # Errors
    ///
    /// [`Again`] where the store is down: none of the messages was begun.
    pub async fn begin<W: World>(
        recorder: &Recorder<W>,
        messages: &[Result<Message, Refusal>],
        time_left: Duration,
        carrier: Carrier,
    ) -> Result<Self, Again> {
        let world = &recorder.world;
        let invocation = Self {
            links: BatchLinks::default(),
            carrier,
            sighted: Sighted::default(),
            lots: RefCell::default(),
            stood: RefCell::default(),
            doors: RefCell::default(),
            last_claim: (world.uptime() + time_left).saturating_sub(world.timing().lease),
        };
        recorder
            .remembered
            .ends_at(world, world.uptime() + time_left);
        let messages: Vec<&Message> = messages
            .iter()
            .filter_map(|parsed| parsed.as_ref().ok())
            .collect();
        let mut merchants: Vec<MerchantId> = messages
            .iter()
            .map(|message| message.merchant_id.clone())
            .collect();
        merchants.sort();
        merchants.dedup();
        recorder.remembered.prepare(world, &merchants).await?;
        let mut keys = Vec::new();
        for message in messages {
            let (customer, currency) = match &message.content {
                Content::PaymentCaptured {
                    payment,
                    customer: Some(customer),
                } => (customer, Some(payment.currency)),
                Content::PaymentRefunded {
                    refund,
                    customer: Some(customer),
                    ..
                } => (customer, Some(refund.currency)),
                Content::CustomerUpdated { customer } => (customer, None),
                _ => continue,
            };
            invocation.links.see(&message.merchant_id, customer);
            // A change alone reads its customer's links by itself, of every currency.
            let Some(currency) = currency else { continue };
            // As it was read: a token that has to be renewed first is one merchant's trouble, and holds up no other.
            let connection = recorder.remembered.connection(&message.merchant_id);
            let usable = connection.filter(|connection| connection.closed().is_none());
            keys.extend(usable.map(|usable| link_key(&usable, &customer.id, currency)));
        }
        if keys.is_empty() {
            return Ok(invocation);
        }
        let links = world.store().links(&keys).await?;
        for (key, link) in keys.into_iter().zip(links) {
            if let Some(link) = link {
                invocation.links.learn(key, link);
            }
        }
        Ok(invocation)
    }

    /// Notes how a transaction from the lot stands.
    pub fn note_standing(&self, key: &TransactionKey, row: &Row) {
        let stood = Stood {
            realm: row.realm.clone(),
            reason: row.reason.clone().zip(row.since),
        };
        self.stood.borrow_mut().insert(key.clone(), stood);
    }

    /// Since when a transaction has stood for this reason already, where it has.
    pub(crate) fn since(&self, key: &TransactionKey, reason: &Reason) -> Option<Timestamp> {
        let stood = self.stood.borrow();
        let (before, since) = stood.get(key)?.reason.as_ref()?;
        (before == reason).then_some(*since)
    }

    /// Whether a transaction waits for another company than this one, as far as is known before it is claimed.
    pub(crate) fn waits_for_another(&self, key: &TransactionKey, realm: &RealmId) -> bool {
        let stood = self.stood.borrow();
        let theirs = stood.get(key).and_then(|stood| stood.realm.as_ref());
        theirs.is_some_and(|theirs| theirs != realm)
    }

    /// The door that whoever works on this payment or on a refund of it goes through alone.
    pub(crate) fn door(&self, payment: TransactionKey) -> Rc<Mutex<()>> {
        Rc::clone(self.doors.borrow_mut().entry(payment).or_default())
    }

    /// Whether too little is left to claim anything more.
    pub fn is_ending<W: World>(&self, world: &W) -> bool {
        world.uptime() >= self.last_claim
    }

    /// The uptime after which nothing more is read, because there would be no time for what follows.
    pub fn look_until<W: World>(&self, world: &W) -> Duration {
        let ends = self.last_claim + world.timing().lease;
        ends.saturating_sub(world.timing().quickbooks_timeout)
    }

    /// Lets this merchant's messages go into its lot from here on.
    pub fn yield_to_lot(&self, merchant: &MerchantId) {
        self.lots
            .borrow_mut()
            .entry(merchant.clone())
            .or_default()
            .yields = true;
    }

    /// Whether this merchant's messages go into its lot, whatever the store said.
    #[must_use]
    pub fn yields_to_lot(&self, merchant: &MerchantId) -> bool {
        self.lots
            .borrow()
            .get(merchant)
            .is_some_and(|lot| lot.yields)
    }

    /// Arms the lot of a merchant whose transaction is about to be written down as waiting.
    ///
    /// The drain has its lot armed while it is at it, and looks again before it lets go.
    ///
    /// # Errors
    ///
    /// [`Again`] where the store is down.
    pub async fn arm<W: World>(
        &self,
        world: &W,
        merchant: &MerchantId,
        stop: &Stop,
    ) -> Result<(), Again> {
        if self.carrier == Carrier::Lot {
            return Ok(());
        }
        let (now, uptime) = (world.now(), world.uptime());
        let due = stop.look_again(now);
        let opens = stop.stops_the_company() || self.yields_to_lot(merchant);
        let seen = self
            .lots
            .borrow()
            .get(merchant)
            .copied()
            .unwrap_or_default();
        // By the clock that shows more: a lot may have been disarmed while this process was frozen.
        let holds = |((wall, up), until): ((Timestamp, Duration), Timestamp)| {
            let by_wall = Duration::try_from(now - wall).unwrap_or_default();
            until <= due && by_wall.max(uptime.saturating_sub(up)) < ARMING_HOLDS
        };
        let rest_until = stop.rests_company().then_some(due);
        let is_open = seen.yields || !opens;
        if seen.armed.is_some_and(holds) && is_open && rest_until <= seen.rest_until {
            return Ok(());
        }
        let arming = Arming {
            merchant,
            due,
            open: opens,
            rest_until,
            frees: false,
            now,
        };
        let armed = world.store().arm(&arming).await?;
        let mut lots = self.lots.borrow_mut();
        let lot = lots.entry(merchant.clone()).or_default();
        lot.yields |= opens;
        lot.armed = Some(((now, uptime), due));
        lot.rest_until = lot.rest_until.max(rest_until);
        if armed == Armed::Unattended {
            lot.wake = Some(lot.wake.map_or(due, |earlier| earlier.min(due)));
        }
        Ok(())
    }

    /// Wakes the drains of the lots that were armed. If we stop before this, the sweep finds them.
    pub async fn wake_drains<W: World>(&self, world: &W) {
        let wakes: Vec<(MerchantId, Timestamp)> = {
            let lots = self.lots.borrow();
            let wakes = lots.iter();
            wakes
                .filter_map(|(merchant, lot)| Some((merchant.clone(), lot.wake?)))
                .collect()
        };
        for (merchant, at) in wakes {
            let after = Duration::try_from(at - world.now()).unwrap_or_default();
            world.wake(&[merchant], after).await;
        }
    }
}
