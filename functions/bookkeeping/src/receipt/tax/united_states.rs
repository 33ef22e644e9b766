//! Tax in the United States: lines say `TAX` or `NON`, one code for the document, its amounts as they were charged.

use jiff::civil::Date;

use super::global::Sheet;
use super::{DraftTax, Drawn, LineTax, Question, TaxLine, lines};
use crate::company::TaxCode;
use crate::ids::TaxCodeId;
use crate::money::Amount;
use crate::reason::{Reason, ReasonCode};
use crate::receipt::too_large;
use crate::shares::apportion;
use crate::transaction::Line;

/// A company whose tax we give: every set of taxes is mapped, and QuickBooks keeps the amounts as they are sent.
///
/// Source: reports of 2026 on a company in this mode; the documentation only speaks of computing.
pub(super) fn manual(question: Question<'_>) -> Result<Drawn, Reason> {
    let mut codes: Vec<(&TaxCode, Amount)> = Vec::new();
    for (at, line) in taxed(question) {
        let code = question.taxed_code(line)?;
        question.check_rates(line, code)?;
        weigh(&mut codes, code, at, question)?;
    }
    draw(question, &codes)
}

/// A company whose tax QuickBooks works out: no map is needed, and our amount asks to stand instead of QuickBooks' own.
///
/// An override needs a code and a total; which code does not matter, because QuickBooks takes the one of the address. But
/// our amount is divided over its rates, so that it must have one above nought.
/// Source: an Intuit engineer's answer on the SDK for PHP, 2019, and Intuit's sample of the same year.
pub(super) fn automated(question: Question<'_>) -> Result<Drawn, Reason> {
    let charges = |code: &&TaxCode| {
        let mut rates = code.rates.iter();
        code.usable() && rates.any(|rate| !rate.percent_on(question.day).decimal().is_zero())
    };
    let codes = &question.connection.company.tax_codes;
    let any = codes.iter().find(charges);
    let mut codes: Vec<(&TaxCode, Amount)> = Vec::new();
    for (at, line) in taxed(question) {
        let code = question
            .taxed_code(line)
            .ok()
            .or(any)
            .ok_or_else(|| question.unmapped(line))?;
        weigh(&mut codes, code, at, question)?;
    }
    draw(question, &codes)
}

/// The lines that carry taxes.
fn taxed<'a>(question: Question<'a>) -> impl Iterator<Item = (usize, &'a Line)> {
    let lines = question.payment.lines.iter().zip(&question.parts.lines);
    lines
        .enumerate()
        .filter(|(_, (line, part))| !line.taxes.is_empty() && !part.is_taken_off)
        .map(|(at, (line, _))| (at, line))
}

/// Adds what a line was charged to its code's weight.
fn weigh<'a>(
    codes: &mut Vec<(&'a TaxCode, Amount)>,
    code: &'a TaxCode,
    at: usize,
    question: Question<'_>,
) -> Result<(), Reason> {
    let taxes = question.payment.lines[at]
        .taxes
        .iter()
        .map(|tax| tax.amount);
    let charged =
        Amount::sum(question.payment.currency, taxes).map_err(|_| too_large(question.payment))?;
    match codes.iter_mut().find(|(other, _)| other.id == code.id) {
        Some((_, weight)) => {
            *weight = weight
                .checked_add(charged)
                .map_err(|_| too_large(question.payment))?
        }
        None => codes.push((code, charged)),
    }
    Ok(())
}

