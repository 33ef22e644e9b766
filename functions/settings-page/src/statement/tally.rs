//! A month added up: by where it stands, by day, by method and by tax.

use std::collections::{BTreeMap, BTreeSet};

use bookkeeping::ids::{RealmId, TaxRateId};
use bookkeeping::money::{Amount, Currency};
use common::locales::say;
use common::mail::spelled;
use common::store::activity::Listed;
use jiff::civil::Date;

use crate::choices::method_name;
use crate::dates::{grouped, short_day};
use crate::period::add;
use crate::stands::Stands;
use crate::view::View;

/// The statement of one currency.
pub(super) struct Book {
    pub currency: String,
    /// What is in QuickBooks and what is not: how many, and how much.
    pub stands: Vec<(String, String, String)>,
    /// All of it: how many, and how much.
    pub count: String,
    pub total: String,
    /// What is left out and moved no money, in words; empty where there is none.
    pub no_money: String,
    /// The same by day and by method, under the message of its heading.
    pub tables: [(&'static str, Vec<Row>); 2],
    /// What stands above the sums of both.
    pub columns: Vec<String>,
    /// The last row of both.
    pub sum: Row,
    /// Tax of the payments in QuickBooks, by its rate there, each company's under what is said of it.
    pub taxes: Vec<(String, Taxes)>,
}

/// Rates with what was charged.
pub(super) type Taxes = Vec<(String, String)>;

/// One day or method, or all of them.
pub(super) struct Row {
    pub name: String,
    /// One for each column.
    pub cells: Vec<Cell>,
}

/// What is added up in one column.
pub(super) struct Cell {
    /// What came in, and what went back where that is not taken off it; none where it is nothing.
    pub sums: Vec<String>,
    /// How many that is, where that is told; empty where it is none.
    pub count: String,
}

/// A column of sums.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Column {
    Received,
    PaidBack,
    /// What is in QuickBooks.
    In(Stands),
    /// What is not recorded by us.
    Unposted,
}

impl Column {
    /// The column of what stands so.
    fn of(stands: &Stands) -> Self {
        match stands {
            Stands::Not(_) | Stands::NoMoney => Self::Unposted,
            stands => Self::In(stands.clone()),
        }
    }

    /// Whether what came in and what went back stand apart, counted: one that makes up for another is missing all the same.
    fn is_apart(&self) -> bool {
        matches!(self, Self::Unposted | Self::In(Stands::Differs))
    }

    fn name(&self, view: &View<'_>) -> String {
        let words = |message: &str| say(view.language, message, None, &[]);
        match self {
            Self::Received => words("statement-received"),
            Self::PaidBack => words("statement-paid-back"),
            Self::In(stands) => stands.name(view),
            Self::Unposted => words("statement-unposted"),
        }
    }
}

/// What is added up of one currency.
#[derive(Default)]
pub(super) struct Tally {
    stands: BTreeMap<Stands, Amount>,
    counts: BTreeMap<Stands, u64>,
    /// What came in and what went back.
    sums: [BTreeMap<(Of, Column), Amount>; 2],
    /// How many that is.
    numbers: BTreeMap<(Of, Column), u64>,
    /// What is left out and moved no money: how many, and how much.
    no_money: (u64, Option<Amount>),
    taxes: BTreeMap<(Option<RealmId>, TaxRateId), Amount>,
}

/// Whose sum it is.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Of {
    All,
    Day(Date),
    Method(String),
}

impl Tally {
    pub(super) fn add(&mut self, one: &Listed, amount: Amount, view: &View<'_>) {
        let stands = Stands::of_listed(one, view);
        if stands == Stands::NoMoney {
            let (count, sum) = &mut self.no_money;
            *count += 1;
            *sum = match *sum {
                None => Some(amount),
                Some(sum) => Some(sum.checked_add(amount).unwrap_or(sum)),
            };
            return;
        }
        let way = usize::from(amount.is_negative());
        let moved = [Column::Received, Column::PaidBack][way].clone();
        let day = Of::Day(view.zone.to_datetime(one.at).date());
        for of in [Of::All, Of::Method(one.method.clone()), day] {
            for column in [moved.clone(), Column::of(&stands)] {
                let of = (of.clone(), column);
                *self.numbers.entry(of.clone()).or_default() += 1;
                add(&mut self.sums[way], of, amount);
            }
        }
        // What was listed before positions said their company is the only one's, where there was but one.
        let only = || view.only().map(|company| company.realm.clone());
        let realm = one.realm.clone().or_else(only);
        for (rate, tax) in &one.taxes {
            let tax = Amount::from_minor(*tax, amount.currency());
            add(&mut self.taxes, (realm.clone(), rate.clone()), tax);
        }
        *self.counts.entry(stands.clone()).or_default() += 1;
        add(&mut self.stands, stands, amount);
    }

