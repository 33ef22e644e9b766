//! Mails: what an operator is told about a connection in trouble, as text and as HTML, in the language they read.
//!
//! The words stand in `locales/mails.*.ftl` under the cause. A mail holds the merchant's and the company's names, counts
//! and sums; never a token, and nothing of any customer.

use askama::Template;
use bookkeeping::incident::{Cause, Step};
use bookkeeping::merchant::Addressee;
use bookkeeping::money::Amount;
use bookkeeping::transaction::Language;
use bookkeeping::waits::Waits;
use jiff::civil::Date;

use crate::locales::say;

mod link;
mod message;

pub use link::{Unsubscribing, unsubscribe_url};
pub use message::raw;

/// A mail, ready to be sent. Has no `Debug`: it holds an address.
#[derive(Clone, PartialEq, Eq)]
pub struct Mail {
    /// Who it goes to.
    pub to: Addressee,
    /// Its subject.
    pub subject: String,
    /// The same in plain text.
    pub text: String,
    /// The same in HTML.
    pub html: String,
    /// Where reminders are stopped with one click (RFC 8058); none where there is nothing to stop.
    pub unsubscribe_url: Option<String>,
    /// Whose it is, and which: marks that the mail service gives back with its events.
    pub marks: Marks,
}

/// What the mail service gives back with its events. ASCII letters, digits, `-` and `_` alone; names nobody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marks {
    /// The merchant's id, in base64url.
    pub merchant: String,
    /// The mail's own mark.
    pub mail: String,
}

/// Why a mail was not sent, by what it says of whether it may have been.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MailFault {
    /// The service did not take it and says so: throttled, its quota used up, paused. Try later.
    #[error("the mail service does not take mails now")]
    Later,
    /// It will never take this one: the address or the mail itself is not one. Ours or the operator's to mend.
    #[error("the mail service refuses this mail")]
    Refused,
    /// Nobody knows whether it was sent.
    #[error("the mail service did not answer")]
    Unknown,
}

/// What a mail says.
#[derive(Clone, Copy, Debug)]
pub struct Letter<'a> {
    /// The language its reader reads.
    pub language: Language,
    /// Whether its reader is the bookkeeper, and not an administrator.
    pub is_bookkeeper: bool,
    /// The merchant's name.
    pub merchant: &'a str,
    /// The company's name.
    pub company: &'a str,
    /// What it is about.
    pub cause: Cause,
    /// Which mail of it.
    pub step: Step,
    /// What waits now.
    pub waits: &'a Waits,
    /// How the end went; of use to the last mail alone.
    pub end: End<'a>,
    /// The day on which the five years are over, or the connection is given back for want of the plan, as the reader writes
    /// days; empty where it is about neither.
    pub day: &'a str,
    /// Where operators are sent.
    pub market_url: &'a str,
    /// The help articles.
    pub help_url: &'a str,
    /// Where reminders are stopped; empty where none follow.
    pub unsubscribe_url: &'a str,
}

/// How an incident ended.
#[derive(Clone, Copy, Debug, Default)]
pub struct End<'a> {
    /// Who reconnected; empty where nobody had to.
    pub by: &'a str,
    /// How many transactions had waited.
    pub waited: u64,
    /// Whether more had waited than were counted.
    pub more_waited: bool,
    /// How many need the operator now.
    pub held: u64,
    /// Whether more need the operator than were counted.
    pub more_held: bool,
}

/// A letter, written.
#[derive(Clone, PartialEq, Eq)]
pub struct Written {
    /// The subject.
    pub subject: String,
    /// Plain text.
    pub text: String,
    /// HTML.
    pub html: String,
}

#[derive(Template)]
#[template(path = "mail.html")]
struct Html<'a> {
    language: Language,
    subject: &'a str,
    tone: &'a str,
    /// What it says, in the same words.
    text: &'a Text<'a>,
}

#[derive(Template)]
#[template(path = "mail.txt")]
struct Text<'a> {
    company: &'a str,
    heading: &'a str,
    paragraphs: &'a [String],
    button: &'a str,
    market_url: &'a str,
    why: &'a str,
    help: &'a str,
    help_url: &'a str,
    unsubscribe: &'a str,
    unsubscribe_url: &'a str,
}

