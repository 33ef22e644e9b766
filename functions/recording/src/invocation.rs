//! An invocation: the messages it was given, and what working on them shares.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::time::Duration;

use bookkeeping::ids::MerchantId;
use bookkeeping::message::{Content, Message, Refusal};
use bookkeeping::transaction::TransactionKey;
use common::access::Access;
use common::store::Links;
use common::world::World;
use futures::lock::Mutex;

use crate::Recorder;
use crate::customer::{BatchLinks, link_key};
use crate::stop::Again;

/// One message as the queue delivered it, or as the lot kept it.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// The queue's id of the message.
    pub message_id: String,
    /// Its group: the merchant.
    pub group: String,
    /// Its body.
    pub body: String,
}

/// What the messages of one invocation share.
pub struct Invocation {
    /// Customer links found and made.
    pub links: BatchLinks,
    // A payment and its refund in one batch: whichever is begun later waits for the other instead of for its due time.
    doors: RefCell<HashMap<TransactionKey, Rc<Mutex<()>>>>,
    /// The uptime after which nothing more is claimed, because it could not be finished.
    last_claim: Duration,
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
    ) -> Result<Self, Again> {
        let world = &recorder.world;
        let invocation = Self {
            links: BatchLinks::default(),
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
            let access: Option<Access> = recorder
                .remembered
                .open(world, &message.merchant_id, world.now())
                .await?
                .ok();
            keys.extend(access.map(|access| link_key(&access, &customer.id, currency)));
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

    /// The door that whoever works on this payment or on a refund of it goes through alone.
    pub(crate) fn door(&self, payment: TransactionKey) -> Rc<Mutex<()>> {
        Rc::clone(self.doors.borrow_mut().entry(payment).or_default())
    }

    /// Whether too little is left to claim anything more.
    pub fn is_ending<W: World>(&self, world: &W) -> bool {
        world.uptime() >= self.last_claim
    }
}
