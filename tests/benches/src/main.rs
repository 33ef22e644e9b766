//! What the wire costs: CPU of one payment's calls through the real SDK, against servers that answer at once.
//!
//! `sdk-cpu 100000`: so many payments, eight in flight: two `UpdateItem`, a tenth of a `BatchGetItem` of ten keys, one
//! POST of a receipt, a tenth of a `SendMessageBatch` of ten outcomes. The servers run in a process of their own
//! (`sdk-cpu --serve FILE`), so that their CPU is not counted.
#![allow(clippy::print_stdout, reason = "a program for people")]
#![recursion_limit = "256"]

use std::fs;
use std::time::Duration;

use futures::stream::{self, StreamExt};

mod calls;
mod servers;

use calls::Calls;

type Error = Box<dyn std::error::Error>;

/// How many payments are in flight, as in the sync itself.
const IN_FLIGHT: usize = 8;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let arguments: Vec<String> = std::env::args().collect();
    match arguments.get(1).map(String::as_str) {
        Some("--serve") => servers::serve(arguments.get(2).ok_or("--serve takes a file")?).await,
        payments => measure(payments.unwrap_or("100000").parse()?).await,
    }
}

async fn measure(payments: u64) -> Result<(), Error> {
    let file = std::env::temp_dir().join(format!("sdk-cpu-{}", std::process::id()));
    let mut server = tokio::process::Command::new(std::env::current_exe()?);
    server.arg("--serve").arg(&file).kill_on_drop(true);
    let mut server = server_started(server, &file).await?;
    let address = fs::read_to_string(&file)?;
    fs::remove_file(&file)?;
    let calls = Calls::to(&format!("http://{address}")).await;
    calls.payment(0).await;

    let before = cpu_us()?;
    stream::iter(0..payments)
        .map(|number| calls.payment(number))
        .buffer_unordered(IN_FLIGHT)
        .collect::<()>()
        .await;
    let whole = cpu_us()? - before;
    println!("{payments} payments: {} us of CPU each", whole / payments);

    let each = (payments / 10).max(1);
    for (name, kind) in calls::KINDS {
        let before = cpu_us()?;
        stream::iter(0..each)
            .map(|_| calls.one(kind))
            .buffer_unordered(IN_FLIGHT)
            .collect::<()>()
            .await;
        println!("  {name}: {} us", (cpu_us()? - before) / each);
    }
    server.kill().await?;
    Ok(())
}

async fn server_started(
    mut command: tokio::process::Command,
    file: &std::path::Path,
) -> Result<tokio::process::Child, Error> {
    let server = command.spawn()?;
    while !file.exists() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    Ok(server)
}

/// CPU this process has used, in microseconds, from the kernel's own accounting of each thread.
fn cpu_us() -> Result<u64, Error> {
    let mut total_ns = 0;
    for thread in fs::read_dir("/proc/self/task")? {
        let schedule = fs::read_to_string(thread?.path().join("schedstat"))?;
        let on_cpu: u64 = schedule
            .split_whitespace()
            .next()
            .ok_or("no figures")?
            .parse()?;
        total_ns += on_cpu;
    }
    Ok(total_ns / 1000)
}
