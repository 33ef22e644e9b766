//! Redriving: dead letters go back to the queue they came from, each once.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::{Message, MessageSystemAttributeName, QueueAttributeName};
use bookkeeping::ids::{CustomerId, MerchantId};
use bookkeeping::message::customer_in;
use common::config::Tables;
use common::store::dynamodb::DynamoDb;
use common::store::kept::look_once_more;
use common::store::{Erasure, Kept};
use jiff::Timestamp;

/// Messages asked for at once. Source: AWS, `ReceiveMessage`.
const BATCH: i32 = 10;

/// How long a letter that is being sent is hidden from others, in seconds.
const HIDDEN: i32 = 120;

/// How long after they were sent again the customers in them are erased once more: by then they were carried out.
const ERASED_AFTER: Duration = Duration::from_secs(3600);

/// Where letters are sent from and to, and who was erased.
pub struct Places {
    /// The dead letters.
    pub from: String,
    /// Their queue.
    pub to: String,
    /// The table of transactions.
    pub ledger: String,
    /// The table of customers' links, which remembers who was erased.
    pub links: String,
}

/// Sends every dead letter to its queue and takes it out of the dead ones. A customer in them who was erased meanwhile is erased
/// once more, an hour later: what a letter brings is older than that.
///
/// If we stop between the two, the letter is sent again by the next run: what carries messages out takes repeats.
///
/// # Errors
///
/// Where a queue or a table cannot be read or written.
pub async fn run(sdk: &SdkConfig, places: &Places) -> Result<ExitCode, Box<dyn Error>> {
    let Places {
        from,
        to,
        ledger,
        links,
    } = places;
    let sqs = Client::new(sdk);
    let tables = Tables {
        ledger: ledger.clone(),
        connections: String::new(),
        tokens: String::new(),
        links: links.clone(),
    };
    let store = DynamoDb::new(aws_sdk_dynamodb::Client::new(sdk), tables);
    let mut sent = 0_u64;
    let mut erased = BTreeSet::new();
    let mut known = BTreeMap::new();
    loop {
        let received = sqs
            .receive_message()
            .queue_url(from)
            .max_number_of_messages(BATCH)
            .visibility_timeout(HIDDEN)
            .wait_time_seconds(1)
            .message_system_attribute_names(MessageSystemAttributeName::MessageGroupId)
            .send()
            .await?;
        let letters = received.messages.unwrap_or_default();
        if letters.is_empty() {
            println!("{sent} dead letters were sent again");
            println!(
                "{} customers in them were erased before: they are erased again in an hour",
                erased.len()
            );
            return Ok(ExitCode::SUCCESS);
        }
        for letter in &letters {
            // Noted first: wherever we stop, what the letter brings is erased.
            if let Some((merchant, customer)) = named(letter)
                && was_erased(&store, &mut known, &merchant, &customer).await?
            {
                let now = Timestamp::now();
                let erasure = Erasure {
                    customer: customer.clone(),
                    look_at: now + ERASED_AFTER,
                };
                look_once_more(&store, &merchant, &erasure, now).await?;
                erased.insert((merchant, customer));
            }
            send(&sqs, letter, from, to).await?;
            sent += 1;
        }
    }
}

/// Whether a customer was erased; each merchant is asked about once.
async fn was_erased(
    store: &DynamoDb,
    known: &mut BTreeMap<MerchantId, Vec<CustomerId>>,
    merchant: &MerchantId,
    customer: &CustomerId,
) -> Result<bool, Box<dyn Error>> {
    let erased = match known.entry(merchant.clone()) {
        Entry::Occupied(known) => known.into_mut(),
        Entry::Vacant(new) => {
            new.insert(store.erased_since(merchant, Timestamp::UNIX_EPOCH).await?)
        }
    };
    Ok(erased.contains(customer))
}

/// Whose customer a letter is about.
fn named(letter: &Message) -> Option<(MerchantId, CustomerId)> {
    let group = letter
        .attributes
        .as_ref()?
        .get(&MessageSystemAttributeName::MessageGroupId)?;
    let merchant = MerchantId::parse(group).ok()?;
    Some((merchant, customer_in(letter.body.as_deref()?)?))
}

async fn send(sqs: &Client, letter: &Message, from: &str, to: &str) -> Result<(), Box<dyn Error>> {
    let group = letter
        .attributes
        .as_ref()
        .and_then(|known| known.get(&MessageSystemAttributeName::MessageGroupId));
    // A message that was sent within five minutes under the same id would be dropped: each run has its own.
    let once = letter
        .message_id
        .as_deref()
        .map(|id| format!("{id}-{}", jiff::Timestamp::now().as_second()));
    sqs.send_message()
        .queue_url(to)
        .set_message_body(letter.body.clone())
        .set_message_group_id(group.cloned())
        .set_message_deduplication_id(group.and(once))
        .send()
        .await?;
    sqs.delete_message()
        .queue_url(from)
        .set_receipt_handle(letter.receipt_handle.clone())
        .send()
        .await?;
    Ok(())
}

/// How many letters are in a queue, those that somebody has in hand among them, as far as the queue knows.
///
/// # Errors
///
/// Where the queue is not to be had.
pub async fn letters(sdk: &SdkConfig, queue: &str) -> Result<u64, Box<dyn Error>> {
    let counts = [
        QueueAttributeName::ApproximateNumberOfMessages,
        QueueAttributeName::ApproximateNumberOfMessagesNotVisible,
    ];
    let asked = aws_sdk_sqs::Client::new(sdk).get_queue_attributes();
    let asked = asked
        .queue_url(queue)
        .set_attribute_names(Some(counts.to_vec()));
    let told = asked.send().await?.attributes.unwrap_or_default();
    let count = |name| told.get(name).and_then(|count| count.parse::<u64>().ok());
    let all: Option<Vec<u64>> = counts.iter().map(count).collect();
    Ok(all
        .ok_or("the queue does not tell how many are in it")?
        .iter()
        .sum())
}
