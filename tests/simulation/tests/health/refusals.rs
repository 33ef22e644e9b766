//! Refusals that last: QuickBooks takes our tokens and lets nothing through.

use simulation::payments::refund;

use super::*;

/// QuickBooks answers every request to the company like this until it is mended.
fn refuses(town: &Town, how: &Value) {
    let mut how = how.clone();
    how["times"] = json!(0);
    how["realm"] = json!(REALM);
    trouble(town, &how);
}

/// Every refusal that is no proof by itself, the state it becomes, and what the operator reads.
fn lasting() -> Vec<(Value, &'static str, &'static str)> {
    let fault = |code| json!({"kind": "fault", "code": code});
    let refused = (
        "reconnect_needed/access_refused",
        "QuickBooks refuses us access",
    );
    let missing = (
        "reconnect_needed/permission_missing",
        "QuickBooks does not let us record",
    );
    vec![
        (fault("3100"), refused.0, refused.1),
        (fault("100"), refused.0, refused.1),
        (fault("110"), refused.0, refused.1),
        (fault("130"), refused.0, refused.1),
        (json!({"kind": "down", "status": 403}), refused.0, refused.1),
        // The token endpoint gives new tokens, and the API refuses each.
        (json!({"kind": "token_expired"}), refused.0, refused.1),
        (fault("5020"), missing.0, missing.1),
    ]
}

// R24: only a refusal that persists; R25: it is told
#[test]
fn a_refusal_that_lasts_three_hours_becomes_a_state_with_its_reason_and_one_mail() {
    for (number, (how, stored, heading)) in lasting().into_iter().enumerate() {
        let mut town = town(60 + number as u64);
        refuses(&town, &how);
        pays(&mut town, 1);
        town.watch_over(HOUR * 2);
        assert_eq!(
            state(&town),
            ConnectionState::Connected,
            "{how}: too early to say"
        );
        assert!(town.mails(|_| ()).is_empty(), "{how}");
        town.watch_over(HOUR * 3);
        assert_eq!(state(&town).stored(), stored, "{how}");
        assert_eq!(to_anna(&town), [(0, heading.to_owned())], "{how}");
        assert_eq!(told(&town), ["reconnect_needed"], "{how}");
        assert!(
            last_to_anna(&town).contains("One transaction waits"),
            "{how}"
        );
        town.watch_over(DAY * 4);
        assert_eq!(to_anna(&town).len(), 2, "{how}: reminded on day 3");
        // It clears at Intuit's: what waited goes through, and that is the proof.
        mended(&town);
        town.watch_over(DAY);
        assert_eq!(state(&town), ConnectionState::Connected, "{how}");
        assert_eq!(town.receipts().len(), 1, "{how}");
        assert_eq!(
            to_anna(&town).last().expect("a mail").1,
            "QuickBooks works again"
        );
    }
}

#[test]
fn a_refusal_that_passes_or_that_only_some_meet_changes_nothing_and_tells_nobody() {
    let mut town = town(70);
    refuses(&town, &json!({"kind": "down", "status": 403}));
    pays(&mut town, 1);
    town.watch_over(HOUR * 2);
    mended(&town);
    town.watch_over(HOUR * 2);
    assert_eq!(town.receipts().len(), 1);
    for number in 2..=9 {
        // Something is refused every hour, and something goes through in between.
        refuses(&town, &json!({"kind": "fault", "code": "3100"}));
        pays(&mut town, number * 10);
        mended(&town);
        pays(&mut town, number);
        town.watch_over(HOUR);
    }
    assert_eq!(state(&town), ConnectionState::Connected);
    assert!(town.mails(|_| ()).is_empty());
}

// R24: beside what goes through, no refusal lasts
#[test]
fn what_is_refused_beside_what_goes_through_does_not_make_a_connection_a_refused_one() {
    let mut town = town(73);
    pays(&mut town, 1);
    let now = town.now();
    for row in town.outside.tables.borrow_mut().tokens.values_mut() {
        row.refusals = Some(bookkeeping::refusals::Refusals {
            state: ConnectionState::ReconnectNeeded(Denial::PermissionMissing),
            since: now - HOUR * 3,
            last: now - HOUR,
            times: 3,
        });
    }
    town.restart();
    let refuses_refunds =
        json!({"kind": "fault", "code": "5020", "operation": "refundreceipt.create", "times": 0});
    trouble(&town, &refuses_refunds);
    town.send("message-2", payment(2, 1));
    town.send("message-3", refund(3, 1, 100, 1));
    town.work_all();
    assert_eq!(town.receipts().len(), 2, "the payments went through");
    assert_eq!(state(&town), ConnectionState::Connected);
    assert!(told(&town).is_empty());
}

#[test]
fn while_verdicts_are_frozen_no_refusal_is_believed() {
    let mut town = town(71);
    refuses(&town, &json!({"kind": "down", "status": 403}));
    pays(&mut town, 1);
    for _ in 0..10 {
        let now = town.now();
        let bad = bookkeeping::outage::Answers {
            asked: 100,
            unanswered: 80,
            refused: 0,
        };
        let hour = common::store::healths::hour(now);
        town.outside
            .tables
            .borrow_mut()
            .healths
            .hours
            .insert(hour, bad);
        town.watch_over(MINUTE * 30);
    }
    assert_eq!(state(&town), ConnectionState::Connected);
    assert!(town.mails(|_| ()).is_empty());
}

// R33: whoever dies over it, it is told once
#[test]
fn wherever_the_process_dies_over_a_lasting_refusal_it_is_told_once_in_the_end() {
    let mut deaths = 0;
    for step in 1.. {
        let mut town = town(72);
        refuses(&town, &json!({"kind": "down", "status": 403}));
        pays(&mut town, 1);
        let now = town.now();
        for row in town.outside.tables.borrow_mut().tokens.values_mut() {
            let refusals = row.refusals.as_mut().expect("noted");
            (refusals.since, refusals.last) = (now - HOUR * 3, now - HOUR);
            refusals.times = 3;
        }
        town.restart();
        town.outside.waits.fate.die_at(Some(step));
        town.send("message-2", payment(2, 1));
        let mut lived = town.work();
        for _ in 0..3 {
            town.pass(MINUTE);
            lived &= town.tick();
        }
        town.outside.waits.fate.die_at(None);
        town.work_all();
        town.watch_over(HOUR);
        assert_eq!(
            state(&town).stored(),
            "reconnect_needed/access_refused",
            "step {step}"
        );
        assert_eq!(told_once(&town), ["reconnect_needed"], "step {step}");
        assert_eq!(to_anna(&town).len(), 1, "step {step}");
        mended(&town);
        town.watch_over(HOUR * 2);
        assert_eq!(town.receipts().len(), 2, "step {step}");
        if lived {
            break;
        }
        deaths += 1;
    }
    assert!(deaths > 20, "{deaths} places to die at");
}
