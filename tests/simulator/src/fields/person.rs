//! Fields of a customer. Source: Intuit API reference, Customer; lengths also from the public XSD.

use super::{Field, Shape};

pub(super) const ADDRESS: &[Field] = &[
    Field("Id", Shape::ReadOnly),
    Field("Line1", Shape::Text(500)),
    Field("Line2", Shape::Text(500)),
    Field("Line3", Shape::Text(500)),
    Field("Line4", Shape::Text(500)),
    Field("Line5", Shape::Text(500)),
    Field("City", Shape::Text(255)),
    Field("Country", Shape::Text(255)),
    Field("CountryCode", Shape::Text(10)),
    Field("CountrySubDivisionCode", Shape::Text(255)),
    Field("PostalCode", Shape::Text(30)),
    Field("PostalCodeSuffix", Shape::Text(30)),
    Field("Note", Shape::Text(500)),
    Field("Lat", Shape::ReadOnly),
    Field("Long", Shape::ReadOnly),
];

pub(super) const EMAIL: &[Field] = &[
    Field("Address", Shape::Email(100)),
    Field("Id", Shape::ReadOnly),
];
const PHONE: &[Field] = &[
    Field("FreeFormNumber", Shape::Text(30)),
    Field("Id", Shape::ReadOnly),
];
const WEB: &[Field] = &[Field("URI", Shape::Url(1000)), Field("Id", Shape::ReadOnly)];

/// The writable fields first, in the order they are answered.
///
/// `DisplayName`: 500 in the current page, 100 in the XSD and in a live fault; 100 is played.
pub(super) const CUSTOMER: &[Field] = &[
    Field("Taxable", Shape::YesNo),
    Field("BillAddr", Shape::Object(ADDRESS)),
    Field("ShipAddr", Shape::Object(ADDRESS)),
    Field("Notes", Shape::Text(2000)),
    Field("Job", Shape::YesNo),
    Field("BillWithParent", Shape::YesNo),
    Field("ParentRef", Shape::Reference),
    Field("CurrencyRef", Shape::Reference),
    Field("DefaultTaxCodeRef", Shape::Reference),
    Field("SalesTermRef", Shape::Reference),
    Field("PaymentMethodRef", Shape::Reference),
    Field("ARAccountRef", Shape::Reference),
    Field(
        "PreferredDeliveryMethod",
        Shape::OneOf(&["Print", "Email", "None"]),
    ),
    Field("ResaleNum", Shape::Text(16)),
    Field("PrimaryTaxIdentifier", Shape::Text(30)),
    Field("Title", Shape::Name(16)),
    Field("GivenName", Shape::Name(100)),
    Field("MiddleName", Shape::Name(100)),
    Field("FamilyName", Shape::Name(100)),
    Field("Suffix", Shape::Name(16)),
    Field("CompanyName", Shape::Name(100)),
    Field("DisplayName", Shape::Name(100)),
    Field("PrintOnCheckName", Shape::Text(110)),
    Field("Active", Shape::YesNo),
    Field("PrimaryPhone", Shape::Object(PHONE)),
    Field("AlternatePhone", Shape::Object(PHONE)),
    Field("Mobile", Shape::Object(PHONE)),
    Field("Fax", Shape::Object(PHONE)),
    Field("PrimaryEmailAddr", Shape::Object(EMAIL)),
    Field("WebAddr", Shape::Object(WEB)),
    Field("Id", Shape::ReadOnly),
    Field("SyncToken", Shape::ReadOnly),
    Field("sparse", Shape::ReadOnly),
    Field("domain", Shape::ReadOnly),
    Field("MetaData", Shape::ReadOnly),
    Field("FullyQualifiedName", Shape::ReadOnly),
    Field("Level", Shape::ReadOnly),
    Field("IsProject", Shape::ReadOnly),
    Field("Balance", Shape::ReadOnly),
    Field("BalanceWithJobs", Shape::ReadOnly),
    Field("OpenBalanceDate", Shape::ReadOnly),
    Field("ClientEntityId", Shape::ReadOnly),
    Field("V4IDPseudonym", Shape::ReadOnly),
];
