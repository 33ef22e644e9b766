//! Tax on a receipt: which code on which line, which amount under which rate.

mod global;
mod lines;
mod united_states;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::asked::{refuse_stale, treatment, unmapped};
use super::parts::Parts;
use super::{DraftLine, too_large};
use crate::company::{TaxCode, TaxModel};
use crate::connection::Connection;
use crate::ids::{TaxCodeId, TaxRateId};
use crate::money::{Amount, Currency, MoneyError, Percent};
use crate::reason::{Reason, ReasonCode};
use crate::settings::AutomatedTax;
use crate::transaction::{Line, Payment, Tax};

/// How one line is taxed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineTax {
    /// Under a code of the company.
    Code(TaxCodeId),
    /// `TAX`: taxed under the document's code (United States).
    Tax,
    /// `NON`: not taxed (United States).
    Non,
    /// Nothing said: sales tax is off in this company.
    Off,
}

/// The tax of a whole receipt.
#[derive(Clone, Debug, PartialEq)]
pub enum DraftTax {
    /// None is sent.
    None,
    /// Amounts by rate; every rate of every code on the lines stands here, at zero where nothing was charged.
    ///
    /// A code's rates must all be sent even where only one carries an amount, else QuickBooks answers 6000
    /// "error while calculating tax". Source: Intuit, "Manage sales tax for non-US locales".
    Global(Vec<TaxLine>),
    /// One code for the document and the amounts of its rates (United States).
    UnitedStates {
        /// The document's code.
        code: TaxCodeId,
        /// Its rates with their amounts.
        lines: Vec<TaxLine>,
    },
}

/// The tax of one rate.
#[derive(Clone, Debug, PartialEq)]
pub struct TaxLine {
    /// The rate.
    pub rate: TaxRateId,
    /// Percent, exact.
    pub percent: Percent,
    /// The net amount it was charged on.
    pub base: Amount,
    /// The amount charged.
    pub amount: Amount,
}

impl DraftTax {
    /// All tax together.
    ///
    /// # Errors
    ///
    /// [`MoneyError`] where the sum does not fit; such figures are refused.
    pub fn total(&self, currency: Currency) -> Result<Amount, MoneyError> {
        let lines = match self {
            Self::None => &[][..],
            Self::Global(lines) | Self::UnitedStates { lines, .. } => lines,
        };
        Amount::sum(currency, lines.iter().map(|line| line.amount))
    }
}

/// What [`draw`] gives.
pub(super) struct Drawn {
    /// A tax for each line of the message; none for a discount that is taken off other lines.
    pub by_line: Vec<Option<LineTax>>,
    /// The receipt's tax.
    pub tax: DraftTax,
    /// Lines that stand for tax.
    pub extra: Vec<DraftLine>,
    /// What the private note says about it.
    pub remarks: Vec<String>,
}

/// Everything the tax of a receipt depends on.
#[derive(Clone, Copy)]
pub(super) struct Question<'a> {
    pub payment: &'a Payment,
    pub parts: &'a Parts<'a>,
    pub connection: &'a Connection,
    /// The day of the receipt, whose rates hold.
    pub day: Date,
}

/// Places every tax charged.
pub(super) fn draw(question: Question<'_>) -> Result<Drawn, Reason> {
    let automated = question.connection.settings.automated_tax;
    match question.connection.company.tax_model {
        TaxModel::Global => global::draw(question),
        TaxModel::UsManual => united_states::manual(question),
        TaxModel::UsAutomated if automated == AutomatedTax::Line => {
            lines::draw(question, &LineTax::Non)
        }
        TaxModel::UsAutomated => united_states::automated(question),
        TaxModel::Off => lines::draw(question, &LineTax::Off),
    }
}

impl<'a> Question<'a> {
    /// The tax for each line that stands on the receipt.
    fn by_line(
        self,
        tax: impl Fn(&'a Line) -> Result<LineTax, Reason>,
    ) -> Result<Vec<Option<LineTax>>, Reason> {
        let lines = self.payment.lines.iter().zip(&self.parts.lines);
        lines
            .map(|(line, part)| {
                if part.is_taken_off {
                    Ok(None)
                } else {
                    tax(line).map(Some)
                }
            })
            .collect()
    }

    /// All tax this payment covers.
    fn total(self) -> Result<Amount, Reason> {
        let taxes = self.parts.taxes.iter().map(|tax| tax.amount);
        Amount::sum(self.payment.currency, taxes).map_err(|_| too_large(self.payment))
    }

    /// The code that stands for a line's taxes.
    ///
    /// A code that is gone from the company is as good as no code: the operator chooses again.
    fn taxed_code(self, line: &Line) -> Result<&'a TaxCode, Reason> {
        let map = &self.connection.settings.tax_map;
        let row = map
            .row(&line.tax_set())
            .ok_or_else(|| self.unmapped(line))?;
        refuse_stale(row, line, self.payment, self.connection)?;
        self.connection
            .company
            .tax_code(&row.code)
            .ok_or_else(|| self.unmapped(line))
    }

    /// The code of a line without taxes.
    fn untaxed_code(self, line: &Line) -> Result<&'a TaxCode, Reason> {
        let map = &self.connection.settings.tax_map;
        map.untaxed(treatment(line))
            .and_then(|code| self.connection.company.tax_code(code))
            .ok_or_else(|| self.unmapped(line))
    }

    /// The rate under which one tax of the line at `at` is kept.
    ///
    /// A discount's tax is that of the lines it was taken off, whatever set of taxes it names itself.
    fn rate(self, at: usize, tax: &Tax) -> Result<TaxRateId, Reason> {
        let lines = &self.payment.lines;
        let line = &lines[at];
        let carries = |line: &&Line| line.taxes.iter().any(|other| other.id == tax.id);
        let part = |target: &usize| {
            self.parts.lines[*target]
                .taken
                .iter()
                .any(|(by, _)| *by == at)
        };
        let target = (0..lines.len())
            .filter(part)
            .map(|target| &lines[target])
            .find(carries);
        let line = target.unwrap_or(line);
        let row = self.connection.settings.tax_map.row(&line.tax_set());
        row.and_then(|row| row.rate(&tax.id))
            .cloned()
            .ok_or_else(|| self.unmapped(line))
    }

    /// The reason for a line whose taxes, or lack of them, have no code.
    fn unmapped(self, line: &Line) -> Reason {
        unmapped(line, self.payment, self.connection)
    }

    /// Checks that each tax of a line was charged at the rate it is mapped to, where MioCommerce says at which.
    fn check_rates(self, line: &Line, code: &TaxCode) -> Result<(), Reason> {
        let Some(row) = self.connection.settings.tax_map.row(&line.tax_set()) else {
            return Ok(());
        };
        for tax in &line.taxes {
            let mapped = row.rate(&tax.id);
            let rate = code.rates.iter().find(|rate| Some(&rate.id) == mapped);
            let theirs = rate
                .ok_or_else(|| self.unmapped(line))?
                .percent_on(self.day);
            if let Some(ours) = tax.rate.filter(|ours| *ours != theirs) {
                return Err(Reason::new(ReasonCode::TaxRateDiffers)
                    .with("tax", &tax.name)
                    .with("ours", ours)
                    .with("theirs", theirs));
            }
        }
        Ok(())
    }
}
