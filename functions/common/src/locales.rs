//! The sentences, in English and French.
//!
//! Each reason has three, under its own code: what happened, what we did, what to do. They stand in
//! `locales/*.ftl`; a test holds both files against the closed list of reasons.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::mail::{spelled, spelled_day};
use bookkeeping::checklist::Cure;
use bookkeeping::defaults::Found;
use bookkeeping::money::{Amount, Currency};
use bookkeeping::reason::Reason;
use bookkeeping::tax_map::suggest::Why;
pub use bookkeeping::transaction::Language;
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};

/// The three sentences of a reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sentences {
    /// What happened.
    pub happened: String,
    /// What we did about it.
    pub did: String,
    /// What to do now; empty where there is nothing to do.
    pub to_do: String,
}

impl Sentences {
    /// All of them, as one paragraph.
    #[must_use]
    pub fn together(&self) -> String {
        let parts = [&self.happened, &self.did, &self.to_do];
        let parts: Vec<&str> = parts
            .into_iter()
            .filter(|part| !part.is_empty())
            .map(String::as_str)
            .collect();
        parts.join(" ")
    }
}

type Bundle = FluentBundle<FluentResource>;

static ENGLISH: LazyLock<Bundle> = LazyLock::new(|| {
    bundle(
        "en",
        &[
            include_str!("../locales/en.ftl"),
            include_str!("../locales/pages.en.ftl"),
            include_str!("../locales/mails.en.ftl"),
            include_str!("../locales/operator.en.ftl"),
        ],
    )
});
static FRENCH: LazyLock<Bundle> = LazyLock::new(|| {
    bundle(
        "fr",
        &[
            include_str!("../locales/fr.ftl"),
            include_str!("../locales/pages.fr.ftl"),
            include_str!("../locales/mails.fr.ftl"),
            include_str!("../locales/operator.fr.ftl"),
        ],
    )
});

fn bundle(language: &str, texts: &[&str]) -> Bundle {
    let language = language.parse().expect("a language tag");
    let mut bundle = FluentBundle::new_concurrent(vec![language]);
    // The marks around inserted values are for right-to-left scripts; a bank statement shows them as boxes.
    bundle.set_use_isolating(false);
    for text in texts {
        let resource = FluentResource::try_new((*text).to_owned()).expect("checked by a test");
        bundle.add_resource(resource).expect("checked by a test");
    }
    bundle
}

fn spoken(language: Language) -> &'static Bundle {
    match language {
        Language::English => &ENGLISH,
        Language::French => &FRENCH,
    }
}

/// The words of a message, or of one of its attributes, with its figures filled in; empty where there are none.
#[must_use]
pub fn say(
    language: Language,
    message: &str,
    attribute: Option<&str>,
    figures: &[(&str, &str)],
) -> String {
    let bundle = spoken(language);
    let mut arguments = FluentArgs::new();
    for (placeholder, value) in figures {
        arguments.set((*placeholder).to_owned(), (*value).to_owned());
    }
    let found = bundle.get_message(message);
    let pattern = match attribute {
        None => found.and_then(|found| found.value()),
        Some(name) => {
            found.and_then(|found| found.get_attribute(name).map(|attribute| attribute.value()))
        }
    };
    pattern
        .map(|pattern| {
            bundle
                .format_pattern(pattern, Some(&arguments), &mut Vec::new())
                .trim()
                .to_owned()
        })
        .unwrap_or_default()
}

/// The sentences of a reason, with its figures filled in.
#[must_use]
pub fn sentences(reason: &Reason, language: Language) -> Sentences {
    of(reason.code.as_str(), &reason.figures, language)
}

/// The sentences of a cure: what the checklist found, and what to do. There is nothing that we did.
#[must_use]
pub fn cure(cure: &Cure, language: Language) -> Sentences {
    of(cure.code.as_str(), &cure.figures, language)
}

/// The sentence that says why a tax code is suggested.
#[must_use]
pub fn why(why: &Why, language: Language) -> String {
    of(why.code.as_str(), &why.figures, language).happened
}

