//! Every mail in both languages, held against what was looked at and committed under `tests/mails`.
//!
//! `REWRITE_MAILS=1` writes them anew; then look at them.

use std::fs;
use std::path::Path;

use bookkeeping::incident::{Cause, Step};
use bookkeeping::money::{Amount, Currency};
use bookkeeping::transaction::Language;
use bookkeeping::waits::Waits;
use common::mail::{End, Letter, Written};

fn waits() -> Waits {
    let cad = |text| {
        (
            Currency::CAD,
            Amount::parse(text, Currency::CAD).expect("an amount"),
        )
    };
    Waits {
        count: 12,
        put_off: 0,
        more: false,
        received: [cad("1204.50")].into(),
        paid_back: [cad("68.36")].into(),
    }
}

fn letter<'a>(language: Language, cause: Cause, step: Step, waits: &'a Waits) -> Letter<'a> {
    let leads_on = !cause.reminders().is_empty() && step != Step::Recovered;
    Letter {
        language,
        is_bookkeeper: false,
        merchant: "Nettoyage Laurier",
        company: "Nettoyage Laurier inc.",
        cause,
        step,
        waits,
        end: End::default(),
        day: match (cause, language) {
            (Cause::Expiring | Cause::Plan, Language::English) => "February 22, 2027",
            (Cause::Expiring | Cause::Plan, Language::French) => "22 février 2027",
            _ => "",
        },
        market_url: "https://app-market.example.com/quickbooks",
        help_url: "https://help.example.com/quickbooks",
        unsubscribe_url: if leads_on {
            "https://quickbooks.example.com/quickbooks/unsubscribe?r=sealed"
        } else {
            ""
        },
    }
}

/// Every mail that is looked at, by the name of its file.
fn all() -> Vec<(String, Written)> {
    let mut mails = Vec::new();
    let (some, none) = (waits(), Waits::default());
    for language in [Language::English, Language::French] {
        let tag = language.as_str();
        let mut add = |name: &str, letter: Letter<'_>| {
            mails.push((format!("{name}.{tag}"), letter.written()));
        };
        for cause in Cause::ALL {
            let first = letter(language, cause, Step::First, &some);
            add(&format!("{}-first", cause.as_str()), first);
        }
        let reminder = letter(language, Cause::Revoked, Step::Reminder(7), &some);
        add("revoked-reminder", reminder);
        let ending = letter(language, Cause::Plan, Step::Reminder(76), &some);
        add("plan-reminder", ending);
        add(
            "revoked-first-nothing-waits",
            letter(language, Cause::Revoked, Step::First, &none),
        );
        let bookkeeper = Letter {
            is_bookkeeper: true,
            ..letter(language, Cause::AdminLost, Step::First, &some)
        };
        add("admin-lost-first-bookkeeper", bookkeeper);
        let end = End {
            by: "Anna Côté",
            waited: 37,
            more_waited: false,
            held: 1,
            more_held: false,
        };
        let recovered = letter(language, Cause::Revoked, Step::Recovered, &none);
        add("recovered", Letter { end, ..recovered });
        let subscription = letter(language, Cause::Subscription, Step::Recovered, &none);
        add("recovered-by-itself", subscription);
    }
    mails
}

#[test]
#[allow(clippy::disallowed_methods, reason = "a test's own switch")]
fn every_mail_is_as_it_was_looked_at() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mails");
    let rewrites = std::env::var("REWRITE_MAILS").is_ok();
    let mails = all();
    for (name, written) in &mails {
        for (kind, content) in [
            ("html", written.html.clone()),
            ("txt", format!("{}\n\n{}", written.subject, written.text)),
        ] {
            let file = folder.join(format!("{name}.{kind}"));
            if rewrites {
                fs::create_dir_all(&folder).unwrap();
                fs::write(&file, &content).unwrap();
            }
            let looked_at = fs::read_to_string(&file).unwrap_or_default();
            assert_eq!(
                content, looked_at,
                "{name}.{kind}: REWRITE_MAILS=1, then look"
            );
        }
    }
    let files = fs::read_dir(&folder).unwrap().count();
    assert_eq!(files, mails.len() * 2, "a file of a mail that is no more");
}

#[test]
fn every_cause_has_all_its_words_and_one_button_in_both_languages() {
    let waits = waits();
    for language in [Language::English, Language::French] {
        for cause in Cause::ALL {
            for step in [Step::First, Step::Reminder(3), Step::Recovered] {
                let written = letter(language, cause, step, &waits).written();
                let what = format!("{cause:?} {step} {language:?}");
                assert!(
                    !written.text.contains("\n\n\n"),
                    "{what}: an empty sentence"
                );
                assert!(written.subject.contains("Nettoyage Laurier inc."), "{what}");
                assert_eq!(
                    written.html.matches("padding:12px 20px").count(),
                    1,
                    "{what}"
                );
                let (html, text) = (&written.html, &written.text);
                for (mail, kind) in [(html, "html"), (text, "text")] {
                    assert!(mail.contains("app-market.example.com"), "{what} {kind}");
                    assert!(!mail.contains('{') || kind == "html", "{what}: {mail}");
                }
                let tells_money = cause != Cause::Expiring && step != Step::Recovered;
                let money = match language {
                    Language::English => "CAD 1,204.50",
                    Language::French => "1\u{a0}204,50\u{a0}CAD",
                };
                assert_eq!(text.contains(money), tells_money, "{what}: {text}");
            }
        }
    }
}

#[test]
fn a_name_is_text_and_never_markup_nor_another_header() {
    let waits = Waits::default();
    let letter = Letter {
        company: "<b>Roy & Co</b>\r\nBcc: somebody@example.com",
        ..letter(Language::English, Cause::Revoked, Step::First, &waits)
    };
    let written = letter.written();
    assert!(!written.html.contains("<b>"), "{}", written.html);
    assert!(
        !written.subject.contains(['\r', '\n']),
        "{}",
        written.subject
    );
}
