//! For any text, what we ask QuickBooks holds it as one literal and nothing else; and the search finds what it should.
#![allow(clippy::unwrap_used, reason = "a test stops where something is wrong")]

use std::cell::RefCell;
use std::time::Duration;

use bookkeeping::customer::name::folded;
use bookkeeping::customer::search::{patterns, spellings};
use bookkeeping::ids::RealmId;
use bookkeeping::text;
use jiff::Timestamp;
use proptest::prelude::*;
use quickbooks::customers::{email_statements, name_statements, person_statements};
use quickbooks::{Answer, CompanyClient, Credentials, Method, Request, Silence, Transport};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use simulator::Intuit;

const QUEBEC: &str = "9341450000000001";

/// A word of a statement, as the documentation has it: quotes hold text in which a backslash lets the next character
/// stand for itself; everything else is words and signs.
#[derive(Debug, PartialEq)]
enum Word {
    Bare(String),
    Quoted(String),
}

/// Reads a statement without knowing how it was made; `None` where a quote is never closed.
fn words(statement: &str) -> Option<Vec<Word>> {
    let mut words = Vec::new();
    let mut bare = String::new();
    let mut characters = statement.chars();
    while let Some(c) = characters.next() {
        if c != '\'' && !c.is_whitespace() {
            bare.push(c);
            continue;
        }
        if !bare.is_empty() {
            words.push(Word::Bare(std::mem::take(&mut bare)));
        }
        if c == '\'' {
            let mut text = String::new();
            loop {
                match characters.next()? {
                    '\'' => break,
                    '\\' => text.push(characters.next()?),
                    other => text.push(other),
                }
            }
            words.push(Word::Quoted(text));
        }
    }
    if !bare.is_empty() {
        words.push(Word::Bare(bare));
    }
    Some(words)
}

/// The one literal of a statement that otherwise reads exactly so.
fn literal_of(statement: &str, property: &str, operator: &str) -> String {
    let literals = literals_of(statement, property, operator);
    assert_eq!(literals.len(), 1, "{statement}");
    literals.into_iter().next().unwrap()
}

/// The literals of a statement that otherwise reads exactly so, one condition for each.
fn literals_of(statement: &str, property: &str, operator: &str) -> Vec<String> {
    let words = words(statement).unwrap_or_else(|| panic!("an open quote: {statement}"));
    let quoted = words.iter().filter(|word| matches!(word, Word::Quoted(_)));
    let conditions = vec![format!("{property} {operator} ?"); quoted.count()].join(" and ");
    let shape: Vec<&str> = words
        .iter()
        .map(|word| match word {
            Word::Bare(text) => text.as_str(),
            Word::Quoted(_) => "?",
        })
        .collect();
    let shape = shape.join(" ");
    let expected = format!(
        "select * from Customer where {conditions} and Active in (true, false) orderby Id maxresults 300"
    );
    assert_eq!(shape, expected, "{statement}");
    let quoted = words.into_iter().filter_map(|word| match word {
        Word::Quoted(text) => Some(text),
        Word::Bare(_) => None,
    });
    quoted.collect()
}

/// The literals of a statement that asks for one of a list and otherwise reads exactly so.
fn list_of(statement: &str, property: &str) -> Vec<String> {
    let (before, rest) = statement.split_once(&format!("{property} in (")).unwrap();
    let (_, after) = rest.rsplit_once(") and Active").unwrap();
    let list = &rest[..rest.len() - after.len() - ") and Active".len()];
    let around = format!("{before}? and Active{after}");
    assert_eq!(
        around,
        "select * from Customer where ? and Active in (true, false) orderby Id maxresults 300"
    );
    let words = words(list).unwrap_or_else(|| panic!("an open quote: {statement}"));
    let mut literals = Vec::new();
    for (at, word) in words.into_iter().enumerate() {
        match word {
            Word::Quoted(text) if at % 2 == 0 => literals.push(text),
            word => assert_eq!(word, Word::Bare(",".to_owned()), "{statement}"),
        }
    }
    literals
}

/// Whether a text can be in a record we look for.
fn askable(value: &str) -> bool {
    value.chars().count() <= 100 && !value.chars().any(char::is_control)
}

