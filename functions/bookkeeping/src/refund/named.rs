//! The tax of a refund that nobody else can name, as the operator names it: the whole refund is one line of services.

use jiff::civil::Date;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::{Deserialize, Serialize};

use super::Drawing;
use super::posted::{Posted, PostedLine, PostedTax};
use crate::company::{Company, TaxCode, TaxModel};
use crate::ids::{ItemId, LineId, TaxCodeId, TaxId};
use crate::money::Amount;
use crate::reason::{Reason, ReasonCode};
use crate::receipt::{LineTax, ReceiptDraft};
use crate::shares::apportion;
use crate::transaction::{Line, LineKind, Tax};

/// What the operator says of a refund's tax.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NamedTax {
    /// It stands under this code of the company: what of the money was tax follows from the code's rates.
    Code(TaxCodeId),
    /// So much of the money was tax, in minor units: where QuickBooks works out taxes itself, or keeps none.
    Amount(i64),
}

impl NamedTax {
    /// Whether a company's refunds are named by a code; else by an amount.
    #[must_use]
    pub fn is_by_code(company: &Company) -> bool {
        matches!(company.tax_model, TaxModel::Global | TaxModel::UsManual)
    }

    /// The codes a refund may be named by. One whose rates are charged on each other says nothing of their shares.
    pub fn codes(company: &Company) -> impl Iterator<Item = &TaxCode> {
        let plain = |code: &&TaxCode| code.usable() && !code.rates.iter().any(|rate| rate.compound);
        company.tax_codes.iter().filter(plain)
    }

    /// The parts of money that stands under a code: the net, then the tax of each of its rates on that day, in minor units.
    ///
    /// # Errors
    ///
    /// A [`Reason`] of the developers': an amount that cannot be held.
    pub fn parts(code: &TaxCode, amount: Amount, day: Date) -> Result<Vec<i64>, Reason> {
        let rates = code.rates.iter();
        let weights = std::iter::once(Decimal::ONE_HUNDRED)
            .chain(rates.map(|rate| rate.percent_on(day).decimal()));
        shared(amount, &weights.collect::<Vec<_>>())
    }
}

/// An amount in proportion to these weights, in minor units.
fn shared(amount: Amount, weights: &[Decimal]) -> Result<Vec<i64>, Reason> {
    let grain = amount.currency().grain();
    if amount.minor() % grain != 0 {
        return Err(Reason::new(ReasonCode::NotRepresentable).with("amount", amount));
    }
    let too_large = || {
        Reason::new(ReasonCode::FiguresDisagree)
            .with("captured", amount)
            .with("lines", "too large")
    };
    let units = u64::try_from(amount.minor() / grain).map_err(|_| too_large())?;
    let scale = weights
        .iter()
        .map(|weight| weight.normalize().scale())
        .max();
    let whole = Decimal::from(10_u64.pow(scale.unwrap_or_default())) * Decimal::from(units);
    let weigh = |weight: &Decimal| weight.checked_mul(whole)?.to_u64();
    let weights: Option<Vec<u64>> = weights.iter().map(weigh).collect();
    let shares = apportion(&weights.ok_or_else(too_large)?, units).map_err(|_| too_large())?;
    let minor = |share: u64| Some(i64::try_from(share).ok()? * grain);
    let shares: Option<Vec<i64>> = shares.into_iter().map(minor).collect();
    shares.ok_or_else(too_large)
}

impl Drawing<'_> {
    /// Draws up a refund of which nothing is known but its tax, as the operator named it.
    ///
    /// # Errors
    ///
    /// A [`Reason`] of the operator's: the code is gone, no item is chosen for services; of the developers': an amount
    /// that cannot be held.
    pub(super) fn named(&self, named: &NamedTax) -> Result<ReceiptDraft, Reason> {
        match named {
            NamedTax::Code(id) => {
                let posted = self.under(id)?;
                self.mirrored(&posted, &posted.parts())
            }
            NamedTax::Amount(tax) => {
                let line = self.with_tax(Amount::from_minor(*tax, self.refund.currency))?;
                self.listed(&[line])
            }
        }
    }

    /// What would have been posted under this code, so that net and tax come to what was refunded.
    fn under(&self, id: &TaxCodeId) -> Result<Posted, Reason> {
        let company = &self.connection.company;
        let mut codes = NamedTax::codes(company);
        let code = codes.find(|code| code.id == *id);
        let code = code.ok_or_else(|| Reason::new(ReasonCode::TaxCodeInactive).with("code", id))?;
        let day = self.refund.refunded_on(&self.connection.time_zone());
        let shares = NamedTax::parts(code, self.refund.amount, day)?;
        let is_taxed = shares[1..].iter().any(|share| *share != 0);
        let by_document = company.tax_model == TaxModel::UsManual;
        let tax = match (by_document, is_taxed) {
            (false, _) => LineTax::Code(id.clone()),
            (true, true) => LineTax::Tax,
            (true, false) => LineTax::Non,
        };
        let taxes = code.rates.iter().zip(&shares[1..]);
        let taxes = taxes.map(|(rate, amount)| PostedTax {
            rate: rate.id.clone(),
            percent: rate.percent_on(day),
            amount: *amount,
        });
        let method = self.method();
        Ok(Posted {
            currency: self.refund.currency,
            lines: vec![PostedLine {
                item: self.services()?,
                net: shares[0],
                tax,
                tip: false,
                class: None,
            }],
            taxes: taxes.filter(|_| !by_document || is_taxed).collect(),
            document_code: (by_document && is_taxed).then(|| id.clone()),
            rows: Vec::new(),
            customer: self.in_company.clone(),
            deposit_account: self.account(&method)?,
            method,
            payment_method: None,
            exchange_rate: None,
            class: None,
            location: None,
        })
    }

    /// One line of services with this much tax in what was refunded.
    fn with_tax(&self, tax: Amount) -> Result<Line, Reason> {
        let refund = self.refund;
        let disagree = || {
            Reason::new(ReasonCode::FiguresDisagree)
                .with("captured", refund.amount)
                .with("lines", tax)
        };
        let net = refund.amount.checked_sub(tax).map_err(|_| disagree())?;
        if tax.is_negative() || net.is_negative() {
            return Err(disagree());
        }
        let charged = Tax {
            id: TaxId::parse("named").map_err(|_| disagree())?,
            name: "Tax".to_owned(),
            rate: None,
            amount: tax,
        };
        Ok(Line {
            id: LineId::parse("1").map_err(|_| disagree())?,
            kind: LineKind::Service,
            booking: None,
            service: None,
            description: None,
            service_date: None,
            team: None,
            territory: None,
            quantity: None,
            unit_price: None,
            discount: None,
            amount: if refund.prices_include_tax {
                refund.amount
            } else {
                net
            },
            taxes: Some(charged)
                .filter(|_| !tax.is_zero())
                .into_iter()
                .collect(),
            tax_treatment: None,
            applies_to: Vec::new(),
        })
    }

    fn services(&self) -> Result<ItemId, Reason> {
        let item = self.connection.settings.item(LineKind::Service, None);
        item.cloned()
            .ok_or_else(|| Reason::new(ReasonCode::ItemMissing).with("kind", "service"))
    }
}
