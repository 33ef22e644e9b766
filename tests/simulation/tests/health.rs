//! Connections that do not die, and operators who are told when one does: over days and years of the clock.
#![recursion_limit = "256"]

use std::collections::BTreeMap;
use std::time::Duration;

use bookkeeping::connection::{ConnectionState, Denial};
use bookkeeping::health::Cadence;
use bookkeeping::incident::Cause;
use common::mail::MailFault;
use common::web::{Method, Request};
use recording::Recorder;
use serde_json::{Value, json};
use simulation::fleet::Fleet;
use simulation::payments::payment;
use simulation::town::{REALM, Town};
use simulation::ward::merchant;

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

// R23
#[test]
fn a_connection_nobody_uses_for_400_days_stays_connected_and_nobody_is_told_anything() {
    let mut town = town(1);
    town.watch_over(DAY * 400);
    assert_eq!(state(&town), ConnectionState::Connected);
    assert!(town.mails(|_| ()).is_empty());
    let checks = refreshes(&town);
    assert!((57..=72).contains(&checks), "{checks} in 400 days");
    pays(&mut town, 1);
    assert_eq!(town.receipts().len(), 1);
}

// R23
#[test]
fn with_keeping_alive_off_an_unused_connection_dies_on_day_101_and_the_operator_is_told() {
    let mut town = town(2);
    town.outside.cadence = Cadence {
        keep_alive: false,
        ..Cadence::USUAL
    };
    town.watch_over(DAY * 99);
    assert_eq!(state(&town), ConnectionState::Connected);
    assert_eq!(refreshes(&town), 0);
    town.watch_over(DAY * 2);
    assert_eq!(state(&town), ConnectionState::ReconnectNeeded(Denial::Idle));
    let heading = "QuickBooks ended an unused connection".to_owned();
    assert_eq!(to_anna(&town), [(100, heading)]);
    assert_eq!(told(&town), ["reconnect_needed"]);
    assert!(last_to_anna(&town).contains("was not used for 100 days"));
}

// R24, R25
#[test]
fn a_connection_revoked_in_quickbooks_is_told_at_once_and_then_on_days_3_7_14_and_30() {
    let mut town = town(3);
    happens(&town, "revoke");
    town.watch_over(DAY * 7);
    let revoked = ConnectionState::ReconnectNeeded(Denial::Revoked);
    assert_eq!(state(&town), revoked);
    town.watch_over(DAY * 60);
    let heading = "QuickBooks is disconnected".to_owned();
    let reminder = format!("Nettoyage Laurier inc.: {heading}");
    let mails = to_anna(&town);
    // The first check of a connection nobody uses comes within a week.
    let (first, days): (i64, Vec<i64>) = (
        mails[0].0,
        mails.iter().map(|(day, _)| day - mails[0].0).collect(),
    );
    assert!(first <= 7, "{first}");
    assert_eq!(days, [0, 3, 7, 14, 30]);
    assert_eq!(mails[0].1, heading);
    assert!(mails[1..].iter().all(|(_, subject)| *subject == reminder));
    assert_eq!(told(&town), ["reconnect_needed"], "told once");
    assert!(last_to_anna(&town).contains("was ended inside QuickBooks"));
}

// R24: who connected lost the role
#[test]
fn an_administrator_who_lost_the_role_is_told_of_with_what_waits() {
    let mut town = town(4);
    happens(&town, "admin_lost");
    pays(&mut town, 1);
    town.watch_over(HOUR);
    let lost = ConnectionState::ReconnectNeeded(Denial::AdminLost);
    assert_eq!(state(&town), lost);
    assert_eq!(
        to_anna(&town),
        [(0, "QuickBooks wants another administrator".to_owned())]
    );
    let text = last_to_anna(&town);
    assert!(text.contains("One transaction waits: CAD "), "{text}");
    assert!(text.contains("give the role back in QuickBooks"), "{text}");
    // The role is given back: nobody reconnects, and one mail says that it works.
    happens(&town, "heal");
    town.watch_over(DAY);
    assert_eq!(state(&town), ConnectionState::Connected);
    assert_eq!(town.receipts().len(), 1);
    assert_eq!(to_anna(&town).len(), 2);
    let text = last_to_anna(&town);
    assert!(text.contains("works again"), "{text}");
    assert!(
        text.contains("One transaction had waited. None waits any more. None needs you."),
        "{text}"
    );
}

