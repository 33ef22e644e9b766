//! Refunds of a payment: which of them has taken what.
//!
//! One row for each payment that was refunded, beside the payment's own: a refund may come of a payment we have no row of.

use std::future::Future;

use bookkeeping::ids::{RealmId, RefundId};
use bookkeeping::later::Later;
use bookkeeping::refund::{NamedTax, Posted, Taken};
use bookkeeping::transaction::TransactionKey;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::StoreError;

/// What is known of the refunds of one payment. Ids and amounts alone.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Refunded {
    /// What the payment's receipt would have been, where it was never ours and a refund's message told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basis: Option<Posted>,
    /// The company whose items, codes and accounts that names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basis_in: Option<RealmId>,
    /// What each refund took, in the order they came.
    #[serde(default)]
    pub taken: Vec<Taken>,
    /// Refunds of more than was left, which the operator wants posted all the same.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allowed: Vec<RefundId>,
    /// What the operator says of refunds' taxes that nobody else can name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub named: Vec<Named>,
    /// Since when the payment has been missed, where a refund came before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missed_since: Option<Timestamp>,
    /// What a later version wrote of it.
    #[serde(flatten)]
    pub later: Later,
    /// Raised by every write; what was read at another one is not written over.
    #[serde(skip)]
    pub revision: u64,
}

/// The tax of a refund, as the operator named it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named {
    /// Of which refund.
    pub refund: RefundId,
    /// The company whose code that names.
    pub realm: RealmId,
    /// The tax.
    pub tax: NamedTax,
}

impl Refunded {
    /// What the operator said of this refund's tax, in this company.
    #[must_use]
    pub fn named(&self, refund: &RefundId, realm: &RealmId) -> Option<&NamedTax> {
        let mut named = self.named.iter();
        let named = named.find(|named| named.refund == *refund && named.realm == *realm);
        named.map(|named| &named.tax)
    }

    /// What this refund took, where it took anything yet.
    #[must_use]
    pub fn by(&self, refund: &RefundId) -> Option<&Taken> {
        self.taken.iter().find(|taken| taken.refund == *refund)
    }
}

/// The refunds of payments, as remembered.
pub trait Refunds {
    /// What is known of a payment's refunds, as it stands now; nothing where there were none.
    fn refunded(
        &self,
        payment: &TransactionKey,
    ) -> impl Future<Output = Result<Refunded, StoreError>>;

    /// Keeps what is known of a payment's refunds. Of any number of callers that read the same revision, one is told
    /// yes; the others read again.
    fn keep_refunded(
        &self,
        payment: &TransactionKey,
        refunded: &Refunded,
    ) -> impl Future<Output = Result<bool, StoreError>>;
}