/// Any text, with what is dangerous in a query more often than chance has it.
fn anything() -> impl Strategy<Value = String> {
    let dangerous =
        proptest::string::string_regex(r"[\\'%a@.+\-\t\n \u{e9}\u{2019}\u{1F9F9}]{0,20}").unwrap();
    prop_oneof![any::<String>(), dangerous]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn an_e_mail_address_never_leaves_its_literal(value in anything()) {
        let statements = email_statements(&[&value]);
        for statement in &statements {
            if statement.contains(" LIKE ") {
                prop_assert_eq!(literal_of(statement, "PrimaryEmailAddr", "LIKE"), format!("%{value}%"));
            } else {
                prop_assert_eq!(literal_of(statement, "PrimaryEmailAddr", "="), value.as_str());
            }
        }
        // Nothing is asked only of what cannot be in a record.
        prop_assert_eq!(statements.is_empty(), !askable(&value));
    }

    #[test]
    fn no_address_of_a_list_leaves_its_literal(values in proptest::collection::vec(anything(), 2..4)) {
        let listed: Vec<&str> = values.iter().map(String::as_str).collect();
        let statements = email_statements(&listed);
        let asked: Vec<&str> = listed.into_iter().filter(|value| askable(value)).collect();
        if !asked.is_empty() {
            prop_assert_eq!(list_of(&statements[0], "PrimaryEmailAddr"), asked);
        }
    }

    #[test]
    fn a_name_never_leaves_its_literal(value in anything()) {
        let names = [value.clone()];
        let mut statements = name_statements(&names).into_iter();
        if let Some(patterns) = asked_patterns(&names) {
            prop_assert_eq!(literals_of(&statements.next().unwrap(), "DisplayName", "LIKE"), patterns);
        }
        for statement in statements {
            if statement.contains(" LIKE ") {
                prop_assert_eq!(literal_of(&statement, "DisplayName", "LIKE"), format!("{value}%"));
            } else {
                prop_assert_eq!(literal_of(&statement, "DisplayName", "="), value.as_str());
            }
        }
    }

    #[test]
    fn neither_of_two_names_leaves_its_literal(one in anything(), other in anything()) {
        let names = [one.clone(), other];
        let mut statements = name_statements(&names).into_iter();
        if let Some(patterns) = asked_patterns(&names) {
            prop_assert_eq!(literals_of(&statements.next().unwrap(), "DisplayName", "LIKE"), patterns);
        }
        for statement in statements {
            if statement.contains("DisplayName in (") {
                let spelt: Vec<String> = spellings(&names).into_iter().filter(|name| askable(name)).collect();
                prop_assert_eq!(list_of(&statement, "DisplayName"), spelt);
            } else {
                prop_assert_eq!(literal_of(&statement, "DisplayName", "="), one.as_str());
            }
        }
    }

    #[test]
    fn a_first_and_a_last_name_never_leave_their_literals(first in anything(), last in anything()) {
        let statements = person_statements(&first, &last);
        for statement in statements {
            let quoted: Vec<Word> = words(&statement).unwrap_or_else(|| panic!("an open quote: {statement}"));
            let quoted = quoted.into_iter().filter_map(|word| match word {
                Word::Quoted(text) => Some(text),
                Word::Bare(_) => None,
            });
            let mut known: Vec<String> = vec![first.clone(), last.clone()];
            for name in [&first, &last] {
                known.extend(asked_patterns(std::slice::from_ref(name)).into_iter().flatten());
            }
            for text in quoted {
                prop_assert!(known.contains(&text), "{} in {}", text, statement);
            }
        }
    }
}

/// The patterns that are asked for of names: letters, digits and gaps alone.
fn asked_patterns(names: &[String]) -> Option<Vec<String>> {
    let patterns = patterns(names)?;
    let sound = |pattern: &String| {
        pattern
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '%')
    };
    assert!(patterns.iter().all(sound), "{patterns:?}");
    patterns
        .iter()
        .all(|pattern| askable(pattern))
        .then_some(patterns)
}

/// The simulator, called without a network.
struct InProcess(RefCell<Intuit>);

impl Transport for InProcess {
    async fn send(&self, request: &Request<'_>) -> Result<Answer, Silence> {
        let method = match request.method {
            Method::Get => "GET",
            Method::Post => "POST",
        };
        let Credentials::Bearer(token) = request.credentials else {
            panic!("a company is asked with its token");
        };
        let target = request.url.strip_prefix("https://simulated").unwrap();
        let mut wire = simulator::Request::new(method, target)
            .header("accept", "application/json")
            .header(
                "authorization",
                &format!("Bearer {}", token.expose_secret()),
            );
        if let Some(body) = &request.body {
            wire = wire
                .header("content-type", body.content_type())
                .body(body.text());
        }
        let reply = self.0.borrow_mut().handle(noon(), &wire);
        Ok(Answer {
            status: reply.status,
            intuit_tid: None,
            retry_after: None,
            body: reply.body,
        })
    }
}

fn noon() -> Timestamp {
    "2026-11-22T12:00:00Z".parse().unwrap()
}