// R24: reconnecting will not help, and we say so
#[test]
fn a_lapsed_subscription_says_that_reconnecting_does_not_help() {
    let mut town = town(5);
    happens(&town, "read_only");
    pays(&mut town, 1);
    pays(&mut town, 2);
    town.watch_over(HOUR);
    assert_eq!(state(&town), ConnectionState::ReadOnly);
    assert_eq!(
        to_anna(&town),
        [(0, "QuickBooks only lets us read".to_owned())]
    );
    let text = last_to_anna(&town);
    assert!(text.contains("Reconnecting does not help"), "{text}");
    assert!(text.contains("2 transactions wait: CAD "), "{text}");
    town.watch_over(DAY * 31);
    assert_eq!(to_anna(&town).len(), 5);
    assert_eq!(state(&town), ConnectionState::ReadOnly, "kept alive");
    happens(&town, "heal");
    town.watch_over(DAY);
    assert_eq!(state(&town), ConnectionState::Connected);
    assert_eq!(town.receipts().len(), 2);
    assert_eq!(to_anna(&town).len(), 6);
}

// R24: five years
#[test]
fn the_end_of_the_five_years_is_told_90_30_and_7_days_ahead_and_then_as_what_it_is() {
    let mut town = town(6);
    town.watch_over(DAY * (365 * 5 + 2));
    let over = ConnectionState::ReconnectNeeded(Denial::FiveYears);
    assert_eq!(state(&town), over);
    let mails = to_anna(&town);
    let days: Vec<i64> = mails.iter().map(|(day, _)| day - 365 * 5).collect();
    // A second of the clock may be a day before.
    assert!((-91..=-90).contains(&days[0]), "{days:?}");
    assert!((-31..=-30).contains(&days[1]), "{days:?}");
    assert!((-8..=-7).contains(&days[2]), "{days:?}");
    let texts = town.mails(|taken| taken.mail.text.clone());
    assert!(texts[0].contains("runs out on"), "{}", texts[0]);
    town.watch_over(DAY * 8);
    let mails = to_anna(&town);
    assert_eq!(mails[3].1, "The connection to QuickBooks has run out");
    assert_eq!(told(&town), ["reconnect_needed"]);
}

#[test]
fn reconnecting_before_the_five_years_are_over_ends_the_reminders_without_a_word() {
    let mut town = town(7);
    town.watch_over(DAY * (365 * 5 - 60));
    assert_eq!(to_anna(&town).len(), 1);
    town.reconnect();
    town.watch_over(DAY * 100);
    assert_eq!(to_anna(&town).len(), 1);
    assert_eq!(state(&town), ConnectionState::Connected);
}

// R24: an outage is no disconnection
#[test]
fn three_days_without_the_token_endpoint_give_no_verdict_and_no_mail() {
    for kind in ["down", "timeout_without_commit"] {
        let mut town = town(8);
        town.outside.cadence.idle = DAY;
        town.watch_over(DAY);
        outage(&town, kind);
        pays(&mut town, 1);
        town.watch_over(DAY * 3);
        let health = town.outside.tables.borrow().healths.of(&merchant()).0;
        assert!(health.degraded_too_long(town.now()), "{kind}: seen");
        assert_eq!(state(&town), ConnectionState::Connected, "{kind}");
        assert!(town.mails(|_| ()).is_empty(), "{kind}");
        mended(&town);
        town.watch_over(DAY);
        assert_eq!(town.receipts().len(), 1, "{kind}");
        assert!(told(&town).is_empty(), "{kind}");
        let health = town.outside.tables.borrow().healths.of(&merchant()).0;
        assert_eq!(health.degraded_since, None, "{kind}");
    }
}

