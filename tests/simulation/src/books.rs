//! What is in the books at the end, told from outside: by asking the simulator, not the ledger.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::town::{REALM, Town};

/// One receipt as the company holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Our number on it.
    pub number: String,
    /// Its total, in cents.
    pub total: u64,
    /// Its customer's id.
    pub customer: String,
}

impl Town {
    /// The company's books, whole.
    ///
    /// # Panics
    ///
    /// Where the simulator does not tell them.
    #[must_use]
    pub fn books(&self) -> Value {
        let request = simulator::Request::new("GET", &format!("/simulator/books/{REALM}"));
        let reply = self
            .outside
            .intuit
            .borrow_mut()
            .handle(self.outside.waits.clock.now(), &request);
        serde_json::from_slice(&reply.body).expect("the books")
    }

    /// The sales receipts in the company, by number.
    #[must_use]
    pub fn receipts(&self) -> Vec<Receipt> {
        self.documents("SalesReceipt")
    }

    /// The refund receipts in the company, by number.
    #[must_use]
    pub fn refunds(&self) -> Vec<Receipt> {
        self.documents("RefundReceipt")
    }

    /// What the documents of a kind hold together of each tax and each item, in cents: of a rate under `rate 3`, of an
    /// item under `item 21`.
    ///
    /// # Panics
    ///
    /// Where a document has a line that is not one.
    #[must_use]
    pub fn sums(&self, kind: &str) -> BTreeMap<String, u64> {
        let books = self.books();
        sums(books[kind].as_array().into_iter().flatten())
    }

    fn documents(&self, kind: &str) -> Vec<Receipt> {
        let books = self.books();
        let rows = books[kind].as_array().cloned().unwrap_or_default();
        let mut receipts: Vec<Receipt> = rows
            .iter()
            .map(|row| Receipt {
                number: row["DocNumber"].as_str().unwrap_or_default().to_owned(),
                total: cents(&row["TotalAmt"]),
                customer: row["CustomerRef"]["value"]
                    .as_str()
                    .expect("a customer")
                    .to_owned(),
            })
            .collect();
        receipts.sort_by(|a, b| a.number.cmp(&b.number));
        receipts
    }
}

/// What receipts hold together of each tax and each item, in cents: of a rate under `rate 3`, of an item under `item 21`.
pub(crate) fn sums<'a>(receipts: impl Iterator<Item = &'a Value>) -> BTreeMap<String, u64> {
    let mut sums: BTreeMap<String, u64> = BTreeMap::new();
    for receipt in receipts {
        let lines = receipt["Line"].as_array().expect("lines").iter();
        let taxes = receipt["TxnTaxDetail"]["TaxLine"].as_array();
        for line in lines.chain(taxes.into_iter().flatten()) {
            let item = &line["SalesItemLineDetail"]["ItemRef"]["value"];
            let rate = &line["TaxLineDetail"]["TaxRateRef"]["value"];
            let what = match (item.as_str(), rate.as_str()) {
                (Some(item), _) => format!("item {item}"),
                (None, Some(rate)) => format!("rate {rate}"),
                (None, None) => continue,
            };
            *sums.entry(what).or_default() += cents(&line["Amount"]);
        }
    }
    sums.retain(|_, sum| *sum > 0);
    sums
}

/// A JSON number with at most two decimals, in cents.
pub(crate) fn cents(number: &Value) -> u64 {
    let text = number.to_string();
    let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
    let part = format!("{part:0<2}");
    whole.parse::<u64>().expect("dollars") * 100 + part.parse::<u64>().expect("cents")
}
