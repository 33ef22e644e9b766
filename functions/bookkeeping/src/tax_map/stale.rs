//! Staleness: whether a row of the map still says what it said when it was made.
//!
//! Held against the company's lists as they were last read; nothing is asked for. A rate that changed on both sides
//! alike is no reason to stop.

use jiff::civil::Date;

use super::{TaxMap, TaxRow};
use crate::company::Company;
use crate::ids::TaxId;
use crate::money::Percent;

/// Why a row cannot be used as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stale {
    /// The company has no such code any more.
    CodeGone,
    /// The code was made inactive.
    CodeInactive,
    /// The code has lost a rate that carried a tax.
    RateGone,
    /// A rate is another one than when the row was made, and not the one MioCommerce charges.
    RateChanged {
        /// Percent when the row was made.
        was: Percent,
        /// Percent now, on the day of the transaction.
        now: Percent,
    },
}

impl Stale {
    /// The word for it in reasons: `code_gone`, `code_inactive`, `rate_gone`, `rate_changed`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CodeGone => "code_gone",
            Self::CodeInactive => "code_inactive",
            Self::RateGone => "rate_gone",
            Self::RateChanged { .. } => "rate_changed",
        }
    }
}

/// Why this row cannot be used on that day, or `None` where it can; `charged` gives the percent MioCommerce charges.
pub fn stale(
    row: &TaxRow,
    company: &Company,
    day: Date,
    charged: impl Fn(&TaxId) -> Option<Percent>,
) -> Option<Stale> {
    let Some(code) = company.tax_codes.iter().find(|code| code.id == row.code) else {
        return Some(Stale::CodeGone);
    };
    if !code.active {
        return Some(Stale::CodeInactive);
    }
    row.taxes.iter().find_map(|mapped| {
        let Some(rate) = code.rates.iter().find(|rate| rate.id == mapped.rate) else {
            return Some(Stale::RateGone);
        };
        let now = rate.percent_on(day);
        match mapped.percent {
            Some(was) if was != now && charged(&mapped.tax) != Some(now) => {
                Some(Stale::RateChanged { was, now })
            }
            _ => None,
        }
    })
}

impl TaxMap {
    /// The rows that cannot be used on that day any more, for the page and after a Refresh.
    pub fn stale_rows<'a>(
        &'a self,
        company: &'a Company,
        day: Date,
        charged: impl Fn(&TaxId) -> Option<Percent> + 'a,
    ) -> impl Iterator<Item = (&'a TaxRow, Stale)> {
        self.rows
            .iter()
            .filter_map(move |row| Some((row, stale(row, company, day, &charged)?)))
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use serde_json::{Value, json};

    use super::*;

    fn company(codes: Value) -> Company {
        serde_json::from_value(json!({
            "realm": "9341450000000001", "name": "Halifax", "country": "CA", "home_currency": "CAD",
            "multicurrency": false, "custom_numbers": true, "tax_model": "global", "tax_codes": codes,
            "accounts": [], "items": [], "payment_methods": []
        }))
        .unwrap()
    }

    fn map(percent: Value) -> TaxMap {
        let row =
            json!({"code": "17", "taxes": [{"tax": "hst", "rate": "19", "percent": percent}]});
        serde_json::from_value(json!({"rows": [row]})).unwrap()
    }

    fn percent(text: &str) -> Percent {
        Percent::parse(text).unwrap()
    }

    #[test]
    fn a_row_is_stale_once_its_code_or_rate_is_gone_inactive_or_another() {
        let dated = json!([{"percent": "15", "from": "2010-07-01", "through": "2025-03-31"},
                           {"percent": "14", "from": "2025-04-01"}]);
        let rate = json!({"id": "19", "name": "HST (NS)", "percent": "14", "periods": dated});
        let code = json!([{"id": "17", "name": "HST NS", "rates": [rate]}]);
        let inactive = json!([{"id": "17", "name": "HST NS", "rates": [rate], "active": false}]);
        let other = json!([{"id": "17", "name": "HST NS",
                            "rates": [{"id": "20", "name": "HST (NS) 2025", "percent": "14"}]}]);
        let (before, after) = (date(2025, 3, 31), date(2025, 4, 1));
        let changed = Some(Stale::RateChanged {
            was: percent("15"),
            now: percent("14"),
        });
        for (codes, made, charged, day, expected) in [
            (&code, json!("15"), "15", before, None),
            (&code, json!("15"), "15", after, changed),
            // MioCommerce charges the new rate: both changed alike.
            (&code, json!("15"), "14", after, None),
            // What the rate was is not known: nothing to compare.
            (&code, Value::Null, "15", after, None),
            (&json!([]), json!("15"), "15", before, Some(Stale::CodeGone)),
            (
                &inactive,
                json!("15"),
                "15",
                before,
                Some(Stale::CodeInactive),
            ),
            (&other, json!("14"), "14", after, Some(Stale::RateGone)),
        ] {
            let (company, map) = (company(codes.clone()), map(made));
            let charged = percent(charged);
            let found: Vec<Stale> = map
                .stale_rows(&company, day, |_| Some(charged))
                .map(|(_, stale)| stale)
                .collect();
            assert_eq!(
                found,
                expected.into_iter().collect::<Vec<_>>(),
                "{codes} {day}"
            );
        }
    }
}
