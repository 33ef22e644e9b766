//! The plan: a connection without it is paused, and after 90 days given back.

use super::*;

/// The two mails about a plan that ended.
fn mails_of_the_plan() -> [(i64, String); 2] {
    let ends = "QuickBooks is paused".to_owned();
    let kept = "Your connection to QuickBooks is kept until February 16, 2027";
    [(0, ends), (76, format!("Nettoyage Laurier inc.: {kept}"))]
}

/// MioCommerce says whether the plan includes the app, and the connection follows.
fn is_entitled(town: &mut Town, entitled: bool) {
    says(town, entitled);
    town.changes_to(match entitled {
        true => ConnectionState::Connected,
        false => ConnectionState::Paused,
    });
}

/// MioCommerce says it, and whoever heard it dies before the connection follows.
fn says(town: &Town, entitled: bool) {
    let mut tables = town.outside.tables.borrow_mut();
    let profile = tables.merchants.get_mut(&merchant()).expect("a profile");
    profile.entitled = entitled;
}

// R1: an upgrade resumes
#[test]
fn an_upgrade_that_nobody_lived_to_follow_resumes_the_connection_and_does_not_give_it_back() {
    let mut town = town(29);
    is_entitled(&mut town, false);
    town.watch_over(DAY * 80);
    says(&town, true);
    town.watch_over(DAY * 20);
    assert_eq!(state(&town), ConnectionState::Connected);
    assert!(!is_given_back(&town));
    pays(&mut town, 1);
    assert_eq!(town.receipts().len(), 1);
}

// R1: one mail, and one 14 days ahead
#[test]
fn a_plan_that_no_longer_includes_quickbooks_keeps_the_connection_alive_for_90_days() {
    let mut town = town(12);
    is_entitled(&mut town, false);
    town.watch_over(DAY * 89);
    assert_eq!(to_anna(&town), mails_of_the_plan());
    is_entitled(&mut town, true);
    pays(&mut town, 1);
    assert_eq!(town.receipts().len(), 1);
    town.watch_over(DAY * 120);
    assert_eq!(state(&town), ConnectionState::Connected);
    assert_eq!(to_anna(&town), mails_of_the_plan());
}

// R1: 90 days without the plan, and not 90 days with a day of it among them
#[test]
fn a_plan_that_comes_back_for_an_hour_begins_the_90_days_anew() {
    let mut town = town(28);
    is_entitled(&mut town, false);
    town.watch_over(DAY * 89);
    is_entitled(&mut town, true);
    town.watch_over(HOUR);
    is_entitled(&mut town, false);
    town.watch_over(DAY * 30);
    assert_eq!(state(&town), ConnectionState::Paused);
    assert!(!is_given_back(&town));
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
    is_entitled(&mut town, false);
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
    says(&town, true);
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
        is_entitled(&mut town, false);
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
