use super::*;
use crate::ids::MerchantId;

fn at(hours: i64) -> Timestamp {
    Timestamp::from_second(1_795_000_000 + hours * 3600).unwrap()
}

fn reader(name: &str) -> Reader {
    let merchant = MerchantId::parse("mer_4fz9").unwrap();
    Reader::at(&merchant, &format!("{name}@example.com"))
}

/// Every step a reader is sent when somebody looks every hour.
fn ladder(mut incident: Incident, from: i64, to: i64, reminded: bool) -> Vec<(i64, Step)> {
    let reader = reader("anna");
    let mut sent = Vec::new();
    for hour in from..to {
        while let Some(step) = incident.due(&reader, reminded, true, at(hour)) {
            incident.claim(step, &reader, at(hour));
            incident.sent(step, &reader);
            sent.push((hour, step));
        }
    }
    sent
}

#[test]
fn the_ladder_is_at_once_then_days_3_7_14_and_30_and_then_silence() {
    let incident = Incident::new(Cause::Revoked, 1, at(0));
    let expected = [
        (0, Step::First),
        (72, Step::Reminder(3)),
        (168, Step::Reminder(7)),
        (336, Step::Reminder(14)),
        (720, Step::Reminder(30)),
    ];
    assert_eq!(ladder(incident, 0, 24 * 400, true), expected);
}

#[test]
fn a_plan_that_ended_is_told_at_once_and_14_days_ahead_and_the_end_of_five_years_three_times_ahead()
{
    let plan = Incident::new(Cause::Plan, 1, at(0));
    let expected = [(0, Step::First), (76 * 24, Step::Reminder(76))];
    assert_eq!(ladder(plan, 0, 24 * 400, true), expected);
    let expiring = Incident::new(Cause::Expiring, 1, at(0));
    let expected = [
        (0, Step::First),
        (60 * 24, Step::Reminder(60)),
        (83 * 24, Step::Reminder(83)),
    ];
    assert_eq!(ladder(expiring, 0, 24 * 91, true), expected);
}

#[test]
fn who_unsubscribed_gets_the_first_notice_and_no_reminder() {
    let incident = Incident::new(Cause::Idle, 1, at(0));
    assert_eq!(ladder(incident, 0, 24 * 40, false), [(0, Step::First)]);
}

#[test]
fn who_unsubscribed_is_warned_all_the_same_before_a_connection_is_given_back() {
    let incident = Incident::new(Cause::Plan, 1, at(0));
    let told = [(0, Step::First), (76 * 24, Step::Reminder(76))];
    assert_eq!(ladder(incident, 0, 24 * 80, false), told);
}

#[test]
fn after_a_silence_of_ours_one_mail_is_sent_and_not_everything_that_was_missed() {
    let incident = Incident::new(Cause::Revoked, 1, at(0));
    let late = ladder(incident.clone(), 8 * 24, 24 * 40, true);
    let expected = [
        (192, Step::First),
        (336, Step::Reminder(14)),
        (720, Step::Reminder(30)),
    ];
    assert_eq!(late, expected);
    let mut told = incident;
    told.claim(Step::First, &reader("anna"), at(0));
    told.sent(Step::First, &reader("anna"));
    let expected = [(192, Step::Reminder(7)), (336, Step::Reminder(14))];
    assert_eq!(ladder(told, 192, 24 * 20, true), expected);
}

#[test]
fn a_claimed_step_is_nobody_elses_for_a_quarter_of_an_hour_and_a_sent_one_forever() {
    let mut incident = Incident::new(Cause::Revoked, 1, at(0));
    let reader = reader("anna");
    incident.claim(Step::First, &reader, at(0));
    let due = |incident: &Incident, at| incident.due(&reader, true, true, at);
    assert_eq!(due(&incident, at(0) + Duration::from_secs(899)), None);
    let after = at(0) + SENDING;
    assert_eq!(
        incident.next_at(std::slice::from_ref(&reader), &BTreeSet::new(), at(0)),
        Some(after)
    );
    assert_eq!(due(&incident, after), Some(Step::First));
    incident.sent(Step::First, &reader);
    assert_eq!(due(&incident, after), None);
    assert_eq!(
        incident.next_at(std::slice::from_ref(&reader), &BTreeSet::new(), after),
        Some(at(72))
    );
}

#[test]
fn the_end_is_told_once_what_waited_is_worked_off_and_only_to_who_was_told_of_the_trouble() {
    let mut incident = Incident::new(Cause::Subscription, 1, at(0));
    let (anna, sam) = (reader("anna"), reader("sam"));
    incident.claim(Step::First, &anna, at(0));
    incident.sent(Step::First, &anna);
    incident.ended_at = Some(at(5));
    assert_eq!(incident.due(&anna, true, false, at(6)), None);
    assert_eq!(incident.due(&sam, true, true, at(6)), None);
    let everybody = [anna.clone(), sam.clone()];
    assert!(incident.awaits_recovery(&everybody, at(6)));
    assert!(
        !incident.awaits_recovery(std::slice::from_ref(&sam), at(6)),
        "who can be reached was told nothing"
    );
    assert_eq!(
        incident.due(&anna, true, true, at(6)),
        Some(Step::Recovered)
    );
    // A day later it is told with what still waits.
    assert_eq!(
        incident.due(&anna, true, false, at(29)),
        Some(Step::Recovered)
    );
    incident.claim(Step::Recovered, &anna, at(6));
    incident.sent(Step::Recovered, &anna);
    assert!(!incident.awaits_recovery(&everybody, at(7)));
    assert_eq!(incident.due(&anna, true, true, at(7)), None);
}

