//! Payment methods: how the company calls the way a payment came in.

use crate::connection::Connection;
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

/// The method in the company's list: the one the operator chose, as long as it is there, else the one of its name.
pub(crate) fn payment_method(
    method: &Method,
    card_brand: Option<&str>,
    connection: &Connection,
) -> Option<PaymentMethodId> {
    let company = &connection.company;
    let chosen = connection.settings.payment_methods.get(method.as_str());
    let is_there =
        |id: &&PaymentMethodId| company.payment_methods.iter().any(|known| known.id == **id);
    let found = chosen
        .filter(is_there)
        .or_else(|| company.payment_method(names(method, card_brand)));
    found.cloned()
}

/// What has to be created for a payment by this method; `None` where the company has it, or where no money came in.
pub(crate) fn missing_method(
    method: &Method,
    card_brand: Option<&str>,
    connection: &Connection,
) -> Option<NewMethod> {
    if payment_method(method, card_brand, connection).is_some() {
        return None;
    }
    let names = names(method, card_brand);
    let name = match connection.language() {
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

    fn connection(language: &str) -> Connection {
        serde_json::from_value(json!({
            "merchant": "mer_1", "epoch": 1, "state": "connected", "time_zone": "America/Toronto",
            "settings": {"deposits": {"clearing": {}}, "items": {}},
            "company": {
                "realm": "9341450000000001", "name": "Laurier", "country": "CA", "home_currency": "CAD",
                "languages": [language], "multicurrency": false, "custom_numbers": true, "tax_model": "global",
                "tax_codes": [], "accounts": [], "items": [], "payment_methods": [{"id": "4", "name": "Visa"}, {"id": "2", "name": "Check"}]
            }
        }))
        .unwrap()
    }

    #[test]
    fn a_method_is_called_what_the_operator_chose_as_long_as_the_company_has_it() {
        let mut connection = connection("en");
        let check = PaymentMethodId::parse("2").unwrap();
        let methods = &mut connection.settings.payment_methods;
        methods.insert("card".to_owned(), check.clone());
        methods.insert("cheque".to_owned(), PaymentMethodId::parse("99").unwrap());
        let called = |method, brand| payment_method(method, brand, &connection);
        assert_eq!(called(&Method::Card, Some("visa")), Some(check.clone()));
        assert_eq!(called(&Method::Cheque, None), Some(check), "by its name");
        assert_eq!(
            missing_method(&Method::Card, Some("amex"), &connection),
            None
        );
    }

    #[test]
    fn what_is_created_is_named_in_the_language_the_operator_chose() {
        let mut connection = connection("en");
        connection.settings.language = Some(Language::French);
        let missing = missing_method(&Method::Pad, None, &connection);
        assert_eq!(missing.map(|new| new.name).as_deref(), Some("DPA"));
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
            let missing = missing_method(&method, brand, &connection(language));
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
                    let mut connection = connection(language);
                    let Some(new) = missing_method(&method, brand, &connection) else {
                        continue;
                    };
                    assert!(new.name.chars().count() <= 15, "{}", new.name);
                    let id = PaymentMethodId::parse("99").unwrap();
                    let name = new.name.clone();
                    connection
                        .company
                        .payment_methods
                        .push(crate::company::PaymentMethod { id, name });
                    assert_eq!(
                        missing_method(&method, brand, &connection),
                        None,
                        "{}",
                        new.name
                    );
                }
            }
        }
    }
}
