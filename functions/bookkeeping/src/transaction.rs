//! Transactions: the payments and refunds of MioCommerce, as we accept them.
//!
//! These types hold what [`message::parse`](crate::message::parse) has checked; nothing else makes them from outside text.
//! What a transaction becomes in QuickBooks is told in [`receipt`](crate::receipt).

mod customer;
mod financial;
mod line;
mod merchant;
mod payment;
mod refund;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use customer::{Address, Customer, Language};
pub use line::{Line, LineKind, Tax, TaxTreatment, cost};
pub use merchant::{Administrator, Merchant, MerchantService, MerchantTax};
pub use payment::{Method, Payment};
pub use refund::{Refund, RefundKind};

use crate::ids::{MerchantId, PaymentId, RefundId};

/// What kind of transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Money came in.
    Payment,
    /// Money went back.
    Refund,
}

impl Kind {
    /// Returns the word for it in keys, logs and messages: `payment` or `refund`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Payment => "payment",
            Self::Refund => "refund",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What one transaction is known by, among all merchants. Prints without its merchant: `payment/pay_81`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TransactionKey {
    /// Whose it is.
    pub merchant: MerchantId,
    /// Payment or refund: the ids of the two are counted apart.
    pub kind: Kind,
    /// The payment's or refund's own id.
    pub id: String,
}

impl TransactionKey {
    /// Returns the key of `merchant`'s payment `id`.
    #[must_use]
    pub fn payment(merchant: MerchantId, id: &PaymentId) -> Self {
        Self {
            merchant,
            kind: Kind::Payment,
            id: id.to_string(),
        }
    }

    /// Returns the key of `merchant`'s refund `id`.
    #[must_use]
    pub fn refund(merchant: MerchantId, id: &RefundId) -> Self {
        Self {
            merchant,
            kind: Kind::Refund,
            id: id.to_string(),
        }
    }
}

impl fmt::Display for TransactionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind, self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_prints_its_kind_and_id() {
        let merchant = MerchantId::parse("mer_4fz9").unwrap();
        let key = TransactionKey::payment(merchant, &PaymentId::parse("pay_81").unwrap());
        assert_eq!(key.to_string(), "payment/pay_81");
        let text = serde_json::to_string(&key).unwrap();
        assert_eq!(
            text,
            r#"{"merchant":"mer_4fz9","kind":"payment","id":"pay_81"}"#
        );
        assert_eq!(serde_json::from_str::<TransactionKey>(&text).unwrap(), key);
    }
}
