//! Readers: who is told, and in which language.

use std::collections::BTreeMap;

use super::*;

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

/// The days on which somebody was sent a mail, and its heading.
fn to(town: &Town, whose: &str) -> Vec<(i64, String)> {
    let begun = town.now() - town.outside.waits.clock.elapsed();
    let mails = town.mails(|taken| {
        let day = (taken.at - begun).as_secs() / (24 * 3600);
        let heading: Vec<&str> = taken.mail.subject.split(": ").skip(1).collect();
        (taken.mail.to.email.clone(), (day, heading.join(": ")))
    });
    let theirs = mails.into_iter().filter(|(to, _)| to == whose);
    theirs.map(|(_, mail)| mail).collect()
}

fn days(town: &Town, whose: &str) -> Vec<i64> {
    to(town, whose).into_iter().map(|(day, _)| day).collect()
}

pub fn person(id: &str, email: &str) -> Value {
    json!({"id": id, "name": "Somebody", "email": email, "language": "en"})
}

/// MioCommerce says who administers the merchant now.
pub fn administered_by(town: &mut Town, version: u64, administrators: &[Value]) {
    let body = json!({
        "schema": 1, "type": "merchant.updated", "merchant_id": merchant().as_str(), "sent_at": town.now().to_string(),
        "merchant": {"version": version, "administrators": administrators},
    });
    town.send(&format!("merchant-{version}"), body.to_string());
}

// R25: every administrator we know
#[test]
fn who_is_named_late_gets_the_first_notice_alone_and_then_the_ladder() {
    let mut town = town(40);
    town.changes_to(ConnectionState::ReconnectNeeded(Denial::Revoked));
    town.watch_over(DAY * 4);
    assert_eq!(days(&town, "anna@example.com"), [0, 3]);
    let everybody = [
        person("op_1", "anna@example.com"),
        person("op_2", "benoit@example.com"),
        person("op_3", "chloe@example.com"),
    ];
    administered_by(&mut town, 1, &everybody);
    town.work_all();
    town.watch_over(DAY * 40);
    assert_eq!(days(&town, "chloe@example.com"), [4, 7, 14, 30]);
    assert_eq!(
        to(&town, "chloe@example.com")[0].1,
        "QuickBooks is disconnected"
    );
    assert_eq!(days(&town, "anna@example.com"), [0, 3, 7, 14, 30]);
}

// R25: and the named bookkeeper
#[test]
fn a_bookkeeper_who_is_named_while_it_is_in_trouble_is_told_at_once() {
    let mut town = town(44);
    town.changes_to(ConnectionState::ReconnectNeeded(Denial::Revoked));
    town.watch_over(DAY * 15);
    let mut browser = browser::Browser::beside(town.outside.clone());
    assert_eq!(browser.launches("/quickbooks", &json!({})).status, 303);
    browser.opens("/quickbooks/settings");
    town.watch_over(MINUTE * 5);
    let named =
        "part=people&bookkeeper.name=Dan&bookkeeper.email=dan@example.com&bookkeeper.language=en";
    let saved = browser.sends("/quickbooks/settings", named);
    assert_eq!(saved.expect("alive").status, 303);
    town.watch_over(HOUR);
    assert_eq!(days(&town, "dan@example.com"), [15]);
}

