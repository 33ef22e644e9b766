//! Names as they are searched for: what to ask QuickBooks so that one query brings everybody who may have them.
//!
//! QuickBooks compares without regard to case, not to accents, knows no `OR`, and counts every query. So what may be written
//! otherwise is left out of what is asked, and what is brought is compared again by [`folded`](super::name::folded).

use icu_normalizer::DecomposingNormalizerBorrowed;

use super::name::{person, plain};
use crate::text;
use crate::transaction::Customer;

use super::profile::NAME_LENGTH_MAX;

/// Fewest letters a search pattern must keep; one with fewer would bring half the company's customers.
const PATTERN_LETTERS_MIN: usize = 2;

/// Most words of a name that are searched for.
const PATTERN_WORDS_MAX: usize = 4;

/// The names a record of this customer may be shown under: the one a new record gets; then, of a business, its person's,
/// both ways round.
#[must_use]
pub fn shown(customer: &Customer) -> Vec<String> {
    let shown = plain(customer);
    let (first, last) = (&customer.first_name, &customer.last_name);
    let person = person(customer).and_then(|person| text::name(&person, NAME_LENGTH_MAX));
    let turned = first.as_ref().zip(last.as_ref());
    let turned = turned.and_then(|(first, last)| {
        Some(format!(
            "{}, {}",
            text::name(last, NAME_LENGTH_MAX)?,
            text::name(first, NAME_LENGTH_MAX)?
        ))
    });
    match (person, turned) {
        (Some(person), Some(turned)) if person != shown => vec![shown, person, turned],
        _ => vec![shown],
    }
}

/// First and last name, where there are both.
#[must_use]
pub fn first_and_last(customer: &Customer) -> Option<(String, String)> {
    let part = |part: &Option<String>| text::name(part.as_deref()?, NAME_LENGTH_MAX);
    Some((part(&customer.first_name)?, part(&customer.last_name)?))
}

/// `LIKE` patterns all of which every record fits that is shown under one of these names; `None` where too little would be
/// left of what they have in common.
///
/// They fit whatever the accents, case, spaces and signs, the titles, middle names and distinguishing suffixes, and of the
/// first name the order of its words. Letters and digits stand for themselves, anything that may be written otherwise is
/// `%`; so no quote and no backslash is ever in them.
#[must_use]
pub fn patterns(names: &[String]) -> Option<Vec<String>> {
    let (first, others) = names.split_first()?;
    let in_all = |word: &str| {
        let pattern = gapped(word);
        others
            .iter()
            .fold(pattern, |pattern, other| pattern.common(other))
    };
    let words = first.split_whitespace().map(in_all);
    let mut words: Vec<Pattern> = words.filter(|pattern| pattern.letters() > 0).collect();
    // Those that keep the most tell the most.
    words.sort_by_key(|pattern| std::cmp::Reverse(pattern.letters()));
    words.truncate(PATTERN_WORDS_MAX);
    let letters: usize = words.iter().map(Pattern::letters).sum();
    let patterns = words.into_iter().map(|pattern| pattern.0).collect();
    (letters >= PATTERN_LETTERS_MIN).then_some(patterns)
}

/// The spellings of these names that are asked for where they have too little in common: as they are, and without accents.
#[must_use]
pub fn spellings(names: &[String]) -> Vec<String> {
    let mut spellings = names.to_vec();
    for name in names {
        let decomposed = DecomposingNormalizerBorrowed::new_nfkd().normalize(name);
        let plain: String = decomposed
            .chars()
            .filter(|c| !('\u{300}'..='\u{36F}').contains(c))
            .collect();
        if !spellings.contains(&plain) {
            spellings.push(plain);
        }
    }
    spellings
}

/// A text with gaps, `%`, where it may be written otherwise.
struct Pattern(String);

impl Pattern {
    /// How many letters and digits it keeps.
    fn letters(&self) -> usize {
        self.0.chars().filter(|c| *c != '%').count()
    }

    /// What of it, in order, is in another text too.
    fn common(self, other: &str) -> Self {
        let other = gapped(other);
        if self.fits(&other.0) {
            return self;
        }
        let letters = |pattern: &Self| pattern.0.chars().filter(|c| *c != '%').collect::<Vec<_>>();
        let mut common = String::from("%");
        for c in longest_common(&letters(&self), &letters(&other)) {
            common.extend([c, '%']);
        }
        Self(common)
    }

