//! The settings page: every choice saved, checked, kept in a history, and what waited for it sent (R10).
#![recursion_limit = "256"]

mod browser;

use std::time::Duration;

use bookkeeping::reason::ReasonCode;
use browser::Browser;
use common::store::Standing;
use serde_json::json;
use simulation::payments::{payment, with_a_tip};
use simulation::town::{REALM, Town};

const SETTINGS: &str = "/quickbooks/settings";
const DECIDE: &str = "/quickbooks/activity/decide";
const CREATE: &str = "/quickbooks/settings/create";

fn opened(town: &Town) -> Browser {
    let mut browser = Browser::beside(town.outside.clone());
    let answer = browser.launches("/quickbooks", &json!({}));
    browser.follows(&answer);
    browser.opens(SETTINGS);
    browser
}

/// Number 1's payment has a tip.
fn tipped(town: &mut Town) {
    town.send("message-1", payment(1, 3));
    town.work_all();
}

fn reasons(town: &Town) -> Vec<ReasonCode> {
    let tables = town.outside.tables.borrow();
    let held = tables
        .ledger
        .values()
        .filter(|stands| stands.row.standing == Standing::Held);
    held.filter_map(|stands| Some(stands.row.reason.as_ref()?.code))
        .collect()
}

#[test]
fn a_choice_is_saved_shown_in_the_history_and_sends_what_waited_for_it() {
    let mut town = Town::new(1);
    let mut browser = opened(&town);
    browser.change(|connection| connection.settings.items.tip = None);
    tipped(&mut town);
    assert_eq!(reasons(&town), [ReasonCode::ItemMissing]);
    let page = browser.opens(SETTINGS);
    assert!(
        page.body.contains("tips are owed to your staff"),
        "{}",
        page.body
    );

    let saved = browser
        .sends(SETTINGS, "part=items&item.tip=25")
        .expect("alive");
    let page = browser.follows(&saved);
    assert!(page.body.contains("Saved."), "{}", page.body);
    assert!(page.body.contains("Tips: nothing → Tips"), "{}", page.body);
    assert!(
        page.body.contains("you</dt>") || page.body.contains("<br>you"),
        "{}",
        page.body
    );
    town.drain_all();
    assert_eq!(town.receipts().len(), 1, "{:?}", reasons(&town));
}

#[test]
fn every_change_stands_in_the_history_under_its_name_on_the_page_in_both_languages() {
    let town = Town::new(6);
    let mut browser = opened(&town);
    browser.change(|connection| {
        connection.settings.methods_off = ["cheque".to_owned()].into();
    });
    let known = browser.connection().expect("connected").settings;
    let start = known.start_date.map(|day| day.to_string());
    for form in [
        format!(
            "part=sync&start_date={}&method.cheque=on{}",
            start.unwrap_or_default(),
            [
                "card",
                "debit",
                "cash",
                "etransfer",
                "echeck",
                "pad",
                "square",
                "venmo",
                "zelle",
                "coupon",
                "ims",
                "itex",
                "none",
            ]
            .map(|method| format!("&method.{method}=on"))
            .concat()
        ),
        "part=customers&name_with_other_email=ask&distinct_names=number"
            .to_owned(),
        "part=deposits&clearing.CAD=91&undeposited_funds=90&deposit.cash=91&refund.cash=91"
            .to_owned(),
        "part=documents&discounts=line&closed_books=first_open_day&closed_through=2026-10-31&memo.en=Thank+you&memo.fr=&language="
            .to_owned(),
        "part=people&bookkeeper.name=Luc&bookkeeper.email=luc%40example.com&bookkeeper.language=fr"
            .to_owned(),
    ] {
        let saved = browser.sends(SETTINGS, &form).expect("alive");
        assert_eq!(saved.status, 303, "{form}");
    }
    let history = |page: &str| {
        let (_, history) = page.split_once("<dl>").expect("a history");
        let (history, _) = history.split_once("</dl>").expect("its end");
        history.replace("&#39;", "'")
    };
    let english = history(&browser.opens(SETTINGS).body);
    for change in [
        "Cheque: no → yes",
        "PayPal: yes → no",
        "Same name, another e-mail address: It is the same customer → Ask me",
        "Update customers that already exist in QuickBooks: yes → no",
        "Where a name is taken: Jane Roy (2) → Jane Roy (C-1042)",
        "Cash: payments go to: nothing → Mio Payments Clearing",
        "Cash: refunds come from: nothing → Mio Payments Clearing",
        "Discounts: Taken off the lines they apply to → On a line of their own",
        "The books are closed through: nothing → October 31, 2026",
        "Where the books are closed for the day: Hold it and ask me → Post it on the first open day",
        "Message on receipts, to customers who read English: nothing → Thank you",
        "Bookkeeper's e-mail address: nothing → luc@example.com",
        "Bookkeeper's language: nothing → French",
    ] {
        assert!(english.contains(change), "{change}: {english}");
    }
    let answer = browser.launches("/quickbooks", &json!({"language": "fr"}));
    browser.follows(&answer);
    let french = history(&browser.opens(SETTINGS).body);
    for change in [
        "Chèque\u{a0}: non → oui",
        "Même nom, autre adresse courriel\u{a0}: C'est le même client → Me demander",
        "Langue du comptable\u{a0}: rien → français",
    ] {
        assert!(french.contains(change), "{change}: {french}");
    }
    for page in [english, french] {
        assert!(!page.contains('_'), "a name of a program's: {page}");
    }
}

