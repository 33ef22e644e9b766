//! Reading single values, each with the place it stands in, so that a refusal can name it.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::Date;

use super::refusal::RefusalCode;
use super::wire::Object;
use crate::ids::InvalidId;
use crate::money::{Amount, Currency, MoneyError};

/// A place in a message. A chain of borrowed steps: nothing is written down unless something is refused.
#[derive(Clone, Copy)]
pub(super) enum Path<'a> {
    Root,
    Field(&'a Self, &'static str),
    Element(&'a Self, usize),
}

impl Path<'_> {
    pub(super) const fn field(&self, name: &'static str) -> Path<'_> {
        Path::Field(self, name)
    }

    pub(super) const fn element(&self, index: usize) -> Path<'_> {
        Path::Element(self, index)
    }

    pub(super) fn refuse(&self, code: RefusalCode, explanation: impl Into<String>) -> Problem {
        Problem {
            code,
            field: self.to_string(),
            explanation: explanation.into(),
        }
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Path::Root => Ok(()),
            Path::Field(Path::Root, name) => f.write_str(name),
            Path::Field(parent, name) => write!(f, "{parent}.{name}"),
            Path::Element(parent, index) => write!(f, "{parent}[{index}]"),
        }
    }
}

/// What is wrong and where; a refusal before it is known whose message it is.
#[derive(Debug)]
pub(super) struct Problem {
    pub(super) code: RefusalCode,
    pub(super) field: String,
    pub(super) explanation: String,
}

/// First and last instant that can be meant: the years 2000 to 2099 in UTC.
const YEARS: std::ops::RangeInclusive<i16> = 2000..=2099;

pub(super) fn required<T>(value: Option<T>, path: Path<'_>) -> Result<T, Problem> {
    value.ok_or_else(|| path.refuse(RefusalCode::MissingField, "it must be given and is not"))
}

pub(super) fn object<T>(value: Option<Object<T>>, path: Path<'_>) -> Result<T, Problem> {
    required(value, path).map(|Object(wire)| wire)
}

pub(super) fn id<T: FromStr<Err = InvalidId>>(
    text: Option<impl AsRef<str>>,
    path: Path<'_>,
) -> Result<T, Problem> {
    let text = required(text, path)?;
    text.as_ref()
        .parse()
        .map_err(|error: InvalidId| path.refuse(RefusalCode::InvalidId, error.to_string()))
}

pub(super) fn optional_id<T: FromStr<Err = InvalidId>>(
    text: Option<impl AsRef<str>>,
    path: Path<'_>,
) -> Result<Option<T>, Problem> {
    // An empty id is an absent one, as with every other text.
    match text {
        Some(text) if !text.as_ref().is_empty() => id(Some(text), path).map(Some),
        _ => Ok(None),
    }
}

/// Reads an optional figure with `read`, and says what it was where that fails.
pub(super) fn figure<T>(
    text: Option<impl AsRef<str>>,
    path: Path<'_>,
    read: impl FnOnce(&str) -> Result<T, MoneyError>,
) -> Result<Option<T>, Problem> {
    text.map(|text| read(text.as_ref()).map_err(|error| money_problem(text.as_ref(), &error, path)))
        .transpose()
}

pub(super) fn optional_amount(
    text: Option<impl AsRef<str>>,
    currency: Currency,
    path: Path<'_>,
) -> Result<Option<Amount>, Problem> {
    figure(text, path, |text| Amount::parse(text, currency))
}

pub(super) fn amount(
    text: Option<impl AsRef<str>>,
    currency: Currency,
    path: Path<'_>,
) -> Result<Amount, Problem> {
    required(optional_amount(text, currency, path)?, path)
}

fn money_problem(text: &str, error: &MoneyError, path: Path<'_>) -> Problem {
    let code = match error {
        MoneyError::NotDecimal => RefusalCode::InvalidValue,
        MoneyError::TooManyDecimals { .. } => RefusalCode::WrongDecimals,
        MoneyError::OutOfRange | MoneyError::CurrenciesDiffer { .. } => RefusalCode::OutOfRange,
    };
    path.refuse(code, format!("{}: {error}", shown(text)))
}

