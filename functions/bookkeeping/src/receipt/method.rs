//! Payment methods: how the company calls the way a payment came in.

use crate::company::Company;
use crate::ids::PaymentMethodId;
use crate::transaction::{Language, Method};

/// A method the company lacks, to be created once under its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewMethod {
    /// Its name, in the company's language; at most 15 characters are kept.
    pub name: String,
    /// Whether it is a credit card.
    pub is_card: bool,
}

/// The method in the company's list, where it has one.
pub(crate) fn payment_method(
    method: &Method,
    card_brand: Option<&str>,
    company: &Company,
) -> Option<PaymentMethodId> {
    company.payment_method(names(method, card_brand)).cloned()
}

/// What has to be created for a payment by this method; `None` where the company has it, or where no money came in.
pub(crate) fn missing_method(
    method: &Method,
    card_brand: Option<&str>,
    company: &Company,
) -> Option<NewMethod> {
    if payment_method(method, card_brand, company).is_some() {
        return None;
    }
    let names = names(method, card_brand);
    let name = match company.language() {
        Language::English => names.first(),
        Language::French => names.get(1).or(names.first()),
    };
    Some(NewMethod {
        name: (*name?).to_owned(),
        is_card: matches!(method, Method::Card),
    })
}

/// The names a method may have in a company's list: in English, in French, and otherwise.
///
/// A card is looked for by its brand, so that the receipt says Visa where the company knows Visa.
fn names(method: &Method, card_brand: Option<&str>) -> &'static [&'static str] {
    match method {
        Method::Card => match card_brand.map(str::to_ascii_lowercase).as_deref() {
            Some("visa") => &["Visa"],
            Some("mastercard") => &["MasterCard"],
            Some("amex" | "american_express") => &["Amex", "Amex", "American Express"],
            Some("discover") => &["Discover"],
            _ => &["Credit Card", "Carte de crédit"],
        },
        Method::Debit => &["Debit", "Débit", "Debit Card"],
        Method::Cash => &["Cash", "Comptant", "Espèces"],
        Method::Cheque => &["Cheque", "Chèque", "Check"],
        Method::Etransfer => &[
            "e-Transfer",
            "Virement",
            "Interac e-Transfer",
            "Virement Interac",
        ],
        Method::Echeck => &["eCheck", "Chèque électr."],
        Method::Pad => &["PAD", "DPA"],
        Method::Paypal => &["PayPal"],
        Method::Square => &["Square"],
        Method::Venmo => &["Venmo"],
        Method::Zelle => &["Zelle"],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn company(language: &str) -> Company {
        serde_json::from_value(json!({
            "realm": "9341450000000001", "name": "Laurier", "country": "CA", "home_currency": "CAD",
            "languages": [language], "multicurrency": false, "custom_numbers": true, "tax_model": "global",
            "tax_codes": [], "accounts": [], "items": [], "payment_methods": [{"id": "4", "name": "Visa"}, {"id": "2", "name": "Check"}]
        }))
        .unwrap()
    }

    #[test]
    fn what_the_company_lacks_is_named_in_its_language_and_what_it_has_is_not_created() {
        for (method, brand, language, name) in [
            (Method::Card, Some("visa"), "en", None),
            (Method::Cheque, None, "en", None),
            (Method::Card, None, "en", Some("Credit Card")),
            (Method::Card, None, "fr", Some("Carte de crédit")),
            (Method::Card, Some("amex"), "fr", Some("Amex")),
            (Method::Pad, None, "fr", Some("DPA")),
            (Method::Coupon, None, "en", None),
            (Method::Other("barter".to_owned()), None, "en", None),
        ] {
            let missing = missing_method(&method, brand, &company(language));
            let missing = missing.as_ref().map(|new| new.name.as_str());
            assert_eq!(missing, name, "{method:?} {brand:?} {language}");
        }
    }

    #[test]
    fn every_name_that_is_created_fits_and_is_found_again() {
        for method in Method::KNOWN {
            for brand in [
                None,
                Some("visa"),
                Some("mastercard"),
                Some("amex"),
                Some("discover"),
            ] {
                for language in ["en", "fr"] {
                    let mut company = company(language);
                    let Some(new) = missing_method(&method, brand, &company) else {
                        continue;
                    };
                    assert!(new.name.chars().count() <= 15, "{}", new.name);
                    let id = PaymentMethodId::parse("99").unwrap();
                    let name = new.name.clone();
                    company
                        .payment_methods
                        .push(crate::company::PaymentMethod { id, name });
                    assert_eq!(
                        missing_method(&method, brand, &company),
                        None,
                        "{}",
                        new.name
                    );
                }
            }
        }
    }
}
