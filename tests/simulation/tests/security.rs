//! Who may do what on the operator's page, and what stands in no address (R36; contract, part 3).
#![recursion_limit = "256"]

mod browser;

use std::collections::BTreeSet;
use std::time::Duration;

use browser::Browser;
use common::web::Response;
use serde_json::{Value, json};
use simulation::payments::payment;
use simulation::town::Town;

const ROUTES: &str = include_str!("../../../functions/settings-page/src/routes.rs");

/// The addresses a part of the routes answers, as they are written there.
fn addresses(begins: &str, ends: &str) -> Vec<&'static str> {
    let (_, part) = ROUTES.split_once(begins).expect("the function");
    let (part, _) = part.split_once(ends).expect("its end");
    part.split('"')
        .filter(|text| text.starts_with("/quickbooks"))
        .collect()
}

/// Every address a form of the page is posted to; one that asks for no session is left out.
fn posted_to() -> Vec<&'static str> {
    let mut all = addresses("async fn press", "async fn launch");
    all.retain(|address| *address != "/quickbooks/unsubscribe");
    all
}

/// A town with a payment that needs the operator: who paid may be one of two in the company.
fn town(seed: u64) -> Town {
    let mut town = Town::new(seed);
    let mut message: Value = serde_json::from_str(&payment(1, 3)).expect("a message");
    message["customer"]["email"] = json!("sam.lee@example.com");
    message["customer"]["first_name"] = json!("Wilhelmina");
    message["customer"]["last_name"] = json!("Featherstone");
    message["customer"]["phone"] = json!("514 555 0143");
    town.send("message-1", message.to_string());
    town.send("message-2", payment(2, 3));
    town.work_all();
    town
}

fn opened(town: &Town) -> Browser {
    let mut browser = Browser::beside(town.outside.clone());
    let answer = browser.launches("/quickbooks", &json!({}));
    browser.follows(&answer);
    browser.opens("/quickbooks/settings");
    browser
}

/// A form that does something at each address.
fn form(address: &str) -> &'static str {
    match address {
        "/quickbooks/activity/arrivals" => "choice=send",
        "/quickbooks/activity/customer" => "kind=payment&id=pay_1&choice=record&record=45",
        "/quickbooks/activity/decide" => "kind=payment&id=pay_1&choice=skip&why=mine",
        "/quickbooks/activity/restore" => "kind=payment&id=pay_2",
        "/quickbooks/settings" => "part=items&item.tip=21",
        "/quickbooks/settings/create" => "purpose=tips",
        "/quickbooks/settings/customer" => "currency=CAD&choice=nobody",
        "/quickbooks/settings/taxes" => "confirm=all",
        "/quickbooks/settings/refresh" => "closed_through=2026-11-22",
        other => panic!("no form is known for {other}: say here what it would change"),
    }
}

#[test]
fn no_form_is_taken_without_the_pages_token_without_a_session_or_from_a_viewer() {
    let town = town(1);
    let posted_to = posted_to();
    assert!(posted_to.len() >= 9, "{posted_to:?}");
    let mut administrator = opened(&town);
    let mut viewer = administrator.without_cookies();
    let answer = viewer.launches("/quickbooks", &json!({"role": "viewer", "sub": "op_2"}));
    viewer.follows(&answer);
    viewer.opens("/quickbooks/settings");
    let before = administrator.snapshot();
    let books = town.books();
    for address in posted_to {
        let form = form(address);
        for (refused, status) in [
            (administrator.posts(address, form), 403),
            (administrator.posts(address, &format!("csrf=&{form}")), 403),
            (
                administrator.posts(address, &format!("csrf=forged&{form}")),
                403,
            ),
            (viewer.sends(address, form).expect("alive"), 403),
            (administrator.without_cookies().posts(address, form), 401),
            (
                administrator
                    .with_cookie("__Host-quickbooks=forged")
                    .posts(address, form),
                401,
            ),
        ] {
            assert_eq!(refused.status, status, "{address}");
        }
        assert_eq!(administrator.snapshot(), before, "{address}");
    }
    assert_eq!(town.books(), books);
}

