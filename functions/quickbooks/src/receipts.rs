//! Receipts: created once, found again, compared with what was sent.

use std::collections::BTreeMap;

use bookkeeping::ids::{CompanyCustomerId, ReceiptId, SyncToken};
use bookkeeping::money::Amount;
use bookkeeping::receipt::ReceiptDraft;
use bookkeeping::refund::Posted;
use bookkeeping::request_id::{RequestId, marker};
use bookkeeping::transaction::{Kind, TransactionKey};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::client::CompanyClient;
use crate::fault::Fault;
use crate::transport::{Silence, Transport};
use crate::wire::{Number, Reference, receipt_body};

/// A receipt as it will be sent, and what the answer must come to. Frozen when its transaction is claimed: a
/// second sending sends exactly this.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FrozenReceipt {
    /// What it is the receipt of: a payment's is a sales receipt, a refund's a refund receipt.
    pub kind: Kind,
    /// The JSON body.
    pub body: String,
    /// The total the answer must show.
    pub total: Amount,
    /// The tax in it, as QuickBooks counts it.
    pub tax: Amount,
    /// The customer the answer must name.
    pub customer: CompanyCustomerId,
    /// The day it is dated, `YYYY-MM-DD`.
    pub date: String,
    /// Our document number, where one is sent.
    pub number: Option<String>,
    /// The text in the private note that marks it as ours.
    pub marker: String,
    /// What is remembered of a payment's receipt once it is recorded, for the refunds that may follow.
    pub posted: Option<Posted>,
}

impl FrozenReceipt {
    /// Freezes the draft of a transaction, with what is to be remembered of it.
    #[must_use]
    pub fn of(key: &TransactionKey, draft: &ReceiptDraft, posted: Option<Posted>) -> Self {
        Self {
            kind: key.kind,
            body: receipt_body(key.kind, draft),
            total: draft.total,
            tax: draft
                .tax
                .total(draft.currency)
                .expect("a draft's tax adds up"),
            customer: draft.customer.clone(),
            date: draft.date.to_string(),
            number: draft.number.clone(),
            marker: marker(key),
            posted,
        }
    }

    /// The same without whom it is mailed to and at which door the service was done: what is left decides every amount.
    ///
    /// A body that cannot be read is left as it is; it never was another's than ours.
    #[must_use]
    pub fn without_person(self) -> Self {
        let Ok(mut body) = serde_json::from_str::<BTreeMap<String, Box<RawValue>>>(&self.body)
        else {
            return self;
        };
        body.remove("BillEmail");
        let address = body.get("ShipAddr");
        let address = address.and_then(|address| serde_json::from_str(address.get()).ok());
        if let Some(mut address) = address {
            let address: &mut BTreeMap<String, String> = &mut address;
            address.retain(|part, _| !part.starts_with("Line"));
            let address = serde_json::value::to_raw_value(address).expect("plain data");
            body.insert("ShipAddr".to_owned(), address);
        }
        Self {
            body: serde_json::to_string(&body).expect("plain data"),
            ..self
        }
    }

    /// The path its kind is written to.
    pub(crate) fn path(&self) -> &'static str {
        match self.kind {
            Kind::Payment => "salesreceipt",
            Kind::Refund => "refundreceipt",
        }
    }

    /// How a receipt in QuickBooks differs from this one, as (what, ours, theirs); `None` where it does not.
    #[must_use]
    pub fn difference(&self, found: &FoundReceipt) -> Option<(&'static str, String, String)> {
        if found.total != self.total.to_decimal() {
            return Some((
                "total",
                self.total.decimal_text(),
                found.total.normalize().to_string(),
            ));
        }
        // A company with one currency may leave it out.
        let currency = self.total.currency().to_string();
        if let Some(theirs) = found
            .currency
            .as_deref()
            .filter(|theirs| *theirs != currency)
        {
            return Some(("currency", currency, theirs.to_owned()));
        }
        let customer = self.customer.as_str();
        match found.customer.as_deref() {
            Some(theirs) if theirs == customer => None,
            theirs => Some((
                "customer",
                customer.to_owned(),
                theirs.unwrap_or("none").to_owned(),
            )),
        }
    }
}

/// A receipt as QuickBooks holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundReceipt {
    /// Its id.
    pub id: ReceiptId,
    /// Its version.
    pub sync_token: SyncToken,
    /// Its number, where it has one.
    pub number: Option<String>,
    /// Its total, exact.
    pub total: Decimal,
    /// The tax in it, where it says.
    pub tax: Option<Decimal>,
    /// Its currency, where it says.
    pub currency: Option<String>,
    /// Its customer's id.
    pub customer: Option<String>,
    /// Its private note.
    pub private_note: String,
}

impl FoundReceipt {
    /// Whether it carries this marker of ours: only then is it ours.
    #[must_use]
    pub fn is_marked(&self, marker: &str) -> bool {
        let mut words = self.private_note.split_whitespace();
        words.any(|word| word == marker)
    }
}

impl<T: Transport> CompanyClient<'_, T> {
    /// Creates a receipt. Never repeated here.
    ///
    /// # Errors
    ///
    /// A [`Fault`]; where it does not prove that nothing was written, the caller looks before sending again.
    pub async fn create_receipt(
        &self,
        request_id: &RequestId,
        receipt: &FrozenReceipt,
    ) -> Result<FoundReceipt, Fault> {
        let body = receipt.body.clone();
        let answer: Answered = self.create(receipt.path(), request_id, body).await?;
        answer.receipt.try_into()
    }
}

/// The answer to a write.
#[derive(Deserialize)]
pub(crate) struct Answered {
    #[serde(rename = "SalesReceipt", alias = "RefundReceipt")]
    pub(crate) receipt: WireReceipt,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct WireReceipt {
    id: String,
    sync_token: String,
    doc_number: Option<String>,
    total_amt: Number,
    txn_tax_detail: Option<WireTax>,
    currency_ref: Option<Reference>,
    customer_ref: Option<Reference>,
    #[serde(default)]
    private_note: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct WireTax {
    total_tax: Option<Number>,
}

impl TryFrom<WireReceipt> for FoundReceipt {
    type Error = Fault;

    fn try_from(wire: WireReceipt) -> Result<Self, Fault> {
        let read = || -> Option<Self> {
            Some(Self {
                id: ReceiptId::parse(&wire.id).ok()?,
                sync_token: SyncToken::parse(&wire.sync_token).ok()?,
                total: wire.total_amt.to_decimal()?,
                tax: wire
                    .txn_tax_detail
                    .as_ref()
                    .and_then(|tax| tax.total_tax.as_ref())
                    .and_then(Number::to_decimal),
                number: wire.doc_number.clone().filter(|number| !number.is_empty()),
                currency: wire
                    .currency_ref
                    .as_ref()
                    .map(|currency| currency.value.clone()),
                customer: wire
                    .customer_ref
                    .as_ref()
                    .map(|customer| customer.value.clone()),
                private_note: wire.private_note.clone(),
            })
        };
        read().ok_or_else(|| Fault::silent(Silence::Unknown))
    }
}
