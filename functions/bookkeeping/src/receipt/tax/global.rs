//! Tax outside the United States: a code on every line, and the amount charged under every rate of every code.

use jiff::civil::Date;

use super::{DraftTax, Drawn, LineTax, Question, TaxLine};
use crate::company::TaxCode;
use crate::ids::TaxRateId;
use crate::money::{Amount, Currency};
use crate::reason::{Reason, ReasonCode};
use crate::receipt::too_large;

/// Places every tax under its rate, as it was charged.
pub(super) fn draw(question: Question<'_>) -> Result<Drawn, Reason> {
    let mut sheet = Sheet::new(question.payment.currency, question.day);
    let by_line = question.by_line(|line| {
        let code = if line.taxes.is_empty() {
            question.untaxed_code(line)?
        } else {
            question.taxed_code(line)?
        };
        Ok(LineTax::Code(code.id.clone()))
    })?;
    for ((line, part), tax) in question
        .payment
        .lines
        .iter()
        .zip(&question.parts.lines)
        .zip(&by_line)
    {
        let Some(LineTax::Code(code)) = tax else {
            continue;
        };
        let code = question
            .connection
            .company
            .tax_code(code)
            .ok_or_else(|| question.unmapped(line))?;
        question.check_rates(line, code)?;
        sheet
            .use_code(code, part.net)
            .ok_or_else(|| too_large(question.payment))?;
    }
    sheet.charge_all(question)?;
    sheet.clear_untaxed_bases();
    let tax = match sheet.lines {
        lines if lines.is_empty() => DraftTax::None,
        lines => DraftTax::Global(lines),
    };
    Ok(Drawn {
        by_line,
        tax,
        extra: Vec::new(),
        remarks: Vec::new(),
    })
}

/// The tax lines being added up, one per rate in order of first appearance.
pub(super) struct Sheet {
    currency: Currency,
    day: Date,
    pub lines: Vec<TaxLine>,
}

impl Sheet {
    pub fn new(currency: Currency, day: Date) -> Self {
        Self {
            currency,
            day,
            lines: Vec::new(),
        }
    }

    /// A line of this net stands under this code: each of its rates gets a line and the net as base.
    ///
    /// `None` where a base is more than can be held.
    pub fn use_code(&mut self, code: &TaxCode, net: Amount) -> Option<()> {
        let zero = Amount::zero(self.currency);
        for rate in &code.rates {
            let at = match self.lines.iter().position(|line| line.rate == rate.id) {
                Some(at) => at,
                None => {
                    self.lines.push(TaxLine {
                        rate: rate.id.clone(),
                        percent: rate.percent_on(self.day),
                        base: zero,
                        amount: zero,
                    });
                    self.lines.len() - 1
                }
            };
            self.lines[at].base = self.lines[at].base.checked_add(net).ok()?;
        }
        Some(())
    }

    /// Adds every tax under the rate it is mapped to.
    pub fn charge_all(&mut self, question: Question<'_>) -> Result<(), Reason> {
        for tax in &question.parts.taxes {
            let by_rate = tax.split(|at| {
                let line = &question.payment.lines[at];
                let of_line = line.taxes.iter().find(|other| other.id == *tax.id);
                of_line.map_or_else(
                    || Err(question.unmapped(line)),
                    |of_line| question.rate(at, of_line),
                )
            })?;
            for (rate, amount) in by_rate.into_iter().filter(|(_, amount)| !amount.is_zero()) {
                self.charge(&rate, amount).ok_or_else(|| {
                    // A tax, and no line under a code that has it.
                    Reason::new(ReasonCode::FiguresDisagree)
                        .with("captured", amount)
                        .with("lines", tax.name)
                })?;
            }
        }
        Ok(())
    }

    /// Adds an amount charged under a rate; `None` where no code on the lines has that rate.
    fn charge(&mut self, rate: &TaxRateId, amount: Amount) -> Option<()> {
        let line = self.lines.iter_mut().find(|line| line.rate == *rate)?;
        line.amount = line.amount.checked_add(amount).ok()?;
        Some(())
    }

    /// A taxed base without a tax amount is refused with 6000; seen on Quebec production, August 2026.
    pub fn clear_untaxed_bases(&mut self) {
        for line in self
            .lines
            .iter_mut()
            .filter(|line| line.amount.is_zero() && !line.percent.decimal().is_zero())
        {
            line.base = Amount::zero(self.currency);
        }
    }
}
