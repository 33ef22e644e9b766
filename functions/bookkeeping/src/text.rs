//! Text that QuickBooks takes: cleaned where it would refuse or break.

use crate::customer::name::folded;

/// Text for a free-form field: no control characters, nothing outside the basic plane, at most `length_max`
/// characters, trimmed. `None` where nothing is left.
///
/// Characters outside the basic plane (most emoji) made QuickBooks answer 500 in a field report on its PHP SDK.
#[must_use]
pub fn free(text: &str, length_max: usize) -> Option<String> {
    let cleaned: String = text
        .chars()
        .map(|c| {
            if c == '\n' || c == '\t' || c == '\r' {
                ' '
            } else {
                c
            }
        })
        .filter(|c| !c.is_control() && u32::from(*c) <= 0xFFFF)
        .collect();
    let cut: String = cleaned.trim().chars().take(length_max).collect();
    let cut = cut.trim_end();
    (!cut.is_empty()).then(|| cut.to_owned())
}

/// Text for a name: as [`free`], and without the colon QuickBooks reserves for sub-customers.
#[must_use]
pub fn name(text: &str, length_max: usize) -> Option<String> {
    free(&text.replace(':', " "), length_max)
        .map(|name| name.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// An e-mail address QuickBooks accepts, trimmed, or `None`.
///
/// One address, at most 100 characters, with an `@` and a dot after it. Its parts are atoms: letters, digits and the signs
/// RFC 822 leaves free, neither quotes nor backslashes. Source: Intuit API reference, `Customer`.
#[must_use]
pub fn email(text: &str) -> Option<&str> {
    let address = text.trim();
    let (local, domain) = address.split_once('@')?;
    let atom = |part: &str| {
        !part.is_empty()
            && part
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c))
    };
    let dotted = domain.split('.').count() > 1;
    let sound = local.split('.').all(atom) && domain.split('.').all(atom);
    (dotted && sound && address.len() <= 100).then_some(address)
}

/// The e-mail addresses in a field: people type several, with commas, semicolons or spaces between them.
pub fn emails(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c == ',' || c == ';' || c.is_whitespace())
        .map(|word| word.trim_matches(['<', '>']))
        .filter_map(email)
}

/// The words of a text as they are compared: in lower case without accents, one space between them.
///
/// Full stops between initials are left out: "T.P.S." is "tps".
#[must_use]
pub fn plain(text: &str) -> String {
    let is_part = |c: char| c.is_alphanumeric() || ('\u{300}'..='\u{36F}').contains(&c);
    let mut joined = String::with_capacity(text.len());
    let mut before = (' ', ' ');
    for c in text.chars() {
        let after_initial = before.1.is_alphabetic() && !before.0.is_alphanumeric();
        if c != '.' || !after_initial {
            joined.push(if is_part(c) { c } else { ' ' });
        }
        before = (before.1, c);
    }
    let words: Vec<String> = joined.split_whitespace().map(folded).collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_quickbooks_refuses_is_cleaned_and_what_it_takes_is_kept() {
        for (given, kept) in [
            ("Aline Roy", Some("Aline Roy")),
            ("  Aline:\tRoy ", Some("Aline Roy")),
            ("Élodie 🧹 L'Écuyer", Some("Élodie L'Écuyer")),
            ("🧹", None),
            ("", None),
        ] {
            assert_eq!(name(given, 100).as_deref(), kept, "{given}");
        }
    }

    #[test]
    fn words_are_compared_without_accents_case_and_signs() {
        for (text, words) in [
            ("Taxe de vente du Québec", "taxe de vente du quebec"),
            ("T.P.S. (5 %)", "tps 5"),
            ("GST/QST QC - 9.975", "gst qst qc 9 975"),
            ("Dépo\u{302}t", "depot"),
            ("Arizona Dept. of Revenue", "arizona dept of revenue"),
            ("%", ""),
        ] {
            assert_eq!(plain(text), words, "{text}");
        }
    }

    #[test]
    fn only_one_well_formed_address_is_an_address() {
        for good in ["aline.roy@example.com", " a+b@x.co ", "o'neil@example.com"] {
            assert_eq!(email(good), Some(good.trim()));
        }
        for bad in [
            "a@x",
            "a@x.com, b@x.com",
            "@x.com",
            "a@@x.com",
            "a b@x.com",
            "a@x..com",
            "a.@x.com",
            r"a\@x.com",
            "\"a\"@x.com",
            "é@x.com",
            "",
        ] {
            assert_eq!(email(bad), None, "{bad}");
        }
    }

    #[test]
    fn each_address_of_a_list_counts_and_what_is_none_does_not() {
        let found: Vec<&str> = emails("a@x.com, <b@x.com>;c@x.com d@x , Ana").collect();
        assert_eq!(found, ["a@x.com", "b@x.com", "c@x.com"]);
    }
}
