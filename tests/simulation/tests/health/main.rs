//! Connections that do not die, and operators who are told when one does: over days and years of the clock.
#![recursion_limit = "256"]

use std::time::Duration;

use bookkeeping::connection::{ConnectionState, Denial};
use bookkeeping::health::Health;
use serde_json::{Value, json};
use simulation::payments::payment;
use simulation::town::{REALM, Town};
use simulation::ward::merchant;

#[path = "../browser/mod.rs"]
mod browser;
mod crashes;
mod fleet;
mod plan;
mod post;
mod readers;
mod refusals;
mod returns;
mod states;
mod unsubscribing;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);

fn town(seed: u64) -> Town {
    let mut town = Town::new(seed);
    town.is_looked_after();
    town
}

fn trouble(town: &Town, trouble: &Value) {
    let request = simulator::Request::new("POST", "/simulator/trouble").body(trouble.to_string());
    let now = town.now();
    let reply = town.outside.intuit.borrow_mut().handle(now, &request);
    assert_eq!(reply.status, 200, "{trouble}");
}

fn happens(town: &Town, kind: &str) {
    trouble(town, &json!({"kind": kind, "realm": REALM}));
}

/// The token endpoint answers like this until it is mended.
fn outage(town: &Town, kind: &str) {
    let outage = json!({"kind": kind, "operation": "oauth.refresh", "times": 0});
    trouble(town, &outage);
}

fn mended(town: &Town) {
    trouble(town, &json!({"kind": "none"}));
}

fn pays(town: &mut Town, number: u64) {
    town.send(&format!("message-{number}"), payment(number, 1));
    town.work_all();
}

/// On which day each mail to Anna was sent, and its subject after the company's name.
fn to_anna(town: &Town) -> Vec<(i64, String)> {
    let begun = town.now() - (town.outside.waits.clock.elapsed());
    let mails = town.mails(|taken| {
        let hours = (taken.at - begun).as_secs() / 3600;
        let heading = taken.mail.subject.split(": ").skip(1);
        let heading: Vec<&str> = heading.collect();
        (
            taken.mail.to.email.clone(),
            (hours / 24, heading.join(": ")),
        )
    });
    let anna = mails.into_iter().filter(|(to, _)| to == "anna@example.com");
    anna.map(|(_, mail)| mail).collect()
}

fn text_of_last(town: &Town) -> String {
    let texts = town.mails(|taken| taken.mail.text.clone());
    texts.last().cloned().expect("a mail")
}

fn last_to_anna(town: &Town) -> String {
    let texts = town.mails(|taken| (taken.mail.to.email.clone(), taken.mail.text.clone()));
    let anna = texts.into_iter().rfind(|(to, _)| to == "anna@example.com");
    anna.expect("a mail to Anna").1
}

fn state(town: &Town) -> ConnectionState {
    town.connection().state
}

/// The states MioCommerce was told of, as often as it was.
fn told(town: &Town) -> Vec<String> {
    let told = town.outside.told.borrow();
    told.iter()
        .filter_map(|told| told_state(&told.body))
        .collect()
}

/// The states MioCommerce was told of, repeats of one telling dropped.
fn told_once(town: &Town) -> Vec<String> {
    let told = town.outside.told.borrow();
    let mut seen = std::collections::BTreeSet::new();
    let news = told.iter().filter(|told| seen.insert(told.id.clone()));
    news.filter_map(|told| told_state(&told.body)).collect()
}

fn told_state(body: &str) -> Option<String> {
    let told: Value = serde_json::from_str(body).expect("JSON");
    told["state"].as_str().map(str::to_owned)
}

fn refreshes(town: &Town) -> usize {
    town.outside.watch.borrow().uses()
}

fn health(town: &Town) -> Health {
    town.outside.tables.borrow().healths.of(&merchant()).0
}
