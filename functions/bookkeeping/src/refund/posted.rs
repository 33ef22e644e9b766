//! What is remembered of a payment's receipt, so that a refund can mirror it years later.

use serde::{Deserialize, Serialize};

use crate::connection::Connection;
use crate::ids::{
    AccountId, ClassId, CompanyCustomerId, DepartmentId, ItemId, PaymentMethodId, TaxCodeId,
    TaxRateId,
};
use crate::money::{Currency, ExchangeRate, Percent};
use crate::receipt::{DraftLine, DraftTax, LineTax, ReceiptDraft, TaxLine};
use crate::tax_map::TaxRow;
use crate::transaction::{Method, Payment};

/// A payment's receipt as it was posted: ids and amounts, nothing a person wrote.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Posted {
    /// The currency of every amount in it.
    pub currency: Currency,
    /// Its lines, in order.
    pub lines: Vec<PostedLine>,
    /// Its tax by rate, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub taxes: Vec<PostedTax>,
    /// The document's one tax code (United States).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document_code: Option<TaxCodeId>,
    /// The rows of the tax map it was drawn up with: the map may have changed since.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rows: Vec<TaxRow>,
    /// Who it was for.
    pub customer: CompanyCustomerId,
    /// Where the money went.
    pub deposit_account: AccountId,
    /// How it was paid.
    pub method: Method,
    /// That method in the company's list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment_method: Option<PaymentMethodId>,
    /// Home units for one foreign unit, where the currency was foreign; a full refund then books what the payment booked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exchange_rate: Option<ExchangeRate>,
    /// The document's class, where the company kept one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<ClassId>,
    /// The document's location, where the company kept one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<DepartmentId>,
}

/// One line of a posted receipt.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PostedLine {
    /// What was sold.
    pub item: ItemId,
    /// Its price net of tax, in minor units.
    pub net: i64,
    /// How it was taxed.
    pub tax: LineTax,
    /// Whether it is a tip nobody taxed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub tip: bool,
    /// Its class, where the company kept one on each line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<ClassId>,
}

/// The tax of one rate of a posted receipt.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PostedTax {
    /// The rate.
    pub rate: TaxRateId,
    /// Percent, exact.
    pub percent: Percent,
    /// What was charged, in minor units.
    pub amount: i64,
}

impl Posted {
    /// Returns what is to be remembered of a payment's draft.
    #[must_use]
    pub fn of(draft: &ReceiptDraft, payment: &Payment, connection: &Connection) -> Self {
        let (document_code, taxes) = match &draft.tax {
            DraftTax::None => (None, &[][..]),
            DraftTax::Global(lines) => (None, lines.as_slice()),
            DraftTax::UnitedStates { code, lines } => (Some(code.clone()), lines.as_slice()),
        };
        Self {
            currency: draft.currency,
            lines: draft.lines.iter().map(PostedLine::of).collect(),
            taxes: taxes.iter().map(PostedTax::of).collect(),
            document_code,
            rows: rows(payment, connection),
            customer: draft.customer.clone(),
            deposit_account: draft.deposit_account.clone(),
            method: payment.method.clone(),
            payment_method: draft.payment_method.clone(),
            exchange_rate: payment.exchange_rate,
            class: draft.class.clone(),
            location: draft.location.clone(),
        }
    }

    /// Returns the parts a refund is allocated over, in minor units: each line's net, then the tax of each rate.
    #[must_use]
    pub fn parts(&self) -> Vec<i64> {
        let nets = self.lines.iter().map(|line| line.net);
        nets.chain(self.taxes.iter().map(|tax| tax.amount))
            .collect()
    }

    /// Returns, part for part, whether it is a tip nobody taxed.
    #[must_use]
    pub fn tips(&self) -> Vec<bool> {
        let lines = self.lines.iter().map(|line| line.tip);
        lines.chain(self.taxes.iter().map(|_| false)).collect()
    }
}

impl PostedLine {
    fn of(line: &DraftLine) -> Self {
        Self {
            item: line.item.clone(),
            net: line.amount.minor(),
            tax: line.tax.clone(),
            tip: line.tip,
            class: line.class.clone(),
        }
    }
}

impl PostedTax {
    fn of(line: &TaxLine) -> Self {
        Self {
            rate: line.rate.clone(),
            percent: line.percent,
            amount: line.amount.minor(),
        }
    }
}

/// The rows of the tax map that a payment's lines stand under, each once.
fn rows(payment: &Payment, connection: &Connection) -> Vec<TaxRow> {
    let map = &connection.settings.tax_map;
    let mut rows: Vec<TaxRow> = Vec::new();
    for row in payment
        .lines
        .iter()
        .filter(|line| !line.taxes.is_empty())
        .filter_map(|line| map.row(&line.tax_set()))
    {
        if !rows.contains(row) {
            rows.push(row.clone());
        }
    }
    rows
}