/// Asks the simulated company, into which a customer of this name and address was put.
fn with_customer<R>(
    shown: &str,
    email: Option<&str>,
    ask: impl AsyncFn(&CompanyClient<'_, &InProcess>) -> R,
) -> R {
    let mut intuit = Intuit::new(7);
    let no_limits = json!({"per_second": 0, "per_minute": 0}).to_string();
    intuit.handle(
        noon(),
        &simulator::Request::new("POST", "/simulator/switches").body(no_limits),
    );
    let token = SecretString::from(intuit.connect(noon(), QUEBEC).unwrap().access);
    let mut record = json!({"DisplayName": shown});
    if let Some(email) = email {
        record["PrimaryEmailAddr"] = json!({"Address": email});
    }
    let create = simulator::Request::new("POST", &format!("/v3/company/{QUEBEC}/customer"))
        .header("accept", "application/json")
        .header("content-type", "application/json")
        .header(
            "authorization",
            &format!("Bearer {}", token.expose_secret()),
        )
        .body(record.to_string());
    let reply = intuit.handle(noon(), &create);
    assert_eq!(
        reply.status,
        200,
        "{record}: {}",
        String::from_utf8_lossy(&reply.body)
    );
    let transport = InProcess(RefCell::new(intuit));
    let realm = RealmId::parse(QUEBEC).unwrap();
    let client = CompanyClient {
        transport: &transport,
        api_url: "https://simulated",
        realm: &realm,
        token: &token,
        timeout: Duration::from_secs(1),
    };
    tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap()
        .block_on(ask(&client))
}

#[test]
fn a_sharp_s_beside_another_s_is_found_by_three() {
    let found = with_customer("Dr. Groß Sßb", None, async |client| {
        let names = ["GROSS SSSB".to_owned()];
        client.customers_by_name(&names).await.unwrap().records
    });
    assert!(found.iter().any(|record| record.id.as_str() == "1001"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn a_customer_is_found_by_any_address_quickbooks_takes(
        local in r"[a-z0-9!#$%&'*+/=?^_`{|}~-]{1,12}", domain in "[a-z0-9]{1,8}"
    ) {
        let email = format!("{local}@{domain}.example");
        prop_assert_eq!(text::email(&email), Some(email.as_str()));
        let found = with_customer("Somebody New", Some(&email), async |client| {
            client.customers_by_email(&[&email.to_uppercase()]).await.unwrap().records
        });
        prop_assert!(found.iter().any(|record| record.id.as_str() == "1001"), "{}", email);
    }

    #[test]
    fn a_customer_is_found_by_name_however_it_is_written(
        first in "[A-Za-zÀ-ÖØ-öœ'’-]{2,10}", last in "[A-Za-zÀ-ÖØ-öœ'’-]{2,10}", turned: bool
    ) {
        let shown = match turned {
            true => format!("{last}, {first}"),
            false => format!("Dr. {first} {last}"),
        };
        let plain = format!("{first}  {last}").to_uppercase();
        let name = folded_by_hand(&plain);
        let found = with_customer(&shown, None, async |client| {
            client.customers_by_name(std::slice::from_ref(&name)).await.unwrap().records
        });
        prop_assume!(patterns(std::slice::from_ref(&name)).is_some());
        prop_assert!(found.iter().any(|record| record.id.as_str() == "1001"), "{} as {}", shown, name);
        prop_assert_eq!(folded(&name), folded(&format!("{first} {last}")));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn a_business_is_found_under_its_name_and_under_its_persons(
        company in "[A-Za-zÀ-ÖØ-Þà-ö &'-]{2,16}", first in "[A-Za-zÀ-ÖØ-Þà-ö]{2,10}", last in "[A-Za-zÀ-ÖØ-Þà-ö]{2,10}", as_what in 0..3_usize
    ) {
        prop_assume!(company.trim().len() > 1);
        let company = company.trim().to_owned();
        let names = [company, format!("{first} {last}"), format!("{last}, {first}")];
        let shown = names[as_what].to_uppercase();
        let found = with_customer(&shown, None, async |client| {
            client.customers_by_name(&names).await.unwrap().records
        });
        prop_assert!(found.iter().any(|record| record.id.as_str() == "1001"), "{} of {:?}", shown, names);
    }
}

/// A name without its accents, as people without the keyboard type it.
fn folded_by_hand(name: &str) -> String {
    let plain = |c: char| match c {
        'À'..='Å' => "A".to_owned(),
        'Æ' => "AE".to_owned(),
        'Ç' => "C".to_owned(),
        'È'..='Ë' => "E".to_owned(),
        'Ì'..='Ï' => "I".to_owned(),
        'Ñ' => "N".to_owned(),
        'Ò'..='Ö' | 'Ø' => "O".to_owned(),
        'Ù'..='Ü' => "U".to_owned(),
        'Œ' => "OE".to_owned(),
        '’' => "'".to_owned(),
        other => other.to_string(),
    };
    name.chars().map(plain).collect()
}
