//! Shops: merchants of every tax model, each with a simulated company to itself.

use std::collections::BTreeMap;

use bookkeeping::connection::{Connection, ConnectionState};
use bookkeeping::frees::Frees;
use bookkeeping::ids::{CompanyCustomerId, MerchantId, RealmId};
use bookkeeping::message::{Content, parse};
use bookkeeping::money::Amount;
use bookkeeping::reason::Reason;
use bookkeeping::receipt::{ReceiptDraft, draft};
use bookkeeping::refund::{Drawing, Posted, Taken, take};
use bookkeeping::transaction::{Kind, TransactionKey};
use futures::FutureExt;
use jiff::Timestamp;
use quickbooks::receipts::FrozenReceipt;
use quickbooks::{Answer, Body, CompanyClient, Credentials, Method, Request, Silence, Transport};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use simulator::Intuit;

use crate::plans::{Plan, plans};
use std::cell::RefCell;
use std::time::Duration;

/// After how many documents the books are begun anew, so that they stay small.
const BOOKS_MAX: usize = 500;

/// A merchant and its company in QuickBooks.
pub struct Shop {
    /// What it is called in figures.
    pub name: &'static str,
    /// The currency it charges in, with home units for one of it where it is foreign.
    pub currency: (&'static str, Option<&'static str>),
    /// How many minor units the smallest amount that QuickBooks holds has.
    pub grain: i64,
    /// The sets of taxes it charges: (id, rate in thousandths of a per cent, the rate that carries it in QuickBooks).
    pub sets: &'static [&'static [(&'static str, i64, &'static str)]],
    /// Whether prices may include tax.
    pub inclusive: bool,
    /// Whether QuickBooks keeps the amount of each rate as it was sent.
    pub keeps_rates: bool,
    /// Whether tax is written as lines.
    pub tax_lines: bool,
    /// The connection, with settings.
    pub connection: Connection,
    customer: &'static str,
    token: SecretString,
    intuit: RefCell<Intuit>,
    blank: Intuit,
    written: usize,
}

/// Sums by name, in minor units.
pub type Sums = BTreeMap<String, i64>;

impl Shop {
    /// One of every kind.
    ///
    /// # Panics
    ///
    /// Where the simulated companies are not what they are known to be.
    #[must_use]
    pub fn all() -> Vec<Self> {
        plans().iter().map(Self::open).collect()
    }

    /// The one of this name.
    ///
    /// # Panics
    ///
    /// Where there is none.
    #[must_use]
    pub fn named(name: &str) -> Self {
        let plans = plans();
        Self::open(
            plans
                .iter()
                .find(|plan| plan.name == name)
                .expect("a shop of this name"),
        )
    }

    /// The place, among [all](Self::all), of the one where the basket of this number is bought.
    #[must_use]
    pub fn place_of(number: u64) -> usize {
        let shops = u64::try_from(plans().len()).expect("a few");
        usize::try_from(number / 2 % shops).expect("a few")
    }

