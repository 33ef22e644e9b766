//! Storms of every fault at once: what they must end with, and that bugs planted on purpose do not get through them.
#![recursion_limit = "256"]

use simulation::planted::{Bug, Planted};
use simulation::simulate::{Stages, Tally};
use simulation::storm::{self, Severity, Stage};

/// Storms that once ended badly, with the faults of that time, by what they found: a row that asked for ever under a request
/// id whose refusal is repeated, a refund a day late, a drain that could not renew a token in a warm process, a refusal cut
/// off half-way, a customer who was asked for under the request id of a right that was missing, a repeat that was told late as if
/// it were news.
const ONCE_BAD: [u64; 8] = [8, 30, 73, 171, 174, 197, 201_932, 203_429];

/// The same with every fault: a receipt whose correction never left was looked for before a query would show it, and sent
/// again (81); what may be in a company that was left went round in the drain (180); a customer was created by a worker that was
/// frozen while another took over (400); a row went into a lot that was disarmed while its worker was frozen (241), or while the
/// index lagged by a minute (1221); a conflicting message went round in the queue (2813); a first payment came after an update of
/// its customer and brought an older profile, which stood (8335). The next four had a customer asked for under one request id
/// with two profiles, or a receipt sent under another one after a throttle (12, 127, 216, 291). Two had an empty lot looked
/// after for as long as QuickBooks was down for everyone (2153, 2186), and two a change that waited for a worker who had died, at a
/// customer who paid no more (2673, 7174). Of two workers with one message, one told that it waits and took the message from
/// the queue; the other had it in the books and could not say so (4499). A record whose creation was not written down was taken for a newer
/// attempt's than the one that made it, so that what changed between the two was never written (7771). Of two new customers of one address
/// the second was created too, because the clock jumped between them (9439).
const ONCE_BAD_IN_FULL: [u64; 18] = [
    81, 180, 241, 400, 1221, 2813, 8335, 12, 127, 216, 291, 2153, 2186, 2673, 7174, 4499, 7771,
    9439,
];

#[test]
fn whatever_goes_wrong_everything_is_in_the_books_once_to_the_cent_and_told() {
    let stages = Stages::default();
    let mut tally = Tally::default();
    for seed in (0..60).chain(ONCE_BAD_IN_FULL) {
        let bad = stages.play(seed, &mut tally);
        assert!(bad.is_empty(), "{bad:?}");
    }
    let storms = &tally.storms;
    assert!(storms.transactions > 500, "{storms:?}");
    assert!(storms.deaths.len() > 40, "{storms:?}");
}

#[test]
fn storms_that_once_ended_badly_do_not_any_more() {
    let stage = Stage::of(Severity::Mild);
    let mut tally = storm::Tally::default();
    for seed in ONCE_BAD {
        let ended = stage.play(seed, Planted::default(), &mut tally);
        assert!(ended.is_ok(), "seed {seed}: {}", ended.unwrap_err());
    }
}

#[test]
fn the_same_seed_is_the_same_storm() {
    let stage = Stage::new();
    let tally = |seed| {
        let mut tally = storm::Tally::default();
        stage.play(seed, Planted::default(), &mut tally).ok();
        tally
    };
    assert_eq!(tally(11), tally(11));
    assert_ne!(tally(11), tally(12));
}

/// `make planted` plays each until it is caught.
#[test]
fn most_planted_bugs_are_caught_within_a_few_storms() {
    let stages = Stages::default();
    let caught = |bug: &&Bug| stages.catch(**bug, 6).is_some();
    let caught: Vec<&Bug> = Bug::ALL.iter().filter(caught).collect();
    assert!(caught.len() >= 12, "only {caught:?}");
}
