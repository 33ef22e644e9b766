//! Tax in the United States: lines say TAX or NON, one code for the document, tax automated or manual.

use rust_decimal::Decimal;

use super::{Tax, TaxLine, calculating, code, sales_rates};
use crate::books::Record;
use crate::company::Company;
use crate::fault::Fault;
use crate::fields;
use crate::json::Json;
use crate::kind::Kind;
use crate::money::{half_up, share, tax};
use crate::receipt::{self, Detail, Line};

/// The tax of a receipt of a company in the United States.
pub(super) fn of(
    values: &mut Json,
    lines: &mut [Line],
    company: &Company,
    is_update: bool,
) -> Result<Tax, Fault> {
    let supplied = values.get("TxnTaxDetail").cloned();
    values.remove("TxnTaxDetail");
    // The field is not for US companies: a tax-inclusive request is refused, the rest is left out.
    if values.said("GlobalTaxCalculation") == Some("TaxInclusive") {
        return Err(Fault::business(
            "Tax inclusive calculation is not supported for US companies.",
        ));
    }
    values.remove("GlobalTaxCalculation");
    let taxable = taxable(lines, company)?;
    if !company.uses_sales_tax() {
        return Ok(Tax::default());
    }
    let wanted = supplied
        .as_ref()
        .and_then(|detail| detail.refers("TxnTaxCodeRef"))
        .map(|id| document_code(company, id, is_update))
        .transpose()?;
    let base = base(taxable, lines, values);
    let day = values.said("TxnDate").unwrap_or_default();
    if base.is_zero() {
        return Ok(Tax {
            code: wanted.map(|code| code.id.clone()),
            ..Tax::default()
        });
    }
    if company.has_automated_tax() {
        Ok(automated(company, supplied.as_ref(), wanted, base, day))
    } else {
        manual(company, supplied.as_ref(), wanted, base, day)
    }
}

/// Checks the lines' codes, fills in missing ones, and gives the sum of the taxable lines.
fn taxable(lines: &mut [Line], company: &Company) -> Result<Decimal, Fault> {
    let mut sum = Decimal::ZERO;
    for line in lines {
        let Detail::Item {
            values, tax_code, ..
        } = &mut line.detail
        else {
            continue;
        };
        let code = match tax_code.as_deref() {
            Some(code @ ("TAX" | "NON")) => code.to_owned(),
            Some(other) => {
                return Err(Fault::validation(
                    "6100",
                    "Invalid Line TaxCode in the request",
                    format!(
                        "Valid line TaxCodes for US should be TAX or NON. Supplied value: {other}"
                    ),
                ));
            }
            // Since August 2018 a line without a code is taxable where tax is automated, and NON elsewhere.
            None if company.has_automated_tax() => "TAX".to_owned(),
            None => "NON".to_owned(),
        };
        if code == "TAX" {
            sum += line.amount;
        }
        values.set("TaxCodeRef", Json::object([("value", Json::text(&code))]));
        *tax_code = Some(code);
    }
    Ok(sum)
}

/// The document's tax code. `CustomSalesTax` marks old transactions and cannot be used.
fn document_code<'a>(company: &'a Company, id: &str, is_update: bool) -> Result<&'a Record, Fault> {
    if matches!(id, "CustomSalesTax" | "TAX" | "NON") {
        let code = if is_update { "6230" } else { "6160" };
        return Err(Fault::validation(
            code,
            "Invalid TaxCodeRef Error",
            format!("{id} cannot be used as a transaction's tax code."),
        ));
    }
    code(company, id)
}

/// What tax is worked out on: the whole of the taxable lines, or what the discount leaves of them.
fn base(taxable: Decimal, lines: &[Line], values: &Json) -> Decimal {
    let after_discount = values
        .get("ApplyTaxAfterDiscount")
        .and_then(Json::as_bool)
        .unwrap_or(false);
    let subtotal = receipt::subtotal(lines);
    if !after_discount || subtotal.is_zero() {
        return taxable;
    }
    taxable - half_up(receipt::discount(lines) * taxable / subtotal, 2)
}

