//! Goes through made-up baskets of every shop: `baskets [how many] [first]`.
//!
//! Prints what was gone through, and ends with 1 at the first basket where something does not hold.
#![allow(clippy::print_stdout, reason = "a program for people")]

use std::process::ExitCode;
use std::thread;

use baskets::{Mix, Shop, basket, check};

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1).map(|text| text.parse::<u64>());
    let mut next = |default| arguments.next().and_then(Result::ok).unwrap_or(default);
    let (count, first) = (next(1_000_000), next(0));
    // Two workers, every other basket each.
    let work = |worker: u64| {
        move || -> Result<Vec<(&'static str, Mix)>, String> {
            let mut shops = Shop::all();
            let mut mixes = vec![Mix::default(); shops.len()];
            for number in (first..first + count).filter(|number| number % 2 == worker) {
                let at = Shop::place_of(number);
                let made = basket(&shops[at], number);
                let mix = check(&mut shops[at], &made)
                    .map_err(|what| format!("basket {number}: {what}"))?;
                mixes[at] = mixes[at].and(mix);
            }
            Ok(shops.iter().map(|shop| shop.name).zip(mixes).collect())
        }
    };
    let workers: Vec<_> = [0, 1]
        .into_iter()
        .map(|worker| thread::spawn(work(worker)))
        .collect();
    let mut all: Vec<(&'static str, Mix)> = Vec::new();
    for worker in workers {
        match worker.join().expect("a worker that panics has said why") {
            Ok(mixes) if all.is_empty() => all = mixes,
            Ok(mixes) => all
                .iter_mut()
                .zip(mixes)
                .for_each(|((_, sum), (_, mix))| *sum = sum.and(mix)),
            Err(what) => {
                println!("{what}");
                return ExitCode::FAILURE;
            }
        }
    }
    for (name, mix) in &all {
        println!("{name}: {mix:?}");
    }
    let sum = all
        .iter()
        .fold(Mix::default(), |sum, (_, mix)| sum.and(*mix));
    println!("all: {sum:?}");
    ExitCode::SUCCESS
}
