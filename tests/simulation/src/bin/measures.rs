//! Prints the measures in virtual time as JSON lines, for `make bench`.
//!
//! `measures drain 10000 600`: so many payments, QuickBooks' mean answer in milliseconds.
//! `measures beside 100000 200 [mixed]`: a burst of so many beside so many light merchants.
//! `measures recovery`: after a storm of 429s of three minutes and an outage of ten.
//! `measures growth 100000 10`: what each of so many payments of so many merchants costs.
//! `measures core 1000`: reads and draws up so many payments, and nothing else, for whoever counts instructions.
#![allow(clippy::print_stdout, reason = "a program for people")]
#![recursion_limit = "256"]

use std::process::ExitCode;
use std::time::Duration;

use serde_json::json;
use simulation::growth::Growth;
use simulation::measures::{beside, drain, recovery};
use simulator::TroubleKind;

const SEED: u64 = 7;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    let number = |at: usize, default: u64| {
        let text = arguments.get(at);
        text.and_then(|text| text.parse().ok()).unwrap_or(default)
    };
    match arguments.get(1).map(String::as_str) {
        Some("drain") => {
            let quickbooks = Duration::from_millis(number(3, 600));
            let drained = drain(SEED, number(2, 10_000), quickbooks);
            println!(
                "{}",
                json!({"payments": drained.payments, "quickbooks_ms": number(3, 600),
                       "took_ms": ms(drained.took), "by_quota_ms": ms(drained.by_quota),
                       "by_flight_ms": ms(drained.by_flight), "refused": drained.refused,
                       "efficiency_bp": drained.efficiency()})
            );
        }
        Some("beside") => {
            let light = usize::try_from(number(3, 200)).unwrap_or(usize::MAX);
            let mixes = arguments.get(4).is_some();
            let found = beside(SEED, light, number(2, 100_000), mixes);
            println!(
                "{}",
                json!({"burst": number(2, 100_000), "light": light, "mixed": mixes,
                       "payments": found.payments, "p99_without_ms": ms(found.without),
                       "p99_beside_ms": ms(found.with), "ratio_bp": found.ratio()})
            );
        }
        Some("recovery") => {
            let troubles = [
                ("429", TroubleKind::Throttle, 180),
                ("outage", TroubleKind::Down, 600),
            ];
            for (name, trouble, seconds) in troubles {
                let longest = (0..number(2, 5))
                    .map(|seed| recovery(seed, trouble, Duration::from_secs(seconds)))
                    .max();
                println!(
                    "{}",
                    json!({"trouble": name, "lasted_s": seconds, "seeds": number(2, 5),
                           "recovered_after_ms": ms(longest.unwrap_or_default())})
                );
            }
        }
        Some("growth") => {
            let (payments, merchants) = (number(2, 10_000), number(3, 1));
            let growth = Growth::new(SEED, merchants);
            let before = cpu_us();
            let grown = growth.pay(payments);
            println!(
                "{}",
                json!({"payments": payments, "merchants": merchants, "store_calls": grown.store_calls,
                       "quickbooks_requests": grown.requests, "cpu_us": cpu_us() - before})
            );
        }
        Some("core") => {
            let drawn = Growth::new(SEED, 1).draw_up(number(2, 1_000));
            println!("{}", json!({"drawn_up": drawn}));
        }
        _ => {
            println!(
                "measures drain [payments] [ms] | beside [burst] [light] [mixed] | recovery [seeds] | growth [payments] [merchants] | core [payments]"
            );
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

fn ms(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// CPU of this thread so far, by the kernel's own accounting.
fn cpu_us() -> u64 {
    let schedule = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let on_cpu = schedule.split_whitespace().next();
    on_cpu.and_then(|ns| ns.parse::<u64>().ok()).unwrap_or(0) / 1000
}
