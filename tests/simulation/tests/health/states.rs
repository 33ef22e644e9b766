//! States: what each trouble makes of a connection, and what its operator reads of it.

use bookkeeping::health::Cadence;
use bookkeeping::incident::Cause;

use super::*;

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

// R24: only a proof ends it
#[test]
fn reconnecting_while_the_subscription_is_lapsed_does_not_say_that_it_works_again() {
    let mut town = town(15);
    happens(&town, "read_only");
    pays(&mut town, 1);
    town.watch_over(HOUR);
    assert_eq!(to_anna(&town).len(), 1);
    let mut browser = browser::Browser::beside(town.outside.clone());
    browser.connects_to(REALM);
    town.restart();
    town.watch_over(DAY);
    assert_eq!(town.connection().epoch, 2, "reconnected");
    assert_eq!(state(&town), ConnectionState::ReadOnly);
    assert_eq!(to_anna(&town).len(), 1, "it does not work");
    town.watch_over(DAY * 3);
    assert_eq!(
        to_anna(&town).len(),
        2,
        "reminded on day 3 of the same trouble"
    );
    happens(&town, "heal");
    town.watch_over(DAY);
    assert_eq!(state(&town), ConnectionState::Connected);
    assert_eq!(town.receipts().len(), 1);
    let mails = to_anna(&town);
    assert_eq!(mails.last().expect("a mail").1, "QuickBooks works again");
    assert_eq!(mails.len(), 3);
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

// R24: what others refreshed is proven
#[test]
fn after_an_outage_a_payment_that_goes_through_proves_the_connection_as_a_check_does() {
    let mut town = town(16);
    town.outside.cadence.idle = DAY;
    town.watch_over(HOUR * 20);
    outage(&town, "down");
    town.watch_over(HOUR * 8);
    assert!(health(&town).degraded_since.is_some(), "seen");
    mended(&town);
    pays(&mut town, 1);
    assert_eq!(town.receipts().len(), 1, "the payment renewed the tokens");
    town.watch_over(HOUR);
    assert_eq!(health(&town).degraded_since, None);
}

// R24, R25: a day that is told is true
#[test]
fn nobody_is_told_that_everything_goes_on_until_the_five_years_are_over_once_it_does_not() {
    let mut town = town(17);
    town.watch_over(DAY * (365 * 5 - 60));
    assert_eq!(to_anna(&town).len(), 1, "told ahead");
    happens(&town, "revoke");
    town.watch_over(DAY * 59);
    let revoked = ConnectionState::ReconnectNeeded(Denial::Revoked);
    assert_eq!(state(&town), revoked);
    let mails = to_anna(&town);
    let ahead = mails
        .iter()
        .filter(|(_, heading)| heading.contains("runs out on"));
    assert_eq!(ahead.count(), 1, "{mails:?}");
}

// R25: counts that are true
#[test]
fn of_more_than_are_counted_the_end_says_that_more_had_waited() {
    let mut town = town(18);
    happens(&town, "read_only");
    for number in 1..=1100 {
        town.send(&format!("message-{number}"), payment(number, 1));
    }
    town.work_all();
    town.watch_over(HOUR);
    assert!(last_to_anna(&town).contains("More than 1000 transactions wait"));
    happens(&town, "heal");
    town.watch_over(DAY * 2);
    assert_eq!(town.receipts().len(), 1100);
    let text = last_to_anna(&town);
    assert!(text.contains("works again"), "{text}");
    assert!(
        text.contains("More than 1000 transactions had waited."),
        "{text}"
    );
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
            ConnectionState::ReconnectNeeded(Denial::AccessRefused),
            ConnectionState::ReconnectNeeded(Denial::PermissionMissing),
        ];
        // A connection given back for want of the plan is about the plan still.
        let of = states
            .iter()
            .filter(|state| Cause::of(**state) == Some(*cause));
        assert_eq!(of.count(), 1, "{cause:?}");
    }
}
