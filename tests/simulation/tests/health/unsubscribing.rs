//! Stopping reminders.

use common::web::{Method, Request};
use recording::Recorder;

use super::*;

/// Asks the page of ours for an address.
pub fn page(town: &Town, method: Method, address: &str) -> common::web::Response {
    let (path, query) = address.split_once('?').expect("a query");
    let world = simulation::world::SimulatedWorld::new(&town.outside);
    let request = Request::new(method, path, query, "", "List-Unsubscribe=One-Click");
    let recorder = Recorder::new(world);
    let answer = settings_page::routes::answer(&recorder, &request);
    let waits = &town.outside.waits;
    waits.clock.run(answer, || false).expect("alive")
}

// R25: reminders stop on unsubscribing, first notices do not
#[test]
fn the_link_in_a_mail_asks_and_its_button_stops_reminders_but_never_a_first_notice() {
    let mut town = town(35);
    town.changes_to(ConnectionState::ReconnectNeeded(Denial::Revoked));
    town.watch_over(HOUR);
    let links = town.mails(|taken| taken.mail.unsubscribe_url.clone().expect("a link"));
    let link = links[0]
        .strip_prefix("https://quickbooks.simulated")
        .expect("ours");
    assert!(town.mails(|taken| taken.mail.text.contains("/quickbooks/unsubscribe?r="))[0]);
    // Whoever only opens it changes nothing.
    let asked = page(&town, Method::Get, link);
    assert_eq!(asked.status, 200);
    assert!(
        asked.body.contains("<form method=\"post\""),
        "{}",
        asked.body
    );
    town.watch_over(DAY * 4);
    assert_eq!(to_anna(&town).len(), 2, "reminded on day 3");
    assert_eq!(page(&town, Method::Post, link).status, 200);
    assert_eq!(page(&town, Method::Post, link).status, 200, "once more");
    town.watch_over(DAY * 40);
    assert_eq!(to_anna(&town).len(), 2);
    assert_eq!(town.mails(|_| ()).len(), 7, "Benoît is reminded as ever");
    // What is new is told all the same, and so is its end.
    town.reconnect();
    town.watch_over(DAY * 2);
    town.changes_to(ConnectionState::ReconnectNeeded(Denial::Revoked));
    town.watch_over(DAY * 10);
    let subjects: Vec<String> = to_anna(&town).into_iter().map(|(_, of)| of).collect();
    assert_eq!(
        subjects[2..],
        ["QuickBooks works again", "QuickBooks is disconnected"]
    );
    for forged in [
        "/quickbooks/unsubscribe?r=AAAA",
        "/quickbooks/unsubscribe?x=1",
    ] {
        assert_eq!(page(&town, Method::Get, forged).status, 404);
        assert_eq!(page(&town, Method::Post, forged).status, 404);
    }
}
