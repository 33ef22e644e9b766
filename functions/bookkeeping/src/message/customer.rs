//! Reading a customer. Texts are taken as they are: what QuickBooks would refuse is cleaned later and is never fatal.

use super::read::{self, Path, Problem};
use super::wire::{Object, WireAddress, WireCustomer};
use crate::transaction::{Address, Customer, Language};

pub(super) fn optional(
    wire: Option<Object<WireCustomer>>,
    path: Path<'_>,
) -> Result<Option<Customer>, Problem> {
    wire.map(|Object(wire)| read(wire, path)).transpose()
}

pub(super) fn read(wire: WireCustomer, path: Path<'_>) -> Result<Customer, Problem> {
    Ok(Customer {
        id: read::id(wire.id, path.field("id"))?,
        number: read::label(wire.number),
        version: wire.version.unwrap_or(0),
        updated_at: read::optional_timestamp(wire.updated_at, path.field("updated_at"))?,
        first_name: read::text(wire.first_name),
        last_name: read::text(wire.last_name),
        company_name: read::text(wire.company_name),
        email: read::text(wire.email),
        billing_email: read::text(wire.billing_email),
        phone: read::text(wire.phone),
        language: language(wire.language.as_deref()),
        billing_address: address(wire.billing_address),
        personal_address: address(wire.personal_address),
    })
}

pub(super) fn address(wire: Option<Object<WireAddress>>) -> Option<Address> {
    let Object(wire) = wire?;
    let address = Address {
        line1: read::text(wire.line1),
        line2: read::text(wire.line2),
        city: read::text(wire.city),
        region: read::text(wire.region),
        postal_code: read::text(wire.postal_code),
        country: read::text(wire.country),
    };
    (!address.is_empty()).then_some(address)
}

/// A language we do not write in counts as none given.
pub(super) fn language(tag: Option<&str>) -> Option<Language> {
    tag.and_then(Language::from_tag)
}
