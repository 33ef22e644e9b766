//! The mail service: what it does not take, what bounces, who complains.

use common::mail::MailFault;

use super::*;

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
    let everybody = [
        readers::person("op_1", "anna.cote@example.com"),
        readers::person("op_2", "benoit@example.com"),
    ];
    readers::administered_by(&mut town, 1, &everybody);
    town.work_all();
    town.watch_over(DAY * 40);
    let mails = town.mails(|taken| taken.mail.to.email.clone());
    let renewed = mails.iter().filter(|to| *to == "anna.cote@example.com");
    assert_eq!(renewed.count(), 4, "a first notice, then days 7, 14 and 30");
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

// R25, R33: an incident has an end, whoever cannot be reached
#[test]
fn who_cannot_be_reached_any_more_does_not_keep_an_incident_open() {
    for leaves in ["bounces", "is removed", "is refused"] {
        let mut town = town(36);
        town.changes_to(ConnectionState::ReconnectNeeded(Denial::Revoked));
        if leaves == "is refused" {
            town.outside.post.borrow_mut().refuses = Some(MailFault::Refused);
        }
        town.watch_over(HOUR);
        match leaves {
            "bounces" => event(&mut town, "Bounce", &json!({"bounceType": "Permanent"})),
            "is removed" => {
                let mut tables = town.outside.tables.borrow_mut();
                let profile = tables.merchants.get_mut(&merchant()).expect("a profile");
                profile.administrators.pop_first();
            }
            _ => {}
        }
        town.watch_over(DAY * 2);
        let due = town.outside.tables.borrow().healths.of(&merchant()).1;
        assert!(due.is_none_or(|due| due >= town.now() + MINUTE), "{leaves}");
        town.reconnect();
        town.watch_over(DAY * 3);
        assert!(health(&town).incidents.is_empty(), "{leaves}");
        let due = town.outside.tables.borrow().healths.of(&merchant()).1;
        let next_check = due.expect("the next check");
        assert!(next_check > town.now() + HOUR, "{leaves}: {next_check}");
        let ends = town.mails(|taken| {
            taken.mail.text.contains("works again") || taken.mail.text.contains("reconnect")
        });
        assert!(ends.len() <= 4, "{leaves}: {}", ends.len());
    }
}