#[test]
fn every_form_does_something_for_an_administrator_so_that_its_refusal_means_something() {
    for address in posted_to() {
        let town = town(2);
        let mut browser = opened(&town);
        browser.change(|connection| {
            connection.settings.items.tip = None;
            connection
                .company
                .items
                .retain(|item| item.id.as_ref() != "25");
        });
        let answer = browser.sends(address, form(address)).expect("alive");
        assert_eq!(answer.status, 303, "{address}: {}", answer.body);
    }
}

#[test]
fn no_page_is_shown_without_a_session_and_none_after_half_an_hour() {
    let town = town(3);
    let mut browser = opened(&town);
    let pages = addresses("async fn page", "_ => return");
    assert!(pages.len() >= 9, "{pages:?}");
    for page in &pages {
        let shown = browser.without_cookies().opens(page);
        assert_eq!(shown.status, 401, "{page}");
    }
    town.pass(Duration::from_secs(31 * 60));
    for page in &pages {
        assert_eq!(browser.opens(page).status, 401, "{page}");
    }
}

#[test]
fn what_is_another_merchants_is_as_if_it_were_not_there() {
    let town = town(4);
    let browser = opened(&town);
    let mut stranger = browser.of_another_merchant("mer_other");
    let answer = stranger.launches("/quickbooks", &json!({"merchant_id": "mer_other"}));
    stranger.follows(&answer);
    for page in ["entry", "customer"] {
        let theirs = stranger.opens(&format!(
            "/quickbooks/activity/{page}?kind=payment&id=pay_1"
        ));
        let nobodys = stranger.opens(&format!(
            "/quickbooks/activity/{page}?kind=payment&id=pay_x"
        ));
        assert_eq!(theirs.status, 404, "{page}");
        assert_eq!(theirs.body, nobodys.body, "{page}");
    }
    for page in [
        "",
        "/activity",
        "/statement",
        "/activity.csv?month=2026-11",
        "/settings",
        "/taxes",
    ] {
        let page = stranger.opens(&format!("/quickbooks{page}")).body;
        for theirs in ["100001", "pay_1", "Laurier inc."] {
            assert!(!page.contains(theirs), "{theirs}: {page}");
        }
    }
    let before = stranger.snapshot();
    stranger.opens("/quickbooks/activity");
    for address in posted_to() {
        stranger.sends(address, form(address));
    }
    let after = stranger.snapshot();
    assert_eq!(after.connections, before.connections);
    let tables = town.outside.tables.borrow();
    let mut rows = tables.ledger.iter();
    let (_, held) = rows.find(|(key, _)| key.id == "pay_1").expect("a row");
    assert_eq!(held.row.standing, common::store::Standing::Held);
}

/// Everything on a page or an answer that stands in an address bar sooner or later.
fn links(answer: &Response) -> Vec<String> {
    let mut links: Vec<String> = Vec::new();
    for attribute in ["href=\"", "action=\""] {
        let rest = answer.body.split(attribute).skip(1);
        links.extend(rest.filter_map(|rest| rest.split('"').next().map(str::to_owned)));
    }
    links.extend(answer.header("location").map(str::to_owned));
    links
}

#[test]
fn no_name_address_or_number_of_a_person_stands_in_any_address() {
    let town = town(5);
    let mut browser = opened(&town);
    let mut seen = BTreeSet::new();
    let mut to_see = vec!["/quickbooks".to_owned()];
    let mut shows_the_person = false;
    while let Some(address) = to_see.pop() {
        if !seen.insert(address.clone()) {
            continue;
        }
        let page = browser.opens(&address);
        shows_the_person |= page.body.contains("Featherstone");
        for link in links(&page) {
            let link = link.replace("&amp;", "&").replace("&#38;", "&");
            for personal in ["Wilhelmina", "Featherstone", "sam.lee", "0143", "person"] {
                assert!(!link.contains(personal), "{address}: {link}");
            }
            let ours = link.starts_with("/quickbooks") && !link.contains("/reconnect");
            if ours && !link.contains("/disconnect") && !link.contains("month=") {
                let link = link.split('#').next().expect("an address").to_owned();
                to_see.push(link);
            }
        }
    }
    assert!(seen.len() >= 8, "{seen:?}");
    assert!(shows_the_person, "or this proves nothing");
    for address in posted_to() {
        let answer = browser.sends(address, form(address)).expect("alive");
        for link in links(&answer) {
            for personal in ["Wilhelmina", "Featherstone", "sam.lee", "0143"] {
                assert!(!link.contains(personal), "{address}: {link}");
            }
        }
    }
}
