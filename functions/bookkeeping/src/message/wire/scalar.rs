//! The texts of which a message is made, and what a JSON object is.

use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// A JSON object. By itself serde takes a list for a structure too, field by field in order; MioCommerce sends none.
#[derive(Debug)]
pub(in crate::message) struct Object<T>(pub(in crate::message) T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields<T>(std::marker::PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Fields<T> {
            type Value = Object<T>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(Object)
            }
        }

        deserializer.deserialize_map(Fields(std::marker::PhantomData))
    }
}

#[cfg(feature = "schema")]
impl<T: schemars::JsonSchema> schemars::JsonSchema for Object<T> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        T::schema_name()
    }

    fn schema_id() -> std::borrow::Cow<'static, str> {
        T::schema_id()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        T::json_schema(generator)
    }
}

macro_rules! text {
    ($(#[$about:meta])* $name:ident, $pattern:literal, $($key:literal = $value:expr),+) => {
        #[derive(Debug, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[cfg_attr(feature = "schema", schemars(extend("pattern" = $pattern, $($key = $value),+)))]
        #[serde(transparent)]
        $(#[$about])*
        pub(in crate::message) struct $name(String);

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }
    };
}

text!(
    /// An id of MioCommerce: 1 to 64 printable ASCII characters other than space and '#'.
    Id,
    r"^[!-\x22$-~]{1,64}$",
    "examples" = ["mer_4fz9", "pay_8KQ2XW", "1"]
);
text!(
    /// An amount of money in major units, with at most the decimals of the currency (2 for CAD, 0 for JPY, 3 for KWD).
    Money,
    r"^-?(0|[1-9][0-9]*)(\.[0-9]{1,3})?$",
    "examples" = ["77.55", "-5.00", "1200", "12.345"]
);
text!(
    /// A rate in percent, from 0 to 100, with at most 6 decimals.
    Rate,
    r"^(0|[1-9][0-9]{0,2})(\.[0-9]{1,6})?$",
    "examples" = ["9.975", "5", "0"]
);
text!(
    /// A number of things, not negative, with at most 6 decimals.
    QuantityText,
    r"^(0|[1-9][0-9]{0,11})(\.[0-9]{1,6})?$",
    "examples" = ["2", "1.5"]
);
text!(
    /// The price of one, in major units of the currency, with at most 7 decimals.
    UnitPriceText,
    r"^-?(0|[1-9][0-9]{0,11})(\.[0-9]{1,7})?$",
    "examples" = ["42.50", "0.3333333"]
);
text!(
    /// Home units for one unit of the foreign currency, above zero, with at most 12 decimals.
    ExchangeRate,
    r"^(0|[1-9][0-9]{0,11})(\.[0-9]{1,12})?$",
    "examples" = ["1.3725"]
);
text!(
    /// A time of RFC 3339 with its offset, in the years 2000 to 2099.
    Time,
    r"^20[0-9]{2}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})$",
    "format" = "date-time", "examples" = ["2026-11-22T09:03:11-05:00"]
);
text!(
    /// A day, in the years 2000 to 2099.
    Day,
    r"^20[0-9]{2}-[0-9]{2}-[0-9]{2}$",
    "format" = "date", "examples" = ["2026-11-21"]
);
text!(
    /// A currency of ISO 4217.
    CurrencyCode,
    "^[A-Z]{3}$",
    "examples" = ["CAD", "USD"]
);