    /// The columns: those of every statement, and those there is something in.
    fn columns(&self) -> Vec<Column> {
        let every = [
            Column::Received,
            Column::PaidBack,
            Column::In(Stands::Here),
            Column::Unposted,
        ];
        let used = self.numbers.keys().map(|(_, column)| column.clone());
        let all: BTreeSet<Column> = every.into_iter().chain(used).collect();
        all.into_iter().collect()
    }

    fn row(&self, of: &Of, name: String, currency: Currency, view: &View<'_>) -> Row {
        let text = |amount: Amount| spelled(amount, view.language);
        let cell = |column: Column| {
            let at = (of.clone(), column);
            let sums = [0, 1].map(|way| self.sums[way].get(&at).copied());
            let [came, went] = sums.map(|sum| sum.unwrap_or(Amount::zero(currency)));
            if !at.1.is_apart() {
                let sum = came.checked_add(went).unwrap_or(came);
                return Cell {
                    sums: vec![text(sum)],
                    count: String::new(),
                };
            }
            let sums = [came, went].into_iter().filter(|sum| !sum.is_zero());
            let count = self.numbers.get(&at).copied().unwrap_or_default();
            Cell {
                sums: sums.map(text).collect(),
                count: match count {
                    0 => String::new(),
                    count => format!("({})", grouped(count, view.language)),
                },
            }
        };
        Row {
            name,
            cells: self.columns().into_iter().map(cell).collect(),
        }
    }

    pub(super) fn book(&self, currency: Currency, view: &View<'_>) -> Book {
        let language = view.language;
        let row = |of: &Of, name: String| self.row(of, name, currency, view);
        let of: BTreeSet<&Of> = self.numbers.keys().map(|(of, _)| of).collect();
        let mut days = Vec::new();
        let (mut methods, mut unsaid) = (Vec::new(), None);
        for of in of {
            match of {
                Of::All => {}
                Of::Day(day) => days.push(row(of, short_day(*day, language))),
                Of::Method(method) if method.is_empty() => {
                    unsaid = Some(row(of, say(language, "statement-unsaid", None, &[])));
                }
                Of::Method(method) => methods.push(row(of, method_name(method, language))),
            }
        }
        methods.extend(unsaid);
        let stands = self.stands.iter().map(|(stands, amount)| {
            let count = self.counts.get(stands).copied().unwrap_or_default();
            (
                stands.name(view),
                grouped(count, language),
                spelled(*amount, language),
            )
        });
        let total = self
            .stands
            .values()
            .fold(Amount::zero(currency), |sum, one| {
                sum.checked_add(*one).unwrap_or(sum)
            });
        let columns = self.columns();
        Book {
            currency: currency.code().to_owned(),
            stands: stands.collect(),
            count: grouped(self.counts.values().sum(), language),
            total: spelled(total, language),
            no_money: self.no_money(view),
            tables: [("statement-days", days), ("statement-methods", methods)],
            columns: columns.iter().map(|column| column.name(view)).collect(),
            sum: row(&Of::All, say(language, "entry-total", None, &[])),
            taxes: self.taxes(view),
        }
    }

    /// Says what is left out and moved no money.
    fn no_money(&self, view: &View<'_>) -> String {
        let (count, Some(sum)) = self.no_money else {
            return String::new();
        };
        let how = if count == 1 { "one" } else { "many" };
        let (count, sum) = (grouped(count, view.language), spelled(sum, view.language));
        let figures = [("how", how), ("count", count.as_str()), ("sum", &sum)];
        say(view.language, "statement-no-money", None, &figures)
    }

    /// The tax by rate, of each company apart: the same id means another rate in another company.
    fn taxes(&self, view: &View<'_>) -> Vec<(String, Taxes)> {
        let mut companies: BTreeMap<(bool, &Option<RealmId>), Taxes> = BTreeMap::new();
        for ((realm, id), amount) in self.taxes.iter().filter(|(_, tax)| !tax.is_zero()) {
            let company = realm.as_ref().and_then(|realm| view.present(realm));
            let rates = company.into_iter().flat_map(|company| &company.tax_codes);
            let mut rates = rates.flat_map(|code| &code.rates);
            let known = rates.find(|rate| rate.id == *id);
            let name = known.map_or_else(
                || {
                    say(
                        view.language,
                        "statement-rate",
                        None,
                        &[("id", id.as_str())],
                    )
                },
                |rate| rate.name.clone(),
            );
            let tax = (name, spelled(*amount, view.language));
            let is_elsewhere = realm.is_some() && company.is_none();
            companies
                .entry((is_elsewhere, realm))
                .or_default()
                .push(tax);
        }
        let title = |realm: &Option<RealmId>| {
            let company = realm.as_ref().and_then(|realm| view.elsewhere(realm));
            match company {
                None => say(view.language, "statement-taxes", None, &[]),
                Some(company) => {
                    let figures = [("company", company.as_str())];
                    say(view.language, "statement-taxes-elsewhere", None, &figures)
                }
            }
        };
        companies
            .into_iter()
            .map(|((_, realm), taxes)| (title(realm), taxes))
            .collect()
    }
}