pub(super) fn currency(text: Option<impl AsRef<str>>, path: Path<'_>) -> Result<Currency, Problem> {
    let text = required(text, path)?;
    Currency::parse(text.as_ref()).map_err(|error| {
        path.refuse(
            RefusalCode::UnknownCurrency,
            format!("{}: {error}", shown(text.as_ref())),
        )
    })
}

/// Reads an instant: RFC 3339 with its offset, in full.
pub(super) fn timestamp(
    text: Option<impl AsRef<str>>,
    path: Path<'_>,
) -> Result<Timestamp, Problem> {
    required(optional_timestamp(text, path)?, path)
}

pub(super) fn optional_timestamp(
    text: Option<impl AsRef<str>>,
    path: Path<'_>,
) -> Result<Option<Timestamp>, Problem> {
    let Some(text) = text else { return Ok(None) };
    let text = text.as_ref();
    let instant = is_rfc_3339(text)
        .then(|| text.parse::<Timestamp>().ok())
        .flatten();
    match instant {
        Some(instant) if YEARS.contains(&jiff::tz::TimeZone::UTC.to_datetime(instant).year()) => {
            Ok(Some(instant))
        }
        Some(_) => Err(path.refuse(
            RefusalCode::InvalidTime,
            format!("{}: it is not in the years 2000 to 2099", shown(text)),
        )),
        None => {
            let explanation = format!(
                "{}: it is not a time with its offset such as \"2026-11-22T09:03:11-05:00\"",
                shown(text)
            );
            Err(path.refuse(RefusalCode::InvalidTime, explanation))
        }
    }
}

/// Whether the text has RFC 3339's shape. The time library takes more: a space for the T, no colons, a zone in brackets.
fn is_rfc_3339(text: &str) -> bool {
    let fits = |text: &str, shape: &str| {
        text.len() == shape.len()
            && text
                .bytes()
                .zip(shape.bytes())
                .all(|(byte, shape)| match shape {
                    b'0' => byte.is_ascii_digit(),
                    b'T' => byte.eq_ignore_ascii_case(&b'T'),
                    b'+' => byte == b'+' || byte == b'-',
                    _ => byte == shape,
                })
    };
    let Some((moment, rest)) = text.split_at_checked(19) else {
        return false;
    };
    let offset = rest
        .find(['Z', 'z', '+', '-'])
        .and_then(|start| rest.split_at_checked(start));
    let Some((fraction, offset)) = offset else {
        return false;
    };
    let digits = fraction
        .strip_prefix('.')
        .map_or(fraction.is_empty(), |digits| {
            (1..=9).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
        });
    fits(moment, "0000-00-00T00:00:00")
        && digits
        && (offset.eq_ignore_ascii_case("Z") || fits(offset, "+00:00"))
}

/// Reads a day: "2026-11-21".
pub(super) fn optional_date(
    text: Option<impl AsRef<str>>,
    path: Path<'_>,
) -> Result<Option<Date>, Problem> {
    let Some(text) = text else { return Ok(None) };
    let text = text.as_ref();
    match text.parse::<Date>() {
        Ok(date) if text.len() == "2026-11-21".len() && YEARS.contains(&date.year()) => {
            Ok(Some(date))
        }
        _ => {
            let explanation = format!(
                "{}: it is not a day of the years 2000 to 2099 such as \"2026-11-21\"",
                shown(text)
            );
            Err(path.refuse(RefusalCode::InvalidTime, explanation))
        }
    }
}

/// Cleans a text that people read: trimmed; without control characters other than tab and line ends; absent where
/// nothing is left. Never refuses: a text is no reason to hold up money.
pub(super) fn text(text: Option<String>) -> Option<String> {
    let text = text?;
    let kept = |c: char| !c.is_control() || matches!(c, '\t' | '\n' | '\r');
    let cleaned = if text.chars().all(kept) {
        text
    } else {
        text.chars().filter(|c| kept(*c)).collect()
    };
    let trimmed = cleaned.trim();
    if trimmed.len() == cleaned.len() {
        (!cleaned.is_empty()).then_some(cleaned)
    } else {
        (!trimmed.is_empty()).then(|| trimmed.to_owned())
    }
}