impl Letter<'_> {
    /// Writes it.
    ///
    /// # Panics
    ///
    /// Never: writing to memory does not fail.
    #[must_use]
    pub fn written(&self) -> Written {
        let is_over = self.step == Step::Recovered;
        let heading = match is_over {
            true => self.words("mail-recovered", None),
            false => self.words(&self.code(), None),
        };
        let subject = self.subject(&heading);
        let paragraphs = match is_over {
            true => self.over(),
            false => self.trouble(),
        };
        let tone = match self.cause {
            _ if is_over => "#0b6e4f",
            Cause::Plan | Cause::Expiring => "#8a5a00",
            _ => "#a4262c",
        };
        let button = self.words("mail-button", None);
        let why = self.words(
            match self.is_bookkeeper {
                true => "mail-why-bookkeeper",
                false => "mail-why-operator",
            },
            None,
        );
        let help = self.words("mail-help", None);
        let unsubscribe = self.words("mail-unsubscribe", None);
        let text = Text {
            company: self.company,
            heading: &heading,
            paragraphs: &paragraphs,
            button: &button,
            market_url: self.market_url,
            why: &why,
            help: &help,
            help_url: self.help_url,
            unsubscribe: &unsubscribe,
            unsubscribe_url: self.unsubscribe_url,
        };
        let html = Html {
            language: self.language,
            subject: &subject,
            tone,
            text: &text,
        };
        let written = "writing to memory does not fail";
        Written {
            html: html.render().expect(written),
            text: text.render().expect(written),
            subject,
        }
    }

    fn subject(&self, heading: &str) -> String {
        let message = match self.step {
            Step::Reminder(_) => "mail-subject-reminder",
            Step::First | Step::Recovered => "mail-subject",
        };
        let figures = [("company", self.company), ("heading", heading)];
        let subject = say(self.language, message, None, &figures);
        // A company's name is whatever somebody typed; a line's end would begin another header.
        subject.replace(char::is_control, " ")
    }

    /// What happened, what waits, what to do.
    fn trouble(&self) -> Vec<String> {
        let code = self.code();
        let mut paragraphs = vec![self.words(&code, Some("text"))];
        if self.cause != Cause::Expiring {
            let then = self.words(&code, Some("then"));
            let how = how_many(self.waits.count, self.waits.more);
            let figures = [("how", how), ("then", &then)];
            let kept = say(self.language, "mail-waits", Some("kept"), &figures);
            paragraphs.push(format!("{} {kept}", self.waiting()));
        }
        paragraphs.push(self.words(&code, Some("todo")));
        paragraphs
    }

    fn waiting(&self) -> String {
        let money = self.money();
        let count = self.waits.count.to_string();
        let how = how_many(self.waits.count, self.waits.more);
        let figures = [("how", how), ("count", &count), ("money", &money)];
        say(self.language, "mail-waits", None, &figures)
    }

    /// How much money waits, each currency by itself.
    fn money(&self) -> String {
        let sums = [
            ("mail-received", &self.waits.received),
            ("mail-paid-back", &self.waits.paid_back),
        ];
        let each = sums.iter().flat_map(|(message, sums)| {
            sums.values().map(|sum| {
                let money = spelled(*sum, self.language);
                say(self.language, message, None, &[("money", &money)])
            })
        });
        let and = |one: String, other: String| {
            let figures = [("one", one.as_str()), ("other", other.as_str())];
            say(self.language, "mail-and", None, &figures)
        };
        each.reduce(and)
            .unwrap_or_else(|| self.words("mail-unread", None))
    }

    fn over(&self) -> Vec<String> {
        let by = match self.end.by {
            "" => "nobody",
            _ => "somebody",
        };
        let figures = [
            ("by", by),
            ("name", self.end.by),
            ("merchant", self.merchant),
            ("company", self.company),
        ];
        let counted = |attribute, count: u64, more| {
            let how = how_many(count, more);
            let figures = [("how", how), ("count", &count.to_string())];
            say(self.language, "mail-recovered", Some(attribute), &figures)
        };
        let waited = self.end.waited.max(self.waits.count);
        let mut counts = vec![counted("waited", waited, self.end.more_waited)];
        if waited > 0 {
            counts.push(counted("left", self.waits.count, self.waits.more));
        }
        if waited > 0 || self.end.held > 0 {
            counts.push(counted("held", self.end.held, self.end.more_held));
        }
        vec![
            say(self.language, "mail-recovered", Some("text"), &figures),
            counts.join(" "),
        ]
    }

    fn code(&self) -> String {
        match (self.cause, self.step) {
            (Cause::Plan, Step::Reminder(_)) => "mail-plan-ending".to_owned(),
            (cause, _) => format!("mail-{}", cause.as_str()),
        }
    }

    fn words(&self, message: &str, attribute: Option<&str>) -> String {
        let figures = [
            ("merchant", self.merchant),
            ("company", self.company),
            ("day", self.day),
        ];
        say(self.language, message, attribute, &figures)
    }
}

