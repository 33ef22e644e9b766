//! Putting a table back: the rows of a table that DynamoDB restored to a point in time, written over those of the living one.

use std::collections::{BTreeSet, HashMap};
use std::error::Error;
use std::process::ExitCode;

use aws_config::SdkConfig;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::types::AttributeValue as Value;
use bookkeeping::ids::MerchantId;
use common::config::Tables;
use common::store::dynamodb::{DynamoDb, transaction_key};
use common::store::{Arming, Lots};
use jiff::Timestamp;

use crate::item::{Item, text};

/// What becomes of a row of the past.
#[derive(Debug, PartialEq, Eq)]
enum Fate {
    /// It is written over the living one.
    PutBack,
    /// It is written where there is none, or where the living one has no receipt and was not left out: what came of it since
    /// is in the books, or was decided, and would be sent a second time.
    PutBackUnlessSettled,
    /// It is written where there is none, or where the living one has a smaller revision.
    PutBackUnlessNewer,
    /// It is written where there is none.
    PutBackWhereNone,
    /// It stays in the past: it was about its own moment.
    Left,
}

/// Writes the rows of the restored table over the living one's, except those that were about their own moment; then arms the lot of every
/// merchant whose transactions it holds, so that the drain comes for whatever waits again. Rows that are younger than the point in
/// time stay.
///
/// Nothing may work on the table meanwhile, and afterwards everything that may have been forgotten has to be looked for in
/// QuickBooks before it is sent: parameter `ProbeUntil`. May be repeated; if we stop half-way, the next run begins anew.
///
/// # Errors
///
/// Where a table cannot be read or written.
pub async fn run(sdk: &SdkConfig, from: &str, to: &str) -> Result<ExitCode, Box<dyn Error>> {
    let dynamodb = Client::new(sdk);
    let mut merchants = BTreeSet::new();
    let (mut written, mut left) = (0_u64, 0_u64);
    let mut after = None;
    loop {
        let scan = dynamodb
            .scan()
            .table_name(from)
            .consistent_read(true)
            .set_exclusive_start_key(after);
        let answer = scan.send().await?;
        for item in answer.items.unwrap_or_default() {
            merchants.extend(transacting(&item));
            match put_back(&dynamodb, to, item).await? {
                true => written += 1,
                false => left += 1,
            }
        }
        after = answer.last_evaluated_key;
        if after.is_none() {
            break;
        }
    }
    println!("{written} rows were put back, {left} were left as they are now");
    let tables = Tables {
        ledger: to.to_owned(),
        connections: String::new(),
        tokens: String::new(),
        links: String::new(),
    };
    let store = DynamoDb::new(dynamodb, tables);
    for merchant in &merchants {
        let arming = Arming::from_now(merchant, Timestamp::now());
        store.arm(&arming).await?;
    }
    println!("the lots of {} merchants were armed", merchants.len());
    Ok(ExitCode::SUCCESS)
}

