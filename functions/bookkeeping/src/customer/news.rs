//! What MioCommerce is told of a customer: linked, updated, or the operator's to choose.

use data_encoding::BASE32_NOPAD;
use sha2::{Digest, Sha256};

use super::change::Unwritten;
use super::{Cleaned, Field, FoundBy};
use crate::ids::{CompanyCustomerId, CustomerId, MerchantId, RealmId};
use crate::reason::Reason;

/// What became of a customer in a company.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomerNews {
    /// Whose customer.
    pub merchant: MerchantId,
    /// MioCommerce's customer.
    pub customer: CustomerId,
    /// The company.
    pub realm: RealmId,
    /// The message it was carried out for ("payment/pay_81"), so that a repeat is known as one.
    pub by: String,
    /// What became of it.
    pub became: CustomerBecame,
}

/// What became of a customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CustomerBecame {
    /// Linked to a record.
    Linked {
        /// The record.
        record: CompanyCustomerId,
        /// How it was matched.
        found_by: FoundBy,
        /// What was cleaned where it was created.
        cleaned: Vec<Cleaned>,
    },
    /// Its profile changed.
    Updated {
        /// The record.
        record: CompanyCustomerId,
        /// The fields written to QuickBooks.
        written: Vec<Field>,
        /// The fields noted and not written, and why.
        unwritten: Vec<(Field, Unwritten)>,
        /// What was cleaned.
        cleaned: Vec<Cleaned>,
    },
    /// Only the operator can tell which record it is.
    NeedsOperator(Reason),
}

impl CustomerBecame {
    /// The word for it in outcome types: `customer.linked`.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Linked { .. } => "linked",
            Self::Updated { .. } => "updated",
            Self::NeedsOperator(_) => "needs_operator",
        }
    }
}

impl CustomerNews {
    /// The id of the message that tells it: the same however often it is told. What becomes of the customer again, for a
    /// later message, is told anew.
    #[must_use]
    pub fn id(&self) -> String {
        let what = match &self.became {
            CustomerBecame::Linked { record, .. } | CustomerBecame::Updated { record, .. } => {
                record.to_string()
            }
            CustomerBecame::NeedsOperator(reason) => {
                serde_json::to_string(reason).expect("a reason is plain text")
            }
        };
        let mut hash = Sha256::new();
        for part in [
            self.merchant.as_str(),
            self.realm.as_str(),
            self.customer.as_str(),
            self.became.as_str(),
            &self.by,
            &what,
        ] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part.as_bytes());
        }
        format!("out_{}", &BASE32_NOPAD.encode(&hash.finalize())[..26])
    }
}
