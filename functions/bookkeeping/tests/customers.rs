//! Who a customer is in the company's books: a table of cases, one a line, in `customers/decisions.txt`.
#![allow(clippy::unwrap_used, reason = "a test stops where something is wrong")]

use bookkeeping::customer::{
    CompanyCustomer, CustomerPolicies, Decision, Field, Profile, Value, Wanted, mark, search,
};
use bookkeeping::ids::{CompanyCustomerId, CustomerId, SyncToken};
use bookkeeping::money::Currency;
use bookkeeping::transaction::Customer;

#[path = "customers/notation.rs"]
mod notation;

#[test]
fn every_customer_of_the_table_ends_where_it_says() {
    let mut cases = 0;
    let mut wrong = Vec::new();
    for case in notation::cases() {
        let [books, customer, settings, decision] = case;
        cases += 1;
        let decided = decide(
            &books_of(books),
            &customer_of(customer),
            &notation::policies(settings),
        );
        if decided != decision {
            wrong.push(format!("{}\n    decided: {decided}", case.join(" : ")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(cases >= 80, "only {cases} cases");
}

#[test]
fn the_decision_does_not_depend_on_the_order_of_the_books() {
    for case in notation::cases().filter(|[books, ..]| books.contains(" ; ")) {
        let [books, customer, settings, decision] = case;
        let mut books = books_of(books);
        let customer = customer_of(customer);
        let policies = notation::policies(settings);
        books.reverse();
        let backwards = decide(&books, &customer, &policies);
        let sorted = |decision: &str| {
            let mut words: Vec<&str> = decision.split(' ').collect();
            words.sort_unstable();
            words.join(" ")
        };
        assert_eq!(sorted(&backwards), sorted(decision), "{case:?}");
    }
}

/// Asks the searches as QuickBooks would carry them out, and tells the decision in the table's words.
fn decide(books: &[CompanyCustomer], customer: &Customer, policies: &CustomerPolicies) -> String {
    let wanted = Wanted {
        customer,
        currency: Currency::parse("CAD").unwrap(),
        home_currency: Currency::parse("CAD").unwrap(),
        policies,
    };
    let shown = |record: &CompanyCustomer, field| {
        let shown = record.profile.text(field).unwrap_or_default();
        shown.to_lowercase()
    };
    let found = |brings: &dyn Fn(&CompanyCustomer) -> bool| -> Vec<CompanyCustomer> {
        books
            .iter()
            .filter(|record| brings(record))
            .cloned()
            .collect()
    };
    let emails: Vec<String> =
        bookkeeping::text::emails(customer.email.as_deref().unwrap_or_default())
            .map(str::to_lowercase)
            .collect();
    let by_email = found(&|record| {
        let theirs = shown(record, Field::Email);
        match emails.as_slice() {
            [one] => theirs.contains(one),
            several => several.contains(&theirs),
        }
    });
    let decision = wanted.by_email(&by_email).unwrap_or_else(|| {
        let names = search::shown(customer);
        let mut brought = match (search::patterns(&names), names.as_slice()) {
            (Some(patterns), _) => found(&|record| {
                let shown = shown(record, Field::DisplayName);
                patterns.iter().all(|pattern| like(&shown, pattern))
            }),
            (None, [one]) => {
                found(&|record| shown(record, Field::DisplayName).starts_with(&one.to_lowercase()))
            }
            (None, _) => found(&|record| {
                let mut spellings = search::spellings(&names).into_iter();
                spellings.any(|name| name.to_lowercase() == shown(record, Field::DisplayName))
            }),
        };
        let decision = wanted.by_name(&brought);
        match (&decision, search::first_and_last(customer)) {
            // A read is left where no address was asked for.
            (Decision::Create { .. } | Decision::Fallback, Some((first, last)))
                if emails.is_empty() =>
            {
                brought.extend(found(&|record| {
                    let part =
                        |field, name: String| match search::patterns(std::slice::from_ref(&name)) {
                            Some(patterns) => patterns
                                .iter()
                                .all(|pattern| like(&shown(record, field), pattern)),
                            None => shown(record, field) == name.to_lowercase(),
                        };
                    part(Field::FirstName, first.clone()) && part(Field::LastName, last.clone())
                }));
                wanted.by_name(&brought)
            }
            _ => decision,
        }
    });
    match decision {
        Decision::Link(record, found_by) => {
            format!("link {} by {}", record.id.as_str(), found_by.as_str())
        }
        Decision::Create { names, .. } => format!("create {}", names[0]),
        Decision::Fallback => "fallback".to_owned(),
        Decision::Ask(reason) => {
            let candidates = reason.figures["candidates"].replace(", ", " ");
            format!("ask {} {candidates}", reason.code.as_str())
        }
    }
}

/// A pattern that begins and ends with `%`.
fn like(text: &str, pattern: &str) -> bool {
    let mut rest = text;
    pattern
        .split('%')
        .filter(|part| !part.is_empty())
        .all(|part| match rest.find(part) {
            Some(at) => {
                rest = &rest[at + part.len()..];
                true
            }
            None => false,
        })
}

fn books_of(text: &str) -> Vec<CompanyCustomer> {
    notation::records(text)
        .map(|told| record_of(&told))
        .collect()
}

fn record_of(told: &notation::Record<'_>) -> CompanyCustomer {
    let mut record = CompanyCustomer {
        id: CompanyCustomerId::parse(told.id).unwrap(),
        sync_token: SyncToken::parse("0").unwrap(),
        profile: Profile::default(),
        notes: None,
        active: true,
        sub_customer: false,
        currency: None,
    };
    let mut set = |field, value: &str| record.profile.set(field, Value::Text(value.to_owned()));
    set(Field::DisplayName, told.person);
    if let Some((first, last)) = told.names() {
        set(Field::FirstName, first);
        set(Field::LastName, last);
    }
    if let Some(email) = told.email {
        set(Field::Email, email);
    }
    for sign in &told.signs {
        match *sign {
            ("as", Some(shown)) => {
                record
                    .profile
                    .set(Field::DisplayName, Value::Text(shown.to_owned()));
            }
            ("shown", _) => {
                record.profile.clear(Field::FirstName);
                record.profile.clear(Field::LastName);
            }
            ("inactive", _) => record.active = false,
            ("sub", _) => record.sub_customer = true,
            ("ours", _) => record.notes = Some(mark(&CustomerId::parse("cus_1").unwrap())),
            (code, _) => record.currency = Some(Currency::parse(code).unwrap()),
        }
    }
    if !record.active {
        let shown = record.profile.text(Field::DisplayName).unwrap().to_owned();
        record.profile.set(
            Field::DisplayName,
            Value::Text(format!("{shown} (deleted)")),
        );
    }
    record
}

fn customer_of(text: &str) -> Customer {
    let payer = notation::payer(text);
    Customer {
        id: CustomerId::parse("cus_1").unwrap(),
        number: Some("C-7".to_owned()),
        version: 1,
        updated_at: None,
        first_name: payer.first,
        last_name: payer.last,
        company_name: payer.company,
        email: payer.email,
        billing_email: None,
        phone: None,
        language: None,
        billing_address: None,
        personal_address: None,
    }
}