/// The sentence that says what was found for a choice of the settings.
#[must_use]
pub fn found<Id: Clone>(found: &Found<Id>, language: Language) -> String {
    let (code, names) = found.why();
    of(
        code,
        &BTreeMap::from([("names".to_owned(), names)]),
        language,
    )
    .happened
}

/// A text with its percentages as its reader writes them: "GST 5% + QST 9.975%", "TPS 5 % + TVQ 9,975 %". A bare number is one.
#[must_use]
pub fn percents(text: &str, language: Language) -> String {
    let digit = |letter: char| letter.is_ascii_digit() || letter == '.';
    let point = |number: &str| match language {
        Language::English => number.to_owned(),
        Language::French => number.replace('.', ","),
    };
    if text.chars().all(digit) {
        return point(text);
    }
    let sign = match language {
        Language::English => "%",
        // A space that does not break the line.
        Language::French => "\u{a0}%",
    };
    let mut parts: Vec<&str> = text.split(" %").collect();
    let rest = parts.pop().unwrap_or_default();
    let mut spelled = String::new();
    for part in parts {
        let words = part.trim_end_matches(digit);
        spelled.push_str(words);
        spelled.push_str(&point(&part[words.len()..]));
        spelled.push_str(sign);
    }
    spelled + rest
}

/// The sentences under a code of one of the closed lists.
fn of(code: &str, figures: &BTreeMap<String, String>, language: Language) -> Sentences {
    // Days are kept as programs write them; what only looks like one of eight digits is a number.
    let spelled = |value: &String| match value.parse() {
        Ok(day) if value.len() == "2026-11-27".len() => spelled_day(day, language),
        _ => money(value).map_or_else(|| value.clone(), |amount| spelled(amount, language)),
    };
    // What has a word of its own is not shown under its name in messages.
    let worded = |placeholder: &String, value: &String| {
        let named = match placeholder.as_str() {
            "method" | "kind" => {
                let name = format!("{placeholder}-{}", value.replace('_', "-"));
                say(language, &name, None, &[])
            }
            "tax" | "taxes" | "rates" | "parts" | "was" | "now" | "ours" | "theirs" => {
                percents(value, language)
            }
            _ => String::new(),
        };
        if named.is_empty() {
            spelled(value)
        } else {
            named
        }
    };
    let figures: BTreeMap<&str, String> = figures
        .iter()
        .map(|(placeholder, value)| (placeholder.as_str(), worded(placeholder, value)))
        .collect();
    let figures: Vec<(&str, &str)> = figures
        .iter()
        .map(|(placeholder, value)| (*placeholder, value.as_str()))
        .collect();
    let text = |attribute| say(language, code, attribute, &figures);
    Sentences {
        happened: text(None),
        did: text(Some("did")),
        to_do: text(Some("todo")),
    }
}