/// Puts one row back, as far as it goes; whether it was written.
async fn put_back(dynamodb: &Client, to: &str, item: Item) -> Result<bool, Box<dyn Error>> {
    let put = dynamodb.put_item().table_name(to);
    let put = match fate(&item) {
        Fate::Left => return Ok(false),
        Fate::PutBack => put,
        Fate::PutBackWhereNone => put.condition_expression("attribute_not_exists(pk)"),
        Fate::PutBackUnlessSettled => put
            .condition_expression(
                "attribute_not_exists(pk) OR (attribute_not_exists(receipt) AND #state <> :skipped)",
            )
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":skipped", Value::S("skipped".to_owned())),
        Fate::PutBackUnlessNewer => put
            .condition_expression("attribute_not_exists(pk) OR revision < :revision")
            .set_expression_attribute_values(
                item.get("revision")
                    .map(|revision| HashMap::from([(":revision".to_owned(), revision.clone())])),
            ),
    };
    match put.set_item(Some(item)).send().await {
        Ok(_) => Ok(true),
        Err(error) if error.code() == Some("ConditionalCheckFailedException") => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// What becomes of a row: by its key, and by how it stood.
fn fate(item: &Item) -> Fate {
    let (pk, sk) = (text(item, "pk"), text(item, "sk"));
    let is_of = |kind: &str| sk.starts_with(&format!("{kind}#"));
    if sk == "lot" || sk == "breaker" || is_of("calls") || is_of("hour") || pk.ends_with("#doors") {
        // A lot of the past would disarm one that holds younger rows; it is armed anew. The others say what was a minute ago.
        return Fate::Left;
    }
    if is_of("refunds") || sk == "health" {
        // What a refund took is never given back, whatever the table forgot, and a mail that was sent is not sent again.
        return match item.contains_key("revision") {
            true => Fate::PutBackUnlessNewer,
            false => Fate::PutBackWhereNone,
        };
    }
    match (transacting(item), text(item, "state")) {
        (None, _) => Fate::PutBack,
        // Its message was let go since: only what it came to says so.
        (Some(_), "claimed") => Fate::PutBackWhereNone,
        (Some(_), _) => Fate::PutBackUnlessSettled,
    }
}

/// The merchant of a transaction; none where the row is another.
fn transacting(item: &Item) -> Option<MerchantId> {
    let merchant = MerchantId::parse(text(item, "pk")).ok()?;
    transaction_key(&merchant, text(item, "sk")).map(|key| key.merchant)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(pk: &str, sk: &str, more: &[(&str, Value)]) -> Item {
        let key = [("pk", pk), ("sk", sk)].map(|(name, value)| (name, Value::S(value.to_owned())));
        let all = key.into_iter().chain(more.iter().cloned());
        all.map(|(name, value)| (name.to_owned(), value)).collect()
    }

    #[test]
    fn what_was_about_its_own_moment_stays_in_the_past() {
        for (pk, sk) in [
            ("mer_1", "lot"),
            ("breaker#quickbooks", "breaker"),
            ("breaker#quickbooks", "calls#3"),
            ("health#token-endpoint", "hour#2"),
            ("mer_1#9341450000000001#doors", "0f3a"),
        ] {
            assert_eq!(fate(&row(pk, sk, &[])), Fate::Left, "{pk} {sk}");
        }
    }

    #[test]
    fn what_refunds_took_and_mails_said_since_is_kept() {
        let revision = [("revision", Value::N("2".to_owned()))];
        for sk in ["refunds#pay_1", "health"] {
            let with = row("mer_1", sk, &revision);
            assert_eq!(fate(&with), Fate::PutBackUnlessNewer, "{sk}");
            assert_eq!(fate(&row("mer_1", sk, &[])), Fate::PutBackWhereNone, "{sk}");
        }
    }

    #[test]
    fn a_transaction_is_put_back_but_for_what_is_known_better() {
        for (state, wanted) in [
            ("parked", Fate::PutBackUnlessSettled),
            ("held", Fate::PutBackUnlessSettled),
            ("synced", Fate::PutBackUnlessSettled),
            ("claimed", Fate::PutBackWhereNone),
        ] {
            let state = [("state", Value::S(state.to_owned()))];
            for sk in ["payment#pay_1", "refund#ref_1"] {
                assert_eq!(fate(&row("mer_1", sk, &state)), wanted);
            }
        }
        let state = [("state", Value::S("claimed".to_owned()))];
        assert_eq!(fate(&row("mer_1", "connection", &state)), Fate::PutBack);
    }

    #[test]
    fn whose_lots_are_armed_is_told_by_their_transactions() {
        let of = |pk, sk| transacting(&row(pk, sk, &[])).map(|merchant| merchant.to_string());
        assert_eq!(of("mer_1", "payment#pay_1").as_deref(), Some("mer_1"));
        assert_eq!(of("mer_1", "refund#ref_1").as_deref(), Some("mer_1"));
        assert_eq!(of("mer_1", "refunds#pay_1"), None);
        assert_eq!(of("mer_1", "health"), None);
        assert_eq!(of("breaker#quickbooks", "calls#1"), None);
    }
}
