//! Messages: what MioCommerce sends, read once and checked whole.
//!
//! [`parse`] is the only way in. It reads the body into the wire's own structures (texts, every field optional),
//! then turns those into the types of [`transaction`](crate::transaction), which cannot hold what it refuses.
//! A field that is null is absent, and a field we do not know is ignored.
//!
//! A refusal is MioCommerce's developers' to mend. It names the field, shows the figures of both sides, and never
//! repeats a text a person wrote: refusals are logged.

mod amounts;
mod customer;
mod lines;
mod merchant;
mod payment;
mod read;
mod refund;
mod refusal;
#[cfg(feature = "schema")]
mod schema;
mod wire;

use jiff::Timestamp;
use serde_json::Value;

pub use refusal::{Refusal, RefusalCode};
#[cfg(feature = "schema")]
pub use schema::schema;

use crate::ids::{CustomerId, MerchantId, PaymentId, RefundId};
use crate::transaction::{Customer, Merchant, Payment, Refund, TransactionKey};
use read::{Path, Problem};
use wire::{Object, WireMessage};

/// Longest body we read, in bytes: as much as SQS carries by the contract.
pub const BODY_LENGTH_MAX: usize = 256 * 1024;

/// How deep objects and lists may stand in one another. The contract's own stand seven deep.
const DEPTH_MAX: usize = 64;

/// The one version of the contract we read.
const SCHEMA: u64 = 1;

/// A message, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Whose it is.
    pub merchant_id: MerchantId,
    /// When MioCommerce sent it.
    pub sent_at: Timestamp,
    /// What it tells.
    pub content: Content,
}

/// What a message tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// Money came in.
    PaymentCaptured {
        /// The payment.
        payment: Box<Payment>,
        /// Who paid; absent for a walk-in.
        customer: Option<Customer>,
    },
    /// Money went back.
    PaymentRefunded {
        /// The refund.
        refund: Box<Refund>,
        /// The payment it takes back, where the message brings it.
        payment: Option<Box<Payment>>,
        /// Who was paid back; absent for a walk-in.
        customer: Option<Customer>,
    },
    /// A customer's profile changed.
    CustomerUpdated {
        /// The profile as it now is.
        customer: Customer,
    },
    /// A customer's data is to be erased.
    CustomerErased {
        /// Whose.
        customer_id: CustomerId,
    },
    /// A merchant's profile changed.
    MerchantUpdated {
        /// The profile as it now is.
        merchant: Merchant,
    },
}

impl Message {
    /// Returns the key of the transaction the message is about, where it is about one.
    #[must_use]
    pub fn transaction_key(&self) -> Option<TransactionKey> {
        match &self.content {
            Content::PaymentCaptured { payment, .. } => Some(TransactionKey::payment(
                self.merchant_id.clone(),
                &payment.id,
            )),
            Content::PaymentRefunded { refund, .. } => {
                Some(TransactionKey::refund(self.merchant_id.clone(), &refund.id))
            }
            Content::CustomerUpdated { .. }
            | Content::CustomerErased { .. }
            | Content::MerchantUpdated { .. } => None,
        }
    }
}

/// The types of message there are, each with its word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Type {
    PaymentCaptured,
    PaymentRefunded,
    CustomerUpdated,
    CustomerErased,
    MerchantUpdated,
}

impl Type {
    fn from_word(word: &str) -> Option<Self> {
        match word {
            "payment.captured" => Some(Self::PaymentCaptured),
            "payment.refunded" => Some(Self::PaymentRefunded),
            "customer.updated" => Some(Self::CustomerUpdated),
            "customer.erased" => Some(Self::CustomerErased),
            "merchant.updated" => Some(Self::MerchantUpdated),
            _ => None,
        }
    }
}

/// The customer a message names, whatever else is wrong with it.
#[must_use]
pub fn customer_in(body: &str) -> Option<CustomerId> {
    let message: Value = serde_json::from_str(body).ok()?;
    CustomerId::parse(message.pointer("/customer/id")?.as_str()?).ok()
}

/// Returns the message that `body`, one JSON object of at most [`BODY_LENGTH_MAX`] bytes, holds.
///
/// # Errors
///
/// A [`Refusal`], which only MioCommerce's developers can clear. An unknown schema or type is told as such before
/// anything else that may be wrong, because the rest is then not ours to judge.
pub fn parse(body: &str) -> Result<Message, Refusal> {
    read(body).map_err(|problem| explain(body, problem))
}

