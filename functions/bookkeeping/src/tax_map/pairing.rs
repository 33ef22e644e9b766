//! Pairing: which rate of a code carries which tax of a set.

use std::collections::BTreeSet;

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::regions;
use super::words::{Kind, Untaxed, Words, agency_kinds, untaxed, words};
use crate::company::{TaxCode, TaxRate};
use crate::transaction::MerchantTax;

/// Most taxes that are paired; more never stood on one line.
const TAXES_MAX: usize = 6;

/// The best way to pair the taxes with the rates.
pub(super) struct Pairing<'a> {
    /// The rate of each tax, in the order of the taxes.
    pub rates: Vec<&'a TaxRate>,
    /// Whether no other way is as good.
    pub sure: bool,
    /// How many are of the same kind.
    pub kinds: usize,
    /// How many are of the same kind or share their words or region.
    pub names: usize,
    /// Whether a rate has changed since: it had the tax's rate once.
    pub changed: bool,
}

/// How one rate fits one tax.
#[derive(Clone, Copy, Default)]
struct Fit {
    kind: bool,
    /// How many words and regions they share.
    shared: usize,
    changed: bool,
}

/// Pairs each tax with a rate of the code; `None` where their rates or kinds do not allow it.
pub(super) fn pair<'a>(
    taxes: &[MerchantTax],
    said: &[Words],
    code: &'a TaxCode,
    country: &str,
    day: Date,
) -> Option<Pairing<'a>> {
    if taxes.is_empty() || taxes.len() > TAXES_MAX || taxes.len() != code.rates.len() {
        return None;
    }
    // In an order of their own, so that the order of QuickBooks' lists decides nothing.
    let mut rates: Vec<&TaxRate> = code.rates.iter().collect();
    rates.sort_by(|a, b| a.id.cmp(&b.id));
    let fits: Vec<Vec<Option<Fit>>> = taxes
        .iter()
        .zip(said)
        .map(|(tax, said)| {
            rates
                .iter()
                .map(|rate| fit(tax, said, rate, code, country, day))
                .collect()
        })
        .collect();
    let mut search = Search {
        fits: &fits,
        best: None,
        ties: 0,
    };
    search.go(&mut Vec::new());
    let (_, chosen) = search.best?;
    let chosen_fits = || {
        let fit = |(tax, rate): (usize, &usize)| fits[tax][*rate];
        chosen.iter().enumerate().filter_map(fit)
    };
    Some(Pairing {
        sure: search.ties == 1,
        kinds: chosen_fits().filter(|fit| fit.kind).count(),
        names: chosen_fits()
            .filter(|fit| fit.kind || fit.shared > 0)
            .count(),
        changed: chosen_fits().any(|fit| fit.changed),
        rates: chosen.iter().map(|at| rates[*at]).collect(),
    })
}

/// Tries every way; six taxes have 720.
struct Search<'a> {
    fits: &'a [Vec<Option<Fit>>],
    best: Option<(usize, Vec<usize>)>,
    ties: usize,
}

impl Search<'_> {
    fn go(&mut self, chosen: &mut Vec<usize>) {
        if chosen.len() == self.fits.len() {
            let points = |(tax, rate): (usize, &usize)| {
                let fit = self.fits[tax][*rate].unwrap_or_default();
                usize::from(!fit.changed) * 1000 + usize::from(fit.kind) * 100 + fit.shared.min(9)
            };
            let points = chosen.iter().enumerate().map(points).sum();
            match self.best.as_ref().map(|(best, _)| *best) {
                Some(best) if best > points => {}
                Some(best) if best == points => self.ties += 1,
                _ => {
                    self.best = Some((points, chosen.clone()));
                    self.ties = 1;
                }
            }
            return;
        }
        for rate in 0..self.fits.len() {
            if !chosen.contains(&rate) && self.fits[chosen.len()][rate].is_some() {
                chosen.push(rate);
                self.go(chosen);
                chosen.pop();
            }
        }
    }
}

