//! Sales and refund receipts: creating, changing, voiding, deleting.
//!
//! Source: Intuit API reference, SalesReceipt and RefundReceipt. What is checked comes in the order a person fills the
//! form: who, where the money goes, lines, tax, number.

mod header;
mod lines;
mod render;

use std::sync::Arc;

use jiff::Timestamp;
use rust_decimal::Decimal;

pub(crate) use lines::{Detail, Line};

use crate::books::Entry;
use crate::change;
use crate::company::Company;
use crate::fault::Fault;
use crate::fields;
use crate::json::Json;
use crate::kind::Kind;
use crate::money::half_up;
use crate::stamp;
use crate::tax;

/// Options of a write that stand beside the body.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Options {
    /// True if a document number may be used again (`include=allowduplicatedocnum`).
    pub allow_duplicate_number: bool,
    /// Cents QuickBooks is made to be off by.
    pub off_by: Decimal,
}

/// Creates or updates a receipt and gives it as it is answered.
pub(crate) fn save(
    company: &mut Company,
    kind: Kind,
    body: &Json,
    options: Options,
    now: Timestamp,
) -> Result<Arc<str>, Fault> {
    fields::check(body, fields::of(kind), company.switches.emoji_fails)?;
    let old = match change::target(company, kind, body)? {
        Some(record) => {
            not_deposited(record.deposited)?;
            Some((record.id.clone(), record.values()))
        }
        None => None,
    };
    let before = old.as_ref().map(|(_, values)| values);
    let id = old.as_ref().map(|(id, _)| id.clone());
    let mut values = change::merged(kind, before, body, company.switches.empty_text_clears);
    if before.is_some()
        && change::is_sparse(body)
        && body.get("TxnTaxDetail").is_none()
        && body.get("Line").is_some()
        && company.country() != "US"
    {
        stale_tax(&mut values, company)?;
    }
    if body.get("TxnTaxDetail").is_none()
        && values.said("GlobalTaxCalculation") == Some("NotApplicable")
    {
        values.remove("TxnTaxDetail");
    }
    if let Some(before) = before {
        open_period(company, before)?;
    }
    if values.get("TxnDate").is_none() {
        values.set("TxnDate", Json::text(stamp::day(now)));
    }
    open_period(company, &values)?;
    header::check(&mut values, kind, company)?;
    let mut lines = lines::read(&values, company)?;
    let tax = tax::of(&mut values, &mut lines, company, id.is_some())?;
    number(&mut values, kind, company, id.as_deref(), before, options)?;
    let values = render::receipt(&values, &lines, tax, company, options.off_by)?;
    Ok(Arc::clone(
        &company.books.put(Entry { kind, id, values }, now).text,
    ))
}

/// A sparse update that changes lines and leaves the tax out keeps the old tax, or is refused (both are reported).
fn stale_tax(values: &mut Json, company: &Company) -> Result<(), Fault> {
    let has_tax = values
        .at("TxnTaxDetail.TaxLine")
        .is_some_and(|lines| !lines.items().is_empty());
    if has_tax && company.switches.sparse_lines_need_tax {
        let rate = values
            .at("TxnTaxDetail.TaxLine")
            .and_then(|lines| lines.items().first())
            .and_then(|line| line.at("TaxLineDetail.TaxRateRef.value"));
        let rate = rate.and_then(Json::as_text).unwrap_or_default().to_owned();
        return Err(Fault::business(&format!("Invalid Tax Rate id - {rate}")));
    }
    Ok(())
}

/// Voids a receipt: amounts and quantities become 0, the note says so. Documented for sales receipts only.
pub(crate) fn void(
    company: &mut Company,
    kind: Kind,
    body: &Json,
    now: Timestamp,
) -> Result<Arc<str>, Fault> {
    if kind == Kind::RefundReceipt && !company.switches.void_refund {
        return Err(Fault::unsupported("Operation void is not supported."));
    }
    let record = change::target(company, kind, body)?.ok_or_else(|| Fault::missing("Id"))?;
    not_deposited(record.deposited)?;
    let (id, mut values) = (record.id.clone(), record.values());
    open_period(company, &values)?;
    let zero = |values: &mut Json, names: &[&str]| {
        for name in names {
            if values.get(name).is_some() {
                values.set(name, Json::from(0));
            }
        }
    };
    zero(&mut values, &["TotalAmt", "HomeTotalAmt"]);
    let lines = values
        .get("Line")
        .map(Json::items)
        .unwrap_or_default()
        .iter()
        .cloned()
        .map(|mut line| {
            zero(&mut line, &["Amount"]);
            if let Some(mut detail) = line.get("SalesItemLineDetail").cloned() {
                zero(&mut detail, &["Qty", "UnitPrice", "TaxInclusiveAmt"]);
                line.set("SalesItemLineDetail", detail);
            }
            line
        });
    let lines = Json::List(lines.collect());
    values.set("Line", lines);
    values.set("TxnTaxDetail", Json::object([("TotalTax", Json::from(0))]));
    let note = values
        .said("PrivateNote")
        .map_or_else(|| "Voided".to_owned(), |note| format!("Voided - {note}"));
    values.set("PrivateNote", Json::text(note));
    Ok(Arc::clone(
        &company
            .books
            .put(
                Entry {
                    kind,
                    id: Some(id),
                    values,
                },
                now,
            )
            .text,
    ))
}

