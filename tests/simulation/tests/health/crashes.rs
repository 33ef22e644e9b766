//! Crashes: a process that dies at any step, and two at once.

use std::collections::BTreeMap;

use super::*;

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

#[test]
fn wherever_the_process_dies_over_the_end_of_trouble_each_reader_is_told_it_once() {
    for step in 1.. {
        let mut town = town(21);
        town.changes_to(ConnectionState::ReconnectNeeded(Denial::Revoked));
        town.watch_over(HOUR);
        town.reconnect();
        town.outside.waits.fate.die_at(Some(step));
        town.pass(MINUTE);
        let lived = town.tick();
        town.outside.waits.fate.die_at(None);
        town.watch_over(DAY * 2);
        let counts = counts(&town);
        assert_eq!(
            counts.len(),
            4,
            "step {step}: the trouble and its end, to both"
        );
        assert!(counts.values().all(|count| *count == 1), "step {step}");
        assert!(health(&town).incidents.is_empty(), "step {step}");
        if lived {
            break;
        }
    }
}
