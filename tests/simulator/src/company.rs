//! A company: its books, its settings, how it is played and what has befallen it.

use std::collections::HashMap;

use jiff::Timestamp;

use crate::books::{Books, Entry};
use crate::counters::Counters;
use crate::json::Json;
use crate::kind::Kind;
use crate::limits::Limits;
use crate::replays::Replays;
use crate::switches::Switches;

/// The companies that are served from the start, as JSON files.
const FILES: [&str; 7] = [
    include_str!("../companies/quebec.json"),
    include_str!("../companies/ontario.json"),
    include_str!("../companies/british-columbia.json"),
    include_str!("../companies/us-automated.json"),
    include_str!("../companies/us-manual.json"),
    include_str!("../companies/united-kingdom.json"),
    include_str!("../companies/quebec-french.json"),
];

/// The last id a company's own file uses is below this; what is created comes after.
const FIRST_FREE_ID: u64 = 1000;

/// What has befallen a company.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct State {
    /// The subscription has ended: reads work, writes give 6190.
    pub read_only: bool,
    /// Who connected is no administrator any more: 401 with code 120.
    pub admin_lost: bool,
    /// The company has moved: 401 with code 130.
    pub wrong_cluster: bool,
    /// The company is under maintenance: code 150.
    pub maintenance: bool,
    /// The books are closed up to that day, inclusive: 6200, or 6210 with a password.
    pub closed: Option<(String, bool)>,
}

/// A company.
#[derive(Clone, Debug)]
pub(crate) struct Company {
    pub realm: String,
    /// `en` or `fr`: the language of some faults.
    pub language: String,
    pub books: Books,
    pub switches: Switches,
    pub state: State,
    pub replays: Replays,
    pub limits: Limits,
    pub counters: Counters,
}

/// The kinds a company file may list.
const LISTED: [Kind; 13] = [
    Kind::Account,
    Kind::TaxAgency,
    Kind::TaxRate,
    Kind::TaxCode,
    Kind::Item,
    Kind::PaymentMethod,
    Kind::Class,
    Kind::Department,
    Kind::Vendor,
    Kind::Employee,
    Kind::Customer,
    Kind::ExchangeRate,
    Kind::SalesReceipt,
];

impl Company {
    /// The companies served from the start.
    pub fn all() -> Vec<Company> {
        FILES
            .iter()
            .map(|file| Company::read(file).expect("the files in companies/ are read by a test"))
            .collect()
    }

    /// Reads a company from its JSON file.
    ///
    /// # Errors
    /// A sentence that says what is missing or malformed.
    pub fn read(file: &str) -> Result<Company, String> {
        Company::from_json(&Json::read(file)?)
    }

    /// The company a JSON object describes.
    pub fn from_json(file: &Json) -> Result<Company, String> {
        let realm = file
            .said("realm")
            .ok_or("a company needs a realm")?
            .to_owned();
        let opened: Timestamp = "2026-01-05T17:12:44Z"
            .parse()
            .map_err(|error| format!("{error}"))?;
        let mut company = Company {
            language: file.said("language").unwrap_or("en").to_owned(),
            books: Books::new(FIRST_FREE_ID),
            switches: Switches::default(),
            state: State::default(),
            replays: Replays::default(),
            limits: Limits::default(),
            counters: Counters::default(),
            realm,
        };
        for kind in [Kind::CompanyInfo, Kind::Preferences] {
            let values = file
                .get(kind.name())
                .cloned()
                .ok_or_else(|| format!("a company needs {}", kind.name()))?;
            company.books.put(
                Entry {
                    kind,
                    id: Some("1".to_owned()),
                    values,
                },
                opened,
            );
        }
        for kind in LISTED {
            for (index, values) in file
                .get(kind.name())
                .map(Json::items)
                .unwrap_or_default()
                .iter()
                .enumerate()
            {
                let id = values
                    .said("Id")
                    .map_or_else(|| (index + 1).to_string(), str::to_owned);
                let values = company.filled(kind, values.clone());
                company.books.put(
                    Entry {
                        kind,
                        id: Some(id),
                        values,
                    },
                    opened,
                );
            }
        }
        Ok(company)
    }

