//! What the name of a tax says: which tax it is, where, and in which words; in English and in French.
//!
//! Names are compared without accents, case, punctuation, figures and registration numbers. Kinds of tax are those of
//! Canada, the United Kingdom and others with a value-added tax; in the United States they are levels of government.

use std::collections::BTreeSet;

use super::regions;
use crate::text::plain;

/// Which tax a name says it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// GST, TPS.
    Gst,
    /// HST, TVH.
    Hst,
    /// QST, TVQ.
    Qst,
    /// PST, RST, TVP, TVD.
    Pst,
    /// VAT, TVA.
    Vat,
    /// A state's.
    State,
    /// A county's.
    County,
    /// A city's.
    City,
    /// A district's.
    District,
}

/// What a name says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Words {
    /// The kinds of tax it names; several for a combined label.
    pub kinds: BTreeSet<Kind>,
    /// The provinces or states it names.
    pub regions: BTreeSet<&'static str>,
    /// What is left that tells it from others.
    pub tokens: BTreeSet<String>,
}

/// Why nobody is charged under a code, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Untaxed {
    /// Exempt by law.
    Exempt,
    /// Taxable at nought per cent.
    ZeroRated,
    /// Not a supply at all.
    OutOfScope,
}

/// Words that are on too many names to tell one from another.
const COMMON: &[&str] = &[
    "and",
    "collected",
    "combined",
    "custom",
    "de",
    "des",
    "du",
    "d",
    "et",
    "general",
    "la",
    "le",
    "les",
    "l",
    "local",
    "of",
    "on",
    "percue",
    "percu",
    "pour",
    "purchases",
    "rate",
    "reg",
    "regular",
    "s",
    "sale",
    "sales",
    "services",
    "sur",
    "standard",
    "taux",
    "tax",
    "taxe",
    "taxes",
    "the",
    "vente",
    "ventes",
];

/// Kinds by whole words.
const WORDS: &[(&str, Kind)] = &[
    ("gst", Kind::Gst),
    ("tps", Kind::Gst),
    ("federal", Kind::Gst),
    ("federale", Kind::Gst),
    ("hst", Kind::Hst),
    ("tvh", Kind::Hst),
    ("qst", Kind::Qst),
    ("tvq", Kind::Qst),
    ("pst", Kind::Pst),
    ("rst", Kind::Pst),
    ("tvp", Kind::Pst),
    ("tvd", Kind::Pst),
    ("vat", Kind::Vat),
    ("tva", Kind::Vat),
];

/// Kinds by the words they are written out in.
const PHRASES: &[(&str, &[Kind])] = &[
    ("goods and services", &[Kind::Gst]),
    ("produits et services", &[Kind::Gst]),
    ("harmoni", &[Kind::Hst]),
    ("quebec sales", &[Kind::Qst]),
    ("vente du quebec", &[Kind::Qst]),
    ("retail sales", &[Kind::Pst]),
    ("vente au detail", &[Kind::Pst]),
    // In Quebec people call theirs provincial as well.
    ("provincial", &[Kind::Pst, Kind::Qst]),
    ("value added", &[Kind::Vat]),
    ("valeur ajoutee", &[Kind::Vat]),
];

/// Levels of government in the United States.
const LEVELS: &[(&str, Kind)] = &[
    ("state", Kind::State),
    ("county", Kind::County),
    ("city", Kind::City),
    ("municipal", Kind::City),
    ("district", Kind::District),
    ("districts", Kind::District),
    ("transit", Kind::District),
];

/// Kinds by whom the tax is owed to, in Canada and the United Kingdom.
const AGENCIES: &[(&str, &[Kind])] = &[
    ("receiver general", &[Kind::Gst, Kind::Hst]),
    ("receveur general", &[Kind::Gst, Kind::Hst]),
    ("canada revenue", &[Kind::Gst, Kind::Hst]),
    ("revenu du canada", &[Kind::Gst, Kind::Hst]),
    ("revenu quebec", &[Kind::Qst]),
    ("revenue quebec", &[Kind::Qst]),
    ("finance", &[Kind::Pst]),
    ("hmrc", &[Kind::Vat]),
    ("vat", &[Kind::Vat]),
];

/// What `text` says, in a company of that country.
pub(super) fn words(text: &str, country: &str) -> Words {
    let plain = plain(text);
    let us = country == "US";
    let table = if us { LEVELS } else { WORDS };
    let mut kinds: BTreeSet<Kind> = plain
        .split(' ')
        .filter_map(|word| table.iter().find(|(known, _)| *known == word))
        .map(|(_, kind)| *kind)
        .collect();
    if !us {
        let phrases = PHRASES.iter().filter(|(phrase, _)| plain.contains(phrase));
        let named: BTreeSet<Kind> = phrases
            .flat_map(|(_, kinds)| kinds.iter().copied())
            .collect();
        // An abbreviation says more than "provincial" beside it.
        if kinds.is_empty() {
            kinds = named;
        }
    }
    let mut regions = regions::named(text, &plain, country);
    // Only Manitoba calls its tax this; others, people in Manitoba among them, say PST.
    if country == "CA" && plain.split(' ').any(|word| ["rst", "tvd"].contains(&word)) {
        regions.insert("MB");
    }
    let says_nothing = |word: &str| {
        COMMON.contains(&word)
            || table.iter().any(|(known, _)| *known == word)
            || word.chars().any(|c| c.is_ascii_digit())
    };
    let tokens = plain
        .split(' ')
        .filter(|word| !word.is_empty() && !says_nothing(word))
        .map(str::to_owned)
        .collect();
    Words {
        kinds,
        regions,
        tokens,
    }
}

