//! Judging: how well one code stands for a set of taxes, in points, and why.

use std::collections::BTreeSet;

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::MappedTax;
use super::pairing::{Pairing, pair};
use super::regions;
use super::suggest::{Asking, Candidate, WhyCode, why};
use super::words::{Words, canonical, words};
use crate::company::{TaxCode, TaxRate};
use crate::text::plain;
use crate::transaction::MerchantTax;

/// Points for the same rates, one by one. Without them a code never fits.
const RATES: u32 = 60;

/// Points for a component whose kind or name is the tax's own.
const COMPONENT: u32 = 10;

/// Most points for components together.
const COMPONENTS_MAX: u32 = 30;

/// Points for a name that holds every word of the tax's, or the reverse; and for the right province or state.
const HINT: u32 = 5;

/// Points for the sum being right where the components are not.
const SUM: u32 = 40;

/// From these points on, a code fits as good as certainly.
pub(super) const SURE: u32 = RATES + COMPONENT;

/// A set of taxes, ready to be held against each code.
pub(super) struct Set<'a> {
    taxes: &'a [MerchantTax],
    words: Vec<Words>,
    country: &'a str,
    /// Where the sale is, as far as known.
    region: BTreeSet<&'static str>,
    /// Whether that was told of the sale itself, and is not the company's own.
    is_told: bool,
    day: Date,
}

impl<'a> Set<'a> {
    pub fn of(taxes: &'a [MerchantTax], asking: &Asking<'a>) -> Self {
        let country = asking.company.country.as_str();
        let said = |tax: &MerchantTax| words(name(tax), country);
        let region = asking.region.or(asking.company.region.as_deref());
        let region = region.map(|text| regions::named(text, &plain(text), country));
        Self {
            taxes,
            words: taxes.iter().map(said).collect(),
            country,
            region: region.unwrap_or_default(),
            is_told: asking.region.is_some(),
            day: asking.day,
        }
    }

    /// How well a code fits; `None` where it does not.
    pub fn judge(&self, code: &TaxCode) -> Option<Candidate> {
        let own = words(&code.name, self.country);
        let named: BTreeSet<&str> = self
            .words
            .iter()
            .flat_map(|tax| &tax.regions)
            .copied()
            .collect();
        let code_regions: BTreeSet<&str> = code
            .rates
            .iter()
            .flat_map(|rate| words(&rate.name, self.country).regions)
            .chain(own.regions.iter().copied())
            .collect();
        // A tax that says New Brunswick is not Nova Scotia's, whatever its rate.
        if !named.is_empty() && !code_regions.is_empty() && named.is_disjoint(&code_regions) {
            return None;
        }
        if code.rates.len() != self.taxes.len() {
            return self.sum_only(code);
        }
        let Pairing {
            rates,
            sure,
            kinds,
            names,
            changed,
        } = pair(self.taxes, &self.words, code, self.country, self.day)?;

        let mut why_so = Vec::new();
        let list = |texts: Vec<String>| texts.join(" + ");
        let percents = |tax: &MerchantTax| tax.rate.map(|rate| format!("{rate} %"));
        if changed {
            why_so.push(why(WhyCode::RateChanged, [("code", code.name.clone())]));
        } else {
            let told: Vec<String> = self.taxes.iter().filter_map(percents).collect();
            if !told.is_empty() {
                why_so.push(why(WhyCode::SameRates, [("rates", list(told))]));
            }
        }
        if self.taxes.iter().any(|tax| tax.rate.is_none()) {
            why_so.push(why(WhyCode::RateNotTold, []));
        }
        let components = u32::try_from(kinds.max(names)).unwrap_or(u32::MAX);
        let mut score = match changed {
            true => SUM,
            false => RATES + (COMPONENT * components).min(COMPONENTS_MAX),
        };
        if kinds == self.taxes.len() {
            let names = self.taxes.iter().map(|tax| name(tax).to_owned()).collect();
            why_so.push(why(WhyCode::SameTaxes, [("taxes", list(names))]));
        } else if names < self.taxes.len() {
            why_so.push(why(WhyCode::NameSaysNothing, [("code", code.name.clone())]));
        }
        if self.shares_name(code) {
            score += HINT;
            why_so.push(why(WhyCode::SameName, [("code", code.name.clone())]));
        }
        let elsewhere = self.is_told
            && named.is_empty()
            && !self.region.is_empty()
            && !code_regions.is_empty()
            && self.region.is_disjoint(&code_regions);
        if elsewhere {
            let theirs: Vec<&str> = code_regions.iter().copied().collect();
            let figures = [("code", code.name.clone()), ("region", theirs.join(", "))];
            why_so.push(why(WhyCode::OtherRegion, figures));
        }
        let here = if named.is_empty() {
            self.region.iter().copied().collect()
        } else {
            named
        };
        let shared: Vec<&str> = here.intersection(&code_regions).copied().collect();
        if !shared.is_empty() {
            score += HINT;
            why_so.push(why(WhyCode::SameRegion, [("region", shared.join(", "))]));
        }
        if !sure {
            why_so.push(why(WhyCode::UnclearWhich, []));
        }
        if code.rates.iter().any(|rate| rate.compound) {
            why_so.push(why(WhyCode::Compound, []));
        }
        let mapped = self.taxes.iter().zip(rates).map(|(tax, rate)| MappedTax {
            tax: tax.id.clone(),
            rate: rate.id.clone(),
            percent: Some(rate.percent_on(self.day)),
        });
        Some(Candidate {
            code: code.id.clone(),
            name: code.name.clone(),
            taxes: mapped.collect(),
            score,
            why: why_so,
        })
    }

    /// One tax that is several in QuickBooks: shown, but not to be used, because its amount has no rate of its own.
    /// Several taxes that are one there are refused outright.
    fn sum_only(&self, code: &TaxCode) -> Option<Candidate> {
        let [tax] = self.taxes else { return None };
        let sum: Decimal = code
            .rates
            .iter()
            .map(|rate| rate.percent_on(self.day).decimal())
            .sum();
        if code.rates.is_empty() || sum != tax.rate?.decimal() {
            return None;
        }
        let mut rates: Vec<&TaxRate> = code.rates.iter().collect();
        rates.sort_by(|a, b| a.id.cmp(&b.id));
        let parts: Vec<String> = rates
            .into_iter()
            .map(|rate| format!("{} {} %", rate.name, rate.percent_on(self.day)))
            .collect();
        Some(Candidate {
            code: code.id.clone(),
            name: code.name.clone(),
            taxes: Vec::new(),
            score: SUM,
            why: vec![why(
                WhyCode::SumOnly,
                [("tax", tax.label()), ("parts", parts.join(" + "))],
            )],
        })
    }

    /// Whether each tax's own words all stand on the code or its rates.
    fn shares_name(&self, code: &TaxCode) -> bool {
        let spoken = |text: &str| -> Vec<String> {
            plain(text)
                .split(' ')
                .filter(|word| word.chars().any(char::is_alphabetic))
                .map(canonical)
                .collect()
        };
        let on_code: BTreeSet<String> = code
            .rates
            .iter()
            .map(|rate| rate.name.as_str())
            .chain([code.name.as_str()])
            .flat_map(spoken)
            .collect();
        self.taxes.iter().all(|tax| {
            let said = spoken(name(tax));
            !said.is_empty() && said.iter().all(|word| on_code.contains(word))
        })
    }
}

fn name(tax: &MerchantTax) -> &str {
    tax.name.as_deref().unwrap_or(tax.id.as_str())
}