#[test]
fn one_part_that_is_saved_leaves_the_others_as_they_were() {
    let town = Town::new(2);
    let mut browser = opened(&town);
    let before = browser.connection().expect("connected").settings;
    browser
        .sends(
            SETTINGS,
            "part=sync&start_date=2026-11-01&method.card=on&method.cash=on",
        )
        .expect("alive");
    let after = browser.connection().expect("connected").settings;
    assert_eq!(after.start_date, Some("2026-11-01".parse().expect("a day")));
    assert!(!after.methods_off.contains("card"));
    assert!(
        after.methods_off.contains("cheque"),
        "what is not ticked is off"
    );
    assert_eq!(
        (after.items, after.deposits, after.tax_map),
        (before.items, before.deposits, before.tax_map)
    );
}

#[test]
fn what_the_company_does_not_have_cannot_be_chosen() {
    let town = Town::new(3);
    let mut browser = opened(&town);
    let before = browser.snapshot();
    for form in [
        "part=items&item.tip=999",
        "part=deposits&clearing.CAD=79&undeposited_funds=90",
        "part=customers&name_with_other_email=maybe&distinct_names=counted",
        "part=people&bookkeeper.name=A&bookkeeper.email=nonsense&bookkeeper.language=en",
        "part=sync&start_date=yesterday",
        "part=other",
        "",
    ] {
        let refused = browser.sends(SETTINGS, form).expect("alive");
        assert_eq!(refused.status, 403, "{form}");
    }
    assert_eq!(browser.snapshot(), before);
    assert!(town.outside.tables.borrow().history.is_empty());
}

#[test]
fn a_viewer_sees_the_settings_and_changes_nothing() {
    let town = Town::new(4);
    let browser = opened(&town);
    let mut viewer = browser.without_cookies();
    let answer = viewer.launches("/quickbooks", &json!({"role": "viewer", "sub": "op_2"}));
    viewer.follows(&answer);
    let page = viewer.opens(SETTINGS);
    assert!(
        page.body.contains("<fieldset class=\"settings\" disabled>"),
        "{}",
        page.body
    );
    assert!(!page.body.contains("type=\"submit\""), "{}", page.body);
    assert_eq!(viewer.posts(SETTINGS, "part=items&item.tip=25").status, 403);
    assert_eq!(viewer.posts(CREATE, "purpose=tips").status, 403);
}

#[test]
fn what_is_missing_is_created_once_on_a_click_wherever_the_process_dies_and_what_waited_follows() {
    let mut deaths = 0;
    for step in 1.. {
        let mut town = Town::new(5);
        let mut browser = opened(&town);
        browser.edits_in_quickbooks("Item", "25", &json!({"Name": "Something else"}));
        browser.change(|connection| {
            connection.settings.items.tip = None;
            connection
                .company
                .items
                .retain(|item| item.id.as_ref() != "25");
        });
        tipped(&mut town);
        let page = browser.opens(SETTINGS);
        assert!(
            page.body
                .contains("An item for tips that posts to a liability"),
            "{}",
            page.body
        );
        browser.dies_at(step);
        let lived = browser.sends(CREATE, "purpose=tips").is_some();
        if !lived {
            deaths += 1;
            let page = browser.opens(SETTINGS);
            if page.body.contains("An item for tips") {
                browser.sends(CREATE, "purpose=tips").expect("alive");
            }
        }
        town.drain_all();
        assert_eq!(
            town.receipts().len(),
            1,
            "step {step}: {:?}",
            reasons(&town)
        );
        let items = &town.books()["Item"];
        let items = items.as_array().map_or(0, |items| {
            items
                .iter()
                .filter(|item| {
                    item["Name"]
                        .as_str()
                        .is_some_and(|name| name.contains("tips"))
                })
                .count()
        });
        assert_eq!(items, 1, "step {step}");
        if lived {
            break;
        }
    }
    assert!(deaths > 5, "{deaths}");
}

#[test]
fn a_refresh_that_reads_what_is_known_writes_no_lists_and_still_sends_what_waited() {
    let mut town = Town::new(7);
    let mut browser = opened(&town);
    let refresh = "/quickbooks/settings/refresh";
    let revision = |browser: &Browser| browser.connection().expect("connected").revision;
    browser.trouble(&json!({"kind": "closed_books", "until": "2026-11-22"}));
    tipped(&mut town);
    assert_eq!(reasons(&town), [ReasonCode::PeriodClosed]);
    browser.sends(refresh, "back=settings").expect("alive");
    town.drain_all();
    assert_eq!(reasons(&town), [ReasonCode::PeriodClosed]);
    let known = revision(&browser);
    // Mended where no list says so.
    browser.trouble(&json!({"kind": "heal"}));
    let page = browser.sends(refresh, "back=settings").expect("alive");
    let page = browser.follows(&page);
    assert!(
        page.body.contains("Your lists were read again"),
        "{}",
        page.body
    );
    assert_eq!(revision(&browser), known, "nothing was new");
    town.drain_all();
    assert_eq!(town.receipts().len(), 1, "{:?}", reasons(&town));
    // What is new is written.
    browser.edits_in_quickbooks("Item", "21", &json!({"Name": "Cleaning"}));
    browser.sends(refresh, "back=settings").expect("alive");
    assert!(revision(&browser) > known);
}