/// A word as it is compared: the abbreviations of one tax, in whichever language, are one word.
pub(super) fn canonical(word: &str) -> String {
    match WORDS.iter().find(|(known, _)| *known == word) {
        Some((_, kind)) => format!("{kind:?}"),
        None => word.to_owned(),
    }
}

/// The kinds an agency collects, where its name says so.
pub(super) fn agency_kinds(agency: &str, country: &str) -> BTreeSet<Kind> {
    if country == "US" {
        return words(agency, country).kinds;
    }
    let plain = plain(agency);
    let known = AGENCIES.iter().find(|(name, _)| plain.contains(name));
    known
        .map(|(_, kinds)| kinds.iter().copied().collect())
        .unwrap_or_default()
}

/// Why nobody is charged under a code of this name; `None` where it says nothing, or two things.
pub(super) fn untaxed(name: &str) -> Option<Untaxed> {
    let plain = plain(name);
    let says = |phrases: &[&str]| phrases.iter().any(|phrase| plain.contains(phrase));
    let zero = says(&["zero rated", "zero rate", "detaxe", "taux zero", "gst free"])
        // The United Kingdom's "0.0% Z".
        || plain == "0 0 z" || plain == "z";
    let exempt = says(&["exempt", "exoner", "input taxed"])
        && !says(&["non exempt", "not exempt", "non exoner"]);
    let outside = says(&[
        "out of scope",
        "outside the scope",
        "outside scope",
        "hors champ",
        "hors du champ",
        "hors portee",
        "no vat",
        "pas de tva",
        "not applicable",
        "sans objet",
    ]);
    match (zero, exempt, outside) {
        (true, false, false) => Some(Untaxed::ZeroRated),
        (false, true, false) => Some(Untaxed::Exempt),
        (false, false, true) => Some(Untaxed::OutOfScope),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tax_is_known_by_its_name_in_both_languages() {
        for (name, country, kinds) in [
            ("GST", "CA", vec![Kind::Gst]),
            ("T.P.S. (5 %)", "CA", vec![Kind::Gst]),
            ("TPS 123456789 RT0001", "CA", vec![Kind::Gst]),
            ("Goods and Services Tax", "CA", vec![Kind::Gst]),
            ("Taxe sur les produits et services", "CA", vec![Kind::Gst]),
            ("TVQ 9,975 %", "CA", vec![Kind::Qst]),
            ("Taxe de vente du Québec", "CA", vec![Kind::Qst]),
            ("Provincial Sales Tax (PST)", "CA", vec![Kind::Pst]),
            ("Provincial tax", "CA", vec![Kind::Qst, Kind::Pst]),
            ("TVH Ontario", "CA", vec![Kind::Hst]),
            ("GST/HST", "CA", vec![Kind::Gst, Kind::Hst]),
            ("GST + PST", "CA", vec![Kind::Gst, Kind::Pst]),
            ("VAT", "GB", vec![Kind::Vat]),
            ("TVA", "FR", vec![Kind::Vat]),
            ("State of Arizona", "US", vec![Kind::State]),
            ("Retail sales tax", "US", vec![]),
            ("Sales tax", "CA", vec![]),
        ] {
            let expected: BTreeSet<Kind> = kinds.into_iter().collect();
            assert_eq!(words(name, country).kinds, expected, "{name}");
        }
    }

    #[test]
    fn only_manitoba_has_a_retail_sales_tax() {
        assert_eq!(words("RST", "CA").regions, BTreeSet::from(["MB"]));
        assert_eq!(words("TVD", "CA").regions, BTreeSet::from(["MB"]));
        assert_eq!(words("PST", "CA").regions, BTreeSet::new());
    }

    #[test]
    fn only_what_tells_names_apart_is_left() {
        let tokens = |name: &str| words(name, "US").tokens.into_iter().collect::<Vec<_>>();
        assert_eq!(tokens("Tucson City Sales Tax 2.0%"), ["tucson"]);
        assert_eq!(tokens("Sales tax"), Vec::<String>::new());
    }

    #[test]
    fn why_nobody_is_charged_is_known_by_name_and_never_guessed_between_two() {
        for (name, why) in [
            ("Exempt", Some(Untaxed::Exempt)),
            ("Exonéré", Some(Untaxed::Exempt)),
            ("Zero-rated", Some(Untaxed::ZeroRated)),
            ("Détaxé TPS/TVH", Some(Untaxed::ZeroRated)),
            ("0.0% Z", Some(Untaxed::ZeroRated)),
            ("Out of Scope", Some(Untaxed::OutOfScope)),
            ("Hors champ", Some(Untaxed::OutOfScope)),
            ("No VAT", Some(Untaxed::OutOfScope)),
            ("Exempt / out of scope", None),
            ("Non-exempt", None),
            ("Non exonéré", None),
            ("GST", None),
        ] {
            assert_eq!(untaxed(name), why, "{name}");
        }
    }
}
