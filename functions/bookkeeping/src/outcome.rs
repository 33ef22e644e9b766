//! Outcomes: what MioCommerce is told became of a transaction.

use data_encoding::BASE32_NOPAD;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::ids::{RealmId, ReceiptId};
use crate::reason::{Reason, State};
use crate::transaction::{Kind, TransactionKey};

/// What became of a transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is in QuickBooks.
    Synced(Synced),
    /// It is not, or not yet.
    Stopped(Reason),
}

/// The receipt QuickBooks answered with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Synced {
    /// The company it is in.
    pub realm: RealmId,
    /// The receipt's id.
    pub receipt: ReceiptId,
    /// The number QuickBooks keeps it under, where it has one.
    pub number: Option<String>,
}

impl Outcome {
    /// The state this outcome puts the transaction in.
    #[must_use]
    pub fn state(&self) -> State {
        match self {
            Self::Synced(_) => State::Synced,
            Self::Stopped(reason) => reason.state(),
        }
    }

    /// The id of the message that tells this outcome: the same however often it is told. What stops a transaction again later,
    /// with something else between, is told anew, so it counts since when it stands so, to the millisecond.
    #[must_use]
    pub fn id(&self, key: &TransactionKey, since: Timestamp) -> String {
        let what = match self {
            Self::Synced(synced) => synced.receipt.as_str().to_owned(),
            Self::Stopped(reason) => {
                let reason = serde_json::to_string(reason).expect("a reason is plain text");
                format!("{}/{reason}", since.as_millisecond())
            }
        };
        let mut hash = Sha256::new();
        for part in [
            key.merchant.as_str(),
            key.kind.as_str(),
            &key.id,
            self.state().as_str(),
            &what,
        ] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part.as_bytes());
        }
        format!("out_{}", &BASE32_NOPAD.encode(&hash.finalize())[..26])
    }
}

/// The document a kind of transaction becomes, by QuickBooks' name.
#[must_use]
pub fn document(kind: Kind) -> &'static str {
    match kind {
        Kind::Payment => "SalesReceipt",
        Kind::Refund => "RefundReceipt",
    }
}
