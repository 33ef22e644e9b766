//! `choose`: gives a connected sample merchant the settings its operator would choose on the page.
//!
//! `choose --stack stack.json --merchant mer_laurier --settings mer_laurier.json`
#![recursion_limit = "256"]

use bookkeeping::ids::MerchantId;
use local::{Error, Merchant, Stack, choose};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let arguments: Vec<String> = std::env::args().collect();
    let argument = |name: &str| -> Result<&str, Error> {
        let at = arguments.iter().position(|argument| argument == name);
        let value = at.and_then(|at| arguments.get(at + 1));
        Ok(value.ok_or_else(|| format!("{name} is missing"))?)
    };
    let stack = Stack::read(argument("--stack")?)?;
    let merchant = MerchantId::parse(argument("--merchant")?)?;
    let chosen: Merchant =
        serde_json::from_str(&std::fs::read_to_string(argument("--settings")?)?)?;
    choose(&stack, &merchant, &chosen).await
}
