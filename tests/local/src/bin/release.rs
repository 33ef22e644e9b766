//! `release`: puts what waited for a tax to be mapped back into a merchant's lot, and says how much that was.
//!
//! `release --stack stack.json --merchant mer_harbour`
#![recursion_limit = "256"]
#![allow(clippy::print_stdout, reason = "whoever asks reads the number")]

use bookkeeping::ids::MerchantId;
use jiff::Timestamp;
use local::{Error, Stack, argument, release_unmapped};

#[tokio::main(flavor = "current_thread")]
#[allow(
    clippy::disallowed_methods,
    reason = "a program for a person reads the real clock"
)]
async fn main() -> Result<(), Error> {
    let stack = Stack::read(&argument("--stack")?)?;
    let merchant = MerchantId::parse(&argument("--merchant")?)?;
    println!(
        "{}",
        release_unmapped(&stack, &merchant, Timestamp::now()).await?
    );
    Ok(())
}
