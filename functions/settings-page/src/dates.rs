//! Days, times and counts as their readers write them.

use bookkeeping::transaction::Language;
use common::locales::say;
use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;

/// A day in little room: "Nov 27, 2026", "27 nov. 2026".
pub(crate) fn short_day(day: Date, language: Language) -> String {
    let month = format!("m{}", day.month());
    let month = say(language, "short-month", None, &[("month", &month)]);
    let number = match (language, day.day()) {
        (Language::French, 1) => "1er".to_owned(),
        (_, number) => number.to_string(),
    };
    let year = day.year().to_string();
    let figures = [("month", month.as_str()), ("day", &number), ("year", &year)];
    say(language, "short-day", None, &figures)
}

/// A time of day: "2:05 p.m.", "14 h 05".
pub(crate) fn time_of_day(time: Time, language: Language) -> String {
    let hour = match (language, time.hour()) {
        (Language::French, hour) => hour,
        (Language::English, 0 | 12) => 12,
        (Language::English, hour) => hour % 12,
    };
    let half = if time.hour() < 12 {
        "time-am"
    } else {
        "time-pm"
    };
    let (hour, minute) = (hour.to_string(), format!("{:02}", time.minute()));
    let figures = [("hour", hour.as_str()), ("minute", &minute)];
    say(language, half, None, &figures)
}

/// A count in groups of three: "100,000", "100 000".
pub(crate) fn grouped(count: u64, language: Language) -> String {
    let between = match language {
        Language::English => ',',
        Language::French => '\u{a0}',
    };
    let digits = count.to_string();
    let mut text = String::with_capacity(digits.len() * 2);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(between);
        }
        text.push(digit);
    }
    text
}

/// An instant as its reader's clock and calendar show it.
pub(crate) fn clock(at: Timestamp, zone: &TimeZone, language: Language) -> String {
    let at = zone.to_datetime(at);
    let day = short_day(at.date(), language);
    format!("{day}, {}", time_of_day(at.time(), language))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_is_grouped_as_its_reader_groups_it() {
        for (count, english, french) in [
            (0, "0", "0"),
            (999, "999", "999"),
            (1_000, "1,000", "1\u{a0}000"),
            (1_234_567, "1,234,567", "1\u{a0}234\u{a0}567"),
        ] {
            assert_eq!(grouped(count, Language::English), english);
            assert_eq!(grouped(count, Language::French), french);
        }
    }

    #[test]
    fn an_instant_is_written_as_its_reader_writes_it() {
        let cases = [
            (
                "2026-11-27T19:05:00Z",
                "Nov 27, 2026, 2:05 p.m.",
                "27 nov. 2026, 14 h 05",
            ),
            (
                "2026-08-01T04:00:00Z",
                "Aug 1, 2026, 12:00 a.m.",
                "1er août 2026, 0 h 00",
            ),
            (
                "2026-05-11T16:30:00Z",
                "May 11, 2026, 12:30 p.m.",
                "11 mai 2026, 12 h 30",
            ),
        ];
        let zone = TimeZone::get("America/Toronto").expect("a zone");
        for (at, english, french) in cases {
            let at: Timestamp = at.parse().expect("an instant");
            let said = |language| clock(at, &zone, language).replace('\u{a0}', " ");
            assert_eq!(said(Language::English), english);
            assert_eq!(said(Language::French), french);
        }
    }
}
