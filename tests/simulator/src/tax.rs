//! Tax on receipts, as QuickBooks works it out or takes it from the request.
//!
//! Sources: Intuit API reference, TxnTaxDetail and GlobalTaxCalculation; Intuit's tax guides as quoted by third parties;
//! recorded answers for the rounding. The United States and the rest of the world are two different models.

mod global;
mod us;

use rust_decimal::Decimal;

use crate::books::Record;
use crate::company::Company;
use crate::fault::Fault;
use crate::json::Json;
use crate::kind::Kind;
use crate::receipt::Line;

/// Tax of one rate.
#[derive(Clone, Debug)]
pub(crate) struct TaxLine {
    pub rate: Rate,
    /// In currency units.
    pub amount: Decimal,
    /// What it was worked out on, in currency units.
    pub base: Decimal,
}

/// The tax of a receipt.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tax {
    /// The document's tax code; United States only.
    pub code: Option<String>,
    /// In currency units.
    pub total: Decimal,
    pub lines: Vec<TaxLine>,
    /// What QuickBooks is made to be off by where there is no tax line to carry it.
    pub extra: Decimal,
}

/// A tax rate on the day of a receipt.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Rate {
    pub id: String,
    /// 9.975 for 9.975 %.
    pub percent: Decimal,
}

impl Tax {
    /// The `TxnTaxDetail` of an answer.
    pub fn to_json(&self) -> Json {
        let mut detail = Json::empty();
        if let Some(code) = &self.code {
            detail.set("TxnTaxCodeRef", Json::object([("value", Json::text(code))]));
        }
        detail.set("TotalTax", Json::Number(self.total));
        if !self.lines.is_empty() {
            detail.set(
                "TaxLine",
                Json::List(self.lines.iter().map(TaxLine::to_json).collect()),
            );
        }
        detail
    }

    /// The tax of these lines, its total their sum.
    fn of_lines(code: Option<String>, lines: Vec<TaxLine>) -> Tax {
        Tax {
            code,
            total: lines.iter().map(|line| line.amount).sum(),
            lines,
            extra: Decimal::ZERO,
        }
    }
}

impl TaxLine {
    fn to_json(&self) -> Json {
        Json::object([
            ("Amount", Json::Number(self.amount)),
            ("DetailType", Json::text("TaxLineDetail")),
            (
                "TaxLineDetail",
                Json::object([
                    (
                        "TaxRateRef",
                        Json::object([("value", Json::text(&self.rate.id))]),
                    ),
                    ("PercentBased", Json::Bool(true)),
                    ("TaxPercent", Json::Number(self.rate.percent)),
                    ("NetAmountTaxable", Json::Number(self.base)),
                ]),
            ),
        ])
    }
}

/// The tax of a receipt. In a tax-inclusive request the lines' amounts become net ones.
pub(crate) fn of(
    values: &mut Json,
    lines: &mut [Line],
    company: &Company,
    is_update: bool,
) -> Result<Tax, Fault> {
    if company.country() == "US" {
        us::of(values, lines, company, is_update)
    } else {
        global::of(values, lines, company)
    }
}

/// The tax code of that id, if it is there and active.
fn code<'a>(company: &'a Company, id: &str) -> Result<&'a Record, Fault> {
    let code = company
        .books
        .find(Kind::TaxCode, id)
        .ok_or_else(|| Fault::invalid_reference("TaxCode", id))?;
    if code.active {
        Ok(code)
    } else {
        Err(Fault::made_inactive("2500"))
    }
}

/// The sales rates of a code on a day, in order.
fn sales_rates(company: &Company, code: &Record, day: &str) -> Vec<Rate> {
    let details = code
        .at("SalesTaxRateList.TaxRateDetail")
        .map(Json::items)
        .unwrap_or_default();
    details
        .iter()
        .filter_map(|detail| {
            company
                .books
                .find(Kind::TaxRate, detail.refers("TaxRateRef")?)
        })
        .map(|rate| Rate {
            id: rate.id.clone(),
            percent: percent_on(rate, day),
        })
        .collect()
}

/// A rate's per cent on a day: the dated value that covers it, or the plain one.
fn percent_on(rate: &Record, day: &str) -> Decimal {
    let dated = rate
        .at("EffectiveTaxRate")
        .map(Json::items)
        .unwrap_or_default();
    let covering = dated.iter().find(|period| {
        let date = |name: &str| period.said(name).and_then(|text| text.get(..10));
        date("EffectiveDate").is_none_or(|from| from <= day)
            && date("EndDate").is_none_or(|to| to >= day)
    });
    let plain = rate.at("RateValue");
    covering
        .and_then(|period| period.get("RateValue"))
        .or(plain)
        .and_then(Json::as_number)
        .unwrap_or(Decimal::ZERO)
}

/// 6000: what QuickBooks says where a supplied tax does not fit the codes, in the company's language.
fn calculating(company: &Company) -> Fault {
    if company.language == "fr" {
        return Fault::business(
            "Nous sommes désolés, QuickBooks a rencontré une erreur lors du calcul de la taxe. Essayez de sélectionner à nouveau le taux de taxe ou de saisir à nouveau l'article et d'enregistrer le formulaire.",
        );
    }
    Fault::business(
        "We're sorry, QuickBooks encountered an error while calculating tax. Try reselecting the tax rate or reentering the product/service item and saving the form again.",
    )
}
