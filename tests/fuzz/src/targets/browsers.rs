//! What browsers ask for: queries, forms, cookies, Intuit's way back among them.

#[path = "../../../simulation/tests/browser/mod.rs"]
mod browser;

use std::cell::RefCell;

use browser::{Browser, QUEBEC};

/// The routes, and whether they are asked for by a form.
const ROUTES: &[(&str, bool)] = &[
    ("/quickbooks", false),
    ("/quickbooks/connect", false),
    ("/quickbooks/callback", false),
    ("/quickbooks/reconnect", false),
    ("/quickbooks/disconnected", false),
    ("/quickbooks/health", false),
    ("/quickbooks/activity", false),
    ("/quickbooks/activity.csv", false),
    ("/quickbooks/statement", false),
    ("/quickbooks/activity/entry", false),
    ("/quickbooks/activity/customer", false),
    ("/quickbooks/settings", false),
    ("/quickbooks/taxes", false),
    ("/quickbooks/unsubscribe", false),
    ("/quickbooks/settings", true),
    ("/quickbooks/settings/create", true),
    ("/quickbooks/settings/taxes", true),
    ("/quickbooks/settings/refresh", true),
    ("/quickbooks/activity/customer", true),
    ("/quickbooks/activity/decide", true),
    ("/quickbooks/activity/arrivals", true),
    ("/quickbooks/unsubscribe", true),
    ("/quickbooks/finish", true),
    ("/quickbooks/fresh-start", true),
    ("/quickbooks/disconnect", true),
];

/// How many requests one merchant's operator makes before another begins.
const REQUESTS: u32 = 200;

thread_local! {
    static OPERATOR: RefCell<Option<(Browser, u32)>> = const { RefCell::new(None) };
}

/// Every request of an operator with a session is answered, with the headers that every answer has, and none with an error of
/// ours. The first byte says which route; the rest is its query, or its form beside the page's own fields.
pub fn take(bytes: &[u8]) {
    let Some((first, rest)) = bytes.split_first() else {
        return;
    };
    let fields = String::from_utf8_lossy(rest);
    let (path, is_form) = ROUTES[usize::from(*first) % ROUTES.len()];
    OPERATOR.with_borrow_mut(|operator| {
        let (mut browser, made) = operator.take().unwrap_or_else(|| (connected(), 0));
        let answer = match is_form {
            true => browser.sends(path, &fields).expect("nobody dies here"),
            false => browser.opens(&format!("{path}?{fields}")),
        };
        // 502 says that Intuit erred, or that somebody wrote so into the address.
        let is_ours = answer.status >= 500 && answer.status != 502;
        assert!(!is_ours, "{path} {fields:?}: {}", answer.status);
        assert!(
            !answer.body.contains("<script>fuzz"),
            "what came in went out as it was: {path} {fields:?}"
        );
        if made < REQUESTS {
            *operator = Some((browser, made + 1));
        }
    });
}

/// An operator before the page of a connected company.
fn connected() -> Browser {
    let mut browser = Browser::new(1);
    browser.connects_to(QUEBEC);
    browser.sees();
    browser
}
