//! Rows: what waits in a lot and may be worked on now, in order, page by page.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, VecDeque};
use std::rc::Rc;
use std::time::Duration;

use bookkeeping::ids::MerchantId;
use bookkeeping::message::{Message, Refusal, parse};
use bookkeeping::reason::ReasonCode;
use common::store::lot::order;
use common::store::{Carrier, Lots, Place, StoreError, Waiting, payload_context};
use common::world::World;
use futures::stream::{self, Stream};
use jiff::Timestamp;
use recording::Recorder;
use recording::invocation::{Delivery, Invocation};
use recording::look::look_together;
use recording::stop::Again;

/// How many places are read at once. One batched read takes a hundred rows, and as many customer links.
const PAGE: usize = 50;

/// How long a message or a row that cannot be opened or read is left aside: somebody has to put a key back, or a version.
pub const UNREADABLE_REST: Duration = Duration::from_secs(3600);

/// One transaction to work on.
pub struct Job {
    /// Where it stands.
    pub waiting: Waiting,
    /// Its message as it was delivered, and as it reads; none where its outcome only remains to be told.
    pub message: Option<(Delivery, Result<Message, Refusal>)>,
    /// What it shares with the others of its page.
    pub invocation: Rc<Invocation>,
}

/// What of a lot is gone through.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// Everything.
    All,
    /// What only remains to be told, where nothing can be sent.
    Settled,
}

/// One going-through of a lot.
pub struct Pass<'a, W> {
    /// The world and what is remembered.
    pub recorder: &'a Recorder<W>,
    /// Whose lot.
    pub merchant: &'a MerchantId,
    /// What of it.
    pub which: Which,
    /// The uptime at which nothing more is begun.
    pub ends: Duration,
    /// When what was tried may be tried again, by its position.
    pub tried: &'a RefCell<HashMap<String, Timestamp>>,
    /// Whether nothing more is to be begun.
    pub is_over: &'a dyn Fn() -> bool,
    /// The earliest time at which something left aside may be worked on.
    pub next_due: &'a Cell<Option<Timestamp>>,
}

