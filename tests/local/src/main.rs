//! `choose`: gives a connected sample merchant the settings its operator would choose on the page.
//!
//! `choose --stack stack.json --merchant mer_laurier --settings mer_laurier.json`
#![recursion_limit = "256"]

use bookkeeping::ids::MerchantId;
use local::{Error, Merchant, Stack, argument, choose};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let stack = Stack::read(&argument("--stack")?)?;
    let merchant = MerchantId::parse(&argument("--merchant")?)?;
    let chosen: Merchant =
        serde_json::from_str(&std::fs::read_to_string(argument("--settings")?)?)?;
    choose(&stack, &merchant, &chosen).await
}
