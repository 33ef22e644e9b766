//! Forgetting an end customer: asked for as MioCommerce would, and proven by looking at every row.

use std::error::Error;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use aws_config::SdkConfig;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue as Value;
use bookkeeping::ids::{CustomerId, MerchantId};
use common::config::Tables;
use common::store::Kept;
use common::store::dynamodb::{DynamoDb, Item, change_keys};
use jiff::Timestamp;

use crate::item::ring;
use crate::left::{Left, Whose};
use crate::redrive::letters;

/// How long the request may stand behind others in its queue before we give up watching it.
const PATIENCE: Duration = Duration::from_secs(600);

/// How long between two looks.
const PAUSE: Duration = Duration::from_secs(2);

/// Where it is asked for, and where to look.
pub struct Places {
    /// The queue MioCommerce sends to.
    pub queue: String,
    /// The table of transactions.
    pub ledger: String,
    /// The table of customers' links.
    pub links: String,
    /// The secret with the ring that messages are sealed with.
    pub payload_keys: String,
    /// Where messages are that nobody got through: they may name anybody.
    pub dead_letters: String,
}

/// Asks for a customer to be erased, waits until that was done, and counts what is left in every row: with consistent reads, so that no
/// index's lag hides any.
///
/// May be repeated, and finds nothing left then; if we stop while we wait, it is erased all the same. Ends with 1, and what to run, where
/// anything is left or the request was not carried out yet.
///
/// # Errors
///
/// Where the queue, a table or the ring is not to be had.
pub async fn run(
    sdk: &SdkConfig,
    places: &Places,
    merchant: &MerchantId,
    customer: &CustomerId,
) -> Result<ExitCode, Box<dyn Error>> {
    let dynamodb = Client::new(sdk);
    let ring = ring(sdk, &places.payload_keys).await?;
    let tables = Tables {
        ledger: places.ledger.clone(),
        connections: String::new(),
        tokens: String::new(),
        links: places.links.clone(),
    };
    let search = Search {
        store: DynamoDb::new(dynamodb.clone(), tables),
        dynamodb,
        places,
        whose: Whose {
            ring,
            merchant,
            customer,
        },
    };
    println!("before: {}", search.left().await?);
    let asked = Timestamp::now();
    ask(sdk, &places.queue, merchant, customer, asked).await?;
    let began = Instant::now();
    let (is_done, left) = loop {
        let is_done = search.is_erased_since(asked).await?;
        let left = search.left().await?;
        if is_done && left.is_none() || began.elapsed() > PATIENCE {
            break (is_done, left);
        }
        tokio::time::sleep(PAUSE).await;
    };
    println!("after:  {left}");
    println!(
        "The ids and amounts of what was posted stay, and so does the record in QuickBooks, which is the merchant's. The tables' history \
         (point in time) forgets within 35 days. Everything is looked through once more within minutes."
    );
    let letters = letters(sdk, &places.dead_letters).await?;
    let undone = undone(is_done, &left, letters);
    for what in &undone {
        println!("NOT DONE: {what}");
    }
    Ok(match undone.is_empty() {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}

/// What is not done, and what to run for it.
fn undone(is_done: bool, left: &Left, letters: u64) -> Vec<&'static str> {
    let of = |is_so: bool, what: &'static str| is_so.then_some(what);
    let all = [
        of(
            !is_done,
            "the request was not carried out yet. It stands in the transaction queue behind what was sent before, or transaction-sync is stopped \
             or fails: see its alarms, and run this again once the queue goes on",
        ),
        of(
            left.sending > 0,
            "receipts of transactions that were being sent still say who it is. Their messages are in the queue, or among the dead letters: run \
             `operations redrive`, and this again once they are recorded. Where neither has them, `operations audit` names them: have \
             MioCommerce send them again",
        ),
        of(
            letters > 0,
            "there are dead letters, which nobody has read and which may name the customer: run `operations redrive`, and this again",
        ),
        of(
            left.unreadable > 0,
            "rows that may say who it is cannot be read: a later version wrote them, or the key they were sealed with was taken out of its ring. \
             Deploy that version, or put the key back; within the hour backlog-drain erases them; then run this again",
        ),
        of(
            left.links + left.changes + left.transactions > 0,
            "somebody was at the rest. backlog-drain tries again each minute: run this again in a few, and see its log where that does not help",
        ),
        of(
            left.messages > 0,
            "messages that nobody could read name the customer: the developers take them out of the ledger, rows `message#...` of the merchant",
        ),
    ];
    all.into_iter().flatten().collect()
}

/// Sends the request, behind everything of the merchant's that is in the queue.
async fn ask(
    sdk: &SdkConfig,
    queue: &str,
    merchant: &MerchantId,
    customer: &CustomerId,
    now: Timestamp,
) -> Result<(), Box<dyn Error>> {
    let message = serde_json::json!({
        "schema": 1, "type": "customer.erased", "merchant_id": merchant.as_str(), "sent_at": now.to_string(),
        "customer": {"id": customer.as_str()}
    });
    aws_sdk_sqs::Client::new(sdk)
        .send_message()
        .queue_url(queue)
        .message_body(message.to_string())
        .message_group_id(merchant.as_str())
        // Asked for once more within five minutes, it is not dropped as a repetition.
        .message_deduplication_id(format!(
            "customer.erased:{customer}:{}",
            now.as_millisecond()
        ))
        .send()
        .await?;
    Ok(())
}

struct Search<'a> {
    store: DynamoDb,
    dynamodb: Client,
    places: &'a Places,
    whose: Whose<'a>,
}

