//! The table of decisions, played: books, customer and settings as each line has them, a payment through the real handler, and
//! what the simulator's books and MioCommerce were left with.

use bookkeeping::money::Currency;
use serde_json::{Value, json};

use crate::shop::{Cost, Shop};

#[path = "../../../../functions/bookkeeping/tests/customers/notation.rs"]
mod notation;

/// Whoever stands in for walk-ins.
const WALK_IN: &str = "48";

// R7, R8, R10, R16
#[test]
fn every_line_of_the_table_of_decisions_ends_so_in_the_books_and_costs_no_more_than_it_may() {
    let mut wrong = Vec::new();
    let mut cases = 0;
    for case in notation::cases() {
        let [books, customer, settings, decision] = case;
        cases += 1;
        let came = play(books, customer, settings);
        if came != words(decision) {
            wrong.push(format!("{}\n    came: {came}", case.join(" : ")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(cases >= 80, "only {cases} cases");
}

/// A decision with the candidates in one order.
fn words(decision: &str) -> String {
    let Some(asked) = decision.strip_prefix("ask ") else {
        return decision.to_owned();
    };
    let (code, candidates) = asked.split_once(' ').unwrap();
    let mut candidates: Vec<&str> = candidates.split([',', ' ']).collect();
    candidates.retain(|candidate| !candidate.is_empty());
    candidates.sort_unstable();
    format!("ask {code} {}", candidates.join(" "))
}

/// Has the customer pay, twice; tells what came of it in the table's words.
fn play(books: &str, customer: &str, settings: &str) -> String {
    let mut shop = Shop::open(300);
    let mut theirs: Vec<(String, String)> = Vec::new();
    let mut free = Vec::new();
    for record in shop.records() {
        let id = record["Id"].as_str().unwrap().to_owned();
        match id == WALK_IN {
            true => {}
            false => free.push(id),
        }
    }
    let mut free = free.into_iter();
    for told in notation::records(books) {
        let id = free.next().unwrap();
        shop.by_hand(&id, &written(&told));
        theirs.push((told.id.to_owned(), id));
    }
    for id in free {
        let remove = json!({"realm": simulation::town::REALM, "entity": "Customer", "id": id, "remove": true});
        shop.control("POST", "edit", Some(&remove));
    }
    let has_currencies = books.contains("USD") || books.contains("CAD");
    if has_currencies {
        let set = json!({"CurrencyPrefs": {"MultiCurrencyEnabled": true}});
        let edit = json!({"realm": simulation::town::REALM, "entity": "Preferences", "set": set});
        shop.control("POST", "edit", Some(&edit));
        let mut tables = shop.town.outside.tables.borrow_mut();
        let connection = tables.connections.values_mut().next().unwrap();
        connection.company.multicurrency = true;
        assert_eq!(
            connection.company.home_currency,
            Currency::parse("CAD").unwrap()
        );
    }
    shop.settings(|chosen| {
        chosen.fallback_customer = Some(WALK_IN.parse().unwrap());
        chosen.customers = notation::policies(settings);
    });
    let before = shop.records();
    let customer = customer_of(customer);
    let cost = shop.pays(&customer);
    assert!(cost.reads <= 2, "{books} : {customer}: {cost:?}");
    let Some(linked) = shop.told("customer.linked").pop() else {
        assert_eq!(cost.writes, 0, "{books} : {customer}");
        assert_eq!(shop.records(), before);
        return asked(&shop, &theirs);
    };
    let matched = linked["matched"].as_str().unwrap();
    let id = linked["quickbooks"]["id"].as_str().unwrap();
    assert_eq!(shop.receipts_of(id), 1, "{books} : {customer}");
    let is_there = before.iter().any(|record| record["Id"] == id);
    if is_there {
        assert_eq!(shop.records(), before, "linking writes nothing");
    }
    let again = Cost {
        reads: 0,
        writes: 1,
    };
    assert_eq!(shop.pays(&customer), again, "{books} : {customer}");
    match (matched, is_there) {
        ("fallback", _) => "fallback".to_owned(),
        (_, false) => format!(
            "create {}",
            shop.record(id)["DisplayName"].as_str().unwrap()
        ),
        (matched, true) => {
            let (told, _) = theirs.iter().find(|(_, theirs)| theirs == id).unwrap();
            format!("link {told} by {matched}")
        }
    }
}

/// What the operator is asked.
fn asked(shop: &Shop, theirs: &[(String, String)]) -> String {
    let tables = shop.town.outside.tables.borrow();
    let row = &tables.ledger.values().next().unwrap().row;
    let reason = row.reason.as_ref().unwrap();
    let candidates = reason.figures["candidates"].split(", ");
    let told = candidates.map(|candidate| {
        let (told, _) = theirs.iter().find(|(_, id)| id == candidate).unwrap();
        told.as_str()
    });
    let told: Vec<&str> = told.collect();
    words(&format!("ask {} {}", reason.code.as_str(), told.join(" ")))
}

/// A record as the merchant would have written it.
fn written(told: &notation::Record<'_>) -> Value {
    let mut record = json!({
        "DisplayName": told.person, "GivenName": null, "FamilyName": null, "CompanyName": null, "Notes": null,
        "PrimaryPhone": null, "BillAddr": null, "Active": true,
        "PrimaryEmailAddr": told.email.map(|email| json!({"Address": email})),
    });
    if let Some((first, last)) = told.names() {
        record["GivenName"] = json!(first);
        record["FamilyName"] = json!(last);
    }
    for sign in &told.signs {
        match *sign {
            ("as", Some(shown)) => record["DisplayName"] = json!(shown),
            ("shown", _) => {
                record["GivenName"] = Value::Null;
                record["FamilyName"] = Value::Null;
            }
            ("inactive", _) => record["Active"] = json!(false),
            ("sub", _) => {
                record["Job"] = json!(true);
                record["ParentRef"] = json!({"value": WALK_IN});
            }
            ("ours", _) => record["Notes"] = json!("mio:customer/cus_1"),
            (code, _) => record["CurrencyRef"] = json!({"value": code, "name": code}),
        }
    }
    if record["Active"] == false {
        let shown = record["DisplayName"].as_str().unwrap().to_owned();
        record["DisplayName"] = json!(format!("{shown} (deleted)"));
    }
    record
}

fn customer_of(text: &str) -> Value {
    let payer = notation::payer(text);
    json!({"id": "cus_1", "number": "C-7", "version": 1, "first_name": payer.first, "last_name": payer.last,
           "company_name": payer.company, "email": payer.email})
}
