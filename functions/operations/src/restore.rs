//! Putting a table back: the rows of a table that DynamoDB restored to a point in time, written over those of the living one.

use std::error::Error;
use std::process::ExitCode;

use aws_config::SdkConfig;
use aws_sdk_dynamodb::Client;

/// Writes every row of the restored table over the living one's. Rows that are younger than the point in time stay.
///
/// Nothing may work on the table meanwhile, and afterwards everything that may have been forgotten has to be looked for in
/// QuickBooks before it is sent: parameter `ProbeUntil`. May be repeated; if we stop half-way, the next run begins anew.
///
/// # Errors
///
/// Where a table cannot be read or written.
pub async fn run(sdk: &SdkConfig, from: &str, to: &str) -> Result<ExitCode, Box<dyn Error>> {
    let dynamodb = Client::new(sdk);
    let mut written = 0_u64;
    let mut after = None;
    loop {
        let scan = dynamodb
            .scan()
            .table_name(from)
            .consistent_read(true)
            .set_exclusive_start_key(after);
        let answer = scan.send().await?;
        for item in answer.items.unwrap_or_default() {
            let put = dynamodb.put_item().table_name(to).set_item(Some(item));
            put.send().await?;
            written += 1;
        }
        after = answer.last_evaluated_key;
        if after.is_none() {
            println!("{written} rows were put back");
            return Ok(ExitCode::SUCCESS);
        }
    }
}
