//! Forgetting an end customer: asked for as MioCommerce would, and proven by looking at every row.

use std::error::Error;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use aws_config::SdkConfig;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue as Value;
use bookkeeping::ids::{CustomerId, MerchantId};
use bookkeeping::transaction::TransactionKey;
use common::sealing::KeyRing;
use common::store::dynamodb::transaction_key;
use common::store::{message_context, payload_context};
use jiff::Timestamp;
use quickbooks::receipts::FrozenReceipt;

use crate::item::{Item, text};

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
}

/// What is still known of a customer, by kind of row.
#[derive(Debug, Default, PartialEq, Eq)]
struct Left {
    /// Links with a profile, its hashes, or what was asked for in its name.
    links: usize,
    /// Changes of its profile that wait.
    changes: usize,
    /// Messages and frozen receipts of transactions that are not done, with more of it than its id.
    transactions: usize,
    /// Messages nobody could read that name it.
    messages: usize,
}

impl Left {
    fn is_none(&self) -> bool {
        *self == Self::default()
    }
}

/// Asks for a customer to be erased, waits until that was done, and counts what is left in every row: with consistent reads, so that no
/// index's lag hides any.
///
/// May be repeated, and finds nothing left then; if we stop while we wait, it is erased all the same. Ends with 1 where anything is left.
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
    let secrets = aws_sdk_secretsmanager::Client::new(sdk);
    let ring = secrets.get_secret_value().secret_id(&places.payload_keys);
    let ring = ring.send().await?;
    let ring = KeyRing::parse(ring.secret_string().unwrap_or_default())?;
    let search = Search {
        dynamodb,
        places,
        ring,
        merchant,
        customer,
    };
    println!("before: {}", told(&search.left().await?));
    let asked = Timestamp::now();
    ask(sdk, &places.queue, merchant, customer, asked).await?;
    let began = Instant::now();
    let left = loop {
        // Noted under a later time than we asked at: it was carried out since.
        let is_done = search.noted().await?.is_some_and(|look_at| look_at > asked);
        let left = search.left().await?;
        if is_done && left.is_none() || began.elapsed() > PATIENCE {
            break left;
        }
        tokio::time::sleep(PAUSE).await;
    };
    println!("after:  {}", told(&left));
    println!(
        "The ids and amounts of what was posted stay, and so does the record in QuickBooks, which is the merchant's. The tables' history \
         (point in time) forgets within 35 days. Everything is looked through once more within minutes."
    );
    Ok(match left.is_none() {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}

fn told(left: &Left) -> String {
    let Left {
        links,
        changes,
        transactions,
        messages,
    } = left;
    format!(
        "{links} links with a profile, {changes} changes that wait, {transactions} transactions with more than an id, {messages} unread \
         messages that name the customer"
    )
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
    dynamodb: Client,
    places: &'a Places,
    ring: KeyRing,
    merchant: &'a MerchantId,
    customer: &'a CustomerId,
}

impl Search<'_> {
    /// When the customer is looked for once more, as the last erasure noted it.
    async fn noted(&self) -> Result<Option<Timestamp>, Box<dyn Error>> {
        let partition = format!("{}#erasures", self.merchant);
        let rows = self.rows(&self.places.links, &partition).await?;
        let own = rows
            .iter()
            .find(|row| text(row, "sk") == self.customer.as_str());
        let look_at = own.and_then(|row| row.get("look_at")?.as_n().ok()?.parse().ok());
        Ok(look_at.map(Timestamp::from_millisecond).transpose()?)
    }

    async fn left(&self) -> Result<Left, Box<dyn Error>> {
        let mut left = Left::default();
        let (links, ledger) = (&self.places.links, &self.places.ledger);
        let own = format!("{}#", self.customer);
        for row in self.rows(links, self.merchant.as_str()).await? {
            left.links += usize::from(text(&row, "sk").starts_with(&own) && has_profile(&row));
        }
        for kind in ["changes", "awaiting"] {
            let changes = format!("{}#{kind}", self.merchant);
            for row in self.rows(links, &changes).await? {
                left.changes += usize::from(text(&row, "sk") == self.customer.as_str());
            }
        }
        for row in self.rows(ledger, self.merchant.as_str()).await? {
            let sk = text(&row, "sk");
            match (
                sk.strip_prefix("message#"),
                transaction_key(self.merchant, sk),
            ) {
                (Some(id), _) => left.messages += usize::from(self.names(&row, id)?),
                (None, Some(key)) if text(&row, "customer") == self.customer.as_str() => {
                    left.transactions += usize::from(self.shows(&row, &key)?);
                }
                _ => {}
            }
        }
        Ok(left)
    }

    /// Every row of a partition.
    async fn rows(&self, table: &str, partition: &str) -> Result<Vec<Item>, Box<dyn Error>> {
        let query = self
            .dynamodb
            .query()
            .table_name(table)
            .consistent_read(true)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", Value::S(partition.to_owned()));
        Ok(query.into_paginator().items().send().try_collect().await?)
    }

    /// Whether the kept message or the frozen receipt of a transaction shows more of its customer than an id.
    fn shows(&self, row: &Item, key: &TransactionKey) -> Result<bool, Box<dyn Error>> {
        let open = |name| -> Result<Option<Vec<u8>>, Box<dyn Error>> {
            let Some(sealed) = bytes(row, name) else {
                return Ok(None);
            };
            Ok(Some(self.ring.open(sealed, &payload_context(key))?))
        };
        let is_frozen = match open("frozen")? {
            None => false,
            Some(frozen) => {
                let receipt: FrozenReceipt = serde_json::from_slice(&frozen)?;
                receipt.clone().without_person() != receipt
            }
        };
        Ok(is_frozen || open("payload")?.is_some_and(|message| is_person_in(&message)))
    }

    /// Whether a message that could not be read holds the customer's id.
    fn names(&self, row: &Item, id: &str) -> Result<bool, Box<dyn Error>> {
        let Some(sealed) = bytes(row, "payload") else {
            return Ok(false);
        };
        let context = message_context(self.merchant.as_str(), id);
        let message = self.ring.open(sealed, &context)?;
        let wanted = format!("\"{}\"", self.customer);
        Ok(String::from_utf8_lossy(&message).contains(&wanted))
    }
}

