//! The lines of a receipt: one for each line of the payment, under its item, as an accountant would write it.

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use super::parts::Parts;
use super::tax::{Drawn, LineTax};
use super::{DraftLine, TEXT_LENGTH_MAX};
use crate::connection::Connection;
use crate::ids::{ClassId, DepartmentId, ItemId};
use crate::money::Amount;
use crate::reason::{Reason, ReasonCode};
use crate::settings::DiscountStyle;
use crate::text;
use crate::transaction::{Line, LineKind, Payment};

/// Most decimals of a unit price QuickBooks keeps.
///
/// Source: Intuit API reference, `SalesItemLineDetail.UnitPrice`.
const UNIT_PRICE_DECIMALS_MAX: u32 = 7;

/// Draws up the lines of the message, in its order.
///
/// A discount taken off other lines leaves a line of its own only where the operator wants to see it: then the others
/// stand at their full price, and it stands once for each way they are taxed, so that every rate has the same base.
pub(super) fn draw(
    payment: &Payment,
    parts: &Parts<'_>,
    drawn: &Drawn,
    connection: &Connection,
) -> Result<Vec<DraftLine>, Reason> {
    let as_lines = connection.settings.discounts == DiscountStyle::Line;
    let mut lines = Vec::with_capacity(payment.lines.len() + 1);
    for (at, line) in payment.lines.iter().enumerate() {
        let part = &parts.lines[at];
        let Some(tax) = &drawn.by_line[at] else {
            if as_lines {
                discount_lines(at, line, parts, drawn, connection, &mut lines)?;
            }
            continue;
        };
        let off = part.taken.iter().map(|(_, off)| off.minor()).sum();
        let amount = match as_lines {
            true => plus(part.net, off)?,
            false => part.net,
        };
        lines.push(priced(line, amount, tax.clone(), payment, connection)?);
    }
    Ok(lines)
}

/// The lines of the discount at `at`: what it takes off, by how that is taxed.
fn discount_lines(
    at: usize,
    discount: &Line,
    parts: &Parts<'_>,
    drawn: &Drawn,
    connection: &Connection,
    lines: &mut Vec<DraftLine>,
) -> Result<(), Reason> {
    let item = item(discount, connection)?;
    let first = lines.len();
    for (part, tax) in parts.lines.iter().zip(&drawn.by_line) {
        let (Some(tax), Some((_, off))) = (tax, part.taken.iter().find(|(by, _)| *by == at)) else {
            continue;
        };
        let at = match lines[first..].iter().position(|line| line.tax == *tax) {
            Some(at) => first + at,
            None => {
                lines.push(DraftLine {
                    item: item.clone(),
                    amount: Amount::zero(off.currency()),
                    quantity: Decimal::ONE,
                    unit_price: Decimal::ZERO,
                    tax: tax.clone(),
                    description: description(discount),
                    service_date: discount.service_date,
                    class: class(discount, connection),
                    tip: false,
                });
                lines.len() - 1
            }
        };
        let line = &mut lines[at];
        line.amount = plus(line.amount, -off.minor())?;
        line.unit_price = line.amount.to_decimal();
    }
    Ok(())
}

fn priced(
    line: &Line,
    amount: Amount,
    tax: LineTax,
    payment: &Payment,
    connection: &Connection,
) -> Result<DraftLine, Reason> {
    let (quantity, unit_price) = match (line.quantity, line.unit_price) {
        (Some(quantity), Some(price))
            if !payment.prices_include_tax
                && quantity.decimal() > Decimal::ZERO
                && quantity.decimal() * price.decimal() == amount.to_decimal()
                && price.decimal().normalize().scale() <= UNIT_PRICE_DECIMALS_MAX =>
        {
            (quantity.decimal(), price.decimal())
        }
        _ => (Decimal::ONE, amount.to_decimal()),
    };
    Ok(DraftLine {
        item: item(line, connection)?.clone(),
        amount,
        quantity,
        unit_price,
        tax,
        description: description(line),
        service_date: line.service_date,
        class: class(line, connection),
        // A taxed tip is one that had to be paid: part of the price.
        tip: line.kind == LineKind::Tip && line.taxes.is_empty(),
    })
}

fn item<'a>(line: &Line, connection: &'a Connection) -> Result<&'a ItemId, Reason> {
    let item = connection.settings.item(line.kind, line.service.as_ref());
    item.ok_or_else(|| {
        let reason = Reason::new(ReasonCode::ItemMissing).with("kind", line.kind.as_str());
        match &line.service {
            Some(service) => reason.with("service", service),
            None => reason,
        }
    })
}

fn description(line: &Line) -> Option<String> {
    line.description
        .as_deref()
        .and_then(|description| text::free(description, TEXT_LENGTH_MAX))
}

/// The class of a line, where the company keeps one on each.
fn class(line: &Line, connection: &Connection) -> Option<ClassId> {
    let kept = connection.company.tracking.classes_on_lines;
    connection
        .settings
        .classes
        .of(line)
        .filter(|_| kept)
        .cloned()
}

/// The class of the document, where the company keeps one on each: the one all its lines that have one agree on.
pub(super) fn document_class(payment: &Payment, connection: &Connection) -> Option<ClassId> {
    let kept = connection.company.tracking.classes_on_documents;
    let classes: BTreeSet<&ClassId> = payment
        .lines
        .iter()
        .filter_map(|line| connection.settings.classes.of(line))
        .collect();
    match classes.first() {
        Some(class) if kept && classes.len() == 1 => Some(ClassId::clone(class)),
        _ => None,
    }
}

/// The location of the document, where the company keeps one: the first that a line of it has.
pub(super) fn location(payment: &Payment, connection: &Connection) -> Option<DepartmentId> {
    let kept = connection.company.tracking.locations;
    payment
        .lines
        .iter()
        .find_map(|line| connection.settings.locations.of(line))
        .filter(|_| kept)
        .cloned()
}

fn plus(amount: Amount, minor: i64) -> Result<Amount, Reason> {
    amount
        .checked_add(Amount::from_minor(minor, amount.currency()))
        .map_err(|_| {
            Reason::new(ReasonCode::FiguresDisagree)
                .with("captured", amount)
                .with("lines", "too large")
        })
}
