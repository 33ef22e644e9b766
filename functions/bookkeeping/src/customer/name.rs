//! Names: compared, and made distinct.

use icu_normalizer::DecomposingNormalizerBorrowed;

use super::DistinctNames;
use super::profile::NAME_LENGTH_MAX;
use crate::text;
use crate::transaction::Customer;

/// How often a name is made distinct before the operator is asked: a name has few namesakes among vendors.
const DISTINCT_NAMES: usize = 8;

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

/// A name as it is compared with a record's, where there is one: a record that we created has it as QuickBooks takes it.
pub(super) fn compared(name: &str) -> Option<String> {
    let folded = folded(&text::name(name, NAME_LENGTH_MAX)?);
    (!folded.is_empty()).then_some(folded)
}

/// The customer's own name: company name, else "First Last"; `None` where it has neither.
pub(super) fn own(customer: &Customer) -> Option<String> {
    let person = person(customer);
    let names = [customer.company_name.as_deref(), person.as_deref()];
    let mut names = names.into_iter().flatten();
    names.find_map(|name| text::name(name, NAME_LENGTH_MAX))
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
    let counted = (2..2 + DISTINCT_NAMES).map(suffix);
    // Nobody else has the number, however many namesakes there are.
    let numbered = (how == DistinctNames::Counted).then(|| format!(" ({number})"));
    let distinct = counted.chain(numbered).map(|suffix| {
        let suffix = text::name(&suffix, NAME_LENGTH_MAX).unwrap_or_default();
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
}
