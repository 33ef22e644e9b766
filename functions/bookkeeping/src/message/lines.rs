//! Reading lines and their taxes, and what can be said of each line by itself.

use std::collections::BTreeSet;

use super::amounts;
use super::read::{self, Path, Problem};
use super::refusal::RefusalCode;
use super::wire::{Object, WireLine, WireTax};
use crate::ids::{LineId, TaxId};
use crate::money::{Currency, Percent, Quantity, UnitPrice};
use crate::transaction::{Line, LineKind, Tax, TaxTreatment};

pub(super) fn read(
    wires: Vec<Object<WireLine>>,
    currency: Currency,
    path: Path<'_>,
) -> Result<Vec<Line>, Problem> {
    let mut lines = Vec::with_capacity(wires.len());
    for (index, Object(wire)) in wires.into_iter().enumerate() {
        lines.push(line(wire, currency, path.element(index))?);
    }
    check_ids(&lines, path)?;
    Ok(lines)
}

fn line(wire: WireLine, currency: Currency, path: Path<'_>) -> Result<Line, Problem> {
    let kind = kind(wire.kind, path.field("kind"))?;
    let taxes = taxes(
        wire.taxes.unwrap_or_default(),
        currency,
        path.field("taxes"),
    )?;
    let tax_treatment = tax_treatment(wire.tax_treatment, path.field("tax_treatment"))?;
    if tax_treatment.is_some() && !taxes.is_empty() {
        let explanation = format!(
            "it gives a reason for no tax on a line with {} taxes",
            taxes.len()
        );
        return Err(path
            .field("tax_treatment")
            .refuse(RefusalCode::Contradiction, explanation));
    }
    // Only a discount applies to other lines; on any other line the field means nothing and is ignored.
    let applies_to = if kind == LineKind::Discount {
        wire.applies_to.unwrap_or_default()
    } else {
        Vec::new()
    };
    let line = Line {
        id: read::id(wire.id, path.field("id"))?,
        kind,
        booking: read::label(wire.booking),
        service: read::optional_id(wire.service, path.field("service"))?,
        description: read::text(wire.description),
        service_date: read::optional_date(wire.service_date, path.field("service_date"))?,
        team: read::optional_id(wire.team, path.field("team"))?,
        territory: read::optional_id(wire.territory, path.field("territory"))?,
        quantity: read::figure(wire.quantity, path.field("quantity"), Quantity::parse)?,
        unit_price: read::figure(wire.unit_price, path.field("unit_price"), UnitPrice::parse)?,
        discount: read::optional_amount(wire.discount, currency, path.field("discount"))?,
        amount: read::amount(wire.amount, currency, path.field("amount"))?,
        taxes,
        tax_treatment,
        applies_to: line_ids(applies_to, path.field("applies_to"))?,
    };
    amounts::check_line(&line, path)?;
    Ok(line)
}

fn kind(word: Option<String>, path: Path<'_>) -> Result<LineKind, Problem> {
    let word = read::required(word, path)?;
    LineKind::from_word(&word).ok_or_else(|| {
        path.refuse(
            RefusalCode::InvalidValue,
            format!("{} is not a kind of line", read::shown(&word)),
        )
    })
}

fn tax_treatment(word: Option<String>, path: Path<'_>) -> Result<Option<TaxTreatment>, Problem> {
    let Some(word) = word else { return Ok(None) };
    TaxTreatment::from_word(&word).map(Some).ok_or_else(|| {
        let explanation = format!(
            "{} is none of exempt, zero_rated, out_of_scope",
            read::shown(&word)
        );
        path.refuse(RefusalCode::InvalidValue, explanation)
    })
}

fn taxes(
    wires: Vec<Object<WireTax>>,
    currency: Currency,
    path: Path<'_>,
) -> Result<Vec<Tax>, Problem> {
    let mut seen = BTreeSet::new();
    let mut taxes = Vec::with_capacity(wires.len());
    for (index, Object(wire)) in wires.into_iter().enumerate() {
        let path = path.element(index);
        let id: TaxId = read::id(wire.id, path.field("id"))?;
        if !seen.insert(id.clone()) {
            return Err(path.field("id").refuse(
                RefusalCode::DuplicateId,
                format!("{id:?} is on this line more than once"),
            ));
        }
        let name = read::label(wire.name).unwrap_or_else(|| id.to_string());
        let rate = read::figure(wire.rate, path.field("rate"), Percent::parse)?;
        let amount = read::amount(wire.amount, currency, path.field("amount"))?;
        taxes.push(Tax {
            id,
            name,
            rate,
            amount,
        });
    }
    Ok(taxes)
}

fn line_ids(texts: Vec<super::wire::Id>, path: Path<'_>) -> Result<Vec<LineId>, Problem> {
    texts
        .into_iter()
        .enumerate()
        .map(|(index, text)| read::id(Some(text), path.element(index)))
        .collect()
}

/// Checks that no two lines have one id, and that discounts are taken off lines that are there and are not discounts.
fn check_ids(lines: &[Line], path: Path<'_>) -> Result<(), Problem> {
    let mut seen = BTreeSet::new();
    for (index, line) in lines.iter().enumerate() {
        if !seen.insert(&line.id) {
            let explanation = format!("{:?} is there more than once", line.id);
            return Err(path
                .element(index)
                .field("id")
                .refuse(RefusalCode::DuplicateLine, explanation));
        }
    }
    for (index, line) in lines.iter().enumerate() {
        let line_path = path.element(index);
        let applies_path = line_path.field("applies_to");
        for (position, id) in line.applies_to.iter().enumerate() {
            let place = applies_path.element(position);
            if line.applies_to[..position].contains(id) {
                return Err(place.refuse(
                    RefusalCode::DuplicateLine,
                    format!("{id:?} is there more than once"),
                ));
            }
            match lines
                .iter()
                .find(|other| other.id == *id)
                .map(|other| other.kind)
            {
                None => {
                    return Err(
                        place.refuse(RefusalCode::UnknownReference, format!("there is no {id:?}"))
                    );
                }
                Some(LineKind::Discount) => {
                    let explanation =
                        format!("{id:?} is a discount, which nothing can be taken off");
                    return Err(place.refuse(RefusalCode::Contradiction, explanation));
                }
                Some(_) => {}
            }
        }
    }
    Ok(())
}