/// Cleans a text of one line, such as a number people see: as [`text`], with a space for each tab and line end.
pub(super) fn label(value: Option<String>) -> Option<String> {
    text(value).map(|label| {
        if label.contains(char::is_control) {
            label.replace(char::is_control, " ")
        } else {
            label
        }
    })
}

/// Shows a given text in an explanation only where it is plainly a figure, a time or a word of a list, in quotes; of
/// anything else, which may be a person's name, only its length.
pub(super) fn shown(text: &str) -> String {
    let figure = text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || b"-+.:,eETZ".contains(&byte));
    let word = text
        .bytes()
        .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._".contains(&byte));
    if !text.is_empty() && text.len() <= 40 && (figure || word) {
        format!("\"{text}\"")
    } else {
        format!("a text of {} characters", text.chars().count())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_written_as_json_is_read() {
        let root = Path::Root;
        let payment = root.field("payment");
        let lines = payment.field("lines");
        let line = lines.element(1);
        let taxes = line.field("taxes");
        assert_eq!(
            taxes.element(0).field("amount").to_string(),
            "payment.lines[1].taxes[0].amount"
        );
    }

    #[test]
    fn a_time_needs_its_offset_and_every_colon() {
        for text in [
            "2026-11-22T14:03:12Z",
            "2026-11-22t14:03:12z",
            "2026-11-22T09:03:12-05:00",
            "2026-11-22T14:03:12.1Z",
            "2026-11-22T14:03:12.123456789+00:00",
            "2026-12-31T23:59:60Z",
            "2000-01-01T00:00:00Z",
        ] {
            assert!(optional_timestamp(Some(text), Path::Root).is_ok(), "{text}");
        }
        for text in [
            "",
            "2026-11-22",
            "2026-11-22T14:03Z",
            "2026-11-22T14:03:12",
            "20261122T140312Z",
            "2026-11-22T14:03:12+0000",
            "2026-11-22T14:03:12.Z",
            "2026-11-22T14:03:12.1234567890Z",
            "2026-11-22T14:03:12Z[UTC]",
            "2026-11-22T14:03:12-05:00[America/Toronto]",
            "2026-11-22T24:00:00Z",
            "2026-11-31T14:03:12Z",
            "-002026-11-22T14:03:12Z",
            "2026-11-22T14:03:1éZ",
            "2100-01-01T00:00:00Z",
            "1999-12-31T23:59:59Z",
        ] {
            assert!(
                optional_timestamp(Some(text), Path::Root).is_err(),
                "{text}"
            );
        }
    }

    #[test]
    fn texts_are_cleaned_and_never_refused() {
        let cleaned = |given: &str| text(Some(given.to_owned()));
        assert_eq!(cleaned("  Zoë  "), Some("Zoë".to_owned()));
        assert_eq!(cleaned("a\u{0}b\u{7f}\tc"), Some("ab\tc".to_owned()));
        assert_eq!(cleaned(" \u{0} "), None);
        assert_eq!(cleaned(""), None);
        assert_eq!(label(Some(" 04\n17 ".to_owned())), Some("04 17".to_owned()));
    }

    #[test]
    fn only_figures_times_and_words_of_lists_are_shown() {
        for text in [
            "77.550",
            "-1",
            "1e3",
            "2026-11-22T09:03:11-05:00",
            "payment.authorized",
            "zero_rated",
        ] {
            assert_eq!(shown(text), format!("\"{text}\""));
        }
        assert_eq!(shown("Aline Roy"), "a text of 9 characters");
        assert_eq!(shown("aline.roy@example.com"), "a text of 21 characters");
        assert_eq!(shown(""), "a text of 0 characters");
        assert_eq!(shown(&"1".repeat(41)), "a text of 41 characters");
    }
}
