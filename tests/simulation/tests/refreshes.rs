//! Tokens are never lost, whatever fifty processes, Intuit and the network do.
#![recursion_limit = "256"]

use simulation::planted::Planted;
use simulation::refreshes::{Stage, Tally};

/// Schedules in this test; `make refreshes` plays ten thousand.
const SCHEDULES: u64 = 300;

// R24: never a wrong verdict, no token used twice at once, the newest always kept
#[test]
fn fifty_processes_lose_no_token_that_a_living_one_has_heard_of() {
    let stage = Stage::new();
    let mut tally = Tally::default();
    for seed in 0..SCHEDULES {
        let played = stage.play(seed, Planted::default(), &mut tally);
        played.unwrap_or_else(|broken| panic!("seed {seed}: {broken}"));
    }
    assert!(tally.deaths > SCHEDULES, "hardly anybody died: {tally:?}");
    assert!(
        tally.lost_in_the_window > 0 && tally.denied > 0,
        "answers were lost and nothing came of it: {tally:?}"
    );
}
