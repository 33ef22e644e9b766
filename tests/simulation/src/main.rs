//! Runs the simulation by hand.
//!
//! `simulation throughput 100000 7`: that many payments without faults, seed 7; payments a second of real time.
//! `simulation deaths 7`: one payment, the process killed at every step in turn.
//! `simulation refreshes 10000 7`: that many schedules of fifty processes at one connection's tokens, from seed 7.
//! `simulation fleet 100000 2`: that many merchants, who all connected at one moment, looked after for so many days.
//! `simulation simulate 10000 0`: that many seeds, from seed 0: every fault at once, and what must be true after it.
//! `simulation planted 20000`: every planted bug, played until it is caught, so many seeds at most; of one name alone with
//! `SettleForOthers` after it.
//! `simulation storm 7`: the storm of a seed, told step by step; `mild` after it for those of the first storms.
//! `simulation watch 7`: the watch of a seed over a connection.
//! `simulation story 7 12`: the same, killed at step 12, told step by step.
#![allow(clippy::print_stdout, reason = "a program for people")]
#![allow(
    clippy::disallowed_methods,
    reason = "a program for people measures real time"
)]
#![recursion_limit = "256"]

mod report;

use std::cell::RefCell;
use std::collections::VecDeque;
use std::process::ExitCode;
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use simulation::broken::Broken;
use simulation::fleet::Fleet;
use simulation::payments::{amount, payment};
use simulation::planted::{Bug, Planted};
use simulation::refreshes::{Stage, Tally};
use simulation::simulate::{self, Stages};
use simulation::storm::{self, Severity};
use simulation::town::Town;
use simulation::watches;

/// How much of the trace of a storm that ended badly is shown.
const LAST_LINES: usize = 40;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    let number = |at: usize, default: u64| {
        arguments
            .get(at)
            .and_then(|text| text.parse().ok())
            .unwrap_or(default)
    };
    match arguments.get(1).map(String::as_str) {
        Some("throughput") => throughput(number(2, 100_000), number(3, 7)),
        Some("deaths") => deaths(number(2, 7)),
        Some("refreshes") => refreshes(number(2, 10_000), number(3, 0)),
        Some("fleet") => fleet(number(2, 100_000), number(3, 2)),
        Some("simulate") => simulate(number(2, 10_000), number(3, 0)),
        Some("planted") => planted(number(2, 20_000), arguments.get(3).map(String::as_str)),
        Some("storm") => {
            let is_mild = arguments.get(3).is_some_and(|word| word == "mild");
            let severity = if is_mild {
                Severity::Mild
            } else {
                Severity::Full
            };
            storm(number(2, 0), severity)
        }
        Some("watch") => {
            let tally = &mut watches::Tally::default();
            ended(watches::play(number(2, 0), Planted::default(), tally))
        }
        Some("story") => story(number(2, 7), number(3, 1)),
        _ => {
            println!(
                "simulation throughput [payments] [seed] | deaths [seed] | refreshes [schedules] [seed] | fleet [merchants] [days] | simulate [seeds] [first] | planted [seeds] [name] | storm [seed] [mild] | watch [seed] | story [seed] [step]"
            );
            ExitCode::FAILURE
        }
    }
}