// R26, R25: one recovery mail with counts
#[test]
fn reconnecting_sends_what_waited_ends_the_reminders_and_says_so_once() {
    let mut town = town(9);
    happens(&town, "revoke");
    town.pass(HOUR * 2);
    for number in 1..=3 {
        pays(&mut town, number);
    }
    town.watch_over(DAY * 4);
    let revoked = ConnectionState::ReconnectNeeded(Denial::Revoked);
    assert_eq!(state(&town), revoked);
    assert_eq!(to_anna(&town).len(), 2, "at once and on day 3");
    assert!(last_to_anna(&town).contains("3 transactions wait"));
    town.reconnect();
    town.watch_over(DAY * 40);
    assert_eq!(town.receipts().len(), 3);
    assert_eq!(to_anna(&town).len(), 3);
    let text = last_to_anna(&town);
    assert!(text.contains("Anna Côté reconnected"), "{text}");
    assert!(
        text.contains("3 transactions had waited. None waits any more."),
        "{text}"
    );
    assert_eq!(told(&town), ["reconnect_needed", "connected"]);
}

// R31: a choice is no incident
#[test]
fn disconnecting_on_our_page_sends_no_mail_and_stops_every_reminder() {
    let mut town = town(10);
    town.changes_to(ConnectionState::Disconnected);
    town.watch_over(DAY * 40);
    assert!(town.mails(|_| ()).is_empty());

    let mut town = self::town(11);
    happens(&town, "revoke");
    town.watch_over(DAY * 8);
    let before = to_anna(&town).len();
    assert!(before >= 1);
    town.changes_to(ConnectionState::Disconnected);
    town.watch_over(DAY * 40);
    assert_eq!(to_anna(&town).len(), before);
}

/// The two mails about a plan that ended.
fn mails_of_the_plan() -> [(i64, String); 2] {
    let ends = "QuickBooks is paused".to_owned();
    let kept = "Your connection to QuickBooks is kept until February 16, 2027";
    [(0, ends), (76, format!("Nettoyage Laurier inc.: {kept}"))]
}

// R1: one mail, and one 14 days ahead
#[test]
fn a_plan_that_no_longer_includes_quickbooks_keeps_the_connection_alive_for_90_days() {
    let mut town = town(12);
    town.changes_to(ConnectionState::Paused);
    town.watch_over(DAY * 89);
    assert_eq!(to_anna(&town), mails_of_the_plan());
    town.changes_to(ConnectionState::Connected);
    pays(&mut town, 1);
    assert_eq!(town.receipts().len(), 1);
    town.watch_over(DAY * 120);
    assert_eq!(state(&town), ConnectionState::Connected);
    assert_eq!(to_anna(&town), mails_of_the_plan());
}

/// Whether nothing of the connection is left, here or at Intuit.
fn is_given_back(town: &Town) -> bool {
    let intuit = town.outside.intuit.borrow();
    town.outside.tables.borrow().tokens.is_empty()
        && town.outside.secrets.borrow().is_empty()
        && intuit.current_refresh_token(REALM).is_none()
}

// R1
#[test]
fn after_90_days_without_the_plan_the_connection_is_given_back_and_what_waits_stays() {
    let mut town = town(26);
    town.changes_to(ConnectionState::Paused);
    pays(&mut town, 1);
    town.watch_over(DAY * 89);
    assert!(!is_given_back(&town));
    // Intuit does not hear of it at once.
    let down = json!({"kind": "down", "operation": "oauth.revoke", "times": 3});
    trouble(&town, &down);
    town.watch_over(DAY * 2);
    let over = ConnectionState::ReconnectNeeded(Denial::PlanOver);
    assert_eq!(state(&town), over);
    assert!(is_given_back(&town));
    pays(&mut town, 2);
    town.watch_over(DAY * 40);
    assert_eq!(to_anna(&town), mails_of_the_plan());
    assert_eq!(told(&town), ["paused", "reconnect_needed"]);
    assert!(town.receipts().is_empty());
    // Reconnected with the plan, both go through.
    town.reconnect();
    town.watch_over(HOUR);
    assert_eq!(town.receipts().len(), 2);
}

// R1: every step of giving back may be the last one of a process
#[test]
fn wherever_the_process_dies_when_the_plan_is_over_the_connection_is_given_back_in_the_end() {
    let mut deaths = 0;
    for step in 1.. {
        let mut town = town(27);
        town.changes_to(ConnectionState::Paused);
        town.watch_over(HOUR);
        // Nobody looks after it for long, and then somebody does again.
        town.pass(DAY * 90 - HOUR * 3);
        town.watch_over(HOUR);
        let due = town.outside.tables.borrow().healths.next_due();
        let ahead = due.expect("something is due") - town.now();
        town.pass(Duration::try_from(ahead).expect("later") + MINUTE);
        town.outside.waits.fate.die_at(Some(step));
        let lived = town.tick();
        town.outside.waits.fate.revive();
        town.watch_over(HOUR);
        assert!(is_given_back(&town), "step {step}");
        let told = told_once(&town);
        assert_eq!(told, ["paused", "reconnect_needed"], "step {step}");
        if lived {
            break;
        }
        deaths += 1;
    }
    assert!(deaths > 20, "{deaths} places to die at");
}