    fn fits(&self, text: &str) -> bool {
        let mut rest = text;
        self.0.split('%').all(|part| match rest.find(part) {
            Some(at) => {
                rest = &rest[at + part.len()..];
                true
            }
            None => false,
        })
    }
}

/// The longest text whose letters both have in this order.
fn longest_common(one: &[char], other: &[char]) -> Vec<char> {
    // Of each beginning of the other, the longest with what was seen of the one.
    let mut longest = vec![Vec::new(); other.len() + 1];
    for c in one {
        let before = longest.clone();
        for (at, d) in other.iter().enumerate() {
            longest[at + 1] = if c == d {
                let mut longer: Vec<char> = before[at].clone();
                longer.push(*c);
                longer
            } else if longest[at].len() > before[at + 1].len() {
                longest[at].clone()
            } else {
                before[at + 1].clone()
            };
        }
    }
    longest.pop().unwrap_or_default()
}

/// A text with gaps where it may be written otherwise.
fn gapped(name: &str) -> Pattern {
    let mut pattern = String::from("%");
    let name: Vec<char> = name.to_lowercase().chars().collect();
    for (at, &c) in name.iter().enumerate() {
        // Any two of several s in a row may stand for one sharp one.
        let is_beside =
            |other: Option<usize>| other.and_then(|other| name.get(other)) == Some(&'s');
        let is_double = c == 's' && (is_beside(at.checked_sub(1)) || is_beside(Some(at + 1)));
        if is_written_one_way(c) && !is_double {
            pattern.push(c);
        } else if !pattern.ends_with('%') {
            pattern.push('%');
        }
    }
    if !pattern.ends_with('%') {
        pattern.push('%');
    }
    Pattern(pattern)
}

/// Whether a letter or digit has no accented form in French, English, Spanish or German, and no other spelling.
fn is_written_one_way(c: char) -> bool {
    c.is_ascii_digit()
        || c.is_ascii_alphabetic() && !matches!(c, 'a' | 'c' | 'e' | 'i' | 'n' | 'o' | 'u')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(names: &[&str]) -> Option<String> {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        patterns(&names).map(|patterns| patterns.join(" "))
    }

    #[test]
    fn the_words_of_a_name_keep_what_is_always_written_the_same() {
        for (name, kept) in [
            ("Jane Roy", Some("%r%y% %j%")),
            ("Roy, Jane", Some("%r%y% %j%")),
            ("  Robert   Marsh ", Some("%r%b%rt% %m%rsh%")),
            ("Siobhán O'Neil", Some("%s%bh% %l%")),
            ("100% \\' Pure", Some("%100% %p%r%")),
            ("STRASSER", Some("%str%r%")),
            ("Io Roy", Some("%r%y%")),
            ("Io Ea", None),
            ("Ana Bo", None),
            ("王芳", None),
        ] {
            assert_eq!(of(&[name]).as_deref(), kept, "{name}");
        }
        assert_eq!(of(&["b c d f g h"]).as_deref(), Some("%b% %d% %f% %g%"));
    }

    #[test]
    fn two_names_are_searched_for_by_what_they_have_in_common() {
        for (names, kept) in [
            (["Marsh & Sons", "Robert Marsh"], Some("%m%rsh% %s%")),
            (["Robert Marsh", "Marsh, Robert"], Some("%r%b%rt% %m%rsh%")),
            (
                ["Roofs by Thorold", "Harold Strom"],
                Some("%h%r%l%d% %r%s%"),
            ),
            (["Gestion Élan inc.", "Zoe Boyd"], None),
        ] {
            assert_eq!(of(&names).as_deref(), kept, "{names:?}");
        }
    }

    #[test]
    fn a_name_is_spelt_with_and_without_its_accents() {
        let names = ["Gestion Élan".to_owned(), "Zoe Boyd".to_owned()];
        let spelt = ["Gestion Élan", "Zoe Boyd", "Gestion Elan"];
        assert_eq!(spellings(&names), spelt);
    }
}
