//! `seed`: gives a sample merchant a connection, until the App Market stand-in does.
//!
//! `seed --stack stack.json --merchant mer_laurier --realm 9341450000000001 --settings mer_laurier.json
//! --tokens-file tokens.json`
#![recursion_limit = "256"]

use bookkeeping::ids::{MerchantId, RealmId};
use jiff::Timestamp;
use local::{Error, Merchant, Stack, connect, read_tokens};

#[tokio::main(flavor = "current_thread")]
#[allow(
    clippy::disallowed_methods,
    reason = "a program for people reads the clock itself"
)]
async fn main() -> Result<(), Error> {
    let arguments: Vec<String> = std::env::args().collect();
    let argument = |name: &str| -> Result<&str, Error> {
        let at = arguments.iter().position(|argument| argument == name);
        let value = at.and_then(|at| arguments.get(at + 1));
        Ok(value.ok_or_else(|| format!("{name} is missing"))?)
    };
    let stack = Stack::read(argument("--stack")?)?;
    let merchant = MerchantId::parse(argument("--merchant")?)?;
    let realm = RealmId::parse(argument("--realm")?)?;
    let chosen: Merchant =
        serde_json::from_str(&std::fs::read_to_string(argument("--settings")?)?)?;
    let tokens = read_tokens(&std::fs::read_to_string(argument("--tokens-file")?)?)?;
    connect(
        &stack,
        &merchant,
        &realm,
        &chosen,
        &tokens,
        Timestamp::now(),
    )
    .await
}