// R25: in the reader's language
#[test]
fn each_administrator_and_the_bookkeeper_is_told_in_their_own_language() {
    let mut town = town(13);
    {
        let mut tables = town.outside.tables.borrow_mut();
        let connection = tables.connections.get_mut(&merchant()).expect("connected");
        connection.settings.bookkeeper = Some(bookkeeping::merchant::Addressee {
            name: "Chloé".to_owned(),
            email: "chloe@example.com".to_owned(),
            language: bookkeeping::transaction::Language::French,
        });
    }
    town.changes_to(ConnectionState::ReconnectNeeded(Denial::Revoked));
    town.watch_over(HOUR);
    let subjects: BTreeMap<String, String> = town
        .mails(|taken| (taken.mail.to.email.clone(), taken.mail.subject.clone()))
        .into_iter()
        .collect();
    assert_eq!(subjects.len(), 3);
    assert!(subjects["anna@example.com"].ends_with("QuickBooks is disconnected"));
    assert!(subjects["benoit@example.com"].ends_with("QuickBooks est déconnecté"));
    assert!(subjects["chloe@example.com"].ends_with("QuickBooks est déconnecté"));
    assert!(text_of_last(&town).contains("comme comptable"));
}

// No customer's data and no token in a mail
#[test]
fn a_mail_names_no_customer_and_holds_no_token() {
    let mut town = town(14);
    happens(&town, "read_only");
    pays(&mut town, 1);
    town.watch_over(HOUR);
    let mails = town.mails(|taken| format!("{}{}", taken.mail.html, taken.mail.text));
    assert!(!mails.is_empty());
    for mail in mails {
        for secret in [
            "Person",
            "person",
            "cus_",
            "pay_",
            "RT1-",
            "eyJ",
            "demo-client",
        ] {
            assert!(!mail.contains(secret), "{secret} in {mail}");
        }
    }
}

/// How often each reader was sent each subject.
fn counts(town: &Town) -> BTreeMap<(String, String), usize> {
    let mut counts = BTreeMap::new();
    for mail in town.mails(|taken| (taken.mail.to.email.clone(), taken.mail.marks.mail.clone())) {
        *counts.entry(mail).or_default() += 1;
    }
    counts
}

/// A town whose mails are due and whose process dies at a step from now.
fn dies_at(step: u64, loses_events: bool) -> (Town, bool) {
    let mut town = town(20);
    town.watch_over(DAY);
    town.changes_to(ConnectionState::ReconnectNeeded(Denial::Revoked));
    town.outside.post.borrow_mut().loses_events = loses_events;
    town.outside.waits.fate.die_at(Some(step));
    town.pass(MINUTE);
    let lived = town.tick();
    town.outside.waits.fate.die_at(None);
    town.watch_over(DAY);
    (town, !lived)
}

// Crashes
#[test]
fn wherever_the_process_dies_each_reader_gets_each_mail_once() {
    let mut deaths = 0;
    for step in 1.. {
        let (town, died) = dies_at(step, false);
        let counts = counts(&town);
        assert_eq!(counts.len(), 2, "step {step}: both are told");
        assert!(counts.values().all(|count| *count == 1), "step {step}");
        if !died {
            break;
        }
        deaths += 1;
    }
    assert!(deaths > 30, "{deaths} places to die at");
}

#[test]
fn only_a_death_right_after_sending_whose_event_is_lost_sends_a_mail_twice() {
    let mut twice = Vec::new();
    for step in 1.. {
        let (town, died) = dies_at(step, true);
        let counts = counts(&town);
        assert_eq!(counts.len(), 2, "step {step}: both are told");
        let most = counts.values().max().copied();
        assert!(most <= Some(2), "step {step}");
        if most == Some(2) {
            twice.push(step);
        }
        if !died {
            break;
        }
    }
    // Between the service's taking it and the store's: two steps for each of the two readers.
    assert_eq!(twice.len(), 4, "{twice:?}");
}

