//! What the people who run the platform do by hand.
//!
//! `operations audit --ledger TABLE`: walks the ledger; ends with 1 where a transaction is where nobody comes for it.
//! `operations erase --merchant ID --customer ID --queue URL --ledger TABLE --links TABLE --payload-keys SECRET --dead-letters URL`:
//! erases an end customer, with proof.
//! `operations forget --merchant ID --stack NAME --tables CONNECTIONS,TOKENS,LEDGER,LINKS --dead-letters URL`: erases a whole merchant, with
//! proof.
//! `operations keys --tables CONNECTIONS,TOKENS,LEDGER,LINKS`: counts what is sealed under each key.
//! `operations reseal --links TABLE --payload-keys SECRET`: seals what is kept of linked customers anew under the newest key.
//! `operations restore --from RESTORED_TABLE --to TABLE --at TIME --ledger TABLE --links TABLE`: puts a table back to a point in time.
//! `operations redrive --from DEAD_LETTER_QUEUE_URL --to QUEUE_URL --ledger TABLE --links TABLE`: sends dead letters once more.
//!
//! Account and region are the environment's (`AWS_REGION`, `AWS_ACCESS_KEY_ID`, ...;
//! `aws configure export-credentials --format env` gives them).
#![allow(clippy::print_stdout, reason = "a program for people")]
#![allow(
    clippy::disallowed_methods,
    reason = "a program for people reads the real clock"
)]
#![recursion_limit = "256"]

mod audit;
mod erase;
mod forget;
mod item;
mod keys;
mod left;
mod redrive;
mod reseal;
mod restore;

use std::error::Error;
use std::process::ExitCode;

use aws_config::BehaviorVersion;
use bookkeeping::ids::{CustomerId, MerchantId};
use common::aws::pool::Pool;
use quickbooks::Https;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode, Box<dyn Error>> {
    let command = std::env::args().nth(1);
    let pool = Pool::over(Https::new().pool());
    let sdk = aws_config::defaults(BehaviorVersion::v2026_01_12()).http_client(pool.clone());
    let sdk = pool.carry(sdk.load().await);
    match command.as_deref() {
        Some("audit") => audit::run(&sdk, argument("--ledger")?).await,
        Some("erase") => {
            let places = erase::Places {
                queue: argument("--queue")?,
                ledger: argument("--ledger")?,
                links: argument("--links")?,
                payload_keys: argument("--payload-keys")?,
                dead_letters: argument("--dead-letters")?,
            };
            let merchant = MerchantId::parse(&argument("--merchant")?)?;
            let customer = CustomerId::parse(&argument("--customer")?)?;
            erase::run(&sdk, &places, &merchant, &customer).await
        }
        Some("forget") => {
            let tables: Vec<String> = argument("--tables")?
                .split(',')
                .map(str::to_owned)
                .collect();
            let places = forget::Places {
                tables: tables
                    .try_into()
                    .map_err(|_| "--tables names four tables")?,
                secrets: format!("{}/refresh-token/", argument("--stack")?),
                dead_letters: argument("--dead-letters")?,
            };
            let merchant = MerchantId::parse(&argument("--merchant")?)?;
            forget::run(&sdk, &places, &merchant).await
        }
        Some("keys") => {
            let tables = argument("--tables")?;
            let tables: Vec<String> = tables.split(',').map(str::to_owned).collect();
            keys::run(&sdk, &tables).await
        }
        Some("reseal") => {
            let (links, keys) = (argument("--links")?, argument("--payload-keys")?);
            reseal::run(&sdk, &links, &keys).await
        }
        Some("restore") => {
            let places = restore::Places {
                from: argument("--from")?,
                to: argument("--to")?,
                ledger: argument("--ledger")?,
                links: argument("--links")?,
            };
            let at = argument("--at")?.parse()?;
            restore::run(&sdk, &places, at).await
        }
        Some("redrive") => {
            let places = redrive::Places {
                from: argument("--from")?,
                to: argument("--to")?,
                ledger: argument("--ledger")?,
                links: argument("--links")?,
            };
            redrive::run(&sdk, &places).await
        }
        _ => {
            println!(
                "operations audit --ledger TABLE | keys --tables CONNECTIONS,TOKENS,LEDGER,LINKS | redrive --from DEAD_LETTER_QUEUE_URL --to QUEUE_URL --ledger TABLE --links TABLE | reseal --links TABLE --payload-keys SECRET | restore --from RESTORED_TABLE --to TABLE --at TIME --ledger TABLE --links TABLE \
                 | erase --merchant ID --customer ID --queue URL --ledger TABLE --links TABLE --payload-keys SECRET --dead-letters URL | forget --merchant ID --stack NAME --tables CONNECTIONS,TOKENS,LEDGER,LINKS --dead-letters URL"
            );
            Ok(ExitCode::FAILURE)
        }
    }
}

/// What follows `name` on the command line.
fn argument(name: &str) -> Result<String, String> {
    let mut rest = std::env::args().skip_while(|argument| argument != name);
    rest.nth(1).ok_or_else(|| format!("{name} is missing"))
}
