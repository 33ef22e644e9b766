//! A customer's record in QuickBooks' JSON, both ways. Field names: Intuit API reference, `Customer`.

use bookkeeping::customer::change::Changes;
use bookkeeping::customer::{CompanyCustomer, Field, NewCustomer, Profile, Value};
use bookkeeping::ids::{CompanyCustomerId, SyncToken};
use bookkeeping::money::Currency;
use bookkeeping::transaction::Address;
use serde::Deserialize;
use serde_json::{Map, Value as Json, json};

use super::EmailAddress;
use crate::fault::Fault;
use crate::transport::Silence;

/// A record as it is answered; what we do not write ourselves is left out.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct WireCustomer {
    id: String,
    sync_token: String,
    display_name: Option<String>,
    given_name: Option<String>,
    family_name: Option<String>,
    company_name: Option<String>,
    primary_email_addr: Option<EmailAddress>,
    primary_phone: Option<Phone>,
    bill_addr: Option<PhysicalAddress>,
    currency_ref: Option<super::Reference>,
    notes: Option<String>,
    #[serde(default = "yes")]
    active: bool,
    #[serde(default)]
    job: bool,
    #[serde(default)]
    is_project: bool,
    parent_ref: Option<super::Reference>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Phone {
    free_form_number: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PhysicalAddress {
    line1: Option<String>,
    line2: Option<String>,
    city: Option<String>,
    country_sub_division_code: Option<String>,
    postal_code: Option<String>,
    country: Option<String>,
}

fn yes() -> bool {
    true
}

impl TryFrom<WireCustomer> for CompanyCustomer {
    type Error = Fault;

    fn try_from(wire: WireCustomer) -> Result<Self, Fault> {
        let unreadable = |_| Fault::silent(Silence::Unknown);
        let mut profile = Profile::default();
        for (field, text) in [
            (Field::DisplayName, wire.display_name),
            (Field::FirstName, wire.given_name),
            (Field::LastName, wire.family_name),
            (Field::CompanyName, wire.company_name),
            (
                Field::Email,
                wire.primary_email_addr.and_then(|email| email.address),
            ),
            (
                Field::Phone,
                wire.primary_phone.and_then(|phone| phone.free_form_number),
            ),
        ] {
            if let Some(text) = text.filter(|text| !text.is_empty()) {
                profile.set(field, Value::Text(text));
            }
        }
        if let Some(address) = wire.bill_addr.map(address).filter(|kept| !kept.is_empty()) {
            profile.set(Field::BillingAddress, Value::Address(address));
        }
        Ok(Self {
            id: CompanyCustomerId::parse(&wire.id).map_err(unreadable)?,
            sync_token: SyncToken::parse(&wire.sync_token).map_err(unreadable)?,
            profile,
            notes: wire.notes,
            active: wire.active,
            sub_customer: wire.job || wire.is_project || wire.parent_ref.is_some(),
            currency: wire
                .currency_ref
                .and_then(|currency| Currency::parse(&currency.value).ok()),
        })
    }
}

fn address(wire: PhysicalAddress) -> Address {
    let said = |text: Option<String>| text.filter(|text| !text.is_empty());
    Address {
        line1: said(wire.line1),
        line2: said(wire.line2),
        city: said(wire.city),
        region: said(wire.country_sub_division_code),
        postal_code: said(wire.postal_code),
        country: said(wire.country),
    }
}

/// The JSON of a new customer. Absent fields are left out.
pub(crate) fn customer_body(customer: &NewCustomer) -> String {
    let mut body = Map::new();
    for (field, value) in customer.profile.iter() {
        body.insert(name(field).to_owned(), written(field, Some(value), false));
    }
    if let Some(currency) = customer.currency {
        body.insert(
            "CurrencyRef".to_owned(),
            json!({"value": currency.to_string()}),
        );
    }
    body.insert("Notes".to_owned(), json!(customer.notes));
    // QuickBooks never mails or prints anything by itself.
    body.insert("PreferredDeliveryMethod".to_owned(), json!("None"));
    Json::Object(body).to_string()
}

/// The JSON of a sparse update: the fields that change, and no others. A cleared field is sent empty.
///
/// How a sparse update clears a field is not documented; an empty text is what public clients send, and the answer is
/// compared. Source: Intuit API reference, "Sparse update".
pub(crate) fn changes_body(
    id: &CompanyCustomerId,
    sync_token: &SyncToken,
    changes: &Changes,
    reactivate: bool,
) -> String {
    let mut body = Map::new();
    body.insert("Id".to_owned(), json!(id.as_str()));
    body.insert("SyncToken".to_owned(), json!(sync_token.as_str()));
    body.insert("sparse".to_owned(), json!(true));
    for (field, value) in changes {
        body.insert(
            name(*field).to_owned(),
            written(*field, value.as_ref(), true),
        );
    }
    if reactivate {
        body.insert("Active".to_owned(), json!(true));
    }
    Json::Object(body).to_string()
}

fn name(field: Field) -> &'static str {
    match field {
        Field::DisplayName => "DisplayName",
        Field::FirstName => "GivenName",
        Field::LastName => "FamilyName",
        Field::CompanyName => "CompanyName",
        Field::Email => "PrimaryEmailAddr",
        Field::Phone => "PrimaryPhone",
        Field::BillingAddress => "BillAddr",
    }
}

/// A field's value. `over` says that something may stand there already.
fn written(field: Field, value: Option<&Value>, over: bool) -> Json {
    let text = match value {
        Some(Value::Text(text)) => text.as_str(),
        _ => "",
    };
    match field {
        Field::Email => json!({"Address": text}),
        Field::Phone => json!({"FreeFormNumber": text}),
        Field::BillingAddress => {
            let blank = Address::default();
            match value {
                Some(Value::Address(address)) => written_address(address, over),
                _ => written_address(&blank, over),
            }
        }
        _ => json!(text),
    }
}

/// An address. Over another one every part is sent, because whether QuickBooks replaces the old address whole or part by
/// part is not documented, and two addresses must never be mixed.
fn written_address(address: &Address, over: bool) -> Json {
    let parts = [
        ("Line1", &address.line1),
        ("Line2", &address.line2),
        ("Line3", &None),
        ("Line4", &None),
        ("Line5", &None),
        ("City", &address.city),
        ("CountrySubDivisionCode", &address.region),
        ("PostalCode", &address.postal_code),
        ("Country", &address.country),
    ];
    let sent = parts
        .into_iter()
        .filter(|(_, part)| over || part.is_some())
        .map(|(name, part)| (name.to_owned(), json!(part.as_deref().unwrap_or_default())));
    Json::Object(sent.collect())
}
