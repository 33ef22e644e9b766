//! Tax as ordinary lines, booked to a liability: where QuickBooks keeps no tax, or not ours.

use rust_decimal::Decimal;

use super::{DraftTax, Drawn, LineTax, Question};
use crate::money::Amount;
use crate::reason::{Reason, ReasonCode};
use crate::receipt::DraftLine;

/// No line is taxed, and what was collected becomes a line per tax.
pub(super) fn draw(question: Question<'_>, untaxed: &LineTax) -> Result<Drawn, Reason> {
    Ok(Drawn {
        by_line: question.by_line(|_| Ok(untaxed.clone()))?,
        tax: DraftTax::None,
        extra: collected(question, untaxed)?,
        remarks: Vec::new(),
    })
}

/// A line for each tax that was collected.
pub(super) fn collected(
    question: Question<'_>,
    untaxed: &LineTax,
) -> Result<Vec<DraftLine>, Reason> {
    let charged = question
        .parts
        .taxes
        .iter()
        .filter(|tax| !tax.amount.is_zero());
    charged
        .map(|tax| line(question, tax.name, tax.amount, untaxed))
        .collect()
}

fn line(
    question: Question<'_>,
    name: &str,
    amount: Amount,
    untaxed: &LineTax,
) -> Result<DraftLine, Reason> {
    let item = question.connection.settings.items.tax.as_ref();
    let item = item.ok_or_else(|| Reason::new(ReasonCode::ItemMissing).with("kind", "tax"))?;
    Ok(DraftLine {
        item: item.clone(),
        amount,
        quantity: Decimal::ONE,
        unit_price: amount.to_decimal(),
        tax: untaxed.clone(),
        description: Some(name.to_owned()),
        service_date: None,
        class: None,
        tip: false,
    })
}
