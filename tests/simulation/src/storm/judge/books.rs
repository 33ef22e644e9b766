//! What the books must hold.

use std::collections::BTreeMap;

use serde_json::Value;
use simulator::Kind;

use crate::books::{cents, sums};
use crate::broken::{Broken, Promise};

use super::super::Storm;
use super::super::script::{elsewhere, merchant, realm};
use super::broken;

/// A receipt as a company holds it.
pub(super) struct Held {
    realm: String,
    cents: u64,
    /// What it holds of each item and rate, in cents.
    sums: BTreeMap<String, u64>,
}

/// Receipts by merchant and mark.
pub(super) type Receipts = BTreeMap<(String, String), Vec<Held>>;

impl Storm {
    /// All receipts with our mark.
    pub(super) fn receipts(&self) -> Receipts {
        let intuit = self.outside.intuit.borrow();
        let mut held = Receipts::new();
        for number in 0..self.merchants {
            for realm in [realm(number), elsewhere(number)] {
                for receipt in intuit.receipts(&realm) {
                    let receipt: Value = serde_json::from_str(&receipt.text).expect("JSON");
                    let note = receipt["PrivateNote"].as_str().unwrap_or_default();
                    let mut words = note.split(' ');
                    let Some(mark) = words.find(|word| word.starts_with("mio:")) else {
                        continue;
                    };
                    let one = Held {
                        realm: realm.clone(),
                        cents: cents(&receipt["TotalAmt"]),
                        sums: sums(std::iter::once(&receipt)),
                    };
                    let of = (merchant(number), mark.to_owned());
                    held.entry(of).or_default().push(one);
                }
            }
        }
        held
    }

    /// Every transaction has one receipt, in its company, to the cent; and nothing else has one.
    pub(super) fn each_is_there_once(&self, held: &Receipts) -> Result<(), Broken> {
        let mut expected = 0;
        for number in 0..self.merchants {
            for (id, sent) in &self.script.sent[number] {
                let found = held.get(&(merchant(number), sent.mark.clone()));
                let found = found.map_or(&[][..], Vec::as_slice);
                if found.is_empty() && self.is_held(number, id) {
                    continue;
                }
                expected += 1;
                let receipt = match found {
                    [receipt] => receipt,
                    [] => {
                        return broken(Promise::NotLost, format!("{} has no receipt", sent.mark));
                    }
                    several => {
                        let what = format!("{} has {} receipts", sent.mark, several.len());
                        return broken(Promise::Once, what);
                    }
                };
                let should = self.company_of(number, id);
                if should.as_deref() != Some(&receipt.realm) {
                    let what = format!(
                        "{} is in {} instead of {should:?}",
                        sent.mark, receipt.realm
                    );
                    return broken(Promise::Company, what);
                }
                if receipt.cents != sent.cents && Some(receipt.cents) != sent.or_cents {
                    let (is, should) = (receipt.cents, sent.cents);
                    let what = format!("{} is {is} cents instead of {should}", sent.mark);
                    return broken(Promise::Cents, what);
                }
            }
        }
        match held.len() == expected {
            true => Ok(()),
            false => broken(
                Promise::Once,
                format!("{} receipts for {expected} transactions", held.len()),
            ),
        }
    }

    /// The company a transaction is for, by the ledger: one that was connected.
    fn company_of(&self, number: usize, id: &str) -> Option<String> {
        let tables = self.outside.tables.borrow();
        let mut theirs = tables
            .ledger
            .iter()
            .filter(|(key, _)| key.merchant == super::super::id(number) && key.id == *id);
        let (_, stands) = theirs.next()?;
        stands.row.realm.as_ref().map(ToString::to_string)
    }

    /// The refunds of a payment take no more of any item or tax than it holds, and all of it where all is refunded.
    pub(super) fn refunds_add_up(&self, number: usize, held: &Receipts) -> Result<(), Broken> {
        let mark = |mark: &str| held.get(&(merchant(number), mark.to_owned()))?.first();
        for (id, sent) in &self.script.sent[number] {
            let Some(paid) = mark(&sent.mark).filter(|_| id.starts_with("pay_")) else {
                continue;
            };
            let ids = self.script.sent[number].keys();
            let theirs = ids.filter_map(|other| {
                let (of, _) = other.strip_prefix("ref_")?.split_at_checked(3)?;
                (of == &id[4..]).then(|| mark(&format!("mio:refund/{other}")))?
            });
            let mut taken: BTreeMap<&str, u64> = BTreeMap::new();
            let mut refunded = 0;
            for refund in theirs {
                refunded += refund.cents;
                for (what, cents) in &refund.sums {
                    *taken.entry(what).or_default() += cents;
                }
            }
            for (what, cents) in &taken {
                let of = paid.sums.get(*what).copied().unwrap_or(0);
                if *cents > of || (refunded == paid.cents && *cents != of) {
                    let what = format!("refunds of {id} take {cents} cents of {of} of {what}");
                    return broken(Promise::Cents, what);
                }
            }
        }
        Ok(())
    }

    /// Nobody is in the books twice.
    pub(super) fn customers_are_one(&self, number: usize) -> Result<(), Broken> {
        let intuit = self.outside.intuit.borrow();
        for realm in [realm(number), elsewhere(number)] {
            let mut seen: BTreeMap<String, u32> = BTreeMap::new();
            for record in intuit.records(&realm, Kind::Customer) {
                if !record.contains("person") {
                    continue;
                }
                let record: Value = serde_json::from_str(&record).expect("JSON");
                if let Some(address) = record["PrimaryEmailAddr"]["Address"].as_str() {
                    *seen.entry(address.to_lowercase()).or_default() += 1;
                }
            }
            let twice = seen
                .iter()
                .find(|(address, count)| **count > 1 && address.starts_with("person"));
            // A clock that jumped says that a door is left.
            if let Some((address, count)) = twice.filter(|_| !self.jumped) {
                let what = format!("{address} is in the books {count} times");
                return broken(Promise::OneCustomer, what);
            }
        }
        Ok(())
    }
}