    /// What QuickBooks adds to a list entry that a company file leaves out.
    fn filled(&self, kind: Kind, mut values: Json) -> Json {
        let pseudo = kind == Kind::TaxCode
            && values
                .said("Id")
                .is_some_and(|id| id.bytes().any(|byte| !byte.is_ascii_digit()));
        if !pseudo
            && kind != Kind::ExchangeRate
            && kind != Kind::TaxAgency
            && values.get("Active").is_none()
        {
            values.set("Active", Json::Bool(true));
        }
        let name = values
            .said(if kind.is_person() {
                "DisplayName"
            } else {
                "Name"
            })
            .unwrap_or_default()
            .to_owned();
        if matches!(
            kind,
            Kind::Account | Kind::Item | Kind::Class | Kind::Department | Kind::Customer
        ) && values.get("FullyQualifiedName").is_none()
        {
            values.set("FullyQualifiedName", Json::text(&name));
        }
        if kind.is_person() {
            if values.get("PrintOnCheckName").is_none() {
                values.set("PrintOnCheckName", Json::text(&name));
            }
            crate::customer::complete(&mut values, self);
        }
        match kind {
            Kind::Account => crate::lists::complete_account(&mut values, self),
            Kind::Item => crate::lists::complete_item(&mut values, self),
            _ => {}
        }
        values
    }

    /// Ends or restores the subscription, which `CompanyInfo.NameValue` tells as well.
    pub fn set_read_only(&mut self, read_only: bool, now: Timestamp) {
        if self.state.read_only == read_only {
            return;
        }
        self.state.read_only = read_only;
        let Some(mut values) = self
            .books
            .find(Kind::CompanyInfo, "1")
            .map(crate::books::Record::values)
        else {
            return;
        };
        let status = if read_only { "EXPIRED" } else { "SUBSCRIBED" };
        let pairs = values
            .get("NameValue")
            .map(Json::items)
            .unwrap_or_default()
            .iter()
            .cloned()
            .map(|mut pair| {
                if pair.said("Name") == Some("SubscriptionStatus") {
                    pair.set("Value", Json::text(status));
                }
                pair
            });
        let pairs = Json::List(pairs.collect());
        values.set("NameValue", pairs);
        self.books.put(
            Entry {
                kind: Kind::CompanyInfo,
                id: Some("1".to_owned()),
                values,
            },
            now,
        );
    }

    fn setting(&self, path: &str) -> Option<&Json> {
        self.books.find(Kind::Preferences, "1")?.at(path)
    }

    fn flag(&self, path: &str) -> bool {
        self.setting(path).and_then(Json::as_bool).unwrap_or(false)
    }

    /// The company's name.
    pub fn name(&self) -> &str {
        self.books
            .find(Kind::CompanyInfo, "1")
            .and_then(|info| info.text_at("CompanyName"))
            .unwrap_or_default()
    }

    /// The company's country, two letters.
    pub fn country(&self) -> &str {
        self.books
            .find(Kind::CompanyInfo, "1")
            .and_then(|info| info.text_at("Country"))
            .unwrap_or_default()
    }

    /// The home currency's code.
    pub fn home_currency(&self) -> &str {
        self.setting("CurrencyPrefs.HomeCurrency.value")
            .and_then(Json::as_text)
            .unwrap_or("USD")
    }

    /// True if the company uses several currencies.
    pub fn is_multicurrency(&self) -> bool {
        self.flag("CurrencyPrefs.MultiCurrencyEnabled")
    }

    /// True if document numbers are chosen by whoever makes the document.
    pub fn has_custom_numbers(&self) -> bool {
        self.flag("SalesFormsPrefs.CustomTxnNumbers")
    }

    /// True if the company charges sales tax.
    pub fn uses_sales_tax(&self) -> bool {
        self.flag("TaxPrefs.UsingSalesTax")
    }

    /// True if QuickBooks works US sales tax out by itself.
    pub fn has_automated_tax(&self) -> bool {
        self.flag("TaxPrefs.PartnerTaxEnabled")
    }

    /// True if lines carry classes.
    pub fn has_classes_on_lines(&self) -> bool {
        self.flag("AccountingInfoPrefs.ClassTrackingPerTxnLine")
    }

    /// True if documents carry a class.
    pub fn has_classes_on_documents(&self) -> bool {
        self.flag("AccountingInfoPrefs.ClassTrackingPerTxn")
    }

    /// True if documents carry a location.
    pub fn has_departments(&self) -> bool {
        self.flag("AccountingInfoPrefs.TrackDepartments")
    }
}

/// A currency's name as QuickBooks gives it in references.
pub(crate) fn currency_name(code: &str) -> &str {
    match code {
        "CAD" => "Canadian Dollar",
        "USD" => "United States Dollar",
        "GBP" => "British Pound Sterling",
        "EUR" => "Euro",
        "AUD" => "Australian Dollar",
        "JPY" => "Japanese Yen",
        other => other,
    }
}

/// Companies by realm.
pub(crate) type Companies = HashMap<String, Company>;
