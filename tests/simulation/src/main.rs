//! Runs the simulation by hand.
//!
//! `simulation throughput 100000 7`: that many payments without faults, seed 7; payments a second of real time.
//! `simulation deaths 7`: one payment, the process killed at every step in turn.
//! `simulation refreshes 10000 7`: that many schedules of fifty processes at one connection's tokens, from seed 7.
//! `simulation fleet 100000 2`: that many merchants, who all connected at one moment, looked after for so many days.
//! `simulation storms 1000 7`: that many storms, from seed 7: every fault at once, and what must be true after it.
//! `simulation storm 7`: the storm of a seed, told step by step.
//! `simulation story 7 12`: the same, killed at step 12, told step by step.
#![allow(clippy::print_stdout, reason = "a program for people")]
#![allow(
    clippy::disallowed_methods,
    reason = "a program for people measures real time"
)]
#![recursion_limit = "256"]

use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use simulation::fleet::Fleet;
use simulation::payments::{amount, payment};
use simulation::refreshes::{Bug, Stage, Tally};
use simulation::storm;
use simulation::town::Town;

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
        Some("storms") => storms(number(2, 1_000), number(3, 0)),
        Some("storm") => storm(number(2, 0)),
        Some("story") => story(number(2, 7), number(3, 1)),
        _ => {
            println!(
                "simulation throughput [payments] [seed] | deaths [seed] | refreshes [schedules] [seed] | fleet [merchants] [days] | story [seed] [step]"
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
        if let Err(broken) = stage.play(seed, Bug::None, &mut tally) {
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

/// Storms on every core; the first that ends badly says how to see it again.
fn storms(count: u64, first: u64) -> ExitCode {
    let started = Instant::now();
    let cores = std::thread::available_parallelism().map_or(1, |cores| cores.get() as u64);
    let next = AtomicU64::new(first);
    let play = || {
        let stage = storm::Stage::new();
        let mut tally = storm::Tally::default();
        let mut bad = 0_u32;
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= first + count {
                return (tally, bad);
            }
            if let Err(broken) = stage.play(seed, None, &mut tally) {
                bad += 1;
                println!("seed {seed}: {broken}\n  again, step by step: simulation storm {seed}");
            }
        }
    };
    let mut all = storm::Tally::default();
    let mut bad = 0;
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..cores).map(|_| scope.spawn(play)).collect();
        for worker in workers {
            let (tally, ended_badly) = worker.join().expect("no panic");
            all.add(&tally);
            bad += ended_badly;
        }
    });
    let took = started.elapsed();
    println!("{all:#?}\n{bad} of {count} storms ended badly; {took:.1?} on {cores} cores");
    match bad {
        0 => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

fn storm(seed: u64) -> ExitCode {
    let verdict = storm::Stage::new().tell(seed, None, |line| println!("{line}"));
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