/// The amount a figure is, as programs write one: "102.53 CAD".
fn money(value: &str) -> Option<Amount> {
    let (text, currency) = value.split_once(' ')?;
    Amount::parse(text, Currency::parse(currency).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_are_written_as_their_reader_writes_them() {
        for (text, english, french) in [
            ("9.975", "9.975", "9,975"),
            (
                "GST 5 % + QST 9.975 %",
                "GST 5% + QST 9.975%",
                "GST 5\u{a0}% + QST 9,975\u{a0}%",
            ),
            (
                "No. 5 and no rate",
                "No. 5 and no rate",
                "No. 5 and no rate",
            ),
            ("", "", ""),
        ] {
            assert_eq!(percents(text, Language::English), english);
            assert_eq!(percents(text, Language::French), french);
        }
    }

    #[test]
    fn an_amount_in_a_sentence_is_written_as_its_reader_writes_amounts() {
        let said = |language| {
            let reason = Reason::new(bookkeeping::reason::ReasonCode::RefundExceeds);
            let reason = reason
                .with("refunded", "1102.53 CAD")
                .with("left", "92.53 CAD");
            sentences(&reason, language).happened
        };
        let english = said(Language::English);
        assert!(english.contains("CAD 1,102.53"), "{english}");
        let french = said(Language::French).replace('\u{a0}', " ");
        assert!(
            french.contains("1 102,53 CAD") && french.contains("92,53 CAD"),
            "{french}"
        );
    }

    #[test]
    fn a_day_in_a_sentence_is_written_as_its_reader_writes_days_and_a_number_stays_one() {
        let said = |day: &str, language| {
            let reason = Reason::new(bookkeeping::reason::ReasonCode::PeriodClosed);
            sentences(&reason.with("day", day), language).happened
        };
        let english = said("2026-11-27", Language::English);
        assert!(english.contains("November 27, 2026"), "{english}");
        let french = said("2026-11-27", Language::French);
        assert!(french.contains("27 novembre 2026"), "{french}");
        let number = said("20261127", Language::English);
        assert!(number.contains("20261127"), "{number}");
    }

    #[test]
    fn a_method_and_a_kind_of_line_are_named_in_the_readers_words() {
        use bookkeeping::reason::ReasonCode;
        use bookkeeping::transaction::{LineKind, Method};
        for (language, cheque, gift_card) in [
            (Language::English, "“Cheque”", "gift cards"),
            (Language::French, "« Chèque »", "cartes-cadeaux"),
        ] {
            let said = |code, figure, value: &str| {
                sentences(&Reason::new(code).with(figure, value), language).happened
            };
            let method = said(ReasonCode::MethodOff, "method", "cheque");
            assert!(method.replace('\u{a0}', " ").contains(cheque), "{method}");
            let item = said(ReasonCode::ItemMissing, "kind", "gift_card");
            assert!(item.contains(gift_card), "{item}");
            let other = said(ReasonCode::MethodOff, "method", "barter");
            assert!(other.contains("barter"), "{other}");
            for method in Method::KNOWN {
                let name = format!("method-{}", method.as_str());
                assert_ne!(say(language, &name, None, &[]), "", "{name}");
            }
            for kind in LineKind::ALL {
                let name = format!("kind-{}", kind.as_str().replace('_', "-"));
                assert_ne!(say(language, &name, None, &[]), "", "{name}");
            }
        }
    }
    use bookkeeping::checklist::CureCode;
    use bookkeeping::reason::{ReasonCode, State};
    use bookkeeping::tax_map::suggest::WhyCode;

    #[test]
    fn every_reason_says_what_happened_and_what_we_did_and_what_to_do_in_both_languages() {
        for language in [Language::English, Language::French] {
            for code in ReasonCode::ALL {
                let sentences = sentences(&Reason::new(*code), language);
                assert!(
                    !sentences.happened.is_empty(),
                    "{code:?} in {language:?}: what happened"
                );
                assert!(
                    !sentences.did.is_empty(),
                    "{code:?} in {language:?}: what we did"
                );
                let asks = matches!(code.state(), State::NeedsOperator);
                assert!(
                    !asks || !sentences.to_do.is_empty(),
                    "{code:?} in {language:?}: what to do"
                );
            }
        }
    }

    #[test]
    fn every_cure_says_what_was_found_and_what_to_do_in_both_languages() {
        for language in [Language::English, Language::French] {
            for code in CureCode::ALL {
                let figures = BTreeMap::new();
                let sentences = cure(&Cure { code, figures }, language);
                let whole = !sentences.happened.is_empty() && !sentences.to_do.is_empty();
                assert!(whole, "{code:?} in {language:?}");
            }
        }
    }

    #[test]
    fn every_reason_for_a_suggestion_is_a_sentence_in_both_languages() {
        for language in [Language::English, Language::French] {
            for code in WhyCode::ALL {
                let figures = BTreeMap::new();
                assert!(
                    !why(&Why { code, figures }, language).is_empty(),
                    "{code:?} in {language:?}"
                );
            }
        }
    }

    #[test]
    fn every_finding_is_a_sentence_in_both_languages() {
        let findings: [Found<()>; 4] = [
            Found::One {
                id: (),
                name: "Tips".to_owned(),
            },
            Found::Several(vec!["Tips".to_owned(), "Gratuities".to_owned()]),
            Found::WrongAccount("Tips".to_owned()),
            Found::None,
        ];
        for language in [Language::English, Language::French] {
            for finding in &findings {
                let sentence = found(finding, language);
                let names_it = *finding == Found::None || sentence.contains("Tips");
                assert!(!sentence.is_empty() && names_it, "{finding:?}: {sentence}");
            }
        }
    }

    #[test]
    fn a_missing_code_names_what_may_be_meant_or_says_to_create_one() {
        let unmapped = |candidates: &str| {
            let reason = Reason::new(ReasonCode::TaxUnmapped).with("taxes", "HST 13 %");
            sentences(&reason.with("candidates", candidates), Language::English)
        };
        let some = unmapped("HST ON, HST NB");
        assert_eq!(
            some.happened,
            "No QuickBooks tax code is chosen for HST 13%."
        );
        assert!(
            some.to_do.contains("these may be meant: HST ON, HST NB."),
            "{some:?}"
        );
        assert!(unmapped("none").to_do.contains("create it there"));
        let stale = Reason::new(ReasonCode::TaxMapStale)
            .with("taxes", "TVH 15 %")
            .with("code", "HST NS")
            .with("change", "rate_changed")
            .with("was", "15")
            .with("now", "14")
            .with("candidates", "none");
        let happened = sentences(&stale, Language::French).happened;
        assert!(
            happened.ends_with(
                "(HST NS) avait 15\u{a0}% quand il a été choisi et a maintenant 14\u{a0}%."
            ),
            "{happened}"
        );
    }

    #[test]
    fn in_french_what_is_said_of_a_payment_agrees_with_it_or_with_the_transaction_it_names() {
        // "Le paiement", "le remboursement"; "la transaction" only where it is named.
        let text = include_str!("../locales/operator.fr.ftl");
        let of_one = text.lines().filter_map(|line| line.split_once(" = "));
        let is_of_one = |name: &str| {
            name.starts_with("entry-") || name.starts_with("state-") || name == "done-skipped"
        };
        for (name, says) in of_one.filter(|(name, _)| is_of_one(name)) {
            for feminine in [
                "Inscrite",
                "Payée",
                "Reçue",
                "Laissée",
                "La laisser",
                "Remboursée",
                "Telle",
            ] {
                assert!(!says.starts_with(feminine), "{name} = {says}");
            }
        }
        for code in ReasonCode::ALL {
            let said = sentences(&Reason::new(*code), Language::French);
            let did_and_to_do = format!("{} {}", said.did, said.to_do);
            let is_she = ["Elle ", "elle ", "-la ", "la laisser"];
            let is_she = is_she.iter().any(|she| did_and_to_do.contains(she));
            let together = said.together().to_lowercase();
            let names_her = ["transaction", "fiche", "celle-ci"];
            let names_her = names_her.iter().any(|name| together.contains(name));
            assert!(!is_she || names_her, "{code:?}: {}", said.together());
        }
    }

    #[test]
    fn both_languages_fill_in_the_same_figures() {
        let placeholders = |text: &str| {
            let mut lines: Vec<(String, Vec<String>)> = Vec::new();
            for line in text.lines() {
                if let Some((code, _)) = line
                    .split_once(" =")
                    .filter(|(code, _)| !code.starts_with(' '))
                {
                    lines.push((code.to_owned(), Vec::new()));
                }
                let used = line
                    .split("{ $")
                    .skip(1)
                    .filter_map(|rest| rest.split(' ').next());
                if let Some((_, names)) = lines.last_mut() {
                    names.extend(used.map(str::to_owned));
                }
            }
            for (_, names) in &mut lines {
                names.sort();
                names.dedup();
            }
            lines.sort();
            lines
        };
        for (english, french) in [
            (
                include_str!("../locales/en.ftl"),
                include_str!("../locales/fr.ftl"),
            ),
            (
                include_str!("../locales/pages.en.ftl"),
                include_str!("../locales/pages.fr.ftl"),
            ),
            (
                include_str!("../locales/mails.en.ftl"),
                include_str!("../locales/mails.fr.ftl"),
            ),
            (
                include_str!("../locales/operator.en.ftl"),
                include_str!("../locales/operator.fr.ftl"),
            ),
        ] {
            assert_eq!(placeholders(english), placeholders(french));
        }
    }
}
