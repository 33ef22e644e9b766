//! The tax map: which QuickBooks tax code stands for which of the merchant's taxes.
//!
//! One row per set of taxes that can stand together on a line. There is no default row for a set nobody mapped:
//! a guess here becomes a wrong tax return.

mod judge;
mod pairing;
mod regions;
pub mod stale;
pub mod suggest;
mod words;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::ids::{TaxCodeId, TaxId, TaxRateId};
use crate::money::Percent;
use crate::transaction::TaxTreatment;

/// The operator's tax map.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaxMap {
    /// One row per tax set.
    #[serde(default)]
    pub rows: Vec<TaxRow>,
    /// Lines with no tax and nothing said about why.
    #[serde(default)]
    pub no_tax: Option<TaxCodeId>,
    /// Exempt sales.
    #[serde(default)]
    pub exempt: Option<TaxCodeId>,
    /// Sales taxed at zero.
    #[serde(default)]
    pub zero_rated: Option<TaxCodeId>,
    /// Money that is not a sale: tips, deposits, gift cards.
    #[serde(default)]
    pub out_of_scope: Option<TaxCodeId>,
    /// Which of the codes for untaxed lines we suggested and nobody has confirmed yet.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub unconfirmed: BTreeSet<TaxTreatment>,
}

/// One tax set and the code that stands for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaxRow {
    /// The code.
    pub code: TaxCodeId,
    /// Each tax of the set and the code's rate that carries its amount.
    pub taxes: Vec<MappedTax>,
    /// Whether the operator chose or confirmed it; what we suggested is in use but shown as unconfirmed.
    #[serde(default)]
    pub confirmed: bool,
}

/// One tax of a set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MappedTax {
    /// MioCommerce's tax.
    pub tax: TaxId,
    /// QuickBooks' rate.
    pub rate: TaxRateId,
    /// The rate's percent when the row was made, where that was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub percent: Option<Percent>,
}

impl TaxMap {
    /// The row of exactly this set of taxes.
    #[must_use]
    pub fn row(&self, taxes: &BTreeSet<&TaxId>) -> Option<&TaxRow> {
        self.rows.iter().find(|row| {
            row.taxes.len() == taxes.len()
                && row.taxes.iter().all(|mapped| taxes.contains(&mapped.tax))
        })
    }

    /// The code of a line that carries no tax.
    #[must_use]
    pub fn untaxed(&self, treatment: Option<TaxTreatment>) -> Option<&TaxCodeId> {
        match treatment {
            None => self.no_tax.as_ref(),
            Some(TaxTreatment::Exempt) => self.exempt.as_ref(),
            Some(TaxTreatment::ZeroRated) => self.zero_rated.as_ref(),
            Some(TaxTreatment::OutOfScope) => self.out_of_scope.as_ref(),
        }
    }
}

impl TaxRow {
    /// The rate that carries this tax's amount.
    #[must_use]
    pub fn rate(&self, tax: &TaxId) -> Option<&TaxRateId> {
        self.taxes
            .iter()
            .find(|mapped| mapped.tax == *tax)
            .map(|mapped| &mapped.rate)
    }
}
