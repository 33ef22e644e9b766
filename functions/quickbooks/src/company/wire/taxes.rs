//! Tax codes, rates and agencies, as QuickBooks writes them. Field names: Intuit API reference, `TaxCode` and `TaxRate`;
//! `EffectiveTaxRate` and `SpecialTaxType` from the public schema.

use bookkeeping::company::{RatePeriod, SpecialTax, TaxCode, TaxRate};
use bookkeeping::ids::{TaxCodeId, TaxRateId};
use bookkeeping::money::Percent;
use serde::Deserialize;

use super::day;
use crate::wire::{Number, Reference};

/// How many of a rate's latest values are kept: the one in force, the one before and one to come.
const PERIODS_KEPT: usize = 3;

/// Pseudo codes come without `Active`, `SyncToken` and rate lists.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct WireTaxCode {
    pub id: String,
    name: String,
    active: Option<bool>,
    #[serde(default)]
    hidden: bool,
    #[serde(default)]
    sales_tax_rate_list: TaxRateList,
    #[serde(default)]
    purchase_tax_rate_list: TaxRateList,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase")]
struct TaxRateList {
    #[serde(default)]
    tax_rate_detail: Vec<TaxRateDetail>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TaxRateDetail {
    tax_rate_ref: Reference,
    tax_type_applicable: Option<String>,
    #[serde(default)]
    tax_order: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct WireTaxRate {
    id: String,
    name: String,
    rate_value: Number,
    agency_ref: Option<Reference>,
    special_tax_type: Option<String>,
    #[serde(default)]
    effective_tax_rate: Vec<EffectiveTaxRate>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct EffectiveTaxRate {
    rate_value: Number,
    effective_date: Option<String>,
    end_date: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct WireTaxAgency {
    id: String,
    #[serde(default)]
    display_name: String,
}

/// A code with its sales rates in order; `None` for a pseudo code, a hidden one, or one whose rates are not to be had.
pub(super) fn tax_code(
    code: &WireTaxCode,
    rates: &[WireTaxRate],
    agencies: &[WireTaxAgency],
) -> Option<TaxCode> {
    let pseudo = ["TAX", "NON", "CustomSalesTax"].contains(&code.id.as_str());
    if pseudo || code.hidden {
        return None;
    }
    let mut details: Vec<&TaxRateDetail> =
        code.sales_tax_rate_list.tax_rate_detail.iter().collect();
    details.sort_by_key(|detail| detail.tax_order);
    let purchases = !code.purchase_tax_rate_list.tax_rate_detail.is_empty();
    Some(TaxCode {
        id: TaxCodeId::parse(&code.id).ok()?,
        name: code.name.clone(),
        purchases_only: details.is_empty() && purchases,
        active: code.active != Some(false),
        rates: details
            .into_iter()
            .map(|detail| tax_rate(detail, rates, agencies))
            .collect::<Option<_>>()?,
    })
}

fn tax_rate(
    detail: &TaxRateDetail,
    rates: &[WireTaxRate],
    agencies: &[WireTaxAgency],
) -> Option<TaxRate> {
    let rate = rates
        .iter()
        .find(|rate| rate.id == detail.tax_rate_ref.value)?;
    let agency = rate.agency_ref.as_ref().and_then(|agency| {
        let named = |known: &&WireTaxAgency| known.id == agency.value;
        agencies.iter().find(named)
    });
    Some(TaxRate {
        id: TaxRateId::parse(&rate.id).ok()?,
        name: rate.name.clone(),
        percent: percent(&rate.rate_value)?,
        agency: agency
            .map(|agency| agency.display_name.clone())
            .filter(|name| !name.is_empty()),
        special: match rate.special_tax_type.as_deref() {
            Some("ZERO_RATE") => SpecialTax::ZeroRate,
            Some("FOREIGN_TAX") => SpecialTax::Foreign,
            Some("REVERSE_CHARGE") => SpecialTax::ReverseCharge,
            Some("ADJUSTMENT_RATE") => SpecialTax::Adjustment,
            _ => SpecialTax::None,
        },
        compound: !matches!(
            detail.tax_type_applicable.as_deref(),
            None | Some("TaxOnAmount")
        ),
        periods: periods(&rate.effective_tax_rate),
    })
}

/// The latest values of a rate, oldest first; none where there was only ever one.
fn periods(dated: &[EffectiveTaxRate]) -> Vec<RatePeriod> {
    let period = |dated: &EffectiveTaxRate| {
        Some(RatePeriod {
            percent: percent(&dated.rate_value)?,
            from: day(dated.effective_date.as_deref()?)?,
            through: dated.end_date.as_deref().and_then(day),
        })
    };
    let mut periods: Vec<RatePeriod> = dated.iter().filter_map(period).collect();
    if periods.len() < 2 {
        return Vec::new();
    }
    periods.sort_by_key(|period| period.from);
    periods.split_off(periods.len().saturating_sub(PERIODS_KEPT))
}

fn percent(number: &Number) -> Option<Percent> {
    Percent::parse(&number.to_decimal()?.normalize().to_string()).ok()
}