/// Automated: QuickBooks picks the code by address. A supplied total is taken, or not (the evidence is split).
fn automated(
    company: &Company,
    supplied: Option<&Json>,
    wanted: Option<&Record>,
    base: Decimal,
    day: &str,
) -> Tax {
    let own = company
        .books
        .all(Kind::TaxCode)
        .find(|code| code.active && code.text_at("TaxCodeConfigType") == Some("SYSTEM_GENERATED"));
    let total = supplied
        .and_then(|detail| detail.get("TotalTax"))
        .and_then(fields::number);
    match (wanted, total) {
        (Some(code), Some(total)) if company.switches.ast_honours_override => {
            prorated(company, code, total, base, day)
        }
        _ => own.map_or_else(Tax::default, |code| computed(company, code, base, day)),
    }
}

/// Manual: tax lines are stored as they are given, with the code's own rates; a code alone is computed, or gives nothing.
fn manual(
    company: &Company,
    supplied: Option<&Json>,
    wanted: Option<&Record>,
    base: Decimal,
    day: &str,
) -> Result<Tax, Fault> {
    let (Some(detail), Some(code)) = (supplied, wanted) else {
        return Ok(Tax::default());
    };
    let total = detail.get("TotalTax").and_then(fields::number);
    let sent = detail.get("TaxLine").map(Json::items).unwrap_or_default();
    if sent.is_empty() {
        return Ok(match total {
            Some(total) => prorated(company, code, total, base, day),
            None if company.switches.us_code_alone_computes => computed(company, code, base, day),
            None => Tax {
                code: Some(code.id.clone()),
                ..Tax::default()
            },
        });
    }
    let rates = sales_rates(company, code, day);
    let mut lines = Vec::with_capacity(sent.len());
    for (index, line) in sent.iter().enumerate() {
        let amount = line
            .get("Amount")
            .and_then(fields::number)
            .ok_or_else(|| Fault::missing("TaxLine.Amount"))?;
        let id = line
            .at("TaxLineDetail.TaxRateRef.value")
            .and_then(Json::as_text);
        // A rate that is none of the code's is replaced by the code's without a word (seen in 2026).
        let Some(rate) = rates
            .iter()
            .find(|rate| Some(rate.id.as_str()) == id)
            .or_else(|| rates.get(index))
            .or(rates.first())
        else {
            continue;
        };
        lines.push(TaxLine {
            rate: rate.clone(),
            amount: half_up(amount, 2),
            base,
        });
    }
    let tax = Tax::of_lines(Some(code.id.clone()), lines);
    if company.switches.total_tax_must_add_up && total.is_some_and(|total| total != tax.total) {
        return Err(calculating(company));
    }
    Ok(tax)
}

/// Each rate of the code on the base.
fn computed(company: &Company, code: &Record, base: Decimal, day: &str) -> Tax {
    let lines = sales_rates(company, code, day)
        .into_iter()
        .map(|rate| TaxLine {
            amount: tax(base, rate.percent),
            base,
            rate,
        });
    Tax::of_lines(Some(code.id.clone()), lines.collect())
}

/// A given total shared out over the code's rates, by rate.
fn prorated(company: &Company, code: &Record, total: Decimal, base: Decimal, day: &str) -> Tax {
    let rates = sales_rates(company, code, day);
    let weights: Vec<Decimal> = rates.iter().map(|rate| rate.percent).collect();
    let total = half_up(total, 2);
    let lines: Vec<TaxLine> = rates
        .into_iter()
        .zip(share(total, &weights))
        .map(|(rate, amount)| TaxLine { rate, amount, base })
        .collect();
    Tax {
        code: Some(code.id.clone()),
        total,
        lines,
        extra: Decimal::ZERO,
    }
}
