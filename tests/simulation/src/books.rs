//! What is in the books at the end, told from outside: by asking the simulator, not the ledger.

use serde_json::Value;

use crate::town::{REALM, Town};

/// One sales receipt as the company holds it.
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
    ///
    /// # Panics
    ///
    /// Where a receipt lacks what every receipt has.
    #[must_use]
    pub fn receipts(&self) -> Vec<Receipt> {
        let books = self.books();
        let rows = books["SalesReceipt"]
            .as_array()
            .cloned()
            .unwrap_or_default();
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

/// A JSON number with at most two decimals, in cents.
fn cents(number: &Value) -> u64 {
    let text = number.to_string();
    let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
    let part = format!("{part:0<2}");
    whole.parse::<u64>().expect("dollars") * 100 + part.parse::<u64>().expect("cents")
}
