//! Forgetting a whole merchant: every row and every secret of it, with proof.

use std::error::Error;
use std::process::ExitCode;

use aws_config::SdkConfig;
use aws_sdk_dynamodb::Client;
use bookkeeping::ids::MerchantId;
use common::config::Tables;
use common::secrets::names_of;
use common::store::Tokens;
use common::store::dynamodb::{DynamoDb, Item};
use jiff::Timestamp;

use crate::item::{each_row, whose};
use crate::redrive::letters;

/// Where a merchant's rows and secrets are.
pub struct Places {
    /// The tables.
    pub tables: [String; 4],
    /// What the names of its secrets begin with.
    pub secrets: String,
    /// Where messages are that nobody got through: they may be its.
    pub dead_letters: String,
}

/// Erases every row that is a merchant's, in every table, and its secrets; then looks once more, and says what is left. That it was forgotten is
/// remembered by a hash, as long as a table can be put back to before.
///
/// The operator disconnects first, so that the permission is given back at Intuit; a merchant whose tokens are still there is
/// refused. May be repeated; if we stop half-way, the next run goes on. Ends with 1 where anything is left.
///
/// # Errors
///
/// Where a table or Secrets Manager is not to be had.
pub async fn run(
    sdk: &SdkConfig,
    places: &Places,
    merchant: &MerchantId,
) -> Result<ExitCode, Box<dyn Error>> {
    let dynamodb = Client::new(sdk);
    let [connections, tokens, ledger, links] = places.tables.clone();
    let tables = Tables {
        connections,
        tokens,
        ledger,
        links,
    };
    let store = DynamoDb::new(dynamodb.clone(), tables);
    if !store.epochs(merchant).await?.is_empty() {
        println!(
            "{merchant} still has tokens: have its operator disconnect first, so that its permission is given back at Intuit"
        );
        return Ok(ExitCode::FAILURE);
    }
    // First remembered: a table that is put back must not bring it back, wherever we stop.
    store.remember_forgotten(merchant, Timestamp::now()).await?;
    let mut erased = 0;
    for table in &places.tables {
        for item in of(&dynamodb, table, merchant).await? {
            let key = |name: &str| item.get(name).cloned().ok_or("a row without a key");
            dynamodb
                .delete_item()
                .table_name(table)
                .key("pk", key("pk")?)
                .key("sk", key("sk")?)
                .send()
                .await?;
            erased += 1;
        }
    }
    let secrets = aws_sdk_secretsmanager::Client::new(sdk);
    let named = names_of(&places.secrets, merchant);
    let mut destroyed = 0;
    for name in secrets_of(&secrets, &named).await? {
        secrets
            .delete_secret()
            .secret_id(&name)
            .force_delete_without_recovery(true)
            .send()
            .await?;
        destroyed += 1;
    }
    println!("{erased} rows and {destroyed} secrets of {merchant} were erased");
    let mut left = secrets_of(&secrets, &named).await?.len();
    for table in &places.tables {
        left += of(&dynamodb, table, merchant).await?.len();
    }
    // Once more: a table that is put back to a moment in between must not bring it back either.
    store.remember_forgotten(merchant, Timestamp::now()).await?;
    println!(
        "{left} are left. The tables' history (point in time) forgets within 35 days, the logs with their retention; \
         what is in QuickBooks is the merchant's."
    );
    let letters = letters(sdk, &places.dead_letters).await?;
    if letters > 0 {
        println!(
            "NOT DONE: there are {letters} dead letters, which may be of {merchant}: run `operations redrive`, and this again"
        );
    }
    Ok(match (left, letters) {
        (0, 0) => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    })
}

/// Every row of a table that is the [merchant's](whose).
async fn of(
    dynamodb: &Client,
    table: &str,
    merchant: &MerchantId,
) -> Result<Vec<Item>, Box<dyn Error>> {
    let mut found = Vec::new();
    each_row(dynamodb, table, async |row| {
        if whose(&row).as_ref() == Some(merchant) {
            found.push(row);
        }
        Ok(())
    })
    .await?;
    Ok(found)
}

async fn secrets_of(
    secrets: &aws_sdk_secretsmanager::Client,
    named: &str,
) -> Result<Vec<String>, Box<dyn Error>> {
    let mut names = Vec::new();
    let mut pages = secrets.list_secrets().into_paginator().send();
    while let Some(page) = pages.next().await {
        let known = page?.secret_list.unwrap_or_default().into_iter();
        names.extend(
            known
                .filter_map(|secret| secret.name)
                .filter(|name| name.starts_with(named)),
        );
    }
    Ok(names)
}
