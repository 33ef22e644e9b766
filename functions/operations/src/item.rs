//! Rows as DynamoDB holds them, whatever they are.

use std::error::Error;

use aws_config::SdkConfig;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue as Value;
use bookkeeping::ids::MerchantId;
use common::sealing::KeyRing;
use common::store::dynamodb::Item;

/// Goes through every row of a table, page by page.
///
/// # Errors
///
/// Where the table cannot be read, and what `work` gives.
pub async fn each_row(
    dynamodb: &Client,
    table: &str,
    mut work: impl AsyncFnMut(Item) -> Result<(), Box<dyn Error>>,
) -> Result<(), Box<dyn Error>> {
    let scan = dynamodb.scan().table_name(table).consistent_read(true);
    let mut rows = scan.into_paginator().items().send();
    while let Some(row) = rows.try_next().await? {
        work(row).await?;
    }
    Ok(())
}

/// The key ring in a secret.
///
/// # Errors
///
/// Where the secret cannot be read, or holds none.
pub async fn ring(sdk: &SdkConfig, secret: &str) -> Result<KeyRing, Box<dyn Error>> {
    let secrets = aws_sdk_secretsmanager::Client::new(sdk);
    let ring = secrets.get_secret_value().secret_id(secret).send().await?;
    Ok(KeyRing::parse(ring.secret_string().unwrap_or_default())?)
}

/// A text of a row; empty where there is none.
pub fn text<'a>(item: &'a Item, name: &str) -> &'a str {
    match item.get(name) {
        Some(Value::S(text)) => text,
        _ => "",
    }
}

/// The merchant a row is of: it says so, or its key is the merchant, or begins with it and a sign no id has. Of what belongs to no merchant
/// the beginning of the key.
pub fn whose(item: &Item) -> Option<MerchantId> {
    let says = text(item, "merchant");
    let key = text(item, "pk").split('#').next().unwrap_or_default();
    MerchantId::parse(if says.is_empty() { key } else { says }).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_merchant_whose_id_begins_like_anothers_keeps_its_rows() {
        let whose = |name: &str, value: &str| {
            let item = Item::from([(name.to_owned(), Value::S(value.to_owned()))]);
            super::whose(&item).map(|merchant| merchant.to_string())
        };
        assert_eq!(whose("pk", "mer_1").as_deref(), Some("mer_1"));
        let door = whose("pk", "mer_1#9341450000000001#doors");
        assert_eq!(door.as_deref(), Some("mer_1"));
        assert_eq!(whose("merchant", "mer_1").as_deref(), Some("mer_1"));
        assert_eq!(whose("pk", "mer_11#parked").as_deref(), Some("mer_11"));
    }

    #[test]
    fn a_row_that_says_whose_it_is_is_theirs_whatever_its_key() {
        let text = |text: &str| Value::S(text.to_owned());
        let owner = Item::from([
            ("pk".to_owned(), text("company#9341450000000001")),
            ("merchant".to_owned(), text("mer_1")),
        ]);
        let whose = whose(&owner).map(|merchant| merchant.to_string());
        assert_eq!(whose.as_deref(), Some("mer_1"));
    }
}
