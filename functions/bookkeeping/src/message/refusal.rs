//! Refusals: why a message is not taken, for a developer of MioCommerce to read.

use std::fmt;

use super::read::Problem;
use crate::ids::MerchantId;
use crate::transaction::TransactionKey;

/// Why a message is refused. Holds field paths, ids and figures, and never a text that a person wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The reason, one of a closed list.
    pub code: RefusalCode,
    /// Whose message it is, where that could be read.
    pub merchant: Option<MerchantId>,
    /// Which transaction it is about, where that could be read.
    pub transaction: Option<TransactionKey>,
    /// Where in the message: `payment.lines[1].taxes[0].amount`. Empty: the message as a whole.
    pub field: String,
    /// What is wrong, in English, with the figures of both sides.
    pub explanation: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let field = if self.field.is_empty() {
            "message"
        } else {
            &self.field
        };
        write!(f, "{field}: {} ({})", self.explanation, self.code)
    }
}

impl std::error::Error for Refusal {}

macro_rules! codes {
    ($($(#[$about:meta])* $name:ident = $word:literal,)*) => {
        /// The reasons to refuse a message: a closed list.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum RefusalCode {
            $($(#[$about])* $name,)*
        }

        impl RefusalCode {
            /// Every code.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// Returns the word for it in logs, activity and fixtures.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)*
                }
            }
        }
    };
}

codes! {
    /// The body is not JSON, or more than one JSON value.
    NotJson = "not_json",
    /// The body is longer than [`BODY_LENGTH_MAX`](super::BODY_LENGTH_MAX) bytes.
    TooLarge = "too_large",
    /// Objects and lists stand more than 64 deep in one another.
    TooDeep = "too_deep",
    /// A schema number we do not read.
    UnknownSchema = "unknown_schema",
    /// A type of message we do not know.
    UnknownType = "unknown_type",
    /// A field that must be there is absent, null or empty.
    MissingField = "missing_field",
    /// A field has another JSON type than it must have: a number where a text belongs.
    WrongType = "wrong_type",
    /// A field is there twice.
    DuplicateField = "duplicate_field",
    /// A value of the right type that means nothing: an unknown kind, a number that is not a plain decimal.
    InvalidValue = "invalid_value",
    /// A text that cannot be an id.
    InvalidId = "invalid_id",
    /// A text that is no day or no time, or one outside the years 2000 to 2099.
    InvalidTime = "invalid_time",
    /// A code that ISO 4217 does not list.
    UnknownCurrency = "unknown_currency",
    /// More decimals than the currency has, or than may be given.
    WrongDecimals = "wrong_decimals",
    /// A figure, or a sum of figures, too large to be true.
    OutOfRange = "out_of_range",
    /// A negative figure where none can be, or the other way round.
    WrongSign = "wrong_sign",
    /// A line's quantity times its unit price less its discount is not its amount.
    LineDoesNotMultiply = "line_does_not_multiply",
    /// Lines and taxes do not come to what was paid.
    AmountsDoNotAddUp = "amounts_do_not_add_up",
    /// Two lines have one id.
    DuplicateLine = "duplicate_line",
    /// Two taxes of a line, or of a merchant, have one id; or two services.
    DuplicateId = "duplicate_id",
    /// A line or tax is referred to that is not there.
    UnknownReference = "unknown_reference",
    /// Two things that exclude each other: `paid_before` and deposits, taxes and a reason for none.
    Contradiction = "contradiction",
    /// The payment beside a refund is not the payment the refund names, or is in another currency.
    WrongPayment = "wrong_payment",
}

impl RefusalCode {
    /// Returns the code that `word` is.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.as_str() == word)
    }
}

impl fmt::Display for RefusalCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Says what a JSON error means, without the value it quotes: "invalid type: string \"...\"" may hold anything.
pub(super) fn from_serde(path: &str, error: &serde_json::Error) -> Problem {
    let told = error.to_string();
    let place = format!("at line {}, column {}", error.line(), error.column());
    let (code, explanation) = if !error.is_data() {
        // Syntax errors are described by fixed texts of the parser's own; none quotes the body.
        (
            RefusalCode::NotJson,
            format!("the body is not one JSON object: {told}"),
        )
    } else if told.starts_with("duplicate field") {
        (
            RefusalCode::DuplicateField,
            format!("a field is there twice {place}"),
        )
    } else if told.starts_with("invalid value") {
        (
            RefusalCode::InvalidValue,
            format!(
                "expected {}, found a number it cannot be {place}",
                expected(&told)
            ),
        )
    } else {
        (
            RefusalCode::WrongType,
            format!(
                "expected {}, found {} {place}",
                expected(&told),
                found(&told)
            ),
        )
    };
    // A place that is not reached yet is written as "?", and the message as a whole as ".".
    let mut field = path.trim_end_matches('?').trim_end_matches('.').to_owned();
    if let Some((_, name)) = told.split_once("duplicate field `") {
        // The name is one of our own structures', or it would not be known to be there twice.
        let name = name.split('`').next().unwrap_or_default();
        let dot = if field.is_empty() { "" } else { "." };
        field = format!("{field}{dot}{name}");
    }
    Problem {
        code,
        field,
        explanation,
    }
}

/// What the reader would have taken: the end of serde's text, which is ours and never the sender's.
fn expected(told: &str) -> &'static str {
    let (_, end) = told.rsplit_once(", expected ").unwrap_or_default();
    ["a string", "an object", "a sequence", "a boolean", "u64"]
        .into_iter()
        .find(|known| end.starts_with(known))
        .map_or("another type", |known| {
            if known == "u64" {
                "a whole number, not negative"
            } else {
                known
            }
        })
}

/// What kind of value was found: the first word of serde's text.
fn found(told: &str) -> &'static str {
    let start = told.strip_prefix("invalid type: ").unwrap_or_default();
    [
        "string",
        "integer",
        "floating point",
        "boolean",
        "null",
        "map",
        "sequence",
    ]
    .into_iter()
    .find(|known| start.starts_with(known))
    .unwrap_or("something else")
}