/// The form of a sentence with a count.
fn how_many(count: u64, more: bool) -> &'static str {
    match (count, more) {
        (_, true) => "more",
        (0, false) => "none",
        (1, false) => "one",
        (_, false) => "many",
    }
}

/// An amount as its reader writes amounts: "CAD 1,204.50", "1 204,50 CAD".
#[must_use]
pub fn spelled(amount: Amount, language: Language) -> String {
    let text = amount.decimal_text();
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("−", digits),
        None => ("", text.as_str()),
    };
    let (whole, decimals) = digits.split_once('.').unwrap_or((digits, ""));
    let (between, point) = match language {
        Language::English => (',', '.'),
        // A space that does not break the line.
        Language::French => ('\u{a0}', ','),
    };
    let mut grouped = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            grouped.push(between);
        }
        grouped.push(digit);
    }
    if !decimals.is_empty() {
        grouped.push(point);
        grouped.push_str(decimals);
    }
    let currency = amount.currency();
    match language {
        Language::English => format!("{sign}{} {grouped}", currency.code()),
        Language::French => format!("{sign}{grouped}\u{a0}{}", currency.code()),
    }
}

/// A day as its reader writes days: "February 22, 2027", "22 février 2027".
#[must_use]
pub fn spelled_day(day: Date, language: Language) -> String {
    let month = format!("m{}", day.month());
    let month = say(language, "mail-month", None, &[("month", &month)]);
    let number = match (language, day.day()) {
        (Language::French, 1) => "1er".to_owned(),
        (_, number) => number.to_string(),
    };
    let year = day.year().to_string();
    let figures = [("month", month.as_str()), ("day", &number), ("year", &year)];
    say(language, "mail-day", None, &figures)
}

#[cfg(test)]
mod tests {
    use super::*;
    use bookkeeping::money::Currency;

    #[test]
    fn a_day_is_written_as_its_reader_writes_it() {
        let day = |text: &str, language| spelled_day(text.parse().unwrap(), language);
        assert_eq!(day("2027-02-22", Language::English), "February 22, 2027");
        assert_eq!(day("2027-08-01", Language::French), "1er août 2027");
        assert_eq!(day("2027-12-31", Language::French), "31 décembre 2027");
    }

    #[test]
    fn an_amount_is_written_as_its_reader_writes_it() {
        let cad = |text| Amount::parse(text, Currency::CAD).unwrap();
        let english = |text| spelled(cad(text), Language::English);
        let french = |text| spelled(cad(text), Language::French);
        assert_eq!(english("0.05"), "CAD 0.05");
        assert_eq!(english("1204.5"), "CAD 1,204.50");
        assert_eq!(english("1234567"), "CAD 1,234,567.00");
        assert_eq!(french("1204.5"), "1\u{a0}204,50\u{a0}CAD");
        let yen = Currency::parse("JPY").unwrap();
        let yen = Amount::parse("120000", yen).unwrap();
        assert_eq!(spelled(yen, Language::English), "JPY 120,000");
    }
}
