//! Which properties a query may filter and sort by. Source: the "filterable" marks of Intuit's API reference.

use jiff::Timestamp;
use rust_decimal::Decimal;

use crate::fields;
use crate::json::Json;
use crate::kind::Kind;

/// What type a property is compared as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Compared {
    /// As text, without regard to case.
    Text,
    /// As an id: only `=` and `IN`.
    Id,
    /// As a number.
    Number,
    /// As true or false.
    YesNo,
    /// As a moment.
    Moment,
}

/// A property queries may use.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Property {
    /// Its name in queries.
    pub name: &'static str,
    /// Where its value stands in the entity.
    path: &'static str,
    /// What it is compared as.
    pub compared: Compared,
}

/// The value of a property, ready to be compared.
#[derive(Clone, Debug, PartialEq, PartialOrd)]
pub(crate) enum Fact {
    /// Text in lower case.
    Text(String),
    /// A number.
    Number(Decimal),
    /// True or false.
    YesNo(bool),
    /// A moment.
    Moment(Timestamp),
}

macro_rules! properties {
    ($($name:literal $path:literal $compared:ident),* $(,)?) => {
        &[
            Property { name: "Id", path: "Id", compared: Compared::Id },
            $(Property { name: $name, path: $path, compared: Compared::$compared },)*
            Property { name: "MetaData.CreateTime", path: "MetaData.CreateTime", compared: Compared::Moment },
            Property { name: "MetaData.LastUpdatedTime", path: "MetaData.LastUpdatedTime", compared: Compared::Moment },
        ]
    };
}

const PERSON: &[Property] = properties![
    "DisplayName" "DisplayName" Text, "GivenName" "GivenName" Text, "MiddleName" "MiddleName" Text, "FamilyName" "FamilyName" Text,
    "FullyQualifiedName" "FullyQualifiedName" Text, "CompanyName" "CompanyName" Text, "PrintOnCheckName" "PrintOnCheckName" Text,
    "Active" "Active" YesNo, "Balance" "Balance" Number, "PrimaryEmailAddr" "PrimaryEmailAddr.Address" Text,
];
const VENDOR: &[Property] = properties!["DisplayName" "DisplayName" Text, "CompanyName" "CompanyName" Text, "Active" "Active" YesNo];
const SALES_RECEIPT: &[Property] = properties![
    "DocNumber" "DocNumber" Text, "TxnDate" "TxnDate" Text, "CustomerRef" "CustomerRef.value" Text, "TotalAmt" "TotalAmt" Number,
    "Balance" "Balance" Number, "ProjectRef" "ProjectRef.value" Text,
];
const REFUND_RECEIPT: &[Property] = properties![
    "DocNumber" "DocNumber" Text, "TxnDate" "TxnDate" Text, "CustomerRef" "CustomerRef.value" Text, "Balance" "Balance" Number,
    "ProjectRef" "ProjectRef.value" Text,
];
const ITEM: &[Property] = properties![
    "Name" "Name" Text, "FullyQualifiedName" "FullyQualifiedName" Text, "Active" "Active" YesNo, "Type" "Type" Text, "Sku" "Sku" Text,
];
const ACCOUNT: &[Property] = properties![
    "Name" "Name" Text, "FullyQualifiedName" "FullyQualifiedName" Text, "AccountType" "AccountType" Text,
    "Classification" "Classification" Text, "Active" "Active" YesNo,
];
const LIST: &[Property] = properties!["Name" "Name" Text, "Active" "Active" YesNo];
const TREE: &[Property] = properties!["Name" "Name" Text, "FullyQualifiedName" "FullyQualifiedName" Text, "Active" "Active" YesNo];
const AGENCY: &[Property] = properties!["DisplayName" "DisplayName" Text];
const EXCHANGE_RATE: &[Property] =
    properties!["SourceCurrencyCode" "SourceCurrencyCode" Text, "AsOfDate" "AsOfDate" Text];
const SETTINGS: &[Property] = properties![];

/// The properties queries may use of a kind.
pub(crate) fn of(kind: Kind) -> &'static [Property] {
    match kind {
        Kind::Customer => PERSON,
        Kind::Vendor | Kind::Employee => VENDOR,
        Kind::SalesReceipt => SALES_RECEIPT,
        Kind::RefundReceipt => REFUND_RECEIPT,
        Kind::Item => ITEM,
        Kind::Account => ACCOUNT,
        Kind::PaymentMethod | Kind::TaxCode | Kind::TaxRate => LIST,
        Kind::Class | Kind::Department => TREE,
        Kind::TaxAgency => AGENCY,
        Kind::ExchangeRate => EXCHANGE_RATE,
        Kind::CompanyInfo | Kind::Preferences => SETTINGS,
    }
}

/// The place of a property in the facts of its kind, or why it cannot be used, as QuickBooks says it.
pub(crate) fn find(kind: Kind, name: &str) -> Result<usize, String> {
    let known = of(kind);
    if let Some(place) = known
        .iter()
        .position(|property| property.name.eq_ignore_ascii_case(name))
    {
        return Ok(place);
    }
    let head = name.split('.').next().unwrap_or(name);
    if name == head
        && fields::of(kind)
            .iter()
            .any(|field| field.0.eq_ignore_ascii_case(head))
    {
        return Err(format!(
            "QueryValidationError: property '{name}' is not queryable"
        ));
    }
    Err(format!(
        "QueryValidationError: Property {name} not found for Entity {}",
        kind.name()
    ))
}

/// The facts of an entity, in the order of its kind's properties.
pub(crate) fn facts(kind: Kind, entity: &Json) -> Box<[Option<Fact>]> {
    of(kind)
        .iter()
        .map(
            |property| match (property.compared, entity.at(property.path)?) {
                (Compared::Text | Compared::Id, Json::Text(text)) => {
                    Some(Fact::Text(text.to_lowercase()))
                }
                (Compared::Number, Json::Number(number)) => Some(Fact::Number(*number)),
                (Compared::YesNo, Json::Bool(value)) => Some(Fact::YesNo(*value)),
                (Compared::Moment, Json::Text(text)) => text.parse().ok().map(Fact::Moment),
                _ => None,
            },
        )
        .collect()
}
