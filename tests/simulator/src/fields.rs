//! Fields: what each entity may carry, and what is said where a value is not what QuickBooks takes.
//!
//! The tables are Intuit's API reference and its public XSD; whatever they do not name is refused with 2010, because a
//! client that misspells a field must find out here. Read-only fields may be sent back and are ignored, as documented.

mod lists;
mod person;
mod receipt;

use rust_decimal::Decimal;

use crate::fault::Fault;
use crate::json::Json;
use crate::kind::Kind;

/// What a field holds.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Shape {
    /// Text of at most so many characters.
    Text(usize),
    /// A name: as text, and without colon, tab and newline.
    Name(usize),
    /// One e-mail address of at most so many characters.
    Email(usize),
    /// An absolute web address of at most so many characters.
    Url(usize),
    /// A decimal number.
    Number,
    /// True or false.
    YesNo,
    /// A day, `YYYY-MM-DD`.
    Day,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// A reference, `{"value": …}`.
    Reference,
    /// An object of these fields.
    Object(&'static [Field]),
    /// An array of objects of these fields.
    List(&'static [Field]),
    /// Read-only: accepted in any form and ignored.
    ReadOnly,
}

/// A field's name and what it holds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Field(pub &'static str, pub Shape);

impl Field {
    /// True if a client can set it.
    pub fn is_writable(self) -> bool {
        !matches!(self.1, Shape::ReadOnly)
    }
}

/// The fields of a kind of entity.
pub(crate) fn of(kind: Kind) -> &'static [Field] {
    match kind {
        Kind::Customer | Kind::Vendor | Kind::Employee => person::CUSTOMER,
        Kind::SalesReceipt => receipt::SALES_RECEIPT,
        Kind::RefundReceipt => receipt::REFUND_RECEIPT,
        Kind::Item => lists::ITEM,
        Kind::Account => lists::ACCOUNT,
        Kind::PaymentMethod => lists::PAYMENT_METHOD,
        Kind::TaxCode => lists::TAX_CODE,
        Kind::TaxRate => lists::TAX_RATE,
        Kind::TaxAgency => lists::TAX_AGENCY,
        Kind::Class => lists::CLASS,
        Kind::Department => lists::DEPARTMENT,
        Kind::ExchangeRate => lists::EXCHANGE_RATE,
        Kind::CompanyInfo => lists::COMPANY_INFO,
        Kind::Preferences => lists::PREFERENCES,
    }
}

/// Checks a body against the fields of its kind.
///
/// `emoji_fails` makes characters outside Unicode's first plane an application error, as reported for PHP-SDK#264.
pub(crate) fn check(body: &Json, fields: &[Field], emoji_fails: bool) -> Result<(), Fault> {
    for (name, value) in body.members() {
        let Some(Field(_, shape)) = fields.iter().find(|Field(known, _)| known == name) else {
            return Err(Fault::unknown_property(name));
        };
        if !value.is_blank() {
            check_value(name, value, *shape, emoji_fails)?;
        }
    }
    Ok(())
}

