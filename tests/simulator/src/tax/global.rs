//! Tax outside the United States: a code on every line, amounts without or with tax, tax lines supplied or computed.

use rust_decimal::Decimal;

use super::{Rate, Tax, TaxLine, calculating, code, sales_rates};
use crate::company::Company;
use crate::fault::Fault;
use crate::fields;
use crate::json::Json;
use crate::money::{half_up, share, tax};
use crate::receipt::{self, Detail, Line};
use crate::switches::{InclusiveAmount, Rounding};

/// An item line's part in the tax.
struct Taxed {
    place: usize,
    /// Net amount after discount.
    net: Decimal,
    rates: Vec<Rate>,
}

/// The tax of a receipt of a company outside the United States.
pub(super) fn of(values: &mut Json, lines: &mut [Line], company: &Company) -> Result<Tax, Fault> {
    let supplied = values.get("TxnTaxDetail").cloned();
    values.remove("TxnTaxDetail");
    if !company.uses_sales_tax() {
        return Ok(Tax::default());
    }
    let mode = values
        .said("GlobalTaxCalculation")
        .unwrap_or("TaxExcluded")
        .to_owned();
    if mode == "NotApplicable" && supplied.is_some() {
        return Err(Fault::validation(
            "6170",
            "Invalid TxnTaxDetail Error",
            "TxnTaxDetail is not allowed when GlobalTaxCalculation is NotApplicable.",
        ));
    }
    if supplied
        .as_ref()
        .is_some_and(|detail| detail.get("TxnTaxCodeRef").is_some())
    {
        return Err(Fault::validation(
            "6160",
            "Invalid TaxCodeRef Error",
            "TxnTaxCodeRef is supported for US companies only.",
        ));
    }
    values.set("GlobalTaxCalculation", Json::text(&mode));
    let day = values.said("TxnDate").unwrap_or_default().to_owned();
    let mut taxed = taxed_lines(lines, company, &day)?;
    if mode == "NotApplicable" {
        return Ok(Tax::default());
    }
    if mode == "TaxInclusive" {
        make_net(lines, &mut taxed, company);
    }
    take_off(receipt::discount(lines), &mut taxed);
    let native = native(lines, &taxed, &mode, company);
    match supplied {
        Some(detail) => supplied_tax(&detail, native, lines, company),
        None => Ok(native),
    }
}

/// The item lines with the rates of their codes. Every one needs a code; the pseudo codes of the United States are unknown here.
fn taxed_lines(lines: &[Line], company: &Company, day: &str) -> Result<Vec<Taxed>, Fault> {
    let mut taxed = Vec::with_capacity(lines.len());
    for (place, line) in lines.iter().enumerate() {
        let Detail::Item {
            tax_code,
            item_tax_code,
            ..
        } = &line.detail
        else {
            continue;
        };
        let from_item = item_tax_code
            .as_ref()
            .filter(|_| company.switches.line_takes_items_code);
        let Some(id) = tax_code.as_ref().or(from_item) else {
            return Err(no_code(company));
        };
        let code = code(company, id)?;
        taxed.push(Taxed {
            place,
            net: line.amount,
            rates: sales_rates(company, code, day),
        });
    }
    Ok(taxed)
}

fn no_code(company: &Company) -> Fault {
    match company.country() {
        "CA" => {
            Fault::business("Make sure all your transactions have a GST/HST rate before you save.")
        }
        "GB" => Fault::business("Make sure all your transactions have a VAT rate before you save."),
        _ => Fault::business(
            "One or more transaction lines do not have a tax code associated with it. Please assign a tax code for those lines",
        ),
    }
}

/// Tax-inclusive: the lines' amounts become net, and what they cost with tax is kept beside them.
///
/// The net of a line is its gross divided by one plus its rates, rounded half up; the document's tax is what is left
/// (recorded documents of Australian and Ontarian companies).
fn make_net(lines: &mut [Line], taxed: &mut [Taxed], company: &Company) {
    for part in taxed {
        let line = &mut lines[part.place];
        let Detail::Item {
            with_tax, values, ..
        } = &mut line.detail
        else {
            continue;
        };
        let factor = Decimal::ONE
            + part.rates.iter().map(|rate| rate.percent).sum::<Decimal>() / Decimal::ONE_HUNDRED;
        if company.switches.inclusive_amount_is == InclusiveAmount::Gross {
            let gross = with_tax.unwrap_or(line.amount);
            *with_tax = Some(gross);
            line.amount = half_up(gross / factor, 2);
            if let Some(quantity) = values
                .get("Qty")
                .and_then(Json::as_number)
                .filter(|quantity| !quantity.is_zero())
            {
                values.set(
                    "UnitPrice",
                    Json::Number(half_up(line.amount / quantity, 7).normalize()),
                );
            }
        } else if with_tax.is_none() {
            *with_tax = Some(half_up(line.amount * factor, 2));
        }
        part.net = line.amount;
    }
}

