//! Catalogue: what a merchant sells and how its customers pay, as far as it was told.
//!
//! Learned from the transactions themselves, and from MioCommerce's messages where it sends them. It is what the operator's
//! choices are about: a tax can be mapped, an item chosen for a service, before or after it is first needed. Holds names
//! that the merchant gave its own things, nothing of its customers.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::ids::{ServiceId, TaxId, TeamId, TerritoryId};
use crate::receipt::treatment;
use crate::transaction::{Line, Merchant, MerchantTax, Method, TaxTreatment};

/// Most sets of taxes, and most of each other thing, that are kept: a connection's row has room for so many.
const KEPT_MAX: usize = 300;

/// What a merchant sells, and how it is paid.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Catalogue {
    /// The taxes it charges together, each set once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tax_sets: Vec<TaxSet>,
    /// Why lines carried no tax, where they said so.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub treatments: BTreeSet<TaxTreatment>,
    /// Whether a line carried no tax and did not say why.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub untaxed: bool,
    /// Its services, with their names where they were told.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub services: BTreeMap<ServiceId, Option<String>>,
    /// Its teams.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub teams: BTreeSet<TeamId>,
    /// Its territories.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub territories: BTreeSet<TerritoryId>,
    /// How it was paid, by the methods' names in messages.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub methods: BTreeSet<String>,
    /// Payment methods that were created in the company, or refused there, by their names: none is asked for twice.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub methods_asked: BTreeSet<String>,
}

/// Taxes that are charged together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaxSet {
    /// The taxes, each id once.
    pub taxes: Vec<MerchantTax>,
    /// The province or state they were charged in first, where that was told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// The day of the payment that last told other rates, where one did: an older one changes nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rates_of: Option<Date>,
}

impl TaxSet {
    /// Which taxes it is of.
    #[must_use]
    pub fn ids(&self) -> BTreeSet<&TaxId> {
        self.taxes.iter().map(|tax| &tax.id).collect()
    }

    /// Learns the rates of a line that carries these taxes; says whether they are news. What the operator may choose is
    /// held against them. Told both ways on one day, the first stands.
    fn learn_rates(&mut self, line: &Line, day: Date) -> bool {
        let told = |tax: &MerchantTax| {
            let told = line.taxes.iter().find(|told| told.id == tax.id)?.rate;
            told.filter(|_| told != tax.rate)
        };
        let is_late = self.rates_of.is_some_and(|of| day <= of);
        if is_late || !self.taxes.iter().any(|tax| told(tax).is_some()) {
            return false;
        }
        for tax in &mut self.taxes {
            tax.rate = told(tax).or(tax.rate);
        }
        self.rates_of = Some(day);
        true
    }

    /// What a person reads of it: "GST 5 % + QST 9.975 %".
    #[must_use]
    pub fn label(&self) -> String {
        let labels: Vec<String> = self.taxes.iter().map(MerchantTax::label).collect();
        labels.join(" + ")
    }
}

/// What one transaction shows.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a> {
    /// Its lines.
    pub lines: &'a [Line],
    /// The province or state of the sale, where it is told.
    pub region: Option<&'a str>,
    /// How it was paid; none of a refund.
    pub method: Option<&'a Method>,
    /// Its day in the merchant's time zone.
    pub day: Date,
}

impl Catalogue {
    /// Learns from a transaction; says whether it showed anything new.
    pub fn learn(&mut self, shown: &Shown<'_>) -> bool {
        let mut is_news = match shown.method {
            Some(method) => note(&mut self.methods, Some(&method.as_str().to_owned())),
            None => false,
        };
        for line in shown.lines {
            is_news |= self.learn_taxes(line, shown);
            if let Some(service) = &line.service
                && !self.services.contains_key(service)
                && self.services.len() < KEPT_MAX
            {
                self.services.insert(service.clone(), None);
                is_news = true;
            }
            is_news |= note(&mut self.teams, line.team.as_ref());
            is_news |= note(&mut self.territories, line.territory.as_ref());
        }
        is_news
    }

    /// Learns what MioCommerce tells of the merchant; says whether any of it was news.
    pub fn learn_merchant(&mut self, merchant: &Merchant) -> bool {
        let before = self.clone();
        for service in merchant.services.iter().flatten() {
            if self.services.len() < KEPT_MAX || self.services.contains_key(&service.id) {
                let name = self.services.entry(service.id.clone()).or_default();
                *name = service.name.clone().or(name.take());
            }
        }
        let taxes = merchant.taxes.as_deref().unwrap_or_default();
        for ids in merchant.tax_sets.iter().flatten() {
            let set: Option<Vec<MerchantTax>> = ids
                .iter()
                .map(|id| taxes.iter().find(|tax| tax.id == *id).cloned())
                .collect();
            if let Some(taxes) = set.filter(|taxes| !taxes.is_empty()) {
                self.learn_set(TaxSet {
                    taxes,
                    region: merchant.region.clone(),
                    rates_of: None,
                });
            }
        }
        *self != before
    }

    /// What is the same in any company: what was asked of this one says nothing of the next.
    #[must_use]
    pub fn for_another_company(&self) -> Self {
        Self {
            methods_asked: BTreeSet::new(),
            ..self.clone()
        }
    }

    /// The set of exactly these taxes.
    #[must_use]
    pub fn tax_set(&self, ids: &BTreeSet<&TaxId>) -> Option<&TaxSet> {
        self.tax_sets.iter().find(|set| set.ids() == *ids)
    }

