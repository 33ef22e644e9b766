//! Time as QuickBooks writes it: Pacific time with its offset.

use std::sync::LazyLock;

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Intuit's own time zone: `time` and MetaData carry a Pacific offset in every recorded answer.
static PACIFIC: LazyLock<TimeZone> =
    LazyLock::new(|| TimeZone::get("America/Los_Angeles").unwrap_or(TimeZone::UTC));

/// To the second, as in MetaData: `2026-09-14T10:22:31-07:00`.
pub(crate) fn second(moment: Timestamp) -> String {
    write(moment, false)
}

/// To the millisecond, as in an answer's `time`: `2026-09-14T10:22:31.447-07:00`.
pub(crate) fn millisecond(moment: Timestamp) -> String {
    write(moment, true)
}

/// The day it is in California.
pub(crate) fn day(moment: Timestamp) -> String {
    PACIFIC.to_datetime(moment).date().to_string()
}

fn write(moment: Timestamp, millis: bool) -> String {
    let offset = PACIFIC.to_offset(moment);
    let at = offset.to_datetime(moment);
    let (sign, minutes) = if offset.seconds() < 0 {
        ('-', -offset.seconds() / 60)
    } else {
        ('+', offset.seconds() / 60)
    };
    let fraction = if millis {
        format!(".{:03}", at.millisecond())
    } else {
        String::new()
    };
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}{fraction}{sign}{:02}:{:02}",
        at.year(),
        at.month(),
        at.day(),
        at.hour(),
        at.minute(),
        at.second(),
        minutes / 60,
        minutes % 60
    )
}
