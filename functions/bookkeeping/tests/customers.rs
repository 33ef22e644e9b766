//! Who a customer is in the company's books: a table of cases, one a line, in `customers/decisions.txt`.
#![allow(clippy::unwrap_used, reason = "a test stops where something is wrong")]

use bookkeeping::customer::{
    CompanyCustomer, CustomerPolicies, Decision, DistinctNames, Field, OtherEmail, Profile, Value,
    Wanted, mark, search,
};
use bookkeeping::ids::{CompanyCustomerId, CustomerId, SyncToken};
use bookkeeping::money::Currency;
use bookkeeping::transaction::Customer;

const TABLE: &str = include_str!("customers/decisions.txt");

#[test]
fn every_customer_of_the_table_ends_where_it_says() {
    let mut cases = 0;
    let mut wrong = Vec::new();
    for line in TABLE.lines() {
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        let parts: Vec<&str> = line.split(" : ").map(str::trim).collect();
        let [books, customer, settings, decision] = parts.as_slice() else {
            panic!("{line} has not four parts")
        };
        cases += 1;
        let decided = decide(
            &books_of(books),
            &customer_of(customer),
            &policies_of(settings),
        );
        if decided != *decision {
            wrong.push(format!("{line}\n    decided: {decided}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(cases >= 80, "only {cases} cases");
}

#[test]
fn the_decision_does_not_depend_on_the_order_of_the_books() {
    for line in TABLE
        .lines()
        .filter(|line| !line.starts_with('#') && line.contains(" ; "))
    {
        let parts: Vec<&str> = line.split(" : ").map(str::trim).collect();
        let mut books = books_of(parts[0]);
        let customer = customer_of(parts[1]);
        let policies = policies_of(parts[2]);
        books.reverse();
        let backwards = decide(&books, &customer, &policies);
        let sorted = |decision: &str| {
            let mut words: Vec<&str> = decision.split(' ').collect();
            words.sort_unstable();
            words.join(" ")
        };
        assert_eq!(sorted(&backwards), sorted(parts[3]), "{line}");
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
        Decision::Create { names } => format!("create {}", names[0]),
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
    let records = text
        .split(" ; ")
        .map(str::trim)
        .filter(|record| *record != "-");
    records.map(record_of).collect()
}

/// `id First Last <e-mail> {signs}`.
fn record_of(text: &str) -> CompanyCustomer {
    let (text, signs) = match text.split_once(" {") {
        Some((text, signs)) => (text, signs.trim_end_matches('}')),
        None => (text, ""),
    };
    let (text, email) = match text.split_once(" <") {
        Some((text, email)) => (text, email.trim().strip_suffix('>')),
        None => (text, None),
    };
    let (id, person) = text.trim().split_once(' ').unwrap();
    let mut record = CompanyCustomer {
        id: CompanyCustomerId::parse(id).unwrap(),
        sync_token: SyncToken::parse("0").unwrap(),
        profile: Profile::default(),
        notes: None,
        active: true,
        sub_customer: false,
        currency: None,
    };
    let mut set = |field, value: &str| record.profile.set(field, Value::Text(value.to_owned()));
    set(Field::DisplayName, person);
    if let Some((first, last)) = person.rsplit_once(' ') {
        set(Field::FirstName, first);
        set(Field::LastName, last);
    }
    if let Some(email) = email {
        set(Field::Email, email);
    }
    for sign in signs.split(',').filter(|sign| !sign.is_empty()) {
        match sign.split_once('=') {
            Some(("as", shown)) => {
                record
                    .profile
                    .set(Field::DisplayName, Value::Text(shown.to_owned()));
            }
            _ => match sign {
                "shown" => {
                    record.profile.clear(Field::FirstName);
                    record.profile.clear(Field::LastName);
                }
                "inactive" => record.active = false,
                "sub" => record.sub_customer = true,
                "ours" => record.notes = Some(mark(&CustomerId::parse("cus_1").unwrap())),
                code => record.currency = Some(Currency::parse(code).unwrap()),
            },
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

/// `First|Last <e-mail> [Company]`.
fn customer_of(text: &str) -> Customer {
    let (text, company) = match text.split_once('[') {
        Some((text, company)) => (text.trim(), company.strip_suffix(']')),
        None => (text, None),
    };
    let (text, email) = match text.split_once('<') {
        Some((text, email)) => (text.trim(), email.strip_suffix('>')),
        None => (text, None),
    };
    let (first, last) = text.split_once('|').unwrap();
    let said = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    Customer {
        id: CustomerId::parse("cus_1").unwrap(),
        number: Some("C-7".to_owned()),
        version: 1,
        updated_at: None,
        first_name: said(first),
        last_name: said(last),
        company_name: company.and_then(said),
        email: email.and_then(said),
        billing_email: None,
        phone: None,
        language: None,
        billing_address: None,
        personal_address: None,
    }
}

fn policies_of(text: &str) -> CustomerPolicies {
    let mut policies = CustomerPolicies::default();
    for word in text.split_whitespace() {
        match word {
            "link" => policies.name_with_other_email = OtherEmail::Link,
            "create" => policies.name_with_other_email = OtherEmail::Create,
            "ask" => policies.name_with_other_email = OtherEmail::Ask,
            "number" => policies.distinct_names = DistinctNames::Number,
            "fallback" => policies.fallback_instead_of_creating = true,
            other => panic!("no setting is called {other}"),
        }
    }
    policies
}
