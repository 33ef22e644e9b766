//! The checklist of R27 in words: each green, or with its cure.

use bookkeeping::checklist::{Check, Sells, Subject, checklist};
use bookkeeping::connection::Connection;
use bookkeeping::merchant::MerchantProfile;
use bookkeeping::transaction::Language;
use common::locales::{self, say};

/// What was checked of the company, and what was found.
pub(super) struct Checked {
    pub tone: &'static str,
    pub verdict: String,
    pub subject: String,
    pub cure: String,
}

/// Checks a connection, as its merchant sells.
pub(super) fn checks(
    connection: &Connection,
    profile: &MerchantProfile,
    language: Language,
) -> Vec<Checked> {
    let sells = Sells {
        country: &profile.country,
        currency: profile.currency,
        tax_sets: &connection.catalogue.tax_sets,
    };
    let checks = checklist(&connection.company, &sells, &connection.settings.tax_map);
    checks
        .iter()
        .map(|check| checked(check, language))
        .collect()
}

fn checked(check: &Check, language: Language) -> Checked {
    let words = |message: &str| say(language, message, None, &[]);
    let subject = words(match check.subject {
        Subject::Accounting => "home-check-accounting",
        Subject::Country => "home-check-country",
        Subject::Currency => "home-check-currency",
        Subject::SalesTax => "home-check-sales-tax",
        Subject::Taxes => "home-check-taxes",
    });
    match &check.cure {
        None => Checked {
            tone: "good",
            verdict: words("home-check-good"),
            subject,
            cure: String::new(),
        },
        Some(cure) => Checked {
            tone: "bad",
            verdict: words("home-check-bad"),
            subject,
            cure: locales::cure(cure, language).together(),
        },
    }
}
