//! The audit, for people: a line for each merchant and day, and everything that nobody comes for.

use std::error::Error;
use std::process::ExitCode;

use aws_config::SdkConfig;
use bookkeeping::reason::State;
use common::audit::audit;
use common::config::Tables;
use common::store::dynamodb::DynamoDb;
use jiff::Timestamp;

/// The states, in the order they are printed in.
const STATES: [State; 5] = [
    State::Synced,
    State::Skipped,
    State::Waiting,
    State::NeedsOperator,
    State::Failed,
];

/// Walks the ledger and prints what it finds.
///
/// # Errors
///
/// Where the ledger cannot be read.
pub async fn run(sdk: &SdkConfig, ledger: String) -> Result<ExitCode, Box<dyn Error>> {
    let tables = Tables {
        ledger,
        connections: String::new(),
        tokens: String::new(),
        links: String::new(),
    };
    let store = DynamoDb::new(aws_sdk_dynamodb::Client::new(sdk), tables);
    let audit = audit(&store, Timestamp::now()).await?;
    println!(
        "{:<24} {:<10} {:>8} = {:>8} + {:>8} + {:>8} + {:>8} + {:>8}",
        "merchant", "day", "received", "synced", "skipped", "waiting", "needs op", "failed"
    );
    for ((merchant, day), counts) in &audit.days {
        let of = |state| counts.get(&state).copied().unwrap_or_default();
        let [synced, skipped, waiting, needs, failed] = STATES.map(of);
        let received: u64 = counts.values().sum();
        println!(
            "{:<24} {day} {received:>8} = {synced:>8} + {skipped:>8} + {waiting:>8} + {needs:>8} + {failed:>8}",
            merchant.as_str()
        );
    }
    let [synced, skipped, waiting, needs, failed] = STATES.map(|state| audit.count(state));
    println!(
        "{} received: {synced} synced, {skipped} skipped, {waiting} waiting, {needs} need the operator, {failed} failed; {} messages kept for a developer",
        audit.received(),
        audit.messages
    );
    for ((merchant, what), why) in &audit.uncovered {
        println!("NOBODY COMES FOR {what} of {merchant}: {why}");
    }
    Ok(match audit.uncovered.is_empty() {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}