/// Whether a link still says who the customer is.
fn has_profile(link: &Item) -> bool {
    let facts = serde_json::from_str(text(link, "facts")).unwrap_or(serde_json::Value::Null);
    link.contains_key("baseline") || link.contains_key("asked") || !facts["fingerprints"].is_null()
}

/// Whether a message says more of its customer than an id, or at which door the service was done.
fn is_person_in(message: &[u8]) -> bool {
    let Ok(message) = serde_json::from_slice::<serde_json::Value>(message) else {
        return true;
    };
    let customer = message["customer"].as_object();
    let says_more = customer.is_some_and(|customer| customer.keys().any(|field| field != "id"));
    let address = &message["payment"]["service_address"];
    says_more || !address["line1"].is_null() || !address["line2"].is_null()
}

fn bytes<'a>(item: &'a Item, name: &str) -> Option<&'a [u8]> {
    match item.get(name) {
        Some(Value::B(blob)) => Some(blob.as_ref()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_shows_a_person_until_an_id_is_all_it_says() {
        let payment = include_bytes!("../../../tests/fixtures/messages/accepted/payment-card.json");
        assert!(is_person_in(payment));
        assert!(!is_person_in(
            br#"{"customer": {"id": "cus_1"}, "payment": {"id": "pay_1"}}"#
        ));
        assert!(!is_person_in(
            br#"{"customer": null, "payment": {"id": "pay_1"}}"#
        ));
        assert!(is_person_in(
            br#"{"customer": {"id": "cus_1", "email": "a@example.com"}}"#
        ));
        let door = br#"{"customer": {"id": "cus_1"}, "payment": {"service_address": {"line1": "4 rue Rachel"}}}"#;
        assert!(is_person_in(door));
        assert!(is_person_in(b"what nobody can read"), "nobody can tell");
    }

    #[test]
    fn a_link_keeps_a_profile_in_any_of_three_places() {
        let link = |name: &str, value| Item::from([(name.to_owned(), value)]);
        let facts = |text: &str| link("facts", Value::S(text.to_owned()));
        assert!(!has_profile(&facts(
            r#"{"record": "7", "fingerprints": null}"#
        )));
        assert!(has_profile(&facts(
            r#"{"record": "7", "fingerprints": {}}"#
        )));
        assert!(has_profile(&link("baseline", Value::Null(true))));
        assert!(has_profile(&link("asked", Value::L(Vec::new()))));
    }
}
