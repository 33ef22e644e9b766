//! A company's sales taxes: how they are written on a receipt, its codes and their rates.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::lists::{is_yes, yes};
use crate::ids::{TaxCodeId, TaxRateId};
use crate::money::Percent;

/// How tax is written on a receipt, decided from the company's own codes and preferences.
///
/// A company whose code list holds `TAX` and `NON` is in the United States' line model whatever its country says.
/// Source: Intuit API reference, `TaxCode` and `Preferences.TaxPrefs`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaxModel {
    /// Numeric codes on lines, tax amounts by rate (Canada, United Kingdom, ...).
    Global,
    /// `TAX` or `NON` on lines, one code for the document, amounts as we send them.
    UsManual,
    /// As `UsManual`, but QuickBooks may compute the tax itself.
    UsAutomated,
    /// Sales tax is switched off: a tax collected is an ordinary line.
    Off,
}

/// A tax code: the name under which one or more rates apply together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TaxCode {
    /// The code's id.
    pub id: TaxCodeId,
    /// Its name, as the operator sees it ("GST/QST QC - 9.975").
    pub name: String,
    /// Its sales rates, in tax order. Empty for a code outside the tax.
    pub rates: Vec<TaxRate>,
    /// Whether it has rates for purchases and none for sales.
    #[serde(default, skip_serializing_if = "is_no")]
    pub purchases_only: bool,
    /// Whether it can be used.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub active: bool,
}

/// One sales rate of a code.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TaxRate {
    /// The rate's id.
    pub id: TaxRateId,
    /// Its name ("QST 9.975").
    pub name: String,
    /// Percent, exact: 9.975 is 9.975 %.
    pub percent: Percent,
    /// Whom it is owed to ("Revenu Québec"), where QuickBooks names somebody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agency: Option<String>,
    /// What is special about it.
    #[serde(default, skip_serializing_if = "SpecialTax::is_none")]
    pub special: SpecialTax,
    /// Whether it is charged on other taxes too, and not on the net amount alone.
    #[serde(default, skip_serializing_if = "is_no")]
    pub compound: bool,
    /// Its latest values with their days, oldest first; empty where it never changed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub periods: Vec<RatePeriod>,
}

/// What a rate was, is or will be, between two days.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RatePeriod {
    /// Percent, exact.
    pub percent: Percent,
    /// The first day.
    pub from: Date,
    /// The last day; absent: until further notice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub through: Option<Date>,
}

/// What is special about a rate. Source: the public schema of QuickBooks, `SpecialTaxTypeEnum`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SpecialTax {
    /// Nothing.
    #[default]
    None,
    /// Taxable at nought per cent.
    ZeroRate,
    /// A tax of another country.
    Foreign,
    /// The buyer accounts for it, so nobody is charged it.
    ReverseCharge,
    /// For adjusting a return, not for selling.
    Adjustment,
}

impl SpecialTax {
    #[allow(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde passes a reference"
    )]
    fn is_none(&self) -> bool {
        *self == Self::None
    }
}

impl TaxCode {
    /// Whether a sale may stand under it: active, with a sales side, and with no rate nobody is charged.
    #[must_use]
    pub fn usable(&self) -> bool {
        let charged =
            |rate: &TaxRate| matches!(rate.special, SpecialTax::None | SpecialTax::ZeroRate);
        self.active && !self.purchases_only && self.rates.iter().all(charged)
    }
}

impl TaxRate {
    /// Percent on that day.
    #[must_use]
    pub fn percent_on(&self, day: Date) -> Percent {
        let covers = |period: &&RatePeriod| {
            period.from <= day && period.through.is_none_or(|through| day <= through)
        };
        // The latest to begin wins where two overlap.
        let period = self
            .periods
            .iter()
            .filter(covers)
            .max_by_key(|period| period.from);
        period.map_or(self.percent, |period| period.percent)
    }
}

#[allow(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
fn is_no(flag: &bool) -> bool {
    !*flag
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn rate(special: SpecialTax, periods: &[(&str, Date, Option<Date>)]) -> TaxRate {
        let period = |(percent, from, through): &(&str, Date, Option<Date>)| RatePeriod {
            percent: Percent::parse(percent).unwrap(),
            from: *from,
            through: *through,
        };
        TaxRate {
            id: TaxRateId::parse("13").unwrap(),
            name: "HST".to_owned(),
            percent: Percent::parse("14").unwrap(),
            agency: None,
            special,
            compound: false,
            periods: periods.iter().map(period).collect(),
        }
    }

    #[test]
    fn a_rate_is_what_it_was_on_the_day() {
        let nova_scotia = rate(
            SpecialTax::None,
            &[
                ("15", date(2010, 7, 1), Some(date(2025, 3, 31))),
                ("14", date(2025, 4, 1), None),
            ],
        );
        for (day, percent) in [
            (date(2025, 3, 31), "15"),
            (date(2025, 4, 1), "14"),
            (date(2030, 1, 1), "14"),
            // Before the first day we know of, what QuickBooks says now.
            (date(2000, 1, 1), "14"),
        ] {
            assert_eq!(nova_scotia.percent_on(day).to_string(), percent, "{day}");
        }
    }

    #[test]
    fn a_code_that_nobody_is_charged_under_is_not_usable() {
        let code = |active, purchases_only, special| TaxCode {
            id: TaxCodeId::parse("6").unwrap(),
            name: "20.0% RC".to_owned(),
            rates: vec![rate(SpecialTax::None, &[]), rate(special, &[])],
            purchases_only,
            active,
        };
        for (code, usable) in [
            (code(true, false, SpecialTax::None), true),
            (code(true, false, SpecialTax::ZeroRate), true),
            (code(false, false, SpecialTax::None), false),
            (code(true, true, SpecialTax::None), false),
            (code(true, false, SpecialTax::ReverseCharge), false),
            (code(true, false, SpecialTax::Adjustment), false),
            (code(true, false, SpecialTax::Foreign), false),
        ] {
            assert_eq!(code.usable(), usable, "{code:?}");
        }
    }
}
