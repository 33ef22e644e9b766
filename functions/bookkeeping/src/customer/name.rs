//! Names: compared, searched for, and made distinct.

use icu_normalizer::DecomposingNormalizerBorrowed;

use super::DistinctNames;
use super::profile::NAME_LENGTH_MAX;
use crate::text;
use crate::transaction::Customer;

/// How often a name is made distinct before the operator is asked: a name has few namesakes among vendors.
const DISTINCT_NAMES: usize = 8;

/// Fewest letters a search pattern must keep; one with fewer would bring half the company's customers.
const PATTERN_LETTERS_MIN: usize = 2;

/// Most words of a name that are searched for.
const PATTERN_WORDS_MAX: usize = 4;

/// A name as it is compared: without accents, case and spaces.
#[must_use]
pub fn folded(name: &str) -> String {
    let decomposed = DecomposingNormalizerBorrowed::new_nfkd().normalize(name);
    let mut folded = String::with_capacity(decomposed.len());
    for c in decomposed.chars().flat_map(char::to_lowercase) {
        match c {
            // The marks that decomposing sets free.
            '\u{300}'..='\u{36F}' => {}
            c if c.is_whitespace() => {}
            'œ' => folded.push_str("oe"),
            'æ' => folded.push_str("ae"),
            'ß' => folded.push_str("ss"),
            'ø' => folded.push('o'),
            'ł' => folded.push('l'),
            'đ' => folded.push('d'),
            'ı' => folded.push('i'),
            '\u{2018}' | '\u{2019}' | '\u{2BC}' => folded.push('\''),
            '\u{2010}' | '\u{2011}' => folded.push('-'),
            c => folded.push(c),
        }
    }
    folded
}

/// A `LIKE` pattern that every record with this display name fits; `None` where too little of the name would be left.
///
/// It fits whatever the accents, case, spaces and signs, the titles, middle names and distinguishing suffixes. Letters and
/// digits stand for themselves, anything that may be written otherwise is `%`; so no quote and no backslash is ever in it.
/// What it brings is compared again by [`folded`].
#[must_use]
pub fn pattern(name: &str) -> Option<String> {
    let (pattern, letters) = gapped(name);
    (letters >= PATTERN_LETTERS_MIN).then_some(pattern)
}

/// The same for each word of a name: every record whose display name has them in any order fits all of these, "Roy, Jane"
/// for "Jane Roy" included.
#[must_use]
pub fn patterns(name: &str) -> Option<Vec<String>> {
    let mut words: Vec<(String, usize)> = name
        .split_whitespace()
        .map(gapped)
        .filter(|(_, letters)| *letters > 0)
        .collect();
    // Those that keep the most tell the most.
    words.sort_by_key(|(_, letters)| std::cmp::Reverse(*letters));
    words.truncate(PATTERN_WORDS_MAX);
    let letters: usize = words.iter().map(|(_, letters)| letters).sum();
    let patterns = words.into_iter().map(|(pattern, _)| pattern).collect();
    (letters >= PATTERN_LETTERS_MIN).then_some(patterns)
}

/// A text with gaps where it may be written otherwise, and how many letters are left.
fn gapped(name: &str) -> (String, usize) {
    let mut pattern = String::from("%");
    let mut letters = 0;
    // A double s may stand for one sharp one.
    for c in name.to_lowercase().replace("ss", "%").chars() {
        if is_written_one_way(c) {
            pattern.push(c);
            letters += 1;
        } else if !pattern.ends_with('%') {
            pattern.push('%');
        }
    }
    if !pattern.ends_with('%') {
        pattern.push('%');
    }
    (pattern, letters)
}

/// Whether a letter or digit has no accented form in French, English, Spanish or German, and no other spelling.
fn is_written_one_way(c: char) -> bool {
    c.is_ascii_digit()
        || c.is_ascii_alphabetic() && !matches!(c, 'a' | 'c' | 'e' | 'i' | 'n' | 'o' | 'u')
}

