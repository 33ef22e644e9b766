//! `crash-proxy`: kills a function at exact moments of the protocol.
//!
//! `crash-proxy --aws URL --aws-listen ADDR --quickbooks URL --quickbooks-listen ADDR --victim-name NAME
//! --kill claim-post=5 ... --seed N --ledger-table PART --report FILE --addresses FILE --once FILE`
//!
//! Nothing is killed before the file named by `--once` exists.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use lambda_host::crash::plan::{Gap, Plan};
use lambda_host::crash::proxy::{Crash, Proxy, serve};
use serde_json::json;
use tokio::net::TcpListener;

type Error = Box<dyn std::error::Error>;

#[tokio::main]
async fn main() -> Result<(), Error> {
    let arguments: Vec<String> = std::env::args().collect();
    let all = |name: &str| -> Vec<String> {
        let named = arguments.windows(2).filter(|pair| pair[0] == name);
        named.map(|pair| pair[1].clone()).collect()
    };
    let one = |name: &str| -> Result<String, Error> {
        Ok(all(name)
            .pop()
            .ok_or_else(|| format!("{name} is missing"))?)
    };
    let mut kills = BTreeMap::new();
    for quota in all("--kill") {
        let (name, count) = quota.split_once('=').ok_or("--kill takes gap=count")?;
        let gap = Gap::ALL
            .into_iter()
            .find(|gap| gap.as_str() == name)
            .ok_or("no such gap")?;
        kills.insert(gap, count.parse()?);
    }
    let plan = Plan::new(one("--ledger-table")?, kills, one("--seed")?.parse()?);
    let crash = Arc::new(Crash {
        plan: Mutex::new(plan),
        victim: one("--victim-name")?,
        once: one("--once")?.into(),
        report: Mutex::new(std::fs::File::create(one("--report")?)?),
    });
    let http = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()?;
    let aws = TcpListener::bind(one("--aws-listen")?).await?;
    let quickbooks = TcpListener::bind(one("--quickbooks-listen")?).await?;
    let address = |listener: &TcpListener| -> Result<String, Error> {
        Ok(format!("http://{}", listener.local_addr()?))
    };
    let addresses = json!({"aws": address(&aws)?, "quickbooks": address(&quickbooks)?});
    std::fs::write(one("--addresses")?, addresses.to_string())?;
    let before = |to: String, is_aws| Proxy {
        crash: Arc::clone(&crash),
        to,
        is_aws,
        http: http.clone(),
    };
    tokio::try_join!(
        serve(aws, before(one("--aws")?, true)),
        serve(quickbooks, before(one("--quickbooks")?, false)),
    )?;
    Ok(())
}
