//! What must be true when a storm is over, told from outside: by the books, the queue, and what MioCommerce was told.

use std::collections::BTreeMap;
use std::fmt;

use common::store::Standing;
use serde_json::Value;
use simulator::Kind;

use super::Storm;
use super::script::{UNREADABLE, merchant, realm};

/// What was not true.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken(pub String);

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn broken(what: impl Into<String>) -> Result<(), Broken> {
    Err(Broken(what.into()))
}

/// A receipt as a company holds it.
struct Held {
    realm: String,
    cents: u64,
}

impl Storm {
    /// Holds the end against what must be true.
    pub(super) fn judge(&self) -> Result<(), Broken> {
        self.nothing_is_left()?;
        let held = self.receipts();
        let told = self.last_told();
        for number in 0..self.merchants {
            for (id, sent) in &self.script.sent[number] {
                let found = held.get(&(merchant(number), sent.mark.clone()));
                let found = found.map_or(&[][..], Vec::as_slice);
                let [receipt] = found else {
                    return broken(format!("{} has {} receipts", sent.mark, found.len()));
                };
                if receipt.realm != realm(number) {
                    return broken(format!("{} is in a wrong company", sent.mark));
                }
                if receipt.cents != sent.cents && Some(receipt.cents) != sent.or_cents {
                    let (is, should) = (receipt.cents, sent.cents);
                    return broken(format!("{} is {is} cents instead of {should}", sent.mark));
                }
                let last = told.get(&(merchant(number), id.clone()));
                if last.is_none_or(|last| last != "transaction.synced") {
                    return broken(format!("MioCommerce was last told {last:?} of {id}"));
                }
            }
            self.customers_are_one(number)?;
            self.requests_were_kept_to(number)?;
        }
        self.nothing_else(&held)?;
        if let Some(token) = self.outside.watch.borrow().used_twice_at_once() {
            return broken(format!("the refresh token {token} was used twice at once"));
        }
        Ok(())
    }

    /// Queue, lots and ledger are at rest.
    fn nothing_is_left(&self) -> Result<(), Broken> {
        if !self.queue.is_empty() {
            return broken("messages are left in the queue");
        }
        let tables = self.outside.tables.borrow();
        for (key, stands) in &tables.ledger {
            if key.id == UNREADABLE && stands.row.standing == Standing::Failed {
                continue;
            }
            if stands.row.standing != Standing::Synced {
                let reason = stands.row.reason.as_ref();
                return broken(format!(
                    "{key} ended {}, for {reason:?}",
                    stands.row.standing.as_str()
                ));
            }
            if stands.place.is_some() {
                return broken(format!("{key} never left the lot"));
            }
        }
        match tables.lots.values().find_map(|lot| lot.due) {
            Some(due) => broken(format!("a lot is armed for {due} with nothing in it")),
            None => Ok(()),
        }
    }

    /// All receipts with our mark, by merchant and mark.
    fn receipts(&self) -> BTreeMap<(String, String), Vec<Held>> {
        let intuit = self.outside.intuit.borrow();
        let mut held: BTreeMap<(String, String), Vec<Held>> = BTreeMap::new();
        for number in 0..self.merchants {
            let realm = realm(number);
            for receipt in intuit.receipts(&realm) {
                let receipt: Value = serde_json::from_str(&receipt.text).expect("JSON");
                let note = receipt["PrivateNote"].as_str().unwrap_or_default();
                let mut words = note.split(' ');
                let mark = words.find(|word| word.starts_with("mio:"));
                let mark = mark.unwrap_or_default();
                let cents = cents(&receipt["TotalAmt"]);
                let realm = realm.clone();
                held.entry((merchant(number), mark.to_owned()))
                    .or_default()
                    .push(Held { realm, cents });
            }
        }
        held
    }

    fn nothing_else(&self, held: &BTreeMap<(String, String), Vec<Held>>) -> Result<(), Broken> {
        let sent: usize = self.script.sent.iter().map(BTreeMap::len).sum();
        match held.len() == sent {
            true => Ok(()),
            false => broken(format!("{} receipts for {sent} transactions", held.len())),
        }
    }

    /// What MioCommerce was told last of each transaction, by merchant and transaction. Its queue keeps no order, so that is
    /// what stands so since last.
    fn last_told(&self) -> BTreeMap<(String, String), String> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let told = self.outside.told.borrow();
        let mut each: Vec<Value> = told
            .iter()
            .map(|told| serde_json::from_str(&told.body).expect("JSON"))
            .collect();
        each.sort_by_key(|body| text(&body["at"]));
        let each = each.iter().map(|body| {
            let of = (text(&body["merchant_id"]), text(&body["transaction"]["id"]));
            (of, text(&body["type"]))
        });
        each.collect()
    }

    /// Nobody is in the books twice.
    fn customers_are_one(&self, number: usize) -> Result<(), Broken> {
        let intuit = self.outside.intuit.borrow();
        let mut seen: BTreeMap<String, u32> = BTreeMap::new();
        for record in intuit.records(&realm(number), Kind::Customer) {
            let record: Value = serde_json::from_str(&record).expect("JSON");
            if let Some(address) = record["PrimaryEmailAddr"]["Address"].as_str() {
                *seen.entry(address.to_lowercase()).or_default() += 1;
            }
        }
        let twice = seen
            .iter()
            .find(|(address, count)| **count > 1 && address.starts_with("person"));
        match twice {
            Some((address, count)) => broken(format!("{address} is in the books {count} times")),
            None => Ok(()),
        }
    }

    /// The company's limits were kept, and each request id stood for one request.
    fn requests_were_kept_to(&self, number: usize) -> Result<(), Broken> {
        let intuit = self.outside.intuit.borrow();
        for (request_id, seen) in intuit.request_ids(&realm(number)) {
            if seen.contents > 1 {
                let contents = seen.contents;
                return broken(format!("{request_id} was sent with {contents} contents"));
            }
        }
        let counters = intuit.counters().to_text();
        let counters: Value = serde_json::from_str(&counters).expect("JSON");
        let throttled = &counters[realm(number)]["faults"]["3001"];
        match throttled.as_u64() {
            Some(times) if self.limits_hold && times > 0 => {
                broken(format!("a company was asked too often, {times} times"))
            }
            _ => Ok(()),
        }
    }
}

/// A JSON number with at most two decimals, in cents.
fn cents(number: &Value) -> u64 {
    let text = number.to_string();
    let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
    format!("{whole}{part:0<2}").parse().expect("an amount")
}