fn throughput(payments: u64, seed: u64) -> ExitCode {
    let mut town = Town::new(seed);
    for number in 0..payments {
        town.send(
            &format!("message-{number}"),
            payment(number, payments / 10 + 1),
        );
    }
    let started = Instant::now();
    town.work_all();
    let took = started.elapsed();
    let receipts = town.receipts();
    let total: u64 = receipts.iter().map(|receipt| receipt.total).sum();
    let expected: u64 = (0..payments).map(amount).sum();
    let a_second = u128::from(payments) * 1_000_000 / took.as_micros().max(1);
    println!("{payments} payments in {took:.1?}: {a_second} a second of real time");
    println!(
        "{} receipts, {total} cents of {expected}; trace {}",
        receipts.len(),
        town.outside.waits.fate.trace()
    );
    match receipts.len() as u64 == payments && total == expected {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}

fn deaths(seed: u64) -> ExitCode {
    let mut step = 0;
    loop {
        step += 1;
        let mut town = Town::new(seed);
        town.outside.waits.fate.die_at(Some(step));
        town.send("message-1", payment(1, 1));
        let died = town.work_all();
        let receipts = town.receipts();
        println!(
            "killed at step {step}: {died} deaths, {} receipts",
            receipts.len()
        );
        if receipts.len() != 1 || receipts[0].total != amount(1) {
            return ExitCode::FAILURE;
        }
        if died == 0 {
            return ExitCode::SUCCESS;
        }
    }
}

fn refreshes(schedules: u64, seed: u64) -> ExitCode {
    let stage = Stage::new();
    let mut tally = Tally::default();
    let started = Instant::now();
    for seed in seed..seed + schedules {
        if let Err(broken) = stage.play(seed, Planted::default(), &mut tally) {
            println!("seed {seed}: {broken}");
            return ExitCode::FAILURE;
        }
    }
    println!("{tally:#?} in {:.1?}", started.elapsed());
    ExitCode::SUCCESS
}

fn fleet(merchants: u64, days: u64) -> ExitCode {
    let started = Instant::now();
    let mut fleet = Fleet::new(usize::try_from(merchants).unwrap_or(usize::MAX), 7);
    // The hardest cadence there is: everybody within a day, as if everybody were in use.
    fleet.outside.cadence.idle = fleet.outside.cadence.active;
    println!("{merchants} connected in {:.1?}", started.elapsed());
    let longest = fleet.watch_over(Duration::from_secs(days * 24 * 3600));
    let looks: usize = fleet.looks.iter().sum();
    let most = fleet.looks.iter().max().copied().unwrap_or_default();
    println!(
        "{days} days in {:.1?}: {looks} looks, at most {most} in a minute; nobody went longer than {} minutes without a refresh; {} of {merchants} connected; {} mails",
        started.elapsed(),
        longest.as_secs() / 60,
        fleet.connected(),
        fleet.outside.post.borrow().taken.len()
    );
    let is_kept = longest <= Duration::from_secs(24 * 3600);
    match is_kept && fleet.connected() as u64 == merchants {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}

/// Every seed on every core; one that ends badly says how to see it again.
fn simulate(count: u64, first: u64) -> ExitCode {
    let started = Instant::now();
    let (next, done, bad) = (AtomicU64::new(first), AtomicU64::new(0), AtomicU64::new(0));
    let play = || {
        let stages = Stages::default();
        let mut tally = simulate::Tally::default();
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= first + count {
                return tally;
            }
            for ended in stages.play(seed, &mut tally) {
                bad.fetch_add(1, Ordering::Relaxed);
                tell_badly_ended(&ended);
            }
            done.fetch_add(1, Ordering::Relaxed);
        }
    };
    let mut all = simulate::Tally::default();
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..cores()).map(|_| scope.spawn(play)).collect();
        report::progress(&done, &bad, count);
        for worker in workers {
            all.add(&worker.join().expect("no panic"));
        }
    });
    let matrix = all.matrix();
    println!(
        "{}\n{}",
        report::table(&matrix),
        report::figures(&all, started.elapsed())
    );
    let idle = matrix.idle();
    if count >= 10_000 && !idle.is_empty() {
        println!("never happened, or nobody died beside it: {idle:?}");
        return ExitCode::FAILURE;
    }
    match bad.into_inner() {
        0 => ExitCode::SUCCESS,
        bad => {
            println!("{bad} runs ended badly");
            ExitCode::FAILURE
        }
    }
}

/// Says what was not true, how to see it again, and what happened last.
fn tell_badly_ended(ended: &simulate::Bad) {
    let again = &ended.again;
    println!(
        "{again}: {}\n  again, step by step: cargo run --profile trial -p simulation -- {again}",
        ended.broken
    );
    let Some(seed) = again
        .strip_prefix("storm ")
        .and_then(|seed| seed.parse().ok())
    else {
        return;
    };
    let lines = Rc::new(RefCell::new(VecDeque::new()));
    let told = Rc::clone(&lines);
    let tell = move |line: &str| {
        let mut told = told.borrow_mut();
        told.push_back(line.to_owned());
        if told.len() > LAST_LINES {
            told.pop_front();
        }
    };
    storm::Stage::new()
        .tell(seed, Planted::default(), tell)
        .ok();
    for line in lines.borrow().iter() {
        println!("  {line}");
    }
}

/// Every planted bug, or that of one name, until it is caught; fails where one is not.
fn planted(seeds: u64, name: Option<&str>) -> ExitCode {
    let is_meant = |bug: &&Bug| name.is_none_or(|name| format!("{bug:?}") == name);
    let bugs: Vec<&Bug> = Bug::ALL.iter().filter(is_meant).collect();
    // A bug that makes the simulation itself panic is caught too, and says so in one line.
    std::panic::set_hook(Box::new(|_| {}));
    let next = AtomicUsize::new(0);
    let caught = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..cores() {
            scope.spawn(|| {
                let stages = Stages::default();
                while let Some(bug) = bugs.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let found = stages.catch(**bug, seeds);
                    match found {
                        Some((broken, after)) => {
                            caught.fetch_add(1, Ordering::Relaxed);
                            println!("{after:>6}  {}  |  {broken}", bug.text());
                        }
                        None => println!("  none  {}  |  not caught", bug.text()),
                    }
                }
            });
        }
    });
    let caught = caught.into_inner();
    println!("{caught} of {} planted bugs are caught", bugs.len());
    match caught == bugs.len() {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

fn storm(seed: u64, severity: storm::Severity) -> ExitCode {
    let stage = storm::Stage::of(severity);
    let verdict = stage.tell(seed, Planted::default(), |line| println!("{line}"));
    ended(verdict)
}

fn ended(verdict: Result<(), Broken>) -> ExitCode {
    match verdict {
        Ok(()) => ExitCode::SUCCESS,
        Err(broken) => {
            println!("{broken}");
            ExitCode::FAILURE
        }
    }
}

fn story(seed: u64, step: u64) -> ExitCode {
    let mut town = Town::new(seed);
    town.outside.waits.fate.tell_story();
    town.outside.waits.fate.die_at(Some(step));
    town.send("message-1", payment(1, 1));
    town.work_all();
    for line in town.outside.waits.fate.story() {
        println!("{line}");
    }
    ExitCode::SUCCESS
}
