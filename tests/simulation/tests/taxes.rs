//! The tax map: learned from payments, mapped where one code is clear, chosen by the operator where none is (R28).
#![recursion_limit = "256"]

mod browser;

use bookkeeping::reason::ReasonCode;
use bookkeeping::tax_map::TaxMap;
use browser::Browser;
use common::web::Response;
use serde_json::json;
use simulation::payments::payment;
use simulation::town::Town;

const TAXES: &str = "/quickbooks/taxes";
const CHOOSE: &str = "/quickbooks/settings/taxes";
const REFRESH: &str = "/quickbooks/settings/refresh";

/// A merchant whose operator has mapped nothing, with the browser on the page.
fn unmapped(seed: u64) -> (Town, Browser) {
    let town = Town::new(seed);
    let mut browser = Browser::beside(town.outside.clone());
    browser.change(|connection| connection.settings.tax_map = TaxMap::default());
    let opened = browser.launches("/quickbooks", &json!({}));
    browser.follows(&opened);
    (town, browser)
}

/// The same payment with its two taxes under names that say nothing.
fn nameless(number: u64) -> String {
    let body = payment(number, 3);
    let body = body.replace("tax_gst", "tax_a").replace("tax_qst", "tax_b");
    body.replace(r#""name":"GST""#, r#""name":"A""#)
        .replace(r#""name":"QST""#, r#""name":"B""#)
}

fn held(town: &Town) -> Vec<ReasonCode> {
    let tables = town.outside.tables.borrow();
    let reasons = tables
        .ledger
        .values()
        .filter_map(|stands| stands.row.reason.as_ref());
    reasons.map(|reason| reason.code).collect()
}

/// The id of a form's first choice of a code.
fn first_code(page: &Response) -> String {
    let (_, rest) = page
        .body
        .split_once(r#"name="code" value=""#)
        .expect("a choice");
    rest.split('"').next().expect("a value").to_owned()
}

fn of(page: &Response) -> String {
    let (_, rest) = page
        .body
        .split_once(r#"name="of" value=""#)
        .expect("a form");
    let value = rest.split('"').next().expect("a value");
    value.replace("&#34;", "\"").replace("&quot;", "\"")
}

fn choose(browser: &mut Browser, of: &str, code: &str) -> Option<Response> {
    let of = quickbooks::query::percent_encoded(of);
    browser.sends(CHOOSE, &format!("of={of}&code={code}"))
}

#[test]
fn a_first_payment_is_posted_without_a_click_where_one_code_fits_and_the_operator_confirms_it_later()
 {
    let (mut town, mut browser) = unmapped(1);
    town.send("first", payment(1, 3));
    town.work_all();
    assert_eq!(town.receipts().len(), 1, "{:?}", held(&town));

    let page = browser.opens(TAXES);
    assert!(page.body.contains("GST 5% + QST 9.975%"), "{}", page.body);
    assert!(page.body.contains("Chosen for you"), "{}", page.body);
    assert!(
        page.body.contains("the same rates, one by one"),
        "{}",
        page.body
    );
    browser.sends(CHOOSE, "confirm=all").expect("alive");
    let page = browser.opens(&format!("{TAXES}?done=mapped"));
    assert!(page.body.contains("Confirmed"), "{}", page.body);
    assert!(!page.body.contains("Chosen for you"), "{}", page.body);
    assert!(
        page.body.contains("What waited for it is being sent now"),
        "{}",
        page.body
    );
    let tables = town.outside.tables.borrow();
    assert_eq!(tables.history[0].1.by, None, "chosen by us");
}

#[test]
fn what_is_not_clear_waits_with_its_candidates_and_follows_the_operators_choice() {
    let (mut town, mut browser) = unmapped(2);
    for number in 1..=3 {
        town.send(&format!("message-{number}"), nameless(number));
    }
    town.work_all();
    assert_eq!(held(&town), [ReasonCode::TaxUnmapped; 3]);
    let page = browser.opens(TAXES);
    assert!(
        page.body.contains("3 transactions wait for it: CAD "),
        "{}",
        page.body
    );
    assert!(
        page.body.contains("Several codes may be meant"),
        "{}",
        page.body
    );

    let done = choose(&mut browser, &of(&page), &first_code(&page)).expect("alive");
    assert_eq!(done.status, 303, "{}", done.body);
    town.drain_all();
    assert_eq!(town.receipts().len(), 3, "{:?}", held(&town));
    let page = browser.opens(TAXES);
    assert!(!page.body.contains("wait for it"), "{}", page.body);
}

#[test]
fn a_code_created_in_quickbooks_is_found_on_refresh_and_what_waited_follows() {
    let (mut town, mut browser) = unmapped(3);
    // Read before the code was created.
    browser.change(|connection| {
        connection
            .company
            .tax_codes
            .retain(|code| code.rates.len() < 2);
    });
    town.send("first", payment(1, 3));
    town.work_all();
    assert_eq!(held(&town), [ReasonCode::TaxUnmapped]);
    let page = browser.opens(TAXES);
    assert!(page.body.contains("No code fits"), "{}", page.body);
    assert!(page.body.contains("then press Refresh"), "{}", page.body);

    let done = browser.sends(REFRESH, "back=taxes").expect("alive");
    assert_eq!(
        done.header("location"),
        Some("/quickbooks/taxes?done=refreshed")
    );
    town.drain_all();
    assert_eq!(town.receipts().len(), 1, "{:?}", held(&town));
}

#[test]
fn where_quickbooks_does_not_answer_a_refresh_changes_nothing_and_says_so() {
    let (town, mut browser) = unmapped(4);
    let before = town.outside.tables.borrow().connections.clone();
    browser.trouble(&json!({"kind": "down", "for_seconds": 600}));
    let done = browser.sends(REFRESH, "back=taxes").expect("alive");
    let page = browser.follows(&done);
    assert!(
        page.body.contains("so nothing was changed"),
        "{}",
        page.body
    );
    assert_eq!(town.outside.tables.borrow().connections, before);
}

#[test]
fn a_viewer_sees_the_taxes_and_cannot_choose() {
    let (mut town, browser) = unmapped(5);
    town.send("first", nameless(1));
    town.work_all();
    let mut viewer = browser.without_cookies();
    viewer.launches("/quickbooks", &json!({"role": "viewer", "sub": "op_2"}));
    let page = viewer.opens(TAXES);
    assert!(
        page.body.contains("One transaction waits for it: CAD "),
        "{}",
        page.body
    );
    assert!(!page.body.contains("<form"), "{}", page.body);
    let refused = viewer.posts(CHOOSE, "confirm=all");
    assert_eq!(refused.status, 403);
}

#[test]
fn a_code_that_does_not_fit_is_refused_and_nothing_is_changed() {
    let (mut town, mut browser) = unmapped(6);
    town.send("first", nameless(1));
    town.work_all();
    let page = browser.opens(TAXES);
    for (of, code) in [
        (of(&page), "999"),
        ("[\"tax_other\"]".to_owned(), "1"),
        ("nonsense".to_owned(), "1"),
    ] {
        let refused = choose(&mut browser, &of, code).expect("alive");
        assert_eq!(refused.status, 403, "{of} {code}");
    }
    assert_eq!(held(&town), [ReasonCode::TaxUnmapped]);
}

#[test]
fn wherever_the_process_dies_over_the_choice_everything_is_sent_once_and_nobody_need_press_again_after_the_write()
 {
    let mut deaths = 0;
    for step in 1.. {
        let (mut town, mut browser) = unmapped(7);
        for number in 1..=2 {
            town.send(&format!("message-{number}"), nameless(number));
        }
        town.work_all();
        let page = browser.opens(TAXES);
        let (of, code) = (of(&page), first_code(&page));
        browser.dies_at(step);
        let lived = choose(&mut browser, &of, &code).is_some();
        if !lived {
            deaths += 1;
            town.drain_all();
            if town.receipts().len() < 2 {
                choose(&mut browser, &of, &code).expect("alive");
            }
        }
        town.drain_all();
        assert_eq!(town.receipts().len(), 2, "step {step}: {:?}", held(&town));
        // What was learned with the first payment, and the choice.
        assert_eq!(town.outside.tables.borrow().history.len(), 2, "step {step}");
        if lived {
            break;
        }
    }
    assert!(deaths > 3, "{deaths}");
}

#[test]
fn a_company_that_did_not_fit_is_mended_in_quickbooks_and_everything_follows_after_refresh() {
    let (mut town, mut browser) = unmapped(8);
    // Read while the company was said to be in another country.
    browser.change(|connection| {
        connection.company.country = "US".to_owned();
        connection.off = Some(bookkeeping::reason::Reason::new(ReasonCode::SyncOff));
    });
    town.send("first", payment(1, 3));
    town.work_all();
    assert_eq!(held(&town), [ReasonCode::SyncOff]);
    browser.sends(REFRESH, "").expect("alive");
    town.drain_all();
    assert_eq!(town.receipts().len(), 1, "{:?}", held(&town));
}

#[test]
fn what_miocommerce_tells_of_taxes_and_services_is_there_before_the_first_payment() {
    let (mut town, mut browser) = unmapped(9);
    let told = json!({
        "schema": 1, "type": "merchant.updated", "merchant_id": "mer_laurier", "sent_at": "2026-11-24T14:03:12Z",
        "merchant": {"version": 3, "name": "Nettoyage Laurier", "country": "CA", "currency": "CAD", "entitled": true,
            "time_zone": "America/Toronto", "language": "fr",
            "taxes": [{"id": "tax_gst", "name": "GST", "rate": "5"}, {"id": "tax_qst", "name": "QST", "rate": "9.975"}],
            "tax_sets": [["tax_gst", "tax_qst"]], "services": [{"id": "svc_windows", "name": "Window cleaning"}]}
    });
    town.send("told", told.to_string());
    town.work_all();
    let page = browser.opens(TAXES);
    assert!(page.body.contains("GST 5% + QST 9.975%"), "{}", page.body);
    assert!(page.body.contains("Chosen for you"), "{}", page.body);
    let page = browser.opens("/quickbooks/settings");
    assert!(page.body.contains("Window cleaning"), "{}", page.body);
}
