//! Quoting for the query language, used by everyone who queries.
//!
//! Source: Intuit, "Data queries". Strings stand in single quotes; a backslash escapes. Public clients escape the
//! quote alone, so that a value ending in a backslash leaves its literal; here the backslash is escaped first.

/// Longest value put into a query, in characters. Longer ones cannot match anything we look for.
const VALUE_LENGTH_MAX: usize = 100;

/// A value as a string literal, or `None` where it must not go into a query at all.
///
/// Refused: control characters, and anything longer than any field we search.
#[must_use]
pub fn literal(value: &str) -> Option<String> {
    let fits = value.chars().count() <= VALUE_LENGTH_MAX && !value.chars().any(char::is_control);
    fits.then(|| format!("'{}'", value.replace('\\', "\\\\").replace('\'', "\\'")))
}

/// A value in a `LIKE` pattern, with `before` in front of it and anything behind it, or `None` where it must not be: a
/// per-cent sign of its own would match anything.
#[must_use]
pub fn like_literal(before: &str, value: &str) -> Option<String> {
    if value.contains('%') {
        return None;
    }
    literal(value).map(|quoted| format!("'{before}{}%'", &quoted[1..quoted.len() - 1]))
}

/// Text as it stands in the query of an address: everything but letters, digits and `-._~` in percent form.
#[must_use]
pub fn percent_encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len() * 2);
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                encoded.push(char::from(byte))
            }
            _ => {
                encoded.push('%');
                encoded.push(char::from(b"0123456789ABCDEF"[usize::from(byte >> 4)]));
                encoded.push(char::from(b"0123456789ABCDEF"[usize::from(byte & 15)]));
            }
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_value_leaves_its_literal() {
        for (value, quoted) in [
            ("ana@example.com", Some(r"'ana@example.com'")),
            ("O'Neil", Some(r"'O\'Neil'")),
            (r"back\", Some(r"'back\\'")),
            (r"\' or 1=1", Some(r"'\\\' or 1=1'")),
            ("line\nbreak", None),
        ] {
            assert_eq!(literal(value).as_deref(), quoted, "{value}");
        }
    }

    #[test]
    fn a_per_cent_sign_never_becomes_a_wildcard() {
        assert_eq!(like_literal("%", "a%b@x.com"), None);
        assert_eq!(like_literal("%", "a@x.com").as_deref(), Some("'%a@x.com%'"));
    }

    #[test]
    fn an_address_keeps_plus_signs_and_accents() {
        assert_eq!(percent_encoded("a+b é%"), "a%2Bb%20%C3%A9%25");
    }
}
