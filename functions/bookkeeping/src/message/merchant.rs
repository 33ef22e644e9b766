//! Reading a merchant's profile.

use std::collections::BTreeSet;

use jiff::tz::TimeZone;

use super::customer::language;
use super::read::{self, Path, Problem};
use super::refusal::RefusalCode;
use super::wire::{Object, WireAdministrator, WireMerchant, WireMerchantTax, WireService};
use crate::ids::TaxId;
use crate::money::Percent;
use crate::transaction::{Administrator, Merchant, MerchantService, MerchantTax};

pub(super) fn read(wire: WireMerchant, path: Path<'_>) -> Result<Merchant, Problem> {
    let taxes = each(wire.taxes, path.field("taxes"), tax)?;
    let tax_sets = tax_sets(wire.tax_sets, taxes.as_deref(), path.field("tax_sets"))?;
    let merchant = Merchant {
        version: read::required(wire.version, path.field("version"))?,
        name: read::label(wire.name),
        country: country(wire.country, path.field("country"))?,
        region: read::label(wire.region),
        currency: wire
            .currency
            .map(|code| read::currency(Some(code), path.field("currency")))
            .transpose()?,
        time_zone: time_zone(wire.time_zone, path.field("time_zone"))?,
        language: language(wire.language.as_deref()),
        entitled: wire.entitled,
        administrators: each(
            wire.administrators,
            path.field("administrators"),
            administrator,
        )?,
        taxes,
        tax_sets,
        services: each(wire.services, path.field("services"), service)?,
    };
    distinct(
        merchant.taxes.iter().flatten().map(|tax| &tax.id),
        path.field("taxes"),
    )?;
    distinct(
        merchant
            .services
            .iter()
            .flatten()
            .map(|service| &service.id),
        path.field("services"),
    )?;
    distinct(
        merchant
            .administrators
            .iter()
            .flatten()
            .map(|operator| &operator.id),
        path.field("administrators"),
    )?;
    Ok(merchant)
}

fn each<W, T>(
    wires: Option<Vec<Object<W>>>,
    path: Path<'_>,
    read: impl Fn(W, Path<'_>) -> Result<T, Problem>,
) -> Result<Option<Vec<T>>, Problem> {
    wires
        .map(|wires| {
            wires
                .into_iter()
                .enumerate()
                .map(|(index, Object(wire))| read(wire, path.element(index)))
                .collect()
        })
        .transpose()
}

fn administrator(wire: WireAdministrator, path: Path<'_>) -> Result<Administrator, Problem> {
    Ok(Administrator {
        id: read::id(wire.id, path.field("id"))?,
        name: read::text(wire.name),
        email: read::text(wire.email),
        language: language(wire.language.as_deref()),
    })
}

fn tax(wire: WireMerchantTax, path: Path<'_>) -> Result<MerchantTax, Problem> {
    Ok(MerchantTax {
        id: read::id(wire.id, path.field("id"))?,
        name: read::label(wire.name),
        rate: read::figure(wire.rate, path.field("rate"), Percent::parse)?,
    })
}

fn service(wire: WireService, path: Path<'_>) -> Result<MerchantService, Problem> {
    Ok(MerchantService {
        id: read::id(wire.id, path.field("id"))?,
        name: read::label(wire.name),
    })
}

fn tax_sets(
    sets: Option<Vec<Vec<super::wire::Id>>>,
    taxes: Option<&[MerchantTax]>,
    path: Path<'_>,
) -> Result<Option<Vec<Vec<TaxId>>>, Problem> {
    let Some(sets) = sets else { return Ok(None) };
    let mut read_sets = Vec::with_capacity(sets.len());
    for (index, set) in sets.into_iter().enumerate() {
        let set_path = path.element(index);
        let mut ids: Vec<TaxId> = Vec::with_capacity(set.len());
        for (index, text) in set.into_iter().enumerate() {
            let id: TaxId = read::id(Some(text), set_path.element(index))?;
            if taxes.is_some_and(|taxes| taxes.iter().all(|tax| tax.id != id)) {
                let explanation = format!("{id:?} is not among the merchant's taxes");
                return Err(set_path
                    .element(index)
                    .refuse(RefusalCode::UnknownReference, explanation));
            }
            ids.push(id);
        }
        distinct(ids.iter(), set_path)?;
        read_sets.push(ids);
    }
    Ok(Some(read_sets))
}

fn distinct<T: Ord + std::fmt::Debug>(
    ids: impl Iterator<Item = T>,
    path: Path<'_>,
) -> Result<(), Problem> {
    let mut seen = BTreeSet::new();
    for (index, id) in ids.enumerate() {
        let told = format!("{id:?} is there more than once");
        if !seen.insert(id) {
            return Err(path.element(index).refuse(RefusalCode::DuplicateId, told));
        }
    }
    Ok(())
}

fn country(code: Option<String>, path: Path<'_>) -> Result<Option<String>, Problem> {
    let Some(code) = read::label(code) else {
        return Ok(None);
    };
    if code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return Ok(Some(code));
    }
    let explanation = format!(
        "{}: it is not a country code of two capitals such as \"CA\"",
        read::shown(&code)
    );
    Err(path.refuse(RefusalCode::InvalidValue, explanation))
}

fn time_zone(name: Option<String>, path: Path<'_>) -> Result<Option<TimeZone>, Problem> {
    let Some(name) = name else { return Ok(None) };
    TimeZone::get(&name).map(Some).map_err(|_| {
        let explanation = "it is not a time zone of the IANA database such as \"America/Toronto\"";
        path.refuse(RefusalCode::InvalidValue, explanation)
    })
}