/// Spreads a document's discount over its lines by their nets. How QuickBooks spreads it is not documented.
fn take_off(discount: Decimal, taxed: &mut [Taxed]) {
    if discount.is_zero() {
        return;
    }
    let nets: Vec<Decimal> = taxed.iter().map(|part| part.net).collect();
    for (part, off) in taxed.iter_mut().zip(share(discount, &nets)) {
        part.net -= off;
    }
}

/// What QuickBooks works out by itself.
fn native(lines: &[Line], taxed: &[Taxed], mode: &str, company: &Company) -> Tax {
    let mut tax_lines: Vec<TaxLine> = Vec::new();
    for part in taxed {
        for rate in &part.rates {
            let of_line = tax(part.net, rate.percent);
            match tax_lines.iter_mut().find(|line| line.rate == *rate) {
                Some(line) => {
                    line.base += part.net;
                    line.amount += of_line;
                }
                None => tax_lines.push(TaxLine {
                    rate: rate.clone(),
                    amount: of_line,
                    base: part.net,
                }),
            }
        }
    }
    if company.switches.rounding == Rounding::PerRateTotal {
        for line in &mut tax_lines {
            line.amount = tax(line.base, line.rate.percent);
        }
    }
    if mode == "TaxInclusive" && receipt::discount(lines).is_zero() {
        let left: Decimal = taxed
            .iter()
            .map(|part| match &lines[part.place].detail {
                Detail::Item {
                    with_tax: Some(with_tax),
                    ..
                } => with_tax - part.net,
                _ => Decimal::ZERO,
            })
            .sum();
        let weights: Vec<Decimal> = tax_lines
            .iter()
            .map(|line| line.base * line.rate.percent)
            .collect();
        for (line, amount) in tax_lines.iter_mut().zip(share(left, &weights)) {
            line.amount = amount;
        }
    }
    Tax::of_lines(None, tax_lines)
}

/// Tax lines that came with the request: one for every rate of every code that is used, and no other.
fn supplied_tax(
    detail: &Json,
    native: Tax,
    lines: &[Line],
    company: &Company,
) -> Result<Tax, Fault> {
    let total = detail.get("TotalTax").and_then(fields::number);
    let sent = detail.get("TaxLine").map(Json::items).unwrap_or_default();
    let strict = company.switches.total_tax_must_add_up;
    if sent.is_empty() {
        return if strict && total.is_some_and(|total| total != native.total) {
            Err(calculating(company))
        } else {
            Ok(native)
        };
    }
    let locked = lines.iter().any(|line| matches!(&line.detail, Detail::Item { tax_code: Some(code), .. } if company.switches.override_locked_codes.contains(code)));
    if locked {
        return Err(calculating(company));
    }
    let mut taken: Vec<TaxLine> = Vec::with_capacity(sent.len());
    for line in sent {
        let values = line
            .get("TaxLineDetail")
            .ok_or_else(|| Fault::missing("TaxLineDetail"))?;
        let id = values
            .refers("TaxRateRef")
            .ok_or_else(|| Fault::missing("TaxRateRef"))?;
        let amount = half_up(
            line.get("Amount")
                .and_then(fields::number)
                .ok_or_else(|| Fault::missing("TaxLine.Amount"))?,
            2,
        );
        if company.books.find(crate::kind::Kind::TaxRate, id).is_none() {
            return Err(Fault::validation(
                "2500",
                "Invalid Reference Id",
                "Invalid Reference Id : TaxRate",
            ));
        }
        let Some(own) = native.lines.iter().find(|line| line.rate.id == id) else {
            return Err(calculating(company));
        };
        if taken.iter().any(|other| other.rate.id == id) {
            return Err(calculating(company));
        }
        let base = values
            .get("NetAmountTaxable")
            .and_then(fields::number)
            .unwrap_or(own.base);
        let untaxed = own.rate.percent.is_zero();
        let needless = amount.is_zero()
            && !untaxed
            && !base.is_zero()
            && company.switches.zero_tax_needs_zero_base;
        if needless || (untaxed && !amount.is_zero()) {
            return Err(calculating(company));
        }
        taken.push(TaxLine {
            rate: own.rate.clone(),
            amount,
            base,
        });
    }
    let missing = native.lines.iter().any(|own| {
        let optional = own.rate.percent.is_zero() && !company.switches.zero_rate_line_required;
        !optional && !taken.iter().any(|line| line.rate.id == own.rate.id)
    });
    let tax = Tax::of_lines(None, taken);
    if missing || (strict && total.is_some_and(|total| total != tax.total)) {
        return Err(calculating(company));
    }
    Ok(tax)
}