fn check_value(name: &str, value: &Json, shape: Shape, emoji_fails: bool) -> Result<(), Fault> {
    match shape {
        Shape::ReadOnly => Ok(()),
        Shape::Text(max) => text(name, value, max, emoji_fails).map(|_| ()),
        Shape::Name(max) => {
            let text = text(name, value, max, emoji_fails)?;
            if text.contains([':', '\t', '\n']) {
                return Err(Fault::validation(
                    "2040",
                    "Invalid String",
                    format!("Invalid String. Invalid characters in {name}"),
                )
                .about(name));
            }
            Ok(())
        }
        Shape::Email(max) => {
            let address = text(name, value, max, emoji_fails)?;
            if is_one_address(address) {
                Ok(())
            } else {
                Err(Fault::validation(
                    "2210",
                    "Invalid Email Address format",
                    format!("Email Address does not conform to the syntax rules of RFC 822. Supplied value:{address}"),
                )
                .about(name))
            }
        }
        Shape::Url(max) => {
            let address = text(name, value, max, emoji_fails)?;
            let sound = address.split_once("://").is_some_and(|(scheme, rest)| {
                matches!(scheme, "http" | "https") && rest.contains('.') && !rest.contains(' ')
            });
            if sound {
                Ok(())
            } else {
                Err(Fault::validation(
                    "2200",
                    "Malformed Website Address Format",
                    format!("Malformed Website Address. Supplied value:{address}"),
                )
                .about(name))
            }
        }
        Shape::Number => number(value).map(|_| ()).ok_or_else(|| {
            Fault::validation(
                "2080",
                "Invalid Number Format",
                format!("Invalid number format. Supplied value:{}", value.to_text()),
            )
            .about(name)
        }),
        Shape::YesNo => match value {
            Json::Bool(_) => Ok(()),
            other => Err(Fault::validation(
                "2230",
                "Invalid Boolean",
                format!("Invalid boolean. Supplied value:{}", other.to_text()),
            )
            .about(name)),
        },
        Shape::Day => day(name, value),
        Shape::OneOf(words) => match value.as_text() {
            Some(word) if words.contains(&word) => Ok(()),
            _ => Err(Fault::validation(
                "2170",
                "Invalid Enumeration",
                format!("Invalid Enumeration : {}", value.to_text()),
            )
            .about(name)),
        },
        Shape::Reference => object(name, value, REFERENCE, emoji_fails),
        Shape::Object(fields) => object(name, value, fields, emoji_fails),
        Shape::List(fields) => match value {
            Json::List(items) => items
                .iter()
                .try_for_each(|item| object(name, item, fields, emoji_fails)),
            _ => Err(Fault::unknown_property(name)),
        },
    }
}

const REFERENCE: &[Field] = &[
    Field("value", Shape::Text(100)),
    Field("name", Shape::ReadOnly),
    Field("type", Shape::ReadOnly),
];

fn object(name: &str, value: &Json, fields: &[Field], emoji_fails: bool) -> Result<(), Fault> {
    match value {
        Json::Object(_) => check(value, fields, emoji_fails),
        _ => Err(Fault::unknown_property(name)),
    }
}

fn text<'a>(name: &str, value: &'a Json, max: usize, emoji_fails: bool) -> Result<&'a str, Fault> {
    let Some(text) = value.as_text() else {
        return Err(Fault::unknown_property(name));
    };
    let length = text.chars().count();
    if length > max {
        let element = if name == "CustomerMemo" {
            "Customer Memo"
        } else {
            name
        };
        return Err(Fault::too_long(element, max, length));
    }
    if emoji_fails && text.chars().any(|character| character > '\u{ffff}') {
        return Err(Fault::application(
            "An unexpected error occurred while accessing or saving your data. Please wait a few minutes and try again.",
        ));
    }
    Ok(text)
}

/// The number of a value that is one, or of a string that spells one: Jackson, which QuickBooks reads with, takes both.
pub(crate) fn number(value: &Json) -> Option<Decimal> {
    match value {
        Json::Number(number) => Some(*number),
        Json::Text(text) => Decimal::from_str_exact(text).ok(),
        _ => None,
    }
}

fn day(name: &str, value: &Json) -> Result<(), Fault> {
    let text = value.as_text().unwrap_or_default();
    let shaped = text.len() == 10
        && text.char_indices().all(|(index, character)| {
            if index == 4 || index == 7 {
                character == '-'
            } else {
                character.is_ascii_digit()
            }
        });
    if !shaped {
        return Err(Fault::validation(
            "2060",
            "Invalid Date Format",
            format!("Invalid date format. Supplied value:{text}"),
        )
        .about(name));
    }
    match text.parse::<jiff::civil::Date>() {
        Ok(_) => Ok(()),
        Err(_) => Err(Fault::validation(
            "2070",
            "Invalid Date",
            format!("Invalid date. Supplied value:{text}"),
        )
        .about(name)),
    }
}

/// True for one plain address: the screens take lists separated by commas, the API does not.
fn is_one_address(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else {
        return false;
    };
    let plain = |part: &str| {
        !part.is_empty()
            && !part.contains([' ', ',', ';', '<', '>', '(', ')', '@', '"', '\t', '\n'])
    };
    plain(local)
        && plain(domain)
        && domain.contains('.')
        && !domain.starts_with('.')
        && !domain.ends_with('.')
        && !domain.contains("..")
}
