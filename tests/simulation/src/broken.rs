//! What must be true whatever goes wrong, and the first thing that was not.
//!
//! The invariants are those of `reference/reliability.md` section 7.3; they are held after every step where that costs
//! little, else when everything is at rest.

use std::cell::RefCell;
use std::fmt;

use crate::world::Waits;

/// A promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Promise {
    /// I1: no transaction has two receipts.
    Once,
    /// I1, I2: every transaction has a receipt, and none is in no state.
    NotLost,
    /// I5: nothing is written to a company it was not claimed for.
    Company,
    /// I1: every receipt is right to the cent, and so is what refunds take of each tax and item.
    Cents,
    /// I7: never more than ten requests at once, nor 500 a minute.
    Quota,
    /// I2, I3: whatever waits is in a lot that somebody opens.
    Covered,
    /// I4: nobody is in the books twice.
    OneCustomer,
    /// Nothing leaves without a living claim on it, and no refund before its payment.
    Claimed,
    /// I6: a request id stands for one request, and a transaction is sent under its own.
    SameRequest,
    /// A company that said 429 is left alone.
    Rest,
    /// I8: no refresh token is used twice at once, and the newest is kept.
    Tokens,
    /// I9: one mail of each kind to each reader.
    Mails,
    /// I10: no secret and no address is logged.
    Secrets,
    /// I11: no read on the clean path.
    Reads,
    /// I12: with the faults off, all work ends.
    Progress,
    /// MioCommerce is told what became of each transaction, under one id.
    Told,
    /// Messages that cannot be carried out are kept.
    Kept,
    /// The newest profile of a customer wins.
    Newest,
}

impl Promise {
    /// All there are.
    pub const ALL: [Self; 18] = [
        Self::Once,
        Self::NotLost,
        Self::Company,
        Self::Cents,
        Self::Quota,
        Self::Covered,
        Self::OneCustomer,
        Self::Claimed,
        Self::SameRequest,
        Self::Rest,
        Self::Tokens,
        Self::Mails,
        Self::Secrets,
        Self::Reads,
        Self::Progress,
        Self::Told,
        Self::Kept,
        Self::Newest,
    ];

    /// What its breaking is called, in the plural.
    #[must_use]
    pub fn broken(self) -> &'static str {
        match self {
            Self::Once => "duplicates",
            Self::NotLost => "lost",
            Self::Company => "in a wrong company",
            Self::Cents => "off by cents",
            Self::Quota => "quota violations",
            Self::Covered => "waiting where nobody looks",
            Self::OneCustomer => "customers twice",
            Self::Claimed => "sent without a claim",
            Self::SameRequest => "request ids with two contents",
            Self::Rest => "rests broken",
            Self::Tokens => "tokens lost or used twice",
            Self::Mails => "mails sent twice",
            Self::Secrets => "secrets logged",
            Self::Reads => "reads on the clean path",
            Self::Progress => "never done",
            Self::Told => "outcomes untold",
            Self::Kept => "messages not kept",
            Self::Newest => "older profiles left standing",
        }
    }
}

/// What was not true.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The promise.
    pub promise: Promise,
    /// What was seen.
    pub what: String,
}

impl Broken {
    /// A promise that was seen broken.
    #[must_use]
    pub fn new(promise: Promise, what: impl Into<String>) -> Self {
        Self {
            promise,
            what: what.into(),
        }
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.promise.broken(), self.what)
    }
}

/// The first promise that was broken in a run.
#[derive(Debug, Default)]
pub struct First(RefCell<Option<Broken>>);

impl First {
    /// Notes what was not true, unless something was not true before.
    pub fn note(&self, by: &Waits, promise: Promise, what: impl FnOnce() -> String) {
        let mut first = self.0.borrow_mut();
        if first.is_none() {
            let broken = Broken::new(promise, what());
            by.fate
                .tell(|| format!("BROKEN: {broken}"), by.clock.elapsed());
            *first = Some(broken);
        }
    }

    /// What was noted.
    #[must_use]
    pub fn seen(&self) -> Option<Broken> {
        self.0.borrow().clone()
    }
}
