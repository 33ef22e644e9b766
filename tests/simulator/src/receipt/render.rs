//! A receipt as QuickBooks answers it: line ids, the subtotal line, the tax block, the total.

use rust_decimal::Decimal;

use super::{Detail, Line};
use crate::company::Company;
use crate::fault::Fault;
use crate::json::Json;
use crate::money::half_up;
use crate::tax::Tax;

/// The values of a receipt that is about to be stored. `off_by` makes QuickBooks' own total differ by so much.
pub(super) fn receipt(
    sent: &Json,
    lines: &[Line],
    mut tax: Tax,
    company: &Company,
    off_by: Decimal,
) -> Result<Json, Fault> {
    let mut values = sent.clone();
    if !off_by.is_zero() {
        match tax.lines.first_mut() {
            Some(first) => {
                first.amount += off_by;
                tax.total += off_by;
            }
            None => tax.extra = off_by,
        }
    }
    let subtotal = super::subtotal(lines);
    let discount = super::discount(lines);
    let total = subtotal - discount + tax.total + tax.extra;
    if total.is_sign_negative() && !total.is_zero() {
        return Err(Fault::business(
            "Enter a transaction amount that is 0 or greater.",
        ));
    }
    values.set("Line", written(lines, subtotal, discount));
    values.set("TxnTaxDetail", tax.to_json());
    values.set("TotalAmt", Json::Number(total));
    values.set("Balance", Json::from(0));
    if company.is_multicurrency() {
        let rate = values
            .get("ExchangeRate")
            .and_then(Json::as_number)
            .unwrap_or(Decimal::ONE);
        values.set("HomeTotalAmt", Json::Number(half_up(total * rate, 2)));
        values.set("HomeBalance", Json::from(0));
    }
    for (name, value) in [("PrintStatus", "NotSet"), ("EmailStatus", "NotSet")] {
        if values.get(name).is_none() {
            values.set(name, Json::text(value));
        }
    }
    if values.get("ApplyTaxAfterDiscount").is_none() {
        values.set("ApplyTaxAfterDiscount", Json::Bool(false));
    }
    if values.get("CustomField").is_none() {
        values.set("CustomField", Json::List(Vec::new()));
    }
    Ok(values)
}

fn written(lines: &[Line], subtotal: Decimal, discount: Decimal) -> Json {
    let mut taken: Vec<u64> = lines
        .iter()
        .filter_map(|line| line.id.as_deref()?.parse().ok())
        .collect();
    let mut next = 1;
    let mut out = Vec::with_capacity(lines.len() + 1);
    let mut number = 0;
    for line in lines {
        number += 1;
        let id = line
            .id
            .clone()
            .filter(|id| id.parse::<u64>().is_ok())
            .unwrap_or_else(|| {
                while taken.contains(&next) {
                    next += 1;
                }
                taken.push(next);
                next.to_string()
            });
        let mut written = Json::object([("Id", Json::text(id)), ("LineNum", Json::from(number))]);
        if let Some(description) = &line.description {
            written.set("Description", Json::text(description));
        }
        match &line.detail {
            Detail::Item {
                values, with_tax, ..
            } => {
                written.set("Amount", Json::Number(line.amount));
                written.set("DetailType", Json::text("SalesItemLineDetail"));
                let mut detail = values.clone();
                if let Some(with_tax) = with_tax {
                    detail.set("TaxInclusiveAmt", Json::Number(*with_tax));
                }
                written.set("SalesItemLineDetail", detail);
            }
            Detail::Discount { values, .. } => {
                written.set("Amount", Json::Number(discount));
                written.set("DetailType", Json::text("DiscountLineDetail"));
                written.set("DiscountLineDetail", values.clone());
            }
            Detail::Words { values } => {
                written.set("DetailType", Json::text("DescriptionOnly"));
                written.set("DescriptionLineDetail", values.clone());
            }
        }
        out.push(written);
    }
    out.push(Json::object([
        ("Amount", Json::Number(subtotal)),
        ("DetailType", Json::text("SubTotalLineDetail")),
        ("SubTotalLineDetail", Json::empty()),
    ]));
    Json::List(out)
}