impl Search<'_> {
    /// Whether the customer was erased after a request of then: it is noted to be looked for once more later than that, or that was done too.
    async fn is_erased_since(&self, asked: Timestamp) -> Result<bool, Box<dyn Error>> {
        let Whose {
            merchant, customer, ..
        } = self.whose;
        let noted = self.store.erasures(merchant).await?.into_iter().flatten();
        let mut mine = noted.filter(|erasure| erasure.customer == *customer);
        Ok(mine.any(|erasure| erasure.look_at > asked)
            || self
                .store
                .erased_since(merchant, asked)
                .await?
                .contains(customer))
    }

    async fn left(&self) -> Result<Left, Box<dyn Error>> {
        let Whose {
            merchant, customer, ..
        } = self.whose;
        let mut left = Left::default();
        for row in self.rows(&self.places.links).await? {
            self.whose.count_link(&row, &mut left);
        }
        for key in change_keys(merchant, customer) {
            let get = self.dynamodb.get_item().table_name(&self.places.links);
            let get = get.set_key(Some(key)).consistent_read(true).send();
            left.changes += usize::from(get.await?.item.is_some());
        }
        for row in self.rows(&self.places.ledger).await? {
            self.whose.count_kept(&row, &mut left);
        }
        Ok(left)
    }

    /// Every row under the merchant's own key.
    async fn rows(&self, table: &str) -> Result<Vec<Item>, Box<dyn Error>> {
        let merchant = Value::S(self.whose.merchant.to_string());
        let query = self
            .dynamodb
            .query()
            .table_name(table)
            .consistent_read(true)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", merchant);
        Ok(query.into_paginator().items().send().try_collect().await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_proven_by_an_erasure_that_was_not_carried_out() {
        let none = Left::default();
        assert_eq!(undone(true, &none, 0), [""; 0]);
        let [why] = undone(false, &none, 0)[..] else {
            panic!("one reason")
        };
        assert!(why.contains("not carried out"), "{why}");
        let [why] = undone(true, &none, 1)[..] else {
            panic!("one reason")
        };
        assert!(why.contains("operations redrive"), "{why}");
    }

    #[test]
    fn whatever_is_left_is_said_with_what_to_run() {
        for (left, run) in [
            (
                Left {
                    sending: 1,
                    ..Left::default()
                },
                "operations redrive",
            ),
            (
                Left {
                    unreadable: 1,
                    ..Left::default()
                },
                "put the key back",
            ),
            (
                Left {
                    links: 1,
                    ..Left::default()
                },
                "run this again",
            ),
            (
                Left {
                    changes: 1,
                    ..Left::default()
                },
                "run this again",
            ),
            (
                Left {
                    transactions: 1,
                    ..Left::default()
                },
                "run this again",
            ),
            (
                Left {
                    messages: 1,
                    ..Left::default()
                },
                "developers",
            ),
        ] {
            let [what] = undone(true, &left, 0)[..] else {
                panic!("{left}")
            };
            assert!(what.contains(run), "{what}");
        }
    }
}