fn draw(question: Question<'_>, codes: &[(&TaxCode, Amount)]) -> Result<Drawn, Reason> {
    let total = question.total()?;
    // The code with the most tax stands for the document, the first of equals; the model has room for one.
    let heaviest = codes.iter().rev().max_by_key(|(_, weight)| weight.minor());
    if total.is_zero() {
        return untaxed(question);
    }
    let Some((code, _)) = heaviest else {
        // A tax, and no line that has it.
        return Err(Reason::new(ReasonCode::FiguresDisagree)
            .with("captured", total)
            .with("lines", Amount::zero(total.currency())));
    };
    let taxable = taxed(question).map(|(at, _)| question.parts.lines[at].net);
    let base =
        Amount::sum(question.payment.currency, taxable).map_err(|_| too_large(question.payment))?;
    if base.is_zero() {
        // QuickBooks makes no tax of nothing, and there is some: a coupon leaves it due, or it is a first cent.
        let mut drawn = lines::draw(question, &LineTax::Non)?;
        drawn
            .remarks
            .push(format!("tax {total} on nothing, kept on a line of its own"));
        return Ok(drawn);
    }
    let by_line = question.by_line(|line| {
        Ok(if line.taxes.is_empty() {
            LineTax::Non
        } else {
            LineTax::Tax
        })
    })?;
    let lines = match by_rate(question, code) {
        Some(lines) => lines,
        None => by_percent(code, question.day, base, total)?,
    };
    let remarks = match codes {
        [_] => Vec::new(),
        several => vec![format!("{} sets of taxes under one code", several.len())],
    };
    Ok(Drawn {
        by_line,
        tax: DraftTax::UnitedStates {
            code: TaxCodeId::clone(&code.id),
            lines,
        },
        extra: Vec::new(),
        remarks,
    })
}

/// Every line `NON` and nothing else: a tax block of nothing is left out.
fn untaxed(question: Question<'_>) -> Result<Drawn, Reason> {
    Ok(Drawn {
        by_line: question.by_line(|_| Ok(LineTax::Non))?,
        tax: DraftTax::None,
        extra: Vec::new(),
        remarks: Vec::new(),
    })
}

/// The amounts under the rates they were charged at, where every tax is mapped to a rate of this code.
fn by_rate(question: Question<'_>, code: &TaxCode) -> Option<Vec<TaxLine>> {
    let mut sheet = Sheet::new(question.payment.currency, question.day);
    for (at, _) in taxed(question) {
        sheet.use_code(code, question.parts.lines[at].net)?;
    }
    sheet.charge_all(question).ok()?;
    sheet.clear_untaxed_bases();
    Some(sheet.lines)
}

/// All tax divided over a code's rates by their percent.
fn by_percent(
    code: &TaxCode,
    day: Date,
    base: Amount,
    total: Amount,
) -> Result<Vec<TaxLine>, Reason> {
    let refused = || {
        Reason::new(ReasonCode::FiguresDisagree)
            .with("captured", total)
            .with("lines", &code.name)
    };
    let units = u64::try_from(total.minor()).map_err(|_| refused())?;
    // Percent have at most six decimals, so this is exact.
    let percents: Vec<u64> = code
        .rates
        .iter()
        .map(|rate| {
            u64::try_from(
                (rate.percent_on(day).decimal() * rust_decimal::Decimal::from(1_000_000))
                    .normalize()
                    .mantissa(),
            )
            .ok()
        })
        .collect::<Option<_>>()
        .ok_or_else(refused)?;
    let whole: u64 = percents.iter().sum();
    // Shares go by proportion: as many times the percents as it takes to have a unit for each of the tax's.
    let times = units.checked_div(whole).ok_or_else(refused)? + 1;
    let weights: Vec<u64> = percents.iter().map(|percent| percent * times).collect();
    let amounts = apportion(&weights, units).map_err(|_| refused())?;
    let zero = Amount::zero(total.currency());
    code.rates
        .iter()
        .zip(amounts)
        .map(|(rate, amount)| {
            let amount = Amount::from_minor(
                i64::try_from(amount).map_err(|_| refused())?,
                total.currency(),
            );
            Ok(TaxLine {
                rate: rate.id.clone(),
                percent: rate.percent_on(day),
                base: if amount.is_zero() { zero } else { base },
                amount,
            })
        })
        .collect()
}
