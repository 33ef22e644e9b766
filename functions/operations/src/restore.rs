//! Putting a table back: the rows of a table that DynamoDB restored to a point in time, written over those of the living one.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::error::Error;
use std::process::ExitCode;

use aws_config::SdkConfig;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::types::AttributeValue as Value;
use bookkeeping::ids::MerchantId;
use bookkeeping::transaction::TransactionKey;
use common::config::Tables;
use common::store::dynamodb::{DynamoDb, Item, is_of_erasures, is_of_forgotten, transaction_key};
use common::store::{Arming, Erasure, Kept, Lots};
use futures::future::join_all;
use jiff::Timestamp;

use crate::item::{each_row, text, whose};

/// Rows that are put back side by side: one after another, a table of millions would take days.
const TOGETHER: usize = 64;

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

/// What is put back, and where.
pub struct Places {
    /// The table of the past, as DynamoDB restored it.
    pub from: String,
    /// The living table.
    pub to: String,
    /// The living table of transactions.
    pub ledger: String,
    /// The living table of customers' links, which remembers who was erased.
    pub links: String,
}

impl Places {
    /// Whether it is a table of transactions or links, whose rows of the past may be worth more than the living ones. Of the others, only
    /// what was lost comes back.
    fn has_fates(&self) -> bool {
        self.to == self.ledger || self.to == self.links
    }
}

/// What was done.
#[derive(Default)]
struct Done {
    written: u64,
    left: u64,
    /// Rows of merchants who were forgotten since.
    forgotten: u64,
    /// Transactions that were being sent, and whose message nobody has: it was let go of since.
    sending: Vec<TransactionKey>,
}

/// Writes the rows of the restored table over the living one's, except those that were about their own moment; then has every customer
/// erased again who was erased since, and arms the lot of every merchant whose transactions it holds, so that the drain comes for whatever
/// waits again. Rows that are younger than the point in time stay, and none comes back of a merchant who was forgotten since.
///
/// Nothing may work on the table meanwhile, and afterwards everything that may have been forgotten has to be looked for in
/// QuickBooks before it is sent: parameter `ProbeUntil`. May be repeated; if we stop half-way, the next run begins anew.
///
/// # Errors
///
/// Where a table cannot be read or written.
pub async fn run(
    sdk: &SdkConfig,
    places: &Places,
    at: Timestamp,
) -> Result<ExitCode, Box<dyn Error>> {
    let dynamodb = Client::new(sdk);
    let tables = Tables {
        ledger: places.ledger.clone(),
        connections: String::new(),
        tokens: String::new(),
        links: places.links.clone(),
    };
    let store = DynamoDb::new(dynamodb.clone(), tables);
    let mut done = Done::default();
    // Whether each merchant of the past was forgotten since.
    let mut merchants: BTreeMap<MerchantId, bool> = BTreeMap::new();
    let mut to_arm = BTreeSet::new();
    let mut together = Vec::with_capacity(TOGETHER);
    each_row(&dynamodb, &places.from, async |item| {
        if let Some(merchant) = whose(&item) {
            let known = merchants.get(&merchant).copied();
            let is_forgotten = match known {
                Some(known) => known,
                None => store.is_forgotten_since(&merchant, at).await?,
            };
            merchants.insert(merchant, is_forgotten);
            if is_forgotten {
                done.forgotten += 1;
                return Ok(());
            }
        }
        let transaction = transacting(&item);
        to_arm.extend(transaction.as_ref().map(|key| key.merchant.clone()));
        let lonely = transaction.filter(|_| is_without_message(&item));
        let fate = match places.has_fates() {
            true => fate(&item),
            // A token or a connection of the past is not what Intuit knows by now.
            false => Fate::PutBackWhereNone,
        };
        together.push((item, fate, lonely));
        if together.len() == TOGETHER {
            let rows = std::mem::take(&mut together);
            done.put_back(&dynamodb, &places.to, rows).await?;
        }
        Ok(())
    })
    .await?;
    done.put_back(&dynamodb, &places.to, together).await?;
    let mut erased = 0;
    for (merchant, _) in merchants.iter().filter(|(_, is_forgotten)| !*is_forgotten) {
        for customer in store.erased_since(merchant, at).await? {
            let erasure = Erasure {
                customer,
                look_at: Timestamp::now(),
            };
            // Noted before the lot is armed: whoever drains it erases before anything else.
            store.note_erasure(merchant, &erasure).await?;
            to_arm.insert(merchant.clone());
            erased += 1;
        }
    }
    for merchant in &to_arm {
        let arming = Arming::from_now(merchant, Timestamp::now());
        store.arm(&arming).await?;
    }
    done.print(erased, to_arm.len());
    Ok(ExitCode::SUCCESS)
}