#[test]
fn the_end_of_what_nobody_was_told_of_is_not_told() {
    let mut incident = Incident::new(Cause::Revoked, 1, at(0));
    let reader = reader("anna");
    incident.claim(Step::First, &reader, at(0));
    incident.put_off(Step::First, &reader, at(1));
    assert_eq!(
        incident.due(&reader, true, true, at(1)),
        Some(Step::First),
        "it goes out when it can"
    );
    incident.ended_at = Some(at(1));
    assert_eq!(incident.due(&reader, true, true, at(2)), None);
    assert!(!incident.awaits_recovery(&[reader], at(2)));
}

#[test]
fn a_mark_finds_its_mail_and_names_nobody() {
    let mut incident = Incident::new(Cause::Revoked, 1, at(0));
    let reader = reader("anna");
    incident.claim(Step::First, &reader, at(0));
    let mark = incident.mark(Step::First, &reader);
    assert!(mark.bytes().all(|byte| byte.is_ascii_hexdigit()), "{mark}");
    let (found, mailing) = incident.marked(&mark).expect("marked");
    assert_eq!((found, mailing.at), (reader.clone(), at(0)));
    assert_ne!(incident.mark(Step::Reminder(3), &reader), mark);
    assert!(incident.marked("0000").is_none());
}

#[test]
fn an_address_is_one_reader_however_it_is_written_and_another_ones_of_another_merchant() {
    let [one, other] = ["mer_4fz9", "mer_other"].map(|id| MerchantId::parse(id).unwrap());
    assert_eq!(
        Reader::at(&one, "Anna@Example.com "),
        Reader::at(&one, "anna@example.com")
    );
    assert_ne!(
        Reader::at(&one, "anna@example.com"),
        Reader::at(&other, "anna@example.com")
    );
    assert!(
        !Reader::at(&one, "anna@example.com")
            .as_str()
            .contains("anna")
    );
}

#[test]
fn who_is_known_late_gets_the_first_notice_and_only_the_reminders_after_it() {
    let mut incident = Incident::new(Cause::Revoked, 1, at(0));
    incident.claim(Step::First, &reader("sam"), at(0));
    incident.sent(Step::First, &reader("sam"));
    let expected = [
        (96, Step::First),
        (168, Step::Reminder(7)),
        (336, Step::Reminder(14)),
        (720, Step::Reminder(30)),
    ];
    assert_eq!(ladder(incident, 96, 24 * 40, true), expected);
}

#[test]
fn a_step_nobody_can_be_sent_makes_nothing_due() {
    let mut incident = Incident::new(Cause::Revoked, 1, at(0));
    let (anna, sam) = (reader("anna"), reader("sam"));
    for reader in [&anna, &sam] {
        incident.claim(Step::First, reader, at(0));
    }
    incident.sent(Step::First, &sam);
    // A reminder that was claimed and never sent, and that a later one has taken the place of.
    incident.claim(Step::Reminder(3), &sam, at(72));
    assert_eq!(
        incident.next_at(std::slice::from_ref(&sam), &BTreeSet::new(), at(80)),
        Some(at(72) + SENDING)
    );
    incident.claim(Step::Reminder(7), &sam, at(168));
    incident.sent(Step::Reminder(7), &sam);
    assert_eq!(
        incident.next_at(std::slice::from_ref(&sam), &BTreeSet::new(), at(170)),
        Some(at(336))
    );
    assert_eq!(incident.next_at(&[], &BTreeSet::new(), at(800)), None);
    incident.ended_at = Some(at(800));
    assert!(incident.awaits_recovery(std::slice::from_ref(&sam), at(900)));
    assert!(
        !incident.awaits_recovery(&[sam], at(800 + 7 * 24)),
        "no news any more"
    );
}

#[test]
fn who_was_not_told_of_the_end_is_not_told_again_of_trouble_that_came_back() {
    let mut before = Incident::new(Cause::AdminLost, 1, at(0));
    let (anna, sam) = (reader("anna"), reader("sam"));
    for reader in [&anna, &sam] {
        before.claim(Step::First, reader, at(0));
        before.sent(Step::First, reader);
    }
    before.ended_at = Some(at(1));
    assert!(!before.end_was_told());
    before.claim(Step::Recovered, &anna, at(2));
    assert!(before.end_was_told());
    let mut back = Incident::back(&before, 1, at(3));
    assert_eq!(back.due(&anna, true, true, at(3)), Some(Step::First));
    assert_eq!(back.due(&sam, true, true, at(3)), None);
    back.ended_at = Some(at(4));
    assert_eq!(back.due(&sam, true, true, at(27)), None, "it has to hold");
    assert_eq!(back.due(&sam, true, true, at(28)), Some(Step::Recovered));
}
