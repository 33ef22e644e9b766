//! Tax on a receipt: which code on which line, which amount under which rate.

use std::collections::BTreeSet;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::asked::{refuse_stale, unmapped};
use super::{DraftLine, is_united_states, untaxed_code};
use crate::company::{TaxCode, TaxModel};
use crate::connection::Connection;
use crate::ids::{TaxCodeId, TaxRateId};
use crate::money::{Amount, Currency, MoneyError, Percent};
use crate::reason::{Reason, ReasonCode};
use crate::transaction::Payment;

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

/// What [`draw`] gives: a tax for each line, the receipt's tax, and lines that stand for tax.
pub(super) struct Drawn {
    pub by_line: Vec<LineTax>,
    pub tax: DraftTax,
    pub extra: Vec<DraftLine>,
}

/// Places every tax charged.
pub(super) fn draw(
    payment: &Payment,
    nets: &[Amount],
    connection: &Connection,
) -> Result<Drawn, Reason> {
    match connection.company.tax_model {
        TaxModel::Off => off(payment, connection),
        model => mapped(payment, nets, connection, is_united_states(model)),
    }
}

fn mapped(
    payment: &Payment,
    nets: &[Amount],
    connection: &Connection,
    us: bool,
) -> Result<Drawn, Reason> {
    let mut sheet = Sheet {
        currency: payment.currency,
        lines: Vec::new(),
    };
    let mut codes: Vec<TaxCodeId> = Vec::new();
    let mut by_line = Vec::with_capacity(payment.lines.len());
    for (line, net) in payment.lines.iter().zip(nets) {
        if us && line.taxes.is_empty() {
            by_line.push(LineTax::Non);
            continue;
        }
        let row = match line.taxes.is_empty() {
            true => None,
            false => Some(
                connection
                    .settings
                    .tax_map
                    .row(&line.tax_set())
                    .ok_or_else(|| unmapped(line, payment, connection))?,
            ),
        };
        let code_id = match row {
            Some(row) => row.code.clone(),
            None => untaxed_code(line, payment, connection)?,
        };
        if let Some(row) = row {
            refuse_stale(row, line, payment, connection)?;
        }
        // A code that is gone from the company is as good as no code: the operator chooses again.
        let code = connection
            .company
            .tax_code(&code_id)
            .ok_or_else(|| unmapped(line, payment, connection))?;
        sheet.use_code(code, *net)?;
        for tax in &line.taxes {
            let rate = row
                .and_then(|row| row.rate(&tax.id))
                .ok_or_else(|| unmapped(line, payment, connection))?;
            sheet
                .charge(rate, tax.amount)
                .ok_or_else(|| unmapped(line, payment, connection))?;
        }
        if !codes.contains(&code_id) {
            codes.push(code_id.clone());
        }
        by_line.push(if us {
            LineTax::Tax
        } else {
            LineTax::Code(code_id)
        });
    }
    sheet.clear_untaxed_bases();
    let tax = match (us, codes.as_slice()) {
        (_, []) => DraftTax::None,
        (true, [code]) => DraftTax::UnitedStates {
            code: code.clone(),
            lines: sheet.lines,
        },
        // One code a document is all the model has: two jurisdictions on one receipt need a rule of their own.
        (true, _) => {
            return Err(Reason::new(ReasonCode::NotYetSupported).with("what", "two tax sets"));
        }
        (false, _) if sheet.lines.is_empty() => DraftTax::None,
        (false, _) => DraftTax::Global(sheet.lines),
    };
    Ok(Drawn {
        by_line,
        tax,
        extra: Vec::new(),
    })
}

/// Sales tax is off: what was collected becomes a line per tax, booked to a liability.
fn off(payment: &Payment, connection: &Connection) -> Result<Drawn, Reason> {
    let mut extra: Vec<DraftLine> = Vec::new();
    for tax in payment.lines.iter().flat_map(|line| &line.taxes) {
        let item = connection.settings.items.tax.as_ref();
        let item = item.ok_or_else(|| Reason::new(ReasonCode::ItemMissing).with("kind", "tax"))?;
        let same = extra
            .iter_mut()
            .find(|line| line.description.as_deref() == Some(&tax.name));
        let line = match same {
            Some(line) => line,
            None => {
                extra.push(DraftLine {
                    item: item.clone(),
                    amount: Amount::zero(payment.currency),
                    quantity: Decimal::ONE,
                    unit_price: Decimal::ZERO,
                    tax: LineTax::Off,
                    description: Some(tax.name.clone()),
                    service_date: None,
                    tip: false,
                });
                extra.last_mut().expect("just pushed")
            }
        };
        line.amount = add(line.amount, tax.amount)?;
        line.unit_price = line.amount.to_decimal();
    }
    Ok(Drawn {
        by_line: vec![LineTax::Off; payment.lines.len()],
        tax: DraftTax::None,
        extra,
    })
}

/// The tax lines being added up, one per rate in order of first appearance.
struct Sheet {
    currency: Currency,
    lines: Vec<TaxLine>,
}

impl Sheet {
    /// A line of this net stands under this code: each of its rates gets a line and the net as base.
    fn use_code(&mut self, code: &TaxCode, net: Amount) -> Result<(), Reason> {
        let rates: BTreeSet<&TaxRateId> = code.rates.iter().map(|rate| &rate.id).collect();
        for rate in &code.rates {
            if !self.lines.iter().any(|line| line.rate == rate.id) {
                let zero = Amount::zero(self.currency);
                let line = TaxLine {
                    rate: rate.id.clone(),
                    percent: rate.percent,
                    base: zero,
                    amount: zero,
                };
                self.lines.push(line);
            }
        }
        for line in self
            .lines
            .iter_mut()
            .filter(|line| rates.contains(&line.rate))
        {
            line.base = add(line.base, net)?;
        }
        Ok(())
    }

    /// A taxed base without a tax amount is refused with 6000; seen on Quebec production, August 2026.
    fn clear_untaxed_bases(&mut self) {
        for line in self
            .lines
            .iter_mut()
            .filter(|line| line.amount.is_zero() && !line.percent.decimal().is_zero())
        {
            line.base = Amount::zero(self.currency);
        }
    }

    /// Adds an amount charged under a rate; `None` where no code on the lines has that rate.
    fn charge(&mut self, rate: &TaxRateId, amount: Amount) -> Option<()> {
        let line = self.lines.iter_mut().find(|line| line.rate == *rate)?;
        line.amount = add(line.amount, amount).ok()?;
        Some(())
    }
}

fn add(a: Amount, b: Amount) -> Result<Amount, Reason> {
    a.checked_add(b).map_err(|_| {
        Reason::new(ReasonCode::FiguresDisagree)
            .with("captured", a)
            .with("lines", b)
    })
}
