//! Suggestions: which of a company's tax codes stands for a set of the merchant's taxes, and why.
//!
//! A code fits where its rates are those of the taxes one by one: five and seven per cent never fit one code of twelve.
//! Kinds and names say which tax is which, provinces and states break ties. One clear fit is applied at once and
//! shown as unconfirmed; several, or a doubtful one, are shown to the operator; none is ever made up. The order of
//! QuickBooks' lists decides nothing.

use std::collections::BTreeMap;

use super::judge::{self, Set};
use super::words::{Kind, Untaxed, untaxed, words};
use super::{MappedTax, TaxMap, TaxRow};
use crate::catalogue::TaxSet;
use crate::company::{Company, SpecialTax, TaxCode, TaxModel};
use crate::ids::TaxCodeId;
use crate::transaction::{MerchantTax, TaxTreatment};
use jiff::civil::Date;

/// Where and when a suggestion is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Asking<'a> {
    /// The company.
    pub company: &'a Company,
    /// The province or state of the sale, where it is known; else the company's own counts.
    pub region: Option<&'a str>,
    /// The day whose rates count.
    pub day: Date,
}

/// What is suggested.
#[derive(Clone, Debug, PartialEq)]
pub enum Suggested {
    /// No code is needed: QuickBooks computes the tax itself, or sales tax is off.
    NotNeeded,
    /// Exactly one fits, by rates and by kind or name.
    Clear(Candidate),
    /// Several fit, or one does doubtfully; best first.
    Several(Vec<Candidate>),
    /// None fits: it is to be created in QuickBooks.
    Nothing,
}

/// A code that may stand for a set of taxes.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// The code.
    pub code: TaxCodeId,
    /// Its name.
    pub name: String,
    /// Each tax and the rate that carries it. Empty where the code cannot be used as it is: only the sum is right.
    pub taxes: Vec<MappedTax>,
    /// How well it fits, in points; 70 and more is as good as certain.
    pub score: u32,
    /// Why, in the order of their weight.
    pub why: Vec<Why>,
}

/// One reason for a suggestion, with the values its sentence needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Why {
    /// Which.
    pub code: WhyCode,
    /// What the sentence fills in, by placeholder.
    pub figures: BTreeMap<String, String>,
}

/// Every reason there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum WhyCode {
    /// The same rates, one by one.
    SameRates,
    /// A tax comes without its rate, so that only its name was compared.
    RateNotTold,
    /// The names say the same taxes.
    SameTaxes,
    /// The names share their words.
    SameName,
    /// The same province or state.
    SameRegion,
    /// The sale was made in another province or state than the code is for.
    OtherRegion,
    /// The names do not say that it is the same tax.
    NameSaysNothing,
    /// Which rate carries which tax is not clear.
    UnclearWhich,
    /// A rate is charged on other taxes too.
    Compound,
    /// It had the tax's rate once, and has another now.
    RateChanged,
    /// The sum is right, the components are not.
    SumOnly,
    /// Its name says why nobody is charged.
    SaysWhy,
}

impl WhyCode {
    /// Every reason, in the order of this file.
    pub const ALL: [Self; 12] = [
        Self::SameRates,
        Self::RateNotTold,
        Self::SameTaxes,
        Self::SameName,
        Self::SameRegion,
        Self::OtherRegion,
        Self::NameSaysNothing,
        Self::UnclearWhich,
        Self::Compound,
        Self::RateChanged,
        Self::SumOnly,
        Self::SaysWhy,
    ];

    /// The code by which its sentence is looked up.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SameRates => "why_same_rates",
            Self::RateNotTold => "why_rate_not_told",
            Self::SameTaxes => "why_same_taxes",
            Self::SameName => "why_same_name",
            Self::SameRegion => "why_same_region",
            Self::OtherRegion => "why_other_region",
            Self::NameSaysNothing => "why_name_says_nothing",
            Self::UnclearWhich => "why_unclear_which",
            Self::Compound => "why_compound",
            Self::RateChanged => "why_rate_changed",
            Self::SumOnly => "why_sum_only",
            Self::SaysWhy => "why_says_why",
        }
    }
}

impl Candidate {
    /// The row of the tax map it would be; `None` where the code cannot be used as it is.
    #[must_use]
    pub fn row(&self, confirmed: bool) -> Option<TaxRow> {
        (!self.taxes.is_empty()).then(|| TaxRow {
            code: self.code.clone(),
            taxes: self.taxes.clone(),
            confirmed,
        })
    }

    /// Whether nothing about it is doubtful.
    fn is_sure(&self) -> bool {
        let doubtful = [
            WhyCode::OtherRegion,
            WhyCode::NameSaysNothing,
            WhyCode::UnclearWhich,
            WhyCode::Compound,
            WhyCode::RateChanged,
            WhyCode::SumOnly,
        ];
        !self.why.iter().any(|why| doubtful.contains(&why.code))
    }
}

impl Suggested {
    /// Every code that may be meant, best first.
    #[must_use]
    pub fn candidates(&self) -> &[Candidate] {
        match self {
            Self::NotNeeded | Self::Nothing => &[],
            Self::Clear(candidate) => std::slice::from_ref(candidate),
            Self::Several(candidates) => candidates,
        }
    }