impl Done {
    /// Puts rows back side by side: no two of a table are the same.
    async fn put_back(
        &mut self,
        dynamodb: &Client,
        to: &str,
        rows: Vec<(Item, Fate, Option<TransactionKey>)>,
    ) -> Result<(), Box<dyn Error>> {
        let puts = rows.into_iter().map(async |(item, fate, lonely)| {
            let written = put_back(dynamodb, to, item, fate).await?;
            Ok::<_, Box<dyn Error>>((written, lonely))
        });
        for put in join_all(puts).await {
            match put? {
                (true, lonely) => {
                    self.written += 1;
                    self.sending.extend(lonely);
                }
                (false, _) => self.left += 1,
            }
        }
        Ok(())
    }

    fn print(&self, erased: usize, armed: usize) {
        let Self {
            written,
            left,
            forgotten,
            sending,
        } = self;
        println!("{written} rows were put back, {left} were left as they are now");
        if *forgotten > 0 {
            println!("{forgotten} rows were not: their merchants were forgotten since");
        }
        println!(
            "{erased} customers who were erased since are erased again as soon as backlog-drain runs"
        );
        println!("the lots of {armed} merchants were armed");
        for key in sending {
            println!(
                "{key} of {} was being sent, and its message was let go of since: have MioCommerce send it again",
                key.merchant
            );
        }
    }
}

/// Puts one row back, as far as it goes; whether it was written.
async fn put_back(
    dynamodb: &Client,
    to: &str,
    item: Item,
    fate: Fate,
) -> Result<bool, Box<dyn Error>> {
    let put = dynamodb.put_item().table_name(to);
    let put = match fate {
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

/// Whether a transaction was being sent from the queue: its message is in no row.
fn is_without_message(item: &Item) -> bool {
    text(item, "state") == "claimed" && !item.contains_key("payload")
}

/// What becomes of a row: by its key, and by how it stood.
fn fate(item: &Item) -> Fate {
    let (pk, sk) = (text(item, "pk"), text(item, "sk"));
    let is_of = |kind: &str| sk.starts_with(&format!("{kind}#"));
    if sk == "lot" || sk == "breaker" || is_of("calls") || is_of("hour") || pk.ends_with("#doors") {
        // A lot of the past would disarm one that holds younger rows; it is armed anew. The others say what was a minute ago.
        return Fate::Left;
    }
    if is_of_erasures(pk) || is_of_forgotten(pk) {
        // What was noted since is younger.
        return Fate::PutBackWhereNone;
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

/// The transaction a row is of; none where it is another.
fn transacting(item: &Item) -> Option<TransactionKey> {
    let merchant = MerchantId::parse(text(item, "pk")).ok()?;
    transaction_key(&merchant, text(item, "sk"))
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::primitives::Blob;

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
    fn what_was_noted_of_erasures_since_is_kept() {
        for partition in ["mer_1#erasures", "mer_1#erased", "forgotten#0f3a"] {
            let note = row(partition, "cus_1", &[]);
            assert_eq!(fate(&note), Fate::PutBackWhereNone, "{partition}");
        }
    }

    #[test]
    fn what_was_claimed_from_the_queue_has_no_message_and_what_waits_has() {
        let state = ("state", Value::S("claimed".to_owned()));
        let message = ("payload", Value::B(Blob::new("sealed")));
        let from_the_queue = row("mer_1", "payment#pay_1", std::slice::from_ref(&state));
        assert!(is_without_message(&from_the_queue));
        let from_the_lot = row("mer_1", "payment#pay_1", &[state, message]);
        assert!(!is_without_message(&from_the_lot));
        assert!(!is_without_message(&row("mer_1", "payment#pay_1", &[])));
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
        let of = |pk, sk| transacting(&row(pk, sk, &[])).map(|key| key.merchant.to_string());
        assert_eq!(of("mer_1", "payment#pay_1").as_deref(), Some("mer_1"));
        assert_eq!(of("mer_1", "refund#ref_1").as_deref(), Some("mer_1"));
        assert_eq!(of("mer_1", "refunds#pay_1"), None);
        assert_eq!(of("mer_1", "health"), None);
        assert_eq!(of("breaker#quickbooks", "calls#1"), None);
    }
}
