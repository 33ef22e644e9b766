//! How the table of decisions is written: `books : customer : settings : decision`, one case a line.

use bookkeeping::customer::{CustomerPolicies, DistinctNames, OtherEmail};

const TABLE: &str = include_str!("decisions.txt");

/// The cases of the table: books, customer, settings, decision.
pub fn cases() -> impl Iterator<Item = [&'static str; 4]> {
    let lines = TABLE.lines().map(str::trim);
    let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(|line| {
        let parts: Vec<&str> = line.split(" : ").map(str::trim).collect();
        parts
            .try_into()
            .unwrap_or_else(|_| panic!("{line} has not four parts"))
    })
}

/// A record in the books: `id First Last <e-mail> {signs}`.
pub struct Record<'a> {
    pub id: &'a str,
    pub person: &'a str,
    pub email: Option<&'a str>,
    /// Each with what is said of it: `as=Zoé`, `inactive`.
    pub signs: Vec<(&'a str, Option<&'a str>)>,
}

impl Record<'_> {
    /// First and last name, where there are two.
    pub fn names(&self) -> Option<(&str, &str)> {
        self.person.rsplit_once(' ')
    }
}

/// The records of the books; `-` is none.
pub fn records(books: &str) -> impl Iterator<Item = Record<'_>> {
    let records = books.split(" ; ").map(str::trim);
    records.filter(|record| *record != "-").map(record)
}

fn record(text: &str) -> Record<'_> {
    let (text, signs) = match text.split_once(" {") {
        Some((text, signs)) => (text, signs.trim_end_matches('}')),
        None => (text, ""),
    };
    let (text, email) = match text.split_once(" <") {
        Some((text, email)) => (text, email.trim().strip_suffix('>')),
        None => (text, None),
    };
    let (id, person) = text.trim().split_once(' ').expect("an id and a name");
    let signs = signs.split(',').filter(|sign| !sign.is_empty());
    let signs = signs.map(|sign| match sign.split_once('=') {
        Some((sign, said)) => (sign, Some(said)),
        None => (sign, None),
    });
    Record {
        id,
        person,
        email,
        signs: signs.collect(),
    }
}

/// Who pays: `First|Last <e-mail> [Company]`. What is empty is not said.
pub struct Payer {
    pub first: Option<String>,
    pub last: Option<String>,
    pub email: Option<String>,
    pub company: Option<String>,
}

/// Reads who pays.
pub fn payer(text: &str) -> Payer {
    let (text, company) = match text.split_once('[') {
        Some((text, company)) => (text.trim(), company.strip_suffix(']')),
        None => (text, None),
    };
    let (text, email) = match text.split_once('<') {
        Some((text, email)) => (text.trim(), email.strip_suffix('>')),
        None => (text, None),
    };
    let (first, last) = text.split_once('|').expect("a first and a last name");
    let said = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    Payer {
        first: said(first),
        last: said(last),
        email: email.and_then(said),
        company: company.and_then(said),
    }
}

/// The settings, by words.
pub fn policies(text: &str) -> CustomerPolicies {
    let mut policies = CustomerPolicies::default();
    for word in text.split_whitespace() {
        match word {
            "link" => policies.name_with_other_email = OtherEmail::Link,
            "create" => policies.name_with_other_email = OtherEmail::Create,
            "ask" => policies.name_with_other_email = OtherEmail::Ask,
            "number" => policies.distinct_names = DistinctNames::Number,
            "fallback" => policies.fallback_instead_of_creating = true,
            other => panic!("no setting is called {other}"),
        }
    }
    policies
}
