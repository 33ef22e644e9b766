//! What the operator looks for in the list.

use bookkeeping::money::Amount;
use common::store::activity::Entry;
use common::web::Request;
use jiff::ToSpan;
use jiff::civil::Date;

/// How far back the list goes where nobody says.
const DAYS: i64 = 62;

/// What is looked for.
#[derive(Clone)]
pub(super) struct Wanted {
    pub state: String,
    pub kind: String,
    pub text: String,
    /// The first day that is looked through: where nobody says, [`DAYS`] before the last.
    pub from: Date,
    /// The last; none where it goes on to what is dated ahead of us.
    pub to: Option<Date>,
    /// Whether the days are the operator's own.
    is_span: bool,
}

fn days_before(day: Date) -> Date {
    day.saturating_sub(DAYS.days())
}

impl Wanted {
    pub(super) fn read(request: &Request, today: Date) -> Self {
        let field = |name| request.query(name).unwrap_or_default().trim().to_owned();
        let day = |name| field(name).parse::<Date>().ok();
        let to = day("to");
        let from = day("from").unwrap_or_else(|| days_before(to.unwrap_or(today)));
        Self {
            state: field("state"),
            kind: field("kind"),
            text: field("q"),
            is_span: to.is_some() || from != days_before(today),
            from,
            to,
        }
    }

    /// Whether it is anything but the list as it opens.
    pub(super) fn is_search(&self) -> bool {
        self.is_span || self.is_picky()
    }

    /// Whether it is more than a span of days.
    pub(super) fn is_picky(&self) -> bool {
        !(self.state.is_empty() && self.kind.is_empty() && self.text.is_empty())
    }

    pub(super) fn matches(&self, entry: &Entry) -> bool {
        let state = self.state.is_empty() || entry.row.state().as_str() == self.state;
        let kind = entry.key.as_ref().map_or("", |key| key.kind.as_str());
        let kind = self.kind.is_empty() || kind == self.kind;
        state && kind && (self.text.is_empty() || self.is_named(entry))
    }

    /// Whether the text is its amount, its number here or in QuickBooks, its customer or its id.
    fn is_named(&self, entry: &Entry) -> bool {
        let text = self.text.as_str();
        let listing = entry.row.listing.as_ref();
        let amount = listing.and_then(|listing| listing.amount);
        let receipt = entry.row.synced.as_ref();
        let names = [
            entry.key.as_ref().map(|key| key.id.clone()),
            listing.and_then(|listing| listing.reference.clone()),
            listing.and_then(|listing| Some(listing.customer.as_ref()?.to_string())),
            listing.and_then(|listing| Some(listing.payment.as_ref()?.to_string())),
            receipt.and_then(|synced| synced.number.clone()),
            receipt.map(|synced| synced.receipt.to_string()),
        ];
        let names = names.into_iter().flatten();
        amount.is_some_and(|amount| is_spelled(amount, text))
            || names
                .into_iter()
                .any(|name| name.eq_ignore_ascii_case(text))
    }

    /// The same in the days before these; none at the beginning of time.
    pub(super) fn earlier(&self) -> Option<Self> {
        let to = self.from.yesterday().ok()?;
        Some(Self {
            from: days_before(to),
            to: Some(to),
            ..self.clone()
        })
    }

    /// The address of this search, going on after an entry.
    pub(super) fn address(&self, after: &str) -> String {
        let to = self.to.map(|day| day.to_string()).unwrap_or_default();
        let fields = [
            ("state", self.state.as_str()),
            ("kind", &self.kind),
            ("q", &self.text),
            ("from", &self.from.to_string()),
            ("to", &to),
            ("after", after),
        ];
        let mut address = form_urlencoded::Serializer::new(String::new());
        for (name, value) in fields.into_iter().filter(|(_, value)| !value.is_empty()) {
            address.append_pair(name, value);
        }
        format!("/quickbooks/activity?{}", address.finish())
    }
}

/// Whether the text is an amount, as we print it or as people write it: "1,234.56", "1 234,56 CAD", "50".
fn is_spelled(amount: Amount, text: &str) -> bool {
    let letters = text.chars().filter(|letter| !letter.is_whitespace());
    let text = letters.collect::<String>().to_uppercase();
    let text = text.trim_start_matches(['-', '−']);
    let currency = amount.currency();
    let code = currency.code();
    let text = text.strip_prefix(code).unwrap_or(text);
    let text = text.strip_suffix(code).unwrap_or(text);
    let text = text.trim_matches('$');
    // What three digits follow only groups.
    let (whole, decimals) = match text.rsplit_once([',', '.']) {
        Some((whole, decimals)) if decimals.len() < 3 => (whole, decimals),
        _ => (text, ""),
    };
    let whole = whole.replace([',', '.'], "");
    let parsed = match decimals {
        "" => Amount::parse(&whole, amount.currency()),
        _ => Amount::parse(&format!("{whole}.{decimals}"), amount.currency()),
    };
    parsed.is_ok_and(|parsed| parsed.minor() == amount.minor())
}

#[cfg(test)]
mod tests {
    use bookkeeping::money::Currency;
    use bookkeeping::transaction::Language;
    use common::mail::spelled;

    use super::*;

    #[test]
    fn an_amount_is_found_as_the_list_prints_it_and_as_people_write_it() {
        let amount = Amount::from_minor(123_456, Currency::CAD);
        for language in [Language::English, Language::French] {
            let printed = spelled(amount, language);
            assert!(is_spelled(amount, &printed), "{printed}");
            assert!(is_spelled(amount, &format!("−{printed}")), "{printed}");
        }
        for text in [
            "1234.56",
            "1,234.56",
            "1 234,56",
            "1.234,56",
            "$1,234.56",
            "1234,56 cad",
        ] {
            assert!(is_spelled(amount, text), "{text}");
        }
        for text in ["1234.5", "123456", "1234", "", "MC-1234.56", "12,34.56.1"] {
            assert!(!is_spelled(amount, text), "{text}");
        }
        let round = Amount::from_minor(5_000, Currency::CAD);
        for text in ["50", "50.0", "50,00", "$50"] {
            assert!(is_spelled(round, text), "{text}");
        }
        assert!(!is_spelled(round, "5"), "not a part of it");
    }
}
