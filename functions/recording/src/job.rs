//! A job: one payment or refund as a delivery brought it.

use bookkeeping::connection::Connection;
use bookkeeping::money::Currency;
use bookkeeping::transaction::{Customer, Payment, Refund, TransactionKey};
use common::store::{Claim, Frozen, Listing};
use common::world::World;

use crate::Recorder;

/// Money that moved.
#[derive(Clone, Copy)]
pub enum Moved<'a> {
    /// A captured payment.
    In(&'a Payment),
    /// A refund.
    Back {
        /// The refund.
        refund: &'a Refund,
        /// The payment it takes back, where the message brings it.
        payment: Option<&'a Payment>,
    },
}

/// A payment or refund as one delivery brought it.
pub struct Job<'a> {
    /// Its key in the ledger.
    pub key: TransactionKey,
    /// The payment or refund.
    pub moved: Moved<'a>,
    /// Who paid, or was paid back, where somebody is named.
    pub customer: Option<&'a Customer>,
    /// The message, whole: what waits is kept with it.
    pub body: &'a str,
    /// The queue's id of the message.
    pub message_id: &'a str,
    /// Hash of everything that decides what is posted.
    pub fingerprint: String,
}

impl Job<'_> {
    /// The currency that moved.
    pub(crate) fn currency(&self) -> Currency {
        match self.moved {
            Moved::In(payment) => payment.currency,
            Moved::Back { refund, .. } => refund.currency,
        }
    }

    /// What the operator's list shows of it.
    pub(crate) fn listing(&self) -> Listing {
        let customer = self.customer.map(|customer| customer.id.clone());
        match self.moved {
            Moved::In(payment) => Listing {
                moved_at: payment.captured_at,
                amount: Some(payment.amount),
                method: Some(payment.method.as_str().to_owned()),
                reference: Some(payment.reference.clone()),
                payment: None,
                customer,
            },
            Moved::Back { refund, .. } => Listing {
                moved_at: refund.refunded_at,
                amount: Some(refund.amount),
                method: refund.method.as_ref().map(|how| how.as_str().to_owned()),
                reference: Some(refund.reference.clone()),
                payment: Some(refund.payment_id.clone()),
                customer,
            },
        }
    }

    /// The payment it is, or is a refund of.
    pub(crate) fn payment(&self) -> TransactionKey {
        let id = match self.moved {
            Moved::In(payment) => &payment.id,
            Moved::Back { refund, .. } => &refund.payment_id,
        };
        TransactionKey::payment(self.key.merchant.clone(), id)
    }
}

/// A claim on this job's transaction, from now.
pub(crate) fn claim<'a, W: World>(
    recorder: &Recorder<W>,
    job: &'a Job<'_>,
    connection: &'a Connection,
    owner: &'a str,
    frozen: Option<Frozen<'a>>,
) -> Claim<'a> {
    Claim {
        key: &job.key,
        owner,
        now: recorder.world.now(),
        lease: recorder.world.timing().lease,
        quiescence: recorder.world.timing().quiescence,
        fingerprint: &job.fingerprint,
        realm: &connection.company.realm,
        epoch: connection.epoch,
        frozen,
    }
}
