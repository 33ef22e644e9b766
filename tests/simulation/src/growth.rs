//! Growth: what a transaction costs as merchants and transactions become many.
//!
//! One process serves them all, as the busiest would: what it remembers of each is part of what is measured. All merchants
//! share one company, which takes as much as they ask, so that the figures are of our side alone.

use std::time::Duration;

use bookkeeping::connection::Connection;
use bookkeeping::ids::{CompanyCustomerId, MerchantId};
use bookkeeping::message::{Content, parse};
use bookkeeping::receipt::draft;
use bookkeeping::transaction::TransactionKey;
use common::tokens::first_row;
use futures::stream::{self, StreamExt};
use recording::Recorder;
use recording::invocation::Delivery;
use transaction_sync::batch::handle;

use crate::payments::payment;
use crate::rush::merchant;
use crate::town::{MERCHANT, REALM, Town, consent};
use crate::world::{Outside, SimulatedWorld};

/// Most messages a batch holds.
const BATCH: u64 = 10;

/// Batches at once.
const AT_ONCE: usize = 1_000;

const TIMEOUT: Duration = Duration::from_secs(60);

/// Connected merchants, each with one linked customer.
pub struct Growth {
    outside: Outside,
    process: Recorder<SimulatedWorld>,
    like: Connection,
    merchants: u64,
}

/// What payments asked of others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grown {
    /// Calls of the store.
    pub store_calls: u64,
    /// Requests to QuickBooks.
    pub requests: u64,
}

impl Growth {
    /// So many merchants.
    ///
    /// # Panics
    ///
    /// Where they cannot be connected.
    #[must_use]
    pub fn new(seed: u64, merchants: u64) -> Self {
        let town = Town::new(seed);
        let like = town.connection();
        let mut outside = town.outside;
        outside.timing.post_spacing = Duration::ZERO;
        {
            let mut intuit = outside.intuit.borrow_mut();
            let switches = intuit.switches(REALM).expect("a company");
            switches.per_second = 0;
            switches.per_minute = 0;
            switches.in_flight = 0;
        }
        for number in 0..merchants {
            settle_in(&outside, number, &like);
        }
        let grown = Self {
            process: Recorder::new(SimulatedWorld::new(&outside)),
            outside,
            like,
            merchants,
        };
        // Two payments show all that a merchant sells, and link its customer.
        grown.deliver(0, merchants, 2);
        grown
    }

    /// So many payments, as evenly among the merchants as batches allow; what they asked of others.
    ///
    /// # Panics
    ///
    /// Where one is not in QuickBooks at the end.
    #[must_use]
    pub fn pay(&self, payments: u64) -> Grown {
        let before = self.counted();
        let each = (payments / self.merchants).clamp(1, BATCH);
        self.deliver(2 * self.merchants, payments.div_ceil(each), each);
        let now = self.counted();
        Grown {
            store_calls: now.store_calls - before.store_calls,
            requests: now.requests - before.requests,
        }
    }

    /// Reads and draws up so many payments, and does nothing else; gives how many lines they came to.
    ///
    /// # Panics
    ///
    /// Where one cannot be drawn up.
    #[must_use]
    pub fn draw_up(&self, payments: u64) -> usize {
        let customer_id = CompanyCustomerId::parse("58").expect("an id");
        let lines = (0..payments).map(|number| {
            let message = parse(&payment(number, 1)).expect("a message");
            let Content::PaymentCaptured { payment, customer } = &message.content else {
                panic!("a payment");
            };
            let key = TransactionKey::payment(message.merchant_id.clone(), &payment.id);
            let drawn = draft(&key, payment, customer.as_ref(), &customer_id, &self.like);
            drawn.expect("a receipt").lines.len()
        });
        lines.sum()
    }

    /// Delivers batches of so many payments each, one merchant after the other.
    fn deliver(&self, from: u64, batches: u64, each: u64) {
        let clock = &self.outside.waits.clock;
        let work = stream::iter(0..batches)
            .map(|batch| {
                let of = batch % self.merchants;
                let whose = merchant(usize::try_from(of).expect("fewer"));
                let first = from + batch * each;
                let deliveries: Vec<Delivery> = (first..first + each)
                    .map(|number| Delivery {
                        message_id: number.to_string(),
                        group: whose.clone(),
                        body: payment(number, 1)
                            .replace(MERCHANT, &whose)
                            .replace("Number 0", &format!("Number {of}"))
                            .replace("person0@", &format!("person{of}@")),
                        sent_at: None,
                    })
                    .collect();
                async move {
                    let returned = handle(&self.process, &deliveries, TIMEOUT).await;
                    assert!(returned.is_empty(), "{returned:?}");
                }
            })
            // What one merchant sends is worked off in order, one batch at a time.
            .buffer_unordered(AT_ONCE.min(usize::try_from(self.merchants).expect("fewer")))
            .collect::<()>();
        clock.run(work, || false).expect("alive");
        let mut told = self.outside.told.borrow_mut();
        let is_synced = |told: &common::told::Told| {
            told.body.contains("transaction.synced") || told.body.contains("customer.")
        };
        assert!(told.iter().all(is_synced), "all recorded");
        told.clear();
    }

    fn counted(&self) -> Grown {
        Grown {
            store_calls: self.outside.tables.borrow().calls,
            requests: self.outside.intuit.borrow().figures(REALM).requests,
        }
    }
}

fn settle_in(outside: &Outside, number: u64, like: &Connection) {
    let whose = merchant(usize::try_from(number).expect("fewer"));
    let whose = MerchantId::parse(&whose).expect("a merchant");
    let pair = consent(outside, REALM);
    let nonces = [[7; 12]; 2];
    let now = outside.waits.clock.now();
    let realm = &like.company.realm;
    let row = first_row(&outside.keys, &whose, realm, 1, &pair, now, nonces);
    let mut connection = like.clone();
    connection.merchant = whose.clone();
    let mut tables = outside.tables.borrow_mut();
    tables.tokens.insert((whose.clone(), 1), row);
    tables.connections.insert(whose, connection);
}