// R25: no duplicates
#[test]
fn one_address_under_two_roles_gets_each_mail_once_and_one_link_stops_them() {
    let mut town = town(41);
    {
        let mut tables = town.outside.tables.borrow_mut();
        let connection = tables.connections.get_mut(&merchant()).expect("connected");
        connection.settings.bookkeeper = Some(bookkeeping::merchant::Addressee {
            name: "Anna the bookkeeper".to_owned(),
            email: " Anna@Example.com".to_owned(),
            language: bookkeeping::transaction::Language::French,
        });
    }
    town.changes_to(ConnectionState::ReconnectNeeded(Denial::Revoked));
    town.watch_over(DAY * 4);
    let addresses = town.mails(|taken| taken.mail.to.email.trim().to_lowercase());
    let annas = addresses.iter().filter(|to| *to == "anna@example.com");
    assert_eq!(annas.count(), 2, "at once and on day 3: {addresses:?}");
    let link = town.mails(|taken| taken.mail.unsubscribe_url.clone());
    let link = link[0].clone().expect("a link");
    let link = link.strip_prefix("https://quickbooks.simulated");
    let stopped = unsubscribing::page(&town, common::web::Method::Post, link.expect("ours"));
    assert_eq!(stopped.status, 200);
    town.watch_over(DAY * 40);
    assert_eq!(
        town.mails(|_| ()).len(),
        2 + 5,
        "Benoît is reminded as ever"
    );
}

// R25: who is an administrator no more
#[test]
fn a_former_administrator_gets_no_more_mails_once_the_merchant_says_so() {
    let mut town = town(42);
    town.changes_to(ConnectionState::ReconnectNeeded(Denial::Revoked));
    town.watch_over(HOUR);
    administered_by(&mut town, 1, &[person("op_1", "anna@example.com")]);
    town.work_all();
    town.watch_over(DAY * 40);
    assert_eq!(days(&town, "benoit@example.com"), [0]);
    assert_eq!(days(&town, "anna@example.com"), [0, 3, 7, 14, 30]);
    assert!(
        town.outside.tables.borrow().kept.is_empty(),
        "it was carried out"
    );
}

#[test]
fn a_former_administrator_who_opens_the_app_as_a_viewer_gets_no_more_mails() {
    let mut town = town(43);
    town.changes_to(ConnectionState::ReconnectNeeded(Denial::Revoked));
    town.watch_over(HOUR);
    let mut browser = browser::Browser::beside(town.outside.clone());
    let viewer = json!({"role": "viewer"});
    assert_eq!(browser.launches("/quickbooks", &viewer).status, 303);
    town.watch_over(DAY * 40);
    assert_eq!(days(&town, "anna@example.com"), [0]);
    assert_eq!(days(&town, "benoit@example.com"), [0, 3, 7, 14, 30]);
}

// R25: crashes
#[test]
fn wherever_the_process_dies_over_a_change_of_administrators_the_readers_end_up_the_same() {
    let mut deaths = 0;
    for step in 1.. {
        let mut town = town(44);
        town.changes_to(ConnectionState::ReconnectNeeded(Denial::Revoked));
        town.watch_over(HOUR);
        let now = [
            person("op_1", "anna@example.com"),
            person("op_3", "chloe@example.com"),
        ];
        administered_by(&mut town, 1, &now);
        town.outside.waits.fate.die_at(Some(step));
        let lived = town.work();
        town.outside.waits.fate.die_at(None);
        town.work_all();
        town.watch_over(DAY * 8);
        assert_eq!(days(&town, "anna@example.com"), [0, 3, 7], "step {step}");
        assert_eq!(days(&town, "benoit@example.com"), [0], "step {step}");
        assert_eq!(days(&town, "chloe@example.com"), [0, 3, 7], "step {step}");
        if lived {
            break;
        }
        deaths += 1;
    }
    assert!(deaths >= 8, "{deaths} places to die at");
}

// R1
#[test]
fn a_plan_that_ends_and_comes_back_by_message_pauses_and_resumes() {
    let mut town = town(45);
    for (version, entitled, expected) in [
        (1, false, ConnectionState::Paused),
        (2, true, ConnectionState::Connected),
    ] {
        let body = json!({
            "schema": 1, "type": "merchant.updated", "merchant_id": merchant().as_str(), "sent_at": town.now().to_string(),
            "merchant": {"version": version, "entitled": entitled},
        });
        town.send(&format!("merchant-{version}"), body.to_string());
        town.work_all();
        assert_eq!(state(&town), expected);
        town.watch_over(HOUR);
    }
    assert_eq!(to_anna(&town).len(), 1, "the pause was told");
}
