//! A connected company to talk to.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use simulator::{Delivery, Intuit, Json, Reply, Request, Tokens};

pub const QUEBEC: &str = "9341450000000001";
pub const ONTARIO: &str = "9341450000000002";
pub const BRITISH_COLUMBIA: &str = "9341450000000003";
pub const US_AUTOMATED: &str = "9341450000000004";
pub const US_MANUAL: &str = "9341450000000005";
pub const UNITED_KINGDOM: &str = "9341450000000006";
pub const QUEBEC_FRENCH: &str = "9341450000000007";

/// A simulator, a clock, and tokens for one company.
pub struct Desk {
    pub intuit: Intuit,
    pub now: Timestamp,
    pub realm: String,
    pub tokens: Tokens,
}

/// An answer: its status and its body.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub body: Json,
}

impl Answer {
    fn of(reply: &Reply) -> Answer {
        Answer {
            status: reply.status,
            body: Json::read(&reply.text()).unwrap_or_else(|_| Json::text(reply.text())),
        }
    }

    /// The code of the fault, in either casing; empty for an answer that is none.
    pub fn code(&self) -> String {
        let error = |fault: &str, error: &str| {
            self.body
                .at(&format!("{fault}.{error}"))
                .and_then(|errors| errors.items().first().cloned())
        };
        let error = error("Fault", "Error").or_else(|| error("fault", "error"));
        error
            .and_then(|error| error.said("code").map(str::to_owned))
            .unwrap_or_default()
    }

    /// The detail of the fault.
    pub fn detail(&self) -> String {
        let errors = self
            .body
            .at("Fault.Error")
            .map(Json::items)
            .unwrap_or_default();
        errors
            .first()
            .and_then(|error| error.said("Detail"))
            .unwrap_or_default()
            .to_owned()
    }

    /// A text or number at a path of the body, as text.
    pub fn at(&self, path: &str) -> String {
        match self.body.at(path) {
            Some(Json::Text(text)) => text.clone(),
            Some(other) => other.to_text(),
            None => String::new(),
        }
    }
}

impl Desk {
    pub fn at(realm: &str) -> Desk {
        let mut intuit = Intuit::new(7);
        let now: Timestamp = "2026-03-14T19:20:31.402Z".parse().unwrap();
        let tokens = intuit.connect(now, realm).unwrap();
        let mut desk = Desk {
            intuit,
            now,
            realm: realm.to_owned(),
            tokens,
        };
        desk.switch(json!({"per_second": 0, "per_minute": 0}));
        desk
    }

    pub fn pass(&mut self, seconds: i64) {
        self.now += SignedDuration::from_secs(seconds);
    }

    /// Sends a request to the company, with its token and as JSON.
    pub fn send(&mut self, method: &str, target: &str, body: impl Into<Vec<u8>>) -> Reply {
        let request = Request::new(method, &format!("/v3/company/{}/{target}", self.realm))
            .header("authorization", &format!("Bearer {}", self.tokens.access))
            .header("accept", "application/json")
            .header("content-type", "application/json")
            .body(body);
        self.intuit.handle(self.now, &request)
    }

    pub fn post(&mut self, target: &str, body: &Value) -> Answer {
        let reply = self.send("POST", target, body.to_string());
        assert_eq!(reply.delivery, Delivery::Now);
        Answer::of(&reply)
    }

    pub fn get(&mut self, target: &str) -> Answer {
        Answer::of(&self.send("GET", target, ""))
    }

    pub fn query(&mut self, statement: &str) -> Answer {
        Answer::of(&self.send("POST", "query", statement))
    }

    /// How many rows a query gives.
    pub fn rows(&mut self, statement: &str) -> usize {
        let answer = self.query(statement);
        assert_eq!(answer.status, 200, "{statement}: {:?}", answer.body);
        let response = answer.body.get("QueryResponse").unwrap();
        response
            .members()
            .iter()
            .map(|(_, rows)| rows.items().len())
            .sum()
    }

    pub fn control(&mut self, path: &str, body: Value) -> Answer {
        let method = if body.is_null() { "GET" } else { "POST" };
        let request = Request::new(method, &format!("/simulator/{path}")).body(body.to_string());
        let answer = Answer::of(&self.intuit.handle(self.now, &request));
        assert_eq!(answer.status, 200, "{:?}", answer.body);
        answer
    }

    pub fn switch(&mut self, mut switches: Value) {
        switches["realm"] = json!(self.realm);
        self.control("switches", switches);
    }

    pub fn trouble(&mut self, mut trouble: Value) {
        trouble["realm"] = json!(self.realm);
        self.control("trouble", trouble);
    }

    pub fn figure(&mut self, path: &str) -> u64 {
        let counters = self.control("counters", Value::Null);
        let company = counters.body.get(&self.realm).cloned().unwrap();
        let (operation, figure) = path.rsplit_once('/').unwrap_or(("", path));
        let place = if operation.is_empty() {
            Some(&company)
        } else {
            company.get("operations").and_then(|all| all.get(operation))
        };
        place
            .and_then(|place| place.get(figure))
            .and_then(Json::as_number)
            .map_or(0, |number| number.try_into().unwrap())
    }
}

/// A line of a receipt: amount, tax code, item 21.
pub fn line(amount: &str, code: &str) -> Value {
    let amount: Value = serde_json::from_str(amount).unwrap();
    json!({"DetailType": "SalesItemLineDetail", "Amount": amount,
           "SalesItemLineDetail": {"ItemRef": {"value": "21"}, "Qty": 1, "UnitPrice": amount, "TaxCodeRef": {"value": code}}})
}

/// A receipt of those lines, from customer 41 into account 91.
pub fn receipt(lines: &[Value]) -> Value {
    json!({"TxnDate": "2026-03-14", "CustomerRef": {"value": "41"}, "DepositToAccountRef": {"value": "91"},
           "PaymentMethodRef": {"value": "3"}, "PaymentRefNum": "ch_3Q9a", "Line": lines})
}

/// A tax line: rate, amount, base.
pub fn tax_line(rate: &str, amount: &str, base: &str) -> Value {
    let number = |text: &str| -> Value { serde_json::from_str(text).unwrap() };
    json!({"Amount": number(amount), "DetailType": "TaxLineDetail",
           "TaxLineDetail": {"TaxRateRef": {"value": rate}, "PercentBased": true, "NetAmountTaxable": number(base)}})
}

/// How long a lost answer takes to be lost.
pub fn lost_after(seconds: u64) -> Delivery {
    Delivery::Lost {
        after: Duration::from_secs(seconds),
        committing_after: None,
    }
}

/// A receipt with some of its fields changed, or taken out where they are null.
pub fn receipt_with(changes: Value) -> Value {
    let mut body = receipt(&[line("100.00", "8")]);
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            body.as_object_mut().unwrap().remove(name);
        } else {
            body[name] = value.clone();
        }
    }
    body
}
