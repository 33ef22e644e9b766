//! Tokens are never lost, whatever fifty processes, Intuit and the network do.
#![recursion_limit = "256"]

use simulation::memory::Planted;
use simulation::refreshes::{Bug, Stage, Tally};

/// Schedules in this test; `make refreshes` plays ten thousand.
const SCHEDULES: u64 = 300;

// R24: never a wrong verdict, no token used twice at once, the newest always kept
#[test]
fn fifty_processes_lose_no_token_that_a_living_one_has_heard_of() {
    let stage = Stage::new();
    let mut tally = Tally::default();
    for seed in 0..SCHEDULES {
        let played = stage.play(seed, Bug::None, &mut tally);
        played.unwrap_or_else(|broken| panic!("seed {seed}: {broken}"));
    }
    assert!(tally.deaths > SCHEDULES, "hardly anybody died: {tally:?}");
    assert!(
        tally.lost_in_the_window > 0 && tally.denied > 0,
        "answers were lost and nothing came of it: {tally:?}"
    );
}

#[test]
fn planted_bugs_are_caught() {
    let stage = Stage::new();
    for bug in [
        Bug::InTheTables(Planted::FencedAppend),
        Bug::InTheTables(Planted::LastWriterWins),
        Bug::ShortLease,
    ] {
        let mut tally = Tally::default();
        let caught = (0..SCHEDULES).find(|seed| stage.play(*seed, bug, &mut tally).is_err());
        assert!(caught.is_some(), "{bug:?} is not noticed: {tally:?}");
    }
}