#[test]
fn two_at_once_send_each_mail_once() {
    for seed in 0..30 {
        let mut town = town(100 + seed);
        town.watch_over(DAY);
        town.changes_to(ConnectionState::ReconnectNeeded(Denial::Revoked));
        let (one, other) = (
            simulation::world::SimulatedWorld::new(&town.outside),
            simulation::world::SimulatedWorld::new(&town.outside),
        );
        let body = [json!({"merchant": merchant()}).to_string()];
        let waits = town.outside.waits.clone();
        let both = futures::future::join(token_health::batch::work(&one, &body), async {
            let pause = Duration::from_millis(waits.fate.below(120));
            waits.clock.sleep(pause).await;
            token_health::batch::work(&other, &body).await
        });
        waits.clock.run(both, || false).expect("alive");
        town.watch_over(DAY);
        let counts = counts(&town);
        assert_eq!(counts.len(), 2, "seed {seed}");
        assert!(counts.values().all(|count| *count == 1), "seed {seed}");
    }
}

// Mail faults
#[test]
fn a_mail_service_that_takes_nothing_delays_the_first_notice_and_nothing_else() {
    let mut town = town(30);
    town.outside.post.borrow_mut().refuses = Some(MailFault::Later);
    town.changes_to(ConnectionState::ReconnectNeeded(Denial::Revoked));
    town.watch_over(DAY);
    assert!(town.mails(|_| ()).is_empty());
    town.outside.post.borrow_mut().refuses = None;
    town.watch_over(HOUR);
    assert_eq!(to_anna(&town).len(), 1);
    town.watch_over(DAY * 40);
    assert_eq!(to_anna(&town).len(), 5);
}

#[test]
fn an_answer_that_is_lost_is_waited_for_before_a_mail_is_sent_again() {
    let mut town = town(31);
    town.outside.post.borrow_mut().refuses = Some(MailFault::Unknown);
    town.changes_to(ConnectionState::ReconnectNeeded(Denial::Revoked));
    town.watch_over(MINUTE * 10);
    town.outside.post.borrow_mut().refuses = None;
    town.watch_over(MINUTE * 4);
    assert!(
        town.mails(|_| ()).is_empty(),
        "not within a quarter of an hour"
    );
    town.watch_over(HOUR);
    assert_eq!(to_anna(&town).len(), 1);
}

fn event(town: &mut Town, kind: &str, detail: &Value) {
    let mut post = town.outside.post.borrow_mut();
    let mail = post.taken[0].mail.clone();
    assert_eq!(mail.to.email, "anna@example.com");
    post.publish(kind, &mail, detail);
}

// Bounces and complaints
#[test]
fn who_cannot_be_reached_or_complained_gets_no_more_mails_and_the_others_do() {
    for (kind, detail, reached) in [
        ("Bounce", json!({"bounceType": "Permanent"}), false),
        ("Bounce", json!({"bounceType": "Transient"}), true),
        ("Complaint", json!({}), false),
    ] {
        let mut town = town(32);
        town.changes_to(ConnectionState::ReconnectNeeded(Denial::Revoked));
        town.watch_over(HOUR);
        event(&mut town, kind, &detail);
        town.watch_over(DAY * 40);
        let expected = if reached { 5 } else { 1 };
        assert_eq!(to_anna(&town).len(), expected, "{kind} {detail}");
        let all = town.mails(|_| ()).len();
        assert_eq!(all, expected + 5, "Benoît is told as ever");
    }
}

#[test]
fn an_address_that_bounced_is_tried_again_once_it_is_another() {
    let mut town = town(33);
    town.changes_to(ConnectionState::ReconnectNeeded(Denial::Revoked));
    town.watch_over(HOUR);
    event(&mut town, "Bounce", &json!({"bounceType": "Permanent"}));
    town.watch_over(DAY * 4);
    assert_eq!(to_anna(&town).len(), 1);
    {
        let mut tables = town.outside.tables.borrow_mut();
        let profile = tables.merchants.get_mut(&merchant()).expect("a profile");
        let anna = profile.administrators.values_mut().next().expect("Anna");
        anna.email = "anna.cote@example.com".to_owned();
    }
    town.watch_over(DAY * 40);
    let mails = town.mails(|taken| taken.mail.to.email.clone());
    let renewed = mails.iter().filter(|to| *to == "anna.cote@example.com");
    assert_eq!(renewed.count(), 3, "days 7, 14 and 30");
}