fn read(body: &str) -> Result<Message, Problem> {
    if body.len() > BODY_LENGTH_MAX {
        let explanation = format!(
            "the body is {} bytes long, at most {BODY_LENGTH_MAX} are read",
            body.len()
        );
        return Err(Problem {
            code: RefusalCode::TooLarge,
            field: String::new(),
            explanation,
        });
    }
    if depth(body) > DEPTH_MAX {
        let explanation =
            format!("objects and lists stand more than {DEPTH_MAX} deep in one another");
        return Err(Problem {
            code: RefusalCode::TooDeep,
            field: String::new(),
            explanation,
        });
    }
    let mut deserializer = serde_json::Deserializer::from_str(body);
    let Object(message) =
        serde_path_to_error::deserialize::<_, Object<WireMessage>>(&mut deserializer)
            .map_err(|error| refusal::from_serde(&error.path().to_string(), error.inner()))?;
    deserializer
        .end()
        .map_err(|error| refusal::from_serde("", &error))?;
    message_of(message)
}

/// Returns how deep brackets stand in one another, those inside texts aside. Right for JSON; for anything else, it ends.
fn depth(body: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    let (mut in_text, mut escaped) = (false, false);
    for byte in body.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            b'{' | b'[' if !in_text => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' if !in_text => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

fn message_of(wire: WireMessage) -> Result<Message, Problem> {
    let root = Path::Root;
    let number = read::required(wire.schema, root.field("schema"))?;
    if number != SCHEMA {
        return Err(unknown_schema(&number.to_string()));
    }
    let word = read::required(wire.message_type, root.field("type"))?;
    let message_type = Type::from_word(&word).ok_or_else(|| unknown_type(&word))?;
    let merchant_id = read::id(wire.merchant_id, root.field("merchant_id"))?;
    let sent_at = read::timestamp(wire.sent_at, root.field("sent_at"))?;
    let customer_path = root.field("customer");
    let content = match message_type {
        Type::PaymentCaptured => Content::PaymentCaptured {
            payment: Box::new(payment::read(
                read::object(wire.payment, root.field("payment"))?,
                root.field("payment"),
            )?),
            customer: customer::optional(wire.customer, customer_path)?,
        },
        Type::PaymentRefunded => {
            let refund = refund::read(
                read::object(wire.refund, root.field("refund"))?,
                root.field("refund"),
            )?;
            let payment = refund::payment(wire.payment, &refund, root.field("payment"))?;
            Content::PaymentRefunded {
                refund: Box::new(refund),
                payment,
                customer: customer::optional(wire.customer, customer_path)?,
            }
        }
        Type::CustomerUpdated => {
            let wire = read::object(wire.customer, customer_path)?;
            read::required(wire.version, customer_path.field("version"))?;
            Content::CustomerUpdated {
                customer: customer::read(wire, customer_path)?,
            }
        }
        Type::CustomerErased => {
            let wire = read::object(wire.customer, customer_path)?;
            Content::CustomerErased {
                customer_id: read::id(wire.id, customer_path.field("id"))?,
            }
        }
        Type::MerchantUpdated => {
            let path = root.field("merchant");
            Content::MerchantUpdated {
                merchant: merchant::read(read::object(wire.merchant, path)?, path)?,
            }
        }
    };
    Ok(Message {
        merchant_id,
        sent_at,
        content,
    })
}

fn unknown_schema(number: &str) -> Problem {
    let explanation = format!("schema {number} is not known here, only {SCHEMA} is");
    Problem {
        code: RefusalCode::UnknownSchema,
        field: "schema".to_owned(),
        explanation,
    }
}

fn unknown_type(word: &str) -> Problem {
    let explanation = format!("the type {} is not known here", read::shown(word));
    Problem {
        code: RefusalCode::UnknownType,
        field: "type".to_owned(),
        explanation,
    }
}

/// Makes the refusal of `body`: reads it once more, loosely, for whose and which it is. Refusals are rare.
fn explain(body: &str, problem: Problem) -> Refusal {
    let value = match problem.code {
        RefusalCode::TooLarge | RefusalCode::TooDeep => Value::Null,
        _ => serde_json::from_str::<Value>(body).unwrap_or(Value::Null),
    };
    let problem = match (&value["schema"], value["type"].as_str()) {
        (Value::Number(number), _) if number.as_u64() != Some(SCHEMA) => {
            unknown_schema(&number.to_string())
        }
        (_, Some(word)) if Type::from_word(word).is_none() => unknown_type(word),
        _ => problem,
    };
    let merchant = value["merchant_id"]
        .as_str()
        .and_then(|text| MerchantId::parse(text).ok());
    let payment = || {
        value["payment"]["id"]
            .as_str()
            .and_then(|text| PaymentId::parse(text).ok())
    };
    let refund = || {
        value["refund"]["id"]
            .as_str()
            .and_then(|text| RefundId::parse(text).ok())
    };
    let transaction = merchant.clone().and_then(|merchant| match refund() {
        Some(id) => Some(TransactionKey::refund(merchant, &id)),
        None if value["refund"].is_null() => {
            payment().map(|id| TransactionKey::payment(merchant, &id))
        }
        None => None,
    });
    Refusal {
        code: problem.code,
        merchant,
        transaction,
        field: problem.field,
        explanation: problem.explanation,
    }
}