impl<'a, W: World> Pass<'a, W> {
    /// What may be worked on now, in order. Ends at the end of the lot, or when the pass is over.
    pub fn jobs(&'a self) -> impl Stream<Item = Result<Job, Again>> + 'a {
        let begin = (VecDeque::new(), None, false);
        stream::try_unfold(
            begin,
            move |(mut page, mut after, mut is_last)| async move {
                loop {
                    if (self.is_over)() {
                        return Ok(None);
                    }
                    if let Some(job) = page.pop_front() {
                        return Ok(Some((job, (page, after, is_last))));
                    }
                    if is_last {
                        return Ok(None);
                    }
                    let store = self.recorder.world.store();
                    let after_it: Option<&str> = after.as_deref();
                    let places = store.places(self.merchant, after_it, PAGE).await?;
                    is_last = places.len() < PAGE;
                    after = places.last().map(order).map(str::to_owned).or(after);
                    page = self.page(places).await?;
                }
            },
        )
    }

    async fn page(&self, places: Vec<Result<Place, String>>) -> Result<VecDeque<Job>, Again> {
        let world = &self.recorder.world;
        let now = world.now();
        let untried: Vec<Result<Place, String>> = {
            let tried = self.tried.borrow();
            let free = |place: &Result<Place, String>| match tried.get(order(place)) {
                Some(again) if *again > now => {
                    self.is_due(*again);
                    false
                }
                _ => true,
            };
            places.into_iter().filter(free).collect()
        };
        let untried: Vec<Place> = untried
            .into_iter()
            .filter_map(|place| place.map_err(|order| self.unknown(order, now)).ok())
            .collect();
        if untried.is_empty() {
            return Ok(VecDeque::new());
        }
        let mut ready = Vec::new();
        for waiting in world.store().waiting(&untried).await? {
            let waiting = match waiting {
                Ok(waiting) => waiting,
                // It keeps its place, and the others go past it.
                Err(place) => {
                    self.try_again(&place, now + UNREADABLE_REST);
                    continue;
                }
            };
            if self.which == Which::Settled && !waiting.row.standing.is_settled() {
                continue;
            }
            match waiting.not_before(world.timing().quiescence) {
                Some(at) if at > now => self.is_due(at),
                _ => ready.push(waiting),
            }
        }
        // Since the connection was made, too: what waited for that is worked off now. What waits for a payment is nobody's to hurry.
        let connection = self.recorder.remembered.connection(self.merchant);
        let connected = connection.and_then(|connection| Some(connection.connected.as_ref()?.at));
        let is_ours = |waiting: &&Waiting| {
            let reason = waiting.row.reason.as_ref().map(|reason| reason.code);
            !matches!(
                reason,
                Some(ReasonCode::PaymentWaiting | ReasonCode::PaymentUnknown)
            )
        };
        let waits = |waiting: &Waiting| {
            let since = waiting.row.received.max(connected)?;
            u64::try_from((now - since).as_secs()).ok()
        };
        if let Some(oldest) = ready.iter().filter(is_ours).filter_map(waits).max() {
            tracing::info!(metric.OldestWaitingSeconds = oldest, merchant.id = %self.merchant, "works off what waits");
        }
        let mut messages = Vec::with_capacity(ready.len());
        let mut readable = Vec::with_capacity(ready.len());
        for waiting in ready {
            match self.message(&waiting).await {
                Ok(message) => {
                    messages.push(message);
                    readable.push(waiting);
                }
                // It keeps its place, and the others go past it.
                Err(Again::Store(StoreError::Unreadable { .. })) => {
                    self.try_again(&waiting.place, now + UNREADABLE_REST);
                }
                Err(again) => return Err(again),
            }
        }
        let parsed: Vec<Result<Message, Refusal>> = messages
            .iter()
            .filter_map(|message| Some(message.as_ref()?.1.clone()))
            .collect();
        let time_left = self.ends.saturating_sub(world.uptime()) + world.timing().lease;
        let invocation = Invocation::begin(self.recorder, &parsed, time_left, Carrier::Lot).await?;
        for waiting in &readable {
            invocation.note_standing(&waiting.place.key, &waiting.row);
        }
        look_together(self.recorder, &invocation, self.merchant, &readable).await?;
        let invocation = Rc::new(invocation);
        let job = |(waiting, message)| Job {
            waiting,
            message,
            invocation: Rc::clone(&invocation),
        };
        Ok(readable.into_iter().zip(messages).map(job).collect())
    }

    /// The message of a transaction, opened; none where the transaction stands settled and is only to be told.
    async fn message(
        &self,
        waiting: &Waiting,
    ) -> Result<Option<(Delivery, Result<Message, Refusal>)>, Again> {
        let key = &waiting.place.key;
        if waiting.row.standing.is_settled() {
            return Ok(None);
        }
        let unreadable = || StoreError::unreadable(format!("the kept message of {key}"));
        let sealed = waiting.payload.as_deref().ok_or_else(unreadable)?;
        let ring = self.recorder.world.payload_keys().await?;
        let body = ring
            .open(sealed, &payload_context(key))
            .ok()
            .and_then(|body| String::from_utf8(body).ok())
            .ok_or_else(unreadable)?;
        // What was read when it was parked and cannot be read now is this version's fault: it waits for the next.
        let parsed = parse(&body).map_err(|refusal| {
            StoreError::unreadable(format!("the kept message of {key}: {refusal}"))
        })?;
        let delivery = Delivery {
            message_id: format!("lot-{}-{}", key.kind, key.id),
            group: key.merchant.to_string(),
            body,
            sent_at: None,
        };
        Ok(Some((delivery, Ok(parsed))))
    }

    /// A transaction is left aside until then.
    pub fn try_again(&self, place: &Place, at: Timestamp) {
        self.put_aside(place.order.clone(), at);
    }

    /// What only a later version knows keeps its place, and the lot stays armed for it.
    fn unknown(&self, order: String, now: Timestamp) {
        // Said once, however often it is gone past.
        let _ = StoreError::unreadable(format!("what stands in the lot at {order}"));
        self.put_aside(order, now + UNREADABLE_REST);
    }

    fn put_aside(&self, order: String, until: Timestamp) {
        self.tried.borrow_mut().insert(order, until);
        self.is_due(until);
    }

    /// Something may be worked on from this time.
    fn is_due(&self, at: Timestamp) {
        let earliest = self.next_due.get().map_or(at, |other| other.min(at));
        self.next_due.set(Some(earliest));
    }
}