    fn learn_taxes(&mut self, line: &Line, shown: &Shown<'_>) -> bool {
        if line.taxes.is_empty() {
            return match treatment(line) {
                Some(treatment) => self.treatments.insert(treatment),
                None => !std::mem::replace(&mut self.untaxed, true),
            };
        }
        let ids = line.tax_set();
        if let Some(known) = self.tax_sets.iter_mut().find(|set| set.ids() == ids) {
            // A refund tells the rates of its payment's day.
            return shown.method.is_some() && known.learn_rates(line, shown.day);
        }
        let tax = |tax: &crate::transaction::Tax| MerchantTax {
            id: tax.id.clone(),
            name: Some(tax.name.clone()),
            rate: tax.rate,
        };
        self.learn_set(TaxSet {
            taxes: line.taxes.iter().map(tax).collect(),
            region: shown.region.map(str::to_owned),
            rates_of: None,
        })
    }

    fn learn_set(&mut self, set: TaxSet) -> bool {
        let ids = set.ids();
        let has_room = self.tax_sets.len() < KEPT_MAX;
        match self.tax_sets.iter_mut().find(|known| known.ids() == ids) {
            Some(known) if known.taxes == set.taxes => false,
            // Told anew, by another name or at another rate.
            Some(known) => {
                known.taxes = set.taxes;
                true
            }
            None if has_room => {
                self.tax_sets.push(set);
                true
            }
            None => false,
        }
    }
}

fn note<T: Ord + Clone>(known: &mut BTreeSet<T>, one: Option<&T>) -> bool {
    one.is_some_and(|one| known.len() < KEPT_MAX && known.insert(one.clone()))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use serde_json::json;

    use super::*;
    use crate::message::{Content, parse};
    use crate::money::Percent;

    fn lines() -> Vec<Line> {
        let message = json!({
            "schema": 1, "type": "payment.captured", "merchant_id": "mer_1", "sent_at": "2026-11-22T14:03:12Z",
            "payment": {"id": "pay_1", "reference": "1", "captured_at": "2026-11-22T09:03:11-05:00", "currency": "CAD",
                "amount": "124.98", "method": "card", "lines": [
                {"id": "1", "kind": "service", "service_id": "svc_windows", "amount": "100.00", "taxes": [
                    {"id": "gst", "name": "TPS", "rate": "5", "amount": "5.00"}, {"id": "qst", "name": "TVQ", "rate": "9.975", "amount": "9.98"}]},
                {"id": "2", "kind": "tip", "amount": "10.00"}]}
        });
        match parse(&message.to_string()).unwrap().content {
            Content::PaymentCaptured { payment, .. } => payment.lines,
            _ => unreachable!("a payment was told"),
        }
    }

    #[test]
    fn what_a_payment_shows_is_learned_once() {
        let mut catalogue = Catalogue::default();
        let lines = lines();
        let shown = |region| Shown {
            lines: &lines,
            region: Some(region),
            method: Some(&Method::Cash),
            day: date(2026, 11, 22),
        };
        assert!(catalogue.learn(&shown("QC")));
        assert!(!catalogue.learn(&shown("ON")));
        assert_eq!(catalogue.tax_sets[0].label(), "TPS 5 % + TVQ 9.975 %");
        assert_eq!(catalogue.tax_sets[0].region.as_deref(), Some("QC"));
        assert_eq!(
            catalogue.treatments,
            BTreeSet::from([TaxTreatment::OutOfScope])
        );
        assert!(!catalogue.untaxed);
        let text = serde_json::to_string(&catalogue).unwrap();
        assert_eq!(serde_json::from_str::<Catalogue>(&text).unwrap(), catalogue);
    }
    #[test]
    fn another_company_is_asked_for_payment_methods_of_its_own() {
        let catalogue = Catalogue {
            untaxed: true,
            methods_asked: BTreeSet::from(["Visa".to_owned()]),
            ..Catalogue::default()
        };
        let next = catalogue.for_another_company();
        assert!(next.untaxed && next.methods_asked.is_empty());
    }

    #[test]
    fn a_rate_that_changed_is_learned_from_the_payments_of_its_day_on_and_never_from_what_is_older()
    {
        let mut catalogue = Catalogue::default();
        let mut lines = lines();
        let mut learn = |rate: &str, day, method| {
            lines[0].taxes[0].rate = Some(Percent::parse(rate).unwrap());
            let shown = Shown {
                lines: &lines,
                region: None,
                method,
                day,
            };
            let is_news = catalogue.learn(&shown);
            (is_news, catalogue.tax_sets[0].label())
        };
        let (five, six) = ("TPS 5 % + TVQ 9.975 %", "TPS 6 % + TVQ 9.975 %");
        let (before, after) = (date(2026, 11, 22), date(2026, 12, 1));
        let cash = Some(&Method::Cash);
        for (rate, day, method, is_news, label) in [
            ("5", before, cash, true, five),
            ("6", after, cash, true, six),
            // It was late, or takes back what was charged before.
            ("5", before, cash, false, six),
            ("5", after, cash, false, six),
            ("5", date(2026, 12, 2), None, false, six),
            ("6", date(2026, 12, 2), cash, false, six),
        ] {
            let learned = learn(rate, day, method);
            assert_eq!(learned, (is_news, label.to_owned()), "{rate} {day}");
        }
    }
}