#[test]
fn the_accounts_most_need_are_seen_first_and_those_of_each_method_once_they_are_unfolded_or_chosen()
{
    let town = Town::new(7);
    let mut browser = opened(&town);
    browser.change(|connection| {
        connection.settings.deposits.by_method.clear();
        connection.settings.deposits.refunds_by_method.clear();
    });
    let shown = |page: &str| {
        let (_, part) = page.split_once("id=\"deposits\"").expect("the part");
        let (_, part) = part.split_once("<fieldset").expect("its choices");
        let part = part
            .split("</fieldset>")
            .next()
            .expect("its end")
            .to_owned();
        let (first, folded) = part.split_once("<details").expect("a fold");
        let count = |text: &str| text.matches("<select").count();
        (count(first), count(folded), first.to_owned())
    };
    let page = browser.opens(SETTINGS).body;
    let (first, folded, _) = shown(&page);
    assert!(first <= 3, "{first} seen at once");
    assert!(folded >= 20, "{folded}");
    let saved = browser.sends(
        SETTINGS,
        "part=deposits&clearing.CAD=91&undeposited_funds=90&refund.cash=91",
    );
    let page = browser.follows(&saved.expect("alive")).body;
    let (more, fewer, seen) = shown(&page);
    assert_eq!((more, fewer), (first + 1, folded - 1));
    assert!(seen.contains("name=\"refund.cash\""), "{seen}");
}

#[test]
fn a_token_that_quickbooks_refuses_is_renewed_while_the_operator_waits() {
    let town = Town::new(8);
    let mut browser = opened(&town);
    let refused = json!({"kind": "token_expired", "realm": REALM, "operation": "*.*", "times": 1});
    browser.trouble(&refused);
    let refresh = "/quickbooks/settings/refresh";
    let page = browser.sends(refresh, "back=settings").expect("alive");
    let page = browser.follows(&page);
    let says = "Your lists were read again";
    assert!(page.body.contains(says), "{}", page.body);
}

// R28: what stands before our functions gives up after 30 seconds, without a word that helps
#[test]
fn a_company_that_answers_slowly_is_said_to_before_anybody_gives_up_waiting() {
    let town = Town::new(9);
    let mut browser = opened(&town);
    browser.trouble(&json!({"kind": "delay", "realm": REALM, "seconds": 9, "times": 0}));
    let began = browser.now();
    let page = browser.sends("/quickbooks/settings/refresh", "back=settings");
    let took = browser.now() - began;
    assert!(took < jiff::SignedDuration::from_secs(25), "{took:?}");
    let page = browser.follows(&page.expect("alive"));
    let says = "QuickBooks did not answer";
    assert!(page.body.contains(says), "{}", page.body);
}

/// More payments wait for an item than a slow store puts back while somebody waits.
const MANY: usize = 900;

// R28, R33: months of payments may have waited for one choice
#[test]
fn a_click_that_more_waited_for_than_a_browser_has_time_for_is_answered_and_all_of_it_follows() {
    let retry_all = "choice=retry-all&reason=item_missing";
    for (action, form, says) in [
        (SETTINGS, "part=items&item.tip=25", "follows by itself"),
        (DECIDE, retry_all, "Press once more for the rest"),
    ] {
        let mut town = Town::new(10);
        let mut browser = opened(&town);
        let tip = town.connection().settings.items.tip;
        browser.change(|connection| connection.settings.items.tip = None);
        for number in with_a_tip().take(MANY) {
            town.send(&format!("message-{number}"), payment(number, 1));
        }
        town.work_all();
        assert_eq!(reasons(&town).len(), MANY);
        if action == DECIDE {
            browser.change(|connection| connection.settings.items.tip = tip);
        }
        let slow = |time| town.outside.tables.borrow_mut().slow = time;
        slow(Some(Duration::from_secs(2)));
        let began = browser.now();
        let page = browser.sends(action, form).expect("alive");
        let took = browser.now() - began;
        assert!(took < jiff::SignedDuration::from_secs(28), "{took:?}");
        slow(None);
        let page = browser.follows(&page);
        assert!(page.body.contains(says), "{}", page.body);
        assert!(!reasons(&town).is_empty(), "there was more");
        if action == DECIDE {
            browser.sends(action, form).expect("alive");
        }
        town.drain_all();
        assert_eq!(town.receipts().len(), MANY, "{:?}", reasons(&town));
    }
}