    fn open(plan: &Plan) -> Self {
        let Plan {
            name,
            realm,
            currency,
            sets,
            tax_map,
            more,
        } = plan.clone();
        let mut intuit = Intuit::new(1);
        let realm = match realm {
            "off" => without_tax(&mut intuit),
            realm => realm.to_owned(),
        };
        let now = Timestamp::UNIX_EPOCH;
        let switches = intuit.switches(&realm).expect("a company");
        (switches.per_second, switches.per_minute, switches.in_flight) = (0, 0, 0);
        // Where tax is a line, QuickBooks would not have taken our amount.
        let tax_lines = realm == "9341450000000099" || more["automated_tax"] == "line";
        switches.ast_honours_override = !tax_lines;
        let token = SecretString::from(intuit.connect(now, &realm).expect("a company").access);
        let realm = RealmId::parse(&realm).expect("digits");
        let mut settings = json!({
            "deposits": {"clearing": {"CAD": "91", "USD": "91", "GBP": "91", "JPY": "91", "KWD": "91"}},
            "items": {"fallback": "21", "product": "22", "fee": "23", "tip": "25", "rounding": "26", "gift_card": "27",
                      "deposit": "28", "tax": "29", "discount": "26"},
            "tax_map": tax_map
        });
        if let (Some(settings), Some(more)) = (settings.as_object_mut(), more.as_object()) {
            settings.extend(more.clone());
        }
        let intuit = RefCell::new(intuit);
        let company = CompanyClient {
            transport: &intuit_wire(&intuit, now),
            api_url: "",
            realm: &realm,
            token: &token,
            timeout: Duration::from_secs(1),
        }
        .read_company(async || ())
        .now_or_never()
        .expect("nothing waits")
        .expect("a company");
        let connection = Connection {
            merchant: MerchantId::parse("mer_1").expect("an id"),
            epoch: 1,
            state: ConnectionState::Connected,
            time_zone: "America/Toronto".to_owned(),
            company,
            settings: serde_json::from_value(settings).expect("settings"),
            connected: None,
            catalogue: Default::default(),
            revision: 0,
            frees: Frees::default(),
            former: Default::default(),
            opens_at: None,
            off: None,
            later: Default::default(),
        };
        let blank = intuit.borrow().clone();
        let mut shop = Self {
            name,
            currency,
            grain: if currency.0 == "KWD" { 10 } else { 1 },
            sets,
            inclusive: currency.0 != "USD" && currency.0 != "JPY",
            keeps_rates: name != "California, automated",
            tax_lines,
            connection,
            customer: "44",
            token,
            blank,
            intuit,
            written: 0,
        };
        if currency.1.is_some() {
            shop.customer = shop.foreign_customer();
            shop.blank = shop.intuit.borrow().clone();
        }
        shop
    }

    /// Whether it is in the United States, where QuickBooks makes no tax of nothing.
    pub(crate) fn is_united_states(&self) -> bool {
        self.connection.company.country == "US"
    }

    /// A customer of the shop's currency: QuickBooks has one for each.
    fn foreign_customer(&self) -> &'static str {
        let body = json!({"DisplayName": format!("Guest in {}", self.currency.0), "CurrencyRef": {"value": self.currency.0}});
        let answer = self
            .post("customer", &body.to_string())
            .expect("a customer");
        answer["Customer"]["Id"]
            .as_str()
            .expect("an id")
            .to_owned()
            .leak()
    }

    /// Draws up the payment of a message for the shop's customer.
    ///
    /// # Errors
    ///
    /// The reason why not.
    ///
    /// # Panics
    ///
    /// Where the message is none of a payment.
    pub fn draw(&self, message: &str) -> Result<(TransactionKey, ReceiptDraft), Reason> {
        let (key, draft, _) = self.draw_with_memory(message)?;
        Ok((key, draft))
    }

    /// Draws up the payment of a message, and what is remembered of it once it is posted.
    pub(crate) fn draw_with_memory(
        &self,
        message: &str,
    ) -> Result<(TransactionKey, ReceiptDraft, Posted), Reason> {
        let message = parse(message).unwrap_or_else(|refusal| panic!("{refusal}: {message}"));
        let Content::PaymentCaptured { payment, customer } = message.content else {
            panic!("a payment was to be made up")
        };
        let key = TransactionKey::payment(message.merchant_id, &payment.id);
        let in_company = CompanyCustomerId::parse(self.customer).expect("an id");
        let draft = draft(
            &key,
            &payment,
            customer.as_ref(),
            &in_company,
            &self.connection,
        )?;
        let posted = Posted::of(&draft, &payment, &self.connection);
        Ok((key, draft, posted))
    }

    /// Draws up the refund of a message, of a payment of which others took these.
    pub(crate) fn draw_refund(
        &self,
        message: &str,
        posted: &Posted,
        taken: &[Taken],
    ) -> Result<(TransactionKey, ReceiptDraft, Taken), Reason> {
        let message = parse(message).unwrap_or_else(|refusal| panic!("{refusal}: {message}"));
        let Content::PaymentRefunded { refund, .. } = message.content else {
            panic!("a refund was to be made up")
        };
        let key = TransactionKey::refund(message.merchant_id, &refund.id);
        let drawing = Drawing {
            key: &key,
            refund: &refund,
            customer: None,
            in_company: &posted.customer,
            connection: &self.connection,
            posted: Some(posted),
            receipt: None,
            named: None,
        };
        let (draft, taken) = take(&drawing, taken, false)?;
        Ok((key, draft, taken))
    }

    /// Posts a draft; gives QuickBooks' answer.
    ///
    /// # Errors
    ///
    /// QuickBooks' own words.
    pub fn write(&mut self, key: &TransactionKey, draft: &ReceiptDraft) -> Result<Value, String> {
        self.written += 1;
        if self.written.is_multiple_of(BOOKS_MAX) {
            *self.intuit.borrow_mut() = self.blank.clone();
        }
        let (path, entity) = match key.kind {
            Kind::Payment => ("salesreceipt", "SalesReceipt"),
            Kind::Refund => ("refundreceipt", "RefundReceipt"),
        };
        let mut answer = self.post(path, &FrozenReceipt::of(key, draft, None).body)?;
        Ok(answer[entity].take())
    }

    fn post(&self, entity: &str, body: &str) -> Result<Value, String> {
        let path = format!(
            "/v3/company/{}/{entity}?minorversion=75",
            self.connection.company.realm.as_str()
        );
        let request = simulator::Request::new("POST", &path)
            .header("accept", "application/json")
            .header("content-type", "application/json")
            .header(
                "authorization",
                &format!("Bearer {}", self.token.expose_secret()),
            )
            .body(body);
        let reply = self
            .intuit
            .borrow_mut()
            .handle(Timestamp::UNIX_EPOCH, &request);
        let text = String::from_utf8_lossy(&reply.body).into_owned();
        match reply.status {
            200 => serde_json::from_str(&text).map_err(|error| error.to_string()),
            status => Err(format!("{status} {text}")),
        }
    }
}

