//! Values in queries to QuickBooks.

use quickbooks::customers::{email_statements, name_statements, person_statements};

/// No value leaves its literal: outside of quotes, a statement is made of our own words alone.
pub fn take(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (first, last) = text.split_once('\n').unwrap_or((&text, ""));
    let statements = [
        email_statements(&[&text]),
        email_statements(&[first, last]),
        name_statements(&[text.to_string()]),
        name_statements(&[first.to_owned(), last.to_owned()]),
        person_statements(first, last),
    ];
    for statement in statements.iter().flatten() {
        let outside = outside_quotes(statement);
        let ours = |c: char| c.is_ascii_alphanumeric() || " *=(),%.".contains(c);
        assert!(outside.chars().all(ours), "{outside:?} in {statement:?}");
        for word in outside.split(|c: char| !c.is_ascii_alphanumeric()) {
            assert!(
                WORDS.contains(&word)
                    || word.is_empty()
                    || word.bytes().all(|b| b.is_ascii_digit()),
                "{word:?} in {statement:?}"
            );
        }
    }
}

/// Every word a statement of ours has outside of quotes.
const WORDS: &[&str] = &[
    "select",
    "from",
    "where",
    "and",
    "in",
    "true",
    "false",
    "orderby",
    "maxresults",
    "startposition",
    "Customer",
    "Vendor",
    "Employee",
    "Active",
    "Id",
    "PrimaryEmailAddr",
    "DisplayName",
    "GivenName",
    "FamilyName",
    "CompanyName",
    "LIKE",
];

/// A statement without its quoted texts, in which a backslash lets the next character stand for itself.
fn outside_quotes(statement: &str) -> String {
    let mut outside = String::new();
    let mut characters = statement.chars();
    while let Some(c) = characters.next() {
        match c {
            '\'' => loop {
                match characters.next().expect("a quote that is closed") {
                    '\'' => break,
                    '\\' => drop(characters.next().expect("something after a backslash")),
                    _ => {}
                }
            },
            c => outside.push(c),
        }
    }
    outside
}
