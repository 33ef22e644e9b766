//! Trouble that comes back.

use super::*;

const LOST: ConnectionState = ConnectionState::ReconnectNeeded(Denial::AdminLost);

fn headings(town: &Town) -> Vec<String> {
    to_anna(town)
        .into_iter()
        .map(|(_, heading)| heading)
        .collect()
}

const TOLD: &str = "QuickBooks wants another administrator";
const OVER: &str = "QuickBooks works again";

// R25: nothing untold
#[test]
fn trouble_that_comes_back_after_its_end_was_told_is_told_once_and_its_end_when_it_held_a_day() {
    let mut town = town(50);
    town.changes_to(LOST);
    town.watch_over(HOUR);
    town.changes_to(ConnectionState::Connected);
    town.watch_over(HOUR);
    assert_eq!(headings(&town), [TOLD, OVER]);
    town.changes_to(LOST);
    town.watch_over(HOUR);
    assert_eq!(headings(&town), [TOLD, OVER, TOLD]);
    town.changes_to(ConnectionState::Connected);
    town.watch_over(HOUR * 20);
    assert_eq!(headings(&town), [TOLD, OVER, TOLD], "not yet believed");
    town.watch_over(HOUR * 5);
    assert_eq!(headings(&town), [TOLD, OVER, TOLD, OVER]);
    town.watch_over(DAY * 3);
    assert!(health(&town).incidents.is_empty());
}

// R25: none for transient trouble
#[test]
fn trouble_that_comes_and_goes_every_hour_sends_three_mails_and_no_more_until_it_holds() {
    let mut town = town(51);
    for _ in 0..30 {
        town.changes_to(LOST);
        town.watch_over(HOUR);
        town.changes_to(ConnectionState::Connected);
        town.watch_over(HOUR);
    }
    assert_eq!(headings(&town), [TOLD, OVER, TOLD]);
    town.watch_over(DAY * 2);
    assert_eq!(headings(&town), [TOLD, OVER, TOLD, OVER]);
}

#[test]
fn trouble_that_comes_back_before_its_end_was_told_goes_on_without_a_word() {
    let mut town = town(52);
    happens(&town, "admin_lost");
    pays(&mut town, 1);
    town.watch_over(HOUR);
    // Something waits, so that its end is not told yet.
    town.changes_to(ConnectionState::Connected);
    town.tick();
    town.watch_over(HOUR * 5);
    assert_eq!(state(&town), LOST, "QuickBooks refuses as before");
    assert_eq!(headings(&town), [TOLD]);
}

#[test]
fn wherever_the_process_dies_over_trouble_that_came_back_each_mail_is_sent_once() {
    for step in 1.. {
        let mut town = town(53);
        town.changes_to(LOST);
        town.watch_over(HOUR);
        town.changes_to(ConnectionState::Connected);
        town.watch_over(HOUR);
        town.changes_to(LOST);
        town.outside.waits.fate.die_at(Some(step));
        town.pass(MINUTE);
        let lived = town.tick();
        town.outside.waits.fate.die_at(None);
        town.watch_over(HOUR);
        assert_eq!(headings(&town), [TOLD, OVER, TOLD], "step {step}");
        if lived {
            break;
        }
    }
}
