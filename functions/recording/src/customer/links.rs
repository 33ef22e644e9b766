//! What one batch knows of customer links, and what it has to tell of them.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use bookkeeping::customer::Version;
use bookkeeping::customer::news::{CustomerBecame, CustomerNews};
use bookkeeping::ids::{CompanyCustomerId, CustomerId, MerchantId};
use bookkeeping::transaction::Customer;
use common::store::{Door, Link, LinkKey};
use common::told::{Told, told_customer};
use common::world::World;
use futures::lock::Mutex;

use super::{Matter, linked_news, updated_news};
use crate::Recorder;
use crate::stop::Again;

/// The records a batch has created behind one door, for whoever is at that door.
type Sought = Rc<Mutex<Vec<CompanyCustomerId>>>;

/// The links of one batch: what the batched read found, and what was resolved since.
#[derive(Default)]
pub struct BatchLinks {
    known: RefCell<HashMap<LinkKey, Link>>,
    // Two first payments of one customer in one batch: the second waits for the first instead of for the queue.
    doors: RefCell<HashMap<LinkKey, Rc<Mutex<()>>>>,
    // Two new customers of one address in one batch, likewise; with what the first created, which no query may show yet, and
    // which the door forgets where this process' clock jumps.
    sought: RefCell<HashMap<Door, Sought>>,
    newest: RefCell<HashMap<(MerchantId, CustomerId), Customer>>,
    news: RefCell<Vec<CustomerNews>>,
    // Records that were read and are alive, whatever a receipt was refused for.
    alive: RefCell<HashSet<LinkKey>>,
}

impl BatchLinks {
    /// Remembers what a batched read found.
    pub fn learn(&self, key: LinkKey, link: Link) {
        self.known.borrow_mut().insert(key, link);
    }

    /// Remembers a profile that a message of the batch brought, unless a newer one is known: of several changes of one
    /// customer in a batch only the newest is carried out.
    pub fn see(&self, merchant: &MerchantId, customer: &Customer) {
        let mut newest = self.newest.borrow_mut();
        let at = (merchant.clone(), customer.id.clone());
        let is_newer = newest
            .get(&at)
            .is_none_or(|seen| Version::of(customer).is_newer_than(&Version::of(seen)));
        if is_newer {
            newest.insert(at, customer.clone());
        }
    }

    /// Forgets the profiles and links of a customer that is erased.
    pub(super) fn forget(&self, merchant: &MerchantId, customer: &CustomerId) {
        let at = (merchant.clone(), customer.clone());
        self.newest.borrow_mut().remove(&at);
        let is_theirs = |key: &LinkKey| (&key.merchant, &key.customer) == (merchant, customer);
        self.known.borrow_mut().retain(|key, _| !is_theirs(key));
    }

    /// The newest profile the batch holds of this customer.
    pub(super) fn newest(&self, merchant: &MerchantId, customer: &Customer) -> Customer {
        let newest = self.newest.borrow();
        let seen = newest.get(&(merchant.clone(), customer.id.clone()));
        seen.filter(|seen| Version::of(seen).is_newer_than(&Version::of(customer)))
            .unwrap_or(customer)
            .clone()
    }

    pub(super) fn get(&self, key: &LinkKey) -> Option<Link> {
        self.known.borrow().get(key).cloned()
    }

    pub(super) fn unlearn(&self, key: &LinkKey) {
        self.known.borrow_mut().remove(key);
    }

    /// Remembers that a customer's record was read and is alive.
    pub(super) fn saw(&self, key: &LinkKey) {
        self.alive.borrow_mut().insert(key.clone());
    }

    pub(super) fn was_seen(&self, key: &LinkKey) -> bool {
        self.alive.borrow().contains(key)
    }

    pub(super) fn door(&self, key: &LinkKey) -> Rc<Mutex<()>> {
        Rc::clone(self.doors.borrow_mut().entry(key.clone()).or_default())
    }

    pub(super) fn sought(&self, door: &Door) -> Sought {
        Rc::clone(self.sought.borrow_mut().entry(door.clone()).or_default())
    }

    pub(super) fn note(&self, matter: &Matter<'_>, became: CustomerBecame) {
        self.news.borrow_mut().push(CustomerNews {
            merchant: matter.key.merchant.clone(),
            customer: matter.key.customer.clone(),
            realm: matter.key.realm.clone(),
            by: matter.by.to_owned(),
            became,
        });
    }

    /// Notes once more what this message brought about before: it may have died before it was told.
    pub(super) fn tell_again(&self, matter: &Matter<'_>, link: &Link) {
        if link.facts.linked_for == matter.by {
            self.note(matter, linked_news(link));
        }
        let change = link.facts.change.as_ref();
        if let Some(change) = change.filter(|change| change.by == matter.by) {
            self.note(matter, updated_news(link, change));
        }
    }

    /// Tells what a message brought about, before anything else is said of it.
    ///
    /// # Errors
    ///
    /// [`Again`] where it was not taken: the message comes back and tells it again.
    pub async fn tell<W: World>(&self, recorder: &Recorder<W>, by: &str) -> Result<(), Again> {
        let world = &recorder.world;
        let news: Vec<CustomerNews> = {
            let mut all = self.news.borrow_mut();
            let (mine, others) = all.drain(..).partition(|news| news.by == by);
            *all = others;
            mine
        };
        if news.is_empty() {
            return Ok(());
        }
        let (quickbooks, market) = (world.quickbooks_api_url(), world.app_market_url());
        let word = |news| told_customer(news, world.now(), quickbooks, market);
        let told: Vec<Told> = news.iter().map(word).collect();
        match world.tell(&told).await.iter().all(|taken| *taken) {
            true => Ok(()),
            false => Err(Again::Untold),
        }
    }
}
