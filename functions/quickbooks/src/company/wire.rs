//! A company's profile and preferences as QuickBooks writes them. The lists are in [`lists`], the taxes in [`taxes`].
//!
//! Field names: Intuit API reference, `CompanyInfo` and `Preferences`. Whatever an answer may lack is optional.

mod lists;
mod taxes;

use bookkeeping::company::Tracking;
use bookkeeping::transaction::Language;
use jiff::civil::Date;
use serde::Deserialize;

pub(super) use lists::{Created, Queried, Rows};

use crate::wire::Reference;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CompanyInfoAnswer {
    pub company_info: CompanyInfo,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CompanyInfo {
    pub company_name: String,
    country: String,
    #[serde(default)]
    company_addr: Address,
    #[serde(default)]
    legal_addr: Address,
    #[serde(default)]
    supported_languages: String,
    #[serde(default)]
    name_value: Vec<NameValue>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase")]
struct Address {
    country_sub_division_code: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct NameValue {
    #[serde(default)]
    name: String,
    #[serde(default)]
    value: String,
}

impl CompanyInfo {
    /// The country in two letters; companies have been seen that write theirs out.
    pub fn country(&self) -> String {
        let country = self.country.trim().to_ascii_uppercase();
        match country.as_str() {
            "USA" | "UNITED STATES" | "UNITED STATES OF AMERICA" => "US".to_owned(),
            "CAN" | "CANADA" => "CA".to_owned(),
            "GBR" | "UK" | "UNITED KINGDOM" => "GB".to_owned(),
            _ => country,
        }
    }

    pub fn region(&self) -> Option<String> {
        let said = |address: &Address| address.country_sub_division_code.clone();
        said(&self.company_addr)
            .or_else(|| said(&self.legal_addr))
            .filter(|region| !region.trim().is_empty())
    }

    pub fn languages(&self) -> Vec<Language> {
        let mut languages: Vec<Language> = self
            .supported_languages
            .split([',', ';', ' '])
            .filter_map(Language::from_tag)
            .collect();
        languages.dedup();
        languages
    }

    pub fn subscription(&self) -> Option<String> {
        let status = |pair: &&NameValue| pair.name == "SubscriptionStatus";
        self.name_value
            .iter()
            .find(status)
            .map(|pair| pair.value.clone())
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PreferencesAnswer {
    pub preferences: Preferences,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Preferences {
    #[serde(default)]
    pub tax_prefs: TaxPrefs,
    pub currency_prefs: CurrencyPrefs,
    #[serde(default)]
    pub sales_forms_prefs: SalesFormsPrefs,
    #[serde(default)]
    pub accounting_info_prefs: AccountingInfoPrefs,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase")]
pub(super) struct TaxPrefs {
    #[serde(default)]
    pub using_sales_tax: bool,
    pub partner_tax_enabled: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CurrencyPrefs {
    #[serde(default)]
    pub multi_currency_enabled: bool,
    pub home_currency: Reference,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase")]
pub(super) struct SalesFormsPrefs {
    #[serde(default)]
    pub custom_txn_numbers: bool,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct AccountingInfoPrefs {
    track_departments: bool,
    class_tracking_per_txn: bool,
    class_tracking_per_txn_line: bool,
    book_close_date: Option<String>,
}

impl AccountingInfoPrefs {
    pub fn tracking(&self) -> Tracking {
        Tracking {
            classes_on_documents: self.class_tracking_per_txn,
            classes_on_lines: self.class_tracking_per_txn_line,
            locations: self.track_departments,
        }
    }

    pub fn closed_through(&self) -> Option<Date> {
        day(self.book_close_date.as_deref()?)
    }
}

/// The day a text begins with: dates come alone, or with a time and the offset of Intuit's own offices.
fn day(text: &str) -> Option<Date> {
    text.get(..10)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn info(json: serde_json::Value) -> CompanyInfo {
        serde_json::from_value(json).expect("a profile")
    }

    #[test]
    fn a_country_written_out_is_its_two_letters() {
        for (written, country) in [
            ("CA", "CA"),
            ("us", "US"),
            ("USA", "US"),
            ("United States of America", "US"),
            ("GB", "GB"),
            ("FR", "FR"),
        ] {
            let info = info(serde_json::json!({"CompanyName": "A", "Country": written}));
            assert_eq!(info.country(), country);
        }
    }

    #[test]
    fn languages_are_those_we_write_in_order() {
        for (written, languages) in [
            ("fr", vec![Language::French]),
            ("en,fr", vec![Language::English, Language::French]),
            ("de", vec![]),
            ("", vec![]),
        ] {
            let info = info(
                serde_json::json!({"CompanyName": "A", "Country": "CA", "SupportedLanguages": written}),
            );
            assert_eq!(info.languages(), languages, "{written}");
        }
    }

    #[test]
    fn a_day_is_read_with_or_without_a_time() {
        assert_eq!(
            day("2025-12-31").map(|day| day.to_string()).as_deref(),
            Some("2025-12-31")
        );
        assert_eq!(
            day("2006-07-01T00:00:00-07:00")
                .map(|day| day.to_string())
                .as_deref(),
            Some("2006-07-01")
        );
        assert_eq!(day("soon"), None);
        assert_eq!(day("2025-13-01"), None);
    }
}