/// Deletes a receipt for good and gives the stub QuickBooks answers with.
pub(crate) fn delete(
    company: &mut Company,
    kind: Kind,
    body: &Json,
    now: Timestamp,
) -> Result<Arc<str>, Fault> {
    let record = change::target(company, kind, body)?.ok_or_else(|| Fault::missing("Id"))?;
    not_deposited(record.deposited)?;
    open_period(company, &record.values())?;
    let id = record.id.clone();
    company.books.remove(kind, &id, now);
    Ok(Json::object([
        ("status", Json::text("Deleted")),
        ("domain", Json::text("QBO")),
        ("Id", Json::text(id)),
    ])
    .to_text()
    .into())
}

/// 6540: a receipt that was grouped into a bank deposit is locked.
fn not_deposited(deposited: bool) -> Result<(), Fault> {
    if !deposited {
        return Ok(());
    }
    Err(Fault::validation(
        "6540",
        "Deposited Transaction cannot be changed",
        "This transaction has been deposited. If you want to change or delete it, you must edit the deposit it appears on and remove it first.",
    ))
}

/// 6200, or 6210 where a password guards it: the receipt's day lies in closed books.
fn open_period(company: &Company, values: &Json) -> Result<(), Fault> {
    let (Some((closed, password)), Some(day)) = (&company.state.closed, values.said("TxnDate"))
    else {
        return Ok(());
    };
    if day > closed.as_str() {
        return Ok(());
    }
    Err(if *password {
        Fault::validation(
            "6210",
            "Account Period Closed Required Password Error",
            "The account period has closed and the account books cannot be updated through the QBO Services API. Please use the QBO website to make these changes.",
        )
    } else {
        Fault::validation(
            "6200",
            "Account Period Closed Error",
            format!("The account period has closed: the books are closed up to {closed}."),
        )
    })
}

/// Gives the receipt its number: as sent where the company has custom numbers, else QuickBooks' own.
///
/// Source: Intuit API reference, SalesReceipt.DocNumber. That a number sent to a company without custom numbers is left
/// out is our reading; nothing says so.
fn number(
    values: &mut Json,
    kind: Kind,
    company: &mut Company,
    id: Option<&str>,
    before: Option<&Json>,
    options: Options,
) -> Result<(), Fault> {
    if !company.has_custom_numbers() {
        let kept = before
            .and_then(|before| before.said("DocNumber"))
            .map(str::to_owned);
        let number = kept.unwrap_or_else(|| company.books.next_number());
        values.set("DocNumber", Json::text(number));
        return Ok(());
    }
    let Some(number) = values.said("DocNumber") else {
        return Ok(());
    };
    if options.allow_duplicate_number || !company.switches.refuse_duplicate_numbers {
        return Ok(());
    }
    let both = [Kind::SalesReceipt, Kind::RefundReceipt];
    let kinds: &[Kind] = if company.switches.numbers_shared_by_receipts {
        &both
    } else {
        &[kind]
    };
    let taken = kinds.iter().any(|other| {
        company
            .books
            .with_number(*other, number)
            .iter()
            .any(|holder| *other != kind || Some(holder.as_str()) != id)
    });
    if taken {
        return Err(Fault::validation(
            "6140",
            "Duplicate Document Number Error",
            format!(
                "Duplicate Document Number Error : You must specify a different number. This number has already been used. DocNumber={number}"
            ),
        ));
    }
    Ok(())
}

/// Sum of the lines that are sold, before discount.
pub(crate) fn subtotal(lines: &[Line]) -> Decimal {
    lines
        .iter()
        .filter(|line| matches!(line.detail, Detail::Item { .. }))
        .map(|line| line.amount)
        .sum()
}

/// The discount line's amount, 0 without one.
pub(crate) fn discount(lines: &[Line]) -> Decimal {
    let subtotal = subtotal(lines);
    lines
        .iter()
        .map(|line| match &line.detail {
            Detail::Discount {
                percent: Some(percent),
                ..
            } => half_up(subtotal * percent / Decimal::ONE_HUNDRED, 2),
            Detail::Discount { .. } => line.amount,
            _ => Decimal::ZERO,
        })
        .sum()
}
