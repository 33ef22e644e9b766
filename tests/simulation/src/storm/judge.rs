//! What must be true when a storm is over, told from outside: by the books, the queue, and what MioCommerce was told.

mod books;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use bookkeeping::reason::ReasonCode;
use bookkeeping::transaction::{Kind, TransactionKey};
use common::store::{LinkKey, Standing};
use recording::invocation::Delivery;
use serde_json::Value;
use simulator::Kind as Entity;

use crate::broken::{Broken, Promise};
use crate::memory::LedgerRow;

use super::script::{UNREADABLE, merchant, realm};
use super::{Storm, id, named};

/// How long after the last message a fair day may go on.
const FAIR: Duration = Duration::from_secs(900);

/// Most requests of ours at once, and in a minute, that a company takes. Source: Intuit, "Limits and throttles".
const AT_ONCE_MAX: usize = 10;
const A_MINUTE_MAX: usize = 500;

fn broken(promise: Promise, what: impl Into<String>) -> Result<(), Broken> {
    Err(Broken::new(promise, what))
}

impl Storm {
    /// Notes a message that is sent.
    pub(super) fn is_sent(&mut self, number: usize, delivery: &Delivery) {
        let of = (number, named(&delivery.body).to_owned());
        self.sent_as.insert(delivery.message_id.clone(), of);
    }

    /// Holds a message that is let go against the ledger: what it is about is in a durable state.
    pub(super) fn is_covered(&self, delivery: &Delivery) {
        let Some((number, about)) = self.sent_as.get(&delivery.message_id) else {
            return;
        };
        let kind = match &about[..4] {
            "pay_" => Kind::Payment,
            "ref_" => Kind::Refund,
            _ => return,
        };
        let key = TransactionKey {
            merchant: id(*number),
            kind,
            id: about.clone(),
        };
        let tables = self.outside.tables.borrow();
        let is_kept = tables.ledger.get(&key).is_some_and(|stands| {
            // Of two messages that contradict each other one is kept, and the other may be in the queue.
            let sent = self.script.sent[*number].get(about);
            let waits = stands.place.is_some() || sent.is_some_and(|sent| sent.or_cents.is_some());
            match stands.row.standing {
                Standing::Parked | Standing::Ambiguous | Standing::Claimed => {
                    let is_armed = stands.place.is_none() || tables.is_armed(&key.merchant);
                    waits && (is_armed || tables.clocks_lie)
                }
                Standing::Held | Standing::Failed | Standing::Skipped | Standing::Synced => true,
            }
        });
        if !is_kept {
            let first = &self.outside.broken;
            first.note(&self.outside.waits, Promise::Covered, || {
                format!("the message of {key} was let go and nobody looks after it")
            });
        }
    }

    /// Holds the end against what must be true.
    pub(super) fn judge(&self) -> Result<(), Broken> {
        if let Some(first) = self.outside.broken.seen() {
            return Err(first);
        }
        self.nothing_is_left()?;
        let held = self.receipts();
        self.each_is_there_once(&held)?;
        self.each_was_told()?;
        for number in 0..self.merchants {
            self.customers_are_one(number)?;
            self.profiles_are_new(number)?;
            self.messages_are_kept(number)?;
            self.requests_were_kept_to(number)?;
            self.refunds_add_up(number, &held)?;
            self.tokens_are_kept(number)?;
            self.reads_were_spared(number)?;
        }
        let last = self.script.lasted.max(super::CALM_AT) + FAIR;
        match self.script.is_fair && self.done_at > last {
            true => broken(
                Promise::Progress,
                format!("a fair day went on until {:?}", self.done_at),
            ),
            false => Ok(()),
        }
    }

    /// Queue, lots and ledger are at rest.
    fn nothing_is_left(&self) -> Result<(), Broken> {
        if !self.queue.is_empty() {
            return broken(Promise::Progress, "messages are left in the queue");
        }
        let tables = self.outside.tables.borrow();
        for (key, stands) in &tables.ledger {
            if !self.may_end_so(key, stands) {
                let reason = stands.row.reason.as_ref();
                let standing = stands.row.standing.as_str();
                let what = format!("{key} ended {standing}, for {reason:?}");
                return broken(Promise::NotLost, what);
            }
            if stands.row.standing == Standing::Synced && stands.place.is_some() {
                return broken(Promise::Progress, format!("{key} never left the lot"));
            }
        }
        match tables.lots.values().find_map(|lot| lot.due) {
            Some(due) => broken(
                Promise::Progress,
                format!("a lot is armed for {due} with nothing in it"),
            ),
            None => Ok(()),
        }
    }