#[test]
fn an_event_that_is_none_of_ours_changes_nothing() {
    let mut town = town(34);
    town.changes_to(ConnectionState::ReconnectNeeded(Denial::Revoked));
    town.watch_over(HOUR);
    let before = town.outside.tables.borrow().healths.of(&merchant());
    for body in [
        "",
        "{}",
        r#"{"eventType":"Bounce"}"#,
        r#"{"eventType":"Send","mail":{"tags":{"merchant":["bWVy"],"mail":["00"]}}}"#,
        r#"{"eventType":"Complaint","mail":{"tags":{"merchant":["****"],"mail":["00"]}}}"#,
        r#"{"eventType":"Open","mail":{"tags":{}}}"#,
    ] {
        let mut post = town.outside.post.borrow_mut();
        post.events.push_back(body.to_owned());
        drop(post);
        town.tick();
    }
    let after = town.outside.tables.borrow().healths.of(&merchant());
    assert_eq!(after, before);
}

/// Asks the page of ours for an address.
fn page(town: &Town, method: Method, address: &str) -> common::web::Response {
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

// R23, R24: many merchants
#[test]
fn a_fleet_that_connected_at_one_moment_is_spread_over_the_day_and_nobody_waits_longer_than_that() {
    let mut fleet = Fleet::new(400, 40);
    fleet.outside.cadence.idle = DAY;
    let longest = fleet.watch_over(DAY * 3);
    assert!(longest <= DAY, "{longest:?}");
    assert_eq!(fleet.connected(), 400);
    let last_day = &fleet.looks[2 * 24 * 60..];
    let most = last_day.iter().max().copied().unwrap_or_default();
    assert!(most <= 12, "{most} of 400 in a minute");
}

#[test]
fn an_outage_that_looks_like_a_refusal_to_everybody_denies_nobody_and_thaws_by_itself() {
    let mut fleet = Fleet::new(1000, 41);
    fleet.outside.cadence.idle = DAY;
    fleet.watch_over(DAY);
    let outage = json!({"kind": "invalid_grant", "operation": "oauth.refresh", "times": 0});
    let ask = |body: &Value| {
        let request = simulator::Request::new("POST", "/simulator/trouble").body(body.to_string());
        let now = fleet.outside.waits.clock.now();
        let mut intuit = fleet.outside.intuit.borrow_mut();
        assert_eq!(intuit.handle(now, &request).status, 200);
    };
    ask(&outage);
    let heal = json!({"kind": "none"});
    fleet.watch_over(HOUR * 8);
    let connected = fleet.connected();
    let request = simulator::Request::new("POST", "/simulator/trouble").body(heal.to_string());
    let now = fleet.outside.waits.clock.now();
    fleet.outside.intuit.borrow_mut().handle(now, &request);
    fleet.watch_over(DAY);
    assert_eq!(connected, 1000, "nobody is denied");
    assert_eq!(fleet.connected(), 1000);
    assert!(fleet.outside.post.borrow().taken.is_empty());
    let tables = fleet.outside.tables.borrow();
    let is_refused = |row: &common::store::TokenRow| row.trial.is_some();
    assert!(!tables.tokens.values().any(is_refused), "all renewed");
}

#[test]
fn every_cause_has_a_state_of_its_own() {
    for cause in Cause::ALL.iter().filter(|cause| **cause != Cause::Expiring) {
        let states = [
            ConnectionState::ReadOnly,
            ConnectionState::Paused,
            ConnectionState::ReconnectNeeded(Denial::Revoked),
            ConnectionState::ReconnectNeeded(Denial::Idle),
            ConnectionState::ReconnectNeeded(Denial::FiveYears),
            ConnectionState::ReconnectNeeded(Denial::AdminLost),
            ConnectionState::ReconnectNeeded(Denial::Unknown),
        ];
        // A connection given back for want of the plan is about the plan still.
        let of = states
            .iter()
            .filter(|state| Cause::of(**state) == Some(*cause));
        assert_eq!(of.count(), 1, "{cause:?}");
    }
}
