//! Runs the simulation by hand.
//!
//! `simulation throughput 100000 7`: that many payments without faults, seed 7; payments a second of real time.
//! `simulation deaths 7`: one payment, the process killed at every step in turn.
//! `simulation refreshes 10000 7`: that many schedules of fifty processes at one connection's tokens, from seed 7.
//! `simulation story 7 12`: the same, killed at step 12, told step by step.
#![allow(clippy::print_stdout, reason = "a program for people")]
#![allow(
    clippy::disallowed_methods,
    reason = "a program for people measures real time"
)]
#![recursion_limit = "256"]

use std::process::ExitCode;
use std::time::Instant;

use simulation::payments::{amount, payment};
use simulation::refreshes::{Bug, Stage, Tally};
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
        Some("story") => story(number(2, 7), number(3, 1)),
        _ => {
            println!(
                "simulation throughput [payments] [seed] | deaths [seed] | refreshes [schedules] [seed] | story [seed] [step]"
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
