//! Growth: what a transaction costs as merchants and transactions become many.
//!
//! As many processes as batches are worked on at once serve them all, whichever is free: what each remembers is part of what is
//! measured. A company takes as much as it is asked and is a hundred merchants' own, so that the figures are of our side alone.

use std::cell::RefCell;
use std::time::Duration;

use bookkeeping::connection::Connection;
use bookkeeping::ids::{CompanyCustomerId, MerchantId, RealmId};
use bookkeeping::message::{Content, parse};
use bookkeeping::receipt::draft;
use bookkeeping::transaction::TransactionKey;
use common::store::LinkKey;
use common::tokens::first_row;
use futures::stream::{self, StreamExt};
use recording::Recorder;
use recording::invocation::Delivery;
use transaction_sync::batch::handle;

use crate::payments::payment;
use crate::rush::{merchant, realm};
use crate::town::{MERCHANT, REALM, Town, consent};
use crate::world::{Outside, SimulatedWorld};

/// Most messages a batch holds.
const BATCH: u64 = 10;

/// Batches at once, at most.
const AT_ONCE: u64 = 1_000;

/// Payments that came before those that are counted.
const BEFORE: u64 = 2;

/// Merchants of one company.
const OF_A_COMPANY: u64 = 100;

const TIMEOUT: Duration = Duration::from_secs(60);

/// Connected merchants, all alike, each with one linked customer.
pub struct Growth {
    outside: Outside,
    idle: RefCell<Vec<Recorder<SimulatedWorld>>>,
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
        let mut town = Town::new(seed);
        {
            let mut intuit = town.outside.intuit.borrow_mut();
            let switches = intuit.switches(REALM).expect("a company");
            switches.per_second = 0;
            switches.per_minute = 0;
            switches.in_flight = 0;
        }
        // They show all that a merchant sells, and link its customer.
        for number in 0..BEFORE {
            town.send(&number.to_string(), payment(number, 1));
        }
        town.work_all();
        let like = town.connection();
        let mut outside = town.outside;
        outside.timing.post_spacing = Duration::ZERO;
        for company in 0..merchants.div_ceil(OF_A_COMPANY) {
            let mut intuit = outside.intuit.borrow_mut();
            assert!(intuit.copy_company(REALM, &realm(place(company))));
        }
        for number in 0..merchants {
            settle_in(&outside, number, &like);
        }
        let process = |_| Recorder::new(SimulatedWorld::new(&outside));
        Self {
            idle: RefCell::new((0..AT_ONCE.min(merchants)).map(process).collect()),
            outside,
            like,
            merchants,
        }
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
        self.deliver(payments.div_ceil(each), each);
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

    /// Delivers batches of so many payments each, one merchant after the other, and of more merchants than batches some from all over.
    fn deliver(&self, batches: u64, each: u64) {
        let clock = &self.outside.waits.clock;
        let merchants = self.merchants.min(batches);
        let work = stream::iter(0..batches)
            .map(|batch| {
                let whose = merchant(place(batch % merchants * (self.merchants / merchants)));
                let first = BEFORE + batch * each;
                let deliveries: Vec<Delivery> = (first..first + each)
                    .map(|number| Delivery {
                        message_id: number.to_string(),
                        group: whose.clone(),
                        body: payment(number, 1).replace(MERCHANT, &whose),
                        sent_at: None,
                    })
                    .collect();
                async move {
                    let process = self.idle.borrow_mut().pop().expect("one for each batch");
                    let returned = handle(&process, &deliveries, TIMEOUT).await;
                    self.idle.borrow_mut().push(process);
                    assert!(returned.is_empty(), "{returned:?}");
                }
            })
            // What one merchant sends is worked off in order, one batch at a time.
            .buffer_unordered(place(AT_ONCE.min(self.merchants)))
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
        let intuit = self.outside.intuit.borrow();
        let companies = 0..self.merchants.div_ceil(OF_A_COMPANY);
        Grown {
            store_calls: self.outside.tables.borrow().calls,
            requests: companies
                .map(|company| intuit.figures(&realm(place(company))).requests)
                .sum(),
        }
    }
}

/// Connects a merchant to the company it shares.
fn settle_in(outside: &Outside, number: u64, like: &Connection) {
    let whose = MerchantId::parse(&merchant(place(number))).expect("a merchant");
    let realm = RealmId::parse(&realm(place(number / OF_A_COMPANY))).expect("a realm");
    let pair = consent(outside, realm.as_str());
    let nonces = [[7; 12]; 2];
    let now = outside.waits.clock.now();
    let row = first_row(&outside.keys, &whose, &realm, 1, &pair, now, nonces);
    let mut connection = like.clone();
    connection.merchant = whose.clone();
    connection.company.realm = realm.clone();
    let mut tables = outside.tables.borrow_mut();
    let links = &mut tables.links.rows;
    let (key, link) = links.first_key_value().expect("the first one's customer");
    let key = LinkKey {
        merchant: whose.clone(),
        realm,
        ..key.clone()
    };
    let link = link.clone();
    links.insert(key, link);
    tables.tokens.insert((whose.clone(), 1), row);
    tables.connections.insert(whose, connection);
}

/// A number as a place in a list.
fn place(number: u64) -> usize {
    usize::try_from(number).expect("64 bits")
}
