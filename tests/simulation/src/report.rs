//! What a simulation came to, for people: progress while it runs, and the figures at its end.

use std::fmt::Write as _;
use std::io::{IsTerminal, Write as _};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use simulation::broken::Promise;
use simulation::faults::{ELSEWHERE, Fault, Matrix};
use simulation::simulate::Tally;

/// How often progress is told, on a screen and in a log.
const ON_SCREEN: Duration = Duration::from_millis(500);
const IN_A_LOG: Duration = Duration::from_secs(10);

/// Tells how far it is until everything is done.
pub fn progress(done: &AtomicU64, bad: &AtomicU64, count: u64) {
    let is_screen = std::io::stderr().is_terminal();
    let every = if is_screen { ON_SCREEN } else { IN_A_LOG };
    let started = Instant::now();
    let mut told = started;
    loop {
        std::thread::sleep(Duration::from_millis(50));
        let so_far = done.load(Ordering::Relaxed);
        if so_far >= count {
            break;
        }
        if told.elapsed() < every {
            continue;
        }
        told = Instant::now();
        let took = started.elapsed().as_millis().max(1);
        let a_second = u128::from(so_far) * 1000 / took;
        let left = u128::from(count - so_far) * took / u128::from(so_far.max(1)) / 1000;
        let bad = bad.load(Ordering::Relaxed);
        let line = format!(
            "{so_far} of {count} seeds, {a_second} a second, {left} s left, {bad} ended badly"
        );
        match is_screen {
            true => eprint!("\r{line}   "),
            false => eprintln!("{line}"),
        }
        std::io::stderr().flush().ok();
    }
    if is_screen {
        eprintln!();
    }
}

/// The figures.
pub fn figures(tally: &Tally, took: Duration) -> String {
    let storms = &tally.storms;
    let mut out = format!(
        "{} seeds, {} transactions: {} receipts, {} refunds; {} requests to QuickBooks, {} processes died at {} places\n",
        storms.storms,
        storms.transactions,
        storms.receipts,
        storms.refunds,
        storms.requests,
        storms.deaths.values().sum::<u64>(),
        storms.deaths.len(),
    );
    write_line(
        &mut out,
        &format!(
            "beside them {} schedules of refreshes, {} watches over connections with {} mails",
            tally.refreshes.schedules, tally.watches.watches, tally.watches.mails
        ),
    );
    let broken = Promise::ALL.iter().map(|promise| {
        let count = storms.broken.get(promise).copied().unwrap_or(0);
        format!("{count} {}", promise.broken())
    });
    write_line(&mut out, &broken.collect::<Vec<_>>().join(", "));
    write_line(&mut out, &format!("{took:.1?}"));
    out
}

/// The table of faults.
pub fn table(matrix: &Matrix) -> String {
    let mut out = " no.     fired  killed at  fault\n".to_owned();
    for fault in Fault::ALL {
        let (times, awaits) = matrix.of(*fault);
        let number = match fault.number() {
            0 => "-".to_owned(),
            number => number.to_string(),
        };
        let text = fault.text();
        write_line(
            &mut out,
            &format!("{number:>4} {times:>9} {awaits:>10}  {text}"),
        );
    }
    for (number, what, where_) in ELSEWHERE {
        write_line(
            &mut out,
            &format!("{number:>4}         -          -  {what}: {where_}"),
        );
    }
    out
}

fn write_line(out: &mut String, line: &str) {
    writeln!(out, "{line}").expect("writing to memory does not fail");
}