    /// Whether a transaction may stand there at the end.
    fn may_end_so(&self, key: &TransactionKey, stands: &LedgerRow) -> bool {
        let code = stands.row.reason.as_ref().map(|reason| reason.code);
        match stands.row.standing {
            Standing::Synced => true,
            Standing::Failed => key.id == UNREADABLE,
            Standing::Held => code == Some(ReasonCode::NumberTaken) && self.is_foreign(&key.id),
            _ => false,
        }
    }

    /// Whether a transaction's number is somebody else's.
    pub(super) fn is_foreign(&self, id: &str) -> bool {
        self.script.foreign.values().any(|payment| payment == id)
    }

    /// Whether a refund's payment has somebody else's number, so that the refund waits for it.
    fn is_held(&self, number: usize, id: &str) -> bool {
        let tables = self.outside.tables.borrow();
        let stands = |(key, stands): (&TransactionKey, &LedgerRow)| {
            key.merchant == super::id(number)
                && key.id == id
                && stands.row.standing == Standing::Held
        };
        tables.ledger.iter().any(stands)
    }

    /// What MioCommerce was told last of each transaction, as a reader that drops repeats takes it, and under one id.
    fn each_was_told(&self) -> Result<(), Broken> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let told = self.outside.told.borrow();
        // By the time each was told: what waited in a frozen process is old when it comes.
        let mut last: BTreeMap<(String, String), (String, String)> = BTreeMap::new();
        let mut ids: BTreeMap<(String, String), BTreeSet<&str>> = BTreeMap::new();
        let mut heard = BTreeSet::new();
        for told in told.iter().filter(|told| heard.insert(&told.id)) {
            let body: Value = serde_json::from_str(&told.body).expect("JSON");
            let of = (text(&body["merchant_id"]), text(&body["transaction"]["id"]));
            let what = text(&body["type"]);
            if what == "transaction.synced" {
                ids.entry(of.clone()).or_default().insert(&told.id);
            }
            let at = text(&body["at"]);
            let news = last.entry(of).or_default();
            if news.0 <= at || (self.jumped && what == "transaction.synced") {
                *news = (at, what);
            }
        }
        if let Some((of, ids)) = ids.iter().find(|(_, ids)| ids.len() > 1) {
            let what = format!("{of:?} was told as {} things", ids.len());
            return broken(Promise::Told, what);
        }
        for number in 0..self.merchants {
            for id in self.script.sent[number].keys() {
                let should = match self.is_held(number, id) {
                    true => "transaction.needs_operator",
                    false => "transaction.synced",
                };
                let last = last.get(&(merchant(number), id.clone()));
                let is_so = |(_, what): &(String, String)| what == should || self.jumped;
                if !last.is_some_and(is_so) {
                    let what = format!("MioCommerce was last told {last:?} of {id}");
                    return broken(Promise::Told, what);
                }
            }
        }
        Ok(())
    }

    /// The newest version of every changed profile is in the books, and what was typed by hand still is.
    fn profiles_are_new(&self, number: usize) -> Result<(), Broken> {
        let intuit = self.outside.intuit.borrow();
        let records: Vec<Value> = intuit
            .records(&realm(number), Entity::Customer)
            .iter()
            .map(|record| serde_json::from_str(record).expect("JSON"))
            .collect();
        for (whose, record) in &self.typed {
            let stands = records.iter().find(|found| found["Id"] == record.as_str());
            let typed = stands.map(|found| found["Mobile"]["FreeFormNumber"].clone());
            if *whose == number && typed != Some(Value::from(super::operator::TYPED)) {
                let what = format!("what was typed into record {record} is {typed:?}");
                return broken(Promise::Newest, what);
            }
        }
        // A dead letter comes after what was sent later: a change may have met nobody.
        if self.queue.given_up > 0 {
            return Ok(());
        }
        for ((whose, customer), newest) in &self.script.newest {
            let address = format!("person{customer}@example.com");
            let theirs = |found: &&Value| found["PrimaryEmailAddr"]["Address"] == address.as_str();
            let Some(record) = records.iter().find(theirs).filter(|_| *whose == number) else {
                continue;
            };
            let phone = &record["PrimaryPhone"]["FreeFormNumber"];
            if phone.as_str() != Some(&crate::payments::phone(*newest)) {
                let what = format!("customer {customer} has {phone} instead of version {newest}");
                return broken(Promise::Newest, what);
            }
        }
        Ok(())
    }

    /// What could not be read and what contradicts the first is kept.
    fn messages_are_kept(&self, number: usize) -> Result<(), Broken> {
        let tables = self.outside.tables.borrow();
        let unreadable = TransactionKey {
            merchant: id(number),
            kind: Kind::Payment,
            id: UNREADABLE.to_owned(),
        };
        if self.script.unreadable[number] && !tables.ledger.contains_key(&unreadable) {
            return broken(Promise::Kept, "what could not be read is not kept");
        }
        let kept = |about: &str| {
            let of = (number, about.to_owned());
            let mut messages = self.sent_as.iter().filter(|(_, theirs)| **theirs == of);
            messages.any(|(message, _)| {
                let conflict = (message.clone(), "conflict".to_owned());
                tables.kept.contains(&conflict)
            })
        };
        for (about, sent) in &self.script.sent[number] {
            if sent.or_cents.is_some() && !kept(about) {
                let what = format!("the other message about {about} is not kept");
                return broken(Promise::Kept, what);
            }
        }
        Ok(())
    }

    /// The company's limits were kept, and each request id stood for one request.
    fn requests_were_kept_to(&self, number: usize) -> Result<(), Broken> {
        let intuit = self.outside.intuit.borrow();
        let realm = realm(number);
        for (request_id, seen) in intuit.request_ids(&realm) {
            if seen.contents > 1 {
                let contents = seen.contents;
                let what = format!("{request_id} was sent with {contents} contents");
                return broken(Promise::SameRequest, what);
            }
        }
        let most = intuit.most(&realm);
        if most.in_flight > AT_ONCE_MAX || most.in_a_minute > A_MINUTE_MAX {
            return broken(Promise::Quota, format!("a company was asked {most:?}"));
        }
        match intuit.refusals(&realm).get("3001") {
            Some(times) if self.limits_hold => broken(
                Promise::Quota,
                format!("a company was asked too often, {times} times"),
            ),
            _ => Ok(()),
        }
    }

    /// No refresh token was used twice at once, and the one that works is kept.
    fn tokens_are_kept(&self, number: usize) -> Result<(), Broken> {
        // A clock that jumped says that a lease is over.
        if self.jumped {
            return Ok(());
        }
        if let Some(token) = self.outside.watch.borrow().used_twice_at_once() {
            let token = bookkeeping::token::TokenHash::of(token);
            return broken(Promise::Tokens, format!("{token:?} was used twice at once"));
        }
        let merchant = id(number);
        let tables = self.outside.tables.borrow();
        let connection = &tables.connections[&merchant];
        let intuit = self.outside.intuit.borrow();
        let Some(works) = intuit.current_refresh_token(connection.company.realm.as_str()) else {
            return Ok(());
        };
        let hash = bookkeeping::token::TokenHash::of(works);
        let of = (merchant, connection.epoch);
        let in_journal = tables.tokens.get(&of).is_some_and(|row| {
            let mut journal = row.journal.iter();
            journal.any(|entry| entry.candidate.hash == hash)
        });
        let secrets = self.outside.secrets.borrow();
        let in_vault = secrets
            .get(&of)
            .is_some_and(|secret| secret.tokens().any(|kept| kept.candidate().hash == hash));
        let watch = self.outside.watch.borrow();
        match in_journal || in_vault || !watch.is_known_to_the_living(works) {
            true => Ok(()),
            false => broken(Promise::Tokens, "the refresh token that works is lost"),
        }
    }

    /// On a day on which nothing went wrong, nothing was read but to find customers, and nothing written twice.
    fn reads_were_spared(&self, number: usize) -> Result<(), Broken> {
        if !self.script.is_fair {
            return Ok(());
        }
        let tables = self.outside.tables.borrow();
        let merchant = id(number);
        let theirs = |key: &&LinkKey| key.merchant == merchant;
        let customers = tables.links.rows.keys().filter(theirs).count() as u64;
        let figures = self.outside.intuit.borrow().figures(&realm(number));
        let receipts = self.script.sent[number].len() as u64;
        // One receipt is somebody else's.
        match figures.reads <= 2 * customers && figures.writes == 1 + receipts + customers {
            true => Ok(()),
            false => broken(
                Promise::Reads,
                format!(
                    "{} reads and {} writes for {receipts} receipts of {customers} customers",
                    figures.reads, figures.writes
                ),
            ),
        }
    }
}