/// The name a record of this customer is shown under where nobody has it: its own, else what stands in for one in a new
/// record, which is the e-mail address, else MioCommerce's number.
#[must_use]
pub fn plain(customer: &Customer) -> String {
    let email = || {
        let email = text::emails(customer.email.as_deref()?).next()?;
        text::name(email, NAME_LENGTH_MAX)
    };
    own(customer).or_else(email).unwrap_or_else(|| {
        let name = format!("MioCommerce {}", number(customer));
        text::name(&name, NAME_LENGTH_MAX).unwrap_or(name)
    })
}

/// "First Last", or the one of them that there is.
pub(super) fn person(customer: &Customer) -> Option<String> {
    let parts = [
        customer.first_name.as_deref(),
        customer.last_name.as_deref(),
    ];
    let person = parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
    (!person.is_empty()).then_some(person)
}

/// The names a new record may be created under, best first, without those that are known to be taken.
///
/// They depend on the customer and the setting alone, so that every attempt asks in the same order. QuickBooks compares
/// names without regard to case, and among customers, vendors and employees together. Source: Intuit API reference,
/// `Customer.DisplayName`.
#[must_use]
pub fn candidates(customer: &Customer, how: DistinctNames, taken: &[&str]) -> Vec<String> {
    let plain = plain(customer);
    let number = number(customer);
    let suffix = |count: usize| match (how, count) {
        (DistinctNames::Counted, count) => format!(" ({count})"),
        (DistinctNames::Number, 2) => format!(" ({number})"),
        (DistinctNames::Number, count) => format!(" ({number}, {})", count - 1),
    };
    let distinct = (2..2 + DISTINCT_NAMES).map(|count| {
        let suffix = text::name(&suffix(count), NAME_LENGTH_MAX).unwrap_or_default();
        let room = NAME_LENGTH_MAX.saturating_sub(suffix.chars().count() + 1);
        let kept = text::name(&plain, room).unwrap_or_default();
        format!("{kept} {suffix}").trim().to_owned()
    });
    let same = |name: &str, other: &str| name.to_lowercase() == other.to_lowercase();
    std::iter::once(plain.clone())
        .chain(distinct)
        .filter(|name| !taken.iter().any(|taken| same(name, taken)))
        .collect()
}

fn number(customer: &Customer) -> &str {
    customer.number.as_deref().unwrap_or(customer.id.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accents_case_and_spaces_do_not_make_another_name() {
        for (one, other) in [
            ("Siobhán O'Neil", "siobhan o’neil"),
            ("Marie-Ève  Côté", "MARIE-EVE COTE"),
            ("Cœur de Lion", "Coeur De Lion"),
            ("Jean Luc", "JeanLuc"),
            ("Muñoz", "MUN\u{303}OZ"),
            ("Straße", "strasse"),
        ] {
            assert_eq!(folded(one), folded(other), "{one}");
        }
        for (one, other) in [
            ("Jane Roy", "Jane Ray"),
            ("O'Neil", "ONeil"),
            ("Ann", "Anne"),
        ] {
            assert_ne!(folded(one), folded(other), "{one}");
        }
    }

    #[test]
    fn a_pattern_keeps_what_is_always_written_the_same() {
        for (name, kept) in [
            ("Jane Roy", Some("%j%r%y%")),
            ("Siobhán O'Neil", Some("%s%bh%l%")),
            ("Robert Marsh", Some("%r%b%rt%m%rsh%")),
            ("100% \\' Pure", Some("%100%p%r%")),
            ("STRASSER", Some("%str%r%")),
            ("Io Ea", None),
            ("王芳", None),
        ] {
            assert_eq!(pattern(name).as_deref(), kept, "{name}");
        }
    }

    #[test]
    fn the_words_of_a_name_are_searched_for_in_any_order() {
        let of = |name: &str| patterns(name).map(|patterns| patterns.join(" "));
        for (name, kept) in [
            ("Jane Roy", Some("%r%y% %j%")),
            ("Roy, Jane", Some("%r%y% %j%")),
            ("  Robert   Marsh ", Some("%r%b%rt% %m%rsh%")),
            ("Io Roy", Some("%r%y%")),
            ("Ana Bo", None),
        ] {
            assert_eq!(of(name).as_deref(), kept, "{name}");
        }
        assert_eq!(patterns("b c d f g h").map(|all| all.len()), Some(4));
    }
}