    fn from(mut candidates: Vec<Candidate>) -> Self {
        candidates.sort_by(|a, b| (b.score, &a.name, &a.code).cmp(&(a.score, &b.name, &b.code)));
        let only = match candidates.as_slice() {
            [] => return Self::Nothing,
            [best] => best.is_sure(),
            [best, next, ..] => best.is_sure() && best.score > next.score,
        };
        match only {
            true => Self::Clear(candidates.swap_remove(0)),
            false => Self::Several(candidates),
        }
    }
}

/// Suggests the code for taxes that are charged together.
#[must_use]
pub fn suggest(taxes: &[MerchantTax], asking: &Asking<'_>) -> Suggested {
    if taxes.is_empty() || !needs_map(asking.company.tax_model) {
        return Suggested::NotNeeded;
    }
    let set = Set::of(taxes, asking);
    let codes = asking.company.tax_codes.iter().filter(|code| code.usable());
    Suggested::from(codes.filter_map(|code| set.judge(code)).collect())
}

/// Suggests the code for lines that carry no tax, where they say why.
///
/// Exempt, zero-rated and out of scope are never guessed from one another: a code fits by its name *and* by what
/// rates it has. QuickBooks writes a code outside the tax without rates, or with one of nought per cent.
#[must_use]
pub fn suggest_untaxed(treatment: TaxTreatment, asking: &Asking<'_>) -> Suggested {
    if asking.company.tax_model != TaxModel::Global {
        return Suggested::NotNeeded;
    }
    let wanted = match treatment {
        TaxTreatment::Exempt => Untaxed::Exempt,
        TaxTreatment::ZeroRated => Untaxed::ZeroRated,
        TaxTreatment::OutOfScope => Untaxed::OutOfScope,
    };
    let fits = |code: &&TaxCode| {
        let nothing = code
            .rates
            .iter()
            .all(|rate| rate.percent_on(asking.day).decimal().is_zero());
        let zero_rate = code
            .rates
            .iter()
            .any(|rate| rate.special == SpecialTax::ZeroRate);
        let shape = match wanted {
            Untaxed::ZeroRated => !code.rates.is_empty(),
            Untaxed::Exempt | Untaxed::OutOfScope => !zero_rate,
        };
        // "PST exempt" says nothing about the federal tax.
        let of_one = words(&code.name, &asking.company.country).kinds;
        let provincial = [Kind::Pst, Kind::Qst];
        let whole = of_one.is_empty() || !of_one.iter().all(|kind| provincial.contains(kind));
        code.usable() && nothing && shape && whole && untaxed(&code.name) == Some(wanted)
    };
    let candidate = |code: &TaxCode| Candidate {
        code: code.id.clone(),
        name: code.name.clone(),
        taxes: Vec::new(),
        score: judge::SURE,
        why: vec![why(WhyCode::SaysWhy, [("code", code.name.clone())])],
    };
    let codes = asking.company.tax_codes.iter().filter(fits);
    Suggested::from(codes.map(candidate).collect())
}

/// The map with a row for every set that has none and one clear suggestion; all of them unconfirmed.
///
/// What the operator chose, or confirmed, is never touched; neither is the row of lines that say nothing about why they
/// carry no tax.
#[must_use]
pub fn with_suggestions(map: &TaxMap, sets: &[TaxSet], company: &Company, day: Date) -> TaxMap {
    let mut map = map.clone();
    for set in sets {
        if map.row(&set.ids()).is_some() {
            continue;
        }
        if let Suggested::Clear(candidate) = suggest(&set.taxes, &set.asking(company, day)) {
            map.rows.extend(candidate.row(false));
        }
    }
    for treatment in [
        TaxTreatment::Exempt,
        TaxTreatment::ZeroRated,
        TaxTreatment::OutOfScope,
    ] {
        if map.untaxed(Some(treatment)).is_some() {
            continue;
        }
        let asking = Asking {
            company,
            region: None,
            day,
        };
        if let Suggested::Clear(candidate) = suggest_untaxed(treatment, &asking) {
            match treatment {
                TaxTreatment::Exempt => map.exempt = Some(candidate.code),
                TaxTreatment::ZeroRated => map.zero_rated = Some(candidate.code),
                TaxTreatment::OutOfScope => map.out_of_scope = Some(candidate.code),
            }
            map.unconfirmed.insert(treatment);
        }
    }
    map
}

impl TaxSet {
    /// What a suggestion for it asks.
    #[must_use]
    pub fn asking<'a>(&'a self, company: &'a Company, day: Date) -> Asking<'a> {
        Asking {
            company,
            region: self.region.as_deref(),
            day,
        }
    }
}

fn needs_map(model: TaxModel) -> bool {
    matches!(model, TaxModel::Global | TaxModel::UsManual)
}

pub(super) fn why<const N: usize>(code: WhyCode, figures: [(&str, String); N]) -> Why {
    let figures = figures.map(|(name, value)| (name.to_owned(), value));
    Why {
        code,
        figures: figures.into(),
    }
}
