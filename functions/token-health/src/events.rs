//! Events of the mail service: what was sent, what bounced, who complained.
//!
//! They come at least once, in any order, and late. An event holds the reader's address: nothing of it is logged.

use bookkeeping::health::Health;
use bookkeeping::ids::MerchantId;
use bookkeeping::incident::Stage;
use common::store::{Healths, StoreError};
use common::world::World;
use data_encoding::BASE64URL_NOPAD;
use serde::Deserialize;

/// How often an event is noted anew because the row was changed meanwhile.
const NOTES_MAX: usize = 8;

/// What is read of an event. Source: AWS, "Contents of event data that Amazon SES publishes to Amazon SNS".
#[derive(Deserialize)]
struct Event {
    #[serde(rename = "eventType")]
    kind: String,
    mail: About,
    #[serde(default)]
    bounce: Option<Bounce>,
}

#[derive(Deserialize)]
struct About {
    #[serde(default)]
    tags: Tags,
}

#[derive(Default, Deserialize)]
struct Tags {
    #[serde(default)]
    merchant: Vec<String>,
    #[serde(default)]
    mail: Vec<String>,
}

#[derive(Deserialize)]
struct Bounce {
    #[serde(rename = "bounceType")]
    kind: String,
}

/// What an event says of a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Word {
    /// It was sent.
    Sent,
    /// Nobody is at its address.
    Bounced,
    /// Its reader called it unwanted.
    Complained,
}

/// Takes an event. `false` where it is none of ours, or says nothing we go by.
///
/// # Errors
///
/// [`StoreError`] where the store is not to be had: the event comes again.
pub async fn take<W: World>(world: &W, body: &str) -> Result<bool, StoreError> {
    let Some((merchant, mark, word)) = read(body) else {
        return Ok(false);
    };
    for _ in 0..NOTES_MAX {
        let mut health = world.store().health(&merchant).await?;
        if !note(&mut health, &mark, word) {
            return Ok(false);
        }
        // Looked at soon: something else may have been due before it came.
        let due = Some(world.now());
        if world.store().keep_health(&merchant, &health, due).await? {
            if word != Word::Sent {
                tracing::warn!(metric.MailsFailed = 1, merchant.id = %merchant, "a mail did not reach its reader: {word:?}");
            }
            return Ok(true);
        }
    }
    Err(StoreError::Unavailable(
        "a health that changes all the time".to_owned(),
    ))
}

fn read(body: &str) -> Option<(MerchantId, String, Word)> {
    let event: Event = serde_json::from_str(body).ok()?;
    let word = match (event.kind.as_str(), &event.bounce) {
        ("Send" | "Delivery", _) => Word::Sent,
        ("Bounce", Some(bounce)) if bounce.kind == "Permanent" => Word::Bounced,
        ("Complaint", _) => Word::Complained,
        _ => return None,
    };
    let [merchant] = event.mail.tags.merchant.as_slice() else {
        return None;
    };
    let [mark] = event.mail.tags.mail.as_slice() else {
        return None;
    };
    let merchant = BASE64URL_NOPAD.decode(merchant.as_bytes()).ok()?;
    let merchant = MerchantId::parse(std::str::from_utf8(&merchant).ok()?).ok()?;
    Some((merchant, mark.clone(), word))
}

/// Notes what became of a mail; `false` where nothing changes by it.
fn note(health: &mut Health, mark: &str, word: Word) -> bool {
    let found = health
        .incidents
        .iter_mut()
        .find_map(|incident| incident.marked(mark));
    let Some((reader, mailing)) = found else {
        return false;
    };
    // Whatever became of it, it was sent.
    let is_news = mailing.stage != Stage::Sent;
    mailing.stage = Stage::Sent;
    match word {
        Word::Sent => return is_news,
        Word::Bounced => {}
        Word::Complained => {
            health.unsubscribed.insert(reader.clone());
        }
    }
    health.unreachable.insert(reader);
    true
}