/// How a rate fits a tax; `None` where it cannot carry it.
fn fit(
    tax: &MerchantTax,
    said: &Words,
    rate: &TaxRate,
    code: &TaxCode,
    country: &str,
    day: Date,
) -> Option<Fit> {
    let percent = rate.percent_on(day);
    let equal = tax.rate.is_none_or(|told| told == percent);
    let was = |told| rate.periods.iter().any(|period| period.percent == told);
    if !equal && !tax.rate.is_some_and(was) {
        return None;
    }
    let own = words(&rate.name, country);
    if percent.decimal() == Decimal::ZERO {
        return at_nothing(tax, rate, code);
    }
    let kinds = kinds_of(&own, rate, code, country);
    let kind = match relation(&said.kinds, &kinds) {
        Relation::Other => return None,
        Relation::Same => !are_of_two_places(said, &own, code, country),
        Relation::Unclear => false,
    };
    let in_common = |theirs: &Words| {
        said.tokens.intersection(&theirs.tokens).count()
            + said.regions.intersection(&theirs.regions).count()
    };
    // A code with one rate names it as well.
    let on_code = match code.rates.len() {
        1 => in_common(&words(&code.name, country)),
        _ => 0,
    };
    Some(Fit {
        kind,
        shared: in_common(&own).max(on_code),
        changed: !equal,
    })
}

/// Whether two local taxes of the United States name two places: a city's is not another city's, whatever their rates.
fn are_of_two_places(said: &Words, own: &Words, code: &TaxCode, country: &str) -> bool {
    let is_local = said
        .kinds
        .iter()
        .any(|kind| matches!(kind, Kind::County | Kind::City | Kind::District));
    let ours = places(said, country);
    let mut theirs = places(own, country);
    let on_code = words(&code.name, country);
    if theirs.is_empty() {
        theirs = places(&on_code, country);
    }
    is_local && !ours.is_empty() && !theirs.is_empty() && ours.is_disjoint(&theirs)
}

/// The words of a name that may be a place's, without its state.
fn places<'a>(words: &'a Words, country: &str) -> BTreeSet<&'a str> {
    let tokens = words.tokens.iter().map(String::as_str);
    tokens
        .filter(|word| regions::named(&word.to_uppercase(), word, country).is_empty())
        .collect()
}

/// A tax of nought per cent: exempt, zero-rated and out of scope are never taken for one another.
fn at_nothing(tax: &MerchantTax, rate: &TaxRate, code: &TaxCode) -> Option<Fit> {
    let says = |text: &str| -> Option<Untaxed> { untaxed(text) };
    let theirs = says(&code.name).or_else(|| says(&rate.name));
    match (tax.name.as_deref().and_then(says), theirs) {
        (Some(ours), Some(theirs)) if ours != theirs => None,
        (ours, theirs) => Some(Fit {
            kind: ours.is_some() && ours == theirs,
            ..Fit::default()
        }),
    }
}

/// The kinds a rate says it is: by its name, else by its code's where it is alone there, else by its agency's.
fn kinds_of(own: &Words, rate: &TaxRate, code: &TaxCode, country: &str) -> BTreeSet<Kind> {
    if !own.kinds.is_empty() {
        return own.kinds.clone();
    }
    if code.rates.len() == 1 {
        let kinds = words(&code.name, country).kinds;
        if !kinds.is_empty() {
            return kinds;
        }
    }
    let agency = rate.agency.as_deref().unwrap_or_default();
    agency_kinds(agency, country)
}

enum Relation {
    Same,
    Unclear,
    Other,
}

/// Whether two labels say the same tax. "GST/HST" is either of the two, because one return holds both.
fn relation(ours: &BTreeSet<Kind>, theirs: &BTreeSet<Kind>) -> Relation {
    let either = BTreeSet::from([Kind::Gst, Kind::Hst]);
    if ours.is_empty() || theirs.is_empty() {
        return Relation::Unclear;
    }
    if ours.is_disjoint(theirs) {
        return Relation::Other;
    }
    let federal = ours.is_subset(&either) && theirs.is_subset(&either);
    match ours == theirs || federal {
        true => Relation::Same,
        false => Relation::Unclear,
    }
}
