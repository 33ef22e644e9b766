//! Provinces and states by what people write: code, English name, French name.

use std::collections::BTreeSet;

/// Canada's provinces and territories.
const CANADA: &[(&str, &[&str])] = &[
    ("AB", &["alberta"]),
    ("BC", &["british columbia", "colombie britannique"]),
    ("MB", &["manitoba"]),
    ("NB", &["new brunswick", "nouveau brunswick"]),
    ("NL", &["newfoundland", "terre neuve"]),
    ("NS", &["nova scotia", "nouvelle ecosse"]),
    (
        "NT",
        &["northwest territories", "territoires du nord ouest"],
    ),
    ("NU", &["nunavut"]),
    ("ON", &["ontario"]),
    (
        "PE",
        &["prince edward island", "ile du prince edouard", "pei"],
    ),
    ("QC", &["quebec"]),
    ("SK", &["saskatchewan"]),
    ("YT", &["yukon"]),
];

/// The states of the United States that tax sales.
const UNITED_STATES: &[(&str, &[&str])] = &[
    ("AL", &["alabama"]),
    ("AR", &["arkansas"]),
    ("AZ", &["arizona"]),
    ("CA", &["california"]),
    ("CO", &["colorado"]),
    ("CT", &["connecticut"]),
    ("DC", &["district of columbia"]),
    ("FL", &["florida"]),
    ("GA", &["georgia"]),
    ("HI", &["hawaii"]),
    ("IA", &["iowa"]),
    ("ID", &["idaho"]),
    ("IL", &["illinois"]),
    ("IN", &["indiana"]),
    ("KS", &["kansas"]),
    ("KY", &["kentucky"]),
    ("LA", &["louisiana"]),
    ("MA", &["massachusetts"]),
    ("MD", &["maryland"]),
    ("ME", &["maine"]),
    ("MI", &["michigan"]),
    ("MN", &["minnesota"]),
    ("MO", &["missouri"]),
    ("MS", &["mississippi"]),
    ("NC", &["north carolina"]),
    ("ND", &["north dakota"]),
    ("NE", &["nebraska"]),
    ("NJ", &["new jersey"]),
    ("NM", &["new mexico"]),
    ("NV", &["nevada"]),
    ("NY", &["new york"]),
    ("OH", &["ohio"]),
    ("OK", &["oklahoma"]),
    ("PA", &["pennsylvania"]),
    ("RI", &["rhode island"]),
    ("SC", &["south carolina"]),
    ("SD", &["south dakota"]),
    ("TN", &["tennessee"]),
    ("TX", &["texas"]),
    ("UT", &["utah"]),
    ("VA", &["virginia"]),
    ("VT", &["vermont"]),
    ("WA", &["washington"]),
    ("WI", &["wisconsin"]),
    ("WV", &["west virginia"]),
    ("WY", &["wyoming"]),
];

fn table(country: &str) -> &'static [(&'static str, &'static [&'static str])] {
    match country {
        "CA" => CANADA,
        "US" => UNITED_STATES,
        _ => &[],
    }
}

/// The provinces or states a text names. A code counts only in capitals: "on" and "or" are words.
pub(super) fn named(text: &str, plain: &str, country: &str) -> BTreeSet<&'static str> {
    let codes: BTreeSet<&str> = text.split(|c: char| !c.is_ascii_alphanumeric()).collect();
    let words = format!(" {plain} ");
    let named = |(code, names): &&(&'static str, &'static [&'static str])| {
        codes.contains(code)
            || names
                .iter()
                .any(|name| words.contains(&format!(" {name} ")))
    };
    table(country)
        .iter()
        .filter(named)
        .map(|(code, _)| *code)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::plain;

    #[test]
    fn a_region_is_known_by_its_code_in_capitals_or_its_name() {
        for (text, country, regions) in [
            ("HST ON", "CA", vec!["ON"]),
            ("Tax on sales", "CA", vec![]),
            ("TVH Nouvelle-Écosse", "CA", vec!["NS"]),
            ("GST/QST QC - 9.975", "CA", vec!["QC"]),
            ("AZ State tax", "US", vec!["AZ"]),
            ("California (Los Angeles)", "US", vec!["CA"]),
            ("QC", "GB", vec![]),
        ] {
            let expected: BTreeSet<&str> = regions.into_iter().collect();
            assert_eq!(named(text, &plain(text), country), expected, "{text}");
        }
    }
}
