//! Asked: what the operator is told where a line's tax code is not chosen, or not what it was.
//!
//! The codes that may be meant come along, from the company's lists as they were last read.

use crate::connection::Connection;
use crate::reason::{Reason, ReasonCode};
use crate::tax_map::TaxRow;
use crate::tax_map::stale::{Stale, stale};
use crate::tax_map::suggest::{Asking, Candidate, suggest, suggest_untaxed};
use crate::transaction::{Line, LineKind, MerchantTax, Payment, TaxTreatment};

/// The reason for a line whose taxes, or lack of them, have no code.
pub(super) fn unmapped(line: &Line, payment: &Payment, connection: &Connection) -> Reason {
    let what = match (line.taxes.is_empty(), treatment(line)) {
        (false, _) => named(line),
        (true, Some(treatment)) => treatment.as_str().to_owned(),
        (true, None) => "no_tax".to_owned(),
    };
    Reason::new(ReasonCode::TaxUnmapped)
        .with("taxes", what)
        .with("candidates", candidates(line, payment, connection))
}

/// Refuses a row of the map that is not what it was when it was made.
///
/// # Errors
///
/// The [`Reason`], of the operator's: the code is to be chosen again.
pub(super) fn refuse_stale(
    row: &TaxRow,
    line: &Line,
    payment: &Payment,
    connection: &Connection,
) -> Result<(), Reason> {
    let company = &connection.company;
    let day = payment.captured_on(&connection.time_zone());
    let charged = |id: &_| line.taxes.iter().find(|tax| tax.id == *id)?.rate;
    let Some(stale) = stale(row, company, day, charged) else {
        return Ok(());
    };
    let code = company.tax_codes.iter().find(|code| code.id == row.code);
    let reason = Reason::new(ReasonCode::TaxMapStale)
        .with("taxes", named(line))
        .with("code", code.map_or(row.code.as_str(), |code| &code.name))
        .with("change", stale.as_str())
        .with("candidates", candidates(line, payment, connection));
    Err(match stale {
        Stale::RateChanged { was, now } => reason.with("was", was).with("now", now),
        _ => reason,
    })
}

/// Why a line carries no tax. A voluntary tip is not a sale, and neither is money that is owed, or a rounded cent.
pub(crate) fn treatment(line: &Line) -> Option<TaxTreatment> {
    match (line.kind, line.tax_treatment) {
        (LineKind::Tip, None) => Some(TaxTreatment::OutOfScope),
        (
            LineKind::Deposit
            | LineKind::DepositApplied
            | LineKind::GiftCard
            | LineKind::GiftCardRedeemed
            | LineKind::Rounding,
            _,
        ) => Some(TaxTreatment::OutOfScope),
        (_, treatment) => treatment,
    }
}

/// The taxes of a line, for the operator: "GST 5 % + QST 9.975 %".
fn named(line: &Line) -> String {
    let labels: Vec<String> = taxes(line).iter().map(MerchantTax::label).collect();
    labels.join(" + ")
}

/// The names of the codes that may be meant, best first; "none" where there is none.
fn candidates(line: &Line, payment: &Payment, connection: &Connection) -> String {
    let address = payment.service_address.as_ref();
    let asking = Asking {
        company: &connection.company,
        region: address.and_then(|address| address.region.as_deref()),
        day: payment.captured_on(&connection.time_zone()),
    };
    let taxes = taxes(line);
    let suggested = match treatment(line) {
        Some(treatment) if taxes.is_empty() => suggest_untaxed(treatment, &asking),
        _ => suggest(&taxes, &asking),
    };
    let names = |candidate: &Candidate| candidate.name.clone();
    let names: Vec<String> = suggested.candidates().iter().map(names).collect();
    match names.is_empty() {
        true => "none".to_owned(),
        false => names.join(", "),
    }
}

fn taxes(line: &Line) -> Vec<MerchantTax> {
    let tax = |tax: &crate::transaction::Tax| MerchantTax {
        id: tax.id.clone(),
        name: Some(tax.name.clone()),
        rate: tax.rate,
    };
    line.taxes.iter().map(tax).collect()
}