/// An amount in QuickBooks' JSON, in minor units of the draft's currency.
///
/// # Panics
///
/// Where it is no amount.
#[must_use]
pub fn posted(number: &Value, like: Amount) -> i64 {
    let text = number.to_string();
    let exponent = like.currency().exponent() as usize;
    // A currency without decimals is still written with two, both nought; trailing ones may be missing.
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let fraction = fraction.trim_end_matches('0');
    assert!(
        fraction.len() <= exponent,
        "{text} is more than {} has",
        like.currency()
    );
    format!("{whole}{fraction:0<exponent$}")
        .parse()
        .expect("an amount")
}

/// A company like Quebec's with sales tax switched off.
fn without_tax(intuit: &mut Intuit) -> String {
    let file = include_str!("../../simulator/companies/quebec.json");
    let mut company: Value = serde_json::from_str(file).expect("JSON");
    company["realm"] = json!("9341450000000099");
    company["Preferences"]["TaxPrefs"]["UsingSalesTax"] = json!(false);
    intuit.add_company(&company.to_string()).expect("a company")
}

struct Wire<'a>(&'a RefCell<Intuit>, Timestamp);

fn intuit_wire(intuit: &RefCell<Intuit>, now: Timestamp) -> Wire<'_> {
    Wire(intuit, now)
}

impl Transport for Wire<'_> {
    async fn send(&self, request: &Request<'_>) -> Result<Answer, Silence> {
        let method = match request.method {
            Method::Get => "GET",
            Method::Post => "POST",
        };
        let Credentials::Bearer(token) = request.credentials else {
            return Err(Silence::NotSent);
        };
        let bearer = format!("Bearer {}", token.expose_secret());
        let asked = simulator::Request::new(method, &request.url)
            .header("accept", "application/json")
            .header("authorization", &bearer)
            .body(request.body.as_ref().map_or("", Body::text));
        let reply = self.0.borrow_mut().handle(self.1, &asked);
        Ok(Answer {
            status: reply.status,
            intuit_tid: None,
            retry_after: None,
            body: reply.body,
        })
    }
}
